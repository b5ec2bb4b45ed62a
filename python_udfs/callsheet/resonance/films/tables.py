"""Films in whatever table people have, as the flat table that `importing` reads: columns by name, cells as they are meant."""

import ast
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from callsheet.inputs.kinds import is_foreign, kind_of
from callsheet.inputs.names import folded, nearest, shown
from callsheet.inputs.records import readable, records_of
from callsheet.pulse.reading import Layout, inspect_table, with_columns
from callsheet.runtime.errors import UnusableInputError

COLUMNS = (
    "title",
    "release_date",
    "release_year",
    "budget",
    "revenue",
    "vote_average",
    "vote_count",
    "genres",
    "keywords",
    "director",
    "cast",
    "id",
)
FLAT = ("id", *COLUMNS[:-1])
_PLACES = tuple(f"cast_{place}" for place in range(1, 11))  # a column for each actor
_NAMES = {
    "title": (
        "movie title",
        "film title",
        "series title",
        "primary title",
        "movie name",
        "film name",
        "movie",
        "film",
        "titre",
        "titel",
        "título",
    ),
    "release_date": (
        "release date",
        "released",
        "released on",
        "premiere",
        "date de sortie",
        "Erscheinungsdatum",
        "Kinostart",
        "fecha de estreno",
    ),
    "release_year": ("year", "release year", "released year", "title year", "start year", "année", "Jahr", "año", "anno"),
    "budget": ("budget usd", "production budget", "Produktionskosten", "presupuesto"),
    "revenue": (
        "revenue usd",
        "gross",
        "worldwide gross",
        "box office",
        "total gross",
        "recettes",
        "Einspielergebnis",
        "recaudación",
        "incassi",
    ),
    "vote_average": ("rating", "imdb rating", "imdb score", "average rating", "user rating", "note", "Bewertung", "puntuación"),
    "vote_count": ("votes", "num votes", "num voted users", "no of votes", "number of votes", "Stimmen", "votos"),
    "genres": ("genre", "genre s", "Gattung", "género", "géneros", "generi"),
    "keywords": ("keyword", "plot keywords", "tags", "mots clés", "Schlagwörter", "palabras clave"),
    "director": ("directors", "director name", "directed by", "réalisateur", "réalisatrice", "Regie", "Regisseur", "dirección", "regia"),
    "cast": (
        "actors",
        "stars",
        "starring",
        "main cast",
        "actor",
        "acteurs",
        "distribution",
        "Besetzung",
        "Darsteller",
        "reparto",
        "attori",
    ),
    "id": ("film id", "movie id", "title id", "tmdb id", "imdb id", "tconst", "const"),
    **{column: (f"star{column[5:]}", f"star {column[5:]}", f"actor {column[5:]}", f"actor {column[5:]} name") for column in _PLACES},
}
_UNSURE = {
    "title": ("name", "original title"),
    "release_date": ("date",),
    "revenue": ("domestic gross", "lifetime gross", "earnings"),
    "vote_average": ("score",),
    "id": ("key", "no", "nr"),
}
_ALIASES = {
    **{column: column for column in (*COLUMNS, *_PLACES)},
    **{name: f"{column}?" for column, names in _NAMES.items() for name in names},
    **{name: f"{column}??" for column, names in _UNSURE.items() for name in names},
}
_AND = re.compile(r"\s*(?:[|;]|,(?! *(?:Jr|Sr|II|III|IV)\b))\s*")
_YEAR = re.compile(r"(?<![0-9])((?:18|19|20)[0-9]{2})(?![0-9])")
_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_THOUSANDS = re.compile(r"[0-9]{1,3}([.,' ][0-9]{3})+")
_MARKS = str.maketrans("", "", "$€£\u00a0\u202f\u2009 ")


