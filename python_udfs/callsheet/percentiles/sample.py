"""Sample batches of model scores: the same bytes from the same seed."""

import json
from pathlib import Path
from random import Random
from typing import Any

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


def write_batches(folder: Path, batches: int, assets: int, seed: int) -> None:
    """Write the batches as files of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    for number in range(1, batches + 1):
        lines = ",\n".join(json.dumps(row) for row in batch(random, number, assets))
        (folder / f"batch_{number}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
