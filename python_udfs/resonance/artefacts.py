"""Fitted heads as bytes: the same bytes for the same head, checked before they are read, and reading them runs no foreign code."""

import hashlib
import io
import json
import re
import zipfile
from typing import Any

from python_udfs.resonance.adjustments import Cycle
from python_udfs.resonance.calibration import Calibration
from python_udfs.resonance.heads import Head
from python_udfs.runtime.errors import UnusableInputError

TRUSTED = [
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
]  # what our heads hold beyond what skops trusts by itself; anything else is refused
_ADDRESS = re.compile(rb'(?<="__id__": )\d+|(?<=")\d+(?=\.np[yz]")')
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the time of packing is no part of a model


class ArtefactError(UnusableInputError):
    """An artefact is not what was stored, or holds what may not be loaded."""


def sha256(content: bytes) -> str:
    """Return the checksum that an artefact is stored with."""
    return hashlib.sha256(content).hexdigest()


def checked(content: bytes, checksum: str, name: str) -> bytes:
    """Return the content if it is what was stored."""
    if sha256(content) != checksum:
        raise ArtefactError(
            f"The artefact {name} has the checksum {sha256(content)[:12]}…, not {checksum[:12]}… as when stored: it was changed. "
            "Publish again; if the build database holds it too, delete its run from resonance.model_runs and "
            "intermediate.int_resonance__artefact_history, and build."
        )
    return content


def dump_head(head: Head) -> bytes:
    """Return a head as bytes, the same on every run."""
    import skops.io  # noqa: PLC0415 - heavy

    return _steady(
        skops.io.dumps(
            {
                "name": head.name,
                "features": list(head.features),
                "last_year": head.last_year,
                "constant": head.constant,
                "members": list(head.members),
            }
        )
    )


def load_head(content: bytes, checksum: str, name: str) -> Head:
    """Return the head of these bytes. Refuses a wrong checksum and every type that no head of ours holds."""
    import skops.io  # noqa: PLC0415 - heavy
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    try:
        held: dict[str, Any] = skops.io.loads(checked(content, checksum, name), trusted=TRUSTED)
    except UntrustedTypesFoundException as error:
        raise ArtefactError(f"The artefact {name} holds types that no head of ours has, and is not loaded: {error}") from error
    return Head(held["name"], tuple(held["features"]), held["last_year"], tuple(held["members"]), held["constant"])


def dump_curves(calibrations: dict[str, Calibration], cycle: Cycle, alpha: float, synergy_weight: float) -> bytes:
    """Return what follows the head, as plain numbers."""
    plain = {
        "calibrations": {
            name: {"method": curve.method, "slope": curve.slope, "intercept": curve.intercept, "steps": curve.steps, "errors": curve.errors}
            for name, curve in calibrations.items()
        },
        "cycle": {"years": cycle.years, "sine": cycle.sine, "cosine": cycle.cosine},
        "alpha": alpha,
        "synergy_weight": synergy_weight,
    }
    return json.dumps(plain, sort_keys=True).encode()


def load_curves(content: bytes, checksum: str, name: str) -> tuple[dict[str, Calibration], Cycle, float, float]:
    """Return calibrations, cycle, alpha and synergy weight of these bytes."""
    plain = json.loads(checked(content, checksum, name))
    calibrations = {
        key: Calibration(
            curve["method"], curve["slope"], curve["intercept"], tuple((x, y) for x, y in curve["steps"]), tuple(curve["errors"])
        )
        for key, curve in plain["calibrations"].items()
    }
    return calibrations, Cycle(**plain["cycle"]), plain["alpha"], plain["synergy_weight"]


def dump_means(means: dict[str, float | None]) -> bytes:
    """Return what is usual of each feature, as plain numbers."""
    return json.dumps(means, sort_keys=True).encode()


def load_means(content: bytes, checksum: str, name: str) -> dict[str, float | None]:
    """Return the mean of each feature over the rows that the head learnt from; None where no row had a value."""
    means: dict[str, float | None] = json.loads(checked(content, checksum, name))
    return means


def _steady(packed: bytes) -> bytes:
    """Return a skops file whose names are counted from 1 instead of taken from memory addresses, without its time of packing."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    numbers: dict[bytes, bytes] = {}

    def number(match: re.Match[bytes]) -> bytes:
        return numbers.setdefault(match.group(), str(len(numbers) + 1).encode())

    contents["schema.json"] = _ADDRESS.sub(number, contents["schema.json"])
    renamed = {_renamed(name, numbers): content for name, content in contents.items()}
    steady = io.BytesIO()
    with zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(renamed):
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DATE), renamed[name], zipfile.ZIP_DEFLATED)
    return steady.getvalue()


def _renamed(name: str, numbers: dict[bytes, bytes]) -> str:
    stem, _, ending = name.partition(".")
    return f"{numbers[stem.encode()].decode()}.{ending}" if stem.encode() in numbers else name
