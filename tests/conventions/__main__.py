"""Print every violation of the house rules; exit 1 if there is one."""

import argparse
import sys
from pathlib import Path

from tests.conventions.rules import Project, check, summary

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Check this project as dbt last wrote it into the target folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.conventions", description="Check the house rules that dbt-bouncer cannot check.")
    parser.add_argument("target", type=Path, help="dbt's target folder: manifest.json and, after dbt docs generate, catalog.json")
    target = parser.parse_args().target
    if not (target / "manifest.json").is_file():
        parser.error(f"{target} holds no manifest.json: run `dbt parse` first, or name the folder dbt writes to.")
    project = Project.read(ROOT, target)
    violations = check(project)
    for violation in violations:
        print(violation)
    if not violations:
        print(summary(project))
    return int(bool(violations))


if __name__ == "__main__":
    sys.exit(main())
