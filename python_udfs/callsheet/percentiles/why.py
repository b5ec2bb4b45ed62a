"""From an asset's percentile back to the record it came from."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from callsheet.percentiles.loading import SAMPLE
from callsheet.percentiles.notes import few_scores_note
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import Workspace

NEIGHBOURS = 2  # on each side: enough to see what a little more would have been worth


@dataclass(frozen=True)
class Asset:
    """An asset as clients see it, and the batch that its score comes from."""

    id: str
    score: float
    industry: str
    percentile: float | None
    batch_no: int


def explain_score(workspace: Workspace, asset_id: str) -> list[str]:
    """Return the lines that explain an asset's percentile: its window, neighbours, past, and the record behind it."""
    if not workspace.holds("percentiles", "latest_scores"):
        raise UnusableInputError(f"{workspace.database} holds no scores yet: run `python scripts/load_batches.py` first.")
    with workspace.reading() as connection:
        rows = connection.execute(
            "select id, score, industry, percentile, batch_no from percentiles.latest_scores where id = ?", [asset_id]
        ).fetchall()
        sources = _sources(connection, asset_id)
        if not rows and not sources:
            raise UnusableInputError(f"No asset has the id {asset_id!r}: ids are compared letter by letter, blanks and case included.")
        if not rows:
            return [f"{asset_id} has no percentile: no record of it is valid.", *sources]
        asset = Asset(*rows[0])
        return [*_percentile(connection, asset), *_neighbours(connection, asset), *_past(connection, asset), *sources]


def explain_any_score(workspace: Workspace, score: float, industry: str, at: int | None) -> list[str]:
    """Return the lines that say where any score, delivered or not, stands in its industry: in the newest window, or that of a batch."""
    if not workspace.holds("percentiles", "percentile_curve"):
        raise UnusableInputError(f"{workspace.database} holds no scores yet: run `python scripts/load_batches.py` first.")
    with workspace.reading() as connection:
        ((newest,),) = connection.execute("select max(iteration) from percentiles.percentile_curve").fetchall()
        iteration = newest if at is None else at
        ((lower, equal, total),) = connection.execute(
            "select coalesce(sum(equal_count) filter (where score < $score), 0), "
            "coalesce(sum(equal_count) filter (where score = $score), 0), coalesce(sum(equal_count), 0) "
            "from percentiles.percentile_curve where industry = $industry and iteration = $iteration",
            {"score": score, "industry": industry, "iteration": iteration},
        ).fetchall()
        if not total:
            ((known,),) = connection.execute(
                "select string_agg(distinct industry, ', ' order by industry) from percentiles.percentile_curve where iteration = ?",
                [iteration],
            ).fetchall()
            told = f"the industries there are {known}" if known else f"the newest is that of batch {newest}"
            raise UnusableInputError(f"The window of batch {iteration} has no scores of {industry!r}: {told}.")
    return [
        f"A score of {score:g} in {industry} stands at percentile {100 * (lower + equal / 2) / total:.4f} "
        f"in the window of batch {iteration}: "
        f"of {total:,} scores {lower:,} are lower and {equal:,} equal.{few_scores_note(total)}"
    ]


def _percentile(connection: duckdb.DuckDBPyConnection, asset: Asset) -> list[str]:
    head = f"{asset.id} · {asset.industry} · score {asset.score:g} · batch {asset.batch_no}"
    if asset.percentile is None:
        return [head, "It has no percentile yet: fewer batches have landed than a window holds."]
    window_from, window_to, lower, equal, total = connection.execute(
        "select windows.window_from, windows.window_to, curve.lower_count, curve.equal_count, curve.window_count "
        "from percentiles.percentile_curve as curve inner join intermediate.int_percentiles__define_windows as windows "
        "on curve.iteration = windows.iteration and windows.batch_no = ? "
        "where curve.industry = ? and curve.score = ? order by windows.iteration desc limit 1",
        [asset.batch_no, asset.industry, asset.score],
    ).fetchall()[0]
    return [
        head,
        f"Percentile {asset.percentile:.4f}: of the {total:,} {asset.industry} scores of batches {window_from} to {window_to}, "
        f"{lower:,} are lower and {equal:,} equal, its own included.{few_scores_note(total)}",
    ]


