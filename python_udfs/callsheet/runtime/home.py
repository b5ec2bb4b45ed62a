"""The home of a run: whether its environment is up to date, and which of its products hold samples or a person's own data."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb

from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import IS_CHECKOUT, PROJECT, Workspace

SAMPLE_VARIABLE = "CALLSHEET_SAMPLE"
PRODUCTS = ("percentiles", "pulse", "resonance")
Holding = Literal["own", "sample"]


def tell(sentence: str) -> str:
    """Tell the person who runs this, whatever reads the output."""
    print(f"callsheet: {sentence}", file=sys.stderr)
    return sentence


def say_what_to_run() -> None:
    """Tell whoever pulled a new version over an old environment what to run. `make run` leaves the lock in the environment."""
    installed, wanted = Path(sys.prefix) / "run.done", PROJECT / "requirements.lock"
    if IS_CHECKOUT and installed.parent.parent == PROJECT and installed.is_file() and installed.read_bytes() != wanted.read_bytes():
        tell("this environment is of another version than the checkout: type `make run` to bring it up to date.")


def samples_allowed() -> str:
    """Return 'always' where samples were asked for, 'alone' in the checkout's own home, which they leave with the first own data."""
    if os.environ.get(SAMPLE_VARIABLE):
        return "always"
    return "alone" if IS_CHECKOUT and Workspace.find().home == PROJECT else "never"


def holdings(workspace: Workspace) -> dict[str, Holding]:
    """Return the products that the database holds data of, and whose data these are."""
    if not workspace.database.exists():
        return {}
    with workspace.reading() as connection:
        found = {product: _holding(connection, product) for product in PRODUCTS}
    return {product: holding for product, holding in found.items() if holding}


def _holding(connection: duckdb.DuckDBPyConnection, product: str) -> Holding | None:
    names = {name for (name,) in connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()}
    if product == "resonance":
        if "imported.imports" in names:
            return "own"
        return "sample" if "intermediate.int_resonance__judge_films" in names and _any(connection, "int_resonance__judge_films") else None
    landed = f"staging.stg_{product}__landed"
    if landed not in names:
        return None
    datasets = connection.execute(f"select distinct dataset from {landed} where dataset is not null").fetchall()  # noqa: S608 - our table
    return None if not datasets else "sample" if datasets == [("sample",)] else "own"


def _any(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(connection.execute(f"select 1 from intermediate.{table} limit 1").fetchall())  # noqa: S608 - our table


def samples_wanted(workspace: Workspace) -> bool:
    """Say whether a product without a person's own data is built from its sample."""
    allowed = samples_allowed()
    return allowed == "always" or (allowed == "alone" and "own" not in holdings(workspace).values())


def refuse_sample(workspace: Workspace, mend: str) -> None:
    """Refuse to take a sample that nobody asked for."""
    if not samples_wanted(workspace):
        raise UnusableInputError(f"There are no data of yours in {workspace.home}: {mend}, or take the sample with --sample.")


@contextmanager
def scratch_workspace() -> Iterator[Workspace]:
    """Yield a home that is thrown away, with the config of the real one: what `check` judges in."""
    with tempfile.TemporaryDirectory(prefix="callsheet-check-") as scratch:
        home = Path(scratch)
        if (config := Workspace.find().home / "config").is_dir():
            shutil.copytree(config, home / "config")
        yield Workspace(home, home / "data" / "callsheet.duckdb")


def take_samples() -> None:
    """Allow samples for the rest of this process, in dbt too."""
    os.environ[SAMPLE_VARIABLE] = "all"
