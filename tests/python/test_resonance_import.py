"""A person's own films: every format lands, every bad line has its reason, nothing is lost, and a mistake gets one sentence."""

import csv
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.films.text import repair_text
from callsheet.workspace import Workspace

from tests.python.conftest import Outcome
from tests.python.film_workspace import QUARANTINED, FilmWorkspace

FIXTURES = Path(__file__).parent / "fixtures" / "resonance"
FLAT_HEADER = "id,original_title,release_date,release_year,budget,revenue,vote_average,vote_count,genres,cast,director\n"
RunScript = Callable[..., Outcome]


def fetched(workspace: FilmWorkspace, sql: str) -> list[tuple[Any, ...]]:
    return sorted(workspace.rows(sql), key=repr)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> FilmWorkspace:
    """Land and judge the flat export that has one line for each rule."""
    workspace = FilmWorkspace(tmp_path_factory.mktemp("dirty"))
    land(workspace.workspace, ImportRequest("tmdb-flat", (FIXTURES / "tmdb_flat_dirty.csv",)))
    return workspace.build("--select", "+int_resonance__rate_films", "+int_resonance__judge_credits")


def test_each_film_line_has_its_verdict(dirty: FilmWorkspace) -> None:
    with (FIXTURES / "tmdb_flat_dirty_expected.csv").open(encoding="utf-8") as lines:
        expected = list(csv.DictReader(lines))
    columns = ", ".join(
        f"coalesce({name}::varchar, '')" for name in expected[0] if name not in ("genres", "budget_usd", "revenue_usd", "rating")
    )
    numbers = ", ".join(f"coalesce(printf('%g', {name}), '')" for name in ("budget_usd", "revenue_usd", "rating"))
    got = dirty.rows(
        f"select {columns}, {numbers}, coalesce(array_to_string(genres, '|'), '') "
        "from intermediate.int_resonance__judge_films order by position"
    )
    wanted = [
        tuple(f"{float(v):g}" if name in ("budget_usd", "revenue_usd", "rating") and v else v for name, v in line.items())
        for line in expected
    ]
    assert got == wanted


def test_each_credit_has_its_verdict_and_nothing_is_lost(dirty: FilmWorkspace) -> None:
    credits = dirty.rows(
        "select position, person_id, job, bill_order, reject_reason, flags from intermediate.int_resonance__judge_credits "
        "where film_id = '4' or (film_id = '3' and job = 'director') or film_id = '5' order by file_name, position"
    )
    assert credits == [
        (4001, "karlheinz böhm", "cast", 1, None, None),
        (4002, "karlheinz böhm", "cast", None, "duplicate", None),
        (4003, "ada moor", "cast", 2, None, None),
        (4004, None, "cast", None, "person_missing", None),
        (5001, "ada moor", "cast", None, "film_unknown", None),
        (3001, "cleo page", "director", 1, None, "several_directors"),
        (3002, "dov reis", "director", 2, None, "several_directors"),
        (4001, "cleo page", "director", 1, None, None),
    ]
    for table in ("films", "credits"):
        landed, judged, quarantined = (
            dirty.rows(f"select count(*) from {name}")[0][0]
            for name in (
                f"imported.{table}",
                f"intermediate.int_resonance__judge_{table}",
                f"{QUARANTINED} where file_name {'not ' if table == 'films' else ''}like '%:%'",
            )
        )
        kept = dirty.rows(f"select count(*) from intermediate.int_resonance__judge_{table} where reject_reason is null")[0][0]
        assert landed == judged == kept + quarantined
    assert fetched(dirty, "select distinct person_name from staging.stg_resonance__credits where person_id is not null") == [
        ('Ada Moor',), ('Ben Orr',), ('Cleo Page',), ('Dov Reis',), ('Karlheinz Böhm',), ('Zoë "Z" Ash',),
    ]  # fmt: skip


def test_the_pair_of_tmdb_is_read_from_its_json(tmp_path: Path) -> None:
    workspace = FilmWorkspace(tmp_path)
    notes = land(workspace.workspace, ImportRequest("tmdb", (FIXTURES / "tmdb",)))
    assert notes == ["cast is no JSON in 1 lines of credits.csv: those films have none of it."]
    assert fetched(workspace, "select film_id, title, release_date, budget, revenue, rating, vote_count, genres from imported.films") == [
        ("101", "Blue Moon", "2001-12-10", "237000000", "2787965087", "7.2", "11800", "Action|Science Fiction"),
        ("102", "Comma, the Film", "1999-01-05", "0", "0", "0", "0", ""),
        ("103", "Third", "2003-03-03", "5000000", "7000000", "6.1", "50", None),
    ]
    assert fetched(workspace, "select film_id, person_id, job, billing from imported.credits") == [
        ("101", "11", "cast", "1"), ("101", "12", "cast", "0"), ("101", "21", "director", "1"), ("102", "11", "director", "1"),
    ]  # fmt: skip
    assert fetched(workspace, "select distinct person_id, name from imported.people") == [
        ("11", "Ada Moor"),
        ("12", "Ben Orr"),
        ("21", "Cleo Page"),
    ]


