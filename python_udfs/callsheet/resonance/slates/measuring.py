"""How good is what is served: each way of asking, as the served functions answer it, and how well slates find the casts films had."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from callsheet.resonance.slates.briefs import Brief
from callsheet.resonance.slates.candidates import EACH
from callsheet.resonance.slates.catalogue import LABEL, Catalogue
from callsheet.resonance.slates.make_slate import fill
from callsheet.resonance.slates.rules import RoleSlate
from callsheet.resonance.slates.scoring import Scorer
from callsheet.resonance.training.casting_head import best, terms
from callsheet.resonance.training.evaluation import MEASURES, RANKS, Metric
from callsheet.resonance.training.filmography import NOBODY
from callsheet.resonance.training.fitting import Model
from callsheet.resonance.training.measures import FilmBootstrap, Floats, Integers, Interval, ece_of_the_perfect
from callsheet.resonance.training.retrieval import mean_interval, rankings
from callsheet.resonance.training.rows import Rows
from callsheet.resonance.training.serving import PLAUSIBILITY_WEIGHTS, head_for
from callsheet.resonance.training.settings import LABELS

PATH_FILMS = 400  # of a split, drawn by seed, for what is said of casts that were
SLATE_FILMS = 100  # of a split, for slates: each is asked for with and without its director
CHOICE_FILMS = 150  # of validation, by which the weight of plausibility is chosen: fifty chose too low a one
SHORT, LONG = 15, 50  # places of a slate that are looked at
PERFECT_DRAWS = 200
PLATT = "actor_head_platt"
LAGS = (1, 2, 3)  # years between the decision and the film's own year
PATHS: Mapping[str, Mapping[str, Any]] = {
    "every_field": {},
    "no_director": {"director": None},
    "debut": {"director": None, "debut_director": True},
    "no_budget": {"budget_usd": None},
    "no_genre": {"genres": ()},
    "no_optional_field": {"director": None, "budget_usd": None},
}
WITH_KEYWORDS = {"with_keywords": "every_field", "with_keywords_no_director": "no_director"}  # by name: the path it adds keywords to
LAGGED = ("every_field", "no_director")


@dataclass(frozen=True)
class PastFilm:
    """A film that was made, as the mission's own brief would ask for it: without its keywords."""

    film_id: str
    number: int
    brief: Brief
    keywords: tuple[str, ...]


def past_films(catalogue: Catalogue, film_ids: Iterable[str], limit: int, chance: np.random.Generator) -> list[PastFilm]:
    """Return these films as briefs, at most so many, drawn by seed."""
    wanted = sorted(set(film_ids))
    if len(wanted) > limit:
        wanted = [wanted[place] for place in np.sort(chance.choice(len(wanted), limit, replace=False)).tolist()]
    films, words = catalogue.films, list(catalogue.keywords)
    made = []
    for film_id, number in catalogue.numbers_of(wanted):
        budget, director = float(films.budget[number]), int(films.director[number])
        genres = tuple(genre for genre, has in zip(catalogue.genres, films.genres[number], strict=True) if has)
        named = None if director == NOBODY else catalogue.people.ids[director]
        brief = Brief(int(films.year[number]), None if np.isnan(budget) else budget, genres, director=named, top=LONG)
        made.append(PastFilm(film_id, number, brief, tuple(words[place] for place in films.about.people_of(number).tolist())))
    return made


def path_rows(catalogue: Catalogue, films: list[PastFilm], asked: Mapping[str, Any], lag: int = 0) -> Rows:
    """Return the rows that are served for the casts of these films, if briefs asked so, so many years before."""
    names = catalogue.actor_features
    parts: list[Floats] = []
    keys: list[dict[str, Any]] = []
    for film in films:
        brief, cast = replace(film.brief, keywords=film.keywords, **asked), catalogue.films.acting.people_of(film.number)
        view = catalogue.view(brief.year)
        if lag:
            view = replace(view, past=catalogue.past(brief.year - lag), history=catalogue.history(brief.year - lag))
        billing = np.arange(1, len(cast) + 1)
        parts.append(Scorer(view, brief).rows(billing, cast))
        keys += [
            {"film_id": film.film_id, "person_id": catalogue.people.ids[code], "film_year": brief.year, "billing": place}
            for code, place in zip(cast.tolist(), billing.tolist(), strict=True)
        ]
    frame = pd.DataFrame(np.concatenate(parts), columns=list(names)) if parts else pd.DataFrame(columns=list(names))
    return Rows(pd.concat([pd.DataFrame(keys), frame], axis=1), names)


def answered(model: Model, rows: Rows, fields: Mapping[str, Any], *, has_keywords: bool = False) -> tuple[Floats, Floats]:
    """Return the log odds and the calibrated probabilities that are served for rows of briefs without these fields."""
    name = head_for(
        model.heads, has_director="director" not in fields or bool(fields.get("debut_director")),
        has_budget="budget_usd" not in fields, has_keywords=has_keywords,
    )  # fmt: skip
    odds = model.adjusted(rows, name)
    probability = model.calibrations[name](odds)
    if not has_keywords:
        return odds, probability
    is_known = ~np.isnan(rows.column("keyword_mean"))  # keywords that nothing is known of are left aside
    plain_odds, plain_probability = answered(model, rows, fields)
    return np.where(is_known, odds, plain_odds), np.where(is_known, probability, plain_probability)


