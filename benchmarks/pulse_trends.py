"""What the trends find on series whose truth is known: `python -m benchmarks.pulse_trends`.

Made worlds of four project types in twelve regions are released as mode standard does, remainders too, and the compiled SQL of the
trends reads them. Quiet worlds have weekdays, a yearly season and projects of several roles. In the others something is planted that is
casting (a surge, a rise of rates) or is none (a wave of traffic, a region that one project's rule holds back).
"""

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

MODELS = ("intermediate/int_pulse__count_weeks", "intermediate/int_pulse__measure_weeks", "marts/pulse_trends")
PARENTS = ("WEST", "EAST", "SOUTH")
REGIONS, TYPES, FIRST_ON = 12, 4, np.datetime64("2024-01-01")  # a Monday
WEEKS, FROM_WEEK = 56, 40  # what is planted begins in week 40
FLAGGED_FROM = 5  # as in pulse_trends
MEASURES = ("lead", "union", "ai", "priced")
Array = np.ndarray


@dataclass
class World:
    """Days × regions × types: new roles, views, rates, and what one project's rule holds back. In `touched` something is planted."""

    chance: np.random.Generator
    mean: Array  # of new roles: the truth behind them
    roles: Array
    views: Array
    rate: Array
    one_sided: Array
    touched: list[tuple[int, int]] = field(default_factory=list)


def make_world(seed: int, planted: str = "", weeks: int = WEEKS) -> World:
    """Return a world of which everything is known; `planted` is a surge, a rise, a wave, a region held back, or nothing."""
    chance = np.random.default_rng(seed)
    shape = (7 * weeks, REGIONS, TYPES)
    size = np.exp(chance.uniform(np.log(0.7), np.log(40), shape[1:]))
    touched = [(int(np.argmax(size[:, kind])), kind) for kind in range(TYPES)]  # the largest region of each type
    day = np.arange(7 * weeks)
    season = 1 + 0.2 * np.sin(2 * np.pi * day / 365.25 + chance.uniform(0, 6))
    mean = (season * np.where(day % 7 >= 5, 0.4, 1.24))[:, None, None] * size
    traffic, rate, one_sided = np.ones(shape), np.full(shape, 400.0), np.zeros(shape, dtype=bool)
    later = slice(7 * FROM_WEEK, None)
    for number, (region, kind) in enumerate(touched if planted else []):
        ending = slice(7 * FROM_WEEK, 7 * (FROM_WEEK + 1 + number))  # of one week to four
        if planted == "surge":
            mean[later, region, kind] *= 2
        elif planted == "rise":
            rate[later, region, kind] *= 1.4
        elif planted == "wave":
            traffic[ending, :, kind] = 4
        elif planted == "held back":
            one_sided[ending, region, kind] = True
    projects = chance.poisson(mean / 2)  # two roles each on average
    roles = projects + chance.negative_binomial(np.maximum(projects, 1), 0.5) * (projects > 0)
    pool = np.stack([roles[max(0, number - 6) : number + 1].sum(axis=0) for number in range(7 * weeks)])
    return World(chance, mean, roles, roles + chance.poisson(traffic * pool / 4), rate, one_sided, touched)


def figures(world: World, roles: Array, views: Array, pool: Array, rate: Array) -> pd.DataFrame:
    """Return what mode standard would publish of cells, given one row each, with whether it may."""
    chance, again = world.chance, np.maximum(views - roles, 0)
    distinct = np.round(roles + pool * (1 - np.exp(-again / np.maximum(pool, 1))))
    cells = pd.DataFrame({"role_count_day": np.maximum(5, np.round(views + chance.laplace(size=len(views))))})
    cells["new_role_count"] = np.round(roles + chance.laplace(size=len(views)))
    for name, share in zip(MEASURES, (0.4, 0.3, 0.05, 0.7), strict=True):
        exact = 100 * chance.binomial(np.maximum(distinct, 1).astype(int), share) / np.maximum(distinct, 1)
        cells[name] = np.round(np.clip(exact + chance.laplace(size=len(views)), 0, 100), 1)
    priced = np.maximum(distinct * 0.7, 1)
    middle = chance.beta((priced + 1) / 2, (priced + 1) / 2)  # where the median of so many lies among all
    cells["median"] = np.where(priced >= 5, np.round(rate * np.exp(0.4 * np.log(middle / (1 - middle)) / 1.7) / 25) * 25, np.nan)
    cells["sentiment"] = np.round(np.clip(0.15 + chance.normal(size=len(views)) * 0.25 / np.sqrt(np.maximum(distinct, 1)), -1, 1) * 20) / 20
    return cells.assign(passes=(views >= 5) & (distinct >= 5))


