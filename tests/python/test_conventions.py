"""The house rules: this project keeps them, and each one goes red on the fault it is there for."""

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_bouncer.main import run_bouncer

from tests.conventions.rules import RULES, Node, Project, check, summary

ROOT = Path(__file__).resolve().parents[2]
SCORES = "model.callsheet.scores"
LANDED = "model.callsheet.stg_percentiles__landed"
Plant = Callable[[Any], None]


def parse(folder: Path, home: Path) -> dbtRunnerResult:
    """Let dbt parse the project in the folder; it writes into the home only."""
    folders = ["--project-dir", folder, "--profiles-dir", folder, "--target-path", home / "target", "--log-path", home / "logs"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(home))
        return dbtRunner().invoke(["parse", "--log-level", "none", *map(str, folders)])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose target folder holds the manifest of this project as it is."""
    home = tmp_path_factory.mktemp("home")
    parsed = parse(ROOT, home)
    assert parsed.success, parsed.exception
    return home


@pytest.fixture(scope="module")
def project(home: Path) -> Project:
    return Project.read(ROOT, home / "target")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of this project's dbt files, to plant faults in."""
    folder = tmp_path / "project"
    for part in ("models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(ROOT / part, folder / part)
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / part, folder)
    return folder


def new(project: Project, planted: Project) -> set[tuple[str, str]]:
    """Return the (rule, subject) of what the plant broke, and of nothing that was broken before."""
    return {(violation.rule, violation.subject) for violation in set(check(planted)) - set(check(project))}


def bounce(home: Path, only: str = "") -> int:
    """Return the exit code of dbt-bouncer over the home's target folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_PROJECT_DIR", str(home))
        return run_bouncer(config_file=ROOT / "dbt-bouncer.yml", check=only, show_all_failures=True)


def test_this_project_keeps_the_rules(project: Project) -> None:
    assert [str(violation) for violation in check(project)] == []


def test_this_project_passes_dbt_bouncer(home: Path) -> None:
    assert bounce(home) == 0


def test_the_summary_counts_what_was_looked_at(project: Project) -> None:
    line = summary(project)
    assert line.startswith(f"{len(RULES)} rules over {len(project.manifest['nodes'])} nodes")
    assert f"{len(project.models)} models, 0 of them with their real columns" in line


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


@pytest.mark.parametrize(
    ("plant", "rule", "subject"),
    [
        pytest.param(put(False, "nodes", SCORES, "config", "contract", "enforced"), "mart_has_contract", "scores", id="no contract"),
        pytest.param(put(None, "nodes", SCORES, "config", "group"), "mart_has_owner", "scores", id="no group"),
        pytest.param(put("nobody", "nodes", SCORES, "config", "group"), "mart_has_owner", "scores", id="unknown group"),
        pytest.param(no_key_test, "mart_has_key", "scores", id="no key test"),
        pytest.param(put({}, "nodes", SCORES, "config", "meta"), "mart_has_audience", "scores", id="no audience"),
        pytest.param(put("all", "nodes", SCORES, "config", "meta", "audience"), "mart_has_audience", "scores", id="invalid audience"),
        pytest.param(reads("seed.callsheet.industries"), "layer_reads_what_it_may", "scores", id="mart reads a seed"),
        pytest.param(reads(LANDED), "layer_reads_what_it_may", "scores", id="mart reads staging"),
        pytest.param(reads("model.callsheet.alerts"), "product_reads_itself_alone", "scores", id="product reads operations"),
        pytest.param(code(lambda sql: "--\n" * 120 + sql), "model_is_short", "scores", id="over-long SQL"),
        pytest.param(python("    pass\n" * 40), "model_is_short", "scores", id="over-long Python"),
        pytest.param(code(lambda sql: f"{sql}\nlimit 1"), "model_ends_in_its_last_cte", "scores", id="more after the last CTE"),
        pytest.param(
            code(lambda _: "select null::varchar as id\nwhere false"), "model_ends_in_its_last_cte", "scores", id="empty, no state"
        ),
        pytest.param(
            python("    dbt.config.get(key)\n"), "python_model_gets_what_its_yml_gives", "scores", id="key of .get() is not literal"
        ),
        pytest.param(
            put(None, "nodes", LANDED, "config", "full_refresh"),
            "state_survives_full_refresh",
            "stg_percentiles__landed",
            id="mortal state",
        ),
        pytest.param(put(None, "nodes", SCORES, "patch_path"), "model_is_documented_in_its_product", "scores", id="no yml"),
        pytest.param(column("new", "boolean"), "column_is_named_for_its_type", "scores.new", id="boolean without is_"),
        pytest.param(column("new", "timestamp"), "column_is_named_for_its_type", "scores.new", id="timestamp without _at"),
        pytest.param(column("new", "date"), "column_is_named_for_its_type", "scores.new", id="date without _on"),
    ],
)
def test_a_fault_in_the_manifest_is_named(project: Project, plant: Plant, rule: str, subject: str) -> None:
    manifest = copy.deepcopy(project.manifest)
    plant(manifest)
    assert new(project, Project(ROOT, manifest, project.catalog)) == {(rule, subject)}


def test_a_group_without_an_owner_is_named_for_each_of_its_marts(project: Project) -> None:
    manifest = copy.deepcopy(project.manifest)
    put({}, "groups", "group.callsheet.operations", "owner")(manifest)
    marts = {mart["name"] for mart in project.marts if mart["config"]["group"] == "operations"}
    assert marts
    assert new(project, Project(ROOT, manifest, project.catalog)) == {("mart_has_owner", mart) for mart in marts}


@pytest.mark.parametrize(
    ("name", "data_type"), [("date_utc", "date"), ("is_new", "boolean"), ("seen_on", "date"), ("seen_at", "timestamp")]
)
def test_a_well_named_column_passes(project: Project, name: str, data_type: str) -> None:
    manifest = copy.deepcopy(project.manifest)
    column(name, data_type)(manifest)
    assert new(project, Project(ROOT, manifest, project.catalog)) == set()


def test_a_column_that_the_yml_omits_is_named(project: Project) -> None:
    catalog = {"nodes": {SCORES: {"columns": {"id": {"type": "VARCHAR"}, "surprise": {"type": "DOUBLE"}}}}}
    assert new(project, Project(ROOT, project.manifest, catalog)) == {("column_is_described", "scores.surprise")}


@pytest.mark.parametrize("line", ["planted: 1", "planted: '# no reason'", "planted: 1  #", "planted: {a: 1}"])
def test_a_var_without_a_reason_is_named(project: Project, copied: Path, line: str) -> None:
    settings = copied / "dbt_project.yml"
    settings.write_text(settings.read_text().replace("\nvars:\n", f"\nvars:\n  {line}\n"))
    assert new(project, Project(copied, project.manifest, project.catalog)) == {("var_has_reason", "planted")}


def edit_models(folder: Path, change: Callable[[list[Node]], None]) -> None:
    """Change the models of the percentiles' yml."""
    path = folder / "models/percentiles/_percentiles__models.yml"
    content = yaml.safe_load(path.read_text())
    change(content["models"])
    path.write_text(yaml.safe_dump(content))


