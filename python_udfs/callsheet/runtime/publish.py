"""Copies of the marts that readers use, so that nobody ever opens the build database."""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from callsheet.runtime.atomic import replaced_folder
from callsheet.runtime.errors import TakesAwayError, UnusableInputError, explain
from callsheet.runtime.home import PRODUCTS, holdings
from callsheet.workspace import Workspace

# What a published file answers beside its tables: the mid-rank percentile of any score, in any industry, at any iteration.
_ANSWERS = {
    "percentile_curve": """
        create macro percentiles.percentile_of(asked_score, asked_industry, asked_iteration) as table
        select
            100.0 * (
                coalesce(sum(equal_count) filter (where score < asked_score), 0)
                + coalesce(sum(equal_count) filter (where score = asked_score), 0) / 2.0
            ) / sum(equal_count) as percentile,
            sum(equal_count)::bigint as window_count,
            sum(equal_count) < 30 as has_few_scores -- as in scores: percentiles_drift_scores
        from percentiles.percentile_curve
        where industry = asked_industry and iteration = asked_iteration
        having count(*) > 0
    """
}
_EMPTY_IS_GOOD = {"alerts", "quarantine", "score_alerts", "pulse_late"}  # they list what is wrong
AUDIENCES = {"public": 0o755, "internal": 0o700}
STORAGE_VERSION = "v1.5.0"  # the oldest DuckDB whose readers can open what is published
SAMPLE_FILE = "sample_data.txt"  # names the products whose published figures are made up
INNER = "fingerprint"  # columns whose names end so tell incremental models what to do, and readers nothing


@dataclass(frozen=True)
class Mart:
    """One table to publish."""

    schema: str
    table: str
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its quoted name with its schema."""
        return f"{quoted(self.schema)}.{quoted(self.table)}"


def quoted(identifier: str) -> str:
    """Return the identifier for use in SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def publish(workspace: Workspace, *, may_empty: bool = False) -> dict[str, int]:
    """Write `published/public` and `published/internal`: a DuckDB file, Parquet and CSV of each mart. Returns rows by table.

    A table that readers find filled is replaced by an empty one, or by none, only where it may be; those of a product that was switched
    off go without a word.
    """
    if not workspace.holds("operations", "published_tables"):
        raise UnusableInputError(f"{workspace.database} holds nothing to publish yet: run `make run`, or `dbt build`, first.")
    held = holdings(workspace)
    samples = sorted(product for product, holding in held.items() if holding == "sample")
    counts: dict[str, int] = {}
    listed: set[str] = set()
    try:
        with replaced_folder(workspace.published) as fresh:
            for audience, mode in AUDIENCES.items():
                folder = fresh / audience
                folder.mkdir(mode=mode)
                if samples:
                    (folder / SAMPLE_FILE).write_text("".join(f"{product}\n" for product in samples), encoding="utf-8")
                with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
                    connection.execute("set TimeZone = 'UTC'")
                    connection.execute(f"attach {literal(str(workspace.database))} as built (read_only)")
                    target = literal(str(folder / "callsheet.duckdb"))
                    connection.execute(f"attach {target} as published (storage_version '{STORAGE_VERSION}')")
                    connection.execute("use published")
                    listed |= {
                        table for (table,) in connection.execute("select table_name from built.operations.published_tables").fetchall()
                    }
                    for mart in _marts(connection, audience):
                        if mart.schema in held or mart.schema not in PRODUCTS:
                            counts[mart.table] = _write(connection, mart, folder)
                            connection.execute(_ANSWERS.get(mart.table, ""))
                    connection.execute("use memory")
                    connection.execute("detach published")
            if not may_empty:
                retired = sample_products(workspace.published / "internal") - set(samples)
                _refuse_emptied(workspace, counts, listed - _EMPTY_IS_GOOD - _tables_of(workspace, retired))
    except (OSError, duckdb.Error) as error:
        raise explain(error, workspace.database) from error
    return counts


