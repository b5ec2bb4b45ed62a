"""Twelve strangers' files, each answered in a new home by at most two commands, as they are typed here."""

import csv
import gzip
import json
import shlex
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest
from callsheet.cli import main
from callsheet.runtime import home
from callsheet.workspace import PROJECT

from tests.python.conftest import Outcome
from tests.python.terminal import blocks

STRANGERS = PROJECT / "tests" / "python" / "fixtures" / "strangers"
pytestmark = pytest.mark.long  # twelve homes


@dataclass(frozen=True)
class Typed:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Typed]:
    """Type commands in a new home, in the folder of the strangers' files."""
    monkeypatch.delenv(home.SAMPLE_VARIABLE)
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    monkeypatch.chdir(STRANGERS)

    def run(command: str) -> Typed:
        monkeypatch.setattr(sys, "argv", shlex.split(command.replace("OUT", str(tmp_path / "out.csv"))))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Typed(int(ended.value.code or 0), captured.out, captured.err)

    return run


# The file, what the first answer proposes to add (nothing where it is the answer), and the buckets: day, region, type and roles.
PULSE = {
    "pulse_us_site": (
        "pulse_us_site/breakdowns-export-06302025.csv",
        "--date-format '%m/%d/%Y %I:%M %p'",
        {("2025-06-13", "LA", "F")},
    ),
    "pulse_uk_excel": ("'pulse_uk_excel/Castings June 2025.xlsx'", "", {("2025-06-02", "LON", "C")}),
    "pulse_german_csv": (
        "pulse_german_csv/Ausschreibungen.csv",
        "--encoding cp1252 --date-format '%d.%m.%Y'",
        {("2025-06-02", "OTHER_INTL", "F")},
    ),
    "pulse_api_zip": ("pulse_api_zip/export.zip", "--privacy off", {("2025-06-13", "LA", "F"), ("2025-06-13", "NY", "F")}),
}


@pytest.mark.parametrize("stranger", PULSE)
def test_breakdowns_become_a_pulse(stranger: str, typed: Callable[[str], Typed], tmp_path: Path) -> None:
    file, added, expected = PULSE[stranger]
    first = typed(f"callsheet pulse --input {file} --output OUT")
    if added:
        for option in added.split(" --"):  # each is named by the refusal, or by the look at what was held back
            assert option.removeprefix("--") in first.err + first.out
        second = typed(f"callsheet pulse --input {file} --output OUT {added}")
        assert (second.code, second.err) == (0, "")
    with (tmp_path / "out.csv").open(encoding="utf-8") as lines:
        buckets = {(row["date_utc"], row["region_code"], row["proj_type_code"]) for row in csv.DictReader(lines)}
    assert expected <= buckets


def scores_of(stranger: str) -> list[tuple[str, float, str]]:
    """Read a stranger's scores without callsheet: id, score, industry."""
    folder = STRANGERS / stranger
    rows: list[dict[str, object]] = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            rows += csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        elif path.suffix == ".gz":
            rows += [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        elif path.suffix == ".json":
            rows += json.loads(path.read_text(encoding="utf-8"))
        else:
            rows += pyarrow.parquet.read_table(path).to_pylist()
    id_, score, industry = NAMES[stranger]
    return [(str(row[id_]), float(str(row[score]).replace(",", ".")), str(row[industry])) for row in rows]


# What each calls an id, a score and an industry.
NAMES = {
    "percentiles_weekly_csv": ("Id", "Score", "Category"),
    "percentiles_nightly_jsonl": ("asset_id", "score", "category"),
    "percentiles_warehouse_parquet": ("assetId", "modelScore", "industryName"),
    "percentiles_json_pages": ("ID", "Score", "Industry"),
}


@pytest.mark.parametrize("stranger", NAMES)
def test_scores_become_percentiles(stranger: str, typed: Callable[[str], Typed], tmp_path: Path) -> None:
    loaded = typed(f"callsheet load --batches {stranger} --add-industries")
    assert "New industries of this home: " in loaded.out
    scores = scores_of(stranger)
    among = defaultdict(list)
    for _, score, industry in scores:
        among[industry.lower()].append(score)
    # All files are one window: each score's middle rank among all of its industry.
    expected = {
        id_: 100 * (sum(other < score for other in peers) + sum(other == score for other in peers) / 2) / len(peers)
        for id_, score, industry in scores
        for peers in [among[industry.lower()]]
    }
    with duckdb.connect(str(tmp_path / "data" / "callsheet.duckdb"), read_only=True) as connection:
        found = dict(connection.execute("select id, percentile from percentiles.scores").fetchall())
    assert found == pytest.approx(expected)
    if stranger == "percentiles_warehouse_parquet":
        assert typed("callsheet publish").code == 0
        assert (tmp_path / "data" / "published" / "public" / "scores.csv").read_text(encoding="utf-8").count("\n") == len(scores) + 1


def test_the_missions_words_work_as_they_stand_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run_script: Callable[..., Outcome]
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(tmp_path))
    monkeypatch.chdir(PROJECT / "scripts")
    output = tmp_path / "daily_pulse.csv"
    built = run_script("build_pulse", "--input", "breakdowns_sample.csv", "--output", output)
    assert built.code == 0
    with output.open(encoding="utf-8") as lines:
        assert len(list(csv.DictReader(lines))) >= 90


def test_the_quickstarts_are_what_is_typed_here() -> None:
    shown = [
        line for block, _ in blocks(PROJECT / "docs" / "quickstarts.md") for line in block.splitlines() if line.startswith("callsheet")
    ]
    file, added, _ = PULSE["pulse_us_site"]
    assert shown == [
        f"callsheet pulse --input {file} --output OUT",
        f"callsheet pulse --input {file} --output OUT {added}",
        "callsheet load --batches percentiles_warehouse_parquet --add-industries",
        "callsheet publish",
        f"callsheet import --input {ONE}",
        "callsheet build",
    ]


FILMS = {"resonance_movies_dataset": 900, "resonance_imdb_5000": 900, "resonance_top_zip": 899, "resonance_french_csv": 900}
ONE = "resonance_french_csv"  # the others are built in the soak: what differs is how they are read


@pytest.mark.parametrize("stranger", [pytest.param(one, marks=() if one == ONE else pytest.mark.soak) for one in FILMS])
def test_films_become_slates(stranger: str, typed: Callable[[str], Typed], tmp_path: Path) -> None:
    imported = typed(f"callsheet import --input {stranger}")
    assert f"{FILMS[stranger]} films, 176 people" in imported.out
    built = typed("callsheet build")
    assert built.code == 0, built.err
    assert "make app" in built.out
    assert len(built.out.splitlines()) <= 20
    with duckdb.connect(str(tmp_path / "data" / "published" / "public" / "callsheet.duckdb"), read_only=True) as connection:
        ((slates, probability),) = connection.execute("select count(*), avg(p_cal) from resonance.slates").fetchall()
    assert slates
    assert 0 < probability < 1


@pytest.mark.parametrize("stranger", [one for one in FILMS if one != ONE])
def test_films_are_read(stranger: str, typed: Callable[[str], Typed]) -> None:
    checked = typed(f"callsheet check {stranger} --format auto")
    assert f"{FILMS[stranger]} films, 176 people" in checked.out
