"""The app: every page and control, what is said where something is missing, what is kept inside; then all of it in a browser."""

import csv
import importlib
import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from callsheet.app.published import Published, version
from callsheet.app.queries import slates
from callsheet.app.words import MEASURES
from callsheet.resonance.slates.briefs import parse_brief
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace
from playwright.sync_api import Browser
from streamlit.testing.v1 import AppTest

from tests.python.browsing import CHROMIUM, browsing, served, visited
from tests.python.conftest import Workshop, asset

PUBLIC_PAGES = ("pulse", "percentiles", "slate", "models")
PAGES = (*PUBLIC_PAGES, "health")
NASTY = ("'; drop table percentiles.scores; --", "%", "_", '"', "\\", "🎬", "<script>alert(1)</script>", "x" * 5_000)


def _show(name: str) -> None:
    import importlib  # noqa: PLC0415 - AppTest runs the source of this function alone

    importlib.import_module(f"callsheet.app.views.{name}").page()


def opened(name: str) -> AppTest:
    """Return a page as a person finds it."""
    return AppTest.from_function(_show, default_timeout=60, args=(name,)).run()


def texts(page: AppTest) -> str:
    """Return what the page says, charts and tables apart."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.success, page.warning, page.error, page.code)
    shown = [element.value for kind in kinds for element in kind]
    return "\n".join([*shown, *(f"{metric.label} {metric.value} {metric.delta}" for metric in page.metric)])


def sent(page: AppTest) -> bytes:
    """Return everything that the page sends to a browser: texts, tables, the data of charts."""

    def below(node: Any) -> Iterator[bytes]:
        if hasattr(getattr(node, "proto", None), "SerializeToString"):
            yield node.proto.SerializeToString()
        for child in getattr(node, "children", {}).values():
            yield from below(child)

    return b"\n".join(below(page._tree))


@pytest.fixture(scope="module")
def published_sample(sample_workspace: Workspace) -> Iterator[Workspace]:
    publish(sample_workspace)
    yield sample_workspace
    # Tests of other files may open the same files, and DuckDB refuses a second opening of other settings.
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def sample(published_sample: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("CALLSHEET_HOME", str(published_sample.home))
    return published_sample


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    return tmp_path


def asked(workspace: Workspace, sql: str) -> Any:
    """Return the first value that the build database gives: the app never reads that one."""
    with workspace.reading() as connection:
        return connection.execute(sql).fetchall()[0][0]


# Every control of every page, with values to try one after another; [] where a person takes everything away.
CONTROLS: dict[str, list[tuple[str, str, list[Any]]]] = {
    "pulse": [
        ("selectbox", "measure", list(MEASURES)),
        ("selectbox", "type", ["C", "F", "T"]),
        ("multiselect", "regions_T", [["NY", "ATL", "LA"], []]),
    ],
    "percentiles": [
        ("text_input", "search", ["01K7XVRGQR4EQ2M5Y7MB7R2VAH", "01K7", ""]),
        ("selectbox", "asset_", ["01K7SZSVSW7FDX41QJ7GBPZF6T"]),
        ("multiselect", "industries", [["Clothing"], []]),
        ("select_slider", "ahead", [10, 10_000]),
    ],
    "slate": [
        ("number_input", "year", [2005]),
        ("number_input", "budget", [0.0, 80.0]),
        ("number_input", "bill_order", [3]),
        ("number_input", "top", [5]),
        ("multiselect", "genres", [["drama", "romance"]]),
        ("selectbox", "director", [None]),
        ("text_area", "roles", ["Lead:1\nVillain:2"]),
        ("text_input", "keywords", ["heist in the city, never heard of", ""]),
        ("text_input", "attached", [""]),
        ("text_input", "must_have", [""]),
        ("text_input", "excluded", [""]),
        ("number_input", "min_credits", [2]),
        ("number_input", "max_credits", [40]),
        ("number_input", "active_within_years", [5]),
        ("number_input", "min_age", [20]),
        ("number_input", "max_age", [70]),
        ("selectbox", "gender", ["female"]),
        ("toggle", "include_dead", [True]),
        ("multiselect", "actor_genres", [["drama"]]),
        ("toggle", "use_diversity", [False]),
        ("toggle", "use_penalties", [False]),
        ("toggle", "use_cycle", [False]),
        ("toggle", "calibrate", [False]),
        ("number_input", "alpha", [0.5]),
        ("number_input", "synergy_weight", [0.25]),
        ("selectbox", "actor", []),
    ],
    "models": [("button_group", "label", ["over_budget_peer", "high_resonance"]), ("selectbox", "run", [])],
    "health": [("selectbox", "health_run", []), ("selectbox", "health_reason", [("pulse", "date_missing"), ("resonance", "conflict")])],
}


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_itself_and_survives_each_of_its_controls(name: str) -> None:
    page = opened(name)
    assert not page.exception
    assert [title.value for title in page.title] == [name.capitalize()]
    assert not page.info, "nothing is missing on the sample"
    kinds = ("selectbox", "multiselect", "select_slider", "button_group", "text_input", "text_area", "number_input", "toggle")
    assert {(kind, widget.key) for kind in kinds for widget in getattr(page, kind)} == {(kind, key) for kind, key, _ in CONTROLS[name]}
    for kind, key, values in CONTROLS[name]:
        for value in values:
            control = getattr(page, kind)(key=key).set_value(value)
            if getattr(control, "form_id", ""):
                continue  # a form is sent once, below
            control.run()
            assert not page.exception, (key, value)
            assert getattr(page, kind)(key=key).value == value
    if name == "slate":
        page.button[0].click().run()
        assert not page.exception
        assert not page.error
        held = {key: getattr(page, kind)(key=key).value for kind, key, values in CONTROLS[name] if values}
        assert held == {key: values[-1] for _, key, values in CONTROLS[name] if values}
        assert "Villain, billing 2" in [tab.label for tab in page.tabs]


def test_pulse_says_what_the_release_says(sample: Workspace) -> None:
    page = opened("pulse")
    said = texts(page)
    assert "from **2 March 2026** to **10 April 2026**" in said
    rates = asked(sample, "select week_value from pulse.pulse_trends where finding = 'rate rise'")
    assert f"Rate rise · NY · TV and streaming ${rates:,.0f}" in said
    shown = asked(sample, "select sum(row_count) filter (where suppression_reason is null) / sum(row_count) from pulse.release_log")
    assert f"about {round(20 * shown) * 5} % are shown" in said
    page.selectbox(key="type").set_value("F").run()
    assert page.multiselect(key="regions_F").value == ["LA"], "a region that the new type has"


@pytest.mark.usefixtures("sample")
def test_percentiles_finds_an_asset_by_a_part_of_its_id_and_tells_how_it_moved() -> None:
    page = opened("percentiles")
    page.text_input(key="search").set_value("xvrgqr4eq2m5y7mb7r2vah").run()
    said = texts(page)
    assert "stands at percentile **80.4** of Hair care: 227 of 283 scores are lower" in said
    assert "It began at 85.3 (batch 10) and fell by 4.9 points, without its score changing" in said
    assert "Hair care +1.03 sd" in said
    assert "alert since batch 8" in said


@pytest.mark.usefixtures("sample")
def test_what_is_typed_stays_text() -> None:
    page = opened("percentiles")
    for text in NASTY:
        page.text_input(key="search").set_value(text).run()
        assert not page.exception
        assert [info.value for info in page.info] == [f"No asset has “{text}” in its id."]


def test_models_shows_the_holdout_with_its_interval(sample: Workspace) -> None:
    metric = (
        "from resonance.model_metrics where label = 'high_resonance' and split = 'holdout' and slice = 'all' and model = 'actor_head_platt'"
    )
    value, low, high = (asked(sample, f"select {column} {metric} and metric = 'auroc'") for column in ("value", "low", "high"))
    page = opened("models")
    assert f"Ranks right {value:.3f} {low:.3f} to {high:.3f}" in texts(page)


def ranked(page: AppTest) -> list[str]:
    """Return the actors that the page offers to explain, in order."""
    return list(page.selectbox(key="actor").options)


def rank(page: AppTest, **fields: Any) -> AppTest:
    """Fill fields of the brief in and send it."""
    for key, value in fields.items():
        next(kind(key=key) for kind in (page.number_input, page.text_input, page.text_area) if key in [one.key for one in kind]).set_value(
            value
        )
    return page.button[0].click().run()


@pytest.mark.long
def test_slate_is_the_slate_that_dbt_built_and_that_recommend_py_writes(sample: Workspace) -> None:
    page = rank(opened("slate"), year=2006, budget=20.0)
    built = "select string_agg(rank || '. ' || actor_name, '|' order by rank) from resonance.slates where brief = 'Action thriller of 2006'"
    assert ranked(page) == asked(sample, built).split("|")
    source = Published(sample.published.resolve() / "public")
    known = slates.catalogue(source).known
    brief = parse_brief({"year": 2006, "budget": 20, "genres": "Action,Thriller"}, known)
    with zipfile.ZipFile(io.BytesIO(slates.zipped(source, brief))) as packed:
        names = {Path(name).name for name in packed.namelist()}
        assert {
            "slate_2006_action_thriller_20m.csv",
            "2006_action_thriller_20m_manifest.json",
            "2006_action_thriller_20m_reason_codes.csv",
        } <= names
        (path,) = (name for name in packed.namelist() if name.endswith("/slate_2006_action_thriller_20m.csv"))
        rows = list(csv.DictReader(io.TextIOWrapper(packed.open(path), encoding="utf-8")))
    assert [f"{row['rank']}. {row['actor_name']}" for row in rows] == ranked(page)


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"roles": "Villain"}, "The role 'Villain' is not NAME:BILL: write it as Villain:2."),
        ({"must_have": NASTY[0]}, "There is no actor"),
        ({"min_credits": 9, "max_credits": 3}, "min_credits 9 is above max_credits 3: nobody fits both."),
    ],
)
def test_a_brief_that_cannot_be_meant_is_answered_in_one_sentence(fields: dict[str, Any], said: str) -> None:
    page = rank(opened("slate"), **fields)
    assert not page.exception
    (error,) = page.error
    assert error.value.startswith(said)


@pytest.mark.usefixtures("sample")
def test_two_briefs_stand_side_by_side_with_who_came_and_went() -> None:
    page = opened("slate")
    first = ranked(page)
    page.button(key="keep").click().run()
    assert "Change the brief above and rank again" in texts(page)
    rank(page, budget=150.0, max_credits=6)
    assert not page.exception
    now = ranked(page)
    assert now != first
    changes = next(frame.value for frame in page.dataframe if "change" in frame.value)
    names = [{name.split(". ")[1] for name in names} for names in (first, now)]
    assert set(changes[changes["change"] == "entered"]["actor_name"]) == names[1] - names[0]
    assert set(changes[changes["change"] == "left"]["actor_name"]) == names[0] - names[1]
    assert changes["why"].str.len().min() > 0


@pytest.mark.usefixtures("sample")
def test_a_slate_without_anybody_says_who_was_left_out() -> None:
    page = rank(opened("slate"), min_credits=100, max_credits=100)
    assert not page.exception
    assert "Nobody is left: loosen a filter" in page.info[0].value
    assert "fewer than 100" in texts(page)


def test_health_shows_every_reason_and_every_alert(sample: Workspace) -> None:
    page = opened("health")
    alerts = asked(sample, "select count(*) from operations.alerts")
    assert len(page.warning) == alerts > 0
    reasons = asked(sample, "select count(*) from (select distinct product, reject_reason from operations.quarantine)")
    assert len(page.selectbox(key="health_reason").options) == reasons > 10


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", PAGES)
def test_an_empty_home_names_the_command_that_fills_it(name: str) -> None:
    page = opened(name)
    assert [info.value for info in page.info] == ["Nothing is built here yet. One command builds the samples and publishes them."]
    assert [code.value for code in page.code] == ["make run"]


@pytest.mark.parametrize("name", PAGES)
def test_a_built_home_that_is_not_published_says_so(home: Path, name: str) -> None:
    (home / "data").mkdir()
    (home / "data" / "callsheet.duckdb").write_bytes(b"busy: the app never opens it")
    page = opened(name)
    assert "nothing of it is published yet" in page.info[0].value
    assert [code.value for code in page.code] == ["python scripts/publish.py"]


@pytest.mark.parametrize("name", PAGES)
def test_a_published_file_that_is_cut_says_so(sample: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for audience in ("public", "internal"):
        folder = tmp_path / "data" / "published" / audience
        folder.mkdir(parents=True)
        whole = (sample.published / audience / "callsheet.duckdb").read_bytes()
        (folder / "callsheet.duckdb").write_bytes(whole[: len(whole) // 3])
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    page = opened(name)
    assert not page.exception
    assert "cannot be opened" in page.info[0].value


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("pulse", "drop table pulse.pulse_coverage", "hold no `pulse.pulse_coverage`"),
        ("pulse", "alter table pulse.pulse_trends drop column robust_z", "hold no `pulse.pulse_trends.robust_z`"),
        ("percentiles", "drop schema percentiles cascade", "hold no `percentiles.scores`, `percentiles.score_history`"),
        ("slate", "drop table resonance.film_results", "hold no `resonance.film_results`"),
        ("models", "alter table resonance.model_runs drop column manifest", "hold no `resonance.model_runs.manifest`"),
        ("health", "drop table operations.alerts", "hold no `operations.alerts`"),
    ],
)
def test_files_of_another_version_name_what_they_lack_and_the_commands(  # noqa: PLR0913, PLR0917
    sample: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: str, said: str
) -> None:
    shutil.copytree(sample.published, tmp_path / "data" / "published")
    for audience in ("public", "internal"):
        with duckdb.connect(str(tmp_path / "data" / "published" / audience / "callsheet.duckdb")) as connection:
            if audience == ("internal" if name == "health" else "public"):
                connection.execute(change)
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    page = opened(name)
    assert not page.exception
    assert said in page.info[0].value
    assert [code.value for code in page.code] == ["dbt build\npython scripts/publish.py"]


@pytest.fixture(scope="module")
def half_built(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Build one product of three, with one batch of the three that a percentile needs."""
    workshop = Workshop(tmp_path_factory.mktemp("half"))
    workshop.deliver(1, [asset("A1", 0.5), asset("A2", 0.7)])
    workshop.build("--exclude-resource-type", "test", "unit_test")
    publish(workshop.workspace)
    return workshop


