"""What the daily pulse costs beside the parsing of its input, Polars and row-wise pandas: `python -m benchmarks.pulse`.

Writes its tables into docs/performance.md. Everybody gets the same file on the same machine in the same run, one process after the other.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from callsheet.pulse.sentiment import score
from callsheet.workspace import PROJECT

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

PAGE = PROJECT / "docs" / "performance.md"
AI = r"\b(?:ai|a\.i\.|artificial intelligence|gen ?ai|robots?|robotic|androids?)\b"
CITIES = {"los angeles": "LA", "new york": "NY", "brooklyn": "NY", "atlanta": "ATL", "chicago": "CHI", "london": "LON", "toronto": "TOR"}
KINDS = {"commercial": "C", "film": "F", "tv": "T", "series": "T", "voice": "V"}


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds on the clock, seconds of all cores, peak memory in GB."""

    wall: float
    cpu: float
    memory: float

    def cells(self, rows: int, floor: "Cost") -> str:
        """Return the cells of the table."""
        ratio = f"{self.wall / floor.wall:.2f} × | {self.cpu / floor.cpu:.2f} ×"
        return f"{self.wall:.1f} s | {self.cpu:.1f} s | {self.memory:.2f} GB | {self.cpu / rows * 1e6:.2f} s | {ratio}"


def run(*command: str, home: Path | None = None) -> Cost:
    """Run a command in a process of its own and measure it with everything it starts. No forks: Polars and DuckDB hold threads."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **({"CALLSHEET_HOME": str(home)} if home else {})}
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, *command], cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"a measured run failed: {' '.join(command)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6)


def job(name: str, path: Path) -> Cost:
    """Run one of this module's jobs."""
    return run("-m", "benchmarks.pulse", "--job", name, "--path", str(path))


def script(path: Path, home: Path, *arguments: str) -> Cost:
    """Run build_pulse.py as a person does."""
    return run("scripts/build_pulse.py", "--input", str(path), "--output", str(home / "out.csv"), *arguments, home=home)


def write_rows(path: Path, rows: int, roles: int) -> None:
    """Write breakdowns like those of the sample, as many as asked for."""
    run("scripts/make_sample_data.py", "breakdowns", "--rows", str(rows), "--roles", str(roles), "--output", str(path))


def parse_with_duckdb(path: Path) -> None:
    """Read every cell of every column and do nothing with it: the floor under anything that reads this file."""
    with duckdb.connect(config={"threads": os.cpu_count() or 1}) as connection:
        connection.execute(f"select bit_xor(hash(columns(*))) from read_csv('{path}', all_varchar = true)").fetchall()


def _code(lower: "pl.Expr", codes: dict[str, str], otherwise: str) -> "pl.Expr":
    import polars as pl  # noqa: PLC0415 - a job pays for its own libraries only

    expression = pl.lit(otherwise)
    for word, code in reversed(codes.items()):
        expression = pl.when(lower.str.contains(word, literal=True)).then(pl.lit(code)).otherwise(expression)
    return expression


def polars_pulse(path: Path) -> None:
    """Compute a simpler pulse with Polars: substrings for places and types, the first figure as the rate, no quarantine, no privacy."""
    import polars as pl  # noqa: PLC0415 - as above

    frame = pl.scan_csv(path, infer_schema=False)
    text = pl.col("role_description").str.to_lowercase()
    (
        frame.with_columns(
            pl.col("posted_date").str.slice(0, 10).alias("date_utc"),
            _code(pl.col("work_city").str.to_lowercase(), CITIES, "OTHER").alias("region_code"),
            _code(pl.col("project_type").str.to_lowercase(), KINDS, "V").alias("proj_type_code"),
            pl.col("role_type").str.to_lowercase().str.contains("lead|principal").alias("lead"),
            pl.col("union").str.to_lowercase().str.contains("sag|union").alias("is_union"),
            pl.col("rate_value").str.extract(r"\$?([\d,]+)").str.replace_all(",", "").cast(pl.Float64, strict=False).alias("rate"),
            text.str.contains(AI).alias("ai"),
        )
        .group_by("date_utc", "region_code", "proj_type_code")
        .agg(pl.len(), pl.col("lead").mean(), pl.col("is_union").mean(), pl.col("rate").median(), pl.col("ai").mean())
        .sort("date_utc", "region_code", "proj_type_code")
        .collect(engine="streaming")
    )


def pandas_pulse(path: Path) -> None:
    """Compute the same simpler pulse as people usually write it: a function for each row."""
    import pandas as pd  # noqa: PLC0415 - as above

    frame = pd.read_csv(path, dtype=str)
    theme = re.compile(AI)

    def measure(row: "pd.Series[str]") -> "pd.Series[Any]":
        city, kind = str(row["work_city"]).lower(), str(row["project_type"]).lower()
        rate = re.search(r"\$?([\d,]*\d)", str(row["rate_value"]))
        return pd.Series(
            {
                "date_utc": str(row["posted_date"])[:10],
                "region_code": next((code for word, code in CITIES.items() if word in city), "OTHER"),
                "proj_type_code": next((code for word, code in KINDS.items() if word in kind), "V"),
                "lead": bool(re.search("lead|principal", str(row["role_type"]).lower())),
                "is_union": bool(re.search("sag|union", str(row["union"]).lower())),
                "rate": float(rate.group(1).replace(",", "")) if rate else None,
                "ai": bool(theme.search(str(row["role_description"]).lower())),
            }
        )

    rows = frame.apply(measure, axis=1)
    rows.groupby(["date_utc", "region_code", "proj_type_code"]).agg({"lead": "mean", "is_union": "mean", "rate": "median", "ai": "mean"})


