"""How long it takes from scores inserted into PostgreSQL to their percentiles there: `python -m benchmarks.postgres_latency`, two minutes.

On a server that it starts itself, by the two scripts that a person runs. SQL counts every percentile again there, and a wrong one ends the
run. Writes its table into docs/performance.md.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TypeVar

from callsheet.runtime.errors import DONE, LOOK, UnusableInputError, exit_with
from callsheet.workspace import PROJECT

from benchmarks.deployment import MIGRATIONS
from benchmarks.postgres import CLOCK, Server, server

PAGE = PROJECT / "docs" / "performance.md"
FIRST_HOUR = 500_000  # since 1970
Result = TypeVar("Result")

NEW_ROWS = """
select '01K7' || md5('{batch}:' || i) as id, round((random() + random() + random())::numeric / 3, 4)::double precision as score,
    (array['Cars', 'Hair care', 'Food', 'Clothing'])[1 + i % 4] as industry
from generate_series(1, {rows}) as i
"""

# Each percentile of a batch, counted anew among the scores of its industry in its window.
CHECK = """
select count(*), count(*) filter (where abs(served.percentile - 100 * (counted.lower_count + counted.equal_count / 2.0) / counted.n) < 1e-9)
from {schema}_records as own
inner join {schema}.scores as served on own.id = served.id
cross join lateral (
    select count(*) filter (where others.score < own.score) as lower_count, count(*) filter (where others.score = own.score) as equal_count,
        count(*) as n
    from {schema}_records as others
    where others.industry = own.industry and others.batch_no between {batch} - 2 and {batch}
) as counted
where own.batch_no = {batch}
"""


@dataclass(frozen=True)
class Way:
    """How scores come to be batches. `{batch}` is a batch's number and `{rows}` how many rows it has."""

    schema: str
    waiting: str
    set_up: str
    insert: str
    close: str
    load: tuple[str, ...]
    first: int


WAYS = {
    "slices of a plain table": Way(
        "slices",
        "30 min on average, 60 at most: `--slice 1h`",
        "create table scores (id text primary key, score double precision, industry text, time timestamptz); create index on scores (time);"
        "create view slices_records as select id, score, industry, floor(extract(epoch from time) / 3600)::bigint as batch_no from scores",
        f"insert into scores select id, score, industry, to_timestamp(3600 * {{batch}} + 1800) from ({NEW_ROWS}) as new_rows",
        "update clock.stands set hour = {batch} + 1",
        ("--time", "time"),
        FIRST_HOUR,
    ),
    "batches of an outbox": Way(
        "outbox",
        "until the batch has its rows, an hour at most",
        "".join(migration.read_text(encoding="utf-8") for migration in MIGRATIONS)
        + "select begin_model('v7'); create view outbox_records as select id #>> '{}' as id, (score #>> '{}')::double precision as score, "
        "industry #>> '{}' as industry, batch_no from closed_scores_v7",
        "select count(record_score('v7', jsonb_build_object('id', id, 'score', score, 'industry', industry))) "
        f"from ({NEW_ROWS}) as new_rows",
        "select close_batch('v7', {rows}, '1 hour')",
        ("--table", "closed_scores_v7"),
        1,
    ),
}


