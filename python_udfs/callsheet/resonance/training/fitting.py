"""Fit and predict: what the dbt models `int_resonance__fit` and `int_resonance__predict` call.

Heads learn from the fit years. Every choice (head, calibration, cycle, synergy) is made on validation years, which no head
has seen. The holdout is only predicted.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from callsheet.resonance.training import artefacts
from callsheet.resonance.training.adjustments import Choice, Cycle, choose_alpha, choose_synergy, fit_cycle
from callsheet.resonance.training.calibration import (
    Calibration,
    check_out_of_time,
    choose_calibration,
    fit_isotonic,
    fit_platt,
    has_collapsed,
    sigmoid,
    with_errors,
)
from callsheet.resonance.training.heads import ACTOR_HEADS, BLEND, Head, fit_head, fit_heads
from callsheet.resonance.training.measures import FilmBootstrap, Floats, Integers, Interval, Weights, auroc
from callsheet.resonance.training.members import BOOSTING, LOGISTIC
from callsheet.resonance.training.rows import Rows, first_films
from callsheet.resonance.training.serving import (
    EVERY_FIELD,
    HEADS,
    SERVED,
    Serving,
    choose_actor_weight,
    features_of,
    gain_over_budget,
    slope_of_effect,
    usual_actor,
    weighted,
)
from callsheet.resonance.training.settings import Settings

BASELINES = {"raw_budget": "log_budget", "actor_past_mean": "actor_mean", "director_past_mean": "director_mean"}
WALK_ROWS = 60_000  # most rows to fit for one predicted year: a linear model of seventy weights needs no more
PROOF_ROWS = 20_000  # rows of whole films: four thousand films tell an effect from chance
WALK_START_YEARS = 5  # years to learn from before the first year is predicted


@dataclass(frozen=True)
class Model:
    """All that one label's probabilities come from. `heads` and `actor_weights` are by the names of HEADS, all of the served label."""

    label: str
    heads: dict[str, Head]
    logistic: Head
    director_head: Head
    cycle: Cycle
    alpha: float
    synergy_weight: float
    calibrations: dict[str, Calibration]
    means: dict[str, float | None]
    actor_weights: dict[str, float | None]

    @property
    def head(self) -> Head:
        """Return the head that knows all of a brief."""
        return self.heads[EVERY_FIELD]

    def adjusted(self, rows: Rows, name: str = EVERY_FIELD) -> Floats:
        """Return a head's log odds, the actor weighted, with the era's cycle and, where it knows directors, the pair's history."""
        head, weight = self.heads[name], self.actor_weights.get(name)
        logits = weighted(head, rows.values(head.features), self.means, 1.0 if weight is None else weight)
        logits = logits + self.alpha * self.cycle(rows.years)
        return logits + self.synergy_weight * _lift(rows) if HEADS[name][0] else logits


@dataclass(frozen=True)
class Fitted:
    """A model with the record of how it was chosen."""

    model: Model
    head_aurocs: dict[str, float | None]
    alpha: Choice
    synergy: Choice


def fit(label: str, actors: Rows, directors: Rows, settings: Settings) -> Fitted | None:
    """Fit and choose for one label; None where no film of the fit years has a known outcome."""
    train, check = learnt_from(label, actors, settings), actors.labelled(label, "validation")
    if not len(train):
        return None
    heads = fit_heads([*ACTOR_HEADS, LOGISTIC], actors.learnt, train.values(), train.truth(label), train.years, settings.seed)
    scores = {name: _auroc(check, label, heads[name].logits(check.values())) for name in ACTOR_HEADS}
    known = {name: score for name, score in scores.items() if score is not None}
    head = heads[max(known, key=lambda name: known[name]) if known else BLEND]
    served = {EVERY_FIELD: head}
    has_keywords = not np.isnan(train.values(train.of_keywords)).all()
    for name in [name for name in HEADS if name != EVERY_FIELD and label == SERVED and (has_keywords or not HEADS[name][2])]:
        names = features_of(name, actors.features)
        served[name] = fit_head(head.name, names, train.values(names), train.truth(label), train.years, settings.seed)
    of_directors = learnt_from(label, directors, settings)
    director_head = fit_head(
        BOOSTING, directors.learnt, of_directors.values(), of_directors.truth(label), of_directors.years, settings.seed
    )
    if len(check):
        check_out_of_time(head.last_year, check.years)

    walked = walk_through_time(label, actors, settings)
    cycle = fit_cycle(walked.years, walked.truth, walked.logits, settings.cycle_years)
    alpha = choose_alpha(walked.years, walked.truth, walked.logits, walked.films, settings.cycle_years)
    weight = settings.alpha_cycle if settings.alpha_cycle is not None else alpha.weight
    model = Model(label, served, heads[LOGISTIC], director_head, cycle, weight, 0.0, {}, _means(train), {})
    model = replace(model, actor_weights=_actor_weights(model, check))
    synergy = choose_synergy(brief_types(check), check.truth(label), model.adjusted(check), _lift(check))
    synergy_weight = settings.synergy_weight if settings.synergy_weight is not None else synergy.weight
    model = replace(model, synergy_weight=synergy_weight)
    calibrations = _calibrate(model, train, check, directors.labelled(label, "validation"))
    return Fitted(replace(model, calibrations=calibrations), scores, alpha, synergy)


