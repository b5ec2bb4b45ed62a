"""What the three dbt Python models call: relations in, one typed table out. A run that is not new is an empty table."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from callsheet.resonance.slates import measuring
from callsheet.resonance.slates.catalogue import LABEL, Catalogue
from callsheet.resonance.training import artefacts, evaluation, fitting
from callsheet.resonance.training.casting_head import CastingHead, fit_casting
from callsheet.resonance.training.evaluation import CurvePoint, Metric
from callsheet.resonance.training.fitting import Model
from callsheet.resonance.training.measures import Interval
from callsheet.resonance.training.rows import Rows
from callsheet.resonance.training.serving import choose_plausibility
from callsheet.resonance.training.settings import LABELS, Settings
from callsheet.resonance.training.tables import schema_of, typed_table

OF_NO_LABEL = "all"  # the casting head knows no outcome: whom one casts is not how the film does
_FIT = dict.fromkeys(("model_run_id", "label", "name", "format", "checksum"), "string") | {"content": "binary"}
_PREDICT = {
    **dict.fromkeys(("model_run_id", "label", "head", "film_id", "person_id"), "string"),
    **dict.fromkeys(("film_year", "bill_order"), "int64"),
    **{"split": "string", "is_positive": "bool"},
    **dict.fromkeys(("p_base", "p_high", "p_cal", "p_isotonic", "p_logistic"), "float64"),
}
_EVALUATE = {
    **dict.fromkeys(("model_run_id", "label", "split", "slice", "model", "metric"), "string"),
    **{"position": "int64", "x": "float64", "value": "float64", "low": "float64", "high": "float64", "row_count": "int64"},
}


def fit_run(
    session: duckdb.DuckDBPyConnection,
    plan: duckdb.DuckDBPyRelation,
    actors: duckdb.DuckDBPyRelation,
    directors: duckdb.DuckDBPyRelation,
    states: Mapping[str, duckdb.DuckDBPyRelation],
) -> pa.Table:
    """Return the artefacts of the planned run, one row each; `states` are what slates of the validation years are made from."""
    run = _new_run(plan)
    if run is None:
        return typed_table(_FIT, [])
    settings = Settings.read(run["manifest"])
    of_actors = Rows.of(actors.df(), run["actor_features"])
    of_directors = Rows.of(directors.df(), run["director_features"])
    last_fit_year = settings.train_cutoff_year - settings.validation_years
    made = {label: fitted for label in LABELS if (fitted := fitting.fit(label, of_actors, of_directors, settings))}
    packed = [(label, *artefact) for label, fitted in made.items() for artefact in fitting.pack(fitted)]
    if len(of_actors):
        casting = fit_casting(of_actors.filmography(), last_fit_year, np.random.default_rng(settings.seed))
        if casting is not None:
            packed.append((OF_NO_LABEL, "casting_head", "json", casting.dump()))
    if LABEL in made:
        proofs = fitting.proofs(made[LABEL].model, of_actors, settings)
        validation = range(last_fit_year + 1, settings.train_cutoff_year + 1)
        catalogue = catalogue_of_run(session, _stored(run, packed), states, run, last_fit_year)
        chosen = _choose_plausibility(catalogue, of_actors, validation, settings)
        packed.append((LABEL, "serving", "json", replace(proofs, plausibility_weight=chosen[0], tried=chosen[1]).dump()))
    return _stored(run, packed)


def _stored(run: dict[str, Any], packed: list[tuple[str, str, str, bytes]]) -> pa.Table:
    rows = (
        dict(zip(_FIT, (run["model_run_id"], label, name, form, artefacts.sha256(content), content), strict=True))
        for label, name, form, content in packed
    )
    return typed_table(_FIT, rows)


def catalogue_of_run(
    session: duckdb.DuckDBPyConnection,
    stored: pa.Table,
    states: Mapping[str, duckdb.DuckDBPyRelation],
    run: dict[str, Any],
    last_year: int,
) -> Catalogue:
    """Return the catalogue that answers briefs from a run that is not yet published, for years after the last one it is said to know."""
    session.register("artefacts_of_the_run", stored)
    contract = json.loads(run["manifest"])["inputs"]["feature_contract"]
    held = session.sql(
        "select *, 1 as run_no, $year::bigint as train_cutoff_year, $contract::varchar as contract_hash from artefacts_of_the_run",
        params={"year": last_year, "contract": contract},
    )
    return Catalogue.of(session, {**states, "model_artefacts": held})


def _choose_plausibility(
    catalogue: Catalogue, actors: Rows, years: range, settings: Settings
) -> tuple[float, tuple[tuple[float, float, float], ...]]:
    films = measuring.truths_of(actors.frame, years).index
    *recalls, of_casting = measuring.plausibility_recalls(catalogue, films, np.random.default_rng(settings.seed))
    return choose_plausibility(np.array(recalls), of_casting)


def predict_run(
    plan: duckdb.DuckDBPyRelation,
    stored: duckdb.DuckDBPyRelation,
    actors: duckdb.DuckDBPyRelation,
    directors: duckdb.DuckDBPyRelation,
) -> pa.Table:
    """Return the planned run's predictions, one row per label and credit or director of validation and holdout."""
    run = _new_run(plan)
    models = _models(stored) if run else {}
    if run is None or not models:
        return typed_table(_PREDICT, [])
    later = "split in ('validation', 'holdout')"
    of_actors = Rows.of(actors.filter(later).df(), run["actor_features"])
    of_directors = Rows.of(directors.filter(later).df(), run["director_features"])
    predicted = pd.concat([fitting.predict(model, of_actors, of_directors) for model in models.values()], ignore_index=True)
    predicted.insert(0, "model_run_id", run["model_run_id"])
    return pa.Table.from_pandas(predicted, schema=schema_of(_PREDICT), preserve_index=False)


