"""A brief: a film to be cast. One form for the command line, the seed, the app and a manifest, checked against the data.

A person writes money in millions of US dollars; inside it is in US dollars.
"""

import difflib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ValidationInfo, model_validator

from callsheet.runtime.errors import UnusableInputError

MILLION = 1_000_000
SMALLEST_BUDGET, LARGEST_BUDGET = (
    0.001,
    2_000.0,
)  # millions: less is a unit error (`resonance_money_floor`), more is dollars
LARGEST_TOP = 500  # a longer slate narrows no search
LARGEST_BILL_ORDER = 100
ACTIVE_YEARS = 8  # who had no role for longer is left out, unless the brief says otherwise: hardly anybody comes back after it
OLDEST = 120
GENDERS = ("female", "male", "non-binary")
_SUGGESTIONS = 3
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class Role:
    """A part to fill and its place in the cast, 1 first."""

    name: str
    bill_order: int


@dataclass(frozen=True)
class Attached:
    """An actor who has a part already, and its name."""

    person_id: str
    role: str


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
    """Whom the brief rules out. An actor without a line in `availability` is taken to be free, and without a fee.

    Age is that reached in the film's year. Age, gender and death come from a people file; they rule out and never score.
    """

    min_credits: int | None = None
    max_credits: int | None = None
    active_within_years: int = ACTIVE_YEARS
    genres: tuple[str, ...] = ()
    must_have: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    availability: tuple[Availability, ...] = ()
    shoot_from: date | None = None
    shoot_to: date | None = None
    studio: str | None = None
    max_total_fee_usd: float | None = None
    min_age: int | None = None
    max_age: int | None = None
    gender: str | None = None
    include_dead: bool = False

    @property
    def asks_for_facts(self) -> bool:
        """Say whether it asks for what only a people file knows."""
        return any(wish is not None for wish in (self.min_age, self.max_age, self.gender))


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
    debut_director: bool = False
    keywords: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()

    @property
    def roles_to_fill(self) -> tuple[Role, ...]:
        """The roles that nobody has yet."""
        taken = {fold(one.role) for one in self.attached}
        return tuple(role for role in self.roles or (_unnamed_role(self.bill_order),) if fold(role.name) not in taken)

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
        written = {name: getattr(self, name) for name in FIELDS if name in self.__dataclass_fields__}
        written |= {name: getattr(filters, name) for name in FIELDS if name in Filters.__dataclass_fields__ and name != "genres"}
        written |= {
            "label": None if self.label == _label(self.year, self.genres, self.budget_usd) else self.label,
            "budget": _millions(self.budget_usd),
            "roles": [asdict(role) for role in self.roles],
            "bill_order": None if self.roles else self.bill_order,
            "actor_genres": filters.genres,
            "availability": [_written(line) for line in filters.availability],
            "attached": [f"{one.person_id}:{one.role}" for one in self.attached],
            "max_total_fee": _millions(filters.max_total_fee_usd),
            "active_within_years": None if filters.active_within_years == ACTIVE_YEARS else filters.active_within_years,
            "include_dead": filters.include_dead or None,
            "debut_director": self.debut_director or None,
        }
        plain = {name: _plain(written[name]) for name in FIELDS}
        return {name: value for name, value in plain.items() if value is not None and value != []}

    def to_json(self) -> str:
        """Return the brief as text, the same for the same brief."""
        return json.dumps(self.fields(), indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, vocabulary: "BriefVocabulary") -> "Brief":
        """Return the brief of such a text, or of the manifest of a slate, checked against what is known now."""
        return parse_brief(read_fields(text), vocabulary)


@dataclass(frozen=True)
class BriefVocabulary:
    """What a brief may name: genres, the first and the last year it can be for, and names by id of those who have acted or directed."""

    genres: tuple[str, ...]
    first_year: int
    last_year: int
    actors: Mapping[str, str]
    directors: Mapping[str, str]

    def year(self, value: Any) -> int:
        """Return the year that is meant."""
        if value is None:
            raise UnusableInputError(f"The brief has no year: give one from {self.first_year} to {self.last_year}.")
        return whole_number("year", value, self.first_year, self.last_year)

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


def _vocabulary(info: ValidationInfo) -> BriefVocabulary:
    return cast(BriefVocabulary, info.context)


