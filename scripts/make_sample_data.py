"""Write the sample data: the same bytes from the same seed.

python scripts/make_sample_data.py --help
"""

import _ending  # noqa: F401
from callsheet.tools import main

if __name__ == "__main__":
    main("make_sample_data")
