"""Trends: what stands out is found; what is chance, traffic or a rule of privacy is not. The worlds are the benchmark's."""

import re
import statistics
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from callsheet.workspace import Workspace

from benchmarks import pulse_trends


@pytest.fixture(scope="module")
def compiled(sample_workspace: Workspace) -> Path:
    return sample_workspace.home / "target/compiled/callsheet/models/pulse"


@pytest.fixture(scope="module")
def quiet(compiled: Path) -> duckdb.DuckDBPyConnection:
    return pulse_trends.database(pulse_trends.make_world(3), compiled)


def found(rows: pd.DataFrame, touched: bool) -> set[str]:
    return set(rows.loc[rows["is_touched"] == touched, "finding"].dropna())


@pytest.mark.parametrize(("planted", "finding"), [("surge", "surge"), ("rise", "rate rise")])
def test_what_is_casting_is_found(compiled: Path, planted: str, finding: str) -> None:
    assert finding in found(pulse_trends.trends_of(3, planted, compiled), touched=True)


def test_a_wave_of_traffic_is_no_surge(compiled: Path) -> None:
    rows = pulse_trends.trends_of(3, "wave", compiled)
    assert rows["finding"].dropna().empty
    assert rows.loc[rows["measure"] == "views_per_day", "robust_z"].max() > 10  # it is seen, as what it is


def test_a_region_that_is_held_back_is_no_shift(compiled: Path) -> None:
    """Its row of shares says what it may be instead, and those of the other regions do not move."""
    rows = pulse_trends.trends_of(3, "held back", compiled)
    assert rows["finding"].dropna().empty
    hidden = rows[rows["is_touched"] & (rows["measure"] == "region_share_pct") & (rows["week_value"] == 0)]
    assert len(hidden) == 10  # weeks: one, two, three and four of the four types
    assert (hidden["most_value"] >= hidden["trailing_median"] * 0.6).all()


@pytest.mark.long
def test_of_a_hundred_quiet_series_of_a_year_at_most_one_raises_a_false_finding(compiled: Path) -> None:
    counted = pulse_trends.rates(compiled, 6)
    for kind in ("quiet", "wave", "held back"):
        wrong, of = counted[kind]
        assert wrong <= of / 100, kind
    for kind in ("wave, taken for fact", "held back, taken for fact"):  # the defence off
        wrong, of = counted[kind]
        assert wrong > of / 50, kind
    for kind in ("surge", "rise"):
        right, of = counted[kind]
        assert right >= 0.85 * of, kind


def test_a_week_is_compared_with_the_one_before_and_the_median_of_four(quiet: duckdb.DuckDBPyConnection) -> None:
    rows = quiet.execute(
        "select week_value, previous_week_value, trailing_median, trailing_week_count, change_from_previous_week from pulse.pulse_trends "
        "where region_code = 'R6' and proj_type_code = 'T0' and measure = 'roles_per_day' order by week_on"
    ).fetchall()
    told = quiet.execute(
        "select sum(new_role_count) from (select date_trunc('week', date_utc) as week_on, region_code, proj_type_code, new_role_count "
        "from intermediate.int_pulse__freeze_days union all select week_on, region_code, proj_type_code, new_role_count "
        "from intermediate.int_pulse__freeze_weeks) where region_code = 'R6' and proj_type_code = 'T0' group by week_on order by week_on"
    ).fetchall()
    values = [count / 7 for (count,) in told]
    assert len(values) == pulse_trends.WEEKS
    assert [row[0] for row in rows] == [pytest.approx(value, abs=1e-4) for value in values]
    assert [row[1] for row in rows] == [None, *(pytest.approx(value, abs=1e-4) for value in values[:-1])]
    assert [row[2] for row in rows[1:]] == [
        pytest.approx(statistics.median(values[max(0, n - 4) : n]), abs=1e-4) for n in range(1, len(rows))
    ]
    assert [row[3] for row in rows[:6]] == [0, 1, 2, 3, 4, 4]
    assert rows[3][4] == pytest.approx(values[3] - values[2], abs=2e-4)


