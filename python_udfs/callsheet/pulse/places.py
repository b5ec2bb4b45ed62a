"""Which region a place belongs to, from what people write: a gazetteer, and patterns for what is no place.

One rule. A name is the longest run of words that the gazetteer or a pattern knows. The state or country after it decides which place
of that name is meant, and overrules fame; a bare name is the most populous place, or one near another place of the same text. A place
belongs to the nearest region in whose circle it lies, else to the region of its state, else to that of its country.
"""

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

FILE = "places.parquet"
FILE_HASH = "ca247e699048dc365b536493d6e58200e1baf866beb78ec6f413c41a1f78236a"  # SHA-256: a new file is new code

PLACE_PRIORITY, STATE_PRIORITY, COUNTRY_PRIORITY = 50, 20, 15  # of patterns that weigh as much
FAMOUS = 300_000  # so many people, and a bare name stands for itself beside a larger place
NEAR_KM, NEAR_SHARE = 100, 0.1  # a place near another of the text is meant where it has a tenth of its largest namesake's people
TIE_SHARE = 0.5  # a namesake in another region with half the people is told of
EVEN_SHARE = 0.75  # with three quarters of the people it is the one meant, if it lies around a region's centre and the largest does not
ALIAS_SHARE = 0.005  # another name of a place yields to places of that name, unless they are villages: Canton is in Ohio, Cologne is Köln
# Codes that are words, too. They decide between places, but overrule none; in capitals after a comma they are the state.
SOFT = {
    "de": "delaware", "hi": "hawaii", "in": "indiana", "la": "la", "ma": "massachusetts", "me": "maine", "oh": "ohio", "ok": "oklahoma",
    "on": "ontario", "or": "oregon", "pa": "pennsylvania",
}  # fmt: skip

_TOKENS = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
_JOINED = str.maketrans("", "", "'’‘")
_INITIALS = re.compile(r"\b([^\W\d_])[.]([^\W\d_])\b(?:[.]([^\W\d_])\b)?[.]?")
_WORD = re.compile(r"[^\W_]+")
# What lists places. After a comma, "or" is Oregon, and so it is at the end.
_STATED = re.compile(rf",\s*({'|'.join(SOFT).upper()})\b")
_LIST = re.compile(r"[/&;|+\n•]|(?<=[^,\s])\s+(?:or|and|and/or)\s+(?=\S)", re.IGNORECASE)


class Place(NamedTuple):
    """A row of the gazetteer."""

    country: str
    state: str
    latitude: float
    longitude: float
    population: int
    kind: int  # 0 a place, 1 a state, 2 a country
    is_alias: bool

    @property
    def weight(self) -> float:
        """How much a bare name stands for this place."""
        return self.population * (ALIAS_SHARE if self.is_alias else 1)

    def lies_in(self, other: "Place") -> bool:
        """Say whether a state or country stated after the name is this place's."""
        return other.kind > self.kind and self.country == other.country and (other.kind == 2 or self.state == other.state)  # noqa: PLR2004


class Pattern(NamedTuple):
    """Words that stand for a region; a person's own beat whatever the gazetteer says of them."""

    code: str
    priority: int
    is_own: bool


class Area(NamedTuple):
    """What belongs to a region: a circle, a state, a country, or the rest of the world."""

    code: str
    country: str
    state: str
    latitude: float | None
    longitude: float | None
    radius_km: float


@dataclass(frozen=True)
class Span:
    """Words of a text that a pattern or the gazetteer knows, and in which part of the text they stand."""

    words: str
    part: int
    pattern: Pattern | None
    places: Sequence[Place]

    @property
    def divisions(self) -> list[Place]:
        """The states and countries of this name."""
        return [place for place in self.places if place.kind > 0]


@dataclass(frozen=True)
class Reading:
    """What a span means."""

    span: Span
    code: str
    priority: int
    place: Place | None = None
    is_stated: bool = True
    rival: Place | None = None

    @property
    def weight(self) -> float:
        """How many people stand behind it; what is stated or a pattern needs none."""
        return self.place.weight if self.place and not self.is_stated else math.inf

    @property
    def label(self) -> str:
        """The words, and of which place."""
        return _label(self.span.words, self.place)


