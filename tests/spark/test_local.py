"""Spark in this process: the short form of what test_cluster.py shows on a cluster."""

from pathlib import Path

from tests.spark.conftest import INTERPRETED
from tests.spark.histories import Percentiles, correct, first, more


def test_percentiles_are_those_of_duckdb_after_every_delivery(tmp_path: Path) -> None:
    both = Percentiles(tmp_path, "local[2]", **INTERPRETED)
    torn = tmp_path / "spark" / "data" / "spark" / "warehouse" / "intermediate.db" / "int_percentiles__define_windows"
    torn.mkdir(parents=True)
    (torn / "part-0.parquet").write_bytes(b"what a killed run leaves")
    assert both.step(first).landed > 1000
    summary = both.step(more, correct)
    assert summary.quarantined > 5
    assert summary.details["percentiles restated"] > 100
