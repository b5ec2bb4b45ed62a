"""DuckDB and Spark on one machine on the same input, and what a large day would cost: `.venv-spark/bin/python -m benchmarks.spark`.

Writes its tables into docs/scale.md. Both sides start from files and end with every table, process start included.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyspark
from callsheet.runtime.errors import DONE, LOOK
from callsheet.workspace import PROJECT

from benchmarks.batches import write_batch

PAGE = PROJECT / "docs" / "scale.md"
BATCHES = 10
VIEWS_A_ROLE = 25
SPARK = {"spark.ui.enabled": "false", "spark.driver.memory": "8g", "spark.sql.shuffle.partitions": "4", "spark.eventLog.compress": "false"}
DAY = {"percentiles": 100_000_000, "pulse": 1_000_000_000}  # scores, views
CORES = 64
EFFICIENCY = 0.6  # what skew, stragglers and the network leave of so many cores


@dataclass(frozen=True)
class Measured:
    """One build on both engines. Bytes are Spark's: of the input, of all tables, and of what its tasks sent to each other."""

    product: str
    name: str
    rows: int
    on_duckdb: float
    on_spark: float
    read: int
    kept: int
    shuffled: int


def seconds(home: Path, script: str, *arguments: str) -> float:
    """Return how long a script took in a home of its own."""
    environment = {**os.environ, "CALLSHEET_HOME": str(home), "CALLSHEET_THREADS": str(os.cpu_count())}
    environment.pop("DBT_TARGET", None)
    started = time.monotonic()
    ran = subprocess.run([sys.executable, str(PROJECT / "scripts" / script), *arguments, "--json"], env=environment, check=False)
    if ran.returncode not in (DONE, LOOK):
        raise SystemExit("a measured run failed: see above")
    return time.monotonic() - started


def on_spark(scratch: Path, product: str, source: Path) -> tuple[float, int, int]:
    """Return how long Spark took for a product, the bytes of its tables and the bytes that it shuffled."""
    events = scratch / f"events-{time.monotonic_ns()}"
    events.mkdir()
    settings = {**SPARK, "spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{events}"}
    chosen = [f"--conf={name}={value}" for name, value in settings.items()]
    took = seconds(scratch / "spark", "run_on_spark.py", "--product", product, "--source", str(source), "--master", "local[*]", *chosen)
    shuffled = 0
    for file in events.rglob("events_*"):
        for line in file.open(encoding="utf-8"):
            if line.startswith('{"Event":"SparkListenerTaskEnd"'):
                metrics = json.loads(line).get("Task Metrics") or {}
                shuffled += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    return took, _bytes(scratch / "spark" / "data" / "spark" / "warehouse"), shuffled


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def percentiles(scores: int, scratch: Path) -> list[Measured]:
    """Build all batches at once, then one more."""
    inbox = scratch / "inbox"
    inbox.mkdir()
    found = []
    steps = {f"{scores:,} scores in {BATCHES} batches": range(1, BATCHES + 1), f"one more batch of {scores // BATCHES:,}": [BATCHES + 1]}
    for name, numbers in steps.items():
        for number in numbers:
            write_batch(inbox, number, scores // BATCHES)
        here = seconds(scratch / "duckdb", "load_batches.py", "--batches", str(inbox))
        rows = len(numbers) * scores // BATCHES
        there, kept, shuffled = on_spark(scratch, "percentiles", inbox)
        found.append(Measured("percentiles", name, rows, here, there, _bytes(inbox), kept, shuffled))
    return found


def pulse(views: int, scratch: Path) -> list[Measured]:
    """Build the days of one file of breakdowns, in tables that are kept."""
    file = scratch / "breakdowns.csv"
    made = [sys.executable, "scripts/make_sample_data.py", "breakdowns", "--rows", str(views), "--roles", str(views // VIEWS_A_ROLE)]
    subprocess.run([*made, "--output", str(file)], cwd=PROJECT, check=True)
    kept = str(scratch / "duckdb" / "data" / "callsheet.duckdb")
    here = seconds(scratch / "duckdb", "build_pulse.py", "--input", str(file), "--database", kept, "--output", str(scratch / "duckdb.csv"))
    name = f"{views:,} views of {views // VIEWS_A_ROLE:,} roles"
    there, tables, shuffled = on_spark(scratch, "pulse", file)
    return [Measured("pulse", name, views, here, there, file.stat().st_size, tables, shuffled)]


def compared(found: list[Measured]) -> str:
    """Return the table of ratios."""
    head = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, Spark {pyspark.__version__} local[*], "
        f"{datetime.now(UTC):%Y-%m-%d}. Wall time, process start included.\n\n| | DuckDB | Spark | Spark / DuckDB |\n|---|---|---|---|\n"
    )
    cells = [f"{one.on_duckdb:.0f} s | {one.on_spark:.0f} s | {one.on_spark / one.on_duckdb:.1f} ×" for one in found]
    return head + "".join(f"| {one.product}: {one.name} | {cell} |\n" for one, cell in zip(found, cells, strict=True))


def projected(found: list[Measured]) -> str:
    """Return the table of a large day: the largest build scaled by rows, its time by what a row more takes than in the smallest."""
    lines = [f"| a day | input | tables | shuffled | core hours | minutes on {CORES} cores |\n|---|---|---|---|---|---|\n"]
    for product, day in DAY.items():
        builds = sorted((one for one in found if one.product == product and "more" not in one.name), key=lambda one: one.rows)
        if len(builds) > 1:
            small, large = builds[0], builds[-1]
            core_seconds = (large.on_spark - small.on_spark) / (large.rows - small.rows) * (os.cpu_count() or 1) * day
            sizes = " | ".join(f"{size / large.rows * day / 1e9:,.0f} GB" for size in (large.read, large.kept, large.shuffled))
            minutes = (core_seconds / (CORES * EFFICIENCY) + small.on_spark) / 60
            lines.append(f"| {product}: {day:,} rows | {sizes} | {core_seconds / 3600:,.0f} | {minutes:,.0f} |\n")
    return "".join(lines)


def main() -> None:
    """Measure and rewrite the tables."""
    parser = argparse.ArgumentParser(description="Measure DuckDB beside Spark and write the tables of docs/scale.md.")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="how many scores, and how many views")
    parser.add_argument("--only", choices=["percentiles", "pulse"], help="one product alone")
    parser.add_argument("--print", action="store_true", help="print the tables, leave the page")
    arguments = parser.parse_args()
    found: list[Measured] = []
    for product in [percentiles, pulse]:
        for count in arguments.rows if arguments.only in (None, product.__name__) else []:
            with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
                fresh = product(count, Path(scratch))
                print(*fresh, sep="\n", flush=True)
                found += fresh
    page = PAGE.read_text(encoding="utf-8")
    for mark, table in {"spark": compared(found), "day": projected(found)}.items():
        print(table)
        page = re.sub(rf"(<!-- {mark} -->\n).*?(<!-- end -->)", rf"\g<1>{table}\g<2>", page, flags=re.DOTALL)
    if not arguments.print:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