def aliases(columns: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Return every name that a column of films may have, folded."""
    return with_columns(_ALIASES, dict(columns))


def header_of(path: Path) -> set[str]:
    """Return the names of a file's columns in lower case, whatever kind it is of."""
    return {name.strip().lower() for name in inspect_table(str(path), aliases(), None, ()).header}


def read_table(
    connection: duckdb.DuckDBPyConnection, path: Path, relation: str, columns: Sequence[tuple[str, str]], encoding: str | None
) -> str:
    """Write a file's films as a flat table of texts, and return what is worth saying of it."""
    layout, note = _layout(path, columns, encoding)
    with readable(path):
        rows = list(_rows(path, layout))
    table = pa.table({name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(FLAT)})
    connection.register("rows_given", table)
    connection.execute(f"create table {relation} as select row_number() over () as position, * from rows_given")
    connection.unregister("rows_given")
    return note


def _layout(path: Path, columns: Sequence[tuple[str, str]], encoding: str | None) -> tuple[Layout, str]:
    """Return how to read the file; what is not UTF-8 is read as Windows-1252, with a note."""
    if is_foreign(kind := kind_of(path)):
        raise UnusableInputError(f"{path} cannot be used: it is {kind}: export it as CSV, Excel, JSON or Parquet.")
    names = aliases(columns)
    layout, note = inspect_table(str(path), names, encoding, ("title",)), ""
    if layout.problem == "file_not_utf8" and encoding is None and layout.encoding != "utf-8":
        note = f"{path.name} is not UTF-8 and was read as {_SPOKEN.get(layout.encoding, layout.encoding)}: look at the names with accents."
        layout = inspect_table(str(path), names, layout.encoding, ("title",))
    if layout.problem:
        raise UnusableInputError(f"{path} cannot be used: {layout.detail}.")
    found = set(layout.columns)
    for choices in (("release_year", "release_date"), ("cast", "cast_1")):
        if not found & set(choices):
            name = shlex.quote(nearest(choices[0], layout.header, names) or "NAME")
            raise UnusableInputError(
                f"{path} cannot be used: it has no column {' or '.join(choices)}; its headers are {shown(layout.header)}: "
                f"add --column {choices[0]}={name}."
            )
    return layout, note


_SPOKEN = {"cp1252": "Windows-1252", "utf-16": "UTF-16"}


def _rows(path: Path, layout: Layout) -> Iterator[tuple[str, ...]]:
    asked = (*COLUMNS, *_PLACES)
    for values in records_of(str(path), layout, asked):
        cell = {name: " ".join((value or "").split()) for name, value in zip(asked, values, strict=True)}
        date = cell["release_date"]
        year = _YEAR.search(cell["release_year"]) or _YEAR.search(date)
        cell["release_year"] = year.group(1) if year else cell["release_year"]
        cell["release_date"] = date if _ISO.fullmatch(date) else ""
        cell |= {name: _number(cell[name]) for name in ("budget", "revenue", "vote_average", "vote_count")}
        cell |= {name: "|".join(_AND.split(_without_brackets(cell[name]))) for name in ("genres", "keywords", "director", "cast")}
        cell["cast"] = cell["cast"] or "|".join(cell[place] for place in _PLACES if cell[place])
        cell["id"] = cell["id"] or f"{folded(cell['title'])}_{cell['release_year']}"
        yield tuple(cell[name] for name in FLAT)


def _without_brackets(text: str) -> str:
    """Return a list that was written as one, `['A', 'B']`, as names with a bar between."""
    if text.startswith("["):
        try:
            return "|".join(str(item.get("name", "") if isinstance(item, dict) else item) for item in ast.literal_eval(text))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return text
    return text


def _number(text: str) -> str:
    """Return a sum or a grade as staging reads it: `4 400 000`, `$1,200,000` and `7,5` are numbers; what is none stays as it is."""
    bare = text.translate(_MARKS)
    if _THOUSANDS.fullmatch(text.strip("$€£ ").replace("\u00a0", " ").replace("\u202f", " ")):
        return re.sub(r"[^0-9]", "", bare)
    return bare.replace(",", ".") if re.fullmatch(r"[0-9]+,[0-9]{1,2}", bare) else bare if re.fullmatch(r"[0-9]*[.]?[0-9]+", bare) else text


def as_json(text: str | None) -> str | None:
    """Return a list in Python's notation, as The Movies Dataset writes it, as JSON."""
    try:
        return json.dumps(ast.literal_eval(text or ""))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
