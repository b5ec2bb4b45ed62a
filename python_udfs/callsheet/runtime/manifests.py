"""The parsed project, kept between processes: parsing it takes longer than most runs.

What is kept belongs to one state of the project's files, one version of dbt, one target and one name of the database, which dbt writes
into the manifest. It lies beside the environment, or in the user's cache where that cannot be written to.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from dbt.contracts.graph.manifest import Manifest

PARSED = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests/dbt", "analyses")
_in_memory: dict[Path, Manifest] = {}


def parsed(project: Path, database_name: str, parse: Callable[[Path], object]) -> Manifest:
    """Return the manifest of the project as it is now. `parse` runs `dbt parse` with the given folder as its home."""
    name = f"{_hash(str(project.resolve()))}-{database_name}-{os.environ.get('DBT_TARGET', 'dev')}"
    kept = _cache_folder() / f"{name}-{_state_of(project)}.msgpack"
    if kept not in _in_memory:
        if not kept.exists():
            _keep(kept, f"{name}-*.msgpack", parse)
        manifest: Manifest = Manifest.from_msgpack(kept.read_bytes())
        manifest.build_flat_graph()  # type: ignore[no-untyped-call]
        _in_memory[kept] = manifest
    return _in_memory[kept]


def _keep(kept: Path, pattern: str, parse: Callable[[Path], object]) -> None:
    """Parse, and put the result into place in one step: other processes may do the same at the same time."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".parsing-", dir=kept.parent) as folder:
        written = Path(folder, "target", "partial_parse.msgpack")
        written.parent.mkdir()
        earlier = sorted(kept.parent.glob(pattern), key=lambda path: path.stat().st_mtime)
        if earlier:
            written.write_bytes(earlier[-1].read_bytes())  # dbt then parses only what has changed
        parse(Path(folder))
        written.replace(kept)
    for path in earlier:
        path.unlink(missing_ok=True)


def _cache_folder() -> Path:
    beside = Path(sys.prefix)
    if sys.prefix != sys.base_prefix and os.access(beside, os.W_OK):
        return beside / "callsheet"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callsheet"


def _state_of(project: Path) -> str:
    """Return a hash of the names, sizes and times of all files that dbt parses, and of the versions that parse them."""
    found = [version("dbt-core"), version("dbt-adapters"), sys.version]
    for top in (project / part for part in PARSED if (project / part).exists()):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            status = path.stat()
            found.append(f"{path.relative_to(project)} {status.st_size} {status.st_mtime_ns}")
    return _hash("\n".join(found))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
