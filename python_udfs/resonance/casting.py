"""Who would be cast: ranks all known actors for a film, from credits of earlier years alone.

It proposes candidates; the actor head says how they might do. As everywhere, a film of a year knows only films of earlier years.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from python_udfs.resonance.measures import Floats, Integers

HALF_LIFE_YEARS = 4.0  # what an actor did four years ago counts half
TRAIN_YEARS = 8  # the last years of the fit: casting habits of the eighties teach little about the nineties
NEGATIVES = 150  # actors not cast, drawn for each film that is learnt from
UNKNOWN_DISTANCE = 3.0  # deciles: what two random budgets are apart, for an actor or film without one
LONG_AGO_YEARS = 15.0  # longer absences are alike
TERMS = (
    "recent_roles", "recent_in_genre", "recent_in_genre_squared", "genre_share", "budget_distance", "budget_distance_squared",
    "films_with_director", "knows_director", "years_away", "log_years_away", "roles_in_three_years", "roles",
)  # fmt: skip
_DIRECTOR_TERMS = [TERMS.index("films_with_director"), TERMS.index("knows_director")]


@dataclass(frozen=True)
class Credits:
    """Films in order of year, and who was in them. Codes count from 0; a film without a director has -1."""

    film_year: Integers
    film_genres: Floats
    film_budget: Floats
    film_director: Integers
    has_outcome: NDArray[np.bool_]
    credit_film: Integers
    credit_person: Integers
    person_count: int

    def cast(self, film: int) -> Integers:
        """Return the persons of a film's cast."""
        first, last = np.searchsorted(self.credit_film, [film, film + 1])
        return self.credit_person[first:last]


@dataclass
class History:
    """What was known of every actor on 1 January of `year`."""

    year: int
    roles: Floats
    recent: Floats
    recent_in_genre: Floats
    last_year: Floats
    recent_roles: Integers
    decile_total: Floats
    decile_weight: Floats
    pairs: dict[int, tuple[Integers, Integers]]
    budgets: Floats

    @property
    def known(self) -> Integers:
        """Return the actors with an earlier role: nobody else can be ranked."""
        return np.flatnonzero(self.roles > 0)

    def decile(self, budget: float) -> float:
        """Return the decile of a budget among those of the three years before; NaN where unknown."""
        if np.isnan(budget) or not len(self.budgets):
            return float("nan")
        lower, upper = np.searchsorted(self.budgets, budget, side="left"), np.searchsorted(self.budgets, budget, side="right")
        return float(min(10, np.floor(10 * (lower + upper) / 2 / len(self.budgets)) + 1))


def histories(data: Credits, years: Sequence[int]) -> Iterator[History]:
    """Yield the state before each of these years, which rise. Years are added one by one: the cost is one pass over the credits."""
    people, genres = data.person_count, data.film_genres.shape[1]
    roles, recent, recent_in_genre = np.zeros(people), np.zeros(people), np.zeros((people, genres))
    last_year, decile_total, decile_weight = np.full(people, -np.inf), np.zeros(people), np.zeros(people)
    credit_year, credit_director = data.film_year[data.credit_film], data.film_director[data.credit_film]
    fade = 0.5 ** (1 / HALF_LIFE_YEARS)
    at = int(data.film_year.min()) if len(data.film_year) else 0
    for year in years:
        for past in range(at, year):
            for fading in (recent, recent_in_genre, decile_total, decile_weight):
                np.multiply(fading, fade, out=fading)
            rows = slice(*np.searchsorted(credit_year, [past, past + 1]))
            person, film = data.credit_person[rows], data.credit_film[rows]
            before = _budgets(data, past)
            own = History(
                past, roles, recent, recent_in_genre, last_year, np.zeros(0, dtype=np.int64), decile_total, decile_weight, {}, before
            )
            films, place = np.unique(film, return_inverse=True)
            decile = np.array([own.decile(budget) for budget in data.film_budget[films]], dtype=np.float64)[place]
            np.add.at(roles, person, 1.0)
            np.add.at(recent, person, fade)
            np.add.at(recent_in_genre, person, fade * data.film_genres[film])
            is_known = ~np.isnan(decile)
            np.add.at(decile_total, person[is_known], fade * decile[is_known])
            np.add.at(decile_weight, person[is_known], fade)
            last_year[person] = past
        at = max(at, year)
        earlier = credit_year < year
        newest = np.bincount(data.credit_person[earlier & (credit_year >= year - 3)], minlength=people)
        yield History(
            year,
            roles.copy(),
            recent.copy(),
            recent_in_genre.copy(),
            last_year.copy(),
            newest,
            decile_total.copy(),
            decile_weight.copy(),
            _pairs(data, earlier & (credit_director >= 0), credit_director),
            _budgets(data, year),
        )


