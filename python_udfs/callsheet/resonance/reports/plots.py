"""What a training run measured, as pictures a person wants to look at. Reads marts alone; the same run draws the same bytes."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from callsheet.resonance.reports import budget_plot
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import Workspace

LABELS = {"high_resonance": "High resonance", "over_budget_peer": "Better than its budget peers"}
_COLOURS = {
    "actor_head_platt": "#0b6e99",
    "actor_head": "#7fb7d1",
    "logistic_regression": "#8f6bb3",
    "director_past_mean": "#5a8f5a",
    "raw_budget": "#d07b2c",
    "prevalence": "#999999",
}
_NAMES = {
    "actor_head_platt": "actor head, calibrated",
    "actor_head": "actor head, as fitted",
    "logistic_regression": "logistic regression",
    "director_past_mean": "director's past mean",
    "raw_budget": "raw budget",
}
GREY, INK = "#d9d9d9", "#333333"
_SHOWN_FEATURES = 15


def draw(workspace: Workspace, run: str | None = None) -> RunSummary:
    """Draw a run (the newest, if none is named) into the home's data/reports/models_<run>."""
    started = time.monotonic()
    with workspace.reading() as connection:
        try:
            runs = [
                name for (name,) in connection.execute("select model_run_id from resonance.model_runs order by trained_at, 1").fetchall()
            ]
        except duckdb.CatalogException:
            runs = []
        if not runs or (run is not None and run not in runs):
            raise UnusableInputError(
                f"There is no training run {run} in {workspace.database}: it holds {', '.join(runs)}."
                if runs
                else f"There is no training run in {workspace.database}: run dbt build --select resonance first."
            )
        chosen = run or runs[-1]
        metrics = connection.execute("select * from resonance.model_metrics where model_run_id = ?", [chosen]).df()
        curves = connection.execute("select * from resonance.model_curves where model_run_id = ?", [chosen]).df()
    folder = workspace.home / "data" / "reports" / f"models_{chosen}"
    folder.mkdir(parents=True, exist_ok=True)
    names = [save(figure, folder / f"{name}.png") for name, figure in _figures(metrics, curves)]
    with closing(Catalogue.open(workspace.database)) as catalogue:
        names.append(save(budget_plot.draw(catalogue), folder / "budgets.png"))
    return RunSummary(
        f"Drew run {chosen}", str(folder), len(metrics) + len(curves), len(metrics) + len(curves), 0, time.monotonic() - started,
        details={"pictures": len(names)},
    )  # fmt: skip


def _figures(metrics: pd.DataFrame, curves: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    holdout, validation = metrics[metrics["split"] == "holdout"], metrics[metrics["split"] == "validation"]
    drawn: list[tuple[str, str, Callable[[Any, str], None]]] = [
        (
            "reliability",
            "Does it come true as often as it is said? (holdout)",
            lambda axes, label: _reliability(axes, _of(curves, label, "reliability")),
        ),
        (
            "precision_recall",
            "Of those it names, how many are right? (holdout)",
            lambda axes, label: _precision_recall(axes, _of(curves, label, "precision_recall"), _share(holdout, label)),
        ),
        (
            "calibration",
            "What does calibration change? (holdout, before and after)",
            lambda axes, label: _calibration(axes, _of(curves, label, "reliability"), _label(holdout, label)),
        ),
        ("horizon", "How far ahead does it rank? (holdout, bars: 95 %)", lambda axes, label: _horizon(axes, _label(holdout, label))),
        (
            "alpha",
            "How much of the era's cycle helps? (out of time, bars: one standard error of the distance to the best)",
            lambda axes, label: _alpha(axes, _label(validation, label)),
        ),
        ("cycle", "Is there a cycle? (residuals of each year, bars: 95 %)", lambda axes, label: _cycle(axes, _label(validation, label))),
        ("years", "How well does it rank, year by year? (holdout, bars: 95 %)", lambda axes, label: _years(axes, _label(holdout, label))),
        ("ablations", "What does validation AUROC lose without …", lambda axes, label: _ablations(axes, _label(validation, label))),
        (
            "importance",
            "What does validation AUROC lose if a column is shuffled?",
            lambda axes, label: _importance(axes, _label(validation, label)),
        ),
    ]
    for name, title, panel in drawn:
        yield name, _two_panels(title, panel)
    title = "Of the known actors of a film, how many does a ranking of all actors find? (holdout)"
    yield (
        "retrieval",
        _retrieval(title, _label(holdout, "all"), {"recall_at_50": "among its first 50", "recall_at_200": "among its first 200"}),
    )
    slates = metrics[metrics["slice"].isin(["path=every_field", "path=no_director"]) & metrics["model"].str.startswith("slate")]
    if not slates.empty:
        slates = slates.assign(model=slates["model"] + slates["slice"].map({"path=no_director": ", no director"}).fillna(""))
        title = "Of the known actors of a film, how many does the slate of its lead find? (holdout)"
        yield "slates", _retrieval(title, slates, {"recall_at_15": "among its first 15", "recall_at_50": "among its first 50"})


def _two_panels(title: str, panel: Callable[[Any, str], None]) -> Any:
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy; and no pyplot, whose state would outlive the call

    figure = Figure(figsize=(11, 5), layout="constrained")
    figure.suptitle(title, fontsize=13, color=INK, x=0.01, ha="left")
    for place, (label, name) in enumerate(LABELS.items()):
        axes = figure.add_subplot(1, 2, place + 1)
        axes.set_title(name, fontsize=11, loc="left", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=9)
        panel(axes, label)
        if not axes.has_data():
            axes.text(
                0.5, 0.5, "not measured:\nno film or one class only", ha="center", va="center", transform=axes.transAxes, color="#888888"
            )
    return figure


def _reliability(axes: Any, points: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, zorder=1)
    for model in ("raw_budget", "actor_head", "actor_head_platt"):
        own = points[points["model"] == model].sort_values("x")
        own = own[own["row_count"] >= own["row_count"].sum() / 100]  # a bin of a handful of credits is one film
        if own.empty:
            continue
        axes.plot(own["x"], own["y"], color=_COLOURS[model], linewidth=1.2, alpha=0.8, label=_NAMES[model])
        axes.scatter(
            own["x"], own["y"], s=10 + 220 * own["row_count"] / own["row_count"].max(), color=_COLOURS[model], alpha=0.55, linewidths=0
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="said (dot: number of credits)", ylabel="came true")
    _legend(axes, "upper left")


def _precision_recall(axes: Any, points: pd.DataFrame, share: float | None) -> None:
    if share is not None:
        axes.axhline(share, color=_COLOURS["prevalence"], linewidth=1, linestyle=":", label="naming anybody")
    for model in ("raw_budget", "director_past_mean", "logistic_regression", "actor_head_platt"):
        own = points[points["model"] == model].sort_values("position")
        if not own.empty:
            width = 2.4 if model == "actor_head_platt" else 1.2
            axes.plot(own["x"], own["y"], color=_COLOURS[model], linewidth=width, label=_NAMES[model])
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="recall", ylabel="precision")
    _legend(axes, "upper right")


