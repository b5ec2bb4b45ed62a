"""How well rankings of all known actors find the cast that a film had."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from callsheet.resonance.training.casting_head import TERMS, CastingHead, History, best, histories, terms, with_budget
from callsheet.resonance.training.filmography import Filmography
from callsheet.resonance.training.measures import Floats, Integers, Interval, interval_of

MAX_FILMS = 400  # of a split, drawn by seed: more would take longer than training
BUDGET_FACTORS = (0.25, 0.5, 2.0, 4.0)
TOP = 10
DEEPEST = 200  # places that measures look at, all but the reciprocal rank of the first hit
NEWCOMER_ROLES = 2
_RECENT, _IN_GENRE, _DISTANCE = (TERMS.index(name) for name in ("recent_roles", "recent_in_genre", "budget_distance"))
_DISTANCE_COST = 0.1  # on validation (1996–1999 of the real films): what a decile of distance takes off the log of recent roles

Ranker = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Finding:
    """One measured value of a ranking."""

    ranking: str
    measure: str
    interval: Interval


def rankings(head: CastingHead | None, chance: np.random.Generator) -> dict[str, Ranker]:
    """Return the rankings that are compared."""
    known: dict[str, Ranker] = {
        "random": lambda rows: chance.random(len(rows)),
        "popularity": lambda rows: rows[:, _RECENT],
        "genre_recency": lambda rows: rows[:, _IN_GENRE],
        "genre_budget_recency": lambda rows: rows[:, _IN_GENRE] - _DISTANCE_COST * rows[:, _DISTANCE],
    }
    return known | ({"casting_head": head, "casting_head_without_director": head.without_director()} if head else {})


def measure_retrieval(
    data: Filmography, head: CastingHead | None, films: Integers, chance: np.random.Generator, draws: int
) -> list[Finding]:
    """Rank all known actors for these films; measure over the cast that was known, and say what share that is."""
    ranked = rankings(head, chance)
    values: dict[tuple[str, str], list[float]] = {}
    shown: dict[str, set[int]] = {name: set() for name in ranked}
    known_shares, known_count = [], 0
    for history, film in _films(data, films, chance):
        known, cast = history.known, data.acting.people_of(film)
        relevant = cast[history.roles[cast] > 0]
        known_shares.append(len(relevant) / max(1, len(cast)))
        known_count = max(known_count, len(known))
        if not len(relevant):
            continue
        rows = terms(history, data.genres[film], data.budget[film], int(data.director[film]), known)
        sought, everything = np.searchsorted(known, relevant), history.recent[known].sum()
        for name, ranker in ranked.items():
            score = ranker(rows)
            order = known[best(score, DEEPEST)]
            hits, first = np.isin(order, relevant), _place_of_first(score, sought)
            shown[name].update(order[:50].tolist())
            measured = _of_ranking(hits, first, len(relevant), history.recent[order] / everything, history.roles[order])
            for measure, value in measured.items():
                values.setdefault((name, measure), []).append(value)
    findings = [Finding(name, measure, mean_interval(np.array(per_film), chance, draws)) for (name, measure), per_film in values.items()]
    findings += [Finding(name, "coverage", Interval(len(people) / known_count)) for name, people in shown.items() if known_count]
    if known_shares:
        findings.append(Finding("all", "known_share", mean_interval(np.array(known_shares), chance, draws)))
    return findings


def measure_costars(data: Filmography, head: CastingHead | None, films: Integers, chance: np.random.Generator, draws: int) -> list[Finding]:
    """Say how well the rest of a cast is found where its lead is known: by the casting head alone, with what co-stars add, and the gain."""
    found: dict[str, list[float]] = {"casting_head": [], "casting_head_with_costars": []}
    for history, film in _films(data, films, chance) if head else ():
        cast = data.acting.people_of(film)
        lead, sought = cast[:1], cast[1:][history.roles[cast[1:]] > 0]
        if head is None or not history.roles[lead].any() or not len(sought):
            continue
        known = np.setdiff1d(history.known, lead)
        score = head(terms(history, data.genres[film], data.budget[film], int(data.director[film]), known))
        for name, own in zip(found, (score, score + head.beside(lead, history, known)), strict=True):
            found[name].append(float(np.isin(sought, known[best(own, 50)]).mean()))
    alone, beside = (np.array(recalls) for recalls in found.values())
    if not len(alone):
        return []
    return [
        *(Finding(name, "recall_at_50", mean_interval(np.array(recalls), chance, draws)) for name, recalls in found.items()),
        Finding("casting_head_with_costars", "recall_gain_at_50", mean_interval(beside - alone, chance, draws)),
    ]


def measure_budget_sweep(
    data: Filmography, head: CastingHead | None, films: Integers, chance: np.random.Generator
) -> list[tuple[float, float]]:
    """Return, for each factor of the budget, how much of the top ten stays (Jaccard, mean over films of known budget)."""
    overlap: dict[float, list[float]] = {factor: [] for factor in BUDGET_FACTORS}
    for history, film in _films(data, films, chance) if head else ():
        budget, genres, actors = float(data.budget[film]), data.genres[film], history.known
        if np.isnan(budget) or len(actors) < 2 * TOP or head is None:
            continue
        rows = terms(history, genres, budget, int(data.director[film]), actors)
        usual = set(best(head(rows), TOP).tolist())
        for factor, values in overlap.items():
            swept = set(best(head(with_budget(rows, history, genres, budget * factor, actors)), TOP).tolist())
            values.append(len(usual & swept) / len(usual | swept))
    return [(factor, float(np.mean(values))) for factor, values in overlap.items() if values]


def _films(data: Filmography, films: Integers, chance: np.random.Generator) -> Iterator[tuple[History, int]]:
    """Yield these films, at most MAX_FILMS drawn by seed, each with what was known before its year."""
    if len(films) > MAX_FILMS:
        films = np.sort(chance.choice(films, MAX_FILMS, replace=False))
    for history in histories(data, sorted({int(year) for year in data.year[films]})):
        if len(history.known):
            yield from ((history, int(film)) for film in films[data.year[films] == history.year])


def _place_of_first(score: Floats, sought: Integers) -> int:
    """Return how many come before the first of those who are sought; of equals the lower place comes first."""
    first = int(sought[score[sought] == score[sought].max()].min())
    return int((score > score[first]).sum() + (score[:first] == score[first]).sum())


def _of_ranking(hits: np.ndarray, first: int, relevant: int, popularity: Floats, roles: Floats) -> dict[str, float]:
    """Return the measures of the DEEPEST best of one ranking of one film; `hits` says which places hold one of the cast."""
    gains = 1 / np.log2(np.arange(2, TOP + 2))
    with np.errstate(divide="ignore"):
        surprise = -np.log2(popularity[:50])
    return {
        "recall_at_50": hits[:50].sum() / relevant,
        "recall_at_200": hits.sum() / relevant,
        "ndcg_at_10": float((hits[:TOP] * gains[: len(hits[:TOP])]).sum() / gains[: min(TOP, relevant)].sum()),
        "mrr": 1 / (1 + first),
        "novelty_bits": float(surprise.mean()),
        "newcomer_share": float((roles[:50] <= NEWCOMER_ROLES).mean()),
    }


def mean_interval(values: Floats, chance: np.random.Generator, draws: int) -> Interval:
    """Return the mean over films with its bootstrap interval."""
    counts = chance.multinomial(len(values), np.full(len(values), 1 / len(values)), size=draws)
    return interval_of(np.r_[values.mean(), (counts * values).sum(axis=1) / len(values)])
