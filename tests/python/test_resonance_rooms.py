"""films, training, slates, reports: each room of resonance imports only from rooms before it."""

import shutil
from pathlib import Path

import pytest
from callsheet.workspace import PROJECT

from tests.conventions.rooms import ROOMS, SLATE_STEPS, wrong_ways

RESONANCE = PROJECT / "python_udfs" / "callsheet" / "resonance"


def test_no_import_leads_up() -> None:
    assert list(wrong_ways(RESONANCE)) == []
    assert {path.name for path in RESONANCE.iterdir() if (path / "__init__.py").exists()} == set(ROOMS)
    assert {path.stem for path in (RESONANCE / "slates").glob("*.py")} - {"__init__"} == set(SLATE_STEPS)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("training/heads.py", "from callsheet.resonance.slates.briefs import Brief"),
        ("slates/why.py", "from callsheet.resonance.reports import report"),
        ("slates/briefs.py", "from callsheet.resonance.slates import catalogue"),
    ],
)
def test_an_import_that_leads_up_is_named(file: str, line: str, tmp_path: Path) -> None:
    copy = tmp_path / "resonance"
    shutil.copytree(RESONANCE, copy)
    (copy / file).write_text(f"def late():\n    {line}\n")
    (found,) = wrong_ways(copy)
    assert found.startswith(f"{file} imports from ")
