"""Evaluation of a run, called by the dbt model `int_resonance__evaluate`: it reads what was fitted and predicted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from callsheet.resonance.training.calibration import fit_platt, logit
from callsheet.resonance.training.casting_head import CastingHead
from callsheet.resonance.training.filmography import Filmography
from callsheet.resonance.training.fitting import BASELINES, Model, baseline, learnt_from
from callsheet.resonance.training.heads import fit_head
from callsheet.resonance.training.measures import (
    ECE_BINS,
    FilmBootstrap,
    Floats,
    Integers,
    Interval,
    Measure,
    Weights,
    auroc,
    average_precision,
    brier,
    ece,
    interval_of,
)
from callsheet.resonance.training.members import BOOSTING
from callsheet.resonance.training.retrieval import measure_budget_sweep, measure_costars, measure_retrieval
from callsheet.resonance.training.rows import OF_THE_CYCLE, Rows, group_of
from callsheet.resonance.training.serving import Serving
from callsheet.resonance.training.settings import Settings

MEASURES: dict[str, Measure] = {"auroc": auroc, "pr_auc": average_precision, "brier": brier, "ece": ece}
RANKS = ("auroc", "pr_auc")  # of the score; the others are of the calibrated probability
MAIN = ("actor_head_platt", "raw_budget")  # what the slices by year and billing are shown for
LAST_BILLING = 6  # billing 6 and later are one slice: few exports go further than five
BILLING_GAP_LIMIT = 0.04  # the design's: all credits of a film share its outcome, so if later rows know much more they have seen it
ABLATED_ROWS = 60_000  # rows of whole films; a dozen heads are compared with each other
PERMUTED_ROWS = 1000  # rows of whole films; importance needs no more
PAST = re.compile(r"[ad]tr3|(actor|director|pair|genre)_.*(mean|residual|revenue|rating|resonance|lift)")
ABLATIONS = {
    "atr_and_dtr": ("atr3", "dtr3"),
    "bfd": ("bfd",),
    "density": ("release_density",),
    "recency": ("actor_years_since_last", "director_years_since_last"),
    "budget": ("log_budget", "budget_year_pct", "is_budget_known", "peer_resonance", "bfd"),
    "bill_order": ("bill_order", "actor_billing_mean"),
}


@dataclass(frozen=True)
class Metric:
    """One row of model_metrics."""

    label: str
    split: str
    slice: str
    model: str
    metric: str
    interval: Interval


@dataclass(frozen=True)
class CurvePoint:
    """One row of model_curves."""

    label: str
    split: str
    model: str
    curve: str
    position: int
    x: float
    y: float
    row_count: int


@dataclass(frozen=True)
class JudgedRows:
    """The rows of one head with known outcome, and the score and probability each model gives them."""

    films: np.ndarray
    years: Integers
    bill_order: Integers
    truth: Integers
    scores: dict[str, Floats]
    probabilities: dict[str, Floats]


def judged_actors(model: Model, rows: Rows, predicted: pd.DataFrame) -> JudgedRows:
    """Put the predictions of the actor head beside the baselines, on the labelled rows of one split."""
    keyed = rows.frame[["film_id", "person_id"]].merge(predicted, how="inner", on=["film_id", "person_id"], validate="1:1")
    scores = {
        "actor_head": keyed["p_base"].to_numpy(),
        "actor_head_platt": keyed["p_high"].to_numpy(),
        "actor_head_isotonic": keyed["p_isotonic"].to_numpy(),
        "logistic_regression": keyed["p_logistic"].to_numpy(),
        "prevalence": np.zeros(len(rows)),
    } | {name: baseline(rows, column) for name, column in BASELINES.items()}
    probabilities = {
        "actor_head": keyed["p_base"].to_numpy(),
        "actor_head_platt": keyed["p_cal"].to_numpy(),
        "actor_head_isotonic": keyed["p_isotonic"].to_numpy(),
        "logistic_regression": model.calibrations["logistic_regression"](model.logistic.logits(rows.values())),
    } | {name: model.calibrations[name](scores[name]) for name in ("prevalence", *BASELINES)}
    order = rows.frame["bill_order"].to_numpy(dtype=np.int64)
    return JudgedRows(rows.films, rows.years, order, rows.truth(model.label), scores, probabilities)


def judged_directors(predicted: pd.DataFrame, split: str) -> JudgedRows:
    """Return the director head's labelled rows of one split."""
    rows = predicted[(predicted["split"] == split) & predicted["is_positive"].notna()]
    return JudgedRows(
        rows["film_id"].to_numpy(dtype=object).astype(str),
        rows["film_year"].to_numpy(dtype=np.int64),
        np.ones(len(rows), dtype=np.int64),
        rows["is_positive"].to_numpy(dtype=np.int64),
        {"director_head": rows["p_base"].to_numpy()},
        {"director_head": rows["p_cal"].to_numpy()},
    )


