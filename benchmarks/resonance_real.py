"""Resonance on real films: `python -m benchmarks.resonance_real --films PATH` (a flat TMDB export).

Imports the file, trains at each cutoff, prints the tables and writes them into docs/resonance.md. Features and heads were chosen
on validation years up to 1999, before any holdout was read; `--steps` prints that comparison alone.
"""

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from callsheet.resonance.films.importing import ImportRequest, import_films
from callsheet.resonance.training.heads import ACTOR_HEADS, BLEND, fit_heads
from callsheet.resonance.training.measures import Weights, auroc
from callsheet.resonance.training.rows import Rows
from callsheet.resonance.training.settings import LABELS
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import PROJECT, Workspace

PAGE = PROJECT / "docs" / "resonance.md"
HOLDOUT_YEARS = 5
CUTOFFS = (1999, 2004)
STEP_CUTOFFS = (1995, 1999)  # their validation years, 1992–1995 and 1996–1999, lie before every holdout
MODELS = (
    "actor_head_platt", "actor_head", "actor_head_isotonic", "logistic_regression", "director_past_mean", "actor_past_mean",
    "raw_budget", "prevalence", "director_head",
)  # fmt: skip
RANKINGS = ("casting_head", "casting_head_without_director", "genre_budget_recency", "genre_recency", "popularity", "random")
STEPS: dict[str, tuple[str, ...]] = {
    "a dozen as-of features": (
        "bill_order", "log_budget", "budget_year_pct", "is_budget_known", "atr3", "dtr3", "release_density", "bfd",
        "actor_credit_count", "director_credit_count", "pair_count", "pair_mean",
    ),
    "+ genres and their past": ("genre_count", "genre_mean", "genre_*"),
    "+ means of all past films, and of those in the genre": (
        "actor_mean", "director_mean", "actor_genre_mean", "director_genre_mean", "actor_rated_count", "director_rated_count",
    ),
    "+ revenue and rating apart, residual against budget peers": (
        "actor_revenue", "actor_rating", "director_revenue", "director_rating", "actor_residual", "director_residual", "peer_resonance",
    ),
    "+ last and best film": ("actor_last_resonance", "director_last_resonance", "director_best_resonance"),
    "+ the rest of the contract": ("*",),
}  # fmt: skip


def build(films: Path, folder: Path, cutoffs: tuple[int, ...], *selection: str) -> Iterator[tuple[int, Workspace]]:
    """Yield a workspace for each cutoff, with the films imported and the selected models built."""
    first = Workspace(folder / "imported", folder / "imported" / "data" / "callsheet.duckdb")
    import_films(first, ImportRequest("tmdb-flat", (films,)))
    for cutoff in cutoffs:
        home = folder / str(cutoff)
        shutil.copytree(first.home, home)
        workspace = Workspace(home, home / "data" / "callsheet.duckdb")
        Dbt(workspace).build(
            "--select", *selection, "--exclude-resource-type", "test", "unit_test",
            variables={"resonance_train_cutoff_year": cutoff, "resonance_holdout_years": HOLDOUT_YEARS},
        )  # fmt: skip
        yield cutoff, workspace


def named(step: tuple[str, ...], features: tuple[str, ...]) -> list[str]:
    """Return the features of a step; `*` ends a beginning."""
    return [name for name in features if name in step or any(pattern[-1] == "*" and name.startswith(pattern[:-1]) for pattern in step)]


def steps(films: Path, folder: Path) -> str:
    """Return the table of what each step of the design gained on validation."""
    gained: dict[str, list[float]] = {}
    for cutoff, workspace in build(films, folder, STEP_CUTOFFS, "+int_resonance__features", "+feature_contract"):
        with workspace.reading() as connection:
            contract = connection.execute(
                "select feature from resonance.feature_contract where head = 'actor' order by position"
            ).fetchall()
            frame = connection.execute("select * from intermediate.int_resonance__features").df()
        rows = Rows.of(frame[frame["film_year"] <= cutoff], [name for (name,) in contract])
        for label in LABELS:
            train, check = rows.labelled(label, "fit"), rows.labelled(label, "validation")
            ones = Weights.even(len(check))

            def score(
                names: list[str], heads: tuple[str, ...], train: Rows = train, check: Rows = check, label: str = label
            ) -> list[float]:
                fitted = fit_heads(heads, names, train.values(names), train.truth(label), train.years, 7)
                ones = Weights.even(len(check))
                return [float(auroc(check.truth(label), fitted[head].logits(check.values(names)), ones)[0]) for head in heads]

            budget = float(auroc(check.truth(label), np.nan_to_num(check.column("log_budget")), ones)[0])
            gained.setdefault("raw budget", []).append(budget)
            known: list[str] = []
            for step, wanted in STEPS.items():
                known = [name for name in rows.learnt if name in known or name in named(wanted, rows.learnt)]
                gained.setdefault(f"{step} ({len(known)})", []).extend(score(known, (BLEND,)))
            for head, value in zip(ACTOR_HEADS, score(list(rows.learnt), ACTOR_HEADS), strict=True):
                gained.setdefault(f"all, head: {head}", []).append(value)
    head = "| validation AUROC (blend of heads, unless said) | high 1992–95 | peer 1992–95 | high 1996–99 | peer 1996–99 |\n"
    head += "|---|---|---|---|---|\n"
    return head + "".join(f"| {step} | " + " | ".join(f"{value:.3f}" for value in values) + " |\n" for step, values in gained.items())


