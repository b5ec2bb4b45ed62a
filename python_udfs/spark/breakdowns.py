"""Breakdowns on Spark: which files are new, and what they hold.

Each file is inspected and copied on a worker, by the readers that DuckDB uses: a record is judged alike on both engines. What comes of it are the
two views that the landing model reads, `pulse_deliveries` and `pulse_notices`. The files must lie on storage that every worker sees.
"""

import glob
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, lit, udf

from python_udfs.pulse.building import SAMPLE, _aliases
from python_udfs.pulse.reading import COLUMNS, Layout, file_sha256, inspect_file, list_files, tolerant_copy, try_copy
from python_udfs.runtime.errors import UnusableInputError
from python_udfs.runtime.house import House
from python_udfs.runtime.publish import literal, quoted
from python_udfs.spark.landing import Request

LANDED = "staging.stg_pulse__landed"
_NOTICE = [column for column in COLUMNS if column != "posted_date"]
_CELLS = ["row_problem", "payload"]
_DELIVERIES = (
    "delivery_no int, path string, file_name string, dataset string, revision int, is_repeat boolean, content_hash string, size_bytes bigint, "
    "modified_at timestamp_ntz, layout string, file_problem string, file_detail string"
)
_NOTICES = (
    "delivery_no int, position bigint, "
    + "".join(f"{column} string, " for column in [*_NOTICE, *_CELLS])
    + "views array<struct<position: bigint, posted_date: string, posted_at: timestamp_ntz, view_count: bigint>>"
)


@dataclass(frozen=True)
class Landed:
    """A file's newest delivery."""

    revision: int
    content_hash: str
    size_bytes: int
    modified_at: datetime
    landed_at: datetime


def land(session: SparkSession, house: House, request: Request, variables: Mapping[str, Any]) -> None:
    """Open what is new as the two views: of the source's files, or without one of what the tables hold, else of the sample."""
    landed, held, last_no = _landed(session)
    dataset, files = find(request.source and request.source.removeprefix("file://"), held)
    changed = [(path, name, *_stamp(path)) for path, name in files]
    if not request.rehash:
        changed = [file for file in changed if not is_known(landed.get(file[1]), *file[2:])]
    deliveries = _deliveries(session, changed, variables.get("pulse_encoding"), landed, dataset, last_no)
    session.createDataFrame(deliveries, _DELIVERIES).createOrReplaceTempView("pulse_deliveries")
    scratch = house.home / "data" / "spark" / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    copies = _copies(session, [row for row in deliveries if not row["is_repeat"] and row["file_problem"] is None], scratch)
    notices = session.read.schema(_NOTICES).parquet(*copies) if copies else session.createDataFrame([], _NOTICES)
    notices.createOrReplaceTempView("pulse_notices")


def find(asked: str | None, held: str | None) -> tuple[str, list[tuple[str, str]]]:
    """Return the dataset and its files, as path and name: those asked for, else the sample; tables that hold somebody's own open nothing unasked."""
    if asked is None and held not in (None, "sample"):
        return str(held), []
    try:
        found = json.loads(list_files(asked or str(SAMPLE)))
    except ValueError as error:
        raise UnusableInputError(str(error)) from error
    is_sample = [path for path, _ in found["files"]] == [str(SAMPLE)]
    dataset = "sample" if is_sample else found["dataset"]
    if held not in (None, dataset):
        raise UnusableInputError(
            f"These tables already hold the breakdowns of {held}, not of {dataset}: keep another dataset elsewhere, with another CALLSHEET_HOME."
        )
    return dataset, [(path, name) for path, name in found["files"]]


def is_known(landed: Landed | None, size_bytes: int, modified_at: datetime) -> bool:
    """Say whether a file is the one that landed, unless it was written less than two seconds before: file times are whole seconds, and a second
    version within one would pass unseen.
    """  # fmt: skip
    return (
        landed is not None
        and (landed.size_bytes, landed.modified_at) == (size_bytes, modified_at)
        and landed.modified_at < landed.landed_at - timedelta(seconds=2)
    )


def _landed(session: SparkSession) -> tuple[dict[str, Landed], str | None, int]:
    """Return each file's newest delivery, the dataset, and the last delivery's number."""
    if not session.catalog.tableExists(LANDED):
        return {}, None, 0
    rows = session.sql(
        "select file_name, revision, content_hash, size_bytes, modified_at, landed_at, dataset, max(delivery_no) over () as last_no "
        f"from {LANDED} where position = 0 "
        "qualify row_number() over (partition by file_name order by landed_at desc nulls last, revision desc nulls last) = 1"
    ).collect()
    newest = {row.file_name: Landed(row.revision, row.content_hash, row.size_bytes, row.modified_at, row.landed_at) for row in rows}
    return newest, rows[0].dataset if rows else None, rows[0].last_no if rows else 0


def _stamp(path: str) -> tuple[int, datetime]:
    status = Path(path).stat()
    return status.st_size, datetime.fromtimestamp(int(status.st_mtime), UTC).replace(tzinfo=None)