def released(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days and the weeks of the release: each row in the finest cell that passes."""
    days, regions, types = (axis.ravel() for axis in np.indices(world.roles.shape))
    pool = np.stack([world.roles[max(0, number - 6) : number + 1].sum(axis=0) for number in range(len(world.roles))])
    together = 1 + world.chance.normal(size=(len(world.roles) // 7, *world.roles.shape[1:])) * 0.3 / np.sqrt(np.maximum(pool[6::7], 5))
    rows = pd.DataFrame({
        "day": days, "week": days // 7, "region": regions, "kind": types, "parent": regions % len(PARENTS), "roles": world.roles.ravel(),
        "views": world.views.ravel(), "pool": pool.ravel(), "rate": (world.rate * np.repeat(together, 7, axis=0)).ravel(),
        "one_sided": world.one_sided.ravel(),
    })  # fmt: skip
    rows = rows[rows["views"] > 0].reset_index(drop=True)
    told = figures(world, *(rows[name].to_numpy() for name in ("roles", "views", "pool", "rate")))
    public = told["passes"] & ~rows["one_sided"]
    day_cells = pd.concat([named(rows[public]), told[public]], axis=1)
    left, parts = rows[~public], []
    levels = {"week_region_type": ["region", "kind"], "week_parent_type": ["parent", "kind"], "week_type": ["kind"], "week": []}
    for level, keys in levels.items():
        sums = left.groupby(["week", *keys], as_index=False).agg(
            roles=("roles", "sum"), views=("views", "sum"), pool=("pool", "max"), rate=("rate", "mean"), one_sided=("one_sided", "max"),
        )  # fmt: skip
        told = figures(world, *(sums[name].to_numpy() for name in ("roles", "views", "pool", "rate")))
        public = told["passes"] & ~(sums["one_sided"] & (level == "week_region_type"))
        parts.append(pd.concat([named(sums[public]).assign(cell_level=level), told[public]], axis=1))
        left = left.merge(sums.loc[~public, ["week", *keys]], on=["week", *keys])
    weeks = FIRST_ON + 7 * np.arange(len(world.roles) // 7)
    parts.append(pd.DataFrame({"week_on": weeks, "cell_level": "week", "suppression_reason": "too_few_rows"}))
    return day_cells, pd.concat(parts)


def named(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of cells as the release writes them."""
    on = {"date_utc": FIRST_ON + cells["day"].to_numpy()} if "day" in cells else {"week_on": FIRST_ON + 7 * cells["week"].to_numpy()}
    if "region" in cells:
        region = ["R" + str(number) for number in cells["region"]]
    else:
        region = [PARENTS[number] for number in cells["parent"]] if "parent" in cells else ["ALL"] * len(cells)
    kind = ["T" + str(number) for number in cells["kind"]] if "kind" in cells else "ALL"
    return pd.DataFrame({**on, "region_code": region, "proj_type_code": kind}, index=cells.index)


def database(world: World, compiled: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in which the compiled models of the trends stand on the world's release."""
    connection = duckdb.connect()
    connection.execute("create schema pulse; create schema intermediate; create schema staging")
    days, weeks = released(world)
    regions = pd.DataFrame({"region_code": f"R{number}", "parent_code": PARENTS[number % len(PARENTS)]} for number in range(REGIONS))
    measured = """
        role_count_day::bigint as role_count_day, lead::double as lead_share_pct_day, "union"::double as union_share_pct_day,
        ai::double as theme_ai_share_pct_day, median::bigint as median_rate_day_usd, sentiment::double as sentiment_avg_day,
        new_role_count::bigint as new_role_count, priced::double as priced_share_pct, null::timestamp as reopened_at"""
    connection.execute(
        "create table intermediate.int_pulse__freeze_days as select date_utc::date as date_utc, region_code, proj_type_code, "
        f"{measured} from days"
    )
    connection.execute(
        "create table intermediate.int_pulse__freeze_weeks as select week_on::date as week_on, cell_level, region_code, proj_type_code, "
        f"suppression_reason, {measured} from weeks"
    )
    connection.execute("create table staging.stg_pulse__regions as from regions")
    assert len(days) and len(weeks) and len(regions)
    for name in MODELS:
        schema = "intermediate" if "intermediate" in name else "pulse"
        connection.execute(f"create table {schema}.{name.split('/')[1]} as {(compiled / f'{name}.sql').read_text()}")
    return connection


def compile_models(home: Path) -> Path:
    """Compile the project in a home of its own and return the folder of the pulse's SQL."""
    workspace = Workspace(home, home / "data" / "callsheet.duckdb")
    Dbt(workspace).compile()
    return home / "target/compiled/callsheet/models/pulse"


def trends_of(seed: int, planted: str, compiled: Path) -> pd.DataFrame:
    """Return the scored rows of a world's trends, from the planted week on, and whether they are of a touched bucket."""
    world = make_world(seed, planted)
    rows = database(world, compiled).execute(
        "select *, date_diff('week', ?::date, week_on) as week_no from pulse.pulse_trends where robust_z is not null", [str(FIRST_ON)]
    ).df()  # fmt: skip
    touched = {(f"R{region}", f"T{kind}") for region, kind in world.touched}
    rows["is_touched"] = [bucket in touched for bucket in zip(rows["region_code"], rows["proj_type_code"], strict=True)]
    return rows[rows["week_no"] >= (FROM_WEEK if planted else 0)].assign(seed=seed)


def is_covered(seed: int, planted: str, compiled: Path) -> pd.DataFrame:
    """Return of each value of a world's index whether its band holds the truth: what was to be expected, beside the first four weeks."""
    world = make_world(seed, planted)
    connection = database(world, compiled)
    connection.execute(
        "create table pulse.pulse_index as select 0::double as index_value, 0::double as views_index, 0 as revision, "
        "week_on, region_code, proj_type_code from intermediate.int_pulse__count_weeks where false"
    )  # said before
    rows = connection.execute((compiled / "marts/pulse_index.sql").read_text().replace('"callsheet".', "")).df()
    weeks = world.mean.reshape(-1, 7, REGIONS, TYPES).sum(axis=1)
    names = {("ALL", "ALL"): weeks.sum(axis=(1, 2))}
    for kind in range(TYPES):
        names["ALL", f"T{kind}"] = weeks[:, :, kind].sum(axis=1)
        names |= {(f"R{region}", f"T{kind}"): weeks[:, region, kind] for region in range(REGIONS)}
    truths = [100 * names[bucket] / names[bucket][:4].mean() for bucket in zip(rows["region_code"], rows["proj_type_code"], strict=True)]
    number = ((rows["week_on"] - pd.Timestamp(FIRST_ON)).dt.days // 7).tolist()
    truth = np.array([series[week] for series, week in zip(truths, number, strict=True)])
    return rows.assign(truth=truth, covered=(rows["index_low"] <= truth) & (truth <= rows["index_high"]))


def rates(compiled: Path, worlds: int) -> dict[str, tuple[int, int]]:
    """Return of each kind of world how much was found, of how many: false findings, and true ones where something is planted."""
    counted = {}
    for planted in ("", "wave", "held back"):
        rows = pd.concat([trends_of(seed, planted, compiled) for seed in range(worlds)])
        counted[planted or "quiet"] = int(rows["finding"].notna().sum()), worlds * REGIONS * TYPES
        if planted:  # the same thresholds on views, and on what is shown as if nothing were hidden
            shown = (rows["week_value"] - rows["trailing_median"]).abs() / rows["usual_spread"]
            blind = (
                rows["measure"].eq("views_per_day") if planted == "wave" else rows["measure"].eq("region_share_pct") & rows["is_touched"]
            )
            told = rows[blind & (shown >= FLAGGED_FROM)]
            counted[f"{planted}, taken for fact"] = (
                len(told.drop_duplicates(["seed", "region_code", "proj_type_code"])),
                worlds * REGIONS * TYPES,
            )
    for planted, finding in (("surge", "surge"), ("rise", "rate rise")):
        rows = pd.concat([trends_of(seed, planted, compiled) for seed in range(worlds)])
        found = rows[rows["is_touched"] & rows["finding"].eq(finding) & (rows["week_no"] <= FROM_WEEK + 3)]
        counted[planted] = len(found.drop_duplicates(["seed", "region_code", "proj_type_code"])), worlds * TYPES
    return counted


def coverage(compiled: Path, worlds: int) -> dict[str, tuple[float, int]]:
    """Return the share of bands that hold the truth after the base, and their number: of regions' series, and of the sums."""
    rows = pd.concat([is_covered(seed, planted, compiled) for seed in range(worlds) for planted in ("", "wave", "surge")])
    after = rows[rows["week_on"] >= pd.Timestamp(FIRST_ON) + pd.Timedelta(weeks=4)]
    parts = {"region and type": after[after["region_code"] != "ALL"], "sums": after[after["region_code"] == "ALL"]}
    return {name: (part["covered"].mean(), len(part)) for name, part in parts.items()}


def main() -> None:
    """Print how often the trends are wrong, how often right, and what the bands of the index hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=10, help="of each kind; each has 48 series of 56 weeks")
    worlds = parser.parse_args().worlds
    with tempfile.TemporaryDirectory() as scratch:
        compiled = compile_models(Path(scratch))
        print("| planted | found | of series |\n|---|---|---|")
        for kind, (found, of) in rates(compiled, worlds).items():
            print(f"| {kind} | {found} | {of} |")
        print("\n| index of | bands that hold the truth | of weeks |\n|---|---|---|")
        for kind, (share, of) in coverage(compiled, worlds).items():
            print(f"| {kind} | {100 * share:.1f} % | {of:,} |")


if __name__ == "__main__":
    main()
