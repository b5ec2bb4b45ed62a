"""Slates for the Slate page: the same function that `dbt build` and scripts/recommend.py call, kept in memory by version and brief."""

import contextlib
import io
import tempfile
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx

from callsheet.app.published import Published
from callsheet.resonance.reports import report
from callsheet.resonance.slates import comparing
from callsheet.resonance.slates.briefs import Brief, parse_brief
from callsheet.resonance.slates.catalogue import LABEL, TABLES, Catalogue
from callsheet.resonance.slates.make_slate import Slate, recommend
from callsheet.runtime.errors import CallsheetError

READ_AHEAD_AFTER = 3.0  # seconds: by then a browser has drawn the first page, and has no more use for the processor
NEEDS = {
    **{f"resonance.{table}": () for table in TABLES},
    "resonance.model_runs": ("model_run_id", "manifest"),
    "resonance.model_metrics": ("model_run_id", "label", "metric", "value"),
    "resonance.model_curves": ("model_run_id", "label", "curve", "x", "y", "row_count"),
}


def catalogue(source: Published) -> Catalogue:
    """Return what slates are made of."""
    return _catalogue(source.folder)


def slate(source: Published, brief: Brief) -> Slate:
    """Return the slate of a brief."""
    return _slate(source.folder, brief.to_json())


def comparison(source: Published, before: Brief, after: Brief) -> comparing.Comparison:
    """Return who entered, left and moved from one brief to another."""
    return _comparison(source.folder, before.to_json(), after.to_json())


def reliability(source: Published, run: str) -> pd.DataFrame:
    """Return what the calibrated head said on the holdout and what came true."""
    return source.frame(
        """
        select x, y, row_count, 'calibrated probability' as name
        from resonance.model_curves
        where model_run_id = ? and label = ? and curve = 'reliability' and split = 'holdout' and model = 'actor_head_platt'
        qualify row_count >= sum(row_count) over () / 100
        order by position
        """,
        run,
        LABEL,
    )


def zipped(source: Published, brief: Brief) -> bytes:
    """Return the folder that scripts/recommend.py would write, with its CSV files, manifest and pictures, as one file."""
    with tempfile.TemporaryDirectory() as home:
        inputs = report.Inputs(Path(home), source.database, is_demo=False, files={})
        folder = report.write_report(inputs, catalogue(source), slate(source, brief), None, datetime.now(UTC))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, f"{folder.name}/{path.name}")
    return packed.getvalue()


@st.cache_resource(max_entries=2, show_spinner=False)
def prepare(folder: Path) -> threading.Thread:
    """Read films and heads once the first page is drawn: the first slate takes seconds, each further one none."""
    thread = threading.Timer(READ_AHEAD_AFTER, _answer_any_brief, args=(folder,))
    thread.daemon = True
    add_script_run_ctx(thread)
    thread.start()
    return thread


def _answer_any_brief(folder: Path) -> None:
    # What is wrong is said on the page, by whoever asks there.
    with contextlib.suppress(CallsheetError, duckdb.Error, OSError):
        held = _catalogue(folder)
        if held.known.genres:
            recommend(held, parse_brief({"year": held.known.last_year, "genres": held.known.genres[:1]}, held.known))


@st.cache_resource(max_entries=2, show_spinner="Reading films and models …")
def _catalogue(folder: Path) -> Catalogue:
    return Catalogue.open(folder / "callsheet.duckdb")


@st.cache_resource(max_entries=100, show_spinner="Ranking actors …")
def _slate(folder: Path, brief: str) -> Slate:
    held = _catalogue(folder)
    return recommend(held, Brief.from_json(brief, held.known))


@st.cache_resource(max_entries=20, show_spinner="Comparing …")
def _comparison(folder: Path, before: str, after: str) -> comparing.Comparison:
    return comparing.compare(_catalogue(folder), _slate(folder, before), _slate(folder, after))
