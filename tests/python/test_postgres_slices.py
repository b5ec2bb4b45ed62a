"""A plain table that somebody else writes, read as slices of time: the end is what one reading of the table at rest gives."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from callsheet.percentiles.postgres import Postgres, Slices, names_of, reading, seconds_of
from callsheet.runtime.errors import UnusableInputError

from benchmarks.postgres import CLOCK, Server, server

pytestmark = pytest.mark.long  # starts a server

COLUMNS = ("asset", "value", "segment")
NOON = 1_800_000_000 // 3600  # the number of an hour
TABLE = "create table results (asset text, value double precision, segment text, at timestamptz)"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        if running is None:
            pytest.skip("there is no PostgreSQL under /usr/lib/postgresql")
        running.sql(CLOCK)
        yield running


@pytest.fixture
def table(postgres: Server) -> Iterator[Server]:
    postgres.sql(TABLE)
    yield postgres
    postgres.sql("drop table results cascade")


def deliver(table: Server, inbox: Path, hour: float, grace_hours: int = 3, compare_all: bool = False) -> dict[str, int]:
    """Read the table when the server's clock shows so many hours since 1970."""
    table.set_clock(hour)
    slices = Slices("at", 3600, grace_hours * 3600, compare_all)
    with reading(Postgres(table.clock_dsn, "results", COLUMNS, slices)) as scores:
        return scores.deliver(inbox)


def row(asset: str, hour: float, value: float = 0.5) -> str:
    return f"('{asset}', {value}, 'Cars', to_timestamp({hour * 3600}))"


def held(inbox: Path) -> dict[int, list[str]]:
    """Return the assets with their scores in each batch that is not empty."""
    batches = {int(path.stem[6:]): json.loads(path.read_text(encoding="utf-8")) for path in inbox.glob("batch_*.json")}
    return {number: [f"{record['id']}={record['score']}" for record in records] for number, records in sorted(batches.items()) if records}


def test_only_slices_that_have_ended_are_batches_under_the_number_of_their_hour(table: Server, tmp_path: Path) -> None:
    table.sql(
        f"insert into results values {row('b', NOON)}, {row('a', NOON + 0.99)}, {row('c', NOON + 2)}, {row('open', NOON + 3)}, "
        "('never', 1, 'Cars', null), ('forever', 1, 'Cars', 'infinity'), ('before', 1, 'Cars', '-infinity')"
    )
    assert deliver(table, tmp_path, NOON + 3.5) == {"rows in a slice that goes on": 2, "rows without a time": 2}
    assert held(tmp_path) == {NOON: ["a=0.5", "b=0.5"], NOON + 2: ["c=0.5"]}
    assert json.loads((tmp_path / f"batch_{NOON + 2}.json").read_text()) == [{"id": "c", "score": 0.5, "industry": "Cars"}]
    deliver(table, tmp_path, NOON + 4)
    assert held(tmp_path)[NOON + 3] == ["open=0.5"]


def test_what_changes_within_the_grace_is_a_corrected_batch_and_nothing_else_is_written(table: Server, tmp_path: Path) -> None:
    table.sql("insert into results values " + ", ".join(row(f"a{hour}", NOON + hour) for hour in range(10)))
    deliver(table, tmp_path, NOON + 10)
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    table.sql(
        f"insert into results values {row('late', NOON + 6)}; update results set value = 0.75 where asset = 'a8';"
        "delete from results where asset = 'a7'; update results set value = 0.25 where asset = 'a1'"
    )
    deliver(table, tmp_path, NOON + 10.5)
    changed = {path.name for path in tmp_path.iterdir() if stamps.get(path.name) != path.stat().st_mtime_ns}
    assert changed == {f"batch_{NOON + hour}.json" for hour in (6, 7, 8)}
    now = held(tmp_path)
    assert (now[NOON + 6], now.get(NOON + 7), now[NOON + 8], now[NOON + 1]) == (["a6=0.5", "late=0.5"], None, ["a8=0.75"], ["a1=0.5"])
    deliver(table, tmp_path, NOON + 10.5, compare_all=True)
    assert held(tmp_path)[NOON + 1] == ["a1=0.25"]


