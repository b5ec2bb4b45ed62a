"""How large the project is: `python -m tests.conventions.shape [--times]`.

Prints models by product, the depth of their graph, models that only pass rows on, macros, lines by folder and the longest function;
with --times also how long the scripts take to start.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "models": ("*.sql", "*.py", "*.yml", "*.md"),
    "macros": ("*.sql", "*.yml"),
    "python_udfs": ("*.py",),
    "scripts": ("*.py",),
    "tests": ("*.py", "*.sql", "*.yml"),
    "benchmarks": ("*.py", "*.sql"),
    "docs": ("*.md",),
}
WORK = re.compile(r"\b(join|group by|over|where|qualify|having|case|union|distinct|filter|unnest)\b", re.IGNORECASE)
COMMENT = re.compile(r"--[^\n]*")


def manifest() -> dict[str, Any]:
    """Return dbt's manifest with compiled SQL, from an empty home."""
    with tempfile.TemporaryDirectory() as home:
        folders = {"CALLSHEET_HOME": home, "DBT_PROJECT_DIR": str(PROJECT), "DBT_PROFILES_DIR": str(PROJECT)}
        command = ["dbt", "--quiet", "compile"]
        subprocess.run(command, cwd=PROJECT, env={**os.environ, **folders, "CALLSHEET_DATABASE": f"{home}/shape.duckdb"}, check=True)
        loaded: dict[str, Any] = json.loads((Path(home) / "target" / "manifest.json").read_text(encoding="utf-8"))
    return loaded


def own_models(graph: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the models by their id."""
    return {key: node for key, node in graph["nodes"].items() if node["resource_type"] == "model"}


def depth(models: dict[str, dict[str, Any]]) -> int:
    """Return how many models the longest way through the graph has."""

    @cache
    def below(key: str) -> int:
        return 1 + max((below(parent) for parent in models[key]["depends_on"]["nodes"] if parent in models), default=0)

    return max(below(key) for key in models)


def passing_on(models: dict[str, dict[str, Any]]) -> list[str]:
    """Return the SQL models without a join, group, window, filter or case."""
    written = ((model["name"], model["language"], COMMENT.sub("", model.get("compiled_code") or "")) for model in models.values())
    return sorted(name for name, language, text in written if language == "sql" and not WORK.search(text))


def functions() -> Iterator[tuple[int, str]]:
    """Yield the length of every Python function of the package, and where it stands."""
    for folder in ("python_udfs", "scripts"):
        for path in sorted((PROJECT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(PROJECT)}:{node.name}"


def lines(folder: str, patterns: tuple[str, ...]) -> int:
    """Return how many lines the folder's files hold."""
    files = (path for pattern in patterns for path in (PROJECT / folder).rglob(pattern))
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


def start_times() -> Iterator[tuple[str, float]]:
    """Yield how long the scripts take on little data, each in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CALLSHEET_HOME": home}
        for what, arguments in (
            ("first build_pulse in a new home", ["scripts/build_pulse.py", "--output", f"{home}/daily_pulse.csv"]),
            ("second build_pulse", ["scripts/build_pulse.py", "--output", f"{home}/daily_pulse.csv"]),
            ("20 batches one by one", ["scripts/load_batches.py", "--batches", "seeds/percentiles/batches"]),
        ):
            started = time.monotonic()
            subprocess.run([sys.executable, *arguments], cwd=PROJECT, env=environment, check=False, stdout=subprocess.DEVNULL)
            yield what, time.monotonic() - started


def main() -> int:
    """Print it all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", action="store_true", help="also how long the scripts take to start")
    arguments = parser.parse_args()
    graph = manifest()
    models = own_models(graph)
    products = Counter(model["fqn"][1] for model in models.values())
    print(f"models      {len(models):>6,}  {', '.join(f'{name} {count}' for name, count in sorted(products.items()))}")
    print(f"depth       {depth(models):>6,}  models on the longest way")
    passed = passing_on(models)
    print(f"pass-through{len(passed):>6,}  {', '.join(passed)}")
    print(f"macros      {sum(macro['package_name'] == 'callsheet' for macro in graph['macros'].values()):>6,}")
    for folder, patterns in FOLDERS.items():
        print(f"lines       {lines(folder, patterns):>6,}  {folder}")
    print("longest     {:>6,}  lines: {}".format(*max(functions())))
    if arguments.times:
        for what, seconds in start_times():
            print(f"start       {seconds:>6.1f}  s: {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
