"""A hash of the code that a table is made by.

Incremental partitions carry it in their fingerprint, so that they are made anew when the code changes and only then. It covers the
model, the models it reads, the macros they call and the Python modules behind their functions. Comments and blank lines do not count.
"""

import hashlib
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ENGINES = ("duckdb", "spark")

_MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\(.*?{%-?\s*endmacro\s*-?%}", re.DOTALL)
_REF = re.compile(r"\bref\(\s*[\"'](\w+)[\"']")
_CALL = re.compile(r"\b(\w+)\s*\(")
_DISPATCH = re.compile(r"adapter\.dispatch\(\s*[\"'](\w+)[\"']")
_IMPORT = re.compile(r"^\s*from (callsheet(?:\.\w+)*) import \(?([\w, \n]+)", re.MULTILINE)
_SHARED = ("callsheet.runtime", "callsheet.workspace", "callsheet.functions")  # how a run is carried out, not what it computes
# A text in quotes comes first, so that what looks like a comment inside it stays.
_SQL_TOKEN = re.compile(r"('(?:[^']|'')*')|(?:{#.*?#}|--[^\n]*|\s)+", re.DOTALL)


class Logic:
    """The code of a project on one engine. Reads each file once."""

    def __init__(self, project: Path, engine: str, functions: Mapping[str, Callable[..., object]]) -> None:
        """Take the project's folder, the engine whose variants count, and the SQL functions by name."""
        (other,) = set(ENGINES) - {engine}
        self._engine = engine
        modules = {name: function.__module__ for name, function in functions.items()}
        self._modules = {name: module for name, module in modules.items() if module.startswith("callsheet.") and _computes(module)}
        files = (path for path in sorted((project / "models").rglob("*")) if path.suffix in (".sql", ".py"))
        self._models = {path.stem: path for path in files if other not in path.relative_to(project).parts}
        texts = (path.read_text(encoding="utf-8") for path in sorted((project / "macros").rglob("*.sql")))
        self._macros = {found.group(1): found.group(0) for text in texts for found in _MACRO.finditer(text)}
        self._hashes: dict[str, str] = {}

    def hash_of(self, model: str) -> str:
        """Return the hash of everything that the model is made by. Raises KeyError where there is no such model."""
        if model not in self._hashes:
            parts = dict(sorted(self._parts(model)))
            self._hashes[model] = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        return self._hashes[model]

    def _parts(self, model: str) -> Iterator[tuple[str, str]]:
        """Yield the name and the bare code of the model, its ancestors, their macros and their modules, each once."""
        waiting, seen = [f"model {model}"], set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            kind, _, key = name.partition(" ")
            if kind == "module":
                text = _module_path(key).read_text(encoding="utf-8")
                yield name, bare_python(text)
                waiting += [f"module {module}" for module in _imported(text) if _computes(module)]
                continue
            text = self._macros[key] if kind == "macro" else self._models[key].read_text(encoding="utf-8")
            is_python = kind == "model" and self._models[key].suffix == ".py"
            yield name, bare_python(text) if is_python else bare_sql(text)
            waiting += [f"model {ref}" for ref in _REF.findall(text) if ref in self._models]
            waiting += [f"module {module}" for module in _imported(text)] if is_python else list(self._called(bare_sql(text)))

    def _called(self, text: str) -> Iterator[str]:
        """Yield the macros and modules that SQL text calls, dispatched variants of this engine included."""
        for name in {*_CALL.findall(text), *_DISPATCH.findall(text)}:
            for macro in (name, f"default__{name}", f"{self._engine}__{name}"):
                if macro in self._macros:
                    yield f"macro {macro}"
            if name in self._modules:
                yield f"module {self._modules[name]}"


def bare_sql(text: str) -> str:
    """Return SQL or Jinja without comments, and with one blank where there were several."""
    return _SQL_TOKEN.sub(lambda token: token.group(1) or " ", text).strip()


def bare_python(text: str) -> str:
    """Return the tokens of Python code without comments, docstrings and blank lines."""
    kept: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        starts_statement = not kept or kept[-1] in ("\n", "{", "}")
        is_docstring = token.type == tokenize.STRING and starts_statement
        is_blank = token.type == tokenize.NEWLINE and starts_statement
        if token.type not in (tokenize.COMMENT, tokenize.NL) and not is_docstring and not is_blank:
            kept.append({tokenize.INDENT: "{", tokenize.DEDENT: "}", tokenize.NEWLINE: "\n"}.get(token.type, token.string))
    return " ".join(kept)


def _computes(module: str) -> bool:
    return not module.startswith(_SHARED)


@cache
def _module_path(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imported(text: str) -> Iterator[str]:
    """Yield the modules of this package that the code imports, from a module or a package."""
    for module, names in _IMPORT.findall(text):
        if _module_path(module).name == "__init__.py":
            inside = (f"{module}.{name.split()[0]}" for name in names.split(",") if name.strip())
            yield from (name for name in inside if _module_path(name).is_file())
        else:
            yield module
