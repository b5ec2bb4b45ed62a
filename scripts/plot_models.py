"""Draw a training run of resonance as PNG: reliability, precision and recall, years, ablations, importance, retrieval.

python scripts/plot_models.py [--database FILE] [--run MODEL_RUN_ID] [--json]
"""

import argparse
from pathlib import Path

import _ending  # noqa: F401
from callsheet.resonance.reports.plots import draw
from callsheet.runtime.errors import exit_with
from callsheet.workspace import Workspace


def main() -> int:
    """Draw and say where."""
    parser = argparse.ArgumentParser(description="Draw a training run of resonance as PNG, into data/reports.")
    parser.add_argument("--database", type=Path, metavar="FILE", help="another database (default: the home's)")
    parser.add_argument("--run", metavar="MODEL_RUN_ID", help="a run of resonance.model_runs (default: the newest)")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments = parser.parse_args()
    return draw(Workspace.find(arguments.database), arguments.run).print(arguments.json)


if __name__ == "__main__":
    exit_with(main)
