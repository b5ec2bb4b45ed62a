"""Attacks on the public release: each one succeeds on a release without the defence, and fails on the one that is made."""

import base64
import os
import re
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.pulse.building import COLUMNS, Request, build
from callsheet.pulse.noise import ENVIRONMENT, Noise, key_file
from callsheet.pulse.why import explain_bucket
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from duckdb.func import SPECIAL

from tests.docs_outputs import EXAMPLE_KEY
from tests.python.breakdowns import Row, bucket, day, many, write
from tests.python.conftest import Row as Cells

TARGET = 31  # roles in the bucket that every attack is after: its count is the secret
SECRET = ("2026-03-03", "LA", "F")
CROWD = [replace(row, region="NY") for row in many(1_500, days=10)]
VICTIM = bucket(TARGET, day(2), "victim", is_union=True)
VIEWS = [replace(row, role="one", project="one") for row in bucket(5, day(3), "views", is_lead=True, is_union=True, is_ai=True, rate=975)]
EMPLOYER = [*bucket(9, day(4), "studio", is_union=True, rate=675), *bucket(1, day(4), "other", is_lead=True, rate=125)]
EMPLOYER = [replace(row, project="studio") if row.is_union else row for row in EMPLOYER]
SMALL = [replace(row, rate=rate, is_union=rate == 725) for row, rate in zip(bucket(3, day(5), "small"), [725, 25, 5_000], strict=True)]
BEFORE = [*CROWD, *VICTIM, *VIEWS, *EMPLOYER, *SMALL, *bucket(20, day(13), "end")]
CHANGE = "update pulse.pulse_daily set role_count_day ="
WHERE = "where date_utc = ? and region_code = ? and proj_type_code = ?"
RELEASE = "select * from pulse.pulse_release order by all"