def _actor_weights(model: Model, check: Rows) -> dict[str, float | None]:
    """Choose on validation how much of what each head makes of the actor is taken."""
    shift, truth = model.alpha * model.cycle(check.years), check.truth(model.label)
    chosen: dict[str, float | None] = {}
    for name, head in model.heads.items():
        values = check.values(head.features)
        full, rest = head.logits(values) + shift, usual_actor(head, values, model.means) + shift
        chosen[name] = choose_actor_weight(full, rest, truth, check.films)
    return chosen


def learnt_from(label: str, rows: Rows, settings: Settings) -> Rows:
    """Return the rows that heads learn from: those of the fit years with a known outcome, of a very large history a sample of films."""
    return rows.labelled(label, "fit").at_most(settings.fit_rows_limit, settings.seed)


@dataclass(frozen=True)
class Walk:
    """Out-of-time log odds: each year's from a head that knew only earlier years."""

    years: Integers
    truth: Integers
    logits: Floats
    films: NDArray[Any]


def walk_through_time(label: str, actors: Rows, settings: Settings) -> Walk:
    """Predict each year up to the cutoff from the years before it, with the logistic head: residuals by year need no better one."""
    rows = actors.labelled(label, "fit", "validation")
    years, truth, values = rows.years, rows.truth(label), rows.values()
    first = int(years.min()) + WALK_START_YEARS if len(rows) else 0
    walked = np.unique(years[years >= first])
    logits = np.full(len(rows), np.nan)
    turns = rows.film_turns(settings.seed)  # an order that no year changes
    for year in walked:
        before, own = np.flatnonzero(years < year), years == year
        before = before[first_films(turns[before], WALK_ROWS)]
        logits[own] = fit_head(LOGISTIC, rows.learnt, values[before], truth[before], years[before], settings.seed).logits(values[own])
    seen = ~np.isnan(logits)
    return Walk(years[seen], truth[seen], logits[seen], rows.films[seen])


def proofs(model: Model, actors: Rows, settings: Settings) -> Serving:
    """Return whose effects came true on validation, and whether each head ranks better than raw budget there."""
    check = actors.labelled(model.label, "validation").at_most(PROOF_ROWS, settings.seed)
    truth, budget = check.truth(model.label), baseline(check, BASELINES["raw_budget"])
    films = FilmBootstrap(check.films, settings.bootstrap_draws, np.random.default_rng(settings.seed))
    effects: dict[str, dict[str, Interval]] = {}
    gains: dict[str, Interval] = {}
    for name, head in model.heads.items():
        values = check.values(head.features)
        gains[name] = gain_over_budget(truth, head.logits(values), budget, films)
        without = {group: usual_actor(head, values, model.means, (group,)) for group in ("actor", "pair", "director")}
        slopes = {group: slope_of_effect(head.logits(values), rest, truth, check.films) for group, rest in without.items()}
        effects[name] = {group: slope for group, slope in slopes.items() if slope is not None}
    return Serving(effects=effects, over_budget=gains)


def brief_types(rows: Rows) -> Integers:
    """Return the type of brief of each row: budget unknown, low, middle or high, for a leading or a supporting role."""
    share = rows.column("budget_year_pct")
    band = np.where(np.isnan(share), 0, 1 + np.digitize(np.nan_to_num(share), [1 / 3, 2 / 3]))
    return np.asarray(2 * band + (rows.column("bill_order") > 2), dtype=np.int64)  # noqa: PLR2004 - the two leads


def _calibrate(model: Model, train: Rows, check: Rows, directors: Rows) -> dict[str, Calibration]:
    """Fit one curve for each model of the tables, all on validation: baselines are judged as probabilities too, not as raw money."""
    label = model.label
    truth = check.truth(label)
    adjusted = model.adjusted(check)
    of_directors = model.director_head.logits(directors.values())
    isotonic = fit_isotonic(truth, adjusted) if len(check) else Calibration("raw")
    curves = {name: _curve(truth, model.adjusted(check, name), check.films) for name in model.heads}
    curves |= {
        "actor_head_isotonic": isotonic if not has_collapsed(isotonic(adjusted)) else Calibration("raw"),
        "logistic_regression": fit_platt(truth, model.logistic.logits(check.values())),
        "director_head": with_errors(
            fit_platt(directors.truth(label), of_directors), directors.truth(label), of_directors, directors.films
        ),
        "prevalence": Calibration("platt", 0.0, _prevalence(train, label)),
    }
    return curves | {name: fit_platt(truth, baseline(check, column)) for name, column in BASELINES.items()}


def _curve(truth: Integers, odds: Floats, films: NDArray[Any]) -> Calibration:
    return with_errors(choose_calibration(truth, odds), truth, odds, films) if len(truth) else Calibration("raw")


