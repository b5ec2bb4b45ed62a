"""How the cost of a batch grows, and what a full refresh costs beside pandas and scipy: `python -m benchmarks.percentiles`.

Writes its table into docs/performance.md. Peers get the same files and the same machine in the same run.
"""

import argparse
import multiprocessing
import os
import platform
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb
import pandas as pd
from callsheet.percentiles.loading import Request, load
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import PROJECT, Workspace
from scipy.stats import percentileofscore

from benchmarks.batches import write_batch

PAGE = PROJECT / "docs" / "performance.md"
WINDOW = 3
SCIPY_ROWS = 300  # one call reads a whole window: the rest is extrapolated
MEMORY = "1400MB"  # what DuckDB is given for a second full refresh; Python and dbt come on top, 2 GB in all


def in_child(work: Callable[[], None]) -> tuple[float, float]:
    """Run the work in a process of its own; return its seconds and its peak memory in GB."""
    started = time.monotonic()
    reading, writing = multiprocessing.Pipe(duplex=False)

    def tell() -> None:
        work()
        writing.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    process = multiprocessing.get_context("fork").Process(target=tell)
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit("a measured run failed: see above")
    return time.monotonic() - started, reading.recv() / 1e6


def model_seconds(workspace: Workspace) -> float:
    """Return the time that the models of the newest run took, added up."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        ((seconds,),) = connection.execute(
            "select sum(duration_seconds) from operations.run_log where resource_type = 'model' and run_id = "
            "(select run_id from operations.run_log order by started_at desc limit 1)"
        ).fetchall()
    return float(seconds)


def batch_costs(workspace: Workspace, inbox: Path, numbers: list[int]) -> tuple[float, float]:
    """Load the batches one by one; return the median model seconds and wall seconds of one."""
    models, walls = [], []
    for number in numbers:
        wall, _ = in_child(lambda number=number: _load(workspace, inbox, number))  # type: ignore[misc]
        models.append(model_seconds(workspace))
        walls.append(wall)
    return median(models), median(walls)


def _load(workspace: Workspace, inbox: Path, through: int) -> None:
    load(workspace, Request(inbox, through=through))


def _refresh(workspace: Workspace, **environment: str) -> None:
    os.environ.update(environment)
    Dbt(workspace).build("--select", "percentiles", "--full-refresh", "--exclude-resource-type", "test", "unit_test")


def pandas_ranks(inbox: Path, batches: int) -> None:
    """Compute the same percentiles as people usually do: a frame for each window, ranked by group."""
    frames: list[pd.DataFrame] = []
    for number in range(1, batches + 1):
        frames = [*frames[-WINDOW + 1 :], pd.read_json(inbox / f"batch_{number}.json")]
        if len(frames) == WINDOW:
            window = pd.concat(frames, ignore_index=True)
            groups = window.groupby("industry")["score"]
            window["percentile"] = 100 * (groups.rank(method="average") - 0.5) / groups.transform("size")


def scipy_seconds(inbox: Path, assets: int, batches: int) -> float:
    """Return what a loop of percentileofscore over every history row would take, from a few hundred of them."""
    window = pd.concat([pd.read_json(inbox / f"batch_{number}.json") for number in range(1, WINDOW + 1)])
    scores = window.loc[window["industry"] == "Hair care", "score"].to_numpy()
    started = time.monotonic()
    for score in scores[:SCIPY_ROWS]:
        percentileofscore(scores, score, kind="mean")
    return (time.monotonic() - started) / SCIPY_ROWS * (batches - WINDOW + 1) * WINDOW * assets


def measure(assets: int, batches: int) -> str:
    """Run everything and return the table."""
    early, late = [9, 10, 11], [batches - 2, batches - 1, batches]
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
        inbox = Path(scratch) / "inbox"
        inbox.mkdir()
        for number in range(1, batches + 1):
            write_batch(inbox, number, assets)
        home = Path(scratch) / "home"
        workspace = Workspace(home, home / "data" / "callsheet.duckdb")
        in_child(lambda: _load(workspace, inbox, early[0] - 1))
        early_models, early_wall = batch_costs(workspace, inbox, early)
        in_child(lambda: _load(workspace, inbox, late[0] - 1))
        late_models, late_wall = batch_costs(workspace, inbox, late)
        refresh_wall, refresh_gb = in_child(lambda: _refresh(workspace))
        refresh_models = model_seconds(workspace)
        limited_wall, limited_gb = in_child(lambda: _refresh(workspace, CALLSHEET_MEMORY=MEMORY))
        limited_models = model_seconds(workspace)
        pandas_wall, pandas_gb = in_child(lambda: pandas_ranks(inbox, batches))
        scipy_wall = scipy_seconds(inbox, assets, batches)
        file_gb = workspace.database.stat().st_size / 1e9
        shutil.rmtree(home)
    rows = [
        ("one batch: model time, batch 10", f"{early_models:.2f} s", "1"),
        (f"one batch: model time, batch {batches - 1}", f"{late_models:.2f} s", f"{late_models / early_models:.2f} × batch 10"),
        ("one batch: wall, process start included, batch 10", f"{early_wall:.1f} s", "1"),
        (f"one batch: wall, batch {batches - 1}", f"{late_wall:.1f} s", f"{late_wall / early_wall:.2f} × batch 10"),
        ("full refresh: model time", f"{refresh_models:.0f} s", "1"),
        ("full refresh: wall, peak memory", f"{refresh_wall:.0f} s, {refresh_gb:.1f} GB", ""),
        (f"full refresh with CALLSHEET_MEMORY={MEMORY}: model time", f"{limited_models:.0f} s", f"{limited_models / refresh_models:.1f} ×"),
        (f"full refresh with CALLSHEET_MEMORY={MEMORY}: wall, peak memory", f"{limited_wall:.0f} s, {limited_gb:.1f} GB", ""),
        ("pandas: read_json and rank per window", f"{pandas_wall:.0f} s, {pandas_gb:.1f} GB", f"{pandas_wall / refresh_models:.1f} ×"),
        (
            f"scipy: percentileofscore per row, extrapolated from {SCIPY_ROWS} rows",
            f"{scipy_wall / 3600:.1f} h",
            f"{scipy_wall / refresh_models:,.0f} ×",
        ),
    ]
    head = (
        f"{batches} batches of {assets:,} assets, four industries; {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {duckdb.__version__}, {datetime.now(UTC):%Y-%m-%d}. One batch is the median of three. "
        f"The database is {file_gb:.1f} GB then.\n\n| | measured | ratio |\n|---|---|---|\n"
    )
    return head + "".join(f"| {name} | {value} | {ratio} |\n" for name, value, ratio in rows)


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description="Measure percentiles and write the table of docs/performance.md.")
    parser.add_argument("--assets", type=int, default=100_000, help="assets a batch")
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    table = measure(arguments.assets, arguments.batches)
    print(table)
    if not arguments.print:
        page = PAGE.read_text(encoding="utf-8")
        marks = r"(<!-- percentiles -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(marks, lambda match: match.group(1) + table + match.group(2), page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