def test_shares_of_regions_and_what_is_in_wider_cells_are_whole(quiet: duckdb.DuckDBPyConnection) -> None:
    """Of each week and type: what the regions show and what the wider cells hold add up to 100 %."""
    sums = quiet.execute(
        "select counted.week_on, counted.proj_type_code, sum(counted.role_count) + any_value(coalesce(wider.role_count, 0)), "
        "any_value(counted.type_role_count) from intermediate.int_pulse__count_weeks as counted left join ("
        "select week_on, proj_type_code, sum(new_role_count) as role_count from intermediate.int_pulse__freeze_weeks "
        "where cell_level in ('week_parent_type', 'week_type') group by all) as wider "
        "on counted.week_on = wider.week_on and counted.proj_type_code = wider.proj_type_code "
        "where counted.region_code <> 'ALL' group by all"
    ).fetchall()
    assert len(sums) == pulse_trends.WEEKS * pulse_trends.TYPES
    assert all(told == total for _, _, told, total in sums)


def test_on_the_sample_the_exact_roles_lie_where_the_release_says(sample_workspace: Workspace) -> None:
    """Of each week and bucket between what its cells tell and what may be hidden beside them, but for four standard deviations of noise."""
    with sample_workspace.reading() as connection:
        rows = connection.execute(
            "with roles as (select role_key, region_code, proj_type_code, date_trunc('week', posted_on)::date as week_on, "
            "row_number() over (partition by role_key order by posted_on, region_code, proj_type_code) as place "
            "from intermediate.int_pulse__classify_rows) "
            "select region_code = 'ALL', role_count, hidden_role_count, 4 * sqrt(2 * (cell_count + 1)), (select count(*) from roles where "
            "place = 1 and roles.week_on = told.week_on and told.region_code in ('ALL', roles.region_code) "
            "and told.proj_type_code in ('ALL', roles.proj_type_code)) from intermediate.int_pulse__count_weeks as told"
        ).fetchall()
    assert sum(exact for is_sum, *_, exact in rows if not is_sum) > 500
    assert sum(is_sum for is_sum, *_ in rows) == 25  # five weeks of four types, and of all
    for _, told, hidden, noise, exact in rows:
        assert told - noise <= exact <= told + hidden + noise


def test_bands_of_the_index_hold_the_truth_in_a_wave_of_traffic(compiled: Path) -> None:
    """From 85 to 95 % of them do, of regions and types alike; the views beside them tell of the wave."""
    rows = pulse_trends.is_covered(3, "wave", compiled)
    after = rows[rows["week_on"] >= rows["week_on"].min() + pd.Timedelta(weeks=4)]
    assert len(after) > 2000
    assert 0.85 <= after["covered"].mean() <= 0.95
    in_wave = rows[(rows["region_code"] == "ALL") & (rows["week_on"] == rows["week_on"].min() + pd.Timedelta(weeks=pulse_trends.FROM_WEEK))]
    assert (in_wave["views_index"] > 1.4 * in_wave["index_value"]).all()


def test_trends_read_the_release_and_nothing_else(compiled: Path) -> None:
    read = set()
    for name in (*pulse_trends.MODELS, "marts/pulse_index"):
        query = (compiled / f"{name}.sql").read_text().replace('"callsheet".', "")
        read |= set(re.findall(r'(?:from|join) "(\w+)"\."(\w+)"', query))
    own = {("intermediate", "int_pulse__count_weeks"), ("intermediate", "int_pulse__measure_weeks"), ("pulse", "pulse_index")}
    assert read - own == {
        ("intermediate", "int_pulse__freeze_days"), ("intermediate", "int_pulse__freeze_weeks"), ("staging", "stg_pulse__regions"),
    }  # fmt: skip
