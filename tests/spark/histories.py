"""What happens to a folder of batches over time: the first delivery, more, a correction; and the two builds of it, side by side."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from callsheet.percentiles.loading import SAMPLE
from callsheet.runtime.summary import RunSummary
from callsheet.spark.landing import Request, source_path
from callsheet.spark.running import Run, run
from callsheet.workspace import Workspace

from tests.spark.comparing import differences
from tests.spark.conftest import build_on_duckdb, of_session

FIXTURES = Path(__file__).parents[1] / "python" / "fixtures"


def deliver(inbox: Path, *numbers: int) -> None:
    """Put these batches of the sample into the folder."""
    inbox.mkdir(exist_ok=True)
    for number in numbers:
        shutil.copyfile(SAMPLE / f"batch_{number}.json", inbox / f"batch_{number}.json")


def first(inbox: Path) -> None:
    """Deliver five batches of six."""
    deliver(inbox, 1, 2, 3, 4, 6)


def more(inbox: Path) -> None:
    """Deliver the late batch, a new one, the same content again, every file that cannot be used, and every row that cannot."""
    deliver(inbox, 5, 7)
    for number, file in enumerate([*sorted(FIXTURES.glob("file_*.json")), *sorted(FIXTURES.glob("readable_*.json"))], start=10):
        shutil.copyfile(file, inbox / f"batch_{number}.json")
    shutil.copyfile(FIXTURES / "bad_rows.json", inbox / "batch_8.json")
    (inbox / "batch_90.json").write_text(
        '[{"id": 17, "score": " 1e-1 ", "industry": "hXir care"}, {"id": true, "score": 1, "industry": "Hair care"}, 5, null, "text",\n'
        ' [1], {"id": "\\u00e9", "score": NaN, "industry": "Hair care"}, {"id": "a", "score": "1_000", "industry": null}, {"score": 2},]',
        encoding="utf-8",
    )
    (inbox / "batch_3.json").touch()


def correct(inbox: Path) -> None:
    """Deliver a batch whose scores changed, one that lost half its assets, and one with ids of an earlier one."""
    changed, shorter, longer = (json.loads((SAMPLE / f"batch_{number}.json").read_text(encoding="utf-8")) for number in (4, 6, 7))
    for row in changed[::3]:
        row["score"] = 0.25
    for number, rows in ((4, changed), (6, shorter[::2]), (7, longer + changed[:20])):
        (inbox / f"batch_{number}.json").write_text(json.dumps(rows), encoding="utf-8")


class Percentiles:
    """The same folder of batches on both engines."""

    def __init__(self, folder: Path, master: str, **settings: str) -> None:
        """Nothing is delivered yet."""
        self.inbox = folder / "inbox"
        self._folder, self._master, self._settings = folder, master, of_session(master, settings)

    def on_spark(self, full_refresh: bool = False) -> RunSummary:
        """Build what is there on Spark."""
        wanted = Run(
            product="percentiles",
            master=self._master,
            landing=Request(source_path(str(self.inbox))),
            settings=self._settings,
            full_refresh=full_refresh,
            export=str(self._folder / "exported"),
        )
        return run(Workspace(self._folder / "spark", self._folder / "spark" / "data" / "callsheet.duckdb"), wanted)

    def differences(self) -> dict[str, list[str]]:
        """Build the same on DuckDB and return what differs, mart by mart; nothing where nothing does."""
        database = build_on_duckdb(self._folder / "duckdb", "load_batches.py", "--batches", str(self.inbox))
        found = differences(database, self._folder / "exported", "percentiles")
        assert len(found) > 5, f"only {sorted(found)} compared"
        return {mart: lines for mart, lines in found.items() if lines}

    def step(self, *changes: Callable[[Path], None]) -> RunSummary:
        """Let things happen, build them on both engines and compare every mart."""
        for change in changes:
            change(self.inbox)
        summary = self.on_spark()
        assert self.differences() == {}
        return summary
