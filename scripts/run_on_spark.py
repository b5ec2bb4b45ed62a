"""Build a product's models on Apache Spark, with the environment of requirements-spark.lock.

python scripts/run_on_spark.py --product percentiles --master spark://HOST:7077 | sc://HOST:15002 | local[*] [--source DIR] [--through N]
    [--rehash] [--full-refresh] [--export DIR] [--output FILE] [--var NAME=VALUE]… [--conf NAME=VALUE]… [--json]
"""

import argparse
import importlib.util
from pathlib import Path

import _ending  # noqa: F401
import yaml
from callsheet.runtime.errors import UnusableInputError, exit_with
from callsheet.workspace import Workspace


def main() -> int:
    """Build and say what came of it."""
    parser = argparse.ArgumentParser(description="Build a product's models on Apache Spark.")
    parser.add_argument("--product", required=True, choices=["percentiles", "pulse"])
    parser.add_argument(
        "--master", default="local[*]", metavar="URL", help="spark://HOST:7077, sc://HOST:15002, local[*] (default: %(default)s)"
    )
    parser.add_argument("--source", metavar="DIR", help="what to land, where every worker sees it (default: what is held, else the sample)")
    parser.add_argument("--through", type=int, metavar="N", help="land batches up to this number only")
    parser.add_argument("--rehash", action="store_true", help="open every file again, also those whose size and time are unchanged")
    parser.add_argument("--full-refresh", action="store_true", help="compute every table anew; what is state stays")
    parser.add_argument("--export", metavar="DIR", help="write every mart there as Parquet too")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the daily pulse there, as build_pulse.py does")
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="a var of dbt_project.yml; may be given several times"
    )
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark; may be given several times")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments = parser.parse_args()
    settings = dict(_setting("--conf", text) for text in arguments.conf)
    variables = {name: yaml.safe_load(value) for name, value in (_setting("--var", text) for text in arguments.var)}
    if arguments.output and arguments.product != "pulse":
        raise UnusableInputError("--output is for the daily pulse: give it with --product pulse, or take --export.")
    if importlib.util.find_spec("pyspark") is None:
        raise UnusableInputError("There is no pyspark here: run `make spark` and use .venv-spark/bin/python, docs/scale.md tells more.")
    from callsheet.spark.landing import Request, source_path  # noqa: PLC0415 - only where there is a pyspark
    from callsheet.spark.running import Run, run  # noqa: PLC0415

    landing = Request(source_path(arguments.source), arguments.through, arguments.rehash)
    wanted = Run(
        product=arguments.product,
        master=arguments.master,
        landing=landing,
        settings=settings,
        full_refresh=arguments.full_refresh,
        export=source_path(arguments.export),
        variables=variables,
        output=arguments.output,
    )
    return run(Workspace.find(), wanted).print(arguments.json)


def _setting(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UnusableInputError(f"{option} {text} is no setting: write NAME=VALUE.")
    return name, value


if __name__ == "__main__":
    exit_with(main)