def _years(axes: Any, metrics: pd.DataFrame) -> None:
    rows = metrics[(metrics["metric"] == "auroc") & metrics["slice"].str.startswith("year=")].dropna(subset=["value"])
    axes.axhline(0.5, color=GREY, linewidth=1)
    for shift, model in ((-0.08, "raw_budget"), (0.08, "actor_head_platt")):
        own = rows[rows["model"] == model].assign(year=lambda frame: frame["slice"].str[5:].astype(int)).sort_values("year")
        if own.empty:
            continue
        middle = own["value"]
        ends = [(middle - own["low"].fillna(middle)).clip(lower=0), (own["high"].fillna(middle) - middle).clip(lower=0)]
        axes.errorbar(own["year"] + shift, middle, yerr=ends, fmt="o", color=_COLOURS[model], capsize=3, linewidth=1.2, label=_NAMES[model])
        axes.set_xticks(own["year"])
    axes.set(ylim=(0, 1), ylabel="AUROC (0.5: chance)")
    _legend(axes, "lower left")


def _calibration(axes: Any, points: pd.DataFrame, metrics: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    whole = metrics[metrics["slice"] == "all"].set_index(["model", "metric"])["value"]
    for model, name, marker in (("actor_head", "before", "o"), ("actor_head_platt", "after", "s")):
        own = points[points["model"] == model].sort_values("x")
        own = own[own["row_count"] >= own["row_count"].sum() / 100]
        if not own.empty:
            told = f"{name}: ECE {whole.get((model, 'ece')):.3f}, Brier {whole.get((model, 'brier')):.3f}"
            axes.plot(own["x"], own["y"], marker=marker, markersize=4, color=_COLOURS[model], linewidth=1.4, label=told)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="said", ylabel="came true")
    _legend(axes, "upper left")


def _horizon(axes: Any, metrics: pd.DataFrame) -> None:
    rows = metrics[(metrics["metric"] == "auroc") & metrics["slice"].str.startswith("horizon=")].dropna(subset=["value"])
    bands = [band for band in ("1", "2-3", "4-5", "6+") if (rows["slice"] == f"horizon={band}").any()]
    axes.axhline(0.5, color=GREY, linewidth=1)
    for shift, model in ((-0.08, "raw_budget"), (0.08, "actor_head_platt")):
        own = rows[rows["model"] == model].set_index("slice").reindex([f"horizon={band}" for band in bands])
        if not own.empty:
            ends = [(own["value"] - own["low"]).fillna(0).clip(lower=0), (own["high"] - own["value"]).fillna(0).clip(lower=0)]
            places = [place + shift for place in range(len(bands))]
            axes.errorbar(places, own["value"], yerr=ends, fmt="o", color=_COLOURS[model], capsize=3, linewidth=1.2, label=_NAMES[model])
    if bands:
        axes.set_xticks(range(len(bands)), bands)
    axes.set(ylim=(0, 1), xlabel="years after the last one that was learnt from", ylabel="AUROC (0.5: chance)")
    _legend(axes, "lower left")


