"""Each rule is a function that yields what breaks it, as (subject, what is wrong and how to mend it)."""

import ast
import json
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.conventions.portability import strange_forms

Node = dict[str, Any]
Finding = tuple[str, str]
Rule = Callable[["Project"], Iterator[Finding]]

OPERATIONS = "operations"
ON_TWO_ENGINES = ("percentiles", "pulse")  # resonance stays on DuckDB: every film ever credited fits on one machine
AUDIENCES = ("public", "internal")
MAX_LINES = {"sql": 120, "python": 40}
SMALL_PRODUCT = 8  # models, which one yml of 300 lines can describe
READS = {
    "staging": ("seeds", "sources", "staging"),
    "intermediate": ("staging", "intermediate", "marts"),  # of its own product: a mart has no private twin
    "marts": ("staging", "intermediate", "marts"),  # of staging what is read and typed, never what is only landed
    OPERATIONS: ("sources", "intermediate", "marts", OPERATIONS),  # its sources are the run log, which no product owns
}
NAMES_BY_TYPE = {
    r"bool(ean)?": (r"(is|has)_\w+", "start it with is_ or has_"),
    r"timestamp[^\[]*|datetime": (r"\w+_at", "end it with _at"),
    r"date": (r"\w+_on", "end it with _on"),
}
NAMED_BY_THE_MISSION = frozenset({"date_utc", "posted_date"})
CTE = re.compile(r"^(?:with (?:recursive )?)?(\w+)(?: ?\([\w, ]+\))? as (?:(?:not )?materialized )?\(", re.MULTILINE)
EMPTY_SELECT = re.compile(r"^select\n(?: +null::[^\n]+ as \w+,?\n)+where false\Z", re.MULTILINE)


@dataclass(frozen=True)
class Violation:
    """One breach of one rule."""

    rule: str
    subject: str
    message: str

    def __str__(self) -> str:
        """Return it as a line to read."""
        return f"{self.rule}: {self.subject}: {self.message}"


class Column(NamedTuple):
    """A column that a model describes, outputs, or both."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Project:
    """The project as dbt sees it (manifest), as the database has it (catalog, may be empty) and as it lies in its folder (root)."""

    root: Path
    manifest: Node
    catalog: Node

    @classmethod
    def read(cls, root: Path, target: Path) -> "Project":
        """Read what dbt wrote into its target folder."""
        manifest, catalog = target / "manifest.json", target / "catalog.json"
        return cls(root, json.loads(manifest.read_text()), json.loads(catalog.read_text()) if catalog.exists() else {"nodes": {}})

    @property
    def models(self) -> list[Node]:
        """Every enabled model."""
        return [node for node in self.manifest["nodes"].values() if node["resource_type"] == "model"]

    @property
    def marts(self) -> list[Node]:
        """The models that anybody may read."""
        return [model for model in self.models if model["config"]["access"] == "public"]

    @property
    def edges(self) -> Iterator[tuple[Node, Node]]:
        """Each model with each model, seed and source it reads."""
        nodes = self.manifest["nodes"] | self.manifest["sources"]
        return ((model, nodes[parent]) for model in self.models for parent in model["depends_on"]["nodes"])

    def real_columns(self, model: Node) -> Node:
        """Return the columns of the model's table or view; none where the catalog does not know it."""
        return dict(self.catalog["nodes"].get(model["unique_id"], {}).get("columns", {}))

    def columns(self, model: Node) -> Iterator[Column]:
        """Yield the columns of the model's yml and those that only its table has."""
        described, real = model["columns"], self.real_columns(model)
        for name in described | real:
            data_type = real.get(name, {}).get("type") or described[name]["data_type"] or ""
            yield Column(name, data_type.lower(), described.get(name, {}).get("description", ""))


def check(project: Project) -> list[Violation]:
    """Run every rule."""
    return [Violation(rule.__name__, subject, message) for rule in RULES for subject, message in rule(project)]


def summary(project: Project) -> str:
    """Say what was looked at, in one line."""
    models = project.models
    seen = sum(bool(project.real_columns(model)) for model in models)
    median = statistics.median(_line_count(model) for model in models if model["language"] == "sql")
    return (
        f"{len(RULES)} rules over {len(project.manifest['nodes'])} nodes, no violation: {len(models)} models, "
        f"{seen} of them with their real columns; half of the SQL models have at most {median:g} lines."
    )


def column_is_described(project: Project) -> Iterator[Finding]:
    """Describe every column, also one that the yml forgot."""
    for model in project.models:
        for column in project.columns(model):
            if not column.description.strip():
                yield f"{model['name']}.{column.name}", "it has no description: add one to the model's yml, or stop selecting the column."


