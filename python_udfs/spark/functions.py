"""Python functions as SQL functions of the session, under the names that python_udfs/plugin.py gives them on DuckDB."""

from collections.abc import Mapping
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

from python_udfs.percentiles.labels import repair_label
from python_udfs.percentiles.reading import read_batch
from python_udfs.runtime.house import House


def register(session: SparkSession, house: House, variables: Mapping[str, Any]) -> None:  # noqa: ARG001 - pulse's needs them
    """Register every function with its type."""
    session.udf.register("repair_label", udf(repair_label, "string", useArrow=True))
    session.udf.register("read_batch", udf(read_batch, "struct<file_problem: string, records: array<string>>", useArrow=True))
