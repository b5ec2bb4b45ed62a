"""The one-shot build: a file of casting breakdowns in, the daily pulse out."""

import gzip
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from callsheet.pulse.looking import describe, look, refused_dates, row_key_told
from callsheet.pulse.noise import read_key
from callsheet.pulse.notices import copying_ahead
from callsheet.pulse.reading import Layout, inspect_file, known_aliases, list_files
from callsheet.pulse.rejected import write_rejected
from callsheet.runtime.errors import DONE, LOOK, UnusableInputError, explain
from callsheet.runtime.home import scratch_workspace
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import PROJECT, Workspace

OUTPUT = Path("daily_pulse.csv")
SAMPLE = PROJECT / "seeds" / "pulse" / "breakdowns_sample.csv"
PRIVACY = ("standard", "strict", "off")
SENTIMENT = ("textblob", "none")
GZIP_FROM_BYTES = 30_000_000  # 30 MB: what the mission lets through as plain text

# What is not asked for is not built: sentiment, the other mode's draft, marts that only a warehouse needs.
_SENTIMENT_MODELS = ("int_pulse__find_new_texts", "int_pulse__score_texts", "int_pulse__keep_sentiment")
_JUDGED = "+int_pulse__events"
_REPORTED = ["+pulse_coverage", "+pulse_index", "+pulse_regions", "+pulse_remainder", "+pulse_trends", "published_tables"]

