"""The house rules: this project keeps them, and each one goes red on the fault it is there for."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import pytest
import yaml
from callsheet.workspace import PROJECT, Workspace
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from tests.conventions.__main__ import main
from tests.conventions.rules import RULES, Node, Project, Violation, check, summary

SCORES = "model.callsheet.scores"
LANDED = "model.callsheet.stg_percentiles__landed"
Plant = Callable[[Any], None]


def dbt(command: str, folder: Path, home: Path, target: Path) -> dbtRunnerResult:
    """Run a dbt command on the project in the folder, which writes its manifest into target."""
    paths = {"--project-dir": folder, "--profiles-dir": folder, "--target-path": target, "--log-path": target}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        patch.delenv("CALLSHEET_DATABASE", raising=False)
        outcome = dbtRunner().invoke([*command.split(), "--log-level", "none", *(str(part) for pair in paths.items() for part in pair)])
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    return outcome


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a target folder with the manifest of this project as it is."""
    home = tmp_path_factory.mktemp("home")
    parsed = dbt("parse", PROJECT, home, home / "target")
    assert parsed.success, parsed.exception
    return home / "target"


@pytest.fixture(scope="module")
def project(target: Path) -> Project:
    return Project.read(PROJECT, target)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of this project's dbt files, to plant faults in."""
    folder = tmp_path / "project"
    for part in ("models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(PROJECT / part, folder / part)
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / part, folder)
    return folder


_BROKEN_BEFORE: dict[int, set[Violation]] = {}


def new(project: Project, planted: Project) -> set[tuple[str, str]]:
    """Return rule and subject of what the plant broke, and of nothing that was broken before."""
    if id(project) not in _BROKEN_BEFORE:
        _BROKEN_BEFORE[id(project)] = set(check(project))
    return {(violation.rule, violation.subject) for violation in set(check(planted)) - _BROKEN_BEFORE[id(project)]}


def plant_in(manifest: Node, plant: Plant) -> Node:
    """Return a copy of the manifest with the fault in it."""
    planted: Node = msgpack.unpackb(msgpack.packb(manifest))
    plant(planted)
    return planted


def faults(project: Project, plant: Plant) -> set[tuple[str, str]]:
    """Return what a plant in the manifest broke."""
    return new(project, replace(project, manifest=plant_in(project.manifest, plant)))


def bounce(target: Path, only: str = "") -> subprocess.CompletedProcess[str]:
    """Let dbt-bouncer judge the target folder."""
    command = [str(Path(sys.executable).with_name("dbt-bouncer")), "run", "--show-all-failures", "--check", only]
    environment = os.environ | {"DBT_PROJECT_DIR": str(target.parent), "COLUMNS": "200"}  # it cuts names at the width of the terminal
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def test_this_project_keeps_the_rules(sample_workspace: Workspace, tmp_path: Path) -> None:
    documented = dbt("docs generate", PROJECT, sample_workspace.home, tmp_path)
    assert documented.success, documented.exception
    project = Project.read(PROJECT, tmp_path)
    violations = check(project)
    assert not violations, "\n".join(map(str, violations))
    assert f"{len(project.models)} models, {len(project.models)} of them with their real columns" in summary(project)


def test_this_project_passes_dbt_bouncer(target: Path) -> None:
    judged = bounce(target)
    assert judged.returncode == 0, judged.stdout


def test_the_summary_counts_what_was_looked_at(project: Project) -> None:
    assert summary(project).startswith(f"{len(RULES)} rules over {len(project.manifest['nodes'])} nodes")


def test_the_command_prints_each_violation_and_exits_1(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(plant_in(project.manifest, put({}, "nodes", SCORES, "config", "meta"))))
    monkeypatch.setattr(sys, "argv", ["conventions", str(tmp_path)])
    assert main() == 1
    assert "mart_has_audience: scores: its audience is None: set `meta: {audience: ...}` to public or internal." in capsys.readouterr().out


def put(value: object, *path: str) -> Plant:
    """Return a plant that sets one value of the manifest."""

    def plant(manifest: Node) -> None:
        *parents, last = path
        for key in parents:
            manifest = manifest[key]
        manifest[last] = value

    return plant


