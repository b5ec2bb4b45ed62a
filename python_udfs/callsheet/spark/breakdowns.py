"""Breakdowns on Spark: which files are new, and what they hold.

Each file is inspected and copied on a worker, by the readers that DuckDB uses: a record is judged alike on both engines. What comes of it
are the two views that the landing model reads, `pulse_deliveries` and `pulse_notices`. The files must lie where every worker sees them.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.errors import PythonException
from pyspark.sql import Row, SparkSession
from pyspark.sql.functions import expr, lit, udf

from callsheet.pulse.building import SAMPLE
from callsheet.pulse.notices import NOTICE, copy_notices
from callsheet.pulse.reading import file_sha256, inspect_file, known_aliases, list_files
from callsheet.runtime.errors import UnusableInputError
from callsheet.spark.landing import Request
from callsheet.workspace import Workspace

LANDED = "staging.stg_pulse__landed"
_NEWEST = f"""
    select file_name, revision, content_hash, size_bytes, modified_at, landed_at, dataset, max(delivery_no) over () as last_no
    from {LANDED} where position = 0
    qualify row_number() over (partition by file_name order by landed_at desc nulls last, revision desc nulls last) = 1
"""
_DELIVERIES = (
    "delivery_no int, path string, file_name string, revision int, is_repeat boolean, content_hash string, "
    "size_bytes bigint, modified_at timestamp_ntz, layout string, file_problem string, file_detail string"
)
_NOTICES = (
    "position bigint, "
    + "".join(f"{column} string, " for column in [*NOTICE, "row_problem", "payload"])
    + "views array<struct<position: bigint, posted_date: string, posted_at: timestamp_ntz, view_count: bigint>>"
)


@dataclass(frozen=True)
class File:
    """A file as storage tells of it."""

    path: str
    name: str
    size_bytes: int
    modified_at: datetime

    @classmethod
    def find(cls, path: str, name: str) -> "File":
        """Look at it. Times are whole seconds, as they land."""
        status = Path(path).stat()
        return cls(path, name, status.st_size, datetime.fromtimestamp(int(status.st_mtime), UTC).replace(tzinfo=None))


@dataclass(frozen=True)
class Landed:
    """What the tables hold: the dataset, the last delivery's number, and each file's newest delivery by its name."""

    dataset: str | None
    last_no: int
    newest: Mapping[str, Row]

    def has(self, file: File) -> bool:
        """Say whether it landed so, unless within two seconds of being written: another version of its second would pass unseen."""
        landed = self.newest.get(file.name)
        return (
            landed is not None
            and (landed.size_bytes, landed.modified_at) == (file.size_bytes, file.modified_at)
            and landed.modified_at < landed.landed_at - timedelta(seconds=2)
        )


def land(session: SparkSession, workspace: Workspace, request: Request, variables: Mapping[str, Any]) -> None:
    """Open what is new as the two views: of the source's files, or without one of what the tables hold, else of the sample."""
    landed = _landed(session)
    dataset, files = find(request.source and request.source.removeprefix("file://"), landed.dataset)
    changed = [file for file in files if request.rehash or not landed.has(file)]
    deliveries = _deliveries(changed, landed, _looked_at(session, changed, variables.get("pulse_encoding")))
    opened = session.createDataFrame(deliveries, _DELIVERIES).withColumn("dataset", lit(dataset))
    opened.createOrReplaceTempView("pulse_deliveries")
    scratch = scratch_folder(workspace)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    copies = _copies(session, [row for row in deliveries if not row["is_repeat"] and row["file_problem"] is None], scratch)
    notices = session.read.schema(_NOTICES).parquet(*copies) if copies else session.createDataFrame([], _NOTICES)
    number = expr("cast(replace(_metadata.file_name, '.parquet', '') as int)") if copies else lit(0)
    notices.withColumn("delivery_no", number).createOrReplaceTempView("pulse_notices")


def scratch_folder(workspace: Workspace) -> Path:
    """Return where the copies of the files lie until the models have run."""
    return workspace.home / "data" / "spark" / "scratch"


def find(asked: str | None, held: str | None) -> tuple[str, list[File]]:
    """Return the dataset and its files: those asked for, else the sample; tables that hold somebody's own open nothing unasked."""
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
            f"These tables already hold the breakdowns of {held}, not of {dataset}: "
            "keep another dataset elsewhere, with another CALLSHEET_HOME."
        )
    return dataset, [File.find(path, name) for path, name in found["files"]]


def _landed(session: SparkSession) -> Landed:
    if not session.catalog.tableExists(LANDED):
        return Landed(None, 0, {})
    rows = session.sql(_NEWEST).collect()
    return Landed(rows[0].dataset, rows[0].last_no, {row.file_name: row for row in rows}) if rows else Landed(None, 0, {})


def _looked_at(session: SparkSession, files: Sequence[File], encoding: str | None) -> dict[str, Row]:
    """Return content hash and layout of each file by its path. The workers look."""
    if not files:
        return {}
    looked_at = session.createDataFrame([(file.path,) for file in files], "path string").repartition(len(files))
    layout = udf(inspect_file, "string", useArrow=True)("path", lit(json.dumps(known_aliases())), lit(encoding).cast("string"))
    content_hash = udf(file_sha256, "string", useArrow=True)("path")
    try:
        rows = looked_at.select("path", content_hash.alias("content_hash"), layout.alias("layout")).collect()
    except PythonException as error:
        if "FileNotFoundError" not in str(error):
            raise
        raise UnusableInputError(
            f"The workers of the cluster do not see {files[0].path}: put the breakdowns on storage that all share, under the same path."
        ) from error
    return {row.path: row for row in rows}


def _deliveries(files: Sequence[File], landed: Landed, looked_at: Mapping[str, Row]) -> list[dict[str, Any]]:
    """Return one row per file that is new or changed, with how to read it."""
    deliveries = []
    for number, file in enumerate(sorted(files, key=lambda file: file.name), start=landed.last_no + 1):
        before, seen = landed.newest.get(file.name), looked_at[file.path]
        is_repeat = before is not None and before.content_hash == seen.content_hash
        problem = json.loads(seen.layout)
        deliveries.append(
            {
                "delivery_no": number,
                "path": file.path,
                "file_name": file.name,
                "revision": (before.revision if before else 0) + (not is_repeat),
                "is_repeat": is_repeat,
                "content_hash": seen.content_hash,
                "size_bytes": file.size_bytes,
                "modified_at": file.modified_at,
                "layout": seen.layout,
                "file_problem": problem["problem"],
                "file_detail": problem["detail"],
            }
        )
    return deliveries


def _copies(session: SparkSession, deliveries: Sequence[dict[str, Any]], scratch: Path) -> list[str]:
    """Let the workers copy each file as Parquet, one task a file, and return the copies, each named for its delivery."""
    if not deliveries:
        return []
    files = [(row["path"], row["layout"], str(scratch / f"{row['delivery_no']}.parquet")) for row in deliveries]
    copy = udf(copy_notices, "string", useArrow=True)("path", "layout", "target", lit(False), lit(None).cast("string"))
    tasks = session.createDataFrame(files, "path string, layout string, target string").repartition(len(files))
    for row in tasks.select("path", copy.alias("copy")).collect():
        if row.copy is None:
            raise UnusableInputError(f"{row.path} is damaged and cannot be read to its end: deliver it again.")
    return [target for *_, target in files]