@dataclass
class Warehouse:
    """A home with an inbox of breakdowns."""

    workspace: Workspace
    inbox: Path

    def deliver(self, name: str, rows: list[Row]) -> None:
        """Put a file into the inbox."""
        write(self.inbox / name, rows)

    def build(self, *arguments: str, **variables: Any) -> list[Cells]:
        """Build it and return the public release."""
        selection = ("--select", "pulse", "operations", "--exclude-resource-type", "test", "unit_test")
        Dbt(self.workspace).build(*selection, *arguments, variables={"pulse_breakdowns": str(self.inbox), **variables})
        return self.query(RELEASE)

    def query(self, sql: str) -> list[Cells]:
        """Return the rows of a query."""
        with self.workspace.reading() as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Build a warehouse once and release its closed days."""
    home = tmp_path_factory.mktemp("home")
    inbox = home / "inbox"
    inbox.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        made = Warehouse(Workspace(home, home / "data" / "callsheet.duckdb"), inbox)
        made.deliver("day1.csv", BEFORE)
        made.build()
        yield made


@dataclass
class Lab:
    """A copy of the warehouse in which the draft of the release is drawn again and again, as often as an attacker could wish."""

    connection: duckdb.DuckDBPyConnection
    drawing: str

    def draw(self, key_of: Path, columns: str = "role_count_day", where: tuple[str, str, str] = SECRET) -> Any:
        """Draw a bucket's release, the target's if no other is named, with the key of a home; None where the draft holds none."""
        noise = Noise(key_of)
        self.connection.create_function("pulse_noise", noise.draw, ["VARCHAR"], "DOUBLE", null_handling=SPECIAL)
        self.connection.create_function("pulse_key_id", noise.key_id, [], "VARCHAR", null_handling=SPECIAL)
        rows = self.connection.execute(
            f"select {columns} from ({self.drawing}) where date_utc = ? and region_code = ? and proj_type_code = ?", where
        ).fetchall()
        for name in ("pulse_noise", "pulse_key_id"):
            self.connection.remove_function(name)
        if not rows:
            return None
        return rows[0][0] if len(rows[0]) == 1 else rows[0]


@pytest.fixture
def lab(warehouse: Warehouse, tmp_path: Path) -> Iterator[Lab]:
    (tmp_path / "lab.duckdb").write_bytes(warehouse.workspace.database.read_bytes())
    compiled = warehouse.workspace.home / "target/compiled/callsheet/models/pulse/intermediate/int_pulse__draft_release.sql"
    with duckdb.connect(str(tmp_path / "lab.duckdb")) as connection:
        connection.execute("delete from pulse.release_log")  # every day open again
        yield Lab(connection, compiled.read_text())


@pytest.mark.long
def test_averaging_fifty_runs_finds_the_count_only_without_the_key(lab: Lab, warehouse: Warehouse, tmp_path: Path) -> None:
    """Without the defence each run draws anew; with it a run repeats the draw, whatever else was varied."""
    undefended = [lab.draw(tmp_path / f"run {number}") for number in range(50)]
    assert statistics.mean(undefended) == pytest.approx(TARGET, abs=0.7)
    defended = []
    for number in range(50):
        lab.connection.execute(f"set threads = {1 + number % 8}")
        lab.connection.execute("delete from pulse.pulse_daily where region_code = 'ATL'")
        lab.connection.execute(  # other rows come and go
            "insert into pulse.pulse_daily by name "
            f"select * replace ('ATL' as region_code, role_count_day + {number} as role_count_day) "
            "from pulse.pulse_daily where region_code = 'NY'"
        )
        defended.append(lab.draw(warehouse.workspace.home))
    assert len(set(defended)) == 1


def test_differencing_two_releases_finds_one_role_only_without_noise_of_its_own(lab: Lab, warehouse: Warehouse, tmp_path: Path) -> None:
    """One union role leaves the bucket. Were the noise the same before and after, the difference would be that role."""
    columns = "role_count_day + 0, lead_share_pct_day, union_share_pct_day, row_count"
    before = lab.draw(warehouse.workspace.home, columns)
    lab.connection.execute(
        "update pulse.pulse_daily set role_count_day = role_count_day - 1, union_count = union_count - 1 "
        "where date_utc = ? and region_code = ? and proj_type_code = ?", SECRET,
    )  # fmt: skip
    after = lab.draw(warehouse.workspace.home, columns)
    assert before[3] - after[3] == 1
    # The defence: over many keys the difference of the published counts is as often far from 1 as two draws make it.
    differences = []
    for number in range(60):
        key = tmp_path / f"key {number}"
        small = lab.draw(key)
        lab.connection.execute(f"{CHANGE} role_count_day + 1 {WHERE}", SECRET)
        large = lab.draw(key)
        lab.connection.execute(f"{CHANGE} role_count_day - 1 {WHERE}", SECRET)
        differences.append(large - small)
    assert statistics.mean(difference == 1 for difference in differences) < 0.45
    # Without it, noise keyed by the bucket alone, the difference is exactly that role.
    lab.drawing = re.sub(r", coalesce\(\((role_count_day|lead_count|union_count|ai_count)\)::bigint::string, '~'\)", "", lab.drawing)
    undefended = lab.draw(warehouse.workspace.home)
    lab.connection.execute(f"{CHANGE} role_count_day + 1 {WHERE}", SECRET)
    assert lab.draw(warehouse.workspace.home) - undefended == 1


def rows_as_people(sql: str) -> str:
    """Take the mission's rule to the letter: five rows make a bucket, whoever they are of."""
    sql = sql.replace("distinct_role_count", "role_count_day")
    return sql.replace("priced_role_count", "priced_count").replace("text_role_count", "text_count")


def no_employers(sql: str) -> str:
    return re.sub(r"when 5 \* noised.largest_project_role_count > 4 \* noised.distinct_role_count then 'one_project'", "", sql)


def no_least_size(sql: str) -> str:
    return re.sub(r"(role_count_day|role_count) < 5\b", r"\1 < 1", sql).replace("role_count >= 5", "role_count >= 1")


# Whoever knows what a bucket holds besides the secret, because it is their own, takes it away from what is public.
ATTACKS = {
    # Somebody looks at one notice five times on a slow day: the bucket is this notice.
    "five views of one role": (VIEWS, [], rows_as_people, "too_few_roles"),
    # The rival knows its own role; the rest is the studio.
    "the bucket of one employer": (EMPLOYER[:-1], EMPLOYER[-1:], no_employers, "one_project"),
    # Two notices of the attacker's, one far below and one far above, leave the third in the middle: its rate is the median.
    "a bucket of three": (SMALL[:1], SMALL[1:], no_least_size, "too_few_rows"),
}