def column(name: str, data_type: str) -> Plant:
    """Return a plant that adds a described column to scores."""
    return put({"name": name, "data_type": data_type, "description": "Planted."}, "nodes", SCORES, "columns", name)


def python(code: str) -> Plant:
    """Return a plant that makes scores a Python model."""

    def plant(manifest: Node) -> None:
        manifest["nodes"][SCORES] |= {"language": "python", "raw_code": f"def model(dbt, session):\n{code}"}

    return plant


def code(change: Callable[[str], str]) -> Plant:
    """Return a plant that changes the SQL of scores."""

    def plant(manifest: Node) -> None:
        manifest["nodes"][SCORES]["raw_code"] = change(manifest["nodes"][SCORES]["raw_code"])

    return plant


def reads(parent: str) -> Plant:
    """Return a plant that lets scores read the node too."""

    def plant(manifest: Node) -> None:
        manifest["nodes"][SCORES]["depends_on"]["nodes"].append(parent)

    return plant


def no_key_test(manifest: Node) -> None:
    for node in manifest["nodes"].values():
        if node.get("attached_node") == SCORES and node["test_metadata"]["name"] in ("unique_key", "unique"):
            node["attached_node"] = None


def no_exposure(manifest: Node) -> None:
    for exposure in manifest["exposures"].values():
        exposure["depends_on"]["nodes"] = [parent for parent in exposure["depends_on"]["nodes"] if parent != SCORES]


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        pytest.param(put(False, "nodes", SCORES, "config", "contract", "enforced"), "mart_has_contract", id="no contract"),
        pytest.param(put(None, "nodes", SCORES, "config", "group"), "mart_has_owner", id="no group"),
        pytest.param(put("nobody", "nodes", SCORES, "config", "group"), "mart_has_owner", id="unknown group"),
        pytest.param(no_key_test, "mart_has_key", id="no key test"),
        pytest.param(put({}, "nodes", SCORES, "config", "meta"), "mart_has_audience", id="no audience"),
        pytest.param(no_exposure, "mart_ends_at_a_person", id="no exposure"),
        pytest.param(put("all", "nodes", SCORES, "config", "meta", "audience"), "mart_has_audience", id="invalid audience"),
        pytest.param(put(None, "nodes", SCORES, "patch_path"), "model_is_documented_beside_it", id="no yml"),
        pytest.param(put(["state"], "nodes", SCORES, "tags"), "state_survives_full_refresh", id="state without full_refresh false"),
        pytest.param(
            put("incremental", "nodes", SCORES, "config", "materialized"), "incremental_keeps_its_rows_on_spark", id="no partition"
        ),
        pytest.param(reads("seed.callsheet.industries"), "layer_reads_what_it_may", id="mart reads a seed"),
        pytest.param(reads(LANDED), "layer_reads_what_it_may", id="mart reads staging"),
        pytest.param(reads("model.callsheet.alerts"), "product_reads_itself_alone", id="product reads operations"),
        pytest.param(code(lambda sql: "--\n" * 120 + sql), "model_is_short", id="over-long SQL"),
        pytest.param(python("    pass\n" * 40), "model_is_short", id="over-long Python"),
        pytest.param(code(lambda sql: f"{sql}\nlimit 1"), "model_ends_in_its_last_cte", id="more after the last CTE"),
        pytest.param(code(lambda _: "select\n    null::string as id\nwhere false"), "model_ends_in_its_last_cte", id="empty, but no state"),
        pytest.param(python("    dbt.config.get(key)"), "python_model_gets_what_its_yml_gives", id="key that is not literal"),
    ],
)
def test_a_fault_of_one_model_is_named(project: Project, plant: Plant, rule: str) -> None:
    assert faults(project, plant) == {(rule, "scores")}


