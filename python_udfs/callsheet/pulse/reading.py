"""What a file of breakdowns is and where its columns stand: by its bytes and its header, never by its name or by position."""

import codecs
import csv
import glob
import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from callsheet.workspace import PROJECT, Workspace

REQUIRED = {"posted_date": "the date", "work_city": "the place", "project_type": "the project type"}
OPTIONAL = ("role_type", "union_status", "rate", "role_description", "breakdown_id", "role_name", "project_name")
COLUMNS = (*REQUIRED, *OPTIONAL)
SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".parquet")
DELIMITERS = (",", ";", "\t", "|")
_LOOK = 1_000_000  # bytes at either end of a file that are looked at before it is read
_STEP = 4_000_000  # a quarter of the quick reader's smallest buffer
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class Layout:
    """How to read one file; with a `problem`, why it cannot be read."""

    kind: str = "csv"
    compression: str = "none"
    delimiter: str = ","
    encoding: str = "utf-8"
    header: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    is_plain: bool = True
    problem: str | None = None
    detail: str | None = None


def list_files(asked: str) -> str:
    """Return the dataset's folder and its files, as JSON: `asked` is a file, a folder or a glob."""
    path = Path(os.path.abspath(asked))  # noqa: PTH100 - a link keeps the name it was given
    if path.is_dir():
        base, found = path, sorted(one for one in path.iterdir() if one.is_file() and one.name.lower().endswith(SUFFIXES))
        reason = f"No file of breakdowns in the folder {path}: it holds none that ends in {', '.join(SUFFIXES)}."
    elif path.exists():
        base, found, reason = path.parent, [path], ""
    elif glob.has_magic(asked):
        parts = path.parts
        base = Path(*parts[: next(i for i, part in enumerate(parts) if glob.has_magic(part))])
        found = sorted(one for one in base.glob(str(path.relative_to(base))) if one.is_file())
        reason = f"No file fits {asked}: check the pattern."
    else:
        base, found, reason = path.parent, [], f"There is no file {asked}: check the path."
    if not found:
        raise ValueError(reason)
    for one in found:
        if not os.access(one, os.R_OK):
            raise ValueError(f"No permission to read {one}: change its rights and run this again.")
    return json.dumps({"dataset": str(base), "files": [[str(one), str(one.relative_to(base))] for one in found]})


def file_sha256(path: str) -> str:
    """Return the SHA-256 of the file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def known_aliases() -> dict[str, str]:
    """Return every name that a column may have, ours and the person's own."""
    names: dict[str, str] = {}
    for path in (PROJECT / "seeds" / "pulse" / "column_aliases.csv", Workspace.find().home / "config" / "column_aliases.csv"):
        with suppress(FileNotFoundError), path.open(encoding="utf-8", newline="") as lines:
            names |= {row["alias"]: row["column_name"] for row in csv.DictReader(lines)}
    return names


def inspect_file(path: str, aliases: str, encoding: str | None) -> str:
    """Return the layout of a file as JSON. `aliases` is a JSON object of alias to column name."""
    try:
        layout = _inspect(Path(path), json.loads(aliases), encoding)
    except (OSError, EOFError, UnicodeError) as error:
        layout = Layout(problem="file_unreadable", detail=str(error))
    return json.dumps(layout.__dict__)


