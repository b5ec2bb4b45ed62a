"""What `callsheet publish --to-postgres` leaves in PostgreSQL is what the database holds, and only what changed is written."""

from collections.abc import Iterator

import pytest
from callsheet.percentiles.loading import Request, load
from callsheet.percentiles.postgres import Postgres, Slices
from callsheet.percentiles.serving import TABLES, serve
from callsheet.runtime.errors import CallsheetError, UnusableInputError
from callsheet.runtime.postgres import Place

from benchmarks.postgres import Server, server
from tests.python.conftest import Workshop, asset

pytestmark = pytest.mark.long  # starts a server


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        if running is None:
            pytest.skip("there is no PostgreSQL under /usr/lib/postgresql")
        yield running


def place(postgres: Server, command: str | None = None) -> Place:
    return Place(f"postgresql://callsheet@/postgres?host={postgres.folder}", command)


def same_rows(postgres: Server, workshop: Workshop, schema: str) -> None:
    for table in TABLES:
        columns = ", ".join(table.columns)
        there = postgres.run("psql", *postgres.session, text=f'select {columns} from "{schema}".{table.name} order by {table.key}')
        here = workshop.query(f"select {columns} from {table.source} order by {table.key}")
        assert [tuple(map(str, row)) for row in here] == [
            tuple(str(type(value)(text)) if value is not None else "None" for text, value in zip(line.split("|"), row, strict=True))
            for line, row in zip(there.splitlines(), here, strict=True)
        ]


def test_changed_partitions_alone_are_written_and_the_end_is_what_is_here(postgres: Server, workshop: Workshop) -> None:
    schema = 'its "own"; drop'
    for number in range(1, 6):
        workshop.deliver(number, [asset(f"a{number}_{i}", i / 7) for i in range(8)])
    workshop.load()
    assert serve(workshop.workspace, place(postgres), schema) == {"scores": 5, "score_history": 3}
    assert serve(workshop.workspace, place(postgres), schema) == {"scores": 0, "score_history": 0}
    workshop.deliver(6, [asset(f"a6_{i}", i / 5) for i in range(8)] + [asset("a1_0", 0.9)])
    workshop.load()
    # Batches 4 to 6 get percentiles of the new window; batch 1 loses the asset that came again.
    assert serve(workshop.workspace, place(postgres), schema) == {"scores": 4, "score_history": 1}
    workshop.deliver(6, b"[]")
    workshop.load()
    serve(workshop.workspace, place(postgres), schema)
    quoted = schema.replace('"', '""')
    same_rows(postgres, workshop, quoted)


def test_readers_see_the_state_before_or_after(postgres: Server, workshop: Workshop) -> None:
    for number in range(1, 4):
        workshop.deliver(number, [asset(f"a{number}_{i}", i / 7) for i in range(8)])
    workshop.load()
    serve(workshop.workspace, place(postgres), "served")
    postgres.sql(
        "create function served.stop() returns trigger language plpgsql as $$ begin raise exception 'stopped half way'; end $$;"
        "create trigger stop before insert on served.score_history execute function served.stop()"
    )
    workshop.deliver(4, [asset(f"a4_{i}", i / 7) for i in range(8)])
    workshop.load()
    with pytest.raises(CallsheetError, match="PostgreSQL could not be written to: stopped half way"):
        serve(workshop.workspace, place(postgres), "served")
    assert postgres.sql("select count(*) from served.scores") == ["24"]  # scores had been written before: nothing of it is there
    postgres.sql("drop trigger stop on served.score_history")
    assert serve(workshop.workspace, place(postgres), "served") == {"scores": 3, "score_history": 1}
    same_rows(postgres, workshop, "served")


def test_what_was_written_back_is_never_read_for_the_table_of_scores(postgres: Server, workshop: Workshop) -> None:
    postgres.sql(
        "create table scores (id text, score double precision, industry text, batch_no integer);"
        "insert into scores select 'a' || b || '_' || i, i / 10.0, 'Cars', b from generate_series(1, 8) i, generate_series(1, 3) b"
    )
    source = Request(postgres=Postgres(place(postgres).dsn))
    load(workshop.workspace, source)
    serve(workshop.workspace, place(postgres), "callsheet")  # the user's own name: it comes before public on the search path
    postgres.sql("insert into public.scores values ('late', 0.5, 'Cars', 3)")
    assert load(workshop.workspace, source).kept == 9
    postgres.sql("drop table public.scores; drop schema callsheet cascade")


def test_a_password_comes_from_a_command_and_is_never_repeated(postgres: Server) -> None:
    with place(postgres, "printf tok%en&x=1").transaction("be read") as cursor:
        cursor.execute("select 1")
    for command, sentence in (
        ("sh -c 'echo secret; echo secret >&2; exit 3'", "ended with 3"),
        ("true", "printed nothing"),
        ("/no/such/program", "cannot be run"),
        ("unbalanced '", "cannot be run"),
    ):
        with pytest.raises(CallsheetError, match=sentence) as raised, place(postgres, command).transaction("be read"):
            pass
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize("dsn", ["mysql://u@h/x", "jdbc:mysql://h/x", "jdbc:aws-mysql://h/x", "mariadb://h/x"])
def test_mysql_is_refused_in_one_sentence(dsn: str) -> None:
    with pytest.raises(UnusableInputError, match="MySQL-compatible Aurora is not read"), Place(dsn).transaction("be read"):
        pass


def test_the_size_of_a_plain_table_is_in_table_growth(postgres: Server, workshop: Workshop) -> None:
    postgres.sql(
        "create table plain (asset text primary key, value double precision, segment text, at timestamptz);"
        "insert into plain select 'a' || i, i / 500.0, 'Cars', '2026-01-01'::timestamptz + i * interval '1 minute' "
        "from generate_series(1, 500) i;"
        "delete from plain where value < 0.1"
    )
    postgres.sql("analyze plain")  # in a session of its own: counts that the first had yet to report would come on top
    source = Postgres(place(postgres).dsn, "plain", ("asset", "value", "segment"), Slices("at"))
    load(workshop.workspace, Request(postgres=source, yes=True))
    size, index_size = postgres.sql("select pg_total_relation_size('plain'), pg_indexes_size('plain')")
    rows = workshop.query(
        "select table_name, batch_count, row_count, byte_count, index_byte_count, dead_row_count, batches_to_limit > 0 "
        "from operations.table_growth where table_schema = 'postgres'"
    )
    assert rows == [("public.plain", 9, 451, int(size), int(index_size), 49, True)]
