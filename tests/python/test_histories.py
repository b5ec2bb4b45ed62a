"""Whatever way the batches take, the end is the same: each history against the same batches loaded at once into an empty workspace."""

import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.python.conftest import Workshop, asset

pytestmark = pytest.mark.long  # whole histories of runs

INDUSTRIES = ["Cars", "Hair care", "Food", "Clothing"]


def batch(number: int, size: int = 12) -> list[dict[str, Any]]:
    chance = random.Random(number)
    return [asset(f"a{number}-{i}", round(chance.gauss(0.5, 0.2), 2), chance.choice(INDUSTRIES)) for i in range(size)]


FIRST_FIVE = {number: batch(number) for number in range(1, 6)}
BROKEN = '[{"id": "a'


def deliver_all(workshop: Workshop, batches: dict[int, Any]) -> None:
    for number, records in batches.items():
        workshop.deliver(number, records)


def one_at_a_time(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load_one_by_one()


def in_chunks(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load(through=2)
    workshop.load(through=4)
    workshop.load()


def out_of_order(workshop: Workshop) -> None:
    for number in (4, 2, 5, 1, 3):
        workshop.deliver(number, FIRST_FIVE[number])
        workshop.load()


def delivered_again(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load()
    for number, records in FIRST_FIVE.items():
        path = workshop.deliver(number, records)
        os.utime(path, (1_700_000_000 + number,) * 2)
    workshop.load()
    workshop.load(rehash=True)


def missing_batch_arrives_late(workshop: Workshop) -> None:
    deliver_all(workshop, {number: FIRST_FIVE[number] for number in (1, 2, 4, 5)})
    workshop.load()
    workshop.deliver(3, FIRST_FIVE[3])
    workshop.load()


def unreadable_file_repaired_later(workshop: Workshop) -> None:
    deliver_all(workshop, {**FIRST_FIVE, 3: BROKEN})
    assert workshop.load().exit_code == 3
    workshop.deliver(3, FIRST_FIVE[3])
    assert workshop.load().exit_code == 0


def unreadable_delivery_after_a_good_one(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load()
    workshop.deliver(3, BROKEN)
    assert workshop.load().exit_code == 3
    workshop.deliver(3, FIRST_FIVE[3])
    workshop.load()


def corrected(change: Callable[[list[Any]], list[Any]]) -> Callable[[Workshop], None]:
    """Load batch 3 in another version first."""

    def history(workshop: Workshop) -> None:
        deliver_all(workshop, {**FIRST_FIVE, 3: change(batch(3))})
        workshop.load()
        workshop.deliver(3, FIRST_FIVE[3])
        workshop.load()

    return history


def back_to_the_first_version(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load()
    workshop.deliver(3, batch(3)[:-2])
    workshop.load()
    workshop.deliver(3, FIRST_FIVE[3])
    workshop.load()


def var_changed_and_back(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.build(percentiles_window=2, percentiles_method="weak")
    workshop.load()


def full_refresh(workshop: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load(through=3)
    workshop.build("--full-refresh")


HISTORIES = [
    one_at_a_time,
    in_chunks,
    out_of_order,
    delivered_again,
    missing_batch_arrives_late,
    unreadable_file_repaired_later,
    unreadable_delivery_after_a_good_one,
    pytest.param(corrected(lambda records: [{**records[0], "score": 9.0}, *records[1:]]), id="score_changed"),
    pytest.param(corrected(lambda records: [*records, asset("extra", 0.7)]), id="asset_dropped"),
    pytest.param(corrected(lambda records: records[:-3]), id="asset_added"),
    back_to_the_first_version,
    var_changed_and_back,
    full_refresh,
]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    workshop = Workshop(tmp_path_factory.mktemp("straight"))
    deliver_all(workshop, FIRST_FIVE)
    workshop.load()
    return workshop


@pytest.mark.parametrize("history", HISTORIES)
def test_every_history_ends_in_the_same_tables(history: Callable[[Workshop], None], workshop: Workshop, straight: Workshop) -> None:
    history(workshop)
    assert workshop.derived() == straight.derived()


def same_end(tmp_path: Path, batches: dict[int, Any], order: list[int]) -> Workshop:
    """Load the batches in the order given, one by one, and compare with all at once. Returns the first."""
    slow, fast = Workshop(tmp_path / "slow"), Workshop(tmp_path / "fast")
    for number in order:
        slow.deliver(number, batches[number])
        slow.load()
    deliver_all(fast, batches)
    fast.load()
    assert slow.derived() == fast.derived()
    return slow


EVERYTHING_ELSE = {
    "drift": "select * from percentiles.score_drift",
    "distribution": "select * from percentiles.score_distribution",
    "score_alerts": "select * from percentiles.score_alerts",
    "alerts": "select * from operations.alerts",
    "batches": "select distinct batch_count from operations.table_growth where product = 'percentiles'",
}


def ends(workshop: Workshop) -> dict[str, Any]:
    """Return every table but the ledger, which also tells what was withdrawn, and the tables that tell of runs."""
    derived = {name: rows for name, rows in workshop.derived().items() if name != "ledger"}
    return derived | {name: workshop.query(sql) for name, sql in EVERYTHING_ELSE.items()}


def test_a_misnumbered_batch_is_told_and_withdrawn_by_an_empty_one(workshop: Workshop, straight: Workshop) -> None:
    deliver_all(workshop, FIRST_FIVE)
    workshop.load()
    misnumbered = workshop.deliver(2024, batch(6))
    summary = workshop.load()
    assert summary.exit_code == 3
    assert [note for note in summary.notes if "batch_2024.json" in note] == [
        "batch_2024.json is 2019 numbers above batch 5: if its number is wrong, "
        f"withdraw it with `echo \"[]\" > '{misnumbered}'` and load again."
    ]
    assert workshop.query("select count(*) from percentiles.score_history where computed_at_batch = 2024") == [(36,)]
    command = re.search("`(.*)`", summary.notes[-1])
    assert command is not None
    subprocess.run(["sh", "-c", command.group(1)], check=True)
    assert workshop.load().exit_code == 0
    assert ends(workshop) == ends(straight)
    assert (2024, "in_force", 0) in workshop.query("select batch_no, status, landed_count from percentiles.batch_ledger")


def test_a_batch_without_a_valid_row_takes_no_place_in_a_window(workshop: Workshop, straight: Workshop) -> None:
    """Neither an empty batch nor one whose rows were all rejected; the next batches reach over them to the same three."""
    spoilt = [{**record, "score": "error"} for record in batch(3)]
    renumbered = {1: batch(1), 2: [], 3: batch(2), 4: spoilt, 5: batch(3), 8: batch(4), 9: batch(5), 10: []}
    deliver_all(workshop, renumbered)
    workshop.load_one_by_one()
    windows = "select distinct computed_at_batch, window_from, window_to from percentiles.score_history"
    assert workshop.query(windows) == [(5, 1, 5), (8, 3, 8), (9, 5, 9)]
    scores = "select id, percentile from percentiles.scores"
    assert workshop.query(scores) == straight.query(scores)
    assert workshop.query("select reject_reason, count(*) from operations.quarantine group by 1") == [("score_not_numeric", 12)]


def test_later_score_of_the_same_id_supersedes_the_earlier_one_from_then_on(tmp_path: Path) -> None:
    batches = {n: batch(n) for n in range(1, 7)}
    batches[1].append(asset("twice", 0.1))
    batches[3].append(asset("twice", 0.9))
    batches[6].append(asset("far", 0.3))
    batches[1].append(asset("far", 0.2))
    workshop = same_end(tmp_path, batches, [3, 1, 6, 2, 5, 4])
    assert workshop.query("select id, score from percentiles.scores where id in ('twice', 'far')") == [("far", 0.3), ("twice", 0.9)]
    history = workshop.query("select computed_at_batch, batch_no, score from percentiles.score_history where id in ('twice', 'far')")
    assert history == [(3, 1, 0.2), (3, 3, 0.9), (4, 3, 0.9), (5, 3, 0.9), (6, 6, 0.3)]


def test_older_copy_is_back_when_a_correction_drops_the_later_one(workshop: Workshop) -> None:
    batches = {n: batch(n) for n in range(1, 6)}
    batches[1].append(asset("twice", 0.1))
    deliver_all(workshop, {**batches, 5: [*batches[5], asset("twice", 0.9)]})
    workshop.load()
    assert workshop.query("select score from percentiles.scores where id = 'twice'") == [(0.9,)]
    workshop.deliver(5, batches[5])
    workshop.load()
    ((score, percentile),) = workshop.query("select score, percentile from percentiles.scores where id = 'twice'")
    assert score == 0.1
    assert [(percentile,)] == workshop.query(
        "select percentile from percentiles.score_history where id = 'twice' and computed_at_batch = 3"
    )


def test_second_version_within_one_second_is_seen(workshop: Workshop) -> None:
    """File times are whole seconds: same name, size and time, other content."""
    deliver_all(workshop, FIRST_FIVE)
    path = workshop.deliver(5, [asset("a", 0.1)])
    os.utime(path, (4_000_000_000,) * 2)
    workshop.load()
    path = workshop.deliver(5, [asset("a", 0.2)])
    os.utime(path, (4_000_000_000,) * 2)
    workshop.load()
    assert workshop.query("select score from percentiles.scores where id = 'a'") == [(0.2,)]


def test_unchanged_files_are_not_opened_again(workshop: Workshop) -> None:
    """Content that changes under an unchanged, old time stamp stays unseen, until --rehash."""
    deliver_all(workshop, FIRST_FIVE)
    path = workshop.deliver(5, [asset("a", 0.1)])
    os.utime(path, (1_700_000_000,) * 2)
    workshop.load()
    path.write_text(path.read_text().replace("0.1", "0.2"))
    os.utime(path, (1_700_000_000,) * 2)
    workshop.load()
    assert workshop.query("select score from percentiles.scores where id = 'a'") == [(0.1,)]
    workshop.load(rehash=True)
    assert workshop.query("select score from percentiles.scores where id = 'a'") == [(0.2,)]


def test_before_the_third_batch_percentiles_are_null(workshop: Workshop) -> None:
    deliver_all(workshop, {1: batch(1), 2: batch(2)})
    workshop.load()
    assert workshop.query("select count(*), count(percentile) from percentiles.scores") == [(24, 0)]
    assert workshop.query("select count(*), count(percentile) from percentiles.scores_against_current_window") == [(24, 0)]


def test_batches_are_ordered_as_numbers_and_may_start_anywhere(workshop: Workshop) -> None:
    deliver_all(workshop, {n: batch(n) for n in (9, 10, 100, 2)})
    workshop.load_one_by_one()
    assert workshop.query("select distinct computed_at_batch, window_from, window_to from percentiles.score_history") == [
        (10, 2, 10),
        (100, 9, 100),
    ]


def test_a_restatement_keeps_what_it_replaced_and_names_the_cause(workshop: Workshop) -> None:
    deliver_all(workshop, {n: batch(n) for n in (1, 2, 4, 5)})
    workshop.load()
    before: dict[str, float] = dict(workshop.query("select id, percentile from percentiles.score_history where computed_at_batch = 4"))
    workshop.deliver(3, batch(3))
    workshop.load()
    after: dict[str, float] = dict(workshop.query("select id, percentile from percentiles.score_history where computed_at_batch = 4"))
    kept = workshop.query(
        "select id, percentile, replaced_by_percentile, cause from percentiles.score_history_superseded where computed_at_batch = 4"
    )
    assert {row[3] for row in kept} == {"late batch"}
    assert {row[0]: (row[1], row[2]) for row in kept if row[0] in after} == {
        id_: (before[id_], after[id_]) for id_ in before if id_ in after and id_ in {row[0] for row in kept}
    }
    assert {id_ for id_ in before if id_ not in after} == {row[0] for row in kept if row[2] is None}
    dropped, largest = workshop.query("select dropped_row_count, largest_change from percentiles.score_restatements where iteration = 4")[0]
    assert dropped == 12
    assert largest == pytest.approx(max(abs(after[i] - before[i]) for i in before if i in after))

    workshop.deliver(3, batch(3)[:-1])
    workshop.load()
    workshop.build(percentiles_method="strict")
    causes = workshop.query("select distinct cause from percentiles.score_restatements")
    assert causes == [("corrected batch",), ("late batch",), ("settings changed",)]


def test_what_was_replaced_survives_full_refresh_and_a_second_run_adds_nothing(workshop: Workshop) -> None:
    deliver_all(workshop, {n: batch(n) for n in (1, 2, 4, 5)})
    workshop.load()
    workshop.deliver(3, batch(3))
    workshop.load()
    superseded = workshop.query("select * from percentiles.score_history_superseded")
    landed = workshop.query("select * from staging.stg_percentiles__landed where not is_repeat")
    workshop.build("--full-refresh")
    workshop.load()
    assert superseded
    assert workshop.query("select * from percentiles.score_history_superseded") == superseded
    assert workshop.query("select * from staging.stg_percentiles__landed where not is_repeat") == landed
