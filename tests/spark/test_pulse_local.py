"""pulse on Spark in this process: the short form of what test_cluster.py shows on a cluster."""

from pathlib import Path

import pytest
from callsheet.pulse.noise import ENVIRONMENT

from tests.docs_outputs import EXAMPLE_KEY
from tests.spark.conftest import INTERPRETED
from tests.spark.pulse_history import Breakdowns, correct, first, more


def test_the_pulse_is_that_of_duckdb_after_every_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)
    both = Breakdowns(tmp_path, "local[2]", INTERPRETED)
    assert both.step(first).details["buckets published"] > 20
    summary = both.step(more, correct)
    assert summary.quarantined > 15
    assert summary.exit_code == 3
