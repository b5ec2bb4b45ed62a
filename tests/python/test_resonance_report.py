"""What a person gets for a brief: a whole folder or none, in the columns agreed, with a manifest that holds; each mistake in one sentence."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from python_udfs.resonance import slate_plots
from python_udfs.runtime.house import PROJECT, House
from python_udfs.runtime.publish import publish
from tests.python.conftest import Outcome

RunScript = Callable[..., Outcome]
PLAIN = ("--year", 2006, "--budget", 20, "--genres", "Action,Thriller")
SCHEMA = json.loads((PROJECT / "python_udfs" / "resonance" / "manifest_schema.json").read_text(encoding="utf-8"))
STEM = "2006_action_thriller_20m"
SLATE = "actor_name,p_base,p_cal,p_high,low,high,role,rank,person_id,credit_count,last_year,proposed_by"


@pytest.fixture(scope="module")
def home(sample_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a home in which nothing lies but what was published."""
    house = House(tmp_path_factory.mktemp("reader"), sample_house.database)
    publish(house)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(house.home))
        yield house.home


def reports(home: Path) -> set[Path]:
    return set((home / "data" / "reports").glob("*"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def recommend(home: Path, run_script: RunScript) -> Callable[..., tuple[Outcome, Path]]:
    """Run recommend.py and return how it ended and the folder it made."""

    def run(*arguments: object) -> tuple[Outcome, Path]:
        before = reports(home)
        outcome = run_script("recommend", *arguments)
        assert outcome.err == ""
        (folder,) = reports(home) - before
        return outcome, folder

    return run


def test_the_folder_holds_what_the_manifest_says(home: Path, recommend: Callable[..., tuple[Outcome, Path]]) -> None:
    outcome, folder = recommend(*PLAIN, "--role", "Hero:1", "--role", "Villain:2", "--top", 6)
    assert outcome.code == 0
    assert re.fullmatch(r"demo_\d{8}_\d{6}(_\d+)?", folder.name)
    manifest = json.loads((folder / f"{STEM}_manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert {file["path"] for file in manifest["files"]} == {path.name for path in folder.iterdir()} - {f"{STEM}_manifest.json"}
    for file in manifest["files"]:
        assert hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"]
        if file["rows"] is not None:
            assert len(rows_of(folder / file["path"])) == file["rows"]
    for source in manifest["inputs"]:
        assert hashlib.sha256((home / source["path"]).read_bytes()).hexdigest() == source["sha256"]
    for path in folder.iterdir():
        assert str(home).encode() not in path.read_bytes()
        assert str(PROJECT).encode() not in path.read_bytes()
    assert all((folder / name).stat().st_size > 20_000 for name in (f"slate_{STEM}.png", f"{STEM}_reasons.png"))


def test_slates_are_in_the_columns_agreed_and_sorted_by_p_high(recommend: Callable[..., tuple[Outcome, Path]]) -> None:
    _, folder = recommend(*PLAIN, "--role", "Hero:1", "--role", "Villain:2", "--top", 6)
    headers = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in folder.glob("*.csv")}
    assert headers == {}
    slate = rows_of(folder / f"slate_{STEM}.csv")
    for role in ("Hero", "Villain"):
        own = [row for row in slate if row["role"] == role]
        assert [int(row["rank"]) for row in own] == list(range(1, 7))
        assert own == sorted(own, key=lambda row: (-float(row["p_high"]), row["person_id"]))
    assert len({row["person_id"] for row in slate}) == 12


def test_the_same_brief_is_the_same_bytes_but_for_the_time(home: Path, recommend: Callable[..., tuple[Outcome, Path]]) -> None:
    (_, first), (_, second) = recommend(*PLAIN), recommend(*PLAIN)
    assert {path.name for path in first.iterdir()} == {path.name for path in second.iterdir()}
    for path in first.iterdir():
        one, other = path.read_bytes(), (second / path.name).read_bytes()
        if path.suffix == ".json":
            one, other = (re.sub(rb'"made_at": "[^"]*"', b"", text) for text in (one, other))
        assert one == other, path.name


def test_a_manifest_is_a_brief_that_gives_the_same_slate(recommend: Callable[..., tuple[Outcome, Path]]) -> None:
    options = ("--director", director(), "--min-credits", 3, "--no-cycle", "--label", "The Heist", "--bill-order", 2)
    _, first = recommend(*PLAIN, *options)
    _, again = recommend("--brief", first / "the_heist_manifest.json")
    assert (first / "slate_the_heist.csv").read_bytes() == (again / "slate_the_heist.csv").read_bytes()


def test_neither_dbt_nor_the_build_database_is_needed(home: Path, tmp_path: Path) -> None:
    """The only thing in the home is data/published, and importing dbt fails."""
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "__init__.py").write_text('raise ImportError("there is no dbt here")\n')
    assert not (home / "data" / "callsheet.duckdb").exists()
    run = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "recommend.py", *map(str, PLAIN), "--json"],
        cwd=tmp_path,
        env={**os.environ, "CALLSHEET_HOME": str(home), "PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    closing = json.loads(run.stdout)
    assert (closing["landed"], closing["kept"], closing["quarantined"]) == (1, 1, 0)
    assert Path(closing["written_to"]).is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dbt"]


def director() -> str:
    return ""


WRONG = {
    "year": ("--year", "soon"),
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG)
def test_a_wrong_argument_gets_one_sentence_and_leaves_nothing(home: Path, run_script: RunScript, options: tuple[object, ...]) -> None:
    before = reports(home)
    outcome = run_script("recommend", *PLAIN, *options)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith("callsheet: ")
    assert reports(home) == before
