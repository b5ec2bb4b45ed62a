"""Bring in your own films, casts and directors.

python scripts/import_films.py --format tmdb|tmdb-flat|imdb|long --input PATH... [--database FILE] [--check] [--json]
"""

import argparse
from pathlib import Path

import _ending  # noqa: F401
from callsheet.resonance.films.importing import FORMATS, ImportRequest, check, import_films
from callsheet.runtime.errors import exit_with
from callsheet.workspace import Workspace


def main() -> int:
    """Import the files and say what came of it."""
    parser = argparse.ArgumentParser(description="Bring in your own films, casts and directors; then run dbt build --select resonance.")
    parser.add_argument("--format", choices=FORMATS, required=True, help="what wrote the files")
    parser.add_argument("--input", type=Path, nargs="+", required=True, metavar="PATH", help="files, or a folder of them; gzipped or not")
    parser.add_argument("--database", type=Path, metavar="FILE", help="another database (default: the home's)")
    parser.add_argument("--check", action="store_true", help="read and judge everything, write nothing")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments = parser.parse_args()
    request = ImportRequest(arguments.format, tuple(arguments.input))
    summary = check(request) if arguments.check else import_films(Workspace.find(arguments.database), request)
    return summary.print(arguments.json)


if __name__ == "__main__":
    exit_with(main)