def _deliveries(
    session: SparkSession,
    changed: Sequence[tuple[str, str, int, datetime]],
    encoding: str | None,
    landed: dict[str, Landed],
    dataset: str,
    last_no: int,
) -> list[dict[str, Any]]:
    """Return one row per file that is new or changed, with how to read it. The workers look."""
    if not changed:
        return []
    paths = session.createDataFrame([(path,) for path, *_ in changed], "path string").repartition(len(changed))
    inspected = paths.select(
        "path",
        udf(file_sha256, "string", useArrow=True)(col("path")).alias("content_hash"),
        udf(inspect_file, "string", useArrow=True)(col("path"), lit(json.dumps(_aliases())), lit(encoding).cast("string")).alias("layout"),
    )
    looked_at = {row.path: row for row in inspected.collect()}
    deliveries = []
    for number, (path, name, size_bytes, modified_at) in enumerate(sorted(changed, key=lambda file: file[1]), start=last_no + 1):
        before, layout = landed.get(name), json.loads(looked_at[path].layout)
        is_repeat = before is not None and before.content_hash == looked_at[path].content_hash
        deliveries.append(
            {
                "delivery_no": number,
                "path": path,
                "file_name": name,
                "dataset": dataset,
                "revision": (before.revision if before else 0) + (not is_repeat),
                "is_repeat": is_repeat,
                "content_hash": looked_at[path].content_hash,
                "size_bytes": size_bytes,
                "modified_at": modified_at,
                "layout": looked_at[path].layout,
                "file_problem": layout["problem"],
                "file_detail": layout["detail"],
            }
        )
    return deliveries


def _copies(session: SparkSession, deliveries: Sequence[dict[str, Any]], scratch: Path) -> list[str]:
    """Let the workers copy each file as Parquet, one task a file, and return the copies."""
    if not deliveries:
        return []
    columns = "delivery_no int, path string, layout string"
    files = session.createDataFrame([(row["delivery_no"], row["path"], row["layout"]) for row in deliveries], columns)
    copy = udf(copy_notices, "string", useArrow=True)
    copied = (
        files.repartition(len(deliveries)).select("path", copy("delivery_no", "path", "layout", lit(str(scratch))).alias("copy")).collect()
    )
    for row in copied:
        if row.copy is None:
            raise UnusableInputError(f"{row.path} is damaged and cannot be read to its end: deliver it again.")
    return sorted(row.copy for row in copied)


def copy_notices(delivery_no: int, path: str, layout_json: str, folder: str) -> str | None:
    """Write one file's notices as Parquet and return its path, None where the file cannot be read to its end.

    The quick reader stops at the first record that is not as it should be; then the whole file is read again, one record after the other.
    """
    layout = Layout(**json.loads(layout_json))
    target = f"{folder}/notices_{delivery_no}.parquet"
    if layout.is_plain and try_copy(_notices(delivery_no, layout, _reader(path, layout)), target):
        return target
    if layout.kind != "csv":
        return None
    try:
        records = tolerant_copy(path, layout_json, f"{folder}/records_{delivery_no}")
    except (OSError, EOFError):
        return None
    layout.kind = "copy"
    return target if try_copy(_notices(delivery_no, layout, f"read_parquet({literal(records)})"), target) else None


def _notices(delivery_no: int, layout: Layout, reader: str) -> str:
    """Return the query of one file's notices, each with its views."""
    cells = ", ".join(f"{_cell(column, layout)} as {column}" for column in COLUMNS)
    judged = "null::varchar as row_problem, null::varchar as payload"
    if layout.kind == "copy":
        judged = "records.row_problem, records.payload"
    elif layout.kind == "json":
        judged = "if(json_type(records.json) is distinct from 'OBJECT', 'record_unreadable', null) as row_problem, null::varchar as payload"
    notice = ", ".join([*_NOTICE, *_CELLS])
    return f"""
        with records as (select {cells}, {judged} from {reader} as records),
        numbered as (select *, row_number() over () as position from records)
        select
            {delivery_no}::integer as delivery_no,
            min(position) as position,
            {notice},
            list({{'position': position, 'posted_date': posted_date, 'posted_at': null::timestamp, 'view_count': 1::bigint}}) as views
        from numbered
        group by {notice}
    """


def _cell(column: str, layout: Layout) -> str:
    if layout.kind == "copy":
        return f"records.{column}"
    index = layout.columns.get(column)
    if index is None:
        return "null::varchar"
    if layout.kind == "csv":
        return f"records.c{index}"
    name = layout.header[index]
    if layout.kind == "json":
        return f"records.json ->> {literal('/' + name.replace('~', '~0').replace('/', '~1'))}"
    return f"records.{quoted(name)}::varchar"


def _reader(path: str, layout: Layout) -> str:
    file = literal(glob.escape(path))
    if layout.kind == "parquet":
        return f"read_parquet({file})"
    if layout.kind == "json":
        compression = literal(layout.compression.replace("none", "uncompressed"))
        return (
            f"read_json({file}, format = 'newline_delimited', records = false, columns = {{'json': 'json'}}, ignore_errors = true, "
            f"compression = {compression})"
        )
    columns = ", ".join(f"'c{index}': 'varchar'" for index in range(len(layout.header)))
    return (
        f"read_csv({file}, auto_detect = false, header = false, skip = 1, delim = {literal(layout.delimiter)}, quote = '\"', escape = '\"', "
        f"max_line_size = 1000000, buffer_size = 32000000, compression = {literal(layout.compression)}, columns = {{{columns}}})"
    )
