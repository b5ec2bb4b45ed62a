"""A plain table that is never at rest, kills, a crash of the server, a webhook that refuses: the end is one load of the table at rest."""

import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from callsheet.percentiles.serving import TABLES, Served
from callsheet.runtime.errors import DONE, FAILED, LOOK
from callsheet.workspace import PROJECT

from benchmarks.postgres import CLOCK, Server, server
from tests.python.channel import Channel
from tests.python.conftest import Outcome, Row, Workshop
from tests.python.kills import kill, published_bytes, run_apart
from tests.python.plain_table import GRACE, STAYS_OPEN, TABLE

NOON = 500_000.5  # hours since 1970
STEPS = (0.25, 0.5, 0.5, 1, 1, 1.5)  # hours from one load to the next
FILES_PUBLISHED = 40  # about: a kill of publish is at one of them
SCRIPT = str(PROJECT / "scripts" / "load_batches.py")


@dataclass
class Torture:
    """A home, the table it loads, and what is still to happen to both."""

    postgres: Server
    workshop: Workshop
    channel: Channel
    run_script: Callable[..., Outcome]
    loads: int
    kills: int
    chance: random.Random
    hour: float = NOON
    killed: int = 0

    @property
    def loading(self) -> list[str]:
        """What a person gives to `callsheet load`."""
        return ["--from-postgres", self.postgres.clock_dsn, "--time", "time", "--grace", f"{GRACE}h", "--quiet"]

    @property
    def publishing(self) -> list[str]:
        """What a person gives to `callsheet publish`."""
        return ["--to-postgres", self.postgres.dsn, "--quiet"]

    def run(self) -> None:
        """Load again and again. The first load, in a process of its own, says how many statements there are to be killed at."""
        code, statements = run_apart(self.workshop.workspace, command=["load", *self.loading])
        assert code == DONE
        for number in range(1, self.loads):
            self.hour += self.chance.choice(STEPS)
            self.postgres.set_clock(self.hour)
            self.channel.room = len(self.channel.texts) + (0 if number % 4 == 1 else 100)
            if number == self.loads // 3:
                self.deliver_unknown_labels()
            if number == self.loads // 2:
                self.meet_a_crash()
            elif self.chance.random() < (self.kills - self.killed) / (self.loads - number):
                self.killed += kill(self.workshop.workspace, self.chance.randrange(1, statements), self.chance, ["load", *self.loading])
            else:
                self.load()
            if number % 20 == 5:
                kill(self.workshop.workspace, self.chance.randrange(1, FILES_PUBLISHED), self.chance, ["publish", *self.publishing])
            if number % 10 == 5:
                self.publish("callsheet")

    def load(self) -> None:
        """Load as a person does."""
        loaded = self.run_script("load_batches", *self.loading)
        assert loaded.code in (DONE, LOOK), loaded.err

    def publish(self, schema: str) -> None:
        """Publish, to PostgreSQL too."""
        published = self.run_script("publish", *self.publishing, "--to-schema", schema)
        assert published.code == DONE, published.err

    def deliver_unknown_labels(self) -> None:
        """Let a fifth of a slice's rows have a label that nobody knows."""
        at = f"to_timestamp({self.hour * 3600} - i)"
        self.postgres.sql(f"insert into public.scores select 'odd' || i, 0.5, 'Gardening', {at} from generate_series(1, 12) i")

    def meet_a_crash(self) -> None:
        """Let the server crash while a load reads it: this load and one that finds no server end in a sentence each."""
        self.postgres.sql("update clock.stands set pause = 600")
        with subprocess.Popen([sys.executable, SCRIPT, *self.loading], stderr=subprocess.PIPE, text=True) as reading:
            while self.postgres.sql("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") != ["1"]:
                assert reading.poll() is None
                time.sleep(0.05)
            self.postgres.end()
            said = reading.communicate()[1]
        assert (reading.returncode, said) == (FAILED, "callsheet: PostgreSQL could not read scores: the connection was lost.\n")
        refused = self.run_script("load_batches", *self.loading)
        assert (refused.code, refused.err[:58]) == (FAILED, "callsheet: No PostgreSQL answers at the DSN's host and por")
        self.postgres.begin()
        self.postgres.sql("update clock.stands set pause = 0")

    @contextmanager
    def writer(self) -> Iterator[Counter[str]]:
        """Let the other program write meanwhile; afterwards, what it did."""
        did = Counter[str]()
        words = [sys.executable, "-m", "tests.python.plain_table", self.postgres.dsn, str(self.loads), str(NOON + self.loads * 0.3)]
        with subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writing:
            while self.postgres.sql("select count(*) from public.scores") == ["0"]:
                assert writing.poll() is None
                time.sleep(0.05)
            yield did
            did.update(json.loads(writing.communicate()[0]))
            assert writing.returncode == 0


