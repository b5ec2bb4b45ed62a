"""Which candidates get a place: filters of the brief, no actor twice, no near-duplicates, and fees within the limit."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.slates.briefs import ACTIVE_YEARS, MILLION, OLDEST, Role
from callsheet.resonance.slates.scoring import ScoredPeople, Scorer
from callsheet.resonance.training.measures import Integers
from callsheet.runtime.errors import UnusableInputError

NEAR_DUPLICATE = 0.98  # cosine of two actors' profiles: above it they have the same kind of films with the same results


@dataclass
class RoleSlate:
    """One role while it is being filled: who was scored, who was chosen so far, and whom a rule left out."""

    role: Role
    scored: ScoredPeople
    chosen: list[int] = field(default_factory=list)
    left_out: dict[int, tuple[str, str]] = field(default_factory=dict)
    fee_limit: float = float("inf")

    def code(self, place: int) -> int:
        """Return the actor at a place of `scored`."""
        return int(self.scored.people[place])

    def place(self, code: int) -> int:
        """Return the place of an actor."""
        return int(np.searchsorted(self.scored.people, code))


def must_have(scorer: Scorer) -> Integers:
    """Return the actors who must be on the slate; one without an earlier role cannot be scored, and is no candidate."""
    demanded = np.array([scorer.people.code(person_id) for person_id in scorer.brief.filters.must_have], dtype=np.int64)
    return demanded[np.isin(demanded, scorer.past.actors.codes)] if len(demanded) else demanded


def proposals(scorer: Scorer, each: int) -> Mapping[str, Integers]:
    """Return whom each generator proposes; where the brief asks for age or gender, as many again of those who fit."""
    proposed = scorer.proposed(each)
    if not scorer.brief.filters.asks_for_facts:
        return proposed
    if not scorer.people.has_facts:
        raise UnusableInputError(
            "The brief asks for age or gender, and nothing is known of either: import a people file with the films (docs/resonance.md)."
        )
    barred = [code for code, _ in ruled_out_by_facts(scorer, scorer.past.actors.codes)]
    everybody = scorer.proposed(len(scorer.past.actors.codes))
    fitting = {name: people[~np.isin(people, barred)][: len(proposed[name])] for name, people in everybody.items()}
    return {name: np.union1d(proposed[name], fitting[name]) for name in proposed}


def filtered(scorer: Scorer, people: Integers, exempt: set[int]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield whom a filter leaves out, with the rule and a clause about the person; the first rule that does counts."""
    brief, everybody, states = scorer.brief, scorer.people, scorer.past.actors
    filters, excluded = brief.filters, {everybody.code(person_id) for person_id in brief.filters.excluded}
    credits, away = states.at("credit_count", people), brief.year - states.at("last_year", people)
    wanted = [scorer.view.actor_features.index(f"genre_{genre}_aff") for genre in filters.genres]
    has_genre = np.nan_to_num(scorer.rows(1, people)[:, wanted]).sum(axis=1) > 0 if wanted else np.ones(len(people), dtype=bool)
    is_active = away <= filters.active_within_years
    is_known = (credits >= (filters.min_credits or 0)) & (credits <= (np.inf if filters.max_credits is None else filters.max_credits))
    about_them = dict(ruled_out_by_facts(scorer, people))
    parts = dict(zip(scorer.attached.tolist(), (one.role for one in brief.attached), strict=True))
    named = [*parts, *excluded, *(everybody.code(line.person_id) for line in filters.availability), *about_them]
    for place in np.flatnonzero(~is_active | ~is_known | ~has_genre | np.isin(people, named)).tolist():
        code = int(people[place])
        if code in exempt:
            continue
        obstacle = brief.obstacle(everybody.ids[code])
        if code in parts:
            yield code, ("attached", f"plays {parts[code]}")
        elif code in excluded:
            yield code, ("excluded", "named to be left out")
        elif code in about_them:
            yield code, about_them[code]
        elif obstacle:
            yield code, ("availability", obstacle)
        elif filters.min_credits is not None and credits[place] < filters.min_credits:
            yield code, ("min_credits", f"fewer than {filters.min_credits} earlier roles")
        elif filters.max_credits is not None and credits[place] > filters.max_credits:
            yield code, ("max_credits", f"more than {filters.max_credits} earlier roles")
        elif not is_active[place]:
            yield code, ("active_within_years", f"no role since {brief.year - int(away[place])}")
        elif not has_genre[place]:
            yield code, ("actor_genres", f"no {' or '.join(filters.genres)} among the last five roles")


