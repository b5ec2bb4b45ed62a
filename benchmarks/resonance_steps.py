"""What each step gains, on real films up to 1999: `python -m benchmarks.resonance_steps --films PATH --cache FOLDER` (a flat TMDB export).

Heads are fitted and chosen up to 1995 and judged on 1996–1999, before every holdout of the docs. Four steps are in the product; the others
were tried and left out: a head that learns from validation too, the month, and earlier films of the same title.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from callsheet.resonance.jobs import catalogue_of_run, fit_run
from callsheet.resonance.slates import measuring
from callsheet.resonance.training.calibration import fit_platt
from callsheet.resonance.training.fitting import Model, unpack
from callsheet.resonance.training.heads import BLEND, Head, fit_head
from callsheet.resonance.training.measures import FilmBootstrap, Floats, auroc, brier, ece, interval_of
from callsheet.resonance.training.rows import Rows
from callsheet.resonance.training.serving import EVERY_FIELD, SERVED, features_of, weighted

from benchmarks.resonance_paths import DEVELOPMENT, STATES, prepared
from benchmarks.resonance_real import write

WITHOUT_DIRECTOR, WITHOUT_BUDGET = "actor_head_without_director", "actor_head_without_budget"
SERIES_LENGTH = 3  # letters of a shorter title say nothing
SEED, DRAWS = 7, 200
OF_A_SERIES = re.compile(r"\b(\d+|ii|iii|iv|v|vi|part|the|chapter|returns?|episode)\b")


def told_by_the_title(title: object) -> str:
    """Return a title without what tells a film from its predecessors."""
    return OF_A_SERIES.sub("", re.sub(r"[^a-z0-9 ]", "", str(title).lower().split(":")[0])).strip()


def as_of_then(films: pd.DataFrame) -> pd.DataFrame:
    """Return month and series of each film, the latter from films of earlier years alone."""
    results: dict[str, list[float]] = {}
    rows = {}
    for _, own in films.groupby("film_year"):
        for film_id, film in own.iterrows():
            series = results.get(film["series"], []) if len(film["series"]) > SERIES_LENGTH else []
            rows[film_id] = [float(bool(series)), float(np.mean(series)) if series else np.nan]
        for _, film in own[own["resonance"].notna()].iterrows():
            results.setdefault(film["series"], []).append(float(film["resonance"]))
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["is_series", "series_mean"])
    angle = 2 * np.pi * films["month"] / 12
    return found.assign(month=films["month"], month_sin=np.sin(angle), month_cos=np.cos(angle))


def enriched(rows: Rows, path: Path) -> Rows:
    """Return the rows with what the export says beside what is imported."""
    export = pd.read_csv(path).drop_duplicates("id")
    export.index = export["id"].astype(str)
    films = rows.frame.drop_duplicates("film_id").set_index("film_id")[["film_year", "resonance"]].join(export[["original_title"]])
    films["month"] = pd.to_numeric(export["release_date"].astype(str).str.split("/").str[0], errors="coerce").reindex(films.index)
    films["series"] = films["original_title"].map(told_by_the_title)
    return Rows(rows.frame.join(as_of_then(films.sort_values("film_year")), on="film_id"), rows.features)


def line(name: str, judged: FilmBootstrap, truth: np.ndarray, said: Floats, before: Floats) -> str:
    """Return a line of the table: ranks and errors of probabilities, and what is gained in AUROC against those before."""
    gain = interval_of(judged.draws(auroc, truth, said) - judged.draws(auroc, truth, before))
    values = [float(judged.draws(measure, truth, said)[0]) for measure in (auroc, brier, ece)]
    cells = " | ".join(f"{value:.3f}" for value in (*values, float(said.mean()), float(truth.mean())))
    return f"| {name} | {cells} | {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) |"


def in_the_product(model: Model, rows: dict[str, Rows], truth: np.ndarray, judged: FilmBootstrap) -> Iterator[str]:
    """Yield what heads for sparser briefs gain against the full head with nulls, then keywords, then the weight of the actor."""
    for path, name in (("no_director", WITHOUT_DIRECTOR), ("no_budget", WITHOUT_BUDGET)):
        nulls = model.calibrations[EVERY_FIELD](model.adjusted(rows[path]))
        own = model.calibrations[name](model.adjusted(rows[path], name))
        yield line(f"{path.replace('_', ' ')}: nulls to the full head", judged, truth, nulls, nulls)
        yield line(f"{path.replace('_', ' ')}: a head of its own", judged, truth, own, nulls)
    for name, added_to in measuring.WITH_KEYWORDS.items():
        fields = measuring.PATHS[added_to]
        plain, own = (measuring.answered(model, rows["every_field"], fields, has_keywords=knows)[1] for knows in (False, True))
        yield line(f"{name.replace('_', ' ')}: the keywords left aside", judged, truth, plain, plain)
        yield line(f"{name.replace('_', ' ')}: heads of their own", judged, truth, own, plain)
    head, values = model.head, rows["every_field"].values(model.head.features)
    whole, share = (weighted(head, values, model.means, weight) for weight in (1.0, model.actor_weights[EVERY_FIELD] or 0.0))
    curve = model.calibrations[EVERY_FIELD]
    yield line("every field: all of what is made of the actor", judged, truth, curve(whole), curve(whole))
    yield line("every field: the share that was chosen", judged, truth, curve(share), curve(whole))


def left_out(rows: Rows) -> Iterator[str]:
    """Yield what was tried beside it, each with a curve fitted on validation odds of a head that had not seen them."""
    fit, check, later = (rows.labelled(SERVED, split) for split in ("fit", "validation", "holdout"))
    both = rows.labelled(SERVED, "fit", "validation")
    truth, judged = later.truth(SERVED), FilmBootstrap(later.films, DRAWS, np.random.default_rng(SEED))
    extra = {
        "+ month": ["month", "month_sin", "month_cos"],
        "+ series": ["is_series", "series_mean"],
    }
    extra["+ both"] = [name for names in extra.values() for name in names]
    for path in (EVERY_FIELD, WITHOUT_DIRECTOR):
        known = features_of(path, rows.features)
        before: Floats | None = None
        for step, (more, learnt) in {
            "": ([], fit),
            "fitted on validation too": ([], both),
            **{k: (v, fit) for k, v in extra.items()},
        }.items():
            names = known + more

            def fitted(learnt: Rows, names: list[str] = names) -> Head:
                return fit_head(BLEND, names, learnt.values(names), learnt.truth(SERVED), learnt.years, SEED)

            blind = fitted(fit)
            curve = fit_platt(check.truth(SERVED), blind.logits(check.values(names)))
            said = curve((blind if learnt is fit else fitted(learnt)).logits(later.values(names)))
            before = said if before is None else before
            yield line(f"{path}{': ' if step else ''}{step}", judged, truth, said, before)


def main() -> None:
    """Print the table; with `--write` the page's is written too."""
    parser = argparse.ArgumentParser(description="What each step gains on real films up to 1999.")
    parser.add_argument("--films", type=Path, required=True, help="a flat TMDB export (CSV, gz too)")
    parser.add_argument("--cache", type=Path, required=True, help="a folder that keeps the features between runs")
    parser.add_argument("--write", action="store_true", help="write the table into docs/resonance.md")
    arguments = parser.parse_args()
    ((cutoff, years),) = DEVELOPMENT
    workspace = prepared(arguments.films, arguments.cache, cutoff, years)
    with duckdb.connect(str(workspace.database), read_only=True) as session:
        plan, actors, directors = (
            session.sql(f"from intermediate.int_resonance__{name}") for name in ("plan_runs", "features", "director_features")
        )
        states = {name: session.sql(f"from resonance.{name}") for name in STATES}
        stored = fit_run(session, plan, actors, directors, states)
        names, text, run = plan.project("actor_features, manifest, model_run_id").fetchall()[0]
        held = {row["name"]: (row["content"], row["checksum"]) for row in stored.to_pylist() if row["label"] == SERVED}
        rows = Rows.of(actors.df(), names)
        catalogue = catalogue_of_run(session, stored, states, {"manifest": text, "model_run_id": run}, cutoff)
        truths = measuring.truths_of(rows.frame, range(cutoff + 1, cutoff + years + 1))[SERVED].dropna()
        films = measuring.past_films(catalogue, truths.index, len(truths), np.random.default_rng(SEED))
        asked = {path: measuring.path_rows(catalogue, films, measuring.PATHS[path]) for path in ("every_field", "no_director", "no_budget")}
    truth = asked["every_field"].frame["film_id"].map(truths).to_numpy(dtype=np.int64)
    judged = FilmBootstrap(asked["every_field"].films, DRAWS, np.random.default_rng(SEED))
    table = "| 1996–1999 | AUROC | Brier | ECE | mean p | observed | gain in AUROC |\n|---|---|---|---|---|---|---|\n"
    table += "\n".join([*in_the_product(unpack(SERVED, held), asked, truth, judged), *left_out(enriched(rows, arguments.films))]) + "\n"
    print(table)
    if arguments.write:
        write("steps of asking", table)


if __name__ == "__main__":
    main()
