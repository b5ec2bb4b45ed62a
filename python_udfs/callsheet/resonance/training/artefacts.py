"""Fitted heads as bytes. The same head gives the same bytes; a checksum is compared before they are read; reading runs no foreign code."""

import hashlib
import json

import numpy as np

from callsheet.resonance.training.adjustments import Cycle
from callsheet.resonance.training.calibration import Calibration
from callsheet.resonance.training.heads import Head
from callsheet.resonance.training.members import NODE, Trees, described, restored
from callsheet.runtime.errors import UnusableInputError

HEAD_FORMAT = "arrow"  # runs of earlier versions have another format: they stay as history, and no brief is answered from them


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
            "resonance.model_artefacts, and build."
        )
    return content


def dump_head(head: Head) -> bytes:
    """Return a head as an Arrow stream, the same bytes on every run: the nodes of its trees, and beside them in JSON what else it is."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    nodes = [np.zeros(0, dtype=NODE)]
    for place, member in enumerate(head.members):
        if isinstance(member, Trees):
            nodes.append(member.nodes.copy())
            nodes[-1]["member"] = place
    rows = np.concatenate(nodes)
    told = {
        "name": head.name,
        "features": head.features,
        "last_year": head.last_year,
        "constant": head.constant,
        "members": [described(member) for member in head.members],
    }
    table = pa.table({name: rows[name] for name in NODE.fields or ()}).replace_schema_metadata({"head": json.dumps(told)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def load_head(content: bytes, checksum: str, name: str) -> Head:
    """Return the head of these bytes. Refuses a wrong checksum, and everything that is not a head of ours; runs nothing of the content."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    try:
        table = pa.ipc.open_stream(checked(content, checksum, name)).read_all()
        told = json.loads((table.schema.metadata or {})[b"head"])
        rows = np.empty(len(table), dtype=NODE)
        for column in NODE.fields or ():
            rows[column] = table[column].to_numpy()
        members = tuple(restored(held, rows[rows["member"] == place], len(told["features"])) for place, held in enumerate(told["members"]))
        return Head(told["name"], tuple(told["features"]), told["last_year"], members, told["constant"])
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise ArtefactError(f"The artefact {name} is not a head of this version ({error}): build resonance and publish again.") from error


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
