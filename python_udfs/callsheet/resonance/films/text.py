"""Names and titles whose bytes were read in the wrong encoding."""

import unicodedata

_SIGNS = ("Ã", "Â", "Ä", "Å", "â€")  # how UTF-8 looks when it is read as Latin-1 or Windows-1252


def repair_text(text: str | None) -> str | None:
    """Return the text as it was meant: `BÃ¶hm` is `Böhm`. What is whole stays; blanks and accents are made one way."""
    if text is None:
        return None
    if any(sign in text for sign in _SIGNS):
        for encoding in ("cp1252", "latin-1"):
            try:
                text = text.encode(encoding).decode("utf-8")
                break
            except UnicodeError:
                continue
    return unicodedata.normalize("NFC", " ".join(text.split()))
