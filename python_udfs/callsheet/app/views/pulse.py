"""Pulse: what is being cast, where, at what rate, and what stands out."""

import pandas as pd
import streamlit as st

from callsheet.app import charts, parts
from callsheet.app.published import NothingToShowError, Published, each
from callsheet.app.queries import pulse
from callsheet.app.words import MEASURES, TYPES

SHOWN_FINDINGS = 4


def page() -> None:
    """Lay out the page."""
    source = parts.open_page("Pulse", "public", pulse.NEEDS)
    series = pulse.series(source)
    if series.empty:
        parts.say_what_is_missing(
            NothingToShowError(
                "No day is released yet: a day is released once the data has passed it by two, and only in privacy mode standard or strict."
            )
        )
    coverage = pulse.coverage(source)
    first, last = coverage["first_on"].min(), coverage["last_on"].max()
    st.markdown(
        f"What is being cast, where, and at what day rate, from **{first:%-d %B %Y}** to **{last:%-d %B %Y}**. "
        "Counts and shares carry a little noise, and small groups are left out, so that no role, actor or employer can be read from them."
    )
    findings = pulse.findings(source)
    _what_stands_out(findings)
    _trend(source, series, findings)
    _where(series)
    _held_back(coverage)
    _downloads(source)


def _what_stands_out(findings: pd.DataFrame) -> None:
    st.subheader("What stands out", anchor=False)
    if findings.empty:
        st.markdown("Nothing does: no week of the release differs from the four before it by more than chance would make it.")
        return
    newest = findings[findings["week_on"] == findings["week_on"].max()]
    st.caption(
        f"The week of {newest['week_on'].iloc[0]:%-d %B}, beside the four weeks before it. Only what is at least five times what noise "
        "and small numbers do by themselves."
    )
    for column, found in zip(st.columns(SHOWN_FINDINGS), each(newest.head(SHOWN_FINDINGS)), strict=False):
        measure = MEASURES[found.measure]
        change = found.week_value - found.trailing_median
        column.metric(
            f"{found.finding.capitalize()} · {found.region_code} · {TYPES[found.proj_type_code]}",
            measure.text.format(found.week_value),
            f"{'+' if change > 0 else '-'}{measure.text.format(abs(change))}".replace(" %", " points"),
            delta_color="off",
            delta_description=f"usual {measure.text.format(found.trailing_median)}",
            chart_data=list(found.past_values),
            border=True,
            help=f"{found.region_label}. {measure.meaning} {abs(found.robust_z):.1f} times what chance does.",
        )
    if len(newest) > SHOWN_FINDINGS or len(findings) > len(newest):
        with st.expander(f"All {len(findings)} findings, earlier weeks too"):
            parts.table(
                findings.assign(
                    measure=[MEASURES[name].title for name in findings["measure"]],
                    proj_type=[TYPES[code] for code in findings["proj_type_code"]],
                ),
                {
                    "week_on": st.column_config.DateColumn("Week of", format="D MMM YYYY"),
                    "finding": "Finding",
                    "region_label": "Region",
                    "proj_type": "Type",
                    "measure": "Measure",
                    "trailing_median": st.column_config.NumberColumn("Usual", format="%.1f"),
                    "week_value": st.column_config.NumberColumn("That week", format="%.1f"),
                    "robust_z": st.column_config.NumberColumn("Times chance", format="%.1f"),
                },
            )


