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
Row = tuple[str, float, float]  # what was built, seconds on DuckDB, seconds on Spark
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


def on_spark(home: Path, product: str, source: Path) -> float:
    """Return how long Spark took for a product."""
    settings = [f"--conf={name}={value}" for name, value in SPARK.items()]
    return seconds(home, "run_on_spark.py", "--product", product, "--source", str(source), "--master", "local[*]", *settings)


def percentiles(scores: int, scratch: Path) -> list[Row]:
    """Build all batches at once, then one more."""
    inbox = scratch / "inbox"
    inbox.mkdir()
    rows = []
    for name, numbers in [(f"{scores:,} scores in {BATCHES} batches", range(1, BATCHES + 1)), ("one more batch", [BATCHES + 1])]:
        for number in numbers:
            write_batch(inbox, number, scores // BATCHES)
        here = seconds(scratch / "duckdb", "load_batches.py", "--batches", str(inbox), "--at-once")
        rows.append((f"percentiles: {name}", here, on_spark(scratch / "spark", "percentiles", inbox)))
    return rows


def pulse(views: int, scratch: Path) -> list[Row]:
    """Build the days of one file of breakdowns, in tables that are kept."""
    file = scratch / "breakdowns.csv"
    made = [sys.executable, "scripts/make_sample_data.py", "breakdowns", "--rows", str(views), "--roles", str(views // 25)]
    subprocess.run([*made, "--output", str(file)], cwd=PROJECT, check=True)
    kept = str(scratch / "duckdb" / "data" / "callsheet.duckdb")
    here = seconds(scratch / "duckdb", "build_pulse.py", "--input", str(file), "--database", kept, "--output", str(scratch / "duckdb.csv"))
    return [(f"pulse: {views:,} views of {views // 25:,} roles", here, on_spark(scratch / "spark", "pulse", file))]


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description="Measure DuckDB beside Spark and write the table of docs/scale.md.")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="how many scores, and how many views")
    parser.add_argument("--only", choices=["percentiles", "pulse"], help="one product alone")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for product in [percentiles, pulse]:
        for count in arguments.rows if arguments.only in (None, product.__name__) else []:
            with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
                rows += product(count, Path(scratch))
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
