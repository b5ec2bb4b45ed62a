"""Every way of asking on real films, in seconds: `python -m benchmarks.resonance_paths --films PATH` (a flat TMDB export).

Imports the films and builds their features once for each cutoff, below `--cache`; then fits and measures by the functions that dbt
calls, and prints the tables. Without `--holdout` it stays with films up to 1999: trained up to 1995, judged on 1996–1999.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from callsheet.resonance.films.importing import ImportRequest, import_films
from callsheet.resonance.jobs import evaluate_run, fit_run, predict_run
from callsheet.resonance.slates import measuring
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

from benchmarks.resonance_real import cell, write

DEVELOPMENT, HOLDOUTS = ((1995, 4),), ((1999, 5), (2004, 5))  # cutoffs and the years after them that are judged
STATES = ("film_results", "casts", "person_states", "year_states", "feature_contract")
PATHS = (*measuring.PATHS, *measuring.WITH_KEYWORDS)
LAGS = ("every_field", "no_director")
ORDERS = ("slate", "slate_casting_head", "slate_by_outcome_alone", "slate_genre_budget_recency", "slate_popularity", "slate_by_chance")
PATH_FILMS, SLATE_FILMS = 2000, 400  # all films of a holdout; a build measures fewer
CHOSEN = ("plausibility_weight", "actor_weight", "slope_of_effect", "auroc_gain", "recall_gain_at_50")
MEASURED = {
    "auroc": "AUROC", "pr_auc": "PR-AUC", "brier": "Brier", "ece": "ECE", "ece_if_perfect": "ECE of a perfect forecaster",
    "calibration_slope": "slope", "calibration_intercept": "intercept", "mean_p": "mean p", "positive_share": "observed",
}  # fmt: skip
Key = tuple[str, str, str, str, str]


def prepared(films: Path, cache: Path, cutoff: int, years: int) -> Workspace:
    """Return a workspace with the features of a cutoff, from the cache where they are there."""
    home = cache / f"{cutoff}_{years}"
    workspace = Workspace(home, home / "data" / "callsheet.duckdb")
    if not (home / "prepared").exists():
        import_films(workspace, ImportRequest("tmdb-flat", (films,)))
        Dbt(workspace).build(
            "--select", "+int_resonance__plan_runs", *(f"+{name}" for name in STATES), "--exclude-resource-type", "test", "unit_test",
            variables={"resonance_train_cutoff_year": cutoff, "resonance_holdout_years": years},
        )  # fmt: skip
        (home / "prepared").touch()
    return workspace


def measured(workspace: Workspace) -> dict[Key, tuple[Any, Any, Any]]:
    """Fit, predict and evaluate as dbt would, and return every metric."""
    with duckdb.connect(str(workspace.database), read_only=True) as session:
        tables = ("plan_runs", "features", "director_features")
        plan, actors, directors = (session.sql(f"from intermediate.int_resonance__{name}") for name in tables)
        states = {name: session.sql(f"from resonance.{name}") for name in STATES}
        stored = session.from_arrow(fit_run(session, plan, actors, directors, states))
        predicted = session.from_arrow(predict_run(plan, stored, actors, directors))
        thresholds = session.sql("from resonance.label_thresholds")
        rows = evaluate_run(session, plan, stored, predicted, actors, thresholds, states).to_pylist()
    return {
        (row["label"], row["split"], row["slice"], row["model"], row["metric"]): (row["value"], row["low"], row["high"])
        for row in rows
        if row["position"] == 0
    }


def tables(found: dict[Key, tuple[Any, Any, Any]]) -> Iterator[str]:
    """Yield the lines of the tables of one cutoff."""
    yield "`high_resonance`, each way of asking:\n"
    yield "| | " + " | ".join(MEASURED.values()) + " |"
    yield "|---" * (1 + len(MEASURED)) + "|"
    slices = [f"path={path}" for path in PATHS] + [f"path={path},lag={lag}" for path in LAGS for lag in (1, 2, 3)]
    rows = [(slice_.removeprefix("path=").replace(",lag=", ", years before: "), slice_, "actor_head_platt") for slice_ in slices]
    rows += [(f"forecast of the slate, {path}", f"path={path}", "forecast") for path in LAGS]
    for name, slice_, model in rows:
        cells = [cell(found.get(("high_resonance", "holdout", slice_, model, metric))) for metric in MEASURED]
        yield f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |"
    yield "\nOf every film, with all that is known of it, and how the curve would do if it were fitted anew each year:\n"
    yield "| | AUROC | PR-AUC | Brier | ECE |\n|---|---|---|---|---|"
    for label in ("high_resonance", "over_budget_peer"):
        for model in ("actor_head_platt", "actor_head_rolling", "raw_budget"):
            cells = [cell(found.get((label, "holdout", "all", model, metric))) for metric in ("auroc", "pr_auc", "brier", "ece")]
            yield f"| {label}, {model} | " + " | ".join(cells) + " |"
    for slice_ in sorted({one for _, _, one, model, _ in found if model == "actor_head_rolling" and one != "all"}):
        cells = [cell(found.get(("high_resonance", "holdout", slice_, f"actor_head_{how}", "ece"))) for how in ("platt", "rolling")]
        yield f"| high_resonance, ECE of {slice_.removeprefix('year=')}: fitted once, anew each year | | | {cells[0]} | {cells[1]} |"
    yield "\nSlates of the lead, against the casts that films had:\n"
    yield "| | recall@15 | recall@50 | NDCG@15 | MRR | mean p |\n|---|---|---|---|---|---|"
    for path in LAGS:
        for order in ORDERS:
            sought = ("recall_at_15", "recall_at_50", "ndcg_at_15", "mrr", "mean_p")
            cells = [cell(found.get(("high_resonance", "holdout", f"path={path}", order, metric))) for metric in sought]
            yield f"| {order.replace('_', ' ')}, {path.replace('_', ' ')} | " + " | ".join(cells) + " |"
    yield "\nTold from validation:\n\n| | |\n|---|---|"
    for (_, split, slice_, model, metric), value in found.items():
        if split == "validation" and (metric in CHOSEN or slice_.startswith("plausibility")):
            yield f"| {model}, {slice_}: {metric} | {cell(value)} |"
    yield ""


def main() -> None:
    """Measure and print; with `--write` the page's table is written too."""
    parser = argparse.ArgumentParser(description="Measure every way of asking on real films.")
    parser.add_argument("--films", type=Path, required=True, help="a flat TMDB export (CSV, gz too)")
    parser.add_argument("--cache", type=Path, required=True, help="a folder that keeps the features between runs")
    parser.add_argument("--holdout", action="store_true", help="read the holdouts 2000–2004 and 2005–2009")
    parser.add_argument("--write", action="store_true", help="write the table into docs/resonance.md")
    arguments = parser.parse_args()
    measuring.PATH_FILMS, measuring.SLATE_FILMS = PATH_FILMS, SLATE_FILMS
    text = ""
    for cutoff, years in HOLDOUTS if arguments.holdout else DEVELOPMENT:
        started = time.monotonic()
        workspace = prepared(arguments.films, arguments.cache, cutoff, years)
        text += f"**Trained up to {cutoff}, judged on {cutoff + 1}–{cutoff + years}.**\n\n" + "\n".join(tables(measured(workspace))) + "\n"
        print(f"{text}\n{time.monotonic() - started:.0f} seconds", flush=True)
    if arguments.write:
        write("each way of asking", text)


if __name__ == "__main__":
    main()
