"""Writes that a reader never sees half of."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callsheet.runtime.errors import UnusableInputError


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `target` when the block ends well; until then, and after a failure, `target` is as it was.

    `target` is a symbolic link that is switched in one step, since a folder that is not empty cannot be replaced in one. The version
    before is kept, for readers that have just opened it; older ones and leftovers of killed runs are removed.
    """
    if target.exists() and not target.is_symlink():
        raise UnusableInputError(f"{target} is a folder, and not the link that publishing makes: move it away and run this again.")
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}-"
    before = target.resolve() if target.is_symlink() else None
    fresh = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        link = fresh.with_suffix(".link")
        link.symlink_to(fresh.name)
        link.replace(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    for old in target.parent.glob(f"{prefix}*"):
        if old.is_symlink():
            old.unlink()
        elif old.resolve() not in (fresh.resolve(), before):
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `target`, which must not exist, when the block ends well; after a failure nothing is left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
