"""Health, for the team alone: what needs a look, how runs went, what was not used and why."""

import pandas as pd
import streamlit as st

from callsheet.app import charts, parts
from callsheet.app.published import NothingToShowError, Published, each, find
from callsheet.app.queries import operations
from callsheet.workspace import Workspace


def page() -> None:
    """Lay out the page."""
    source = parts.open_page("Health", "internal", operations.NEEDS)
    st.markdown(":material/lock: **Internal.** What needs a look, how runs went, what was not used and why. Not to be passed on.")
    runs = operations.runs(source)
    _alerts(operations.alerts(source))
    _runs(source, runs)
    _quarantine(source)
    _held_back()


def _alerts(alerts: pd.DataFrame) -> None:
    st.subheader("Needs a look", anchor=False)
    if alerts.empty:
        st.success("Nothing does.", icon=":material/check_circle:")
    for alert in each(alerts):
        st.warning(f"**{alert.product}**, {alert.kind}: {alert.message}", icon=":material/warning:")


def _runs(source: Published, runs: pd.DataFrame) -> None:
    st.subheader("Runs", anchor=False)
    if runs.empty:
        st.markdown("No run has ended yet.")
        return
    last = next(each(runs))
    one, two, three, four = st.columns(4)
    one.metric("Last run (UTC)", f"{last.started_at:%-d %b, %H:%M}", border=True)
    two.metric("Took", "not ended" if pd.isna(last.wall_seconds) else f"{last.wall_seconds:.0f} s", border=True)
    three.metric("Failed", f"{last.failed_count:.0f} of {last.node_count:.0f}", border=True)
    four.metric("Warned", f"{last.warned_count:.0f}", border=True)
    parts.table(
        runs,
        {
            "started_at": st.column_config.DatetimeColumn("Started (UTC)", format="D MMM YYYY, HH:mm"),
            "command": "Command",
            "wall_seconds": st.column_config.NumberColumn("Seconds", format="%.0f"),
            "node_count": st.column_config.NumberColumn("Steps", format="localized"),
            "failed_count": st.column_config.NumberColumn("Failed", format="%d"),
            "warned_count": st.column_config.NumberColumn("Warned", format="%d"),
            "run_id": "Run",
        },
    )
    chosen = st.selectbox("A run's steps", list(runs["run_id"]), format_func=lambda run: run[:8], key="health_run")
    troubled = operations.troubled(source, chosen)
    if troubled.empty:
        st.success("Every step of it went well.", icon=":material/check_circle:")
    else:
        parts.table(troubled, {"status": "Status", "node": "Step", "resource_type": "Kind", "message": "What it said"})
    steps = operations.slowest(source, chosen)
    st.caption("Its slowest steps, in seconds.")
    parts.chart(
        charts.signed_bars(steps, "node", "duration_seconds", "seconds", ".2f"),
        "Slowest steps: " + ", ".join(f"{step.node} {step.duration_seconds:.1f} s" for step in each(steps.head(3))) + ".",
    )


def _quarantine(source: Published) -> None:
    st.subheader("What was not used, and why", anchor=False)
    reasons = operations.reasons(source)
    if reasons.empty:
        st.success("Every record was used.", icon=":material/check_circle:")
        return
    st.caption("Records in quarantine by reason. The raw record itself stays in the build database: position and hash lead to it.")
    parts.chart(
        charts.stacked_bars(reasons.rename(columns={"reject_reason": "reason"}), "reason", "row_count", "product", "records"),
        "Quarantined records by reason and product.",
    )
    pairs = list(reasons[["product", "reject_reason"]].itertuples(index=False, name=None))
    product, reason = st.selectbox("Where they stand", pairs, format_func=" · ".join, key="health_reason")
    parts.table(
        operations.rejected(source, product, reason),
        {"file_name": "File", "revision": "Version", "position": "Position", "payload_hash": "SHA-256"},
        height=240,
    )


def _held_back() -> None:
    st.subheader("What the pulse holds back, exactly", anchor=False)
    try:
        source = find(Workspace.find(), "internal", operations.RELEASE_LOG)
    except NothingToShowError as gap:
        st.info(str(gap), icon=":material/info:")
        return
    parts.table(
        operations.held_back(source),
        {
            "outcome": "Outcome",
            "bucket_count": st.column_config.NumberColumn("Groups", format="localized"),
            "row_count": st.column_config.NumberColumn("Rows", format="localized"),
        },
    )
