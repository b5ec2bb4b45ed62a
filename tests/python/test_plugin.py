"""What the connection of dbt offers to SQL, and who may open what it writes."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from callsheet.functions import Plugin
from callsheet.workspace import for_the_owner_alone
from dbt.adapters.duckdb.credentials import DuckDBCredentials


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a home's database; the plugin changes what this process lets others open, and it is changed back."""
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    with for_the_owner_alone():
        os.umask(0o022)
        yield tmp_path / "data" / "callsheet.duckdb"


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """Open the database as dbt does."""
    plugin = Plugin("callsheet", {}, DuckDBCredentials(path=str(database), schema="main"))
    connection = duckdb.connect(str(database))
    plugin.configure_connection(connection)
    return connection


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_function_of_sql_removes_or_renames_anything(database: Path) -> None:
    with connect(database) as connection:
        precious = database.with_name("precious")
        precious.mkdir()
        own = connection.execute(
            "select function_name from duckdb_functions() where regexp_matches(function_name, 'remove|rename|delete|rmtree|make_folder')"
        ).fetchall()
        assert own == []
        for call in ("remove_folder('{0}')", "rename_file('{0}', '{0}2')"):
            with pytest.raises(duckdb.CatalogException):
                connection.execute(f"select {call.format(precious)}")
        with pytest.raises(duckdb.Error, match="no folder of a home"):
            connection.execute("select home_folder('state', '../../elsewhere')")
        assert precious.is_dir()


def test_database_log_and_state_are_their_owners_alone_and_readers_still_reach_what_is_published(database: Path) -> None:
    with connect(database) as connection:
        connection.execute("create table a as select 1")
        connection.execute("select home_folder('state', 'sentiment'), home_folder('archive', 'score_history')")
        written = [database, database.with_name("callsheet.duckdb.wal"), *database.parent.glob("*/*")]
        assert len(written) == 4
        assert [path for path in written if mode(path) & 0o077] == []
    assert mode(database.parent) == 0o755


@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o640, 0o640), (0o600, 0o600)])
def test_a_database_that_everybody_may_read_is_closed_and_one_that_a_group_shares_is_not(database: Path, before: int, after: int) -> None:
    database.parent.mkdir()
    duckdb.connect(str(database)).close()
    database.chmod(before)
    connect(database).close()
    assert mode(database) == after


def test_copies_go_with_their_connection_and_those_of_a_killed_run_with_the_next(database: Path) -> None:
    left, foreign = (database.parent / name for name in (".callsheet.duckdb-copies-killed", ".other.duckdb-copies-running"))
    for folder in (left, foreign):
        folder.mkdir(parents=True)
    source = database.with_name("breakdowns.csv")
    source.write_text("breakdown_id,posted_date,work_city\na,2026-03-02,Los Angeles\n", encoding="utf-8")
    with connect(database) as connection:
        assert (left.exists(), foreign.exists()) == (False, True)
        aliases = '{"breakdown_id": "breakdown_id", "posted_date": "posted_date", "work_city": "work_city"}'
        ((copy,),) = connection.execute(
            "select copy_notices($1, inspect_file($1, $2, null), 1, false, null)", [str(source), aliases]
        ).fetchall()
        assert connection.execute("select work_city from read_parquet(?)", [copy]).fetchall() == [("Los Angeles",)]
        assert mode(Path(copy).parent) == 0o700
    del connection
    assert sorted(path.name for path in database.parent.iterdir()) == [foreign.name, "breakdowns.csv", "callsheet.duckdb"]
