"""Every command shown in README.md, CONTRIBUTING.md and docs/ is run here, in the order of the page, and its output compared."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from callsheet.pulse.noise import ENVIRONMENT
from callsheet.resonance.films.world import Recipe, World, make_world
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace

from tests.docs_outputs import EXAMPLE_KEY, PAGES
from tests.python.conftest import asset
from tests.python.film_workspace import write_tmdb
from tests.python.terminal import Terminal, blocks, commands, copy_of_the_project

pytestmark = pytest.mark.long  # every page, followed to its end

CHANGED_UPSTREAM = "macros/percentile.sql"
KEPT = [
    "staging.stg_percentiles__landed",
    "intermediate.int_pulse__freeze_days",
    "pulse.release_log",
    "percentiles.scores",
]
SAMPLE = PROJECT / "seeds" / "pulse" / "breakdowns_sample.csv"

# The README's own home is the one that adopt.md goes on with.
PAGES_IN_ORDER = ["docs/tour.md", "docs/pulse.md", "docs/scale.md", "CONTRIBUTING.md", "README.md", "docs/adopt.md"]
OF_STRANGERS = ["docs/quickstarts.md"]  # test_strangers.py types these, on the strangers' files

# What installs, takes minutes or is a test itself is not run here, but by what is named.
ELSEWHERE = {
    "README.md": {
        "make run": "CI, on a fresh machine",
        "source .venv/bin/activate": "make test runs in that environment",
        "make test": "this test is part of it",
        "pip install -r requirements.lock && pip install --no-deps -e .": "make run does the same",
        "dbt build": "sample_workspace is built by it",
    },
    "CONTRIBUTING.md": {
        "make test": "this test is part of it",
        "make test-all": "CI, after make test",
        "make lint": "the first part of make test",
        "make run": "CI, on a fresh machine",
        "source .venv/bin/activate": "make test runs in that environment",
        "pytest tests/python/test_histories.py -k late": "make test runs all of that file",
        "sqlfluff fix models": "make lint fails where it would change anything",
        "dbt build --select +stg_pulse__patterns": "sample_workspace: the whole project",
        "python -m tests.docs_outputs": "test_docs.py compares what it would write",
    },
    "docs/pulse.md": {
        "python scripts/build_pulse.py --reopen 2026-03-02 --database FILE": "test_pulse_days.py",
    },
    "docs/scale.md": {
        "make spark": "make test makes the same environment",
        ".venv-spark/bin/python scripts/run_on_spark.py --product percentiles --master spark://HOST:7077 --source /shared": "tests/spark",
        "python scripts/load_batches.py --batches /shared": "test_histories.py",
    },
    "docs/adopt.md": {
        "pip install --editable '.[postgres]'": "make test installs the same from requirements-dev.lock",
        "python scripts/load_batches.py --from-postgres postgresql://callsheet@db.example/inference": "test_postgres.py",
        "pip install -r requirements.lock && pip install --no-deps -e .": "make run does the same",
    },
}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sample_workspace: Workspace) -> Iterator[Terminal]:
    """Clone the project for a person who has breakdowns, batches and a warehouse, and a home in which the sample is built and published.

    After the clone upstream goes on: it changes how percentiles are planned, which an upgrade has to bring.
    """
    root = tmp_path_factory.mktemp("reader")
    upstream = copy_of_the_project(root / "upstream")
    own = Terminal(upstream, root)
    own.type("git init --quiet && git add --all && git commit --quiet --message first")
    subprocess.run(["git", "clone", "--quiet", str(upstream), str(root / "project")], check=True)
    own.type(f"sed -i.before 's/100.0 /100.00 /' {CHANGED_UPSTREAM}")
    own.type("git commit --quiet --all --message 'Another logic'")

    own = Terminal(root / "project", root)
    shutil.copytree(sample_workspace.home / "data", own.project / "data", symlinks=True, dirs_exist_ok=True)
    publish(Workspace(own.project, own.project / "data" / "callsheet.duckdb"))
    shutil.copy(SAMPLE, own.project / "breakdowns.csv")
    (own.project / "BATCHES").mkdir()
    for number in (1, 2, 3):
        batch = [asset("ID" if (number, place) == (3, 7) else f"a{number}_{place}", (place * 13 + number) % 60 / 60) for place in range(60)]
        (own.project / "BATCHES" / f"batch_{number}.json").write_text(json.dumps(batch), encoding="utf-8")
    write_tmdb(small_world(), own.project / "FILMS")
    (own.project / "FILE").write_text(json.dumps({"year": 2006, "genres": ["Drama"], "must_have": ["NAME"]}), encoding="utf-8")
    with duckdb.connect(str(own.project / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create table castings as from read_csv(?, all_varchar = true)", [str(SAMPLE)])
        warehouse.execute("alter table castings rename work_city to shooting_town")
        warehouse.execute("update castings set shooting_town = 'Lahaina' where role_name[1] in ('D', 'T')")
    own.environment[ENVIRONMENT] = EXAMPLE_KEY
    yield own


def small_world() -> World:
    """Return enough films to learn from. The actor with the most roles is called as the page calls hers."""
    world = make_world(7, Recipe(films=300, actors=150, directors=30, dirt=False))
    busiest = world.credits.loc[world.credits["job"] == "cast", "person_id"].mode()[0]
    world.people.loc[world.people["person_id"] == busiest, "name"] = "NAME"
    return world


def run_the_blocks_of(page: str, terminal: Terminal) -> None:
    terminal.folder = terminal.project
    terminal.environment["CALLSHEET_HOME"] = str(terminal.project)  # what unset means, until the page exports another
    elsewhere = ELSEWHERE.get(page, {})
    for block, shown in blocks(PROJECT / page):
        printed = "".join(terminal.type(command) for command in commands(block) if command not in elsewhere)
        if shown is not None:
            assert printed.rstrip() == shown, f"{page}:\n{block}"


@pytest.fixture(scope="module")
def adopted(terminal: Terminal) -> Terminal:
    """Follow every page to its end. One after another: what a reader of one page has done is there for the next."""
    for page in PAGES_IN_ORDER:
        run_the_blocks_of(page, terminal)
    return terminal


def test_every_page_with_commands_is_followed() -> None:
    assert sorted(str(page.relative_to(PROJECT)) for page in [*PAGES, PROJECT / "CONTRIBUTING.md"] if blocks(page)) == sorted(
        [*PAGES_IN_ORDER, *OF_STRANGERS]
    )


def test_nothing_is_left_out_that_is_not_there() -> None:
    shown = {page: {command for block, _ in blocks(PROJECT / page) for command in commands(block)} for page in ELSEWHERE}
    assert {page: set(named) - shown[page] for page, named in ELSEWHERE.items()} == {page: set() for page in ELSEWHERE}


def test_the_new_region_the_alias_and_the_new_product_are_there(adopted: Terminal) -> None:
    with duckdb.connect(str(adopted.home / "data" / "published" / "internal" / "callsheet.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) > 0 from pulse.pulse_daily where region_code = 'HI'").fetchall() == [(True,)]
        assert connection.execute("from bookings.booked_days").fetchall() == [("Low Tide", 1), ("Night Train", 4)]


def test_the_readers_films_are_what_was_learnt_from(adopted: Terminal) -> None:
    with duckdb.connect(str(adopted.home / "data" / "callsheet.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from imported.films").fetchall() == [(300,)]
        assert connection.execute("select count(*) > 0 from resonance.slates").fetchall() == [(True,)]


def test_a_product_that_is_switched_off_is_not_published(adopted: Terminal) -> None:
    published = {path.stem for path in (adopted.home / "data" / "published").glob("*/*.csv")}
    assert "scores" in published
    assert "model_metrics" not in published


def test_an_upgrade_brings_new_logic_and_keeps_state(adopted: Terminal) -> None:
    assert "100.00 *" in (adopted.project / CHANGED_UPSTREAM).read_text(encoding="utf-8")
    before, after = (adopted.home / folder for folder in ("data-before-the-upgrade", "data"))
    assert (after / "state").is_dir()
    for path in (before / "state").rglob("*"):
        assert path.is_dir() or (after / path.relative_to(before)).read_bytes() == path.read_bytes()
    with duckdb.connect() as connection:
        for name, folder in (("old", before), ("new", after)):
            connection.execute(f"attach '{folder / 'callsheet.duckdb'}' as {name} (read_only)")
        for table in KEPT:
            assert connection.execute(f"select count(*) > 0 from old.{table}").fetchall() == [(True,)]
            assert connection.execute(f"from old.{table} except all from new.{table}").fetchall() == [], table
        fingerprint = "select distinct fingerprint from {}.intermediate.int_percentiles__define_windows"
        assert connection.execute(f"{fingerprint.format('old')} intersect {fingerprint.format('new')}").fetchall() == []


@pytest.mark.soak
def test_seed_run_and_test_one_after_another_end_as_build(sample_workspace: Workspace, tmp_path: Path) -> None:
    own = Terminal(copy_of_the_project(tmp_path / "project"), tmp_path)
    own.environment |= {"CALLSHEET_HOME": str(own.project), ENVIRONMENT: EXAMPLE_KEY, "CALLSHEET_SAMPLE": "all"}
    for command in ("dbt seed", "dbt run", "dbt test"):
        own.type(command)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{sample_workspace.database}' as built (read_only)")
        connection.execute(f"attach '{own.home / 'data' / 'callsheet.duckdb'}' as stepped (read_only)")
        for table in ("percentiles.scores", "pulse.pulse_release", "resonance.model_metrics"):
            ((differing,),) = connection.execute(f"select count(*) from (from built.{table} except all from stepped.{table})").fetchall()
            assert differing == 0, table
