"""Whom to cast: a ranked slate for a brief, with probabilities, alternates, reasons and a manifest, in a folder of its own.

python scripts/recommend.py --year 2006 --budget 20 --genres Action,Thriller --bill-order 1 [--role NAME:BILL …] [--director NAME]
    [--top 15] [--no-cycle] [--no-calibrate] [--alpha A] [--synergy-weight W] [--demo] [--brief FILE] [--compare FILE] [--check] [--json]
"""

import argparse
from pathlib import Path
from typing import Any

import _ending  # noqa: F401
from callsheet.resonance.reports.recommending import SlateRequest, run
from callsheet.runtime.errors import exit_with
from callsheet.workspace import Workspace

_OF_A_BRIEF = {
    "--year": ("YEAR", "the film's year; everything later is unknown to the slate"),
    "--budget": ("MILLIONS", "millions of US dollars (default: unknown)"),
    "--genres": ("LIST", "genres of the film, parted by commas"),
    "--bill-order": ("PLACE", "place in the cast (default: 1)"),
    "--director": ("NAME", "name or id of the director"),
    "--top": ("COUNT", "actors for each role (default: 15)"),
    "--alpha": ("SHARE", "share of the era cycle, 0 to 1 (default: the model's)"),
    "--synergy-weight": ("WEIGHT", "weight of history with the director, 0 to 1 (default: the model's)"),
    "--label": ("TEXT", "what the film is called in the report"),
    "--min-credits": ("COUNT", "leave out actors with fewer earlier roles"),
    "--max-credits": ("COUNT", "leave out actors with more earlier roles"),
    "--active-within-years": ("YEARS", "leave out actors without a role in so many years before"),
    "--actor-genres": ("LIST", "leave out actors who never worked in one of these genres"),
    "--shoot-from": ("DAY", "first day an actor must be free, YYYY-MM-DD (default: one free day in the year will do)"),
    "--shoot-to": ("DAY", "last day of it"),
    "--studio": ("NAME", "the studio that makes it: its own contracts do not stand in the way"),
    "--max-total-fee": ("MILLIONS", "limit for the fees of all roles, where fees are given"),
}
_REPEATED = {
    "--role": ("roles", "NAME:BILL", "a part to fill and its place in the cast; repeat it for several"),
    "--must-have": ("must_have", "NAME", "an actor who is on the slate whatever the rank; may be repeated"),
    "--exclude": ("excluded", "NAME", "an actor who is not; may be repeated"),
}
_SWITCHED_OFF = {
    "--no-cycle": ("use_cycle", "leave the cycle of the era out"),
    "--no-calibrate": ("calibrate", "show probabilities as the head says them"),
    "--no-penalties": ("use_penalties", "no penalty for another budget class or for very many films"),
    "--no-diversity": ("use_diversity", "allow actors who are near-duplicates"),
}


def main() -> int:
    """Make the slate and say where it is."""
    parser = argparse.ArgumentParser(description="Whom to cast: a ranked slate for a brief, with reasons, in data/reports.")
    for option, (metavar, text) in _OF_A_BRIEF.items():
        parser.add_argument(option, metavar=metavar, help=text)
    for option, (name, metavar, text) in _REPEATED.items():
        parser.add_argument(option, dest=name, action="append", metavar=metavar, help=text)
    for option, (name, text) in _SWITCHED_OFF.items():
        parser.add_argument(option, dest=name, action="store_const", const=False, help=text)
    parser.add_argument("--demo", action="store_true", help="rank directors too, take the first, and apply history with him or her")
    parser.add_argument("--brief", type=Path, metavar="FILE", help="a brief as JSON, or the manifest of a slate; options come on top")
    parser.add_argument("--availability", type=Path, metavar="FILE", help="CSV: person, free_from, free_to, exclusive_to, fee_usd")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="another brief or manifest: who entered, left and moved, and why")
    parser.add_argument("--published", type=Path, metavar="FILE", help="another published database (default: the home's)")
    parser.add_argument("--check", action="store_true", help="read and judge everything, write nothing")
    parser.add_argument("--json", action="store_true", help="print the closing line as JSON, for a program")
    arguments: dict[str, Any] = vars(parser.parse_args())
    as_json, only_check, published = arguments.pop("json"), arguments.pop("check"), arguments.pop("published")
    of_the_run = {name: arguments.pop(name) for name in ("brief", "availability", "compare", "demo")}
    request = SlateRequest(
        fields={name: value for name, value in arguments.items() if value is not None}, published=published, **of_the_run
    )
    return run(Workspace.find(), request, (lambda _: None) if as_json else print, only_check=only_check).print(as_json)


if __name__ == "__main__":
    exit_with(main)