def column_is_named_for_its_type(project: Project) -> Iterator[Finding]:
    """Let a name say whether it is a question, a moment or a day."""
    for model in project.models:
        for column in project.columns(model):
            for data_type, (name, mend) in NAMES_BY_TYPE.items():
                fits = re.fullmatch(name, column.name) or column.name in NAMED_BY_THE_MISSION
                if re.fullmatch(data_type, column.data_type) and not fits:
                    yield f"{model['name']}.{column.name}", f"it is a {column.data_type} and not named like one: {mend}."


def model_is_documented_beside_it(project: Project) -> Iterator[Finding]:
    """Keep a model's yml in its own folder; a small product may have one for all its layers."""
    sizes = Counter(_product(model) for model in project.models)
    for model in project.models:
        product = _product(model)
        folder = Path(*Path(model["original_file_path"]).parent.parts[:3])  # a layer's, not the engine's below it
        patch = (model["patch_path"] or "").partition("://")[2]
        beside = Path(patch).parent == folder or (Path(patch).parent == folder.parent and sizes[product] <= SMALL_PRODUCT)
        if not beside or not Path(patch).name.startswith(f"_{product}__"):
            yield model["name"], f"its yml is {patch or None}: describe it in {folder}/_{product}__<layer>.yml."


def model_is_short(project: Project) -> Iterator[Finding]:
    """Keep a model so short that it is read to its end."""
    for model in project.models:
        limit = MAX_LINES[model["language"]]
        if _line_count(model) > limit:
            yield model["name"], f"it has {_line_count(model)} lines, more than {limit}: give one of its steps a model of its own."


def model_ends_in_its_last_cte(project: Project) -> Iterator[Finding]:
    """Let the last CTE be the output. Only a state table that another model fills is an empty, typed select instead."""
    for model in project.models:
        code = model["raw_code"].strip()
        if model["language"] == "python" or ("state" in model["tags"] and EMPTY_SELECT.search(code)):
            continue
        ctes = CTE.findall(code)
        expected = f"select * from {ctes[-1] if ctes else 'final'}"
        if code.splitlines()[-1] != expected:
            yield model["name"], f"its last line is not the output of its last CTE: end it with `{expected}`."


def mart_has_contract(project: Project) -> Iterator[Finding]:
    """Let readers rely on names and types."""
    for mart in project.marts:
        if not mart["config"]["contract"]["enforced"]:
            yield mart["name"], "its contract is not enforced: set `contract: {enforced: true}`."


def mart_has_owner(project: Project) -> Iterator[Finding]:
    """Let readers know whom to ask."""
    owners = {group["name"]: group["owner"] for group in project.manifest["groups"].values()}
    for mart in project.marts:
        owner = owners.get(mart["config"]["group"]) or {}
        if not (owner.get("name") or owner.get("email")):
            yield mart["name"], f"its group is {mart['config']['group']}, which has no owner: name a group of models/_groups.yml."


def mart_has_key(project: Project) -> Iterator[Finding]:
    """Let readers know what one row is; publishing sorts by it."""
    tests = [node for node in project.manifest["nodes"].values() if node["resource_type"] == "test" and node.get("test_metadata")]
    keyed = {test["attached_node"] for test in tests if test["test_metadata"]["name"] in ("unique_key", "unique")}
    for mart in project.marts:
        if mart["unique_id"] not in keyed:
            yield mart["name"], "no test holds its key: add `unique_key` with its columns."


def mart_has_audience(project: Project) -> Iterator[Finding]:
    """Leave publishing no guess about who may read something."""
    for mart in project.marts:
        audience = mart["config"]["meta"].get("audience")
        if audience not in AUDIENCES:
            yield mart["name"], f"its audience is {audience}: set `meta: {{audience: ...}}` to {' or '.join(AUDIENCES)}."


def mart_ends_at_a_person(project: Project) -> Iterator[Finding]:
    """Let the lineage of every mart go on to the files and pages that people use."""
    used = {parent for exposure in project.manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    for mart in project.marts:
        if mart["unique_id"] not in used:
            product = _product(mart)
            yield mart["name"], f"no exposure names it: add it to one in models/{product}/_{product}__exposures.yml, or drop it."


def product_reads_itself_alone(project: Project) -> Iterator[Finding]:
    """Keep products apart; operations reads them all and none reads operations."""
    for model, parent in project.edges:
        if _product(model) not in (_product(parent), OPERATIONS):
            yield model["name"], f"it reads {parent['name']} of {_product(parent)}: share a macro instead, or let operations read both."


def layer_reads_what_it_may(project: Project) -> Iterator[Finding]:
    """Let data flow one way: raw, staging, intermediate, marts."""
    for model, parent in project.edges:
        layer, allowed = _layer(model), READS.get(_layer(model), ())
        is_raw = layer == "marts" and parent["name"].endswith("__landed")
        if _product(model) in (_product(parent), OPERATIONS) and (_layer(parent) not in allowed or is_raw):
            yield model["name"], f"it reads {parent['name']} of {_layer(parent)}: {layer} may read only {', '.join(allowed)}."


def python_model_gets_what_its_yml_gives(project: Project) -> Iterator[Finding]:
    """Give a Python model every key it asks for: dbt answers a missing one with None, silently."""
    for model in project.models:
        if model["language"] != "python":
            continue
        for call in ast.walk(ast.parse(model["raw_code"])):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "dbt.config.get"):
                continue
            key = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if not isinstance(key, str):
                yield model["name"], f"`{ast.unparse(call)}` names no literal key: write the key as a string."
            elif key not in model["config"]:
                yield model["name"], f"its config has no {key}: add `{key}` under `config:` in the model's yml."


