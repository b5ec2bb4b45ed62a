"""What it costs to learn from some of the films of a very large history: `python -m benchmarks.resonance_limit`.

Prints validation AUROC of every head by the rows it learnt from and writes it into docs/resonance.md. No holdout is read: the default of
`resonance_fit_rows_limit` was chosen by this table.
"""

import argparse
import tempfile
from pathlib import Path

from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.training.heads import ACTOR_HEADS, fit_heads
from callsheet.resonance.training.measures import Weights, auroc
from callsheet.resonance.training.rows import Rows
from callsheet.resonance.training.settings import LABELS
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

from benchmarks.resonance import SELECTION, make
from benchmarks.resonance_real import write

CUTOFF = 2003  # the default of resonance_train_cutoff_year
LIMITS = (30_000, 60_000, 120_000, 240_000)


def features(rows: int, folder: Path) -> Rows:
    """Return the features of a world of about so many roles, up to the cutoff."""
    workspace = Workspace(folder, folder / "data" / "callsheet.duckdb")
    make(rows, folder / "world.csv")
    land(workspace, ImportRequest("long", (folder / "world.csv",)))
    Dbt(workspace).build(*SELECTION)
    Dbt(workspace).build("--select", "feature_contract", "--exclude-resource-type", "test", "unit_test")
    with workspace.reading() as connection:
        contract = connection.execute("select feature from resonance.feature_contract where head = 'actor' order by position").fetchall()
        frame = connection.execute(f"select * from intermediate.int_resonance__features where film_year <= {CUTOFF}").df()
    return Rows.of(frame, [name for (name,) in contract])


def line(rows: Rows, limit: int | None, seed: int) -> tuple[int, list[str]]:
    """Return how many rows were learnt from, and the validation AUROC of every head of every label."""
    learnt, cells = 0, []
    for label in LABELS:
        train, check = rows.labelled(label, "fit"), rows.labelled(label, "validation")
        train = train.at_most(limit or len(train), seed)
        heads = fit_heads(ACTOR_HEADS, rows.learnt, train.values(), train.truth(label), train.years, seed)
        learnt = len(train)
        cells += [
            f"{auroc(check.truth(label), heads[name].logits(check.values()), Weights.even(len(check)))[0]:.4f}" for name in ACTOR_HEADS
        ]
    return learnt, cells


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description="Measure what resonance_fit_rows_limit costs and write the table of docs/resonance.md.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="roles of the world")
    parser.add_argument("--seed", type=int, default=7, help="of the films drawn and of the heads")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as folder:
        rows = features(arguments.rows, Path(folder))
    table = "| rows learnt from | " + " | ".join(f"{label}: {name}" for label in LABELS for name in ACTOR_HEADS) + " |\n"
    table += "|---" * (1 + len(LABELS) * len(ACTOR_HEADS)) + "|\n"
    for limit in (*LIMITS, None):
        learnt, cells = line(rows, limit, arguments.seed)
        table += f"| {learnt:,}{'' if limit else ', all there are'} | " + " | ".join(cells) + " |\n"
    print(table)
    if not arguments.print:
        write("rows learnt from", table)


if __name__ == "__main__":
    main()
