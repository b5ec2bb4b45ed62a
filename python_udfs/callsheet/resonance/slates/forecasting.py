"""The forecast of a brief: one probability for the film with this slate, its interval, and the comparable films of earlier years."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from callsheet.resonance.slates.briefs import MILLION
from callsheet.resonance.slates.candidates import similar_films
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.rules import RoleSlate
from callsheet.resonance.slates.scoring import Scorer
from callsheet.resonance.training.casting_head import best
from callsheet.resonance.training.measures import Floats, Integers

COMPARABLE_FILMS = 10
SHOWN_FILMS = 3  # of them in a line of text
LEAST_REVENUES = 4  # fewer comparable films of known revenue have no quartiles worth their name
COMPARABLES = {
    "film_id": "string", "title": "string", "film_year": "int64", "budget_usd": "float64", "revenue_usd": "float64", "resonance": "float64",
    "likeness": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Forecast:
    """What is said of the film: the same whoever of the slate is cast. Probabilities are None where nobody is on the slate."""

    p: float | None
    low: float | None
    high: float | None
    revenue_low_usd: float | None
    revenue_high_usd: float | None
    comparables: list[dict[str, Any]]
    warning: str | None

    @property
    def named(self) -> list[str]:
        """Return the comparable films by name, with their resonance."""
        return [f"{film['title']} ({film['film_year']}, {film['resonance']:+.2f})" for film in self.comparables]

    @property
    def lines(self) -> list[str]:
        """Return what a reader has to see before the slate, the warning first."""
        lines = [] if self.warning is None else [self.warning]
        if self.p is not None:
            interval = "" if self.low is None or self.high is None else f" ({self.low:.2f}–{self.high:.2f})"
            lines.append(f"Forecast for the film: {self.p:.2f}{interval}. The order below says who is likely to be cast.")
        if self.comparables:
            lines.append(f"Comparable films, with their resonance: {', '.join(self.named[:SHOWN_FILMS])}.")
        if self.revenue_low_usd is not None and self.revenue_high_usd is not None:
            low, high = self.revenue_low_usd / MILLION, self.revenue_high_usd / MILLION
            lines.append(f"The middle half of the comparable films took ${low:.0f} to ${high:.0f} million.")
        return lines


def forecast(catalogue: Catalogue, scorer: Scorer, role_slates: Sequence[RoleSlate]) -> Forecast:
    """Return the forecast of a filled brief."""
    chosen = np.concatenate([role_slate.scored.odds[role_slate.chosen] for role_slate in role_slates])
    said: list[float | None] = [None, None, None]
    if len(chosen):
        found = (float(value[0]) for value in scorer.calibrated(scorer.head_name, np.array([chosen.mean()])))
        said = [None if np.isnan(value) else value for value in found]
    weight = similar_films(scorer.past, scorer.film) * ~np.isnan(scorer.past.films.nano)
    places = _heaviest(weight)
    likenesses = zip(catalogue.films_at(places.tolist()), weight[places].tolist(), strict=True)
    films = [{**film, "likeness": likeness} for film, likeness in likenesses]
    revenues = [film["revenue_usd"] for film in films if film["revenue_usd"] is not None]
    low, high = np.quantile(revenues, [0.25, 0.75]).tolist() if len(revenues) >= LEAST_REVENUES else (None, None)
    return Forecast(said[0], said[1], said[2], low, high, films, warning(scorer))


def warning(scorer: Scorer) -> str | None:
    """Return what must stand above a slate whose head was not shown to rank films better than their budget does."""
    if not scorer.model.serving.is_no_better_than_budget(scorer.head_name):
        return None
    return "On years it had not seen this head ranked films no better than their budget alone: no reason below is about the outcome."


def _heaviest(weight: Floats) -> Integers:
    places = np.flatnonzero(weight > 0)
    return places[best(weight[places], COMPARABLE_FILMS)]
