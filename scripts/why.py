"""Walk from an answer back to the lines it came from.

python scripts/why.py score ID [--database FILE]
python scripts/why.py bucket DAY REGION TYPE [--database FILE]
python scripts/why.py actor NAME --brief FILE [--published FILE]
"""

import argparse
from pathlib import Path

import _ending  # noqa: F401
from callsheet.percentiles.why import explain_score
from callsheet.pulse.why import explain_bucket
from callsheet.resonance.slates.why import explain_actor
from callsheet.runtime.errors import DONE, exit_with
from callsheet.workspace import Workspace


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
    actor = answers.add_parser("actor", help="an actor's place on a slate: rank, reasons, what would change it, the films behind it")
    actor.add_argument("name", metavar="NAME", help="name or id")
    actor.add_argument("--brief", type=Path, required=True, metavar="FILE", help="a brief as JSON, or the manifest of a slate")
    actor.add_argument("--published", type=Path, metavar="FILE", help="another published database (default: the home's)")
    arguments = parser.parse_args()
    workspace = Workspace.find(vars(arguments).get("database"))
    if arguments.answer == "score":
        lines = explain_score(workspace, arguments.id)
    elif arguments.answer == "bucket":
        lines = explain_bucket(workspace, arguments.day, arguments.region, arguments.type)
    else:
        lines = explain_actor(arguments.published or workspace.public, arguments.name, arguments.brief)
    print("\n".join(lines))
    return DONE


if __name__ == "__main__":
    exit_with(main)
