"""Load batches of model scores and compute their percentiles: what `callsheet load` does.

python scripts/load_batches.py --help
"""

import _ending  # noqa: F401
from callsheet.cli import main

if __name__ == "__main__":
    main("load")
