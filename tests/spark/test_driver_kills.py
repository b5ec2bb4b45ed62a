"""What a driver leaves that is killed between two statements, which are one transaction on DuckDB: the next run makes it good."""

from pathlib import Path

import pytest
from callsheet.pulse.noise import ENVIRONMENT
from callsheet.spark.session import spark_session

from tests.docs_outputs import EXAMPLE_KEY
from tests.spark import histories, pulse_history
from tests.spark.conftest import INTERPRETED, SMALL

MASTER = "local[2]"
pytestmark = pytest.mark.cluster


def sql(folder: Path, *statements: str) -> list[tuple[str, ...]]:
    """Run statements in a session of their own and return the rows of the last."""
    with spark_session(MASTER, folder / "spark" / "data" / "spark", SMALL) as session:
        return [[tuple(row) for row in session.sql(statement).collect()] for statement in statements][-1]


def test_rows_kept_as_superseded_before_a_kill_are_kept_once(tmp_path: Path) -> None:
    both = histories.Percentiles(tmp_path, MASTER, **INTERPRETED)
    both.step(histories.first)
    sql(tmp_path, "create table intermediate.before as select * from percentiles.score_history")
    both.step(histories.correct)
    ((run_id,),) = sql(tmp_path, "select distinct run_id from percentiles.score_history_superseded")
    sql(
        tmp_path,
        f"create table intermediate.stale_score_history like percentiles.score_history tblproperties ('run_id' = '{run_id}')",
        "insert into intermediate.stale_score_history by name select * from intermediate.before "
        "where fingerprint not in (select fingerprint from percentiles.score_history)",
        "drop table intermediate.before",
    )
    both.step()


def test_a_day_written_before_a_kill_without_its_log_is_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, EXAMPLE_KEY)
    both = pulse_history.Breakdowns(tmp_path, MASTER, INTERPRETED)
    both.step(pulse_history.first)
    frozen = "intermediate.int_pulse__freeze_days"
    sql(tmp_path, f"insert into {frozen} by name select * except (date_utc), date '2026-02-01' as date_utc from {frozen}")
    both.step(pulse_history.more)
