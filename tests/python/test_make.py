"""What make promises a person about their files."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from callsheet.workspace import PROJECT

MADE_AGAIN = ["target/manifest.json", "logs/dbt.log", "data/.published-x/public/scores.csv"]


def lay(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def clean(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    checkout.mkdir(exist_ok=True)
    shutil.copy(PROJECT / "Makefile", checkout)
    others = {name: value for name, value in os.environ.items() if name != "CALLSHEET_HOME"}
    return subprocess.run(["make", "clean"], cwd=checkout, env=others | environment, check=False, capture_output=True, text=True)


def test_clean_removes_what_can_be_made_again_and_nothing_else(tmp_path: Path) -> None:
    kept = [
        "data/callsheet.duckdb",
        "data/state/key",
        "data/archive/score_history/iteration_3.parquet",
        "data/.gitkeep",
        "models/scores.sql",
    ]
    removed = [*MADE_AGAIN, ".venv/run.done", ".venv-spark/done", "python_udfs/callsheet/__pycache__/a.pyc"]
    lay(tmp_path, *kept, *removed)
    (tmp_path / "data/published").symlink_to(".published-x")
    assert clean(tmp_path).returncode == 0
    assert [name for name in kept if not (tmp_path / name).exists()] == []
    assert [name for name in removed if (tmp_path / name).exists()] == []
    assert not (tmp_path / "data/published").is_symlink()


@pytest.mark.parametrize("name", ["keep me", "-rf", "- x", 'it\'s "mine"', "$(touch spoiled)", "a;b*", "plain"])
@pytest.mark.parametrize("is_absolute", [True, False])
def test_clean_in_a_home_of_any_name_removes_there_and_nowhere_else(tmp_path: Path, name: str, is_absolute: bool) -> None:
    checkout = tmp_path / "checkout"
    home = checkout / name
    siblings = [f"{word}/precious" for word in ("keep", "me", "target", "mine", "a", "b", "x")]
    lay(tmp_path, *siblings)
    lay(checkout, *siblings)
    lay(home, "data/callsheet.duckdb", *MADE_AGAIN)
    (home / "data/published").symlink_to(".published-x")
    assert clean(checkout, CALLSHEET_HOME=str(home) if is_absolute else name).returncode == 0
    assert sorted(path.name for path in home.rglob("*")) == ["callsheet.duckdb", "data"]
    assert [path for root in (tmp_path, checkout) for path in siblings if not (root / path).exists()] == []
    assert not (checkout / "spoiled").exists()


def test_clean_refuses_a_home_that_is_not_ours(tmp_path: Path) -> None:
    checkout, foreign, person = (tmp_path / name for name in ("checkout", "other project", "person"))
    lay(checkout, "Makefile", ".venv/run.done")
    lay(foreign, *MADE_AGAIN, "data/published/report.csv")
    lay(person, *MADE_AGAIN, "data/callsheet.duckdb")  # marked as ours, and still nobody's home folder is cleaned
    (tmp_path / "way home").symlink_to(person)
    for home in (foreign, person, tmp_path / "way home", Path("/"), Path("//"), tmp_path):
        before = sorted(tmp_path.rglob("*"))
        refused = clean(checkout, CALLSHEET_HOME=str(home), HOME=str(person))
        assert (refused.returncode, f"CALLSHEET_HOME is {home}" in refused.stderr) == (2, True), refused.stderr
        assert sorted(tmp_path.rglob("*")) == before
    assert (checkout / ".venv/run.done").exists()


def test_a_folder_that_clean_cannot_know_stays(tmp_path: Path) -> None:
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    lay(home, "data/state/key", "data/published/report.csv", "target/manifest.json")
    assert clean(checkout, CALLSHEET_HOME=str(home)).returncode == 0
    assert (home / "data/published/report.csv").exists()  # publishing makes a link; a folder is somebody's own
    assert not (home / "target").exists()
    assert clean(checkout, CALLSHEET_HOME=str(tmp_path / "never built")).returncode == 0


def test_help_names_every_target() -> None:
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    assert [line.split()[1] for line in shown.splitlines()] == [
        "help",
        "run",
        "test",
        "test-all",
        "spark",
        "test-spark",
        "soak",
        "app",
        "docs",
        "bench",
        "lint",
        "compact",
        "clean",
    ]
