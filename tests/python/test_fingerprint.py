"""The fingerprint changes when anything does that a partition is made of, and only then."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.workspace import PROJECT, Workspace
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.python.conftest import Workshop, asset

pytestmark = pytest.mark.long  # many builds


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_workspace: Workspace) -> Any:
    """Return a function that computes a macro call in the sample's database."""
    monkeypatch.setenv("CALLSHEET_HOME", str(sample_workspace.home))

    def show(expression: str, **variables: Any) -> Any:
        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(tmp_path), "--log-level", "none"]
        outcome = dbtRunner().invoke(["show", "--inline", f"select {expression} as value", *folders, "--vars", json.dumps(variables)])
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        assert outcome.success, outcome.exception
        return outcome.result.results[0].agate_table.columns[0].values()[0]  # type: ignore[union-attr]

    return show


def test_fingerprint_follows_inputs_vars_seeds_and_logic(render: Any) -> None:
    call = "{{{{ fingerprint(inputs=[{inputs}], vars=[{vars}], seeds=[{seeds}], logic=[{logic}]) }}}}"

    def of(inputs: str = "\"'a'\", '1'", names: str = "'percentiles_window'", seeds: str = "", logic: str = "", **variables: Any) -> int:
        return int(render(call.format(inputs=inputs, vars=names, seeds=seeds, logic=logic), **variables))

    seed = "ref('stg_percentiles__industries')"
    base = of()
    values = {
        "input": of(inputs="\"'b'\", '1'"),
        "order of inputs": of(inputs="'1', \"'a'\""),
        "null instead of a value": of(inputs="'null', '1'"),
        "var": of(percentiles_window=4),
        "another var": of(names="'percentiles_method'"),
        "seed": of(seeds=seed),
        "logic": of(logic="'score_history'"),
    }
    assert base == of()
    assert len({base, *values.values()}) == len(values) + 1, values
    assert all(0 <= value < 2**60 for value in values.values())


def test_hash_of_a_relation_ignores_the_order_of_rows_and_sees_doubled_ones(workshop: Workshop) -> None:
    """In the database a user edits: the seed's rows in another order are the same seed, one more is not."""
    for number in range(1, 4):
        workshop.deliver(number, [asset(f"a{number}", 0.5)])
    workshop.load()

    def fingerprints() -> list[tuple[Any, ...]]:
        return workshop.query("select distinct fingerprint from percentiles.score_history")

    def with_industries(values: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(workshop.workspace.database)) as connection:
            connection.execute(f"delete from reference.industries; insert into reference.industries values {values}")
        workshop.build("--select", "percentiles", "--exclude-resource-type", "test", "unit_test", "seed")
        return fingerprints()

    shipped = fingerprints()
    assert with_industries("('Clothing'), ('Hair care'), ('Food'), ('Cars')") == shipped
    assert with_industries("('Clothing'), ('Hair care'), ('Food'), ('Cars'), ('Music')") != shipped


def test_a_partition_that_is_no_longer_expected_is_removed(workshop: Workshop) -> None:
    for number in range(1, 5):
        workshop.deliver(number, [asset(f"a{number}", 0.5)])
    workshop.load()
    assert workshop.query("select distinct computed_at_batch from percentiles.score_history") == [(3,), (4,)]
    workshop.build(percentiles_window=4)
    assert workshop.query("select distinct computed_at_batch from percentiles.score_history") == [(4,)]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("percentiles_window", 0, "give a whole number from 1 on"),
        ("percentiles_window", "three", "give a whole number from 1 on"),
        ("percentiles_method", "median", "choose one of mid_rank, weak, strict"),
        ("percentiles_score_limit", "none; drop table x", "give a number from 0 on"),
        ("rejected_share_limit", -1, "give a number from 0 on"),
    ],
)
def test_a_var_that_makes_no_sense_is_named(name: str, value: Any, sentence: str, workshop: Workshop) -> None:
    workshop.deliver(1, [asset("a", 0.5)])
    with pytest.raises(Exception, match=rf"The var {name} is '{value}': {sentence}"):
        workshop.build(**{name: value})
