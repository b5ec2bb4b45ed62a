"""The casting head: ranks all known actors by how likely a film would cast them, from credits of earlier years.

It only proposes candidates; the actor head estimates how the film would do with them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.training.artefacts import ArtefactError
from callsheet.resonance.training.filmography import Filmography, Roles, budget_ranks, deciles_of
from callsheet.resonance.training.measures import Floats, Integers

HALF_LIFE_YEARS = 4.0  # what an actor did four years ago counts half
SHORT_HALF_LIFE_YEARS, LONG_HALF_LIFE_YEARS = 1.5, 10.0  # for the most recent roles, and for a whole career
TRAIN_YEARS = 8  # the last years of the fit: older casting habits say little about these years
LEARNT_FILMS = 2000  # films learnt from, drawn by seed: more changed nothing at a million roles
NEGATIVES = 300  # actors not cast, drawn for each film that is learnt from: half of them evenly, half by how much they work
UNKNOWN_DISTANCE = 3.0  # deciles: the average distance of two random budgets, used where one is unknown
LONG_AGO_YEARS = 15.0  # longer absences are alike
DECILES = 11  # of a budget; 0 is an unknown one
FEW_ROLES = 0.5  # added to the denominator of a share of roles: one role says little
_DISTANCES = np.abs(np.subtract.outer(np.arange(DECILES), np.arange(DECILES)))
_NEARNESS = np.exp(-_DISTANCES / 1.5)  # how much a role at one budget counts for a film of another
_NEARNESS[0, 1:] = _NEARNESS[1:, 0] = 0.25  # the average nearness of two random budgets
TERMS = (
    "recent_roles", "newest_roles", "lasting_roles", "roles_in_three_years", "roles", "years_away", "log_years_away",
    "recent_in_genre", "recent_in_genre_squared", "genre_share", "budget_distance", "budget_distance_squared",
    "recent_at_budget", "recent_in_genre_at_budget", "billing_share", "leading_share", "past_resonance",
    "films_with_director", "recent_with_director", "knows_director",
)  # fmt: skip
_OF_DIRECTOR = np.array([name.endswith("_director") for name in TERMS])
_OF_BUDGET = np.array([name.startswith("budget_") or name.endswith("_at_budget") for name in TERMS])
_OF_GENRE = np.array(["genre" in name for name in TERMS]) & ~_OF_BUDGET
_OF_CAREER = ~(_OF_DIRECTOR | _OF_BUDGET | _OF_GENRE)


@dataclass(frozen=True)
class History:
    """What was known of every actor on 1 January of `year`, and the roles behind it, in order of their films."""

    year: int
    roles: Floats
    roles_in_three_years: Floats
    recent: Floats
    newest: Floats
    lasting: Floats
    billing_share: Floats
    leading_share: Floats
    past_resonance: Floats
    usual_decile: Floats
    last_year: Floats
    pairs: dict[int, tuple[Integers, Floats, Floats]]
    budgets: Floats
    role_person: Integers
    role_film: Integers
    role_decile: Integers
    role_recency: Floats
    film_genres: Floats
    _near: dict[tuple[int | None, int | None], Floats] = field(default_factory=dict, repr=False)
    _in_genre: dict[int, Integers] = field(default_factory=dict, repr=False)

    @property
    def known(self) -> Integers:
        """Return the actors with an earlier role: nobody else can be ranked."""
        return np.flatnonzero(self.roles > 0)

    def decile(self, budget: float) -> int:
        """Return the decile of a budget among those of the three years before; 0 where unknown."""
        return int(np.nan_to_num(deciles_of(budget_ranks(self.budgets, np.array([budget]))))[0])

    @cached_property
    def of_career(self) -> Floats:
        """Return the terms that hang on the actor alone, one line each."""
        away = np.minimum(self.year - self.last_year, LONG_AGO_YEARS)
        counts = (self.recent, self.newest, self.lasting, self.roles_in_three_years, self.roles)
        shares = (self.billing_share, self.leading_share, self.past_resonance)
        return np.stack([*(np.log1p(count) for count in counts), away, np.log(away), *shares])

    def near(self, decile: int | None, genre: int | None = None) -> Floats:
        """Return recent roles by actor, of a genre or of any, the more the nearer their budget was to the decile; None: of any budget."""
        if (decile, genre) not in self._near:
            if genre is not None and genre not in self._in_genre:
                self._in_genre[genre] = np.flatnonzero(self.film_genres[:, genre][self.role_film])
            rows = slice(None) if genre is None else self._in_genre[genre]
            nearness = 1.0 if decile is None else _NEARNESS[decile][self.role_decile[rows]]
            roles = np.bincount(self.role_person[rows], nearness * self.role_recency[rows], len(self.roles))
            self._near[decile, genre] = roles.astype(np.float64)
        return self._near[decile, genre]

    def near_in(self, decile: int | None, genres: Floats, actors: Integers) -> Floats:
        """Return the same for some actors, on average over the genres of a film."""
        wanted = np.flatnonzero(genres)
        return np.asarray(sum((self.near(decile, int(genre))[actors] for genre in wanted), np.zeros(len(actors))) / max(1, len(wanted)))


def histories(data: Filmography, years: Sequence[int]) -> Iterator[History]:
    """Yield the state before each of these years, from films of earlier years alone."""
    for year in years:
        yield _history(data, year)


def _history(data: Filmography, year: int) -> History:
    people = data.people
    roles = data.acting.before(int(np.searchsorted(data.year, year)))
    film, person, billing = roles.film, roles.person, roles.billing
    decile, resonance = np.nan_to_num(data.decile[film]).astype(np.int64), data.resonance[film]
    age = year - data.year[film]
    recency = 0.5 ** (age / HALF_LIFE_YEARS)

    def total(weights: Floats | NDArray[np.bool_]) -> Floats:
        return np.bincount(person, weights, people).astype(np.float64)

    def mean(values: Floats) -> Floats:
        known = ~np.isnan(values)
        weight = total(recency * known)
        return np.asarray(np.divide(total(recency * np.nan_to_num(values)), weight, out=np.full(people, np.nan), where=weight > 0))

    recent = total(recency)
    rated = total(recency * ~np.isnan(resonance))
    last_year = np.full(people, -np.inf)
    last_year[person] = data.year[film]  # credits are in order of year: the last one stays
    return History(
        year=year,
        roles=total(np.ones(len(film))),
        roles_in_three_years=total(age <= 3),  # noqa: PLR2004 - as its name says
        recent=recent,
        newest=total(0.5 ** (age / SHORT_HALF_LIFE_YEARS)),
        lasting=total(0.5 ** (age / LONG_HALF_LIFE_YEARS)),
        billing_share=total(recency / billing) / (recent + FEW_ROLES),
        leading_share=total(recency * (billing == 1)) / (recent + FEW_ROLES),
        past_resonance=total(recency * np.nan_to_num(resonance)) / (rated + FEW_ROLES),
        usual_decile=mean(np.where(decile > 0, decile, np.nan)),
        last_year=last_year,
        pairs=_pairs(data, roles, recency),
        budgets=data.budgets_before(year),
        role_person=person,
        role_film=film,
        role_decile=decile,
        role_recency=recency,
        film_genres=data.genres,
    )


def terms(history: History, genres: Floats, budget: float, director: int, actors: Integers) -> Floats:
    """Return one row of TERMS per actor for a film of that year."""
    recent, in_genre = history.recent[actors], history.near_in(None, genres, actors)
    together, lately = np.zeros(len(history.roles)), np.zeros(len(history.roles))
    if director in history.pairs:
        people, together[people], lately[people] = history.pairs[director]
    values = np.empty((len(TERMS), len(actors)))
    values[_OF_CAREER] = history.of_career[:, actors]
    values[_OF_GENRE] = np.log1p(in_genre), np.log1p(in_genre) ** 2, in_genre / (recent + FEW_ROLES)
    values[_OF_DIRECTOR] = np.log1p(together[actors]), np.log1p(lately[actors]), np.minimum(together[actors], 1.0)
    return with_budget(values.T, history, genres, budget, actors)


def with_budget(rows: Floats, history: History, genres: Floats, budget: float, actors: Integers) -> Floats:
    """Put another budget's terms into rows of `terms`, in place, and return them."""
    decile = history.decile(budget)
    distance = np.nan_to_num(np.abs(history.usual_decile[actors] - (decile or np.nan)), nan=UNKNOWN_DISTANCE)
    near, near_in_genre = history.near(decile)[actors], history.near_in(decile, genres, actors)
    rows.T[_OF_BUDGET] = distance, distance**2, np.log1p(near), np.log1p(near_in_genre)
    return rows