def terms(history: History, genres: Floats, budget: float, director: int, actors: Integers) -> Floats:
    """Return one row of TERMS per actor for a film of that year."""
    wanted = max(1.0, float(genres.sum()))
    in_genre = (history.recent_in_genre[actors] * genres).sum(axis=1) / wanted
    weight = history.decile_weight[actors]
    usual = np.divide(history.decile_total[actors], weight, out=np.full(len(actors), np.nan), where=weight > 0)
    distance = np.nan_to_num(np.abs(usual - history.decile(budget)), nan=UNKNOWN_DISTANCE)
    together = np.zeros(len(history.roles))
    if director in history.pairs:
        people, films = history.pairs[director]
        together[people] = films
    away = np.minimum(history.year - history.last_year[actors], LONG_AGO_YEARS)
    return np.column_stack(
        [
            np.log1p(history.recent[actors]),
            np.log1p(in_genre),
            np.log1p(in_genre) ** 2,
            in_genre / (history.recent[actors] + 0.5),
            distance,
            distance**2,
            np.log1p(together[actors]),
            np.minimum(together[actors], 1.0),
            away,
            np.log(away),
            np.log1p(history.recent_roles[actors]),
            np.log1p(history.roles[actors]),
        ]
    )


@dataclass(frozen=True)
class CastingHead:
    """A linear score over TERMS, as plain numbers; `is_director_known` says whether it may look at the director."""

    weights: tuple[float, ...]
    is_director_known: bool

    def __call__(self, rows: Floats) -> Floats:
        """Return the score of each row."""
        return np.asarray((rows * np.array(self.weights)).sum(axis=1))

    def without_director(self) -> "CastingHead":
        """Return the same head for a brief that names no director."""
        weights = tuple(0.0 if place in _DIRECTOR_TERMS else weight for place, weight in enumerate(self.weights))
        return replace(self, weights=weights, is_director_known=False)

    def dump(self) -> bytes:
        """Return the head as plain numbers."""
        return json.dumps(self.weights).encode()

    @classmethod
    def load(cls, content: bytes) -> "CastingHead":
        """Return the head of such bytes."""
        return cls(tuple(json.loads(content)), is_director_known=True)


def fit_casting(data: Credits, last_fit_year: int, chance: np.random.Generator) -> CastingHead | None:
    """Learn who was cast against actors drawn from those who were not; None where no film has a known actor."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    rows, cast = [], []
    for history in histories(data, range(last_fit_year - TRAIN_YEARS + 1, last_fit_year + 1)):
        known = history.known
        for film in np.flatnonzero(data.film_year == history.year).tolist() if len(known) else []:
            present = np.intersect1d(data.cast(film), known)
            others = np.setdiff1d(chance.choice(known, min(NEGATIVES, len(known)), replace=False), data.cast(film))
            actors = np.concatenate([present, others])
            rows.append(terms(history, data.film_genres[film], data.film_budget[film], int(data.film_director[film]), actors))
            cast.append(np.r_[np.ones(len(present)), np.zeros(len(others))])
    truth = np.concatenate(cast) if cast else np.zeros(0)
    if truth.min(initial=1) == truth.max(initial=0):
        return None
    values = np.concatenate(rows)
    centre, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread == 0] = 1.0
    with threadpool_limits(1):
        fitted = LogisticRegression(max_iter=500).fit((values - centre) / spread, truth)
    return CastingHead(tuple((fitted.coef_[0] / spread).tolist()), is_director_known=True)


def _budgets(data: Credits, year: int) -> Floats:
    """Return the known budgets of the three years before, sorted."""
    rows = slice(*np.searchsorted(data.film_year, [year - 3, year]))
    budgets = data.film_budget[rows]
    return np.sort(budgets[~np.isnan(budgets)])


def _pairs(data: Credits, rows: NDArray[np.bool_], credit_director: Integers) -> dict[int, tuple[Integers, Integers]]:
    """Return, for each director, the actors worked with and in how many films."""
    codes, films = np.unique(credit_director[rows] * data.person_count + data.credit_person[rows], return_counts=True)
    directors, people = np.divmod(codes, max(1, data.person_count))
    starts = np.flatnonzero(np.r_[True, np.diff(directors) > 0]) if len(directors) else np.zeros(0, dtype=np.int64)
    ends = np.r_[starts[1:], len(directors)]
    return {int(directors[start]): (people[start:end], films[start:end]) for start, end in zip(starts, ends, strict=True)}