def evaluate_run(
    session: duckdb.DuckDBPyConnection,
    plan: duckdb.DuckDBPyRelation,
    stored: duckdb.DuckDBPyRelation,
    predictions: duckdb.DuckDBPyRelation,
    actors: duckdb.DuckDBPyRelation,
    thresholds: duckdb.DuckDBPyRelation,
    states: Mapping[str, duckdb.DuckDBPyRelation],
) -> pa.Table:
    """Return the planned run's metrics (position 0) and curve points (from 1 on)."""
    run = _new_run(plan)
    models = _models(stored) if run else {}
    if run is None or not models:
        return typed_table(_EVALUATE, [])
    settings = Settings.read(run["manifest"])
    of_actors = Rows.of(actors.df(), run["actor_features"])
    predicted = predictions.order("label, head, film_id, person_id").df()
    rows = [_metric_row(metric) for metric in _metrics_of_thresholds(thresholds)]
    for number, (label, model) in enumerate(models.items()):
        chosen = json.loads(_content(stored, label, "choices"))
        rows += _evaluate_label(model, chosen, of_actors, predicted[predicted["label"] == label], settings, number)
    rows += [_metric_row(metric) for metric in _retrieval(stored, of_actors, settings)]
    catalogue = catalogue_of_run(session, stored.to_arrow_table(), states, run, settings.train_cutoff_year)
    rows += [_metric_row(metric) for metric in _served(catalogue, models, of_actors, settings)]
    return typed_table(_EVALUATE, [{"model_run_id": run["model_run_id"], **row} for row in rows])


def _evaluate_label(
    model: Model, chosen: dict[str, Any], actors: Rows, predicted: pd.DataFrame, settings: Settings, number: int
) -> list[dict[str, Any]]:
    rows = [_metric_row(metric) for metric in evaluation.choices(model.label, chosen)]
    for split_number, split in enumerate(("validation", "holdout")):
        chance = np.random.default_rng([settings.seed, number, split_number])
        labelled = actors.labelled(model.label, split)
        of_actors = evaluation.judged_actors(model, labelled, predicted[predicted["head"] == "actor"])
        of_directors = evaluation.judged_directors(predicted[predicted["head"] == "director"], split)
        for data in (of_actors, of_directors):
            measured = evaluation.measure(model.label, split, data, settings.train_cutoff_year, settings.bootstrap_draws, chance)
            rows += [_metric_row(metric) for metric in measured]
            rows += [_curve_row(point) for point in evaluation.curves(model.label, split, data)]
    predictions = predicted[predicted["head"] == "actor"]
    rows += [_metric_row(metric) for metric in evaluation.rolled(model.label, predictions, settings)]
    rows += [_metric_row(metric) for metric in evaluation.ablate(model.label, actors, settings)]
    chance = np.random.default_rng([settings.seed, number, 2])
    return rows + [_metric_row(metric) for metric in evaluation.permute(model, actors, chance)]


