"""Batches of scores from a PostgreSQL table, as the files that everything else lands.

Where rows have a `batch_no`, that is the batch; rows whose batch_no is null belong to none yet. A plain table that somebody else writes has
a time instead, and a batch is a slice of it: its number is the slice's count since 1970. The server writes each batch as JSON and says its
checksum, so that only batches that are new or corrected cross the network, from one snapshot of the table.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.postgres import Place
from callsheet.workspace import for_the_owner_alone

SLICES = "slices_of_{}_seconds"  # the folder of batches that are slices, by their length: another length makes other batches
_BATCH_NO = re.compile(r"[0-9]{1,9}")
_EMPTY = "[]"
# The order does not depend on how the rows lie: the same rows are the same bytes.
_TEXT = """'[' || string_agg(row_to_json(record)::text, E',\\n' order by record.id::text collate "C", row_to_json(record)::text) || ']'"""
_SNAPSHOT = "set transaction isolation level repeatable read, read only"
# A schema that `publish --to-postgres` fills has a table scores too. Where it is called as the user, it would come before public.
_WITHOUT_OUR_OWN = """
    select set_config('search_path', coalesce(string_agg(quote_ident(name), ', ' order by place), ''), true)
    from unnest(current_schemas(true)) with ordinality as schemas (name, place)
    where to_regclass(quote_ident(name) || '.served_partitions') is null
"""
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_SHORTEST, _LONGEST = 60, 366 * 86400  # seconds: numbers of nine digits reach far beyond this century


@dataclass(frozen=True)
class Slices:
    """How a plain table is cut: a slice's length, and how long after its end it is read again."""

    time: str
    seconds: int = 3600
    grace_seconds: int = 86400
    compare_all: bool = False


@dataclass(frozen=True)
class Postgres:
    """Where the scores are: a table or view with its schema where the search path has another, its columns, and how it is cut."""

    dsn: str
    table: str = "scores"
    columns: tuple[str, ...] = ("id", "score", "industry")
    slices: Slices | None = None
    password_command: str | None = None


@dataclass(frozen=True)
class TableSize:
    """What the table takes there, by the server's own books: counting the rows of a large one would read it whole."""

    relation: str
    row_count: int
    byte_count: int
    index_bytes: int
    dead_rows: int


