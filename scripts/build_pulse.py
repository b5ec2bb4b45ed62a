"""Build the daily casting pulse from a file of breakdowns.

python scripts/build_pulse.py --input breakdowns.csv --output daily_pulse.csv [--privacy standard|strict|off]
    [--sentiment textblob|none] [--database FILE] [--date-format FORMAT] [--encoding NAME] [--check] [--json]
python scripts/build_pulse.py --reopen DAY --database FILE
"""

import argparse
from pathlib import Path

import _ending  # noqa: F401
from callsheet.pulse.building import OUTPUT, PRIVACY, SAMPLE, SENTIMENT, Request, build, check
from callsheet.pulse.reopening import reopen
from callsheet.runtime.errors import DONE, exit_with


def main() -> int:
    """Build it and say what came of it."""
    parser = argparse.ArgumentParser(description="Build the daily casting pulse from a file of breakdowns.")
    parser.add_argument(
        "--input",
        default=str(SAMPLE),
        metavar="FILE",
        help="CSV, JSON lines or Parquet, plain or gzipped, or a pattern (default: the sample)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help=f"what to write (default: {OUTPUT}; with --database nothing but the database)"
    )
    parser.add_argument("--privacy", choices=PRIVACY, default="standard", help="what is held back: docs/privacy.md (default: standard)")
    parser.add_argument("--sentiment", choices=SENTIMENT, default="textblob", help="what scores the descriptions (default: textblob)")
    parser.add_argument("--database", type=Path, metavar="FILE", help="keep the warehouse; days accumulate in it (default: thrown away)")
    parser.add_argument(
        "--date-format", metavar="FORMAT", help="how the dates are written, such as %%m/%%d/%%Y (default: ISO, epoch, YYYYMMDD)"
    )
    parser.add_argument("--encoding", metavar="NAME", help="the encoding of the input, such as latin-1 or utf-16 (default: utf-8)")
    parser.add_argument(
        "--reopen",
        metavar="DAY",
        help="build nothing: withdraw the release of that day (YYYY-MM-DD) from --database; the next build makes another",
    )
    parser.add_argument("--check", action="store_true", help="read and judge everything, write nothing")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments = parser.parse_args()
    if arguments.reopen is not None:
        print(reopen(arguments.database, arguments.reopen))
        return DONE
    request = Request(
        source=arguments.input,
        output=arguments.output,
        privacy=arguments.privacy,
        sentiment=arguments.sentiment,
        date_format=arguments.date_format,
        encoding=arguments.encoding,
        progress=not arguments.json,
    )
    summary = check(request) if arguments.check else build(request, arguments.database)
    return summary.print(arguments.json)


if __name__ == "__main__":
    exit_with(main)
