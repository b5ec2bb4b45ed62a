"""What the tests share: a temporary workspace with an inbox, and what a run leaves in it."""

import fcntl
import json
import os
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from callsheet.cli import main as command_line
from callsheet.percentiles import webhook
from callsheet.percentiles.loading import Request, load
from callsheet.pulse.noise import ENVIRONMENT
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.home import SAMPLE_VARIABLE
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import PROJECT, Workspace
from hypothesis import HealthCheck, settings

from tests.docs_outputs import EXAMPLE_KEY
from tests.python.channel import Channel

# The same examples on every run, however slow the machine: a check that depends on the machine's mood is no check.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

os.environ.setdefault(SAMPLE_VARIABLE, "all")  # tests build the samples in homes of their own

Row = tuple[Any, ...]

# root may read and write everything, until it gives these up
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
needs_setpriv = pytest.mark.skipif(bool(AS_ANYBODY) and shutil.which("setpriv") is None, reason="root needs setpriv to be refused anything")

# Every derived table, without the columns that name a run or a delivery: those tell the way, not the end.
DERIVED = {
    "scores": "select * from percentiles.scores",
    "score_history": "select * from percentiles.score_history",
    "percentile_curve": "select * from percentiles.percentile_curve",
    "scores_against_current_window": "select * from percentiles.scores_against_current_window",
    "latest": "select * from percentiles.latest_scores",
    "valid_assets": "select records.batch_no, asset_id, industry, score from intermediate.int_percentiles__judge_records as records "
    "inner join intermediate.int_percentiles__define_windows as batches on records.fingerprint = batches.delivery_fingerprint "
    "where batches.age = 0 and records.reject_reason is null",
    "quarantine": "select product, file_name, position, reject_reason, payload_hash from operations.quarantine",
    "ledger": "select batch_no, file_name, content_hash, landed_count, valid_count, quarantined_count "
    "from percentiles.batch_ledger where status = 'in_force'",
}

# Marts that tell of runs hold times and run ids; everything else is the same bytes from the same input.
TELLS_OF_RUNS = {
    "batch_ledger",
    "runs",
    "run_steps",
    "table_growth",
    "table_sizes",
    "score_history_superseded",
    "score_restatements",
    "model_runs",
    "release_log",
    "pulse_index",
}


def asset(id_: str, score: Any, industry: Any = "Hair care") -> dict[str, Any]:
    """Return one record as a model writes it."""
    return {"id": id_, "score": score, "industry": industry}


@dataclass
class Workshop:
    """A temporary workspace and the folder its batches come from."""

    root: Path
    workspace: Workspace = field(init=False)
    inbox: Path = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the folders."""
        self.workspace = Workspace(self.root, self.root / "data" / "callsheet.duckdb")
        self.inbox = self.root / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)

    def deliver(self, number: int, content: Sequence[Any] | str | bytes) -> Path:
        """Put a batch into the inbox: records, a text or bytes."""
        path = self.inbox / f"batch_{number}.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def load(self, *, through: int | None = None, rehash: bool = False) -> RunSummary:
        """Run what load_batches runs."""
        return load(self.workspace, Request(self.inbox, through=through, rehash=rehash))

    def load_one_by_one(self) -> None:
        """Run load_batches once for every batch, in the order of their numbers."""
        for number in sorted(int(path.stem.removeprefix("batch_")) for path in self.inbox.glob("batch_*.json")):
            self.load(through=number)

    def build(self, *arguments: str, **variables: Any) -> None:
        """Run dbt build on the inbox, with vars: of percentiles and what every product shares, unless the arguments select otherwise."""
        selection = () if "--select" in arguments else ("--select", "percentiles", "operations")
        Dbt(self.workspace).build(*arguments, *selection, variables={"percentiles_batches": str(self.inbox), **variables})

    def query(self, sql: str) -> list[Row]:
        """Return the rows of a query, sorted."""
        with self.workspace.reading() as connection:
            return sorted(connection.execute(sql).fetchall(), key=repr)

    def derived(self) -> dict[str, list[Row]]:
        """Return every derived table."""
        return {name: self.query(sql) for name, sql in DERIVED.items()}


def project_with_seeds(root: Path, **seeds: list[str]) -> Path:
    """Return a copy of the project with other rows in the named seeds of percentiles, for histories of many industries in one build."""
    project = root / "project"
    for part in ("models", "macros", "seeds", "tests/dbt"):
        shutil.copytree(PROJECT / part, project / part, ignore=shutil.ignore_patterns("batches"))
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / part, project / part)
    for name, rows in seeds.items():
        path = project / "seeds" / "percentiles" / f"{name}.csv"
        header = path.read_text(encoding="utf-8").splitlines()[0]
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first, so that no worker ends up waiting for the other."""
    items.sort(key=lambda item: "kill" not in item.nodeid)


@pytest.fixture(autouse=True)
def usual_rights() -> Iterator[None]:
    """Start with what a person's files may: dbt in this process leaves its own behind."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def sample_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give each worker a copy of the built sample. The first one that asks builds it, with its tests, as `dbt build` does."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    built = shared / "sample"
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            _build_sample(shared / "sample-unfinished")
            (shared / "sample-unfinished").rename(built)
    root = shutil.copytree(built, own / "sample-copy", symlinks=True)
    return Workspace(root, root / "data" / "callsheet.duckdb")


def _build_sample(root: Path) -> None:
    workspace = Workspace(root, root / "data" / "callsheet.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT, EXAMPLE_KEY)
        Dbt(workspace).build()
    Dbt(workspace).compile()  # the analyses: what the docs show the output of


@dataclass(frozen=True)
class Outcome:
    """How a script ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run_script(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run a script of scripts/ in this process, as its command line would; `check` has none and is run as `callsheet check`."""

    def run(name: str, *arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            if name == "check":
                command_line(name)
            runpy.run_path(str(PROJECT / "scripts" / f"{name}.py"), run_name="__main__")
        captured = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    with Channel() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv(webhook.URL_VARIABLE, f"http://127.0.0.1:{server.server_address[1]}/secret")
        yield server
        server.shutdown()
