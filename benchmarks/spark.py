"""DuckDB and Spark on one machine on the same batches: `.venv-spark/bin/python -m benchmarks.spark`.

Writes its table into docs/scale.md. Both sides start from files and end with every mart, process start included.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyspark

from benchmarks.batches import write_batch
from python_udfs.runtime.errors import DONE, LOOK
from python_udfs.runtime.house import PROJECT

PAGE = PROJECT / "docs" / "scale.md"
BATCHES = 10
SPARK = {"spark.ui.enabled": "false", "spark.driver.memory": "8g", "spark.sql.shuffle.partitions": "4"}


def seconds(home: Path, script: str, *arguments: str) -> float:
    """Return how long a script took in a home of its own."""
    environment = {**os.environ, "CALLSHEET_HOME": str(home), "CALLSHEET_THREADS": str(os.cpu_count())}
    environment.pop("DBT_TARGET", None)
    started = time.monotonic()
    ran = subprocess.run([sys.executable, str(PROJECT / "scripts" / script), *arguments, "--json"], env=environment, check=False)
    if ran.returncode not in (DONE, LOOK):
        raise SystemExit("a measured run failed: see above")
    return time.monotonic() - started


def measure(scores: int) -> list[tuple[str, float, float]]:
    """Return what was built and the seconds of DuckDB and of Spark: all batches at once, then one more."""
    steps = [(f"{scores:,} scores in {BATCHES} batches", range(1, BATCHES + 1)), ("one more batch", range(BATCHES + 1, BATCHES + 2))]
    measured = []
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
        inbox = Path(scratch) / "inbox"
        inbox.mkdir()
        for name, numbers in steps:
            for number in numbers:
                write_batch(inbox, number, scores // BATCHES)
            on_duckdb = seconds(Path(scratch) / "duckdb", "load_batches.py", "--batches", str(inbox), "--at-once")
            on_spark = seconds(
                Path(scratch) / "spark", "run_on_spark.py", "--product", "percentiles", "--source", str(inbox), "--master", "local[*]",
                *(f"--conf={setting}={value}" for setting, value in SPARK.items()),
            )  # fmt: skip
            measured.append((name, on_duckdb, on_spark))
    return measured


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description="Measure DuckDB beside Spark and write the table of docs/scale.md.")
    parser.add_argument("--scores", type=int, nargs="+", default=[1_000_000, 10_000_000], help="how many scores in ten batches")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    rows = [row for scores in arguments.scores for row in measure(scores)]
    table = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, Spark {pyspark.__version__} local[*], "
        f"{datetime.now(UTC):%Y-%m-%d}. Wall time, process start included.\n\n| | DuckDB | Spark | Spark / DuckDB |\n|---|---|---|---|\n"
    ) + "".join(f"| {name} | {here:.0f} s | {there:.0f} s | {there / here:.1f} × |\n" for name, here, there in rows)
    print(table)
    if not arguments.print:
        page = PAGE.read_text(encoding="utf-8")
        marks = r"(<!-- spark -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(marks, lambda match: match.group(1) + table + match.group(2), page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
