"""SIGKILL at seeded points of a load and a publish: what test_kills and the soak share."""

import hashlib
import json
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

from python_udfs.percentiles.loading import Request, load
from python_udfs.runtime import publish as publishing
from python_udfs.runtime.house import House
from tests.python.conftest import TELLS_OF_RUNS, Workshop, asset

# A run that lands a new batch and a correction, restates three iterations and publishes: every kind of write there is.
FIRST = {number: [asset(f"a{number}-{i}", round(((i * 37 + number * 11) % 100) / 100, 2)) for i in range(200)] for number in range(1, 6)}
NEXT = {3: FIRST[3][:-20], 6: [asset(f"a6-{i}", i / 200) for i in range(200)]}


class Statements:
    """Counts the SQL statements of a run, through dbt and publishing alike, and dies at one of them."""

    def __init__(self, die_at: int | None = None, after_seconds: float = 0.0) -> None:
        """Die at statement number `die_at`, that many seconds after it began; never when None."""
        self.count = 0
        self._die_at = die_at
        self._after = after_seconds

    def step(self) -> None:
        """Count one statement."""
        self.count += 1
        if self.count == self._die_at:
            if not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            threading.Thread(target=self._die_soon, daemon=True).start()

    def _die_soon(self) -> None:
        time.sleep(self._after)
        os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count from now on, in this process."""
        run_statement, write_mart, replaced = DuckDBCursorWrapper.execute, publishing._write, Path.replace

        def counted(function: Callable[..., object]) -> Callable[..., object]:
            def call(*arguments: object, **options: object) -> object:
                self.step()
                return function(*arguments, **options)

            return call

        DuckDBCursorWrapper.execute = counted(run_statement)  # type: ignore[method-assign]
        publishing._write = counted(write_mart)  # type: ignore[assignment]
        Path.replace = counted(replaced)  # type: ignore[assignment, method-assign]


def prepare(root: Path) -> Workshop:
    """Return a house with five batches loaded and published, and the next two deliveries in its inbox."""
    workshop = Workshop(root)
    for number, records in FIRST.items():
        workshop.deliver(number, records)
    workshop.load()
    publishing.publish(workshop.house)
    for number, records in NEXT.items():
        workshop.deliver(number, records)
    return workshop


def load_and_publish(house: House) -> None:
    """Do what a user does after a delivery."""
    load(house, Request(at_once=True))
    publishing.publish(house)


def in_child(work: Callable[[], None]) -> int:
    """Run the work in a forked process; return its exit code, minus the signal's number if one ended it."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def statements_of_a_whole_run(prepared: Workshop, scratch: Path) -> int:
    """Count the statements of the run that is going to be killed."""
    house = copy_of(prepared, scratch)
    told = scratch / "statements"

    def work() -> None:
        statements = Statements()
        statements.watch()
        load_and_publish(house)
        told.write_text(str(statements.count))

    assert in_child(work) == 0
    return int(told.read_text())


def copy_of(prepared: Workshop, root: Path) -> House:
    """Copy the house; its inbox stays where it is."""
    shutil.copytree(prepared.root, root, symlinks=True)
    return House(root, root / "data" / "callsheet.duckdb")


def published_bytes(house: House) -> dict[str, str]:
    """Return the hash of every published text and Parquet file that does not tell of runs."""
    paths = [path for path in sorted((house.published / "public").iterdir()) if path.stem not in TELLS_OF_RUNS]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.suffix != ".duckdb"}


def kill_once(prepared: Workshop, root: Path, statement: int, chance: random.Random) -> tuple[House, bool]:
    """Kill a run at the statement, in its middle if chance says so; return the house as it was left, and whether the kill came in time."""
    house = copy_of(prepared, root)
    after = chance.choice([0.0, 0.002, 0.02])

    def work() -> None:
        Statements(statement, after).watch()
        load_and_publish(house)

    code = in_child(work)
    # A delay past the last statement lets the run end; anything else must have been the kill.
    assert code in (-signal.SIGKILL, 0), json.dumps({"statement": statement, "code": code})
    return house, code != 0
