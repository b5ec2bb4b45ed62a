"""When a day of the pulse is released, when not yet, and how a release is withdrawn: by the scripts, on one warehouse that lives on."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.pulse.building import Request, build
from callsheet.pulse.why import explain_bucket
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import Workspace

from tests.python.breakdowns import Row, bucket, write
from tests.python.conftest import Outcome

RunScript = Callable[..., Outcome]
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
REAL = TODAY - timedelta(days=5)  # a day that is still filling when its first rows come
TRUE_ROWS = 68


def rows_of(count: int, at: datetime, name: str) -> list[Row]:
    return bucket(count, at, name)


class Story:
    """A home with an inbox of breakdowns, built by the script again and again."""

    def __init__(self, home: Path) -> None:
        """Nothing is delivered yet."""
        self.workspace = Workspace(home, home / "data" / "callsheet.duckdb")
        self.inbox = home / "inbox"
        self.inbox.mkdir()
        self.closings: list[RunSummary] = []

    def build(self) -> RunSummary:
        """Run what `build_pulse.py --database` runs, on everything that was delivered."""
        self.closings.append(build(Request(str(self.inbox / "*.csv"), sentiment="none"), self.workspace.database))
        return self.closings[-1]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.workspace.reading() as connection:
            return connection.execute(sql).fetchall()

    def released_rows(self) -> list[tuple[Any, ...]]:
        """Return revision and rows of each release of the real day that is in force."""
        return self.query(
            f"select revision, sum(row_count)::int from pulse.release_log where date_utc = '{REAL:%F}' and reopened_at is null group by 1"
        )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Nine of 68 rows of a day have come, with five that are dated a year ahead, one three days ahead and one two."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        patch.delenv("CALLSHEET_DATABASE", raising=False)
        told = Story(home)
        ahead = [
            *rows_of(5, TODAY + timedelta(days=365), "typo"),
            *rows_of(1, TODAY + timedelta(days=3), "three"),
            *rows_of(1, TODAY + timedelta(days=2), "two"),
        ]
        write(told.inbox / "morning.csv", [*rows_of(9, REAL, "early"), *ahead])
        told.build()
        yield told


@pytest.fixture(scope="module")
def filled(story: Story) -> Story:
    """Deliver the rest of the day, and twenty rows of a day that closes it."""
    write(story.inbox / "rest.csv", rows_of(TRUE_ROWS - 9, REAL, "late"))
    write(story.inbox / "later.csv", rows_of(20, REAL + timedelta(days=2), "later"))
    story.build()
    return story


def test_rows_dated_ahead_of_their_landing_are_quarantined_and_freeze_no_day(story: Story) -> None:
    summary = story.closings[0]
    assert (summary.landed, summary.kept, summary.quarantined) == (16, 10, 6)
    assert "date_ahead 6" in " ".join(summary.notes)
    reasons = story.query("select reason, count(*) from intermediate.int_pulse__events where event = 'quarantined' group by 1")
    assert reasons == [("date_ahead", 6)]
    assert story.query("select count(*) from pulse.release_log") == [(0,)]


def test_a_day_is_released_whole_once_twenty_later_rows_have_come(filled: Story) -> None:
    assert filled.released_rows() == [(1, TRUE_ROWS)]


@pytest.mark.long
def test_the_landing_that_is_stored_judges_and_a_new_one_of_the_same_file_judges_anew(filled: Story, tmp_path: Path) -> None:
    """As if the clock had stood two years back when the files landed, and was mended since."""
    shutil.copytree(filled.inbox, tmp_path / "inbox")
    there = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    source = str(tmp_path / "inbox" / "*.csv")
    build(Request(source, sentiment="none"), there.database)
    with duckdb.connect(str(there.database)) as connection:
        connection.execute("update staging.stg_pulse__landed set landed_at = landed_at - interval 2 years where position = 0")

    def outcome() -> list[tuple[Any, ...]]:
        Dbt(there).build("--select", "int_pulse__judge_rows", "--exclude-resource-type", "test", "unit_test")
        with there.reading() as connection:
            return connection.execute(
                "select reject_reason, count(*)::int from intermediate.int_pulse__judge_rows group by 1 order by 1 nulls first"
            ).fetchall()

    assert outcome() == [("date_ahead", TRUE_ROWS + 20 + 7)]
    for file in (tmp_path / "inbox").iterdir():
        os.utime(file, (1_000_000, 1_000_000))
    summary = build(Request(source, sentiment="none"), there.database)
    assert (summary.kept, summary.quarantined) == (TRUE_ROWS + 20 + 1, 6)
    assert outcome() == [(None, TRUE_ROWS + 20 + 1), ("date_ahead", 6)]


@pytest.mark.parametrize(
    ("day_rows", "later", "is_closed"),
    [
        (1_000, {2: 19}, False),
        (1_000, {2: 20}, True),
        (1_000, {2: 7, 3: 7, 9: 6}, True),  # together
        (1_000, {1: 500, 2: 19}, False),  # days nearer than `pulse_open_days` do not count
        (200, {2: 9}, False),
        (200, {2: 10}, True),  # 5 % of it
        (100, {4: 4}, False),
        (100, {4: 5}, True),
        (9, {2: 4}, False),  # a handful of typing errors closes nothing, however small the day
        (9, {2: 3, 5: 2}, True),
        (9, {}, False),
    ],
)
def test_a_day_is_closed_by_later_days_that_together_hold_twenty_rows_or_five_percent_of_it(
    day_rows: int, later: dict[int, int], is_closed: bool, story: Story, tmp_path: Path
) -> None:
    copy = tmp_path / story.workspace.database.name
    copy.write_bytes(story.workspace.database.read_bytes())
    first = datetime(2026, 3, 1, tzinfo=UTC).date()
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from pulse.release_log")
        connection.execute("create temp table one as from pulse.pulse_daily limit 1")
        connection.execute("delete from pulse.pulse_daily")
        for distance, count in {0: day_rows, **later}.items():
            connection.execute(
                "insert into pulse.pulse_daily select * replace (? as date_utc, ? as role_count_day) from one",
                [first + timedelta(days=distance), count],
            )
        closed = connection.execute("select date_utc from intermediate.int_pulse__close_days where date_utc = ?", [first]).fetchall()
    assert closed == ([(first,)] if is_closed else [])


@pytest.mark.long
def test_a_day_released_by_mistake_is_reopened_logged_and_released_anew(filled: Story, run_script: RunScript) -> None:
    """The day goes out again with the rows that came after its first release, and both releases are in the log."""
    bucket_ = (f"{REAL:%F}", "LA", "F")
    write(filled.inbox / "later still.csv", rows_of(7, REAL, "very late"))
    filled.build()
    assert filled.released_rows() == [(1, TRUE_ROWS)]  # frozen
    first = filled.query(f"select * from pulse.pulse_release where date_utc = '{REAL:%F}'")
    assert len(first) == 1

    command = ("--reopen", f"{REAL:%F}", "--database", filled.workspace.database)
    reopened = run_script("build_pulse", *command)
    assert reopened.code == 0, reopened.err
    assert f"Reopened {REAL:%F} in {filled.workspace.database}: revision 1 (1 buckets published, 0 held back) is withdrawn" in reopened.out
    assert filled.query(f"select * from pulse.pulse_release where date_utc = '{REAL:%F}'") == []
    assert filled.released_rows() == []
    assert "Not published yet: the day is open" in "\n".join(explain_bucket(filled.workspace, *bucket_))
    again = run_script("build_pulse", *command)
    assert (again.code, again.out) == (2, "")
    assert f"{REAL:%F} is not released in {filled.workspace.database}, so there is nothing to reopen: no day is." in again.err

    summary = filled.build()
    assert summary.details["buckets published"] == 1
    assert filled.released_rows() == [(2, TRUE_ROWS + 7)]
    assert "Published in mode standard" in "\n".join(explain_bucket(filled.workspace, *bucket_))
    log = filled.query("select revision, row_count::int, reopened_at is null, released_at < reopened_at from pulse.release_log order by 1")
    assert log == [(1, TRUE_ROWS, False, True), (2, TRUE_ROWS + 7, True, None)]
    withdrawn = filled.query("select * exclude (reopened_at) from intermediate.int_pulse__freeze_days where reopened_at is not null")
    assert withdrawn == first  # nothing that was public is forgotten


def test_what_cannot_be_reopened_is_told_apart(filled: Story, run_script: RunScript, tmp_path: Path) -> None:
    never = run_script("build_pulse", "--reopen", "2020-01-01", "--database", filled.workspace.database)
    assert (never.code, never.out) == (2, "")
    assert "2020-01-01 is not released" in never.err
    assert f"the newest released days are {REAL:%F}." in never.err
    for arguments, words in [
        (("--reopen", f"{REAL:%F}"), "name it with --database FILE"),
        (("--reopen", "yesterday", "--database", filled.workspace.database), "'yesterday' is no day: write it as YYYY-MM-DD"),
        (("--reopen", f"{REAL:%F}", "--database", tmp_path / "none.duckdb"), "holds no daily pulse"),
    ]:
        refused = run_script("build_pulse", *arguments)
        assert (refused.code, refused.out) == (2, ""), arguments
        assert words in refused.err
    assert not (tmp_path / "none.duckdb").exists()
