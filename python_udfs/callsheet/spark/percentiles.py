"""Batches of scores on Spark: which files are new, and what one holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, expr, lit

from callsheet.percentiles.loading import SAMPLE
from callsheet.runtime.errors import UnusableInputError
from callsheet.spark.landing import Request, literal_path
from callsheet.workspace import Workspace

LANDED = "staging.stg_percentiles__landed"
_BATCH_FILE = re.compile(r"batch_([0-9]{1,9})[.]json")
_MODIFIED = "cast(date_trunc('second', modificationTime) as timestamp_ntz)"
_OPENED = "path string, length bigint, modificationTime timestamp_ltz, content binary"
_NEWEST = f"""
    select file_name, size_bytes, modified_at, landed_at from {LANDED} where position = 0
    qualify row_number() over (partition by file_name order by landed_at desc nulls last, revision desc nulls last) = 1
"""


@dataclass(frozen=True)
class Delivery:
    """A batch file as storage tells of it, or as it last landed (then with the time of that)."""

    path: str
    size: int
    modified_at: datetime | None
    landed_at: datetime | None = None

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return PurePosixPath(self.path).name


def new_deliveries(present: Iterable[Delivery], landed: Iterable[Delivery], through: int | None, rehash: bool) -> list[Delivery]:
    """Return the batch files to open.

    One whose name, size and time are those of its newest landed delivery is left alone, unless it was written less than two seconds before
    it landed: file times are whole seconds, and a second version within one would pass unseen.
    """
    known = {
        (delivery.name, delivery.size, delivery.modified_at)
        for delivery in landed
        if not rehash and delivery.landed_at and (delivery.modified_at or datetime.min) < delivery.landed_at - timedelta(seconds=2)
    }
    numbered = [(_BATCH_FILE.fullmatch(delivery.name), delivery) for delivery in present]
    wanted = [
        (int(match.group(1)), delivery) for match, delivery in numbered if match and (through is None or int(match.group(1)) <= through)
    ]
    return [delivery for _, delivery in sorted(wanted, key=lambda item: (item[0], item[1].path)) if _stamp(delivery) not in known]


def _stamp(delivery: Delivery) -> tuple[str, int, datetime | None]:
    return delivery.name, delivery.size, delivery.modified_at


def land(session: SparkSession, workspace: Workspace, request: Request, variables: Mapping[str, Any]) -> None:  # noqa: ARG001 - pulse's needs them
    """Open what is new in the folder as the view percentiles_batches. Without a folder: the one the tables hold, else the sample."""
    is_first = not session.catalog.tableExists(LANDED)
    held = None if is_first else session.sql(f"select max(dataset) from {LANDED} where position = 0").collect()[0][0]
    source = request.source or (None if held in (None, "sample") else held)
    if held not in (None, source or "sample"):
        raise UnusableInputError(
            f"These tables already hold the batches of {held}, not of {source}: keep another dataset in another CALLSHEET_HOME."
        )
    folder = source or f"file://{SAMPLE}"
    files = session.read.format("binaryFile").option("pathGlobFilter", "batch_*.json")
    try:
        inbox = files.load(literal_path(folder))
        present = _deliveries(inbox.selectExpr("path", "length", _MODIFIED))
    except AnalysisException as error:
        raise UnusableInputError(f"Spark finds no folder {folder}: give one that every worker sees with --source.") from error
    # Spark lists a file without a byte, but reads no row of it: neither content nor time.
    read = {delivery.path.removeprefix("file:") for delivery in present}
    listed = [re.sub("^file:/+", "/", unquote(path)) for path in inbox.inputFiles()]
    present += [Delivery(path, 0, None) for path in listed if path not in read]
    if is_first and not new_deliveries(present, [], request.through, rehash=True):
        raise UnusableInputError(f"No batch_<N>.json to land in {folder}: batches are named batch_1.json, batch_2.json and so on.")
    landed = [] if is_first else _deliveries(session.sql(_NEWEST))
    new = new_deliveries(present, landed, request.through, request.rehash)
    filled = [literal_path(delivery.path) for delivery in new if delivery.size]
    empty = session.createDataFrame([(delivery.path, 0, None, b"") for delivery in new if not delivery.size], _OPENED)
    opened = (files.load(filled) if filled else inbox.where("false")).select("path", "length", "modificationTime", "content")
    opened.unionAll(empty).select(
        lit(source or "sample").alias("dataset"),
        col("path"),
        col("length").alias("size_bytes"),
        expr(_MODIFIED).alias("modified_at"),
        col("content"),
    ).createOrReplaceTempView("percentiles_batches")


def counts(session: SparkSession, run_ids: Sequence[str]) -> dict[str, int]:
    """Return what the runs landed, kept and put into quarantine, and what they restated."""
    files, landed, kept, quarantined = (
        session.table("percentiles.batch_ledger")
        .where(col("run_id").isin(*run_ids))
        .selectExpr("count(*)", "coalesce(sum(landed_count), 0)", "coalesce(sum(valid_count), 0)", "coalesce(sum(quarantined_count), 0)")
        .collect()[0]
    )
    restated = session.table("percentiles.score_history_superseded").where(col("run_id").isin(*run_ids)).count()
    return {"files": files, "landed": landed, "kept": kept, "quarantined": quarantined, "percentiles restated": restated}


def _deliveries(rows: DataFrame) -> list[Delivery]:
    return [Delivery(*row) for row in rows.collect()]
