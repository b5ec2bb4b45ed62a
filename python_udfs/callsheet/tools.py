"""Commands of a checkout that stand behind scripts of their own: compact, plots, sample data, Spark."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
import yaml

from callsheet.cli import AsJson, Database, Quiet, close, command
from callsheet.runtime.errors import DONE, UnusableInputError
from callsheet.runtime.home import say_what_to_run
from callsheet.workspace import PROJECT, Workspace

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
sample = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Write the sample data: the same bytes from the same seed.")
app.add_typer(sample, name="make_sample_data")


def main(name: str) -> None:
    """Run the command that a script stands for."""
    say_what_to_run()
    app([name, *sys.argv[1:]], prog_name="scripts")


@command(app, "python scripts/compact.py", "compact")
def compact(database: Database = None) -> int:
    """Rewrite the database without the space that deleted rows left; state stays."""
    from callsheet.runtime import compact as compacting  # noqa: PLC0415

    workspace = Workspace.find(database)
    before, after = compacting.compact(workspace)
    print(f"Compacted {workspace.database}: {before:,} → {after:,} bytes")
    return DONE


@command(app, "python scripts/plot_models.py", "plot_models")
def plot_models(
    database: Database = None,
    run: Annotated[str | None, typer.Option(metavar="MODEL_RUN_ID", help="A run of resonance.model_runs (default: the newest).")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Draw a training run of resonance as PNG, into data/reports."""
    from callsheet.resonance.reports.plots import draw  # noqa: PLC0415

    return close(draw(Workspace.find(database), run), as_json, quiet)


@command(sample, "python scripts/make_sample_data.py batches", "batches")
def sample_batches(
    batches: int = 20,
    assets: Annotated[int, typer.Option(help="Assets a batch.")] = 400,
    seed: int = 7,
    output: Path = PROJECT / "seeds" / "percentiles" / "batches",
) -> int:
    """Write batches of model scores, for percentiles."""
    from callsheet.percentiles.sample import write_batches  # noqa: PLC0415

    write_batches(output, batches, assets, seed)
    return DONE


@command(sample, "python scripts/make_sample_data.py breakdowns", "breakdowns")
def sample_breakdowns(
    rows: Annotated[int | None, typer.Option(help="Views.")] = None,
    roles: Annotated[int | None, typer.Option(help="Notices that are viewed.")] = None,
    days: int | None = None,
    seed: int | None = None,
    output: Path = PROJECT / "seeds" / "pulse" / "breakdowns_sample.csv",
) -> int:
    """Write views of casting breakdowns, for pulse."""
    from callsheet.pulse.sample import Size, write_sample  # noqa: PLC0415

    output.parent.mkdir(parents=True, exist_ok=True)
    given = {"rows": rows, "roles": roles, "days": days, "seed": seed}
    write_sample(output, Size(**{name: value for name, value in given.items() if value is not None}))
    return DONE


@command(sample, "python scripts/make_sample_data.py films --rows 100000 --output world.csv", "films")
def sample_films(
    seed: int = 7,
    rows: Annotated[int | None, typer.Option(help="About so many (film, actor) rows as one long table, without dirt.")] = None,
    no_cycle: Annotated[bool, typer.Option("--no-cycle", help="Without the era cycle.")] = False,
    output: Annotated[Path | None, typer.Option(help="Folder of the seeds, or the long table's file.")] = None,
) -> int:
    """Write a synthetic film world, for resonance: the sample's seeds, or one long table."""
    from callsheet.resonance.films import world  # noqa: PLC0415

    cycle = 0.0 if no_cycle else world.Recipe.cycle_effect
    if rows is None:
        world.write_seeds(world.make_world(seed, replace(world.SAMPLE, cycle_effect=cycle)), output or PROJECT / "seeds/resonance")
        return DONE
    target = output or Path("world.csv")
    written = world.write_long(world.make_world(seed, world.grown(world.Recipe(cycle_effect=cycle), rows)), target)
    print(f"{written:,} rows → {target}")
    return DONE


@command(app, "python scripts/run_on_spark.py --product percentiles --master 'local[*]'", "run_on_spark")
def run_on_spark(
    product: Annotated[str, typer.Option(help="percentiles or pulse.")],
    master: Annotated[str, typer.Option(metavar="URL", help="spark://HOST:7077, sc://HOST:15002 or local[*].")] = "local[*]",
    source: Annotated[str | None, typer.Option(metavar="DIR", help="What to land, where every worker sees it.")] = None,
    through: Annotated[int | None, typer.Option(metavar="N", help="Land batches up to this number only.")] = None,
    rehash: Annotated[bool, typer.Option("--rehash", help="Open every file again, also those that look unchanged.")] = False,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Compute every table anew; what is state stays.")] = False,
    export: Annotated[str | None, typer.Option(metavar="DIR", help="Write every mart there as Parquet too.")] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the daily pulse there.")] = None,
    var: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A var of dbt_project.yml; may be repeated.")] = None,
    conf: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A setting of Spark; may be repeated.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Build a product's models on Apache Spark."""
    settings = dict(_setting("--conf", text) for text in conf or ())
    variables = {name: yaml.safe_load(value) for name, value in (_setting("--var", text) for text in var or ())}
    if product not in ("percentiles", "pulse"):
        raise UnusableInputError(f"--product is {product!r}: choose percentiles or pulse.")
    if output and product != "pulse":
        raise UnusableInputError("--output is for the daily pulse: give it with --product pulse, or take --export.")
    if importlib.util.find_spec("pyspark") is None:
        raise UnusableInputError("There is no pyspark here: run `make spark` and use .venv-spark/bin/python, docs/scale.md tells more.")
    from callsheet.spark.landing import Request, source_path  # noqa: PLC0415 - only where there is a pyspark
    from callsheet.spark.running import Run, run  # noqa: PLC0415

    wanted = Run(
        product=product,
        master=master,
        landing=Request(source_path(source), through, rehash),
        settings=settings,
        full_refresh=full_refresh,
        export=source_path(export),
        variables=variables,
        output=output,
    )
    return close(run(Workspace.find(), wanted), as_json, quiet)


def _setting(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UnusableInputError(f"{option} {text} is no setting: write NAME=VALUE.")
    return name, value
