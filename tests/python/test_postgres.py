"""Scores from a PostgreSQL table end in the same tables as the same scores from files, whatever comes late, corrected or odd."""

import json
import shutil
import socket
import ssl
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from callsheet.percentiles.postgres import Postgres, reading
from callsheet.runtime.errors import CallsheetError, UnusableInputError
from callsheet.workspace import Workspace

from benchmarks.deployment import migrate
from benchmarks.postgres import Server, server
from tests.python.conftest import DERIVED, Outcome, Workshop, asset

PASSWORD = "a-Password-nobody-may-see"  # noqa: S105 - of a server that asks for none


pytestmark = pytest.mark.long  # starts a server


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        if running is None:
            pytest.skip("there is no PostgreSQL under /usr/lib/postgresql")
        yield running


@pytest.fixture
def table(postgres: Server) -> Iterator[Server]:
    """Give an empty table scores of the usual types."""
    postgres.sql("create table scores (id text, score double precision, industry text, batch_no integer)")
    yield postgres
    postgres.sql("drop schema public cascade; create schema public")


def dsn(folder: object, user: str = "callsheet", database: str = "postgres") -> str:
    return f"postgresql://{user}:{PASSWORD}@/{database}?host={folder}"


def deliver(postgres: Server, inbox: Path, table: str = "scores") -> dict[str, int]:
    with reading(Postgres(dsn(postgres.folder), table)) as scores:
        return scores.deliver(inbox)


def held(inbox: Path) -> dict[str, object]:
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in inbox.iterdir()}


