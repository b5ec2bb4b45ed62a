"""Publish the marts for readers: what `callsheet publish` does.

python scripts/publish.py --help
"""

import _ending  # noqa: F401
from callsheet.cli import main

if __name__ == "__main__":
    main("publish")