def ruled_out_by_facts(scorer: Scorer, people: Integers) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield whom age, gender or death rule out. Of whom the wish cannot be told is left out too, and that is said.

    As of 1 January of the film's year: who died in that year or later is alive to the brief. Scores know none of this.
    """
    filters, year, facts = scorer.brief.filters, scorer.brief.year, scorer.people
    age, died = year - facts.born[people], facts.died[people]
    low, high = filters.min_age or 0, OLDEST if filters.max_age is None else filters.max_age
    asks_age = filters.min_age is not None or filters.max_age is not None
    wrong_age = asks_age & ~((age >= low) & (age <= high))
    wrong_gender = [filters.gender is not None and facts.gender[code] != filters.gender for code in people.tolist()]
    is_dead = (died < year) & (not filters.include_dead)
    for place in np.flatnonzero(is_dead | wrong_age | np.array(wrong_gender, dtype=bool)).tolist():
        code = int(people[place])
        if is_dead[place]:
            yield code, ("death", f"died in {died[place]:.0f}")
        elif wrong_age[place]:
            yield code, ("age", "age unknown" if np.isnan(age[place]) else f"{age[place]:.0f} in {year}")
        else:
            yield code, ("gender", facts.gender[code] or "gender unknown")


def fill_roles(scorer: Scorer, role_slates: list[RoleSlate], demanded: Integers) -> None:
    """Choose: the first of every role, then the second of every role, and so on; nobody twice, nobody nearly twice in a role, fees kept.

    Who must be on the slate goes to the role with the highest p_high that has room. The fee limit binds who is attached and the first of
    each role together: what earlier ones leave is what a role may cost.
    """
    brief, taken = scorer.brief, set(demanded.tolist())
    for code in demanded.tolist():
        with_room = [role_slate for role_slate in role_slates if len(role_slate.chosen) < brief.top]
        best = max(with_room, key=lambda role_slate: role_slate.scored.p_high[role_slate.place(code)])
        best.chosen.append(best.place(code))
    waiting = [(role_slate, iter(role_slate.scored.order.tolist()), brief.top - len(role_slate.chosen)) for role_slate in role_slates]
    left = brief.filters.max_total_fee_usd
    if left is not None:
        left -= sum(brief.fee(one.person_id) or 0.0 for one in brief.attached)
    for turn in range(brief.top):
        for role_slate, candidates, room in waiting:
            if turn == 0 and left is not None:
                role_slate.fee_limit = left
            if turn < room:
                found = next((place for place in candidates if _fits(scorer, role_slate, place, taken)), None)
                if found is not None:
                    role_slate.chosen.append(found)
                    taken.add(role_slate.code(found))
            if turn == 0 and left is not None and role_slate.chosen:
                first = min(role_slate.chosen, key=role_slate.scored.order.tolist().index)
                left -= scorer.fee(role_slate.code(first)) or 0.0
    for role_slate in role_slates:
        order = role_slate.scored.order.tolist()
        role_slate.chosen.sort(key=order.index)


def _fits(scorer: Scorer, role_slate: RoleSlate, place: int, taken: set[int]) -> bool:
    """Say whether a candidate may come next, and note the rule that forbids it."""
    code = role_slate.code(place)
    if code in taken:
        return False
    fee = scorer.fee(role_slate.code(place))
    if fee is not None and fee > role_slate.fee_limit:
        role_slate.left_out[code] = (
            "max_total_fee",
            f"a fee of {fee / MILLION:g} million, and {max(role_slate.fee_limit, 0) / MILLION:g} million are left",
        )
        return False
    if scorer.brief.use_diversity:
        profiles, states = scorer.past.profiles, scorer.past.actors
        attached = scorer.attached[np.isin(scorer.attached, states.codes)].tolist()  # without a role before there is no profile
        for twin in [*attached, *(role_slate.code(other) for other in role_slate.chosen)]:
            if float((profiles[states.place[code]] * profiles[states.place[twin]]).sum()) > NEAR_DUPLICATE:
                role_slate.left_out[code] = ("diversity", f"nearly the same as {scorer.people.names[twin]}")
                return False
    return True


def retired_or_dead(scorer: Scorer, directors: Integers) -> NDArray[np.bool_]:
    """Say which directors no slate names: who had died before the film's year, and who has made no film for so long."""
    away = scorer.brief.year - scorer.past.directors.at("last_year", directors)
    is_dead = (scorer.people.died[directors] < scorer.brief.year) & (not scorer.brief.filters.include_dead)
    return np.asarray((away > ACTIVE_YEARS) | is_dead)


def by_history(scorer: Scorer, scored: ScoredPeople) -> Integers:
    """Return the places of directors by p_high; of equals who did better in these genres, then lately, then who made more and later films.

    The head gives several the same odds to the last digit. Who is equal in all of this comes in the order of a hash, which says nothing.
    """
    names, states = scorer.view.director_features, scorer.past.directors
    genres, lately = (np.nan_to_num(scored.values[:, names.index(name)], nan=-np.inf) for name in ("director_genre_mean", "dtr3"))
    credits, last = (states.at(name, scored.people) for name in ("credit_count", "last_year"))
    lot = [hashlib.sha256(scorer.people.ids[code].encode()).hexdigest() for code in scored.people.tolist()]
    return np.lexsort((np.array(lot, dtype=str), -last, -credits, -lately, -genres, -scored.p_high))
