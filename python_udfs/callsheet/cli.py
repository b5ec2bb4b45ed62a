"""The command line: `callsheet build · pulse · load · import · recommend · why · publish · app · check`.

A command imports what it needs when it runs, so that the first line of help does not wait for dbt.
"""

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import callsheet.runtime.ending  # noqa: F401 - before what takes long to import
from callsheet.runtime.errors import DONE, UnusableInputError, exit_with
from callsheet.runtime.home import refuse_sample, say_what_to_run, take_samples
from callsheet.workspace import PROJECT, Workspace

if TYPE_CHECKING:
    from callsheet.runtime.summary import RunSummary

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True, help="Casting data that people can act on.")

AsJson = Annotated[bool, typer.Option("--json", help="Print the closing line as JSON, for a program.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only what is worth a look.")]
Yes = Annotated[bool, typer.Option("--yes", help="Go on also where most of what people have would go.")]
Database = Annotated[Path | None, typer.Option(metavar="FILE", help="Another database (default: the home's).")]
Published = Annotated[Path | None, typer.Option(metavar="FILE", help="Another published database (default: the home's).")]
PasswordCommand = Annotated[str | None, typer.Option(metavar="COMMAND", help="Prints the password of PostgreSQL, such as a token of IAM.")]
Sample = Annotated[bool, typer.Option("--sample", help="Take the samples for products that have no data of your own in this home.")]
DateFormat = Annotated[
    list[str] | None, typer.Option(metavar="FORMAT", help="How dates are written, such as %m/%d/%Y (default: ISO, epoch); may be repeated.")
]
Column = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN=NAME", help="What the file calls a column, as in work_city=Town; may be repeated.")
]
Encoding = Annotated[str | None, typer.Option(metavar="NAME", help="The encoding of the input, such as latin-1 (default: utf-8).")]


def command(group: typer.Typer, example: str, name: str | None = None) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add a function as a command. It returns the exit code; known failures become one sentence. The help ends in the example."""

    def register(function: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(function)
        def ended(*values: Any, **options: Any) -> None:
            exit_with(lambda: function(*values, **options))

        group.command(name, epilog=f"Example: {example}")(ended)
        return function

    return register


def main(*prefix: str) -> None:
    """Run the command line, or the one command that a script stands for."""
    say_what_to_run()
    app([*prefix, *sys.argv[1:]], prog_name="callsheet")


def close(summary: "RunSummary", as_json: bool, quiet: bool) -> int:
    """Print the closing line, and return the exit code."""
    return summary.print(as_json, quiet=quiet)


@command(app, "callsheet build --sample")
def build(sample: Sample = False, yes: Yes = False, as_json: AsJson = False, quiet: Quiet = False) -> int:
    """Build every product that has data in this home, test it, and publish it."""
    from callsheet.runtime.building import build_home  # noqa: PLC0415

    workspace = Workspace.find()
    started = time.monotonic()
    products = build_home(workspace, sample=sample, progress=not (as_json or quiet))
    return _publish(workspace, yes, as_json, quiet, f"Built {', '.join(products)}; published", started)


@command(app, "callsheet pulse --input breakdowns.csv --output daily_pulse.csv")
def pulse(
    input_: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE", help="CSV, Excel, JSON or Parquet, zipped or not, or a pattern (default: sample)."),
    ] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="What to write (default: daily_pulse.csv, or the database).")] = None,
    privacy: Annotated[str, typer.Option(metavar="MODE", help="standard, strict or off: what is held back.")] = "standard",
    sentiment: Annotated[str, typer.Option(metavar="NAME", help="What scores the descriptions; none: nothing.")] = "textblob",
    database: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the warehouse; days accumulate in it.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a page (HTML) to hand on. Alone: build nothing, tell what the home has published."),
    ] = None,
    date_format: DateFormat = None,
    encoding: Encoding = None,
    column: Column = None,
    reopen: Annotated[
        str | None, typer.Option(metavar="DAY", help="Build nothing: withdraw the release of that day from --database.")
    ] = None,
    sample: Sample = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Build the daily casting pulse from a file of breakdowns."""
    from callsheet.pulse import building  # noqa: PLC0415
    from callsheet.pulse.reading import COLUMNS  # noqa: PLC0415
    from callsheet.pulse.reopening import reopen as withdraw  # noqa: PLC0415

    if reopen is not None:
        print(withdraw(database, reopen))
        return DONE
    if report is not None and not sample and input_ is None and output is None and database is None:
        from callsheet.pulse.reporting import report_published  # noqa: PLC0415

        written = report_published(Workspace.find(), report)
        if not quiet:
            print(json.dumps({"written_to": str(written)}) if as_json else f"Report → {written}")
        return DONE
    if sample:
        take_samples()
    if input_ is None:
        refuse_sample(Workspace.find(database), "name your file with --input")
    _one_of("--privacy", privacy, building.PRIVACY)
    _one_of("--sentiment", sentiment, building.SENTIMENT)
    request = building.Request(
        source=input_ or str(building.SAMPLE),
        output=output,
        privacy=privacy,
        sentiment=sentiment,
        date_format="\n".join(date_format or ()) or None,
        encoding=encoding,
        columns=_columns(column, COLUMNS),
        report=report,
        progress=not (as_json or quiet),
    )
    return close(building.build(request, database), as_json, quiet)


