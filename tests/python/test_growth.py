"""How tables grow: exact counts, a projection that can be checked by hand, and a retention that loses nothing."""

from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import Workshop, asset

pytestmark = pytest.mark.long  # many builds

HISTORY = "select * from percentiles.score_history"


def deliver(workshop: Workshop, number: int, size: int) -> None:
    workshop.deliver(number, [asset(f"a{number}-{i}", i / size) for i in range(size)])


def test_rows_and_bytes_are_those_of_the_table_after_deletes_and_restatements(workshop: Workshop) -> None:
    for number in range(1, 5):
        deliver(workshop, number, 20_000)
    workshop.load()
    deliver(workshop, 3, 100)
    workshop.load()
    counted: dict[str, int] = dict(
        workshop.query("select table_name, row_count from operations.table_growth where product = 'percentiles'")
    )
    for schema, table in (
        ("percentiles", "score_history"), ("percentiles", "percentile_curve"), ("percentiles", "latest_scores"),
    ):  # fmt: skip
        assert [(counted[table],)] == workshop.query(f"select count(*) from {schema}.{table}")
    assert counted["score_history"] == 2 * (20_000 + 20_000 + 100)  # iterations 3 and 4, each with the batch of 100
    # Bytes: all tables together fill the file, but for what deletes left free and blocks that small tables share.
    ((used,),) = workshop.query("select used_blocks * block_size from pragma_database_size()")
    ((listed,),) = workshop.query("select sum(byte_count) from operations.table_growth")
    assert listed == pytest.approx(used, rel=0.35)
    ((history_bytes,),) = workshop.query("select byte_count from operations.table_growth where table_name = 'score_history'")
    assert history_bytes % 262_144 == 0
    assert history_bytes >= 80_200 * 8  # a percentile alone takes eight bytes, and does not compress


def test_projection_is_right_on_a_history_that_can_be_checked_by_hand(workshop: Workshop) -> None:
    deliver(workshop, 1, 5)
    workshop.build(table_bytes_limit=1_000_000, percentiles_batches_per_day=4)
    with duckdb.connect(str(workshop.workspace.database)) as connection:
        connection.execute("delete from operations.table_size_log; delete from staging.stg_percentiles__landed")
        connection.execute("delete from intermediate.int_percentiles__define_windows")
        for batch in range(1, 4):
            connection.execute(
                "insert into operations.table_size_log values (?, ?, 'percentiles', 'percentiles', 'score_history', ?, ?, null, null)",
                [f"run{batch}", f"2026-01-0{batch}", 300 * batch + 50, 100_000 * batch + 70_000],
            )
            # A later run without a batch that restated the rows: the last word on that number of batches.
            connection.execute(
                "insert into operations.table_size_log values (?, ?, 'percentiles', 'percentiles', 'score_history', ?, ?, null, null)",
                [f"again{batch}", f"2026-01-0{batch} 12:00:00", 300 * batch, 100_000 * batch],
            )
            connection.execute("insert into intermediate.int_percentiles__define_windows (batch_no, age) values (?, 0)", [batch])
            connection.execute(
                "insert into intermediate.int_percentiles__judge_deliveries (file_name, batch_no, landed_at) values (?, ?, ?)",
                [f"batch_{batch + 1}.json", batch, f"2026-01-0{batch}"],
            )
        connection.execute("delete from intermediate.int_percentiles__judge_deliveries where landed_at > '2026-02-01'")
    growth = workshop.query(
        "select batch_count, row_count, byte_count, rows_per_batch, bytes_per_batch, batches_to_limit, days_to_limit "
        "from operations.table_growth"
    )
    # 300,000 bytes now and 100,000 a batch: 7 batches to a million, at four a day in 1.75 days.
    assert growth == [(3, 900, 300_000, pytest.approx(300.0), pytest.approx(100_000.0), 7, 1.75)]


def test_retention_archives_before_it_deletes_and_loses_nothing(workshop: Workshop) -> None:
    for number in range(1, 9):
        deliver(workshop, number, 10)
    workshop.load()
    whole = workshop.query(HISTORY)
    scores = workshop.query("select * from percentiles.scores")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workshop.root)
        workshop.build(percentiles_keep_iterations=2)
    assert workshop.query("select distinct computed_at_batch from percentiles.score_history") == [(7,), (8,)]
    archive = workshop.root / "data" / "archive" / "score_history"
    assert sorted(path.name for path in archive.iterdir()) == [f"iteration_{number}.parquet" for number in range(3, 7)]
    together = f"{HISTORY} union all by name select * from read_parquet('{archive}/*.parquet')"
    assert workshop.query(together) == whole
    assert workshop.query("select * from percentiles.scores") == scores
    assert workshop.query("select * from percentiles.score_history_superseded") == []
    # Nothing to do the second time, and a full refresh ends in the same tables.
    stamps = {path: path.stat().st_mtime_ns for path in archive.iterdir()}
    workshop.build(percentiles_keep_iterations=2)
    workshop.build("--full-refresh", percentiles_keep_iterations=2)
    assert {path: path.stat().st_mtime_ns for path in archive.iterdir()} == stamps
    assert workshop.query(together) == whole
    assert workshop.query("select * from percentiles.scores") == scores


def test_archived_iterations_come_back_when_all_are_kept_again(workshop: Workshop, tmp_path: Path) -> None:
    for number in range(1, 6):
        deliver(workshop, number, 5)
    workshop.load()
    whole = workshop.query(HISTORY)
    workshop.build(percentiles_keep_iterations=1)
    workshop.build()
    assert workshop.query(HISTORY) == whole
    assert (tmp_path / "data" / "archive").exists()
