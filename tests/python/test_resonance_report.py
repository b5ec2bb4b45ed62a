"""What a person gets for a brief: a whole folder or none, the columns agreed, a manifest that holds; a mistake gets one sentence."""

import csv
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
from callsheet.resonance.reports import slate_plots
from callsheet.resonance.reports.recommending import SlateRequest
from callsheet.resonance.reports.recommending import run as run_request
from callsheet.runtime.errors import CallsheetError
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace

from tests.python.conftest import Outcome

RunScript = Callable[..., Outcome]
Recommend = Callable[..., tuple[Outcome, Path]]
PLAIN = ("--year", 2006, "--budget", 20, "--genres", "Action,Thriller", "--top", 6)
TWO_ROLES = ("--role", "Hero:1", "--role", "Villain:2")
STEM = "2006_action_thriller_20m"
SCHEMA = json.loads((PROJECT / "python_udfs" / "callsheet" / "resonance" / "reports" / "manifest_schema.json").read_text(encoding="utf-8"))
COLUMNS = {
    "slate": "actor_name,p_base,p_cal,p_high,low,high,role,bill_order,rank,person_id,credit_count,last_year,proposed_by,cycle_shift,"
    "synergy_shift,bfd_penalty,cadence_penalty,history_penalty,fee_usd,reason,plausibility,actor_shift",
    "alternates": "actor_name,p_base,p_cal,p_high,role,lead_name,lead_id,lead_rank,rank,person_id,distance,credit_count,credit_limit,"
    "p_difference,fee_usd,fee_difference_usd,costar_share,usual_billing,last_year",
    "reason_codes": "role,rank,person_id,actor_name,position,feature,about,delta,value,usual,sentence",
    "comparables": "film_id,title,film_year,budget_usd,revenue_usd,resonance,likeness",
    "director_slate": "director_name,p_base,p_cal,p_high,low,high,rank,person_id,credit_count,last_year,reason",
    "comparison": "actor_name,change,role,rank_before,rank_after,p_cal_before,p_cal_after,person_id,why",
}