@pytest.mark.parametrize(
    "form",
    [
        "row_number() over (partition by id order by score desc)",
        "row_number() over (partition by id order by score desc nulls last, id)",
        "sum(score) over (order by batch_no range between 3 preceding and current row)",
        "arg_max(industry, score)",
        "max_by(industry, score)",
        "array_agg(id)",
        "list(id)",
        "string_agg(id, ',' order by id nulls last)",
        "concat(id, industry)",
        "regexp_replace(id, 'a', 'b')",
        "regexp_extract(id, '(a)b')",
        "log(score)",
        "round(score, 2)",
        "len(id)",
        "dayofweek(posted_on)",
        "strptime(id, '%Y')",
        "json_extract(id, '$.a')",
        "id ->> 'a'",
        "unnest(views)",
        "list_sum(counts)",
        "quantile_cont(score, 0.5)",
        "score::varchar",
        "cast(score as hugeint)",
        "try_cast(id as integer)",
        "(score / 2)::bigint",
        "'2025-06-01T10:00:00+02:00'::timestamp",
        r"id like 'a\b'",
        "score // 2",
        "score ** 2",
        "counts[1]",
        "[score, score]",
        "{'a': score}",
        'scores."id"',
    ],
)
def test_a_form_that_spark_reads_otherwise_is_named(project: Project, form: str) -> None:
    rule = "sql_means_the_same_on_both_engines"
    select = f"planted as (\n    select {form} as planted from scores\n),\n\nfinal as ("
    assert faults(project, code(lambda sql: sql.replace("final as (", select))) == {(rule, "scores")}
    macro = "macro.callsheet.filled"
    assert faults(project, put(f"{{% macro filled(text) -%}} {form} {{%- endmacro %}}", "macros", macro, "macro_sql")) == {(rule, "filled")}
    assert not faults(project, put(form, "macros", "macro.callsheet.duckdb__utc_time", "macro_sql"))


@pytest.mark.parametrize(
    "form",
    [
        "row_number() over (partition by id order by score desc nulls last, id asc nulls last)",
        "sum(score) over (order by batch_no nulls last range between 3 preceding and current row)",
        "count(*) filter (where score > 0)",
        "regexp_extract(id, '(a),(b)', 1)",
        "concat_ws('|', id, industry)",
        "round(score * 100) / 100",
        "round(score / 2)::bigint",
        "score::string",
        "{{ half_even('score / 2') }}",
        "split_part(id, '//', 1)",
    ],
)
def test_a_form_that_both_engines_read_alike_passes(project: Project, form: str) -> None:
    select = f"planted as (\n    select {form} as planted from scores\n),\n\nfinal as ("
    assert not faults(project, code(lambda sql: sql.replace("final as (", select)))


@pytest.mark.parametrize(
    ("name", "data_type"), [("new", "boolean"), ("seen", "timestamp"), ("seen", "timestamp with time zone"), ("seen_at", "date")]
)
def test_a_column_not_named_for_its_type_is_named(project: Project, name: str, data_type: str) -> None:
    assert faults(project, column(name, data_type)) == {("column_is_named_for_its_type", f"scores.{name}")}


@pytest.mark.parametrize(
    ("name", "data_type"), [("is_new", "boolean"), ("seen_at", "timestamp"), ("seen_on", "date"), ("date_utc", "date")]
)
def test_a_well_named_column_passes(project: Project, name: str, data_type: str) -> None:
    assert faults(project, column(name, data_type)) == set()


def test_a_group_without_an_owner_is_named_for_each_of_its_marts(project: Project) -> None:
    marts = {mart["name"] for mart in project.marts if mart["config"]["group"] == "operations"}
    assert faults(project, put({}, "groups", "group.callsheet.operations", "owner")) == {("mart_has_owner", mart) for mart in marts}


def test_a_column_that_the_yml_omits_is_named(project: Project) -> None:
    catalog = {"nodes": {SCORES: {"columns": {"id": {"type": "VARCHAR"}, "surprise": {"type": "DOUBLE"}}}}}
    assert new(project, replace(project, catalog=catalog)) == {("column_is_described", "scores.surprise")}


@pytest.mark.parametrize("line", ["planted: 1", "planted: '# no reason'", "planted: 1  #", "planted: {a: 1}"])
def test_a_var_without_a_reason_is_named(project: Project, copied: Path, line: str) -> None:
    settings = copied / "dbt_project.yml"
    settings.write_text(settings.read_text().replace("\nvars:\n", f"\nvars:\n  {line}\n"))
    assert new(project, replace(project, root=copied)) == {("var_has_reason", "planted")}


