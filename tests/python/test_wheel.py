"""The wheel in an environment and a folder of its own, at both ends of the ranges in pyproject.toml."""

import os
import subprocess
import venv
from pathlib import Path

import pytest
from callsheet.workspace import PROJECT

pytestmark = pytest.mark.long  # installs everything twice

ENDS = {"lowest": PROJECT / "tests" / "python" / "lowest.txt", "locked": PROJECT / "requirements.lock"}
BREAKDOWNS = "id,posted_date,work_city,project_type,role_type,union,rate_value\n" + "".join(
    f"r{number},2026-03-{day:02},Los Angeles,Film,Lead,SAG-AFTRA,$500/day\n" for day in range(1, 4) for number in range(60)
)


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CALLSHEET_", "DBT_", "PYTHON"))}
    ended = subprocess.run([str(word) for word in words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, PROJECT, cwd=folder)
    (path,) = folder.glob("callsheet-*.whl")
    return path


@pytest.mark.parametrize("end", ENDS)
def test_pulse_and_build_in_an_empty_folder(end: str, wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    binaries, folder = tmp_path / "venv" / "bin", tmp_path / "empty"
    folder.mkdir()
    run(binaries / "pip", "install", "--quiet", "--constraint", ENDS[end], wheel, cwd=folder)
    (folder / "breakdowns.csv").write_text(BREAKDOWNS)
    run(binaries / "callsheet", "pulse", "--input", "breakdowns.csv", "--output", "daily_pulse.csv", cwd=folder)
    assert (folder / "daily_pulse.csv").read_text().startswith("date_utc,region_code,proj_type_code")
    built = run(binaries / "callsheet", "build", "--sample", "--quiet", cwd=folder)
    assert built.stdout == ""
    assert (folder / "data" / "published" / "public" / "sample_data.txt").read_text() == "percentiles\npulse\nresonance\n"