def told_of(text: str) -> tuple[str, ...]:
    """Return what an alert tells of: its kind, its industry if it has one, and its batch."""
    found = re.fullmatch(r"callsheet percentiles, ([\w ]+): (?:(.+?), [\w ]+ since)?.*?batch[ _](\d+).*", text)
    assert found, text
    return found.groups()


def ended(workshop: Workshop) -> dict[str, list[Row]]:
    """Return every derived table. A slice that was emptied came as an empty batch, and is not there for who comes afterwards."""
    derived = workshop.derived()
    return {**derived, "ledger": [row for row in derived["ledger"] if row[3]]}


def assert_the_same_there(postgres: Server, table: Served) -> None:
    columns = ", ".join(table.columns)
    one, other = (f"select {columns} from {schema}.{table.name}" for schema in ("callsheet", "at_rest"))
    differences = f"({one} except all {other}) union all ({other} except all {one})"
    assert postgres.sql(f"select count(*) from ({differences}) as rows") == ["0"]


def twice(table: Served, name: str) -> str:
    """Return SQL for what a table holds more than once."""
    return f"select {table.key} from {name} group by {table.key} having count(*) > 1"


@pytest.mark.parametrize(
    ("seed", "loads", "kills"),
    [
        pytest.param(0, 8, 2, marks=pytest.mark.long),
        *(pytest.param(seed, 100, 10, marks=pytest.mark.soak) for seed in (1, 2)),  # one for each core: 200 loads, 20 kills
    ],
)
def test_killed_loads_of_a_table_that_is_written_end_as_one_load_at_rest(  # noqa: PLR0913, PLR0917 - what happens, and what it happens to
    seed: int,
    loads: int,
    kills: int,
    tmp_path: Path,
    channel: Channel,
    run_script: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server(on_loopback=True) as postgres:
        if postgres is None:
            pytest.skip("there is no PostgreSQL under /usr/lib/postgresql")
        postgres.sql(f"{CLOCK}; {TABLE}")
        postgres.set_clock(NOON)
        workshop = Workshop(tmp_path / "home")
        torture = Torture(postgres, workshop, channel, run_script, loads, kills, random.Random(seed))
        monkeypatch.setenv("CALLSHEET_HOME", str(workshop.root))
        with torture.writer() as did:
            torture.run()
        channel.room = 10_000
        postgres.set_clock(torture.hour + STAYS_OPEN + GRACE)
        torture.load()
        torture.publish("callsheet")
        assert torture.killed >= kills * 0.8
        assert {"insert", "update", "move", "again", "delete", "committed late", "lost the server"} <= did.keys()

        posted = [text for text in channel.texts if "slow run" not in text]  # what else the machine does is no matter of the table's
        monkeypatch.delenv("CALLSHEET_WEBHOOK_URL")
        rest = Workshop(tmp_path / "rest")
        monkeypatch.setenv("CALLSHEET_HOME", str(rest.root))
        torture.load()
        torture.publish("at_rest")

        assert ended(workshop) == ended(rest)
        assert published_bytes(workshop.workspace) == published_bytes(rest.workspace)
        for table in TABLES:
            assert_the_same_there(postgres, table)
            assert workshop.query(twice(table, table.source)) == []
            assert postgres.sql(twice(table, f"callsheet.{table.name}")) == []

        standing = workshop.query("select kind, message from operations.alerts where product = 'percentiles'")
        told = Counter(told_of(text) for text in posted)
        assert {kind for kind, *_ in told} >= {"drift", "rows rejected"}
        assert {told_of(f"callsheet percentiles, {kind}: {message}") for kind, message in standing} <= told.keys()
        assert [about for about, times in told.items() if times > 1] == []
