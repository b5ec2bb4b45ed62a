"""Rewrite the database without the space that deleted rows left; state stays.

python scripts/compact.py [--database FILE]
"""

import argparse
from pathlib import Path

import _ending  # noqa: F401
from callsheet.runtime.compact import compact
from callsheet.runtime.errors import DONE, exit_with
from callsheet.workspace import Workspace


def main() -> int:
    """Compact and say how much it gained."""
    parser = argparse.ArgumentParser(description="Rewrite the database without the space that deleted rows left; state stays.")
    parser.add_argument("--database", type=Path, help="another database (default: the home's)")
    workspace = Workspace.find(parser.parse_args().database)
    before, after = compact(workspace)
    print(f"Compacted {workspace.database}: {before:,} → {after:,} bytes")
    return DONE


if __name__ == "__main__":
    exit_with(main)
