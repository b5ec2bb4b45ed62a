"""The long tests: `python -m tests.soak` runs them, shows each as it ends, and writes date, commit and result into docs/soak.md."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
RECORD = PROJECT / "docs" / "soak.md"
HEAD = """# Soak

`make soak` kills 170 runs at seeded points and 20 loads of a PostgreSQL table that is written meanwhile: with the 10 of `make test-all`
200 in all. It loads that table 200 times, with two crashes of the server, lands 10,000 damaged files, and plants 40 faults that a
check must catch. It adds a line here.

| date (UTC) | commit | result | minutes |
|---|---|---|---|
"""


def main() -> int:
    """Run the tests marked soak and add a line to the record."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="callsheet-home-") as home:
        environment = {**os.environ, "CALLSHEET_HOME": home, "CALLSHEET_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        command = ["pytest", "--verbosity=1", "--numprocesses", "2", "--durations", "10", "-m", "soak"]
        with subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            last = ""
            for line in running.stdout or ():
                print(f"{(time.monotonic() - started) / 60:5.1f} min  {line}", end="", flush=True)
                last = line.strip("= \n") or last
    line = f"| {datetime.now(UTC):%Y-%m-%d} | {commit.stdout.strip()} | {last} | {(time.monotonic() - started) / 60:.0f} |\n"
    RECORD.write_text((RECORD.read_text(encoding="utf-8") if RECORD.exists() else HEAD) + line, encoding="utf-8")
    return running.returncode


if __name__ == "__main__":
    sys.exit(main())
