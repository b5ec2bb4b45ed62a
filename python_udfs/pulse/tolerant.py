"""What the quick reader cannot take, read record by record with Python's own csv reader: nothing is lost, bad records are named."""

import csv
import hashlib
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from python_udfs.pulse.reading import COLUMNS, Layout, opened

Record = tuple[str | None, ...]
NAMES = (*COLUMNS, "row_problem", "payload")
_CELL = 1_000_000  # characters; a longer cell is no description
_BATCH = 20_000
_UNDECIDED = "\ufffd"  # what a byte that is no character is read as


def copy_records(path: Path, layout: Layout, target: Path) -> None:
    """Write the file's records as Parquet."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only for files like these
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema([(name, pa.string()) for name in NAMES])
    records = _records(path, layout)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while batch := list(islice(records, _BATCH)):
            columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _records(path: Path, layout: Layout) -> Iterator[Record]:
    csv.field_size_limit(2**31 - 1)
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    with opened(path, layout.compression) as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")
        records = csv.reader((line.replace("\0", "") for line in text), delimiter=layout.delimiter)
        next(records, None)
        for cells in records:
            if cells:
                yield _judged(cells, layout)


def _judged(cells: list[str], layout: Layout) -> Record:
    if max(map(len, cells)) > _CELL:
        return (*(None for _ in COLUMNS), "cell_too_long", hashlib.sha256("\x1f".join(cells).encode()).hexdigest())
    values = [_cell(cells, layout.columns.get(column)) for column in COLUMNS]
    if layout.encoding == "utf-8" and any(_UNDECIDED in cell for cell in cells):
        return (*values, "not_utf8", None)
    return (*values, None, None)


def _cell(cells: list[str], index: int | None) -> str | None:
    return cells[index] if index is not None and index < len(cells) else None
