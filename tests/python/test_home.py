"""What a home decides: whether samples are taken, what its config adds, and what a checkout over an old environment is told."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from callsheet.runtime import config, home
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.publish import publish, sample_products
from callsheet.workspace import PROJECT, Workspace

from tests.python.conftest import Outcome, Workshop, asset

RunScript = Callable[..., Outcome]


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workspace:
    """Return an empty home where nobody asked for samples."""
    monkeypatch.delenv(home.SAMPLE_VARIABLE)
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    return Workspace.find()


@pytest.mark.parametrize("command", [["load_batches"], ["build_pulse"]], ids=["load", "pulse"])
def test_no_sample_is_taken_unasked(command: list[str], own_home: Workspace, run_script: RunScript) -> None:
    refused = run_script(*command)
    assert (refused.code, refused.out) == (2, "")
    assert "or take the sample with --sample" in refused.err
    assert not own_home.database.exists()


def test_a_home_without_data_says_how_to_bring_some_in(own_home: Workspace) -> None:
    from callsheet.runtime.building import build_home  # noqa: PLC0415

    with pytest.raises(UnusableInputError, match="callsheet build --sample"):
        build_home(own_home, sample=False, progress=False)


@pytest.mark.long
def test_plain_dbt_makes_no_rows_of_a_product_without_data_and_publishing_leaves_it_out(own_home: Workspace, workshop: Workshop) -> None:
    workshop.deliver(1, [asset(f"a{number}", 0.5) for number in range(3)])
    selection = ("--select", "percentiles", "+stg_pulse__landed", "operations", "--exclude-resource-type", "test", "unit_test")
    Dbt(own_home).build(*selection, variables={"percentiles_batches": str(workshop.inbox)})
    assert home.holdings(own_home) == {"percentiles": "own"}
    with own_home.reading() as connection:
        assert connection.execute("select count(*) from staging.stg_pulse__landed").fetchall() == [(0,)]
    publish(own_home)
    assert sample_products(own_home.published / "public") == set()


@pytest.mark.long
def test_the_first_own_data_retire_the_sample_and_its_state_in_one_line(
    own_home: Workspace, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    without_tests = ("--select", "percentiles", "operations", "--exclude-resource-type", "test", "unit_test")
    monkeypatch.setenv(home.SAMPLE_VARIABLE, "all")
    Dbt(own_home).build(*without_tests)
    publish(own_home)
    assert sample_products(own_home.published / "public") == {"percentiles"}
    monkeypatch.delenv(home.SAMPLE_VARIABLE)
    workshop.deliver(1, [asset(f"a{number}", 0.5) for number in range(3)])
    Dbt(own_home).build(*without_tests, variables={"percentiles_batches": str(workshop.inbox)})
    assert capfd.readouterr().err.count("the samples of percentiles were taken out") == 1
    assert home.holdings(own_home) == {"percentiles": "own"}
    with own_home.reading() as connection:
        assert connection.execute("select count(*), min(id) from percentiles.scores").fetchall() == [(3, "a0")]


@pytest.mark.long
def test_own_industries_come_on_top_of_the_projects_and_need_no_header(own_home: Workspace, workshop: Workshop) -> None:
    (own_home.home / "config").mkdir()
    (own_home.home / "config" / "industries.csv").write_text("Luxury\ncars\n")
    workshop.deliver(1, [asset("a", 0.5, "Luxury"), asset("b", 0.5, "Cars"), asset("c", 0.5, "Food"), asset("d", 0.5, "Toys")])
    selection = ("--select", "percentiles", "--exclude-resource-type", "test", "unit_test")
    Dbt(own_home).build(*selection, variables={"percentiles_batches": str(workshop.inbox)})
    with own_home.reading() as connection:
        # Of two spellings of one industry the home's own counts.
        found = connection.execute("select id, industry from percentiles.scores order by id").fetchall()
        assert found == [("a", "Luxury"), ("b", "cars"), ("c", "Food")]
    with (own_home.home / "config" / "industries.csv").open("a") as file:
        file.write("Toys\n")
    Dbt(own_home).build(*selection)
    with own_home.reading() as connection:
        assert connection.execute("select id from percentiles.scores order by id").fetchall() == [("a",), ("b",), ("c",), ("d",)]


def test_industries_of_an_old_database_move_into_the_config_once(own_home: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    own_home.database.parent.mkdir(parents=True)
    with duckdb.connect(str(own_home.database)) as connection:
        connection.execute("create schema reference; create table reference.industries as select 'Luxury' as industry")
        connection.execute("create table reference.regions_local (code text, label text, country text, currency text, parent_code text)")
    path = own_home.home / "config" / "industries.csv"
    for _ in range(2):
        Dbt(own_home).build("--select", "industries", "stg_percentiles__industries", "--exclude-resource-type", "test", "unit_test")
        assert path.read_text() == "industry\nLuxury\n"
    assert capfd.readouterr().err.count(str(path)) == 1
    assert [file.name for file in path.parent.iterdir()] == ["industries.csv"]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("industries.csv", "name,note\nCars,\n", "another header than its seed: write industry"),
        ("score_baselines.csv", "industry,from_batch,to_batch,reason\nCars,one,2,x\n", "line 2: from_batch is 'one'"),
        ("regions.csv", "code,label,country,currency,parent_code\n,Nowhere,US,USD,\n", "line 2: code is ''"),
        ("prices.csv", "a\n1\n", "is no config of callsheet"),
    ],
)
def test_a_config_that_cannot_be_used_gets_one_sentence(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnusableInputError, match=problem):
        config.read_rows(tmp_path / name)


@pytest.mark.parametrize("name", [name for name in config.FILES if config.seed_of(name)])
def test_every_config_has_the_header_of_its_seed(name: str) -> None:
    (seed,) = (PROJECT / "seeds").glob(f"*/{name}.csv")
    header = seed.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert list(config.FILES[name].model_fields) == (header[1:] if name == "people" else header)  # a person has no number of a line


@pytest.mark.parametrize(("installed", "is_told"), [("", True), (None, False)], ids=["older", "the same"])
def test_an_environment_of_another_version_is_told_what_to_run(
    tmp_path: Path, installed: str | None, is_told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(PROJECT / "requirements.lock", tmp_path)
    (tmp_path / ".venv").mkdir()
    lock = (tmp_path / "requirements.lock").read_text()
    (tmp_path / ".venv" / "run.done").write_text(lock if installed is None else installed)
    monkeypatch.setattr(home, "PROJECT", tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    home.say_what_to_run()
    assert ("type `make run`" in capsys.readouterr().err) == is_told


def test_check_reads_what_it_is_given(own_home: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from callsheet.cli import app  # noqa: PLC0415

    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "regions.csv").write_text("code,label,country,currency,parent_code\nHI,Hawaii,US,USD,US_WEST\n")
    in_force = f"{tmp_path / 'config' / 'regions.csv'}: 1 row on top of the project's {PROJECT / 'seeds' / 'pulse' / 'regions.csv'}\n"
    for words, told in (([], f"{in_force}look: There are no data"), ([str(tmp_path / "config")], f"{in_force}Checked the config")):
        with pytest.raises(SystemExit) as ended:
            app(["check", *words], prog_name="callsheet")
        assert ended.value.code == 0
        assert told in capsys.readouterr().out
    assert not own_home.database.exists()
    assert os.environ["CALLSHEET_HOME"] == str(tmp_path)
