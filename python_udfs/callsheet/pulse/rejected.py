"""The rows that a one-shot build could not use, as a file beside its output: the reason, the line and the value that is to blame."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from callsheet.pulse.notices import cells_of, reader_of, time_in_utc
from callsheet.pulse.reading import Layout, opened, unwrapped
from callsheet.pulse.tolerant import cell_of, problem_of, read_records
from callsheet.runtime.errors import explain
from callsheet.runtime.publish import write_csv
from callsheet.workspace import Workspace

_BATCH = 20_000
_VALUE = 1_000  # characters: enough to find it again


def write_rejected(workspace: Workspace, files: Sequence[tuple[str, Layout]], date_format: str | None, target: Path) -> None:
    """Write which rows were rejected, and why. Only the owner may read the file: it holds values as they were delivered."""
    try:
        with workspace.reading() as connection:
            # Views of a day are one row there. Their date decides: the day, or the text where it is no date.
            connection.execute(
                "create temp table verdicts as "
                "select distinct coalesce(posted_at::date::varchar, posted_date, '') as written, reject_reason as reason "
                "from intermediate.int_pulse__judge_rows where starts_with(reject_reason, 'date_')"
            )
            names = connection.execute(
                "select distinct file_name from intermediate.int_pulse__judge_rows as judged "
                "inner join intermediate.int_pulse__judge_deliveries as deliveries on judged.delivery_no = deliveries.delivery_no "
                "where judged.reject_reason is not null"
            ).fetchall()
            connection.execute("create temp table found (reason varchar, line bigint, value varchar, file varchar)")
            for path, layout in files:
                if any(path.endswith(name) for (name,) in names):
                    with unwrapped(path, layout) as copy:
                        connection.execute(f"insert into found {_rejected(connection, copy, layout, date_format)}", [path])
            columns = "reason, line, value" + (", file" if len(files) > 1 else "")
            connection.execute(f"create temp table listed as select {columns} from found order by file, line, reason, value")  # noqa: S608
            with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
                finished = Path(scratch) / "rejected.csv"
                write_csv(connection, "listed", finished)
                finished.chmod(0o600)
                finished.replace(target)
    except (OSError, duckdb.Error) as error:
        raise explain(error, target) from error


def _rejected(connection: duckdb.DuckDBPyConnection, path: str, layout: Layout, date_format: str | None) -> str:
    return f"""
        select
            coalesce(timed.row_problem, verdicts.reason) as reason,
            timed.line,
            left(coalesce(timed.value, timed.posted_date), {_VALUE}) as value,
            ? as file
        from (select *, {time_in_utc("posted_date", date_format)} as posted_at from ({_records(connection, path, layout)})) as timed
        left join verdicts
            on timed.row_problem is null and verdicts.written = coalesce(timed.posted_at::date::varchar, timed.posted_date, '')
        where timed.row_problem is not null or verdicts.reason is not null
    """  # noqa: S608 - names of this module, and a person's format as a literal


def _records(connection: duckdb.DuckDBPyConnection, path: str, layout: Layout) -> str:
    """Return the SQL of a file's records: line, posted_date, row_problem, and the value to blame for that. Parquet has no lines."""
    date = cells_of(layout)["posted_date"]
    if layout.kind == "parquet":
        return (
            f"select null::bigint as line, {date} as posted_date, null::varchar as row_problem, null::varchar as value "  # noqa: S608
            f"from {reader_of(path, layout)} as records"
        )
    connection.register("records_of_file", _arrow(path, layout))
    if layout.kind == "csv":
        return "from records_of_file"
    return f"""
        select
            line,
            case when is_object then {date} end as posted_date,
            case when not is_object then 'record_unreadable' end as row_problem,
            case when not is_object then value end as value
        from (
            select line, value, try_cast(value as json) as json, json_type(json) is not distinct from 'OBJECT' as is_object
            from records_of_file
        ) as records
    """  # noqa: S608 - the column's name as a literal


def _arrow(path: str, layout: Layout) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only where something was rejected

    schema = pa.schema([("line", pa.int64()), ("posted_date", pa.string()), ("row_problem", pa.string()), ("value", pa.string())])
    records = _lines(path, layout) if layout.kind == "json" else _csv(path, layout)
    batches = iter(lambda: list(islice(records, _BATCH)), [])
    return pa.RecordBatchReader.from_batches(
        schema,
        (
            pa.record_batch([pa.array(column, kind) for column, kind in zip(zip(*batch, strict=True), schema.types, strict=True)], schema)
            for batch in batches
        ),
    )


def _csv(path: str, layout: Layout) -> Iterator[tuple[int, str | None, str | None, str | None]]:
    for line, cells, is_open in read_records(Path(path), layout):
        problem, value = problem_of(cells, is_open, layout) or (None, None)
        yield line, cell_of(cells, layout, "posted_date"), problem, value


def _lines(path: str, layout: Layout) -> Iterator[tuple[int, None, None, str]]:
    with opened(Path(path), layout.compression) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, None, None, line.decode("utf-8-sig", errors="replace").strip()
