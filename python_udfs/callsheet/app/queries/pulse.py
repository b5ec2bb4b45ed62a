"""What the Pulse page asks of the published files."""

import pandas as pd

from callsheet.app.published import Published

NEEDS = {
    "pulse.pulse_release": ("date_utc", "region_code", "proj_type_code", "role_count_day", "median_rate_day_usd"),
    "pulse.pulse_trends": (
        "week_on",
        "region_code",
        "proj_type_code",
        "measure",
        "week_value",
        "trailing_median",
        "robust_z",
        "finding",
        "usual_spread",
    ),
    "pulse.pulse_regions": ("region_code", "region_label"),
    "pulse.pulse_coverage": ("privacy_mode", "first_on", "last_on", "published_row_pct"),
}
SHOWN_ROWS = 1000


def coverage(source: Published) -> pd.DataFrame:
    """Return one row per privacy mode: its days and how much of their rows is published."""
    return source.frame("select * from pulse.pulse_coverage order by last_on desc, privacy_mode")


def findings(source: Published) -> pd.DataFrame:
    """Return what stands out, the newest week first, the strongest first within it, each with the weeks before it."""
    return source.frame(
        """
        select
            found.week_on, found.region_code, found.proj_type_code, found.measure, found.finding,
            found.week_value, found.trailing_median, found.robust_z, regions.region_label,
            (
                select list(past.week_value order by past.week_on)
                from pulse.pulse_trends as past
                where
                    past.region_code = found.region_code and past.proj_type_code = found.proj_type_code
                    and past.measure = found.measure and past.week_on <= found.week_on
            ) as past_values
        from pulse.pulse_trends as found
        left join pulse.pulse_regions as regions on found.region_code = regions.region_code
        where found.finding is not null
        order by found.week_on desc, abs(found.robust_z) desc, found.region_code, found.proj_type_code
        """
    )


def series(source: Published) -> pd.DataFrame:
    """Return one row per project type and region that was ever published, the largest first."""
    return source.frame(
        """
        select
            released.proj_type_code, released.region_code, regions.region_label,
            count(*) as day_count, sum(released.role_count_day)::bigint as role_count
        from pulse.pulse_release as released
        left join pulse.pulse_regions as regions on released.region_code = regions.region_code
        group by all
        order by role_count desc, released.region_code, released.proj_type_code
        """
    )


def weeks(source: Published, measure: str, proj_type_code: str, region_codes: list[str]) -> pd.DataFrame:
    """Return the weeks of some regions; `usual_low` to `usual_high` is where chance would have kept them."""
    return source.frame(
        """
        select
            trends.week_on, trends.region_code as series, trends.week_value, trends.trailing_median, trends.robust_z,
            trends.finding, trends.published_day_count,
            trends.least_value, trends.most_value,
            trends.trailing_median - 5 * trends.usual_spread as usual_low, trends.trailing_median + 5 * trends.usual_spread as usual_high
        from pulse.pulse_trends as trends
        where trends.measure = ? and trends.proj_type_code = ? and trends.region_code in (select unnest(?::varchar[]))
        order by trends.region_code, trends.week_on
        """,
        measure,
        proj_type_code,
        region_codes,
    )


def days(source: Published) -> pd.DataFrame:
    """Return the newest rows of the release."""
    return source.frame(
        f"select * from pulse.pulse_release order by date_utc desc, region_code, proj_type_code limit {SHOWN_ROWS}"  # noqa: S608 - a constant
    )