@pytest.mark.parametrize(
    ("format_", "written"),
    [
        ("tmdb-flat", {"1": "Heist|road  TRIP|heist|", "2": "", "3": "New York"}),
        ("tmdb", {"1": '[{"id": 1, "name": "Heist"}, {"id": 2, "name": "road  TRIP"}]', "2": "[]", "3": "[{'id': 3, 'name': 'New York'}]"}),
        ("table", {"1": "['Heist', 'road trip']", "2": "", "3": "New York"}),
    ],
)
def test_keywords_are_read_as_each_source_writes_them(format_: str, written: dict[str, str], tmp_path: Path) -> None:
    files = [tmp_path / "films.csv", *([tmp_path / "credits.csv"] if format_ == "tmdb" else [])]
    titles = {"tmdb": "title", "tmdb-flat": "original_title", "table": "Movie"}
    with files[0].open("w", newline="", encoding="utf-8") as lines:
        names = {"table": ["Stars", "Plot Keywords"], "tmdb-flat": ["cast", "director", "keywords"], "tmdb": ["keywords"]}[format_]
        table = csv.writer(lines)
        table.writerow(["id", titles[format_], "release_date", "genres", *names])
        for id_, keywords in written.items():
            people = [] if format_ == "tmdb" else ["Ada Moor"] * (len(names) - 1)
            table.writerow([id_, f"Film {id_}", "2001-02-03", "[]" if format_ == "tmdb" else "Drama", *people, keywords])
    if format_ == "tmdb":
        files[1].write_text("movie_id,title,cast,crew\n1,Film 1,[],[]\n", encoding="utf-8")
    workspace = FilmWorkspace(tmp_path / "home")
    land(workspace.workspace, ImportRequest(format_, tuple(files)))
    workspace.build("--select", "+stg_resonance__films")
    assert fetched(workspace, "select film_id, keywords from staging.stg_resonance__films") == [
        ("1", ["heist", "road trip"]),
        ("2", None),
        ("3", ["new york"]),
    ]


@pytest.mark.parametrize("with_money", [True, False])
def test_the_files_of_imdb_are_joined(with_money: bool, tmp_path: Path) -> None:
    folder = tmp_path / "imdb"
    shutil.copytree(FIXTURES / "imdb", folder)
    if not with_money:
        (folder / "money.csv").unlink()
    workspace = FilmWorkspace(tmp_path)
    notes = land(workspace.workspace, ImportRequest("imdb", (folder,)))
    money = ("1000000", "5000000") if with_money else (None, None)
    assert fetched(workspace, "select film_id, title, release_year, budget, revenue, rating, vote_count, genres from imported.films") == [
        ("tt001", 'The "Quoted One', "2001", *money, "7.1", "100", "Drama|Sci-Fi"),
        ("tt003", "No Year", None, None, None, None, None, None),
        ("tt004", "Fourth", "2004", None, None, None, None, "Comedy"),
    ]
    assert fetched(workspace, "select film_id, person_id, job from imported.credits") == [
        ("tt001", "nm1", "cast"), ("tt001", "nm2", "cast"), ("tt001", "nm3", "director"),
        ("tt004", "nm2", "cast"), ("tt004", "nm2", "director"),
    ]  # fmt: skip
    assert fetched(workspace, "select person_id, name from imported.people") == [
        ("nm1", "Ada Moor"),
        ("nm2", "Ben Orr"),
        ("nm3", "Cleo Page"),
    ]
    assert any("hold no revenue" in note for note in notes) is not with_money
    assert any("1 titles of title.basics.tsv are no films" in note for note in notes)


def test_the_long_table_keeps_its_resonance_and_tells_conflicts(tmp_path: Path) -> None:
    workspace = FilmWorkspace(tmp_path)
    land(workspace.workspace, ImportRequest("long", (FIXTURES / "long.csv",)))
    workspace.build("--select", "+film_results")
    films = (
        "select film_id, position, reject_reason, supplied_resonance, budget_usd from intermediate.int_resonance__judge_films order by all"
    )
    assert workspace.rows(films) == [("L1", 1, None, 0.25, 5e6), ("L2", 3, None, -1.5, None), ("L2", 4, "conflict", -1.4, None)]
    rated = "select film_id, resonance, director_id, genres from resonance.film_results order by all"
    assert workspace.rows(rated) == [("L1", 0.25, "cleo page", ["action"]), ("L2", -1.5, "cleo page", ["science_fiction"])]
    cast = "select film_id, person_id, bill_order from intermediate.int_resonance__judge_credits where job = 'cast' order by all"
    assert workspace.rows(cast) == [("L1", "ada moor", 1), ("L1", "ben orr", 2), ("L2", "ada moor", 2), ("L2", "ben orr", 1)]


