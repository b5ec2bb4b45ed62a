"""Names of columns: compared without case, blanks, accents and signs, camelCase taken apart; what is missing gets a suggestion."""

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from callsheet.runtime.config import read_rows
from callsheet.runtime.errors import UnusableInputError

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[\W_]+")
_ALIKE = 0.6
_SHOWN = 40  # letters of a header


@functools.lru_cache(4096)
def folded(name: str) -> str:
    """Return a column's name as it is compared: `Posted Date `, `posted-date` and `postedDate` are posted_date."""
    apart = _CAMEL.sub("_", unicodedata.normalize("NFKD", name.strip()))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _SIGNS.sub("_", plain.casefold()).strip("_")


def folded_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the names that columns may have, as they are compared."""
    return {folded(alias): column for alias, column in aliases.items() if folded(alias)}


def known(header: Iterable[str], aliases: Mapping[str, str]) -> int:
    """Return how many different columns a row of cells names. `aliases` are folded."""
    return len({aliases[name].rstrip("?") for name in map(folded, header) if name in aliases})


def place(header: Sequence[str], aliases: Mapping[str, str]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return where each column stands, and the places that gave way. `aliases` are folded.

    A `?` after an alias's column says that the name is usual but not sure: a surer one of the same column beats it.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for index, name in enumerate(header):
        column = aliases.get(folded(name))
        if column:
            found.setdefault(column.rstrip("?"), []).append((column.count("?"), index))
    placed, others = {}, {}
    for column, ranked in found.items():
        best = min(rank for rank, _ in ranked)
        first = [index for rank, index in ranked if rank == best]
        placed[column] = first if best == 0 else first[:1]
        if rest := [index for _, index in ranked if index not in placed[column]]:
            others[column] = rest
    return placed, others


def nearest(column: str, header: Iterable[str], aliases: Mapping[str, str]) -> str | None:
    """Return the header that is most like a name of the column, where one is like it. `aliases` are folded."""
    names = [alias for alias, target in aliases.items() if target.rstrip("?") == column] or [column]
    free = {folded(name): name for name in header if folded(name) and folded(name) not in aliases}
    best: tuple[float, str] | None = None
    for own, name in free.items():
        likeness = max(_likeness(own, alias) for alias in names)
        if likeness >= _ALIKE and (best is None or likeness > best[0]):
            best = (likeness, name)
    return best[1] if best else None


def _likeness(one: str, other: str) -> float:
    """Return how alike two names are; one that holds the other as a whole word is."""
    words, others = set(one.split("_")), set(other.split("_"))
    whole = 0.8 if words >= others or others >= words else 0.0
    return max(whole, difflib.SequenceMatcher(None, one, other).ratio())


def shown(header: Iterable[str]) -> str:
    """Return the headers that were found, for a sentence."""
    return ", ".join(repr(" ".join(name.split())[:_SHOWN]) if name.strip() else "(blank)" for name in header)


def named_columns(given: Iterable[str], columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return what `--column COLUMN=NAME` says, in the order it was said; an unknown column is refused with the nearest."""
    pairs = []
    for text in given:
        column, equals, name = text.partition("=")
        if not equals or not name.strip():
            raise UnusableInputError(f"--column {text} names nothing: write COLUMN=NAME, such as {columns[0]}='{columns[0].title()}'.")
        if column.strip() not in columns:
            near = difflib.get_close_matches(folded(column), columns, 1)
            raise UnusableInputError(f"--column {text}: there is no column {column}: choose {near[0] if near else ', '.join(columns)}.")
        pairs.append((column.strip(), name))
    return tuple(pairs)


def own_aliases(home: Path, columns: Sequence[str]) -> dict[str, str]:
    """Return the names that the home's config gives to some columns."""
    path = home / "config" / "column_aliases.csv"
    rows = read_rows(path) if path.exists() else []
    return {str(row["alias"]): str(row["column_name"]) for row in rows if row["column_name"] in columns}
