"""Breakdowns whose every figure is known because they were made so: for tests of what is computed and released from them."""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

REGIONS = {"LA": "Los Angeles, CA", "NY": "New York, NY", "ATL": "Atlanta, GA", "CHI": "Chicago, IL"}
TYPES = {"F": "Feature Film", "T": "TV Series", "C": "Commercial", "V": "Voiceover"}
TEXTS = (
    "A wonderful, charming lead with great comic timing.", "An awful, hateful villain.", "A nurse.", "Not a very nice landlord.",
    "The best friend, funny and warm.", "A boring neighbour who is never happy.",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One view of a role notice, and what it must be read as."""

    posted_at: datetime
    region: str = "LA"
    project_type: str = "F"
    role: str = "r1"
    project: str = "p1"
    is_lead: bool = False
    is_union: bool = False
    is_ai: bool = False
    rate: int | None = 100
    text: str | None = TEXTS[0]

    def cells(self) -> list[str]:
        """Return the row as a file holds it."""
        text = f"{self.text} Plays a robot." if self.is_ai and self.text else self.text or ""
        return [
            self.posted_at.strftime("%Y-%m-%dT%H:%M:%SZ"), REGIONS[self.region], TYPES[self.project_type],
            "Lead" if self.is_lead else "Supporting", "SAG-AFTRA" if self.is_union else "Non-Union",
            "" if self.rate is None else f"${self.rate}/day", text, self.role, f"Role {self.role}", f"Project {self.project}",
        ]  # fmt: skip


HEADER = ["posted_date", "work_city", "project_type", "role_type", "union", "rate", "role_description", "id", "role_name", "project_name"]


def day(number: int, hour: int = 12) -> datetime:
    """Return a moment of day `number` of the tests' calendar."""
    return datetime(2026, 3, 1, hour, tzinfo=UTC) + timedelta(days=number)


def bucket(size: int, at: datetime, name: str = "r", **same: object) -> list[Row]:
    """Return rows of as many different roles, each of a project of its own unless said otherwise."""
    rows = [Row(at, role=f"{name}-{at:%j}-{number}", project=f"{name}-{number}") for number in range(size)]
    return [replace(row, **same) for row in rows]  # type: ignore[arg-type]


def many(count: int, days: int, seed: int = 5) -> list[Row]:
    """Return rows of every kind over some days: views of one role, missing rates and texts, large and small buckets."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        role = chance.randrange(count // 2)
        own = random.Random(f"{seed}-{role}")
        rows.append(
            Row(
                day(chance.randrange(days), chance.randrange(24)) + timedelta(seconds=number % 3600),
                region=own.choices(list(REGIONS), [8, 4, 2, 1])[0],
                project_type=own.choice(list(TYPES)),
                role=f"r{role}",
                project=f"p{role % 60}",
                is_lead=own.random() < 0.4,
                is_union=own.random() < 0.3,
                is_ai=own.random() < 0.1,
                rate=None if own.random() < 0.3 else own.randrange(50, 1200),
                text=None if own.random() < 0.1 else own.choice(TEXTS),
            )
        )
    return rows


def write(path: Path, rows: Iterable[Row], header: Sequence[str] = HEADER) -> Path:
    """Write the rows as CSV, with those of the columns that the header names."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            cells = dict(zip(HEADER, row.cells(), strict=True))
            writer.writerow([cells[name] for name in header])
    return path
