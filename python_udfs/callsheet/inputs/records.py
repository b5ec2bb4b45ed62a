"""The records of any table, one by one: CSV and workbooks by Python's reader, JSON and Parquet by the engine's."""

import csv
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import duckdb

from callsheet.pulse.notices import cells_of, reader_of
from callsheet.pulse.reading import Layout, unwrapped
from callsheet.pulse.tolerant import cell_of, read_records
from callsheet.runtime.errors import UnusableInputError

_FETCH = 10_000


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say in one sentence what broke a file off while its records were read."""
    try:
        yield
    except (duckdb.Error, csv.Error, zlib.error, OSError, EOFError, ValueError) as error:
        raise UnusableInputError(f"{path} cannot be used: it is damaged ({' '.join(str(error).split())[:200]}): fetch it again.") from error


def records_of(path: str, layout: Layout, columns: Sequence[str], limit: int | None = None) -> Iterator[list[str | None]]:
    """Yield the values of each record in the order of the file; None where it has none."""
    with unwrapped(path, layout) as copy:
        if layout.kind == "csv":
            for _, cells, _ in islice(read_records(Path(copy), layout), limit):
                yield [cell_of(cells, layout, column) for column in columns]
            return
        found = cells_of(layout)
        asked = ", ".join(f"({found[column]})::varchar" if column in found else "null" for column in columns)
        with duckdb.connect(config={"autoinstall_known_extensions": False, "preserve_insertion_order": True}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            records = connection.execute(f"select {asked} from {reader_of(copy, layout)} as records limit {limit or 'all'}")  # noqa: S608 - names of our readers, quoted
            while rows := records.fetchmany(_FETCH):
                yield from (list(row) for row in rows)
