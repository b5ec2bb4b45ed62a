"""Bring in your own films, casts and directors: what `callsheet import` does.

python scripts/import_films.py --help
"""

import _ending  # noqa: F401
from callsheet.cli import main

if __name__ == "__main__":
    main("import")
