"""Laplace noise that the same facts always repeat, so that running again teaches nobody anything.

The key that makes it unguessable lives in one file of the home, or in one environment variable. It stays in this module: SQL sees draws.
"""

import hashlib
import hmac
import math
import os
import secrets
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from callsheet.runtime.errors import UnusableInputError

KEY_BYTES = 32
ENVIRONMENT = "CALLSHEET_PULSE_KEY"


def laplace(digest: bytes) -> float:
    """Return the draw of Laplace(0, 1) that the digest stands for: one bit is the sign, 52 bits the size, an exponential variate."""
    bits = int.from_bytes(digest[:8], "big") >> 11
    size = -math.log(((bits >> 1) + 0.5) / 2**52)
    return -size if bits & 1 else size


def key_file(home: Path) -> Path:
    """Return where the key of a home lies."""
    return home / "data" / "state" / "pulse_key"


def read_key(home: Path) -> bytes:
    """Return the key: the environment's, else the home's, which is made on first use."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return _from_environment(given)
    path = key_file(home)
    if not path.exists():
        _make_key(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnusableInputError(f"Others can read the key {path}: run `chmod 600` on it, then this again.")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise UnusableInputError(f"The key {path} is damaged, it has {len(key)} bytes and not {KEY_BYTES}: bring it back from your backup.")
    return key


def _from_environment(given: str) -> bytes:
    try:
        key = bytes.fromhex(given)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise UnusableInputError(f"{ENVIRONMENT} is no key: set it to {2 * KEY_BYTES} hexadecimal digits, or unset it.")
    return key


def _make_key(path: Path) -> None:
    """Make a key that only its owner can read. Of two runs that do so at once, one wins and both use its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


class Noise:
    """The draws of one home. The key is read, or made, at the first draw."""

    def __init__(self, home: Path) -> None:
        """Remember the home; nothing is read yet."""
        self._home = home

    @cached_property
    def _key(self) -> bytes:
        return read_key(self._home)

    def draw(self, facts: str | None) -> float | None:
        """Return the draw of Laplace(0, 1) for what is to be hidden, written as text; None for None."""
        if facts is None:
            return None
        return laplace(hmac.digest(self._key, facts.encode(), "sha256"))

    def key_id(self) -> str:
        """Return a name for the key, from which it cannot be found: to see which figures one key protects."""
        return hashlib.sha256(b"callsheet pulse key id" + self._key).hexdigest()[:12]
