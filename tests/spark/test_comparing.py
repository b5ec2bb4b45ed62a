"""A comparison that could not fail would prove nothing: one changed value, row or column is found."""

from pathlib import Path

import duckdb
import pytest

from tests.spark.comparing import differences

ROWS = "select * from (values (1, 'a', 0.5::double, [1, 2]), (2, 'b', null, null)) as mart (id, name, score, counts)"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (ROWS, None),
        (ROWS.replace("0.5::double", "0.5000000001::double"), None),
        (ROWS.replace("0.5::double", "0.50000001::double"), "1 rows differ"),
        (ROWS.replace("'b', null", "'b', 0::double"), "1 rows differ"),
        (ROWS.replace("'b'", "'B'"), "1 rows differ"),
        (ROWS.replace("[1, 2]", "[2, 1]"), "1 rows differ"),
        (ROWS + " where id = 1", "1 rows differ"),
        (ROWS + f" union all {ROWS} where id = 1", "1 keys repeat"),
        (f"select * exclude (counts) from ({ROWS})", "columns: "),
    ],
)
def test_what_differs_is_found(tmp_path: Path, changed: str, says: str | None) -> None:
    database = tmp_path / "workspace.duckdb"
    folder = tmp_path / "exported" / "percentiles" / "mart"
    folder.mkdir(parents=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema operations; create schema percentiles")
        connection.execute("create table operations.published_tables (table_schema text, table_name text, key_columns text)")
        connection.execute("insert into operations.published_tables values ('percentiles', 'mart', 'id')")
        connection.execute(f"create table percentiles.mart as {ROWS}")
        connection.execute(f"copy ({changed}) to '{folder}/part.parquet' (format parquet)")
    found = differences(database, tmp_path / "exported", "percentiles")["mart"]
    assert found == [] if says is None else found[0].startswith(says)