def _refuse_emptied(workspace: Workspace, counts: dict[str, int], watched: set[str]) -> None:
    """Refuse to replace what is published where one of these tables is filled and would be empty or gone afterwards."""
    if not workspace.published.exists():
        return
    with duckdb.connect() as connection:
        published = connection.execute(
            "select parse_filename(file_name, true), num_rows from parquet_file_metadata($files) where num_rows > 0 order by 1",
            {"files": f"{glob.escape(str(workspace.published))}/*/*.parquet"},
        ).fetchall()
    emptied = [f"{table} ({count:,} rows)" for table, count in published if table in watched and not counts.get(table)]
    if emptied:
        raise TakesAwayError(
            f"What is published would lose every row of {', '.join(emptied)}: {workspace.published} was left as it was; "
            "find out why with operations.alerts and operations.quarantine."
        )


@contextmanager
def public_copy(workspace: Workspace, schema: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the public tables of one product as publishing would write them, in memory: nothing else can be read from there."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(workspace.database))} as built (read_only)")
        for mart in _marts(connection, "public"):
            if mart.schema == schema:
                _copy(connection, mart)
        connection.execute("detach built")
        connection.execute("set enable_external_access = false")
        yield connection


def sample_products(folder: Path) -> set[str]:
    """Return the products whose figures in a published folder are made up."""
    path = folder / SAMPLE_FILE
    return set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()


def _tables_of(workspace: Workspace, products: set[str]) -> set[str]:
    """Return the names of the products' tables: those of a sample go without a word when a person's own data have come."""
    with workspace.reading() as connection:
        rows = connection.execute(
            "select table_name from operations.published_tables where list_contains(?, table_schema)", [sorted(products)]
        )
        return {table for (table,) in rows.fetchall()}


def _marts(connection: duckdb.DuckDBPyConnection, audience: str) -> list[Mart]:
    """Return the marts that are both listed and built: with one product switched off, the others still publish."""
    rows = connection.execute(
        """
        select listed.table_schema, listed.table_name, listed.key_columns
        from built.operations.published_tables as listed
        inner join information_schema.tables as existing
            on listed.table_schema = existing.table_schema and listed.table_name = existing.table_name
        where existing.table_catalog = 'built' and listed.audience = ?
        order by listed.table_schema, listed.table_name
        """,
        [audience],
    ).fetchall()
    return [Mart(schema, table, tuple(key.split(","))) for schema, table, key in rows]


def _write(connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path) -> int:
    """Write one mart and return its rows. Sorted by key, so that the same rows are the same bytes."""
    _copy(connection, mart)
    connection.execute(f"copy {mart.name} to {literal(str(folder / f'{mart.table}.parquet'))} (format parquet, compression zstd)")
    write_csv(connection, mart.name, folder / f"{mart.table}.csv")
    return int(connection.execute(f"select count(*) from {mart.name}").fetchall()[0][0])


def _copy(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """Copy what readers get of a mart from the database that is attached as `built`."""
    order = ", ".join(f"{quoted(column)} nulls last" for column in mart.key)
    connection.execute(f"create schema if not exists {quoted(mart.schema)}")
    chosen = f"columns(lambda name: not ends_with(name, '{INNER}'))"
    connection.execute(f"create table {mart.name} as select {chosen} from built.{mart.name} order by {order}")
    _copy_comments(connection, mart)


def _copy_comments(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """Carry the descriptions over, so that the published database explains itself too."""
    place = [mart.schema, mart.table]
    for kind in ("table", "view"):
        for (comment,) in connection.execute(
            f"select comment from duckdb_{kind}s() where database_name = 'built' "
            f"and schema_name = ? and {kind}_name = ? and comment is not null",
            place,
        ).fetchall():
            connection.execute(f"comment on table {mart.name} is {literal(comment)}")
    for column, comment in connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'built' "
        "and schema_name = ? and table_name = ? and comment is not null and not ends_with(column_name, ?)",
        [*place, INNER],
    ).fetchall():
        connection.execute(f"comment on column {mart.name}.{quoted(column)} is {literal(comment)}")


def write_csv(connection: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Write a relation as CSV, in which text that a spreadsheet would run as a formula starts with an apostrophe."""
    columns = []
    for column, kind, *_ in connection.execute(f"describe {relation}").fetchall():
        name = quoted(column)
        guarded = rf"if(regexp_matches({name}, '^\s*[=+\-@]|^[\t\r\n]'), '''' || {name}, {name}) as {name}"
        columns.append(guarded if kind == "VARCHAR" else name)
    connection.execute(f"copy (select {', '.join(columns)} from {relation}) to {literal(str(path))} (header)")
