"""Walk from an answer back to the lines it came from.

python scripts/why.py score ID [--database FILE]
"""

import argparse
from pathlib import Path

from python_udfs.percentiles.why import explain_score
from python_udfs.runtime.errors import DONE, exit_with
from python_udfs.runtime.house import House


def main() -> int:
    """Explain one answer."""
    parser = argparse.ArgumentParser(description="Walk from an answer back to the lines it came from.")
    answers = parser.add_subparsers(dest="answer", required=True)
    score = answers.add_parser("score", help="an asset's percentile: window, neighbours, past, source")
    score.add_argument("id")
    score.add_argument("--database", type=Path, metavar="FILE", help="another database (default: the home's)")
    arguments = parser.parse_args()
    print("\n".join(explain_score(House.find(arguments.database), arguments.id)))
    return DONE


if __name__ == "__main__":
    exit_with(main)
