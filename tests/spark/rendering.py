"""The portable macros without dbt, so that one expression can be asked on both engines."""

from typing import Any

import jinja2
from callsheet.workspace import PROJECT

_FOLDER = PROJECT / "macros"
MACROS = [
    *sorted((_FOLDER / "portable").glob("*.sql")),
    *sorted((_FOLDER / "spark").glob("*.sql")),
    *(_FOLDER / f"{name}.sql" for name in ("literals", "pulse", "utc_time")),
]


class _Adapter:
    """Finds an engine's variant of a macro, else the default one."""

    def __init__(self, engine: str, macros: Any) -> None:
        self._engine, self._macros = engine, macros

    def dispatch(self, name: str) -> Any:
        return getattr(self._macros(), f"{self._engine}__{name}", None) or getattr(self._macros(), f"default__{name}")


def rendered(engine: str, expression: str, **variables: Any) -> str:
    """Return the expression, such as `words_of("text")`, as the engine's SQL."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL, from the project's own macros
    text = "\n".join(path.read_text(encoding="utf-8") for path in MACROS)
    made: list[Any] = []
    made.append(
        environment.from_string(f"{text}\n{{% macro asked() %}}{{{{ {expression} }}}}{{% endmacro %}}").make_module(
            {"adapter": _Adapter(engine, lambda: made[0]), "var": variables.get, "return": lambda value: value}
        )
    )
    return str(made[0].asked())
