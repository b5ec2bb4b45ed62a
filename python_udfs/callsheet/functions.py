"""The one place where Python functions become SQL functions of dbt's DuckDB connection.

Imported by every dbt command: heavy libraries are imported inside the functions that need them.
"""

import glob
import json
import os
import platform
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection
from duckdb.func import SPECIAL

from callsheet.percentiles.labels import repair_label
from callsheet.percentiles.reading import cut_batch, read_piece
from callsheet.pulse.noise import Noise
from callsheet.pulse.notices import copy_notices
from callsheet.pulse.places import find_region
from callsheet.pulse.rates import parse_rate
from callsheet.pulse.reading import column_names, file_sha256, inspect_file, list_files
from callsheet.pulse.sentiment import model_version
from callsheet.resonance.films.text import repair_text
from callsheet.runtime.config import has_no_config, move_into_config, own_rows
from callsheet.runtime.errors import CallsheetError
from callsheet.runtime.home import samples_allowed, tell
from callsheet.runtime.logic import Logic
from callsheet.runtime.parsing import parse_one_at_a_time
from callsheet.runtime.publish import literal
from callsheet.workspace import PROJECT, Workspace, check_place, close_to_others

parse_one_at_a_time()  # dbt loads this module before it starts its threads, which parse literals


def project_path(relative: str) -> str:
    """Return the absolute path of a file of this project, wherever dbt was started."""
    return str(PROJECT / relative)


def home_folder(kind: str, name: str) -> str:
    """Return the path of a folder of the home for what outlives the database, and create it: COPY writes files, not folders."""
    if kind not in ("state", "archive") or not re.fullmatch(r"\w+", name):
        raise ValueError(f"{kind}/{name} is no folder of a home.")
    folder = Workspace.find().home / "data" / kind / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder)


def library_versions() -> str:
    """Return the versions of what decides a trained model's digits, as JSON."""
    names = ("duckdb", "numpy", "pandas", "scikit-learn")
    return json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}})


def logic_hash(project: str, model: str) -> str:
    """Return the hash of the code that makes a model of the project, which grows into fingerprints."""
    places = (project, os.environ.get("DBT_PROJECT_DIR", ""), ".", str(PROJECT))  # dbt names the folder only where it was an option
    folder = next(path for path in map(Path, places) if (path / "dbt_project.yml").is_file())
    return _logic(folder.resolve()).hash_of(model)


@cache
def _logic(project: Path) -> Logic:
    functions: dict[str, Callable[..., object]] = {function.name: function.code for function in FUNCTIONS}
    functions |= {"copy_notices": copy_notices, "pulse_noise": Noise.draw, "pulse_key_id": Noise.key_id}
    return Logic(project, "duckdb", functions)


class SqlFunction:
    """A Python function and its types in SQL, under its own name unless another is given. Null arguments reach it."""

    def __init__(self, code: Callable[..., Any], arguments: list[Any], returns: str = "VARCHAR", *, name: str | None = None) -> None:
        """Take the function and DuckDB's types."""
        self.code, self.arguments, self.returns = code, arguments, returns
        self.name = name or code.__name__


