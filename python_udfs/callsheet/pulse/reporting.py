"""The report of a release: one page that an analyst can hand on. It reads public tables alone, and every text on it is escaped."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from callsheet.app.words import MEASURES, TYPES
from callsheet.pulse import drawing
from callsheet.pulse.building import COLUMNS
from callsheet.runtime.errors import UnusableInputError, explain
from callsheet.runtime.home import holdings
from callsheet.runtime.publish import public_copy, sample_products
from callsheet.workspace import Workspace

Row = dict[str, Any]

_TEMPLATE = Path(__file__).with_name("report.html")
_ALL = "ALL"  # the code of a sum, and of what no narrower cell may tell
_MINUS = str.maketrans("-", "−")

_PERIOD = """
    select
        (select count(distinct date_utc) from pulse.pulse_release) as shown_day_count,
        (select max(said_at) from pulse.pulse_index) as said_at,
        (select max(revision) from pulse.pulse_index) as revision,
        (select count(robust_z) from pulse.pulse_trends) as compared_count
"""
_COVERAGE = "select *, last_on - first_on + 1 as day_count from pulse.pulse_coverage order by last_on desc, privacy_mode"
# As analyses/pulse/what_stands_out_in_casting.sql, each with the weeks before it.
_FINDINGS = """
    select
        found.week_on, found.region_code, found.proj_type_code, found.measure, found.finding, found.week_value, found.trailing_median,
        found.robust_z,
        (
            select list(past.week_value order by past.week_on)
            from pulse.pulse_trends as past
            where
                past.region_code = found.region_code and past.proj_type_code = found.proj_type_code
                and past.measure = found.measure and past.week_on <= found.week_on
        ) as past_values
    from pulse.pulse_trends as found
    where found.finding is not null
    order by found.week_on desc, abs(found.robust_z) desc, found.region_code, found.proj_type_code
    limit 8
"""
_INDEX = """
    select * from pulse.pulse_index
    qualify row_number() over (partition by week_on, region_code, proj_type_code order by revision desc) = 1
    order by region_code, proj_type_code, week_on
"""
# Each row of the input is in one of these cells, the finest that may be shown: their sums are whole.
_CELLS = """
    create temp view cells as
    select
        'day' as cell_level, region_code, proj_type_code, role_count_day as row_count, new_role_count, lead_share_pct_day as lead_share_pct,
        union_share_pct_day as union_share_pct, theme_ai_share_pct_day as ai_share_pct, sentiment_avg_day as sentiment
    from pulse.pulse_release
    union all
    select
        cell_level, region_code, proj_type_code, row_count, new_role_count, lead_share_pct,
        union_share_pct, theme_ai_share_pct, sentiment_avg
    from pulse.pulse_remainder
"""
_VOLUMES = """
    select
        {code} as code,
        sum(row_count)::bigint as row_count,
        if(count(new_role_count) = count(*), greatest(0, sum(new_role_count)), null)::bigint as role_count,
        {shares}
    from cells
    group by {code}
    order by {code} = 'ALL', role_count desc nulls last, row_count desc, {code}
"""
_SHARES = ("lead_share_pct", "union_share_pct", "ai_share_pct", "sentiment")
_PARTS = """
    select {code} as code, proj_type_code, greatest(0, sum(new_role_count))::bigint as role_count
    from cells
    group by {code}, proj_type_code
    having sum(new_role_count) > 0
    order by proj_type_code = 'ALL', list_position(['F', 'T', 'C', 'V'], proj_type_code)
"""
# As analyses/pulse/day_rates_by_region.sql.
_RATES = """
    select
        region_code,
        proj_type_code,
        count(*) as day_count,
        sum(role_count_day)::bigint as row_count,
        round(sum(median_rate_day_usd * role_count_day) / sum(role_count_day)) as rate_usd,
        sum(priced_share_pct * role_count_day) / sum(role_count_day) as priced_share_pct,
        (
            select list(weeks.week_value order by weeks.week_on)
            from pulse.pulse_trends as weeks
            where
                weeks.region_code = released.region_code and weeks.proj_type_code = released.proj_type_code
                and weeks.measure = 'day_rate_usd'
        ) as past_values
    from pulse.pulse_release as released
    where median_rate_day_usd is not null
    group by region_code, proj_type_code
    having count(*) >= 3
    order by rate_usd desc, region_code, proj_type_code
"""
_LEVELS = """
    select cell_level, count(*) as cell_count, sum(row_count)::bigint as row_count
    from cells
    group by cell_level
    order by list_position(['day', 'week_region_type', 'week_parent_type', 'week_type', 'week'], cell_level)
"""
_DICTIONARY = """
    select column_name, comment
    from duckdb_columns()
    where database_name = current_database() and schema_name = 'pulse' and table_name = 'pulse_release'
