"""Reading and judging without writing: what `callsheet check` does with whatever it is given."""

import json
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callsheet.inputs.names import named_columns
from callsheet.percentiles.postgres import Postgres
from callsheet.runtime import config
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.home import holdings
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import Workspace

LARGEST_BRIEF = 1_000_000  # bytes: a larger file of JSON is a table


@dataclass(frozen=True)
class Options:
    """How to read what is checked; the published database is what a brief is checked against."""

    film_format: str | None = None
    date_format: str | None = None
    encoding: str | None = None
    published: Path | None = None
    columns: tuple[str, ...] = ()


def check_path(workspace: Workspace, given: str | None, options: Options) -> RunSummary:  # noqa: PLR0911 - one per kind of input
    """Judge a file, a folder, or the home where no path is given, by the rules of what it holds."""
    from callsheet.percentiles.delivering import files_of  # noqa: PLC0415 - takes a second

    if given is None:
        return _check_home(workspace)
    if given.startswith(("postgres://", "postgresql://", "host=")):
        return _check_batches(Postgres(given))
    path = Path(given)
    if options.film_format:
        return _check_films(path, options.film_format)
    if path.is_dir():
        if any(path.glob("batch_*.json")):
            return _check_batches(path)
        lists = [child.stem in config.FILES for child in path.glob("*.csv")]
        if lists and all(lists):  # a folder of films may hold a people.csv too
            return _check_config(path)
        if not files_of(path):
            raise UnusableInputError(f"{path} holds no table, no batch_<N>.json and no config: check the path.")
    if path.suffix == ".json" and path.name.startswith("batch_"):
        return _check_one_batch(path)
    if path.suffix == ".json" and _is_brief(path):
        return _check_brief(workspace, path, options)
    if path.stem in config.FILES and path.suffix == ".csv":
        return _check_config(path)
    product = _product_of(files_of(path)[0]) if path.exists() else "pulse"
    if product == "percentiles":
        return _check_scores(path, options)
    return _check_films(path, "auto") if product == "resonance" else _check_breakdowns(path, options)


def _is_brief(path: Path) -> bool:
    """Say whether a file of JSON is one object and no table. What cannot be read, or is not there, was meant as a brief."""
    if not path.exists():
        return True
    if not path.is_file() or path.stat().st_size > LARGEST_BRIEF:
        return False
    content = path.read_bytes().strip()
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return not content.startswith(b"[") and b"}\n{" not in content.replace(b"\r\n", b"\n")


def _product_of(path: Path) -> str:
    """Return the product whose columns a file has; pulse, whose refusal names what it lacks, where it has no other's either."""
    from callsheet.percentiles import delivering  # noqa: PLC0415 - takes a second
    from callsheet.pulse.reading import REQUIRED, columns_of, known_aliases  # noqa: PLC0415
    from callsheet.resonance.films import tables  # noqa: PLC0415

    if columns_of(path, known_aliases()) >= set(REQUIRED):
        return "pulse"
    if columns_of(path, delivering.aliases()) >= set(delivering.COLUMNS):
        return "percentiles"
    films = columns_of(path, tables.aliases())
    return "resonance" if "title" in films and films & {"cast", "cast_1"} else "pulse"


def _check_home(workspace: Workspace) -> RunSummary:
    """Read the config and the database; of an empty home say that it is one."""
    started = time.monotonic()
    rows, told = _in_force(config.folder(workspace))
    held = holdings(workspace)
    notes = [f"{product}: the sample; bring in your own data to replace it." for product, kind in held.items() if kind == "sample"]
    if not held:
        notes = [f"There are no data in {workspace.database} yet."]
    return RunSummary(
        f"Checked the home {workspace.home}", "nothing written", rows, rows, 0, time.monotonic() - started, notes=notes, told=told
    )


def _in_force(place: Path) -> tuple[int, list[str]]:
    """Return the count of rows of a config, a file or a folder, and a line for each list: what is in force, and from where."""
    files = sorted(place.glob("*.csv")) if place.is_dir() else [place] if place.exists() else []
    total, told = 0, []
    for path in files:
        count, seed = len(config.read_rows(path)), config.seed_of(path.stem)
        total += count
        told.append(f"{path}: {count:,} {'row' if count == 1 else 'rows'}" + (f" on top of the project's {seed}" if seed else ""))
    return total, told


def _check_config(path: Path) -> RunSummary:
    started = time.monotonic()
    if not path.exists():
        raise UnusableInputError(f"There is no file {path}: check the path.")
    rows, told = _in_force(path)
    return RunSummary("Checked the config", "nothing written", rows, rows, 0, time.monotonic() - started, told=told)


def _check_films(path: Path, film_format: str) -> RunSummary:
    from callsheet.resonance.films import importing  # noqa: PLC0415 - takes a second

    if film_format not in importing.FORMATS:
        raise UnusableInputError(f"--format is {film_format!r}: choose one of {', '.join(importing.FORMATS)}.")
    return importing.check(importing.ImportRequest(film_format, (path,)))


def _check_batches(source: Path | Postgres) -> RunSummary:
    from callsheet.percentiles import loading  # noqa: PLC0415 - takes a second

    return loading.check(loading.Request(postgres=source) if isinstance(source, Postgres) else loading.Request(source))


def _check_scores(path: Path, options: Options) -> RunSummary:
    from callsheet.percentiles import delivering  # noqa: PLC0415 - takes a second
    from callsheet.pulse.looking import describe  # noqa: PLC0415

    columns = named_columns(options.columns, delivering.COLUMNS)
    with tempfile.TemporaryDirectory(prefix="callsheet-check-") as scratch:
        delivered = delivering.as_batches(Path(scratch), path, columns, options.encoding)
        summary = _check_batches(delivered.folder)
    summary.look_at(delivered.refused)
    described: list[dict[str, int]] = []
    for file in delivering.files_of(path):
        with suppress(UnusableInputError):
            layout = delivering.layout_of(file, columns, options.encoding)
            if layout.columns not in described:  # of files alike one shows how all are read
                described.append(layout.columns)
                summary.told += describe(str(file), layout, None, delivering.COLUMNS)
    summary.told += delivered.told
    return summary


def _check_one_batch(path: Path) -> RunSummary:
    if not path.exists():
        raise UnusableInputError(f"There is no file {path}.")
    with tempfile.TemporaryDirectory(prefix="callsheet-check-") as scratch:
        shutil.copy(path, scratch)
        return _check_batches(Path(scratch))


def _check_brief(workspace: Workspace, path: Path, options: Options) -> RunSummary:
    from callsheet.resonance.reports import recommending  # noqa: PLC0415 - takes a second

    request = recommending.SlateRequest({}, brief=path, published=options.published)
    return recommending.run(workspace, request, print, only_check=True)


def _check_breakdowns(path: Path, options: Options) -> RunSummary:
    from callsheet.pulse import building  # noqa: PLC0415 - takes a second
    from callsheet.pulse.reading import COLUMNS  # noqa: PLC0415

    columns = named_columns(options.columns, COLUMNS)
    return building.check(building.Request(str(path), date_format=options.date_format, encoding=options.encoding, columns=columns))
