"""What a person's own files look like: each bad file and row has its reason, nothing is lost, and a mistake gets one sentence."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.percentiles import reading
from callsheet.pulse import sentiment
from callsheet.runtime.errors import CallsheetError
from callsheet.workspace import PROJECT

from tests.python.conftest import AS_ANYBODY, Outcome, Workshop, asset, needs_setpriv

FIXTURES = Path(__file__).parent / "fixtures"
GOOD = [asset("good", 0.5)]
RunScript = Callable[..., Outcome]


def deliver_fixture(workshop: Workshop, number: int, name: str) -> None:
    workshop.deliver(number, (FIXTURES / name).read_bytes())


BAD_FILES = {
    "file_empty.json": "file_empty",
    "file_blank.json": "file_empty",
    "file_not_json.json": "file_not_json",
    "file_two_arrays.json": "file_not_json",
    "file_not_array.json": "file_not_array",
    "file_cut.json": "file_cut",
    "file_not_utf8_utf16.json": "file_not_utf8",
    "file_not_utf8_latin1.json": "file_not_utf8",
    "file_gzip.json": "file_not_utf8",
}


def test_each_bad_file_is_reported_and_the_good_ones_go_on(workshop: Workshop, run_script: RunScript) -> None:
    for number, name in enumerate(BAD_FILES, start=10):
        deliver_fixture(workshop, number, name)
    for number in (1, 2, 3, 30):
        workshop.deliver(number, [asset(f"good{number}", 0.5)])
    outcome = run_script("load_batches", "--batches", workshop.inbox, "--database", workshop.workspace.database)
    assert outcome.code == 3
    reported: dict[str, str] = dict(workshop.query("select file_name, reject_reason from operations.quarantine where position = 0"))
    assert reported == {f"batch_{number}.json": BAD_FILES[name] for number, name in enumerate(BAD_FILES, start=10)}
    for file_name in reported:
        assert f"look: The newest delivery of {file_name} is not used" in outcome.out
    assert workshop.query("select id, percentile from percentiles.scores") == [(f"good{n}", 50.0) for n in (1, 2, 3, 30)]
    assert workshop.query("select count(distinct computed_at_batch) from percentiles.score_history") == [(2,)]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("readable_bom_crlf.json", ["g1", "g2"]),
        ("readable_empty_array.json", []),
        ("readable_nested_and_extra_fields.json", ["n1"]),
    ],
)
def test_odd_but_readable_files_are_read(name: str, ids: list[str], workshop: Workshop) -> None:
    deliver_fixture(workshop, 1, name)
    assert workshop.load().exit_code == 0
    assert workshop.query("select id from percentiles.scores") == [(id_,) for id_ in ids]
    assert workshop.query("select status from percentiles.batch_ledger") == [("in_force",)]


@pytest.mark.long
def test_a_file_many_times_larger_than_a_piece_lands_in_little_memory(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """24 MB at 300 MB; by hand 320 MB at 1 GB. Records hold what looks like the end of a record, and half of a character."""
    monkeypatch.setenv("CALLSHEET_MEMORY", "300MB")
    records = [asset(f"01K7SAC5GC0JPTQJ{i:010}", i % 997 / 997) for i in range(290_000)]
    for i in range(0, 290_000, 1000):
        records[i]["note"] = '}, {"id": [\\"'
        records[i]["views"] = [{"day": 1}, {"day": 2}]
    records[150_000]["id"] = "\ud800"
    path = workshop.deliver(1, records)
    assert path.stat().st_size > 22_000_000
    workshop.deliver(2, [asset("after it", 0.5)])
    summary = workshop.load()
    assert (summary.landed, summary.kept, summary.quarantined) == (290_001, 290_000, 1)
    landed = "select count(distinct position), min(position), max(position) from staging.stg_percentiles__landed where batch_no = 1"
    assert workshop.query(landed) == [(290_001, 0, 290_000)]
    assert workshop.query("select position, reject_reason from operations.quarantine") == [(150_001, "character_unusable")]
    ((payload,),) = workshop.query("select payload from staging.stg_percentiles__landed where position = 289001")
    assert json.loads(payload) == records[289_000]


RECORD = b'{"id": "a", "score": 0.5, "industry": "Food"}'


@pytest.mark.parametrize(
    ("text", "problem", "count"),
    [
        (b"[]", None, 0),
        (b"[%s, \n%s , %s]\n" % (RECORD, RECORD, RECORD), None, 3),
        (b"\xef\xbb\xbf [%s,%s,]" % (RECORD, RECORD), None, 2),  # a comma too many at the end: DuckDB takes it
        (b'[1, null, "],[", [2, {"a": [3]}], {"b": "\\\\\\"},{"}]', None, 5),
        (b'["\xc3\xa9", "\\ud800", {}]', None, 3),
        (b"[%s,,%s]" % (RECORD, RECORD), "file_not_json", 0),
        (b"[%s %s]" % (RECORD, RECORD), "file_not_json", 0),
        (b"[,%s]" % RECORD, "file_not_json", 0),
        (b"[%s],[%s]" % (RECORD, RECORD), "file_not_json", 0),
        (b"[%s, {]" % RECORD, "file_not_json", 0),
        (b"[%s, %s" % (RECORD, RECORD), "file_cut", 0),
        (b"[%s, {'a'" % RECORD, "file_cut", 0),
        (b"[%s, \xff]" % RECORD, "file_not_utf8", 0),
        (b"[%s, \xc3" % RECORD, "file_not_utf8", 0),
        (b'{"a": [%s, %s]}' % (RECORD, RECORD), "file_not_array", 0),
        (b"%s\n%s" % (RECORD, RECORD), "file_not_json", 0),
        (b" \r\n", "file_empty", 0),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 50, 4_000_000])
def test_wherever_a_file_is_cut_its_records_and_its_verdict_are_the_same(
    piece: int, text: bytes, problem: str | None, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECE", piece)
    found, records = reading.read_batch(text)
    assert found == problem
    assert len(records or []) == count
    if count and b"ud800" not in text and not text.endswith(b",]"):
        assert [json.loads(record) for record in records or []] == json.loads(text.decode("utf-8-sig"))


def test_each_bad_row_has_its_reason_and_nothing_is_lost(workshop: Workshop) -> None:
    deliver_fixture(workshop, 1, "bad_rows.json")
    summary = workshop.load()
    with (FIXTURES / "bad_rows_expected.csv").open() as lines:
        expected = {int(row["position"]): row["reject_reason"] or None for row in csv.DictReader(lines)}
    judged: dict[int, str | None] = dict(workshop.query("select position, reject_reason from intermediate.int_percentiles__judge_records"))
    assert judged == expected
    rejected = {position: reason for position, reason in expected.items() if reason}
    assert dict(workshop.query("select position, reject_reason from operations.quarantine")) == rejected
    assert (summary.landed, summary.kept, summary.quarantined) == (len(expected), len(expected) - len(rejected), len(rejected))
    assert summary.exit_code == 3
    # The raw records are kept as they were, whatever became of them.
    payloads = [
        row[1] for row in sorted(workshop.query("select position, payload from staging.stg_percentiles__landed where position > 0"))
    ]
    source = [line.rstrip(",") for line in (FIXTURES / "bad_rows.json").read_text().splitlines()[1:-1]]
    assert [as_written(payload) for payload in payloads] == [as_written(line) for line in source]


def test_half_a_character_or_a_nul_costs_its_row_and_the_public_csv_stays_text(
    workshop: Workshop, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(workshop.root))
    deliver_fixture(workshop, 1, "readable_half_characters.json")
    assert run_script("load_batches", "--batches", workshop.inbox).code == 3
    rejected: dict[int, str] = dict(workshop.query("select position, reject_reason from operations.quarantine"))
    assert rejected == {**dict.fromkeys((2, 3, 4, 5, 9, 10), "character_unusable"), 11: "record_not_object"}
    kept = ["\\ud800 and \\u0000 spelt out", "key", "note", "whole 😀"]
    assert sorted(row[0] for row in workshop.query("select id from percentiles.scores")) == kept
    # What was delivered can be read out of what was kept of it.
    ((payload,),) = workshop.query("select payload from staging.stg_percentiles__landed where position = 3")
    assert json.loads(payload)["id"] == "half \x00uDC00 low"
    assert run_script("publish").code == 0
    (written,) = workshop.workspace.published.rglob("scores.csv")
    assert b"\0" not in written.read_bytes()
    assert [row["id"] for row in csv.DictReader(written.read_text(encoding="utf-8").splitlines())] == kept


def as_written(text: str) -> object:
    """Parse JSON; NaN, which equals nothing, stays a text."""
    return json.loads(text, parse_constant=str)


def test_scores_outside_0_to_1_are_kept_as_they_are(workshop: Workshop) -> None:
    deliver_fixture(workshop, 1, "bad_rows.json")
    workshop.load()
    rows: dict[str, float] = dict(workshop.query("select id, score from percentiles.scores"))
    assert (rows["ok1"], rows["ok2"], rows["ok3"], rows["7"], rows["ok4"], rows[" spaced "]) == (-0.75, 1.75, 0.5, 10000.0, 1e-300, 0.5)


@pytest.mark.long
def test_more_than_five_percent_rejected_rows_ask_for_a_look(workshop: Workshop, run_script: RunScript) -> None:
    records = [asset(f"a{i}", 0.5) for i in range(95)]
    workshop.deliver(1, records + [asset(f"b{i}", "error") for i in range(5)])
    assert workshop.load().exit_code == 0
    workshop.deliver(2, [{**record, "id": record["id"] + "x"} for record in records] + [asset(f"b{i}", "error") for i in range(6)])
    outcome = run_script("load_batches", "--batches", workshop.inbox, "--database", workshop.workspace.database, "--json")
    assert outcome.code == 3
    assert json.loads(outcome.out)["notes"] == [
        "6 of 101 rows of batch_2.json are in quarantine: operations.quarantine names the reason of each."
    ]
    assert workshop.load().exit_code == 0  # the same alert is not new again


@pytest.mark.long
def test_two_files_of_one_number_are_told_apart_in_any_order(tmp_path: Path) -> None:
    ends = []
    for order in (("batch_7.json", "batch_07.json"), ("batch_07.json", "batch_7.json")):
        workshop = Workshop(tmp_path / order[0])
        for name in order:
            (workshop.inbox / name).write_text(json.dumps([asset(name, 0.5)]))
            workshop.load()
        ends.append(workshop.derived())
        assert workshop.query("select id from percentiles.scores") == [("batch_7.json",)]
        assert workshop.query("select file_name, reject_reason from operations.quarantine") == [("batch_07.json", "batch_number_taken")]
    assert ends[0] == ends[1]


def test_check_judges_everything_and_writes_nothing(workshop: Workshop, run_script: RunScript) -> None:
    deliver_fixture(workshop, 1, "bad_rows.json")
    outcome = run_script("check", workshop.inbox, "--json")
    assert outcome.code == 3
    report = json.loads(outcome.out)
    assert report["landed"] == report["kept"] + report["quarantined"] > 40
    assert report["written_to"] == "nothing written"
    assert not workshop.workspace.database.exists()


@pytest.mark.long
def test_a_folder_with_quotes_and_brackets_in_its_name_is_read(workshop: Workshop) -> None:
    workshop.inbox = workshop.root / "client's [new] *files?"
    workshop.inbox.mkdir()
    workshop.deliver(1, GOOD)
    workshop.load()
    workshop.deliver(2, GOOD)
    workshop.load()
    assert workshop.query("select batch_no, id from percentiles.latest_scores") == [(2, "good")]


@pytest.fixture
def loaded(workshop: Workshop) -> Workshop:
    workshop.deliver(1, GOOD)
    workshop.load()
    return workshop


def refused(outcome: Outcome, code: int, *words: str) -> None:
    """Check that a mistake got one sentence, the exit code, and no traceback."""
    assert outcome.code == code
    assert outcome.err.count("\n") == 1, outcome.err
    assert outcome.err.startswith("callsheet: ")
    assert "Traceback" not in outcome.err
    for word in words:
        assert word in outcome.err


def test_no_folder_no_batches_and_an_empty_file_are_refused(tmp_path: Path, run_script: RunScript) -> None:
    database = tmp_path / "x.duckdb"
    missing, empty, file = tmp_path / "missing", tmp_path / "empty", tmp_path / "batch_1.json"
    empty.mkdir()
    file.write_text("[]")
    refused(run_script("load_batches", "--batches", missing, "--database", database), 2, "There is no folder", "--batches")
    refused(run_script("load_batches", "--batches", empty, "--database", database), 2, "No batch_<N>.json in")
    refused(run_script("load_batches", "--batches", file, "--database", database), 2, "it holds nothing")
    (empty / "batch_5.json").write_text("[]")
    refused(run_script("load_batches", "--batches", empty, "--through", 4, "--database", database), 2, "No batch up to 4", "first is 5")
    assert not database.exists()


def test_another_dataset_in_the_database_is_refused_and_nothing_changes(loaded: Workshop, tmp_path: Path, run_script: RunScript) -> None:
    other = Workshop(tmp_path / "other")
    other.deliver(1, [asset("other", 0.1)])
    before = loaded.derived()
    outcome = run_script("load_batches", "--batches", other.inbox, "--database", loaded.workspace.database)
    refused(outcome, 2, "already holds the batches of", "--database", "CALLSHEET_HOME")
    # The same through plain dbt, which has no script to ask first.
    with pytest.raises(Exception, match=r"already holds the batches of .* keep another dataset in another database"):
        loaded.build(percentiles_batches=str(other.inbox))
    assert loaded.derived() == before


def test_without_a_folder_the_one_it_already_holds_is_read(loaded: Workshop, run_script: RunScript) -> None:
    loaded.deliver(2, [asset("second", 0.1)])
    assert run_script("load_batches", "--database", loaded.workspace.database).code == 0
    assert loaded.query("select id from percentiles.scores") == [("good",), ("second",)]


def test_publishing_before_building_is_refused(tmp_path: Path, run_script: RunScript) -> None:
    refused(run_script("publish", "--database", tmp_path / "none.duckdb"), 2, "nothing to publish", "make run")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, run_script: RunScript, workshop: Workshop) -> None:
    text = tmp_path / "notes.duckdb"
    text.write_text("not a database, but long enough to be taken for one " * 100)
    workshop.deliver(1, GOOD)
    refused(run_script("load_batches", "--batches", workshop.inbox, "--database", text), 2, "is not a DuckDB database")
    assert text.read_text().startswith("not a database")


def test_a_memory_limit_that_is_none_is_refused(workshop: Workshop, run_script: RunScript, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.deliver(1, GOOD)
    monkeypatch.setenv("CALLSHEET_MEMORY", "lots")
    refused(run_script("load_batches", "--batches", workshop.inbox, "--database", workshop.workspace.database), 2, "'lots'", "such as 4GB")


@pytest.fixture
def locked(loaded: Workshop) -> Iterator[tuple[Workshop, int]]:
    """Hold the database open in another process."""
    code = "import sys, duckdb, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(600)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(loaded.workspace.database)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    yield loaded, holder.pid
    holder.kill()
    holder.wait()


def test_a_locked_database_names_the_process_that_holds_it(locked: tuple[Workshop, int], run_script: RunScript) -> None:
    workshop, holder = locked
    refused(run_script("load_batches", "--database", workshop.workspace.database), 1, f"in use by process {holder}")
    refused(run_script("publish", "--database", workshop.workspace.database), 1, f"in use by process {holder}")


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (ValueError("no word list\nfor this language"), "ValueError: no word list"),
        (CallsheetError("There is no word list."), "There is no word list."),
    ],
)
def test_a_python_model_that_fails_says_of_what(problem: Exception, told: str, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise problem

    monkeypatch.setattr(sentiment, "score_table", fail)
    with pytest.raises(CallsheetError, match=f"^The Python model int_pulse__score_texts failed: {re.escape(told)} \\("):
        workshop.build("--select", "+int_pulse__score_texts", "--exclude-resource-type", "test", "unit_test")


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk of four megabytes")
def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path, run_script: RunScript) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        workshop = Workshop(tmp_path)
        workshop.deliver(1, GOOD)
        database = small / "callsheet.duckdb"
        assert run_script("load_batches", "--batches", workshop.inbox, "--database", database).code == 0
        workshop.deliver(2, [asset(f"{os.urandom(40).hex()}", i / 7) for i in range(40_000)])
        refused(run_script("load_batches", "--database", database), 1, "No space is left", "nothing was lost")
        with duckdb.connect(str(database), read_only=True) as connection:
            assert connection.execute("select id from percentiles.scores").fetchall() == [("good",)]
    finally:
        subprocess.run(["umount", str(small)], check=True)


@needs_setpriv
def test_no_permission_is_one_sentence(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    home.mkdir()
    inbox.mkdir()

    def refusal() -> str:
        command = [*AS_ANYBODY, sys.executable, str(PROJECT / "scripts" / "load_batches.py"), "--batches", str(inbox)]
        ran = subprocess.run(command, env={**os.environ, "CALLSHEET_HOME": str(home)}, check=False, capture_output=True, text=True)
        assert ran.returncode == 2, ran.stderr
        return ran.stderr

    (inbox / "batch_1.json").write_text("[]")
    (inbox / "batch_1.json").chmod(0)
    assert "No permission to read" in refusal()
    (inbox / "batch_1.json").chmod(0o644)
    inbox.chmod(0)
    assert f"No permission for {inbox}" in refusal()
    inbox.chmod(0o755)
    home.chmod(0o500)
    assert "No permission for" in refusal()


@pytest.mark.parametrize("folder", ["what?", "no#1"])
def test_a_home_that_dbt_takes_for_a_url_is_refused_before_anything_is_written(
    folder: str, tmp_path: Path, run_script: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path / folder))
    ended = run_script("load_batches")
    assert (ended.code, list(tmp_path.iterdir())) == (2, [])
    assert f"has a {folder.strip('whatno1')} in its path, which dbt cannot use" in ended.err
