"""Percentiles: one asset's standing, which industries move, and how the tables grow."""

import pandas as pd
import streamlit as st

from callsheet.app import charts, parts
from callsheet.app.published import NothingToShowError, Published, each
from callsheet.app.queries import percentiles
from callsheet.app.words import LEVELS
from callsheet.percentiles.notes import few_scores_note

SHOWN_INDUSTRIES = 4
LOADING = ("python scripts/load_batches.py --batches DIR", "python scripts/publish.py")
AHEAD = [10, 30, 100, 300, 1000, 3000, 10000]


def page() -> None:
    """Lay out the page."""
    source = parts.open_page("Percentiles", "public", percentiles.NEEDS)
    counts = percentiles.counts(source)
    if not counts["asset_count"]:
        parts.say_what_is_missing(NothingToShowError("No batch has landed yet.", *LOADING))
    st.markdown(
        f"How each of **{counts['asset_count']:,} assets** compares with its industry in the three newest batches of its time, "
        "and whether the scores themselves are drifting."
    )
    if pd.isna(counts["newest_iteration"]):
        parts.say_what_is_missing(NothingToShowError("A percentile needs three batches, and fewer have landed.", *LOADING))
    drift = percentiles.drift(source)
    _asset(source)
    if drift.empty:
        st.info("Drift is measured from the first window with thirty scores of an industry on.", icon=":material/info:")
    else:
        _status(source, drift)
        _industries(source, drift)
    _growth(source)
    with st.container(horizontal=True):
        parts.download_table(source, "scores", "scores.csv")
        parts.download_table(source, "score_drift", "score_drift.csv")


def _asset(source: Published) -> None:
    st.subheader("One asset", anchor=False)
    left, right = st.columns(2)
    text = left.text_input("Search an asset", key="search", placeholder="an id, or a part of one", type="search").strip()
    found = percentiles.assets(source, text)
    if found.empty:
        st.info(f"No asset has “{text}” in its id.", icon=":material/search_off:")
        return
    industries = dict(zip(found["id"], found["industry"], strict=True))
    asset_id = right.selectbox(
        "Asset" if text else "Asset (those that moved most)",
        list(industries),
        format_func=lambda asset: f"{asset} · {industries[asset]}",
        key=f"asset_{text}",
    )
    if len(found) == percentiles.MATCHES and text:
        st.caption(f"The first {percentiles.MATCHES} matches: type more of the id to narrow them.")
    history = percentiles.history(source, asset_id)
    if history.empty:
        st.info("This asset has no percentile yet: it gets its first with the third batch.", icon=":material/info:")
        return
    first, last = history.iloc[0], history.iloc[-1]
    st.markdown(_told(first, last))
    past, windows = st.columns([2, 3])
    with past:
        st.caption("**Its percentile**, computed anew with each batch while it is in the window of three.")
        parts.chart(charts.past(history), _told(first, last))
    with windows:
        st.caption(
            f"**Where it stands** among the {last['window_count']} {last['industry']} scores of batches {last['window_from']} to "
            f"{last['window_to']}. The line is this asset; in colour, what lies below it."
        )
        parts.chart(
            charts.window(percentiles.window(source, str(last["industry"]), int(last["computed_at_batch"])), float(last["score"])),
            f"Histogram of the {last['window_count']} scores of the window; {last['lower_count']} are lower than {last['score']:.4g}.",
        )


def _told(first: pd.Series, last: pd.Series) -> str:
    stands = (
        f"With a score of **{last['score']:.4g}** it stands at percentile **{last['percentile']:.1f}** of {last['industry']}: "
        f"{last['lower_count']} of {last['window_count']} scores are lower.{few_scores_note(last['window_count'])}"
    )
    if len({first["computed_at_batch"], last["computed_at_batch"]}) == 1:
        return stands
    moved = last["percentile"] - first["percentile"]
    way = "fell" if moved < 0 else "rose"
    return f"{stands} It began at {first['percentile']:.1f} (batch {first['computed_at_batch']}) and {way} by {abs(moved):.1f} points" + (
        ", without its score changing: its window filled with younger scores." if first["score"] == last["score"] else "."
    )