@pytest.fixture(scope="module")
def home(sample_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a home in which nothing lies but what was published."""
    workspace = Workspace(tmp_path_factory.mktemp("reader"), sample_workspace.database)
    publish(workspace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLSHEET_HOME", str(workspace.home))
        yield workspace.home


@pytest.fixture
def recommend(home: Path, run_script: RunScript) -> Recommend:
    """Run recommend.py and return how it ended and the folder it made."""

    def run(*arguments: object) -> tuple[Outcome, Path]:
        before = reports(home)
        outcome = run_script("recommend", *arguments)
        assert outcome.err == ""
        (folder,) = reports(home) - before
        return outcome, folder

    return run


@pytest.fixture(scope="module")
def two_people(home: Path) -> tuple[str, str]:
    """Return an actor and a director who have worked before 2006."""
    with duckdb.connect(str(public(home)), read_only=True) as connection:
        query = (
            "select min_by(person_name, (-count, person_id)) from (select casts.person_id, any_value(casts.person_name) as person_name, "
            "count(*) as count from resonance.casts as casts inner join resonance.film_results as films using (film_id) "
            "where casts.job = ? and films.film_year < 2006 group by casts.person_id)"
        )
        actor, director = (connection.execute(query, [job]).fetchall()[0][0] for job in ("cast", "director"))
    return actor, director


def public(home: Path) -> Path:
    return Workspace(home, home / "no.duckdb").public


def reports(home: Path) -> set[Path]:
    return set((home / "data" / "reports").glob("*"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def manifest_of(folder: Path) -> dict[str, Any]:
    (path,) = folder.glob("*_manifest.json")
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return held


def test_a_demo_with_two_roles_and_a_comparison_is_whole(home: Path, recommend: Recommend, tmp_path: Path) -> None:
    """One long run, looked at from all sides: files, columns, order, checksums, schema, no path of this machine."""
    other = tmp_path / "other.json"
    other.write_text('{"year": 2006, "budget": 60, "genres": ["comedy"], "roles": ["Hero:1", "Villain:2"], "top": 6}')
    outcome, folder = recommend(*PLAIN, *TWO_ROLES, "--demo", "--compare", other)
    assert outcome.code == 0
    assert re.fullmatch(r"demo_\d{8}_\d{6}(_\d+)?", folder.name)
    tables = {name: f"{STEM}_{name}.csv" for name in ("alternates", "reason_codes", "comparables", "comparison")}
    tables |= {name: f"{name}_{STEM}.csv" for name in ("slate", "director_slate")}
    assert {path.name for path in folder.iterdir()} == {
        *tables.values(),
        *(f"{name}.png" for name in (f"slate_{STEM}", f"{STEM}_reasons", f"director_slate_{STEM}")),
        f"{STEM}_manifest.json",
    }
    assert {name: (folder / file).read_text(encoding="utf-8").splitlines()[0] for name, file in tables.items()} == COLUMNS

    slate = rows_of(folder / tables["slate"])
    for role in ("Hero", "Villain"):
        own = [row for row in slate if row["role"] == role]
        assert [int(row["rank"]) for row in own] == [1, 2, 3, 4, 5, 6]
        assert own == sorted(own, key=lambda row: (-float(row["p_high"]), row["person_id"]))
    leads = {row["person_id"] for row in slate}
    assert len(leads) == 12
    assert leads.isdisjoint(row["person_id"] for row in rows_of(folder / tables["alternates"]))
    assert {row["person_id"] for row in rows_of(folder / tables["reason_codes"])} == leads

    manifest = manifest_of(folder)
    jsonschema.validate(manifest, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert {file["path"] for file in manifest["files"]} == {path.name for path in folder.iterdir()} - {f"{STEM}_manifest.json"}
    for file in manifest["files"]:
        assert hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest() == file["sha256"]
        if file["path"].endswith(".csv"):
            assert len(rows_of(folder / file["path"])) == file["rows"]
    published, compared = manifest["inputs"]
    assert published["path"] == "data/published/public/callsheet.duckdb"
    assert hashlib.sha256((home / published["path"]).read_bytes()).hexdigest() == published["sha256"]
    assert compared == {"name": "compare", "path": "other.json", "sha256": hashlib.sha256(other.read_bytes()).hexdigest()}
    with duckdb.connect(str(public(home)), read_only=True) as connection:
        stored = connection.execute(
            "select label || '/' || name, content from resonance.model_artefacts where model_run_id = ?",
            [manifest["model"]["model_run_id"]],
        ).fetchall()
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in stored}
    assert manifest["model"]["artefacts"].items() <= checksums.items()
    assert len(manifest["model"]["artefacts"]) == 12  # six heads, that of directors, curves, means, weights, what serving hangs on, casting
    for path in folder.iterdir():
        assert not {str(home).encode(), str(tmp_path).encode(), str(PROJECT).encode()} & set(re.findall(rb"/[\w./-]+", path.read_bytes()))
        assert str(home).encode() not in path.read_bytes()

    first = rows_of(folder / tables["director_slate"])[0]
    assert manifest["brief"]["director"] == first["person_id"]
    assert manifest["people"] == {first["person_id"]: first["director_name"]}
    assert manifest["brief"]["synergy_weight"] == 0.25
    assert first["director_name"] in outcome.out.splitlines()[0]
    assert any(float(row["synergy_shift"]) > 0 for row in slate)

    changes = rows_of(folder / tables["comparison"])
    assert {row["person_id"] for row in changes if row["change"] != "left" and row["role"] == "Hero"} == {
        row["person_id"] for row in slate if row["role"] == "Hero"
    }
    for row in changes:
        rank = int(row["rank_after"]) if row["rank_after"] else None
        assert row["why"]
        assert (row["change"] == "left") == (row["person_id"] not in {own["person_id"] for own in slate if own["role"] == row["role"]})
        assert row["change"] != "up" or (rank is not None and rank < int(row["rank_before"]))
    for name in (f"slate_{STEM}.png", f"{STEM}_reasons.png", f"director_slate_{STEM}.png"):
        assert (folder / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert (folder / name).stat().st_size > 10_000


def test_the_same_brief_and_its_manifest_give_the_same_bytes(recommend: Recommend, two_people: tuple[str, str], tmp_path: Path) -> None:
    actor, director = two_people
    agency = tmp_path / "availability.csv"
    agency.write_text(f"person,free_from,free_to,exclusive_to,fee_usd\n{actor},2007-01-01,,,1000000\n", encoding="utf-8")
    options = (*PLAIN, "--director", director, "--min-credits", 3, "--no-cycle", "--label", "The Heist", "--bill-order", 2)
    outcome, first = recommend(*options, "--availability", agency)
    _, second = recommend(*options, "--availability", agency)
    _, third = recommend("--brief", first / "the_heist_manifest.json")
    assert {path.name for path in first.iterdir()} == {path.name for path in second.iterdir()} == {path.name for path in third.iterdir()}
    for path in first.iterdir():
        if path.suffix != ".json":
            assert path.read_bytes() == (second / path.name).read_bytes() == (third / path.name).read_bytes(), path.name
    one, other, again = (manifest_of(folder) for folder in (first, second, third))
    assert one | {"made_at": ""} == other | {"made_at": ""}
    assert one | {"made_at": "", "inputs": []} == again | {"made_at": "", "inputs": []}
    assert one["people"][one["brief"]["director"]] == director
    assert (one["flags"]["use_cycle"], one["flags"]["calibrate"], one["flags"]["demo"]) == (False, True, False)
    slate = rows_of(first / "slate_the_heist.csv")
    assert all(row["actor_name"] != actor and row["bill_order"] == "2" and int(row["credit_count"]) >= 3 for row in slate)
    assert "left out by min_credits" in outcome.out


@pytest.mark.long
def test_neither_dbt_nor_the_build_database_is_needed(home: Path, tmp_path: Path) -> None:
    """The only thing in the home is what was published, and importing dbt fails."""
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "__init__.py").write_text('raise ImportError("there is no dbt here")\n')
    assert not (home / "data" / "callsheet.duckdb").exists()
    run = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "recommend.py", *map(str, PLAIN), "--json"],
        cwd=tmp_path,
        env={**os.environ, "CALLSHEET_HOME": str(home), "PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    summary = json.loads(run.stdout)
    assert (summary["landed"], summary["kept"], summary["quarantined"], summary["details"]["actors"]) == (1, 1, 0, 6)
    assert Path(summary["written_to"]).is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["dbt"]


def test_a_check_writes_nothing(home: Path, run_script: RunScript, tmp_path: Path) -> None:
    before = reports(home)
    brief = tmp_path / "brief.json"
    brief.write_text('{"year": 2006, "budget": 20, "genres": "Action,Thriller", "top": 6}')
    outcome = run_script("check", brief)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Checked the brief 2006 action thriller 20m → nothing written: 1 brief landed, 1 kept")
    assert reports(home) == before


def test_a_slate_of_nobody_and_one_without_calibration_are_said(recommend: Recommend) -> None:
    outcome, folder = recommend(*PLAIN, "--min-credits", 1000)
    assert (outcome.code, rows_of(folder / f"slate_{STEM}.csv")) == (3, [])
    assert "look: Only 0 of 6 actors were found for the lead" in outcome.out
    jsonschema.validate(manifest_of(folder), SCHEMA)
    assert not list(folder.glob("*.png"))
    outcome, folder = recommend(*PLAIN, "--no-calibrate", "--no-diversity", "--no-penalties")
    assert outcome.code == 0
    for row in rows_of(folder / f"slate_{STEM}.csv"):
        odds = [math.log(float(row[name]) / (1 - float(row[name]))) for name in ("p_cal", "p_high")]
        assert (row["low"], row["high"]) == ("", "") and odds[1] - odds[0] == pytest.approx(float(row["plausibility"]), abs=1e-6)
    assert (folder / f"slate_{STEM}.png").exists()


WRONG = {
    "year": ("--year", "soon"),
    "year outside": ("--year", 1900),
    "budget": ("--budget", 0),
    "genres": ("--genres", "Acton"),
    "bill order": ("--bill-order", 0),
    "role": ("--role", "Villain"),
    "director": ("--director", "Nobody At All"),
    "top": ("--top", 0),
    "alpha": ("--alpha", 2),
    "synergy weight": ("--synergy-weight", "much"),
    "min credits": ("--min-credits", -1),
    "max credits": ("--max-credits", "x"),
    "active within": ("--active-within-years", 0),
    "actor genres": ("--actor-genres", "opera"),
    "must have": ("--must-have", "Nobody At All"),
    "exclude": ("--exclude", "Nobody At All"),
    "shoot from": ("--shoot-from", "May"),
    "shoot to": ("--shoot-to", "2006-13-01"),
    "fee": ("--max-total-fee", 0),
    "brief": ("--brief", "missing.json"),
    "availability": ("--availability", "missing.csv"),
    "compare": ("--compare", "missing.json"),
    "published": ("--published", "missing.duckdb"),
    "published is none": ("--published", PROJECT / "README.md"),
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG)
def test_a_wrong_argument_gets_one_sentence_and_leaves_nothing(
    home: Path, run_script: RunScript, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[object, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = reports(home)
    outcome = run_script("recommend", *PLAIN, *options)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1), outcome
    assert outcome.err.startswith("callsheet: ")
    assert re.search(r"[:;] .+\.$", outcome.err.strip()), "no mend"
    assert reports(home) == before
    assert not list(tmp_path.iterdir())


def test_lines_of_availability_are_judged_one_by_one(
    recommend: Recommend, run_script: RunScript, two_people: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "agency.csv"
    header = "person,free_from,free_to,exclusive_to,fee_usd\n"
    path.write_text(f"{header}{two_people[0]},,,,250000\n" + "Un Known,,,,\n" * 4, encoding="utf-8")
    outcome, folder = recommend(*PLAIN, "--availability", path)
    assert outcome.code == 3
    assert f"look: {path} line 3: no actor 'Un Known' is known; the line is not used." in outcome.out
    assert f"look: … and 1 more lines of {path} are not used." in outcome.out
    assert "6 rows landed, 2 kept, 4 quarantined" in outcome.out
    assert manifest_of(folder)["brief"]["availability"][0]["fee_usd"] == 250_000
    for content, sentence in (
        ("name\nx\n", "has no column person: its header is person,free_from,free_to,exclusive_to,fee_usd."),
        (f"{header}{two_people[0]},May,,,\n", "line 2: free_from 'May' is no day: write it as YYYY-MM-DD."),
        (f"{header}{two_people[0]},2006-02-01,2006-01-01,,\n", "line 2: free_from 2006-02-01 is after free_to 2006-01-01"),
        (f"{header},2006-02-01,,,\n", "line 2: availability"),
        (f"{header}{two_people[0]},,,,1\n{two_people[0]},,,,2\n", "twice: keep one line"),
        ("\xe9".encode("latin-1"), "is not UTF-8: save it as UTF-8."),
    ):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        refused = run_script("recommend", *PLAIN, "--availability", path)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert sentence in refused.err


def test_changed_bytes_of_a_model_and_formulas_in_names(home: Path, run_script: RunScript, recommend: Recommend, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    shutil.copy(public(home), copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update resonance.casts set person_name = '=1+1 ' || person_name")
    _, folder = recommend(*PLAIN, "--published", copy)
    assert all(row["actor_name"].startswith("'=1+1 ") for row in rows_of(folder / f"slate_{STEM}.csv"))
    assert manifest_of(folder)["inputs"][0]["path"] == "copy.duckdb"
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update resonance.model_artefacts set content = content || '\\x00'::blob where name = 'actor_head'")
    before = reports(home)
    outcome = run_script("recommend", *PLAIN, "--published", copy)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "it was changed" in outcome.err
    assert reports(home) == before


def test_a_full_disk_leaves_no_half_of_a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(slate_plots, "draw", fail)
    before = set((home / "data" / "reports").iterdir())
    with pytest.raises(CallsheetError, match="No space is left on the disk"):
        run_request(Workspace.find(), SlateRequest({"year": 2006, "genres": "drama", "top": 3}), print, only_check=False)
    assert set((home / "data" / "reports").iterdir()) == before


def test_why_actor_leads_back_to_the_films(home: Path, run_script: RunScript, two_people: tuple[str, str], tmp_path: Path) -> None:
    actor, director = two_people
    brief = tmp_path / "brief.json"
    fields = {"year": 2006, "budget": 20, "genres": ["action", "thriller"], "director": director}
    brief.write_text(json.dumps(fields), encoding="utf-8")
    outcome = run_script("why", "actor", actor, "--brief", brief)
    assert (outcome.code, outcome.err) == (0, "")
    standing, own, common, changes, films = outcome.out.split("\n\n")
    with duckdb.connect(str(public(home)), read_only=True) as connection:
        ((person_id,),) = connection.execute(
            "select any_value(person_id) from resonance.casts where person_name = ? and job = 'cast'", [actor]
        ).fetchall()
        career = connection.execute(
            "select films.film_id, films.resonance from resonance.casts as casts "
            "inner join resonance.film_results as films using (film_id) "
            "where casts.person_id = ? and casts.job = 'cast' and films.film_year < 2006 "
            "order by films.film_year desc, films.released_on desc nulls last, films.film_id desc",
            [person_id],
        ).fetchall()
        ((mean,),) = connection.execute(
            "select last_three_mean from resonance.person_states where person_id = ? and job = 'cast' and as_of_year = 2006", [person_id]
        ).fetchall()
    assert standing.startswith(f"{actor} ({person_id}) · 2006 · action, thriller · $20 million · {director} · lead, billing 1\n")
    assert re.search(r"Rank [\d,]+ of [\d,]+ candidates|Not among the", standing)
    assert own.startswith("What is its own:\n  ")
    assert common.startswith("What film and director say, nearly the same for all:\n  ")
    for change in (f"without {director}", "a budget of $10 million", "a budget of $40 million", "without action", "at billing 2"):
        assert f"  {change}" in changes
    shown = films.splitlines()[1:]
    assert [line.split("(")[1].split(")")[0] for line in shown[:8]] == [film_id for film_id, _ in career[:8]]
    rated = [line for line in shown if "last three results" in line]
    assert [line.split("(")[1].split(")")[0] for line in rated] == [film_id for film_id, resonance in career if resonance is not None][:3]
    told = [float(re.findall(r"resonance ([+-]\d+\.\d+)", line)[0]) for line in rated]
    assert sum(told) / 3 == pytest.approx(mean, abs=0.005)
    assert len([line for line in shown if "last five genres" in line]) == 5

    excluded = tmp_path / "excluded.json"
    excluded.write_text(json.dumps(fields | {"excluded": [person_id]}), encoding="utf-8")
    outcome = run_script("why", "actor", person_id, "--brief", excluded)
    assert "Left out: named to be left out. It would be 0." in outcome.out
    assert "without the filters" in outcome.out
    outcome = run_script("why", "actor", "Nobody At All", "--brief", brief)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