def undescribed_column(folder: Path) -> None:
    def change(models: list[Node]) -> None:
        scores = next(model for model in models if model["name"] == "scores")
        del next(column for column in scores["columns"] if column["name"] == "score")["description"]

    edit_models(folder, change)


def get_without_its_key(folder: Path) -> None:
    lines = [
        "def model(dbt, session):",
        '    rate, steps = dbt.config.get("rate"), dbt.config.get("steps")',
        '    return dbt.ref("scores")',
    ]
    (folder / "models/percentiles/marts/learned.py").write_text("\n".join(lines))
    columns = [{"name": "id", "description": "Planted."}]
    config = {"access": "private", "contract": {"enforced": False}, "rate": 1}
    edit_models(folder, lambda models: models.append({"name": "learned", "description": "Planted.", "columns": columns, "config": config}))


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
    ("plant", "rule", "subject"),
    [
        (undescribed_column, "column_is_described", "scores.score"),
        (get_without_its_key, "python_model_gets_what_its_yml_gives", "learned"),
        (forbidden_edge, "product_reads_itself_alone", "other_scores"),
    ],
)
def test_a_fault_in_the_files_is_named(project: Project, copied: Path, tmp_path: Path, plant: Plant, rule: str, subject: str) -> None:
    plant(copied)
    parsed = parse(copied, tmp_path)
    assert parsed.success, parsed.exception
    assert new(project, Project.read(copied, tmp_path / "target")) == {(rule, subject)}


def test_dbt_itself_refuses_to_read_a_private_model_of_another_product(copied: Path, tmp_path: Path) -> None:
    second_product(copied, "intermediate", "int_other__peek", "int_percentiles__valid_assets", {"access": "private"})
    parsed = parse(copied, tmp_path)
    assert not parsed.success
    assert "int_percentiles__valid_assets" in str(parsed.exception)
    assert "private to the 'percentiles' group" in str(parsed.exception)


@pytest.fixture
def bounced(home: Path, tmp_path: Path) -> Iterator[Callable[[Plant, str], int]]:
    """Return a function that plants a fault in the manifest and lets one check of dbt-bouncer judge it."""

    def judge(plant: Plant, only: str) -> int:
        manifest = json.loads((home / "target/manifest.json").read_text())
        plant(manifest)
        (tmp_path / "target").mkdir()
        (tmp_path / "target/manifest.json").write_text(json.dumps(manifest))
        return bounce(tmp_path, only)

    yield judge


@pytest.mark.parametrize(
    ("plant", "only"),
    [
        pytest.param(
            put("models/percentiles/staging/stg_pulse__landed.sql", "nodes", LANDED, "original_file_path"),
            "check_model_names",
            id="named for another product",
        ),
        pytest.param(put("private", "nodes", SCORES, "access"), "check_model_access", id="a mart that nobody may read"),
        pytest.param(put("Scores.", "nodes", SCORES, "description"), "check_model_description_contains_regexp_pattern", id="no grain"),
    ],
)
def test_dbt_bouncer_goes_red(bounced: Callable[[Plant, str], int], plant: Plant, only: str) -> None:
    assert bounced(plant, only) == 1
