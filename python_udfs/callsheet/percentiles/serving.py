"""Percentiles back into PostgreSQL, where clients read them: `scores` and `score_history`, in one transaction.

A partition is a batch of scores, or an iteration of history. Each stands there with the fingerprint of what it was made from, so that only
those whose fingerprint is another are written. Readers see what was there before or what is there afterwards, never a mixture.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from callsheet.runtime.errors import TakesAwayError, UnusableInputError
from callsheet.runtime.postgres import Place
from callsheet.workspace import Workspace

ROWS_AT_ONCE = 100_000
_FIRST_LOCK, _SECOND_LOCK = 1129270355, 1  # "CaLS": of two publishers the second waits


@dataclass(frozen=True)
class Served:
    """A table there, the table here that it is filled from, and what one partition of both is."""

    name: str
    source: str
    partition: str
    columns: dict[str, str]
    key: str


TABLES = (
    Served(
        "scores",
        "percentiles.latest_scores",
        "batch_no",
        {
            "id": "text",
            "score": "double precision not null",
            "industry": "text not null",
            "percentile": "double precision",
            "batch_no": "bigint not null",
            "window_count": "bigint",
        },
        "id",
    ),
    Served(
        "score_history",
        "percentiles.score_history",
        "computed_at_batch",
        {
            "id": "text",
            "computed_at_batch": "bigint",
            "batch_no": "bigint not null",
            "age": "bigint not null",
            "industry": "text not null",
            "score": "double precision not null",
            "lower_count": "bigint not null",
            "equal_count": "bigint not null",
            "window_count": "bigint not null",
            "percentile": "double precision not null",
            "window_from": "bigint not null",
            "window_to": "bigint not null",
        },
        "id, computed_at_batch",
    ),
)


def serve(workspace: Workspace, place: Place, schema: str, *, may_empty: bool = False) -> dict[str, int]:
    """Bring both tables there up to what this database holds; return how many partitions of each were written or taken away."""
    if not workspace.holds("percentiles", "latest_scores"):
        raise UnusableInputError(f"{workspace.database} holds no scores to write back yet: load batches first.")
    with workspace.reading() as connection, place.transaction("be written to") as cursor:
        cursor.execute("select quote_ident($1)", (schema,))
        ((quoted,),) = cursor.fetchall()
        cursor.execute(f"select pg_advisory_xact_lock({_FIRST_LOCK}, {_SECOND_LOCK})")
        _create(cursor, quoted)
        return {table.name: _bring_up_to_date(connection, cursor, quoted, table, may_empty) for table in TABLES}


def _create(cursor: Any, schema: str) -> None:
    """Make what is missing. Every change of a partition leaves its rows dead: vacuum comes at a fiftieth of them, not at a fifth."""
    cursor.execute("select to_regclass($1) is null", (f"{schema}.served_partitions",))
    ((is_missing,),) = cursor.fetchall()
    if not is_missing:
        cursor.execute(f"alter table {schema}.scores add column if not exists window_count bigint")  # older tables lack it
        return
    cursor.execute(f"create schema if not exists {schema}")
    for table in TABLES:
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        cursor.execute(
            f"create table {schema}.{table.name} ({columns}, primary key ({table.key})) with (autovacuum_vacuum_scale_factor = 0.02)"
        )
        cursor.execute(f"create index on {schema}.{table.name} ({table.partition})")
    cursor.execute(
        f"create table {schema}.served_partitions (table_name text, partition_no bigint, fingerprint bigint not null, "
        "row_count bigint not null, served_at timestamptz not null default now(), primary key (table_name, partition_no))"
    )


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection, cursor: Any, schema: str, table: Served, may_empty: bool) -> int:
    wanted = dict(connection.execute(f"select {table.partition}, any_value(fingerprint) from {table.source} group by 1").fetchall())
    cursor.execute(f"select partition_no, fingerprint from {schema}.served_partitions where table_name = $1", (table.name,))
    held = dict(cursor.fetchall())
    if held and not wanted and not may_empty:
        raise TakesAwayError(f"PostgreSQL would lose every row of {schema}.{table.name}: it was left as it was.")
    changed = sorted(number for number, fingerprint in wanted.items() if held.get(number) != fingerprint)
    stale = ",".join(str(number) for number in {*changed, *held} if number in changed or number not in wanted)
    if not stale:
        return 0
    columns = ", ".join(table.columns)
    for relation, partition in ((f"{schema}.{table.name}", table.partition), (f"{schema}.served_partitions", "partition_no")):
        of_table = "" if partition != "partition_no" else f" and table_name = '{table.name}'"
        cursor.execute(f"delete from {relation} where {partition} = any(string_to_array($1, ',')::bigint[]){of_table}", (stale,))
    if changed:
        incoming = f"incoming_{table.name}"
        chosen = connection.execute(
            f"select {columns}, fingerprint from {table.source} where {table.partition} in (select unnest(?))", [changed]
        )
        cursor.adbc_ingest(incoming, chosen.to_arrow_reader(ROWS_AT_ONCE), mode="create", temporary=True)
        cursor.execute(f"insert into {schema}.{table.name} ({columns}) select {columns} from pg_temp.{incoming}")
        cursor.execute(
            f"insert into {schema}.served_partitions (table_name, partition_no, fingerprint, row_count) "
            f"select '{table.name}', {table.partition}, min(fingerprint), count(*) from pg_temp.{incoming} group by {table.partition}"
        )
    return stale.count(",") + 1
