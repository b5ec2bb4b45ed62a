"""Batches of scores from a PostgreSQL table, as the files that everything else lands.

The table has `id`, `score`, `industry` of any types and `batch_no`; rows whose batch_no is null belong to no batch yet. The server writes
each batch as JSON and says its checksum, so that only batches that are new or corrected cross the network, from one snapshot of the table.
The DSN may hold a password: it goes to the driver and nowhere else, and what the driver says of a DSN it cannot use is not repeated.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callsheet.runtime.errors import CallsheetError, UnusableInputError
from callsheet.workspace import for_the_owner_alone

_COLUMNS = {"id", "score", "industry", "batch_no"}
_BATCH_NO = re.compile(r"[0-9]{1,9}")
# The order does not depend on how the rows lie: the same rows are the same bytes.
_TEXT = """'[' || string_agg(row_to_json(record)::text, E',\\n' order by record.id::text collate "C", row_to_json(record)::text) || ']'"""
_WHY_NO_CONNECTION: list[tuple[str, type[CallsheetError], str]] = [
    (
        r"password|authentication|pg_hba|FATAL: +role",
        UnusableInputError,
        "PostgreSQL refuses this user or password: mend the DSN, PGPASSWORD or ~/.pgpass.",
    ),
    (
        r"FATAL: +database .* does not exist",
        UnusableInputError,
        "The PostgreSQL server has no such database: mend the last part of the DSN, postgresql://USER@HOST:PORT/DATABASE.",
    ),
    (
        r"failed: ([^\n]*(?:SSL|certificate)[^\n]*)",
        UnusableInputError,
        "PostgreSQL answers, but not over TLS as the DSN asks ({0}): mend its sslmode, sslrootcert or host, or the server's certificate.",
    ),
    (
        r"could not translate|connection to server|timeout",
        CallsheetError,
        "No PostgreSQL answers at the DSN's host and port: mend them, or try again when the server is up.",
    ),
    (
        "",
        UnusableInputError,
        "This is no DSN of PostgreSQL: write postgresql://USER@HOST:PORT/DATABASE, and the password into ~/.pgpass.",
    ),
]


@dataclass(frozen=True)
class Postgres:
    """Where the scores are: a DSN as libpq takes it, and a table or view, with its schema where the search path has another."""

    dsn: str
    table: str = "scores"


@dataclass(frozen=True)
class Scores:
    """The table in one snapshot."""

    cursor: Any
    relation: str  # as the server itself quotes it
    folder_name: str  # of this table on this server, whatever the DSN calls them

    def deliver(self, inbox: Path) -> int:
        """Write each batch that the inbox lacks or holds with other rows; return how many rows belong to no batch yet."""
        checksums: dict[str, str] = {}
        waiting = 0
        for number, count, checksum in self._by_batch(f"count(*), md5(convert_to({_TEXT}, 'UTF8'))"):
            if number is None:
                waiting = count
            elif _BATCH_NO.fullmatch(number):
                checksums[number] = checksum
            else:
                raise UnusableInputError(f"{self.relation} has the batch_no {number}: number batches from 0 to 999999999.")
        new = [number for number, checksum in checksums.items() if checksum != _checksum(inbox / f"batch_{number}.json")]
        if not checksums and not any(inbox.glob("batch_*.json")):
            raise UnusableInputError(f"{self.relation} has no row with a batch_no: there is no batch to load yet.")
        inbox.parent.mkdir(parents=True, exist_ok=True)
        with for_the_owner_alone():
            inbox.mkdir(exist_ok=True)
            for number, text in self._by_batch(_TEXT, "where batch_no::text = any(string_to_array($1, ','))", ",".join(new)):
                partial = inbox / f".batch_{number}.partial"
                partial.write_text(text, encoding="utf-8", newline="")
                partial.replace(inbox / f"batch_{number}.json")
        return waiting

    def _by_batch(self, columns: str, condition: str = "", *parameters: str) -> Iterator[tuple[Any, ...]]:
        self.cursor.execute(
            f"select batch_no::text, {columns} from {self.relation} as scores, "
            f"lateral (select scores.id, scores.score, scores.industry) as record {condition} group by batch_no",
            parameters or None,
        )
        while row := self.cursor.fetchone():
            yield row


@contextmanager
def reading(source: Postgres) -> Iterator[Scores]:
    """Open the table for reading, in one snapshot; every failure is one sentence."""
    try:
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - an extra: most people load files
    except ImportError:
        raise UnusableInputError("Reading PostgreSQL needs a driver that is not installed: pip install --editable '.[postgres]'") from None
    try:
        connection = dbapi.connect(source.dsn)
    except dbapi.Error as error:
        raise _explain(str(error)) from None
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            yield _find(cursor, source.table)
    except dbapi.Error as error:
        said = re.search(r"ERROR: +(.+)", str(error))
        raise CallsheetError(f"PostgreSQL could not read {source.table}: {said.group(1) if said else 'the connection was lost'}.") from None


def _explain(said: str) -> CallsheetError:
    """Return why there is no connection, in one sentence. What is repeated of the driver's words names a host or a file, never the DSN."""
    reasons = ((re.search(pattern, said), kind, sentence) for pattern, kind, sentence in _WHY_NO_CONNECTION)
    return next(kind(sentence.format(*found.groups())) for found, kind, sentence in reasons if found)


def _find(cursor: Any, table: str) -> Scores:
    """Look the table up in the server's own catalogue: what a person calls it never becomes SQL."""
    cursor.execute(
        """
        select
            format('%I.%I', pg_namespace.nspname, pg_class.relname),
            concat_ws('.', current_database(), pg_namespace.nspname, pg_class.relname, (select system_identifier from pg_control_system())),
            (select string_agg(attname, ',') from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped)
        from pg_class
        inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        where pg_class.oid = to_regclass($1)
        """,
        (table,),
    )
    found = cursor.fetchone()
    if not found:
        raise UnusableInputError(f"PostgreSQL has no table {table} that this user sees: name it with --table, as schema.table if need be.")
    relation, folder_name, columns = found
    if missing := sorted(_COLUMNS - set(columns.split(","))):
        raise UnusableInputError(f"{relation} has no column {', '.join(missing)}: rename yours, or give a view with --table.")
    return Scores(cursor, relation, re.sub(r"[^\w.-]", "_", folder_name))


def _checksum(path: Path) -> str | None:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() if path.exists() else None
