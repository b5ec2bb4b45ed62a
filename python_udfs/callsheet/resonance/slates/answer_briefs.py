"""What the dbt models of briefs call. Landed briefs are parsed and answered by the same functions as those of the script and the app."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from callsheet.resonance.slates import make_slate
from callsheet.resonance.slates.alternates import ALTERNATES
from callsheet.resonance.slates.briefs import Brief, BriefVocabulary, parse_brief
from callsheet.resonance.slates.catalogue import YEARS_AHEAD, Catalogue, genres_of
from callsheet.resonance.training.tables import schema_of, typed_table
from callsheet.runtime.config import own_rows
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.home import tell

_JUDGED = {"brief_no": "int64"} | dict.fromkeys(("label", "brief", "reject_reason", "problem", "payload_hash"), "string")
_LISTS = {
    "slate": make_slate.SLATE, "alternates": ALTERNATES, "reasons": make_slate.REASONS, "directors": make_slate.DIRECTORS,
}  # fmt: skip


def judge_briefs(
    briefs: duckdb.DuckDBPyRelation,
    films: duckdb.DuckDBPyRelation,
    casts: duckdb.DuckDBPyRelation,
    contract: duckdb.DuckDBPyRelation,
    cutoff: int,
) -> pa.Table:
    """Return one row per landed brief: what it asks for as JSON, or the sentence that says what is wrong with it."""
    features = contract.filter("head = 'actor'").order("position").project("feature").fetchall()
    vocabulary = _vocabulary(films, casts, genres_of(name for (name,) in features), cutoff)
    lines = json.loads(own_rows("availability") or "[]")
    availability = [line for line in lines if vocabulary.is_actor(line["person"])]
    if len(availability) < len(lines):
        tell(f"{len(lines) - len(availability)} of {len(lines)} lines of config/availability.csv name no actor of your films.")
    rows = []
    for brief_no, *values in briefs.order("brief_no").fetchall():
        fields = dict(zip((name.removeprefix("asked_") for name in briefs.columns[1:]), values, strict=True))
        row: dict[str, Any] = {
            "brief_no": brief_no,
            "label": fields["label"],
            "payload_hash": hashlib.sha256(json.dumps(fields).encode()).hexdigest(),
        }
        try:
            brief = parse_brief(fields | {"availability": availability}, vocabulary)
            row |= {"label": brief.label, "brief": brief.to_json()}
        except UnusableInputError as error:
            row |= {"reject_reason": "brief_unusable", "problem": str(error)}
        rows.append(row)
    return typed_table(_JUDGED, rows)


def answer_briefs(
    session: duckdb.DuckDBPyConnection, judged: duckdb.DuckDBPyRelation, relations: Mapping[str, duckdb.DuckDBPyRelation]
) -> pa.Table:
    """Return one row per usable brief with its slate and all beside it as lists; `problem` says why there is none."""
    rows = []
    briefs = judged.filter("reject_reason is null").order("brief_no").project("brief_no, label, brief").fetchall()
    catalogue = Catalogue.of(session, relations)
    for brief_no, label, text in briefs:
        row: dict[str, Any] = {"brief_no": brief_no, "label": label}
        try:
            slate = make_slate.recommend(catalogue, Brief.from_json(text, catalogue.known))
            row |= {
                "model_run_id": slate.facts["model_run_id"], "slate": slate.rows, "alternates": slate.alternates, "reasons": slate.reasons,
                "directors": slate.directors, "left_out": [f"{left['role']}: {left['sentence']}" for left in slate.left_out],
                "notes": slate.notes, "missing_count": slate.missing_count, "warning": slate.forecast.warning,
                "forecast_p": slate.forecast.p, "forecast_low": slate.forecast.low, "forecast_high": slate.forecast.high,
                "revenue_low_usd": slate.forecast.revenue_low_usd, "revenue_high_usd": slate.forecast.revenue_high_usd,
                "comparables": slate.forecast.named,
            }  # fmt: skip
        except UnusableInputError as error:
            row["problem"] = str(error)
        rows.append(row)
    texts = dict.fromkeys(("label", "model_run_id", "problem", "warning"), pa.string())
    spoken = dict.fromkeys(("left_out", "notes", "comparables"), pa.list_(pa.string()))
    forecast = dict.fromkeys(("forecast_p", "forecast_low", "forecast_high", "revenue_low_usd", "revenue_high_usd"), pa.float64())
    shapes = {name: pa.list_(pa.struct(list(schema_of(columns)))) for name, columns in _LISTS.items()}
    schema = pa.schema({"brief_no": pa.int64(), **texts, "missing_count": pa.int64(), **spoken, **forecast, **shapes})
    return pa.Table.from_pylist(rows, schema=schema)


def _vocabulary(films: duckdb.DuckDBPyRelation, casts: duckdb.DuckDBPyRelation, genres: tuple[str, ...], cutoff: int) -> BriefVocabulary:
    """Return what a brief may name, before anything is trained: the run of these vars answers years after its cutoff."""
    last = films.aggregate("max(film_year)").fetchall()[0][0] or 0
    actors, directors = (
        dict(casts.filter(f"job = '{job}'").aggregate("person_id, any_value(person_name)", "person_id").fetchall())
        for job in ("cast", "director")
    )
    return BriefVocabulary(genres, min(cutoff, last) + 1, last + YEARS_AHEAD, actors, directors)