def _neighbours(connection: duckdb.DuckDBPyConnection, asset: Asset) -> list[str]:
    rows = connection.execute(
        """
        with window_rows as (
            select history.id, history.score, history.percentile
            from percentiles.score_history as history
            where history.industry = $industry and history.computed_at_batch = (
                select max(last.computed_at_batch) from percentiles.score_history as last where last.id = $id
            )
        ),
        ranked as (
            select *, row_number() over (order by score desc nulls last, id nulls last) as place from window_rows
        )
        select ranked.id, ranked.score, ranked.percentile
        from ranked
        where abs(ranked.place - (select own.place from ranked as own where own.id = $id)) <= $near
        order by ranked.place
        """,
        {"industry": asset.industry, "id": asset.id, "near": NEIGHBOURS},
    ).fetchall()
    if not rows:
        return []
    return [
        "",
        "Around it in its window:",
        *(f"  {'→' if id_ == asset.id else ' '} {p:9.4f}  {score:<10g} {id_}" for id_, score, p in rows),
    ]


def _past(connection: duckdb.DuckDBPyConnection, asset: Asset) -> list[str]:
    rows = connection.execute(
        "select computed_at_batch, percentile, lower_count, window_count, score from percentiles.score_history where id = ? order by 1",
        [asset.id],
    ).fetchall()
    replaced = connection.execute(
        "select computed_at_batch, percentile, cause, superseded_at from percentiles.score_history_superseded where id = ? order by 4, 1",
        [asset.id],
    ).fetchall()
    lines = [f"  at batch {at:<5} {p:9.4f}  ({lower:,} of {total:,} lower, score {score:g})" for at, p, lower, total, score in rows]
    lines += [f"  at batch {at:<5} {p:9.4f}  until {when:%Y-%m-%d %H:%M} UTC: {cause}" for at, p, cause, when in replaced]
    return ["", "Its past:", *lines] if lines else []


def _sources(connection: duckdb.DuckDBPyConnection, asset_id: str) -> list[str]:
    """Return each record with this id in a delivery in force: file, line, verdict and the record itself."""
    rows = connection.execute(
        """
        select records.file_name, deliveries.revision, records.position, records.reject_reason, landed.payload, landed.dataset,
            deliveries.content_hash
        from intermediate.int_percentiles__judge_records as records
        inner join intermediate.int_percentiles__judge_deliveries as deliveries
            on records.batch_no = deliveries.batch_no and records.fingerprint = deliveries.fingerprint and deliveries.is_in_force
        inner join staging.stg_percentiles__landed as landed
            on records.file_name = landed.file_name and records.revision = landed.revision and records.position = landed.position
        where records.asset_id = ?
        order by records.batch_no, records.position
        """,
        [asset_id],
    ).fetchall()
    lines = []
    for file_name, revision, position, reason, payload, dataset, content_hash in rows:
        verdict = f"not used: {reason}" if reason else "used"
        where = _line(SAMPLE if dataset == "sample" else Path(dataset), file_name, position, content_hash)
        lines.append(f"  {file_name}, version {revision}, record {position}{where} ({verdict}): {payload}")
    return ["", "Where it comes from:", *lines] if lines else []


def _line(folder: Path, file_name: str, position: int, content_hash: str) -> str:
    """Return the record's line number, where the file is still what was landed."""
    path = folder / file_name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != content_hash:
        return ""
    return f", line {line_of_record(content.decode('utf-8-sig'), position)}"


def line_of_record(text: str, position: int) -> int:
    """Return the line on which record number `position` (from 1 on) of a JSON array begins."""
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    for number in range(1, position + 1):
        at = _skip(text, at)
        if number == position:
            break
        at = _skip(text, decoder.raw_decode(text, at)[1])
    return text.count("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    """Return the next place that is neither blank nor comma."""
    while text[at] in " \t\r\n,":
        at += 1
    return at
