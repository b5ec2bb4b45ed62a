"""The shapes of the report's pictures: numbers become coordinates here, and the page's template draws them in its own colours."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from callsheet.pulse.places import FILE
from callsheet.runtime.config import seed_of

_PLACES = Path(__file__).with_name(FILE)

# A picture's own units. Pages scale it, down to a phone's width.
CHART_WIDTH, CHART_HEIGHT = 260, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 4, 10, 22
SPARK_WIDTH, SPARK_HEIGHT, _SPARK_EDGE = 96, 24, 3
MAP_WIDTH, MAP_HEIGHT = 640, 460
_LARGEST, _SMALLEST = 24.0, 4.0  # radii on the map
_LETTER, _LINE = 12.0, 22.0  # the largest that a label's letters get: on a phone
_TICKS = 4
_STEPS = (10, 20, 25, 50, 100, 200, 250, 500)

_Box = tuple[float, float, float, float]  # left, top, right, bottom


class _Label(NamedTuple):
    """Where the text beside a circle stands, and the room that it takes."""

    x: float
    y: float
    anchor: str
    box: _Box


class _Window(NamedTuple):
    """A part of the world, and where on the map its north-west corner lies."""

    west: float
    east: float
    south: float
    north: float
    left: float
    top: float
    scale: float  # map units for a degree of longitude
    dot: float  # degrees between the dots that stand for inhabited land

    def holds(self, longitude: float, latitude: float) -> bool:
        """Say whether a point lies in it."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point lies on the map; a degree of latitude is drawn as long as it is in the middle of the window."""
        stretch = self.scale / math.cos(math.radians((self.south + self.north) / 2))
        return self.left + (longitude - self.west) * self.scale, self.top + (self.north - latitude) * stretch


_WINDOWS = (
    _Window(-127, -62, 15, 51, 22, 16, 9.2, 1.3),
    _Window(-7.6, 2.4, 49.6, 58.9, 540, 320, 7.6, 0.75),
)


@dataclass(frozen=True)
class Chart:
    """A line with its band, and what its axes say."""

    label: str
    line: str
    band: str
    points: list[tuple[float, float]]
    values: list[tuple[float, str]]  # height and text of each grid line
    weeks: list[tuple[float, str, str]]  # place, text and anchor
    level: float  # where 100 is
    left: float
    right: float


@dataclass(frozen=True)
class Spot:
    """A region on the map."""

    text: str
    x: float
    y: float
    radius: float
    text_x: float
    text_y: float
    anchor: str


def index_chart(label: str, weeks: Sequence[Mapping[str, Any]]) -> Chart:
    """Lay out an index by week with its band."""
    highest: float = max(100.0, *(week["index_high"] for week in weeks))
    step = next((size for size in _STEPS if highest / size <= _TICKS), _STEPS[-1] * math.ceil(highest / _STEPS[-1] / _TICKS))
    top = step * math.ceil(highest / step)
    first: date = weeks[0]["week_on"]
    last: date = weeks[-1]["week_on"]
    days = max(1, (last - first).days)

    def x(week_on: date) -> float:
        return _LEFT + 8 + (CHART_WIDTH - _LEFT - _RIGHT - 16) * (week_on - first).days / days

    def y(value: float) -> float:
        return CHART_HEIGHT - _BOTTOM - (CHART_HEIGHT - _TOP - _BOTTOM) * value / top

    points = [(x(week["week_on"]), y(week["index_value"])) for week in weeks]
    high = [(x(week["week_on"]), y(week["index_high"])) for week in weeks]
    low = [(x(week["week_on"]), y(week["index_low"])) for week in weeks]
    named = {0: "start", len(weeks) - 1: "end"}
    return Chart(
        label=label,
        line=_path(points),
        band=_path([*high, *reversed(low)]),
        points=points,
        values=[(y(value), str(value)) for value in range(0, top + 1, step)],
        weeks=[(x(weeks[place]["week_on"]), f"{weeks[place]['week_on']:%-d %b}", anchor) for place, anchor in named.items()],
        level=y(100),
        left=_LEFT,
        right=CHART_WIDTH - _RIGHT,
    )


