"""Whom to cast for a brief, and why: what `callsheet recommend` does.

python scripts/recommend.py --help
"""

import _ending  # noqa: F401
from callsheet.cli import main

if __name__ == "__main__":
    main("recommend")
