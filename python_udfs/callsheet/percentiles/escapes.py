"""Escapes in JSON that stand for no character."""

import re

# A pair that is one character, or half of one (a group of its own), or any other escape: read in order, so that `\\ud800` is none.
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.")


def mark_lone_surrogates(text: str | None) -> str | None:
    r"""Return JSON text with each lone surrogate (`\ud800`) as `\u0000ud800`.

    Half of a surrogate pair is no character, and DuckDB refuses a whole file for one. Marked, it costs its row: a field with `\u0000` is
    never used.
    """
    if text is None:
        return None
    return _ESCAPE.sub(lambda escape: rf"\u0000{escape[1]}" if escape[1] else escape[0], text)
