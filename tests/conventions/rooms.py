"""The rooms of resonance, one above the other: what imports may lead from one to another."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "callsheet.resonance"
ROOMS = ("films", "training", "slates", "reports")
SLATE_STEPS = (
    "briefs", "catalogue", "candidates", "scoring", "rules", "forecasting", "alternates", "reasons", "make_slate", "measuring",
    "comparing", "why", "answer_briefs",
)  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_ways(folder: Path) -> Iterator[str]:
    """Yield each import that leads up: to a later room, or inside slates to a later step of a brief's way."""
    for path in sorted(folder.glob("*/*.py")):
        room, step = path.parent.name, path.stem
        ours = {tuple(module.split(".")[2:]) for module in imports(path) if module.startswith(f"{PACKAGE}.")}
        for other in sorted({parts[0] for parts in ours}, key=ROOMS.index):
            if ROOMS.index(other) > ROOMS.index(room):
                yield f"{room}/{path.name} imports from {other}, which comes after {room}."
        for other in sorted({parts[1] for parts in ours if parts[0] == room == "slates" and len(parts) > 1 and parts[1] in SLATE_STEPS}):
            if SLATE_STEPS.index(other) > SLATE_STEPS.index(step):
                yield f"slates/{path.name} imports from {other}, which comes after {step} on a brief's way."