def spark(values: Sequence[float | None]) -> dict[str, Any] | None:
    """Lay out a line without axes, from its least to its largest value; none where there is no second value."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    least, largest = (limit(value for _, value in known) for limit in (min, max))
    across, up = SPARK_WIDTH - 2 * _SPARK_EDGE, SPARK_HEIGHT - 2 * _SPARK_EDGE
    points = [
        (
            _SPARK_EDGE + across * place / (len(values) - 1),
            SPARK_HEIGHT - _SPARK_EDGE - up * (value - least) / ((largest - least) or 1),
        )
        for place, value in known
    ]
    return {"line": _path(points), "end": points[-1]}


def region_map(roles: Mapping[str, int]) -> tuple[str, list[Spot], list[str]]:
    """Return the dots of inhabited land, the regions with their roles as circles on it, and the codes that have no place on it."""
    centres = {code: at for code, at in _centres().items() if code in roles}
    largest = max([*roles.values(), 1])
    circles = {
        code: (*centres[code], max(_SMALLEST, _LARGEST * math.sqrt(roles[code] / largest)))
        for code in sorted(centres, key=lambda code: (-roles[code], code))
    }
    taken: list[_Box] = [(x - radius, y - radius, x + radius, y + radius) for x, y, radius in circles.values()]
    spots = []
    for code, (x, y, radius) in circles.items():
        text = f"{code} {roles[code]:,}"
        label = _free_label(text, x, y, radius, taken)
        taken.append(label.box)
        spots.append(Spot(text, x, y, radius, label.x, label.y, label.anchor))
    return _land(), spots, [code for code in roles if code not in centres]


def _free_label(text: str, x: float, y: float, radius: float, taken: Sequence[_Box]) -> _Label:
    """Return the first place beside a circle where a label covers nothing, or the one where it covers least."""
    wide = len(text) * _LETTER
    labels = []
    for down in (0.0, 0.7, -0.7, 1.0, -1.0):  # beside the middle, then towards the bottom and the top
        text_y = y + _LINE / 3 + down * (radius + _LINE / 2)
        for anchor, text_x, left in (
            ("middle", x, x - wide / 2) if abs(down) == 1 else ("start", x + radius + 4, x + radius + 4),
            ("end", x - radius - 4, x - radius - 4 - wide),
        ):
            labels.append(_Label(text_x, text_y, anchor, (left, text_y - _LINE * 0.8, left + wide, text_y + _LINE * 0.2)))
    return min(labels, key=lambda label: sum(_common(label.box, box) for box in taken) + _outside(label.box))


def _outside(box: _Box) -> float:
    """Return how much of a box lies outside of the map."""
    return (box[2] - box[0]) * (box[3] - box[1]) - _common(box, (0.0, 0.0, MAP_WIDTH, MAP_HEIGHT))


def _common(one: _Box, other: _Box) -> float:
    """Return the area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def _centres() -> dict[str, tuple[float, float]]:
    """Return where the project's regions lie on the map: the middle of the first circle, else the largest place of the state or country.

    The rest of a country has no middle, and what a person adds in the home's config is theirs to tell.
    """
    rows = _asked(
        """
        with areas as (select *, row_number() over () as line from read_csv($areas, all_varchar = true)),
        countries as (select country from areas where country is not null group by country having count(distinct code) = 1)
        select
            areas.code,
            coalesce(arg_min(areas.longitude::double, line), arg_max(places.longitude, places.population)),
            coalesce(arg_min(areas.latitude::double, line), arg_max(places.latitude, places.population))
        from areas
        left join read_parquet($places) as places
            on areas.country = places.country and (areas.state is null or areas.state = places.state) and places.kind = 0 -- a town
        where areas.latitude is not null or areas.state is not null or areas.country in (select country from countries)
        group by areas.code
        order by areas.code
        """,
        areas=str(seed_of("region_areas")),
    )
    return {code: window.at(longitude, latitude) for code, longitude, latitude in rows if (window := _window(longitude, latitude))}


def _land() -> str:
    """Return a path of dots where people live: the places of the gazetteer, by squares."""
    dots = set()
    lived_in = "select longitude, latitude from read_parquet($places) where country in ('CA', 'GB', 'MX', 'US') and not is_alias"
    for longitude, latitude in _asked(lived_in):
        if window := _window(longitude, latitude):
            dots.add(window.at(round(longitude / window.dot) * window.dot, round(latitude / window.dot) * window.dot))
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in sorted(dots))


def _asked(sql: str, **parameters: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the gazetteer."""
    with duckdb.connect() as connection:
        return connection.execute(sql, {"places": str(_PLACES), **parameters}).fetchall()


def _window(longitude: float, latitude: float) -> _Window | None:
    return next((window for window in _WINDOWS if window.holds(longitude, latitude)), None)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