def edit_models(folder: Path, change: Callable[[list[Node]], None]) -> None:
    """Change the models of the percentiles' yml."""
    path = folder / "models/percentiles/marts/_percentiles__marts.yml"
    content = yaml.safe_load(path.read_text())
    change(content["models"])
    path.write_text(yaml.safe_dump(content))


def undescribed_column(folder: Path) -> None:
    def change(models: list[Node]) -> None:
        scores = next(model for model in models if model["name"] == "scores")
        del next(column for column in scores["columns"] if column["name"] == "score")["description"]

    edit_models(folder, change)


def get_without_its_key(folder: Path) -> None:
    code = 'def model(dbt, session):\n    a, b = dbt.config.get("given"), dbt.config.get("missing")\n    return dbt.ref("scores")\n'
    (folder / "models/percentiles/marts/learned.py").write_text(code)
    columns = [{"name": "id", "description": "Planted."}]
    config = {"access": "private", "contract": {"enforced": False}, "given": 1}
    edit_models(folder, lambda models: models.append({"name": "learned", "columns": columns, "config": config}))


def second_product(folder: Path, layer: str, name: str, reads: str, config: Node) -> None:
    """Add a product `other` with one model, which is faultless but for what it reads."""
    path = folder / "models/other" / layer / f"{name}.sql"
    path.parent.mkdir(parents=True)
    path.write_text(f"with final as (\n    select id from {{{{ ref('{reads}') }}}}\n)\n\nselect * from final\n")
    model = {
        "name": name,
        "description": "One row per plant.",
        "config": {"group": "other", **config},
        "columns": [{"name": "id", "data_type": "varchar", "description": "Planted.", "data_tests": ["unique"]}],
    }
    properties = {"models": [model], "groups": [{"name": "other", "owner": {"name": "Other"}}]}
    (folder / "models/other/_other__models.yml").write_text(yaml.safe_dump(properties))


def forbidden_edge(folder: Path) -> None:
    config = {"access": "public", "contract": {"enforced": True}, "meta": {"audience": "internal"}}
    second_product(folder, "marts", "other_scores", "scores", config)


@pytest.mark.parametrize(
    ("plant", "faults"),
    [
        (undescribed_column, {("column_is_described", "scores.score")}),
        (get_without_its_key, {("python_model_gets_what_its_yml_gives", "learned")}),
        (
            forbidden_edge,
            {
                ("product_reads_itself_alone", "other_scores"),
                ("mart_ends_at_a_person", "other_scores"),
            },
        ),
    ],
)
@pytest.mark.long
def test_a_fault_in_the_files_is_named(project: Project, copied: Path, tmp_path: Path, plant: Plant, faults: set[tuple[str, str]]) -> None:
    plant(copied)
    parsed = dbt("parse", copied, tmp_path, tmp_path / "target")
    assert parsed.success, parsed.exception
    assert new(project, Project.read(copied, tmp_path / "target")) == faults


@pytest.mark.long
def test_dbt_itself_refuses_to_read_a_private_model_of_another_product(copied: Path, tmp_path: Path) -> None:
    second_product(copied, "intermediate", "int_other__peek", "int_percentiles__find_repeats", {"access": "private"})
    parsed = dbt("parse", copied, tmp_path, tmp_path / "target")
    assert not parsed.success
    assert "int_percentiles__find_repeats" in str(parsed.exception)
    assert "private to the 'percentiles' group" in str(parsed.exception)


@pytest.mark.parametrize(
    ("plant", "only"),
    [
        pytest.param(
            put("models/percentiles/staging/stg_pulse__landed.sql", "nodes", LANDED, "original_file_path"),
            "check_model_names",
            id="named for another product",
        ),
        pytest.param(put("private", "nodes", SCORES, "access"), "check_model_access", id="mart that nobody may read"),
        pytest.param(put("Scores.", "nodes", SCORES, "description"), "check_model_description_contains_regexp_pattern", id="no grain"),
    ],
)
def test_dbt_bouncer_names_a_fault(project: Project, tmp_path: Path, plant: Plant, only: str) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target/manifest.json").write_text(json.dumps(plant_in(project.manifest, plant)))
    judged = bounce(tmp_path / "target", only)
    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert only in judged.stdout
