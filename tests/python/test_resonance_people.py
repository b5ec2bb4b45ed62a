"""Facts on people: read from any people file, used as filters that a brief asks for, and never seen by a score."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import numpy as np
import pytest
from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.films.world import Recipe, make_world
from callsheet.resonance.reports.budget_plot import shared_and_exclusive, strengths
from callsheet.resonance.slates.briefs import Brief, parse_brief
from callsheet.resonance.slates.catalogue import Catalogue, People
from callsheet.resonance.slates.make_slate import Slate, recommend
from callsheet.resonance.slates.rules import by_history, retired_or_dead
from callsheet.resonance.slates.scoring import Scorer
from callsheet.runtime.checking import Options, check_path
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import PROJECT, Workspace

from tests.python.film_workspace import FilmWorkspace

YEAR = 2006
FLAT = "id,title,release_year,cast,director\n1,One,2001,Ada Moor|Ben Orr|Zoe Ash,Cleo Page\n2,Two,2002,Ada Moor|Dov Reis,Cleo Page\n"


@pytest.fixture(scope="module")
def sample(sample_workspace: Workspace) -> Catalogue:
    return Catalogue.open(sample_workspace.database)


def with_facts(catalogue: Catalogue, **facts: Any) -> Catalogue:
    """Return the catalogue's twin in which other facts are known of everybody."""
    twin = object.__new__(Catalogue)
    twin.__dict__ |= catalogue.__dict__ | {"people": replace(catalogue.people, **facts)}
    return twin


def asked(catalogue: Catalogue, **fields: Any) -> Brief:
    return parse_brief({"year": YEAR, "budget": 20, "genres": "Action,Thriller", **fields}, catalogue.known)


def facts_of(catalogue: Catalogue, person_id: str) -> tuple[float, float, str | None]:
    people, code = catalogue.people, catalogue.people.code(person_id)
    return people.born[code], people.died[code], people.gender[code]


# ── reading ──


PEOPLE_FILES = {
    "a table of one's own": (
        "people.csv",
        'name,born,died,gender,professions\nADA MOOR,1970-05-01,2004,F,"Actress, Singer"\nBen Orr,1950,,m,Director\nNobody,1900,,m,\n',
        ("not stated", "actress,singer"),
    ),
    "a people export of TMDB": (
        "tmdb_people.csv",
        "id,name,birthday,deathday,gender,known_for_department\n7,Ada Moor,1970-05-01,2004-01-02,1,Acting\n"
        "8,Ben Orr,1950-01-01,,2,Directing\n",
        ("TMDB terms of use: attribution required, commercial use by agreement with TMDB", "acting"),
    ),
    "name.basics of IMDb": (
        "name.basics.tsv",
        "nconst\tprimaryName\tbirthYear\tdeathYear\tprimaryProfession\nnm1\tAda Moor\t1970\t2004\tactress,soundtrack\n"
        "nm2\tBen Orr\t1950\t\\N\tactor,director\nnm3\tBen Orr\t\\N\t\\N\tmiscellaneous\n",
        ("IMDb non-commercial datasets: personal and non-commercial use only", "actress,soundtrack"),
    ),
}


