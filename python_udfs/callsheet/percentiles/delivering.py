"""Scores in whatever files people have, as the batches that everything else lands: one file is one batch, in the order of their names.

A percentile needs three batches. Where fewer files come, the first is dealt into several batches, so all its rows fall into one window.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from callsheet.inputs.names import own_aliases
from callsheet.inputs.records import readable, records_of
from callsheet.percentiles.notes import BATCH_FILE, printable
from callsheet.pulse.reading import SUFFIXES, Layout, inspect_table, with_columns
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import Workspace, for_the_owner_alone

COLUMNS = ("id", "score", "industry")
_NAMES = {
    "id": "id",
    **dict.fromkeys(
        ("asset id", "asset", "content id", "item id", "video id", "creative id", "ad id", "clip id", "media id", "uid", "uuid", "key"),
        "id?",
    ),
    "score": "score",
    **dict.fromkeys(
        ("model score", "prediction", "predicted score", "probability", "prob", "final score", "Punktzahl", "puntuación"), "score?"
    ),
    **dict.fromkeys(("value", "result", "y pred"), "score??"),
    "industry": "industry",
    **dict.fromkeys(("industry name", "category", "vertical", "sector", "segment", "Branche", "Kategorie", "secteur"), "industry?"),
    **dict.fromkeys(("type", "genre", "group", "label", "topic"), "industry??"),
}
_NAMED = re.compile(r"batch_([0-9]{1,9})\.")
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_ONLY_COMMA = re.compile(r"[+-]?(0,[0-9]+|[0-9]+,([0-9]{1,2}|[0-9]{4,}))")  # what no comma between thousands can be
_LOOK = 2_000
_DEALT = 1_000  # the first ids go to the batches in turn, so that no batch of a short file is empty; later ids go by their hash
WINDOW = 3  # as percentiles_window is by default: test_inputs.py compares them


@dataclass(frozen=True)
class Delivered:
    """A folder of batches, which file became which, and what is wrong with the files that became none."""

    folder: Path
    told: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def as_batches(home: Path, given: Path, columns: Sequence[tuple[str, str]] = (), encoding: str | None = None) -> Delivered:
    """Return a folder of batches: the one given where it is one, else one below the home, brought up to date with what is given.

    Raises an UnusableInputError where not one file can be used.
    """
    if not given.exists() or (given.is_dir() and any(BATCH_FILE.fullmatch(path.name) for path in given.iterdir())):
        return Delivered(given)
    files = files_of(given)
    if not files:
        return Delivered(given)
    base = given if given.is_dir() else given.parent
    inbox = home / "data" / "inbox" / f"{re.sub(r'[^A-Za-z0-9.-]', '_', base.resolve().name)}-{_digest(str(base.resolve()).encode())[:8]}"
    layouts: dict[Path, Layout] = {}
    told: list[str] = []
    refused: list[str] = []
    for path in files:
        with _told_in(refused):
            layouts[path] = layout_of(path, columns, encoding)
    with for_the_owner_alone():
        inbox.mkdir(parents=True, exist_ok=True)
        ledger = _Ledger(inbox)
        for path, layout in layouts.items():
            with _told_in(refused), readable(path):
                told.append(ledger.take(path, layout, encoding, len(layouts)))
    if not told:
        raise UnusableInputError(refused[0])
    return Delivered(inbox, tuple(told), tuple(refused))


@contextmanager
def _told_in(refused: list[str]) -> Iterator[None]:
    """Let one file that cannot be used not keep the others away."""
    try:
        yield
    except UnusableInputError as problem:
        refused.append(str(problem))


def files_of(given: Path) -> list[Path]:
    """Return the tables of a folder in the order of their names, or the one file given."""
    return [given] if given.is_file() else sorted((path for path in given.iterdir() if _is_table(path)), key=_natural)


def aliases(columns: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Return every name that a column of scores may have, folded."""
    return with_columns(_NAMES | own_aliases(Workspace.find().home, COLUMNS), dict(columns))


