"""Build the daily casting pulse from a file of breakdowns: what `callsheet pulse` does.

python scripts/build_pulse.py --help
"""

import _ending  # noqa: F401
from callsheet.cli import main

if __name__ == "__main__":
    main("pulse")
