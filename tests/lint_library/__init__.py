"""What dbt gives a model, simplified for sqlfluff's Jinja templater: enough to render valid SQL without a database."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

_PROJECT = Path(__file__).resolve().parents[2]
_VARS: dict[str, Any] = yaml.safe_load((_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]

execute = False
target = SimpleNamespace(type="duckdb")
invocation_id = "lint"


def var(name: str, *_: Any, **__: Any) -> Any:
    """Return the var's default."""
    return _VARS[name]


number_var = whole_number_var = choice_var = var


def query_of(relation: str, *_: Any) -> str:
    """Stand in for a macro that returns a whole query over a relation."""
    return f"select * from {relation}"


missing_partitions = window_moments = union_products = landed_rows = scores_of_texts = query_of


def feature_names(head: str) -> list[str]:
    """Return any names."""
    return [head]


def constant_columns(relation: str, columns: list[str]) -> str:
    """Stand in for a query over the columns of a relation."""
    return f"select {', '.join(columns)} as column_names from {relation}"


def kept_windows(relation: str) -> str:
    """Return the relation itself."""
    return relation


def has_public_size(schema: str, table: str) -> str:
    """Return any condition on both."""
    return f"{schema} <> {table}"


def is_kept(recency: str) -> str:
    """Return any condition on it."""
    return f"{recency} <= 3"


def batches_per_day(product: str) -> str:
    """Return any number."""
    return f"length({product})"


def any_query() -> str:
    """Stand in for a macro that returns a whole query."""
    return "select * from any_table"


list_published_marts = newest_landed_versions = list_features = chosen_scores_in_database = chosen_scores_on_file = new_scores = any_query


def any_name() -> str:
    """Stand in for a macro that returns a name."""
    return "any_name"


sentiment_choice = sentiment_choice_version = privacy_mode = any_name


def percentile(*columns: str) -> str:
    """Return an expression of all columns."""
    return " + ".join(columns)


def ref(*names: str) -> str:
    """Return the model's name as a table."""
    return names[-1]


def source(schema: str, table: str) -> str:
    """Return the source's name as a table."""
    return f"{schema}.{table}"


def run_started_timestamp() -> str:
    """Return any timestamp."""
    return "cast('2000-01-01' as timestamp)"


def words_of(text: str) -> str:
    """Return any text of it."""
    return f"lower({text})"


filled = text_key = utc_time = words_of


def may_match(text: str, field: str) -> str:
    """Return any condition on it."""
    return f"{text} <> '{field}'"


def views_type() -> str:
    """Return any type."""
    return "struct(position bigint)[]"


def role_key(notice: str) -> str:
    """Return any column of it."""
    return f"{notice}.breakdown_id"


def payload_hash(view: str, notice: str) -> str:
    """Return any expression on both."""
    return f"concat({view}.posted_date, {notice}.payload)"


def configured_seed(seed: str, columns: list[str]) -> str:
    """Stand in for the rows of a seed and of the home's config."""
    return f"(select {', '.join(columns)}, false as is_own from {seed})"


def pattern_seeds() -> dict[str, str]:
    """Return one field and its seed."""
    return {"place": "region_patterns"}


def ordered(function: str, arguments: str, order: str) -> str:
    """Return the aggregate, with its order."""
    return f"{function}({arguments} order by {order})"


def function_of(*arguments: str) -> str:
    """Return any function of the arguments."""
    return f"coalesce({', '.join(arguments) or 1})"


hex_number = quick_hash = sha256_of = population_stability = text_literal = function_of
exploded = positions_of = phrase = weighted_median = landed_dataset = function_of


def list_of(items: list[str]) -> str:
    """Return them as a list."""
    return f"[{', '.join(items)}]"
