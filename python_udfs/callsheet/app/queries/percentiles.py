"""What the Percentiles page asks of the published files."""

import pandas as pd

from callsheet.app.published import Published

NEEDS = {
    "percentiles.scores": ("id", "score", "industry", "percentile"),
    "percentiles.score_history": ("id", "computed_at_batch", "age", "lower_count", "window_count", "percentile"),
    "percentiles.percentile_curve": ("iteration", "industry", "score", "equal_count"),
    "percentiles.score_distribution": ("industry", "batch_no", "scope", "p25_score", "median_score", "p75_score"),
    "percentiles.score_drift": (
        "industry",
        "iteration",
        "strength",
        "location_z",
        "spread_z",
        "cohens_d",
        "baseline_from",
        "baseline_to",
        "level",
    ),
    "percentiles.score_alerts": ("industry", "iteration", "kind", "message", "worst_iteration", "ended_iteration"),
    "operations.table_growth": (
        "table_schema",
        "table_name",
        "batch_count",
        "row_count",
        "byte_count",
        "rows_per_batch",
        "bytes_per_batch",
    ),
}
MATCHES = 50
SHOWN_WINDOWS = 1000


def counts(source: Published) -> pd.Series:
    """Return how many assets, industries and batches there are, and the newest iteration (null before the third batch)."""
    return source.frame(
        """
        select
            (select count(*) from percentiles.scores) as asset_count,
            (select max(computed_at_batch) from percentiles.score_history) as newest_iteration
        """
    ).iloc[0]


def assets(source: Published, text: str) -> pd.DataFrame:
    """Return the assets whose id holds the text; without one, those that moved most."""
    if text:
        return source.frame(
            f"""
            select id, industry
            from percentiles.scores
            where contains(lower(id), lower(?))
            order by id
            limit {MATCHES}
            """,  # noqa: S608 - a constant
            text,
        )
    return source.frame(
        f"""
        select id, any_value(industry) as industry
        from percentiles.score_history
        group by id
        order by abs(arg_max(percentile, computed_at_batch) - arg_min(percentile, computed_at_batch)) desc, id
        limit {MATCHES}
        """  # noqa: S608 - a constant
    )


def history(source: Published, asset_id: str) -> pd.DataFrame:
    """Return every percentile an asset has had."""
    return source.frame("select * from percentiles.score_history where id = ? order by computed_at_batch", asset_id)


def window(source: Published, industry: str, iteration: int, bins: int = 30) -> pd.DataFrame:
    """Return the scores of an industry's window, counted in bins of equal width."""
    return source.frame(
        """
        with curve as (
            select score, equal_count, min(score) over () as lowest, (max(score) over () - min(score) over ()) / ?::double as width
            from percentiles.percentile_curve
            where industry = ? and iteration = ?
        ),
        placed as (
            select *, case when width = 0 then 0 else least(floor((score - lowest) / width), ? - 1) end as bin from curve
        )
        select
            any_value(lowest) + bin * any_value(width) as score_from,
            any_value(lowest) + (bin + 1) * any_value(width) as score_to,
            sum(equal_count)::bigint as score_count
        from placed
        group by bin
        order by bin
        """,
        bins,
        industry,
        iteration,
        bins,
    )


def drift(source: Published) -> pd.DataFrame:
    """Return how things stand per industry: level, since when it is not ok, and how far; the furthest first."""
    return source.frame(
        """
        with spans as (
            select
                score_drift.*,
                coalesce(max(iteration) filter (where level = 'ok') over (partition by industry), 0) as last_ok
            from percentiles.score_drift
        )
        select
            industry,
            arg_max(level, iteration) as level,
            min(iteration) filter (where iteration > last_ok) as drifting_since,
            arg_max(strength, iteration) as strength,
            arg_max(location_z, iteration) as location_z,
            arg_max(spread_z, iteration) as spread_z,
            arg_max(cohens_d, iteration) as cohens_d,
            arg_max(psi, iteration) as psi,
            arg_max(psi_critical, iteration) as psi_critical,
            arg_max(ks_distance, iteration) as ks_distance,
            arg_max(deviation_ratio, iteration) as deviation_ratio,
            arg_max(trend_per_batch, iteration) as trend_per_batch,
            arg_max(baseline_from, iteration) as baseline_from,
            arg_max(baseline_to, iteration) as baseline_to,
            list(cohens_d order by iteration) filter (where cohens_d is not null) as past_values
        from spans
        group by industry
        order by arg_max(strength, iteration) desc nulls last, industry
        """
    )


def windows(source: Published, industry: str) -> pd.DataFrame:
    """Return the newest windows of an industry with their drift level and the median of the baseline."""
    return source.frame(
        """
        select
            distribution.batch_no, distribution.score_count, distribution.p25_score, distribution.median_score, distribution.p75_score,
            drift.level, baseline.median_score as baseline_median
        from percentiles.score_distribution as distribution
        left join percentiles.score_drift as drift
            on distribution.industry = drift.industry and distribution.batch_no = drift.iteration
        left join percentiles.score_distribution as baseline
            on drift.industry = baseline.industry and drift.baseline_to = baseline.batch_no and baseline.scope = 'window'
        where distribution.scope = 'window' and distribution.industry = ?
        qualify row_number() over (order by distribution.batch_no desc) <= ?
        order by distribution.batch_no
        """,
        industry,
        SHOWN_WINDOWS,
    )


def alerts(source: Published) -> pd.DataFrame:
    """Return what was told about drift, the newest first."""
    return source.frame("select * from percentiles.score_alerts order by iteration desc, industry, kind")


def growth(source: Published) -> pd.DataFrame:
    """Return the largest tables of the product and what a batch adds to them."""
    return source.frame(
        """
        select table_name, batch_count, row_count, byte_count, rows_per_batch, bytes_per_batch, batches_to_limit, days_to_limit
        from operations.table_growth
        where table_schema = 'percentiles' and rows_per_batch > 0
        order by row_count desc, table_name
        limit 3
        """
    )
