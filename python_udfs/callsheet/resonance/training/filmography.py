"""Films and who was in them as arrays, for training and for serving alike. Films and people are numbers from 0 on."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from callsheet.resonance.training.measures import Floats, Integers

NOBODY = -1
BUDGET_YEARS = 3  # a budget is ranked among those of so many years before
NANO = 1e9  # resonance is added up in whole billionths: a sum of doubles would depend on the order


@dataclass(frozen=True)
class Roles:
    """Who was in which film, in order of film and billing."""

    film: Integers
    person: Integers

    @cached_property
    def billing(self) -> Integers:
        """Return each role's place in its film, from 1."""
        return np.asarray(np.arange(len(self.film)) - np.searchsorted(self.film, self.film) + 1, dtype=np.int64)

    def before(self, film: int) -> "Roles":
        """Return the roles in films with a lower number."""
        end = int(np.searchsorted(self.film, film))
        return Roles(self.film[:end], self.person[:end])

    def people_of(self, film: int) -> Integers:
        """Return the people of one film."""
        first, last = np.searchsorted(self.film, [film, film + 1])
        return self.person[first:last]

    def of(self, films: Integers) -> tuple[Integers, Integers]:
        """Return the roles in these films: each film as often as it has people, and the people."""
        first, last = np.searchsorted(self.film, films), np.searchsorted(self.film, films, side="right")
        rows = np.concatenate([np.arange(start, end) for start, end in zip(first, last, strict=True)] or [np.zeros(0, dtype=np.int64)])
        return self.film[rows], self.person[rows]


_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Filmography:
    """Films in order of year and id. The director is the first-billed one, or NOBODY; an unknown budget, decile or result is NaN.

    `about` are the films' keywords, numbered as people are in roles.
    """

    year: Integers
    genres: Floats
    budget: Floats
    decile: Floats
    director: Integers
    nano: Floats
    acting: Roles
    directing: Roles
    people: int
    about: Roles = field(default_factory=lambda: Roles(_NOTHING, _NOTHING))

    @classmethod
    def of_roles(
        cls, year: Integers, genres: Floats, budget: Floats, director: Integers, resonance: Floats, acting: Roles, people: int
    ) -> "Filmography":
        """Return films whose actors are all that is known: their deciles are taken from their own budgets, and nobody directs."""
        decile, nano = deciles_by_year(year, budget), np.rint(NANO * resonance)
        return cls(year, genres, budget, decile, director, nano, acting, Roles(_NOTHING, _NOTHING), people)

    @property
    def resonance(self) -> Floats:
        """Return how each film did."""
        return self.nano / NANO

    @cached_property
    def genre_count(self) -> Floats:
        """Return how many genres each film has."""
        return np.asarray(self.genres.sum(axis=1))

    def before(self, year: int) -> "Filmography":
        """Return the films of earlier years: nothing else may reach a brief of that year."""
        films = int(np.searchsorted(self.year, year))
        return Filmography(
            self.year[:films], self.genres[:films], self.budget[:films], self.decile[:films], self.director[:films], self.nano[:films],
            self.acting.before(films), self.directing.before(films), self.people, self.about.before(films),
        )  # fmt: skip

    def budgets_before(self, year: int) -> Floats:
        """Return the known budgets of the three years before, sorted."""
        return budgets_before(self.year, self.budget, year)


def budgets_before(years: Integers, budgets: Floats, year: int) -> Floats:
    """Return the known budgets of the three years before, sorted; the films are in order of year."""
    recent = budgets[slice(*np.searchsorted(years, [year - BUDGET_YEARS, year]))]
    return np.sort(recent[~np.isnan(recent)])


def budget_ranks(budgets: Floats, asked: Floats) -> Floats:
    """Return the share of these budgets that is lower, equal ones counted half; NaN where it or they are unknown."""
    lower, upper = np.searchsorted(budgets, asked, side="left"), np.searchsorted(budgets, asked, side="right")
    ranks = (upper - (upper - lower) / 2) / max(1, len(budgets))
    return np.where(np.isnan(asked) | (len(budgets) == 0), np.nan, ranks)


def deciles_of(ranks: Floats) -> Floats:
    """Return the tenth of each rank, 1 to 10."""
    return np.where(ranks == 1, 10.0, np.floor(10 * ranks) + 1)


def deciles_by_year(years: Integers, budgets: Floats) -> Floats:
    """Return the decile of each film's budget among those of the three years before its own; the films are in order of year."""
    deciles = np.full(len(years), np.nan)
    for year in np.unique(years).tolist():
        own = years == year
        deciles[own] = deciles_of(budget_ranks(budgets_before(years, budgets, year), budgets[own]))
    return deciles
