"""What a file is, by its bytes and never by its name, in words that a person uses."""

import zipfile
from pathlib import Path

EXCEL, ARCHIVE, PARQUET, GZIP, ARRAY, LINES, TEXT = (
    "an Excel workbook",
    "a ZIP archive",
    "Parquet",
    "gzip",
    "a JSON array",
    "JSON lines",
    "text",
)
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a text document (RTF)"),
)
_OFFICE = (("xl/", EXCEL), ("word/", "a Word document"), ("ppt/", "a PowerPoint file"))
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_HTML = (b"<!doctype html", b"<html", b"<?xml")
_LOOK = 4096


def kind_of(path: Path) -> str:
    """Return the kind of a file: one of this module's names where it can be read, else what it is instead."""
    with path.open("rb") as file:
        head = file.read(_LOOK)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    if head.startswith(_OLD_OFFICE):
        return EXCEL
    if head[8:12] == b"DUCK":
        return "a DuckDB database"
    for start, kind in (*_FOREIGN, (b"PAR1", PARQUET), (b"\x1f\x8b", GZIP)):
        if head.startswith(start):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:14].lower().startswith(_HTML):
        return "a web page or XML"
    return ARRAY if text.startswith(b"[") else LINES if text.startswith(b"{") else TEXT


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names and b"spreadsheet" in archive.read("mimetype")[:100]:
                return EXCEL  # of LibreOffice: the same reader takes it
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, zipfile.LargeZipFile):
        return ARCHIVE
    return next((kind for start, kind in _OFFICE if any(name.startswith(start) for name in names)), ARCHIVE)


def is_foreign(kind: str) -> bool:
    """Say whether no reader takes a file of this kind."""
    return kind not in (EXCEL, ARCHIVE, PARQUET, GZIP, ARRAY, LINES, TEXT)
