"""Rows as Arrow tables, as dbt's Python models and the files of a slate take them."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa


def schema_of(columns: dict[str, str]) -> pa.Schema:
    """Return the schema of columns and their types."""
    return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])


def typed_table(columns: dict[str, str], rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Return these columns of the rows, typed also where there are none: a column never becomes an integer of nulls."""
    return pa.Table.from_pylist(list(rows), schema=schema_of(columns))
