"""Scores a set of fresh strings by kind: `python -m tests.python.fresh_strings first` builds it and tells what is wrong.

A value that is expected may be one of several, with | between them. A wrong amount where none or another was expected is counted apart.
"""

import csv
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

SETS = Path(__file__).parent / "fixtures" / "fresh"
PLAIN = {"posted_date": "2025-06-01", "work_city": "Los Angeles", "project_type": "Film", "role_type": "", "union": "", "rate": ""}
COLUMNS = {"rate": "rate", "place": "work_city", "type": "project_type", "union": "union", "role": "role_type"}
VALUES = {
    "rate": "coalesce(rate_reason, rate_day_usd::varchar)",
    "place": "region_code",
    "type": "proj_type_code",
    "union": "union_status",
    "role": "if(is_lead, 'lead', 'other')",
}
SELECTION = ("--select", "+int_pulse__classify_rows", "--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class Verdict:
    """One fresh string, and what became of it."""

    kind: str
    text: str
    expected: str
    found: str

    @property
    def is_right(self) -> bool:
        """Say whether it is one of the values that were reasoned to be right."""
        return any(same(expected, self.found) for expected in self.expected.split("|"))

    @property
    def is_wrong_amount(self) -> bool:
        """Say whether a reader would be told a wrong amount: worse than to be told none."""
        return self.kind == "rate" and not self.is_right and number(self.found) is not None


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def same(expected: str, found: str) -> bool:
    one, other = number(expected), number(found)
    return expected == found if one is None or other is None else abs(one - other) < 0.01


def judge(name: str, root: Path) -> list[Verdict]:
    """Build a set in an empty home."""
    with (SETS / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        strings = list(csv.DictReader(lines))
    with (root / "fresh.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", *PLAIN])
        writer.writeheader()
        writer.writerows({"id": str(row), **PLAIN, COLUMNS[one["kind"]]: one["text"]} for row, one in enumerate(strings))
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    Dbt(workspace).build(*SELECTION, variables={"pulse_breakdowns": str(root / "fresh.csv")})
    with workspace.reading() as connection:
        columns = ", ".join(f"{value} as {kind}" for kind, value in VALUES.items())
        rows = connection.sql(f"select {columns} from intermediate.int_pulse__classify_rows order by position").fetchall()
    assert len(rows) == len(strings)
    found = [dict(zip(VALUES, row, strict=True)) for row in rows]
    return [Verdict(one["kind"], one["text"], one["expected"], values[one["kind"]]) for one, values in zip(strings, found, strict=True)]


def score(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int, int]]:
    """Count by kind: right, all, wrong amounts."""
    counts = dict.fromkeys(VALUES, (0, 0, 0))
    for one in verdicts:
        right, total, amounts = counts[one.kind]
        counts[one.kind] = (right + one.is_right, total + 1, amounts + one.is_wrong_amount)
    return counts


def main() -> None:
    """Print the score by kind, then what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = judge(sys.argv[1], Path(folder))
    for kind, (right, total, amounts) in score(verdicts).items():
        print(f"{kind:6} {right:4} of {total:4} right, {100 * right / total:5.1f} %" + (f", {amounts} wrong amounts" * (kind == "rate")))
    for one in verdicts:
        if not one.is_right and "--only-score" not in sys.argv:
            print(f"  {one.kind:6} {one.text!r}: {one.expected} expected, {one.found} found")


if __name__ == "__main__":
    main()
