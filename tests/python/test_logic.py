"""A change of the code makes what it computes anew; a change of comments does not."""

from pathlib import Path

import pytest
from callsheet.runtime import logic
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.logic import Logic, bare_python, bare_sql

from tests.python.conftest import Workshop, asset, project_with_seeds

MODELS = {
    "stg_things.sql": "select id, tidied(name) as name from {{ source('raw', 'things') }}",
    "things.sql": "-- the things\nselect id, {{ doubled('name') }} from {{ ref('stg_things') }}",
    "others.sql": "select * from {{ ref('stg_things') }}",
    "scored.py": "from callsheet.arts.scoring import score\n\n\ndef model(dbt, session):\n    return score(dbt.ref('others'))\n",
}
MACROS = {
    "doubled.sql": "{% macro doubled(column) %}{{ adapter.dispatch('doubled')(column) }}{% endmacro %}",
    "variants.sql": "{% macro duckdb__doubled(column) %}2 * {{ column }}{% endmacro %}\n"
    "{% macro spark__doubled(column) %}{{ column }} + {{ column }}{% endmacro %}\n{% macro unused() %}1{% endmacro %}",
}
MODULES = {"tidying.py": "def tidied(text):\n    return text.strip()\n", "scoring.py": "def score(table):\n    return table\n"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a small project and a package whose functions it calls."""
    for folder, files in (("models", MODELS), ("macros", MACROS), ("callsheet/arts", MODULES)):
        (tmp_path / folder).mkdir(parents=True)
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "callsheet/arts/__init__.py").touch()
    monkeypatch.setattr(logic, "PACKAGE", tmp_path / "callsheet")
    logic._module_path.cache_clear()
    return tmp_path


def hashes(project: Path, engine: str = "duckdb") -> dict[str, str]:
    def tidied() -> None: ...

    tidied.__module__ = "callsheet.arts.tidying"
    found = Logic(project, engine, {"tidied": tidied})
    return {Path(name).stem: found.hash_of(Path(name).stem) for name in MODELS}


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("models/things.sql", "select id,", "select id as number,", {"things"}),
        ("models/stg_things.sql", "select id,", "select id + 1 as id,", {"stg_things", "things", "others", "scored"}),
        ("macros/variants.sql", "2 * {{", "3 * {{", {"things"}),
        ("macros/variants.sql", "{{ column }} + {{ column }}", "{{ column }} * 2", set()),  # the other engine's
        ("macros/variants.sql", "%}1{%", "%}2{%", set()),  # nobody calls it
        ("callsheet/arts/tidying.py", "text.strip()", "text.lower()", {"stg_things", "things", "others", "scored"}),
        ("callsheet/arts/scoring.py", "return table", "return table[:1]", {"scored"}),
        ("models/things.sql", "-- the things", "-- what things are\n\n", set()),
        ("callsheet/arts/scoring.py", "def score(table):\n", 'def score(table):\n    """Say what."""\n\n    # and why\n', set()),
    ],
)
def test_the_hash_follows_the_code_of_a_model_its_ancestors_macros_and_functions(
    file: str, old: str, new: str, changed: set[str], project: Path
) -> None:
    before = hashes(project)
    text = (project / file).read_text(encoding="utf-8")
    assert old in text
    (project / file).write_text(text.replace(old, new), encoding="utf-8")
    after = hashes(project)
    assert {name for name in before if before[name] != after[name]} == changed


def test_each_engine_has_its_own_variants(project: Path) -> None:
    assert hashes(project, "duckdb")["things"] != hashes(project, "spark")["things"]
    assert hashes(project, "duckdb")["others"] == hashes(project, "spark")["others"]


def test_what_looks_like_a_comment_in_a_text_is_code() -> None:
    assert bare_sql("select '--  a'  -- b\n  as x {# c #}") == "select '--  a' as x"
    assert bare_sql("select 'it''s -- a'") == "select 'it''s -- a'"
    assert bare_python('x = "# a"  # b\n\n\ny = """c"""\n') == bare_python('x = "# a"\ny = """c"""\n')
    assert bare_python('x = "# a"\n') != bare_python('x = "# b"\n')


@pytest.mark.long
def test_a_changed_macro_restates_history_and_a_comment_does_not(tmp_path: Path) -> None:
    """The percentile of a macro that was changed by hand, with no number raised: both views of the current window still agree."""
    workshop = Workshop(tmp_path)
    for number in range(1, 5):
        workshop.deliver(number, [asset(f"{number}{name}", score) for name, score in (("a", 0.1), ("b", 0.1), ("c", 0.9))])
    project = project_with_seeds(tmp_path)
    macro = project / "macros" / "percentile.sql"
    selection = ("--select", "percentiles", "--exclude-resource-type", "test", "unit_test")

    def build() -> tuple[int, int]:
        Dbt(workshop.workspace, project).build(*selection, variables={"percentiles_batches": str(workshop.inbox)})
        ((superseded,),) = workshop.query("select count(*) from percentiles.score_history_superseded")
        ((contradicting,),) = workshop.query(
            "select count(*) from percentiles.score_history as history inner join percentiles.scores_against_current_window as other "
            "on history.id = other.id and history.computed_at_batch = other.iteration where history.percentile <> other.percentile"
        )
        return superseded, contradicting

    assert build() == (0, 0)
    made = workshop.query("select distinct fingerprint from percentiles.score_history")
    text = macro.read_text(encoding="utf-8")
    macro.write_text(text.replace("{%- if method", "{# said otherwise #}\n\n    {%- if method", 1), encoding="utf-8")
    assert build() == (0, 0)
    assert workshop.query("select distinct fingerprint from percentiles.score_history") == made
    macro.write_text(text.replace("2 * {{ lower }} + {{ equal }}", "2 * {{ lower }} + 2 * {{ equal }}"), encoding="utf-8")
    superseded, contradicting = build()
    assert superseded > 0
    assert contradicting == 0
