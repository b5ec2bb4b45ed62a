"""Rewrite the database without the space that deleted rows left; state stays.

python scripts/compact.py --help
"""

import _ending  # noqa: F401
from callsheet.tools import main

if __name__ == "__main__":
    main("compact")