def test_only_new_and_corrected_batches_are_written(table: Server, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    table.sql(
        "insert into scores values ('b', 0.25, 'Hair care', 1), ('a', 1e-7, 'Clothing', 1), ('c', 0.1, 'Hair care', 3), "
        "('d', 0.5, 'Hair care', null)"
    )
    assert deliver(table, inbox) == {"rows without a batch_no": 1}
    first = {"batch_1.json": [asset("a", 1e-07, "Clothing"), asset("b", 0.25)], "batch_3.json": [asset("c", 0.1)]}
    assert held(inbox) == first
    stamps = {path.name: path.stat().st_mtime_ns for path in inbox.iterdir()}
    table.sql(
        "update scores set score = 0.75 where id = 'c';"
        "insert into scores values ('e', 0.5, 'Hair care', 2);"
        "delete from scores where batch_no = 1"
    )
    deliver(table, inbox)
    assert held(inbox) == {**first, "batch_2.json": [asset("e", 0.5)], "batch_3.json": [asset("c", 0.75)]}
    assert (inbox / "batch_1.json").stat().st_mtime_ns == stamps["batch_1.json"]  # gone from the table: it stays landed, and untouched
    stamps = {path.name: path.stat().st_mtime_ns for path in inbox.iterdir()}
    table.sql("update scores set industry = industry")  # other places in the table, the same rows
    deliver(table, inbox)
    assert {path.name: path.stat().st_mtime_ns for path in inbox.iterdir()} == stamps


def test_odd_values_reach_the_judge_as_they_are(table: Server, tmp_path: Path) -> None:
    table.sql(
        "insert into scores values ('nan', 'NaN', 'Hair care', 1), ('inf', '-Infinity', 'Hair care', 1), (null, 0.5, null, 1), "
        "('\"'';é\\', null, E'Be\\nauty', 1)"
    )
    deliver(table, tmp_path)
    assert sorted(held(tmp_path)["batch_1.json"], key=repr) == sorted(  # type: ignore[call-overload]
        [asset("nan", "NaN"), asset("inf", "-Infinity"), asset(None, 0.5, None), asset("\"';é\\", None, "Be\nauty")],  # type: ignore[arg-type]
        key=repr,
    )
    table.sql("create view texts as select id, '0.5' as score, industry, '7' as batch_no from scores where id = 'nan'")
    deliver(table, tmp_path, "texts")
    assert held(tmp_path)["batch_7.json"] == [asset("nan", "0.5")]


@pytest.fixture
def outbox(postgres: Server) -> Iterator[Server]:
    """Give the migrations of deploy/postgres, and one model that has begun."""
    migrate(postgres)
    postgres.sql("select begin_model('v7')")
    yield postgres
    postgres.sql("drop schema public cascade; create schema public")


def record(outbox: Server, id_: str, score: str = "0.5", more: str = "") -> None:
    outbox.sql(f"""select record_score('v7', '{{"id": "{id_}", "score": {score}, "industry": "Hair care"{more}}}')""")


def close(outbox: Server) -> list[str]:
    return outbox.sql("select coalesce(close_batch('v7', 1, '1 hour')::text, 'none')")


def test_the_deployments_outbox_is_read_by_closed_batches(outbox: Server, tmp_path: Path) -> None:
    for id_, score in (("a", "0.5"), ("b", '"error"'), ("a", "0.5")):
        record(outbox, id_, score, ', "frame": 7')
    assert close(outbox) == ["1"]
    record(outbox, "open", "1")
    assert deliver(outbox, tmp_path, "closed_scores_v7") == {"rows without a batch_no": 0}
    assert held(tmp_path) == {"batch_1.json": [asset("a", 0.5), asset("b", "error")]}


def test_a_score_that_commits_late_is_in_the_next_batch_of_the_outbox(outbox: Server, tmp_path: Path) -> None:
    with outbox.open_transaction("""select record_score('v7', '{"id": "late", "score": 1, "industry": "Hair care"}');"""):
        record(outbox, "early")
        assert close(outbox) == ["none"]  # the horizon is held back
    assert close(outbox) == ["1"]
    assert close(outbox) == ["none"]
    deliver(outbox, tmp_path, "closed_scores_v7")
    assert held(tmp_path) == {"batch_1.json": [asset("early", 0.5), asset("late", 1)]}


def test_a_day_of_the_outbox_leaves_without_halving_a_batch(outbox: Server, tmp_path: Path) -> None:
    outbox.sql("select make_outbox_days('2026-03-01', 3)")
    outbox.sql("select make_outbox_days('2026-03-02', 3)")  # again, further ahead
    for day, id_ in ((1, "a"), (2, "b"), (2, "c"), (3, "d")):
        if id_ == "c":
            close(outbox)  # the first batch reaches over midnight
        row = f"""('v7', '2026-03-0{day} 23:30+00', '{{"id": "{id_}", "score": 1, "industry": "Hair care"}}')"""
        outbox.sql(f"insert into score_outbox (model_version, written_at, payload) values {row}")
    deliver(outbox, tmp_path, "closed_scores_v7")
    first = {"batch_1.json": [asset("a", 1), asset("b", 1)]}
    assert held(tmp_path) == first
    with pytest.raises(SystemExit, match="1 rows of score_outbox_20260302 are in no closed batch"):
        outbox.sql("select drop_outbox_day('2026-03-02')")
    outbox.sql("select drop_outbox_day('2026-03-01')")
    close(outbox)
    deliver(outbox, tmp_path, "closed_scores_v7")
    assert held(tmp_path) == {**first, "batch_2.json": [asset("c", 1), asset("d", 1)]}
    assert outbox.sql("select count(*) from score_outbox_default") == ["0"]


def test_the_outbox_goes_on_after_a_logical_copy(outbox: Server, tmp_path: Path) -> None:
    record(outbox, "a")
    close(outbox)
    deliver(outbox, tmp_path, "closed_scores_v7")
    # On the new server ids start again: the ranges of the old batches would hold the new rows.
    outbox.sql("update score_batches set below_xid = '9000000000000' where batch_no = 1")
    outbox.sql("select begin_model_again('v7')")
    record(outbox, "b")
    assert close(outbox) == ["3"]
    deliver(outbox, tmp_path, "closed_scores_v7")
    assert held(tmp_path) == {"batch_1.json": [asset("a", 0.5)], "batch_3.json": [asset("b", 0.5)]}


def test_each_role_of_the_outbox_may_do_its_part_alone(outbox: Server) -> None:
    def may(role: str, sql: str) -> bool:
        try:
            outbox.sql(f"set role {role}; {sql}")
        except SystemExit as refused:
            assert "permission denied" in str(refused)
            return False
        return True

    outbox.sql("grant usage on schema public to public")
    statements = {
        "record": """select record_score('v7', '{"id": "a", "score": 1, "industry": "Cars"}')""",
        "close": "select close_batch('v7', 1, '1 hour')",
        "read": "select * from closed_scores_v7",
        "begin": "select begin_model('v8')",
        "drop": "select drop_outbox_day('2026-03-01')",
        "outbox": "select * from score_outbox",
        "results": "delete from inference_results",
    }
    allowed = {role: {name for name, sql in statements.items() if may(f"callsheet_{role}", sql)} for role in ("inference", "batcher")}
    assert allowed == {"inference": {"record"}, "batcher": {"close", "read"}}


@pytest.mark.parametrize(
    ("source", "code", "sentence"),
    [
        (Postgres("postgresql://u:pa/ss@h/x"), 2, "This is no DSN of PostgreSQL"),
        (Postgres(PASSWORD), 2, "This is no DSN of PostgreSQL"),
        (Postgres(""), 2, "This is no DSN of PostgreSQL"),
        (Postgres(f"postgresql://u:{PASSWORD}@localhost:1/x"), 1, "No PostgreSQL answers"),
        (Postgres(f"postgresql://u:{PASSWORD}@no.invalid/x"), 1, "No PostgreSQL answers"),
        (Postgres(dsn("FOLDER", user="nobody")), 2, "refuses this user or password"),
        (Postgres(dsn("FOLDER", database="nix")), 2, "no such database"),
        (Postgres(dsn("FOLDER"), "nix"), 2, "no table nix"),
        (Postgres(dsn("FOLDER"), "scores; drop table scores"), 1, "could not read"),
        (Postgres(dsn("FOLDER"), "short"), 2, "public.short has no column batch_no, industry"),
        (Postgres(dsn("FOLDER"), "negative"), 2, "public.negative has the batch_no -1"),
        (Postgres(dsn("FOLDER")), 2, "public.scores has no row with a batch_no"),
        (Postgres(dsn("FOLDER", user="guest")), 1, "could not read scores: permission denied"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_without_the_password(
    table: Server, tmp_path: Path, source: Postgres, code: int, sentence: str
) -> None:
    table.sql(
        "create view short as select id, score from scores;"
        "create view negative as select 'a' as id, 1 as score, 'x' as industry, -1 as batch_no;"
        "do $$ begin create role guest login; exception when duplicate_object then null; end $$; grant usage on schema public to guest"
    )
    with pytest.raises(CallsheetError) as raised, reading(replace(source, dsn=source.dsn.replace("FOLDER", str(table.folder)))) as scores:
        scores.deliver(tmp_path / "inbox")
    assert sentence in str(raised.value)
    assert raised.value.exit_code == code
    assert PASSWORD not in repr(raised.getrepr(style="long", showlocals=False))
    assert not (tmp_path / "inbox").exists()
    assert table.sql("select count(*) from pg_class where relname = 'scores'") == ["1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for a host that nothing here is called."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    for name, host in (("other", "other.example"), ("certificate", "elsewhere.example")):
        words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={host} -keyout key.pem -out {name}.pem"
        subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    return folder / "certificate.pem"


def greeter(answer: bytes, certificate: Path) -> tuple[socket.socket, int]:
    """Answer what libpq asks first, whether there is TLS, as a PostgreSQL server does, and go on to its handshake if there is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # the test closes it at its end, libpq when it does not like what it is shown
            while True:
                with listening.accept()[0] as connection, suppress(OSError):
                    connection.recv(8)
                    connection.sendall(answer)
                    if answer == b"S":
                        context.wrap_socket(connection, server_side=True).close()

    Thread(target=serve, daemon=True).start()
    return listening, listening.getsockname()[1]


@pytest.mark.parametrize(
    ("answer", "settings", "reason"),
    [
        (b"N", "sslmode=verify-full", "server does not support SSL, but SSL was required"),
        (b"S", "sslmode=verify-full", "root certificate file"),
        (b"S", "sslmode=verify-ca&sslrootcert=FOLDER/other.pem", "certificate verify failed"),
        (
            b"S",
            "sslmode=verify-full&sslrootcert=FOLDER/certificate.pem",
            'certificate for "elsewhere.example" does not match host name "127.0.0.1"',
        ),
    ],
)
def test_tls_that_fails_is_told_from_a_server_that_is_not_there(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, settings: str, reason: str
) -> None:
    monkeypatch.setenv("HOME", str(certificate.parent))  # no root certificate of the machine's own user
    settings = settings.replace("FOLDER", str(certificate.parent))
    listening, port = greeter(answer, certificate)
    source = Postgres(f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/x?{settings}")
    with listening, pytest.raises(UnusableInputError) as raised, reading(source):
        pass
    assert str(raised.value).startswith("PostgreSQL answers, but not over TLS as the DSN asks (")
    assert reason in str(raised.value)
    assert (str(raised.value).count("\n"), PASSWORD in str(raised.value)) == (0, False)


def test_it_ends_as_the_same_batches_from_files_and_hides_the_password(
    table: Server, workshop: Workshop, tmp_path: Path, run_script: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(home := tmp_path / "home"))
    arguments = ("--from-postgres", dsn(table.folder))
    table.sql(
        "insert into scores select 'b' || b || '_' || i, (i * 7 + b) % 40 / 40.0, 'Hair care', b "
        "from generate_series(1, 40) i, (values (1), (2), (4)) v (b)"
    )
    assert run_script("check", arguments[1]).out.startswith("Checked 3 new deliveries → nothing written: 120 rows landed, 120 kept")
    assert not home.exists()
    assert run_script("load_batches", *arguments).out.startswith("Loaded 3 new deliveries")
    table.sql(
        "insert into scores select 'b3_' || i, i / 50.0, 'Hair care', 3 from generate_series(1, 40) i;"
        "insert into scores values ('late', 0.5, 'Hair care', null);"
        "update scores set score = 'NaN' where id = 'b4_1'"
    )
    second = run_script("load_batches", *arguments, "--json")
    told = json.loads(second.out)
    assert (told["summary"], told["landed"], told["quarantined"]) == ("Loaded 2 new deliveries", 80, 1)
    assert told["details"]["rows without a batch_no"] == 1
    table.sql("create table other as select * from scores")
    refused = run_script("load_batches", *arguments, "--table", "other")
    assert (refused.code, "already holds the batches" in refused.err) == (2, True)
    (inbox,) = (home / "data" / "inbox").iterdir()
    assert [path for path in (inbox, *inbox.iterdir()) if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    own = Workspace(home, home / "data" / "callsheet.duckdb")
    for path in inbox.iterdir():
        workshop.deliver(int(path.stem.removeprefix("batch_")), path.read_bytes())
    workshop.load()
    with own.reading() as connection:
        derived = {name: sorted(connection.execute(sql).fetchall(), key=repr) for name, sql in DERIVED.items() if name != "ledger"}
    expected = workshop.derived()
    assert derived == {name: expected[name] for name in derived}
    assert [path for path in home.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()] == []
    assert PASSWORD not in second.out + second.err + refused.err
