"""Walk from an answer back to the lines it came from.

python scripts/why.py score ID [--database FILE]
python scripts/why.py bucket DAY REGION TYPE [--database FILE]
"""

import argparse
from pathlib import Path

from python_udfs.percentiles.why import explain_score
from python_udfs.pulse.why import explain_bucket
from python_udfs.runtime.errors import DONE, exit_with
from python_udfs.runtime.house import House


def main() -> int:
    """Explain one answer."""
    parser = argparse.ArgumentParser(description="Walk from an answer back to the lines it came from.")
    answers = parser.add_subparsers(dest="answer", required=True)
    score = answers.add_parser("score", help="an asset's percentile: window, neighbours, past, source")
    score.add_argument("id")
    bucket = answers.add_parser("bucket", help="a bucket of the daily pulse: published from what, or why not")
    bucket.add_argument("day", metavar="DAY", help="YYYY-MM-DD")
    bucket.add_argument("region", metavar="REGION", help="a code of reference.regions, such as LA")
    bucket.add_argument("type", metavar="TYPE", help="F, T, C or V")
    for answer in (score, bucket):
        answer.add_argument("--database", type=Path, metavar="FILE", help="another database (default: the home's)")
    arguments = parser.parse_args()
    house = House.find(arguments.database)
    if arguments.answer == "score":
        lines = explain_score(house, arguments.id)
    else:
        lines = explain_bucket(house, arguments.day, arguments.region, arguments.type)
    print("\n".join(lines))
    return DONE


if __name__ == "__main__":
    exit_with(main)
