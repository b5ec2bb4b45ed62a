"""What every product shares, whichever was built first and with whatever selection."""

from collections.abc import Callable
from pathlib import Path

import pytest
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

from tests.python.conftest import Outcome, Workshop, asset

BREAKDOWNS = "breakdown_id,posted_date,work_city,project_type,role_type,union_status,rate,role_name,role_description\n"
RunScript = Callable[..., Outcome]


def build_pulse(own: Workshop, run_script: RunScript) -> None:
    rows = [f"b{number},2026-03-0{number % 7 + 1},Los Angeles,Film,Lead,Union,$500/day,Role {number},A doctor" for number in range(15)]
    source = own.root / "breakdowns.csv"
    source.write_text(BREAKDOWNS + "\n".join([*rows, "b99,some day,Los Angeles,Film,Lead,Union,$1/day,X,Y"]) + "\n", encoding="utf-8")
    done = run_script("build_pulse", "--input", source, "--output", own.root / "daily.csv", "--database", own.workspace.database)
    assert done.code == 3, done.err


@pytest.mark.long
def test_a_product_that_came_after_the_views_is_in_them(workshop: Workshop, run_script: RunScript, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(workshop.root))
    workshop.deliver(1, [asset("a", 0.5), asset("b", "error")])
    workshop.load()
    build_pulse(workshop, run_script)
    assert workshop.query("select product, reject_reason from operations.quarantine") == [
        ("percentiles", "score_not_numeric"),
        ("pulse", "date_unreadable"),
    ]
    assert workshop.query("select product, kind from operations.alerts") == [("percentiles", "rows rejected"), ("pulse", "rows rejected")]
    listed = {schema for (schema,) in workshop.query("select distinct table_schema from operations.published_tables")}
    assert listed == {"operations", "percentiles", "pulse", "resonance"}
    measured = workshop.query("select distinct product from operations.table_sizes where batch_count > 0")
    assert measured == [("percentiles",), ("pulse",)]
    ((comment,),) = workshop.query("select comment from duckdb_views() where schema_name = 'operations' and view_name = 'quarantine'")
    assert comment.startswith("One row per landed row or file")


@pytest.mark.long
def test_one_product_built_by_hand_can_be_published(tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    workspace = Workspace.find()
    Dbt(workspace).build("--select", "percentiles", "--exclude-resource-type", "test", "unit_test")
    published = run_script("publish")
    assert published.code == 0, published.err
    assert (workspace.published / "public" / "scores.csv").exists()
    assert (workspace.published / "internal" / "quarantine.csv").exists()
