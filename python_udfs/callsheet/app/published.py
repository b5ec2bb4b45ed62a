"""The published files as the app reads them: read-only, cached by version, followed when a new version replaces them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from callsheet.workspace import Workspace

Needs = Mapping[str, Sequence[str]]


class NothingToShowError(Exception):
    """What is missing, in one sentence, and the commands that make it."""

    def __init__(self, sentence: str, *commands: str) -> None:
        """Keep the sentence and the commands apart: a page shows commands so that they can be copied."""
        super().__init__(sentence)
        self.commands = commands


@dataclass(frozen=True)
class Published:
    """One version of what one audience may read."""

    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "callsheet.duckdb"

    def frame(self, sql: str, *parameters: Any) -> pd.DataFrame:
        """Return the rows of a query; the same question to the same version is asked once."""
        return _frame(self.folder, sql, parameters)


def version(workspace: Workspace) -> Path | None:
    """Return the folder that `data/published` leads to now; None where there is none."""
    return workspace.published.resolve() if workspace.published.is_dir() else None


def find(workspace: Workspace, audience: str, needs: Needs) -> Published:
    """Return the newest published version for an audience, once it holds every table and column that a page needs."""
    folder = version(workspace)
    if folder is None:
        if workspace.database.exists():
            raise NothingToShowError("The database is built, but nothing of it is published yet.", "python scripts/publish.py")
        raise NothingToShowError("Nothing is built here yet. One command builds the samples and publishes them.", "make run")
    source = Published(folder / audience)
    try:
        columns = source.frame("select table_schema || '.' || table_name as place, column_name from information_schema.columns")
        ((whole,),) = source.frame("select block_size * total_blocks from pragma_database_size()").to_numpy().tolist()
        if (folder / audience / "callsheet.duckdb").stat().st_size < whole:  # DuckDB would find out at the block that is missing
            raise OSError("The file was cut short.")
    except (OSError, duckdb.Error) as error:
        raise NothingToShowError(
            f"`data/published/{audience}/callsheet.duckdb` cannot be opened: publish it again.", "python scripts/publish.py"
        ) from error
    held = {place: set(rows) for place, rows in columns.groupby("place")["column_name"]}
    absent = [place for place in needs if place not in held]
    if absent:
        raise NothingToShowError(
            f"The published files hold no {_listed(absent)}: they are of an older version, or this product was not built.",
            "dbt build", "python scripts/publish.py",
        )  # fmt: skip
    older = [f"{place}.{column}" for place, names in needs.items() for column in names if column not in held[place]]
    if older:
        raise NothingToShowError(
            f"The published files are of another version of callsheet: they hold no {_listed(older)}.",
            "dbt build", "python scripts/publish.py",
        )  # fmt: skip
    return source


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows, with their columns as attributes."""
    return iter(rows.itertuples(index=False))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"  # noqa: PLR2004 - what fits into a sentence


@st.cache_resource(max_entries=4, show_spinner=False)
def _connection(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open the database; without access to other files a query can read nothing but this audience's own tables."""
    connection = duckdb.connect(
        str(folder / "callsheet.duckdb"),
        read_only=True,
        config={"autoinstall_known_extensions": False},  # as everybody who opens it in this process: DuckDB refuses another
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_external_access = false")
    return connection


@st.cache_data(max_entries=500, show_spinner=False)
def _frame(folder: Path, sql: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
    return _connection(folder).cursor().execute(sql, list(parameters)).df()
