"""Alternates: less known actors from whom a similar audience reaction is expected, and what the exchange costs or saves."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from callsheet.resonance.slates.rules import RoleSlate, filtered
from callsheet.resonance.slates.scoring import Scorer
from callsheet.resonance.training.casting_head import best
from callsheet.resonance.training.measures import Floats, Integers

ALTERNATES_EACH = 3  # of each actor of a slate
ALTERNATE_YEARS = 5  # an alternate had a role within so many years
FAME_SHARE = 0.5  # an alternate has at most this share of the lead's earlier credits, so that less known actors are found
FEWEST_ROLES = 3  # profiles of one or two roles are those films' and nobody's
BILLING_DISTANCE = 2.0  # places in the cast, on average: a lead is no alternate for a tenth-billed actor, nor the other way round
GENRE_LIKENESS = 0.5  # cosine of the genres of the last five roles: below it the two play in different films
REACTION_DISTANCE = 0.05  # of p_cal: more is another expectation of the film
COSTAR_WEIGHT = 0.25  # of likeness; the rest is the cosine of the two profiles
CLOSEST = 120  # of each lead, by profile, are scored
LIKELIEST = 40  # of these, by p_high, are looked at for co-stars: who suits neither film nor place is no help
VOICE = 0.5  # who lends a voice to more than half of the last five roles is no alternate in a film that is not animated

ALTERNATES = {
    "actor_name": "string", "p_base": "float64", "p_cal": "float64", "p_high": "float64", "role": "string", "lead_name": "string",
    "lead_id": "string", "lead_rank": "int64", "rank": "int64", "person_id": "string", "distance": "float64", "credit_count": "int64",
    "credit_limit": "int64", "p_difference": "float64", "fee_usd": "float64", "fee_difference_usd": "float64", "costar_share": "float64",
    "usual_billing": "float64", "last_year": "int64",
}  # fmt: skip


def find_alternates(scorer: Scorer, role_slates: Sequence[RoleSlate]) -> list[dict[str, Any]]:
    """Return the alternates of each actor of the slate, the most alike first: nobody who is on a slate, dead or ruled out."""
    states, codes = scorer.past.actors, scorer.past.actors.codes
    shown = {int(role_slate.scored.people[place]) for role_slate in role_slates for place in role_slate.chosen}
    active = codes[(scorer.brief.year - states.at("last_year", codes) <= ALTERNATE_YEARS) & ~np.isin(codes, list(shown))]
    acting = active[np.array([scorer.people.acts(code) for code in active.tolist()], dtype=bool)]
    if "animation" not in scorer.brief.genres and len(acting):
        acting = acting[~(scorer.rows(1, acting)[:, scorer.view.actor_features.index("genre_animation_aff")] > VOICE)]
    pool = np.setdiff1d(acting, [code for code, _ in filtered(scorer, acting, set())])
    return [row for role_slate in role_slates for row in _of_role(scorer, role_slate, pool)]


def _of_role(scorer: Scorer, role_slate: RoleSlate, pool: Integers) -> list[dict[str, Any]]:
    leads = [int(role_slate.scored.people[place]) for place in role_slate.chosen]
    near = [_near(scorer, lead, pool) for lead in leads]
    people = np.unique(np.concatenate([*(codes for codes, _ in near), np.zeros(0, dtype=np.int64)])).astype(np.int64)
    scored = scorer.score(role_slate.role.bill_order, people)
    rows: list[dict[str, Any]] = []
    for lead_rank, (lead, (closest, profile)) in enumerate(zip(leads, near, strict=True), start=1):
        place, found = role_slate.chosen[lead_rank - 1], np.searchsorted(people, closest)
        likely = best(scored.p_high[found], LIKELIEST)
        codes, places = closest[likely], found[likely]
        shared = _costar_shares(scorer, lead, codes)
        likeness = (1 - COSTAR_WEIGHT) * profile[likely] + COSTAR_WEIGHT * shared
        apart = np.abs(scored.p_cal[places] - role_slate.scored.p_cal[place])
        too_far = np.where(apart > REACTION_DISTANCE, apart, 0.0)  # where nobody is near, the least far
        order = np.lexsort((codes, -likeness, too_far))[:ALTERNATES_EACH]
        for rank, chosen in enumerate(order.tolist(), start=1):
            code, at = int(codes[chosen]), int(places[chosen])
            rows.append(
                {
                    **dict.fromkeys(ALTERNATES),
                    "actor_name": scorer.people.names[code],
                    **{name: float(getattr(scored, name)[at]) for name in ("p_base", "p_cal", "p_high")},
                    "role": role_slate.role.name,
                    "lead_name": scorer.people.names[lead],
                    "lead_id": scorer.people.ids[lead],
                    "lead_rank": lead_rank,
                    "rank": rank,
                    "distance": 1 - float(likeness[chosen]),
                    **_career(scorer, code),
                    "credit_limit": _credit_limit(scorer, lead),
                    "p_difference": float(scored.p_cal[at] - role_slate.scored.p_cal[place]),
                    **_fees(scorer, lead, code),
                    "costar_share": float(shared[chosen]),
                }
            )
    return rows


def _near(scorer: Scorer, lead: int, pool: Integers) -> tuple[Integers, Floats]:
    """Return the people of the pool who are less known than the lead, billed like the lead and nearest in profile, with the cosine."""
    states, limit = scorer.past.actors, _credit_limit(scorer, lead)
    credits, billing = states.at("credit_count", pool), states.at("billing_mean", pool)
    own = states.at("billing_mean", np.array([lead]))[0]
    fits = (credits <= limit) & (credits >= min(FEWEST_ROLES, limit)) & (np.abs(billing - own) <= BILLING_DISTANCE)
    unsung = pool[fits]
    unsung = unsung[_genre_likeness(scorer, lead, unsung) >= GENRE_LIKENESS]
    profile = scorer.past.likeness(lead)[states.place[unsung]]
    nearest = best(profile, CLOSEST)
    return unsung[nearest], profile[nearest]


def _genre_likeness(scorer: Scorer, lead: int, people: Integers) -> Floats:
    """Return the cosine between the genres of the lead's last five roles and those of each one's; 0 where one of them has none."""
    rows = np.nan_to_num(scorer.rows(1, np.append(people, lead))[:, [name.endswith("_aff") for name in scorer.view.actor_features]])
    length = np.sqrt((rows**2).sum(axis=1))
    product = length[:-1] * length[-1]
    return np.asarray(np.divide(rows[:-1] @ rows[-1], product, out=np.zeros(len(people)), where=product > 0))


def _costar_shares(scorer: Scorer, lead: int, people: Integers) -> Floats:
    """Return which share of the people in each one's casts has worked with the lead too."""
    acting = scorer.past.films.acting
    costars = np.zeros(scorer.past.people, dtype=bool)
    costars[acting.of(np.unique(acting.film[acting.person == lead]))[1]] = True
    costars[lead] = False
    rows = np.flatnonzero(np.isin(acting.person, people))
    films, person = acting.film[rows], acting.person[rows]
    circle = np.bincount(acting.film, costars[acting.person])[films] - costars[person]
    others = np.bincount(acting.film)[films] - 1
    shared, met = (np.bincount(person, values, scorer.past.people)[people] for values in (circle, others))
    return np.divide(shared, met, out=np.zeros(len(people)), where=met > 0)


def _credit_limit(scorer: Scorer, lead: int) -> int:
    return max(1, int(FAME_SHARE * scorer.past.actors.at("credit_count", np.array([lead]))[0]))


def _career(scorer: Scorer, code: int) -> dict[str, Any]:
    states, person = scorer.past.actors, np.array([code])
    credits, last, billing = (float(states.at(name, person)[0]) for name in ("credit_count", "last_year", "billing_mean"))
    return {"person_id": scorer.people.ids[code], "credit_count": int(credits), "last_year": int(last), "usual_billing": billing}


def _fees(scorer: Scorer, lead: int, code: int) -> dict[str, float | None]:
    """Return the fee, and how much more it is than the lead's; None where one of the two is not given."""
    fee, usual = scorer.fee(code), scorer.fee(lead)
    return {"fee_usd": fee, "fee_difference_usd": None if fee is None or usual is None else fee - usual}
