"""A day that was released by mistake: its release is withdrawn and kept in the log, and the next build makes another."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from callsheet.pulse.why import parse_day
from callsheet.runtime.errors import UnusableInputError, explain
from callsheet.workspace import Workspace

_LOG, _ROWS, _WEEKS = "pulse.release_log", "intermediate.int_pulse__freeze_days", "intermediate.int_pulse__freeze_weeks"


def reopen(database: Path | None, text: str) -> str:
    """Withdraw the release of a day and return what was done. Nothing is deleted: the rows get the time at which they were withdrawn."""
    day = parse_day(text)
    if database is None:
        raise UnusableInputError(f"--reopen {day} needs the warehouse that released the day: name it with --database FILE.")
    workspace = Workspace.find(database)
    if not workspace.holds("pulse", "release_log"):
        raise UnusableInputError(f"{workspace.database} holds no daily pulse: name the warehouse that released {day} with --database FILE.")
    try:
        with duckdb.connect(str(workspace.database), config={"autoinstall_known_extensions": False}) as connection:
            return _reopened(connection, workspace, day)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise UnusableInputError(
            f"{workspace.database} was last built by an earlier callsheet: build it once, then reopen {day}."
        ) from error
    except duckdb.Error as error:
        raise explain(error, workspace.database) from error


def _reopened(connection: duckdb.DuckDBPyConnection, workspace: Workspace, day: date) -> str:
    ((published, held_back, revision),) = connection.execute(
        "select count(*) filter (where suppression_reason is null), count(suppression_reason), max(revision) "
        "from pulse.release_log where date_utc = ? and reopened_at is null",
        [day],
    ).fetchall()
    if revision is None:
        days = connection.execute(
            "select distinct date_utc from pulse.release_log where reopened_at is null order by 1 desc limit 3"
        ).fetchall()
        newest = f"the newest released days are {', '.join(str(one) for (one,) in days)}" if days else "no day is"
        raise UnusableInputError(f"{day} is not released in {workspace.database}, so there is nothing to reopen: {newest}.")
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.begin()
    # What the week's remainders hold depends on what its days published.
    for table, of_day in ((_ROWS, "date_utc = ?"), (_LOG, "date_utc = ?"), (_WEEKS, "week_on = date_trunc('week', ?::date)")):
        connection.execute(
            f"update {table} set reopened_at = ? where {of_day} and reopened_at is null",  # noqa: S608 - words of this module
            [now, day],
        )
    connection.commit()
    return (
        f"Reopened {day} in {workspace.database}: revision {revision} "
        f"({published:,} buckets published, {held_back:,} held back) is withdrawn "
        f"and stays in pulse.release_log. The next build releases the day anew as revision {revision + 1}, once later days close it. "
        "Publish again then; whoever kept the old figures can compare the two: docs/privacy.md."
    )
