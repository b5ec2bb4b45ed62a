"""Two briefs side by side: who entered the slate, who left it, who moved, and which numbers did it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from callsheet.resonance.slates.briefs import Role
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import Explanation, Row, Slate, explain
from callsheet.resonance.slates.reasons import named
from callsheet.resonance.training.rows import OF_THE_PERSON

COMPARISON = {
    "actor_name": "string",
    "change": "string",
    "role": "string",
    "rank_before": "int64",
    "rank_after": "int64",
    "p_cal_before": "float64",
    "p_cal_after": "float64",
    "person_id": "string",
    "why": "string",
}
ENTERED, LEFT, UP, DOWN, STAYED = "entered", "left", "up", "down", "stayed"
_ORDER = (ENTERED, LEFT, UP, DOWN, STAYED)
_LEAST_SHIFT = 0.002  # of probability: smaller shifts are not named as a cause
_NAMED_CAUSES = 2


@dataclass(frozen=True)
class Comparison:
    """What changed from one slate to another, role by role in their order; `rows` are of COMPARISON."""

    before: Slate
    after: Slate
    rows: list[Row]


def compare(catalogue: Catalogue, before: Slate, after: Slate) -> Comparison:
    """Compare two slates, roles in their order. Ranks beyond the slate are told too; without one an actor was no candidate."""
    rows = [
        row
        for roles in zip(before.brief.roles_to_fill, after.brief.roles_to_fill, strict=False)
        for row in _role(catalogue, before, after, roles)
    ]
    return Comparison(before, after, rows)


def lines_of(comparison: Comparison) -> list[str]:
    """Return the comparison as a person reads it; who stayed is counted."""
    before, after = comparison.before.brief, comparison.after.brief
    lines = [f"Against {before.label} (points of p_high are against the others):"]
    for row in comparison.rows:
        if row["change"] != STAYED:
            place = f"{_rank(row['rank_before'])} → {_rank(row['rank_after'])}"
            lines.append(f"  {row['change']:<8}{row['actor_name']}, {row['role']}, {place}: {row['why']}")
    stayed = sum(row["change"] == STAYED for row in comparison.rows)
    lines.append(f"  {stayed} stayed in their place.")
    if len(before.roles_to_fill) != len(after.roles_to_fill):
        lines.append(
            f"  One has {len(before.roles_to_fill)} roles, the other {len(after.roles_to_fill)}: only the first of each are compared."
        )
    return [*lines, ""]


@dataclass(frozen=True)
class _Side:
    """One of the two slates, for one role: rows by person, every ranked candidate, and what is said of all who are compared."""

    when: str
    chosen: Mapping[str, Row]
    ranked: Mapping[str, Row]
    explained: Explanation

    def place(self, person_id: str) -> Row:
        return self.chosen.get(person_id) or self.ranked.get(person_id) or {"rank": None, "p_cal": None}

    def hindrance(self, person_id: str) -> str | None:
        """Return what kept the actor off this slate, if it was not the odds."""
        if person_id in self.chosen:
            return None
        if person_id not in self.ranked:
            return self.explained.left_out.get(person_id) or "proposed by no generator"
        rule = self.ranked[person_id]["rule"]
        return f"left out by {rule}" if rule else None


def _role(catalogue: Catalogue, before: Slate, after: Slate, roles: tuple[Role, Role]) -> list[Row]:
    slates = list(zip(("then", "now"), (before, after), roles, strict=True))
    chosen = [{row["person_id"]: row for row in slate.rows if row["role"] == role.name} for _, slate, role in slates]
    people = sorted(chosen[0].keys() | chosen[1].keys())
    if not people:
        return []
    known = [person_id for person_id in people if all(_is_known(catalogue, slate, person_id) for _, slate, _ in slates)]
    then, now = (
        _Side(
            when,
            own,
            {row["person_id"]: row for row in slate.ranking if row["role"] == role.name},
            explain(catalogue, slate.brief, role, known),
        )
        for own, (when, slate, role) in zip(chosen, slates, strict=True)
    )
    shifts = _shifts(then.explained.reasons, now.explained.reasons, known)
    rows: list[Row] = []
    for person_id in people:
        change = _change(then.chosen.get(person_id), now.chosen.get(person_id))
        hindrances = [f"{side.when}, {why}" for side in (then, now) if (why := side.hindrance(person_id))]
        if person_id not in known:
            hindrances = [f"no role before {min(before.brief.year, after.brief.year)}"]
        rows.append(
            {
                "actor_name": catalogue.people.name(person_id),
                "change": change,
                "role": roles[1].name,
                "rank_before": then.place(person_id)["rank"],
                "rank_after": now.place(person_id)["rank"],
                "p_cal_before": then.place(person_id)["p_cal"],
                "p_cal_after": now.place(person_id)["p_cal"],
                "person_id": person_id,
                "why": "; ".join(hindrances) or _causes(shifts[person_id], change),
            }
        )
    return sorted(rows, key=lambda row: (_ORDER.index(row["change"]), row["rank_after"] or row["rank_before"], row["person_id"]))


def _is_known(catalogue: Catalogue, slate: Slate, person_id: str) -> bool:
    return catalogue.people.code(person_id) in catalogue.past(slate.brief.year).actors.codes


def _change(then: Row | None, now: Row | None) -> str:
    if then is None:
        return ENTERED
    if now is None:
        return LEFT
    moved = then["rank"] - now["rank"]
    return UP if moved > 0 else DOWN if moved < 0 else STAYED


def _shifts(before: list[Row], after: list[Row], people: list[str]) -> dict[str, dict[str, float]]:
    """Return, by person and feature about the person, how much more it counts now, against the mean of all who are compared.

    What lifts everybody changes no order.
    """
    moved: dict[str, dict[str, float]] = {person_id: defaultdict(float) for person_id in people}
    for sign, rows in ((-1, before), (1, after)):
        for row in rows:
            if row["about"] in OF_THE_PERSON:
                moved[row["person_id"]][row["feature"]] += sign * row["delta"]
    features = sorted({feature for own in moved.values() for feature in own})
    means = {feature: sum(own[feature] for own in moved.values()) / len(people) for feature in features}
    return {person_id: {feature: own[feature] - means[feature] for feature in features} for person_id, own in moved.items()}


def _causes(shifts: dict[str, float], change: str) -> str:
    """Return the features that moved the actor most in the direction taken."""
    sign = 1 if change in (ENTERED, UP) else -1
    loudest = sorted(shifts, key=lambda feature: (-sign * shifts[feature], feature))[:_NAMED_CAUSES]
    causes = [f"{named(feature)} {100 * shifts[feature]:+.1f}" for feature in loudest if sign * shifts[feature] >= _LEAST_SHIFT]
    if change == STAYED:
        return "in its place"
    return " and ".join(causes) if causes else "the others moved, not this one"


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)