def recover(bucket_: Cells | None, own: list[Row], secret_size: int) -> dict[str, Any] | None:
    """Work out the secret roles' rate, and how many are leads, union and about AI, from the published row and the attacker's own roles."""
    if bucket_ is None:
        return None
    _, lead_share, union_share, rate, _, ai_share = bucket_
    size = secret_size + len(own)
    shares = zip((lead_share, union_share, ai_share), ("is_lead", "is_union", "is_ai"), strict=True)
    return {"rate": rate, **{trait: round(share * size / 100) - sum(getattr(row, trait) for row in own) for share, trait in shares}}


# Noise of five points, once in a hundred draws, hides one role of ten: this key draws none here.
ORDINARY_KEY = "01" * 32


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_bucket_hides_is_found_without_the_defence_and_not_with_it(
    attack: str, lab: Lab, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, ORDINARY_KEY)
    secret, own, without_defence, reason = ATTACKS[attack]
    truth = {"rate": secret[0].rate, **{trait: sum(getattr(row, trait) for row in secret) for trait in ("is_lead", "is_union", "is_ai")}}
    where = (str(secret[0].posted_at.date()), secret[0].region, secret[0].project_type)
    columns = ", ".join(COLUMNS[3:])

    def published(drawing: str) -> Cells | None:
        lab.drawing = f"select * from ({drawing}) where suppression_reason is null"
        drawn: Cells | None = lab.draw(warehouse.workspace.home, columns, where)
        return drawn

    defended = lab.drawing
    assert recover(published(defended), own, len(secret)) is None
    undefended = without_defence(defended)
    assert undefended != defended
    assert recover(published(undefended), own, len(secret)) == truth
    # The release that was really made holds it back, and says why to those who may know.
    bucket_ = "date_utc = '{}' and region_code = '{}' and proj_type_code = '{}'".format(*where)
    assert warehouse.query(f"select * from pulse.pulse_release where {bucket_}") == []
    assert warehouse.query(f"select suppression_reason from pulse.release_log where {bucket_}") == [(reason,)]


def test_eighty_percent_of_one_project_is_the_last_share_that_is_published(lab: Lab, warehouse: Warehouse) -> None:
    day_, region, type_ = SECRET
    for largest, distinct, reason in [(4, 5, None), (5, 6, "one_project"), (80, 100, None), (81, 100, "one_project"), (None, 6, None)]:
        lab.connection.execute(
            "update pulse.pulse_daily set largest_project_role_count = ?, distinct_role_count = ? "
            "where date_utc = ? and region_code = ? and proj_type_code = ?", [largest, distinct, day_, region, type_],
        )  # fmt: skip
        assert lab.draw(warehouse.workspace.home, "suppression_reason, is_employer_checked") == (reason, largest is not None)


def test_no_public_number_is_a_total_to_subtract_from(warehouse: Warehouse) -> None:
    """The total of the rows less the published ones is what is held back: no public file holds that total, or a table's size."""
    publish(warehouse.workspace)
    public = duckdb.connect(str(warehouse.workspace.published / "public" / "callsheet.duckdb"), read_only=True)
    tables = {(schema, table): public.execute(f'select * from "{schema}"."{table}"').fetchall() for schema, table in public.execute(
        "select table_schema, table_name from information_schema.tables"
    ).fetchall()}  # fmt: skip
    assert {table for schema, table in tables if schema == "pulse"} == {
        "pulse_release", "pulse_trends", "pulse_regions", "pulse_coverage"
    }  # fmt: skip
    ((days,),) = warehouse.query("select count(*) from (select distinct date_utc from pulse.pulse_daily)")
    totals = {len(BEFORE), sum(row[3] for row in warehouse.query("select * from pulse.pulse_daily"))}
    totals |= {count for (count,) in warehouse.query("select sum(role_count_day) from pulse.pulse_daily group by date_utc") if count > 50}
    assert days > 5
    numbers = {cell for rows in tables.values() for row in rows for cell in row if isinstance(cell, int)}
    assert not totals & numbers
    # The defence off: were the sizes of all tables public, that of the judged rows would tell what is held back, but for noise.
    sizes = {count for (count,) in warehouse.query("select row_count from operations.table_sizes where product = 'pulse'")}
    released = {row[:3]: row[3] for row in tables["pulse", "pulse_release"]}
    open_rows = {row[:3]: row[3] for row in warehouse.query("select * from pulse.pulse_daily") if row[:3] not in released}
    noise = 4 * (2 * len(released)) ** 0.5  # four standard deviations of their sum

    def finds_what_is_held_back(numbers: set[int]) -> bool:
        return any(abs(number - sum(released.values()) - sum(open_rows.values())) < noise for number in numbers)

    assert finds_what_is_held_back(sizes)
    assert not finds_what_is_held_back(numbers)
    assert not {row[2] for row in tables["operations", "table_growth"] if row[0] == "pulse"} - {"pulse_release", "pulse_trends"}