def costar_terms(history: History, attached: Integers, actors: Integers) -> Floats:
    """Return one row per actor: films together with the people who have a part already, films of late, and whether there is any."""
    attached_in = np.bincount(history.role_film[np.isin(history.role_person, attached)], minlength=len(history.film_genres))[
        history.role_film
    ]
    together, lately = (
        np.bincount(history.role_person, weights, len(history.roles))[actors]
        for weights in (attached_in, attached_in * history.role_recency)
    )
    return np.column_stack([np.log1p(together), np.log1p(lately), np.minimum(together, 1.0)])


def best(score: Floats, count: int) -> Integers:
    """Return the places of the highest scores, best first; of equals the lower place."""
    places = np.arange(len(score))
    if 0 < count < len(places):
        bar = np.partition(score, len(score) - count)[len(score) - count]
        places = np.flatnonzero(score >= bar)
    return places[np.argsort(-score[places], kind="stable")][:count]


@dataclass(frozen=True)
class CastingHead:
    """A linear score over TERMS, as plain numbers, and the one for a brief that names no director."""

    weights: tuple[float, ...]
    weights_without_director: tuple[float, ...]
    weights_of_costars: tuple[float, ...] = (0.0, 0.0, 0.0)  # of `costar_terms`, where somebody has a part already

    def __call__(self, rows: Floats) -> Floats:
        """Return the score of each row."""
        return np.asarray(np.einsum("nk,k->n", rows, np.array(self.weights)))

    def without_director(self) -> "CastingHead":
        """Return the head for a brief that names no director."""
        return CastingHead(self.weights_without_director, self.weights_without_director, self.weights_of_costars)

    def beside(self, attached: Integers, history: History, actors: Integers) -> Floats:
        """Return what the people who have a part already add to the score of each actor."""
        return np.asarray(np.einsum("nk,k->n", costar_terms(history, attached, actors), np.array(self.weights_of_costars)))

    def dump(self) -> bytes:
        """Return the head as plain numbers beside the names of its terms."""
        return json.dumps({"terms": TERMS, **asdict(self)}).encode()

    @classmethod
    def load(cls, content: bytes) -> "CastingHead":
        """Return the head of such bytes. Refuses one that was fitted on other terms; one of an earlier version knows no co-stars."""
        held = json.loads(content)
        if tuple(held.pop("terms")) != TERMS:
            raise ArtefactError("The casting head was fitted on other terms than this version knows: build again, which trains it anew.")
        return cls(**{name: tuple(weights) for name, weights in held.items()})


