"""From a bucket of the daily pulse back to the rows it was made of: what was published from what, or why nothing was."""

from datetime import date
from typing import Any

import duckdb

from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import Workspace

SHOWN_ROWS = 10
TYPES = ("F", "T", "C", "V")
_EXACT = "from pulse.pulse_daily where date_utc = $day and region_code = $region and proj_type_code = $type"
_LOG = "from pulse.release_log where date_utc = $day and region_code = $region and proj_type_code = $type and reopened_at is null"
_RELEASED = "from pulse.pulse_release where date_utc = $day and region_code = $region and proj_type_code = $type"


def explain_bucket(workspace: Workspace, day: str, region: str, project_type: str) -> list[str]:
    """Return the lines that explain a bucket. They hold exact figures: for people inside the workspace."""
    bucket = {"day": parse_day(day), "region": region.upper(), "type": _type(project_type)}
    if not workspace.holds("pulse", "release_log"):
        raise UnusableInputError(f"{workspace.database} holds no daily pulse yet: run `make run`, or `dbt build`, first.")
    with workspace.reading() as connection:
        exact = _row(connection, _EXACT, bucket)
        log = _row(connection, _LOG, bucket)
        released = _row(connection, _RELEASED, bucket)
        lines = [f"{bucket['day']} · {bucket['region']} · {bucket['type']}"]
        if released and log:
            lines += _published(released, log)
        elif log:
            lines += _held_back(log, exact)
        else:
            lines += _not_in_a_release(connection, bucket, exact)
        if exact:
            lines += ["", "Exactly, and not to be passed on:", *_figures(exact), *_late(log, exact), *_sources(connection, bucket)]
        return lines


def parse_day(text: str) -> date:
    """Return the day that a person typed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnusableInputError(f"{text!r} is no day: write it as YYYY-MM-DD.") from None


def _type(text: str) -> str:
    if text.upper() not in TYPES:
        raise UnusableInputError(f"{text!r} is no project type: give one of {', '.join(TYPES)}.")
    return text.upper()


def _row(connection: duckdb.DuckDBPyConnection, query: str, bucket: dict[str, Any]) -> dict[str, Any] | None:
    relation = connection.execute(query, bucket)
    names = [column[0] for column in relation.description]
    rows = relation.fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _published(released: dict[str, Any], log: dict[str, Any]) -> list[str]:
    budget = "" if log["epsilon"] is None else f" Its counts cost epsilon {log['epsilon']:g}."
    points = "percentage points" if log["privacy_mode"] == "standard" else "roles of the numerator"
    return [
        f"Published in mode {log['privacy_mode']} at {log['released_at']:%Y-%m-%d %H:%M} UTC: {released['role_count_day']:,} roles, "
        f"{_percent(released['lead_share_pct_day'])} lead, {_percent(released['union_share_pct_day'])} union, "
        f"{_percent(released['theme_ai_share_pct_day'])} AI, median {_dollars(released['median_rate_day_usd'])}, "
        f"sentiment {_number(released['sentiment_avg_day'])}.",
        f"Noise: Laplace of scale {log['count_scale']:g} on the count, {log['share_scale']:g} {points} on each share, "
        f"{log['sentiment_scale']:g} on sentiment, none on the median; key {log['key_id']}.{budget}",
        *(
            []
            if log["is_employer_checked"]
            else ["None of its rows names a project: whether one employer stands behind it could not be checked."]
        ),
    ]


def _held_back(log: dict[str, Any], exact: dict[str, Any] | None) -> list[str]:
    roles = f"it has {exact['distinct_role_count']:,} now" if exact else "it has none now"
    sentences = {
        "too_few_rows": "too_few_rows. A bucket needs at least five rows (mode strict: ten roles, after noise).",
        "too_few_roles": f"too_few_roles. Views of one role are one role, and a bucket needs five different ones; {roles}.",
        "one_project": "one_project. More than 80 % of its roles belong to one project, whose employer it would show.",
    }
    return [f"Not published, in mode {log['privacy_mode']}: {sentences[log['suppression_reason']]}"]


def _not_in_a_release(connection: duckdb.DuckDBPyConnection, bucket: dict[str, Any], exact: dict[str, Any] | None) -> list[str]:
    if not exact:
        return ["No row falls into it: nothing to publish. Regions are listed in reference.regions."]
    ((closed, newest),) = connection.execute(
        "select exists (from pulse.release_log where date_utc = $day and reopened_at is null), "
        "(select max(date_utc) from pulse.pulse_daily)",
        {"day": bucket["day"]},
    ).fetchall()
    if closed:
        return ["Not published: its rows came after the day was released, and a release does not change. pulse.pulse_late lists it."]
    return [
        f"Not published yet: the day is open until days at least `pulse_open_days` later, now up to {newest}, hold 20 rows or 5 % of it; "
        "in mode off, for ever."
    ]


def _figures(exact: dict[str, Any]) -> list[str]:
    project = exact["largest_project_role_count"]
    return [
        f"  {exact['role_count_day']:,} rows of {exact['distinct_role_count']:,} different roles"
        + (f", {project:,} of them of one project" if project is not None else ", no project named"),
        f"  {exact['lead_count']:,} rows lead, {exact['union_count']:,} union, {exact['ai_count']:,} AI",
        f"  median {_dollars(exact['median_rate_day_usd'])} of {exact['priced_count']:,} rows with a rate, "
        f"{exact['priced_role_count']:,} different roles",
        f"  sentiment {_number(exact['sentiment_avg_day'])} of {exact['text_count']:,} rows with a text, "
        f"{exact['text_role_count']:,} different roles",
    ]


def _late(log: dict[str, Any] | None, exact: dict[str, Any]) -> list[str]:
    if not log or log["row_count"] == exact["role_count_day"]:
        return []
    return [f"  {exact['role_count_day'] - log['row_count']:+,} rows since it was released: they change nothing that is public"]


def _sources(connection: duckdb.DuckDBPyConnection, bucket: dict[str, Any]) -> list[str]:
    """Return where the first rows come from, in the order of the files."""
    rows = connection.execute(
        "select file_name, revision, position, posted_at, is_lead, union_status, is_ai, rate_day_usd, rate_reason "
        "from intermediate.int_pulse__classify_rows "
        "where posted_on = $day and region_code = $region and proj_type_code = $type order by file_name, revision, position limit $shown",
        {**bucket, "shown": SHOWN_ROWS},
    ).fetchall()
    lines = ["", f"Where it comes from (the first {len(rows)} rows):"]
    for file_name, revision, position, posted_at, is_lead, union_status, is_ai, rate, reason in rows:
        price = f"${rate:,.2f} a day" if rate is not None else f"no rate: {reason}"
        traits = ["lead" if is_lead else "not lead", union_status, *(["AI"] if is_ai else []), price]
        lines.append(f"  {file_name}, version {revision}, record {position}: {posted_at:%H:%M:%S} UTC, {', '.join(traits)}")
    return lines


def _percent(value: float | None) -> str:
    return "no share" if value is None else f"{value:g} %"


def _dollars(value: int | None) -> str:
    return "rate not given" if value is None else f"${value:,}"


def _number(value: float | None) -> str:
    return "not given" if value is None else f"{value:g}"
