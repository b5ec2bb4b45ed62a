"""Scores of candidates: the head's log odds, plus the era's cycle and shared history, less penalties."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from callsheet.resonance.slates.briefs import Brief
from callsheet.resonance.slates.candidates import CHOICE, propose
from callsheet.resonance.slates.catalogue import YearView
from callsheet.resonance.training.calibration import sigmoid
from callsheet.resonance.training.casting_head import terms
from callsheet.resonance.training.features import Film, actor_rows, director_rows
from callsheet.resonance.training.filmography import NOBODY
from callsheet.resonance.training.measures import Floats, Integers
from callsheet.resonance.training.serving import HEADS, head_for, weighted

FREE_DECILES, DECILE_COST = 3.0, 0.1  # log odds for each decile beyond three from the actor's usual budget: an unproven leap
SURE_ROLES, DOUBT_COST = 3.0, 0.1  # log odds for each earlier role short of three: the shares and means of one role are that film's
FREE_ROLES, ROLE_COST = 9.0, 0.1  # log odds for each role beyond nine in three years: nobody can promise a fourth film a year
PLAUSIBLE = 15  # the casting of this rank among all known actors has a plausibility of 0
SHIFTS = ("cycle_shift", "synergy_shift", "bfd_penalty", "cadence_penalty", "history_penalty", "plausibility", "actor_shift")


@dataclass(frozen=True)
class ScoredPeople:
    """People with their rows of features and what is made of them.

    `odds` are those of p_cal before its curve. Shifts and penalties are log odds; an unknown interval is NaN.
    """

    people: Integers
    values: Floats
    odds: Floats
    p_base: Floats
    p_cal: Floats
    p_high: Floats
    low: Floats
    high: Floats
    cycle_shift: Floats
    synergy_shift: Floats
    bfd_penalty: Floats
    cadence_penalty: Floats
    history_penalty: Floats
    plausibility: Floats
    actor_shift: Floats

    @cached_property
    def order(self) -> Integers:
        """Return the places from the highest p_high on; of equals the lower person id first."""
        return np.lexsort((self.people, -self.p_high))


class Scorer:
    """The heads of one year and the wishes of one brief."""

    def __init__(self, view: YearView, brief: Brief) -> None:
        """Put the brief beside what is known. A director without an earlier film is a debut: known to be none, not unknown."""
        self.view, self.brief, self.people, self.past, self.model = view, brief, view.people, view.past, view.model
        director = self.past.people if brief.debut_director else self.people.code(brief.director)
        self.attached = np.array([self.people.code(one.person_id) for one in brief.attached], dtype=np.int64)
        self.is_debut = director != NOBODY and director not in self.past.directors.codes
        keywords = tuple(view.keywords[word] for word in brief.keywords if word in view.keywords)
        self.head_name = head_for(
            self.model.heads, has_director=director != NOBODY, has_budget=brief.budget_usd is not None,
            has_keywords=not np.isnan(self.past.keyword_mean(keywords)),
        )  # fmt: skip
        self.head, weight = self.model.heads[self.head_name], self.model.actor_weights.get(self.head_name)
        self.actor_weight = 1.0 if weight is None else weight
        self.film = Film(
            float("nan") if brief.budget_usd is None else brief.budget_usd, brief.genres or None, director, self.model.cycle.years, keywords
        )
        self.alpha = (self.model.alpha if brief.alpha is None else brief.alpha) if brief.use_cycle else 0.0
        self.synergy_weight = self.model.synergy_weight if brief.synergy_weight is None else brief.synergy_weight
        contract = view.actor_features
        self._learnt = [contract.index(name) for name in self.head.features]
        self._lift, self._bfd, self._density, self._credits = (
            contract.index(name) for name in ("pair_lift", "bfd", "release_density", "actor_credit_count")
        )

    def proposed(self, each: int) -> Mapping[str, Integers]:
        """Return the actors that each generator proposes; more where a long slate is asked for, so that the head still has a choice."""
        return propose(self.past, self.film, self.plausible, max(each, CHOICE * self.brief.top))

    @property
    def plausible(self) -> Floats | None:
        """Return the plausibility of every person, minus infinity for those without a role; None without a casting head."""
        if self.model.casting_head is None:
            return None
        odds = np.full(self.past.people + 1, -np.inf)
        known = self.view.history.known
        odds[known] = self.plausibility[known]
        return odds

    @property
    def knows_keywords(self) -> bool:
        """Say whether the head that answers has learnt from keywords."""
        return HEADS[self.head_name][2]

    def keyword_mean(self, word: str) -> float:
        """Return how earlier films with a keyword did; NaN where none has a result."""
        number = self.view.keywords.get(word)
        return float("nan") if number is None else self.past.keyword_mean((number,))

    def rows(self, bill_order: int | Integers, people: Integers) -> Floats:
        """Return one row of features per actor."""
        return actor_rows(self.past, self.film, bill_order, people, self.view.actor_features)

    def score(self, bill_order: int, people: Integers) -> ScoredPeople:
        """Score actors for a role."""
        values = self.rows(bill_order, people)
        return self.judge(people, values)

    def fee(self, code: int) -> float | None:
        """Return an actor's fee in US dollars; None where none is given."""
        return self.brief.fee(self.people.ids[code])

    def judge(self, people: Integers, values: Floats) -> ScoredPeople:
        """Score rows of features: all that p_high hangs on is in them, so that a changed value changes all it should."""
        learnt = values[:, self._learnt]
        logits = self.head.logits(learnt)
        actor = weighted(self.head, learnt, self.model.means, self.actor_weight) - logits + 0.0
        cycle = np.full(len(people), self.alpha * float(self.model.cycle(np.array([self.brief.year]))[0]) + 0.0)  # no -0.0
        synergy = self.synergy_weight * np.nan_to_num(values[:, self._lift]) + 0.0
        is_on = float(self.brief.use_penalties)
        bfd = is_on * DECILE_COST * np.maximum(np.nan_to_num(values[:, self._bfd]) - FREE_DECILES, 0.0)
        cadence = is_on * ROLE_COST * np.maximum(values[:, self._density] - FREE_ROLES, 0.0)
        history = is_on * DOUBT_COST * np.maximum(SURE_ROLES - values[:, self._credits], 0.0)
        adjusted = logits + actor + cycle + synergy
        p_cal, low, high = self.calibrated(self.head_name, adjusted)
        plausibility = self.model.serving.plausibility_weight * self.plausibility[people] + 0.0
        p_high = sigmoid(adjusted - bfd - cadence - history + plausibility)
        return ScoredPeople(
            people, values, adjusted, sigmoid(logits), p_cal, p_high, low, high, cycle, synergy, bfd, cadence, history, plausibility, actor
        )

    @cached_property
    def plausibility(self) -> Floats:
        """Return for every person the casting head's log odds above those of the fifteenth most plausible of all known actors."""
        history, casting = self.view.history, self.model.casting_head
        odds = np.zeros(self.past.people + 1)
        known = history.known
        if casting is not None and len(known):
            head = casting if self.film.director != NOBODY else casting.without_director()
            score = head(terms(history, self.past.flags(self.film.genres), self.film.budget_usd, self.film.director, known))
            score = score + head.beside(self.attached, history, known)
            odds[known] = score - np.sort(score)[-min(PLAUSIBLE, len(score))]
        return odds

    def score_directors(self, directors: Integers) -> ScoredPeople:
        """Score directors for the brief. Neither cycle nor history nor penalties: the director head knows none."""
        values = director_rows(self.past, self.film, directors, self.view.director_features)
        places = [self.view.director_features.index(name) for name in self.model.director_head.features]
        logits = self.model.director_head.logits(values[:, places])
        p_cal, low, high = self.calibrated("director_head", logits)
        none = [np.zeros(len(directors))] * len(SHIFTS)
        return ScoredPeople(directors, values, logits, sigmoid(logits), p_cal, sigmoid(logits), low, high, *none)

    def calibrated(self, head: str, logits: Floats) -> tuple[Floats, Floats, Floats]:
        """Return probabilities on a head's curve, with their intervals; as they are where the brief wants no calibration."""
        unknown = np.full(len(logits), np.nan)
        if not self.brief.calibrate:
            return sigmoid(logits), unknown, unknown
        curve = self.model.calibrations[head]
        return curve(logits), *(curve.interval(logits) or (unknown, unknown))