def test_the_key_is_nowhere_but_in_its_file(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a person runs dbt, with everything that dbt writes."""
    monkeypatch.setenv("CALLSHEET_DATABASE", str(warehouse.workspace.database))
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--log-path", str(warehouse.workspace.home / "logs")]
    levels = ["--log-level", "none", "--log-level-file", "debug"]
    drawn = dbtRunner().invoke(["build", "--select", "int_pulse__draft_release", *folders, *levels])
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    assert drawn.success
    key = key_file(warehouse.workspace.home).read_bytes()
    hidden = {
        key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key).rstrip(b"="), base64.urlsafe_b64encode(key).rstrip(b"="),
        "".join(f"\\x{byte:02X}" for byte in key).encode(), "".join(f"\\x{byte:02x}" for byte in key).encode(), repr(key)[2:-1].encode(),
    }  # fmt: skip
    publish(warehouse.workspace)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout.decode().split("\0")
    files = [path for path in warehouse.workspace.home.rglob("*") if path.is_file()] + [PROJECT / name for name in tracked if name]
    holding = [path for path in files if path.is_file() and any(form in path.read_bytes() for form in hidden)]
    assert holding == [key_file(warehouse.workspace.home)]
    names = {path.name for path in files}
    assert {"manifest.json", "run_results.json", "dbt.log", "callsheet.duckdb"} <= names  # the search looked where it should
    ignored = subprocess.run(["git", "check-ignore", "data/state/pulse_key"], cwd=PROJECT, capture_output=True, check=False)
    assert ignored.returncode == 0


@pytest.mark.long
def test_closed_days_are_frozen_against_everything(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Late rows, the day delivered again, a full refresh, another mode, other settings, other threads: no released row changes."""
    before = warehouse.query(RELEASE)
    assert {row[0].isoformat() for row in before} >= {SECRET[0]}
    assert max(row[0] for row in before) < day(13).date()  # the last day is open
    log = warehouse.query("select * from pulse.release_log order by all")
    warehouse.deliver("late.csv", [replace(row, role=f"late-{row.role}", project=f"late-{row.project}") for row in [*VICTIM[:7], *SMALL]])
    warehouse.deliver("day1.csv", BEFORE[20:])
    monkeypatch.setenv("CALLSHEET_THREADS", "8")
    after = warehouse.build("--full-refresh", pulse_privacy="strict", pulse_open_days=1, pulse_sentiment="none", pulse_both_is_union=True)
    assert [row for row in after if row[0] <= before[-1][0]] == before
    assert warehouse.query(f"select * from pulse.release_log where date_utc <= '{before[-1][0]}' order by all") == log
    late = {row[:3]: row[3:] for row in warehouse.query("select date_utc::varchar, * exclude (date_utc) from pulse.pulse_late")}
    assert late[SECRET] == (TARGET, TARGET + 7, 7)
    assert warehouse.query(
        f"select role_count_day from pulse.pulse_daily where date_utc = '{SECRET[0]}' and region_code = 'LA'"
    ) == [(TARGET + 7,)]  # fmt: skip
    # The defence off: a warehouse that forgets its release makes another one from the late rows, and the two can be compared.
    build(Request(str(warehouse.inbox / "*.csv"), tmp_path / "anew.csv"))
    anew = {tuple(line.split(",")[:3]): int(line.split(",")[3]) for line in (tmp_path / "anew.csv").read_text().splitlines()[1:]}
    assert anew[SECRET] != next(row[3] for row in before if row[0].isoformat() == SECRET[0] and row[1] == "LA")
    # Late rows in a bucket that the closed day never had are nobody's business either.
    assert not [row for row in after if row[0] == day(5).date() and row[1] == "LA"]


@pytest.mark.long
@pytest.mark.usefixtures("warehouse")  # it sets the home
def test_a_database_made_anew_from_the_same_rows_repeats_the_release(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", BEFORE)
    build(Request(str(tmp_path / "rows.csv"), tmp_path / "first.csv"))
    build(Request(str(tmp_path / "rows.csv"), tmp_path / "second.csv"), database=tmp_path / "kept.duckdb")
    first, second = ((tmp_path / name).read_text().splitlines() for name in ("first.csv", "second.csv"))
    assert set(second) < set(first)  # the warehouse holds its open days back
    assert {line.split(",")[0] for line in set(first) - set(second)} == {"2026-03-14"}


@pytest.mark.long
@pytest.mark.usefixtures("warehouse")
def test_strict_mode_accounts_for_what_it_spends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)  # with a key of chance an empty bucket is lifted over ten once in sixty runs
    rows = [*many(4_000, days=3), *[replace(row, role="one", project="one") for row in bucket(60, day(1), "views", region="CHI")]]
    database = tmp_path / "strict.duckdb"
    write(tmp_path / "rows.csv", [*rows, *bucket(20, day(9), "end")])
    build(Request(str(tmp_path / "rows.csv"), tmp_path / "strict.csv", privacy="strict"), database)
    with duckdb.connect(str(database), read_only=True) as connection:
        log = connection.execute(
            "select epsilon, count_scale, share_scale, sentiment_scale, is_employer_checked, suppression_reason from pulse.release_log"
        ).fetchall()
        assert log
        for epsilon, count_scale, share_scale, sentiment_scale, is_checked, _ in log:
            # One draw on roles, three on parts, two for sentiment (sum and count), one on the largest project.
            assert epsilon == pytest.approx(1 / count_scale + (3 + is_checked) / share_scale + 2 / sentiment_scale) == pytest.approx(4)
        released = connection.execute("select * from pulse.pulse_release").fetchall()
        roles = {
            row[:3]: row[3]
            for row in connection.execute(
                "select date_utc, region_code, proj_type_code, role_count from intermediate.int_pulse__count_roles"
            ).fetchall()
        }
        # A role counts once, in one bucket, whatever it was viewed.
        assert sum(roles.values()) == len({row.role for row in rows}) + 20
    assert len(released) > 20
    for row in released:
        assert row[3] >= 10
        assert row[3] == pytest.approx(roles[row[:3]], abs=12)
        assert row[3] >= 20 or row[4:] in {(None, None, row[6], None, None), (None, None, None, None, None)}
    assert {row[1] for row in released} & {"LA", "NY"}
    assert not [row for row in released if row[1] == "CHI" and row[0] == day(1).date() and row[3] > 40]  # sixty views are one role


@pytest.mark.usefixtures("warehouse")
def test_without_project_names_the_release_says_that_one_employer_cannot_be_told(tmp_path: Path) -> None:
    write(tmp_path / "rows.csv", BEFORE, header=["posted_date", "work_city", "project_type", "rate", "id"])
    database = tmp_path / "kept.duckdb"
    build(Request(str(tmp_path / "rows.csv"), tmp_path / "out.csv"), database)
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select bool_or(is_employer_checked), count(*) > 0 from pulse.release_log").fetchall() == [(False, True)]
    assert "2026-03-05,LA,F," in (tmp_path / "out.csv").read_text()
    lines = explain_bucket(Workspace.find(database), "2026-03-05", "LA", "F")
    assert any("could not be checked" in line for line in lines)


def test_why_says_what_was_published_from_what_or_why_not(warehouse: Warehouse) -> None:
    def why(*bucket_: str) -> str:
        return "\n".join(explain_bucket(warehouse.workspace, *bucket_))

    published = why(*SECRET)
    assert "Published in mode standard" in published
    ((held,),) = warehouse.query(
        "select role_count_day from pulse.pulse_daily where (date_utc::text, region_code, proj_type_code) = " + str(SECRET)
    )
    assert held >= TARGET
    assert f"{held} rows of {held} different roles" in published
    assert "day1.csv, version" in published
    assert "Laplace of scale 1 on the count" in published
    assert "too_few_roles" in why("2026-03-04", "la", "f")
    assert "belong to one project" in why("2026-03-05", "LA", "F")
    assert "the day is open" in why("2026-03-14", "LA", "F")
    assert "No row falls into it" in why("2027-01-01", "LA", "F")
    for wrong in [("yesterday", "LA", "F"), ("2026-03-04", "LA", "X")]:
        with pytest.raises(UnusableInputError):
            why(*wrong)
    assert os.environ["CALLSHEET_HOME"] == str(warehouse.workspace.home)