def test_gzip_byte_order_mark_and_windows_letters_are_read(tmp_path: Path) -> None:
    line = "1,Caf\u00e9,2001-01-01,2001,1000000,2000000,7,10,Drama,Zo\u00eb Ash,Cleo Page\n"
    plain, windows = tmp_path / "a.csv.gz", tmp_path / "b.csv"
    plain.write_bytes(gzip.compress(b"\xef\xbb\xbf" + (FLAT_HEADER + line).encode()))
    windows.write_bytes((FLAT_HEADER + line).encode("cp1252"))
    ends = []
    for path in (plain, windows):
        workspace = FilmWorkspace(tmp_path / path.name.replace(".", "_"))
        notes = land(workspace.workspace, ImportRequest("tmdb-flat", (path,)))
        assert notes == (
            [f"{path.name} is not UTF-8 and was read as Windows-1252: look at the names with accents."] if path == windows else []
        )
        ends.append((workspace.rows("select title from imported.films"), fetched(workspace, "select person_id, name from imported.people")))
    assert ends[0] == ends[1] == ([("Café",)], [("cleo page", "Cleo Page"), ("zoë ash", "Zoë Ash")])


@pytest.mark.long
def test_the_script_reports_and_the_same_files_again_change_nothing(tmp_path: Path, run_script: RunScript) -> None:
    source, database = FIXTURES / "tmdb_flat_dirty.csv", tmp_path / "own" / "films.duckdb"
    checked = run_script("check", source, "--format", "tmdb-flat", "--json")
    assert not database.exists()
    assert checked.code == 3
    outcome = run_script("import_films", "--format", "tmdb-flat", "--input", source, "--database", database, "--json")
    assert outcome.code == 3
    report, first = json.loads(outcome.out), json.loads(checked.out)
    assert report["landed"] == report["kept"] + report["quarantined"] == first["landed"] > 30
    assert (first["notes"], first["written_to"]) == (report["notes"], "nothing written")
    assert report["details"]["films"] == 6
    assert any("1 films have a genre" in note for note in report["notes"])
    workspace = FilmWorkspace(tmp_path)
    workspace.workspace = Workspace(tmp_path / "own", database)
    landed = [fetched(workspace, f"select * exclude (imported_at) from imported.{table}") for table in ("films", "imports")]
    land(workspace.workspace, ImportRequest("tmdb-flat", (source,)))
    assert [fetched(workspace, f"select * exclude (imported_at) from imported.{table}") for table in ("films", "imports")] == landed
    other = run_script("import_films", "--format", "long", "--input", FIXTURES / "long.csv", "--database", database)
    assert other.code == 2
    assert "already holds the films of tmdb_flat_dirty.csv, not of long.csv: keep another dataset in another database" in other.err


BAD_FILES = {
    "no such file": (None, "There is no "),
    "empty": (b"", "is empty: give a CSV or TSV file with a header"),
    "binary": (b"PK\x03\x04\0\0\0\0", "is no text"),
    "header only": (FLAT_HEADER.encode(), "The files hold no film"),
    "missing columns": (b"id,title,cast\n1,x,y\n", "lacks director; it has id, title, cast"),
    "no year": (b"id,title,cast,director\n1,x,y,z\n", "has neither release_year nor release_date"),
    "column twice": (b"id,title,cast,director,id\n1,x,y,z,1\n", "has two columns called 'id'"),
    "cut gzip": (gzip.compress(FLAT_HEADER.encode() * 50)[:-20], "cannot be read"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_an_unusable_file_gets_one_sentence_and_nothing_is_written(case: str, tmp_path: Path, run_script: RunScript) -> None:
    content, sentence = BAD_FILES[case]
    path = tmp_path / "films.csv"
    if content is not None:
        path.write_bytes(content)
    outcome = run_script("import_films", "--format", "tmdb-flat", "--input", path, "--database", tmp_path / "films.duckdb")
    assert outcome.code == 2
    assert sentence in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert not (tmp_path / "films.duckdb").exists()


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("BÃ¶hm", "Böhm"), ("SiobhÃ¡n", "Siobhán"), ("Ãngel", "Ãngel"), ("  a \t b ", "a b"), ("plain", "plain"),
        ("e\u0301", "é"), ("São Paulo", "São Paulo"), (None, None),
    ],
)  # fmt: skip
def test_letters_read_in_the_wrong_encoding_are_repaired(broken: str | None, whole: str | None) -> None:
    assert repair_text(broken) == whole
