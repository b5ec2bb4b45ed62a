"""What a file of breakdowns is and where its columns stand: by its bytes and its header, never by its name or by position."""

import codecs
import csv
import glob
import gzip
import hashlib
import io
import json
import os
import shlex
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import duckdb

from callsheet.inputs.kinds import ARCHIVE, is_foreign, kind_of
from callsheet.inputs.names import folded, folded_aliases, known, nearest, place, shown
from callsheet.inputs.plain import NotPlainError, plain, wrapping
from callsheet.runtime.config import folder, read_rows
from callsheet.workspace import PROJECT, Workspace

REQUIRED = {"posted_date": "the date", "work_city": "the place", "project_type": "the project type"}
OPTIONAL = ("role_type", "union_status", "rate", "role_description", "breakdown_id", "role_name", "project_name")
COLUMNS = (*REQUIRED, *OPTIONAL)
SUFFIXES = (
    ".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".json", ".json.gz", ".parquet",
    ".xlsx", ".xls", ".xlsb", ".ods", ".zip",
)  # fmt: skip
DELIMITERS = (",", ";", "\t", "|")
_LOOK = 1_000_000  # bytes at either end of a file that are looked at before it is read
_ROW_KEY_LOOK = 2_000  # records
_STEP = 4_000_000  # a quarter of the quick reader's smallest buffer
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_UNSURE = {"usual": "?", "vague": "??"}  # notes of aliases that give way to a surer name of the same column
_SHORT_NAMES = {"work_city": ("work_city", "work_location")}
_TITLES, _TITLES_LOOK, _HEADER_NAMES = 20, 100_000, 2  # lines and letters where a header may stand, names that make one
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
    wrapped: str = ""  # what the records are unpacked from before they are read: an archive, a workbook, a JSON array
    skip: int = 0  # lines before the header: Excel's sep=, a title, blank lines
    others: dict[str, list[int]] = field(default_factory=dict)  # columns that gave way to one of a surer name
    row_key: str | None = None  # a header that looked like a role's id and numbers the rows
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