@command(app, "callsheet load --batches inbox")
def load(
    batches: Annotated[
        Path | None,
        typer.Option(metavar="PATH", readable=False, help="Folder of batches, or a file (default: what this database holds)."),
    ] = None,
    from_postgres: Annotated[
        str | None, typer.Option(metavar="DSN", help="Read batches from PostgreSQL; the password goes into PGPASSWORD.")
    ] = None,
    table: Annotated[str, typer.Option(metavar="NAME", help="Its table or view: id, score, industry, and batch_no or a time.")] = "scores",
    columns: Annotated[
        str, typer.Option(metavar="LIST", help="What its columns of id, score and industry are called.")
    ] = "id,score,industry",
    time_: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="Its column of time: a batch is a slice of it, not a batch_no.")
    ] = None,
    slice_: Annotated[str, typer.Option("--slice", metavar="LENGTH", help="The length of a slice: 15m, 1h, 1d.")] = "1h",
    grace: Annotated[str, typer.Option(metavar="LENGTH", help="How long an ended slice is read again for late changes.")] = "1d",
    compare_all: Annotated[bool, typer.Option("--compare-all", help="Read every slice again, also those older than the grace.")] = False,
    password_command: PasswordCommand = None,
    through: Annotated[int | None, typer.Option(metavar="N", help="Land batches up to this number only.")] = None,
    rehash: Annotated[bool, typer.Option("--rehash", help="Open every file again, also those that look unchanged.")] = False,
    column: Column = None,
    encoding: Encoding = None,
    add_industries: Annotated[bool, typer.Option("--add-industries", help="Take every label that is not known for an industry.")] = False,
    yes: Yes = False,
    sample: Sample = False,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Load batches of model scores and compute their percentiles."""
    from callsheet.percentiles import delivering, loading, webhook  # noqa: PLC0415
    from callsheet.percentiles.postgres import Postgres, Slices, names_of, seconds_of  # noqa: PLC0415

    if sample:
        take_samples()
    workspace = Workspace.find(database)
    delivered = None
    if batches is not None and from_postgres is None:
        delivered = delivering.as_batches(workspace.home, batches, _columns(column, delivering.COLUMNS), encoding)
        batches = delivered.folder
    slices = None if time_ is None else Slices(time_, seconds_of(slice_, "--slice"), seconds_of(grace, "--grace"), compare_all)
    request = loading.Request(
        folder=batches,
        postgres=None if from_postgres is None else Postgres(from_postgres, table, names_of(columns), slices, password_command),
        through=through,
        rehash=rehash,
        progress=not (as_json or quiet),
        yes=yes,
        add_industries=add_industries,
    )
    summary = loading.load(workspace, request)
    if delivered is not None:
        summary.told += delivered.told
        summary.look_at(delivered.refused)
    summary.notes += webhook.tell(workspace.database)
    return close(summary, as_json, quiet)


@command(app, "callsheet import --input movies.csv --input credits.csv", "import")
def import_(
    input_: Annotated[list[Path], typer.Option("--input", metavar="PATH", help="A file, or a folder of them; may be repeated.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format", metavar="NAME", help="What wrote the files: tmdb, tmdb-flat, imdb, long, table; auto: what their columns say."
        ),
    ] = "auto",
    more: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Further files.")] = None,
    column: Column = None,
    encoding: Encoding = None,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Bring in your own films, casts and directors. Then run `callsheet build`."""
    from callsheet.resonance.films import importing  # noqa: PLC0415
    from callsheet.resonance.films.tables import COLUMNS  # noqa: PLC0415

    _one_of("--format", format_, importing.FORMATS)
    request = importing.ImportRequest(format_, (*input_, *(more or ())), _columns(column, (*COLUMNS, "cast_1")), encoding)
    return close(importing.import_films(Workspace.find(database), request), as_json, quiet)


