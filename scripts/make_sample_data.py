"""Write the sample data: the same bytes from the same seed.

python scripts/make_sample_data.py batches [--batches 20] [--assets 400] [--seed 7] [--output seeds/percentiles/batches]
python scripts/make_sample_data.py breakdowns [--rows 2500] [--roles 1200] [--days 42] [--seed 7] [--output FILE]
"""

import argparse
import json
from pathlib import Path
from random import Random
from typing import Any

import _ending  # noqa: F401
from callsheet.pulse.sample import Size, write_sample
from callsheet.runtime.errors import DONE, exit_with
from callsheet.workspace import PROJECT

INDUSTRIES = ("Cars", "Hair care", "Food", "Clothing")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST_MILLISECOND = 1_760_000_000_000
DAY_MILLISECONDS = 86_400_000
DRIFT_PER_BATCH = {"Cars": 0.004, "Hair care": 0.012, "Food": 0.0, "Clothing": 0.008}


def ulid(random: Random, millisecond: int) -> str:
    """Return a ULID: 48 bits of time, 80 of chance, in Crockford's base 32."""
    number = (millisecond << 80) | random.getrandbits(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def damaged_label(random: Random, label: str) -> str:
    """Return the label as a careless export writes it; every form can be repaired."""
    masked = label[:1] + "XX" + label[3:]
    starred = label[:-2] + "**"
    return random.choice([label.upper(), label.lower(), f"  {label} ", masked, starred, label[:1] + "?" + label[2:]])


def bad_record(record: dict[str, Any], kind: int) -> Any:
    """Return the record spoilt in one of the ways that are seen."""
    spoilt: list[Any] = [
        {**record, "score": "error"},
        {**record, "score": None},
        {**record, "score": float("nan")},
        {**record, "score": float("inf")},
        {**record, "score": 99999},
        {**record, "industry": "Unheard of"},
        {**record, "industry": None},
        {**record, "id": "  "},
        {"score": record["score"], "industry": record["industry"]},
        f"{record['id']};{record['score']}",
    ]
    return spoilt[kind % len(spoilt)]


def batch(random: Random, number: int, assets: int) -> list[Any]:
    """Return one batch: scores that drift upward by industry, some outside 0..1, about 3 % bad rows."""
    rows: list[Any] = []
    for _ in range(assets):
        industry = random.choice(INDUSTRIES)
        centre = 0.5 + DRIFT_PER_BATCH[industry] * (number - 1)
        millisecond = FIRST_MILLISECOND + number * DAY_MILLISECONDS + random.randrange(DAY_MILLISECONDS)
        score = round(random.gauss(centre, 0.18), 4)
        rows.append({"id": ulid(random, millisecond), "score": score, "industry": industry})
    for kind, position in enumerate(random.sample(range(assets), max(1, assets // 40))):
        rows[position] = bad_record(rows[position], kind + number)
    whole = [row for row in rows if isinstance(row, dict) and set(row) == {"id", "score", "industry"} and row["industry"] in INDUSTRIES]
    for row in random.sample(whole, max(1, assets // 50)):
        row["industry"] = damaged_label(random, row["industry"])
    twin, rival = random.sample(whole, 2)
    rows[rows.index(twin) - 1] = dict(twin)
    rows[rows.index(rival) - 1] = {**rival, "score": 0.1234}
    return rows


def write_batches(arguments: argparse.Namespace) -> None:
    """Write the batches of scores."""
    arguments.output.mkdir(parents=True, exist_ok=True)
    random = Random(arguments.seed)
    for number in range(1, arguments.batches + 1):
        lines = ",\n".join(json.dumps(row) for row in batch(random, number, arguments.assets))
        (arguments.output / f"batch_{number}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")


def write_breakdowns(arguments: argparse.Namespace) -> None:
    """Write the file of breakdowns."""
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_sample(arguments.output, Size(arguments.rows, arguments.roles, arguments.days, arguments.seed))


def write_world(arguments: argparse.Namespace) -> None:
    """Write the film world: the sample's seeds, or as many (film, actor) rows as asked for in one long table."""
    from callsheet.resonance.films import world  # pandas takes a second, which batches do not need

    recipe = world.Recipe(cycle_effect=0.0) if arguments.no_cycle else world.Recipe()
    if arguments.rows is None:
        world.write_seeds(world.make_world(arguments.seed, recipe), arguments.output or PROJECT / "seeds/resonance")
    else:
        large = world.grown(recipe, arguments.rows)
        rows = world.write_long(world.make_world(arguments.seed, large), arguments.output or Path("world.csv"))
        print(f"{rows:,} rows → {arguments.output or 'world.csv'}")


def main() -> int:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    kinds = parser.add_subparsers(required=True)
    batches = kinds.add_parser("batches", help="batches of model scores, for percentiles")
    batches.add_argument("--batches", type=int, default=20)
    batches.add_argument("--assets", type=int, default=400, help="assets a batch")
    batches.add_argument("--seed", type=int, default=7)
    batches.add_argument("--output", type=Path, default=PROJECT / "seeds" / "percentiles" / "batches")
    batches.set_defaults(write=write_batches)
    size = Size()
    breakdowns = kinds.add_parser("breakdowns", help="views of casting breakdowns, for pulse")
    breakdowns.add_argument("--rows", type=int, default=size.rows, help="views")
    breakdowns.add_argument("--roles", type=int, default=size.roles, help="notices that are viewed")
    breakdowns.add_argument("--days", type=int, default=size.days)
    breakdowns.add_argument("--seed", type=int, default=size.seed)
    breakdowns.add_argument("--output", type=Path, default=PROJECT / "seeds" / "pulse" / "breakdowns_sample.csv")
    breakdowns.set_defaults(write=write_breakdowns)
    films = kinds.add_parser("films", help="a synthetic film world, for resonance")
    films.add_argument("--seed", type=int, default=7)
    films.add_argument("--rows", type=int, help="about so many (film, actor) rows as one long table, without dirt")
    films.add_argument("--no-cycle", action="store_true", help="without the era cycle")
    films.add_argument("--output", type=Path, help="folder of the seeds, or the long table's file")
    films.set_defaults(write=write_world)
    arguments = parser.parse_args()
    arguments.write(arguments)
    return DONE


if __name__ == "__main__":
    exit_with(main)