def find_region(text: str | None, patterns: str | None, areas: str | None) -> dict[str, Any]:
    """Read one text. Patterns and areas are lines of cells, as `cells_of` reads them; the answer is null where nothing is known."""
    readings = _atlas(patterns or "", areas or "").read(text or "")
    if not readings:
        return {"code": None, "pattern": None, "runner_up": None, "is_tied": False}
    best, others = readings[0], [one for one in readings[1:] if one.code != readings[0].code]
    deciding = [one for one in readings if one.priority == best.priority]
    rival = _label(best.span.words, best.rival) if best.rival else None
    return {
        "code": best.code if len({one.code for one in deciding}) == 1 else "MULTI",
        "pattern": best.label,
        "runner_up": others[0].label if others else rival,
        "is_tied": len(deciding) == 1 and rival is not None,
    }


def words_of(text: str) -> list[str]:
    """Return the words of a name as the macro words_of has them, saints and forts written short."""
    bare = _INITIALS.sub(lambda found: "".join(filter(None, found.groups())), (folded_text(text) or "").translate(_JOINED))
    return [_TOKENS.get(word, word) for word in _WORD.findall(bare)]


def folded_text(text: str | None) -> str | None:
    """Return the text without accents and in lower case, letter by letter, as DuckDB's lower(strip_accents(text))."""
    if text is None or text.isascii():
        return text and text.lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.category(letter).startswith("M"))
    return "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in unicodedata.normalize("NFC", bare))


def cells_of(lines: str) -> list[list[str]]:
    """Return the rows of a text: chr(30) between rows, chr(31) between cells."""
    return [line.split("\x1f") for line in lines.split("\x1e") if line]


class Gazetteer:
    """The places by name. Rows become objects only when they are asked for: fifty thousand of them would take a quarter of a second."""

    def __init__(self) -> None:
        """Read the file, whose rows are sorted by name."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - only where places are read

        table = pq.ParquetFile(io.BytesIO(files(__package__).joinpath(FILE).read_bytes())).read()
        names, *self._columns = (column.to_pylist() for column in table.itercolumns())
        self._stops = {name: number + 1 for number, name in enumerate(names)}
        self._starts = {name: number for number, name in reversed(list(enumerate(names)))}
        self.longest = max(name.count(" ") + 1 for name in self._starts)

    @lru_cache(maxsize=10_000)  # noqa: B019 - there is one gazetteer a process
    def named(self, name: str) -> list[Place]:
        """Return all places of a name."""
        rows = range(self._starts.get(name, 0), self._stops.get(name, 0))
        return [Place._make(column[row] for column in self._columns) for row in rows]


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Return the one that a process reads once."""
    return Gazetteer()


@lru_cache(maxsize=2)
def _atlas(patterns: str, areas: str) -> "Atlas":
    own = ((words, Pattern(code, int(priority or 0), is_own == "true")) for words, code, priority, is_own in cells_of(patterns))
    where = (
        Area(code, country, state, float(latitude) if latitude else None, float(longitude) if longitude else None, float(radius or 0))
        for code, country, state, latitude, longitude, radius, _ in sorted(cells_of(areas), key=lambda cells: cells[-1], reverse=True)
    )
    return Atlas(own, where)


