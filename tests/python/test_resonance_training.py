"""Training in the DAG on the sample: what is trained, what is not trained again, what a manifest repeats, what is refused."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.reports.plots import draw
from callsheet.resonance.training import artefacts
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import PROJECT, Workspace

from tests.python.resonance_oracle import features

pytestmark = pytest.mark.long  # trains again and again

WITHOUT_TESTS = ("--select", "resonance", "--exclude-resource-type", "test", "unit_test")
METRICS = "select * exclude (model_run_id) from resonance.model_metrics order by all"
FEW = {"resonance_bootstrap_draws": 20}


def rows(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with workspace.reading() as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Build resonance on the sample once, with few draws, on two threads."""
    root = tmp_path_factory.mktemp("trained")
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_THREADS", "2")
        Dbt(workspace).build(*WITHOUT_TESTS, variables=FEW)
    return workspace


def test_every_feature_of_the_sample_equals_a_plain_second_computation(trained: Workspace) -> None:
    with trained.reading() as connection:
        films, credits, ours, contract = (
            connection.execute(f"select * from {name}").df()
            for name in (
                "intermediate.int_resonance__judge_films where reject_reason is null",
                "intermediate.int_resonance__judge_credits where reject_reason is null", "intermediate.int_resonance__features",
                "resonance.feature_contract where head = 'actor' order by position",
            )
        )  # fmt: skip
    names = contract["feature"].tolist()
    for column in ("genres", "keywords"):
        films[column] = films[column].map(lambda own: list(own) if isinstance(own, np.ndarray) else None)
    genres = [name.removeprefix("genre_").removesuffix("_aff") for name in names if name.endswith("_aff")]
    theirs = features(films, credits, genres, every=8)
    both = ours.merge(theirs, on=["film_id", "person_id"], suffixes=("", "_again"))
    assert len(both) == len(theirs) == math.ceil(len(ours) / 8) > 400
    for name in names:
        value, again = (both[column].astype("float64").to_numpy(np.float64, na_value=np.nan) for column in (name, f"{name}_again"))
        assert np.array_equal(np.isnan(value), np.isnan(again)), name
        assert np.nanmax(np.abs(value - again)) <= 1.5e-9, name  # resonance is held in billionths: a half may fall either way


def test_every_model_of_both_labels_is_measured_on_the_holdout(trained: Workspace) -> None:
    measured = rows(
        trained,
        "select label, model from resonance.model_metrics where split = 'holdout' and slice = 'all' "
        "and metric in ('auroc', 'pr_auc', 'brier', 'ece') and value between 0 and 1 group by all having count(*) = 4",
    )
    models = {
        "actor_head", "actor_head_platt", "actor_head_isotonic", "logistic_regression", "director_head", "prevalence", "raw_budget",
        "actor_past_mean", "director_past_mean",
    }  # fmt: skip
    assert set(measured) == {(label, model) for label in ("high_resonance", "over_budget_peer") for model in models}


def test_the_head_beats_raw_budget_where_the_planted_truth_says_it_can(trained: Workspace) -> None:
    """Directors and casts are planted, which a budget does not know of."""
    value: dict[str, float] = dict(
        rows(
            trained,
            "select model || ' ' || label, value from resonance.model_metrics "
            "where split = 'holdout' and slice = 'all' and metric = 'auroc'",
        )
    )
    assert value["actor_head high_resonance"] > value["raw_budget high_resonance"]
    assert value["actor_head over_budget_peer"] > value["raw_budget over_budget_peer"]


def test_metric_names_slices_and_intervals_are_whole(trained: Workspace) -> None:
    slices = {slice_.split("=")[0] for (slice_,) in rows(trained, "select distinct slice from resonance.model_metrics")}
    assert {
        "all",
        "year",
        "horizon",
        "bill_order",
        "without",
        "with",
        "permuted",
        "alpha_cycle",
        "budget_times",
        "head",
        "budget_bin",
    } <= slices
    # The ECE of drawn films lies above that of the films themselves: fewer different films stray further.
    within = "case when metric = 'ece' then value <= high and low <= high else low <= value and value <= high end"
    assert rows(trained, f"select count(*) from resonance.model_metrics where not ({within}) and metric <> 'auroc_gap'") == [(0,)]
    retrieval = {name for (name,) in rows(trained, "select distinct metric from resonance.model_metrics where label = 'all'")}
    assert {"recall_at_50", "recall_at_200", "ndcg_at_10", "mrr", "novelty_bits", "coverage", "newcomer_share", "known_share"} <= retrieval


