"""A film to be cast, checked against what the data know: one form for the command line, a seed, the app and a manifest.

Money is millions of US dollars where a person writes it, US dollars inside.
"""

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from callsheet.runtime.errors import UnusableInputError

MILLION = 1_000_000
SMALLEST_BUDGET, LARGEST_BUDGET = 0.001, 2_000.0  # millions: below, sums are unit errors (`resonance_money_floor`); above, they are dollars
LARGEST_TOP = 500  # a longer slate narrows no search
LARGEST_BILL_ORDER = 100
_SUGGESTIONS = 3
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class Role:
    """A part to fill and its place in the cast, 1 first."""

    name: str
    bill_order: int


@dataclass(frozen=True)
class Availability:
    """When an actor is free (either end may be open), the studio that holds a contract, and the fee in US dollars."""

    person_id: str
    free_from: date | None = None
    free_to: date | None = None
    exclusive_to: str | None = None
    fee_usd: float | None = None


@dataclass(frozen=True)
class Filters:
    """Whom the brief rules out. An actor without a line in `availability` is taken to be free, and without a fee."""

    min_credits: int | None = None
    max_credits: int | None = None
    active_within_years: int | None = None
    genres: tuple[str, ...] = ()
    must_have: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    availability: tuple[Availability, ...] = ()
    shoot_from: date | None = None
    shoot_to: date | None = None
    studio: str | None = None
    max_total_fee_usd: float | None = None


@dataclass(frozen=True)
class Brief:
    """A film to be cast, seen from 1 January of its year. People are ids; `roles` empty is one role at `bill_order`."""

    year: int
    budget_usd: float | None
    genres: tuple[str, ...]
    bill_order: int = 1
    roles: tuple[Role, ...] = ()
    director: str | None = None
    top: int = 15
    filters: Filters = field(default_factory=Filters)
    use_cycle: bool = True
    calibrate: bool = True
    use_penalties: bool = True
    use_diversity: bool = True
    alpha: float | None = None
    synergy_weight: float | None = None
    label: str = ""

    @property
    def cast(self) -> tuple[Role, ...]:
        """The roles to fill, at least one."""
        return self.roles or (_unnamed_role(self.bill_order),)

    @property
    def shoot(self) -> tuple[date, date]:
        """The first and the last day that an actor must be free: where unset, those of the year."""
        return self.filters.shoot_from or date(self.year, 1, 1), self.filters.shoot_to or date(self.year, 12, 31)

    def obstacle(self, person_id: str) -> str | None:
        """Return why the actor cannot take part, as a clause, or None. A window that was not asked for needs one free day of the year."""
        line = self._lines.get(person_id)
        if line is None:
            return None
        if line.exclusive_to and fold(line.exclusive_to) != fold(self.filters.studio or ""):
            return f"under contract to {line.exclusive_to}"
        first, last = self.shoot
        is_asked = self.filters.shoot_from is not None or self.filters.shoot_to is not None
        needed_from, needed_to = (first, last) if is_asked else (last, first)
        if line.free_from and line.free_from > needed_from:
            return f"not free before {line.free_from}"
        if line.free_to and line.free_to < needed_to:
            return f"not free after {line.free_to}"
        return None

    def fee(self, person_id: str) -> float | None:
        """Return the fee in US dollars, None where no line gives one."""
        line = self._lines.get(person_id)
        return line.fee_usd if line else None

    @cached_property
    def _lines(self) -> dict[str, Availability]:
        return {line.person_id: line for line in self.filters.availability}

    def fields(self) -> dict[str, Any]:
        """Return what a person would have written: `parse_brief` makes the same brief of it. Defaults and what is unset are left out."""
        filters = self.filters
        written: dict[str, Any] = {
            "label": None if self.label == _label(self.year, self.genres, self.budget_usd) else self.label,
            "year": self.year,
            "budget": _millions(self.budget_usd),
            "genres": list(self.genres),
            "roles": [{"name": role.name, "bill_order": role.bill_order} for role in self.roles],
            "bill_order": None if self.roles else self.bill_order,
            "director": self.director,
            "top": self.top,
            "use_cycle": self.use_cycle,
            "calibrate": self.calibrate,
            "use_penalties": self.use_penalties,
            "use_diversity": self.use_diversity,
            "alpha": self.alpha,
            "synergy_weight": self.synergy_weight,
            "min_credits": filters.min_credits,
            "max_credits": filters.max_credits,
            "active_within_years": filters.active_within_years,
            "actor_genres": list(filters.genres),
            "must_have": list(filters.must_have),
            "excluded": list(filters.excluded),
            "availability": [_written(line) for line in filters.availability],
            "shoot_from": _iso(filters.shoot_from),
            "shoot_to": _iso(filters.shoot_to),
            "studio": filters.studio,
            "max_total_fee": _millions(filters.max_total_fee_usd),
        }
        return {name: value for name, value in written.items() if value is not None and value != []}

    def to_json(self) -> str:
        """Return the brief as text, the same for the same brief."""
        return json.dumps(self.fields(), indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, known: "Known") -> "Brief":
        """Return the brief of such a text, or of the manifest of a slate, checked against what is known now."""
        return parse_brief(read_fields(text), known)


