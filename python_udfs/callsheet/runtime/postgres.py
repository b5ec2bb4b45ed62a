"""A connection to PostgreSQL, or one sentence that says why there is none.

The DSN may hold a password: it goes to the driver and nowhere else, and what the driver says of a DSN it cannot use is not repeated.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from callsheet.runtime.errors import CallsheetError, UnusableInputError

_NOT_POSTGRES = "This is no PostgreSQL, and MySQL-compatible Aurora is not read: use a PostgreSQL, or export batch files for --batches."
_PASSWORD_SECONDS = 30
_WHY_NO_CONNECTION: list[tuple[str, type[CallsheetError], str]] = [
    (r"invalid response to \w+ negotiation|expected authentication request", UnusableInputError, _NOT_POSTGRES),
    (
        r"password|authentication|pg_hba|FATAL: +role",
        UnusableInputError,
        "PostgreSQL refuses this user or password: mend the DSN, PGPASSWORD or ~/.pgpass, or give --password-command.",
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
class Place:
    """A database of PostgreSQL: a DSN as libpq takes it, and a command that prints the password where it changes, as an IAM token does."""

    dsn: str
    password_command: str | None = None

    @contextmanager
    def transaction(self, doing: str, begin: str = "") -> Iterator[Any]:
        """Yield the cursor of one transaction, which ends with the block; every failure is one sentence."""
        try:
            from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - an extra: most people load files
        except ImportError:
            raise UnusableInputError("PostgreSQL needs a driver that is not installed: pip install --editable '.[postgres]'") from None
        if re.match(r"(?:jdbc:)?(?:aws-)?(?:mysql|mariadb)\b", self.dsn):
            raise UnusableInputError(_NOT_POSTGRES)
        try:
            connection = dbapi.connect(self._dsn_with_password())
        except dbapi.Error as error:
            raise _explain(str(error)) from None
        try:
            with connection, connection.cursor() as cursor:
                if begin:
                    cursor.execute(begin)
                yield cursor
                connection.commit()
        except dbapi.Error as error:
            said = re.search(r"ERROR: +(.+)", str(error))
            raise CallsheetError(f"PostgreSQL could not {doing}: {said.group(1) if said else 'the connection was lost'}.") from None

    def _dsn_with_password(self) -> str:
        if self.password_command is None:
            return self.dsn
        password = _printed_by(self.password_command)
        if "://" in self.dsn:
            return f"{self.dsn}{'&' if '?' in self.dsn else '?'}password={quote(password, safe='')}"
        escaped = password.replace("\\", "\\\\").replace("'", "\\'")
        return f"{self.dsn} password='{escaped}'"


def _printed_by(command: str) -> str:
    """Return what the command prints, without the newline. What it says when it fails is not repeated: it may hold the password."""
    try:
        ended = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            shlex.split(command), capture_output=True, text=True, timeout=_PASSWORD_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        raise CallsheetError(f"The command of --password-command took more than {_PASSWORD_SECONDS} seconds: run it by hand.") from None
    except subprocess.CalledProcessError as error:
        raise CallsheetError(f"The command of --password-command ended with {error.returncode}: run it by hand.") from None
    except (OSError, ValueError):
        raise UnusableInputError("The command of --password-command cannot be run: give a program and its arguments.") from None
    if not (password := ended.stdout.rstrip("\r\n")):
        raise CallsheetError("The command of --password-command printed nothing: run it by hand.")
    return password


def _explain(said: str) -> CallsheetError:
    """Return why there is no connection, in one sentence. What is repeated of the driver's words names a host or a file, never the DSN."""
    reasons = ((re.search(pattern, said), kind, sentence) for pattern, kind, sentence in _WHY_NO_CONNECTION)
    return next(kind(sentence.format(*found.groups())) for found, kind, sentence in reasons if found)