def state_survives_full_refresh(project: Project) -> Iterator[Finding]:
    """Keep what cannot be derived again."""
    for model in project.models:
        if "state" in model["tags"] and model["config"].get("full_refresh") is not False:
            yield model["name"], "`--full-refresh` would delete its state: set `full_refresh=false`."


def incremental_keeps_its_rows_on_spark(project: Project) -> Iterator[Finding]:
    """Name the partition that a run writes anew: without one Spark overwrites the whole table."""
    for model in project.models:
        is_common = _product(model) in ON_TWO_ENGINES and _layer(model) != "staging"
        is_named = re.search(r"\b(partition_by|incremental_strategy)=", model["raw_code"])
        if model["config"]["materialized"] == "incremental" and is_common and not is_named:
            yield model["name"], "on Spark a run overwrites all of it: name `partition_by`, or `incremental_strategy`."


def var_has_reason(project: Project) -> Iterator[Finding]:
    """Give every var its reason: without one it is never changed again, or changed wrongly."""
    text = (project.root / "dbt_project.yml").read_text()
    settings = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(settings, yaml.MappingNode), "dbt has parsed it"
    for key, value in next(value.value for key, value in settings.value if key.value == "vars"):
        last = value if value.end_mark.line == key.end_mark.line else key
        after = text.splitlines()[last.end_mark.line][last.end_mark.column :]
        if not re.search(r"\s#\s*\w", after):
            yield key.value, "it has no reason: write one after a # on the same line of dbt_project.yml."


def sql_means_the_same_on_both_engines(project: Project) -> Iterator[Finding]:
    """Let the models that run on Spark too say nothing that it reads otherwise; what cannot be said alike is a portable macro's."""
    seen: set[str] = set()
    for model in project.models:
        if model["language"] == "sql" and _product(model) in ON_TWO_ENGINES and _layer(model) in ("intermediate", "marts"):
            code = {model["name"]: model["raw_code"], **{macro["name"]: macro["macro_sql"] for macro in _shared_macros(project, model)}}
            for name, sql in code.items():
                if name not in seen:
                    seen.add(name)
                    for form, why in strange_forms(sql):
                        yield name, f"`{form}`: {why}."


RULES: list[Rule] = [
    column_is_described,
    column_is_named_for_its_type,
    model_is_documented_beside_it,
    model_is_short,
    model_ends_in_its_last_cte,
    mart_has_contract,
    mart_has_owner,
    mart_has_key,
    mart_has_audience,
    mart_ends_at_a_person,
    product_reads_itself_alone,
    layer_reads_what_it_may,
    python_model_gets_what_its_yml_gives,
    state_survives_full_refresh,
    incremental_keeps_its_rows_on_spark,
    var_has_reason,
    sql_means_the_same_on_both_engines,
]


def _product(node: Node) -> str:
    """Return the folder below models/ or seeds/."""
    return Path(node["original_file_path"]).parts[1]


def _layer(node: Node) -> str:
    """Return the folder inside the product; seeds, sources and operations are layers of their own."""
    if node["resource_type"] != "model":
        return f"{node['resource_type']}s"
    return OPERATIONS if _product(node) == OPERATIONS else Path(node["original_file_path"]).parts[2]


def _shared_macros(project: Project, model: Node) -> Iterator[Node]:
    """Yield the project's macros that a model uses, at any remove, but for the portable ones and the variants that one engine has."""
    macros, waiting, seen = project.manifest["macros"], list(model["depends_on"]["macros"]), set()
    while waiting:
        name = waiting.pop()
        macro = macros.get(name)
        if name in seen or macro is None or macro["package_name"] != model["package_name"]:
            continue
        seen.add(name)
        if re.match("(?:duckdb|spark|default)__", macro["name"]) or Path(macro["original_file_path"]).parent.name == "portable":
            continue
        yield macro
        waiting += macro["depends_on"]["macros"]


def _line_count(model: Node) -> int:
    return len(model["raw_code"].strip().splitlines())