COLUMNS = (
    "date_utc", "region_code", "proj_type_code", "role_count_day", "lead_share_pct_day", "union_share_pct_day",
    "median_rate_day_usd", "sentiment_avg_day", "theme_ai_share_pct_day",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What to build from what. `source` is a file or a glob; without an `output` a database that is kept is all that is written."""

    source: str = str(SAMPLE)
    output: Path | None = None
    privacy: str = "standard"
    sentiment: str = "textblob"
    date_format: str | None = None  # one a line, where there are several
    encoding: str | None = None
    columns: tuple[tuple[str, str], ...] = ()  # what a column is called in these files, where no alias says it
    report: Path | None = None  # a page of the result to hand on
    progress: bool = False


def build(request: Request, database: Path | None = None) -> RunSummary:
    """Build the daily pulse of one input. Without a database every day of it is released, and only the output stays."""
    started = time.monotonic()
    files = check_source(request)
    output = request.output or (OUTPUT if database is None else None)
    if output is not None:
        _check_output(output, request.source)
    if request.report is not None:
        _check_report(request.report, request, output)
    with _warehouse(database) as workspace:
        if request.privacy != "off":
            read_key(workspace.home)  # a key that cannot be used is told of before the work, not after
        variables = _variables(request, is_kept=database is not None)
        selection = _selection(request, is_kept=database is not None)
        if database is not None:
            _run(workspace, selection, variables, request.progress)
        else:
            with _copied_ahead(files, workspace, request):
                _run(workspace, selection, variables, request.progress)
        summary = _summary(workspace, "Built the daily pulse", started)
        if summary.landed and not summary.kept:
            raise UnusableInputError(f"Not one row of {request.source} can be used: {' '.join(summary.notes)}")
        summary.written_to = str(workspace.database)
        if output is not None:
            summary.written_to = str(export_daily(workspace, "pulse_daily" if request.privacy == "off" else "pulse_release", output))
        if output is not None and database is None:
            summary.rejected_to = _list_rejected(workspace, files, request, output, summary.quarantined)
        summary.details |= _counts(workspace, request.privacy, days_accumulate=database is not None)
        if request.report is not None:
            from callsheet.pulse.reporting import report_built  # noqa: PLC0415 - reads the columns from here

            summary.told.append(f"Report → {report_built(workspace, request.report, is_kept=database is not None)}")
        summary.seconds = time.monotonic() - started
    if (held := summary.details.get("buckets held back")) and not summary.details["buckets published"]:
        summary.notes.append(
            f"not one of {held:,} buckets is published: all have too few roles; --privacy off writes them, for internal use only."
        )
    summary.told += [row_key_told(layout) for _, layout in files if layout.row_key][:1]
    if request.privacy == "off":
        summary.notes.append("privacy is off: these are exact figures with nothing held back, for internal use only.")
    return summary


def check(request: Request) -> RunSummary:
    """Land and judge the input in a home that is thrown away; nothing of the person's is written."""
    started = time.monotonic()
    files = check_source(request)
    with scratch_workspace() as workspace:
        with _copied_ahead(files, workspace, request):
            _run(workspace, ["--select", _JUDGED], _variables(request, is_kept=False), progress=False)
        summary = _summary(workspace, "Checked the breakdowns", started)
    return replace(summary, told=[line for file, layout in files for line in describe(file, layout, request.date_format)])


def check_source(request: Request) -> list[tuple[str, Layout]]:
    """Return the files that can be read; if not one can, say why in one sentence. Of several, the bad ones are named at the end."""
    path = Path(request.source)
    if path.is_dir():
        raise UnusableInputError(f"{request.source} is a folder: give a file, or a pattern such as '{path / '*.csv'}'.")
    try:
        files = json.loads(list_files(request.source))["files"]
    except ValueError as error:
        raise UnusableInputError(str(error)) from error
    aliases = json.dumps(known_aliases(dict(request.columns)))
    layouts = [Layout(**json.loads(inspect_file(file, aliases, request.encoding))) for file, _ in files]
    usable = [(file, layout) for (file, _), layout in zip(files, layouts, strict=True) if not layout.problem]
    candidates = usable or [(files[0][0], layouts[0])]
    if all(look(file, layout, request.date_format).problems for file, layout in candidates):
        file, layout = candidates[0]
        raise UnusableInputError(f"{file} cannot be used: {'; '.join(look(file, layout, request.date_format).problems)}.")
    return usable


def _check_output(output: Path, source: str) -> None:
    if output.is_dir():
        raise UnusableInputError(f"{output} is a folder: give the file to write with --output, such as {output / 'daily_pulse.csv'}.")
    if output.resolve() == Path(source).resolve():
        raise UnusableInputError(f"--output is the input {source}: name another file, it would be overwritten.")
    folder = next(parent for parent in output.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UnusableInputError(f"{folder} cannot be written to: name another place with --output.")


def _check_report(report: Path, request: Request, output: Path | None) -> None:
    from callsheet.pulse.reporting import check_report  # noqa: PLC0415 - reads the columns from here

    if request.privacy == "off":
        raise UnusableInputError("--report tells of what is released, and --privacy off releases nothing: leave one of the two out.")
    check_report(report, [Path(request.source), *([output] if output is not None else [])])


@contextmanager
def _warehouse(database: Path | None) -> Iterator[Workspace]:
    """Yield a workspace on the database, or on one that is thrown away. Key and sentiment scores are the home's in either case."""
    if database is not None:
        yield Workspace.find(database)
        return
    with tempfile.TemporaryDirectory(prefix="callsheet-pulse-") as scratch:
        yield Workspace(Workspace.find().home, Path(scratch) / "callsheet.duckdb")


def _variables(request: Request, is_kept: bool) -> dict[str, Any]:
    """Return the vars. A file that is all there is has no open days, and its database is thrown away."""
    return {
        "pulse_breakdowns": _absolute(request.source),
        "pulse_privacy": request.privacy,
        "pulse_sentiment": request.sentiment,
        "pulse_date_format": (request.date_format or "").splitlines() or None,
        "pulse_columns": dict(request.columns) or None,
        "pulse_encoding": request.encoding,
        **({} if is_kept else {"pulse_open_days": 0, "database_is_kept": False}),
    }


def _absolute(source: str) -> str:
    """Return the path as the landing names it, so that the same file is the same file whatever folder one stands in."""
    return str(Path(source).absolute())


def _selection(request: Request, is_kept: bool) -> list[str]:
    """Name what output and report need; a warehouse that is kept gets exact figures, log, quarantine and remainders too."""
    wanted = ["+pulse_daily" if request.privacy == "off" else "+pulse_release", _JUDGED]
    if is_kept:
        wanted += ["+pulse_daily", "+release_log", "+pulse_remainder"]
    if request.report is not None:
        wanted += _REPORTED
    unwanted = [
        *(_SENTIMENT_MODELS if request.sentiment == "none" else ()),
        *(("int_pulse__count_roles",) if request.privacy != "strict" else ()),
    ]
    return ["--select", *wanted, *(["--exclude", *unwanted] if unwanted else [])]


def _copied_ahead(files: list[tuple[str, Layout]], workspace: Workspace, request: Request) -> AbstractContextManager[None]:
    workspace.database.parent.mkdir(parents=True, exist_ok=True)
    return copying_ahead(files, workspace.database.with_suffix(".ahead"), request.date_format)


def _run(workspace: Workspace, selection: list[str], variables: dict[str, Any], progress: bool) -> None:
    """Run the models, without dbt's tests: the project's own are run by `dbt build`."""
    from callsheet.runtime.dbt_runner import Dbt  # noqa: PLC0415 - takes a second and more, while the files are being copied

    selection = [*selection, "--exclude-resource-type", "test", "unit_test"]
    Dbt(workspace).build(*selection, variables=variables, progress="pulse" if progress else None)


def export_daily(workspace: Workspace, table: str, output: Path) -> Path:
    """Write the nine columns, gzipped where they would pass 30 MB as text; return the file they are in."""
    target = output.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            finished = Path(scratch) / "plain.csv"
            with workspace.reading() as connection:
                rows = connection.sql(f"from pulse.{table}").select(*COLUMNS).order("date_utc, region_code, proj_type_code")
                rows.write_csv(str(finished), header=True)
            if target.suffix != ".gz" and finished.stat().st_size > GZIP_FROM_BYTES:
                target = target.with_name(f"{target.name}.gz")
            if target.suffix == ".gz":
                finished = _gzipped(finished)
            finished.replace(target)
        if target != output.absolute():
            output.unlink(missing_ok=True)  # it would lie beside the new one and be taken for it
    except (OSError, duckdb.Error) as error:
        raise explain(error, output.absolute()) from error
    return target


def _list_rejected(workspace: Workspace, files: list[tuple[str, Layout]], request: Request, output: Path, count: int) -> str | None:
    """Write the rejected rows beside the output, where there are any; a list of an earlier run goes with its output."""
    target = output.absolute().with_name(f"{output.name}.rejected.csv")
    if not count:
        target.unlink(missing_ok=True)
        return None
    write_rejected(workspace, files, request.date_format, target)
    return str(target)


def _gzipped(path: Path) -> Path:
    """Compress the file without the time and the name that gzip puts in: same rows, same bytes."""
    packed = path.with_suffix(".gz")
    with path.open("rb") as plain, packed.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
        shutil.copyfileobj(plain, stream)
    return packed


def _summary(workspace: Workspace, summary: str, started: float) -> RunSummary:
    with workspace.reading() as connection:
        ((kept, quarantined),) = connection.execute(
            "select coalesce(sum(view_count) filter (where reject_reason is null), 0)::bigint, "
            "coalesce(sum(view_count) filter (where reject_reason is not null), 0)::bigint from intermediate.int_pulse__judge_rows"
        ).fetchall()
        alerts = [
            message
            for (message,) in connection.execute(
                "select message from intermediate.int_pulse__events where event = 'alert' order by 1"
            ).fetchall()
        ]
        unread = dict(
            connection.execute(
                "select posted_date, sum(view_count)::bigint from intermediate.int_pulse__judge_rows "
                "where reject_reason = 'date_unreadable' group by all order by 2 desc, 1 limit 1000"
            ).fetchall()
        )
    return RunSummary(
        summary=summary,
        written_to="nothing written",
        landed=kept + quarantined,
        kept=kept,
        quarantined=quarantined,
        seconds=time.monotonic() - started,
        exit_code=LOOK if alerts else DONE,
        notes=alerts + refused_dates(unread),
    )


def _counts(workspace: Workspace, privacy: str, days_accumulate: bool) -> dict[str, int]:
    """Return how many buckets are out and how many are held back: of these only the total is ever told."""
    with workspace.reading() as connection:
        if privacy == "off":
            ((buckets,),) = connection.execute("select count(*) from pulse.pulse_daily").fetchall()
            return {"buckets, exact": buckets}
        ((published,),) = connection.execute("select count(*) from pulse.pulse_release").fetchall()
        ((held,),) = connection.execute(
            "select count(*) from pulse.release_log where suppression_reason is not null and reopened_at is null"
        ).fetchall()
        counts = {"buckets published": published, "buckets held back": held}
        if days_accumulate:
            ((still_open,),) = connection.execute(
                "select count(distinct date_utc) from pulse.pulse_daily "
                "where date_utc not in (select date_utc from pulse.release_log where reopened_at is null)"
            ).fetchall()
            counts["days still open"] = still_open
    return counts
