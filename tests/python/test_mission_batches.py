"""Batches as the mission's own: four industries, masked labels, the score "error", 99999; and what is told of the rest."""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace
from scipy.stats import percentileofscore

from tests.python.conftest import Outcome, Workshop, asset, project_with_seeds

RunScript = Callable[..., Outcome]

# What each industry is called in the batches, first as it is. Every mask fits one industry only.
LABELS = {
    "Clothing": ["Clothing", "clothing", "CLOTHING ", "cXXXXing", "Cl****ng", "C??thing"],
    "Food": ["Food", "food", " FOOD", "FXXd", "f**d"],
    "Cars": ["Cars", "cars", "CARS", "cXXs", "c?rs"],
    "Hair care": ["Hair care", "hair  care", "HAIR CARE", "hXXX care", "h*** c**e", "haircare", "hair-care"],
}
BAD_SCORES = ["error", None, 99999, -99999, "NaN"]


def mission_batch(number: int) -> list[dict[str, Any]]:
    """Return 200 records: every fifth label damaged, every fortieth score bad, some scores below 0 and above 1."""
    chance = random.Random(number)
    records = []
    for position in range(200):
        industry = chance.choice(list(LABELS))
        label = chance.choice(LABELS[industry]) if position % 5 == 0 else industry
        score = BAD_SCORES[position // 40] if position % 40 == 7 else round(chance.gauss(0.6, 0.4), 2)
        records.append({"id": f"01J{number:02}{position:021}", "score": score, "industry": label})
    return records


def test_batches_of_the_missions_shape_lose_no_good_row_and_equal_scipy(
    workshop: Workshop, run_script: RunScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSHEET_HOME", str(workshop.root))
    batches = {number: mission_batch(number) for number in range(1, 6)}
    for number, records in batches.items():
        workshop.deliver(number, records)
    outcome = run_script("load_batches", "--batches", workshop.inbox)
    assert outcome.code == 0, outcome.out
    assert "1,000 rows landed, 975 kept, 25 quarantined" in outcome.out
    reasons = workshop.query("select reject_reason, count(*) from operations.quarantine group by all")
    assert reasons == [("score_implausible", 10), ("score_not_numeric", 15)]

    industry_of = {label: industry for industry, labels in LABELS.items() for label in labels}
    good: dict[int, list[tuple[str, float, str]]] = {
        number: [(row["id"], row["score"], industry_of[row["industry"]]) for row in records if row["score"] not in BAD_SCORES]
        for number, records in batches.items()
    }
    expected = {}
    for number, rows in good.items():
        newest = min(5, number + 2)
        windows: dict[str, list[float]] = defaultdict(list)
        for member in range(newest - 2, newest + 1):
            for _, score, industry in good[member]:
                windows[industry].append(score)
        for id_, score, industry in rows:
            expected[id_] = (score, industry, percentileofscore(windows[industry], score, kind="mean"))
    found = {row[0]: row[1:] for row in workshop.query("select id, score, industry, percentile from percentiles.scores")}
    assert {id_: row[:2] for id_, row in found.items()} == {id_: row[:2] for id_, row in expected.items()}
    assert [found[id_][2] for id_ in expected] == pytest.approx([row[2] for row in expected.values()], abs=1e-9)


@pytest.mark.long
def test_unknown_labels_are_named_once_with_their_counts_and_where_to_add_them(workshop: Workshop, run_script: RunScript) -> None:
    """Whatever a stranger writes into a label, the line stays one line that a terminal can show."""
    strange = {"Music": 9, "MUSIC": 2, " music ": 1, "Tra\x1b[31mvel\n": 5, "": 2, "x" * 500: 4, **{f"one {i}": 1 for i in range(7)}}
    labels = [label for label, count in strange.items() for _ in range(count)]
    for number in (1, 2):
        of_batch = labels[number - 1 :: 2]
        workshop.deliver(number, [asset(f"{number}-{i}", 0.5, label) for i, label in enumerate([*of_batch, None, "Food"])])
    outcome = run_script("load_batches", "--batches", workshop.inbox, "--database", workshop.workspace.database)
    assert outcome.code == 3
    told = [line for line in outcome.out.splitlines() if "industry_unknown" in line]
    # 30 labels of 10 kinds, 8 shown; two rows more have null, which is no label either.
    assert told == [
        f"look: industry_unknown: Music 12, Tra�[31mvel 5, {'x' * 40} 4, one 0 1, one 1 1, one 2 1, one 3 1, one 4 1, "
        f"2 more labels 2, no label 4. To add one: echo Music >> {Workspace.find().home / 'config' / 'industries.csv'}; "
        "all of them: run this again with --add-industries. All rows are judged anew then."
    ]
    again = run_script("load_batches", "--database", workshop.workspace.database)
    assert (again.code, "industry_unknown" in again.out) == (0, False)


@pytest.mark.long
def test_rows_judged_anew_after_an_industry_was_added_are_counted(workshop: Workshop, run_script: RunScript) -> None:
    """The database was built where Food and Cars were unknown; here they are known."""
    for number in (1, 2, 3):
        rows = [asset(f"{number}-{i}", i / 10, industry) for i, industry in enumerate(["Food", "cars", "Hair care", "FXXd", "Music"])]
        workshop.deliver(number, rows)
    project = project_with_seeds(workshop.root / "before", industries=["Hair care", "Clothing"])
    Dbt(workshop.workspace, project).build(
        "--select", "percentiles", "operations", "--exclude-resource-type", "test", variables={"percentiles_batches": str(workshop.inbox)}
    )
    assert workshop.query("select count(*) from percentiles.scores") == [(3,)]
    outcome = run_script("load_batches", "--database", workshop.workspace.database)
    assert "Loaded 0 new deliveries" in outcome.out
    assert "0 quarantined, 15 rows judged anew, 12 of them kept" in outcome.out
    assert "industry_unknown: Music 3. To add one: echo Music >> " in outcome.out
    assert workshop.query("select count(*) from percentiles.scores") == [(12,)]


@pytest.mark.long
@pytest.mark.parametrize("kept", [True, False])
def test_files_that_look_like_batches_and_are_not_read_are_named(kept: bool, workshop: Workshop, run_script: RunScript) -> None:
    unread = ["Batch_18.json", "batch_-1.json", "batch_10.json.gz", "batch_11.JSON", "batch_12.jsonl"]
    unread += ["batch_1234567890.json", "batch_13.csv", "batch_3 (1).json", "batch_4.json.part", "scores.json", "week.parquet"]
    for name in [*unread, "README.md", ".batch_5.json.swp", ".DS_Store"]:
        (workshop.inbox / name).write_bytes(b"\x1f\x8b")
    (workshop.inbox / "batches of 2025").mkdir()
    if kept:
        workshop.deliver(1, [asset("good", 0.5)])
    outcome = run_script("load_batches", "--batches", workshop.inbox, "--database", workshop.workspace.database, "--json")
    if kept:
        assert outcome.code == 3
        (note,) = json.loads(outcome.out)["notes"]
        assert note == (
            f"Not read, 11 of the files in {workshop.inbox}: {', '.join(unread)}. "
            "A batch is a plain file named batch_<N>.json, such as batch_7.json: rename, unpack or convert what is one."
        )
        assert workshop.query("select id from percentiles.scores") == [("good",)]
    else:
        assert outcome.code == 2
        assert "Batch_18.json cannot be used: it cannot be read" in outcome.err  # without a batch_<N>.json every file is one