def baseline(rows: Rows, column: str) -> Floats:
    """Return a raw column as a score; where it is unknown it ranks as 0 does: the lowest budget, the usual past."""
    return np.nan_to_num(rows.column(column))


def predict(model: Model, actors: Rows, directors: Rows) -> pd.DataFrame:
    """Return one row per credit of validation and holdout (head = actor) and per director of their films (head = director)."""
    rows = actors.where(actors.frame["split"].isin(["validation", "holdout"]).to_numpy())
    logits = model.head.logits(rows.values())
    adjusted = model.adjusted(rows)
    of_actors = pd.DataFrame(
        {
            "head": "actor",
            "film_id": rows.frame["film_id"],
            "person_id": rows.frame["person_id"],
            "film_year": rows.years,
            "bill_order": rows.frame["bill_order"],
            "split": rows.frame["split"],
            "is_positive": rows.frame[model.label].astype("boolean"),
            "p_base": sigmoid(logits),
            "p_high": sigmoid(adjusted),
            "p_cal": model.calibrations["actor_head"](adjusted),
            "p_isotonic": model.calibrations["actor_head_isotonic"](adjusted),
            "p_logistic": sigmoid(model.logistic.logits(rows.values())),
        }
    )
    rows = directors.where(directors.frame["split"].isin(["validation", "holdout"]).to_numpy())
    logits = model.director_head.logits(rows.values())
    of_directors = pd.DataFrame(
        {
            "head": "director",
            "film_id": rows.frame["film_id"],
            "person_id": rows.frame["director_id"],
            "film_year": rows.years,
            "split": rows.frame["split"],
            "is_positive": rows.frame[model.label].astype("boolean"),
            "p_base": sigmoid(logits),
            "p_high": sigmoid(logits),
            "p_cal": model.calibrations["director_head"](logits),
        }
    )
    predictions = pd.concat([of_actors, of_directors], ignore_index=True)
    predictions.insert(0, "label", model.label)
    return predictions


def pack(fitted: Fitted) -> list[tuple[str, str, bytes]]:
    """Return the artefacts of a model as (name, format, content)."""
    model = fitted.model
    plain = artefacts.dump_curves(model.calibrations, model.cycle, model.alpha, model.synergy_weight)
    choices = {
        "head": {"chosen": model.head.name, "validation_auroc": fitted.head_aurocs},
        "alpha_cycle": {"used": model.alpha, "chosen": fitted.alpha.weight, "tried": fitted.alpha.tried, "years": fitted.alpha.years},
        "synergy_weight": {"used": model.synergy_weight, "chosen": fitted.synergy.weight, "tried": fitted.synergy.tried},
    }
    return [
        *((name, artefacts.HEAD_FORMAT, artefacts.dump_head(head)) for name, head in model.heads.items()),
        ("logistic_regression", artefacts.HEAD_FORMAT, artefacts.dump_head(model.logistic)),
        ("director_head", artefacts.HEAD_FORMAT, artefacts.dump_head(model.director_head)),
        ("curves", "json", plain),
        ("training_means", "json", artefacts.dump_means(model.means)),
        ("actor_weights", "json", artefacts.dump_means(model.actor_weights)),
        ("choices", "json", json.dumps(choices, sort_keys=True).encode()),
    ]


def unpack(label: str, stored: dict[str, tuple[bytes, str]]) -> Model:
    """Return a model from its artefacts, (content, checksum) by name; each is checked first."""
    known = [name for name in (*HEADS, "logistic_regression", "director_head") if name in stored]
    heads = {name: artefacts.load_head(*stored[name], f"{label}/{name}") for name in known}
    calibrations, cycle, alpha, synergy_weight = artefacts.load_curves(*stored["curves"], f"{label}/curves")
    means, weights = (artefacts.load_means(*stored[name], f"{label}/{name}") for name in ("training_means", "actor_weights"))
    logistic, of_directors = heads.pop("logistic_regression"), heads.pop("director_head")
    return Model(label, heads, logistic, of_directors, cycle, alpha, synergy_weight, calibrations, means, weights)


def _means(rows: Rows) -> dict[str, float | None]:
    """Return the mean of each feature where it is known: what reasons compare a row with."""
    names = (*rows.learnt, *rows.of_keywords)
    values = rows.values(names)
    known = ~np.isnan(values)
    totals, counts = np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0)
    return {name: float(total / count) if count else None for name, total, count in zip(names, totals, counts, strict=True)}


def _lift(rows: Rows) -> Floats:
    """Return how much better a pair's films did than usual, in units of resonance; 0 without common history."""
    return np.nan_to_num(rows.column("pair_lift"))


def _prevalence(rows: Rows, label: str) -> float:
    share = (float(rows.truth(label).sum()) + 0.5) / (len(rows) + 1)
    return float(np.log(share / (1 - share)))


def _auroc(rows: Rows, label: str, logits: Floats) -> float | None:
    if not len(rows):
        return None
    value = float(auroc(rows.truth(label), logits, Weights.even(len(rows)))[0])
    return None if np.isnan(value) else value
