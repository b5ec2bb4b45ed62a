"""The features of a brief: the rows that `int_resonance__features` and `int_resonance__director_features` would hold for it.

They are made for training in SQL, for all films at once, and here for one brief in memory. Both use films of earlier years only; a test
holds every row of every past film made here against the row that was trained on, to 1e-9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from callsheet.resonance.training.filmography import NANO, NOBODY, Filmography, Roles, budget_ranks, deciles_of
from callsheet.resonance.training.measures import Floats, Integers
from callsheet.runtime.errors import UnusableInputError

DOUBT = 2  # films' worth of doubt: a mean of n is drawn n/(n+2) of the way from what is usual to itself, as the macro `shrunken_mean` does
FIRST_GENRES = 9  # genres in the first half of a packed number
BRIEFS_HELD = 8  # briefs whose means by genre are cached: one brief needs them five times
_PROFILE = (
    "last_three_mean", "resonance_mean", "residual_mean", "revenue_mean", "rating_mean", "last_resonance", "best_resonance", "billing_mean",
    "median_decile",
)  # fmt: skip


@dataclass(frozen=True)
class Film:
    """What a brief says. Genres are None where unknown; the director is a code, NOBODY where none is named."""

    budget_usd: float
    genres: tuple[str, ...] | None
    director: int
    cycle_years: float  # the period that year_sin and year_cos stand for
    keywords: tuple[int, ...] = ()


@dataclass(frozen=True)
class States:
    """One row per person known before the year. The last place holds nobody's values, so that NOBODY reads them."""

    codes: Integers
    place: Integers
    columns: Mapping[str, Floats]

    @classmethod
    def of(cls, codes: Integers, columns: Mapping[str, Floats], people: int) -> "States":
        """Index the rows by person. A count of nobody is 0, anything else unknown."""
        place = np.full(people + 1, len(codes), dtype=np.int64)
        place[codes] = np.arange(len(codes))
        return cls(codes, place, {name: np.append(values, 0.0 if name.endswith("_count") else np.nan) for name, values in columns.items()})

    def at(self, name: str, people: Integers) -> Floats:
        """Return one column for these people."""
        return self.columns[name][self.place[people]]


@dataclass(frozen=True)
class SliceMean:
    """How many earlier films of a slice have a resonance, and their mean; NaN without one."""

    count: float = 0.0
    mean: float = float("nan")


