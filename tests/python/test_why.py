"""From a percentile back to the line of the file."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from callsheet.percentiles.why import line_of_record
from callsheet.workspace import PROJECT

from tests.python.conftest import Outcome, Workshop, asset

RunScript = Callable[..., Outcome]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('[{"id": 1}, {"id": 2}]', [1, 1]),
        ('[\n{"id": 1},\n{"id": "a,]}[{"},\n\n  {"id": 3}\n]', [2, 3, 5]),
        ('\n [\n  {\n   "id": 1\n  }\n  ,\n  null, [1,\n 2], "x"]', [3, 7, 7, 8]),
    ],
)
def test_line_of_a_record_is_where_it_begins(text: str, lines: list[int]) -> None:
    assert [line_of_record(text, position) for position in range(1, len(lines) + 1)] == lines


def test_why_score_names_window_neighbours_past_and_source(workshop: Workshop, run_script: RunScript) -> None:
    for number in range(1, 5):
        records = [asset(f"a{number}", 0.1 * number), asset(f"b{number}", 0.5)]
        workshop.deliver(number, "[\n" + ",\n".join(json.dumps(record) for record in records) + "\n]")
    workshop.load()
    outcome = run_script("why", "score", "a3", "--database", workshop.workspace.database)
    assert outcome.code == 0
    # Batches 2 to 4 hold 0.2, 0.3, 0.4 and three times 0.5: one lower, one equal of six.
    assert "a3 · Hair care · score 0.3 · batch 3" in outcome.out
    assert "Percentile 25.0000: of the 6 Hair care scores of batches 2 to 4, 1 are lower and 1 equal" in outcome.out
    assert "Few scores: one place among 6 is 16.7 points." in outcome.out
    assert [line.split()[-1] for line in outcome.out.split("Around it in its window:")[1].split("\n\n")[0].strip().splitlines()] == [
        "b4",
        "a4",
        "a3",
        "a2",
    ]
    assert "at batch 3 " in outcome.out
    assert "at batch 4 " in outcome.out
    assert 'batch_3.json, version 1, record 1, line 2 (used): {"id":"a3","score":0.3' in outcome.out.replace("0.30000000000000004", "0.3")


def test_why_percentile_takes_any_score_at_any_time(workshop: Workshop, run_script: RunScript) -> None:
    for number in range(1, 5):
        workshop.deliver(number, [asset(f"a{number}", number / 10), asset(f"b{number}", 0.5)])
    workshop.load()
    assert workshop.query("select distinct has_few_scores from percentiles.scores") == [(True,)]

    def asked(*arguments: object) -> Outcome:
        return run_script("why", "percentile", *arguments, "--database", workshop.workspace.database)

    # Batches 2 to 4 hold 0.2, 0.3, 0.4 and three times 0.5; batches 1 to 3 hold 0.1, 0.2, 0.3 and three times 0.5.
    of_no_asset = "A score of 0.45 in Hair care stands at percentile 50.0000 in the window of batch 4: of 6 scores 3 are lower"
    assert of_no_asset in asked(0.45, "Hair care").out
    earlier = "at percentile 41.6667 in the window of batch 3: of 6 scores 2 are lower and 1 equal. Few scores"
    assert earlier in asked(0.3, "Hair care", "--at", 3).out
    no_industry = "The window of batch 4 has no scores of 'Cars': the industries there are Hair care."
    assert asked(0.3, "Cars").err == f"callsheet: {no_industry}\n"
    no_batch = "The window of batch 9 has no scores of 'Hair care': the newest is that of batch 4."
    assert asked(0.3, "Hair care", "--at", 9).err == f"callsheet: {no_batch}\n"


@pytest.mark.long
def test_a_reader_that_leaves_early_ends_why_quietly(workshop: Workshop) -> None:
    workshop.deliver(1, [asset("a", 0.1)])
    workshop.load()
    why = shlex.join([sys.executable, str(PROJECT / "scripts" / "why.py"), "score", "a", "--database", str(workshop.workspace.database)])
    for reader, code in (("true", 141), ("cat > /dev/null", 0)):  # as grep and sort end when head has what it wants, and when nobody leaves
        ended = subprocess.run(["bash", "-c", f"{why} | {reader}; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (code, "")


def test_why_score_tells_what_was_rejected_replaced_or_moved(workshop: Workshop, run_script: RunScript) -> None:
    for number in (1, 2, 4):
        workshop.deliver(number, [asset(f"a{number}", 0.1 * number)])
    workshop.deliver(1, [asset("a1", 0.1), asset("bad", "error")])
    workshop.load()
    path: Path = workshop.deliver(3, [asset("a3", 0.35)])
    workshop.load()
    rejected = run_script("why", "score", "bad", "--database", workshop.workspace.database)
    assert "bad has no percentile: no record of it is valid." in rejected.out
    assert "batch_1.json, version 1, record 2, line 1 (not used: score_not_numeric)" in rejected.out
    restated = run_script("why", "score", "a4", "--database", workshop.workspace.database)
    assert "UTC: late batch" not in restated.out  # its own answer stayed: two of three are lower in both windows
    path.unlink()
    moved = run_script("why", "score", "a3", "--database", workshop.workspace.database)
    assert "batch_3.json, version 1, record 1 (used)" in moved.out


@pytest.mark.long
def test_why_score_of_an_unknown_id_is_one_sentence(workshop: Workshop, run_script: RunScript) -> None:
    outcome = run_script("why", "score", "a", "--database", workshop.workspace.database)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "holds no scores yet" in outcome.err
    workshop.deliver(1, [asset("a", 0.1)])
    workshop.load()
    assert "no percentile yet" in run_script("why", "score", "a", "--database", workshop.workspace.database).out
    outcome = run_script("why", "score", "A", "--database", workshop.workspace.database)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "No asset has the id 'A'" in outcome.err