def known_aliases(columns: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return every name that a column may have: ours, the home's, and those of this run, `columns`, by the column they stand for."""
    with (PROJECT / "seeds" / "pulse" / "column_aliases.csv").open(encoding="utf-8", newline="") as lines:
        names = {row["alias"]: row["column_name"] + _UNSURE.get(row["note"], "") for row in csv.DictReader(lines)}
    own = folder(Workspace.find()) / "column_aliases.csv"
    if own.exists():
        names |= {str(row["alias"]): str(row["column_name"]) for row in read_rows(own)}
    return with_columns(names, columns or {})


def column_names(columns: str) -> str:
    """Return every name that a column may have, as a JSON object; `columns` is one of what a run names, by column."""
    return json.dumps(known_aliases(json.loads(columns)))


def with_columns(aliases: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the names, folded, with those a person gave for this run: nothing else stands for these columns then."""
    given = {name: column for column, name in columns.items()}
    return folded_aliases({alias: column for alias, column in aliases.items() if column.rstrip("?") not in columns} | given)


def inspect_file(path: str, aliases: str, encoding: str | None) -> str:
    """Return the layout of a file of breakdowns as JSON. `aliases` is a JSON object of alias to column name."""
    names = folded_aliases(json.loads(aliases))
    layout = inspect_table(path, names, encoding, tuple(REQUIRED))
    is_named = sum(column.rstrip("?") == "breakdown_id" for column in names.values()) == 1  # by the person who runs this
    index = layout.columns.get("breakdown_id")
    if index is not None and not layout.problem and not is_named and folded(layout.header[index]) == "id" and _is_row_key(path, layout):
        layout.row_key = layout.header[layout.columns.pop("breakdown_id")]
    return json.dumps(layout.__dict__)


def _is_row_key(path: str, layout: Layout) -> bool:
    """Say whether ids number the rows: none repeats, while half of what else tells roles apart does, and tells them apart then."""
    from callsheet.inputs.records import records_of  # noqa: PLC0415 - it reads by layouts

    needed: tuple[str, ...] = ("project_name", "role_name")
    if not {*needed} <= {*layout.columns}:
        needed = ("role_description",)
    telling = (*needed, *(() if len(needed) > 1 else ("work_city", "rate")))
    try:
        records = list(records_of(path, layout, ("breakdown_id", *telling), _ROW_KEY_LOOK))
    except (OSError, ValueError, EOFError, duckdb.Error):
        return False  # what is wrong with it is told when it is read
    cells = [tuple((cell or "").strip().lower() for cell in record) for record in records]
    if not all(all(record[: 1 + len(needed)]) for record in cells):
        return False  # where some roles have no text, the id is what tells them apart
    ids, roles = {id_ for id_, *_ in cells}, {tuple(rest) for _, *rest in cells}
    return len(cells) > 1 and len(ids) == len(cells) >= 2 * len(roles)


def inspect_table(path: str, aliases: Mapping[str, str], encoding: str | None, required: Sequence[str]) -> Layout:
    """Return how to read any table, or why it cannot be read. `aliases` are folded."""
    try:
        return _inspect(Path(path), Sought(aliases, required), encoding)
    except NotPlainError as error:
        return Layout(problem="file_unreadable", detail=str(error))
    except (OSError, EOFError, UnicodeError, ValueError, csv.Error, zlib.error) as error:
        return Layout(problem="file_unreadable", detail=f"it cannot be read ({' '.join(str(error).split())})")


def columns_of(path: Path, aliases: Mapping[str, str]) -> set[str]:
    """Return the columns that a file's header names. `aliases` are folded."""
    return set(inspect_table(str(path), aliases, None, ()).columns)


@dataclass(frozen=True)
class Sought:
    """What a file is searched for: columns by their folded names, and those it cannot do without."""

    aliases: Mapping[str, str]
    required: Sequence[str]

    def known(self, cells: Sequence[str]) -> int:
        """Return how many columns a row of cells names."""
        return known(cells, self.aliases)


def _inspect(path: Path, sought: Sought, encoding: str | None) -> Layout:
    if path.stat().st_size == 0:
        return Layout(problem="file_empty", detail="it has no byte")
    wrapped = wrapping(path)
    with plain(path, sought.known) as copy:
        layout = _inspect_plain(copy, sought, encoding if wrapped in ("", ARCHIVE) else None)
    layout.wrapped = wrapped
    return layout


@contextmanager
def unwrapped(path: str, layout: Layout) -> Iterator[str]:
    """Yield the path that the readers take: the file's own, or that of a plain copy that goes with the block."""
    if not layout.wrapped:
        yield path
        return
    with plain(Path(path), lambda cells: len({*cells} & {*layout.header})) as copy:
        yield str(copy)


def _inspect_plain(path: Path, sought: Sought, encoding: str | None) -> Layout:
    if path.stat().st_size == 0:
        return Layout(problem="file_empty", detail="it holds nothing")
    layout = Layout(encoding=encoding or "utf-8")
    with path.open("rb") as file:
        start = file.read(4)
    if start == _PARQUET:
        layout.kind = "parquet"
        layout.header = _parquet_header(path)
        return _placed(layout, sought)
    layout.compression = "gzip" if start.startswith(_GZIP) else "none"
    head, tail = _ends(path, layout.compression)
    text = _decoded(head, layout.encoding)
    if text is None or (encoding is None and head.startswith(_WIDE)):
        return _not_text(path, head, layout, sought)
    if not text.strip():
        return Layout(problem="file_empty", detail="it holds nothing but blanks")
    layout.is_plain = (
        layout.encoding == "utf-8"
        and not any(_has_lone_return(part) or b"\0" in part for part in (head, tail))
        and not _has_giant_line(path, layout.compression)
    )
    return _headed(layout, text, sought)


def _headed(layout: Layout, text: str, sought: Sought) -> Layout:
    """Return the layout of a text, with its delimiter, its header and its columns."""
    if text.lstrip().startswith("{"):
        layout.kind = "json"
        layout.header = sorted({key for line in text.splitlines()[:1000] for key in _keys(line)})
        return _placed(layout, sought)
    layouts = [_with_delimiter(layout, text, delimiter, sought) for delimiter in DELIMITERS]
    return _placed(max(layouts, key=lambda one: sought.known(one.header)), sought)


def _not_text(path: Path, head: bytes, layout: Layout, sought: Sought) -> Layout:
    """Return what to say of bytes that are not of the encoding: the kind of file, or the encoding to name and how it reads then."""
    kind = kind_of(path)
    if is_foreign(kind) or (b"\0" in head and not head.startswith(_WIDE)):
        what = kind if is_foreign(kind) else "no table of a kind that is known"
        return Layout(problem="file_not_utf8", detail=f"it is {what}: export it as CSV, Excel, JSON or Parquet")
    if layout.encoding != "utf-8":
        return Layout(problem="file_not_utf8", detail=f"it is not {layout.encoding}: name its encoding with --encoding, as in cp1252")
    if head.startswith(_WIDE):
        return Layout(problem="file_not_utf8", encoding="utf-16", detail="it is UTF-16: give --encoding utf-16")
    text = _decoded(head, "cp1252") or head.decode("latin-1")
    words = [word for word in text.split() if not word.isascii()][:3]
    detail = f"its text is not UTF-8: add --encoding cp1252 if {', '.join(words)[:80]} is right, else name another"
    guessed = _headed(Layout(encoding="cp1252", is_plain=False, compression=layout.compression), text, sought)
    guessed.detail = f"{detail}; {guessed.detail}" if guessed.problem else detail
    guessed.problem = "file_not_utf8"
    return guessed


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


def _with_delimiter(layout: Layout, text: str, delimiter: str, sought: Sought) -> Layout:
    skip = _lines_before_header(text, delimiter, sought)
    rest = "".join(text.splitlines(keepends=True)[skip:]) if skip else text
    header = next(csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter), [])
    return replace(layout, delimiter=delimiter, header=header, skip=skip)


def _lines_before_header(text: str, delimiter: str, sought: Sought) -> int:
    """Return how many lines stand above the header: blank ones, Excel's `sep=;`, and titles, if a line below them names more columns."""
    lines = text[:_TITLES_LOOK].split("\n")[:_TITLES]
    filled = [number for number, line in enumerate(lines) if line.strip(f'\r "\t{delimiter}') and not line.lower().startswith("sep=")]
    first = filled[0] if filled else 0
    named = [sought.known(next(csv.reader([line.replace("\r", " ")], delimiter=delimiter), [])) for line in lines]
    best = max(filled, key=lambda number: named[number], default=first)
    return best if named[best] >= max(_HEADER_NAMES, named[first] + 2) else first


def _placed(layout: Layout, sought: Sought) -> Layout:
    """Find the columns by name."""
    named, layout.others = place(layout.header, sought.aliases)
    layout.columns = {column: indexes[0] for column, indexes in named.items()}
    twice = {column: indexes for column, indexes in named.items() if len(indexes) > 1}
    missing = [column for column in sought.required if column not in named]
    if twice:
        pairs = [f"{' and '.join(layout.header[index].strip() for index in indexes)} ({column})" for column, indexes in twice.items()]
        layout.problem, layout.detail = "column_twice", f"its columns {', '.join(pairs)} mean the same: leave one"
    elif missing:
        lacks = ", ".join(f"no column {' or '.join(_SHORT_NAMES.get(column, (column,)))}" for column in missing)
        near = {column: nearest(column, layout.header, sought.aliases) for column in missing}
        mend = " ".join(f"--column {column}={_quoted(header) if header else 'NAME'}" for column, header in near.items())
        layout.problem, layout.detail = "column_missing", f"it has {lacks}; its headers are {shown(layout.header)}: add {mend}"
    return layout


def _quoted(header: str) -> str:
    return shlex.quote(" ".join(header.split()))
