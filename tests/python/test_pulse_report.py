"""The report of a release: what stands on the page is what is published, it needs nothing else, and nothing internal is on it."""

import errno
import html
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from callsheet.pulse.building import COLUMNS, Request, build
from callsheet.pulse.reporting import report_built
from callsheet.runtime.publish import public_copy, publish
from callsheet.workspace import Workspace

from tests.python.breakdowns import Row, bucket, day, many, write
from tests.python.browsing import CHROMIUM, browsing, visited
from tests.python.conftest import Outcome

RunScript = Callable[..., Outcome]
MARKER = "Zebrafinch"  # stands in every text of the input, and in an internal table
HOSTILE_CODE, HOSTILE_LABEL = '"><b>HI', "<script>alert(1)</script> & 'Hawaii'"
RISING = "NY", "T"
KINDS = {"F": "Film", "T": "TV and streaming", "C": "Commercial", "V": "Voice and other"}
NAMES = {"ALL": "All casting", **KINDS}


@dataclass(frozen=True)
class Case:
    """A warehouse in a home of its own, its report, and the public tables that the report is made of."""

    workspace: Workspace
    path: Path
    tables: dict[str, pd.DataFrame]

    @property
    def page(self) -> str:
        """The text of the report."""
        return self.path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Six weeks of everything, a rise of rates at their end, and a region whose names are an attack."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    attack = [f'"{text.replace(chr(34), chr(34) * 2)}"' for text in (HOSTILE_CODE, HOSTILE_LABEL)]
    (home / "config" / "regions.csv").write_text(f"code,label,country,currency,parent_code\n{','.join(attack)},US,USD,US_WEST\n")
    (home / "config" / "region_patterns.csv").write_text(f"pattern,code,priority,note\nchicago,{attack[0]},99,\n")
    steady, risen = ([row for number in days for row in rising(number, rate)] for days, rate in ((range(1, 36), 100), (range(36, 44), 900)))
    source = write(home / "breakdowns.csv", [*many(4_000, days=44), *steady, *risen])
    source.write_text(source.read_text().replace("Project ", f"{MARKER} ").replace("nurse", MARKER))
    workspace = Workspace(home, home / "data" / "callsheet.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        patch.delenv("CALLSHEET_DATABASE", raising=False)
        path = home / "report.html"
        summary = build(Request(str(source), report=path), workspace.database)
        assert summary.told == [f"Report → {path}"]
        with duckdb.connect(str(workspace.database)) as connection:
            connection.execute("update pulse.release_log set key_id = ?", [MARKER])
            tables = {
                name: connection.execute(f"from pulse.{name}").df()
                for name in ("pulse_release", "pulse_remainder", "pulse_trends", "pulse_index", "pulse_coverage", "pulse_regions")
            }
        publish(workspace)
        yield Case(workspace, path, tables)


def rising(number: int, rate: int) -> list[Row]:
    region, project_type = RISING
    return bucket(9, day(number), "rise", region=region, project_type=project_type, rate=rate)


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows, with their columns as attributes."""
    return iter(rows.itertuples(index=False))


def rows_of(page: str, heading: str) -> dict[str, list[str]]:
    """Return the cells of the table below a heading, by the text of the first one; its own heading left out."""
    section = re.split(r"<h[23]>", page.split(f">{heading}", 1)[1])[0].split("<tbody>")[1]
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", section, flags=re.DOTALL)
    ]
    return {cells[0]: cells[1:] for row in rows if (cells := [text_of(cell) for cell in row])}


def text_of(markup: str) -> str:
    """Return what a person reads, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


class Tags(HTMLParser):
    """Collects every tag with its attributes."""

    def __init__(self, page: str) -> None:
        """Read the page."""
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.seen.append((tag, dict(attrs)))


def test_the_page_loads_nothing_and_runs_nothing(case: Case) -> None:
    seen = Tags(case.page).seen
    assert {"html", "style", "svg", "table"} <= {tag for tag, _ in seen}
    assert {tag for tag, _ in seen} & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"} == set()
    loading = {"src", "href", "xlink:href", "srcset", "action", "data", "background"}
    assert not [tag for tag, attributes in seen if attributes.keys() & loading or any(name.startswith("on") for name in attributes)]
    assert re.search(r"://|url\(|@import", case.page) is None
    assert "default-src 'none'" in case.page  # should anything ever ask for more, a browser refuses


def test_what_stands_out_is_what_the_trends_flag(case: Case) -> None:
    trends = case.tables["pulse_trends"]
    found = trends[trends["finding"].notna()].sort_values("week_on", ascending=False)
    assert ("rate rise", *RISING) in set(zip(found["finding"], found["region_code"], found["proj_type_code"], strict=True))
    cards = [text_of(card) for card in re.findall(r'<div class="card">(.*?)</svg>', case.page, flags=re.DOTALL)]
    assert len(cards) == min(8, len(found))
    for row in each(found.head(8)):
        words = (f"{row.week_on:%-d %B %Y}", row.finding.capitalize(), f" {row.region_code} ", KINDS[row.proj_type_code])
        (card,) = (card for card in cards if all(word in card for word in words))
        assert f"{abs(row.robust_z):.1f} times the usual spread" in card
        if row.finding == "rate rise":
            assert f"${row.week_value:,.0f}" in card
            assert f"Usual: ${row.trailing_median:,.0f}" in card


def test_the_index_with_its_bands_is_the_newest_revision_of_the_newest_week(case: Case) -> None:
    index = case.tables["pulse_index"]
    newest = index[index["week_on"] == index["week_on"].max()]
    shown = rows_of(case.page, "By region and type, week of")
    expected = {}
    for row in each(newest):
        name = NAMES[row.proj_type_code] if row.region_code == "ALL" else f"{row.region_code} · {KINDS[row.proj_type_code]}"
        expected[name] = (f"{row.index_value:,.0f}", f"{row.index_low:,.0f} – {row.index_high:,.0f}", f"{row.views_index:,.0f}")
    assert len(expected) > 8
    assert {name: (cells[0], cells[1], cells[-1]) for name, cells in shown.items()} == expected
    assert case.page.count('<path class="band"') == 5  # everything, and each type


def test_a_week_that_was_told_anew_is_shown_as_it_was_told_last(case: Case, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path / "copy.duckdb")
    shutil.copy(case.workspace.database, workspace.database)
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(
            "insert into pulse.pulse_index "
            "select * replace (2 as revision, 12.0 as index_value, 11.0 as index_low, 13.0 as index_high) from pulse.pulse_index "
            "where region_code = 'ALL' and proj_type_code = 'ALL' order by week_on desc limit 1"
        )
    page = report_built(workspace, tmp_path / "page.html", is_kept=True).read_text(encoding="utf-8")
    assert rows_of(page, "By region and type, week of")["All casting"][:2] == ["12", "11 – 13"]
    assert "reopened days have changed it since" in text_of(page)


def cells(case: Case) -> pd.DataFrame:
    """Return days and remainders under common names."""
    release = case.tables["pulse_release"].rename(columns=lambda name: name.removesuffix("_day").replace("role_count", "row_count"))
    release = release.rename(columns={"new_row_count": "new_role_count"}).assign(cell_level="day")
    return pd.concat([release, case.tables["pulse_remainder"]])


@pytest.mark.parametrize(("heading", "code"), [("By region", "region_code"), ("By project type", "proj_type_code")])
def test_volumes_and_shares_are_those_of_release_and_remainders(heading: str, code: str, case: Case) -> None:
    label_of = dict(case.tables["pulse_regions"][["region_code", "region_label"]].to_numpy().tolist()) if code == "region_code" else KINDS
    shown = rows_of(case.page, f"{heading}<")
    groups = {}
    for key, rows in ((str(key), rows) for key, rows in cells(case).groupby(code)):
        if key == "ALL":
            groups["Region not told" if code == "region_code" else "Type not told"] = rows
        else:
            groups[f"{key} {label_of[key]}" if key in label_of else f"Somewhere in {key}"] = rows
    assert shown.keys() == groups.keys()
    for key, rows in groups.items():
        lead = (rows["lead_share_pct"] * rows["row_count"]).sum() / rows["row_count"].sum()
        roles, _, views, lead_shown, *_ = shown[key]
        assert (roles, views) == (f"{max(0, rows['new_role_count'].sum()):,}", f"{rows['row_count'].sum():,}"), key
        assert float(lead_shown.removesuffix(" %")) == pytest.approx(lead, abs=0.051)


def test_rates_are_those_of_the_days_with_the_share_that_they_speak_for(case: Case) -> None:
    shown = rows_of(case.page, "Day rates")
    priced = case.tables["pulse_release"].dropna(subset="median_rate_day_usd")
    expected = {}
    for (region, kind), rows in priced.groupby(["region_code", "proj_type_code"]):
        if len(rows) >= 3:
            weights = rows["role_count_day"]
            rate = (rows["median_rate_day_usd"] * weights).sum() / weights.sum()
            share = (rows["priced_share_pct"] * weights).sum() / weights.sum()
            expected[f"{region} · {KINDS[str(kind)]}"] = (rate, share, str(len(rows)))
    assert shown.keys() == expected.keys()
    for name, (rate, share, days) in expected.items():
        rate_shown, _, share_shown, _, days_shown = shown[name]
        assert int(rate_shown.replace(",", "")) == pytest.approx(rate, abs=0.51)
        assert float(share_shown.removesuffix(" %")) == pytest.approx(share, abs=0.051)
        assert days_shown == days


def test_the_map_holds_each_region_with_its_roles_once_and_names_the_rest(case: Case) -> None:
    roles = cells(case).groupby("region_code")["new_role_count"].sum()
    on_it = [text_of(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", case.page.split('class="map"')[1], flags=re.DOTALL)]
    assert sorted(on_it) == sorted(f"{code} {roles[code]:,}" for code in ("LA", "NY", "ATL"))
    assert f"Not on the map: {HOSTILE_CODE} ({HOSTILE_LABEL})" in text_of(case.page)


def test_it_says_which_days_these_are_whose_data_and_how_much_is_held_back(case: Case) -> None:
    (mode,) = each(case.tables["pulse_coverage"])
    said = text_of(case.page)
    days = (mode.last_on - mode.first_on + timedelta(days=1)).days
    assert f"Days {mode.first_on:%-d %B %Y} to {mode.last_on:%-d %B %Y}, {days} days" in said
    assert f"Days with a published figure {case.tables['pulse_release']['date_utc'].nunique()} " in said
    assert "Data Own data " in said
    assert f"about {mode.published_row_pct} % are shown by day" in said
    levels = rows_of(case.page, "What is held back")
    assert levels["Day, region and type"] == [
        f"{len(case.tables['pulse_release'])}",
        f"{case.tables['pulse_release']['role_count_day'].sum():,}",
    ]
    assert sum(int(row[1].replace(",", "")) for row in levels.values()) == cells(case)["row_count"].sum()


def test_the_dictionary_is_what_the_models_say_of_the_nine_columns(case: Case) -> None:
    dictionary = re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", case.page.split("The columns of daily_pulse.csv")[1])
    assert tuple(name for name, _ in dictionary) == COLUMNS
    with case.workspace.reading() as connection:
        comments = dict(
            connection.execute("select column_name, comment from duckdb_columns() where table_name = 'pulse_release'").fetchall()
        )
    said = {name: html.unescape(re.sub(r"</?code>", "`", text)) for name, text in dictionary}
    assert said == {name: comments[name] for name in COLUMNS}


def test_hostile_names_are_text(case: Case) -> None:
    assert HOSTILE_CODE in set(case.tables["pulse_release"]["region_code"])
    assert HOSTILE_CODE not in case.page
    assert HOSTILE_LABEL not in case.page
    assert html.escape(HOSTILE_LABEL, quote=False).replace("'", "&#39;") in case.page


def test_nothing_internal_is_on_the_page(case: Case) -> None:
    with case.workspace.reading() as connection:
        for place in ("pulse.release_log", "staging.stg_pulse__landed"):
            ((held,),) = connection.execute(f"select count(*) from {place} as rows where rows::varchar like '%{MARKER}%'").fetchall()
            assert held, f"{place} holds no marker: the test is blind"
    again = report_built(case.workspace, case.path.with_name("marked.html"), is_kept=True)
    assert MARKER not in again.read_text(encoding="utf-8")


def test_what_the_report_reads_from_holds_public_tables_alone(case: Case) -> None:
    with public_copy(case.workspace, "pulse") as connection:
        held = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert held == {"pulse_release", "pulse_remainder", "pulse_trends", "pulse_index", "pulse_coverage", "pulse_regions"}
        for inner in ("built.pulse.pulse_daily", f"'{case.workspace.published}/internal/pulse_daily.parquet'"):
            with pytest.raises((duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)):
                connection.execute(f"from {inner}")


@pytest.mark.usefixtures("case")
def test_the_report_of_the_home_is_that_of_its_database_byte_for_byte(case: Case, tmp_path: Path, run_script: RunScript) -> None:
    for name in ("first.html", "second.html"):
        outcome = run_script("build_pulse", "--report", tmp_path / name)
        assert (outcome.code, outcome.out) == (0, f"Report → {tmp_path / name}\n"), outcome.err
        assert (tmp_path / name).read_bytes() == case.path.read_bytes()
    assert (tmp_path / "first.html").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.html", "second.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--report", "nowhere/page.html"), "type `mkdir -p {folder}/nowhere`"),
        (("--report", "."), "is a folder"),
        (("--report", "in.csv/page.html"), "There is no folder"),
        (("--report", "in.csv", "--input", "in.csv"), "name another file"),
        (("--report", "out.csv", "--input", "in.csv", "--output", "out.csv"), "name another file"),
        (("--report", "page.html", "--input", "in.csv", "--privacy", "off"), "--privacy off releases nothing"),
        (("--report", "page.html"), "type `callsheet build`"),
    ],
)
def test_a_report_that_cannot_be_gets_one_sentence_before_any_work(
    arguments: tuple[str, ...], words: str, tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("posted_date,work_city,project_type\n")
    outcome = run_script("build_pulse", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert re.fullmatch(r"callsheet: [^\n]+\n", outcome.err), outcome.err
    assert words.format(folder=tmp_path) in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_home_that_published_no_whole_pulse_is_told_what_to_type(
    tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    (tmp_path / "data/published/public").mkdir(parents=True)
    duckdb.connect(str(tmp_path / "data/published/public/callsheet.duckdb")).close()
    outcome = run_script("build_pulse", "--report", tmp_path / "page.html")
    assert outcome.code == 2
    assert re.fullmatch(r"callsheet: What is published in [^\n]+ lacks tables of the pulse[^\n]+`callsheet build`[^\n]+\n", outcome.err)


def test_a_full_disk_leaves_the_page_of_yesterday(
    case: Case, tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("of yesterday")

    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", self, target)

    monkeypatch.setattr(Path, "replace", full)
    monkeypatch.setenv("CALLSHEET_HOME", str(case.workspace.home))
    outcome = run_script("build_pulse", "--report", page)
    assert outcome.code == 1
    assert re.fullmatch(r"callsheet: No space is left[^\n]+\n", outcome.err)
    assert page.read_text() == "of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.long
@pytest.mark.parametrize("privacy", ["standard", "strict"])
def test_a_one_shot_run_reports_its_own_result_and_again_the_same_bytes(
    privacy: str, case: Case, tmp_path: Path, run_script: RunScript
) -> None:
    source = case.workspace.home / "breakdowns.csv"
    pages = [tmp_path / "first.html", tmp_path / "second.html"]
    for page in pages:
        arguments = ("--input", source, "--output", tmp_path / "out.csv", "--privacy", privacy)
        outcome = run_script("build_pulse", *arguments, "--report", page)
        assert outcome.code == 0, outcome.err
        assert f"Report → {page}\n" in outcome.out
    assert pages[0].read_bytes() == pages[1].read_bytes()
    released = pd.read_csv(tmp_path / "out.csv")
    said = text_of(pages[0].read_text(encoding="utf-8"))
    assert f"Days with a published figure {released['date_utc'].nunique()} " in said
    assert f"Privacy mode {privacy} " in said
    assert "no earlier release is known" in said
    assert MARKER not in said


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="needs an installed Chromium")
def test_in_a_browser_it_fits_a_phone_and_follows_the_colours_of_the_reader(case: Case) -> None:
    with browsing() as browser:
        papers = set()
        for width in (390, 1280):
            for is_dark in (False, True):
                with visited(browser, case.path.as_uri(), width=width, is_dark=is_dark) as visit:
                    visit.window.goto(visit.address)
                    assert not visit.is_too_wide(), width
                    assert visit.troubles == []
                    papers.add((is_dark, visit.window.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert len(papers) == 2
    assert len({paper for _, paper in papers}) == 2
