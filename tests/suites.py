"""Checks and tests in one command, with each suite's time: `python -m tests.suites lint|test|long`."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LINT = {
    "ruff": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "sqlfluff": ["sqlfluff", "lint", "models", "analyses", "tests/dbt"],
}
PYTEST = ["pytest", "--numprocesses", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "0", "--durations-min", "5", "-m"]
SUITES = {
    "lint": LINT,
    "test": LINT | {"pytest": [*PYTEST, "not long and not soak"]},
    "long": {"pytest, long": [*PYTEST, "long and not soak"]},
}
# One core is enough for each of these, so they run beside the others.
MYPY = {"mypy": ["mypy"]}
SPARK = {"spark": [".venv-spark/bin/python", "-m", "pytest", "tests/spark", "-m", "not cluster", "--durations", "3"]}
BESIDE = {"lint": MYPY, "test": MYPY, "long": SPARK}
Outcome = tuple[str, int, float]


def main() -> int:
    """Run the suites and end with a table of times; all run, also after a failure."""
    parser = argparse.ArgumentParser(description="Run checks and tests.")
    parser.add_argument("which", choices=SUITES)
    which = parser.parse_args().which
    beside = BESIDE[which]
    if beside is SPARK and shutil.which("java") is None:
        beside = {}
        print("── spark: left out, there is no Java here")
    with tempfile.TemporaryDirectory(prefix="callsheet-home-") as home, ThreadPoolExecutor() as others:
        # Nothing a test does may reach the database of whoever runs it. One thread each: two workers share two cores.
        environment = {**os.environ, "CALLSHEET_HOME": home, "CALLSHEET_THREADS": "1"}
        started = [others.submit(_run, name, command, environment, is_shown_at_end=True) for name, command in beside.items()]
        outcomes = [_run(name, command, environment) for name, command in SUITES[which].items()]
        outcomes += [suite.result() for suite in started]
    print("── times")
    for name, code, seconds in outcomes:
        print(f"{seconds:7.1f} s  {'ok' if code == 0 else 'FAILED'}  {name}")
    return int(any(code for _, code, _ in outcomes))


def _run(name: str, command: list[str], environment: dict[str, str], *, is_shown_at_end: bool = False) -> Outcome:
    started = time.monotonic()
    if not is_shown_at_end:
        print(f"── {name}", flush=True)
    into, errors = (subprocess.PIPE, subprocess.STDOUT) if is_shown_at_end else (None, None)
    ran = subprocess.run(command, cwd=PROJECT, env=environment, check=False, stdout=into, stderr=errors, text=True)
    if is_shown_at_end:
        print(f"── {name}\n{ran.stdout}", flush=True)
    return name, ran.returncode, time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