def _status(source: Published, drift: pd.DataFrame) -> None:
    st.subheader("Is the score drifting?", anchor=False)
    baseline = drift.iloc[0]
    st.caption(
        "How far the mean of each industry's newest window lies from its frozen baseline"
        f" (batches {baseline['baseline_from']:.0f} to {baseline['baseline_to']:.0f} for {baseline['industry']}), in standard deviations. "
        "Drift says that scores moved, not that the model is wrong."
    )
    for column, row in zip(st.columns(SHOWN_INDUSTRIES), each(drift.head(SHOWN_INDUSTRIES)), strict=False):
        with column.container(border=True):
            shift = "too few scores" if pd.isna(row.cohens_d) else f"{row.cohens_d:+.2f} sd"
            st.metric(row.industry, shift, chart_data=row.past_values)
            since = "steady" if pd.isna(row.drifting_since) else f"{row.level} since batch {row.drifting_since:.0f}"
            icon, colour = LEVELS[row.level]
            st.badge(since, icon=icon, color=colour)
    with st.expander("Every industry, every measure"):
        parts.table(
            drift,
            {
                "industry": "Industry",
                "level": "Level",
                "drifting_since": st.column_config.NumberColumn("Since batch", format="%d"),
                "cohens_d": st.column_config.NumberColumn("Shift, sd", format="%.2f"),
                "strength": st.column_config.NumberColumn(
                    "Strength", format="%.2f", help="The largest of location, spread and PSI over its limit. Warn above 0.8, alert above 1."
                ),
                "location_z": st.column_config.NumberColumn("Location", format="%.1f", help="In standard errors, since the baseline."),
                "spread_z": st.column_config.NumberColumn("Spread", format="%.1f", help="In standard errors, since the baseline."),
                "psi": st.column_config.NumberColumn("PSI", format="%.2f", help="Read it against its critical value, not against 0.1."),
                "psi_critical": st.column_config.NumberColumn("PSI critical", format="%.2f"),
                "ks_distance": st.column_config.NumberColumn("KS distance", format="%.2f"),
                "deviation_ratio": st.column_config.NumberColumn("sd ratio", format="%.2f"),
                "trend_per_batch": st.column_config.NumberColumn("Trend a batch", format="%.4f"),
            },
        )
    alerts = percentiles.alerts(source)
    with st.expander(f"What was told, and when ({len(alerts)})"):
        for alert in each(alerts):
            end = "it lasts" if pd.isna(alert.ended_iteration) else f"over at batch {alert.ended_iteration:.0f}"
            st.markdown(f"**Batch {alert.iteration}** {alert.message} Worst at batch {alert.worst_iteration}; {end}.")
        if alerts.empty:
            st.markdown("Nothing: no industry has left its baseline.")


def _industries(source: Published, drift: pd.DataFrame) -> None:
    st.subheader("Industries on the move", anchor=False)
    names = list(drift["industry"])
    chosen = st.multiselect("Industries", names, default=names[:SHOWN_INDUSTRIES], key="industries")
    st.caption(
        "Line: the median score of each window; a circle is :green[ok], a diamond :orange[warn], a triangle :red[alert]. "
        "Shaded: the middle half of its scores. Dashed: the baseline's median."
    )
    pair = st.columns(2)
    for place, name in enumerate(chosen):
        windows = percentiles.windows(source, name)
        with pair[place % 2]:
            st.markdown(f"**{name}**")
            parts.chart(
                charts.industry(windows),
                f"{name}: the median moved from {windows['median_score'].iloc[0]:.3f} to {windows['median_score'].iloc[-1]:.3f}.",
            )


def _growth(source: Published) -> None:
    st.subheader("How it grows", anchor=False)
    growth = percentiles.growth(source)
    if growth.empty:
        st.markdown("Growth is measured from the second batch on.")
        return
    ahead = st.select_slider("Batches ahead", AHEAD, value=100, key="ahead", format_func="{:,}".format)
    growth = growth.assign(
        rows_then=growth["row_count"] + ahead * growth["rows_per_batch"],
        megabytes_now=growth["byte_count"] / 1e6,
        megabytes_then=(growth["byte_count"] + ahead * growth["bytes_per_batch"]) / 1e6,
    )
    largest = growth.iloc[0]
    st.caption(
        f"A straight line through the past: {ahead:,} batches from now `{largest['table_name']}` would hold "
        f"{largest['rows_then']:,.0f} rows. It knows nothing of larger batches to come, nor of retention (`percentiles_keep_iterations`)."
    )
    points = pd.concat(
        growth.assign(batch=growth["batch_count"] + further, row_count=growth["row_count"] + further * growth["rows_per_batch"], **flags)
        for further, flags in (
            (-growth["batch_count"], {"is_future": False, "is_ahead": False}),
            (0, {"is_future": False, "is_ahead": True}),
            (ahead, {"is_future": True, "is_ahead": True}),
        )
    )
    parts.chart(charts.projection(points), f"Rows of the largest tables now and {ahead:,} batches from now.")
    parts.table(
        growth,
        {
            "table_name": "Table",
            "row_count": st.column_config.NumberColumn("Rows now", format="localized"),
            "rows_per_batch": st.column_config.NumberColumn("A batch adds", format="%.0f"),
            "rows_then": st.column_config.NumberColumn(f"Rows in {ahead:,} batches", format="localized", step=1),
            "megabytes_now": st.column_config.NumberColumn("MB now", format="%.1f"),
            "megabytes_then": st.column_config.NumberColumn("MB then", format="%.1f"),
            "batches_to_limit": st.column_config.NumberColumn("Batches to 10 GB", format="localized"),
        },
    )