def test_a_half_built_home_shows_what_it_has_and_what_is_missing(half_built: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(half_built.root))
    page = opened("percentiles")
    assert "**2 assets**" in texts(page)
    assert "A percentile needs three batches" in page.info[0].value
    for name in ("pulse", "slate", "models"):
        assert "this product was not built" in opened(name).info[0].value
    health = opened("health")
    assert not health.exception
    assert "hold no `pulse.release_log`" in health.info[0].value


def test_public_pages_send_nothing_that_is_internal(sample: Workspace) -> None:
    with (PROJECT / "seeds" / "pulse" / "breakdowns_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    secrets = {row[name] for name in ("id", "role_name", "project_name", "role_description") for row in rows[:300] if len(row[name]) > 5}
    internal = Published(sample.published.resolve() / "internal")
    for column, place in (("payload_hash", "operations.quarantine"), ("run_id", "operations.runs"), ("key_id", "pulse.release_log")):
        secrets |= set(internal.frame(f"select distinct {column} from {place} where {column} is not null")[column])
    assert len(secrets) > 500
    files = {path.name: path.read_bytes() for path in (sample.published / "public").glob("*.csv")}
    pages = {name: sent(opened(name)) for name in PUBLIC_PAGES}
    # A run names itself where it is told what was trained, and a made-up project may be called as a made-up film: neither is a secret.
    own = {secret for secret in secrets if any(secret.encode() in files[name] for name in ("model_runs.csv", "film_results.csv"))}
    assert len(own) < len(secrets) / 10
    for secret in secrets - own:
        assert not [name for name, content in (files | pages).items() if secret.encode() in content], secret
    assert b"too_few_rows" in sent(opened("health")), "the search would find a reason"
    assert not [name for name, content in (files | pages).items() if b"too_few_rows" in content or b"too_few_roles" in content]


def test_public_pages_need_no_internal_file_and_cannot_open_one(sample: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(sample.published / "public", tmp_path / "data" / "published" / "public")
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    for name in PUBLIC_PAGES:
        page = opened(name)
        assert not page.exception
        assert not page.info
    internal = sample.published.resolve() / "internal"
    public = Published(sample.published.resolve() / "public")
    for attempt in (
        f"from read_parquet('{internal}/runs.parquet')",
        f"from read_csv('{internal}/runs.csv')",
        f"attach '{internal}/callsheet.duckdb' as inside (read_only)",
        f"from '{sample.database}'",
        "set enable_external_access = true",
        "create table pulse.mine as select 1",
    ):
        with pytest.raises(duckdb.Error):
            public.frame(attempt)


@pytest.mark.usefixtures("sample")
def test_the_team_s_page_is_there_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[list[str]] = []
    navigation = st.navigation

    def noting(pages: list[Any], **options: Any) -> Any:
        offered.append([page.title for page in pages])
        return navigation(pages, **options)

    monkeypatch.setattr(st, "navigation", noting)
    for arguments in ([], ["--internal"]):
        monkeypatch.setattr("sys.argv", ["main.py", *arguments])
        app = AppTest.from_file(PROJECT / "python_udfs" / "callsheet" / "app" / "main.py", default_timeout=60).run()
        assert not app.exception
        assert [title.value for title in app.title] == ["Pulse"]
    assert offered == [["Pulse", "Percentiles", "Slate", "Models"], ["Pulse", "Percentiles", "Slate", "Models", "Health"]]


def test_the_app_listens_to_this_machine_alone_and_calls_nobody() -> None:
    settings = (PROJECT / "python_udfs" / "callsheet" / "app" / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert 'address = "127.0.0.1"' in settings
    assert "gatherUsageStats = false" in settings
    pages = importlib.import_module("callsheet.app.views")
    for path in (Path(str(pages.__file__)).parents[1]).rglob("*.py"):
        assert "http" not in path.read_text(encoding="utf-8"), path


needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


@pytest.mark.long
@needs_chromium
def test_every_page_in_a_browser_with_data_and_without(sample: Workspace, tmp_path: Path, browser: Browser) -> None:
    for home in (sample.home, tmp_path):
        with served(home, "--internal") as address:
            for width, is_dark in ((1280, False), (390, True))[: 2 if home == sample.home else 1]:
                with visited(browser, address, width=width, is_dark=is_dark) as visit:
                    visit.open()
                    for name in PAGES:
                        visit.go_to(name.capitalize())
                        assert visit.window.get_by_test_id("stException").count() == 0, (name, width)
                        assert ("Nothing is built here yet" in visit.shown()) == (home != sample.home), (name, width)
                        assert not visit.is_too_wide(), (name, width)
                    assert visit.troubles == []


@pytest.mark.long
@needs_chromium
def test_a_person_takes_the_public_file_and_a_slate_and_finds_an_asset_by_keyboard(sample: Workspace, browser: Browser) -> None:
    with served(sample.home) as address, visited(browser, address) as visit:
        visit.window.goto(f"{address}/percentiles")  # a link to a page, opened before any other has been
        visit.sees("One asset")
        visit.troubles.clear()  # Streamlit looks for itself below the page's address first, and is told 404
        visit.open()
        with visit.window.expect_download() as taken:
            visit.window.get_by_role("button", name="daily_pulse.csv").press("Enter")
        assert taken.value.suggested_filename == "daily_pulse.csv"
        assert taken.value.path().read_bytes() == (sample.published / "public" / "pulse_release.csv").read_bytes()
        assert visit.window.get_by_role("link", name="Health").count() == 0
        visit.go_to("Slate")
        visit.window.get_by_role("spinbutton", name="Budget, millions of USD").fill("60")
        visit.window.get_by_role("button", name="Rank actors").click()
        visit.sees("$60 million")
        visit.settle()
        with visit.window.expect_download() as taken:
            visit.window.get_by_role("button", name="The whole slate").click()
        with zipfile.ZipFile(taken.value.path()) as packed:
            assert sum(name.endswith((".csv", "_manifest.json")) for name in packed.namelist()) >= 4
            assert packed.testzip() is None
        visit.go_to("Percentiles")
        for _ in range(20):
            visit.window.keyboard.press("Tab")
            if visit.window.evaluate("document.activeElement.getAttribute('aria-label')") == "Search an asset":
                break
        visit.window.keyboard.type("XVRGQR4EQ2M5Y7MB7R2VAH")
        visit.window.keyboard.press("Enter")
        visit.sees("227 of 283 scores are lower")
        assert visit.troubles == []
        visit.window.goto(f"{address}/health")
        visit.sees("Page not found")
        assert "Internal." not in visit.window.content()


@pytest.mark.long
@needs_chromium
def test_the_app_answers_while_dbt_builds_and_then_shows_what_was_published(
    half_built: Workshop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for batch in (2, 3, 4):
        half_built.deliver(batch, [asset(f"B{batch}{place}", 0.1 * place) for place in range(batch)])
    before = version(half_built.workspace)
    monkeypatch.setenv("CALLSHEET_HOME", str(half_built.root))
    with served(half_built.root) as address, visited(browser, address) as visit:
        visit.open()
        visit.go_to("Percentiles")
        visit.sees("2 assets")
        script = [sys.executable, str(PROJECT / "scripts" / "load_batches.py"), "--batches", str(half_built.inbox)]
        with subprocess.Popen(script, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as building:
            answers = 0
            while building.poll() is None:
                for name in ("Models", "Percentiles"):
                    visit.go_to(name)
                visit.sees("2 assets")
                answers += 1
        assert answers > 1
        assert "2 assets" in visit.shown(), "built, but not published"
        publish(half_built.workspace)
        assert version(half_built.workspace) != before
        visit.sees("11 assets")
        visit.sees("New data were published")
        assert visit.troubles == []