def _trend(source: Published, series: pd.DataFrame, findings: pd.DataFrame) -> None:
    st.subheader("Trend", anchor=False)
    top = findings.iloc[0] if not findings.empty else series.iloc[0]
    types = [code for code in TYPES if code in set(series["proj_type_code"])]
    left, middle, right = st.columns([2, 2, 3])
    name = left.selectbox(
        "Measure",
        list(MEASURES),
        index=list(MEASURES).index(top.get("measure", "day_rate_usd")),
        format_func=lambda measure: MEASURES[measure].title,
        key="measure",
    )
    kind = middle.selectbox("Project type", types, index=types.index(top["proj_type_code"]), format_func=TYPES.__getitem__, key="type")
    labels = {place.region_code: place.region_label for place in each(series[series["proj_type_code"] == kind])}
    chosen = right.multiselect(
        "Regions",
        list(labels),
        default=[top["region_code"] if top["region_code"] in labels else next(iter(labels))],
        format_func=lambda code: f"{code} · {labels[code]}",
        key=f"regions_{kind}",
        help="Regions that were published in this type at least once.",
    )
    measure = MEASURES[name]
    weeks = pulse.weeks(source, name, kind, chosen)
    if weeks.empty:
        st.info("Choose at least one region." if not chosen else "Too few values of this measure were published.", icon=":material/info:")
        return
    st.caption(
        f"{measure.meaning} Circled: findings. "
        + ("Grey: where chance would keep it. " if len(chosen) == 1 else "")
        + "Where roles of a small group may be hidden, the point is the least that they are; a finding holds however many are hidden."
    )
    parts.chart(
        charts.trend(weeks, measure.title, measure.number),
        f"{measure.title} by week for {TYPES[kind]} in {', '.join(chosen)}; newest: {measure.text.format(weeks['week_value'].iloc[-1])}.",
    )


def _where(series: pd.DataFrame) -> None:
    st.subheader("Where what is cast", anchor=False)
    top = series.iloc[0]
    st.caption("Published role views of the whole period. A region or type that is missing here is small, not empty.")
    parts.chart(
        charts.stacked_bars(
            series.assign(where=series["region_code"], what=[TYPES[code] for code in series["proj_type_code"]]),
            "where", "role_count", "what", "published role views",
        ),
        f"Published role views by region and type; most in {top['region_code']}, {TYPES[top['proj_type_code']]}: {top['role_count']:,}.",
    )  # fmt: skip


def _held_back(coverage: pd.DataFrame) -> None:
    st.subheader("What is held back, and why", anchor=False)
    for mode in each(coverage):
        days = f"{mode.first_on:%-d %B} to {mode.last_on:%-d %B %Y} (mode *{mode.privacy_mode}*)"
        if pd.isna(mode.published_row_pct):
            st.markdown(f"How much of {days} is held back is told from 2,000 rows on: of fewer, a hidden group could be subtracted.")
        else:
            st.markdown(
                f"Of all usable rows of {days}, **about {mode.published_row_pct:.0f} % are shown "
                f"and {100 - mode.published_row_pct:.0f} % are not**."
            )
    st.markdown(
        "A group (day, region, type) is held back when\n"
        "- it has **too few rows**: the fewer they are, the more each tells of one notice,\n"
        "- it has **too few different roles**: five people who look at one notice are five rows and one role,\n"
        "- **one project** holds most of its roles: its rate would be that employer's rate.\n\n"
        "The newest days wait until the data has passed them. Which group was held back for which reason is not told, for it would "
        "tell what is hidden; the share above is in steps of five percent, so that nothing can be subtracted from it."
    )


def _downloads(source: Published) -> None:
    st.subheader("Take it with you", anchor=False)
    with st.container(horizontal=True):
        parts.download_table(source, "pulse_release", "daily_pulse.csv", "daily_pulse.csv")
        parts.download_table(source, "pulse_trends", "pulse_trends.csv")
    with st.expander(f"The newest rows of the daily pulse (at most {pulse.SHOWN_ROWS:,})"):
        percent = {
            name: st.column_config.NumberColumn(label, format="%.1f %%")
            for name, label in (
                ("lead_share_pct_day", "Lead"),
                ("union_share_pct_day", "Union"),
                ("theme_ai_share_pct_day", "AI theme"),
            )
        }
        parts.table(
            pulse.days(source),
            {
                "date_utc": st.column_config.DateColumn("Day (UTC)", format="D MMM YYYY"),
                "region_code": "Region",
                "proj_type_code": "Type",
                "role_count_day": st.column_config.NumberColumn("Role views", format="localized"),
                "median_rate_day_usd": st.column_config.NumberColumn("Median day rate", format="$%d"),
                **percent,
                "sentiment_avg_day": st.column_config.NumberColumn("Sentiment", format="%.2f"),
            },
            height=320,
        )
