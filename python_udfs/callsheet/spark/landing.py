"""What the products' readers share: what to land, and paths as they are."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What to land. Without a source: the one the tables hold, else the sample."""

    source: str | None = None
    through: int | None = None
    rehash: bool = False


def source_path(given: str | None) -> str | None:
    """Return a source as Spark finds it from any folder; what does not lie on this machine is left as it is."""
    if given is None or "://" in given or not Path(given).exists():
        return given
    return f"file://{Path(given).resolve()}"


def literal_path(path: str) -> str:
    """Return a path in which the characters of patterns stand for themselves."""
    return re.sub(r"([][{}*?\\])", r"\\\1", path)
