"""Faults planted in a copy of the project, at most one in a model at a time: the checks of each must turn red, or they check nothing.

A model's own dbt unit tests judge what is planted in SQL, a test file what is planted in Python.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest
from callsheet.workspace import Workspace

from tests.python.terminal import copy_of_the_project

PERCENTILES, PULSE, RESONANCE = "models/percentiles", "models/pulse", "models/resonance"
PACKAGE = "python_udfs/callsheet"


@dataclass(frozen=True)
class Mutant:
    """A text of a file and what stands there instead; where a text occurs more than once, its first place counts."""

    path: str
    right: str
    wrong: str
    judge: str = ""  # a test file, with -k where only some of it is quick; else the model's unit tests

    @property
    def model(self) -> str:
        """Return the model whose unit tests judge it."""
        return Path(self.path).stem

    @property
    def command(self) -> list[str]:
        """Return the tests in Python that must fail."""
        path, _, some = self.judge.partition(" -k ")
        command = ["pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/python/{path}", "-m", "not soak"]
        return [*command, "-k", some] if some else command


MUTANTS = [
    # percentiles
    Mutant(f"{PERCENTILES}/intermediate/int_percentiles__define_windows.sql", "iterations.ordinal >= {{", "iterations.ordinal > {{"),
    Mutant(f"{PERCENTILES}/intermediate/int_percentiles__define_windows.sql", '("percentiles_window") - 1 }}', '("percentiles_window") }}'),
    Mutant(f"{PERCENTILES}/intermediate/int_percentiles__find_repeats.sql", "earlier.batch_no < later", "earlier.batch_no <= later"),
    Mutant(
        f"{PERCENTILES}/intermediate/int_percentiles__judge_deliveries.sql", "fingerprinted.revision desc", "fingerprinted.revision asc"
    ),
    Mutant(f"{PERCENTILES}/intermediate/int_percentiles__judge_deliveries.sql", "length(ranked.file_name)", "-length(ranked.file_name)"),
    Mutant(f"{PERCENTILES}/intermediate/int_percentiles__judge_records.sql", "position > same_ids.first", "position >= same_ids.first"),
    Mutant(f"{PERCENTILES}/intermediate/int_percentiles__judge_records.sql", "max(judged_alone.score) or", "max(judged_alone.score) and"),
    Mutant(f"{PERCENTILES}/marts/score_restatements.sql", "max(abs(", "min(abs("),
    Mutant("macros/percentile.sql", "(2 * {{ lower }} + {{ equal }})", "(2 * {{ lower }})", "test_percentiles_oracle.py -k mid_rank"),
    # pulse
    Mutant(f"{PULSE}/intermediate/int_pulse__close_days.sql", "0.05 * days.row_count", "0.5 * days.row_count"),
    Mutant(f"{PULSE}/intermediate/int_pulse__close_days.sql", "date_utc >= days.date_utc", "date_utc > days.date_utc"),
    Mutant(f"{PULSE}/intermediate/int_pulse__judge_rows.sql", "::date > timed.last_landed_at", "::date >= timed.last_landed_at"),
    Mutant(f"{PULSE}/intermediate/int_pulse__draft_release.sql", "noisy_role_count >= 20 then 100", "noisy_role_count >= 10 then 100"),
    Mutant(f"{PULSE}/intermediate/int_pulse__draft_release.sql", "noisy_role_count < 10 then", "noisy_role_count < 1 then"),
    Mutant(f"{PULSE}/intermediate/int_pulse__draft_release.sql", "> 4 * noised", "> 5 * noised"),
    # operations
    Mutant("models/operations/table_growth.sql", "greatest(0, ceil(rates", "greatest(0, floor(rates"),
    Mutant("models/operations/runs.sql", "in ('error', 'fail')", "in ('error')"),
    # resonance
    Mutant(f"{RESONANCE}/marts/model_monitoring.sql", "numbered.value < 0.5 as has_alarm", "numbered.value > 0.5 as has_alarm"),
    Mutant(f"{RESONANCE}/marts/model_monitoring.sql", "years.last_high < years", "years.last_high > years"),
    Mutant(f"{RESONANCE}/marts/model_monitoring.sql", "end > limit_value", "end < limit_value"),
    Mutant(f"{RESONANCE}/intermediate/int_resonance__judge_films.sql", "votes_as_given, 1) > 0", "votes_as_given, 1) >= 0"),
    Mutant(f"{RESONANCE}/marts/label_thresholds.sql", "film_year <= {{ last", "film_year < {{ last"),
    Mutant(f"{RESONANCE}/marts/person_states.sql", "range(running.film_year + 1,", "range(running.film_year,"),
    Mutant(f"{RESONANCE}/marts/pair_states.sql", "(running.film_year + 1)", "(running.film_year)"),
    Mutant(f"{RESONANCE}/intermediate/int_resonance__rank_budgets.sql", "budget_year_pct = 1 then 10", "budget_year_pct = 1 then 11"),
    # Python
    Mutant(f"{PACKAGE}/percentiles/labels.py", "alike[0] if len(alike) == 1 else None", "alike[0]", "test_labels.py"),
    Mutant(f"{PACKAGE}/percentiles/labels.py", "{letter}{{{len(run)}}}", "{letter}{{1,{len(run)}}}", "test_labels.py"),
    Mutant(f"{PACKAGE}/percentiles/delivering.py", "WINDOW - count + 1", "WINDOW - count", "test_inputs.py"),
    Mutant(f"{PACKAGE}/percentiles/webhook.py", "where posted_at is null", "where posted_at is not null", "test_webhook.py"),
    Mutant(f"{PACKAGE}/pulse/noise.py", "-size if bits & 1 else size", "size", "test_pulse_noise.py"),
    Mutant(f"{PACKAGE}/pulse/noise.py", "hmac.digest(self._key,", 'hmac.digest(b"",', "test_pulse_noise.py"),
    Mutant(f"{PACKAGE}/pulse/rates.py", "HOURS_A_DAY, DAYS_A_WEEK = 8, 5", "HOURS_A_DAY, DAYS_A_WEEK = 8, 7", "test_pulse_rules.py"),
    Mutant(f"{PACKAGE}/pulse/places.py", "for one in deciding}) == 1 else", "for one in deciding}) >= 1 else", "test_pulse_rules.py"),
    Mutant(f"{PACKAGE}/inputs/dates.py", "bool_and(", "bool_or(", "test_inputs.py"),
    Mutant(f"{PACKAGE}/resonance/training/casting_head.py", "1 / odds)", "odds)", "test_resonance_models.py -k drawn_actors"),
    Mutant(
        f"{PACKAGE}/resonance/training/measures.py",
        "below[lower] + below[upper]",
        "2 * below[lower]",
        "test_resonance_models.py -k measures",
    ),
    Mutant(
        f"{PACKAGE}/resonance/training/measures.py", "np.abs(weights.of(rows)", "(weights.of(rows)", "test_resonance_models.py -k by_hand"
    ),
    Mutant(
        f"{PACKAGE}/resonance/training/calibration.py",
        "(positives + 1) / (positives + 2)",
        "1.0",
        "test_resonance_models.py -k platt_equals",
    ),
    Mutant(
        f"{PACKAGE}/resonance/training/calibration.py",
        "year <= head_last_year",
        "year < head_last_year",
        "test_resonance_models.py -k seen",
    ),
    Mutant(f"{PACKAGE}/resonance/slates/briefs.py", "if first > last:", "if first < last:", "test_resonance_briefs.py"),
]


def rounds() -> list[list[Mutant]]:
    """Return what is planted together: a model's unit tests know no other model, so one run of dbt judges a fault in each of many."""
    of_models: dict[str, list[Mutant]] = {}
    for mutant in MUTANTS:
        if not mutant.judge:
            of_models.setdefault(mutant.path, []).append(mutant)
    together = [[mutant for mutant in turn if mutant] for turn in zip_longest(*of_models.values())]
    return [*together, *([mutant] for mutant in MUTANTS if mutant.judge)]