def _retrieval(stored: duckdb.DuckDBPyRelation, actors: Rows, settings: Settings) -> list[Metric]:
    weights = stored.filter("name = 'casting_head'").project("content").fetchall()
    head = CastingHead.load(bytes(weights[0][0])) if weights else None
    cutoff, in_holdout = settings.train_cutoff_year, actors.frame["split"] == "holdout"
    last = int(actors.years[in_holdout].max()) if in_holdout.any() else cutoff
    splits = {"validation": range(cutoff - settings.validation_years + 1, cutoff + 1), "holdout": range(cutoff + 1, last + 1)}
    films = actors.filmography()
    found: list[Metric] = []
    for number, (split, years) in enumerate(splits.items()):
        chance = np.random.default_rng([settings.seed, number])
        found += evaluation.retrieval(films, head, split, years, settings.bootstrap_draws, chance)
    return found


def _served(catalogue: Catalogue, models: dict[str, Model], actors: Rows, settings: Settings) -> Iterator[Metric]:
    """Yield how each way of asking is answered on the holdout, and what the run chose and found proven on validation."""
    holdout = actors.frame[actors.frame["split"] == "holdout"]
    truths = measuring.truths_of(holdout, range(settings.train_cutoff_year + 1, 10**4))
    if LABEL in models and len(truths):
        serving = catalogue.served(settings.train_cutoff_year + 1).serving
        task = measuring.Task(catalogue, "holdout", settings.bootstrap_draws, np.random.default_rng([settings.seed, 3]))
        yield from evaluation.serving_choices(LABEL, serving, models[LABEL].actor_weights)
        yield from measuring.measure_paths(task, models[LABEL], truths)
        yield from measuring.measure_slates(task, truths)


def _metrics_of_thresholds(thresholds: duckdb.DuckDBPyRelation) -> Iterator[Metric]:
    """Yield the bars that the labels were measured by, so that monitoring sees them move between runs."""
    rows = thresholds.project("label, budget_bin, threshold").order("label, budget_bin").fetchall()
    for label, budget_bin, threshold in rows:
        slice_ = "all" if budget_bin is None else f"budget_bin={budget_bin}"
        yield Metric(label, "fit", slice_, "data", "threshold", Interval(threshold))


def _models(stored: duckdb.DuckDBPyRelation) -> dict[str, Model]:
    """Return the model of each label from its bytes, their checksums checked."""
    held: dict[str, dict[str, tuple[bytes, str]]] = {}
    for label, name, content, checksum in stored.filter(f"label <> '{OF_NO_LABEL}'").project("label, name, content, checksum").fetchall():
        held.setdefault(label, {})[name] = (bytes(content), checksum)
    return {label: fitting.unpack(label, held[label]) for label in LABELS if label in held}


def _content(stored: duckdb.DuckDBPyRelation, label: str, name: str) -> bytes:
    return next(bytes(content) for of, named, content in stored.project("label, name, content").fetchall() if (of, named) == (label, name))


def _new_run(plan: duckdb.DuckDBPyRelation) -> dict[str, Any] | None:
    """Return the planned run if it has not been made before."""
    names = ("model_run_id", "actor_features", "director_features", "manifest")
    rows = plan.filter("is_new").project(", ".join(names)).fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _metric_row(metric: Metric) -> dict[str, Any]:
    return vars(metric) | vars(metric.interval) | {"position": 0}


def _curve_row(point: CurvePoint) -> dict[str, Any]:
    return vars(point) | {"slice": "all", "metric": point.curve, "position": point.position + 1, "value": point.y}