def _is_table(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.name.lower().endswith(SUFFIXES)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Order names as people do: W9 before W10."""
    return [(int(part.isdigit()), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", path.name)]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def layout_of(path: Path, columns: Sequence[tuple[str, str]], encoding: str | None) -> Layout:
    """Return how to read a file of scores, or say in one sentence why it cannot be read."""
    layout = inspect_table(str(path), aliases(columns), encoding, COLUMNS)
    if layout.problem:
        raise UnusableInputError(f"{path} cannot be used: {layout.detail}.")
    return layout


class _Ledger:
    """Which file is which batches, kept beside them: a file that comes again changed is a correction of its batches."""

    def __init__(self, inbox: Path) -> None:
        self._inbox, self._path = inbox, inbox / ".files.json"
        self._files: dict[str, tuple[list[int], str]] = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}

    def take(self, path: Path, layout: Layout, encoding: str | None, count: int) -> str:
        """Write the file's batches where it is new or changed, and say which they are; `count` files come together."""
        with path.open("rb") as file:
            content = _digest(hashlib.file_digest(file, "sha256").digest() + f"{layout.columns}{encoding}".encode())
        numbers, held = self._files.get(path.name) or (self._numbers(path, count), "")
        targets = [self._inbox / f"batch_{number}.json" for number in numbers]
        comma = _has_decimal_comma(path, layout)
        if held != content or not all(target.exists() for target in targets):
            _write(targets, _records(path, layout, comma))
            self._files[path.name] = (numbers, content)
            self._path.write_text(json.dumps(self._files, indent=1), encoding="utf-8")
        which = (
            f"batch {numbers[0]}"
            if len(numbers) == 1
            else f"batches {numbers[0]} to {numbers[-1]}: a percentile needs {WINDOW}, so its rows were dealt out and are ranked together"
        )
        return f"{printable(path.name)} is {which}{'; its scores are written with a decimal comma' if comma else ''}"

    def _numbers(self, path: Path, count: int) -> list[int]:
        """Return the numbers of a new file: the one in its name where that is free, else the next; several where too few files come."""
        taken = {number for numbers, _ in self._files.values() for number in numbers}
        named = _NAMED.match(path.name)
        if named and int(named.group(1)) not in taken:
            return [int(named.group(1))]
        first = max(taken, default=0) + 1
        return list(range(first, first + (1 if taken else max(1, WINDOW - count + 1))))


def _write(targets: Sequence[Path], records: Iterator[tuple[str | None, str]]) -> None:
    """Write the records as JSON arrays, all at once. Rows of one id stay together, or a repeat would be taken for a later score."""
    dealt: dict[str | None, int] = {}
    partials = [target.with_name(f".{target.name}.partial") for target in targets]
    with ExitStack() as stack:
        files = [stack.enter_context(partial.open("w", encoding="utf-8")) for partial in partials]
        starts = ["["] * len(files)
        for id_, record in records:
            if len(dealt) < _DEALT:
                place = dealt.setdefault(id_, len(dealt) % len(files))
            else:
                place = dealt.get(id_, zlib.crc32(str(id_).encode()) % len(files))
            files[place].write(f"{starts[place]}\n{record}")
            starts[place] = ","
        for file, start in zip(files, starts, strict=True):
            file.write("[\n]\n" if start == "[" else "\n]\n")
    for partial, target in zip(partials, targets, strict=True):
        partial.replace(target)


def _has_decimal_comma(path: Path, layout: Layout) -> bool:
    scores = [text.strip() for (text,) in islice(records_of(str(path), layout, ("score",)), _LOOK) if text and text.strip()]
    return bool(scores) and all(map(_COMMA.fullmatch, scores)) and any(map(_ONLY_COMMA.fullmatch, scores))


def _records(path: Path, layout: Layout, comma: bool) -> Iterator[tuple[str | None, str]]:
    for id_, score, industry in records_of(str(path), layout, COLUMNS):
        text = score.strip().replace(",", ".") if score and comma and _COMMA.fullmatch(score.strip()) else score
        fields = [json.dumps(id_), text.strip() if text and _NUMBER.fullmatch(text.strip()) else json.dumps(text), json.dumps(industry)]
        yield id_, "{" + ", ".join(f'"{name}": {value}' for name, value in zip(COLUMNS, fields, strict=True)) + "}"
