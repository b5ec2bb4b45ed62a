"""Files of breakdowns as people send them: each trap is a real file, everything readable is read, and nothing is lost without a reason."""

import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.pulse.building import Request, check
from callsheet.pulse.notices import copy_notices, copying_ahead
from callsheet.pulse.reading import Layout, inspect_file
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

ROWS = (
    "--select",
    "+int_pulse__classify_rows",
    "int_pulse__events",
    "--exclude-resource-type",
    "test",
    "unit_test",
)
LANDING = ("--select", "+int_pulse__events", "--exclude-resource-type", "test", "unit_test")
HEAD = b"id,posted_date,work_city,project_type\n"


def row(name: str, ending: str = "\n") -> bytes:
    """Return one plain row."""
    return f"{name},2025-06-01,Los Angeles,Film{ending}".encode()


def plain(*names: str) -> bytes:
    return HEAD + b"".join(row(name) for name in names)


SWAPPED = "Project Type;work_location;Extra;POSTED-DATE;description;ID\n"
LONG = b"x" * 50_000_000

# File, its bytes, and what becomes of its rows in order: the id of one that is kept, or the reason why it is not.
READABLE: dict[str, tuple[bytes, list[str]]] = {
    "plain.csv": (plain("a", "b"), ["a", "b"]),
    "bom.csv": (b"\xef\xbb\xbf" + plain("a", "b"), ["a", "b"]),
    "crlf.csv": (plain("a", "b").replace(b"\n", b"\r\n"), ["a", "b"]),
    "old_mac.csv": (plain("a", "b").replace(b"\n", b"\r"), ["a", "b"]),
    "mixed_ends.csv": (
        HEAD + row("a", "\r\n") + row("b", "\n") + row("10", "\r") + row("20", "\r\n") + row("c", ""),
        ["a", "b", "10", "20", "c"],
    ),
    "quoted_newline.csv": (HEAD + b'"a\nb",2025-06-01,"Los Angeles,\nCA",Film\n' + row("c"), ["a\nb", "c"]),
    "doubled_quotes.csv": (HEAD + b'"the ""a""",2025-06-01,Los Angeles,Film\n' + row("b"), ['the "a"', "b"]),
    "stray_quote.csv": (HEAD + b'6" a,2025-06-01,Los Angeles,Film\n' + row("b"), ['6" a', "b"]),
    # A quote that is never closed costs its own line, with the line's reason, and none of those after it.
    "open_quote_last_line.csv": (HEAD + row("a") + b'b,2025-06-01,"LA,Film\n', ["a", "quote_unclosed"]),
    "open_quote_last_byte.csv": (HEAD + row("a") + b'b,2025-06-01,LA,"', ["a", "quote_unclosed"]),
    "open_quote_first_line.csv": (HEAD + b'"a,2025-06-01,LA,Film\n' + row("b") * 50, ["quote_unclosed", *["b"] * 50]),
    "open_quote_middle.csv": (
        HEAD + row("a") + b'b,2025-06-01,LA,"Film\n' + row("c") * 50 + b'"d\nd",2025-06-01,"Los Angeles, CA",Film\n' + row("e"),
        ["a", "quote_unclosed", *["c"] * 50, "d\nd", "e"],
    ),
    "open_quotes.csv": (
        HEAD + b'"a\na",2025-06-01,LA,Film\n' + b'b,2025-06-01,"LA,Film\r\n' + row("6' 2\"") + b'c,"2025-06-01,LA,Film\n' + row("5'10\""),
        ["a\na", "quote_unclosed", "6' 2\"", "quote_unclosed", "5'10\""],
    ),
    "open_quote_packed.csv.gz": (
        gzip.compress(HEAD + b'a,2025-06-01,LA,"Film\n' + row("b")),
        ["quote_unclosed", "b"],
    ),
    "inch_marks.csv": (HEAD + row("5'10\"") + row("6\" a") + row('7" to 8"'), ["5'10\"", "6\" a", '7" to 8"']),
    "inner_quotes.csv": (HEAD + b'"the "a" one",2025-06-01,LA,Film\n' + row("b"), ['the a" one"', "b"]),
    "semicolon.csv": (plain("a", "b").replace(b",", b";"), ["a", "b"]),
    "tab.tsv": (plain("a", "b").replace(b",", b"\t"), ["a", "b"]),
    "pipe.txt": (plain("a", "b").replace(b",", b"|"), ["a", "b"]),
    "short_rows.csv": (HEAD + row("a") + b"b,2025-06-01,Los Angeles\nc,2025-06-01\nd\n" + row("e"), ["a", "b", "c", "date_missing", "e"]),
    "short_row_after_quoted_newline.csv": (HEAD + b'"a\nb",2025-06-01,LA,Film\nc,2025-06-01\n' + row("d"), ["a\nb", "c", "d"]),
    "long_rows.csv": (HEAD + b"a,2025-06-01,LA,Film,more,and more\n" + row("b"), ["a", "b"]),
    "blank_lines.csv": (HEAD + b"\n" + row("a") + b"\n\n" + row("b") + b"\n", ["a", "b"]),
    "blank_cells.csv": (HEAD + b",,,\n" + row("b"), ["date_missing", "b"]),
    "nul_bytes.csv": (HEAD + row("a\0a") + row("b"), ["aa", "b"]),
    "gzip_under_csv.csv": (gzip.compress(plain("a", "b")), ["a", "b"]),
    "packed.csv.gz": (gzip.compress(plain("a", "b")), ["a", "b"]),
    "gzip_short_rows.csv.gz": (gzip.compress(HEAD + b"a,2025-06-01\n" + row("b")), ["a", "b"]),
    "header_only.csv": (HEAD, []),
    "header_without_newline.csv": (HEAD.strip(), []),
    "long_cell.csv": (HEAD + row("a") + b"b,2025-06-01,LA," + LONG + b"\n" + row("c"), ["a", "cell_too_long", "c"]),
    "long_cell_packed.csv": (gzip.compress(HEAD + row("a") + b"b,2025-06-01," + LONG + b",Film\n" + row("c")), ["a", "cell_too_long", "c"]),
    "longer_than_a_line.csv": (HEAD + b"b,2025-06-01,LA," + LONG[:3_000_000] + b"\n" + row("c"), ["cell_too_long", "c"]),
    "late_latin1.csv": (HEAD + row("a") * 36_000 + b"\xe9,2025-06-01,Montr\xe9al,Film\n" + row("b"), ["a"] * 36_000 + ["not_utf8", "b"]),
    "order_and_case.csv": (SWAPPED.encode() + b"Film;Toronto;?;2025-06-01;An AI;a\n", ["a"]),
    "spaces in 'name' [1]*.csv": (plain("a"), ["a"]),
    "lines.jsonl": (b'{"id": "a", "posted_date": "2025-06-01", "work_city": "LA", "project_type": null}\n{bad\n[1]\n'
                    b'{"posted_date": 1748772000, "id": 7}\n',
                    ["a", "record_unreadable", "record_unreadable", "7"]),
    "packed.ndjson.gz": (gzip.compress(b'{"id": "a", "posted_date": "2025-06-01", "work_city": "LA", "project_type": "Film"}\n'), ["a"]),
}  # fmt: skip