class Atlas:
    """Patterns, areas and gazetteer together."""

    def __init__(self, patterns: Iterable[tuple[str, Pattern]], areas: Iterable[Area]) -> None:
        """Take both in any order."""
        self._patterns = {" ".join(words_of(words)): pattern for words, pattern in patterns}
        self._places = gazetteer()
        self._areas = list(areas)
        self._longest = max(self._places.longest, *(len(words.split()) for words in (*self._patterns, "")))

    def region_of(self, place: Place) -> str | None:
        """Return the region of a place: the nearest circle, else its state's, its country's, the world's."""
        own = [area for area in self._areas if area.country in (place.country, "")]
        if circle := self._circle_of(place):
            return circle
        for state, country in ((place.state, place.country), ("", place.country), ("", "")):
            for area in own:
                if area.latitude is None and (area.country, area.state) == (country, state):
                    return area.code
        return None

    def _circle_of(self, place: Place) -> str | None:
        circles = [] if place.kind else [(_distance(area, place), area) for area in self._areas if area.country == place.country]
        return min(((distance, area.code) for distance, area in circles if distance <= area.radius_km), default=(0, None))[1]

    def read(self, text: str) -> list[Reading]:
        """Return what the text means, the best first; of a place that merely surrounds another nothing is said."""
        readings = self._read_spans([span for part, words in enumerate(_LIST.split(text)) for span in self._spans(words, part)])
        readings = [self._near(one, readings) for one in readings]
        kept = []
        for one in readings:
            equals = [other for other in readings if (other.span.part, other.priority) == (one.span.part, one.priority)]
            if one.weight >= FAMOUS or one == max(equals, key=lambda other: other.weight):
                kept.append(one)
        return sorted(kept, key=lambda one: (-one.priority, -one.weight, -len(one.span.words), one.span.words))

    def _spans(self, text: str, part: int) -> list[Span]:
        words, spans, start = words_of(_STATED.sub(lambda found: f", {SOFT[found[1].lower()]}", text)), [], 0
        while start < len(words):
            for stop in range(min(len(words), start + self._longest), start, -1):
                name = " ".join(words[start:stop])
                pattern, places = self._patterns.get(name), self._places.named(name)
                if pattern or places:
                    spans.append(Span(name, part, pattern, places))
                    start = stop - 1
                    break
            start += 1
        return spans

    def _read_spans(self, spans: Sequence[Span]) -> list[Reading]:
        readings: list[Reading] = []
        number = 0
        while number < len(spans):
            span, number = spans[number], number + 1
            following = spans[number] if number < len(spans) and spans[number].part == span.part else None
            reading, is_used = self._read_span(span, following, is_first=not readings or readings[-1].span.part != span.part)
            if reading:
                readings.append(reading)
            number += is_used
        return readings

    def _read_span(self, span: Span, following: Span | None, *, is_first: bool) -> tuple[Reading | None, bool]:
        """Return what a span means, and whether the one after it said where."""
        pattern, stated = span.pattern, following.divisions if following else []
        if pattern and (pattern.is_own or pattern.priority > PLACE_PRIORITY):
            return Reading(span, pattern.code, pattern.priority), False
        for kind in (1, 2):
            where = [division for division in stated if division.kind == kind]
            meant = [place for place in span.places if any(place.lies_in(one) for one in where) and not (pattern and place.kind)]
            if meant:
                return self._placed(span, max(meant, key=lambda place: place.weight), is_stated=True), True
        if span.words in SOFT and not stated and (following or not is_first):
            return None, False
        if pattern:
            return Reading(span, pattern.code, pattern.priority), False
        if (
            following
            and stated
            and following.words not in SOFT
            and not (following.pattern and following.pattern.priority >= PLACE_PRIORITY)
        ):
            place = max(stated, key=lambda division: (division.country == "US", division.population))
            code = following.pattern.code if following.pattern else self.region_of(place)
            return (Reading(following, code, PLACE_PRIORITY, place) if code else None), True
        return self._bare(span), False

    def _bare(self, span: Span) -> Reading | None:
        ranked = sorted(span.places, key=lambda place: -place.weight)
        even = [place for place in ranked if place.weight >= EVEN_SHARE * ranked[0].weight]
        ranked.sort(key=lambda place: place not in even or self._circle_of(place) is None)
        reading = self._placed(span, ranked[0], is_stated=False)
        if reading is None or reading.priority < PLACE_PRIORITY:
            return reading
        close = (place for place in ranked[1:] if place.weight >= TIE_SHARE * ranked[0].weight and self.region_of(place) != reading.code)
        return replace(reading, rival=next(close, None))

    def _placed(self, span: Span, place: Place, *, is_stated: bool) -> Reading | None:
        code = self.region_of(place)
        priority = (PLACE_PRIORITY, STATE_PRIORITY, COUNTRY_PRIORITY)[place.kind]
        return Reading(span, code, priority, place, is_stated=is_stated) if code else None

    def _near(self, reading: Reading, readings: Sequence[Reading]) -> Reading:
        """Return another place of a bare name where it lies near a place of the same text."""
        if reading.is_stated or reading.place is None or reading.place.kind:
            return reading
        others = [one.place for one in readings if one is not reading and one.place and not one.place.kind]
        namesakes = [place for place in reading.span.places if not place.kind and place.weight >= NEAR_SHARE * reading.place.weight]
        near = [place for place in namesakes if any(_distance(other, place) <= NEAR_KM for other in others)]
        if not near or reading.place in near:
            return replace(reading, rival=None) if near else reading
        return self._placed(reading.span, max(near, key=lambda place: place.weight), is_stated=False) or reading


def _label(words: str, place: Place | None) -> str:
    return " ".join(filter(None, (words, place.state, place.country))) if place and not place.kind else words


def _distance(one: Area | Place, other: Place) -> float:
    """Return the kilometres between two points of the earth; from what has no point they are without end."""
    if one.latitude is None or one.longitude is None:
        return math.inf
    south, north = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))
