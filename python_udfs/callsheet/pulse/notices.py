"""One file's notices as Parquet.

A record is a view of a role notice; views of the same notice are one row with a list, because texts cost ten times what the rest costs.
The quick reader takes many threads and stops at the first record that is not as it should be; then Python's reads the file, record by
record. The quick reader's lenient mode is no way out: where its threads meet it leaves records out without a word.
"""

import glob
import gzip
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from callsheet.pulse.reading import COLUMNS, Layout, unwrapped
from callsheet.pulse.tolerant import copy_records
from callsheet.runtime.publish import literal, quoted
from callsheet.workspace import PROJECT

NOTICE = tuple(column for column in COLUMNS if column != "posted_date")  # what a notice says; the date says when it was seen
_CELLS = (*NOTICE, "row_problem", "payload")

_begun: dict[str, Future[str | None]] = {}


def copy_notices(path: str, layout_json: str, target: str, sums_days: bool, date_format: str | None) -> str | None:
    """Write one file's notices as Parquet and return where; None where the file is damaged and cannot be read to its end.

    Each view has its position and its text, so that it can be judged again. With `sums_days` those of a notice on a day are one, with the
    earliest's time and their number, and a text that is no time stays a text.
    """
    if path in _begun:
        return _begun[path].result()
    return _Copy(path, Layout(**json.loads(layout_json)), target, sums_days, date_format).write()


@contextmanager
def copying_ahead(files: Sequence[tuple[str, Layout]], folder: Path, date_format: str | None) -> Iterator[None]:
    """Copy the files, days summed, while the block starts dbt: `copy_notices` then waits for what is under way and reads nothing twice."""
    folder.mkdir()
    copies = [_Copy(path, layout, f"{folder}/{number}.parquet", True, date_format) for number, (path, layout) in enumerate(files)]
    with ThreadPoolExecutor(max_workers=1) as executor:
        _begun.update({copy.path: executor.submit(copy.write) for copy in copies})
        try:
            yield
        finally:
            _begun.clear()
            executor.shutdown(wait=False, cancel_futures=True)
            for copy in copies:
                copy.stop()


@dataclass
class _Copy:
    path: str
    layout: Layout
    target: str
    sums_days: bool
    date_format: str | None
    _connection: duckdb.DuckDBPyConnection | None = None

    def write(self) -> str | None:
        with unwrapped(self.path, self.layout) as copy:
            return self._write(copy)

    def _write(self, path: str) -> str | None:
        if self.layout.is_plain and self._is_read(self.layout, reader_of(path, self.layout)):
            return self.target
        if self.layout.kind != "csv":
            return None
        records = Path(f"{self.target}.records")
        try:
            copy_records(Path(path), self.layout, records)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return None
        is_whole = self._is_read(replace(self.layout, kind="copy"), f"read_parquet({literal(glob.escape(str(records)))})")
        records.unlink()
        return self.target if is_whole else None

    def stop(self) -> None:
        with suppress(duckdb.ConnectionException):  # it has ended by itself
            if self._connection:
                self._connection.interrupt()

    def _is_read(self, layout: Layout, reader: str) -> bool:
        """Write the rows and say whether the reader took the whole file. SQL cannot catch errors itself."""
        cells = cells_of(layout)
        held = [cell for cell in _CELLS if cell in cells]
        records = f"select {', '.join(f'{cell} as {name}' for name, cell in cells.items())} from {reader} as records"  # noqa: S608 - quoted
        query = _days_of_notices(records, held, self.date_format) if self.sums_days else _views_of_notices(records, held)
        limits = {"threads": os.environ.get("CALLSHEET_THREADS") or "2", "memory_limit": os.environ.get("CALLSHEET_MEMORY")}
        settings: dict[str, Any] = {name: value for name, value in limits.items() if value}
        # What does not fit into memory goes beside the target, not into the folder one stands in.
        settings |= {"temp_directory": f"{self.target}.spill", "autoinstall_known_extensions": False}
        settings |= {"preserve_insertion_order": not self.sums_days}  # a day's views have no place in the file
        with duckdb.connect(config=settings) as self._connection:
            self._connection.execute("set TimeZone = 'UTC'")
            try:
                self._connection.sql(query).write_parquet(self.target)
            except (duckdb.InvalidInputException, duckdb.NotImplementedException):
                return False
        return True


