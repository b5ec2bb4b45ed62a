"""Archives, workbooks and JSON arrays as a plain copy that the readers take: CSV, JSON lines or Parquet."""

import csv
import gzip
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, cast

from callsheet.inputs.kinds import ARCHIVE, ARRAY, EXCEL, GZIP, kind_of
from callsheet.percentiles.reading import cut, piece_text

WRAPPED = (ARCHIVE, EXCEL, ARRAY)
_BOMB = 1_000_000_000  # bytes: an archive that unpacks to more than this, and to 200 times its own size, was made to fill disks
_RATIO = 200
_SHOWN = 5

Judge = Callable[[Sequence[str]], int]  # how many cells of a row are names of columns


class NotPlainError(ValueError):
    """Why no plain copy can be made, as the end of a sentence that begins with the file's name."""


def no_names(_: Sequence[str]) -> int:
    """Judge of whoever knows no names: the first sheet that holds something is taken."""
    return 0


def wrapping(path: Path) -> str:
    """Return the kind of what a file is wrapped in, or nothing where it can be read as it is."""
    kind = kind_of(path)
    if kind == GZIP:
        with gzip.open(path) as file:
            start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return ARRAY if start == b"[" else ""
    return kind if kind in WRAPPED else ""


@contextmanager
def plain(path: Path, judge: Judge = no_names) -> Iterator[Path]:
    """Yield the file itself where it can be read as it is, else a copy that goes with the block."""
    with tempfile.TemporaryDirectory(prefix="callsheet-plain-") as folder:
        try:
            yield from _unwrapped(path, Path(folder), judge)
        except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError, NotImplementedError) as error:
            raise NotPlainError(f"it is damaged ({error}): fetch it again") from error


def _unwrapped(path: Path, folder: Path, judge: Judge) -> Iterator[Path]:
    for step in range(3):  # an archive may hold a workbook, or a gzipped array
        kind = wrapping(path)
        if not kind:
            break
        copy = folder / f"{step}"
        if kind == ARCHIVE:
            _unzip(path, copy)
        elif kind == EXCEL:
            _from_excel(path, copy, judge)
        else:
            _from_array(path, copy)
        path = copy
    yield path


def _unzip(path: Path, target: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir() and not _is_clutter(one.filename)]
        if len(members) != 1:
            names = ", ".join(one.filename for one in members[:_SHOWN]) + (", …" if len(members) > _SHOWN else "")
            raise NotPlainError(
                f"it is {ARCHIVE} of {len(members)} files{': ' * bool(names)}{names}; unpack it and give the one that is meant"
            )
        (member,) = members
        if member.flag_bits & 1:
            raise NotPlainError(f"it is {ARCHIVE} with a password: unpack it and give the file")
        if member.file_size > _BOMB and member.file_size > _RATIO * max(member.compress_size, 1):
            raise NotPlainError(f"it is {ARCHIVE} that unpacks to {member.file_size:,} bytes: unpack it yourself if that is meant")
        with archive.open(member) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, 1_000_000)


def _is_clutter(name: str) -> bool:
    """Say whether a file of an archive is one that no person put there."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def _from_excel(path: Path, target: Path, judge: Judge) -> None:
    """Write the sheet that has the most known names in its first rows as CSV, row for row."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only for this kind

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = [workbook.get_sheet_by_index(index) for index in range(len(workbook.sheet_names))]
        best = max((sheet for sheet in sheets if sheet.height), key=lambda sheet: _known(sheet, judge), default=None)
        if best is None:
            raise NotPlainError(f"it is {EXCEL} without a filled cell")
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([_text(cell) for cell in row] for row in best.to_python(skip_empty_area=False))
    except CalamineError as error:
        raise NotPlainError(f"it is {EXCEL} that cannot be opened ({error}): save it again, without a password, or as CSV") from error


def _known(sheet: Any, judge: Judge) -> int:
    return max((judge([_text(cell) for cell in row]) for row, _ in zip(sheet.iter_rows(), range(20), strict=False)), default=0)


def _text(cell: object) -> str:
    """Return a cell as it would stand in a CSV: dates as ISO, whole numbers without a point."""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _from_array(path: Path, target: Path) -> None:
    """Write a JSON array as JSON lines, piece by piece."""
    with cast("IO[bytes]", gzip.open(path) if kind_of(path) == GZIP else path.open("rb")) as file:
        problem, pieces = cut(file)
        if problem:
            what = {"file_not_utf8": "is not UTF-8", "file_cut": "ends in the middle"}.get(problem, "breaks off or holds a mistake")
            raise NotPlainError(f"it is {ARRAY} that {what}: fetch it again")
        with target.open("w", encoding="utf-8") as lines:
            for piece in pieces:
                lines.writelines(
                    f"{json.dumps(record, ensure_ascii=False)}\n" for record in json.loads(piece_text(file, piece.start, piece.stop))
                )
