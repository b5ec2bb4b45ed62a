"""The one-shot build: what stands in daily_pulse.csv, to the letter, and what happens to input that is not what it should be."""

import csv
import errno
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from callsheet.pulse import building
from callsheet.pulse.building import COLUMNS, Request, build
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import PROJECT
from textblob import TextBlob

from tests.python.breakdowns import HEADER, REGIONS, Row, bucket, day, many, write
from tests.python.conftest import AS_ANYBODY, Outcome, needs_setpriv

RunScript = Callable[..., Outcome]
ROWS = [
    *many(3_000, days=14),
    *bucket(8, day(20), "tie", rate=None),
    # Two of eight with 12.5 and 37.5 dollars around a median of 62.5: to the nearest 25, half to even, 50.
    *[replace(row, rate=rate) for row, rate in zip(bucket(8, day(21), "half"), [25, 25, 25, 50, 75, 100, 100, 100], strict=True)],
    *bucket(4, day(22), "few"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give every test of this module one home, and with it one key and one cache."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(folder))
        patch.delenv("CALLSHEET_DATABASE", raising=False)
        yield folder


@pytest.fixture(scope="module")
def source(home: Path) -> Path:
    return write(home / "breakdowns.csv", ROWS)


@pytest.fixture(scope="module")
def released(home: Path, source: Path) -> tuple[Path, RunSummary]:
    output = home / "standard.csv"
    return output, build(Request(str(source), output))


@pytest.fixture(scope="module")
def exact(home: Path, source: Path, released: tuple[Path, RunSummary]) -> tuple[Path, RunSummary]:  # noqa: ARG001 - the cache is warm then
    output = home / "off.csv"
    return output, build(Request(str(source), output, privacy="off"))


def expected(rows: list[Row]) -> pd.DataFrame:
    """Compute the nine columns as an analyst with pandas would, from what the rows were made of."""
    frame = pd.DataFrame(
        {
            "date_utc": row.posted_at.date().isoformat(),
            "region_code": row.region,
            "proj_type_code": row.project_type,
            "lead": row.is_lead,
            "union": row.is_union,
            "ai": row.is_ai and row.text is not None,
            "rate": row.rate,
            "polarity": None if row.text is None else TextBlob(row.cells()[HEADER.index("role_description")]).sentiment.polarity,
        }
        for row in rows
    )
    groups = frame.groupby(["date_utc", "region_code", "proj_type_code"])
    result = pd.DataFrame(
        {
            "role_count_day": groups.size(),
            "lead_share_pct_day": (100 * groups["lead"].mean()).round(1),
            "union_share_pct_day": (100 * groups["union"].mean()).round(1),
            "median_rate_day_usd": groups["rate"].median().map(lambda rate: None if pd.isna(rate) else int(round(rate / 25.0)) * 25),  # noqa: RUF046
            "sentiment_avg_day": ((groups["polarity"].mean() * 20).round() / 20).round(2) + 0.0,
            "theme_ai_share_pct_day": (100 * groups["ai"].mean()).round(1),
        }
    )
    return result.reset_index()


def test_mode_off_equals_plain_pandas(exact: tuple[Path, RunSummary]) -> None:
    output, summary = exact
    pd.testing.assert_frame_equal(pd.read_csv(output), expected(ROWS), check_dtype=False)
    assert summary.landed == summary.kept == len(ROWS)
    assert "exact figures" in summary.notes[0]
    medians = {line.split(",")[0]: line.split(",")[6] for line in output.read_text().splitlines()}
    assert (medians["2026-03-21"], medians["2026-03-22"]) == ("", "50")


def test_every_cell_is_written_as_the_page_says(released: tuple[Path, RunSummary], exact: tuple[Path, RunSummary]) -> None:
    patterns = [
        r"20\d\d-\d\d-\d\d", "|".join(REGIONS), "[FTCV]", r"[1-9]\d*", r"100\.0|\d{1,2}\.\d", r"100\.0|\d{1,2}\.\d",
        r"(0|[1-9]\d*)?", r"(0\.0|-?0\.[1-9]|-?0\.\d5|-?1\.0)?", r"100\.0|\d{1,2}\.\d",
    ]  # fmt: skip
    for output, least in ((released[0], 5), (exact[0], 1)):
        header, *lines = output.read_bytes().decode("ascii").removesuffix("\n").split("\n")
        assert header == ",".join(COLUMNS)
        assert lines == sorted(lines)
        assert len({tuple(line.split(",")[:3]) for line in lines}) == len(lines)
        for line in lines:
            cells = line.split(",")
            assert all(re.fullmatch(pattern, cell) for pattern, cell in zip(patterns, cells, strict=True)), line
            assert int(cells[3]) >= least
            assert not cells[6] or int(cells[6]) % 25 == 0


def test_only_buckets_of_five_roles_are_out_and_noise_is_small(released: tuple[Path, RunSummary], exact: tuple[Path, RunSummary]) -> None:
    noisy, true = (pd.read_csv(output).set_index(list(COLUMNS[:3])) for output, _ in (released, exact))
    both = noisy.join(true.add_suffix("_true"), how="left")
    assert len(both) == released[1].details["buckets published"] > 100
    assert len(true) - len(noisy) == released[1].details["buckets held back"] > 5
    assert both["role_count_day_true"].min() >= 5
    assert (both["role_count_day"] != both["role_count_day_true"]).mean() > 0.4
    for measure in COLUMNS[4:6]:
        assert (both[measure] - both[f"{measure}_true"]).abs().mean() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("threads", ["1", "8"])
def test_threads_and_deleted_warehouses_change_no_byte_and_no_text_is_scored_twice(
    threads: str, home: Path, source: Path, released: tuple[Path, RunSummary], monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = sorted((home / "data/state/sentiment").iterdir())
    assert len(scores) == 1
    monkeypatch.setenv("CALLSHEET_THREADS", threads)
    build(Request(str(source), home / "again.csv"))
    assert (home / "again.csv").read_bytes() == released[0].read_bytes()
    assert sorted((home / "data/state/sentiment").iterdir()) == scores


@pytest.mark.long
def test_scores_of_another_model_stay_and_are_not_used(home: Path, source: Path, released: tuple[Path, RunSummary]) -> None:
    """Earlier versions of callsheet could score by VADER: such a score is neither lost nor taken for TextBlob's."""
    folder = home / "data/state/sentiment"
    mine = "select * replace ('vader' as sentiment_model, -1 as polarity, -1000000 as polarity_millionths)"
    other = folder / "abc.parquet"
    duckdb.execute(f"copy ({mine} from '{folder}/*.parquet') to '{other}'")
    before = other.read_bytes()
    build(Request(str(source), home / "again.csv"))
    assert (home / "again.csv").read_bytes() == released[0].read_bytes()
    assert other.read_bytes() == before
    other.unlink()


def test_without_sentiment_everything_else_is_the_same(home: Path, source: Path, released: tuple[Path, RunSummary]) -> None:
    build(Request(str(source), home / "none.csv", sentiment="none"))
    noisy, none = (pd.read_csv(path) for path in (released[0], home / "none.csv"))
    assert none["sentiment_avg_day"].isna().all()
    pd.testing.assert_frame_equal(noisy.drop(columns="sentiment_avg_day"), none.drop(columns="sentiment_avg_day"))


@pytest.mark.long
def test_an_export_past_the_limit_is_gzipped_and_replaces_the_plain_one(
    home: Path, source: Path, exact: tuple[Path, RunSummary], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "GZIP_FROM_BYTES", 1_000)
    output = home / "large.csv"
    output.write_text("of yesterday")
    summary = build(Request(str(source), output, privacy="off"))
    assert summary.written_to == f"{output}.gz"
    assert not output.exists()
    packed = Path(f"{output}.gz").read_bytes()
    assert gzip.decompress(packed) == exact[0].read_bytes()
    assert packed[4:8] == bytes(4)  # no time in it: the same rows are the same bytes


@pytest.mark.long
def test_the_sample_keeps_its_fidelity(home: Path) -> None:
    """Mean absolute errors of the published figures: shares below 1.5 points, counts below 1.5; and half of the rows are published."""
    database = home / "sample.duckdb"
    build(Request(output=home / "sample.csv"), database)
    with duckdb.connect(str(database), read_only=True) as connection:
        count, lead, union, ai, published_rows = connection.execute(
            "select avg(abs(r.role_count_day - d.role_count_day)), avg(abs(r.lead_share_pct_day - d.lead_share_pct_day)), "
            "avg(abs(r.union_share_pct_day - d.union_share_pct_day)), avg(abs(r.theme_ai_share_pct_day - d.theme_ai_share_pct_day)), "
            "sum(d.role_count_day) / (select sum(role_count_day) from pulse.pulse_daily) "
            "from pulse.pulse_release as r inner join pulse.pulse_daily as d using (date_utc, region_code, proj_type_code)"
        ).fetchall()[0]
    assert max(lead, union, ai) < 1.5
    assert count < 1.5
    assert published_rows > 0.5


pytestmark = pytest.mark.usefixtures("home")  # nothing here may reach the home of whoever runs it


# --- what people type and what their files are


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode() + b"\n"


GOOD = "posted_date,work_city,project_type"
BAD_FILES = {
    "a missing column": (table("posted_date,project_type", "2026-03-01,Film"), "no column work_city or work_location"),
    "two names of one column": (table(f"{GOOD},work_location", "2026-03-01,LA,Film,NY"), "work_city and work_location"),
    "an empty file": (b"", "empty|no byte"),
    "Latin-1": (table(GOOD) + "2026-03-01,Montréal,Film\n".encode("latin-1"), "--encoding"),
    "UTF-16": (f"{GOOD}\n2026-03-01,LA,Film\n".encode("utf-16"), "--encoding utf-16"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_cannot_be_used_gets_one_sentence_and_leaves_the_old_output(what: str, tmp_path: Path, run_script: RunScript) -> None:
    content, mend = BAD_FILES[what]
    (tmp_path / "in.csv").write_bytes(content)
    (tmp_path / "out.csv").write_text("of yesterday")
    outcome = run_script("build_pulse", "--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv")
    assert_refused(outcome, tmp_path)
    assert re.search(mend, outcome.err), outcome.err
    assert str(tmp_path / "in.csv") in outcome.err


def assert_refused(outcome: Outcome, folder: Path, code: int = 2) -> None:
    """One sentence, the right code, the old output as it was and nothing beside it."""
    assert outcome.code == code
    assert outcome.out == ""
    assert re.fullmatch(r"callsheet: [^\n]+\n", outcome.err), outcome.err
    assert "Traceback" not in outcome.err
    assert (folder / "out.csv").read_text() == "of yesterday"
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(("out", ".out"))) == ["out.csv"]


@pytest.mark.long
def test_dates_that_are_not_guessed_are_read_when_named(tmp_path: Path, run_script: RunScript) -> None:
    (tmp_path / "in.csv").write_bytes(table(GOOD, *["03/04/2026,Los Angeles,Film"] * 6))
    (tmp_path / "out.csv").write_text("of yesterday")
    arguments = ("--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv", "--sentiment", "none")
    outcome = run_script("build_pulse", *arguments)
    assert_refused(outcome, tmp_path)
    assert "--date-format" in outcome.err
    outcome = run_script("build_pulse", *arguments, "--date-format", "%m/%d/%Y", "--privacy", "off", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["kept"] == 6
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == ["2026-03-04,LA,F,6,0.0,0.0,,,0.0"]


@pytest.mark.long
def test_gzip_under_a_csv_name_and_a_cell_of_50_mb_lose_nothing_else(tmp_path: Path, run_script: RunScript) -> None:
    rows = [f"2026-03-01T10:00:0{number}Z,Los Angeles,Film,r{number}" for number in range(6)]
    huge = f"2026-03-01,{'x' * 50_000_000},Film,r9"
    (tmp_path / "in.csv").write_bytes(gzip.compress(table(f"{GOOD},id", *rows[:3], huge, *rows[3:]), 1))
    output = tmp_path / "new" / "out.csv"
    outcome = run_script("build_pulse", "--input", tmp_path / "in.csv", "--output", output, "--privacy", "off", "--json")
    assert outcome.code == 3  # one row of seven is more than 5 %
    summary = json.loads(outcome.out)
    assert (summary["landed"], summary["kept"], summary["quarantined"]) == (7, 6, 1)
    assert output.read_text().splitlines()[1:] == ["2026-03-01,LA,F,6,0.0,0.0,,,0.0"]


def test_a_header_alone_gives_a_header_alone(tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.csv").write_bytes(table(GOOD))
    monkeypatch.chdir(tmp_path)
    outcome = run_script("build_pulse", "--input", "in.csv", "--output", "out.csv", "--sentiment", "none")  # no folder in either path
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "out.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_check_reads_everything_and_writes_nothing(
    tmp_path: Path, source: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    outcome = run_script("check", source, "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["kept"] == len(ROWS)
    assert list(tmp_path.iterdir()) == []


def test_check_tells_of_bad_rows_and_bad_files_and_writes_nothing(
    tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path / "home"))
    (tmp_path / "in.csv").write_bytes(table(GOOD, "2026-03-01,LA,Film", "some day,LA,Film", ",LA,Film"))
    (tmp_path / "bad.csv").write_bytes(table("posted_date", "2026-03-01"))
    looked = run_script("check", tmp_path / "in.csv")
    assert looked.code == 3
    assert "look: 2 of 3 rows of in.csv are in quarantine" in looked.out
    assert "nothing written: 3 rows landed, 1 kept, 2 quarantined" in looked.out
    refused = run_script("check", tmp_path / "bad.csv")
    assert (refused.code, refused.out) == (2, "")
    assert "no column work_city" in refused.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "in.csv"]


def test_a_full_disk_is_one_sentence_and_leaves_the_old_output(
    tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in.csv").write_bytes(table(GOOD, "2026-03-01,LA,Film"))
    (tmp_path / "out.csv").write_text("of yesterday")
    rename = Path.replace

    def full(self: Path, target: Path) -> Path:
        if Path(target).name == "out.csv":
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", full)
    outcome = run_script("build_pulse", "--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv", "--privacy", "off")
    assert_refused(outcome, tmp_path, code=1)
    assert "No space is left on the disk" in outcome.err


@pytest.mark.parametrize(
    ("source_name", "output_name", "words"),
    [
        ("nowhere.csv", "out.csv", "There is no file"),
        ("", "out.csv", "is a folder"),
        ("in.csv", "", "is a folder"),
        ("in.csv", "in.csv", "would be overwritten"),
        ("in.csv", "in.csv/out.csv", "cannot be written to"),
        ("*.tsv", "out.csv", "No file fits"),
    ],
)
def test_paths_that_cannot_be_are_told_apart(source_name: str, output_name: str, words: str, tmp_path: Path, run_script: RunScript) -> None:
    (tmp_path / "in.csv").write_bytes(table(GOOD, "2026-03-01,LA,Film"))
    (tmp_path / "out.csv").write_text("of yesterday")
    outcome = run_script("build_pulse", "--input", tmp_path / source_name, "--output", tmp_path / output_name)
    assert_refused(outcome, tmp_path)
    assert words in outcome.err
    assert (tmp_path / "in.csv").read_bytes() == table(GOOD, "2026-03-01,LA,Film")


# --- what was rejected


@pytest.mark.long
def test_rejected_rows_lie_beside_the_output_with_reason_line_and_value(
    tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a person runs it, in a folder of his own; a list of an earlier run goes when there is nothing to list."""
    monkeypatch.chdir(tmp_path)
    next_year = f"{date.today() + timedelta(days=365)}"
    good = "2026-03-01T10:00:00Z,Los Angeles,Film,plain"
    lines = [
        f"{GOOD},role_description",  # line 1
        *[f'2026-03-01T10:00:0{number}Z,"Los Angeles, CA",Film,"a part\nin two lines"' for number in range(4)],  # lines 2 to 9
        "",
        '2026-03-01,Los Angeles,Film,"a part that goes on',  # 11
        *[good] * 150,
        "yesterday,Los Angeles,Film,",  # 162
        ",Los Angeles,Film,",
        "=HYPERLINK(1),Los Angeles,Film,",
        f"{next_year},Los Angeles,Film,",
        "1999-12-31T23:59:59Z,Los Angeles,Film,",
        "1999-12-31 22:00:00,Los Angeles,Film,",
        good,
        '"2026-03-01,Los Angeles,Film,',  # 169
    ]
    (tmp_path / "in.csv").write_bytes(table(*lines))
    outcome = run_script("build_pulse", "--input", "in.csv", "--sentiment", "none", "--privacy", "off")
    assert outcome.code == 0, outcome.err  # eight of 163 are no more than 5 %
    listed = tmp_path / "daily_pulse.csv.rejected.csv"
    assert f"163 rows landed, 155 kept, 8 quarantined → {listed}" in outcome.out
    assert list(csv.reader(listed.open(newline=""))) == [
        ["reason", "line", "value"],
        ["quote_unclosed", "11", "a part that goes on"],
        ["date_unreadable", "162", "yesterday"],
        ["date_missing", "163", ""],
        ["date_unreadable", "164", "'=HYPERLINK(1)"],  # no spreadsheet runs it
        ["date_ahead", "165", next_year],
        ["date_out_of_range", "166", "1999-12-31T23:59:59Z"],
        ["date_out_of_range", "167", "1999-12-31 22:00:00"],
        ["quote_unclosed", "169", "2026-03-01,Los Angeles,Film,"],
    ]
    assert listed.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "daily_pulse.csv").read_text().splitlines()[1:] == ["2026-03-01,LA,F,155,0.0,0.0,,,0.0"]
    (tmp_path / "in.csv").write_bytes(table(GOOD, *["2026-03-01,LA,Film"] * 6))
    outcome = run_script("build_pulse", "--input", "in.csv", "--sentiment", "none", "--json")
    assert json.loads(outcome.out)["rejected_to"] is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["daily_pulse.csv", "in.csv"]


@pytest.mark.long
def test_of_several_files_the_list_names_each_and_every_kind_is_read(tmp_path: Path, run_script: RunScript) -> None:
    """JSON lines have lines, Parquet has none; the reasons are those of the warehouse."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(
        table(GOOD, *["2026-03-01,LA,Film"] * 60_000) + b"2026-03-01,Montr\xe9al,Film\n2026-03-01,LA," + b"x" * 1_000_001
    )
    (tmp_path / "in" / "b.jsonl").write_text(
        '{"posted_date": 1772359200, "work_city": "LA", "project_type": "Film"}\n\n{oops\n{"posted_date": 17, "work_city": "LA"}\n'
    )
    (tmp_path / "in" / "c.csv").write_bytes(table(GOOD, "2026-03-01,LA,Film"))
    duckdb.sql("select date '1066-10-14' as posted_date, 'LA' as work_city, 'Film' as project_type").write_parquet(
        str(tmp_path / "in" / "d.parquet")
    )
    output = tmp_path / "out.csv"
    outcome = run_script("build_pulse", "--input", tmp_path / "in" / "*", "--output", output, "--sentiment", "none", "--json")
    assert outcome.code == 3, outcome.err
    summary = json.loads(outcome.out)
    assert (summary["landed"], summary["kept"], summary["quarantined"]) == (60_007, 60_002, 5)
    assert summary["rejected_to"] == f"{output}.rejected.csv"
    with Path(summary["rejected_to"]).open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["reason", "line", "value", "file"],
            ["not_utf8", "60002", "Montr\ufffdal", str(tmp_path / "in" / "a.csv")],
            ["cell_too_long", "60003", "x" * 1_000, str(tmp_path / "in" / "a.csv")],
            ["record_unreadable", "3", "{oops", str(tmp_path / "in" / "b.jsonl")],
            ["date_unreadable", "4", "17", str(tmp_path / "in" / "b.jsonl")],
            ["date_out_of_range", "", "1066-10-14", str(tmp_path / "in" / "d.parquet")],
        ]


@pytest.mark.long
def test_a_database_that_is_kept_is_all_that_is_written(tmp_path: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "in.csv").write_bytes(table(GOOD, *["2026-03-01,LA,Film"] * 6, "soon,LA,Film"))
    database = tmp_path / "data" / "kept.duckdb"
    arguments = ("--input", tmp_path / "in.csv", "--database", database, "--sentiment", "none")
    outcome = run_script("build_pulse", *arguments)
    assert outcome.code == 3, outcome.err
    assert f"Built the daily pulse → {database}: 7 rows landed, 6 kept, 1 quarantined, " in outcome.out
    assert "in quarantine: date_unreadable 1; operations.quarantine names the reason of each." in outcome.out
    assert list((tmp_path / "here").iterdir()) == []
    assert run_script("build_pulse", *arguments, "--output", "asked.csv").code == 3
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["asked.csv"]


@needs_setpriv
@pytest.mark.parametrize("closed", ["mine/in.csv", "mine"])
def test_a_file_or_folder_without_permission_is_named(closed: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "in.csv").write_bytes(table(GOOD))
    (tmp_path / closed).chmod(0)
    (tmp_path / "out.csv").write_text("of yesterday")
    script = str(PROJECT / "scripts" / "build_pulse.py")
    command = [*AS_ANYBODY, sys.executable, script, "--input", str(tmp_path / "mine" / "in.csv"), "--output", str(tmp_path / "out.csv")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    (tmp_path / closed).chmod(0o755)
    assert_refused(Outcome(run.returncode, run.stdout, run.stderr), tmp_path)
    assert f"No permission {'to read' if closed.endswith('.csv') else 'for'} {tmp_path / 'mine' / 'in.csv'}" in run.stderr