FIELDS = (
    "label", "year", "budget", "genres", "bill_order", "roles", "director", "top", "use_cycle", "calibrate", "use_penalties",
    "use_diversity", "alpha", "synergy_weight", "min_credits", "max_credits", "active_within_years", "actor_genres", "must_have",
    "excluded", "availability", "shoot_from", "shoot_to", "studio", "max_total_fee",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What a brief may name: genres, the first and the last year it can be for, and names by id of those who have acted or directed."""

    genres: tuple[str, ...]
    first_year: int
    last_year: int
    actors: Mapping[str, str]
    directors: Mapping[str, str]

    def genre(self, text: str) -> str:
        """Return the genre that is meant, whatever its case and blanks."""
        folded = fold(text).replace(" ", "_")
        if folded in self.genres:
            return folded
        near = difflib.get_close_matches(folded, self.genres, _SUGGESTIONS, cutoff=0.5)
        raise UnusableInputError(f"There is no genre {text!r}: {_meant(near or self.genres)}.")

    def person(self, text: str, job: str) -> str:
        """Return the id of the actor or director that is meant by an id or a name."""
        names, ids = (self.actors, self._actor_ids) if job == "actor" else (self.directors, self._director_ids)
        found = [text] if text in names else ids.get(fold(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise UnusableInputError(f"{len(found)} of the {job}s are called {text!r}: name one by id, {' or '.join(found[:5])}.")
        near = difflib.get_close_matches(fold(text), ids, _SUGGESTIONS, cutoff=0.6)
        hint = _meant([names[ids[name][0]] for name in near]) if near else f"no name is near; {len(names):,} {job}s are known"
        raise UnusableInputError(f"There is no {job} {text!r} in the data: {hint}.")

    def is_actor(self, text: str) -> bool:
        """Say whether an actor has this id or name."""
        return text in self.actors or fold(text) in self._actor_ids

    @cached_property
    def _actor_ids(self) -> dict[str, list[str]]:
        return _ids_by_name(self.actors)

    @cached_property
    def _director_ids(self) -> dict[str, list[str]]:
        return _ids_by_name(self.directors)


def read_text(path: Path) -> str:
    """Return the text of a file that a person named."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableInputError(f"{path} is not UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise UnusableInputError(f"{path} cannot be read ({(error.strerror or str(error)).lower()}): name another file.") from None


def read_fields(text: str) -> dict[str, Any]:
    """Return the fields of a brief in JSON, or of the brief in the manifest of a slate."""
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnusableInputError(f"The brief is no JSON: {error.msg} at line {error.lineno}.") from None
    if isinstance(fields, dict) and isinstance(fields.get("brief"), dict):
        fields = fields["brief"]
    if not isinstance(fields, dict):
        raise UnusableInputError('The brief is no JSON object: write it as {"year": 2006, "budget": 20, "genres": ["action"]}.')
    return fields


def parse_brief(fields: Mapping[str, Any], known: Known) -> Brief:
    """Return the brief that these fields describe: texts, as a seed or a form has them, or JSON's own types.

    Lists may be texts parted by commas or bars. The first thing that is wrong is said in one sentence.
    """
    for name in fields:
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, _SUGGESTIONS, cutoff=0.5)
            raise UnusableInputError(f"A brief has no field {name!r}: {_meant(near or FIELDS)}.")
    given = {name: value for name, value in fields.items() if value is not None and value not in ("", [])}
    year = _whole(given, "year", known.first_year, known.last_year)
    if year is None:
        raise UnusableInputError(f"The brief has no year: give one from {known.first_year} to {known.last_year}.")
    genres = tuple(sorted({known.genre(genre) for genre in _texts(given, "genres")}))
    if not genres:
        raise UnusableInputError(f"The brief has no genres: give one or more of {', '.join(known.genres)}.")
    budget = _number(given, "budget", SMALLEST_BUDGET, LARGEST_BUDGET, "millions of US dollars")
    roles, bill_order = _roles(given)
    director = known.person(str(given["director"]), "director") if "director" in given else None
    top = _whole(given, "top", 1, LARGEST_TOP)
    brief = Brief(
        year=year,
        budget_usd=_dollars(budget),
        genres=genres,
        bill_order=bill_order,
        roles=roles,
        director=director,
        top=Brief.top if top is None else top,
        filters=_filters(given, known),
        use_cycle=_truth(given, "use_cycle"),
        calibrate=_truth(given, "calibrate"),
        use_penalties=_truth(given, "use_penalties"),
        use_diversity=_truth(given, "use_diversity"),
        alpha=_number(given, "alpha", 0, 1, "a share of the era cycle"),
        synergy_weight=_number(given, "synergy_weight", 0, 1, "a weight of shared history"),
        label=" ".join(str(given.get("label") or _label(year, genres, _dollars(budget))).split()),
    )
    return _consistent(brief, known)


