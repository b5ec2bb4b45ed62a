"""Forms of SQL that two engines read without an error and not alike, and functions that only one of them has."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_JINJA = re.compile(r"\{\{(?:[^{}]|\{\{[^{}]*\}\}|\{[^{}]*\})*\}\}|\{%.*?%\}", re.DOTALL)
_TEXT = re.compile(r"'[^']*'")
_ORDER = re.compile(r"\border by\b", re.IGNORECASE)
_AFTER_ORDER = re.compile(r"\b(?:range|rows|groups|limit|offset|union|qualify|window|where)\b", re.IGNORECASE)


class Form(NamedTuple):
    """What to find, and what is wrong with it. `in_jinja`: also inside texts, of which macros put SQL together."""

    pattern: re.Pattern[str]
    why: str
    in_jinja: bool


def _form(pattern: str, why: str, in_jinja: bool = True) -> Form:
    return Form(re.compile(pattern, re.IGNORECASE), why, in_jinja)


def _calls(names: str, why: str) -> Form:
    return _form(rf"(?<![\w.])(?:{names})\s*\(", why)


# Those that DuckDB lacks fail at the first build: only its own are listed.
_OF_DUCKDB = (
    r"unnest|string_split|list_(?!of\b)\w+|array_to_string|flatten|generate_series|struct_pack|strip_accents|strlen|round_even|hash|sha256|"
    r"epoch(?:_\w+)?|make_timestamp|to_minutes|regexp_matches|regexp_full_match|getvariable|quantile(?:_cont|_disc)?|read_\w+|error"
)
_TYPES = r"(?:varchar|text|u?hugeint|u(?:tiny|small|big)?int(?:eger)?|timestamptz|blob|json)\b"
FORMS = [
    _calls("(?:arg_?|)(?:max|min)_by|arg_?max|arg_?min", "of equal rows it takes any: number the rows by a whole order and take the first"),
    _form(
        r"(?<![\w.])(?:array_agg|list)\s*\([^()]*\)(?! filter)",
        "nulls stay on one engine and go on the other: filter them, or use a portable macro",
    ),
    _calls("string_agg|listagg|group_concat", "its order is written otherwise: use the portable macro ordered"),
    _calls("concat", "a null is nothing on one engine and makes all null on the other: write ||, or concat_ws"),
    _calls("regexp_replace", "one engine replaces the first match, the other all: use a portable macro"),
    _calls("log", "it is to the base 10 on one engine and natural on the other: write ln, or log10"),
    _calls("size|cardinality|array_size|array_length|len", "of a null list it is null or -1: use a portable macro"),
    _calls("dayofweek|weekday|isodow|date_part|extract", "weekdays are numbered otherwise: subtract dates, or use date_trunc"),
    _calls(
        "(?:try_)?strptime|strftime|(?:try_)?to_timestamp|date_format|timezone", "forms of times differ: use the portable macro utc_time"
    ),
    _calls(r"json_\w+|get_json_object|(?:from|to)_json", "paths and errors in JSON differ: read it in staging"),
    _calls(_OF_DUCKDB, "not every engine has this function: use a portable macro"),
    _form(
        r"\brlike\b|\bsimilar to\b|\blambda\b|\bunion (?:all )?by name\b|\* (?:exclude|replace)\b",
        "not every engine reads this: use a portable macro",
    ),
    _form(
        rf"::\s*{_TYPES}|\bcast\([^()]*\bas {_TYPES}", "not every engine has this type: a text is a string, a large number a decimal(38, 0)"
    ),
    _form(r"\btry_cast\([^()]*\bas (?:tiny|small|big)?int(?:eger)?\b", "'1.9' becomes 2, 1 or null: check its shape first, in staging"),
    _form(
        r"(?<!\bround)\([^()]*(?<!/)/(?!/)[^()]*\)\s*::\s*(?:big)?int(?:eger)?\b",
        "one engine rounds and the other cuts off: round it before the cast",
    ),
    _form(
        r"::\s*timestamp\b(?=\s*(?:at time zone|with))|'::\s*timestamp\b",
        "an offset in a text is dropped or counted: use the portable macro utc_time",
    ),
    _form(r"'[^'\n]*\\[^'\n]*'", "a backslash in a text is itself or an escape: use the macro text_literal"),
    _form(r"//|\*\*", "not every engine divides, or raises, by this sign: write floor(a / b), or pow", in_jinja=False),
    _form(r"[\w)\]]\[", "the first element is 1 on one engine and 0 on the other: use a portable macro", in_jinja=False),
    _form(r"(?<![\w)\]])\[", "lists are written otherwise: use the portable macro list_of", in_jinja=False),
    _form(r"\{\s*'", "structs are written otherwise: use columns", in_jinja=False),
    _form(r"->", "paths into JSON and lambdas are written otherwise: read JSON in staging", in_jinja=False),
    _form(r'"', "it is a name on one engine and a text on the other: leave the quotes out", in_jinja=False),
]


@cache
def strange_forms(sql: str) -> list[tuple[str, str]]:
    """Return each form that does not mean the same everywhere."""
    return list(_strange_forms(sql))


def _strange_forms(sql: str) -> Iterator[tuple[str, str]]:
    """Yield each form in a model's or macro's code that does not mean the same everywhere, with the reason."""
    whole = _COMMENT.sub("", sql)
    bare = _TEXT.sub("''", _JINJA.sub("jinja", whole))
    for form in FORMS:
        found = form.pattern.search(whole if form.in_jinja else bare)
        if found:
            yield " ".join(found.group().split()), form.why
    for key in _sort_keys(bare):
        if not re.search(r"\bnulls (?:first|last)\b", key, re.IGNORECASE):
            yield f"order by {key}", "nulls come first on one engine and last on the other: say nulls last"
    if any(len(arguments) == 2 for arguments in _arguments(whole, "regexp_extract")):
        yield "regexp_extract(text, pattern)", "without a group it is the match or the first group: name it"
    if any(len(arguments) > 1 for arguments in _arguments(whole, "round")):
        yield "round(number, decimals)", "one engine rounds the double, the other what it prints as: use the macro rounded"


def _sort_keys(sql: str) -> Iterator[str]:
    """Yield every key of every `order by`."""
    for start in _ORDER.finditer(sql):
        for key in _split(_AFTER_ORDER.split(sql[start.end() :], maxsplit=1)[0]):
            yield " ".join(key.split())


def _arguments(sql: str, function: str) -> Iterator[list[str]]:
    """Yield the arguments of every call of the function."""
    for start in re.finditer(rf"(?<![\w.]){function}\s*\(", sql, re.IGNORECASE):
        yield _split(sql[start.end() :])


def _split(sql: str) -> list[str]:
    """Return what commas part in the text, up to the bracket that closes it."""
    depth, quote, parts = 0, "", [""]
    for letter in sql:
        if letter in "'\"" and quote in ("", letter):
            quote = "" if quote else letter
        elif not quote:
            depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            break
        if letter == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
