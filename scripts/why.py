"""Walk from an answer back to the lines it came from: what `callsheet why` does.

python scripts/why.py --help
"""

import _ending  # noqa: F401
from callsheet.cli import main

if __name__ == "__main__":
    main("why")
