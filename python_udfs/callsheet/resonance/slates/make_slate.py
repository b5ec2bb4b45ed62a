"""The slate of a brief: what `dbt build`, scripts/recommend.py and the app all call.

Generators propose candidates, the head scores them, filters and rules leave some out and say whom. Only films of earlier years are used.
The same catalogue and brief give the same slate to the last digit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from callsheet.resonance.slates import reasons
from callsheet.resonance.slates.alternates import find_alternates
from callsheet.resonance.slates.briefs import MILLION, Brief, Role
from callsheet.resonance.slates.candidates import EACH, propose_directors
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.forecasting import Forecast, forecast
from callsheet.resonance.slates.rules import RoleSlate, by_history, fill_roles, filtered, must_have, proposals, retired_or_dead
from callsheet.resonance.slates.scoring import SHIFTS, ScoredPeople, Scorer
from callsheet.resonance.training.measures import Integers
from callsheet.runtime.errors import UnusableInputError

Row = dict[str, Any]

NAMED = 3  # people named in a sentence; the others are counted

_PROBABILITIES = {"p_base": "float64", "p_cal": "float64", "p_high": "float64"}
SLATE = {
    "actor_name": "string", **_PROBABILITIES, "low": "float64", "high": "float64", "role": "string", "bill_order": "int64", "rank": "int64",
    "person_id": "string", "credit_count": "int64", "last_year": "int64", "proposed_by": "string", "cycle_shift": "float64",
    "synergy_shift": "float64", "bfd_penalty": "float64", "cadence_penalty": "float64", "history_penalty": "float64", "fee_usd": "float64",
    "reason": "string", "plausibility": "float64", "actor_shift": "float64",
}  # fmt: skip
REASONS = {
    "role": "string", "rank": "int64", "person_id": "string", "actor_name": "string", "position": "int64", "feature": "string",
    "about": "string", "delta": "float64", "value": "float64", "usual": "float64", "sentence": "string",
}  # fmt: skip
DIRECTORS = {
    "director_name": "string", **_PROBABILITIES, "low": "float64", "high": "float64", "rank": "int64", "person_id": "string",
    "credit_count": "int64", "last_year": "int64", "reason": "string",
}  # fmt: skip
LEFT_OUT = {"role": "string", "rule": "string", "person_count": "int64", "sentence": "string"}


@dataclass(frozen=True)
class Slate:
    """What is said to a brief: rows by role and rank, and everything beside them."""

    brief: Brief
    facts: Row
    rows: list[Row]
    alternates: list[Row]
    reasons: list[Row]
    directors: list[Row]
    left_out: list[Row]
    notes: list[str]
    missing_count: int
    forecast: Forecast
    _role_slates: tuple[Callable[[], Iterator[Row]], ...] = field(repr=False, compare=False)

    @cached_property
    def ranking(self) -> list[Row]:
        """Every candidate of every role in order of p_high, with the rule that left it out, if one did. Made when it is asked for."""
        return [row for rows in self._role_slates for row in rows()]


def recommend(catalogue: Catalogue, brief: Brief, each: int = EACH) -> Slate:
    """Return the slate of a brief, from as many candidates as each generator proposes."""
    scorer = Scorer(catalogue.view(brief.year), brief)
    role_slates, proposed = fill(scorer, each)
    generators = _generators(proposed, role_slates)
    candidates = len(np.unique(np.concatenate([*proposed.values(), must_have(scorer)])))
    rows, told = [], []
    for role_slate in role_slates:
        own, why = _rows(scorer, role_slate, generators)
        rows += own
        told += why
    return Slate(
        brief, dict(scorer.view.facts), rows, find_alternates(scorer, role_slates), told, _directors(scorer),
        [row for role_slate in role_slates for row in _left_out(scorer, role_slate)], _notes(scorer, role_slates, candidates),
        sum(brief.top - len(role_slate.chosen) for role_slate in role_slates), forecast(catalogue, scorer, role_slates),
        tuple(partial(_ranking, scorer, role_slate) for role_slate in role_slates),
    )  # fmt: skip


def fill(scorer: Scorer, each: int) -> tuple[list[RoleSlate], Mapping[str, Integers]]:
    """Return the filled roles of a brief, and whom each generator proposed."""
    proposed, demanded = proposals(scorer, each), must_have(scorer)
    everybody = np.union1d(np.concatenate([*proposed.values(), np.zeros(0, dtype=np.int64)]), demanded).astype(np.int64)
    ruled_out = dict(filtered(scorer, everybody, set(demanded.tolist())))
    people = np.setdiff1d(everybody, list(ruled_out)).astype(np.int64)
    role_slates = [RoleSlate(role, scorer.score(role.bill_order, people), left_out=dict(ruled_out)) for role in scorer.brief.roles_to_fill]
    fill_roles(scorer, role_slates, demanded)
    return role_slates, proposed


@dataclass(frozen=True)
class Explanation:
    """Actors in one role, in the slate or not: the rows and reasons they would have (the rank is 0), and why one is left out."""

    rows: list[Row]
    reasons: list[Row]
    left_out: dict[str, str]


def explain(catalogue: Catalogue, brief: Brief, role: Role, person_ids: Iterable[str]) -> Explanation:
    """Explain any actors with an earlier role, whether a generator proposed them or not."""
    scorer = Scorer(catalogue.view(brief.year), brief)
    people = np.array([scorer.people.code(person_id) for person_id in person_ids], dtype=np.int64)
    unknown = np.setdiff1d(people, scorer.past.actors.codes)
    if len(unknown):
        raise UnusableInputError(f"{scorer.people.names[unknown[0]]} had no role before {brief.year}: there is nothing to go by.")
    role_slate = RoleSlate(role, scorer.score(role.bill_order, people), chosen=list(range(len(people))))
    rows, told = _rows(scorer, role_slate, _generators(scorer.proposed(EACH), [role_slate]))
    ruled_out = {scorer.people.ids[code]: clause for code, (_, clause) in filtered(scorer, people, set())}
    return Explanation([{**row, "rank": 0} for row in rows], [{**row, "rank": 0} for row in told], ruled_out)


def heading(catalogue: Catalogue, brief: Brief) -> str:
    """Return what a brief asks for, in one line."""
    budget = "unknown budget" if brief.budget_usd is None else f"${brief.budget_usd / MILLION:g} million"
    director = f" · {catalogue.known.directors[brief.director]}" if brief.director else ""
    keywords = f" · {', '.join(brief.keywords)}" if brief.keywords else ""
    attached = "".join(f" · {catalogue.known.actors[one.person_id]} as {one.role}" for one in brief.attached)
    return f"{brief.year} · {', '.join(brief.genres).replace('_', ' ')} · {budget}{director}{keywords}{attached}"


def probability(row: dict[str, Any]) -> str:
    """Return what is shown of a row: the calibrated probability and its interval, where that is known."""
    return f"{row['p_cal']:.2f}" + (f" ({row['low']:.2f}–{row['high']:.2f})" if row["low"] is not None else "")


def _rows(scorer: Scorer, role_slate: RoleSlate, generators: dict[int, str]) -> tuple[list[Row], list[Row]]:
    """Return the slate's rows of one role, and the reasons of each."""
    scored, contract = _part(role_slate.scored, role_slate.chosen), scorer.view.actor_features
    changes, groups = reasons.deltas(scorer, scored, scorer.model.means), reasons.proven(scorer)
    means, features = {**scorer.model.means, reasons.PLAUSIBILITY: 0.0}, (*contract, reasons.PLAUSIBILITY)
    rows: list[Row] = []
    told: list[Row] = []
    for place, code in enumerate(scored.people.tolist()):
        person: Row = {
            "role": role_slate.role.name,
            "rank": place + 1,
            "person_id": scorer.people.ids[code],
            "actor_name": scorer.people.names[code],
        }
        values, own = np.append(scored.values[place], scored.plausibility[place]), changes[place]
        rows.append(
            {
                **dict.fromkeys(SLATE),
                **person,
                **_probabilities(scored, place),
                **{name: _known(getattr(scored, name)[place]) for name in ("low", "high")},
                "bill_order": role_slate.role.bill_order,
                **_career(scorer.past.actors, code),
                "proposed_by": generators[code],
                **{name: float(getattr(scored, name)[place]) for name in SHIFTS},
                "fee_usd": scorer.fee(role_slate.code(role_slate.chosen[place])),
                "reason": reasons.summary(contract, values, own, scorer.brief.genres, groups),
            }
        )
        listed = [name for name in np.lexsort((np.arange(len(own)), -np.abs(own))).tolist() if groups or name == len(contract)]
        for position, feature in enumerate(listed, start=1):
            name = features[feature]
            is_proven = name == reasons.PLAUSIBILITY or reasons.about(name) in groups
            told.append(
                {
                    **person,
                    "position": position,
                    "feature": name,
                    "about": reasons.about(name),
                    "delta": float(own[feature]),
                    "value": _known(values[feature]),
                    "usual": means.get(name),
                    "sentence": reasons.sentence(name, float(values[feature]), means.get(name), float(own[feature]), is_proven),
                }
            )
    return rows, told