FUNCTIONS = (
    SqlFunction(os.path.abspath, ["VARCHAR"], name="absolute_path"),
    SqlFunction(column_names, ["VARCHAR"]),
    SqlFunction(cut_batch, ["VARCHAR"], 'STRUCT(problem VARCHAR, pieces STRUCT("start" BIGINT, stop BIGINT, first_position BIGINT)[])'),
    SqlFunction(file_sha256, ["VARCHAR"]),
    SqlFunction(find_region, ["VARCHAR"] * 3, "STRUCT(code VARCHAR, pattern VARCHAR, runner_up VARCHAR, is_tied BOOLEAN)"),
    SqlFunction(home_folder, ["VARCHAR", "VARCHAR"]),
    SqlFunction(inspect_file, ["VARCHAR", "VARCHAR", "VARCHAR"]),
    SqlFunction(has_no_config, [], "BOOLEAN"),
    SqlFunction(library_versions, []),
    SqlFunction(list_files, ["VARCHAR"]),
    SqlFunction(logic_hash, ["VARCHAR", "VARCHAR"]),
    SqlFunction(move_into_config, ["VARCHAR"]),
    SqlFunction(model_version, ["VARCHAR"], name="sentiment_version"),
    SqlFunction(
        parse_rate, ["VARCHAR", "DOUBLE"], "STRUCT(rate_day_usd DOUBLE, rate_reason VARCHAR, rate_basis VARCHAR, is_bare_dollar BOOLEAN)"
    ),
    SqlFunction(own_rows, ["VARCHAR"]),
    SqlFunction(project_path, ["VARCHAR"]),
    SqlFunction(read_piece, ["VARCHAR", "BIGINT", "BIGINT"]),
    SqlFunction(repair_label, ["VARCHAR", "VARCHAR[]"]),
    SqlFunction(repair_text, ["VARCHAR"]),
    SqlFunction(samples_allowed, []),
    SqlFunction(tell, ["VARCHAR"]),
)


class Copies:
    """Copies of files that one connection reads, in a folder beside the database that goes with the connection."""

    def __init__(self, database: str) -> None:
        """Remove what killed runs left: only one process at a time has the database open, and now it is this one."""
        self._beside = Path(database)
        for left in self._beside.parent.glob(f"{glob.escape(self._prefix)}*"):
            shutil.rmtree(left, ignore_errors=True)

    @property
    def _prefix(self) -> str:
        return f".{self._beside.name}-copies-"

    @cached_property
    def _folder(self) -> str:
        folder = tempfile.mkdtemp(prefix=self._prefix, dir=self._beside.parent)
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    def copy_notices(self, path: str, layout: str, number: int, sums_days: bool, date_format: str | None) -> str | None:
        """Copy one file of breakdowns and return where; None where it is damaged."""
        return copy_notices(path, layout, f"{self._folder}/notices_{number}.parquet", sums_days, date_format)


class Plugin(BasePlugin):
    """Registers the project's SQL functions."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:  # noqa: ARG002 - the name is the interface's
        """Create the database's folder: a fresh home has none, and DuckDB does not make it. What is written next is for its owner alone."""
        if self.creds is not None and self.creds.path != ":memory:":
            try:
                check_place(self.creds.path)
            except CallsheetError as error:
                raise DbtRuntimeError(str(error)) from None
            for folder in (Path(self.creds.path).parent, Workspace.find().home / "data"):
                folder.mkdir(parents=True, exist_ok=True)
            close_to_others(Path(self.creds.path))
            os.umask(0o077)  # the database and its write-ahead log, state and copies; publishing opens what is for readers

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register every function with explicit types; null arguments reach the function."""
        _logic.cache_clear()  # the code may have changed since the last run in this process
        limit = os.environ.get("CALLSHEET_MEMORY")
        if limit:
            try:
                conn.execute(f"set memory_limit = {literal(limit)}")
            except duckdb.Error:
                raise DbtRuntimeError(f"Unusable input: CALLSHEET_MEMORY is {limit!r}: write a number and a unit, such as 4GB.") from None
        files = Copies(self.creds.path if self.creds else ":memory:")
        noise = Noise(Workspace.find().home)
        functions = (
            *FUNCTIONS,
            SqlFunction(files.copy_notices, ["VARCHAR", "VARCHAR", "INTEGER", "BOOLEAN", "VARCHAR"]),
            SqlFunction(noise.key_id, [], name="pulse_key_id"),
            SqlFunction(noise.draw, ["VARCHAR"], "DOUBLE", name="pulse_noise"),
        )
        for function in functions:
            conn.create_function(function.name, function.code, function.arguments, function.returns, null_handling=SPECIAL)
