"""What dbt gives a model, simplified for sqlfluff's Jinja templater: enough to render valid SQL without a database."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

_PROJECT = Path(__file__).resolve().parents[2]
_VARS: dict[str, Any] = yaml.safe_load((_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]

execute = False
graph: dict[str, Any] = {
    "nodes": {
        "a_mart": {
            "resource_type": "model",
            "unique_id": "a_mart",
            "schema": "any_schema",
            "alias": "a_mart",
            "description": "",
            "config": {"access": "public", "meta": {"audience": "public", "size": "internal"}},
        }
    }
}
target = SimpleNamespace(type="duckdb")
invocation_id = "lint"


def var(name: str, *_: Any, **__: Any) -> Any:
    """Return the var's default."""
    return _VARS[name]


number_var = whole_number_var = choice_var = var


def query_of(relation: str, *_: Any) -> str:
    """Stand in for a macro that returns a whole query over a relation."""
    return f"select * from {relation}"


missing_partitions = events_of_products = assets_of_windows = scores_of_populations = landed_rows = scores_of_texts = query_of


def feature_columns(head: str) -> list[SimpleNamespace]:
    """Return any column."""
    config = SimpleNamespace(meta=SimpleNamespace(null_rule="never"))
    return [SimpleNamespace(name=head, data_type="double", description=head, config=config)]


def tojson(_: Any, **__: Any) -> str:
    """Return any text."""
    return "settings"


def load_relation(_: Any) -> None:
    """Return that there is no such relation yet."""


api = SimpleNamespace(Relation=SimpleNamespace(create=dict))


def windows_that(condition: str) -> str:
    """Return any relation and a condition on it."""
    return f"(select * from windows where {condition})"


def populations(*_: object) -> str:
    """Return any relation."""
    return "any_plan"


latest_plan = populations


def counts_by_tenth(counted: str) -> str:
    """Return any expression of it."""
    return f"max({counted})"


def event(kind: str, **columns: str) -> str:
    """Return a select list of the columns."""
    return f"select '{kind}' as event, " + ", ".join(f"{value} as {name}" for name, value in columns.items())


def products() -> list[str]:
    """Return the names of the products."""
    return ["percentiles"]


def any_query() -> str:
    """Stand in for a macro that returns a whole query."""
    return "select * from any_table"


newest_landed_versions = chosen_scores_in_database = chosen_scores_on_file = new_scores = any_query


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


configured_rows = configured_seed


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


def matched_columns() -> list[tuple[str, str]]:
    """Return the columns that are matched."""
    return [
        *(("place", "work_city"), ("project_type", "project_type"), ("role_type", "role_type"), ("union", "union_status")),
        *(("theme", column) for column in ("role_description", "role_name", "project_name")),
    ]
