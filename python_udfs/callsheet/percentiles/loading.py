"""Loading of score batches: what is new, and what came of it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from callsheet.percentiles.notes import (
    BATCH_FILE,
    Judged,
    judged_since,
    printable,
    take_unknown_labels,
    unread_files,
    unread_note,
    verdicts,
)
from callsheet.percentiles.postgres import SLICES, Postgres, TableSize, reading
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import DONE, LOOK, CallsheetError, UnusableInputError, explain
from callsheet.runtime.home import refuse_sample, samples_allowed, scratch_workspace
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import PROJECT, Workspace

SAMPLE = PROJECT / "seeds" / "percentiles" / "batches"
_SELECTION = ("--select", "percentiles", "operations", "--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class BatchFile:
    """A file that is named like a batch."""

    path: Path
    number: int


def find_batches(folder: Path, through: int | None) -> list[BatchFile]:
    """Return the folder's batch files in numeric order, or say in one sentence why there are none."""
    if not folder.exists():
        raise UnusableInputError(f"There is no folder {folder}: give the one that holds batch_<N>.json with --batches.")
    if not folder.is_dir():
        raise UnusableInputError(f"{folder} is a file: give the folder that holds it with --batches.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UnusableInputError(f"No permission to read the folder {folder}: change its rights or choose another.")
    named = [(path, BATCH_FILE.fullmatch(path.name)) for path in folder.iterdir() if path.is_file()]
    batches = sorted((int(match.group(1)), path.name, path) for path, match in named if match)
    if not batches:
        others = "".join(f", not {printable(name)}" for name in unread_files(folder)[:1])
        raise UnusableInputError(f"No batch_<N>.json in {folder}: batches are named batch_1.json, batch_2.json and so on{others}.")
    kept = [BatchFile(path, number) for number, _, path in batches if through is None or number <= through]
    if not kept:
        raise UnusableInputError(f"No batch up to {through} in {folder}: its first is {batches[0][0]}.")
    for batch in kept:
        if not os.access(batch.path, os.R_OK):
            raise UnusableInputError(f"No permission to read {batch.path}: change its rights and run this again.")
    return kept


@dataclass(frozen=True)
class Request:
    """What to load. Without a folder: the one the database holds, else the sample; from PostgreSQL one below the home."""

    folder: Path | None = None
    postgres: Postgres | None = None
    through: int | None = None
    rehash: bool = False
    progress: bool = False
    yes: bool = False
    add_industries: bool = False  # take labels that are no industry for industries of the home


def load(workspace: Workspace, request: Request) -> RunSummary:
    """Land what is new in the folder and compute every iteration that it makes or changes."""
    started = time.monotonic()
    held = _held_folder(workspace)
    details: dict[str, int] = {}
    size: TableSize | None = None
    if request.postgres:
        source, details, size = _deliver(workspace, request.postgres, request.folder, held)
    else:
        source = request.folder.resolve() if request.folder else held or SAMPLE
        if source == SAMPLE:
            refuse_sample(workspace, "name the folder of your batches with --batches")
    find_batches(source, request.through)
    _refuse_another(workspace, held, source)
    alerts_before = _alerts(workspace)
    verdicts_before = verdicts(workspace)
    settings: dict[str, Any] = {
        "percentiles_through": request.through,
        "percentiles_rehash": request.rehash,
        "percentiles_keeps_most": not request.yes,
    }
    if source != SAMPLE:
        settings["percentiles_batches"] = str(source)
    dbt = Dbt(workspace)
    dbt.build(*_SELECTION, variables=settings, progress="percentiles" if request.progress else None)
    added = take_unknown_labels(workspace) if request.add_industries else []
    if added:
        dbt.build(*_SELECTION, variables=settings, progress="percentiles" if request.progress else None)
    if size:
        _note_size(workspace, dbt.run_ids[-1], size)
    summary = _summary(workspace, dbt.run_ids, alerts_before, judged_since(workspace, verdicts_before, dbt.run_ids), started)
    summary.details |= details
    if added:
        summary.told.append(f"New industries of this home: {', '.join(added)}")
    if unread := unread_note(source):
        summary.notes += unread
        summary.exit_code = LOOK
    return summary


def check(request: Request) -> RunSummary:
    """Land and judge everything in the folder in a database that is thrown away; nothing of the person's is written."""
    with scratch_workspace() as workspace:
        summary = load(workspace, replace(request, progress=False))
    summary.summary = summary.summary.replace("Loaded", "Checked")
    summary.written_to = "nothing written"
    return summary


def _deliver(
    workspace: Workspace, postgres: Postgres, folder: Path | None, held: Path | None
) -> tuple[Path, dict[str, int], TableSize | None]:
    """Bring the folder up to the table; return it, the rows that are in no batch, and the table's size there."""
    inboxes = workspace.home / "data" / "inbox"
    with _alone_in(inboxes.parent), reading(postgres) as scores:
        source = (folder or inboxes / scores.folder_name).resolve()
        if postgres.slices:
            source /= SLICES.format(postgres.slices.seconds)
        _refuse_another(workspace, held, source)
        return source, scores.deliver(source), scores.size()


@contextmanager
def _alone_in(data: Path) -> Iterator[None]:
    """Keep a second load away meanwhile: the one with the older snapshot must not write last."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / ".inbox.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CallsheetError(f"Another load is reading PostgreSQL into {data}: run this again when it has ended.") from None
        yield


def _note_size(workspace: Workspace, run_id: str, size: TableSize) -> None:
    """Log what the table takes in PostgreSQL beside the sizes of the tables here: operations.table_growth reads both."""
    try:
        with duckdb.connect(str(workspace.database), config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(
                "insert into operations.table_size_log by name select $run as run_id, timezone('UTC', now()) as measured_at, "
                "'percentiles' as product, 'postgres' as table_schema, $relation as table_name, $rows as row_count, "
                "$bytes as byte_count, $index_bytes as index_byte_count, $dead_rows as dead_row_count",
                {
                    "run": run_id,
                    "relation": size.relation,
                    "rows": size.row_count,
                    "bytes": size.byte_count,
                    "index_bytes": size.index_bytes,
                    "dead_rows": size.dead_rows,
                },
            )
    except duckdb.Error as error:
        raise explain(error, workspace.database) from error


def _refuse_another(workspace: Workspace, held: Path | None, source: Path) -> None:
    """Keep two datasets apart: one database holds one."""
    if held == SAMPLE and samples_allowed() != "always":
        return  # a person's own data retire the samples
    if held not in (None, source):
        raise UnusableInputError(
            f"{workspace.database} already holds the batches of {held}, not of {source}: "
            "keep another dataset in another database, with --database FILE or CALLSHEET_HOME."
        )


def _held_folder(workspace: Workspace) -> Path | None:
    """Return the folder whose batches the database already holds."""
    if not workspace.holds("staging", "stg_percentiles__landed"):
        return None
    with workspace.reading() as connection:
        ((dataset,),) = connection.execute("select max(dataset) from staging.stg_percentiles__landed where position = 0").fetchall()
    return None if dataset is None else SAMPLE if dataset == "sample" else Path(dataset)


def _alerts(workspace: Workspace) -> set[tuple[str, str]]:
    """Return subject and message of every alert that stands now."""
    if not workspace.holds("operations", "alerts"):
        return set()
    with workspace.reading() as connection:
        rows = connection.execute(
            "select subject, message from operations.alerts where product in ('percentiles', 'operations')"
        ).fetchall()
    return set(rows)


def _summary(workspace: Workspace, run_ids: list[str], alerts_before: set[tuple[str, str]], judged: Judged, started: float) -> RunSummary:
    with workspace.reading() as connection:
        files, landed, kept, quarantined = connection.execute(
            "select count(*), coalesce(sum(landed_count), 0), coalesce(sum(valid_count), 0), coalesce(sum(quarantined_count), 0) "
            "from percentiles.batch_ledger where list_contains(?, run_id)",
            [run_ids],
        ).fetchall()[0]
        restated = connection.execute(
            "select count(*) from percentiles.score_history_superseded where list_contains(?, run_id)", [run_ids]
        ).fetchall()[0][0]
    new_alerts = sorted(_alerts(workspace) - alerts_before)
    return RunSummary(
        summary=f"Loaded {files} new {'delivery' if files == 1 else 'deliveries'}",
        written_to=str(workspace.database),
        landed=landed,
        kept=kept,
        quarantined=quarantined,
        seconds=time.monotonic() - started,
        exit_code=LOOK if new_alerts else DONE,
        details={
            **({"rows judged anew": judged.anew, "of them kept": judged.anew_kept} if judged.anew else {}),
            "percentiles restated": restated,
        },
        notes=[*judged.note(), *(message for _, message in new_alerts)],
    )
