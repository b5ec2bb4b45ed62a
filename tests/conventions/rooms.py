"""The rooms of resonance, one above the other: what imports may lead from one to another."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "callsheet.resonance"
ROOMS = ("films", "training", "slates", "reports")
SLATE_STEPS = ("briefs", "catalogue", "candidates", "scoring", "rules", "reasons", "make_slate", "comparing", "why", "answer_briefs")


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
        for module in sorted(set(imports(path))):
            parts = module.removeprefix(f"{PACKAGE}.").split(".") if module.startswith(f"{PACKAGE}.") else []
            if parts and ROOMS.index(parts[0]) > ROOMS.index(room):
                yield f"{room}/{path.name} imports {module}: {parts[0]} comes after {room}."
            is_a_step = room == "slates" and step in SLATE_STEPS and len(parts) > 1 and parts[0] == "slates" and parts[1] in SLATE_STEPS
            if is_a_step and SLATE_STEPS.index(parts[1]) > SLATE_STEPS.index(step):
                yield f"slates/{path.name} imports {module}: a brief has been there when it gets to {parts[1]}."
