"""A batch file in pieces: whole records each, so that a file of any size is parsed in little memory."""

import codecs
import io
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import duckdb

from callsheet.percentiles.escapes import mark_lone_surrogates

PIECE = 4_000_000  # bytes; parsing holds a piece about ten times over
_LARGEST_RECORD = 16_000_000  # bytes: the largest that DuckDB's own reader takes; without a bound a broken file would be held whole
_BLANKS = b" \t\r\n"
_LONE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Piece:
    """Records that follow each other: where they stand in the file, in bytes, and the position of the first among all."""

    start: int
    stop: int
    first_position: int


@dataclass
class _Outline:
    is_utf8: bool
    start: int  # of what is neither blank nor a byte-order mark
    first: bytes
    last: bytes


def cut_batch(path: str) -> dict[str, Any]:
    """Return why the file is not used, or its pieces."""
    with Path(path).open("rb") as file:
        problem, pieces = cut(file)
    return {"problem": problem, "pieces": [asdict(piece) for piece in pieces]}


def read_piece(path: str, start: int, stop: int) -> str:
    """Return a piece as a JSON array."""
    with Path(path).open("rb") as file:
        return piece_text(file, start, stop)


def piece_text(file: IO[bytes], start: int, stop: int) -> str:
    """Return a piece as a JSON array."""
    file.seek(start)
    return _array(file.read(stop - start))[0]


def read_batch(content: bytes) -> tuple[str | None, list[str] | None]:
    """Return why a file with this content is not used, or its records as JSON text."""
    file = io.BytesIO(content)
    problem, pieces = cut(file)
    if problem:
        return problem, None
    query = """select coalesce(record, 'null')::varchar from (select unnest(from_json($text, '["json"]')) as record)"""
    texts = (piece_text(file, piece.start, piece.stop) for piece in pieces)
    return None, [record for text in texts for (record,) in _parser(os.getpid()).execute(query, {"text": text}).fetchall()]


def cut(file: IO[bytes]) -> tuple[str | None, list[Piece]]:
    """Return why the file is not used, or its pieces."""
    outline = _outline(file)
    if not outline.is_utf8:
        return "file_not_utf8", []
    if not outline.first:
        return "file_empty", []
    file.seek(outline.start)
    if outline.first != b"[":
        value = file.read(_LARGEST_RECORD)  # a longer one is not looked at to its end: it is no array either way
        is_json = len(value) == _LARGEST_RECORD or _parsed(value.decode())[1] is not None
        return "file_not_array" if is_json else "file_not_json", []
    pieces = list(_pieces(file, outline.start + 1))
    if pieces[-1].stop < 0:
        return "file_not_json" if outline.last == b"]" else "file_cut", []
    return None, pieces


def _outline(file: IO[bytes]) -> _Outline:
    decoder = codecs.getincrementaldecoder("utf-8")()
    outline = _Outline(True, 0, b"", b"")
    file.seek(0)
    try:
        for block in iter(lambda: file.read(PIECE), b""):
            decoder.decode(block)
            if not outline.first:
                content = block.lstrip(_BLANKS + codecs.BOM_UTF8)
                outline.start += len(block) - len(content)
                outline.first = content[:1]
            outline.last = block.rstrip(_BLANKS)[-1:] or outline.last
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        outline.is_utf8 = False
    return outline


def _pieces(file: IO[bytes], start: int) -> Iterator[Piece]:
    """Yield the pieces of an array that begins before `start`; one that stops before 0 where it is no array to its end.

    A comma may stand within a text or a record. What comes before it is an array of JSON exactly if it does not.
    """
    file.seek(start)
    held, position = b"", 1
    while True:
        block = file.read(PIECE)
        held += block
        if len(block) < PIECE:
            held = held.rstrip(_BLANKS)
            is_whole = held.endswith(b"]") and _array(held[:-1])[1] is not None
            yield Piece(start, start + len(held) - 1 if is_whole else -1, position)
            return
        for comma in _commas(held):
            before = held[:comma]
            count = None if before.rstrip(_BLANKS).endswith(b",") else _array(before)[1]
            if count:
                yield Piece(start, start + comma, position)
                held, start, position = held[comma + 1 :], start + comma + 1, position + count
                break
        else:
            if len(held) > _LARGEST_RECORD:
                yield Piece(start, -1, position)
                return


def _commas(held: bytes) -> Iterator[int]:
    """Yield places to cut at, likely ones first."""
    for mark, tries in ((b"},", 8), (b",", 16)):
        end = len(held)
        for _ in range(tries):
            end = held.rfind(mark, 0, end)
            if end < 0:
                break
            yield end + len(mark) - 1


def _array(records: bytes) -> tuple[str, int | None]:
    """Return the records as a JSON array and their number; None where it is none."""
    return _parsed(f"[{records.decode()}]")


def _parsed(text: str) -> tuple[str, int | None]:
    """Return the text as DuckDB takes it and its number of elements, 0 for what is no array; None where it is no JSON."""
    count = _length(text)
    if count is None and _LONE.search(text):
        text = mark_lone_surrogates(text) or ""
        count = _length(text)
    return text, count


def _length(text: str) -> int | None:
    ((length,),) = _parser(os.getpid()).execute("select try(json_array_length($text))", {"text": text}).fetchall()
    return None if length is None else int(length)


@cache
def _parser(_: int) -> duckdb.DuckDBPyConnection:
    """Return a connection of this process that reads JSON as the models do."""
    return duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1})
