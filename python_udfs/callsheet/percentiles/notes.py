"""What a person is told of a folder of batches: files that nobody reads, labels that nobody knows, rows that were judged anew."""

import re
import shlex
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.runtime import config
from callsheet.workspace import Workspace

BATCH_FILE = re.compile(r"batch_([0-9]{1,9})\.json")
_LIKE_A_BATCH = re.compile(r"(?i)batch|\.(json|jsonl|ndjson|csv|parquet)(\.|$)")
_SHOWN_LABELS = 8  # a line's worth; those that matter come first
_FEW_SCORES = 30  # the project's percentiles_drift_scores
_SHOWN_LETTERS = 40  # of one label: it may be a whole text


def few_scores_note(count: int) -> str:
    """Return what to add to a percentile that comes of few scores: how far one of them moves it."""
    return f" Few scores: one place among {count} is {100 / count:.1f} points." if count < _FEW_SCORES else ""


def unread_files(folder: Path) -> list[str]:
    """Return the names of files that look like a batch and are not read, in order. Hidden files are nobody's batch."""
    names = [path.name for path in folder.iterdir() if not path.is_dir()]
    return sorted(name for name in names if _LIKE_A_BATCH.search(name) and not BATCH_FILE.fullmatch(name) and not name.startswith("."))


def unread_note(folder: Path) -> list[str]:
    """Return one sentence that names the folder's unread files, if there are any."""
    names = unread_files(folder)
    if not names:
        return []
    return [
        f"Not read, {len(names):,} of the files in {folder}: {', '.join(map(printable, names))}. "
        "A batch is a plain file named batch_<N>.json, such as batch_7.json: rename, unpack or convert what is one."
    ]


def printable(text: str) -> str:
    """Return a stranger's text as a terminal can show it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


@dataclass
class Judged:
    """What a run judged: rows of earlier deliveries, how many of them are kept, and the labels of all that fit no industry."""

    anew: int = 0
    anew_kept: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def note(self) -> list[str]:
        """Return one sentence that names the unknown labels and where to add them, if there are any."""
        labels = [(label, count) for label, count in self.unknown.most_common() if label]
        if not labels:
            return []
        shown = [f"{printable(label)[:_SHOWN_LETTERS]} {count:,}" for label, count in labels[:_SHOWN_LABELS]]
        if len(labels) > _SHOWN_LABELS:
            shown.append(f"{len(labels) - _SHOWN_LABELS:,} more labels {sum(count for _, count in labels[_SHOWN_LABELS:]):,}")
        if self.unknown[""]:
            shown.append(f"no label {self.unknown['']:,}")
        first = " ".join(printable(labels[0][0]).split())
        return [
            f"industry_unknown: {', '.join(shown)}. "
            f"To add one: echo {shlex.quote(first)} >> {shlex.quote(str(config.folder(Workspace.find()) / 'industries.csv'))}; "
            "all of them: run this again with --add-industries. All rows are judged anew then."
        ]


def take_unknown_labels(workspace: Workspace) -> list[str]:
    """Add the labels that fit no industry, in their most frequent spelling, to the industries of the home, and return them."""
    with workspace.reading() as connection:
        rows = connection.execute(
            "select arg_max(label, row_count) as label from (select trim(payload ->> '$.industry') as label, count(*) as row_count "
            "from intermediate.int_percentiles__judge_records where reject_reason = 'industry_unknown' group by all) "
            "where label <> '' group by lower(label) order by label"
        ).fetchall()
    labels = [" ".join(printable(label).split()) for (label,) in rows]
    config.append_rows(workspace, "industries", [{"industry": label} for label in labels])
    return labels


def verdicts(workspace: Workspace) -> set[int]:
    """Return the fingerprints of what has been judged."""
    if not workspace.holds("intermediate", "int_percentiles__judge_deliveries"):
        return set()
    with workspace.reading() as connection:
        return {row[0] for row in connection.execute("select fingerprint from intermediate.int_percentiles__judge_deliveries").fetchall()}


def judged_since(workspace: Workspace, before: Collection[int], run_ids: Collection[str]) -> Judged:
    """Return what was judged since; what these runs landed is new, everything else was judged anew."""
    judged = Judged()
    fresh = []
    with workspace.reading() as connection:
        for fingerprint, run_id, landed, kept in connection.execute(
            "select deliveries.fingerprint, deliveries.run_id, ledger.landed_count, ledger.valid_count "
            "from intermediate.int_percentiles__judge_deliveries as deliveries "
            "inner join percentiles.batch_ledger as ledger using (file_name, revision) where deliveries.is_in_force"
        ).fetchall():
            if fingerprint not in before:
                fresh.append(fingerprint)
                if run_id not in run_ids:
                    judged.anew += landed
                    judged.anew_kept += kept
        spellings: dict[str, str] = {}
        for label, count in connection.execute(
            "select coalesce(payload ->> '$.industry', '') as label, count(*) as row_count "
            "from intermediate.int_percentiles__judge_records "
            "where reject_reason = 'industry_unknown' and list_contains(?, fingerprint) group by label order by row_count desc, label",
            [fresh],
        ).fetchall():
            # The most frequent spelling stands for all that differ in case and in blanks around it.
            judged.unknown[spellings.setdefault(label.strip().casefold(), label.strip())] += count
    return judged