"""


def check_report(report: Path, others: Sequence[Path]) -> None:
    """Refuse a place that the report cannot be written to, before any work is done."""
    if report.is_dir():
        raise UnusableInputError(f"{report} is a folder: give the file to write with --report, such as {report / 'pulse.html'}.")
    if report.resolve() in {other.resolve() for other in others}:
        raise UnusableInputError(f"--report is {report}, which the same command reads or writes: name another file.")
    folder = report.absolute().parent
    if not folder.is_dir():
        raise UnusableInputError(
            f"There is no folder {folder} for the report: type `mkdir -p {folder}`, or name another place with --report."
        )
    if not os.access(folder, os.W_OK):
        raise UnusableInputError(f"{folder} cannot be written to: name another place with --report.")


def report_published(workspace: Workspace, report: Path) -> Path:
    """Write the report of what is published in the home, and return where it is."""
    check_report(report, [workspace.public])
    if not workspace.public.exists():
        raise UnusableInputError(
            f"Nothing is published in {workspace.home}: type `callsheet build`, or name a file of breakdowns with --input."
        )
    try:
        with Workspace(workspace.home, workspace.public).reading() as connection:
            is_sample = "pulse" in sample_products(workspace.public.parent)
            return _write(_page(connection, is_sample=is_sample, is_kept=True), report)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise UnusableInputError(
            f"What is published in {workspace.home} lacks tables of the pulse that the report tells of: "
            "type `callsheet build`, and run this again."
        ) from error


def report_built(workspace: Workspace, report: Path, *, is_kept: bool) -> Path:
    """Write the report of what a database holds, as publishing would let it out, and return where it is."""
    is_sample = holdings(workspace).get("pulse") == "sample"
    with public_copy(workspace, "pulse") as connection:
        return _write(_page(connection, is_sample=is_sample, is_kept=is_kept), report)


def _write(page: str, report: Path) -> Path:
    target = report.absolute()
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            finished = Path(scratch) / "report.html"
            finished.write_text(page, encoding="utf-8")
            finished.replace(target)
    except OSError as error:
        raise explain(error, target) from error
    return target


def _page(connection: duckdb.DuckDBPyConnection, *, is_sample: bool, is_kept: bool) -> str:
    """Return the page of the public tables that the connection holds."""
    connection.execute(_CELLS)
    (period,) = _rows(connection, _PERIOD)
    index = _rows(connection, _INDEX)
    labels = dict(connection.execute("select region_code, region_label from pulse.pulse_regions").fetchall())
    by_region = _volumes(connection, "region_code")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"day": _day, "whole": _whole, "share": _share, "signed": _signed, "code": _with_code}
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        drawing=drawing,
        types=TYPES,
        measures=MEASURES,
        labels=labels,
        is_sample=is_sample,
        is_kept=is_kept,
        period=period,
        coverage=_rows(connection, _COVERAGE),
        findings=[row | {"spark": drawing.spark(row["past_values"])} for row in _rows(connection, _FINDINGS)],
        charts=_charts(index),
        newest=_newest(index),
        by_region=by_region,
        by_type=_volumes(connection, "proj_type_code"),
        map=drawing.region_map({row["code"]: row["role_count"] or 0 for row in by_region if row["code"] in labels}),
        rates=_rates(connection),
        levels=_rows(connection, _LEVELS),
        dictionary=[row for row in _rows(connection, _DICTIONARY) if row["column_name"] in COLUMNS],
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    asked = connection.execute(sql)
    names = [column for column, *_ in asked.description or ()]
    return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]


def _volumes(connection: duckdb.DuckDBPyConnection, code: str) -> list[Row]:
    """Return rows, new roles and shares by region or by type; what no cell of the code's own tells stands last."""
    weighted = "sum({0} * row_count) filter (where {0} is not null) / sum(row_count) filter (where {0} is not null) as {0}"
    rows = _rows(connection, _VOLUMES.format(code=code, shares=", ".join(weighted.format(share) for share in _SHARES)))
    parts = _rows(connection, _PARTS.format(code=code))
    longest = max([1, *(sum(part["role_count"] for part in parts if part["code"] == row["code"]) for row in rows)])
    for row in rows:
        row["parts"] = [(part["proj_type_code"], 100 * part["role_count"] / longest) for part in parts if part["code"] == row["code"]]
    return rows


def _rates(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the day rates, each with its part of the largest and its weeks."""
    rows = _rows(connection, _RATES)
    largest = max([1, *(row["rate_usd"] for row in rows)])
    return [row | {"wide": 100 * row["rate_usd"] / largest, "spark": drawing.spark(row["past_values"] or [])} for row in rows]


def _charts(index: Sequence[Row]) -> list[drawing.Chart]:
    """Lay out the index of everything and of each type."""
    titles = {_ALL: "All casting", **TYPES}
    sums = {code: [row for row in index if row["region_code"] == _ALL and row["proj_type_code"] == code] for code in titles}
    return [drawing.index_chart(titles[code], weeks) for code, weeks in sums.items() if weeks]


def _newest(index: Sequence[Row]) -> list[Row]:
    """Return each series in the newest week, sums first, with where its band lies on a common scale, and its weeks."""
    order = [_ALL, *TYPES]
    newest = max((row["week_on"] for row in index), default=None)
    shown = [row for row in index if row["week_on"] == newest]
    top = max([100.0, *(row["index_high"] for row in shown)])
    return [
        row
        | {name: 100 * row[f"index_{name}"] / top for name in ("low", "value", "high")}
        | {"level": 100 * 100 / top, "spark": drawing.spark(_weeks_of(index, row))}
        for row in sorted(shown, key=lambda row: (row["region_code"] != _ALL, row["region_code"], order.index(row["proj_type_code"])))
    ]


def _weeks_of(index: Sequence[Row], row: Mapping[str, Any]) -> list[float]:
    bucket = (row["region_code"], row["proj_type_code"])
    return [week["index_value"] for week in index if (week["region_code"], week["proj_type_code"]) == bucket]


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _whole(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}"


def _share(percent: float | None) -> str:
    return "–" if percent is None else f"{percent:.1f} %"


def _signed(number: float | None) -> str:
    return "–" if number is None else f"{number:+.2f}".translate(_MINUS)


def _with_code(text: str) -> Markup:
    """Return a description with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
