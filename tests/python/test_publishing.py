"""What readers get: the same bytes for the same input, whole files, no more than their audience may see, safe to open."""

import csv
import re
import shlex
import shutil
import stat
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from callsheet.percentiles import loading
from callsheet.pulse.noise import ENVIRONMENT
from callsheet.runtime import publish as publishing
from callsheet.runtime.atomic import replaced_folder
from callsheet.runtime.closing import closing_lines
from callsheet.runtime.compact import compact
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import PROJECT, Workspace

from tests.docs_outputs import EXAMPLE_KEY
from tests.python.conftest import TELLS_OF_RUNS, Outcome, Workshop, asset, project_with_seeds
from tests.python.kills import published_bytes

pytestmark = pytest.mark.long  # whole runs, built and published again


def all_bytes(workspace: Workspace) -> dict[str, bytes]:
    """Return every published CSV and Parquet file that does not tell of runs."""
    return {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for path in sorted(workspace.published.glob("*/*"))
        if path.suffix in (".csv", ".parquet") and path.stem not in TELLS_OF_RUNS
    }


def built_and_published(root: Path, threads: int, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("CALLSHEET_THREADS", str(threads))
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    Dbt(workspace).build("--exclude-resource-type", "test", "unit_test", "--threads", str(threads))
    publishing.publish(workspace)
    return workspace


def test_same_input_is_the_same_bytes_with_1_2_and_8_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)  # each workspace would make a key of its own, and so other noise
    first, *others = [all_bytes(built_and_published(tmp_path / str(threads), threads, monkeypatch)) for threads in (1, 2, 8)]
    assert len(first) >= 12
    assert all(other == first for other in others)


