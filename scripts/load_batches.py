"""Load batches of model scores and compute their percentiles.

python scripts/load_batches.py [--batches DIR] [--from-postgres DSN [--table NAME]] [--through N] [--rehash] [--check]
    [--yes] [--database FILE] [--json]
"""

import argparse
from pathlib import Path

import _ending  # noqa: F401
from callsheet.percentiles.loading import Request, check, load
from callsheet.percentiles.postgres import Postgres
from callsheet.runtime.errors import exit_with
from callsheet.workspace import Workspace


def main() -> int:
    """Load what is new and say what came of it."""
    parser = argparse.ArgumentParser(description="Load batches of model scores and compute their percentiles.")
    parser.add_argument(
        "--batches", type=Path, metavar="DIR", help="folder of batch_<N>.json (default: the one this database holds, else the sample)"
    )
    parser.add_argument(
        "--from-postgres",
        metavar="DSN",
        help="read new and corrected batches from PostgreSQL; the password belongs into PGPASSWORD",
    )
    parser.add_argument(
        "--table", default="scores", metavar="NAME", help="its table or view of id, score, industry, batch_no (default: %(default)s)"
    )
    parser.add_argument("--through", type=int, metavar="N", help="land batches up to this number only")
    parser.add_argument("--rehash", action="store_true", help="open every file again, also those whose size and time are unchanged")
    parser.add_argument("--check", action="store_true", help="read and judge everything, write nothing")
    parser.add_argument("--yes", action="store_true", help="go on also where more than half of the rows of scores would go")
    parser.add_argument("--database", type=Path, metavar="FILE", help="another database (default: the home's)")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments = parser.parse_args()
    request = Request(
        folder=arguments.batches,
        postgres=None if arguments.from_postgres is None else Postgres(arguments.from_postgres, arguments.table),
        through=arguments.through,
        rehash=arguments.rehash,
        progress=not arguments.json,
        yes=arguments.yes,
    )
    summary = check(request) if arguments.check else load(Workspace.find(arguments.database), request)
    return summary.print(arguments.json)


if __name__ == "__main__":
    exit_with(main)
