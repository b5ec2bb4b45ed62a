"""Repair of damaged industry labels."""

import re
from collections.abc import Sequence

_BLANKS = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[\s_\-\u00ad\u2010-\u2015]+")
_MASKED_RUN = re.compile(r"[x*?]+")


def repair_label(label: str | None, industries: Sequence[str]) -> str | None:
    """Return the one known industry that `label` can stand for, or None when none or several can.

    A name wins: as it is, then in another case or with other blanks, then without blanks and hyphens. So an industry with a genuine x
    ("Luxury") is never read as masked. Else each run of X, `*` or `?` stands for one letter, or for as many letters as it is long.
    """
    if label is None:
        return None
    if label in industries:
        return label
    for ignored, instead in ((_BLANKS, " "), (_SEPARATORS, "")):
        plain = ignored.sub(instead, label.casefold()).strip()
        alike = [industry for industry in industries if ignored.sub(instead, industry.casefold()).strip() == plain]
        if alike:
            return alike[0] if len(alike) == 1 else None
    runs = _MASKED_RUN.findall(label.casefold())
    if not runs:
        return None
    letter = r"[^\W\d_]"
    pieces = [re.escape(_SEPARATORS.sub("", piece)) for piece in _MASKED_RUN.split(label.casefold())]
    masks = [f"(?:{letter}|{letter}{{{len(run)}}})" for run in runs]
    pattern = re.compile("".join(a + b for a, b in zip(pieces, [*masks, ""], strict=True)))
    fitting = [industry for industry in industries if pattern.fullmatch(_SEPARATORS.sub("", industry.casefold()))]
    return fitting[0] if len(fitting) == 1 else None
