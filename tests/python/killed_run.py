"""A load and a publish in an interpreter of its own, killed at a statement: `python -m tests.python.killed_run HOME [STATEMENT [SECONDS]]`.

With further words it runs that command of callsheet instead. It is started and never forked: a process forked from one that holds threads
of DuckDB or BLAS ends in a segmentation fault sooner or later.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from callsheet.cli import main as command_line
from callsheet.percentiles.loading import Request, load
from callsheet.runtime import publish as publishing
from callsheet.workspace import Workspace
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper


class Statements:
    """Counts the SQL statements of a run, through dbt and publishing alike, and dies at one of them."""

    def __init__(self, die_at: int, after_seconds: float) -> None:
        """Die at statement number `die_at`, that many seconds after it began; never at number 0."""
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


def load_and_publish(workspace: Workspace) -> None:
    """Do what a user does after a delivery."""
    load(workspace, Request())
    publishing.publish(workspace)


def main(home: str, die_at: str = "0", after_seconds: str = "0", *command: str) -> None:
    """Run and print how many statements it took."""
    statements = Statements(int(die_at), float(after_seconds))
    statements.watch()
    root = Path(home)
    try:
        if command:
            os.environ["CALLSHEET_HOME"] = home
            sys.argv = ["callsheet", *command]
            command_line()
        else:
            load_and_publish(Workspace(root, root / "data" / "callsheet.duckdb"))
    finally:
        print(statements.count)


if __name__ == "__main__":
    main(*sys.argv[1:])
