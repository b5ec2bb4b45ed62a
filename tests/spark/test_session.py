"""What a person reads where there is no Spark to run on, and which files are new."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from callsheet.runtime.errors import UnusableInputError
from callsheet.spark import session as sessions
from callsheet.spark.landing import literal_path, source_path
from callsheet.spark.percentiles import Delivery, new_deliveries
from callsheet.spark.session import check_shared, spark_session
from pyspark.sql import SparkSession

from tests.spark.conftest import SMALL

NOON = datetime(2026, 1, 1, 12)


def test_no_java_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UnusableInputError, match="There is no Java here: install Java 17"), spark_session("local[1]", tmp_path, SMALL):
        pass


def test_an_old_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UnusableInputError, match=r"is Java 11: Spark 4\.3 needs Java 17"), spark_session("local[1]", tmp_path, SMALL):
        pass


@pytest.mark.parametrize(
    "master", ["spark://127.0.0.1:1", "sc://127.0.0.1:1", "spark://127.0.0.1:1,127.0.0.1:2", "spark://nowhere.invalid"]
)
def test_a_cluster_that_does_not_answer_is_named(tmp_path: Path, master: str) -> None:
    with pytest.raises(UnusableInputError, match=f"No Spark cluster answers at {master}: start it"), spark_session(master, tmp_path, SMALL):
        pass


def test_an_older_spark_and_a_folder_that_workers_do_not_see_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with spark_session("local[1]", tmp_path, SMALL) as session:
        check_shared(session, tmp_path)
        monkeypatch.setattr(Path, "touch", lambda _: None)  # as on a worker with a disk of its own
        with pytest.raises(UnusableInputError, match=f"Some worker does not see {tmp_path}: set CALLSHEET_HOME to storage that all share"):
            check_shared(session, tmp_path)
    monkeypatch.setattr(sessions, "_SPARK", (99, 0))
    with pytest.raises(UnusableInputError, match=r"is 4\.3\.0: callsheet needs 99\.0"), spark_session("local[1]", tmp_path, SMALL):
        pass
    assert SparkSession.getActiveSession() is None, "a refused session stays open"


def delivery(name: str, modified: datetime = NOON, landed: datetime | None = None, size: int = 9) -> Delivery:
    return Delivery(f"file:/inbox/{name}", size, modified, landed)


@pytest.mark.parametrize(
    ("landed", "is_new"),
    [
        (delivery("batch_1.json", landed=NOON + timedelta(seconds=3)), False),
        (delivery("batch_1.json", landed=NOON + timedelta(seconds=2)), True),  # it may have changed within its second
        (delivery("batch_1.json", landed=NOON + timedelta(hours=1), size=8), True),
        (delivery("batch_1.json", modified=NOON - timedelta(seconds=1), landed=NOON + timedelta(hours=1)), True),
        (delivery("batch_2.json", landed=NOON + timedelta(hours=1)), True),
    ],
)
def test_a_file_is_opened_again_only_where_it_may_have_changed(landed: Delivery, is_new: bool) -> None:
    assert [found.name for found in new_deliveries([delivery("batch_1.json")], [landed], None, rehash=False)] == ["batch_1.json"] * is_new
    assert len(new_deliveries([delivery("batch_1.json")], [landed], None, rehash=True)) == 1


def test_batches_come_in_the_order_of_their_numbers_and_other_files_do_not() -> None:
    names = ["batch_10.json", "batch_2.json", "batch_x.json", "batch_02.json", "batch_1234567890.json", "a_batch_1.json", "batch_11.json"]
    found = new_deliveries([delivery(name) for name in names], [], 10, rehash=False)
    assert [one.name for one in found] == ["batch_02.json", "batch_2.json", "batch_10.json"]


def test_a_path_means_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert literal_path("/in[1]/{a}*?") == r"/in\[1\]/\{a\}\*\?"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b").mkdir()
    assert source_path("a b") == f"file://{tmp_path.resolve()}/a b"
    assert source_path("s3a://bucket/in") == "s3a://bucket/in"
    assert source_path(None) is None
