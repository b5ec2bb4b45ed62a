"""Where a run reads and writes."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from callsheet.runtime.errors import UnusableInputError, explain

_CHECKOUT = Path(__file__).resolve().parents[2]
IS_CHECKOUT = (_CHECKOUT / "dbt_project.yml").is_file()
PROJECT = _CHECKOUT if IS_CHECKOUT else Path(__file__).resolve().parent / "project"  # a wheel carries it in the package


def check_place(database: str) -> None:
    """Refuse a path that dbt-duckdb would take for a URL: it would look for the tables in a database of another name."""
    if strange := sorted(set(database) & set("?#")):
        raise UnusableInputError(
            f"{database} has a {strange[0]} in its path, which dbt cannot use: choose another CALLSHEET_HOME or --database."
        )


def close_to_others(database: Path) -> None:
    """Take an earlier version's database, which everybody may read, from everybody but its owner; one that a group shares stays shared."""
    with suppress(FileNotFoundError, PermissionError):
        if stat.S_IMODE(database.stat().st_mode) & 0o007:
            database.chmod(0o600)


@contextmanager
def for_the_owner_alone() -> Iterator[None]:
    """Write files and folders meanwhile that nobody else may open."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@dataclass(frozen=True)
class Workspace:
    """One home folder and the database in it. Everything a run writes lies in the home, or is the database."""

    home: Path
    database: Path

    @classmethod
    def find(cls, database: Path | None = None) -> "Workspace":
        """Return the workspace that `CALLSHEET_HOME` names, with another database if one is given.

        Where it is unset, the home is the checkout; of a wheel it is the current folder.
        """
        home = Path(os.environ.get("CALLSHEET_HOME") or (PROJECT if IS_CHECKOUT else ".")).resolve()
        named = database or os.environ.get("CALLSHEET_DATABASE")
        place = Path(named).resolve() if named else home / "data" / "callsheet.duckdb"
        check_place(str(place))
        return cls(home, place)

    @property
    def published(self) -> Path:
        """The folder readers use."""
        return self.home / "data" / "published"

    @property
    def public(self) -> Path:
        """The published database that everybody may read."""
        return self.published / "public" / "callsheet.duckdb"

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the database read-only."""
        try:
            connection = duckdb.connect(str(self.database), read_only=True, config={"autoinstall_known_extensions": False})
        except duckdb.Error as error:
            raise explain(error, self.database) from error
        with connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def holds(self, schema: str, table: str) -> bool:
        """Say whether the database exists and holds the table."""
        if not self.database.exists():
            return False
        with self.reading() as connection:
            return bool(
                connection.execute(
                    "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
                ).fetchall()
            )
