"""A slate as pictures a person wants to look at: who, how sure, and why. The same slate draws the same bytes."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from callsheet.resonance.reports.plots import GREY, INK, save
from callsheet.resonance.slates.make_slate import Slate
from callsheet.resonance.training.rows import OF_THE_PERSON

SHOWN_ROWS = 25  # more names than this on one picture are not read
SHOWN_FEATURES = 12
_BLUE, _SOFT, _ORANGE = "#0b6e99", "#7fb7d1", "#d07b2c"


def draw(folder: Path, stem: str, title: str, slate: Slate) -> list[str]:
    """Draw what there is into the folder and return the names of the files."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy

    with mpl.rc_context({"text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a name in letters that the font lacks is drawn as boxes
        return [save(figure, folder / f"{name}.png") for name, figure in _figures(stem, title, slate)]


def _figures(stem: str, title: str, slate: Slate) -> Iterator[tuple[str, Any]]:
    rows = pd.DataFrame(slate.rows)
    if slate.rows:
        yield f"slate_{stem}", _ranking(title, rows, "actor_name")
    if slate.reasons:
        yield f"{stem}_reasons", _heat(title, rows, pd.DataFrame(slate.reasons))
    if slate.directors:
        yield f"director_slate_{stem}", _ranking(title, pd.DataFrame(slate.directors).assign(role="director"), "director_name")


def _ranking(title: str, slate: pd.DataFrame, name: str) -> Any:
    """Draw one line per person: the calibrated probability with its interval, the best on top; roles below each other."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy; and no pyplot, whose state would outlive the call

    roles = [(role, rows.head(SHOWN_ROWS)) for role, rows in slate.groupby("role", sort=False)]
    sizes = [len(rows) for _, rows in roles]
    figure = Figure(figsize=(9, 1.5 + 0.34 * sum(sizes) + 0.6 * len(roles)), layout="constrained")
    figure.suptitle(title, fontsize=13, color=INK, x=0.01, ha="left")
    panels = figure.subplots(len(roles), 1, sharex=True, squeeze=False, height_ratios=sizes)[:, 0]
    for axes, (role, rows) in zip(panels, roles, strict=True):
        places = np.arange(len(rows))
        axes.hlines(places, rows["low"].astype(float), rows["high"].astype(float), color=_SOFT, linewidth=5, alpha=0.6)
        axes.scatter(rows["p_cal"], places, s=42, color=_BLUE, zorder=3, label="calibrated, with its interval")
        axes.scatter(rows["p_high"], places, s=60, color=_ORANGE, marker="|", linewidths=2, zorder=3, label="p_high, which ranks")
        axes.set_yticks(places, [f"{rank}  {person}" for person, rank in zip(rows[name], rows["rank"], strict=True)])
        axes.set_title(role, fontsize=11, loc="left", color=INK)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(labelsize=9, left=False)
        axes.grid(axis="x", color=GREY, linewidth=0.6)
        axes.set_axisbelow(True)
    panels[-1].set_xlim(0, min(1.0, 1.08 * float(np.nanmax(slate[["p_cal", "p_high", "high"]].to_numpy(dtype=np.float64)))))
    panels[-1].set_xlabel("probability that the film does well")
    panels[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, fontsize=8, frameon=False)
    return figure


def _heat(title: str, slate: pd.DataFrame, reasons: pd.DataFrame) -> Any:
    """Draw what sets the first role's actors apart: red adds, blue takes. What film and director add is nearly the same for all."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    first = slate["role"].iloc[0]
    people = slate[slate["role"] == first].head(SHOWN_ROWS)
    own = reasons[(reasons["role"] == first) & reasons["person_id"].isin(people["person_id"]) & reasons["about"].isin(OF_THE_PERSON)]
    deltas = own.pivot_table(index="person_id", columns="feature", values="delta").reindex(people["person_id"])
    loudest = deltas.abs().mean().sort_values(ascending=False, kind="stable").index[:SHOWN_FEATURES]
    shown = 100 * deltas[loudest].fillna(0.0).to_numpy()
    edge = max(1e-9, float(np.abs(shown).max()))
    figure = Figure(figsize=(10, 2.4 + 0.34 * len(people)), layout="constrained")
    figure.suptitle(f"{title} · {first}: what sets them apart, in points of p_high", fontsize=12, color=INK, x=0.01, ha="left")
    axes = figure.add_subplot()
    axes.imshow(shown, cmap="RdBu_r", vmin=-edge, vmax=edge, aspect="auto")
    axes.set_xticks(range(len(loudest)), [name.replace("_", " ") for name in loudest], rotation=35, ha="right", fontsize=9)
    axes.set_yticks(range(len(people)), list(people["actor_name"]), fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for row, values in enumerate(shown):
        for column, value in enumerate(values):
            if abs(value) >= 0.05:  # noqa: PLR2004 - rounds to 0.0
                axes.text(
                    column, row, f"{value:+.1f}", ha="center", va="center", fontsize=8, color="white" if abs(value) > 0.6 * edge else INK
                )
    return figure