@dataclass
class Trip:
    """Batches on their way there and back."""

    postgres: Server
    way: Way
    rows: int
    home: Path

    def sql(self, text: str, batch: int = 0) -> list[str]:
        """Run SQL about a batch there."""
        return self.postgres.sql(text.replace("{batch}", str(batch)).replace("{rows}", str(self.rows)).replace("{schema}", self.way.schema))

    def fill(self, past: int) -> None:
        """Bring a past there, its percentiles too."""
        self.sql(self.way.set_up)
        for batch in range(self.way.first, self.way.first + past):
            self.sql(self.way.insert, batch)
            self.sql(self.way.close, batch)
        self.load()
        self.publish()

    def load(self) -> None:
        """Load what is new."""
        self._type("load_batches", "--from-postgres", self.postgres.clock_dsn, *self.way.load)

    def publish(self) -> None:
        """Publish, there too."""
        self._type("publish", "--to-postgres", self.postgres.dsn, "--to-schema", self.way.schema)

    def _type(self, script: str, *arguments: str) -> None:
        command = [sys.executable, str(PROJECT / "scripts" / f"{script}.py"), *arguments, "--quiet"]
        ended = subprocess.run(command, env={**os.environ, "CALLSHEET_HOME": str(self.home)}, check=False, stdout=subprocess.DEVNULL)
        if ended.returncode not in (DONE, LOOK):
            raise SystemExit(f"{script} ended with {ended.returncode}.")

    def go(self, batch: int) -> list[float]:
        """Bring a batch there and its percentiles back; return the seconds of insert, load, publish, reading and all of them."""
        seconds: list[float] = []
        timed(seconds, lambda: self.sql(self.way.insert, batch))
        self.sql(self.way.close, batch)
        timed(seconds, self.load)
        timed(seconds, self.publish)
        (found,) = timed(seconds, lambda: self.sql("select count(percentile) from {schema}.scores where batch_no = {batch}", batch))
        right = self.sql(CHECK, batch)
        if [found, *right] != [str(self.rows)] * 3:
            raise SystemExit(f"Batch {batch} of {self.way.schema}: {found} of {self.rows} rows came back, {right[1]} are right.")
        return [*seconds, sum(seconds)]


def timed(seconds: list[float], action: Callable[[], Result]) -> Result:
    """Do something and add how long it took."""
    started = time.monotonic()
    result = action()
    seconds.append(time.monotonic() - started)
    return result


def measured(postgres: Server, way: Way, arguments: argparse.Namespace) -> list[str]:
    """Return the cells of a way: what is waited for, and median and worst of each step."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as home:
        trip = Trip(postgres, way, arguments.rows, Path(home))
        trip.fill(arguments.past)
        first = way.first + arguments.past
        trips = [trip.go(batch) for batch in range(first, first + arguments.trips)]
    cells = [f"{median(step):.2f} s, {max(step):.2f} s" for step in zip(*trips, strict=True)]
    return [cells[0], way.waiting, *cells[1:]]


def table(columns: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of the table."""
    names = (
        "insert, committed",
        "waiting until the batch is closed: a setting, not slept through",
        "`callsheet load --from-postgres`, its start included",
        "`callsheet publish --to-postgres`, its start included",
        "reading the percentiles there",
        "together, without the waiting",
    )
    head = f"| median and worst | {' | '.join(WAYS)} |"
    return [head, "|" + "---|" * (len(WAYS) + 1), *(f"| {' | '.join(row)} |" for row in zip(names, *columns, strict=True))]


def main() -> int:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description="Measure the way from an insert into PostgreSQL to its percentile there.")
    parser.add_argument("--past", type=int, default=20, help="batches that lie there before")
    parser.add_argument("--rows", type=int, default=400, help="rows of a batch")
    parser.add_argument("--trips", type=int, default=10, help="batches that are measured")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    with server(on_loopback=True) as postgres:
        if postgres is None:
            raise UnusableInputError("No PostgreSQL under /usr/lib/postgresql: apt-get install postgresql brings one.")
        postgres.sql(CLOCK)
        load = os.getloadavg()[0]
        columns = [measured(postgres, way, arguments) for way in WAYS.values()]
        (version,) = postgres.sql("select split_part(current_setting('server_version'), ' ', 1)")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL {version} on loopback, {datetime.now(UTC):%Y-%m-%d}"
    what = (
        f"{arguments.past} batches of {arguments.rows:,} rows lie there; {arguments.trips} more come one by one; {machine}, "
        f"load {load:.1f}. Every percentile that came back was counted again there."
    )
    text = "\n".join([what, "", *table(columns)]) + "\n"
    print(text)
    if not arguments.print:
        page = PAGE.read_text(encoding="utf-8")
        page = re.sub(r"(<!-- latency -->\n).*?(<!-- end -->)", lambda found: found[1] + text + found[2], page, flags=re.DOTALL)
        PAGE.write_text(page, encoding="utf-8")
    return DONE


if __name__ == "__main__":
    exit_with(main)
