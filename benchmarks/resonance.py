"""What states and features cost beside pandas groupby-apply: `python -m benchmarks.resonance`.

Writes its table into docs/performance.md. Both get the same films on the same machine in the same run; pandas, whose time grows with the
people it groups by, is measured on some of them and extrapolated where they are too many to wait for.
"""

import argparse
import os
import platform
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.films.world import Recipe, grown, make_world, write_long
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import PROJECT, Workspace

from benchmarks.percentiles import in_child

PAGE = PROJECT / "docs" / "performance.md"
MEASURED = ("careers", "person_states", "pair_states", "features", "director_features")
SELECTION = (
    "--select", "+int_resonance__features", "+int_resonance__director_features", "--exclude-resource-type", "test", "unit_test",
)  # fmt: skip
TRAINING = (
    "--select", "feature_contract", *(f"int_resonance__{step}" for step in ("plan_runs", "fit", "predict", "evaluate")),
    "--exclude-resource-type", "test", "unit_test",
)  # fmt: skip
WHOLE, SOME = 50_000, 2_000  # up to so many people, and pairs, pandas is measured on all of them; else on so many


@dataclass(frozen=True)
class Peer:
    """What pandas took for some groups, and how many there are."""

    seconds: float
    measured: int
    groups: int

    @property
    def extrapolated(self) -> float:
        """Seconds for all groups."""
        return self.seconds / max(self.measured, 1) * self.groups


def history(group: pd.DataFrame, genres: list[str]) -> pd.DataFrame:
    """Return what films of earlier years say of a person, for each of the person's films: the function people pass to apply."""
    group = group.sort_values("film_no")
    rated = group["resonance"]
    running = pd.DataFrame(
        {
            "count": np.arange(1, len(group) + 1),
            "mean": rated.expanding().mean(),
            "last_three": rated.rolling(3, min_periods=1).mean(),
            "last": rated.ffill(),
            "best": rated.cummax(),
            "residual": group["residual"].expanding().mean(),
            "revenue": group["revenue"].expanding().mean(),
            "rating": group["rating"].expanding().mean(),
            "billing": group["bill_order"].expanding().mean(),
            "decile": group["median_decile"].rolling(3, min_periods=1).median(),
            **{genre: group[genre].rolling(5, min_periods=1).mean() for genre in genres},
        }
    )
    before = running.groupby(group["film_year"]).last().shift(1)
    found = before.reindex(group["film_year"]).set_axis(group.index)
    found["recent"] = [group["film_year"].between(year - 3, year - 1).sum() for year in group["film_year"]]
    return found


def together(group: pd.DataFrame) -> pd.DataFrame:
    """Return what an actor and a director had done together before each of their films."""
    group = group.sort_values("film_no")
    running = pd.DataFrame({"count": np.arange(1, len(group) + 1), "mean": group["resonance"].expanding().mean()})
    before = running.groupby(group["film_year"]).last().shift(1)
    return before.reindex(group["film_year"]).set_axis(group.index)