def _consistent(brief: Brief, known: Known) -> Brief:
    """Return the brief if its wishes do not exclude each other."""
    filters = brief.filters
    for person_id in filters.must_have:
        name = known.actors[person_id]
        if person_id in filters.excluded:
            raise UnusableInputError(f"{name} is both in must_have and in excluded: take one of them away.")
        if obstacle := brief.obstacle(person_id):
            raise UnusableInputError(f"{name} is in must_have, and {obstacle}: change one of them.")
    if len(filters.must_have) > brief.top * len(brief.cast):
        raise UnusableInputError(f"must_have names {len(filters.must_have)} actors, top is {brief.top}: raise top, or name fewer.")
    if filters.min_credits is not None and filters.max_credits is not None and filters.min_credits > filters.max_credits:
        raise UnusableInputError(f"min_credits {filters.min_credits} is above max_credits {filters.max_credits}: nobody fits both.")
    first, last = brief.shoot
    if first > last:
        raise UnusableInputError(f"shoot_from {first} is after shoot_to {last}: turn them round.")
    return brief


def _filters(given: Mapping[str, Any], known: Known) -> Filters:
    return Filters(
        min_credits=_whole(given, "min_credits", 0, 1_000),
        max_credits=_whole(given, "max_credits", 0, 1_000),
        active_within_years=_whole(given, "active_within_years", 1, 100),
        genres=tuple(sorted({known.genre(genre) for genre in _texts(given, "actor_genres")})),
        must_have=tuple(dict.fromkeys(known.person(name, "actor") for name in _texts(given, "must_have"))),
        excluded=tuple(dict.fromkeys(known.person(name, "actor") for name in _texts(given, "excluded"))),
        availability=_availability(given, known),
        shoot_from=_day(given, "shoot_from"),
        shoot_to=_day(given, "shoot_to"),
        studio=str(given["studio"]) if "studio" in given else None,
        max_total_fee_usd=_dollars(_number(given, "max_total_fee", SMALLEST_BUDGET, LARGEST_BUDGET, "millions of US dollars")),
    )


def _availability(given: Mapping[str, Any], known: Known) -> tuple[Availability, ...]:
    lines: dict[str, Availability] = {}
    for row in given.get("availability", []):
        line = read_availability(row, known)
        if line.person_id in lines:
            raise UnusableInputError(f"availability names {row['person']!r} twice: keep one line for each person.")
        lines[line.person_id] = line
    return tuple(lines[person_id] for person_id in sorted(lines))


def read_availability(row: Mapping[str, Any], known: Known) -> Availability:
    """Return one line of who is free when: person, free_from, free_to, exclusive_to, fee_usd, all but the person optional."""
    present = {name: value for name, value in row.items() if value not in (None, "")} if isinstance(row, Mapping) else {}
    if "person" not in present:
        raise UnusableInputError(f"availability {row!r} names no person: a line is person, free_from, free_to, exclusive_to, fee_usd.")
    free_from, free_to = _day(present, "free_from"), _day(present, "free_to")
    if free_from and free_to and free_from > free_to:
        raise UnusableInputError(f"free_from {free_from} is after free_to {free_to}: turn them round.")
    return Availability(
        known.person(str(present["person"]), "actor"),
        free_from,
        free_to,
        str(present["exclusive_to"]) if "exclusive_to" in present else None,
        _number(present, "fee_usd", 0, LARGEST_BUDGET * MILLION, "US dollars"),
    )