@dataclass(frozen=True)
class Task:
    """What is measured: a catalogue that knows no film of the split, and how intervals are drawn."""

    catalogue: Catalogue
    split: str
    draws: int
    chance: np.random.Generator


@dataclass(frozen=True)
class Judged:
    """Rows with a known outcome and what was said of them."""

    films: FilmBootstrap
    truth: Integers
    odds: Floats
    probability: Floats

    def measured(self, label: str, task: Task, slice_: str, model: str) -> Iterator[Metric]:
        """Yield ranks, errors and the line of calibration, with their intervals."""
        for name, measure in MEASURES.items():
            score = self.odds if name in RANKS else self.probability
            yield Metric(label, task.split, slice_, model, name, self.films.interval(measure, self.truth, score))
        slope, intercept = self.films.lines(self.truth, self.probability)
        yield Metric(label, task.split, slice_, model, "calibration_slope", slope)
        yield Metric(label, task.split, slice_, model, "calibration_intercept", intercept)
        share = float(self.truth.mean()) if len(self.truth) else None
        yield Metric(label, task.split, slice_, model, "mean_p", Interval(float(self.probability.mean()) if share is not None else None))
        yield Metric(label, task.split, slice_, model, "positive_share", Interval(share))


def measure_paths(task: Task, model: Model, truths: pd.DataFrame) -> Iterator[Metric]:
    """Yield how each way of asking is answered, for every film of a split: a way hides some of what is known of it.

    What is not recorded of a film stays unknown: its row is that of the film. `truths` has the labels of each film, by film_id.
    """
    films = past_films(task.catalogue, truths.index[truths[LABEL].notna()], PATH_FILMS, task.chance)
    asked = [(f"path={name}", fields, 0, False) for name, fields in PATHS.items()]
    asked += [(f"path={name},lag={lag}", PATHS[name], lag, False) for lag in LAGS for name in LAGGED]
    if "actor_head_with_keywords" in model.heads:
        asked += [(f"path={name}", PATHS[added_to], 0, True) for name, added_to in WITH_KEYWORDS.items()]
    made: dict[tuple[bool, bool, int], Rows] = {}
    for slice_, fields, lag, has_keywords in asked:
        key = "debut_director" in fields, "genres" in fields, lag
        if key not in made:  # a head that does not know a field reads no column that hangs on it: its rows are those of the whole brief
            made[key] = path_rows(task.catalogue, films, fields if key[0] or key[1] else {}, lag)
        rows = made[key]
        truth = rows.frame["film_id"].map(truths[LABEL]).to_numpy(dtype=np.int64)
        odds, probability = answered(model, rows, fields, has_keywords=has_keywords)
        # A stream of its own, so that keywords change no draw of anything else.
        chance = task.chance.spawn(1)[0] if has_keywords else task.chance
        judged = Judged(FilmBootstrap(rows.films, task.draws, chance), truth, odds, probability)
        yield from judged.measured(LABEL, task, slice_, PLATT)
        perfect = ece_of_the_perfect(probability, rows.films, PERFECT_DRAWS, chance)
        yield Metric(LABEL, task.split, slice_, PLATT, "ece_if_perfect", perfect)
        places = rows.column("billing")
        for place in np.unique(places).tolist() if slice_ == "path=no_director" else ():
            value = judged.films.interval(MEASURES["auroc"], truth, odds, places == place)
            yield Metric(LABEL, task.split, f"{slice_},bill_order={place:g}", PLATT, "auroc", value)


