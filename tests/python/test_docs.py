"""What the README and the docs show is what a newcomer sees."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from callsheet.percentiles.why import explain_score
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace
from PIL import Image

from tests.docs_outputs import EXAMPLES, block, examples, outputs, printed, queries, taxonomies

README = (PROJECT / "README.md").read_text(encoding="utf-8")
DEPLOYMENT = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_every_query_gives_the_output_below_it_on_the_published_file(sample_workspace: Workspace, tmp_path: Path) -> None:
    publish(workspace := Workspace(tmp_path, sample_workspace.database))
    shown_queries = list(queries(workspace))
    assert len([page for page, *_ in shown_queries if page.name == "tour.md"]) == 10
    assert len(shown_queries) == 11
    for page, query, shown, actual in shown_queries:
        assert shown == actual, f"{page.name}: {query}; `python -m tests.docs_outputs` writes it anew"


def test_every_output_in_the_docs_is_what_its_analysis_gives(sample_workspace: Workspace) -> None:
    blocks = list(outputs(sample_workspace))
    assert {analysis for _, analysis, _, _ in blocks} == {str(path.relative_to(PROJECT)) for path in PROJECT.glob("analyses/*/*.sql")}
    for page, analysis, shown, actual in blocks:
        assert shown == actual, f"{page.name}: {analysis}; `python -m tests.docs_outputs` writes it anew"


@pytest.mark.long
def test_every_output_of_a_script_in_the_docs_is_what_it_prints(sample_workspace: Workspace, tmp_path: Path) -> None:
    publish(Workspace(tmp_path, sample_workspace.database))
    blocks = list(printed(tmp_path))
    assert {command.split()[0] for _, command, _, _ in blocks} == {"scripts/recommend.py", "scripts/why.py"}
    for page, command, shown, actual in blocks:
        assert shown == actual, f"{page.name}: {command}; `python -m tests.docs_outputs` writes it anew"


@pytest.mark.long
def test_the_examples_are_what_the_commands_of_their_readme_give(sample_workspace: Workspace, tmp_path: Path) -> None:
    (made := tmp_path / "made").mkdir()
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    workspace.database.parent.mkdir()
    shutil.copy(sample_workspace.database, workspace.database)
    publish(workspace)
    examples(tmp_path, made)
    names = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    assert names == {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*") if path.is_file()} - {"README.md"}
    for name in names:
        match Path(name).suffix:
            case ".csv":
                pd.testing.assert_frame_equal(pd.read_csv(EXAMPLES / name), pd.read_csv(made / name), obj=name)
            case ".json":
                then, now = (json.loads((folder / name).read_text(encoding="utf-8")) for folder in (EXAMPLES, made))
                assert then.keys() == now.keys(), name
                assert then["brief"] == now["brief"], name
            case ".html":
                then, now = ((folder / name).read_text(encoding="utf-8") for folder in (EXAMPLES, made))
                assert then == now, name
            case _:
                # The same picture in the same size. Fonts are drawn a little differently from one machine to the next.
                then, now = (np.asarray(Image.open(folder / name).convert("L"), dtype=float) for folder in (EXAMPLES, made))
                assert then.shape == now.shape, name
                assert abs(then - now).mean() < 2, name


def test_every_table_of_codes_in_the_docs_is_what_its_seed_holds() -> None:
    shown = list(taxonomies())
    assert len(shown) == 6
    for page, seed, table in shown:
        found = block(seed, page.read_text(encoding="utf-8"))
        assert found, f"{page.name}: {seed} has no <!-- end -->"
        assert found.group(2) == table, f"{page.name}: {seed}; `python -m tests.docs_outputs` writes it anew"


def test_the_walk_back_in_the_docs_is_what_why_prints(sample_workspace: Workspace) -> None:
    shown = re.search(r"```text\n((\w+) · .*?)\n```", (PROJECT / "docs" / "percentiles.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert shown
    assert "\n".join(explain_score(sample_workspace, shown.group(2))) == shown.group(1)


def test_every_file_and_script_it_names_exists() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (PROJECT / link).exists(), link
    for script in re.findall(r"scripts/(\w+)\.py", README):
        assert (PROJECT / "scripts" / f"{script}.py").exists(), script


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_the_code_behind_each_part_of_the_deployment_exists() -> None:
    known = {path.stem for folder in ("models", "macros", "tests/dbt") for path in (PROJECT / folder).rglob("*.sql")}
    known |= {path.stem for path in (PROJECT / "seeds").rglob("*.csv")}
    known |= set(yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"])
    known |= {
        f"make {target}" for target in re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    }

    def exists(name: str) -> bool:
        return name.removeprefix("operations.") in known or any((PROJECT / folder / name).exists() for folder in (".", "tests/python"))

    table = DEPLOYMENT.split("## Part by part")[1]
    here = [row.split("|")[2] for row in table.splitlines() if row.startswith("|")]
    named = {name for cell in here for name in re.findall("`([^`]+)`", cell)}
    folders = "macros|scripts|tests|python_udfs|benchmarks|deploy"
    elsewhere = rf"`((?:(?:int|stg)_percentiles__|percentiles_|assert_|operations\.|(?:{folders})/)[^`*]+)`"
    named |= {name.split(":")[0] for name in re.findall(elsewhere, DEPLOYMENT)}
    assert len(named) > 40
    assert [name for name in sorted(named) if not exists(name)] == []


def test_the_sql_of_the_deployment_is_what_its_migrations_run() -> None:
    (shown,) = re.findall(r"```sql\n(.*?)```", DEPLOYMENT, flags=re.DOTALL)
    run = [line for path in (PROJECT / "deploy" / "postgres").glob("*.sql") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in shown.splitlines() if line not in run] == []
