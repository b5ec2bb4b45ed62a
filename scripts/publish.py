"""Publish the marts for readers: data/published/public and data/published/internal, as DuckDB, Parquet and CSV.

python scripts/publish.py [--yes] [--database FILE] [--json]
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import _ending  # noqa: F401
from callsheet.runtime.errors import DONE, exit_with
from callsheet.runtime.publish import publish
from callsheet.workspace import Workspace

# What to look at first, of the first product that has something to show.
QUERIES = {
    "scores": "from percentiles.scores order by percentile desc limit 5",
    "pulse_release": "from pulse.pulse_release limit 5",
    "slates": "from resonance.slates limit 5",
}


def main() -> int:
    """Publish and say what exists now."""
    parser = argparse.ArgumentParser(description="Publish the marts for readers, as DuckDB, Parquet and CSV.")
    parser.add_argument("--yes", action="store_true", help="publish also where that empties a table which is published filled")
    parser.add_argument("--database", type=Path, help="the database to publish from (default: the home's)")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments = parser.parse_args()
    started = time.monotonic()
    workspace = Workspace.find(arguments.database)
    counts = publish(workspace, may_empty=arguments.yes)
    seconds = time.monotonic() - started
    if arguments.json:
        print(json.dumps({"written_to": str(workspace.published), "rows": counts, "seconds": round(seconds, 3)}, sort_keys=True))
        return DONE
    for table, count in counts.items():
        print(f"{count:>12,}  {table}")
    print(f"Published {len(counts)} tables → {workspace.published}; {seconds:.1f} s")
    for query in (query for table, query in QUERIES.items() if counts.get(table)):
        public = os.path.relpath(workspace.public)
        python = os.path.relpath(sys.executable)
        print(f"Try: {python} -c \"import duckdb; print(duckdb.connect('{public}', read_only=True).sql('{query}'))\"")
        break
    return DONE


if __name__ == "__main__":
    exit_with(main)
