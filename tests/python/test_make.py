"""What make promises a person about their files."""

import os
import shutil
import subprocess
from pathlib import Path

from python_udfs.runtime.house import PROJECT


def test_clean_removes_what_can_be_made_again_and_nothing_else(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    kept = [
        "data/callsheet.duckdb",
        "data/state/key",
        "data/archive/score_history/iteration_3.parquet",
        "data/.gitkeep",
        "models/scores.sql",
    ]
    removed = [
        "target/manifest.json",
        "logs/dbt.log",
        "data/.published-x/public/scores.csv",
        ".venv/run.done",
        ".venv-spark/done",
        "python_udfs/__pycache__/a.pyc",
    ]
    for name in kept + removed:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "data/published").symlink_to(".published-x")
    environment = {name: value for name, value in os.environ.items() if name != "CALLSHEET_HOME"}
    subprocess.run(["make", "clean"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert [name for name in kept if not (tmp_path / name).exists()] == []
    assert [name for name in removed if (tmp_path / name).exists()] == []
    assert not (tmp_path / "data/published").is_symlink()


def test_help_names_every_target() -> None:
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    assert [line.split()[1] for line in shown.splitlines()] == [
        "help",
        "run",
        "test",
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