@dataclass(frozen=True)
class Scores:
    """The table in one snapshot."""

    cursor: Any
    relation: str  # as the server itself quotes it, like the names below
    folder_name: str  # of this table on this server, whatever the DSN calls them
    record: str
    time: str
    slices: Slices | None

    def deliver(self, inbox: Path) -> dict[str, int]:
        """Write each batch that the inbox lacks or holds with other rows; return how many rows are in no batch, by why."""
        with for_the_owner_alone():
            return self._deliver_slices(inbox, self.slices) if self.slices else self._deliver_numbered(inbox)

    def _deliver_numbered(self, inbox: Path) -> dict[str, int]:
        checksums: dict[str, str] = {}
        waiting = 0
        for number, count, checksum in self._batches("batch_no::text", f"count(*), {_CHECKSUM}", "true"):
            if number is None:
                waiting = count
            elif _BATCH_NO.fullmatch(number):
                checksums[number] = checksum
            else:
                raise UnusableInputError(f"{self.relation} has the batch_no {number}: number batches from 0 to 999999999.")
        if not checksums and not _held(inbox):
            raise UnusableInputError(f"{self.relation} has no row with a batch_no: there is no batch to load yet.")
        self._write(inbox, "batch_no::text", checksums, "true")
        return {"rows without a batch_no": waiting}

    def _deliver_slices(self, inbox: Path, slices: Slices) -> dict[str, int]:
        """Deliver what has ended by the server's clock, and again what is held and not older than the grace period.

        The newest slice held, not the clock, says from where on: neither a pause of the loads nor a clock that jumps leaves a hole.
        """
        length = slices.seconds
        self.cursor.execute(f"select floor(extract(epoch from now()) / {length})::bigint")
        ((current,),) = self.cursor.fetchall()
        held = _held(inbox)
        ended = [number for number in held if number < current]
        first = 0 if slices.compare_all or not ended else max(0, (max(ended) * length - slices.grace_seconds) // length)
        last = max([current, *(number + 1 for number in held)])
        within = f"scores.{self.time} >= to_timestamp({first * length}) and scores.{self.time} < to_timestamp({last * length})"
        number = f"floor(extract(epoch from scores.{self.time}) / {length})::bigint::text"
        found = {int(name): checksum for name, checksum in self._batches(number, _CHECKSUM, within)}
        gone = {name: _md5(_EMPTY) for name in held if first <= name < last and name not in found}
        wanted = {name: checksum for name, checksum in found.items() if name < current or name in held} | gone
        if not wanted and not held:
            raise UnusableInputError(f"{self.relation} has no slice of {length} seconds that has ended: there is no batch to load yet.")
        self._write(inbox, number, {str(name): wanted[name] for name in sorted(wanted)}, within)
        return self._outside(current * length)

    def _outside(self, end: int) -> dict[str, int]:
        self.cursor.execute(
            f"select (select count(*) from {self.relation} as scores where scores.{self.time} >= to_timestamp({end})), "
            f"(select count(*) from {self.relation} as scores where scores.{self.time} is null or scores.{self.time} < to_timestamp(0))"
        )
        ((waiting, without),) = self.cursor.fetchall()
        return {"rows in a slice that goes on": waiting, **({"rows without a time": without} if without else {})}

    def _write(self, inbox: Path, number: str, checksums: dict[str, str], within: str) -> None:
        """Write the batches whose checksum is another: what is gone first, then from the oldest on. Before the newest held all is whole."""
        new = [name for name, checksum in checksums.items() if checksum != _checksum(inbox / f"batch_{name}.json")]
        for name in new:
            if checksums[name] == _md5(_EMPTY):
                _replace(inbox, name, _EMPTY)
        chosen = f"{within} and {number} = any(string_to_array($1, ','))"
        for name, text in self._batches(number, _TEXT, chosen, ",".join(new)) if new else ():
            _replace(inbox, name, text)

    def _batches(self, number: str, columns: str, condition: str, *parameters: str) -> Iterator[tuple[Any, ...]]:
        self.cursor.execute(
            f"select {number} as number, {columns} from {self.relation} as scores, lateral (select {self.record}) as record "
            f"where {condition} group by 1 order by length({number}), 1",
            parameters or None,
        )
        while row := self.cursor.fetchone():
            yield row

    def size(self) -> TableSize | None:
        """Return what the table takes with all its partitions; nothing of a view, which has no size."""
        self.cursor.execute(
            """
            select
                sum(greatest(coalesce(nullif(stats.n_live_tup, 0), pg_class.reltuples::bigint), 0))::bigint,
                sum(pg_total_relation_size(pg_class.oid))::bigint,
                sum(pg_indexes_size(pg_class.oid))::bigint,
                sum(coalesce(stats.n_dead_tup, 0))::bigint
            from pg_class
            left join pg_stat_all_tables as stats on pg_class.oid = stats.relid
            where
                pg_class.relkind in ('r', 'p')
                and (pg_class.oid = to_regclass($1) or pg_class.oid in (select relid from pg_partition_tree(to_regclass($1))))
            """,
            (self.relation,),
        )
        ((rows, *sizes),) = self.cursor.fetchall()
        return None if rows is None else TableSize(self.relation, rows, *sizes)


_CHECKSUM = f"md5(convert_to({_TEXT}, 'UTF8'))"


@contextmanager
def reading(source: Postgres) -> Iterator[Scores]:
    """Open the table for reading, in one snapshot; every failure is one sentence."""
    with Place(source.dsn, source.password_command).transaction(f"read {source.table}", _SNAPSHOT) as cursor:
        cursor.execute("set local time zone 'UTC'")
        cursor.execute(_WITHOUT_OUR_OWN)
        cursor.fetchall()
        yield _find(cursor, source)


def seconds_of(text: str, option: str) -> int:
    """Return the seconds of a length of time such as 15m, 1h or 2d."""
    found = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    seconds = int(found.group(1)) * _UNITS[found.group(2)] if found else 0
    if not _SHORTEST <= seconds <= _LONGEST:
        raise UnusableInputError(f"{option} is {text!r}: write minutes, hours or days such as 15m, 1h or 2d, up to 366d.")
    return seconds


def names_of(text: str) -> tuple[str, ...]:
    """Return the names of the three columns."""
    names = tuple(name.strip() for name in text.split(","))
    if len(names) != len(Postgres.columns):
        raise UnusableInputError(f"--columns is {text!r}: name three, those of id, score and industry, such as asset_id,value,segment.")
    return names


def _find(cursor: Any, source: Postgres) -> Scores:
    """Look the table up in the server's own catalogue: what a person calls it, or a column of it, never becomes SQL."""
    cursor.execute(
        """
        select
            format('%I.%I', pg_namespace.nspname, pg_class.relname),
            concat_ws('.', current_database(), pg_namespace.nspname, pg_class.relname, (select system_identifier from pg_control_system()))
        from pg_class
        inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        where pg_class.oid = to_regclass($1)
        """,
        (source.table,),
    )
    found = cursor.fetchone()
    if not found:
        raise UnusableInputError(
            f"PostgreSQL has no table {source.table} that this user sees: name it with --table, as schema.table if need be."
        )
    relation, folder_name = found
    cursor.execute(
        "select attname, quote_ident(attname), format_type(atttypid, null) from pg_attribute "
        "where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
        (relation,),
    )
    columns = {name: (quoted, kind) for name, quoted, kind in cursor.fetchall()}
    time = source.slices.time if source.slices else "batch_no"
    if missing := sorted({*source.columns, time} - set(columns)):
        mend = " (a plain table has a time instead: name it with --time)" if missing == ["batch_no"] else ""
        raise UnusableInputError(
            f"{relation} has no column {', '.join(missing)}: name yours with --columns and --time, or give a view with --table{mend}."
        )
    quoted_time, kind = columns[time]
    if source.slices and not kind.startswith(("timestamp", "date")):
        raise UnusableInputError(f"{relation} has {time} as {kind}: name a timestamp with --time, or give a view that makes one.")
    names = zip(source.columns, ("id", "score", "industry"), strict=True)
    record = ", ".join(f"scores.{columns[name][0]} as {meaning}" for name, meaning in names)
    return Scores(cursor, relation, re.sub(r"[^\w.-]", "_", folder_name), record, quoted_time, source.slices)


def _held(inbox: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("batch_")) for path in inbox.glob("batch_*.json") if _BATCH_NO.fullmatch(path.stem[6:]))


def _replace(inbox: Path, name: str, text: str) -> None:
    inbox.mkdir(parents=True, exist_ok=True)
    partial = inbox / f".batch_{name}.partial"
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(inbox / f"batch_{name}.json")


def _checksum(path: Path) -> str | None:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() if path.exists() else None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
