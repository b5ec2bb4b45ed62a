"""dbt in this process: one import and one parse for many invocations."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.invocation import get_invocation_id
from tqdm import tqdm

from callsheet.runtime import manifests
from callsheet.runtime.errors import CallsheetError, explain
from callsheet.runtime.parsing import parse_one_at_a_time
from callsheet.workspace import PROJECT, Workspace

parse_one_at_a_time()  # dbt parses literals on its threads


class Dbt:
    """dbt on one workspace."""

    def __init__(self, workspace: Workspace, project: Path = PROJECT) -> None:
        """Prepare; nothing is read or written yet."""
        self._workspace = workspace
        self._project = project
        self.run_ids: list[str] = []

    def build(self, *arguments: str, variables: Mapping[str, Any] | None = None, progress: str | None = None) -> None:
        """Run `dbt build` with the arguments, and show a bar of that name. Raises a CallsheetError with the first failure's sentence."""
        manifest = _manifest(self._workspace, self._project)
        with _progress_bar(progress, manifest) as show:
            runner = dbtRunner(manifest=manifest, callbacks=[show])
            outcome = _invoke(self._workspace, self._project, runner, "build", *arguments, "--vars", json.dumps(dict(variables or {})))
        if not outcome.result.results:  # type: ignore[union-attr]
            raise CallsheetError(f"dbt had nothing to do for {' '.join(arguments)}: the selection names no model.")
        self.run_ids.append(get_invocation_id())

    def compile(self) -> None:
        """Write the SQL of every model and analysis into the home's target folder."""
        _invoke(self._workspace, self._project, dbtRunner(manifest=_manifest(self._workspace, self._project)), "compile")


@contextmanager
def _progress_bar(name: str | None, manifest: Manifest) -> Iterator[Callable[[EventMsg], None]]:
    """Yield what counts the steps of a run as they end. The bar appears on a terminal only; a build tells of each product too."""
    product_of = {node.unique_id: node.fqn[1] for node in manifest.nodes.values()}
    left = Counter(product_of.values())
    started = time.monotonic()
    with tqdm(desc=name, unit="step", leave=False, disable=None if name else True) as bar:

        def show(event: EventMsg) -> None:
            if event.info.name == "LogStartLine":
                bar.total = event.data.total
            elif event.info.name == "NodeFinished":
                bar.update()
                product = product_of.get(event.data.node_info.unique_id, "")
                left[product] -= 1
                if name == "build" and product and not left[product]:
                    bar.write(f"{product}: built and tested after {time.monotonic() - started:.0f} s")

        yield show


def _manifest(workspace: Workspace, project: Path) -> Manifest:
    """Return the parsed project. Vars are rendered when a model runs, so that one manifest serves every run."""
    name = workspace.database.name

    def parse(home: Path) -> None:
        _invoke(Workspace(home, home / "data" / name), project, dbtRunner(), "parse")

    return manifests.parsed(project, workspace.database.stem, parse)


def _invoke(workspace: Workspace, project: Path, runner: dbtRunner, *arguments: str) -> dbtRunnerResult:
    folders = ["--project-dir", str(project), "--profiles-dir", str(project), "--log-path", str(workspace.home / "logs")]
    quiet = ["--log-level", "none", "--log-level-file", "info", "--no-write-json"]
    umask = os.umask(0o077)
    os.umask(umask)
    with _environment(CALLSHEET_HOME=str(workspace.home), CALLSHEET_DATABASE=str(workspace.database)):
        try:
            outcome = runner.invoke([*arguments, *folders, *quiet])
        finally:
            os.umask(umask)  # the plugin's holds for what dbt writes, not for what a script writes after it
            _close_database()
    if not outcome.success:
        problem = _first_problem(outcome)
        if isinstance(problem, KeyboardInterrupt) or "Query interrupted" in str(problem):  # DuckDB's words for one
            raise KeyboardInterrupt
        raise explain(problem, workspace.database)
    return outcome


def _close_database() -> None:
    """Close the database file. dbt only drops its connection, which the traceback of a failed statement keeps alive."""
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _first_problem(outcome: dbtRunnerResult) -> BaseException | str:
    """Return what went wrong first: the exception of the invocation, or the message of the first failed node."""
    if outcome.exception is not None:
        return outcome.exception
    for result in outcome.result.results:  # type: ignore[union-attr]
        if result.status in ("error", "fail", "runtime error"):
            return str(result.message)
    return "dbt failed and did not say why: the log in the home's logs folder tells more."


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
