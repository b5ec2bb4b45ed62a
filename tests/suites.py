"""Every check and test in one command, with each suite's time: `python -m tests.suites [--only lint]`."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LINT = {
    "ruff": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "sqlfluff": ["sqlfluff", "lint", "--processes", "2", "models", "analyses", "tests/dbt"],
}
TESTS = {
    "spark": [".venv-spark/bin/python", "-m", "pytest", "tests/spark", "-m", "not cluster", "--durations", "3"],
    "pytest": ["pytest", "--numprocesses", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "5", "-m", "not soak"],
}


def main() -> int:
    """Run the suites one after another and end with a table of times; all run, also after a failure."""
    parser = argparse.ArgumentParser(description="Run every check and test.")
    parser.add_argument("--only", choices=["lint", "tests"])
    only = parser.parse_args().only
    suites = (LINT if only != "tests" else {}) | (TESTS if only != "lint" else {})
    outcomes: list[tuple[str, int, float]] = []
    with tempfile.TemporaryDirectory(prefix="callsheet-home-") as home:
        # Nothing a test does may reach the database of whoever runs it. One thread each: two workers share two cores.
        environment = {**os.environ, "CALLSHEET_HOME": home, "CALLSHEET_THREADS": "1"}
        if shutil.which("java") is None and "spark" in suites:
            del suites["spark"]
            print("── spark: left out, there is no Java here")
        for name, command in suites.items():
            print(f"── {name}", flush=True)
            started = time.monotonic()
            code = subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode
            outcomes.append((name, code, time.monotonic() - started))
    print("── times")
    for name, code, seconds in outcomes:
        print(f"{seconds:7.1f} s  {'ok' if code == 0 else 'FAILED'}  {name}")
    return int(any(code for _, code, _ in outcomes))


if __name__ == "__main__":
    sys.exit(main())