def measure(label: str, split: str, data: JudgedRows, cutoff: int, draws: int, chance: np.random.Generator) -> Iterator[Metric]:
    """Yield every measure of every model with its interval, and the slices of the main ones."""
    films = FilmBootstrap(data.films, draws, chance)
    for model in data.scores:
        for name, function in MEASURES.items():
            if split == "validation" and model != "actor_head" and (name not in RANKS or model == "actor_head_isotonic"):
                continue  # the calibration was fitted on these rows, so its quality cannot be measured on them
            yield Metric(label, split, "all", model, name, films.interval(function, data.truth, _judged(data, model, name)))
    whose = "data" if "actor_head" in data.scores else "director_data"
    yield Metric(label, split, "all", whose, "row_count", Interval(float(len(data.truth))))
    yield Metric(label, split, "all", whose, "film_count", Interval(float(len(np.unique(data.films)))))
    yield Metric(label, split, "all", whose, "positive_share", Interval(float(data.truth.mean()) if len(data.truth) else None))
    for model in [name for name in MAIN if name in data.scores]:
        for slice_, rows in _slices(data, split, cutoff).items():
            for name in MEASURES if slice_.startswith("year") and split == "holdout" else RANKS:
                yield Metric(
                    label, split, slice_, model, name, films.interval(MEASURES[name], data.truth, _judged(data, model, name), rows)
                )
        yield Metric(label, split, "bill_order", model, "auroc_gap", billing_gap(data, model, films))


def billing_gap(data: JudgedRows, model: str, films: FilmBootstrap) -> Interval:
    """Return AUROC among later-billed credits less that among the first-billed ones of the same films.

    A history shifted by rows shows the film's own outcome to all its rows but the first: then the others know more. That leads
    know more is no leak: they matter more.
    """
    first = data.bill_order == 1
    leads = films.draws(auroc, data.truth, data.scores[model], first)
    others = films.draws(auroc, data.truth, data.scores[model], ~first)
    return interval_of(others - leads)


def has_billing_leak(gap: Interval) -> bool:
    """Say whether the whole interval of the gap lies above the limit."""
    return gap.low is not None and gap.low > BILLING_GAP_LIMIT


def curves(label: str, split: str, data: JudgedRows) -> Iterator[CurvePoint]:
    """Yield the reliability curve and the precision–recall curve of every model that has one worth drawing."""
    for model in data.probabilities:
        probability = data.probabilities[model]
        if split == "validation" and model != "actor_head":
            continue
        bins = np.minimum((probability * ECE_BINS).astype(np.int64), ECE_BINS - 1)
        for bin_ in np.unique(bins):
            own = bins == bin_
            yield CurvePoint(
                label, split, model, "reliability", int(bin_), float(probability[own].mean()), float(data.truth[own].mean()), int(own.sum())
            )
        if not data.truth.any() or model == "prevalence":
            continue
        order = np.argsort(-data.scores[model], kind="stable")
        found = np.cumsum(data.truth[order])
        taken = np.arange(1, len(order) + 1)
        # A point every two percent of recall: a line a person can see, not a row per credit.
        for position, recall in enumerate(np.linspace(0.02, 1.0, 50)):
            at = int(np.searchsorted(found, np.ceil(recall * found[-1]), side="left"))
            yield CurvePoint(
                label,
                split,
                model,
                "precision_recall",
                position,
                float(found[at] / found[-1]),
                float(found[at] / taken[at]),
                int(taken[at]),
            )


