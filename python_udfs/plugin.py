"""The one place where Python functions become SQL functions of dbt's DuckDB connection.

Imported by every dbt command: heavy libraries are imported inside the functions that need them.
"""

import json
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection
from duckdb.func import SPECIAL

from python_udfs.percentiles.labels import repair_label
from python_udfs.percentiles.reading import cut_batch, read_piece
from python_udfs.pulse.noise import Noise
from python_udfs.pulse.notices import copy_notices
from python_udfs.pulse.rates import parse_rate
from python_udfs.pulse.reading import file_sha256, inspect_file, list_files
from python_udfs.pulse.sentiment import model_version
from python_udfs.resonance.text import repair_text
from python_udfs.runtime.errors import CallsheetError
from python_udfs.runtime.house import House, check_place
from python_udfs.runtime.publish import literal

PROJECT = Path(__file__).resolve().parents[1]


def project_path(relative: str) -> str:
    """Return the absolute path of a file of this project, wherever dbt was started."""
    return str(PROJECT / relative)


def make_folder(path: str) -> str:
    """Create the folder, if it is not there, and return its path: COPY writes files, not folders."""
    Path(path).mkdir(parents=True, exist_ok=True)
    return path


def library_versions() -> str:
    """Return the versions of what decides a trained model's digits, as JSON."""
    names = ("duckdb", "numpy", "pandas", "scikit-learn", "skops")
    return json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}})


def remove_folder(path: str) -> str:
    """Remove the folder with everything in it, if it is there, and return its path."""
    shutil.rmtree(path, ignore_errors=True)
    return path


def state_path(name: str) -> str:
    """Return the path of a folder for state that outlives the database, and create it."""
    return make_folder(str(House.find().home / "data" / "state" / name))


def rename_file(fresh: str, target: str) -> str:
    """Put a finished file into its place in one step and return its path."""
    return str(Path(fresh).rename(target))


class Plugin(BasePlugin):
    """Registers the project's SQL functions."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:  # noqa: ARG002 - the name is the interface's
        """Create the database's folder: a fresh home has none, and DuckDB does not make it."""
        if self.creds is not None and self.creds.path != ":memory:":
            try:
                check_place(self.creds.path)
            except CallsheetError as error:
                raise DbtRuntimeError(str(error)) from None
            Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register every function with explicit types; null arguments reach the function."""
        limit = os.environ.get("CALLSHEET_MEMORY")
        if limit:
            try:
                conn.execute(f"set memory_limit = {literal(limit)}")
            except duckdb.Error:
                raise DbtRuntimeError(f"Unusable input: CALLSHEET_MEMORY is {limit!r}: write a number and a unit, such as 4GB.") from None
        noise = Noise(House.find().home)
        conn.create_function("absolute_path", os.path.abspath, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("library_versions", library_versions, [], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("pulse_key_id", noise.key_id, [], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("pulse_noise", noise.draw, ["VARCHAR"], "DOUBLE", null_handling=SPECIAL)
        conn.create_function("rename_file", rename_file, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling=SPECIAL, side_effects=True)
        conn.create_function("sentiment_version", model_version, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("state_path", state_path, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("read_piece", read_piece, ["VARCHAR", "BIGINT", "BIGINT"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function(
            "cut_batch",
            cut_batch,
            ["VARCHAR"],
            'STRUCT(problem VARCHAR, pieces STRUCT("start" BIGINT, stop BIGINT, first_position BIGINT)[])',
            null_handling=SPECIAL,
        )
        conn.create_function("make_folder", make_folder, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("project_path", project_path, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("remove_folder", remove_folder, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("repair_label", repair_label, ["VARCHAR", "VARCHAR[]"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("repair_text", repair_text, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("file_sha256", file_sha256, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("inspect_file", inspect_file, ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function("list_files", list_files, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
        conn.create_function(
            "copy_notices", copy_notices, ["VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN", "VARCHAR"], "VARCHAR", null_handling=SPECIAL
        )
        conn.create_function(
            "parse_rate",
            parse_rate,
            ["VARCHAR", "DOUBLE"],
            "STRUCT(rate_day_usd DOUBLE, rate_reason VARCHAR, rate_basis VARCHAR, is_bare_dollar BOOLEAN)",
            null_handling=SPECIAL,
        )
