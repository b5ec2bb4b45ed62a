"""What every page shares: its opening, the word on what is missing, charts with a text for screen readers, downloads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import streamlit as st

from callsheet.app.charts import Drawing
from callsheet.app.published import Needs, NothingToShowError, Published, find, version
from callsheet.runtime.publish import sample_products
from callsheet.workspace import Workspace

CSV = "text/csv"


def open_page(title: str, audience: str, needs: Needs) -> Published:
    """Write the title and return what the page reads; where that is missing, say so and end the page."""
    st.title(title, anchor=False)
    try:
        source = find(Workspace.find(), audience, needs)
    except NothingToShowError as gap:
        say_what_is_missing(gap)
    if {place.split(".")[0] for place in needs} & sample_products(source.folder):
        st.caption(":material/science: Sample data: these figures are made up.")
    return source


def say_what_is_missing(gap: NothingToShowError) -> NoReturn:
    """Show one sentence and the commands that mend it, and end the page."""
    st.info(str(gap), icon=":material/info:")
    if gap.commands:
        st.code("\n".join(gap.commands), language="bash")
        st.caption("Run this in the project's folder, with the same `CALLSHEET_HOME`. The page shows the data as soon as they are there.")
    st.stop()


@st.fragment(run_every=5)
def follow(shown: Path | None) -> None:
    """Show the new version as soon as publishing has put one in the place of the one shown."""
    if version(Workspace.find()) != shown:
        st.rerun()


def chart(drawn: Drawing, alt_text: str) -> None:
    """Draw a chart over the full width; the text says what it shows to whoever does not see it."""
    # Not checked against the schema of Vega-Lite: that would take longer than all else on a page, and the charts are ours.
    st.vega_lite_chart(drawn.to_dict(validate=False), width="stretch", alt=alt_text)


def table(rows: pd.DataFrame, columns: dict[str, Any], *, height: int | None = None) -> None:
    """Show rows as a table with readable headings, only the columns named, in that order."""
    st.dataframe(
        rows,
        hide_index=True,
        column_order=list(columns),
        column_config=columns,
        height=height or "auto",
    )


def download(label: str, content: str | bytes | Callable[[], bytes], file_name: str, *, kind: str = CSV, explanation: str = "") -> None:
    """Offer a file. A function is only called when somebody wants it."""
    st.download_button(
        label,
        data=content,
        file_name=file_name,
        mime=kind,
        help=explanation or None,
        icon=":material/download:",
        on_click="ignore",
        key=f"download_{file_name}",
    )


def download_table(source: Published, name: str, label: str, file_name: str | None = None) -> None:
    """Offer the published CSV of a table."""
    download(label, (source.folder / f"{name}.csv").read_bytes, file_name or f"{name}.csv")
