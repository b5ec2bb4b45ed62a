"""Python functions as SQL functions of the session, under the names that python_udfs/callsheet/functions.py gives them on DuckDB."""

from collections.abc import Mapping
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

from callsheet.percentiles.labels import repair_label
from callsheet.percentiles.reading import read_batch
from callsheet.workspace import Workspace


def register(session: SparkSession, workspace: Workspace, variables: Mapping[str, Any]) -> None:  # noqa: ARG001 - pulse's needs them
    """Register every function with its type."""
    session.udf.register("repair_label", udf(repair_label, "string", useArrow=True))
    session.udf.register("read_batch", udf(read_batch, "struct<file_problem: string, records: array<string>>", useArrow=True))