def _directors(scorer: Scorer) -> list[Row]:
    """Return the directors that suit the brief, whether or not it names one."""
    everybody = scorer.score_directors(propose_directors(scorer.past, scorer.film))
    everybody = _part(everybody, np.flatnonzero(~retired_or_dead(scorer, everybody.people)).tolist())
    scored = _part(everybody, by_history(scorer, everybody)[: scorer.brief.top].tolist())
    names = scorer.view.director_features
    last_three, in_genres = (scored.values[:, names.index(name)] for name in ("dtr3", "director_genre_mean"))
    rows: list[Row] = []
    for place, code in enumerate(scored.people.tolist()):
        career = _career(scorer.past.directors, code)
        reason = (
            f"{career['credit_count']} earlier films, the last in {career['last_year']}; the last three at "
            f"{reasons.shown('dtr3', last_three[place])}, those in these genres at "
            f"{reasons.shown('director_genre_mean', in_genres[place])}."
        )
        rows.append(
            {
                **dict.fromkeys(DIRECTORS),
                "director_name": scorer.people.names[code],
                **_probabilities(scored, place),
                **{name: _known(getattr(scored, name)[place]) for name in ("low", "high")},
                "rank": place + 1,
                "person_id": scorer.people.ids[code],
                **career,
                "reason": reason,
            }
        )
    return rows