@dataclass(frozen=True)
class Past:
    """What was true on 1 January of `year`: films of earlier years and the states of everybody in them."""

    year: int
    genres: tuple[str, ...]
    actors: States
    directors: States
    slice_means: Mapping[tuple[str, str], SliceMean]
    films: Filmography
    _in_genres: dict[tuple[tuple[str, ...] | None, bool], tuple[Floats, Floats]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def people(self) -> int:
        """Return how many people there are, of all years."""
        return self.films.people

    @cached_property
    def budgets(self) -> Floats:
        """Return the known budgets of the three years before, sorted."""
        return self.films.budgets_before(self.year)

    def budget_rank(self, budget_usd: float) -> float:
        """Return the share of those budgets that are lower, equal ones counted half."""
        return float(budget_ranks(self.budgets, np.array([budget_usd]))[0])

    def decile(self, budget_usd: float) -> float:
        """Return the tenth of the budget's rank, 1 to 10."""
        return float(deciles_of(np.array([self.budget_rank(budget_usd)]))[0])

    @property
    def mean(self) -> float:
        """Return the mean resonance of all earlier films."""
        return self.slice_means.get(("all", "all"), SliceMean()).mean

    def flags(self, genres: tuple[str, ...] | None) -> Floats:
        """Return 1 for each genre that is asked for, in the order of the contract."""
        return np.array([float(genre in (genres or ())) for genre in self.genres])

    @cached_property
    def profiles(self) -> Floats:
        """Return one row of unit length per actor of `actors.codes`: how films went and of what kind they were; unknown is usual.

        Counts are left out: two actors are alike by what they do, however much of it they have done.
        """
        states, people = self.actors, self.actors.codes
        kinds = _affinities(self, states, people).values()
        columns = np.column_stack([*(states.at(name, people) for name in _PROFILE), *kinds])
        known = ~np.isnan(columns)
        counts = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, columns, 0.0).sum(axis=0) / counts
        centred = np.where(known, columns - mean, 0.0)
        deviation = np.sqrt((centred**2).sum(axis=0) / counts)
        standardised = np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)
        length = np.sqrt((standardised**2).sum(axis=1, keepdims=True))
        return np.asarray(np.divide(standardised, length, out=np.zeros_like(standardised), where=length > 0))

    @cached_property
    def _profiles_by_column(self) -> Floats:
        return np.ascontiguousarray(self.profiles.T)

    def likeness(self, actor: int) -> Floats:
        """Return the cosine of an actor's profile with that of each actor of `actors.codes`."""
        own = self.profiles[self.actors.place[actor]]
        return np.asarray(np.einsum("k,kp->p", own, self._profiles_by_column))

    def keyword_mean(self, keywords: tuple[int, ...]) -> float:
        """Return the mean over keywords of how films with each did; NaN where none has a result: `int_resonance__keyword_means`."""
        about, nano = self.films.about, []
        for keyword in keywords:
            results = self.films.nano[about.film[about.person == keyword]]
            results = results[~np.isnan(results)]
            if len(results):
                nano.append(np.rint(NANO * _shrunken_mean(results.sum() / len(results) / NANO, len(results), self.mean)))
        return float(np.sum(nano) / len(nano) / NANO) if nano else float("nan")

    def means_in_genres(self, film: Film, roles: Roles) -> tuple[Floats, Floats]:
        """Return for every person how many rated earlier films share a genre with the film, and their mean resonance."""
        key = film.genres, roles is self.films.directing
        held = self._in_genres.get(key)
        if held is None:
            shares = (self.films.genres[:, self.flags(film.genres) > 0] > 0).any(axis=1) & ~np.isnan(self.films.nano)
            rows = np.flatnonzero(shares[roles.film])
            held = self._means(roles.film[rows], roles.person[rows])
            if len(self._in_genres) >= BRIEFS_HELD:
                self._in_genres.clear()
            self._in_genres[key] = held
        return held

    def pairs(self, director: int) -> tuple[Floats, Floats, Floats]:
        """Return for every person the films under this director, how many of them are rated, and their mean resonance: `pair_states`."""
        films, people = self.films.acting.of(np.flatnonzero(self.films.director == director))
        rated = ~np.isnan(self.films.nano[films])
        return np.bincount(people, minlength=self.people + 1).astype(np.float64), *self._means(films[rated], people[rated])

    def _means(self, films: Integers, people: Integers) -> tuple[Floats, Floats]:
        count = np.bincount(people, minlength=self.people + 1).astype(np.float64)
        total = np.bincount(people, self.films.nano[films], minlength=self.people + 1)  # whole billionths: exact in any order
        return count, np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0) / NANO


def actor_rows(past: Past, film: Film, bill_order: int | Integers, actors: Integers, contract: tuple[str, ...]) -> Floats:
    """Return one row of features per actor, in the order of the contract; null is NaN."""
    states, director = past.actors, np.array([film.director])
    has_director = film.director != NOBODY
    together, rated, mean = (of_everybody[actors] for of_everybody in past.pairs(film.director if has_director else past.people))
    values = {
        **_film_features(past, film),
        "keyword_mean": past.keyword_mean(film.keywords),
        **_person_features(past, film, actors, "actor"),
        **_person_features(past, film, director, "director"),
        "bill_order": np.asarray(bill_order, dtype=np.float64),
        "actor_credit_count": states.at("credit_count", actors),
        "actor_rated_count": states.at("resonance_count", actors),
        "actor_billing_mean": states.at("billing_mean", actors),
        "director_credit_count": past.directors.at("credit_count", director) if has_director else np.nan,
        "director_best_resonance": past.directors.at("best_resonance", director),
        "pair_count": together if has_director else np.nan,
        "pair_mean": _shrunken_mean(mean, rated, past.mean),
        "pair_lift": _shrunken_mean(mean - past.mean, rated, 0.0),
        **_budget_distance_and_density(past, film, states, actors),
        **_affinities(past, states, actors),
    }
    return _in_order(values, contract, len(actors))


def director_rows(past: Past, film: Film, directors: Integers, contract: tuple[str, ...]) -> Floats:
    """Return one row of the director head's features per director, in the order of the contract."""
    states = past.directors
    values: dict[str, Floats | float] = {
        **_film_features(past, film),
        **_person_features(past, film, directors, "director"),
        "director_credit_count": states.at("credit_count", directors),
        "director_best_resonance": states.at("best_resonance", directors),
        **_budget_distance_and_density(past, film, states, directors),
        **_affinities(past, states, directors),
    }
    return _in_order(values, contract, len(directors))