def _inspect(path: Path, aliases: Mapping[str, str], encoding: str | None) -> Layout:  # noqa: PLR0911 - one per kind of trouble
    if path.stat().st_size == 0:
        return Layout(problem="file_empty", detail="it has no byte")
    layout = Layout(encoding=encoding or "utf-8")
    with path.open("rb") as file:
        start = file.read(4)
    if start == _PARQUET:
        layout.kind = "parquet"
        layout.header = _parquet_header(path)
        return _placed(layout, aliases)
    layout.compression = "gzip" if start.startswith(_GZIP) else "none"
    head, tail = _ends(path, layout.compression)
    if encoding is None and head.startswith(_WIDE):
        return Layout(problem="file_not_utf8", detail="it is UTF-16: give --encoding utf-16")
    text = _decoded(head, layout.encoding)
    if text is None:
        return Layout(problem="file_not_utf8", detail=f"it is not {layout.encoding}: name its encoding with --encoding, as in latin-1")
    if not text.strip():
        return Layout(problem="file_empty", detail="it holds nothing but blanks")
    layout.is_plain = (
        layout.encoding == "utf-8"
        and not any(_has_lone_return(part) or b"\0" in part for part in (head, tail))
        and not _has_giant_line(path, layout.compression)
    )
    if text.lstrip().startswith("{"):
        layout.kind = "json"
        layout.header = sorted({key for line in text.splitlines()[:1000] for key in _keys(line)})
        return _placed(layout, aliases)
    layouts = [_with_delimiter(layout, text, delimiter, aliases) for delimiter in DELIMITERS]
    return max(layouts, key=lambda one: len(one.columns) + (one.problem == "column_twice"))


def _ends(path: Path, compression: str) -> tuple[bytes, bytes]:
    """Return the first and the last bytes of the text; of a compressed file only the first."""
    with opened(path, compression) as file:
        head = file.read(_LOOK)
        if compression == "gzip" or path.stat().st_size <= _LOOK:
            return head, b""
        file.seek(-_LOOK, os.SEEK_END)
        return head, file.read(_LOOK)


def opened(path: Path, compression: str) -> IO[bytes]:
    """Open a file, unpacked."""
    return gzip.open(path) if compression == "gzip" else path.open("rb")  # type: ignore[return-value]


def _decoded(head: bytes, encoding: str) -> str | None:
    """Return the text, without a byte-order mark; None where it is not of the encoding. The cut may have split a character."""
    try:
        return codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)().decode(head)
    except (UnicodeError, LookupError):
        return None


def _has_lone_return(part: bytes) -> bool:
    return part.count(b"\r") != part.count(b"\r\n")


def _has_giant_line(path: Path, compression: str) -> bool:
    """Say whether a line is longer than the quick reader's buffer: it would leave the record out without a word."""
    with opened(path, compression) as file:
        if compression == "gzip":
            return any(b"\n" not in part for part in iter(lambda: file.read(_STEP), b"") if len(part) == _STEP)
        for start in range(0, path.stat().st_size - _STEP, _STEP):
            file.seek(start)
            if b"\n" not in file.read(_LOOK // 16) and b"\n" not in file.read(_STEP):
                return True
    return False


def _keys(line: str) -> Iterable[str]:
    try:
        record = json.loads(line)
    except ValueError:
        return []
    return record if isinstance(record, dict) else []


def _parquet_header(path: Path) -> list[str]:
    import pyarrow.parquet  # noqa: PLC0415 - heavy, and only for this kind

    return list(pyarrow.parquet.read_schema(path).names)


def _with_delimiter(layout: Layout, text: str, delimiter: str, aliases: Mapping[str, str]) -> Layout:
    header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return _placed(Layout(**{**layout.__dict__, "delimiter": delimiter, "header": header, "columns": {}}), aliases)


def folded(name: str) -> str:
    """Return a column's name as it is compared: `Posted Date ` is posted_date."""
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())


def _placed(layout: Layout, aliases: Mapping[str, str]) -> Layout:
    """Find the columns by name."""
    named: dict[str, list[int]] = {}
    for index, name in enumerate(layout.header):
        column = aliases.get(folded(name))
        if column:
            named.setdefault(column, []).append(index)
    layout.columns = {column: indexes[0] for column, indexes in named.items()}
    twice = {column: indexes for column, indexes in named.items() if len(indexes) > 1}
    missing = [column for column in REQUIRED if column not in named]
    if twice:
        pairs = [f"{' and '.join(layout.header[index].strip() for index in indexes)} ({column})" for column, indexes in twice.items()]
        layout.problem, layout.detail = "column_twice", f"its columns {', '.join(pairs)} mean the same: leave one"
    elif missing:
        names = [f"{' or '.join(sorted(alias for alias, target in aliases.items() if target == column))}" for column in missing]
        layout.problem, layout.detail = "column_missing", f"it has no column {', no column '.join(names)}"
    return layout
