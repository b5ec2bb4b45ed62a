"""Breakdowns as messy as the real thing, from a seed: a sample of thousands of rows or a benchmark of millions.

A role is posted once, in one spelling, and seen many times: rows are views. Everything is drawn as whole arrays, so that millions of rows take
seconds; the same arguments give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.random import Generator
from numpy.typing import NDArray

HEADER = [
    "id", "posted_date", "work_city", "project_type", "role_type", "union", "rate_value", "role_name", "project_name", "role_description",
]  # fmt: skip
FIRST_DAY = np.datetime64("2026-03-02")  # a Monday
DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600
CHUNK = 500_000  # rows written at a time

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

PLACES: dict[str, tuple[float, list[str]]] = {
    "LA": (54, ["Los Angeles, CA", "Los Angeles", "LA", "L.A.", "Hollywood, CA", "Burbank", "Santa Monica, CA", "los angeles, ca ", "Ontario, CA",
                "Los Ángeles", "North Hollywood", "Culver City, California", "Greater LA area"]),
    "NY": (26, ["New York, NY", "NYC", "Brooklyn, NY", "New York City", "Manhattan", "new york", "Queens, NY", "N.Y.C.", "Jersey City, NJ"]),
    "ATL": (15, ["Atlanta, GA", "Atlanta", "ATLANTA", "Savannah, GA", "Atlanta, Georgia"]),
    "CHI": (3, ["Chicago, IL", "Chicago", "Chicagoland"]),
    "TOR": (4, ["Toronto, ON", "Toronto", "Ontario, Canada", "Mississauga", "London, ON"]),
    "VAN": (2, ["Vancouver, BC", "Vancouver", "Burnaby BC"]),
    "MTL": (1, ["Montréal", "Montreal, QC"]),
    "LON": (2, ["London", "London, UK", "Shepperton"]),
    "TX": (2, ["Austin, TX", "Dallas", "Houston, Texas"]),
    "MIA": (1.5, ["Miami, FL", "Hollywood, FL", "Fort Lauderdale"]),
    "SF": (1.2, ["San Francisco", "Oakland, CA", "SF Bay Area"]),
    "NOLA": (0.8, ["New Orleans, LA", "Baton Rouge, LA"]),
    "REMOTE": (2, ["Remote", "Remote (Los Angeles based)", "Work from home"]),
    "MULTI": (1, ["Los Angeles / New York", "LA or NY", "Nationwide"]),
    "OTHER_US": (1.5, ["Denver, CO", "Portland, ME", "Orlando, FL", "Boise, ID"]),
    "PDX": (0.5, ["Portland, OR", "Vancouver, WA"]),
    "SD": (0.5, ["San Diego", "La Jolla, CA"]),
    "OTHER_INTL": (0.6, ["Dublin, Ireland", "Berlin", "Sydney, Australia"]),
    "UNKNOWN": (0.9, ["", "TBD", "See notes", "Gotham"]),
}  # fmt: skip
TYPES: dict[str, tuple[float, list[str]]] = {
    "F": (38, ["Feature Film", "Short Film", "Student Film", "Indie Film", "film", "Feature", "Short", "Student Film (thesis)"]),
    "T": (30, ["TV Series", "Episodic", "Streaming Series", "Pilot", "Documentary Series", "Television", "Web Series", "New Media"]),
    "C": (24, ["Commercial", "TV Commercial", "Commercial Voiceover", "Industrial", "Web Commercial", "commercial ", "PSA", "Promo"]),
    "V": (8, ["Voiceover", "Theater", "Audiobook", "Music Video", "Podcast", "", "Broadway", "Video Game"]),
}
# Each centre has its own trade; the rest is as the weights above say.
TRADES = {"LA": [56, 10, 32, 2], "NY": [6, 74, 18, 2], "ATL": [8, 82, 8, 2]}
ROLE_TYPES = (
    [
        "Lead",
        "Principal",
        "LEAD",
        "Lead / Series Regular",
        "Supporting",
        "Co-Star",
        "Day Player",
        "Featured",
        "Background",
        "Non-Lead",
        "Extra",
        "",
    ],
    [18, 10, 3, 2, 22, 10, 9, 8, 10, 3, 3, 2],
)
UNIONS = (
    ["SAG-AFTRA", "Non-Union", "Union", "Union and Non-Union", "SAG", "Non Union", "nonunion", "Both", "AFTRA", "AEA", "Equity", "ACTRA", "UBCP/ACTRA",
     "SAG-AFTRA or Non-Union", "N/A", "TBD", "", "Either", "union", "S.A.G."],
    [24, 24, 8, 5, 5, 6, 3, 3, 1, 1, 2, 2, 1, 2, 2, 2, 4, 1, 3, 1],
)  # fmt: skip
# {n}: a day rate, {h}: its eighth, {w}: five of it, {l} and {u}: somewhat less and more.
RATES = (
    ["${n}/day", "${n}", "{n}", "${n} flat", "${n}/day + 20%", "${l} - ${u}", "${l}–${u}/day", "${h}/hr", "${w}/week", "${n}/8", "${n}/10 hrs",
     "${n} session + $1,500 usage", "US${n} per day", "2 days @ ${n}", "{n}.00", "${n}/day + $50 wardrobe + $0.67/mile", "Ages 18-35, ${n} flat",
     "TBD", "SAG scale", "deferred", "copy, credit, meals", "up to ${n}/day", "CAD {n}/day", "£{n}", "$5,000/month", "", "negotiable",
     "call 555-867-5309", "$1,000,000", "-${n}", "unpaid", "$0.25 per word", "${n}/day, no overtime"],
    [22, 14, 9, 9, 4, 3, 3, 4, 2, 2, 2, 2, 2, 1, 2, 2, 1, 4, 3, 2, 2, 1, 1, 1, 1, 6, 2, 1, 1, 1, 2, 1, 2],
)  # fmt: skip
DAY_RATE = {"F": 300, "T": 450, "C": 650, "V": 275}
OPENINGS = (
    "Seeking a warm and funny", "A cold, brilliant and ruthless", "The charming but unreliable", "An anxious, kind-hearted", "A wonderful, generous",
    "A bitter and violent", "Looking for a confident", "The happy-go-lucky", "A grieving, lonely", "Our terrible, jealous", "A loyal and brave",
    "The boring and dull", "An enthusiastic, lovely", "A disturbed, angry", "Casting a natural, relaxed",
)  # fmt: skip
PEOPLE = (
    "detective", "young mother", "teacher", "surgeon", "neighbour", "best friend", "retired boxer", "café owner", "student", "politician", "nurse",
    "ship's captain", "journalist", "musician", "widower", "paid assassin", "fairground owner", "Thai chef", "bride", "soldier",
)  # fmt: skip
MIDDLES = (
    "who carries the emotional weight of the story and appears in nearly every scene of it",
    "who said too much, and now has to live with the consequences of an honest mistake",
    "with excellent comic timing, a good ear for dialects and real chemistry with the lead",
    'known to everybody as "Doc", quick to laugh and slow to forgive',
    "torn between duty and love; several intense scenes, one of them in the rain at night",
    "who is far more interesting than anybody in the family suspects, and who enjoys it",
    "with a dark secret that comes out in the second act and ruins a perfectly good dinner",
)
ENDINGS = (
    "Must be comfortable with improvisation, long days and working outdoors. Wardrobe and meals are provided on set.",
    "Please send a self-tape of one minute, slate included, and tell us about any conflict with the shooting dates.",
    "Callbacks will be held in person. Fair pay, kind crew and a wonderful director who loves actors.",
    "All ethnicities are welcome to submit.\nThis is a physically demanding part with difficult, painful material.",
    "Awful coffee guaranteed, great company too. Production covers travel for those who come from far away.",
    "No previous experience is needed, but a good sense of rhythm will help a great deal on the day.",
)
AI_WORDS = (
    "an AI researcher",
    "a friendly robot",
    "an A.I. assistant",
    "an android who dreams",
    "a robotics student's robotic arm",
    "a Gen AI founder",
)
ROLE_NAMES = (
    "Mia",
    "Jonas",
    "Detective Ruiz",
    "Mrs. Okafor",
    "Zoë",
    "Captain Said",
    "The Stranger",
    "Bartender",
    "Young Leah",
    "Officer Kim",
    "Robot #2",
    "Nana",
)
TITLES = ("Silver", "Midnight", "Broken", "Golden", "Last", "Paper", "Distant", "Electric", "Hidden", "Summer")
NOUNS = ("Harbor", "Letters", "Kingdom", "Echo", "Garden", "Frontier", "Promise", "Shadows", "Station", "Captain")
GIANT = "Colossal Cola Campaign"


@dataclass(frozen=True)
class Size:
    """How much to write. Roles: how many notices there are; every row is a view of one."""

    rows: int = 2_500
    roles: int = 1_200
    days: int = 42
    seed: int = 7


def write_sample(path: Path, size: Size) -> None:
    """Write the file."""
    chance = np.random.default_rng(size.seed)
    roles = _roles(chance, size)
    seen = _views(chance, size, roles.first_second, roles.weight)
    schema = pa.schema([(name, pa.string()) for name in HEADER])
    with path.open("wb") as file, pa_csv.CSVWriter(file, schema, write_options=pa_csv.WriteOptions(quoting_style="needed")) as writer:
        for start in range(0, size.rows, CHUNK):
            part = seen[start : start + CHUNK]
            columns = {name: texts.take(pa.array(part["role"])) for name, texts in roles.texts.items()}
            columns["posted_date"] = _times(chance, part["second"])
            writer.write_table(pa.table([columns[name] for name in HEADER], schema=schema))


@dataclass(frozen=True)
class _Roles:
    """Every notice: its texts, when it is posted (seconds from the first day on) and how often it is seen."""

    texts: dict[str, Any]
    first_second: Ints
    weight: NDArray[np.float64]


def _pick(chance: Generator, options: Sequence[Any], weights: Sequence[float], count: int) -> Ints:
    shares = np.asarray(weights, dtype=float)
    return chance.choice(len(options), size=count, p=shares / shares.sum())


def _roles(chance: Generator, size: Size) -> _Roles:
    count = size.roles
    weeks = max(1, size.days // 7)
    week = chance.integers(0, weeks, count)
    regions, types = list(PLACES), list(TYPES)
    region = _pick(chance, regions, [weight for weight, _ in PLACES.values()], count)
    kind = _pick(chance, types, [weight for weight, _ in TYPES.values()], count)
    for code, weights in TRADES.items():
        here = region == regions.index(code)
        kind[here] = _pick(chance, types, weights, int(here.sum()))
    last = weeks - 1
    # What an analyst should find in the last week: Los Angeles casts three times as many films, its commercials move to Atlanta, and television
    # in New York pays half as much again.
    films = (region == regions.index("LA")) & (kind == types.index("F"))
    week[films] = _pick(chance, range(weeks), [*[1.0] * last, 3.0], int(films.sum()))
    moves = (week == last) & (region == regions.index("LA")) & (kind == types.index("C")) & (chance.random(count) < 0.6)  # noqa: PLR2004 - most
    region[moves] = regions.index("ATL")
    # One employer fills Chicago's commercials.
    giant = (region == regions.index("CHI")) & (chance.random(count) < 0.9)  # noqa: PLR2004 - above the limit of 80 %
    kind[giant] = types.index("C")
    television = (region == regions.index("NY")) & (kind == types.index("T"))
    base = np.array([DAY_RATE[code] for code in types], dtype=float)[kind] * np.where(television & (week == last), 1.5, 1.0)
    spread = chance.lognormal(0, 1, count) ** np.where(television, 0.12, 0.35)
    day_rate = np.maximum(50, np.rint(base * spread / 25) * 25).astype(np.int64)
    texts = {
        "id": [f"R{number:07d}" if keeps else "" for number, keeps in enumerate(chance.random(count) > 0.05)],  # noqa: PLR2004 - a few have none
        "work_city": _spelled(chance, PLACES, region),
        "project_type": _spelled(chance, TYPES, kind),
        "role_type": [ROLE_TYPES[0][i] for i in _pick(chance, *ROLE_TYPES, count)],
        "union": [UNIONS[0][i] for i in _pick(chance, *UNIONS, count)],
        "rate_value": [_rate(RATES[0][i], amount) for i, amount in zip(_pick(chance, *RATES, count), day_rate.tolist(), strict=True)],
        "role_name": [ROLE_NAMES[i] for i in chance.integers(0, len(ROLE_NAMES), count)],
        "project_name": _projects(chance, giant, size),
        "role_description": _descriptions(chance, count),
    }
    # Fewer notices on weekends.
    day = week * 7 + _pick(chance, range(7), [10, 11, 11, 10, 9, 0.5, 0.5], count)
    first = np.minimum(day, size.days - 1) * DAY_SECONDS + chance.integers(0, DAY_SECONDS, count)
    return _Roles({name: pa.array(values, pa.string()) for name, values in texts.items()}, first, chance.pareto(3.0, count) + 0.5)


def _spelled(chance: Generator, spellings: dict[str, tuple[float, list[str]]], codes: Ints) -> list[str]:
    lists = [texts for _, texts in spellings.values()]
    # The first spelling is the usual one.
    draws = np.minimum(chance.random(len(codes)), chance.random(len(codes)))
    return [lists[code][int(draw * len(lists[code]))] for code, draw in zip(codes.tolist(), draws.tolist(), strict=True)]


def _rate(form: str, amount: int) -> str:
    return form.format(n=f"{amount:,}", h=f"{amount / 8:g}", w=f"{amount * 5:,}", l=f"{amount - 25:,}", u=f"{amount + 75:,}")


def _projects(chance: Generator, giant: NDArray[np.bool_], size: Size) -> list[str]:
    number = chance.integers(0, max(1, size.roles // 3), len(giant)).tolist()
    named = chance.random(len(giant)) > 0.04  # noqa: PLR2004 - a few have no project
    return [
        GIANT if is_giant else f"{TITLES[n % 10]} {NOUNS[n // 10 % 10]} {n // 100 + 1}" if is_named else ""
        for is_giant, is_named, n in zip(giant.tolist(), named.tolist(), number, strict=True)
    ]


def _descriptions(chance: Generator, count: int) -> list[str | None]:
    parts = [chance.integers(0, len(options), count).tolist() for options in (OPENINGS, PEOPLE, MIDDLES, ENDINGS, AI_WORDS)]
    age = chance.integers(18, 75, count).tolist()
    kind = chance.random(count).tolist()
    texts: list[str | None] = []
    for opening, person, middle, ending, word, years, draw in zip(*parts, age, kind, strict=True):
        text = f"{OPENINGS[opening]} {PEOPLE[person]} ({years} to {years + 8}) {MIDDLES[middle]}."
        if draw < 0.05:  # noqa: PLR2004 - the theme's share
            text += f" Meets {AI_WORDS[word]}."
        texts.append("" if draw > 0.96 else f"{text} {ENDINGS[ending]}")  # noqa: PLR2004 - some notices say nothing
    return texts


def _views(chance: Generator, size: Size, first: Ints, weight: NDArray[np.float64]) -> Any:
    """Draw the views: each role is seen at least once while there are rows, the popular ones often, most within three days."""
    drawn = chance.choice(len(first), size=max(0, size.rows - len(first)), p=weight / weight.sum())
    role = np.concatenate([np.arange(len(first)), drawn])[: size.rows]
    second = first[role] + chance.exponential(0.4 * DAY_SECONDS, len(role)).astype(np.int64)
    seen = np.zeros(len(role), dtype=[("second", np.int64), ("role", np.int64)])
    seen["second"], seen["role"] = np.minimum(second, size.days * DAY_SECONDS - 1), role
    return np.sort(seen, order=["second", "role"])


def _times(chance: Generator, second: Ints) -> Any:
    """Write each time in one of the forms exports use; a few cannot be read."""
    moment = FIRST_DAY.astype("datetime64[s]") + second.astype("timedelta64[s]")
    forms = _pick(chance, range(9), [58, 12, 8, 6, 4, 4, 4, 2.4, 1.6], len(second))
    out = np.char.add(np.datetime_as_string(moment), "Z").astype(object)
    west = np.datetime_as_string(moment - np.timedelta64(7 * HOUR_SECONDS, "s"))
    east = np.datetime_as_string(moment + np.timedelta64(5 * HOUR_SECONDS + HOUR_SECONDS // 2, "s"))
    epoch = moment.astype(np.int64)
    plain = np.datetime_as_string(moment)
    choices: list[Any] = [
        None,
        np.char.add(west, "-07:00"),
        np.char.replace(plain, "T", " "),
        np.char.add(plain, ".250Z"),
        epoch.astype(str),
        (epoch * 1000).astype(str),
        np.char.add(east, "+0530"),
        np.char.replace(np.datetime_as_string(moment, unit="D"), "-", ""),
        np.array(["last Tuesday", "", "03/14/2026", "0000-00-00"], dtype=object)[chance.integers(0, 4, len(second))],
    ]
    for form, texts in enumerate(choices):
        if texts is not None:
            out = np.where(forms == form, texts, out)
    return pa.array(out, pa.string())
