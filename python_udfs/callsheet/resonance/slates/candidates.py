"""Candidates for a brief: each generator proposes some actors, and the head then scores them."""

from collections.abc import Mapping

import numpy as np

from callsheet.resonance.training.casting_head import best
from callsheet.resonance.training.features import Film, Past
from callsheet.resonance.training.filmography import NOBODY, Roles
from callsheet.resonance.training.measures import Floats, Integers

CHOICE = 4  # candidates of each generator for a place of the slate
EACH = 15 * CHOICE  # of a slate of the usual length
HALF_LIFE_YEARS = 4.0  # what somebody did four years ago counts half, as in the casting head
NEAR_DECILES = 1  # budgets that count as alike
SIMILAR_FILMS = 50
FEW_FILMS = 200  # up to so many films it is faster to look up each cast; for more, to scan all roles
DECILES_PER_HALF = 2.0  # a budget two deciles away makes a film half as similar; so does one that is unknown


def propose(past: Past, film: Film, plausible: Floats | None, each: int = EACH) -> Mapping[str, Integers]:
    """Return the actors that each generator proposes, best first. All look at films of earlier years only.

    `plausible` says how plausible each person's casting is, minus infinity for those without a role; None where no casting head says so.
    """
    recency = 0.5 ** ((past.year - past.films.year) / HALF_LIFE_YEARS)
    shares, distance = _shares(past, film), np.abs(past.films.decile - past.decile(film.budget_usd))
    casts = past.films.acting
    proposed = {
        "genre": _popular(past, casts, recency * shares, each),
        "budget": _popular(past, casts, recency * (shares > 0) * (distance <= NEAR_DECILES), each),
        "similar_films": _popular(past, casts, _similar(past, film, recency, distance), each),
    }
    if film.director != NOBODY:
        proposed["director"] = _popular(past, casts, recency * (past.films.director == film.director), each)
    if plausible is not None:
        proposed["casting_head"] = best(plausible, min(each, int(np.isfinite(plausible).sum())))
    return proposed


def similar_films(past: Past, film: Film) -> Floats:
    """Return how similar each earlier film is to the one that is asked for; 0 for all but the most similar."""
    recency = 0.5 ** ((past.year - past.films.year) / HALF_LIFE_YEARS)
    return _similar(past, film, recency, np.abs(past.films.decile - past.decile(film.budget_usd)))


def propose_directors(past: Past, film: Film, each: int = EACH) -> Integers:
    """Return the directors of recent films in the brief's genres, and of such films at its budget."""
    recency = 0.5 ** ((past.year - past.films.year) / HALF_LIFE_YEARS)
    shares, distance = _shares(past, film), np.abs(past.films.decile - past.decile(film.budget_usd))
    in_genre = _popular(past, past.films.directing, recency * shares, each)
    at_budget = _popular(past, past.films.directing, recency * (shares > 0) * (distance <= NEAR_DECILES), each)
    return np.union1d(in_genre, at_budget)


def _shares(past: Past, film: Film) -> Floats:
    """Return which share of the brief's genres each earlier film has; all films are alike to a brief without genres."""
    wanted = past.flags(film.genres) > 0
    return past.films.genres[:, wanted].mean(axis=1) if wanted.any() else np.ones(len(past.films.year))


def _similar(past: Past, film: Film, recency: Floats, distance: Floats) -> Floats:
    """Return the weight of the most similar earlier films, 0 for all others: shared among all genres of the two, near in budget, recent."""
    wanted = past.flags(film.genres) > 0
    both = past.films.genres[:, wanted].sum(axis=1)
    either = past.films.genre_count + wanted.sum() - both
    alike = np.divide(both, either, out=np.zeros(len(both)), where=either > 0)
    weight = alike * recency * 0.5 ** (np.nan_to_num(distance, nan=DECILES_PER_HALF) / DECILES_PER_HALF)
    kept = np.zeros(len(weight))
    nearest = _best(weight, SIMILAR_FILMS)
    kept[nearest] = weight[nearest]
    return kept


def _popular(past: Past, roles: Roles, weight: Floats, each: int) -> Integers:
    """Return the people with the most weight of films."""
    films = np.flatnonzero(weight > 0)
    if len(films) <= FEW_FILMS:
        film, person = roles.of(films)
    else:
        rows = np.flatnonzero(weight[roles.film] > 0)
        film, person = roles.film[rows], roles.person[rows]
    score = np.asarray(np.bincount(person, weight[film], minlength=past.people), dtype=np.float64)
    return _best(score, each)


def _best(score: Floats, count: int) -> Integers:
    """Return the places of the highest scores above 0, best first."""
    places = np.flatnonzero(score > 0)
    return places[best(score[places], count)]