@pytest.mark.parametrize("case", PEOPLE_FILES)
def test_a_people_file_of_any_kind_is_read_by_name(case: str, tmp_path: Path) -> None:
    name, text, (licence, professions) = PEOPLE_FILES[case]
    (tmp_path / "films.csv").write_text(FLAT, encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    workspace = FilmWorkspace(tmp_path)
    assert land(workspace.workspace, ImportRequest("tmdb-flat", (tmp_path / "films.csv", tmp_path / name))) == []
    workspace.build("--select", "+person_facts")
    facts = "select person_id, born_year, died_year, gender, professions, facts_from, facts_licence from resonance.person_facts order by 1"
    ada, ben, *others = workspace.rows(facts)
    assert ada == ("ada moor", 1970, 2004, "female", professions, name, licence)
    assert ben[:4] == ("ben orr", 1950, None, "male")
    assert [row[:4] for row in others] == [(person, None, None, None) for person in ("cleo page", "dov reis", "zoe ash")]
    of_tmdb = PEOPLE_FILES["a people export of TMDB"][2][0]
    assert workspace.rows("select distinct licence from resonance.person_facts") == [(of_tmdb,)]


def test_a_folder_of_films_with_a_people_file_is_no_config(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "films.csv").write_text(FLAT, encoding="utf-8")
    (folder / "people.csv").write_text("name,born\nAda Moor,1970\n", encoding="utf-8")
    checked = check_path(Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb"), str(folder), Options())
    assert (checked.unit, checked.quarantined) == ("row", 0)
    assert checked.details["films"] == 2


def test_a_name_of_several_people_is_nobodys_and_a_people_file_may_come_later(tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text(FLAT, encoding="utf-8")
    workspace = FilmWorkspace(tmp_path)
    assert land(workspace.workspace, ImportRequest("tmdb-flat", (tmp_path / "films.csv",))) == []
    (tmp_path / "people.csv").write_text("name,born\nAda Moor,1950\nAda Moor,1980\nBen Orr,1960\n", encoding="utf-8")
    notes = land(workspace.workspace, ImportRequest("tmdb-flat", (tmp_path / "films.csv", tmp_path / "people.csv")))
    assert notes == ["1 names are those of several lines of the people file: nothing is taken from it for them."]
    born = workspace.rows("select person_id, born from imported.people where person_id in ('ada moor', 'ben orr') order by 1")
    assert born == [("ada moor", None), ("ben orr", "1960")]


def test_people_of_an_import_by_an_earlier_release_have_no_facts(tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text(FLAT, encoding="utf-8")
    workspace = FilmWorkspace(tmp_path)
    land(workspace.workspace, ImportRequest("tmdb-flat", (tmp_path / "films.csv",)))
    with duckdb.connect(str(workspace.workspace.database)) as connection:
        connection.execute("create or replace table imported.people as select file_name, position, person_id, name from imported.people")
    workspace.build("--select", "+person_facts")
    assert workspace.rows("select count(*), count(born_year), count(licence) from resonance.person_facts") == [(5, 0, 0)]


# ── used as filters, and never seen by a score ──


def test_no_score_moves_whatever_is_known_of_people(sample: Catalogue) -> None:
    """The guard: facts are dealt out anew, then taken away. Whoever is on both slates has the same numbers to the last digit."""
    chance, people = np.random.default_rng(3), sample.people
    order = chance.permutation(len(people.ids))
    dealt = with_facts(
        sample, born=people.born[order], died=people.died[order], gender=[people.gender[place] for place in order],
        professions=[people.professions[place] for place in order],
    )  # fmt: skip
    nothing = with_facts(
        sample,
        born=np.full(len(order), np.nan),
        died=np.full(len(order), np.nan),
        gender=[None] * len(order),
        professions=[None] * len(order),
    )
    for fields in ({}, {"budget": 90, "genres": "drama"}):
        slates = [recommend(twin, asked(twin, include_dead=True, **fields)) for twin in (sample, dealt, nothing)]
        first, second, third = (everything(slate) for slate in slates)
        assert first == second == third


def everything(slate: Slate) -> str:
    return repr([slate.rows, slate.reasons, slate.ranking, slate.directors])


def test_features_and_heads_never_read_facts() -> None:
    """Of all models only person_facts reads what was staged of people, and only the slates read person_facts."""
    readers = {}
    for table in ("stg_resonance__people", "person_facts"):
        named = re.compile(rf"""ref\(["']{table}["']\)""")
        files = [path for ending in ("sql", "py") for path in (PROJECT / "models").rglob(f"*.{ending}")]
        readers[table] = {path.stem for path in files if named.search(path.read_text(encoding="utf-8"))}
    assert readers == {"stg_resonance__people": {"person_facts"}, "person_facts": {"int_resonance__recommend"}}


FILTERS: dict[str, tuple[dict[str, Any], Callable[[tuple[float, float, str | None]], bool], str]] = {
    "gender": ({"gender": "Female"}, lambda of: of[2] == "female", "gender"),
    "min_age": ({"min_age": 50}, lambda of: YEAR - of[0] >= 50, "age"),
    "age range": ({"min_age": 30, "max_age": 40}, lambda of: 30 <= YEAR - of[0] <= 40, "age"),
    "nothing": ({}, lambda of: not of[1] < YEAR, "death"),
}


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_on_people_holds_for_slate_and_alternates_and_is_told(sample: Catalogue, case: str) -> None:
    fields, holds, rule = FILTERS[case]
    slate = recommend(sample, asked(sample, **fields))
    assert len(slate.rows) == 15
    assert all(holds(facts_of(sample, row["person_id"])) for row in [*slate.rows, *slate.alternates])
    (said,) = [row for row in slate.left_out if row["rule"] == rule]
    free = recommend(sample, asked(sample, include_dead=True))
    facts = [facts_of(sample, row["person_id"]) for row in free.ranking]
    broken = [of for of in facts if not holds(of) and (rule == "death" or not of[1] < YEAR)]
    assert said["person_count"] >= len(broken) > 0
    assert said["sentence"].startswith(f"{said['person_count']} of the candidates {'is' if said['person_count'] == 1 else 'are'} left out")


def test_who_died_in_the_films_year_is_alive_to_the_brief(sample: Catalogue) -> None:
    """Of 1 January of the year nobody knows it yet."""
    first, second, *_ = (row["person_id"] for row in recommend(sample, asked(sample)).rows)
    died = np.full(len(sample.people.ids), np.nan)
    died[sample.people.code(first)], died[sample.people.code(second)] = YEAR, YEAR - 1
    slate = recommend(twin := with_facts(sample, died=died), asked(twin))
    shown = [row["person_id"] for row in slate.rows]
    assert first in shown and second not in shown
    (said,) = [row["sentence"] for row in slate.left_out if row["rule"] == "death"]
    assert said == f"1 of the candidates is left out by death: {sample.people.name(second)} (died in {YEAR - 1})."
    assert second in [row["person_id"] for row in recommend(twin, asked(twin, include_dead=True)).rows]


def test_who_had_no_role_for_eight_years_is_left_out_and_told(sample: Catalogue) -> None:
    """Directors bring in the people of their past casts; here those of the director with the most of them who are long gone."""
    films, states = sample.past(YEAR).films, sample.past(YEAR).actors
    gone = np.zeros(films.people, dtype=bool)
    gone[states.codes] = states.at("last_year", states.codes) < YEAR - 8
    known, directed = sample.past(YEAR).directors.codes, films.director[films.acting.film]
    lost = np.bincount(directed[directed >= 0], gone[films.acting.person[directed >= 0]], films.people)
    director = sample.people.ids[known[lost[known].argmax()]]
    wishes: dict[str, Any] = {"director": director, "include_dead": True}
    slate, free = (recommend(sample, asked(sample, **wishes, **more)) for more in ({}, {"active_within_years": 100}))
    (said,) = [row for row in slate.left_out if row["rule"] == "active_within_years"]
    assert said["person_count"] == len(free.ranking) - len(slate.ranking) > 0
    assert re.search(r"left out by active_within_years: .+ \(no role since 19\d\d\)", said["sentence"])
    assert not any(gone[sample.people.code(row["person_id"])] for row in slate.ranking)


def test_age_and_gender_of_people_nobody_knows_anything_of_are_refused(sample: Catalogue) -> None:
    unknown = np.full(len(sample.people.ids), np.nan)
    twin = with_facts(sample, born=unknown, gender=[None] * len(unknown))
    for fields in ({"gender": "male"}, {"min_age": 20}, {"max_age": 60}):
        with pytest.raises(UnusableInputError, match="asks for age or gender, and nothing is known of either: import a people file"):
            recommend(twin, asked(twin, **fields))


# ── alternates ──


def test_alternates_are_less_known_active_alike_and_priced(sample: Catalogue) -> None:
    leads = recommend(sample, asked(sample)).rows
    fees = [{"person": row["person_id"], "fee_usd": 5_000_000} for row in leads[:3]]
    plain = recommend(sample, asked(sample))
    fees += [{"person": row["person_id"], "fee_usd": 1_500_000} for row in plain.alternates if row["rank"] == 1]
    fees = list({line["person"]: line for line in fees}.values())
    slate = recommend(sample, asked(sample, availability=fees))
    past, shown = sample.past(YEAR), {row["person_id"]: row for row in slate.rows}
    assert len(slate.alternates) > 2 * len(slate.rows)
    for row in slate.alternates:
        lead, code = shown[row["lead_id"]], np.array([sample.people.code(row["person_id"])])
        assert row["person_id"] not in shown and row["credit_count"] <= row["credit_limit"] == max(1, lead["credit_count"] // 2)
        assert row["last_year"] >= YEAR - 5 and not facts_of(sample, row["person_id"])[1] < YEAR
        lead_billing = past.actors.at("billing_mean", np.array([sample.people.code(row["lead_id"])]))[0]
        assert abs(row["usual_billing"] - lead_billing) <= 2 and row["usual_billing"] == past.actors.at("billing_mean", code)[0]
        assert row["p_difference"] == pytest.approx(row["p_cal"] - lead["p_cal"], abs=1e-12)
        assert row["distance"] == pytest.approx(1 - 0.75 * cosine(sample, row) - 0.25 * row["costar_share"], abs=1e-9)
        assert row["costar_share"] == pytest.approx(costar_share(sample, row["lead_id"], row["person_id"]), abs=1e-12)
        both = lead["fee_usd"] is not None and row["fee_usd"] is not None
        assert row["fee_difference_usd"] == (row["fee_usd"] - lead["fee_usd"] if both else None)
    assert any(row["fee_difference_usd"] == -3_500_000 for row in slate.alternates)


def cosine(catalogue: Catalogue, row: dict[str, Any]) -> float:
    past = catalogue.past(YEAR)
    one, other = (past.profiles[past.actors.place[catalogue.people.code(row[name])]] for name in ("lead_id", "person_id"))
    return float(one @ other)


def costar_share(catalogue: Catalogue, lead_id: str, person_id: str) -> float:
    """Count casts film by film, as a person would."""
    acting = catalogue.past(YEAR).films.acting
    casts: dict[int, set[int]] = {}
    for film, person in zip(acting.film.tolist(), acting.person.tolist(), strict=True):
        casts.setdefault(film, set()).add(person)
    lead, code = catalogue.people.code(lead_id), catalogue.people.code(person_id)
    circle = set().union(*(cast for cast in casts.values() if lead in cast)) - {lead}
    met = [other for cast in casts.values() if code in cast for other in cast if other != code]
    return sum(other in circle for other in met) / len(met)


def test_nobody_is_an_alternate_whose_work_is_not_acting(sample: Catalogue) -> None:
    """The singer and the dubbing artist: acting comes second in what the people file says of them."""
    plain = recommend(sample, asked(sample))
    singer = plain.alternates[0]["person_id"]
    professions = list(sample.people.professions)
    professions[sample.people.code(singer)] = "soundtrack,actress"
    twin = with_facts(sample, professions=professions)
    assert singer not in [row["person_id"] for row in recommend(twin, asked(twin)).alternates]


# ── directors ──


def test_ties_of_directors_are_broken_by_history(sample: Catalogue) -> None:
    """All have one score here, so their order is that of their past."""
    scorer = Scorer(sample.view(YEAR), asked(sample))
    codes = scorer.past.directors.codes[::-1]
    scored = scorer.score_directors(codes)
    tied = replace(scored, p_high=np.full(len(codes), 0.3))
    order = by_history(scorer, tied)
    means = np.nan_to_num(scored.values[order, scorer.view.director_features.index("director_genre_mean")], nan=-np.inf)
    assert (np.diff(means[np.isfinite(means)]) <= 0).all() and np.isfinite(means[0])
    without = order[np.isinf(means)]
    credits = scorer.past.directors.at("credit_count", codes[without])
    lately = np.nan_to_num(scored.values[without, scorer.view.director_features.index("dtr3")], nan=-np.inf)
    assert [*zip(-lately, -credits, strict=True)] == sorted(zip(-lately, -credits, strict=True))
    assert order.tolist() != np.lexsort((codes,)).tolist()


def test_directors_who_died_or_stopped_are_on_no_slate(sample: Catalogue) -> None:
    first = recommend(sample, asked(sample)).directors[0]["person_id"]
    died = sample.people.died.copy()
    died[sample.people.code(first)] = YEAR - 1
    twin = with_facts(sample, died=died)
    assert first not in [row["person_id"] for row in recommend(twin, asked(twin)).directors]
    scorer = Scorer(sample.view(YEAR), asked(sample))
    codes = scorer.past.directors.codes
    gone = codes[retired_or_dead(scorer, codes)]
    assert set(codes[scorer.past.directors.at("last_year", codes) < YEAR - 8].tolist()) <= set(gone.tolist()) and len(gone) < len(codes)


# ── the sample's people ──


def test_invented_people_have_names_of_their_own_and_nothing_planted_hangs_on_facts() -> None:
    world = make_world(7, Recipe(films=300, actors=2000, directors=400, dirt=False))
    assert world.people["name"].is_unique and world.people["name"].str.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+").all()
    truth = world.truth_people["effect"].to_numpy()
    of_cast = (world.truth_people["job"] == "cast").to_numpy()
    female = (world.people["gender"] == "female").to_numpy()
    difference = truth[of_cast & female].mean() - truth[of_cast & ~female].mean()
    assert abs(difference) < 4 * truth[of_cast].std() * 2 / np.sqrt(of_cast.sum())  # four standard errors
    assert {*world.people["gender"]} == {"female", "male"} and (world.people["died"] != "").any()


def test_acting_is_what_comes_first() -> None:
    nan = np.full(4, np.nan)
    people = People([*"abcd"], [*"abcd"], nan, nan, [None] * 4, [None, "actor,director", "Acting".lower(), "director,actor"])
    assert [people.acts(code) for code in range(4)] == [True, True, True, False]
    assert not people.has_facts


def test_reasons_are_shared_by_two_budgets_or_belong_to_one() -> None:
    def row(feature: str, about: str, delta: float) -> dict[str, Any]:
        return {"feature": feature, "about": about, "delta": delta}

    slate = SimpleNamespace(rows=[{}, {}], reasons=[row("bfd", "actor", -0.02), row("bfd", "actor", 0.04), row("log_budget", "film", 0.5)])
    assert strengths(cast(Slate, slate)) == {"bfd": pytest.approx(0.03)}
    reasons = {"low": {"a": 0.3, "b": 0.2}, "high": {"b": 0.4, "c": 0.1}}
    assert shared_and_exclusive(reasons) == {"both": ["b"], "low": ["a"], "high": ["c"]}