def fit_casting(data: Filmography, last_fit_year: int, chance: np.random.Generator) -> CastingHead | None:
    """Learn who was cast against actors drawn from those who were not; None where no film has a known actor."""
    films = np.flatnonzero((data.year > last_fit_year - TRAIN_YEARS) & (data.year <= last_fit_year))
    if len(films) > LEARNT_FILMS:
        films = np.sort(chance.choice(films, LEARNT_FILMS, replace=False))
    rows, truths, counts, costars = [], [], [], []
    for history in histories(data, np.unique(data.year[films]).tolist()):
        for film in films[data.year[films] == history.year].tolist():
            cast = data.acting.people_of(film)
            people, is_cast, count = draw(history, cast, chance)
            rows.append(terms(history, data.genres[film], data.budget[film], int(data.director[film]), people))
            truths.append(is_cast)
            counts.append(count)
            costars.append(np.where(np.isin(people, cast[:1])[:, None], np.nan, costar_terms(history, cast[:1], people)))
    truth = np.concatenate(truths) if truths else np.zeros(0, dtype=bool)
    if truth.all() or not truth.any():
        return None
    values, weights = np.concatenate(rows), np.concatenate(counts)
    head = CastingHead(_fit(values, truth, weights, np.ones(len(TERMS), dtype=bool)), _fit(values, truth, weights, ~_OF_DIRECTOR))
    return replace(head, weights_of_costars=_fit_costars(head(values), np.concatenate(costars), truth, weights))