def ablate(label: str, actors: Rows, settings: Settings) -> Iterator[Metric]:
    """Yield validation AUROC of the boosting head without each group of features, and with the calendar added."""
    train, check = (
        rows.at_most(ABLATED_ROWS, settings.seed) for rows in (learnt_from(label, actors, settings), actors.labelled(label, "validation"))
    )
    if not len(train) or not len(check):
        return
    affinities = tuple(name for name in actors.learnt if name.endswith("_aff"))
    genres = tuple(name for name in actors.learnt if name.startswith("genre_") and not name.endswith("_aff"))
    past = tuple(name for name in actors.learnt if PAST.fullmatch(name))
    dropped = {"nothing": (), **ABLATIONS, "affinity": affinities, "genres": genres, "all_past_results": past}
    dropped |= {group: tuple(name for name in actors.learnt if group_of(name) == group) for group in ("actor", "pair", "director")}
    kept = {f"without={group}": [name for name in actors.learnt if name not in names] for group, names in dropped.items()}
    kept["with=time"] = [*actors.learnt, *OF_THE_CYCLE]
    kept["with=keywords"] = [*actors.learnt, *actors.of_keywords]
    ones = Weights.even(len(check))
    learnt, judged = train.values(actors.features), check.values(actors.features)
    for slice_, names in kept.items():
        places = [actors.features.index(name) for name in names]
        head = fit_head(BOOSTING, names, learnt[:, places], train.truth(label), train.years, settings.seed)
        value = auroc(check.truth(label), head.logits(judged[:, places]), ones)
        yield Metric(label, "validation", slice_, BOOSTING, "auroc", interval_of(value))


def permute(model: Model, actors: Rows, chance: np.random.Generator) -> Iterator[Metric]:
    """Yield what validation AUROC loses when one feature's values are dealt out anew, all features in one batched call."""
    rows = actors.labelled(model.label, "validation")
    if len(rows) > PERMUTED_ROWS:
        films = chance.permutation(np.unique(rows.films))
        rows = rows.where(np.isin(rows.films, films[: int(len(films) * PERMUTED_ROWS / len(rows))]))
    if not len(rows) or not model.head.members:
        return
    values, truth = rows.values(model.head.features), rows.truth(model.label)
    batch = np.tile(values, (len(model.head.features) + 1, 1))
    for place in range(len(model.head.features)):
        start = (place + 1) * len(values)
        batch[start : start + len(values), place] = values[chance.permutation(len(values)), place]
    logits = model.head.logits(batch).reshape(len(model.head.features) + 1, len(values))
    ones = Weights.even(len(values))
    usual = float(auroc(truth, logits[0], ones)[0])
    if np.isnan(usual):
        return
    for name, permuted in zip(model.head.features, logits[1:], strict=True):
        loss = usual - float(auroc(truth, permuted, ones)[0])
        yield Metric(model.label, "validation", f"permuted={name}", "actor_head", "auroc_loss", Interval(loss))


def choices(label: str, chosen: dict[str, Any]) -> Iterator[Metric]:
    """Yield what the choices were made by, from the record that was stored with the model."""
    for name, value in chosen["head"]["validation_auroc"].items():
        yield Metric(label, "validation", "head", name, "auroc", Interval(value))
    for what in ("alpha_cycle", "synergy_weight"):
        for weight, loss, error in chosen[what]["tried"]:
            yield Metric(label, "validation", f"{what}={weight:g}", "actor_head", "log_loss", Interval(loss, loss - error, loss + error))
        yield Metric(label, "validation", "all", "actor_head", what, Interval(chosen[what]["used"]))
    for year, residual, error, fitted in chosen["alpha_cycle"].get("years", ()):
        yield Metric(
            label, "validation", f"year={year}", "cycle", "residual", Interval(residual, residual - 2 * error, residual + 2 * error)
        )
        yield Metric(label, "validation", f"year={year}", "cycle", "residual_fitted", Interval(fitted))