def test_the_last_lines_of_a_build_are_few_and_what_they_say_to_try_works(
    sample_workspace: Workspace, tmp_path: Path, run_script: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(sample_workspace.home, tmp_path, symlinks=True, dirs_exist_ok=True)
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    lines = [*closing_lines(workspace, publishing.publish(workspace), "Built all; 1.0 s")]
    assert [line.split(" tables of ")[1] for line in lines[:4]] == ["operations", "percentiles", "pulse", "resonance"]
    assert lines[4] == "Built all; 1.0 s"
    browser, *tries = [line.split("   ")[0].strip() for line in lines[5:8]]
    assert browser == "make app"
    for line in tries:
        command, *arguments = shlex.split(line.removeprefix("callsheet "))
        assert run_script(command, *arguments).code == 0, line
    assert lines[8:] == [f"Read on: {PROJECT / 'docs' / 'tour.md'}; the log: {tmp_path / 'logs' / 'dbt.log'}"]


def test_a_second_build_changes_no_mart(sample_workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sample_workspace.home, tmp_path, symlinks=True, dirs_exist_ok=True)
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    publishing.publish(workspace)
    before = all_bytes(workspace)
    Dbt(workspace).build()
    publishing.publish(workspace)
    assert all_bytes(workspace) == before


@pytest.fixture
def published(workshop: Workshop) -> Workspace:
    workshop.deliver(1, [asset("=1+1", 0.5), asset("@cmd", 0.6), asset("-7", -0.7), asset("\t=1", 0.8), asset("plain", 0.9)])
    workshop.deliver(2, [asset("later", "error")])
    workshop.load()
    publishing.publish(workshop.workspace)
    return workshop.workspace


def test_duckdb_file_parquet_and_csv_hold_the_same_rows(published: Workspace) -> None:
    for audience in ("public", "internal"):
        folder = published.published / audience
        with duckdb.connect(str(folder / "callsheet.duckdb"), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            assert {table for _, table in tables} == {path.stem for path in folder.glob("*.csv")}
            for schema, table in tables:
                rows = connection.execute(f"select * from {schema}.{table}").fetchall()
                assert connection.execute(f"select * from '{folder / table}.parquet'").fetchall() == rows
                with (folder / f"{table}.csv").open(newline="") as lines:
                    assert len(list(csv.reader(lines))) == len(rows) + 1


def test_published_tables_explain_themselves(published: Workspace) -> None:
    with duckdb.connect(str(published.published / "public" / "callsheet.duckdb"), read_only=True) as connection:
        ((comment,),) = connection.execute("select comment from duckdb_tables() where table_name = 'scores'").fetchall()
        assert comment.startswith("One row per asset")
        assert connection.execute("select count(*) from duckdb_columns() where comment is null and not internal").fetchall() == [(0,)]


def test_a_published_file_tells_the_percentile_of_any_score(workshop: Workshop) -> None:
    for batch_no in range(1, 6):
        workshop.deliver(batch_no, [asset(f"a{batch_no}_{place}", (place * 7 + batch_no) % 10 / 10) for place in range(20)])
    workshop.load()
    publishing.publish(workshop.workspace)
    with duckdb.connect(str(workshop.workspace.published / "public" / "callsheet.duckdb"), read_only=True) as connection:
        asked = "select percentile, window_count from percentiles.percentile_of(?, ?, ?)"
        rows = connection.execute(
            "select score, industry, computed_at_batch, percentile, window_count from percentiles.score_history"
        ).fetchall()
        assert len({row[2] for row in rows}) >= 3
        for score, industry, iteration, percentile, count in rows:
            assert connection.execute(asked, [score, industry, iteration]).fetchall() == [(pytest.approx(percentile, abs=1e-9), count)]
        _, industry, iteration, _, count = rows[-1]
        assert connection.execute(asked, [-1e9, industry, iteration]).fetchall() == [(0, count)]
        assert connection.execute(asked, [0.5, industry, 0]).fetchall() == []  # there is no such window
        took = []
        for _ in range(20):
            started = time.perf_counter()
            connection.execute(asked, [0.5, industry, iteration]).fetchall()
            took.append(time.perf_counter() - started)
        assert min(took) < 0.01


def test_text_that_a_spreadsheet_would_run_is_disarmed_in_csv_only(published: Workspace) -> None:
    with (published.published / "public" / "scores.csv").open(newline="") as lines:
        ids = {row["id"] for row in csv.DictReader(lines)}
    assert ids == {"'=1+1", "'@cmd", "'-7", "'\t=1", "plain"}
    with duckdb.connect(str(published.published / "public" / "callsheet.duckdb"), read_only=True) as connection:
        assert connection.execute("select id from percentiles.scores where id = '=1+1'").fetchall() == [("=1+1",)]


def test_internal_marts_are_out_of_the_public_folder_and_closed_to_others(published: Workspace) -> None:
    public = {path.stem for path in (published.published / "public").iterdir()}
    assert public.isdisjoint({"quarantine", "batch_ledger", "runs", "run_steps", "alerts", "latest_scores"})
    assert stat.S_IMODE((published.published / "internal").stat().st_mode) == 0o700


def test_raw_payloads_are_never_published(workshop: Workshop) -> None:
    payload = "raw-payload-that-nobody-may-see"
    workshop.deliver(1, [{"id": "a", "score": "error", "industry": payload}, payload, asset("b", 0.5)])
    workshop.load()
    publishing.publish(workshop.workspace)
    assert workshop.query("select count(*) from staging.stg_percentiles__landed where contains(payload, 'raw-payload')") == [(2,)]
    for path in workshop.workspace.published.glob("*/*"):
        assert payload.encode() not in path.read_bytes(), path


def test_a_failed_publish_leaves_what_was_there(published: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = published_bytes(published)

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "_write", fail)
    with pytest.raises(Exception, match="No space is left on the disk"):
        publishing.publish(published)
    assert published_bytes(published) == before
    assert len(list((published.home / "data").glob(".published-*"))) == 1


def test_a_run_that_would_take_most_away_stops_and_so_does_publishing(
    workshop: Workshop, run_script: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody replaces the list of industries by their own, and loads one more batch."""
    monkeypatch.setenv("CALLSHEET_HOME", str(workshop.root))
    for number in (1, 2, 3):
        workshop.deliver(number, [asset(f"{number}-{i}", i / 10) for i in range(10)])
    assert run_script("load_batches", "--batches", workshop.inbox).code == 0
    assert run_script("publish").code == 0
    tables = ("scores", "score_history", "percentile_curve", "scores_against_current_window", "latest")
    before, published = {name: workshop.derived()[name] for name in tables}, published_bytes(workshop.workspace)

    project = project_with_seeds(workshop.root, industries=["Boats"])
    with monkeypatch.context() as patch:
        patch.setattr(loading, "Dbt", lambda workspace: Dbt(workspace, project))
        workshop.deliver(4, [asset(f"4-{i}", i / 10) for i in range(5)])
        for _ in range(2):  # it is not the second try that tells it is meant
            outcome = run_script("load_batches")
            assert (outcome.code, outcome.out) == (3, "")
            assert "30 of the 30 rows of scores would go (industry_unknown 30)" in outcome.err
            assert outcome.err.endswith("scripts/load_batches.py --yes\n")
            assert {name: workshop.derived()[name] for name in tables} == before
        assert run_script("load_batches", "--yes").code == 0
    assert workshop.query("select * from percentiles.scores") == []
    outcome = run_script("publish")
    assert (outcome.code, outcome.out) == (3, "")
    assert "scores (30 rows)" in outcome.err
    assert outcome.err.endswith("scripts/publish.py --yes\n")
    assert published_bytes(workshop.workspace) == published
    assert run_script("publish", "--yes").code == 0
    assert (workshop.workspace.published / "public" / "scores.csv").read_text().splitlines() == [
        "id,score,industry,percentile,has_few_scores"
    ]
    # With the list as it was, everything is back, and nothing has to be confirmed.
    assert run_script("load_batches").code == 0
    assert workshop.query("select count(*) from percentiles.scores") == [(35,)]


def test_rows_that_come_back_in_another_batch_are_not_taken_away(workshop: Workshop, run_script: Callable[..., Outcome]) -> None:
    """Withdrawing and correcting go on without a question while most rows stay, whichever batch they stand in."""
    database = ("--database", workshop.workspace.database)
    for number in (1, 2, 3):
        workshop.deliver(number, [asset(f"again-{i}", i / 10) for i in range(10)])
    workshop.deliver(2025, [asset(f"new-{i}", i / 10) for i in range(12)])
    run_script("load_batches", "--batches", workshop.inbox, *database)
    assert workshop.query("select count(*) from percentiles.scores") == [(22,)]
    workshop.deliver(3, [])  # all of its ids are in batch 2 too
    workshop.deliver(2025, [])
    workshop.deliver(4, [asset(f"new-{i}", i / 10) for i in range(12)])
    assert run_script("load_batches", *database).code == 0
    for number in (1, 2):
        workshop.deliver(number, [])
    assert run_script("load_batches", *database).code == 0  # ten of 22
    workshop.deliver(4, [asset(f"new-{i}", i / 10) for i in range(5)])
    outcome = run_script("load_batches", *database)
    assert outcome.code == 3
    assert "7 of the 12 rows of scores would go (no longer delivered 7)" in outcome.err
    assert run_script("load_batches", *database, "--yes").code == 0
    assert workshop.query("select count(*) from percentiles.scores") == [(5,)]


def test_an_alert_that_is_gone_leaves_an_empty_table_and_that_is_no_loss(workshop: Workshop) -> None:
    workshop.deliver(1, [asset("good", 0.5), asset("bad", "error")])
    workshop.load()
    publishing.publish(workshop.workspace)
    workshop.deliver(1, [asset("good", 0.5), asset("bad", 0.6)])
    workshop.load()
    assert publishing.publish(workshop.workspace)["alerts"] == 0


def test_a_folder_that_publishing_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    with pytest.raises(UnusableInputError, match="move it away"), replaced_folder(tmp_path / "published"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["published"]


def test_a_reader_keeps_the_version_it_opened(tmp_path: Path) -> None:
    target = tmp_path / "published"
    for text in ("old", "new"):
        with replaced_folder(target) as fresh:
            (fresh / "file").write_text(text)
        if text == "old":
            reader = (target / "file").open()
    assert (reader.read(), (target / "file").read_text()) == ("old", "new")
    reader.close()


def test_compacting_keeps_every_row_and_gives_space_back(sample_workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(sample_workspace.home, tmp_path, symlinks=True, dirs_exist_ok=True)
    workshop = Workshop(tmp_path)
    Dbt(workshop.workspace).build("--full-refresh", "--exclude-resource-type", "test", "unit_test")
    state = {table: workshop.query(f"select * from {table}") for table in ("staging.stg_percentiles__landed", "operations.run_log")}
    derived = workshop.derived()
    before, after = compact(workshop.workspace)
    assert after < before
    assert workshop.derived() == derived
    assert {table: workshop.query(f"select * from {table}") for table in state} == state
    Dbt(workshop.workspace).build("--exclude-resource-type", "test", "unit_test")
    assert workshop.derived() == derived


@pytest.mark.parametrize(("schema", "table", "is_hinted"), [("pulse", "pulse_release", True), ("operations", "table_growth", False)])
def test_the_closing_hint_reads_what_is_there(
    tmp_path: Path, run_script: Callable[..., Outcome], schema: str, table: str, is_hinted: bool
) -> None:
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    workspace.database.parent.mkdir()
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(
            f"create schema operations; create schema if not exists {schema}; create table {schema}.{table} as "
            "select 7 as key, date '2026-03-02' as date_utc, 'LA' as region_code, 'F' as proj_type_code"
        )
        connection.execute("create schema staging; create table staging.stg_pulse__landed as select 'own' as dataset")
        connection.execute(
            "create table operations.published_tables as "
            f"select '{schema}' as table_schema, '{table}' as table_name, 'public' as audience, 'key' as key_columns, '' as description"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(tmp_path))
        published = run_script("publish")
    hints = re.findall(r"read_only=True\)\.sql\('(.*)'\)", published.out)
    assert published.code == 0, published.err
    assert len(hints) == is_hinted
    with duckdb.connect(str(workspace.public), read_only=True) as connection:
        assert [connection.execute(hint).fetchall() for hint in hints] == [[(7, date(2026, 3, 2), "LA", "F")]] * is_hinted


def test_another_home_is_the_only_place_written_to(
    tmp_path: Path, run_script: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, sample_workspace: Workspace
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CALLSHEET_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    others = [*sample_workspace.home.rglob("*"), *(PROJECT / "data").glob("*"), *PROJECT.glob("*")]
    before = {path: path.stat().st_mtime_ns for path in others}
    assert run_script("load_batches", "--through", 3).code == 0
    assert run_script("publish").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert sorted(path.name for path in home.iterdir()) == ["config", "data", "logs", "target"]
    assert {path: path.stat().st_mtime_ns for path in others} == before
