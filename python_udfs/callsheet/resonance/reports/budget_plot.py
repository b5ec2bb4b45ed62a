"""One brief at a low and at a high budget: which reasons hold for the slates of both, and which for one alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from callsheet.resonance.slates.briefs import Brief
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import Slate, heading, recommend
from callsheet.resonance.training.rows import OF_THE_PERSON

LOW, HIGH = 0.2, 0.8  # of the budgets of the three years before
SHOWN = 8  # reasons of each slate, the strongest first
_COLOURS = {"both": "#0b6e99", "low": "#5a8f5a", "high": "#d07b2c"}
INK = "#333333"


def draw(catalogue: Catalogue) -> Any:
    """Draw the reasons of two slates, for the most frequent genre of the last year and without a director."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    figure = Figure(figsize=(11, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    briefs = _briefs(catalogue)
    reasons = {name: strengths(recommend(catalogue, brief)) for name, brief in briefs.items()}
    titles = " against ".join(heading(catalogue, brief) for brief in briefs.values()).replace("$", r"\$")  # no formula
    figure.suptitle(f"What sets actors apart at a low and a high budget: {titles}", fontsize=12, color=INK, x=0.01, ha="left")
    groups = shared_and_exclusive(reasons)
    drawn = [(group, name) for group, names in groups.items() for name in names]
    if not drawn:
        axes.text(0.5, 0.5, "no reasons: the head knows nothing of actors", ha="center", va="center", transform=axes.transAxes, color=INK)
        return figure
    for side, (budget, shift) in enumerate((("low", 0.2), ("high", -0.2))):
        values = [100 * reasons[budget].get(name, 0.0) for _, name in drawn]
        axes.barh(np.arange(len(drawn)) + shift, values, 0.38, color=[_COLOURS[group] for group, _ in drawn], alpha=(0.55, 1.0)[side])
    axes.set_yticks(range(len(drawn)), [f"{name.replace('_', ' ')} ({_told(group)})" for group, name in drawn], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("mean size of the effect on p_high, in points; pale: low budget, full: high budget")
    return figure


def strengths(slate: Slate) -> dict[str, float]:
    """Return the mean size of each reason about the actor, over the slate; the strongest are kept."""
    total: dict[str, float] = {}
    for row in slate.reasons:
        if row["about"] in OF_THE_PERSON:
            total[row["feature"]] = total.get(row["feature"], 0.0) + abs(row["delta"]) / len(slate.rows)
    strongest = sorted((name for name in total if total[name] > 0), key=lambda name: (-total[name], name))[:SHOWN]
    return {name: total[name] for name in strongest}


def shared_and_exclusive(reasons: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """Return the reasons that are among the strongest of both budgets, of the low one alone and of the high one alone."""
    low, high = reasons["low"], reasons["high"]
    return {
        "both": [name for name in low if name in high],
        "low": [name for name in low if name not in high],
        "high": [name for name in high if name not in low],
    }


def _briefs(catalogue: Catalogue) -> dict[str, Brief]:
    year = int(catalogue.films.year.max()) + 1
    past = catalogue.past(year)
    recent = past.films.genres[past.films.year == past.films.year.max()]
    genre = catalogue.genres[int(recent.sum(axis=0).argmax())]
    budgets = np.quantile(past.budgets, [LOW, HIGH]) if len(past.budgets) else [1e6, 1e8]
    return {name: Brief(year, float(np.round(budget, -5)), (genre,)) for name, budget in zip(("low", "high"), budgets, strict=True)}


def _told(group: str) -> str:
    return "both" if group == "both" else f"{group} alone"