def _left_out(scorer: Scorer, role_slate: RoleSlate) -> Iterator[Row]:
    """Yield, for each rule that left candidates out, how many and a sentence that names the first of them."""
    by_rule: dict[str, list[tuple[int, str]]] = {}
    for code, (rule, clause) in sorted(role_slate.left_out.items()):
        by_rule.setdefault(rule, []).append((code, clause))
    for rule, people in by_rule.items():
        named = [f"{scorer.people.names[code]} ({clause})" for code, clause in people[:NAMED]]
        others = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
        verb = "is" if len(people) == 1 else "are"
        yield {
            "role": role_slate.role.name,
            "rule": rule,
            "person_count": len(people),
            "sentence": f"{len(people)} of the candidates {verb} left out by {rule}: {', '.join(named)}{others}.",
        }


def _notes(scorer: Scorer, role_slates: Sequence[RoleSlate], candidates: int) -> list[str]:
    """Return what a reader has to know beside the numbers, one sentence each."""
    brief, model = scorer.brief, scorer.model
    known, curve = len(scorer.past.actors.codes), model.calibrations[scorer.head_name]
    notes = [
        f"{candidates:,} of {known:,} known actors came into question; the model was trained on films up to {model.train_cutoff_year}."
    ]
    if brief.year > scorer.past.year:
        ahead = brief.year - scorer.past.year
        notes.append(f"The data end before {scorer.past.year}: the brief is answered as of then, {ahead} years before the film's own.")
    if scorer.is_debut:
        notes.append("The director has no earlier film: the brief is answered as a debut.")
    if unheard := [word for word in brief.keywords if np.isnan(scorer.keyword_mean(word))]:
        notes.append(f"No earlier film with a known result has the keyword {', '.join(unheard)}: nothing is made of it.")
    elif brief.keywords and not scorer.knows_keywords:
        notes.append("Keywords count only where the budget is named: the brief is answered without them.")
    if new := [
        scorer.people.name(one.person_id) for one in brief.attached if scorer.people.code(one.person_id) not in scorer.past.actors.codes
    ]:
        notes.append(f"{', '.join(new)} had no role before {brief.year}: that they are attached says nothing about the others.")
    for role_slate in role_slates:
        if len(role_slate.chosen) < brief.top:
            notes.append(
                f"Only {len(role_slate.chosen)} of {brief.top} actors were found for the {role_slate.role.name}: "
                "ask for fewer, or loosen a filter."
            )
    if brief.calibrate and curve.method != "platt":
        notes.append(f"p_cal is not calibrated: validation years gave no Platt curve ({curve.method}), so low and high are unknown.")
    if brief.calibrate and (scorer.alpha, scorer.synergy_weight) != (model.alpha, model.synergy_weight):
        notes.append(
            f"p_cal was calibrated with alpha {model.alpha:g} and a synergy weight of {model.synergy_weight:g}, "
            "not with those of this brief: its level may be off."
        )
    unknown = [name for name in brief.filters.must_have if scorer.people.code(name) not in set(scorer.past.actors.codes.tolist())]
    if unknown:
        names = ", ".join(scorer.people.name(name) for name in unknown)
        notes.append(f"{names} had no role before {brief.year} and cannot be scored, whatever must_have says.")
    if brief.filters.max_total_fee_usd is not None:
        fees = [brief.fee(one.person_id) for one in brief.attached]
        fees += [scorer.fee(role_slate.code(role_slate.chosen[0])) for role_slate in role_slates if role_slate.chosen]
        spent, open_ = sum(fee for fee in fees if fee is not None), sum(fee is None for fee in fees)
        notes.append(
            f"{'Who is attached and the' if brief.attached else 'The'} first of each role cost {spent / MILLION:g} "
            f"of {brief.filters.max_total_fee_usd / MILLION:g} million together; "
            f"{open_} of them {'has' if open_ == 1 else 'have'} no fee given."
        )
    return notes


