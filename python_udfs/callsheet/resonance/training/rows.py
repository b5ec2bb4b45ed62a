"""The rows of a feature model as arrays: what heads are fitted and judged on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from callsheet.resonance.training.filmography import Filmography, Roles
from callsheet.resonance.training.measures import Floats, Integers
from callsheet.resonance.training.settings import LABELS

KEYS = ("film_id", "person_id", "director_id", "film_year", "split", "resonance", *LABELS)
OF_THE_CYCLE = ("year_sin", "year_cos")  # for the cycle only: a head that sees the year memorises years
OF_THE_PERSON = ("actor", "pair")  # groups of features: those of film and director are the same for all candidates of a brief
OF_THE_BUDGET = ("log_budget", "budget_year_pct", "is_budget_known", "peer_resonance", "bfd")
OF_THE_KEYWORDS = ("keyword_mean",)  # for briefs with keywords alone: the mission's own brief has none
_OF_AN_ACTOR = ("atr3", "bfd", "release_density")  # beside those whose names say so


@dataclass(frozen=True)
class Rows:
    """Rows of one feature model as arrays, in the order of their keys."""

    frame: pd.DataFrame
    features: tuple[str, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, features: Sequence[str]) -> "Rows":
        """Sort the rows, so that no result depends on the order in which an engine returned them. A missing column is an error."""
        missing = [name for name in (*KEYS, *features) if name not in frame and name != "person_id"]
        if missing:
            raise ValueError(
                f"The feature table lacks {', '.join(missing)}: rebuild it, or bring its yml and the feature contract together."
            )
        keys = [name for name in ("film_id", "person_id", "director_id") if name in frame]
        return cls(frame.sort_values(keys, ignore_index=True), tuple(features))

    def where(self, rows: NDArray[np.bool_]) -> "Rows":
        """Return some of the rows."""
        return Rows(self.frame.loc[rows].reset_index(drop=True), self.features)

    def labelled(self, label: str, *splits: str) -> "Rows":
        """Return the rows whose outcome is known, of these splits."""
        return self.where((self.frame[label].notna() & self.frame["split"].isin(splits)).to_numpy())

    def at_most(self, limit: int, seed: int) -> "Rows":
        """Return the rows of as many whole films, drawn by seed, as stay below the limit; all rows where there are no more."""
        return self.where(first_films(self.film_turns(seed), limit)) if len(self) > limit else self

    def film_turns(self, seed: int) -> Integers:
        """Return the turn of each row's film in an order drawn by seed."""
        codes, films = pd.factorize(self.frame["film_id"], sort=True)
        return np.asarray(np.random.default_rng(seed).permutation(len(films))[codes], dtype=np.int64)

    def values(self, names: Sequence[str] | None = None) -> Floats:
        """Return features as one matrix; null is NaN."""
        return _numbers(self.frame[list(names if names is not None else self.learnt)])

    @property
    def learnt(self) -> tuple[str, ...]:
        """Return the features that heads learn from, all but those for briefs with keywords."""
        return tuple(name for name in self.features if name not in (*OF_THE_CYCLE, *OF_THE_KEYWORDS))

    @property
    def of_keywords(self) -> tuple[str, ...]:
        """Return the features that only heads for briefs with keywords learn from."""
        return tuple(name for name in self.features if name in OF_THE_KEYWORDS)

    def column(self, name: str) -> Floats:
        """Return one column as numbers; null is NaN."""
        return _numbers(self.frame[name])

    def truth(self, label: str) -> Integers:
        """Return the outcome; only for labelled rows."""
        return self.frame[label].to_numpy(dtype=np.int64)

    @property
    def years(self) -> Integers:
        """Return the films' years."""
        return self.frame["film_year"].to_numpy(dtype=np.int64)

    @property
    def films(self) -> NDArray[Any]:
        """Return the films' ids."""
        return self.frame["film_id"].to_numpy(dtype=object).astype(str)

    def filmography(self) -> Filmography:
        """Return the films and actors behind the rows, casts in the order of their billing."""
        frame = self.frame.sort_values(["film_year", "film_id", "bill_order"], ignore_index=True)
        films = frame.drop_duplicates("film_id", ignore_index=True)
        genres = [name.removesuffix("_aff") for name in self.features if name.endswith("_aff")]  # not genre_mean, nor genre_count
        directors, _ = pd.factorize(films["director_id"], sort=True)
        person, people = pd.factorize(frame["person_id"], sort=True)
        places = {film: place for place, film in enumerate(films["film_id"])}
        film = frame["film_id"].map(places).to_numpy(dtype=np.int64)
        return Filmography.of_roles(
            year=films["film_year"].to_numpy(dtype=np.int64),
            genres=np.nan_to_num(_numbers(films[genres])),
            budget=np.exp(_numbers(films["log_budget"])),
            director=np.asarray(directors, dtype=np.int64),
            resonance=_numbers(films["resonance"]),
            acting=Roles(film, np.asarray(person, dtype=np.int64)),
            people=len(people),
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)


def group_of(feature: str) -> str:
    """Return whom a feature is about: actor, pair, director or film. Those of film and director are the same for a whole slate."""
    if feature.startswith("actor_") or feature.endswith("_aff") or feature in _OF_AN_ACTOR:
        return "actor"
    if feature.startswith("pair_"):
        return "pair"
    return "director" if feature.startswith("director_") or feature == "dtr3" else "film"


def first_films(turns: Integers, limit: int) -> NDArray[np.bool_]:
    """Say which rows belong to the films that come first, whole films and no more rows than about the limit."""
    return turns < np.quantile(turns, limit / len(turns)) if len(turns) > limit else np.ones(len(turns), dtype=bool)


def _numbers(values: "pd.Series[Any] | pd.DataFrame") -> Floats:
    """Return columns as numbers; null is NaN."""
    return np.asarray(values.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan))
