"""From `git clone` to the first own answer: `python -m benchmarks.first_answer`, with nothing beside it.

Each product gets a clone of its own and a new home: `make run`, then what docs/quickstarts.md types for a stranger's file. pip may find
its packages in its cache; the clone is of this checkout, so no network is in the time.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from callsheet.workspace import PROJECT

from tests.python.terminal import blocks

MINUTES = {"pulse": 3, "percentiles": 3, "resonance": 5}
STRANGERS = "tests/python/fixtures/strangers"


def main() -> int:
    """Time each product and print a table; fail where one is late or gives no answer."""
    parser = argparse.ArgumentParser(description="Time the way from git clone to the first own answer of each product.")
    parser.add_argument("--python", default=sys.executable, help="the Python that make sets up with")
    python = parser.parse_args().python
    _, *quickstarts = [block for block, _ in blocks(PROJECT / "docs" / "quickstarts.md")]
    print("| product | make run | your file | together | at most |\n|---|---|---|---|---|")
    is_late = False
    for (product, at_most), block in zip(MINUTES.items(), quickstarts, strict=True):
        set_up, answered = first_answer(block, python)
        is_late |= set_up + answered > 60 * at_most
        print(f"| {product} | {set_up:.0f} s | {answered:.0f} s | {set_up + answered:.0f} s | {60 * at_most} s |", flush=True)
    return int(is_late)


def first_answer(commands: str, python: str) -> tuple[float, float]:
    """Return the seconds of `git clone` and `make run` in an empty folder, and those of the commands on the stranger's file."""
    with tempfile.TemporaryDirectory(prefix="callsheet-") as folder:
        clone = Path(folder, "callsheet")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("CALLSHEET_", "DBT_", "PYTHON"))}
        started = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True, env=environment)
        subprocess.run(["make", f"PYTHON={python}", "run"], cwd=clone, check=True, env=environment, stdout=subprocess.DEVNULL)
        set_up = time.monotonic() - started
        environment |= {"CALLSHEET_HOME": str(Path(folder, "home")), "PATH": f"{clone / '.venv' / 'bin'}:{environment['PATH']}"}
        ended = 0
        for command in commands.replace("OUT", str(Path(folder, "out.csv"))).strip().splitlines():
            # A command may be refused once: the sentence says what the next one adds. 3: done, with something to look at.
            ended = subprocess.run(shlex.split(command), cwd=clone / STRANGERS, env=environment, check=False).returncode
        assert ended in (0, 3), f"the last command ended with {ended}"
        return set_up, time.monotonic() - started - set_up


if __name__ == "__main__":
    sys.exit(main())