@contextmanager
def planted(mutants: list[Mutant], project: Path) -> Iterator[None]:
    """Change the files, and change them back."""
    whole = {mutant.path: (project / mutant.path).read_text(encoding="utf-8") for mutant in mutants}
    for mutant in mutants:
        assert mutant.right in whole[mutant.path], mutant
        (project / mutant.path).write_text(whole[mutant.path].replace(mutant.right, mutant.wrong, 1), encoding="utf-8")
    try:
        yield
    finally:
        for path, text in whole.items():
            (project / path).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_project(tmp_path_factory.mktemp("mutants") / "project")


@pytest.mark.soak
@pytest.mark.parametrize("mutants", rounds(), ids=lambda mutants: f"{len(mutants)} from {Path(mutants[0].path).stem}")
def test_planted_faults_are_caught(mutants: list[Mutant], copy: Path, sample_workspace: Workspace) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CALLSHEET_", "DBT_"))}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(copy / "python_udfs"),
        "DBT_PROJECT_DIR": str(copy),
        "DBT_PROFILES_DIR": str(copy),
        "CALLSHEET_HOME": str(sample_workspace.home),
        "CALLSHEET_SAMPLE": "all",
    }
    command = mutants[0].command
    if not mutants[0].judge:
        command = ["dbt", "--quiet", "test", "--select", *(f"{mutant.model},test_type:unit" for mutant in mutants)]
    with planted(mutants, copy):
        ran = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, f"{mutants} survived {command}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    if not mutants[0].judge:
        results = json.loads((sample_workspace.home / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        red = {result["unique_id"].split(".")[2] for result in results if result["status"] == "fail"}
        assert red == {mutant.model for mutant in mutants}
