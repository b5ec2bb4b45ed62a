"""What a home's config says of briefs, people and who is free: in force in every build, and in no file of the project."""

import csv
import json
from pathlib import Path

import pytest
from callsheet.resonance.films.world import Recipe, World, make_world
from callsheet.runtime.checking import Options, check_path
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import Workspace

from tests.python.film_workspace import UP_TO_FEATURES, FilmWorkspace

CONFIG = {
    "briefs.csv": "position,label,year,budget,genres,bill_order,roles,director,top,min_credits,max_credits,active_within_years,"
    "actor_genres,must_have,excluded,min_age,max_age,gender\n7,Ours,2008,12,Drama,,,,5,,,,,,,,,\n",
    "people.csv": 'person_id,name,born,died,gender,professions\n,ANN,1950-03-04,,female,"actress, singer"\nID,,1960,2001,,\n',
    "availability.csv": "person,free_from,free_to,exclusive_to,fee_usd\nANN,2008-05-01,,,2000000\nNobody We Know,,,,\n",
}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1, Recipe(films=80, actors=30, directors=8))


@pytest.fixture(scope="module")
def people(world: World) -> list[tuple[str, str]]:
    """Ids and names of two actors of the world; a long table knows people by name, which makes their ids."""
    actors = world.credits[world.credits["job"] == "cast"].merge(world.people, on="person_id").drop_duplicates("person_id")
    return [(name.lower(), name) for name in actors["name"][:2]]


@pytest.fixture(scope="module")
def built(world: World, people: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory) -> FilmWorkspace:
    workspace = FilmWorkspace(tmp_path_factory.mktemp("home"))
    (workspace.root / "config").mkdir()
    (_, ann), (id_, _) = people
    for name, text in CONFIG.items():
        (workspace.root / "config" / name).write_text(text.replace("ANN", ann).replace("ID,", f"{id_},"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(workspace.root))
        return workspace.land_world(world).build(*UP_TO_FEATURES, "+person_facts")


def test_own_briefs_are_asked_instead_of_the_samples(built: FilmWorkspace) -> None:
    judged = built.rows("select brief_no, label, problem from intermediate.int_resonance__judge_briefs")
    assert judged == [(7, "Ours", None)]


def test_who_is_free_counts_for_every_brief(built: FilmWorkspace, people: list[tuple[str, str]]) -> None:
    (text,) = built.rows("select brief from intermediate.int_resonance__judge_briefs")[0]
    (line,) = json.loads(text)["availability"]  # of the other nobody has heard
    assert (line["free_from"], line["fee_usd"]) == ("2008-05-01", 2_000_000)
    assert line["person"] == people[0][0]


def test_what_is_said_of_a_person_by_name_or_by_id_counts(built: FilmWorkspace, people: list[tuple[str, str]]) -> None:
    facts = "select born_year, died_year, gender, professions, facts_from from resonance.person_facts where person_id = '{}'"
    (by_name,) = built.rows(facts.format(people[0][0]))
    assert by_name == (1950, None, "female", "actress,singer", "config/people.csv")
    (by_id,) = built.rows(facts.format(people[1][0]))
    assert by_id[:2] == (1960, 2001)
    others = built.rows("select count(born_year) from resonance.person_facts where coalesce(facts_from, '') not like '%config%'")
    assert others == [(0,)]


def test_check_says_what_is_in_force_and_where_a_line_is_wrong(built: FilmWorkspace, tmp_path: Path) -> None:
    told = check_path(Workspace(built.root, built.workspace.database), str(built.root / "config"), Options()).told
    assert next(line.split(": ")[1] for line in told) == "2 rows"  # availability has no list of the project under it
    assert any("seeds/resonance/briefs.csv" in line for line in told)
    header = next(csv.reader(CONFIG["briefs.csv"].splitlines()))
    (tmp_path / "briefs.csv").write_text(",".join(header) + "\nseven" + "," * (len(header) - 1) + "\n", encoding="utf-8")
    with pytest.raises(UnusableInputError, match=r"briefs\.csv line 2: position is 'seven'"):
        check_path(Workspace(tmp_path, tmp_path / "db"), str(tmp_path / "briefs.csv"), Options())