def _film_features(past: Past, film: Film) -> dict[str, float]:
    """Return what a brief itself says: the macro `film_features`."""
    decile, everything = past.decile(film.budget_usd), past.mean
    peers = past.slice_means.get(("budget_decile", "0" if np.isnan(decile) else f"{decile:.0f}"), SliceMean())
    of_peers = float(_shrunken_mean(peers.mean, peers.count, everything))
    of_genres = [past.slice_means.get(("genre", genre), SliceMean()) for genre in film.genres or ()]
    # Whole billionths, as in SQL; a genre without a past is as good as any.
    nano = [np.rint(NANO * (_shrunken_mean(genre.mean, genre.count, everything) if genre.count else everything)) for genre in of_genres]
    angle = 2 * np.pi * past.year / film.cycle_years
    flags = past.flags(film.genres) if film.genres else np.full(len(past.genres), np.nan)
    return {
        "log_budget": float(np.log(film.budget_usd)),
        "budget_year_pct": past.budget_rank(film.budget_usd),
        "is_budget_known": float(not np.isnan(film.budget_usd)),
        "peer_resonance": everything if np.isnan(of_peers) else of_peers,
        "genre_mean": float(np.sum(nano) / len(nano) / NANO) if nano else float("nan"),
        "genre_count": float("nan") if film.genres is None else float(len(film.genres)),
        "year_sin": float(np.sin(angle)),
        "year_cos": float(np.cos(angle)),
        **{f"genre_{genre}": float(flag) for genre, flag in zip(past.genres, flags, strict=True)},
    }


def _person_features(past: Past, film: Film, people: Integers, role: str) -> dict[str, Floats]:
    """Return what a person's state says under the names of a role: the macro `person_features`."""
    is_director = role == "director"
    states = past.directors if is_director else past.actors
    count, mean = past.means_in_genres(film, past.films.directing if is_director else past.films.acting)

    def shrunken(measure: str, usual: float) -> Floats:
        return _shrunken_mean(states.at(f"{measure}_mean", people), states.at(f"{measure}_count", people), usual)

    return {
        "dtr3" if is_director else "atr3": shrunken("last_three", past.mean),
        f"{role}_mean": shrunken("resonance", past.mean),
        f"{role}_genre_mean": _shrunken_mean(mean[people], count[people], past.mean),
        f"{role}_residual": shrunken("residual", 0.0),
        f"{role}_revenue": shrunken("revenue", 0.0),
        f"{role}_rating": shrunken("rating", 0.0),
        f"{role}_last_resonance": states.at("last_resonance", people),
        f"{role}_years_since_last": past.year - states.at("last_year", people),
    }


def _budget_distance_and_density(past: Past, film: Film, states: States, people: Integers) -> dict[str, Floats]:
    distance = np.abs(past.decile(film.budget_usd) - states.at("median_decile", people))
    return {"bfd": distance, "release_density": states.at("recent_credit_count", people)}


def _affinities(past: Past, states: States, people: Integers) -> dict[str, Floats]:
    """Return the share of the last five credits in each genre: the macro `genre_affinities`; three bits of a number are a genre's count.

    Eighteen genres take 54 bits, one more than a double holds exactly: they come in two halves.
    """
    unknown = np.isnan(states.at("first_genres", people)) | (states.at("last_five_count", people) == 0)
    halves = [np.nan_to_num(states.at(half, people)).astype(np.int64) for half in ("first_genres", "other_genres")]
    shares: dict[str, Floats] = {}
    for place, genre in enumerate(past.genres):
        half, rank = divmod(place, FIRST_GENRES)
        count = (halves[half] >> (3 * rank)) & 7
        shares[f"genre_{genre}_aff"] = np.divide(
            count, states.at("last_five_count", people), out=np.full(len(people), np.nan), where=~unknown
        )
    return shares


def _shrunken_mean(mean: Floats | float, count: Floats | float, usual: float) -> Floats:
    """Return means drawn towards what is usual; null without a value: the macro `shrunken_mean`."""
    counts = np.asarray(count, dtype=np.float64)
    return np.where(counts > 0, (counts * mean + DOUBT * usual) / (counts + DOUBT), np.nan)


def _in_order(values: Mapping[str, Floats | float], contract: tuple[str, ...], rows: int) -> Floats:
    missing = [name for name in contract if name not in values]
    if missing:
        raise UnusableInputError(
            f"The published features {', '.join(missing)} are not known to this version: build and publish again with it."
        )
    matrix = np.empty((rows, len(contract)))
    for place, name in enumerate(contract):
        matrix[:, place] = values[name]
    return matrix
