"""What the Models page asks of the published files."""

import pandas as pd

from callsheet.app.published import Published
from callsheet.app.words import MODELS, OURS

NEEDS = {
    "resonance.model_runs": (
        "model_run_id",
        "trained_at",
        "train_cutoff_year",
        "fit_count",
        "validation_count",
        "holdout_count",
        "manifest",
    ),
    "resonance.model_metrics": ("model_run_id", "label", "split", "slice", "model", "metric", "value", "low", "high"),
    "resonance.model_curves": ("model_run_id", "label", "split", "model", "curve", "x", "y", "row_count"),
    "resonance.model_monitoring": (
        "model_run_id",
        "label",
        "check_name",
        "subject",
        "value",
        "reference_value",
        "limit_value",
        "has_alarm",
    ),
}


def runs(source: Published) -> pd.DataFrame:
    """Return the training runs, the newest first."""
    return source.frame("select * from resonance.model_runs order by trained_at desc, model_run_id")


def metrics(source: Published, run: str, label: str, split: str, kind: str = "all") -> pd.DataFrame:
    """Return the metrics of a run and label; `kind` is the slice, or what stands before its `=` (year, without, permuted)."""
    rows = source.frame(
        """
        select model, metric, slice, value, low, high
        from resonance.model_metrics
        where model_run_id = ? and label = ? and split = ? and (slice = ? or starts_with(slice, ? || '=')) and value is not null
        order by metric, value desc, model, slice
        """,
        run,
        label,
        split,
        kind,
        kind,
    )
    return named(rows)


def curve(source: Published, run: str, label: str, name: str, models: tuple[str, ...]) -> pd.DataFrame:
    """Return the points of a curve on the holdout; bins with less than a hundredth of the credits are single films and left out."""
    rows = source.frame(
        """
        select model, x, y, row_count
        from resonance.model_curves
        where model_run_id = ? and label = ? and curve = ? and split = 'holdout' and list_contains(?::varchar[], model)
        qualify row_count >= sum(row_count) over (partition by model) / 100 or curve <> 'reliability'
        order by position
        """,
        run,
        label,
        name,
        list(models),
    )
    order = {model: place for place, model in enumerate(models)}
    return named(rows.sort_values("model", key=lambda column: column.map(order), kind="stable"))


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what a model is called, and whether it is the one that slates use."""
    return rows.assign(name=[MODELS.get(model, model) for model in rows["model"]], is_ours=rows["model"].isin(OURS))


def monitoring(source: Published, run: str) -> pd.DataFrame:
    """Return the checks of a run, alarms first."""
    return source.frame(
        """
        select label, check_name, subject, value, reference_value, limit_value, has_alarm
        from resonance.model_monitoring
        where model_run_id = ?
        order by has_alarm desc, check_name, label, subject
        """,
        run,
    )


def history(source: Published, metric: str) -> pd.DataFrame:
    """Return one holdout metric of the calibrated head over all runs, the oldest first."""
    return source.frame(
        """
        select runs.trained_at, runs.model_run_id, runs.train_cutoff_year, metrics.label, metrics.value, metrics.low, metrics.high
        from resonance.model_runs as runs
        inner join resonance.model_metrics as metrics on runs.model_run_id = metrics.model_run_id
        where metrics.split = 'holdout' and metrics.slice = 'all' and metrics.model = 'actor_head_platt' and metrics.metric = ?
        order by runs.trained_at, metrics.label
        """,
        metric,
    )
