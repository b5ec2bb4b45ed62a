"""The project on newer versions than the locked ones: what `pip install` may bring, and the next that is expected."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from callsheet.workspace import PROJECT

pytestmark = pytest.mark.long  # installs packages, and builds everything on each set

# Laid over the environment of the tests, without what they depend on: that is there already, or named here.
SETS = {
    "DuckDB 2.0": ["duckdb==2.0.1"],
    # dbt-core 1.12 asks for a parser that has no wheel and is not used: --no-deps leaves it out.
    "dbt 1.12": ["dbt-core==1.12.6", "metricflow==0.213.0", "python-dotenv==1.2.4"],
}


@pytest.mark.parametrize("packages", SETS.values(), ids=SETS)
def test_everything_builds_and_publishes(packages: list[str], tmp_path: Path) -> None:
    overlay, home = tmp_path / "overlay", tmp_path / "home"
    home.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(overlay), *packages]
    subprocess.run(install, check=True)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(overlay), str(PROJECT / "python_udfs")]),
        "CALLSHEET_HOME": str(home),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
    }
    for command in (["-m", "dbt.cli.main", "build"], ["scripts/publish.py"]):
        ran = subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    with duckdb.connect(str(home / "data" / "published" / "public" / "callsheet.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) > 0 from percentiles.scores").fetchall() == [(True,)]
