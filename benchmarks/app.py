"""How long a person waits for the app: `python -m benchmarks.app`, under a minute, on what the home has published.

In a real browser, from the click until the page is drawn. Writes its table into docs/performance.md.
"""

import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from callsheet.runtime.errors import DONE, UnusableInputError, exit_with
from callsheet.workspace import PROJECT, Workspace

from tests.python.browsing import CHROMIUM, Visit, browsing, served, visited

PAGE = PROJECT / "docs" / "performance.md"
PAGES = ("Percentiles", "Slate", "Models", "Health", "Pulse")
COLD_STARTS, ROUNDS = 3, 5


def seconds(action: Callable[..., object], *arguments: object) -> float:
    """Return how long an action takes."""
    started = time.monotonic()
    action(*arguments)
    return time.monotonic() - started


def rank(visit: Visit, budget: int) -> None:
    """Ask for a slate and wait until it is there."""
    visit.window.get_by_role("spinbutton", name="Budget, millions of USD").fill(str(budget))
    visit.window.get_by_role("button", name="Rank actors").click()
    visit.sees(f"${budget} million")
    visit.settle()


def main() -> int:
    """Measure, print and write the table."""
    workspace = Workspace.find()
    if CHROMIUM is None:
        raise UnusableInputError("No Chromium is installed: apt-get install chromium.")
    if not workspace.public.exists():
        raise UnusableInputError(f"There is no {workspace.public}: run `make run` first.")
    ups, colds, pages, slates, first_slates = [], [], {name: list[float]() for name in PAGES}, [], []
    with browsing() as browser:
        for start in range(COLD_STARTS):
            began = time.monotonic()
            with served(workspace.home, "--internal") as address, visited(browser, address) as visit:
                ups.append(time.monotonic() - began)
                colds.append(seconds(visit.open))
                first_slates.append(seconds(visit.go_to, "Slate"))
                if start < COLD_STARTS - 1:
                    continue
                for _ in range(ROUNDS):
                    for name in PAGES:
                        pages[name].append(seconds(visit.go_to, name))
                visit.go_to("Slate")
                slates += [seconds(rank, visit, 21 + place) for place in range(2 * ROUNDS)]
    rows = [
        ("server up", ups),
        ("first page of a new server, drawn", colds),
        ("first slate of a new server: films and heads are read", first_slates),
        *((f"to the page {name}, seen before", waits) for name, waits in pages.items()),
        ("a new brief, from the click to its slate", slates),
    ]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, Streamlit {version('streamlit')}, {datetime.now(UTC):%Y-%m-%d}"
    lines = [
        f"The sample; {machine}, load {os.getloadavg()[0]:.1f}. Until the browser has drawn the page.",
        "",
        "| | median | longest |",
        "|---|---|---|",
        *(f"| {name} | {statistics.median(waits):.2f} s | {max(waits):.2f} s |" for name, waits in rows),
    ]
    table = "\n".join(lines) + "\n"
    print(table)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(r"(<!-- app -->\n).*?(<!-- end -->)", rf"\g<1>{table}\g<2>", text, flags=re.DOTALL), encoding="utf-8")
    return DONE


if __name__ == "__main__":
    exit_with(main)