def _roles(given: Mapping[str, Any]) -> tuple[tuple[Role, ...], int]:
    """Return named roles and the bill order of the first; a bill order given beside them adds a role of its own."""
    bill_order = _whole(given, "bill_order", 1, LARGEST_BILL_ORDER)
    value = given.get("roles", [])
    roles = [_role(item) for item in (_texts(given, "roles") if isinstance(value, str) else value)]
    if not roles:
        return (), bill_order or 1
    if bill_order is not None and bill_order not in {role.bill_order for role in roles}:
        roles.insert(0, _unnamed_role(bill_order))
    names = [role.name for role in roles]
    for name in names:
        if names.count(name) > 1:
            raise UnusableInputError(f"Two roles are called {name!r}: give each a name of its own.")
    return tuple(roles), roles[0].bill_order


def _role(item: Any) -> Role:
    if isinstance(item, Mapping):
        name, place = str(item.get("name", "")).strip(), item.get("bill_order")
    else:
        name, _, place = (part.strip() for part in str(item).rpartition(":"))
    if not name or place in (None, ""):
        raise UnusableInputError(f"The role {item!r} is not NAME:BILL: write it as Villain:2.")
    bill_order = _whole({f"bill order of {name}": place}, f"bill order of {name}", 1, LARGEST_BILL_ORDER)
    return Role(name, bill_order or 1)


def _unnamed_role(bill_order: int) -> Role:
    return Role("lead" if bill_order == 1 else f"billing {bill_order}", bill_order)


def _label(year: int, genres: tuple[str, ...], budget_usd: float | None) -> str:
    return f"{year} {' '.join(genres)} {'unknown budget' if budget_usd is None else f'{budget_usd / MILLION:g}m'}"


def _whole(given: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    if name not in given:
        return None
    try:
        if isinstance(given[name], bool):
            raise ValueError
        number = float(given[name])
        if number != int(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise UnusableInputError(f"{name} {given[name]!r} is no whole number: give one from {low} to {high}.") from None
    if not low <= number <= high:
        raise UnusableInputError(f"{name} {int(number)} is out of range: give one from {low} to {high}.")
    return int(number)


def _number(given: Mapping[str, Any], name: str, low: float, high: float, unit: str) -> float | None:
    if name not in given:
        return None
    try:
        if isinstance(given[name], bool):
            raise ValueError
        number = float(given[name])
        if not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError):
        raise UnusableInputError(f"{name} {given[name]!r} is no number: give {unit}, from {low:g} to {high:g}.") from None
    if not low <= number <= high:
        raise UnusableInputError(f"{name} {given[name]} is out of range: give {unit}, from {low:g} to {high:g}.")
    return number


def _truth(given: Mapping[str, Any], name: str) -> bool:
    value = str(given.get(name, True)).strip().lower()
    if value not in _TRUE + _FALSE:
        raise UnusableInputError(f"{name} {given[name]!r} is neither true nor false: write one of them.")
    return value in _TRUE


def _day(given: Mapping[str, Any], name: str) -> date | None:
    if name not in given:
        return None
    try:
        return date.fromisoformat(str(given[name]).strip())
    except ValueError:
        raise UnusableInputError(f"{name} {given[name]!r} is no day: write it as YYYY-MM-DD.") from None


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    value = given.get(name, [])
    if isinstance(value, str):
        value = re.split(r"[,|]", value)
    if not isinstance(value, list | tuple):
        raise UnusableInputError(f"{name} {value!r} is no list: part its items by commas.")
    return [text for item in value if (text := str(item).strip())]


def _meant(choices: Iterable[str]) -> str:
    *others, last = choices
    return f"did you mean {', '.join(others)} or {last}" if others else f"did you mean {last}"


def _ids_by_name(names: Mapping[str, str]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for person_id in sorted(names):
        ids.setdefault(fold(names[person_id]), []).append(person_id)
    return ids


def fold(text: str) -> str:
    """Return the text without case, accents, signs and double blanks."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", plain.casefold()).split())


def _dollars(millions: float | None) -> float | None:
    return None if millions is None else round(millions * MILLION, 2)


def _millions(dollars: float | None) -> float | None:
    return None if dollars is None else dollars / MILLION


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _written(line: Availability) -> dict[str, Any]:
    written = {
        "person": line.person_id,
        "free_from": _iso(line.free_from),
        "free_to": _iso(line.free_to),
        "exclusive_to": line.exclusive_to,
        "fee_usd": line.fee_usd,
    }
    return {name: value for name, value in written.items() if value is not None}
