"""The last line of a script: what was written where, rows in, kept and quarantined, seconds."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from callsheet.runtime.errors import DONE, LOOK


@dataclass
class RunSummary:
    """What a run did. Counts are of `unit`, rows unless said; `notes` are sentences worth a look."""

    summary: str
    written_to: str
    landed: int
    kept: int
    quarantined: int
    seconds: float
    exit_code: int = 0
    details: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # lines that were asked for, as they are printed
    unit: str = "row"
    rejected_to: str | None = None  # the file that lists what was quarantined, where no database keeps it

    def look_at(self, notes: Sequence[str]) -> None:
        """Add sentences that are worth a look, so that a run that was done ends with that code."""
        self.notes += notes
        if notes and self.exit_code == DONE:
            self.exit_code = LOOK

    def print(self, as_json: bool, *, quiet: bool = False) -> int:
        """Print it for a person or a machine and return the exit code. Quiet: only what is worth a look."""
        if as_json:
            print(json.dumps({**asdict(self), "seconds": round(self.seconds, 3)}, sort_keys=True))
            return self.exit_code
        for line in () if quiet else self.told:
            print(line)
        for note in self.notes:
            print(f"look: {note}")
        if quiet:
            return self.exit_code
        details = "".join(f", {count:,} {name}" for name, count in self.details.items())
        units = self.unit if self.landed == 1 else f"{self.unit}s"
        print(
            f"{self.summary} → {self.written_to}: {self.landed:,} {units} landed, {self.kept:,} kept, "
            f"{self.quarantined:,} quarantined{f' → {self.rejected_to}' if self.rejected_to else ''}{details}; {self.seconds:.1f} s"
        )
        return self.exit_code
