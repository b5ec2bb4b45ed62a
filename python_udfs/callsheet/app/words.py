"""What codes are called where a person reads them."""

from dataclasses import dataclass
from typing import Literal

TYPES = {"F": "Film", "T": "TV and streaming", "C": "Commercial", "V": "Voice and other"}


@dataclass(frozen=True)
class Measure:
    """A measure of the pulse: its name, how its numbers are written (d3 and Python), and what it means."""

    title: str
    number: str
    text: str
    meaning: str


MEASURES = {
    "day_rate_usd": Measure("Day rate, USD", "$,.0f", "${:,.0f}", "The median day rate of the published days, weighted by their counts."),
    "roles_per_day": Measure(
        "New roles per day", ",.1f", "{:,.1f} a day", "Roles that were first seen in the week, per day. More traffic does not raise it."
    ),
    "views_per_day": Measure("Role views per day", ",.1f", "{:,.1f} a day", "How often role notices were looked at, per day of the week."),
    "region_share_pct": Measure(
        "Share of the type's new roles, %",
        ",.0f",
        "{:,.0f} %",
        "Of all new roles of the project type that week, the part in this region.",
    ),
    "lead_share_pct": Measure("Lead share, %", ",.0f", "{:,.0f} %", "Percent of the role views that are for a lead or principal."),
    "union_share_pct": Measure("Union share, %", ",.0f", "{:,.0f} %", "Percent of the role views that are union."),
    "ai_share_pct": Measure("AI theme, %", ",.0f", "{:,.0f} %", "Percent of the role views whose text names AI, a robot or an android."),
    "priced_share_pct": Measure(
        "Priced share, %", ",.0f", "{:,.0f} %", "Percent of the role views that have a day rate: what the rate speaks for."
    ),
    "sentiment": Measure("Sentiment, −1 to 1", ",.2f", "{:+.2f}", "Mean polarity of the role descriptions; English only."),
}

Colour = Literal["green", "orange", "red"]
LEVELS: dict[str, tuple[str, Colour]] = {
    "ok": (":material/check_circle:", "green"),
    "warn": (":material/error:", "orange"),
    "alert": (":material/warning:", "red"),
}

LABELS = {
    "high_resonance": "High resonance",
    "over_budget_peer": "Better than its budget peers",
}
LABEL_MEANINGS = {
    "high_resonance": "The film ends in the top quarter of its time. Nearly a budget detector: raw budget alone does well.",
    "over_budget_peer": "The film ends in the top quarter of films with a budget like its own. This is what casting can change.",
}
MODELS = {
    "actor_head_platt": "actor head, calibrated",
    "actor_head": "actor head, as fitted",
    "actor_head_isotonic": "actor head, isotonic",
    "director_head": "director head",
    "logistic_regression": "logistic regression",
    "director_past_mean": "director's past mean",
    "actor_past_mean": "actor's past mean",
    "raw_budget": "raw budget",
    "prevalence": "always the average",
    "casting_head": "casting head",
    "casting_head_without_director": "casting head, no director",
    "genre_budget_recency": "genre × budget × recency",
    "genre_recency": "genre × recency",
    "popularity": "popularity",
    "random": "at random",
}
OURS = ("actor_head_platt", "casting_head")
