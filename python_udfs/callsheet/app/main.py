"""The app: published files as pages. `make app` runs it; `--internal` adds what is for the team alone."""

import sys
from pathlib import Path

import streamlit as st

from callsheet.app import parts
from callsheet.app.published import version
from callsheet.app.queries import slates
from callsheet.app.views import health, models, percentiles, pulse, slate
from callsheet.workspace import Workspace

INTERNAL = "--internal"


def main() -> None:
    """Show the page that was asked for, and follow what is published."""
    st.set_page_config(page_title="callsheet", page_icon=str(Path(__file__).parent / "icon.png"), layout="wide")
    shown = version(Workspace.find())
    before = st.session_state.get("shown", shown)
    st.session_state["shown"] = shown
    if before != shown:
        st.toast("New data were published: this is what they say.", icon=":material/update:")
    pages = [
        st.Page(pulse.page, title="Pulse", icon=":material/monitor_heart:", url_path="pulse", default=True),
        st.Page(percentiles.page, title="Percentiles", icon=":material/leaderboard:", url_path="percentiles"),
        st.Page(slate.page, title="Slate", icon=":material/groups:", url_path="slate"),
        st.Page(models.page, title="Models", icon=":material/query_stats:", url_path="models"),
    ]
    if INTERNAL in sys.argv[1:]:
        pages.append(st.Page(health.page, title="Health", icon=":material/health_and_safety:", url_path="health"))
    chosen = st.navigation(pages, position="top")
    parts.follow(shown)
    chosen.run()
    if shown:
        slates.prepare(shown / "public")


main()
