"""Two briefs side by side: who entered the slate, who left it, who moved, and which numbers did it."""

from collections import defaultdict
from dataclasses import dataclass

from python_udfs.resonance.briefs import Role
from python_udfs.resonance.catalogue import Catalogue
from python_udfs.resonance.reasons import named
from python_udfs.resonance.slates import Row, Slate, explain

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
_LEAST_SHIFT = 0.002  # of probability: less than this is not named as a cause
_NAMED_CAUSES = 2


@dataclass(frozen=True)
class Comparison:
    """What changed from one slate to another, role by role in their order; `rows` are of COMPARISON."""

    before: Slate
    after: Slate
    rows: list[Row]


def compare(catalogue: Catalogue, before: Slate, after: Slate) -> Comparison:
    """Compare two slates. Ranks beyond the slate are told too; no rank means left out."""
    rows = [row for roles in zip(before.brief.cast, after.brief.cast, strict=False) for row in _role(catalogue, before, after, roles)]
    return Comparison(before, after, rows)


def lines_of(comparison: Comparison) -> list[str]:
    """Return the comparison as a person reads it; who stayed is counted."""
    before, after = comparison.before.brief, comparison.after.brief
    lines = [f"Against {before.label}:"]
    for row in comparison.rows:
        if row["change"] != STAYED:
            place = f"{_rank(row['rank_before'])} → {_rank(row['rank_after'])}"
            lines.append(f"  {row['change']:<8}{row['actor_name']}, {row['role']}, {place}: {row['why']}")
    stayed = sum(row["change"] == STAYED for row in comparison.rows)
    lines.append(f"  {stayed} stayed in their place.")
    if len(before.cast) != len(after.cast):
        lines.append(f"  One has {len(before.cast)} roles, the other {len(after.cast)}: only the first of each are compared.")
    return [*lines, ""]


def _role(catalogue: Catalogue, before: Slate, after: Slate, roles: tuple[Role, Role]) -> list[Row]:
    old, new = (
        {row["person_id"]: row for row in slate.rows if row["role"] == role.name}
        for slate, role in zip((before, after), roles, strict=True)
    )
    people = sorted(old.keys() | new.keys())
    if not people:
        return []
    ranked = [
        {row["person_id"]: row for row in slate.ranking if row["role"] == role.name}
        for slate, role in zip((before, after), roles, strict=True)
    ]
    explained = [explain(catalogue, slate.brief, role, people) for slate, role in zip((before, after), roles, strict=True)]
    shifts = _shifts(*([why for item in items for why in item.reasons] for items in explained), people)
    rows = []
    for person_id, *either in zip(people, *explained, strict=True):
        was, now = (places.get(person_id, {}) for places in ranked)
        change = _change(person_id, old, new)
        left_out = [f"{when}: {item.left_out}" for when, item in zip(("before", "now"), either, strict=True) if item.left_out]
        rows.append(
            {
                "actor_name": catalogue.name(person_id),
                "change": change,
                "role": roles[1].name,
                "rank_before": was.get("rank"),
                "rank_after": now.get("rank"),
                "p_cal_before": was.get("p_cal"),
                "p_cal_after": now.get("p_cal"),
                "person_id": person_id,
                "why": "; ".join(left_out) or _causes(shifts[person_id], change),
            }
        )
    return sorted(rows, key=lambda row: (_ORDER.index(row["change"]), row["rank_after"] or row["rank_before"] or 0, row["person_id"]))


def _change(person_id: str, old: Row, new: Row) -> str:
    if person_id not in old:
        return ENTERED
    if person_id not in new:
        return LEFT
    moved = old[person_id]["rank"] - new[person_id]["rank"]
    return UP if moved > 0 else DOWN if moved < 0 else STAYED


def _shifts(before: list[Row], after: list[Row], people: list[str]) -> dict[str, dict[str, float]]:
    """Return, by person and feature, how much more the feature counts now, against the mean of all who are compared.

    A larger budget lifts everybody; only what lifts one more than the others changes the order.
    """
    moved: dict[str, dict[str, float]] = {person_id: defaultdict(float) for person_id in people}
    for sign, rows in ((-1, before), (1, after)):
        for row in rows:
            moved[row["person_id"]][row["feature"]] += sign * row["delta"]
    features = sorted({feature for own in moved.values() for feature in own})
    means = {feature: sum(own[feature] for own in moved.values()) / len(people) for feature in features}
    return {person_id: {feature: own[feature] - means[feature] for feature in features} for person_id, own in moved.items()}


def _causes(shifts: dict[str, float], change: str) -> str:
    """Return the features that moved the actor most in the direction taken."""
    sign = 1 if change in (ENTERED, UP) else -1
    loudest = sorted(shifts, key=lambda feature: (-sign * shifts[feature], feature))[:_NAMED_CAUSES]
    causes = [f"{named(feature)} {100 * shifts[feature]:+.1f} points" for feature in loudest if sign * shifts[feature] >= _LEAST_SHIFT]
    if change == STAYED:
        return "in its place"
    return f"{' and '.join(causes)} against the others" if causes else "the others moved, not this one"


def _rank(rank: int | None) -> str:
    return "left out" if rank is None else f"rank {rank}"
