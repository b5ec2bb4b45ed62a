"""Forms of dates: which of the usual ones fit, for a person to choose. None is guessed."""

from collections.abc import Sequence

import duckdb

from callsheet.inputs.names import shown
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.publish import literal

_DAYS = (
    "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    "%d-%b-%Y", "%d-%b-%y", "%b %d %Y", "%B %d %Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%a, %d %b %Y", "%A, %B %d, %Y", "%Y年%m月%d日",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %I:%M %p", ", %I:%M:%S %p", " %H.%M", "T%H:%M:%S")
FORMS = tuple(day + time for time in _TIMES for day in _DAYS)


def forms_that_fit(values: Sequence[str]) -> list[str]:
    """Return the usual forms that fit every value."""
    given = sorted({value for value in values if value.strip()})
    return _fitting(given, _fitting(given[:1], FORMS))  # few forms fit the first value, so few are tried on all of them


def _fitting(values: Sequence[str], forms: Sequence[str]) -> list[str]:
    if not values or not forms:
        return []
    sane = "between timestamp '1900-01-01' and timestamp '2100-01-01'"
    tests = ", ".join(f"bool_and(coalesce(try_strptime(text, {literal(form)}) {sane}, false))" for form in forms)
    with duckdb.connect() as connection:
        (fits,) = connection.execute(f"select {tests} from unnest($given) as t (text)", {"given": values}).fetchall()  # noqa: S608 - our forms
    return [form for form, fit in zip(forms, fits, strict=True) if fit]


def misfits(values: Sequence[str], forms: Sequence[str]) -> list[str]:
    """Return the values that fit none of the forms; a form that is none is refused."""
    with duckdb.connect() as connection:
        try:
            rows = connection.execute(
                f"select text from unnest($given) as t (text) where try_strptime(text, [{', '.join(map(literal, forms))}]) is null",  # noqa: S608
                {"given": list(values)},
            ).fetchall()
        except duckdb.InvalidInputException as error:
            raise UnusableInputError(f"--date-format {' '.join(forms)} is no form of a date: write one such as %m/%d/%Y.") from error
    return [text for (text,) in rows]


def proposal(values: Sequence[str]) -> str:
    """Return what to type for dates that were not read, with three of them."""
    three = shown(list(dict.fromkeys(values))[:3])
    fits = forms_that_fit(values)
    if len(fits) == 1:
        return f"{three} fit{'s' if len(set(values)) == 1 else ''} {fits[0]} only: add --date-format '{fits[0]}'"
    if fits:
        return f"{three} may be {' or '.join(fits[:4])}: add the one that is meant, such as --date-format '{fits[0]}'"
    return f"{three} fit no single form: give each with a --date-format of its own, such as --date-format %d.%m.%Y"
