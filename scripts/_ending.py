"""Each script imports this before anything else: the package of this checkout, and how a run ends."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python_udfs"))

import callsheet.runtime.ending  # noqa: F401
