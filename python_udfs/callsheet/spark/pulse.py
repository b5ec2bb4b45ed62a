"""pulse on Spark: the Python functions that its models call, and what comes of a run."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, udf

from callsheet.pulse.building import COLUMNS, export_daily
from callsheet.pulse.noise import Noise
from callsheet.pulse.places import find_region, folded_text
from callsheet.pulse.rates import parse_rate
from callsheet.pulse.sentiment import model_version, scorer
from callsheet.workspace import Workspace


def time_of_form(text: str | None, form: str) -> datetime | None:
    """Return the moment (UTC) that a text of the form stands for, None where it is not of it."""
    try:
        moment = datetime.strptime(text or "", form)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@cache
def _scorer() -> Callable[[str], float]:
    return scorer()


def score_text(text: str) -> float:
    """Return the polarity of a text by a model, which each worker loads once."""
    return _scorer()(text)


_FUNCTIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "find_region": (find_region, "struct<code: string, pattern: string, runner_up: string, is_tied: boolean>"),
    "folded_text": (folded_text, "string"),
    "parse_rate": (parse_rate, "struct<rate_day_usd: double, rate_reason: string, rate_basis: string, is_bare_dollar: boolean>"),
    "score_text": (score_text, "double"),
    "sentiment_version": (model_version, "string"),
    "time_of_form": (time_of_form, "timestamp_ntz"),
}


def register(session: SparkSession, workspace: Workspace, variables: Mapping[str, Any]) -> None:
    """Register every function with its type. The key of the noise is read here and travels in the function: no worker needs its file."""
    for name, (function, data_type) in _FUNCTIONS.items():
        session.udf.register(name, udf(function, data_type, useArrow=True))
    if variables.get("pulse_privacy") not in ("off", False):
        noise = Noise(workspace.home)
        noise.key_id()
        session.udf.register("pulse_key_id", udf(noise.key_id, "string", useArrow=False))  # Arrow takes no function without arguments
        session.udf.register("pulse_noise", udf(noise.draw, "double", useArrow=True))


def counts(session: SparkSession, run_ids: Sequence[str]) -> dict[str, int]:
    """Return how many files the runs landed, how many views are kept and in quarantine, and how many buckets are out."""
    files = session.table("staging.stg_pulse__landed").where("position = 0").where(col("run_id").isin(*run_ids)).count()
    kept, quarantined = (
        session.table("intermediate.int_pulse__judge_rows")
        .selectExpr(
            "coalesce(sum(view_count) filter (where reject_reason is null), 0)",
            "coalesce(sum(view_count) filter (where reject_reason is not null), 0)",
        )
        .collect()[0]
    )
    published = session.table("pulse.pulse_release").count()
    return {"files": files, "landed": kept + quarantined, "kept": kept, "quarantined": quarantined, "buckets published": published}


def write_daily(session: SparkSession, output: Path) -> Path:
    """Write the daily pulse by way of a DuckDB file, so that one writer decides its bytes on both engines; return the file it is in."""
    released = session.table("pulse.pulse_release").select(*COLUMNS).toArrow()
    with tempfile.TemporaryDirectory(prefix="callsheet-pulse-") as scratch:
        workspace = Workspace(Path(scratch), Path(scratch) / "callsheet.duckdb")
        with duckdb.connect(str(workspace.database)) as connection:
            connection.register("released", released)
            connection.execute("create schema pulse")
            connection.execute("create table pulse.pulse_release as select * from released")
        return export_daily(workspace, "pulse_release", output)
