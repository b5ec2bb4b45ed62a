"""One brief in, one folder out: what scripts/recommend.py runs. Reads what publish.py wrote; needs neither dbt nor the build database."""

import csv
import io
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callsheet.resonance.reports import report
from callsheet.resonance.slates import comparing
from callsheet.resonance.slates.briefs import Brief, BriefVocabulary, parse_brief, read_availability, read_fields, read_text
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import Slate, recommend
from callsheet.runtime import config
from callsheet.runtime.errors import DONE, LOOK, UnusableInputError
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import Workspace

DEMO_SYNERGY_WEIGHT = 0.25  # the mission's: the model's own choice may be 0, and a demo is to show the effect
SHOWN_PROBLEMS = 3  # problems that are named one by one; the others are counted
TOLERATED_SHARE = 0.05  # of rejected lines, as everywhere
AVAILABILITY = ("person", "free_from", "free_to", "exclusive_to", "fee_usd")


@dataclass(frozen=True)
class SlateRequest:
    """What is asked for: fields of a brief, on top of a brief in a file if one is named."""

    fields: Mapping[str, Any]
    brief: Path | None = None
    availability: Path | None = None
    compare: Path | None = None
    demo: bool = False
    published: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """Return the files that a person handed in, by what they are."""
        named = {"brief": self.brief, "availability": self.availability, "compare": self.compare}
        return {name: path for name, path in named.items() if path is not None}

    def source(self, workspace: Workspace) -> Path:
        """Return the published database that is read."""
        return self.published or workspace.public


@dataclass
class _Intake:
    """A brief and what its files held: the brief itself, and lines of availability."""

    brief: Brief
    other: Brief | None
    landed: int
    quarantined: int
    notes: list[str]

    def summary(self, summary: str, written_to: str, started: float) -> RunSummary:
        kept = self.landed - self.quarantined
        code = LOOK if self.quarantined > TOLERATED_SHARE * self.landed else DONE
        seconds = time.monotonic() - started
        unit = "brief" if self.landed == 1 else "row"  # the lines of an availability file count too
        return RunSummary(
            summary, written_to, self.landed, kept, self.quarantined, seconds, exit_code=code, notes=list(self.notes), unit=unit
        )


def run(workspace: Workspace, request: SlateRequest, show: Callable[[str], None], *, only_check: bool) -> RunSummary:
    """Make the slate, show it, write its folder and say what is worth a look. A check does all but show and write."""
    started = time.monotonic()
    usual = config.folder(workspace) / "availability.csv"
    if request.availability is None and usual.exists():
        request = replace(request, availability=usual)
    with closing(Catalogue.open(request.source(workspace))) as catalogue:
        return _answer(catalogue, workspace, request, None if only_check else show, started)


def _answer(
    catalogue: Catalogue, workspace: Workspace, request: SlateRequest, show: Callable[[str], None] | None, started: float
) -> RunSummary:
    """Answer the brief; without anything to show it to, only check it."""
    intake = _take_in(request, catalogue.known)
    slate = _demo(catalogue, intake.brief) if request.demo else replace(recommend(catalogue, intake.brief), directors=[])
    comparison = comparing.compare(catalogue, recommend(catalogue, intake.other), slate) if intake.other else None
    if show is None:
        return intake.summary(f"Checked the brief {slate.brief.label}", "nothing written", started)
    inputs = report.Inputs(workspace.home, request.source(workspace), request.demo, request.files)
    folder = report.write_report(inputs, catalogue, slate, comparison, datetime.now(UTC))
    for line in report.lines_of(catalogue, slate) + (comparing.lines_of(comparison) if comparison else []):
        show(line)
    summary = intake.summary(f"Slate for {slate.brief.label}", str(folder), started)
    summary.details = {"actors": len(slate.rows), "alternates": len(slate.alternates), "reasons": len(slate.reasons)}
    summary.notes += [*slate.notes, *(row["sentence"] for row in slate.left_out)]
    if not slate.rows:
        summary.exit_code = LOOK
    return summary


def _demo(catalogue: Catalogue, brief: Brief) -> Slate:
    """Return the slate with the first of the director slate, unless one is named, and with history with him or her applied."""
    directors = recommend(catalogue, brief).directors
    first = directors[0]["person_id"] if directors else None
    weight = DEMO_SYNERGY_WEIGHT if brief.synergy_weight is None else brief.synergy_weight
    slate = recommend(catalogue, replace(brief, director=brief.director or first, synergy_weight=weight))
    return replace(slate, directors=directors)


def _take_in(request: SlateRequest, known: BriefVocabulary) -> _Intake:
    fields = read_fields(read_text(request.brief)) if request.brief else {}
    fields |= request.fields
    lines, rejected = _availability(request.availability, known) if request.availability else ([], [])
    if lines:
        fields["availability"] = lines
    notes = rejected[:SHOWN_PROBLEMS]
    if len(rejected) > SHOWN_PROBLEMS:
        notes.append(f"… and {len(rejected) - SHOWN_PROBLEMS:,} more lines of {request.availability} are not used.")
    other = Brief.from_json(read_text(request.compare), known) if request.compare else None
    return _Intake(parse_brief(fields, known), other, 1 + len(lines) + len(rejected), len(rejected), notes)


def _availability(path: Path, known: BriefVocabulary) -> tuple[list[dict[str, str]], list[str]]:
    """Return the lines of the file that can be used, and a sentence for each that names nobody we know: agencies list more people."""
    reader = csv.DictReader(io.StringIO(read_text(path)), restval="")
    if missing := [name for name in AVAILABILITY if name not in (reader.fieldnames or ())]:
        raise UnusableInputError(f"{path} has no column {missing[0]}: its header is {','.join(AVAILABILITY)}.")
    lines, rejected = [], []
    for row in reader:
        line = {name: (row[name] or "").strip() for name in AVAILABILITY}
        if line["person"] and not known.is_actor(line["person"]):
            rejected.append(f"{path} line {reader.line_num}: no actor {line['person']!r} is known; the line is not used.")
            continue
        try:
            read_availability(line, known)
        except UnusableInputError as error:
            raise UnusableInputError(f"{path} line {reader.line_num}: {error}") from None
        lines.append(line)
    return lines, rejected
