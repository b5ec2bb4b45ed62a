"""pulse's portable expressions: the same values on both engines, and the right ones."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from callsheet.spark import pulse
from callsheet.workspace import PROJECT, Workspace
from pyspark.sql import SparkSession

from tests.spark.rendering import rendered

MEDIAN = 'weighted_median("number", "weight")'
TIMES = PROJECT / "tests" / "python" / "fixtures" / "pulse" / "times.csv"
ODD_TIMES = [
    "2025-6-1", "2025-06-01T10", "2025-06-01 10:5", "2025-06-01 1:2:3", "2025-06-01 10:00:00.1234567", "2025-06-01 24:00:00",
    "2025-06-01 10:00:60", "2025-06-01  10:00:00", "2025-06-01T10:00:00 Z", "2025-06-01Z", "2025-06-01T10:00Z",
    "2025-06-01T10:00+02", "2025-06-01 +05:00", "2025-06-01-07", "2025-06-01 10:00:00+24:00", "2025-06-01T10:00:00-99:99",
    "2025-06-01 10:00:00 AM", "2025-00-01", "2025-06-31", "12025-06-01", "2025", "2025-06", "10:00", "today", "now", "epoch",
    "infinity", "1e9", "946684799", "99999999999", "20250631", "0001-01-01", "9999-12-31", "2025-06-01T10:00:00.000+00:00",
    "1748772000.123456", "1748772000.9999996", "٢٠٢٥-٠٦-٠١", "2025-06-01\t10:00", "2025-06-01 10:", "2025-06-01 10:00:00.",
    "2025-06-01 10:05:", "2025-06-01 10::5", "2025-06-01 10:5:5:", "2025-06-01 10:Z", "2025-06-01 10:00:Z",
]  # fmt: skip
TEXTS = [
    "", " ", "A.I. and robots", "plan A. I go", "j'ai L’été", "Hollywood,  FL", "São Paulo — Río", "ΟΔΟΣ odos", "İstanbul ıI",
    "a.b.c.d.", "x.y", "1.2.a.b", "а.б. Москва", "Straße ﬁ", "Ünḯcôdé", "emoji 🤖 robot", "under_score", "a..b", "É.U.",
    "tab\there", "new\nline", "100% non-union", "東京 Tokyo",
]  # fmt: skip


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
    session = builder.config("spark.sql.timestampType", "TIMESTAMP_NTZ").config("spark.sql.ansi.enabled", "false").getOrCreate()
    pulse.register(session, Workspace(tmp_path_factory.mktemp("home"), Path()), {"pulse_privacy": "off"})
    yield session
    session.stop()


def asked(spark: SparkSession, expression: str, texts: Sequence[str | None], **variables: Any) -> tuple[list[Any], list[Any]]:
    """Return what an expression over `text` is on DuckDB and on Spark, for each text."""
    numbered = list(enumerate(texts))
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table given (n integer, text varchar)")
        connection.executemany("insert into given values (?, ?)", numbered)
        on_duckdb = connection.execute(f"select {rendered('duckdb', expression, **variables)} from given order by n").fetchall()
    spark.createDataFrame(numbered, "n int, text string").createOrReplaceTempView("given")
    on_spark = spark.sql(f"select {rendered('spark', expression, **variables)} as answer from given order by n").collect()
    return [value for (value,) in on_duckdb], [row.answer for row in on_spark]


def test_a_time_is_the_same_moment(spark: SparkSession) -> None:
    with TIMES.open(newline="", encoding="utf-8") as lines:
        cases = {row["posted_date"]: row["expected"] for row in csv.DictReader(lines, delimiter="|")}
    texts = [*cases, *ODD_TIMES, None]
    on_duckdb, on_spark = asked(spark, 'utc_time("text")', texts)
    assert dict(zip(texts, on_spark, strict=True)) == dict(zip(texts, on_duckdb, strict=True))
    assert on_spark[0] == datetime(2025, 6, 1, 10)


def test_a_form_of_ones_own_is_tried_first(spark: SparkSession) -> None:
    texts = ["03/04/2025", "2025-06-01", "13/40/2025", "", None]
    expected = [datetime(2025, 3, 4), datetime(2025, 6, 1), None, None, None]
    assert asked(spark, 'utc_time("text")', texts, pulse_date_format="%m/%d/%Y") == (expected, expected)


def test_a_text_has_the_same_words(spark: SparkSession) -> None:
    on_duckdb, on_spark = asked(spark, 'words_of("text")', [*TEXTS, None])
    assert dict(zip(TEXTS, on_spark, strict=False)) == dict(zip(TEXTS, on_duckdb, strict=False))
    assert on_spark[2] == " ai and robots "


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("phrase(\"split(text, ' ')\", '2', '2')", ["b c", "", ""]),
        ("exploded(positions_of(\"split(text, ' ')\"))", [1, 2, 3, 1, 1]),
        ('hex_number("substr(md5(text), 1, 15)")', [1]),
        ('sha256_of("text")', [1]),
        ('text_literal("it\'s a \\\\ backslash")', ["it's a \\ backslash"] * 3),
    ],
)
def test_a_list_or_text_is_the_same(spark: SparkSession, expression: str, expected: list[Any]) -> None:
    on_duckdb, on_spark = asked(spark, expression, ["a b c", "a", ""])
    assert on_duckdb == on_spark
    if len(expected) > 1:
        assert on_spark == expected


@pytest.mark.parametrize(
    ("numbers", "median"),
    [([], None), ([None], None), ([3.0], 3.0), ([1.0, 2.0, None], 1.5), ([1.0, 1.0, 9.0], 1.0), ([250.5, 99.25], 174.875)],
)
def test_a_median_is_the_same(spark: SparkSession, numbers: list[float | None], median: float | None) -> None:
    values = ", ".join(f"({'null' if number is None else number}::double, {weight}::bigint)" for number in numbers for weight in (1, 1))
    source = f"(values {values or '(null::double, 1::bigint)'}) as given (number, weight)"
    sql = {engine: f"select {rendered(engine, MEDIAN)} as answer from {source}" for engine in ("duckdb", "spark")}
    found = duckdb.sql(sql["duckdb"]).fetchall()[0][0], spark.sql(sql["spark"]).collect()[0].answer
    assert found == (median, median)


def test_a_weight_counts_a_number_so_often(spark: SparkSession) -> None:
    source = "(values (1::double, 1::bigint), (5::double, 3::bigint)) as given (number, weight)"
    sql = {engine: f"select {rendered(engine, MEDIAN)} as answer from {source}" for engine in ("duckdb", "spark")}
    assert (duckdb.sql(sql["duckdb"]).fetchall()[0][0], spark.sql(sql["spark"]).collect()[0].answer) == (5.0, 5.0)