JOBS = {"floor": parse_with_duckdb, "polars": polars_pulse, "pandas": pandas_pulse}


def measure(rows: int, roles: int, pandas_rows: int, folder: Path) -> str:
    """Return the lines of one size."""
    path, home = folder / f"{rows}.csv", folder / "home"
    write_rows(path, rows, roles)
    job("floor", path)  # the file is in memory for everybody then, and in the home dbt has parsed the project
    floor = job("floor", path)
    runs = {
        "DuckDB parses all columns (the floor)": floor,
        "`build_pulse.py`, whole, without sentiment": script(path, home, "--sentiment", "none"),
        "Polars, a simpler pulse": job("polars", path),
    }
    if rows <= pandas_rows:
        runs["pandas, row by row, a simpler pulse"] = job("pandas", path)
    size = path.stat().st_size / 1e9
    path.unlink()
    return "".join(f"| {rows:,} rows, {size:.1f} GB | {name} | {cost.cells(rows, floor)} |\n" for name, cost in runs.items())


def sentiment_lines(texts: int, views: int, roles: int, folder: Path) -> str:
    """Return what scoring costs, and what it saves to score each distinct text once."""
    path = folder / "texts.csv"
    write_rows(path, texts, texts)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select distinct role_description from read_csv('{path}', all_varchar = true) where role_description is not null"
        ).fetchall()
    chosen = [text for (text,) in found]
    path.unlink()
    one, two = _seconds(chosen, 1), _seconds(chosen, 2)
    once, each = roles / len(chosen) * one, views / len(chosen) * one
    return (
        f"| textblob | {len(chosen) / one:,.0f} | {len(chosen) / two:,.0f} | {one / two:.2f} × | "
        f"{once / 60:.1f} min for {roles:,} texts, {each / 60:.0f} min for {views:,} views: {each / once:.0f} × |\n"
    )


def _seconds(texts: list[str], processes: int) -> float:
    started = time.monotonic()
    score(texts, processes)
    return time.monotonic() - started


def daily_seconds(rows: int, folder: Path) -> tuple[float, float]:
    """Return the seconds of the daily file end to end, with sentiment: in a new home, and the day after."""
    path, home = folder / "daily.csv", folder / "home"
    write_rows(path, rows, rows // 2)
    return script(path, home).wall, script(path, home).wall


def tables(sizes: list[int], roles: int, pandas_rows: int, texts: int) -> str:
    """Run everything and return the tables."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
        folder = Path(scratch)
        first, second = daily_seconds(5_000, folder)
        lines = "".join(measure(rows, roles, pandas_rows, folder) for rows in sizes)
        sentiment = sentiment_lines(texts, max(sizes), roles, folder)
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, Polars {version('polars')}, "
        f"pandas {version('pandas')}, {datetime.now(UTC):%Y-%m-%d}. {roles:,} roles. Process start included; × is of the floor.\n\n"
        "| input | | wall | CPU | peak memory | CPU per 1 M rows | wall × | CPU × |\n|---|---|---|---|---|---|---|---|\n"
        f"{lines}\nThe daily file, 5,000 rows end to end with sentiment: {first:.1f} s in a new home, {second:.1f} s the day after.\n\n"
        "| sentiment | texts per second | with two processes | gain | scoring distinct texts once |\n|---|---|---|---|---|\n"
        f"{sentiment}"
    )


def main() -> None:
    """Measure and rewrite the tables."""
    parser = argparse.ArgumentParser(description="Measure pulse and write the tables of docs/performance.md.")
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--roles", type=int, default=200_000, help="different roles that the rows are views of")
    parser.add_argument("--pandas-rows", type=int, default=1_000_000, help="up to this size pandas takes part")
    parser.add_argument("--texts", type=int, default=50_000, help="texts that are scored")
    parser.add_argument("--print", action="store_true", help="print the tables, leave the page")
    parser.add_argument("--job", choices=JOBS, help="run one job and nothing else: what a measured process is given")
    parser.add_argument("--path", type=Path, help="the file of the job")
    arguments = parser.parse_args()
    if arguments.job:
        JOBS[arguments.job](arguments.path)
        return
    table = tables(arguments.rows, arguments.roles, arguments.pandas_rows, arguments.texts)
    print(table)
    if not arguments.print:
        page = PAGE.read_text(encoding="utf-8")
        marks = r"(<!-- pulse -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(marks, lambda match: match.group(1) + table + match.group(2), page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