def cell(row: tuple[Any, ...] | None) -> str:
    """Return a value with its interval."""
    if row is None or row[0] is None:
        return ""
    value, low, high = row
    return f"{value:.3f}" if low is None or low == high else f"{value:.3f} ({low:.3f}–{high:.3f})"


def holdout(cutoff: int, workspace: Workspace) -> str:
    """Return the holdout's tables of one cutoff."""
    with workspace.reading() as connection:
        rows = connection.execute(
            "select label, model, metric, slice, value, low, high from resonance.model_metrics where split = 'holdout'"
        ).fetchall()
        chosen = connection.execute(
            "select label, metric, value from resonance.model_metrics where metric in ('alpha_cycle', 'synergy_weight') order by all"
        ).fetchall()
        heads = connection.execute(
            "select label, arg_max(model, value) from resonance.model_metrics where slice = 'head' group by label order by label"
        ).fetchall()
    known = {(label, model, metric, slice_): tuple(values) for label, model, metric, slice_, *values in rows}
    text = f"**Cutoff {cutoff}, holdout {cutoff + 1}–{cutoff + HOLDOUT_YEARS}.** "
    text += "Chosen on validation: " + ", ".join(f"{head} for {label}" for label, head in heads) + "; "
    text += ", ".join(f"{metric} {value:g} for {label}" for label, metric, value in chosen) + ".\n\n"
    for label in LABELS:
        films, credits = (known[label, "data", metric, "all"][0] for metric in ("film_count", "row_count"))
        share = known[label, "data", "positive_share", "all"][0]
        text += f"`{label}`: {films:.0f} films, {credits:,.0f} credits, {share:.3f} positive.\n\n"
        text += "| | AUROC | PR-AUC | Brier | ECE |\n|---|---|---|---|---|\n"
        for model in MODELS:
            cells = (cell(known.get((label, model, metric, "all"))) for metric in ("auroc", "pr_auc", "brier", "ece"))
            text += f"| {model} | " + " | ".join(cells) + " |\n"
        gap = known.get((label, "actor_head_platt", "auroc_gap", "bill_order"))
        text += f"\nAUROC of later-billed credits less that of the first-billed (a leak if all of it lies above 0.04): {cell(gap)}.\n\n"
    for slice_, films in (("all", "films with a known outcome"), ("outcome_unknown_too", "all films, those without a known outcome too")):
        share = known["all", "all", "known_share", slice_]
        text += f"Retrieval over all known actors, {films} ({cell(share)} of each cast was known):\n\n"
        text += "| | recall@50 | recall@200 | NDCG@10 | MRR | coverage | newcomers |\n|---|---|---|---|---|---|---|\n"
        for ranking in RANKINGS:
            names = ("recall_at_50", "recall_at_200", "ndcg_at_10", "mrr", "coverage", "newcomer_share")
            text += f"| {ranking} | " + " | ".join(cell(known.get(("all", ranking, metric, slice_))) for metric in names) + " |\n"
        text += "\n"
    return text


def write(mark: str, text: str) -> None:
    """Put a text between its marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    marks = rf"(<!-- {mark} -->\n).*?(<!-- end -->)"
    PAGE.write_text(re.sub(marks, lambda match: match.group(1) + text + match.group(2), page, count=1, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    """Train on real films, print and write the tables."""
    parser = argparse.ArgumentParser(description="Train resonance on real films and write the tables of docs/resonance.md.")
    parser.add_argument("--films", type=Path, required=True, help="a flat TMDB export (CSV, gz too)")
    parser.add_argument("--steps", action="store_true", help="only what each step gained on validation")
    parser.add_argument("--print", action="store_true", help="print the tables, leave the page")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        texts = {"steps on validation": steps(arguments.films, Path(folder) / "steps")}
        print(texts["steps on validation"], flush=True)
        if not arguments.steps:
            built = build(arguments.films, Path(folder) / "holdout", CUTOFFS, "resonance")
            texts["holdout of real films"] = "".join(holdout(cutoff, workspace) for cutoff, workspace in built)
            print(texts["holdout of real films"])
    for mark, text in texts.items() if not arguments.print else ():
        write(mark, text)


if __name__ == "__main__":
    main()