def _whole(low: int, high: int) -> BeforeValidator:
    return BeforeValidator(lambda value, info: whole_number(str(info.field_name), value, low, high))


def _number(low: float, high: float, unit: str) -> BeforeValidator:
    return BeforeValidator(lambda value, info: number(str(info.field_name), value, low, high, unit))


def _person(job: str) -> BeforeValidator:
    return BeforeValidator(lambda value, info: _vocabulary(info).person(str(value), job))


def _people(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_vocabulary(info).person(name, "actor") for name in _texts(str(info.field_name), value)))


def _genres(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    return tuple(sorted({_vocabulary(info).genre(genre) for genre in _texts(str(info.field_name), value)}))


def _keywords(value: Any, info: ValidationInfo) -> tuple[str, ...]:
    """Return keywords as staging keeps those of films. Which of them are known is for the slate to say: a new theme is no mistake."""
    return tuple(sorted({" ".join(text.lower().split()) for text in _texts(str(info.field_name), value)}))


def _truth(value: Any, info: ValidationInfo) -> bool:
    text = str(value).strip().lower()
    if text not in _TRUE + _FALSE:
        raise UnusableInputError(f"{info.field_name} {value!r} is neither true nor false: write one of them.")
    return text in _TRUE


def _day(value: Any, info: ValidationInfo) -> date:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise UnusableInputError(f"{info.field_name} {value!r} is no day: write it as YYYY-MM-DD.") from None


def _gender(value: Any) -> str:
    text = fold(str(value)).replace(" ", "-")
    if text not in GENDERS:
        raise UnusableInputError(f"gender {value!r} is not in the data: write {', '.join(GENDERS[:-1])} or {GENDERS[-1]}.")
    return text


def _roles(value: Any) -> tuple[Role, ...]:
    return tuple(_role(item) for item in (_texts("roles", value) if isinstance(value, str) else _list("roles", value)))


def _attached(value: Any, info: ValidationInfo) -> tuple[Attached, ...]:
    found: list[Attached] = []
    for item in _texts("attached", value):
        name, _, role = (part.strip() for part in item.rpartition(":"))
        if not name or not role:
            raise UnusableInputError(f"The attached {item!r} is not NAME:ROLE: write it as 'Ada Moor:Lead'.")
        found.append(Attached(_vocabulary(info).person(name, "actor"), role))
    for one in found:
        if [other.person_id for other in found].count(one.person_id) > 1:
            raise UnusableInputError(f"{_vocabulary(info).actors[one.person_id]} is attached twice: keep one part for each person.")
    return tuple(found)


def _availability(value: Any, info: ValidationInfo) -> tuple[Availability, ...]:
    lines: dict[str, Availability] = {}
    for row in _list("availability", value):
        line = read_availability(row, _vocabulary(info))
        if line.person_id in lines:
            raise UnusableInputError(f"availability names {row['person']!r} twice: keep one line for each person.")
        lines[line.person_id] = line
    return tuple(lines[person_id] for person_id in sorted(lines))


Text = Annotated[str, BeforeValidator(str)]
Day = Annotated[date, BeforeValidator(_day)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Genres = Annotated[tuple[str, ...], BeforeValidator(_genres)]
People = Annotated[tuple[str, ...], BeforeValidator(_people)]
Millions = Annotated[float, _number(SMALLEST_BUDGET, LARGEST_BUDGET, "millions of US dollars")]


class AvailabilityForm(BaseModel):
    """A line of who is free when, as a person writes it."""

    person: Annotated[str, _person("actor")]
    free_from: Day | None = None
    free_to: Day | None = None
    exclusive_to: Text | None = None
    fee_usd: Annotated[float, _number(0, LARGEST_BUDGET * MILLION, "US dollars")] | None = None


class BriefForm(BaseModel):
    """A brief as a person, a seed or a manifest writes it: texts or JSON's own types, lists also as texts parted by commas or bars.

    The vocabulary is the context of the validation. A validator raises the sentence that a person reads: the first mistake is the one told.
    """

    label: Text = ""
    year: Annotated[int, BeforeValidator(lambda value, info: _vocabulary(info).year(value))]
    budget: Millions | None = None
    genres: Genres
    bill_order: Annotated[int, _whole(1, LARGEST_BILL_ORDER)] | None = None
    roles: Annotated[tuple[Role, ...], BeforeValidator(_roles)] = ()
    director: Annotated[str, _person("director")] | None = None
    top: Annotated[int, _whole(1, LARGEST_TOP)] = Brief.top
    use_cycle: Truth = True
    calibrate: Truth = True
    use_penalties: Truth = True
    use_diversity: Truth = True
    alpha: Annotated[float, _number(0, 1, "a share of the era cycle")] | None = None
    synergy_weight: Annotated[float, _number(0, 1, "a weight of shared history")] | None = None
    min_credits: Annotated[int, _whole(0, 1_000)] | None = None
    max_credits: Annotated[int, _whole(0, 1_000)] | None = None
    active_within_years: Annotated[int, _whole(1, 100)] = ACTIVE_YEARS
    actor_genres: Genres = ()
    must_have: People = ()
    excluded: People = ()
    availability: Annotated[tuple[Availability, ...], BeforeValidator(_availability)] = ()
    shoot_from: Day | None = None
    shoot_to: Day | None = None
    studio: Text | None = None
    max_total_fee: Millions | None = None
    min_age: Annotated[int, _whole(0, OLDEST)] | None = None
    max_age: Annotated[int, _whole(0, OLDEST)] | None = None
    gender: Annotated[str, BeforeValidator(_gender)] | None = None
    include_dead: Truth = False
    debut_director: Truth = False
    keywords: Annotated[tuple[str, ...], BeforeValidator(_keywords)] = ()
    attached: Annotated[tuple[Attached, ...], BeforeValidator(_attached)] = ()

    @model_validator(mode="before")
    @classmethod
    def _given(cls, fields: Mapping[str, Any]) -> dict[str, Any]:
        for name in fields:
            if name not in FIELDS:
                near = difflib.get_close_matches(name, FIELDS, _SUGGESTIONS, cutoff=0.5)
                raise UnusableInputError(f"A brief has no field {name!r}: {_meant(near or FIELDS)}.")
        given = {name: value for name, value in fields.items() if value is not None and value not in ("", [])}
        return {"year": None, "genres": []} | given

    def brief(self) -> Brief:
        """Return the brief that is written here."""
        roles = list(self.roles)
        if roles and self.bill_order is not None and self.bill_order not in {role.bill_order for role in roles}:
            roles.insert(0, _unnamed_role(self.bill_order))  # a bill order beside roles is a role of its own
        names = [role.name for role in roles]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UnusableInputError(f"Two roles are called {twice[0]!r}: give each a name of its own.")
        if self.director and self.debut_director:
            raise UnusableInputError("The brief names a director and says that it is a debut: give one of the two.")
        filters = Filters(
            self.min_credits, self.max_credits, self.active_within_years, self.actor_genres, self.must_have, self.excluded,
            self.availability, self.shoot_from, self.shoot_to, self.studio, _dollars(self.max_total_fee), self.min_age,
            self.max_age, self.gender, self.include_dead,
        )  # fmt: skip
        budget, bill_order = _dollars(self.budget), roles[0].bill_order if roles else self.bill_order or 1
        return Brief(
            self.year, budget, self.genres, bill_order, tuple(roles), self.director, self.top, filters, self.use_cycle, self.calibrate,
            self.use_penalties, self.use_diversity, self.alpha, self.synergy_weight,
            " ".join((self.label or _label(self.year, self.genres, budget)).split()), self.debut_director, self.keywords,
            self.attached,
        )  # fmt: skip


FIELDS = tuple(BriefForm.model_fields)


def parse_brief(fields: Mapping[str, Any], vocabulary: BriefVocabulary) -> Brief:
    """Return the brief that these fields describe, if its wishes do not exclude each other."""
    brief = BriefForm.model_validate(dict(fields), context=vocabulary).brief()
    if not brief.genres:
        raise UnusableInputError(f"The brief has no genres: give one or more of {', '.join(vocabulary.genres)}.")
    filters = brief.filters
    if not brief.roles_to_fill:
        raise UnusableInputError("Every role of the brief has somebody attached: name one that is to be filled, as --role Friend:3.")
    for one in brief.attached:
        name = vocabulary.actors[one.person_id]
        if one.person_id in (*filters.excluded, *filters.must_have):
            raise UnusableInputError(f"{name} is attached, and in must_have or excluded too: take the other away.")
        if obstacle := brief.obstacle(one.person_id):
            raise UnusableInputError(f"{name} is attached, and {obstacle}: change one of them.")
    for person_id in filters.must_have:
        name = vocabulary.actors[person_id]
        if person_id in filters.excluded:
            raise UnusableInputError(f"{name} is both in must_have and in excluded: take one of them away.")
        if obstacle := brief.obstacle(person_id):
            raise UnusableInputError(f"{name} is in must_have, and {obstacle}: change one of them.")
    if len(filters.must_have) > brief.top * len(brief.roles_to_fill):
        raise UnusableInputError(f"must_have names {len(filters.must_have)} actors, top is {brief.top}: raise top, or name fewer.")
    if filters.min_credits is not None and filters.max_credits is not None and filters.min_credits > filters.max_credits:
        raise UnusableInputError(f"min_credits {filters.min_credits} is above max_credits {filters.max_credits}: nobody fits both.")
    if filters.min_age is not None and filters.max_age is not None and filters.min_age > filters.max_age:
        raise UnusableInputError(f"min_age {filters.min_age} is above max_age {filters.max_age}: nobody fits both.")
    first, last = brief.shoot
    if first > last:
        raise UnusableInputError(f"shoot_from {first} is after shoot_to {last}: turn them round.")
    return brief


def read_availability(row: Mapping[str, Any], vocabulary: BriefVocabulary) -> Availability:
    """Return one line of who is free when: person, free_from, free_to, exclusive_to, fee_usd, all but the person optional."""
    present = {name: value for name, value in row.items() if value not in (None, "")} if isinstance(row, Mapping) else {}
    if "person" not in present:
        raise UnusableInputError(f"availability {row!r} names no person: a line is person, free_from, free_to, exclusive_to, fee_usd.")
    line = AvailabilityForm.model_validate(present, context=vocabulary)
    if line.free_from and line.free_to and line.free_from > line.free_to:
        raise UnusableInputError(f"free_from {line.free_from} is after free_to {line.free_to}: turn them round.")
    return Availability(line.person, line.free_from, line.free_to, line.exclusive_to, line.fee_usd)


def _role(item: Any) -> Role:
    if isinstance(item, Mapping):
        name, place = str(item.get("name", "")).strip(), item.get("bill_order")
    else:
        name, _, place = (part.strip() for part in str(item).rpartition(":"))
    if not name or place in (None, ""):
        raise UnusableInputError(f"The role {item!r} is not NAME:BILL: write it as Villain:2.")
    return Role(name, whole_number(f"bill order of {name}", place, 1, LARGEST_BILL_ORDER))


def _unnamed_role(bill_order: int) -> Role:
    return Role("lead" if bill_order == 1 else f"billing {bill_order}", bill_order)


def _label(year: int, genres: tuple[str, ...], budget_usd: float | None) -> str:
    return f"{year} {' '.join(genres)} {'unknown budget' if budget_usd is None else f'{budget_usd / MILLION:g}m'}"


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """Return what a person wrote as a whole number, or say what is wrong with it."""
    try:
        found = float("nan" if isinstance(value, bool) else value)
        if found != int(found):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise UnusableInputError(f"{name} {value!r} is no whole number: give one from {low} to {high}.") from None
    if not low <= found <= high:
        raise UnusableInputError(f"{name} {int(found)} is out of range: give one from {low} to {high}.")
    return int(found)


def number(name: str, value: Any, low: float, high: float, unit: str) -> float:
    """Return what a person wrote as a number, or say what is wrong with it."""
    try:
        found = float("nan" if isinstance(value, bool) else value)
        if not math.isfinite(found):
            raise ValueError
    except (TypeError, ValueError):
        raise UnusableInputError(f"{name} {value!r} is no number: give {unit}, from {low:g} to {high:g}.") from None
    if not low <= found <= high:
        raise UnusableInputError(f"{name} {value} is out of range: give {unit}, from {low:g} to {high:g}.")
    return found


def _texts(name: str, value: Any) -> list[str]:
    items = re.split(r"[,|]", value) if isinstance(value, str) else _list(name, value)
    return [text for item in items if (text := str(item).strip())]


def _list(name: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise UnusableInputError(f"{name} {value!r} is no list: part its items by commas.")
    return value


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


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def _written(line: Availability) -> dict[str, Any]:
    written = {("person" if name == "person_id" else name): _plain(value) for name, value in asdict(line).items()}
    return {name: value for name, value in written.items() if value is not None}
