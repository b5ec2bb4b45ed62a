"""Repair of damaged industry labels."""

import re
from collections.abc import Sequence

_MASKED_RUN = re.compile(r"[x*?]+")


def _plain(label: str) -> str:
    """Return the label without differences of case and blanks."""
    return " ".join(label.casefold().split())


def repair_label(label: str | None, industries: Sequence[str]) -> str | None:
    """Return the one known industry that `label` can stand for, or None when none or several can.

    An exact name wins, so that an industry with a genuine x ("Luxury") is never read as masked. Else each run of X, `*` or `?`
    stands for one letter, or for as many letters as it is long.
    """
    if label is None:
        return None
    if label in industries:
        return label
    plain = _plain(label)
    exact = [industry for industry in industries if _plain(industry) == plain]
    if exact:
        return exact[0] if len(exact) == 1 else None
    runs = _MASKED_RUN.findall(plain)
    if not runs:
        return None
    letter = r"[^\W\d_]"
    pieces = [re.escape(piece) for piece in _MASKED_RUN.split(plain)]
    masks = [f"(?:{letter}|{letter}{{{len(run)}}})" for run in runs]
    pattern = re.compile("".join(a + b for a, b in zip(pieces, [*masks, ""], strict=True)))
    fitting = [industry for industry in industries if pattern.fullmatch(_plain(industry))]
    return fitting[0] if len(fitting) == 1 else None