def _views_of_notices(records: str, held: Sequence[str]) -> str:
    return f"""
        select
            min(position) as position,
            {", ".join(cell if cell in held else _nothing(cell) for cell in _CELLS)},
            list({{'position': position, 'posted_date': posted_date, 'posted_at': null::timestamp, 'view_count': 1::bigint}}) as views
        from (select *, row_number() over () as position from ({records}))
        group by {", ".join(held)}
    """  # noqa: S608 - names of this module


def _days_of_notices(records: str, held: Sequence[str], date_format: str | None) -> str:
    # Rows of one hash have the same cells; to compare these again would take half as long as to read the file.
    same = ", ".join(f"any_value({cell}) as {cell}" for cell in held)
    return f"""
        select
            row_number() over () as position,
            {", ".join(f"any_value({cell}) as {cell}" if cell in held else _nothing(cell) for cell in _CELLS)},
            list({{'position': null::bigint, 'posted_date': posted_date, 'posted_at': posted_at, 'view_count': view_count}}) as views
        from (
            select
                hash({", ".join(held)}) as notice,
                {same},
                any_value(if(posted_at is null, posted_date, null)) as posted_date,
                min(posted_at) as posted_at,
                count(*) as view_count
            from (select *, {time_in_utc("posted_date", date_format)} as posted_at from ({records}))
            group by notice, if(posted_at is null, hash(posted_date), hash(posted_at::date))
        )
        group by notice
    """  # noqa: S608 - names of this module, and a person's format as a literal


def _nothing(cell: str) -> str:
    """Return a cell that the file has not: to carry it through every row would cost what another column costs."""
    return f"null::varchar as {cell}"


def time_in_utc(text: str, date_format: str | None) -> str:
    """Return the SQL that the judge uses too, from the macro itself: the copy begins before dbt has started."""
    from jinja2 import Template  # noqa: PLC0415 - only where days are summed

    macros: Any = Template((PROJECT / "macros" / "utc_time.sql").read_text(encoding="utf-8")).module
    return str(macros.time_in_utc(text, literal_forms(date_format) if date_format else None))


def literal_forms(date_format: str) -> str:
    """Return the forms, parted by newlines, as a list in SQL."""
    return f"[{', '.join(literal(form) for form in date_format.splitlines())}]"


def cells_of(layout: Layout) -> dict[str, str]:
    """Return what the file holds of a record, as SQL by name."""
    if layout.kind == "copy":
        return {cell: f"records.{cell}" for cell in ("posted_date", *_CELLS)}
    cells = {column: _cell(layout, index) for column, index in layout.columns.items()}
    if layout.kind == "json":
        cells["row_problem"] = "if(json_type(records.json) is distinct from 'OBJECT', 'record_unreadable', null)"
    return cells


def _cell(layout: Layout, index: int) -> str:
    name = layout.header[index]
    if layout.kind == "csv":
        return f"records.c{index}"
    if layout.kind == "json":
        return f"records.json ->> {literal('/' + name.replace('~', '~0').replace('/', '~1'))}"
    return f"records.{quoted(name)}::varchar"


def reader_of(path: str, layout: Layout) -> str:
    """Return the SQL of the engine's own reader of a file."""
    file = literal(glob.escape(path))
    if layout.kind == "parquet":
        return f"read_parquet({file})"
    if layout.kind == "json":
        return (
            f"read_json({file}, format = 'newline_delimited', records = false, columns = {{'json': 'json'}}, ignore_errors = true, "
            f"compression = {literal(layout.compression.replace('none', 'uncompressed'))})"
        )
    columns = ", ".join(f"'c{index}': 'varchar'" for index in range(len(layout.header)))
    return (
        f"read_csv({file}, auto_detect = false, header = false, skip = {layout.skip + 1}, delim = {literal(layout.delimiter)}, "
        f"quote = '\"', escape = '\"', max_line_size = 1000000, buffer_size = 32000000, compression = {literal(layout.compression)}, "
        f"columns = {{{columns}}})"
    )