# Files that are not used, and what the sentence about them must name.
UNUSABLE: dict[str, tuple[bytes, str, list[str]]] = {
    "empty.csv": (b"", "file_empty", ["no byte"]),
    "blank.csv": (b" \n\r\n", "file_empty", ["blanks"]),
    "no_place.csv": (b"id,posted_date,project_type\n1,2025-06-01,Film\n", "column_missing", ["work_city or work_location"]),
    "no_header.csv": (row("a"), "column_missing", ["posted_date", "work_city", "project_type"]),
    "two_aliases.csv": (
        b"posted_date,work_city,Work Location,project_type\n2025-06-01,LA,NY,Film\n",
        "column_twice",
        ["work_city and Work Location"],
    ),
    "twice.csv": (
        b"posted_date,posted_date,work_city,project_type\n2025-06-01,1,LA,Film\n",
        "column_twice",
        ["posted_date and posted_date"],
    ),
    "latin1.csv": (plain("Zoë").decode().encode("latin-1"), "file_not_utf8", ["--encoding", "cp1252"]),
    "utf16.csv": (plain("a").decode().encode("utf-16"), "file_not_utf8", ["UTF-16", "--encoding utf-16"]),
    "cut.csv.gz": (gzip.compress(plain("a", "b"))[:-12], "file_unreadable", []),
}