def test_neither_a_pause_nor_a_clock_that_jumps_leaves_a_hole(table: Server, tmp_path: Path) -> None:
    table.sql(f"insert into results values {row('first', NOON)}")
    deliver(table, tmp_path, NOON + 1)
    table.sql("insert into results values " + ", ".join(row(f"p{hour}", NOON + hour) for hour in range(1, 100)))
    deliver(table, tmp_path, NOON + 100)  # no load for longer than the grace
    assert len(held(tmp_path)) == 100
    deliver(table, tmp_path, NOON + 9000)  # the clock jumps ahead and nobody writes, then back and somebody does
    table.sql(f"insert into results values {row('after', NOON + 99.5)}")
    deliver(table, tmp_path, NOON + 100.2)
    assert held(tmp_path)[NOON + 99] == ["after=0.5", "p99=0.5"]
    table.sql(f"insert into results values {row('ahead', NOON + 9001)}")  # a writer's clock is ahead: it waits
    deliver(table, tmp_path, NOON + 101)
    assert NOON + 9001 not in held(tmp_path)
    table.sql("delete from results where asset in ('p98', 'p99')")  # the server's clock goes back behind what is held
    deliver(table, tmp_path, NOON + 97)
    assert held(tmp_path).get(NOON + 98) is None
    assert held(tmp_path)[NOON + 99] == ["after=0.5"]


def test_a_delivery_that_is_killed_while_a_slice_vanishes_is_mended_by_the_next(
    table: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.sql(f"insert into results values {row('a', NOON)}, {row('b', NOON + 1)}")
    deliver(table, tmp_path, NOON + 2)
    table.sql(
        "delete from results where asset = 'a'; insert into results values " + ", ".join(row(f"n{i}", NOON + i) for i in range(2, 60))
    )
    left = [31]
    replace = Path.replace

    def replace_or_stop(path: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_or_stop)
    with pytest.raises(KeyboardInterrupt):
        deliver(table, tmp_path, NOON + 60)
    monkeypatch.undo()
    deliver(table, tmp_path, NOON + 60)
    deliver(table, whole := tmp_path / "whole", NOON + 60)
    assert held(tmp_path) == held(whole)


@pytest.mark.parametrize("seed", range(4))
def test_a_history_of_changes_within_the_grace_ends_as_one_reading_at_rest(table: Server, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    hour, inbox = float(NOON), tmp_path / "inbox"
    table.sql(f"insert into results values {row('begin', NOON - 5)}")  # without a slice that has ended there is nothing to load
    for step in range(40):
        recent = f"at > to_timestamp({(hour - 2) * 3600})"
        statements = [
            f"insert into results values {row(f'i{step}', hour - chance.random() * 2, round(chance.random(), 2))}",
            f"insert into results select 'm{step}_' || i, i / 10.0, 'Cars', to_timestamp({hour * 3600}) from generate_series(1, 5) i",
            f"update results set value = value + 1 where {recent} and random() < 0.5",
            f"update results set at = at - interval '30 minutes' where {recent} and random() < 0.3",
            f"delete from results where {recent} and random() < 0.3",
        ]
        table.sql("; ".join(chance.sample(statements, 2)))
        hour += chance.choice([0.1, 0.5, 0.5, 2, 5, -0.2])
        if chance.random() < 0.7:
            deliver(table, inbox, hour, grace_hours=4)
    deliver(table, inbox, hour + 1, grace_hours=4)
    deliver(table, tmp_path / "whole", hour + 1)
    assert held(inbox) == held(tmp_path / "whole")


def test_names_are_never_sql(table: Server, tmp_path: Path) -> None:
    table.sql('alter table results rename asset to "as""set; --"')
    table.sql(f"insert into results values {row('a', NOON - 5000)}")
    with reading(Postgres(table.dsn, "results", ('as"set; --', "value", "segment"), Slices("at"))) as scores:
        scores.deliver(tmp_path)
    assert held(tmp_path)[NOON - 5000] == ["a=0.5"]


@pytest.mark.parametrize(
    ("columns", "time", "sentence"),
    [
        ("asset,value,segment", "nix", "has no column nix: name yours with --columns and --time"),
        ("id,score,industry", "at", "has no column id, industry, score"),
        ("asset,value,segment", "value", "has value as double precision: name a timestamp with --time"),
    ],
)
def test_what_cannot_be_cut_is_one_sentence(table: Server, columns: str, time: str, sentence: str) -> None:
    source = Postgres(table.dsn, "results", names_of(columns), Slices(time))
    with pytest.raises(UnusableInputError, match=sentence), reading(source):
        pass


def test_lengths_are_said_as_people_say_them() -> None:
    assert [seconds_of(text, "--slice") for text in ("1m", "15m", "1h", "2d")] == [60, 900, 3600, 172_800]
    for text in ("0m", "367d", "1", "h", "1.5h", "-1h", "1s", "2w", ""):
        with pytest.raises(UnusableInputError, match="--slice is"):
            seconds_of(text, "--slice")
    with pytest.raises(UnusableInputError, match="name three"):
        names_of("a,b")