@dataclass(frozen=True)
class AskedSlate:
    """The filled first role of a past film's brief, and who of its known actors was cast."""

    scorer: Scorer
    slate: RoleSlate
    cast: Integers

    @classmethod
    def of(cls, catalogue: Catalogue, film: PastFilm, *, with_director: bool) -> "AskedSlate | None":
        """Ask for the lead of a film; None where nobody of its cast was known, or where the path does not exist."""
        brief = film.brief if with_director else replace(film.brief, director=None)
        if not brief.genres or (with_director and brief.director is None):
            return None
        scorer = Scorer(catalogue.view(brief.year), brief)
        cast = catalogue.films.acting.people_of(film.number)
        cast = cast[scorer.view.history.roles[cast] > 0]
        return cls(scorer, fill(scorer, EACH)[0][0], cast) if len(cast) else None

    def orders(self, chance: np.random.Generator) -> dict[str, Integers]:
        """Return the first people of each order that is compared."""
        scorer, scored = self.scorer, self.slate.scored
        history, film = scorer.view.history, scorer.film
        rows = terms(history, scorer.past.flags(film.genres), film.budget_usd, film.director, history.known)
        others = {name: ranker(rows) for name, ranker in rankings(None, chance).items() if name in ("popularity", "genre_budget_recency")}
        return {
            "slate": scored.people[self.slate.chosen],
            "slate_by_outcome_alone": scored.people[np.lexsort((scored.people, -scored.odds))][:LONG],
            "slate_by_chance": chance.permutation(scored.people)[:LONG],
            "slate_casting_head": best(scorer.plausible, LONG) if scorer.plausible is not None else np.zeros(0, dtype=np.int64),
            **{f"slate_{name}": history.known[best(score, LONG)] for name, score in others.items()},
        }

    def mean_p(self, order: Integers) -> float:
        """Return the mean calibrated probability of the first people of an order."""
        scored = self.slate.scored
        return float(scored.p_cal[np.searchsorted(scored.people, order[:SHORT])].mean())

    def forecast(self) -> float:
        """Return the forecast that a slate of the usual length would show."""
        odds = self.slate.scored.odds[self.slate.chosen[:SHORT]].mean()
        return float(self.scorer.calibrated(self.scorer.head_name, np.array([odds]))[0][0])

    def recalls(self) -> Floats:
        """Return recall at 15 for each weight of plausibility that may be chosen, and last that of the casting head alone."""
        scored = self.slate.scored
        plain = scored.odds - scored.bfd_penalty - scored.cadence_penalty - scored.history_penalty
        plausibility = self.scorer.plausibility[scored.people]
        orders = (np.lexsort((scored.people, -(plain + weight * plausibility))) for weight in PLAUSIBILITY_WEIGHTS)
        found = [np.isin(self.cast, scored.people[order[:SHORT]]).mean() for order in orders]
        likely = best(self.scorer.plausible, SHORT) if self.scorer.plausible is not None else self.cast[:0]
        return np.array([*found, np.isin(self.cast, likely).mean()])


def of_order(order: Integers, cast: Integers) -> dict[str, float]:
    """Return how well the first people of an order find a cast."""
    hits = np.isin(order, cast)
    gains = 1 / np.log2(np.arange(2, SHORT + 2))
    places = np.flatnonzero(hits)
    return {
        "recall_at_15": hits[:SHORT].sum() / len(cast),
        "recall_at_50": hits[:LONG].sum() / len(cast),
        "ndcg_at_15": float((hits[:SHORT] * gains[: len(hits[:SHORT])]).sum() / gains[: min(SHORT, len(cast))].sum()),
        "mrr": 1 / (1 + int(places[0])) if len(places) else 0.0,
    }


def measure_slates(task: Task, truths: pd.DataFrame) -> Iterator[Metric]:
    """Yield how well slates find the casts that films had, beside plainer orders, and how well their forecasts come true."""
    films = past_films(task.catalogue, truths.index[truths[LABEL].notna()], SLATE_FILMS, task.chance)
    for path, with_director in (("path=every_field", True), ("path=no_director", False)):
        values: dict[tuple[str, str], list[float]] = {}
        forecasts: dict[str, float] = {}
        for film in films:
            asked = AskedSlate.of(task.catalogue, film, with_director=with_director)
            if asked is None:
                continue
            for name, order in asked.orders(task.chance).items():
                for measure, value in of_order(order, asked.cast).items():
                    values.setdefault((name, measure), []).append(value)
                if name in ("slate", "slate_by_outcome_alone"):
                    values.setdefault((name, "mean_p"), []).append(asked.mean_p(order))
            forecasts[film.film_id] = asked.forecast()
        for (name, measure), found in values.items():
            yield Metric(LABEL, task.split, path, name, measure, mean_interval(np.array(found), task.chance, task.draws))
        if forecasts:
            ids, p = np.array(list(forecasts)), np.array(list(forecasts.values()))
            truth = truths.loc[ids, LABEL].to_numpy(dtype=np.int64)
            yield from Judged(FilmBootstrap(ids, task.draws, task.chance), truth, p, p).measured(LABEL, task, path, "forecast")
            perfect = ece_of_the_perfect(p, ids, PERFECT_DRAWS, task.chance)
            yield Metric(LABEL, task.split, path, "forecast", "ece_if_perfect", perfect)


def plausibility_recalls(catalogue: Catalogue, film_ids: Iterable[str], chance: np.random.Generator) -> Floats:
    """Return recall at 15 by weight of plausibility and film, the casting head's last, for briefs with and without their director."""
    films = [replace(film, brief=replace(film.brief, top=SHORT)) for film in past_films(catalogue, film_ids, CHOICE_FILMS, chance)]
    asked = (AskedSlate.of(catalogue, film, with_director=with_director) for film in films for with_director in (True, False))
    found = [one.recalls() for one in asked if one is not None]
    return np.array(found).T if found else np.zeros((len(PLAUSIBILITY_WEIGHTS) + 1, 0))


def truths_of(frame: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return each film's outcomes by film_id, for films of these years, from rows of the feature model."""
    films = frame.drop_duplicates("film_id")
    return films[films["film_year"].isin(years)].set_index("film_id")[list(LABELS)]