def _ranking(scorer: Scorer, role_slate: RoleSlate) -> Iterator[Row]:
    """Yield every candidate of a role in order of p_high, those that rules left out too."""
    scored = role_slate.scored
    for rank, place in enumerate(scored.order.tolist(), start=1):
        yield {
            "role": role_slate.role.name,
            "rank": rank,
            "person_id": scorer.people.ids[int(scored.people[place])],
            **_probabilities(scored, place),
            "rule": role_slate.left_out.get(int(scored.people[place]), (None, None))[0],
        }


def _generators(proposed: Any, role_slates: Sequence[RoleSlate]) -> dict[int, str]:
    """Return who proposed each chosen actor; an actor that only the brief asked for was proposed by it."""
    chosen = {int(role_slate.scored.people[place]) for role_slate in role_slates for place in role_slate.chosen}
    of_each = {name: set(codes.tolist()) for name, codes in proposed.items()}
    return {code: ",".join(name for name, codes in of_each.items() if code in codes) or "the brief" for code in chosen}


def _part(scored: ScoredPeople, places: Sequence[int]) -> ScoredPeople:
    return ScoredPeople(*(getattr(scored, name)[list(places)] for name in ScoredPeople.__dataclass_fields__))


def _probabilities(scored: ScoredPeople, place: int) -> Row:
    return {name: float(getattr(scored, name)[place]) for name in _PROBABILITIES}


def _career(states: Any, code: int) -> Row:
    person = np.array([code])
    return {"credit_count": int(states.at("credit_count", person)[0]), "last_year": int(states.at("last_year", person)[0])}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