def peers(workspace: Workspace) -> tuple[Peer, Peer]:
    """Measure pandas on some people and on some pairs, read from what dbt built."""
    with workspace.reading() as connection:
        credits = connection.execute(
            "select careers.person_id, careers.job, careers.director_id, careers.film_year, careers.film_no, careers.bill_order, "
            "careers.median_decile, careers.packed_genres, careers.resonance_nano / 1e9 as resonance, "
            "films.resonance - films.peer_resonance as residual, careers.revenue_nano / 1e9 as revenue, "
            "careers.rating_nano / 1e9 as rating "
            "from intermediate.int_resonance__careers as careers "
            "inner join intermediate.int_resonance__films as films on careers.film_id = films.film_id"
        ).df()
    genres = [f"genre_{place}" for place in range(18)]
    for place, genre in enumerate(genres):
        credits[genre] = (credits["packed_genres"].fillna(0).astype("int64") // 8**place) % 8
    chance = np.random.default_rng(7)
    measured = []
    for keys, work in ((["person_id", "job"], lambda group: history(group, genres)), (["person_id", "director_id"], together)):
        rows = credits if keys[1] == "job" else credits[(credits["job"] == "cast") & credits["director_id"].notna()]
        number = rows.groupby(keys).ngroup()
        groups = int(number.max()) + 1
        measured_groups = groups if groups <= WHOLE else SOME
        some = rows[number.isin(chance.choice(groups, measured_groups, replace=False))]
        started = time.monotonic()
        some.groupby(keys, group_keys=False)[[c for c in some.columns if c not in keys]].apply(work)
        measured.append(Peer(time.monotonic() - started, measured_groups, groups))
    return measured[0], measured[1]


def model_seconds(workspace: Workspace) -> dict[str, float]:
    """Return the seconds of each model of the newest run."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        rows = connection.execute(
            "select node, duration_seconds from operations.run_log where resource_type = 'model' and run_id = "
            "(select run_id from operations.run_log order by started_at desc limit 1)"
        ).fetchall()
    return {node.removeprefix("int_resonance__"): float(seconds) for node, seconds in rows}


def make(rows: int, path: Path) -> None:
    """Write a world of about so many (film, actor) rows."""
    write_long(make_world(7, grown(Recipe(), rows)), path)


def count_lines(path: Path) -> int:
    """Return the rows of a CSV without quoted line ends."""
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


def measure(rows: int) -> list[str]:
    """Build a world of about so many (film, actor) rows, ask pandas for the same, and return the lines of the table.

    Each step has a process of its own, so that its peak memory is its own. Models run one after another: their times add up to wall time.
    """
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as scratch:
        path, home = Path(scratch) / "world.csv", Path(scratch) / "home"
        workspace = Workspace(home, home / "data" / "callsheet.duckdb")
        made, _ = in_child(lambda: make(rows, path))
        landed, landing_memory = in_child(lambda: _land(workspace, path))
        _, building_memory = in_child(lambda: Dbt(workspace).build(*SELECTION, "--threads", "1"))
        seconds = model_seconds(workspace)
        states = sum(seconds[name] for name in MEASURED)
        _, training_memory = in_child(lambda: Dbt(workspace).build(*TRAINING, "--threads", "1"))
        trained = model_seconds(workspace)
        people, pairs = peers(workspace)
        written = count_lines(path)
    pandas_seconds = people.extrapolated + pairs.extrapolated
    return [
        f"| {written:,} | make and write the world | {made:.1f} s | | |",
        f"| | import it | {landed:.1f} s | {landing_memory:.1f} GB | |",
        f"| | every model up to the features | {sum(seconds.values()):.1f} s | {building_memory:.1f} GB | |",
        f"| | states and features alone | {states:.1f} s | | 1 |",
        f"| | pandas groupby-apply, {people.groups:,} people{_on(people)} and {pairs.groups:,} pairs{_on(pairs)} | "
        f"{pandas_seconds / 60:.1f} min | | {pandas_seconds / states:,.0f} × |",
        f"| | fit: three heads and their walk through time for two labels, the casting head | {trained['fit']:.1f} s | "
        f"{training_memory:.1f} GB | |",
        f"| | predict, evaluate | {trained['predict']:.1f} s, {trained['evaluate']:.1f} s | | |",
    ]


def _on(peer: Peer) -> str:
    return "" if peer.measured == peer.groups else f" (extrapolated from {peer.measured:,})"


def _land(workspace: Workspace, path: Path) -> None:
    land(workspace, ImportRequest("long", (path,)))


def main() -> None:
    """Measure and rewrite the table."""
    parser = argparse.ArgumentParser(description="Measure resonance and write the table of docs/performance.md.")
    parser.add_argument("--rows", type=int, nargs="+", default=[35_000, 1_000_000], help="(film, actor) rows: TMDB's size and a million")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    lines = [line for rows in arguments.rows for line in measure(rows)]
    table = (
        f"Synthetic worlds; {os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, "
        f"pandas {pd.__version__}, {datetime.now(UTC):%Y-%m-%d}. Times of models, without dbt's own start.\n\n"
        "| (film, actor) rows | step | measured | peak memory | ratio |\n|---|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )
    print(table)
    if not arguments.print:
        page = PAGE.read_text(encoding="utf-8")
        marks = r"(<!-- resonance -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(marks, lambda match: match.group(1) + table + match.group(2), page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
