"""A slate as a folder of files: CSV for a spreadsheet, a manifest that says what went in, pictures. Written whole or not at all."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from typing import Any

import duckdb

from callsheet.resonance.reports import slate_plots
from callsheet.resonance.slates.alternates import ALTERNATES
from callsheet.resonance.slates.briefs import Brief, fold
from callsheet.resonance.slates.catalogue import LABEL, Catalogue
from callsheet.resonance.slates.comparing import COMPARISON, Comparison
from callsheet.resonance.slates.forecasting import COMPARABLES
from callsheet.resonance.slates.make_slate import DIRECTORS, REASONS, SLATE, Slate, heading
from callsheet.resonance.slates.measuring import PATHS
from callsheet.resonance.training.settings import Settings
from callsheet.resonance.training.tables import typed_table
from callsheet.runtime.atomic import new_folder
from callsheet.runtime.errors import UnusableInputError, explain
from callsheet.runtime.publish import write_csv
from callsheet.workspace import Workspace

SCHEMA_VERSION = 1
LIBRARIES = ("duckdb", "numpy", "pandas", "scikit-learn")
_LONGEST_STEM = 60
SHOWN_ROWS = 15  # of a role, on the terminal; the files hold all


@dataclass(frozen=True)
class Inputs:
    """Where a slate's inputs lie; the manifest names them relative to the home, or by their name alone."""

    home: Path
    published: Path
    is_demo: bool
    files: Mapping[str, Path]


def write_report(inputs: Inputs, catalogue: Catalogue, slate: Slate, comparison: Comparison | None, made_at: datetime) -> Path:
    """Write the folder `data/reports/demo_<time>` and return it."""
    reports, stem = inputs.home / "data" / "reports", slug(slate.brief.label)
    target = _free(reports, f"demo_{made_at:%Y%m%d_%H%M%S}")
    try:
        with new_folder(target) as folder:
            tables = {
                f"slate_{stem}.csv": typed_table(SLATE, slate.rows),
                f"{stem}_alternates.csv": typed_table(ALTERNATES, slate.alternates),
                f"{stem}_reason_codes.csv": typed_table(REASONS, slate.reasons),
                f"{stem}_comparables.csv": typed_table(COMPARABLES, slate.forecast.comparables),
            }
            if slate.directors:
                tables[f"director_slate_{stem}.csv"] = typed_table(DIRECTORS, slate.directors)
            if comparison:
                tables[f"{stem}_comparison.csv"] = typed_table(COMPARISON, comparison.rows)
            with duckdb.connect() as connection:
                for name, table in tables.items():
                    connection.register("written", table)
                    write_csv(connection, "written", folder / name)
            slate_plots.draw(folder, stem, heading(catalogue, slate.brief), slate)
            manifest = _manifest(inputs, catalogue, slate, made_at)
            manifest["files"] = [
                {"path": path.name, "sha256": _sha256(path), "rows": tables[path.name].num_rows if path.name in tables else None}
                for path in sorted(folder.iterdir())
            ]
            text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
            (folder / f"{stem}_manifest.json").write_text(text + "\n", encoding="utf-8")
    except (OSError, duckdb.Error) as error:
        raise explain(error, target) from error
    return target


def lines_of(catalogue: Catalogue, slate: Slate) -> list[str]:
    """Return the slate as a person reads it: one table for each role."""
    lines = [heading(catalogue, slate.brief), *slate.forecast.lines]
    for role in slate.brief.roles_to_fill:
        rows = [row for row in slate.rows if row["role"] == role.name]
        width = max((len(row["actor_name"]) for row in rows[:SHOWN_ROWS]), default=0)
        lines += ["", f"{role.name}, billing {role.bill_order}"]
        lines += [f"{row['rank']:>4}  {row['actor_name']:<{width}}  {row['reason']}" for row in rows[:SHOWN_ROWS]]
        if len(rows) > SHOWN_ROWS:
            lines.append(f"      … and {len(rows) - SHOWN_ROWS:,} more")
    return [*lines, ""]


def slug(label: str) -> str:
    """Return the label as part of a file name."""
    plain = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")
    return plain[:_LONGEST_STEM].strip("_") or "brief"


def _manifest(inputs: Inputs, catalogue: Catalogue, slate: Slate, made_at: datetime) -> dict[str, Any]:
    """Return what is needed to make the slate again, and to see that these are its inputs and its files."""
    brief = slate.brief
    named = {
        *(one.person_id for one in brief.attached),
        *brief.filters.must_have,
        *brief.filters.excluded,
        *(line.person_id for line in brief.filters.availability),
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "made_at": made_at.isoformat(timespec="seconds"),
        "brief": brief.fields(),
        "people": {
            person_id: catalogue.people.name(person_id) for person_id in sorted(named | ({brief.director} if brief.director else set()))
        },
        "flags": {
            "use_cycle": brief.use_cycle,
            "calibrate": brief.calibrate,
            "use_penalties": brief.use_penalties,
            "use_diversity": brief.use_diversity,
            "demo": inputs.is_demo,
        },
        "forecast": {name: value for name, value in vars(slate.forecast).items() if name != "comparables"},
        "model": slate.facts | _training(inputs, slate.facts["model_run_id"], brief),
        "inputs": [
            {"name": name, "path": _relative(path, inputs.home), "sha256": _sha256(path)}
            for name, path in ({"published": inputs.published} | dict(inputs.files)).items()
        ],
        "sources": catalogue.licences(),
        "left_out": slate.left_out,
        "notes": slate.notes,
        "versions": {name: version(name) for name in LIBRARIES},
    }


def _training(inputs: Inputs, run: str, brief: Brief) -> dict[str, Any]:
    """Return how the model was trained and how good it was on years it had not seen, for all films and asked as the brief asks."""
    fields = {name for name in ("director", "budget_usd") if getattr(brief, name) is None}
    path = next((name for name, hidden in PATHS.items() if set(hidden) == fields), "every_field")
    path = "debut" if brief.debut_director else path
    with Workspace(inputs.home, inputs.published).reading() as connection:
        runs = connection.execute("select manifest, trained_at from resonance.model_runs where model_run_id = ?", [run]).fetchall()
        measured = connection.execute(
            "select split, slice, metric, value, low, high from resonance.model_metrics "
            "where model_run_id = ? and label = ? and model = 'actor_head_platt' and slice in ('all', ?) order by split, slice, metric",
            [run, LABEL, f"path={path}"],
        ).fetchall()
    if not runs:
        raise UnusableInputError(f"The training run {run} was broken off before it was measured: build resonance and publish again.")
    ((manifest, trained_at),) = runs
    settings = Settings.read(manifest)
    return {
        "trained_at": trained_at.isoformat(timespec="seconds"),
        "seed": settings.seed,
        "validation_years": settings.validation_years,
        "metrics": [dict(zip(("split", "slice", "metric", "value", "low", "high"), row, strict=True)) for row in measured],
    }


def _relative(path: Path, home: Path) -> str:
    """Return the path within the home; of a file elsewhere only its name: no report tells where somebody keeps files."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - not resolved: data/published is a link, and its own name is what lasts
    return absolute.relative_to(home).as_posix() if absolute.is_relative_to(home) else absolute.name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _free(reports: Path, name: str) -> Path:
    """Return a folder that does not exist: two slates may be asked for in one second."""
    numbered = (f"{name}_{number}" for number in count(2))
    return next(reports / free for free in chain([name], numbered) if not (reports / free).exists())
