"""What a person adds to the project's lists: CSV files in the config folder of the home, with the header of the seed where there is one."""

import csv
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.home import tell
from callsheet.workspace import PROJECT, Workspace, for_the_owner_alone

Filled = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Industry(_Row):
    """An industry whose scores are ranked among themselves."""

    industry: Filled


class Baseline(_Row):
    """The batches that drift of an industry is measured from."""

    industry: Filled
    from_batch: int
    to_batch: int
    reason: str = ""


class Alias(_Row):
    """Another name of a column of breakdowns."""

    alias: Filled
    column_name: Filled
    note: str = ""


class Pattern(_Row):
    """Words that stand for a code."""

    pattern: Filled
    code: str = ""
    priority: int | None = None
    note: str = ""


class Region(_Row):
    """A region of the pulse."""

    code: Filled
    label: Filled
    country: str = ""
    currency: str = ""
    parent_code: str = ""


class Area(_Row):
    """What belongs to a region: a circle, a state or a whole country."""

    code: Filled
    country: str = ""
    state: str = ""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    radius_km: float | None = Field(default=None, gt=0)
    note: str = ""


class FilmBrief(_Row):
    """A film to be cast, answered by every build; what it may ask for is judged there."""

    position: int
    label: str = ""
    year: str = ""
    budget: str = ""
    genres: str = ""
    bill_order: str = ""
    roles: str = ""
    director: str = ""
    top: str = ""
    min_credits: str = ""
    max_credits: str = ""
    active_within_years: str = ""
    actor_genres: str = ""
    must_have: str = ""
    excluded: str = ""
    min_age: str = ""
    max_age: str = ""
    gender: str = ""
    keywords: str = ""


class Person(_Row):
    """What is known of a person, found by id, or by name where no id is given."""

    person_id: str = ""
    name: str = ""
    born: str = ""
    died: str = ""
    gender: str = ""
    professions: str = ""


class Availability(_Row):
    """When an actor is free, for whom alone, and at what fee: counts for every brief."""

    person: Filled
    free_from: str = ""
    free_to: str = ""
    exclusive_to: str = ""
    fee_usd: str = ""


FILES: dict[str, type[_Row]] = {
    "industries": Industry,
    "score_baselines": Baseline,
    "column_aliases": Alias,
    "regions": Region,
    "region_areas": Area,
    **dict.fromkeys(("project_type_patterns", "region_patterns", "role_type_patterns", "theme_terms", "union_patterns"), Pattern),
    "briefs": FilmBrief,
    "people": Person,
    "availability": Availability,
}
_NUMBERS = {"priority", "latitude", "longitude", "radius_km"}  # a blank one is none


def folder(workspace: Workspace) -> Path:
    """Return the home's config folder."""
    return workspace.home / "config"


def read_rows(path: Path) -> list[dict[str, object]]:
    """Return the rows of a config file, or say in one sentence what is wrong with it."""
    if (kind := FILES.get(path.stem)) is None:
        raise UnusableInputError(f"{path} is no config of callsheet: choose one of {', '.join(f'{name}.csv' for name in FILES)}.")
    rows: list[dict[str, object]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            names = list(kind.model_fields)
            first = lines.readline()
            cells = next(csv.reader([first]), [])
            # What was written for an earlier release lacks the columns that came later.
            came_later = (kind.model_fields[name] for name in names[len(cells) :])
            has_header = bool(cells) and cells == names[: len(cells)] and not any(field.is_required() for field in came_later)
            if not has_header and (len(names) > 1 or len(cells) > 1):
                raise UnusableInputError(f"{path} has another header than its seed: write {','.join(names)}.")
            # A list of one column needs no header: echo 'Cars' >> industries.csv is all it takes.
            reader = csv.DictReader(*((lines, cells) if has_header else (chain([first], lines), names)), strict=True)
            for row in reader:
                blank_is_none = {name: None if name in _NUMBERS and value == "" else value for name, value in row.items()}
                rows.append(kind.model_validate(blank_is_none).model_dump())
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise UnusableInputError(
            f"{path} line {reader.line_num + has_header}: {place} is {problem['input']!r}: {problem['msg']}."
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableInputError(f"{path} is no CSV in UTF-8: {error}.") from None
    return rows


def append_rows(workspace: Workspace, name: str, rows: Sequence[Mapping[str, str]]) -> Path:
    """Add rows to a config file of the home, which is made where there is none, and return where it is."""
    path = folder(workspace) / f"{name}.csv"
    with for_the_owner_alone():
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        cut = not is_new and path.read_bytes()[-1:] not in (b"", b"\n")
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(FILES[name].model_fields), lineterminator="\n")
            if is_new:
                writer.writeheader()
            elif cut:
                file.write("\n")  # a person's last line may lack its end
            writer.writerows(rows)
    return path


def own_rows(name: str) -> str | None:
    """Return the rows of one config file of the home as JSON; null where there is none."""
    path = folder(Workspace.find()) / f"{name}.csv"
    try:
        return json.dumps(read_rows(path)) if path.exists() else None
    except UnusableInputError as error:
        raise ValueError(f"Unusable input: {error}") from None


def has_no_config() -> bool:
    """Say whether no release that knows the config folder has run in this home yet."""
    return not folder(Workspace.find()).exists()


def move_into_config(held: str) -> str:
    """Write what a person had changed in seeds of an earlier release into the home's config, once; `held` is rows by seed, as JSON.

    The config folder is made in any case: where there is one, seeds are the project's alone.
    """
    target = folder(Workspace.find())
    if target.exists():
        return ""
    with for_the_owner_alone():
        target.mkdir(parents=True)
    moved = []
    for seed, rows in json.loads(held).items():
        name = seed.removesuffix("_local")
        if rows and (seed != name or _differs(name, rows)):
            path = target / f"{name}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(FILES[name].model_fields), lineterminator="\n", extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
            moved.append(str(path))
    if moved:
        tell(f"what you had changed in the project's seeds is now in {', '.join(moved)}: edit it there.")
    return ", ".join(moved)


def seed_of(name: str) -> Path | None:
    """Return the project's list that a config of this name adds to; none for what a person alone can know."""
    return next((PROJECT / "seeds").glob(f"*/{name}.csv"), None)


def _differs(name: str, rows: list[dict[str, str]]) -> bool:
    if (seed := seed_of(name)) is None:
        return True
    with seed.open(encoding="utf-8", newline="") as lines:
        ours = {tuple(row.values()) for row in csv.DictReader(lines)}
    return {tuple(row.values()) for row in rows} != ours
