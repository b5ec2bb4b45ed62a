"""The workspace's portable expressions: the same values on both engines, and the right ones."""

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from callsheet.spark.session import spark_session
from pyspark.sql import SparkSession

from tests.spark.conftest import SMALL
from tests.spark.rendering import rendered

ROWS = "(values (2, 'b', 0.1::double), (1, 'a', 0.2::double), (3, 'c', 0.7::double)) as given (n, word, number)"
STABILITY = 'population_stability("list_of_counts", "other_counts")'


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    with spark_session("local[1]", tmp_path_factory.mktemp("spark"), {**SMALL, "spark.sql.ansi.enabled": "false"}) as session:
        yield session


def answers(spark: SparkSession, expression: str, source: str = ROWS) -> tuple[Any, Any]:
    """Return what an expression is on DuckDB and on Spark."""
    on_duckdb = duckdb.sql(f"select {rendered('duckdb', expression)} from {source}").fetchall()[0][0]
    return on_duckdb, spark.sql(f"select {rendered('spark', expression)} as answer from {source}").collect()[0].answer


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ordered('string_agg', \"word, ''\", 'n')", "abc"),
        ("ordered('string_agg', \"word, ','\", 'word')", "a,b,c"),
        ("ordered('sum', 'number', 'n')", 1.0),
        ("ordered('regr_slope', 'number, n', 'n')", 0.25),
        ("list_of(['min(n)', 'max(n)', 'count(*)'])", [1, 3, 3]),
        ("list_of(['min(n)'])", [1]),
        ("hex_number(\"'0'\")", 0),
        ("hex_number(\"'fffffffffffffff'\")", 2**60 - 1),
        ("hex_number(\"'0123456789abcde'\")", 0x0123456789ABCDE),
        ("sha256_of(\"'é'\")", "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"),
        ("sha256_of('null')", None),
    ],
)
def test_an_expression_is_the_same(spark: SparkSession, expression: str, expected: Any) -> None:
    on_duckdb, on_spark = answers(spark, expression)
    for answer in (on_duckdb, on_spark):
        assert answer == expected or (isinstance(expected, float) and math.isclose(answer, expected, rel_tol=1e-12))


def test_a_hash_tells_texts_apart_and_finds_equal_ones(spark: SparkSession) -> None:
    twice = "(values ('a'), ('b'), ('a'), ('')) as given (word)"
    assert answers(spark, "'count(distinct ' ~ quick_hash('word') ~ ')'", twice) == (3, 3)


@pytest.mark.parametrize(
    ("counts", "others", "expected"),
    [
        ([10, 10], [10, 10], 0.0),
        ([9, 0], [4, 5], (9.5 / 10 - 4.5 / 10) * math.log(9.5 / 4.5) + (0.5 / 10 - 5.5 / 10) * math.log(0.5 / 5.5)),
        ([9, 0, 0], [4, 5, 0], (9.5 / 10 - 4.5 / 10) * math.log(9.5 / 4.5) + (0.5 / 10 - 5.5 / 10) * math.log(0.5 / 5.5)),
        (None, [1], None),
        ([1], None, None),
    ],
)
def test_population_stability_is_the_same(
    spark: SparkSession, counts: list[int] | None, others: list[int] | None, expected: float | None
) -> None:
    def source(of: str) -> str:
        lists = [f"cast({'null' if items is None else of.format(', '.join(map(str, items)))} as {kind})" for items in (counts, others)]
        return f"(select {lists[0]} as list_of_counts, {lists[1]} as other_counts) as given"

    kind = "bigint[]"
    ((on_duckdb,),) = duckdb.sql(f"select {rendered('duckdb', STABILITY)} from {source('[{}]')}").fetchall()
    kind = "array<bigint>"
    (on_spark,) = spark.sql(f"select {rendered('spark', STABILITY)} from {source('array({})')}").collect()[0]
    for answer in (on_duckdb, on_spark):
        assert answer is expected is None or (answer is not None and expected is not None and math.isclose(answer, expected, abs_tol=1e-12))
