"""Reasons: each feature is set to its training mean in turn, and the change of p_high is told in numbers and in words."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from callsheet.resonance.slates.scoring import ScoredPeople, Scorer
from callsheet.resonance.training.calibration import logit, sigmoid
from callsheet.resonance.training.measures import Floats
from callsheet.resonance.training.rows import OF_THE_PERSON, group_of

POINTS = 100.0  # a point is one hundredth of probability
PLAUSIBILITY = "plausibility"  # beside the features: what it adds to p_high says nothing of the outcome
SAID = 3  # features in a row's sentence: more are not read
_SIGNED = ("mean", "residual", "revenue", "rating", "resonance", "lift", "atr3", "dtr3", PLAUSIBILITY)
_LEAST = 0.0005  # of p_high: smaller changes are shown as none
_NAMES = {
    "bill_order": "bill order",
    "log_budget": "the budget",
    "budget_year_pct": "the budget's rank among those of the three years before",
    "year_sin": "the sine of the year in the era's cycle",
    "year_cos": "the cosine of the year in the era's cycle",
    "is_budget_known": "whether the budget is known",
    "peer_resonance": "how films of such a budget did",
    "genre_mean": "how films of these genres did",
    "genre_count": "the number of genres",
    "keyword_mean": "how films with these keywords did",
    "atr3": "how the actor's last three films did",
    "dtr3": "how the director's last three films did",
    "bfd": "the distance in tenths between the budget and the actor's usual ones",
    "release_density": "roles in the three years before",
    "pair_count": "earlier films of the two together",
    "pair_mean": "how the films of the two together did",
    "pair_lift": "how much better than usual the films of the two together did",
    "credit_count": "the {role}'s earlier credits",
    "rated_count": "the {role}'s earlier films with a known outcome",
    "mean": "how all the {role}'s films did",
    "genre_mean_of": "how the {role}'s films in these genres did",
    "residual": "how the {role}'s films did against others of their budget",
    "revenue": "what the {role}'s films took",
    "rating": "how the {role}'s films were rated",
    "last_resonance": "how the {role}'s last film did",
    "best_resonance": "how the {role}'s best film did",
    "years_since_last": "years since the {role}'s last film",
    "billing_mean": "the actor's usual bill order",
    PLAUSIBILITY: "how plausible the casting is, in log odds above the fifteenth of all known actors,",
}


def about(feature: str) -> str:
    """Return whom a feature is about: actor, pair, director or film."""
    return "actor" if feature == PLAUSIBILITY else group_of(feature)


@functools.cache
def named(feature: str) -> str:
    """Return what a feature is called among people."""
    if feature in _NAMES:
        return _NAMES[feature]
    if feature.endswith("_aff"):
        return f"the share of {_genre(feature.removesuffix('_aff'))} in the actor's last five roles"
    role, _, what = feature.partition("_")
    if role == "genre":
        return f"whether the film is {_genre(feature)}"
    return _NAMES["genre_mean_of" if what == "genre_mean" else what].format(role=role)


def proven(scorer: Scorer) -> frozenset[str]:
    """Return the groups of features whose effect out of time excludes 0, or that are not about a person; none where budget does as well."""
    serving, head = scorer.model.serving, scorer.head_name
    if serving.is_no_better_than_budget(head):
        return frozenset()
    return frozenset({"film", "director"} | {group for group in OF_THE_PERSON if serving.is_proven(head, group)})


def deltas(scorer: Scorer, scored: ScoredPeople, means: Mapping[str, float | None]) -> Floats:
    """Return, for each row and each feature of the contract, p_high less what it would be with the feature at its training mean.

    All rows and features go through the heads in one call. A feature the head did not learn, or without a mean, changes nothing. The last
    column is of plausibility: p_high less what it would be without.
    """
    contract = scorer.view.actor_features
    usual = [(place, means[name]) for place, name in enumerate(contract) if means.get(name) is not None]
    rows = len(scored.people)
    batch = np.tile(scored.values, (len(usual), 1))
    for turn, (place, mean) in enumerate(usual):
        batch[turn * rows : (turn + 1) * rows, place] = mean
    changed = scorer.judge(np.tile(scored.people, len(usual)), batch).p_high.reshape(len(usual), rows)
    found = np.zeros((rows, len(contract) + 1))
    found[:, [place for place, _ in usual]] = scored.p_high[:, None] - changed.T
    found[:, -1] = scored.p_high - sigmoid(logit(scored.p_high) - scored.plausibility)
    return found


def sentence(feature: str, value: float, usual: float | None, delta: float, is_proven: bool) -> str:
    """Say in plain English what one feature does to one row. Of what is unknown, or within chance, no points are told."""
    name = named(feature)
    name = f"{name[0].upper()}{name[1:]}"
    if np.isnan(value):
        return f"{name} is unknown."
    told = f"{name} is {shown(feature, value)}, usually {shown(feature, float('nan') if usual is None else usual)}"
    if abs(delta) < _LEAST:
        return f"{told}: makes no difference."
    if not is_proven:
        return f"{told}: what it does to a film is not told apart from chance."
    return f"{told}: {'raises' if delta > 0 else 'lowers'} p_high by {abs(delta) * POINTS:.1f} points."


def summary(features: Sequence[str], values: Floats, changes: Floats, genres: Sequence[str], groups: frozenset[str]) -> str:
    """Say in one sentence what is known of this actor for this casting, and what of it is proven to move the outcome."""
    known = dict(zip(features, values.tolist(), strict=False))
    facts = [f"{shown('release_density', known['release_density'])} roles in three years"]
    facts += [
        f"{known[f'genre_{genre}_aff']:.0%} of the last five in {_genre(f'genre_{genre}')}"
        for genre in genres
        if known.get(f"genre_{genre}_aff", 0.0) > 0
    ]
    if known["pair_count"] > 0:
        facts.append(f"{known['pair_count']:.0f} with the director")
    if not np.isnan(known["actor_billing_mean"]):
        facts.append(f"usual billing {known['actor_billing_mean']:.1f}")
    own = [
        place
        for place, name in enumerate(features)
        if about(name) in groups & set(OF_THE_PERSON) and abs(changes[place]) >= _LEAST and not np.isnan(values[place])
    ]
    own.sort(key=lambda place: (-abs(changes[place]), place))
    parts = [_listed(facts)]
    for verb, chosen in (("raised by", [p for p in own if changes[p] > 0]), ("lowered by", [p for p in own if changes[p] < 0])):
        said = [
            f"{named(features[p])} ({shown(features[p], values[p])}: {changes[p] * POINTS:+.1f} points)" for p in chosen if p in own[:SAID]
        ]
        parts += [f"{verb} {_listed(said)}"] if said else []
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def shown(feature: str, value: float) -> str:
    """Return a feature's value for people."""
    if np.isnan(value):
        return "unknown"
    if feature == "log_budget":
        return f"{np.exp(value) / 1e6:.1f} million"
    if feature.endswith("_aff") or feature == "budget_year_pct":
        return f"{value * 100:.0f} %"
    if feature.startswith(("is_", "genre_")) and feature not in ("genre_mean", "genre_count"):
        return {0.0: "no", 1.0: "yes"}.get(value, f"yes in {value * 100:.0f} %")
    if feature.endswith(_SIGNED) and feature != "actor_billing_mean":
        return f"{value:+.2f}"
    return f"{value:g}" if value == round(value) else f"{value:.1f}"


def _genre(feature: str) -> str:
    return feature.removeprefix("genre_").replace("_", " ")


def _listed(parts: list[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