def rolled(label: str, predicted: pd.DataFrame, settings: Settings) -> Iterator[Metric]:
    """Yield how the same head would do on the holdout if its curve were fitted anew each year, on the validation_years before it."""
    known = predicted[predicted["is_positive"].notna()].sort_values(["film_id", "person_id"], ignore_index=True)
    years, truth = known["film_year"].to_numpy(dtype=np.int64), known["is_positive"].to_numpy(dtype=np.int64)
    odds = logit(known["p_high"].to_numpy(dtype=np.float64))
    probability = np.full(len(known), np.nan)
    for year in np.unique(years[known["split"] == "holdout"]).tolist():
        before = (years < year) & (years >= year - settings.validation_years)
        probability[years == year] = fit_platt(truth[before], odds[before])(odds[years == year]) if before.any() else np.nan
    judged = np.flatnonzero(~np.isnan(probability))
    if not len(judged):
        return
    films = FilmBootstrap(
        known["film_id"].to_numpy(dtype=object)[judged].astype(str), settings.bootstrap_draws, np.random.default_rng(settings.seed)
    )
    slices = {"all": np.ones(len(judged), dtype=bool)} | {f"year={year}": years[judged] == year for year in np.unique(years[judged])}
    for slice_, rows in slices.items():
        for name in ("brier", "ece"):
            value = films.interval(MEASURES[name], truth[judged], probability[judged], rows)
            yield Metric(label, "holdout", slice_, "actor_head_rolling", name, value)


def serving_choices(label: str, serving: Serving, actor_weights: Mapping[str, float | None]) -> Iterator[Metric]:
    """Yield what serving hangs on, as told from validation."""
    for weight, recall, error in serving.tried:
        interval = Interval(recall, recall - error, recall + error)
        yield Metric(label, "validation", f"plausibility_weight={weight:g}", "slate", "recall_at_15", interval)
    yield Metric(label, "validation", "all", "slate", "plausibility_weight", Interval(serving.plausibility_weight))
    for head, share in actor_weights.items():
        yield Metric(label, "validation", "all", head, "actor_weight", Interval(share))
    for head, groups in serving.effects.items():
        for group, slope in groups.items():
            yield Metric(label, "validation", f"about={group}", head, "slope_of_effect", slope)
    for head, gain in serving.over_budget.items():
        yield Metric(label, "validation", "over_raw_budget", head, "auroc_gain", gain)


def retrieval(
    data: Filmography, head: CastingHead | None, split: str, years: range, draws: int, chance: np.random.Generator
) -> Iterator[Metric]:
    """Yield how well rankings of all known actors find the casts of a split's years, and how much a budget changes a slate."""
    in_years = np.isin(data.year, list(years))
    for slice_, films in (("all", in_years & ~np.isnan(data.nano)), ("outcome_unknown_too", in_years)):
        for found in measure_retrieval(data, head, np.flatnonzero(films), chance, draws):
            yield Metric("all", split, slice_, found.ranking, found.measure, found.interval)
    of_costars = chance.spawn(1)[0]
    for found in measure_costars(data, head, np.flatnonzero(in_years & ~np.isnan(data.nano)), of_costars, draws):
        yield Metric("all", split, "given_the_lead", found.ranking, found.measure, found.interval)
    for factor, share in measure_budget_sweep(data, head, np.flatnonzero(in_years & ~np.isnan(data.nano)), chance):
        yield Metric("all", split, f"budget_times={factor:g}", "casting_head", "top_ten_jaccard", Interval(share))


def _judged(data: JudgedRows, model: str, name: str) -> Floats:
    return data.scores[model] if name in RANKS else data.probabilities[model]


def _slices(data: JudgedRows, split: str, cutoff: int) -> dict[str, np.ndarray]:
    """Return the rows of each year, horizon (years after the cutoff) and billing."""
    slices = {f"year={year}": data.years == year for year in np.unique(data.years)}
    if split == "holdout":
        bands = {"1": (1, 1), "2-3": (2, 3), "4-5": (4, 5), "6+": (6, 10**4)}
        ahead = data.years - cutoff
        slices |= {f"horizon={name}": (ahead >= low) & (ahead <= high) for name, (low, high) in bands.items()}
    billing = np.minimum(data.bill_order, LAST_BILLING)
    slices |= {f"bill_order={place}{'+' if place == LAST_BILLING else ''}": billing == place for place in np.unique(billing)}
    return {name: rows for name, rows in slices.items() if rows.any()}