def _fit_costars(score: Floats, costars: Floats, truth: NDArray[np.bool_], counts: Floats) -> tuple[float, ...]:
    """Return what films with the lead add to the score of the others of a cast: in its units, so that the score itself stays as it is."""
    others = ~np.isnan(costars[:, 0])
    values = np.column_stack([score, costars])[others]
    if not (truth[others].any() and costars[others].any()):
        return CastingHead.weights_of_costars
    of_score, *of_costars = _fit(values, truth[others], counts[others], np.ones(values.shape[1], dtype=bool))
    return tuple(weight / of_score for weight in of_costars) if of_score > 0 else CastingHead.weights_of_costars


def draw(history: History, cast: Integers, chance: np.random.Generator) -> tuple[Integers, NDArray[np.bool_], Floats]:
    """Return the known actors of a cast and some of the others, who was cast, and how many actors each stands for.

    Busy actors are the hard ones to tell from the cast, so they are drawn more often. An actor drawn with odds of 1 in 10 stands for 10.
    """
    known = history.known
    share = history.recent[known] / history.recent[known].sum()
    odds = np.minimum(1.0, NEGATIVES * (0.5 / max(1, len(known)) + 0.5 * share))
    is_cast = np.isin(known, cast)
    drawn = is_cast | (chance.random(len(known)) < odds)
    return known[drawn], is_cast[drawn], np.where(is_cast, 1.0, 1 / odds)[drawn]


def _fit(values: Floats, truth: NDArray[np.bool_], counts: Floats, used: NDArray[np.bool_]) -> tuple[float, ...]:
    """Return one weight per term, 0 for those not used."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    spread = values[:, used].std(axis=0)
    spread[spread == 0] = 1.0
    weights = np.zeros(len(used))
    with threadpool_limits(1):
        fitted = LogisticRegression(max_iter=500).fit((values[:, used] - values[:, used].mean(axis=0)) / spread, truth, counts)
    weights[used] = fitted.coef_[0] / spread
    return tuple(weights.tolist())


def _pairs(data: Filmography, roles: Roles, recency: Floats) -> dict[int, tuple[Integers, Floats, Floats]]:
    """Return, for each director, the actors of these roles worked with, in how many films, and how many of late."""
    director = data.director[roles.film]
    directed = director >= 0
    codes, place = np.unique(director[directed] * data.people + roles.person[directed], return_inverse=True)
    films, lately = (np.bincount(place, weights, len(codes)).astype(np.float64) for weights in (None, recency[directed]))
    directors, people = np.divmod(codes, max(1, data.people))
    known, starts = np.unique(directors, return_index=True)
    bounds = zip(known.tolist(), starts.tolist(), np.append(starts, len(directors))[1:].tolist(), strict=True)
    return {director: (people[start:end], films[start:end], lately[start:end]) for director, start, end in bounds}