def build(workspace: Workspace, asked: Path | str, *selection: str, **variables: Any) -> None:
    Dbt(workspace).build(*(selection or ROWS), variables={"pulse_breakdowns": str(asked), **variables})


def outcomes(workspace: Workspace) -> dict[str, list[str]]:
    """Return what became of the rows of each file, in order: the id or the reason."""
    with workspace.reading() as connection:
        rows = connection.execute(
            "select deliveries.file_name, coalesce(judged.reject_reason, notices.breakdown_id, '') "
            "from intermediate.int_pulse__judge_rows as judged "
            "inner join staging.stg_pulse__notices as notices using (notice_id) "
            "inner join intermediate.int_pulse__judge_deliveries as deliveries on judged.delivery_no = deliveries.delivery_no "
            "order by deliveries.file_name, judged.position"
        ).fetchall()
        names = connection.execute("select file_name from intermediate.int_pulse__judge_deliveries where is_in_force").fetchall()
    found: dict[str, list[str]] = {name: [] for (name,) in names}
    for name, outcome in rows:
        found[name].append(outcome)
    return found


def query(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with workspace.reading() as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Read every trap in one build."""
    root = tmp_path_factory.mktemp("reading")
    inbox = root / "inbox"
    inbox.mkdir()
    for contents in ({name: given[0] for name, given in READABLE.items()}, {name: given[0] for name, given in UNUSABLE.items()}):
        for name, content in contents.items():
            (inbox / name).write_bytes(content)
    duckdb.sql(
        "select 'a' as id, timestamp '2025-06-01 10:00' as posted_date, 'LA' as work_city, 'Film' as project_type, 12.5 as rate"
    ).write_parquet(str(inbox / "typed.parquet"))
    (inbox / "notes.md").write_text("not a file of breakdowns")
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    build(workspace, inbox)
    return workspace


def test_everything_readable_is_read_and_the_rest_has_a_reason(read: Workspace) -> None:
    expected = {name: outcome for name, (_, outcome) in READABLE.items()} | {"typed.parquet": ["a"]}
    found = outcomes(read)
    for name, outcome in expected.items():
        assert found.pop(name) == outcome, name
    assert found == {}


def test_a_file_that_cannot_be_used_is_named_with_the_mend(read: Workspace) -> None:
    whole = dict(query(read, "select subject, reason from intermediate.int_pulse__events where event = 'quarantined' and position = 0"))
    assert whole == {name: reason for name, (_, reason, _) in UNUSABLE.items()}
    told = dict(
        query(read, "select subject, message from intermediate.int_pulse__events where event = 'alert' and reason = 'file rejected'")
    )
    assert told.keys() == UNUSABLE.keys()
    for name, (_, reason, words) in UNUSABLE.items():
        for word in [name, reason, *words]:
            assert word in told[name]


def test_positions_are_those_of_the_records_in_the_file(read: Workspace) -> None:
    rows = query(
        read,
        "select subject, position, reason from intermediate.int_pulse__events where event = 'quarantined' and position > 0 order by all",
    )
    expected = [(name, number, reason) for name, (_, found) in READABLE.items() for number, reason in enumerate(found, start=1)
                if reason in ("date_missing", "quote_unclosed", "cell_too_long", "not_utf8", "record_unreadable")]  # fmt: skip
    assert rows == sorted(expected)


def test_cells_arrive_as_they_were_written(read: Workspace) -> None:
    cells = query(
        read,
        "select work_city, role_description, classified.region_code, classified.is_ai "
        "from intermediate.int_pulse__classify_rows as classified inner join staging.stg_pulse__notices using (notice_id) "
        "where file_name in ('quoted_newline.csv', 'order_and_case.csv') and breakdown_id like 'a%' "
        "order by file_name",
    )
    assert cells == [("Toronto", "An AI", "TOR", True), ("Los Angeles,\nCA", None, "LA", False)]
    assert query(
        read, "select rate_day_usd, posted_at::varchar from intermediate.int_pulse__classify_rows where file_name = 'typed.parquet'"
    ) == [(12.5, "2025-06-01 10:00:00")]


def test_nothing_of_the_readers_is_left_behind(read: Workspace) -> None:
    assert [path.name for path in (read.home / "data").iterdir() if path.name != "state"] == ["callsheet.duckdb"]


def test_payload_hashes_tell_rejected_rows_apart(read: Workspace) -> None:
    hashes = query(
        read,
        "select count(*), count(distinct payload_hash), count(payload_hash) from intermediate.int_pulse__events "
        "where event = 'quarantined' and position > 0",
    )
    count, distinct, filled = hashes[0]
    assert count == filled
    assert distinct > count / 2  # records of which nothing could be read look alike


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_an_encoding_that_is_named_is_read(encoding: str, workspace: Workspace) -> None:
    (workspace.home / "x.csv").write_bytes("id,posted_date,work_city,project_type\nZoë,2025-06-01,Montréal,Film\n".encode(encoding))
    build(workspace, workspace.home / "x.csv", pulse_encoding=encoding)
    assert outcomes(workspace) == {"x.csv": ["Zoë"]}
    assert query(workspace, "select region_code from intermediate.int_pulse__classify_rows") == [("MTL",)]


def test_a_wrong_encoding_is_one_sentence(workspace: Workspace) -> None:
    (workspace.home / "x.csv").write_bytes(plain("a"))
    build(workspace, workspace.home / "x.csv", *LANDING, pulse_encoding="klingon")
    assert query(workspace, "select reason from intermediate.int_pulse__events where event = 'quarantined'") == [("file_not_utf8",)]


@pytest.mark.long
@pytest.mark.parametrize(("age", "is_seen"), [(60, False), (-60, True)])
def test_a_version_of_the_same_size_and_time_is_seen_where_the_one_before_was_young(workspace: Workspace, age: int, is_seen: bool) -> None:
    """File times are whole seconds: a file that changes within the second in which it landed has the time it had."""
    file = workspace.home / "day.csv"
    written_at = time.time() - age  # ahead of the clock, so that the file is young however long the build takes to start
    for name in ("a", "b"):
        file.write_bytes(plain(name))
        os.utime(file, (written_at, written_at))
        build(workspace, file, *LANDING)
    assert outcomes(workspace) == {"day.csv": ["b" if is_seen else "a"]}


@pytest.mark.long
def test_newest_delivery_counts_and_the_same_again_counts_nothing(workspace: Workspace) -> None:
    file = workspace.home / "inbox" / "day.csv"
    file.parent.mkdir()

    def deliver(content: bytes, second: int) -> dict[str, list[str]]:
        file.write_bytes(content)
        os.utime(file, (second, second))
        build(workspace, file.parent, *LANDING)
        return outcomes(workspace)

    assert deliver(plain("a", "b"), 1_000_000) == {"day.csv": ["a", "b"]}
    landed = query(workspace, "select count(*) from staging.stg_pulse__landed")
    build(workspace, file.parent, *LANDING)  # nothing new at all
    assert query(workspace, "select count(*) from staging.stg_pulse__landed") == landed
    assert deliver(plain("a", "b"), 1_000_100) == {"day.csv": ["a", "b"]}  # the same content, written again
    assert query(workspace, "select max(revision), count(*) filter (where is_repeat) from staging.stg_pulse__landed") == [(1, 1)]
    assert deliver(plain("a", "c", "d"), 1_000_200) == {"day.csv": ["a", "c", "d"]}
    assert deliver(b"", 1_000_300) == {"day.csv": ["a", "c", "d"]}  # a broken delivery replaces nothing
    assert query(workspace, "select subject, revision, reason from intermediate.int_pulse__events where event = 'quarantined'") == [
        ("day.csv", 3, "file_empty")
    ]
    assert deliver(plain("a", "b"), 1_000_400) == {"day.csv": ["a", "b"]}  # an old content is news again
    assert query(workspace, "select revision from intermediate.int_pulse__judge_deliveries where is_in_force") == [(4,)]
    file.unlink()
    (file.parent / "next.csv").write_bytes(plain("z"))
    build(workspace, file.parent, *LANDING)  # a file that left its folder stays landed
    assert outcomes(workspace) == {"day.csv": ["a", "b"], "next.csv": ["z"]}
    Dbt(workspace).build(*LANDING)  # without a path: what it already holds, never the sample
    assert outcomes(workspace) == {"day.csv": ["a", "b"], "next.csv": ["z"]}


def test_a_glob_keeps_files_of_one_name_apart_and_another_dataset_is_refused(workspace: Workspace) -> None:
    for day in ("day_1", "day_2"):
        (workspace.home / "inbox" / day).mkdir(parents=True)
        (workspace.home / "inbox" / day / "views.csv").write_bytes(plain(day))
    build(workspace, workspace.home / "inbox" / "*" / "views.csv", *LANDING)
    assert outcomes(workspace) == {"day_1/views.csv": ["day_1"], "day_2/views.csv": ["day_2"]}
    (workspace.home / "other.csv").write_bytes(plain("other"))
    with pytest.raises(
        Exception, match=r"already holds the breakdowns of .*inbox, not of .*: keep another dataset in another database, with --database"
    ):
        build(workspace, workspace.home / "other.csv", *LANDING)
    assert outcomes(workspace).keys() == {"day_1/views.csv", "day_2/views.csv"}


@pytest.mark.parametrize(
    ("asked", "sentence"), [("none.csv", "There is no file"), ("*.nothing", "No file fits"), ("", "No file of breakdowns in the folder")]
)
def test_a_path_that_leads_nowhere_is_one_sentence(asked: str, sentence: str, workspace: Workspace) -> None:
    with pytest.raises(Exception, match=sentence) as refused:
        build(workspace, workspace.home / asked, *LANDING)
    assert "\n" not in str(refused.value)


@pytest.mark.long
def test_the_form_of_a_date_can_be_named_and_most_bad_dates_say_so(workspace: Workspace) -> None:
    (workspace.home / "x.csv").write_bytes(
        b"posted_date,work_city,project_type\n03/04/2025,LA,Film\n03/05/2025 10:30,LA,Film\n2025-03-06,LA,Film\n"
    )
    build(workspace, workspace.home / "x.csv")
    assert [
        message for _, message in query(workspace, "select reason, message from intermediate.int_pulse__events where event = 'alert'")
    ] == [
        "2 of 3 rows of x.csv are in quarantine: most of their dates are in a form that is not guessed, name it with --date-format, as in "
        "--date-format '%m/%d/%Y'."
    ]
    build(workspace, workspace.home / "x.csv", pulse_date_format="%m/%d/%Y")
    assert query(workspace, "select posted_on::varchar from intermediate.int_pulse__classify_rows order by position") == [
        ("2025-03-04",),
        ("2025-03-06",),
    ]
    assert query(workspace, "select position, reason from intermediate.int_pulse__events where event = 'quarantined'") == [
        (2, "date_unreadable")
    ]


def test_own_names_and_patterns_need_one_line_in_the_home_s_config(workspace: Workspace) -> None:
    (workspace.home / "x.csv").write_text("town,seen,kind\nSpringfield,2025-06-01,Zeppelin race\nHollywood,2025-06-01,Film\n")
    config = workspace.home / "config"
    config.mkdir()
    for name, rows in {
        "column_aliases": "alias,column_name,note\ntown,work_city,mine\nseen,posted_date,mine\nkind,project_type,mine\n",
        "regions": "code,label,country,currency,parent_code\nSPR,Springfield,US,USD,US_MIDWEST\n",
        "region_patterns": "pattern,code,priority,note\nspringfield,SPR,55,\nhollywood,OTHER_US,50,not here\n",
        "project_type_patterns": "pattern,code,priority,note\nZeppelin,T,50,\n",
    }.items():
        (config / f"{name}.csv").write_text(rows, encoding="utf-8")
    Dbt(workspace).build("--select", "resource_type:seed,pulse")
    build(workspace, workspace.home / "x.csv", *ROWS, "seed")
    assert query(workspace, "select region_code, proj_type_code from intermediate.int_pulse__classify_rows order by position") == [
        ("SPR", "T"),
        ("OTHER_US", "F"),
    ]


def test_the_time_zone_of_the_session_does_not_matter(read: Workspace) -> None:
    compiled = next((read.home / "target").rglob("compiled/**/int_pulse__judge_rows.sql")).read_text()
    ends = []
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        with duckdb.connect(str(read.database), read_only=True) as connection:
            connection.execute(f"set TimeZone = '{zone}'")
            ends.append(
                connection.execute(
                    f"select notice_id, position, posted_at::varchar, reject_reason from ({compiled}) order by all"
                ).fetchall()
            )
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.long
def test_no_record_is_lost_or_made_up_where_the_quick_readers_threads_meet(workspace: Workspace) -> None:
    """Cells that hold what looks like records, in a file of more than one buffer: the lenient reader finds too many without an error."""
    cell = "note:\nr9,2025-06-01,Los Angeles,Film,inner\nr8,2025-06-01,Los Angeles,Film,inner\nend" * 3
    with (workspace.home / "in.csv").open("w") as file:
        file.write("id,posted_date,work_city,project_type,role_description\n")
        file.writelines(f'r{number},2025-06-01,Los Angeles,Film,"{cell}"\n' for number in range(120_000))
    assert (workspace.home / "in.csv").stat().st_size > 32_000_000
    summary = check(Request(str(workspace.home / "in.csv")))
    assert (summary.landed, summary.kept) == (120_000, 120_000)


def test_what_is_copied_ahead_is_what_would_be_copied_later(tmp_path: Path) -> None:
    """A file for the quick reader, and one that only Python's takes."""
    rows = b"posted_date,work_city,project_type\n" + b"2025-06-01T10:00:00Z,Atlanta,Film\n2025-06-01,Atlanta,Film\n" * 20_000
    contents = {"plain.csv": rows, "odd.csv": rows + b"2025-06-02,\xff,Film\n"}
    files = []
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        aliases = json.dumps({column: column for column in ("posted_date", "work_city", "project_type")})
        files.append((str(tmp_path / name), Layout(**json.loads(inspect_file(str(tmp_path / name), aliases, None)))))

    def copied(path: str, layout: Layout) -> list[tuple[Any, ...]]:
        copy = copy_notices(path, json.dumps(layout.__dict__), f"{path}.parquet", True, None)
        return duckdb.sql(f"select work_city, row_problem, views from '{copy}' order by all").fetchall()

    with copying_ahead(files, tmp_path / "ahead", None):
        ahead = [copied(*file) for file in files]
        assert not list(tmp_path.glob("*.parquet"))
    assert ahead == [copied(*file) for file in files]
    (good,), odd = ahead
    assert (good[0], good[1], len(good[2]), good[2][0]["view_count"]) == ("Atlanta", None, 1, 40_000)
    assert [(row[1], row[2][0]["view_count"]) for row in odd] == [(None, 40_000), ("not_utf8", 1)]


def test_json_of_layouts_names_what_the_header_has() -> None:
    layout = json.loads(inspect_file(os.devnull, "{}", None))
    assert layout["problem"] == "file_empty"