def test_an_unchanged_run_trains_nothing_and_a_changed_var_trains_anew(trained: Workspace, tmp_path: Path) -> None:
    shutil.copytree(trained.home, tmp_path / "home")
    workspace = Workspace(tmp_path / "home", tmp_path / "home" / "data" / "callsheet.duckdb")
    before = rows(workspace, METRICS)
    Dbt(workspace).build(*WITHOUT_TESTS, variables=FEW)
    assert rows(workspace, "select count(*) from intermediate.int_resonance__fit") == [(0,)]
    assert rows(workspace, METRICS) == before
    Dbt(workspace).build(*WITHOUT_TESTS, variables={**FEW, "resonance_alpha_cycle": 0.7})
    assert rows(workspace, "select count(*) from resonance.model_runs") == [(2,)]
    assert rows(workspace, "select distinct value from resonance.model_metrics where metric = 'alpha_cycle' and model_run_id not in "
                "(select arg_min(model_run_id, trained_at) from resonance.model_runs)") == [(0.7,)]  # fmt: skip
    assert rows(
        workspace, "select count(*) from resonance.model_monitoring where check_name = 'calibration_drift' and reference_value is not null"
    ) == [(2,)]


def test_a_manifest_repeats_the_run_to_the_last_digit_in_a_fresh_process_on_one_thread(trained: Workspace, tmp_path: Path) -> None:
    run_id, manifest = rows(trained, "select model_run_id, manifest from resonance.model_runs")[0]
    command = [
        "dbt", "build", *WITHOUT_TESTS, "--quiet", "--vars", json.dumps(json.loads(str(manifest))["vars"]),
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "CALLSHEET_HOME": str(tmp_path),
        "CALLSHEET_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(PROJECT),
    }
    environment.pop("CALLSHEET_DATABASE", None)
    subprocess.run([str(Path(sys.executable).with_name("dbt")), *command[1:]], check=True, env=environment, cwd=tmp_path)
    again = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    assert rows(again, "select model_run_id from resonance.model_runs") == [(run_id,)]
    assert repr(rows(again, METRICS)) == repr(rows(trained, METRICS))
    same = "select label, name, checksum from resonance.model_artefacts order by all"
    assert rows(again, same) == rows(trained, same)


def test_a_tampered_artefact_is_refused(trained: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    shutil.copy(trained.database, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update resonance.model_artefacts set content = content || '\\x00'::blob where name = 'actor_head'")
        stored = connection.execute("select content, checksum, name from resonance.model_artefacts where name = 'actor_head'").fetchall()
    for content, checksum, name in stored:
        with pytest.raises(artefacts.ArtefactError, match="it was changed"):
            artefacts.load_head(bytes(content), checksum, name)


def test_pictures_are_drawn_and_are_the_same_bytes_again(trained: Workspace) -> None:
    folder = Path(draw(trained).written_to)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    draw(trained)
    names = (
        "reliability",
        "calibration",
        "precision_recall",
        "years",
        "horizon",
        "alpha",
        "cycle",
        "ablations",
        "importance",
        "retrieval",
        "slates",
        "budgets",
    )
    assert set(first) == {f"{name}.png" for name in names}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    with pytest.raises(UnusableInputError, match="There is no training run nobody"):
        draw(trained, "nobody")


REAL_FILMS = Path(os.environ.get("CALLSHEET_REAL_FILMS", "no such file"))


@pytest.mark.soak
@pytest.mark.skipif(
    not REAL_FILMS.exists(), reason="CALLSHEET_REAL_FILMS names no file: a flat TMDB export, which is no part of the project"
)
def test_real_films_are_ranked_better_than_by_their_budget_and_not_suspiciously_well(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    land(workspace, ImportRequest("tmdb-flat", (REAL_FILMS,)))
    Dbt(workspace).build(*WITHOUT_TESTS, variables={"resonance_train_cutoff_year": 2004, "resonance_holdout_years": 5})
    value = {
        tuple(key): value
        for *key, value in rows(
            workspace,
            "select label, model, metric, value from resonance.model_metrics "
            "where split = 'holdout' and slice = 'all' and value is not null",
        )
    }
    for label in ("high_resonance", "over_budget_peer"):
        assert value[label, "raw_budget", "auroc"] + 0.02 < value[label, "actor_head_platt", "auroc"] < 0.87
        assert value[label, "actor_head_platt", "ece"] <= 0.06
