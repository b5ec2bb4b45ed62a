"""What a slate costs on a world of a million roles: `python -m benchmarks.slates`.

Writes its table into docs/performance.md. The world is imported, its states and features built and a model trained as for anybody; then
it is published, and everything after that is measured on what was published, without dbt.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.films.world import Recipe, grown, make_world, write_long
from callsheet.resonance.slates import reasons
from callsheet.resonance.slates.briefs import Brief, parse_brief
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import recommend
from callsheet.resonance.slates.scoring import Scorer
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace

PAGE = PROJECT / "docs" / "performance.md"
SELECTION = ("--select", "resonance", "published_tables", "--exclude-resource-type", "test", "unit_test")
CANDIDATES = 20_000
BRIEFS = 40  # warm briefs of each kind
TOP_OF_SLATE = 15


def build(home: Path, rows: int) -> list[str]:
    """Make, import, train on and publish a world of so many roles; return the lines of the table."""
    workspace = Workspace(home, home / "data" / "callsheet.duckdb")
    home.mkdir(parents=True, exist_ok=True)
    written = write_long(make_world(7, grown(Recipe(), rows)), home / "world.csv")
    land(workspace, ImportRequest("long", (home / "world.csv",)))
    Dbt(workspace).build(*SELECTION)
    with workspace.reading() as connection:
        seconds = dict(connection.execute("select node, duration_seconds from operations.run_log where resource_type = 'model'").fetchall())
    training = seconds.pop("int_resonance__fit")
    started = time.monotonic()
    publish(workspace)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return [
        f"| every model but training, evaluation included, of {written:,} roles | {sum(seconds.values()):.0f} s |",
        f"| training both labels' heads and the casting head (peak memory of it all {peak:.1f} GB) | {training:.0f} s |",
        f"| publishing | {time.monotonic() - started:.0f} s |",
    ]


def briefs(catalogue: Catalogue, count: int) -> list[Brief]:
    """Return briefs that differ in genres, budget, bill order and director, as a session's do."""
    chance = np.random.default_rng(7)
    year = catalogue.known.last_year
    directors = [catalogue.people.ids[code] for code in catalogue.past(year).directors.codes]
    made = []
    for number in range(count):
        fields = {
            "year": year, "budget": int(chance.integers(2, 200)), "bill_order": int(chance.integers(1, 5)),
            "genres": [str(genre) for genre in chance.choice(catalogue.genres, 2, replace=False)],
            "director": directors[int(chance.integers(len(directors)))] if number % 2 else None,
        }  # fmt: skip
        made.append(parse_brief(fields, catalogue.known))
    return made


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of a call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def warm(catalogue: Catalogue, asked: list[Brief], each: int | None = None) -> tuple[float, float, float]:
    """Return median and 95th percentile of seconds, and the mean number of candidates."""
    arguments = {} if each is None else {"each": each}
    recommend(catalogue, asked[0], **arguments)
    seconds = [timed(lambda brief=brief: recommend(catalogue, brief, **arguments)) for brief in asked]  # type: ignore[misc]
    candidates = np.mean([len(recommend(catalogue, brief, **arguments).ranking) for brief in asked[:5]])
    return float(np.median(seconds)), float(np.quantile(seconds, 0.95)), float(candidates)


def generous(catalogue: Catalogue, brief: Brief) -> int:
    """Return how many actors each generator has to propose for CANDIDATES of them, or everybody, to come into question."""
    each = CANDIDATES // 5
    while len(recommend(catalogue, brief, each=each).ranking) < CANDIDATES and each < len(catalogue.people.ids):
        each = int(each * 1.25)
    return each


def explained(catalogue: Catalogue, brief: Brief) -> tuple[float, float]:
    """Return the seconds of a slate's reasons in one call, and feature by feature and row by row."""
    scorer = Scorer(catalogue.view(brief.year), brief)
    scored = scorer.score(brief.bill_order, scorer.past.actors.codes[:TOP_OF_SLATE])
    means = scorer.model.means

    def one_by_one() -> None:
        for place, name in enumerate(catalogue.actor_features):
            for row in range(len(scored.people)) if name in means else ():
                values = scored.values[row : row + 1].copy()
                values[0, place] = means[name]
                scorer.judge(scored.people[row : row + 1], values)

    return min(timed(lambda: reasons.deltas(scorer, scored, means)) for _ in range(5)), timed(one_by_one)


def cold(home: Path) -> float:
    """Return the wall time of scripts/recommend.py from start to end, in a process of its own."""
    command = [
        sys.executable, "scripts/recommend.py", "--year", str(Catalogue.open(_published(home)).known.last_year), "--budget", "20",
        "--genres", "Action,Thriller", "--json",
    ]  # fmt: skip
    environment = {**os.environ, "CALLSHEET_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    return timed(lambda: json.loads(subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True).stdout))


def measure(home: Path) -> list[str]:
    """Measure what was published there and return the lines of the table."""
    started = time.monotonic()
    catalogue = Catalogue.open(_published(home))
    opened = time.monotonic() - started
    asked = briefs(catalogue, BRIEFS)
    first = timed(lambda: recommend(catalogue, asked[0]))
    usual = warm(catalogue, asked)
    each = generous(catalogue, asked[0])
    many = warm(catalogue, asked, each)
    batched, single = explained(catalogue, asked[0])
    known = len(catalogue.past(asked[0].year).actors.codes)
    return [
        f"| opening the catalogue, and the first brief of a year ({known:,} known actors) | {opened:.1f} s and {first:.1f} s |",
        f"| a brief with reasons, alternates and directors: {usual[2]:,.0f} candidates of the generators, p50 and p95 of {BRIEFS} | "
        f"{usual[0] * 1000:.0f} ms and {usual[1] * 1000:.0f} ms |",
        f"| the same from {many[2]:,.0f} candidates, every one scored by the head | {many[0] * 1000:.0f} ms and {many[1] * 1000:.0f} ms |",
        f"| reasons of {TOP_OF_SLATE} actors in one call, and one by one | {batched * 1000:.0f} ms and {single:.1f} s: "
        f"{single / batched:.0f} × |",
        f"| `scripts/recommend.py` from start to end, cold | {cold(home):.1f} s |",
    ]


def _published(home: Path) -> Path:
    return Workspace(home, home / "data" / "callsheet.duckdb").published / "public" / "callsheet.duckdb"


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description="Measure slates and write the table of docs/performance.md.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="roles of the world")
    parser.add_argument("--home", type=Path, help="keep the world in this folder, and use the one that is there")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
        home = arguments.home or Path(scratch) / "home"
        lines = [] if _published(home).exists() else build(home, arguments.rows)
        lines += measure(home)
    table = (
        f"A synthetic world of about {arguments.rows:,} roles; {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"numpy {np.__version__}, {datetime.now(UTC):%Y-%m-%d}.\n\n| step | measured |\n|---|---|\n" + "\n".join(lines) + "\n"
    )
    print(table)
    if not arguments.print:
        page = PAGE.read_text(encoding="utf-8")
        marks = r"(<!-- slates -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(marks, lambda match: match.group(1) + table + match.group(2), page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