Text = Annotated[str | None, typer.Option(metavar="TEXT")]


def _text(metavar: str, help_: str) -> Any:
    return typer.Option(metavar=metavar, help=help_)


def _off(name: str, help_: str) -> Any:
    return typer.Option(name, help=help_)


@command(app, "callsheet recommend --year 2006 --budget 20 --genres Action,Thriller --bill-order 1")
def recommend(
    year: Annotated[str | None, _text("YEAR", "The film's year; everything later is unknown to the slate.")] = None,
    budget: Annotated[str | None, _text("MILLIONS", "Millions of US dollars (default: unknown).")] = None,
    genres: Annotated[str | None, _text("LIST", "Genres of the film, parted by commas.")] = None,
    keywords: Annotated[str | None, _text("LIST", "What the film is about, as your films' keywords say it, parted by commas.")] = None,
    bill_order: Annotated[str | None, _text("PLACE", "Place in the cast (default: 1).")] = None,
    director: Annotated[str | None, _text("NAME", "Name or id of the director.")] = None,
    top: Annotated[str | None, _text("COUNT", "Actors for each role (default: 15).")] = None,
    alpha: Annotated[str | None, _text("SHARE", "Share of the era cycle, 0 to 1 (default: the model's).")] = None,
    synergy_weight: Annotated[str | None, _text("WEIGHT", "Weight of history with the director, 0 to 1.")] = None,
    label: Annotated[str | None, _text("TEXT", "What the film is called in the report.")] = None,
    min_credits: Annotated[str | None, _text("COUNT", "Leave out actors with fewer earlier roles.")] = None,
    max_credits: Annotated[str | None, _text("COUNT", "Leave out actors with more earlier roles.")] = None,
    active_within_years: Annotated[str | None, _text("YEARS", "Leave out who had no role in so many years before (default: 8).")] = None,
    min_age: Annotated[str | None, _text("YEARS", "Leave out who is younger in that year (age and gender need a people file).")] = None,
    max_age: Annotated[str | None, _text("YEARS", "Leave out who is older.")] = None,
    gender: Annotated[str | None, _text("GENDER", "female, male or non-binary: leave out all others.")] = None,
    actor_genres: Annotated[str | None, _text("LIST", "Leave out actors who never worked in one of these genres.")] = None,
    shoot_from: Annotated[str | None, _text("DAY", "First day an actor must be free, YYYY-MM-DD.")] = None,
    shoot_to: Annotated[str | None, _text("DAY", "Last day of it.")] = None,
    studio: Annotated[str | None, _text("NAME", "The studio that makes it: its own contracts do not stand in the way.")] = None,
    max_total_fee: Annotated[str | None, _text("MILLIONS", "Limit for the fees of all roles, where fees are given.")] = None,
    roles: Annotated[
        list[str] | None, typer.Option("--role", metavar="NAME:BILL", help="A part to fill and its place in the cast.")
    ] = None,
    attached: Annotated[list[str] | None, _text("NAME:ROLE", "An actor who has a part already; the slate is for the others.")] = None,
    must_have: Annotated[list[str] | None, _text("NAME", "An actor who is on the slate whatever the rank.")] = None,
    excluded: Annotated[list[str] | None, typer.Option("--exclude", metavar="NAME", help="An actor who is not.")] = None,
    include_dead: Annotated[bool, _off("--include-dead", "Do not leave out who had died before the film's year.")] = False,
    debut_director: Annotated[bool, _off("--debut-director", "The director has made no film yet.")] = False,
    no_cycle: Annotated[bool, _off("--no-cycle", "Leave the cycle of the era out.")] = False,
    no_calibrate: Annotated[bool, _off("--no-calibrate", "Show probabilities as the head says them.")] = False,
    no_penalties: Annotated[bool, _off("--no-penalties", "No penalty for another budget class or very many films.")] = False,
    no_diversity: Annotated[bool, _off("--no-diversity", "Allow actors who are near-duplicates.")] = False,
    demo: Annotated[bool, _off("--demo", "Rank directors too, and apply history with the first.")] = False,
    brief: Annotated[Path | None, _text("FILE", "A brief as JSON, or the manifest of a slate; options come on top.")] = None,
    availability: Annotated[Path | None, _text("FILE", "CSV: person, free_from, free_to, exclusive_to, fee_usd.")] = None,
    compare: Annotated[Path | None, _text("FILE", "Another brief or manifest: who entered, left and moved.")] = None,
    published: Published = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Say whom to cast: a ranked slate for a brief, with reasons, in a folder of its own below data/reports."""
    options = dict(locals())
    from callsheet.resonance.reports import recommending  # noqa: PLC0415

    switches = {"no_cycle": "use_cycle", "no_calibrate": "calibrate", "no_penalties": "use_penalties", "no_diversity": "use_diversity"}
    of_the_run = {"demo", "brief", "availability", "compare", "published", "as_json", "quiet", *switches}
    fields = {name: value for name, value in options.items() if name not in of_the_run and value not in (None, [], False)}
    fields |= {field: False for name, field in switches.items() if options[name]}
    request = recommending.SlateRequest(fields, brief, availability, compare, demo, published)
    show = (lambda _: None) if as_json or quiet else print
    return close(recommending.run(Workspace.find(), request, show, only_check=False), as_json, quiet)


why = typer.Typer(rich_markup_mode=None, no_args_is_help=True, epilog="Example: callsheet why bucket 2026-03-02 LA F")
app.add_typer(why, name="why", help="Walk from an answer back to the lines it came from.")


@command(why, "callsheet why score 01JADNVQ8GXCX4C6ZZ2HGEB2T5", "score")
def why_score(id_: Annotated[str, typer.Argument(metavar="ID")], database: Database = None, as_json: AsJson = False) -> int:
    """Explain an asset's percentile: window, neighbours, past, source."""
    from callsheet.percentiles.why import explain_score  # noqa: PLC0415

    return _explain(explain_score(Workspace.find(database), id_), as_json)


@command(why, "callsheet why percentile 0.6 Cars --at 20", "percentile")
def why_percentile(
    score: Annotated[float, typer.Argument(metavar="SCORE", help="Any score; no asset need have it.")],
    industry: Annotated[str, typer.Argument(metavar="INDUSTRY", help="As in the table scores.")],
    at: Annotated[int | None, typer.Option(metavar="BATCH", help="In the window of this batch (default: the newest).")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> int:
    """Say where any score stands in its industry, now or at any time."""
    from callsheet.percentiles.why import explain_any_score  # noqa: PLC0415

    return _explain(explain_any_score(Workspace.find(database), score, industry, at), as_json)


@command(why, "callsheet why bucket 2026-03-02 LA F", "bucket")
def why_bucket(
    day: Annotated[str, typer.Argument(metavar="DAY", help="YYYY-MM-DD")],
    region: Annotated[str, typer.Argument(metavar="REGION", help="A code of regions, such as LA")],
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="F, T, C or V")],
    database: Database = None,
    as_json: AsJson = False,
) -> int:
    """Explain a bucket of the daily pulse: published from what, or why not."""
    from callsheet.pulse.why import explain_bucket  # noqa: PLC0415

    return _explain(explain_bucket(Workspace.find(database), day, region, type_), as_json)


@command(why, 'callsheet why actor "Jis Jarrowquint" --brief brief.json', "actor")
def why_actor(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or id")],
    brief: Annotated[Path, typer.Option(metavar="FILE", help="A brief as JSON, or the manifest of a slate.")],
    published: Published = None,
    as_json: AsJson = False,
) -> int:
    """Explain an actor's place on a slate: rank, reasons, what would change it, the films behind it."""
    from callsheet.resonance.slates.why import explain_actor  # noqa: PLC0415

    return _explain(explain_actor(published or Workspace.find().public, name, brief), as_json)


def _explain(lines: list[str], as_json: bool) -> int:
    print(json.dumps({"lines": lines}) if as_json else "\n".join(lines))
    return DONE


@command(app, "callsheet publish")
def publish(
    to_postgres: Annotated[
        str | None, typer.Option(metavar="DSN", help="Write scores and their history there too; the password goes into PGPASSWORD.")
    ] = None,
    to_schema: Annotated[str, typer.Option(metavar="NAME", help="The schema there that is callsheet's own.")] = "callsheet",
    password_command: PasswordCommand = None,
    yes: Yes = False,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Publish the marts for readers, as DuckDB, Parquet and CSV, below data/published."""
    workspace = Workspace.find(database)
    started = time.monotonic()
    served: dict[str, int] = {}
    if to_postgres is not None:
        from callsheet.percentiles.serving import serve  # noqa: PLC0415
        from callsheet.runtime.postgres import Place  # noqa: PLC0415

        served = serve(workspace, Place(to_postgres, password_command), to_schema, may_empty=yes)
        if not (as_json or quiet):
            changes = ", ".join(f"{count:,} of {table}" for table, count in served.items())
            print(f"Partitions changed in schema {to_schema} of PostgreSQL: {changes}")
    return _publish(workspace, yes, as_json, quiet, "Published", started, served)


def _publish(
    workspace: Workspace, yes: bool, as_json: bool, quiet: bool, done: str, started: float, served: dict[str, int] | None = None
) -> int:
    from callsheet.runtime.publish import publish as write  # noqa: PLC0415

    counts = write(workspace, may_empty=yes)
    seconds = time.monotonic() - started
    if as_json:
        told = {"written_to": str(workspace.published), "rows": counts, "seconds": round(seconds, 3)}
        print(json.dumps({**told, **({"partitions_in_postgres": served} if served else {})}, sort_keys=True))
    elif not quiet:
        from callsheet.runtime.closing import closing_lines  # noqa: PLC0415

        print("\n".join(closing_lines(workspace, counts, f"{done} {len(counts)} tables → {workspace.published}; {seconds:.1f} s")))
    return DONE


@command(app, "callsheet app --internal", "app")
def open_app(
    internal: Annotated[bool, typer.Option("--internal", help="Add the page that is for the team alone.")] = False,
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8501,
) -> int:
    """Open what is published in a browser, on this machine only."""
    from importlib.util import find_spec  # noqa: PLC0415

    if find_spec("streamlit") is None:
        mend = "make app" if (PROJECT / "Makefile").is_file() else "pip install 'callsheet[app]'"
        raise UnusableInputError(f"There is no streamlit in this Python: type `{mend}`.")
    folder = Path(__file__).parent / "app"
    sys.stdout.flush()
    os.environ["CALLSHEET_HOME"] = str(Workspace.find().home)  # Streamlit takes its settings from the folder it starts in
    os.chdir(folder)
    words = [sys.executable, "-m", "streamlit", "run", str(folder / "main.py"), "--server.port", str(port)]
    os.execv(sys.executable, [*words, *(["--", "--internal"] if internal else [])])  # noqa: S606 - our own Python


@command(app, "callsheet check breakdowns.csv")
def check(
    path: Annotated[str | None, typer.Argument(help="A file, a folder, a pattern or a PostgreSQL DSN (default: the home).")] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="What wrote films: tmdb, tmdb-flat, imdb or long.")
    ] = None,
    date_format: DateFormat = None,
    encoding: Encoding = None,
    column: Column = None,
    published: Published = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Read and judge a file of breakdowns, batches, films, a brief, a config, or the home; write nothing."""
    from callsheet.runtime.checking import Options, check_path  # noqa: PLC0415

    options = Options(format_, "\n".join(date_format or ()) or None, encoding, published, tuple(column or ()))
    summary = check_path(Workspace.find(), path, options)
    return close(summary, as_json, quiet)


def _columns(given: list[str] | None, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    from callsheet.inputs.names import named_columns  # noqa: PLC0415

    return named_columns(given or (), names)


def _one_of(option: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UnusableInputError(f"{option} is {value!r}: choose one of {', '.join(choices)}.")