def _alpha(axes: Any, metrics: pd.DataFrame) -> None:
    rows = metrics[(metrics["metric"] == "log_loss") & metrics["slice"].str.startswith("alpha_cycle=")]
    if rows.empty:
        return
    rows = rows.assign(alpha=rows["slice"].str[len("alpha_cycle=") :].astype(float)).sort_values("alpha")
    ends = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
    axes.errorbar(rows["alpha"], rows["value"], yerr=ends, fmt="o-", color=_COLOURS["actor_head_platt"], capsize=3, linewidth=1.2)
    used = metrics[(metrics["metric"] == "alpha_cycle") & (metrics["slice"] == "all")]["value"]
    if len(used):
        axes.axvline(used.iloc[0], color=_COLOURS["raw_budget"], linestyle=":", label=f"used: {used.iloc[0]:g}")
    axes.set(xlabel="share of the fitted cycle", ylabel="log loss (lower is better)")
    _legend(axes, "upper right")


def _cycle(axes: Any, metrics: pd.DataFrame) -> None:
    rows = metrics[metrics["model"] == "cycle"].assign(year=lambda frame: frame["slice"].str[5:].astype(int)).sort_values("year")
    said, fitted = (rows[rows["metric"] == name] for name in ("residual", "residual_fitted"))
    if said.empty:
        return
    ends = [said["value"] - said["low"], said["high"] - said["value"]]
    axes.axhline(0, color=GREY, linewidth=1)
    axes.errorbar(
        said["year"], said["value"], yerr=ends, fmt="o", color=_COLOURS["actor_head"], capsize=2, linewidth=1, label="the year's mean"
    )
    axes.plot(fitted["year"], fitted["value"], color=_COLOURS["raw_budget"], linewidth=1.6, label="fitted: level, drift and cycle")
    axes.set(xlabel="year", ylabel="came true less what was said")
    _legend(axes, "upper right")


def _ablations(axes: Any, metrics: pd.DataFrame) -> None:
    rows = metrics[(metrics["model"] == "boosting") & metrics["slice"].str.match("with(out)?=")].set_index("slice")["value"]
    if "without=nothing" not in rows:
        return
    losses = (rows["without=nothing"] - rows.drop("without=nothing")).sort_values()
    names = [name.replace("without=", "").replace("with=time", "(with the calendar added)").replace("_", " ") for name in losses.index]
    _bars(axes, names, losses)


def _importance(axes: Any, metrics: pd.DataFrame) -> None:
    rows = metrics[metrics["metric"] == "auroc_loss"].sort_values(["value", "slice"]).tail(_SHOWN_FEATURES)
    if not rows.empty:
        _bars(axes, [name.removeprefix("permuted=").replace("_", " ") for name in rows["slice"]], rows["value"])


def _bars(axes: Any, names: list[str], values: pd.Series) -> None:
    colours = [_COLOURS["actor_head_platt"] if value > 0 else _COLOURS["raw_budget"] for value in values]
    axes.barh(names, values, color=colours, height=0.65)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_xlabel("AUROC lost (below 0: it did better without)")


def _retrieval(title: str, metrics: pd.DataFrame, measures: Mapping[str, str]) -> Any:
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    figure.suptitle(title, fontsize=13, color=INK, x=0.01, ha="left")
    for place, (metric, title_of_panel) in enumerate(measures.items()):
        axes = figure.add_subplot(1, 2, place + 1)
        axes.set_title(title_of_panel, fontsize=11, loc="left", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        rows = metrics[metrics["metric"] == metric].dropna(subset=["value"]).sort_values(["value", "model"])
        ends = [(rows["value"] - rows["low"]).fillna(0).clip(lower=0), (rows["high"] - rows["value"]).fillna(0).clip(lower=0)]
        colours = [
            _COLOURS["actor_head_platt"] if model.startswith("casting") or model.split(",")[0] == "slate" else GREY
            for model in rows["model"]
        ]
        axes.barh(rows["model"].str.replace("_", " "), rows["value"], xerr=ends, color=colours, height=0.6, ecolor=INK, capsize=3)
        axes.set_xlabel("share found")
    return figure


def _label(metrics: pd.DataFrame, label: str) -> pd.DataFrame:
    return metrics[metrics["label"] == label]


def _of(curves: pd.DataFrame, label: str, curve: str) -> pd.DataFrame:
    return curves[(curves["label"] == label) & (curves["curve"] == curve) & (curves["split"] == "holdout")]


def _share(metrics: pd.DataFrame, label: str) -> float | None:
    rows = metrics[(metrics["label"] == label) & (metrics["metric"] == "positive_share") & (metrics["model"] == "data")]["value"].dropna()
    return float(rows.iloc[0]) if len(rows) else None


def _legend(axes: Any, place: str) -> None:
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc=place, fontsize=8, frameon=False)


def save(figure: Any, path: Path) -> str:
    """Write under another name and rename: a reader never sees half a picture. No date in it: the same run is the same bytes."""
    partial = path.with_suffix(".partial")
    figure.savefig(partial, format="png", dpi=110, metadata={"Software": None})
    partial.replace(path)
    return path.name
