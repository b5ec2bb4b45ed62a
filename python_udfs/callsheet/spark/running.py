"""A product's models on Spark: the session, what lands, dbt in the same process, and what came of it."""

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import DONE, LOOK
from callsheet.runtime.summary import RunSummary
from callsheet.spark import breakdowns, functions, percentiles, pulse
from callsheet.spark.landing import Request
from callsheet.spark.session import spark_session
from callsheet.workspace import Workspace


@dataclass(frozen=True)
class Product:
    """How a product plugs in: what registers its functions, opens its input as temporary views, and counts the rows of given runs."""

    register: Callable[[SparkSession, Workspace, Mapping[str, Any]], None]
    land: Callable[[SparkSession, Workspace, Request, Mapping[str, Any]], None]
    counts: Callable[[SparkSession, Sequence[str]], dict[str, int]]


PRODUCTS = {
    "percentiles": Product(functions.register, percentiles.land, percentiles.counts),
    "pulse": Product(pulse.register, breakdowns.land, pulse.counts),
}


@dataclass(frozen=True)
class Run:
    """What to run and where. `export` is a folder, or None; `output` the daily pulse's file, or None."""

    product: str
    master: str
    landing: Request = field(default_factory=Request)
    settings: Mapping[str, str] = field(default_factory=dict)
    full_refresh: bool = False
    export: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    output: Path | None = None


def run(workspace: Workspace, wanted: Run) -> RunSummary:
    """Land what is new and build every model of the product."""
    started = time.monotonic()
    product = PRODUCTS[wanted.product]
    os.environ["DBT_TARGET"] = "spark"  # for every dbt invocation of this process: the parsed project depends on it
    storage = workspace.home / "data" / "spark"
    with spark_session(wanted.master, storage, wanted.settings) as session:
        product.register(session, workspace, wanted.variables)
        alerts_before = _alerts(session, wanted.product)
        product.land(session, workspace, wanted.landing, wanted.variables)
        dbt = Dbt(workspace)
        refresh = ["--full-refresh"] if wanted.full_refresh else []
        # Python models do not run there: what they do is a function of the session.
        selection = ["--select", wanted.product, "--exclude", "file:*.py", "--exclude-resource-type", "test", "unit_test"]
        try:
            dbt.build(*selection, *refresh, variables=wanted.variables)
        finally:
            shutil.rmtree(breakdowns.scratch_folder(workspace), ignore_errors=True)
        if wanted.output:
            pulse.write_daily(session, wanted.output)
        if wanted.export:
            _export(session, wanted.product, wanted.export)
        counts = product.counts(session, dbt.run_ids)
        new_alerts = sorted(_alerts(session, wanted.product) - alerts_before)
        return RunSummary(
            summary=f"Built {wanted.product} on Spark {session.version} at {wanted.master} from {counts.pop('files')} new files",
            written_to=wanted.settings.get("spark.sql.warehouse.dir", str(storage)),
            landed=counts.pop("landed"),
            kept=counts.pop("kept"),
            quarantined=counts.pop("quarantined"),
            seconds=time.monotonic() - started,
            exit_code=LOOK if new_alerts else DONE,
            details=counts,
            notes=[message for _, message in new_alerts],
        )


def _alerts(session: SparkSession, product: str) -> set[tuple[str, str]]:
    """Return subject and message of every alert that stands now."""
    name = f"intermediate.int_{product}__events"
    if not session.catalog.tableExists(name):
        return set()
    return {(row.subject, row.message) for row in session.table(name).where("event = 'alert'").select("subject", "message").collect()}


def _export(session: SparkSession, product: str, folder: str) -> None:
    """Write every mart of the product as a folder of Parquet files, for readers that have no access to the cluster's catalogue."""
    for mart in [table for table in session.catalog.listTables(product) if not table.isTemporary]:
        session.table(f"{product}.{mart.name}").write.mode("overwrite").parquet(f"{folder}/{product}/{mart.name}")
