"""Scores in whatever files people have, as the batches that everything else lands: one file is one batch, in the order of their names."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from callsheet.inputs.names import own_aliases
from callsheet.inputs.records import records_of
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


@dataclass(frozen=True)
class Delivered:
    """A folder of batches, and which file became which."""

    folder: Path
    told: tuple[str, ...] = ()


def as_batches(home: Path, given: Path, columns: Sequence[tuple[str, str]] = (), encoding: str | None = None) -> Delivered:
    """Return a folder of batches: the one given where it is one, else one below the home, brought up to date with what is given."""
    if not given.exists() or (given.is_dir() and any(BATCH_FILE.fullmatch(path.name) for path in given.iterdir())):
        return Delivered(given)
    files = [given] if given.is_file() else sorted((path for path in given.iterdir() if _is_table(path)), key=_natural)
    if not files:
        return Delivered(given)
    inbox = home / "data" / "inbox" / f"{re.sub(r'[^A-Za-z0-9.-]', '_', given.name)}-{_digest(str(given.resolve()).encode())[:8]}"
    layouts = [_layout(path, columns, encoding) for path in files]
    with for_the_owner_alone():
        inbox.mkdir(parents=True, exist_ok=True)
        ledger = _Ledger(inbox)
        told = [ledger.take(path, layout, encoding) for path, layout in zip(files, layouts, strict=True)]
    return Delivered(inbox, tuple(told))


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


def _layout(path: Path, columns: Sequence[tuple[str, str]], encoding: str | None) -> Layout:
    layout = inspect_table(str(path), aliases(columns), encoding, COLUMNS)
    if layout.problem:
        raise UnusableInputError(f"{path} cannot be used: {layout.detail}.")
    return layout


class _Ledger:
    """Which file is which batch, kept beside the batches: a file that comes again changed is a correction of its batch."""

    def __init__(self, inbox: Path) -> None:
        self._inbox, self._path = inbox, inbox / ".files.json"
        self._files: dict[str, list[str | int]] = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}

    def take(self, path: Path, layout: Layout, encoding: str | None) -> str:
        """Write the file's batch where it is new or changed, and say which it is."""
        with path.open("rb") as file:
            content = _digest(hashlib.file_digest(file, "sha256").digest() + f"{layout.columns}{encoding}".encode())
        named, last = _NAMED.match(path.name), max((int(number) for number, _ in self._files.values()), default=0)
        number = self._files.get(path.name, [int(named.group(1)) if named else last + 1])[0]
        target = self._inbox / f"batch_{number}.json"
        comma = _has_decimal_comma(path, layout)
        if self._files.get(path.name, [0, ""])[1] != content or not target.exists():
            partial = target.with_name(f".{target.name}.partial")
            with partial.open("w", encoding="utf-8") as file_out:
                file_out.write("[")
                for index, record in enumerate(_records(path, layout, comma)):
                    file_out.write(f"{',' if index else ''}\n{record}")
                file_out.write("\n]\n")
            partial.replace(target)
            self._files[path.name] = [number, content]
            self._path.write_text(json.dumps(self._files, indent=1), encoding="utf-8")
        return f"{printable(path.name)} is batch {number}{'; its scores are written with a decimal comma' if comma else ''}"


def _has_decimal_comma(path: Path, layout: Layout) -> bool:
    scores = [text.strip() for (text,) in islice(records_of(str(path), layout, ("score",)), _LOOK) if text and text.strip()]
    return bool(scores) and all(map(_COMMA.fullmatch, scores)) and any(map(_ONLY_COMMA.fullmatch, scores))


def _records(path: Path, layout: Layout, comma: bool) -> Iterator[str]:
    for id_, score, industry in records_of(str(path), layout, COLUMNS):
        text = score.strip().replace(",", ".") if score and comma and _COMMA.fullmatch(score.strip()) else score
        fields = [json.dumps(id_), text.strip() if text and _NUMBER.fullmatch(text.strip()) else json.dumps(text), json.dumps(industry)]
        yield "{" + ", ".join(f'"{name}": {value}' for name, value in zip(COLUMNS, fields, strict=True)) + "}"
