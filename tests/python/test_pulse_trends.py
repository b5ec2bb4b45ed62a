"""Trends: what stands out is found, and what is chance alone is not."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from callsheet.workspace import Workspace

WEEKS, QUIET = 6, 400
EVENTS = {"RISE": "rate rise", "SURGE": "surge", "SHIFT": "regional shift"}


def released() -> Iterator[tuple[object, ...]]:
    """Yield a release of 400 quiet regions and three in whose last week something happens, each of a project type's own scale."""
    chance = random.Random(11)
    for number in [*range(QUIET), *EVENTS]:
        region, type_ = (f"R{number}", f"T{number % 40}") if isinstance(number, int) else (number, f"T_{number}")
        mean = chance.choice([8, 15, 40, 90])
        for day in range(7 * WEEKS):
            last = day >= 7 * (WEEKS - 1)
            count = max(5, round(chance.gauss(mean, mean**0.5) + chance.choice([-1, 1]) * chance.expovariate(1)))
            rate = round(chance.gauss(400, 60) / 25) * 25
            if last and region == "RISE":
                rate += 200
            if last and region in ("SURGE", "SHIFT"):
                count *= 3
            lead, union, ai = (min(100, max(0, round(chance.gauss(share, 300 / mean**0.5 / 10), 1))) for share in (40, 30, 5))
            yield f"2026-03-{2 + day:02}" if day < 30 else f"2026-04-{day - 29:02}", region, type_, count, lead, union, rate, 0.2, ai
    for day in range(7 * WEEKS):  # the region that SHIFT takes its share from
        yield f"2026-03-{2 + day:02}" if day < 30 else f"2026-04-{day - 29:02}", "REST", "T_SHIFT", 60, 40.0, 30.0, 400, 0.2, 5.0


@pytest.fixture(scope="module")
def trends(sample_workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """Run the compiled models of trends on that release."""
    compiled = sample_workspace.home / "target/compiled/callsheet/models/pulse"
    connection = duckdb.connect()
    connection.execute("create schema pulse; create schema intermediate")
    connection.execute(
        "create table intermediate.int_pulse__freeze_days "
        "(date_utc date, region_code varchar, proj_type_code varchar, role_count_day bigint, "
        "lead_share_pct_day double, union_share_pct_day double, median_rate_day_usd bigint, sentiment_avg_day double, "
        "theme_ai_share_pct_day double, reopened_at timestamp)"
    )
    connection.executemany("insert into intermediate.int_pulse__freeze_days values (?, ?, ?, ?, ?, ?, ?, ?, ?, null)", list(released()))
    for name in ("intermediate/int_pulse__measure_weeks", "marts/pulse_trends"):
        query = Path(compiled / f"{name}.sql").read_text()
        schema = "intermediate" if "intermediate" in name else "pulse"
        connection.execute(f"create view {schema}.{name.split('/')[1]} as {query}")
    return connection


def test_a_rise_a_surge_and_a_shift_are_found(trends: duckdb.DuckDBPyConnection) -> None:
    found = trends.execute(
        "select region_code, finding from pulse.pulse_trends where region_code in ('RISE', 'SURGE', 'SHIFT') and finding is not null "
        "and week_on = (select max(week_on) from pulse.pulse_trends)"
    ).fetchall()
    assert {(region, finding) for region, finding in EVENTS.items() if region != "SHIFT"} | {("SHIFT", "regional shift")} <= set(found)


def test_of_quiet_weeks_fewer_than_one_in_fifty_is_flagged(trends: duckdb.DuckDBPyConnection) -> None:
    """The stated rate of false alarms: below 2 % of comparisons, for each measure that raises one."""
    rates = trends.execute(
        "select measure, count(*), avg((abs(robust_z) >= 3)::int) from pulse.pulse_trends "
        "where starts_with(region_code, 'R') and region_code not in ('RISE', 'REST') and robust_z is not null group by measure"
    ).fetchall()
    assert {measure for measure, _, _ in rates} >= {"day_rate_usd", "roles_per_day", "region_share_pct", "lead_share_pct"}
    for measure, count, share in rates:
        assert count > 700, measure
        assert share < 0.02, measure


def test_a_week_is_compared_with_the_one_before_and_the_median_of_four(trends: duckdb.DuckDBPyConnection) -> None:
    rows = trends.execute(
        "select week_value, previous_week_value, trailing_median, trailing_week_count, change_from_previous_week from pulse.pulse_trends "
        "where region_code = 'R7' and measure = 'roles_per_day' order by week_on"
    ).fetchall()
    values = [row[0] for row in rows]
    daily = trends.execute(
        "select date_utc, role_count_day from intermediate.int_pulse__freeze_days where region_code = 'R7' order by 1"
    ).fetchall()
    assert values == [pytest.approx(sum(count for _, count in daily[7 * week : 7 * week + 7]) / 7, abs=1e-4) for week in range(WEEKS)]
    assert [row[1] for row in rows] == [None, *values[:-1]]
    assert rows[5][2] == pytest.approx(sum(sorted(values[1:5])[1:3]) / 2, abs=1e-4)
    assert [row[3] for row in rows] == [0, 1, 2, 3, 4, 4]
    assert rows[3][4] == pytest.approx(values[3] - values[2], abs=2e-4)


def test_trends_read_the_release_and_nothing_else(sample_workspace: Workspace) -> None:
    compiled = sample_workspace.home / "target/compiled/callsheet/models/pulse"
    read = set()
    for name in ("intermediate/int_pulse__measure_weeks", "marts/pulse_trends"):
        read |= set(re.findall(r'from "(\w+)"\."(\w+)"', (compiled / f"{name}.sql").read_text()))
    assert read == {("intermediate", "int_pulse__freeze_days"), ("intermediate", "int_pulse__measure_weeks")}
