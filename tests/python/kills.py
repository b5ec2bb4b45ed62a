"""SIGKILL at seeded points of a load and a publish: what test_kills and the soak share."""

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from callsheet.runtime import publish as publishing
from callsheet.runtime.errors import DONE, LOOK
from callsheet.workspace import PROJECT, Workspace

from tests.python.conftest import TELLS_OF_RUNS, Workshop, asset

# A run that lands a new batch and a correction, restates three iterations and publishes: every kind of write there is.
FIRST = {number: [asset(f"a{number}-{i}", round(((i * 37 + number * 11) % 100) / 100, 2)) for i in range(200)] for number in range(1, 6)}
NEXT = {3: FIRST[3][:-20], 6: [asset(f"a6-{i}", i / 200) for i in range(200)]}


def prepare(root: Path) -> Workshop:
    """Return a workspace with five batches loaded and published, and the next two deliveries in its inbox."""
    workshop = Workshop(root)
    for number, records in FIRST.items():
        workshop.deliver(number, records)
    workshop.load()
    publishing.publish(workshop.workspace)
    for number, records in NEXT.items():
        workshop.deliver(number, records)
    return workshop


def run_apart(workspace: Workspace, die_at: int = 0, after_seconds: float = 0, command: Sequence[str] = ()) -> tuple[int, int]:
    """Run a command of callsheet, or load and publish, in a fresh interpreter.

    Returns its exit code, minus the signal's number if one ended it, and its statements.
    """
    words = [sys.executable, "-m", "tests.python.killed_run", workspace.home, die_at, after_seconds, *command]
    ran = subprocess.run([*map(str, words)], cwd=PROJECT, check=False, stdout=subprocess.PIPE, text=True)
    return ran.returncode, int(ran.stdout.split()[-1]) if ran.returncode >= 0 else 0


def copy_of(prepared: Workshop, root: Path) -> Workspace:
    """Copy the workspace; its inbox stays where it is."""
    shutil.copytree(prepared.root, root, symlinks=True)
    return Workspace(root, root / "data" / "callsheet.duckdb")


def published_bytes(workspace: Workspace) -> dict[str, str]:
    """Return the hash of every published text and Parquet file that does not tell of runs."""
    paths = [path for path in sorted((workspace.published / "public").iterdir()) if path.stem not in TELLS_OF_RUNS]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.suffix != ".duckdb"}


def kill(workspace: Workspace, statement: int, chance: random.Random, command: Sequence[str] = ()) -> bool:
    """Kill a run at the statement, in its middle if chance says so. Return whether the kill came in time."""
    code, _ = run_apart(workspace, statement, chance.choice([0.0, 0.002, 0.02]), command)
    # A delay past the last statement lets the run end, with an alert perhaps; anything else must have been the kill.
    assert code in (-signal.SIGKILL, DONE, LOOK), json.dumps({"statement": statement, "code": code})
    return code == -signal.SIGKILL
