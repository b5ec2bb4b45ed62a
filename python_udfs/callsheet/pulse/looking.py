"""What a file of breakdowns is taken for, before anything is built: its columns, their first values, the forms of its dates."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from callsheet.inputs.dates import misfits, proposal
from callsheet.inputs.names import shown
from callsheet.inputs.records import records_of
from callsheet.pulse.notices import time_in_utc
from callsheet.pulse.reading import COLUMNS, REQUIRED, Layout

_RECORDS = 2_000
_SHOWN = 3
_LETTERS = 40


@dataclass
class Look:
    """What is wrong with a file, and the options that would mend it."""

    problems: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


def look(path: str, layout: Layout, date_format: str | None) -> Look:
    """Return what a person has to name before the file can be used: encoding, columns, the form of dates, all at once."""
    found = Look()
    if layout.problem:
        found.problems.append(str(layout.detail))
        found.options += _encoding(layout)
        if "posted_date" not in layout.columns or layout.problem == "file_unreadable":
            return found
    try:
        dates = first_values(path, layout).get("posted_date", [])
    except (OSError, ValueError, EOFError, duckdb.Error):
        return found  # what is wrong with it is told when it is read
    unread = unread_dates(dates, date_format)
    if unread and len(unread) == len([date for date in dates if date.strip()]):
        missed = misfits(unread, date_format.splitlines()) if date_format else []
        if missed:
            found.problems.append(f"--date-format {' '.join((date_format or '').splitlines())} does not fit {shown(missed[:1])}")
        else:
            found.problems.append("not one of its dates can be read")
        found.problems.append(proposal(unread))
    return found


def _encoding(layout: Layout) -> list[str]:
    return ["--encoding", layout.encoding] if layout.encoding != "utf-8" else []


def unread_dates(dates: Sequence[str], date_format: str | None) -> list[str]:
    """Return the texts that are no time in the forms that are read, or in one that was named."""
    if not dates:
        return []
    time = time_in_utc("text", date_format)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            rows = connection.execute(
                f"select text from unnest($given) as t (text) where trim(text) <> '' and {time} is null",  # noqa: S608 - a form as a literal
                {"given": list(dates)},
            ).fetchall()
        except duckdb.InvalidInputException:
            misfits(dates, (date_format or "").splitlines())
            raise
    return [text for (text,) in rows]


def first_values(path: str, layout: Layout, columns: Sequence[str] = COLUMNS) -> dict[str, list[str]]:
    """Return the values of the file's first records, by column."""
    columns = [column for column in columns if column in layout.columns]
    records = list(records_of(path, layout, columns, _RECORDS))
    return {column: [record[index] or "" for record in records] for index, column in enumerate(columns)}


def describe(path: str, layout: Layout, date_format: str | None, columns: Sequence[str] = COLUMNS) -> list[str]:
    """Return lines that say what each column was taken for, with its first values, and what is not used."""
    kind = layout.wrapped or {"csv": "CSV", "json": "JSON lines", "parquet": "Parquet"}[layout.kind]
    where = f", header in line {layout.skip + 1}" if layout.skip else ""
    lines = [f"{Path(path).name}: {kind}{where}"]
    values = first_values(path, layout, columns)
    for column in columns:
        if column not in layout.columns:
            lines.append(f"  {column:<17} no such column{'' if column in REQUIRED else ' (optional)'}")
            continue
        some = list(dict.fromkeys(value for value in values[column] if value.strip()))[:_SHOWN]
        header = shown([layout.header[layout.columns[column]]])
        lines.append(f"  {column:<17} {header}: {' · '.join(map(_short, some)) or 'blank'}")
    if layout.row_key:
        lines.append(f"  {row_key_told(layout)}")
    used = {*layout.columns.values()}
    if unused := [name for index, name in enumerate(layout.header) if index not in used]:
        lines.append(f"  not used          {shown(unused)}")
    for column, indexes in layout.others.items():
        lines.append(f"  {shown(layout.header[index] for index in indexes)} could be {column} too: --column {column}=NAME takes another")
    if unread := unread_dates(values.get("posted_date", []), date_format):
        lines.append(f"  dates             {len(unread):,} of the first {len(values['posted_date']):,} cannot be read: {proposal(unread)}")
    return lines


def row_key_told(layout: Layout) -> str:
    """Return the sentence on a column that numbers rows and names no role."""
    key = layout.row_key or ""
    return f"{shown([key])} never repeats while roles do: it is no id of a role; --column breakdown_id={shlex.quote(key)} takes it for one"


def _short(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…"


def refused_dates(counts: Mapping[str, int]) -> list[str]:
    """Return one sentence on the dates of a run that could not be read, with what to type."""
    if not counts:
        return []
    return [f"{sum(counts.values()):,} dates cannot be read: {proposal(list(counts))}"]
