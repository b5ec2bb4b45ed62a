"""Every mart of two builds, row by row: keys and texts exact, numbers to 1e-9."""

from pathlib import Path

import duckdb

TOLERANCE = 1e-9
_RUN_STAMPS = {"landed_at", "superseded_at", "restated_at", "released_at", "said_at"}  # another time there: compared by which run it was


def differences(database: Path, exported: Path, product: str) -> dict[str, list[str]]:
    """Return what differs in each mart of the product between DuckDB's database and the folder that Spark exported, as a few lines each."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{database}' as built (read_only)")
        marts = connection.execute(
            "select table_name, string_split(key_columns, ',') from built.operations.published_tables where table_schema = ? order by all",
            [product],
        ).fetchall()
        assert marts, f"no marts of {product} in {database}"
        missing = sorted({name for name, _ in marts} ^ {folder.name for folder in (exported / product).iterdir()})
        assert not missing, f"marts that only one of the two builds has: {missing}"
        return {name: _compare(connection, f"{product}.{name}", exported / product / name, keys) for name, keys in marts}


def _compare(connection: duckdb.DuckDBPyConnection, mart: str, folder: Path, keys: list[str]) -> list[str]:
    files = f"read_parquet('{folder}/*.parquet')"
    columns = connection.execute(f"select column_name, column_type from (describe built.{mart})").fetchall()
    there = connection.execute(f"select column_name from (describe select * from {files})").fetchall()
    if sorted(name for name, _ in columns) != sorted(name for (name,) in there):
        return [f"columns: {sorted(name for name, _ in columns)} and {sorted(name for (name,) in there)}"]
    columns = [(name, kind) for name, kind in columns if not name.endswith("fingerprint")]  # each engine's code has its own
    chosen = ", ".join(
        f"dense_rank() over (order by {name}) as {name}" if name in _RUN_STAMPS else f"cast({name} as {kind}) as {name}"
        for name, kind in columns
        if name != "run_id"
    )
    connection.execute(f"create or replace temp table here as select {chosen} from built.{mart}")
    connection.execute(f"create or replace temp table there as select {chosen} from {files}")
    keyed = [key for key in keys if key != "run_id"]
    same = " and ".join(_is_same(name, kind) for name, kind in columns if name not in {"run_id", *keyed}) or "true"
    on = " and ".join(f"here.{key} is not distinct from there.{key}" for key in keyed)
    different = f"from here full join there on {on} where here.{keyed[0]} is null or there.{keyed[0]} is null or not ({same})"
    ((count,),) = connection.execute(f"select count(*) {different}").fetchall()
    shown = connection.execute(f"select here, there {different} order by all limit 3").fetchall()
    ((repeated,),) = connection.execute(f"select count(*) - count(distinct ({', '.join(keyed)})) from there").fetchall()
    lines = [f"{count} rows differ"] * bool(count) + [f"{repeated} keys repeat"] * bool(repeated)
    return lines + [f"{a}\n    {b}" for a, b in shown]


def _is_same(name: str, kind: str) -> str:
    if kind in ("DOUBLE", "FLOAT"):
        close = f"abs(here.{name} - there.{name}) <= {TOLERANCE} * greatest(1, abs(here.{name}))"
        return f"(here.{name} is not distinct from there.{name} or coalesce({close}, false))"
    return f"here.{name} is not distinct from there.{name}"
