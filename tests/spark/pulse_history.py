"""What happens to a folder of breakdowns over time, and the two builds of it, side by side."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
from callsheet.runtime.summary import RunSummary
from callsheet.spark.landing import Request
from callsheet.spark.running import Run, run
from callsheet.workspace import PROJECT, Workspace

from tests.python.breakdowns import HEADER, bucket, day, many, write
from tests.python.test_pulse_rules import ALL, record
from tests.python.test_pulse_rules import HEADER as RULE_HEADER
from tests.spark.comparing import differences
from tests.spark.conftest import build_on_duckdb, of_session

MARTS = 11
OPTIONS = {"pulse_privacy": "--privacy", "pulse_sentiment": "--sentiment"}  # of build_pulse.py, for a var


def first(inbox: Path) -> None:
    """Deliver twelve days of every kind, and every way to write a place, a rate, a time and the rest."""
    write(inbox / "a.csv", many(600, 12))
    with (inbox / "rules.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, RULE_HEADER)
        writer.writeheader()
        writer.writerows(record(number, case) for number, case in enumerate(ALL))


def more(inbox: Path) -> None:
    """Deliver later days as other kinds of file, the same content under its old name, and files that are bad in part or as a whole."""
    write(inbox / "later.csv", many(400, 30, seed=6))
    with duckdb.connect() as connection:
        rows = connection.read_csv(str(inbox / "later.csv"), all_varchar=True)
        rows.limit(150).write_parquet(str(inbox / "b.parquet"))
        lines = [dict(zip(rows.columns, values, strict=True)) for values in rows.limit(150, 150).fetchall()]
    (inbox / "c.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"posted_date": broken}\n[1]\n', encoding="utf-8")
    (inbox / "later.csv").unlink()
    (inbox / "a.csv").touch()
    header = ",".join(HEADER)
    cells = '2026-03-09,"New York, NY",Film,Lead,SAG,$100/day'
    (inbox / "bad.csv").write_bytes(f'{header}\r\n{cells},"say ""x""\nagain",1\n{cells}\n{cells},nul\0,2\nsoon,LA,Film\n'.encode())
    (inbox / "latin.csv").write_bytes(f"{header}\n2026-03-09,Montréal,Film\n".encode("latin-1"))
    (inbox / "none.csv").write_bytes(b"")


def correct(inbox: Path) -> None:
    """Deliver a file again with other rows: fewer, changed ones, and late ones for days that are released."""
    rows = many(600, 12)
    changed = [replace(row, rate=900, is_union=True) if number % 5 == 0 else row for number, row in enumerate(rows[:500])]
    write(inbox / "a.csv", [*changed, *bucket(9, day(2), "late"), *bucket(12, day(29), "new")])


class Breakdowns:
    """The same folder of breakdowns on both engines, with the same key and vars."""

    def __init__(self, folder: Path, master: str, settings: Mapping[str, str], **variables: str) -> None:
        """Nothing is delivered yet."""
        self._variables = variables
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self._folder, self._master, self._settings = folder, master, of_session(master, settings)

    def on_spark(self) -> RunSummary:
        """Build what is there on Spark."""
        wanted = Run(
            product="pulse",
            master=self._master,
            landing=Request(f"{self.inbox}/*"),
            settings=self._settings,
            export=str(self._folder / "exported"),
            variables=self._variables,
            output=self._folder / "spark.csv",
        )
        return run(Workspace(self._folder / "spark", self._folder / "spark" / "data" / "callsheet.duckdb"), wanted)

    def differences(self) -> dict[str, list[str]]:
        """Build the same on DuckDB and return what differs, mart by mart and in the daily pulse; nothing where nothing does."""
        home, output = self._folder / "duckdb", self._folder / "duckdb.csv"
        database = home / "data" / "callsheet.duckdb"
        source = f"{self.inbox}/*"
        options = [part for name, value in self._variables.items() for part in (OPTIONS[name], value)]
        build_on_duckdb(home, "build_pulse.py", "--input", source, "--database", str(database), "--output", str(output), *options)
        _build_the_rest(home, pulse_breakdowns=source, **self._variables)
        found = differences(database, self._folder / "exported", "pulse")
        assert len(found) == MARTS, f"only {sorted(found)} compared"
        if output.read_bytes() != (self._folder / "spark.csv").read_bytes():
            found["daily_pulse.csv"] = ["other bytes"]
        return {mart: lines for mart, lines in found.items() if lines}

    def step(self, *changes: Callable[[Path], None]) -> RunSummary:
        """Let something happen, build it on both engines and compare every mart."""
        for change in changes:
            change(self.inbox)
        summary = self.on_spark()
        assert self.differences() == {}
        return summary


def _build_the_rest(home: Path, **variables: str) -> None:
    """Build the marts that the daily pulse does not need."""
    environment = {**os.environ, "CALLSHEET_HOME": str(home), "DBT_PROJECT_DIR": str(PROJECT), "DBT_PROFILES_DIR": str(PROJECT)}
    environment.pop("DBT_TARGET", None)
    dbt = shutil.which("dbt", path=str(Path(sys.executable).parent))
    selection = ["--select", "pulse", "published_tables", "--exclude-resource-type", "test", "unit_test"]
    command = [str(dbt), "build", "--quiet", *selection, "--vars", json.dumps(variables)]
    ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
