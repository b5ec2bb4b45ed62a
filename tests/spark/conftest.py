"""What tests on Spark share: settings for a small machine, and DuckDB's build of the same input."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from callsheet.workspace import PROJECT

SMALL = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",  # 200 by default: each tiny model would take seconds
    # Short runs end before the better compiler pays.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}

# Of so few rows most of the time would go into compiling queries. (Without any code generation the catalogue lists no tables.)
INTERPRETED = {"spark.sql.codegen.wholeStage": "false"}


def of_session(master: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return what a session of that master is opened with: a Connect server was started with its own settings."""
    return {**settings} if master.startswith("sc://") else {**SMALL, **settings}


def build_on_duckdb(home: Path, script: str, *arguments: str, expected: Mapping[int, str] | None = None) -> Path:
    """Run a script of this project in another process, since dbt holds one adapter only, and return its database."""
    environment = {**os.environ, "CALLSHEET_HOME": str(home)}
    environment.pop("DBT_TARGET", None)
    ran = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / script), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode in (expected or {0: "done", 3: "done, but look"}), ran.stderr
    return home / "data" / "callsheet.duckdb"
