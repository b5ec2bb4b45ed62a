"""What the quick reader cannot take, read record by record with Python's own csv reader: nothing is lost, bad records are named."""

import csv
import hashlib
import io
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from callsheet.pulse.reading import COLUMNS, Layout, opened

Record = tuple[str | None, ...]
NAMES = (*COLUMNS, "row_problem", "payload")
_CELL = 1_000_000  # characters; a longer cell is no description
_OPEN = 100_000  # lines; a quote that stays open for longer is never closed, and what follows it must not fill the memory
_BATCH = 20_000
_UNDECIDED = "\ufffd"  # what a byte that is no character is read as
_END = "\0"  # no line holds one: a cell that ends with it was still open


def copy_records(path: Path, layout: Layout, target: Path) -> None:
    """Write the file's records as Parquet."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only for files like these
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema([(name, pa.string()) for name in NAMES])
    records = (_judged(cells, is_open, layout) for _, cells, is_open in read_records(path, layout))
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while batch := list(islice(records, _BATCH)):
            columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def read_records(path: Path, layout: Layout) -> Iterator[tuple[int, list[str], bool]]:
    """Yield each record: the line it begins in, its cells, and whether a quote that opens in that line is never closed."""
    csv.field_size_limit(2**31 - 1)
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    with opened(path, layout.compression) as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")
        rest = islice(text, layout.skip, None)
        records = _split((line.replace(_END, "") for line in rest), layout.delimiter, len(layout.header))
        next(records, None)
        yield from ((layout.skip + line, cells, is_open) for line, cells, is_open in records if cells)


def _split(lines: Iterable[str], delimiter: str, width: int) -> Iterator[tuple[int, list[str], bool]]:
    """Split lines into records. A line whose quote is never closed is a record by itself, and reading goes on with the line after it."""
    source = iter(lines)
    again: deque[str] = deque()  # lines that an open quote had swallowed
    held: list[str] = []  # the lines of the record under way

    def fed() -> Iterator[str]:
        while len(held) < _OPEN and (line := again.popleft() if again else next(source, None)) is not None:
            held.append(line)
            yield line

    number = 1
    reader = csv.reader(fed(), delimiter=delimiter, strict=True)
    while True:
        is_open = False
        try:
            cells = next(reader)
            # An inch mark may close a quote that was left open: the number of cells is wrong then, and the mark's line is a whole record.
            if len(held) > 1 and len(cells) != width and len(next(csv.reader([held[-1]], delimiter=delimiter))) == width:
                raise csv.Error
        except StopIteration:
            return
        except csv.Error:  # or a quote in the middle of a quoted cell, or the end of the file inside one: the first line alone decides
            again.extendleft(reversed(held[1:]))
            del held[1:]
            cells = next(csv.reader([held[0], _END], delimiter=delimiter))
            is_open = cells[-1].endswith(_END)
            reader = csv.reader(fed(), delimiter=delimiter, strict=True)
        yield number, [cell.removesuffix(_END) for cell in cells] if is_open else cells, is_open
        number += len(held)
        held.clear()


def _judged(cells: list[str], is_open: bool, layout: Layout) -> Record:
    problem = problem_of(cells, is_open, layout)
    if problem and problem[0] == "cell_too_long":
        return (*(None for _ in COLUMNS), "cell_too_long", hashlib.sha256("\x1f".join(cells).encode()).hexdigest())
    return (*(cell_of(cells, layout, column) for column in COLUMNS), problem and problem[0], None)


def problem_of(cells: list[str], is_open: bool, layout: Layout) -> tuple[str, str] | None:
    """Return why a record cannot be used and the cell that is to blame; None where it can be."""
    longest = max(cells, key=len)
    if len(longest) > _CELL:
        return "cell_too_long", longest
    if is_open:
        return "quote_unclosed", cells[-1].rstrip("\r\n")
    undecided = [cell for cell in cells if _UNDECIDED in cell] if layout.encoding == "utf-8" else []
    return ("not_utf8", undecided[0]) if undecided else None


def cell_of(cells: list[str], layout: Layout, column: str) -> str | None:
    """Return the record's cell of a column; None where the record or the file has none."""
    index = layout.columns.get(column)
    return cells[index] if index is not None and index < len(cells) else None
