"""Every rule of pulse that turns what people write into a value: one table of cases each, all of them in one build of the real models."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

CASES = Path(__file__).parent / "fixtures" / "pulse"
HEADER = ["id", "posted_date", "work_city", "project_type", "role_type", "union", "rate", "role_name", "project_name", "role_description"]
PLAIN = {"posted_date": "2025-06-01", "work_city": "Los Angeles", "project_type": "Film"}
SELECTION = ("--select", "+int_pulse__classify_rows", "int_pulse__events", "--exclude-resource-type", "test", "unit_test")

# The table of cases, how many it must hold, and what of the classified row is compared with its column `expected`.
RULES = {
    "rates": (80, "coalesce(rate_reason, (rate_day_usd + 0.0)::varchar)"),
    "places": (70, "region_code"),
    "project_types": (45, "proj_type_code"),
    "unions": (20, "union_status"),
    "role_types": (15, "if(is_lead, 'yes', 'no')"),
    "themes": (30, "if(is_ai, 'yes', 'no')"),
    "times": (25, "regexp_replace(posted_at::varchar, '([.][0-9]*?)0+$', '\\1')"),
}


@dataclass(frozen=True)
class Case:
    """One line of a table."""

    rule: str
    given: dict[str, str]
    expected: str

    def __str__(self) -> str:
        """Name it in a failure."""
        return " | ".join([self.rule, *self.given.values()])


def cases_of(rule: str) -> list[Case]:
    with (CASES / f"{rule}.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="|"))
    # The place stands in the table of rates too: a bare dollar means another thing elsewhere.
    return [Case(rule, {key: row[key] for key in row if key not in ("expected", "why")}, row["expected"]) for row in rows]


ALL = [case for rule in RULES for case in cases_of(rule)]


def record(number: int, case: Case) -> dict[str, str]:
    given = {("work_city" if key == "place" else key): value for key, value in case.given.items()}
    if case.rule == "rates" and not given["work_city"]:
        del given["work_city"]
    return {**dict.fromkeys(HEADER, ""), **PLAIN, "id": f"case {number}", **given}


@pytest.fixture(scope="module")
def classified(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """Build all cases at once: position to what became of the row."""
    root = tmp_path_factory.mktemp("rules")
    with (root / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(record(number, case) for number, case in enumerate(ALL))
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    Dbt(workspace).build(*SELECTION, variables={"pulse_breakdowns": str(root / "cases.csv")})
    columns = ", ".join(f"{value} as {rule}" for rule, (_, value) in RULES.items())
    with workspace.reading() as connection:
        kept = connection.execute(f"select position, {columns} from intermediate.int_pulse__classify_rows").fetchall()
        rejected = connection.execute("select position, reason from intermediate.int_pulse__events where event = 'quarantined'").fetchall()
    became = {position: dict(zip(RULES, values, strict=True)) for position, *values in kept}
    for position, reason in rejected:
        assert position not in became
        became[position] = dict.fromkeys(RULES, reason)
    return became


@pytest.mark.parametrize("rule", RULES)
def test_each_way_to_write_it_means_what_it_should(rule: str, classified: dict[int, dict[str, Any]]) -> None:
    cases = [(number, case) for number, case in enumerate(ALL, start=1) if case.rule == rule]
    assert len(cases) >= RULES[rule][0]
    wrong = [
        (str(case), case.expected, classified[number][rule]) for number, case in cases if not same(case.expected, classified[number][rule])
    ]
    assert not wrong, "\n".join(f"{text}: {expected} expected, {found} found" for text, expected, found in wrong)


def same(expected: str, found: str) -> bool:
    """Compare texts, or numbers as numbers."""
    try:
        return float(expected) == pytest.approx(float(found), abs=1e-9)
    except ValueError:
        return expected == found


def test_no_case_is_lost(classified: dict[int, dict[str, Any]]) -> None:
    assert sorted(classified) == list(range(1, len(ALL) + 1))
