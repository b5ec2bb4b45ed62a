"""One parse of Python at a time, where Python itself needs it."""

import ast
import functools
import sys
import threading

_FIXED_IN = (3, 11, 8)  # later 3.11 and every 3.12 keep the depth of each parse apart


def parse_one_at_a_time() -> None:
    """Put a lock around `ast.parse` on Python 3.11 before 3.11.8.

    There, two threads that parse at once can end in "SystemError: AST constructor recursion depth mismatch" (CPython gh-106905).
    dbt and Jinja read literals by `ast.literal_eval` on each of dbt's threads, which parses.
    """
    if sys.version_info >= _FIXED_IN or hasattr(ast.parse, "__wrapped__"):
        return
    parse, lock = ast.parse, threading.RLock()  # re-entrant: collecting garbage in the midst of a parse may run code that parses

    @functools.wraps(parse)
    def parse_alone(*arguments: object, **options: object) -> object:
        with lock:
            return parse(*arguments, **options)  # type: ignore[call-overload]

    ast.parse = parse_alone  # type: ignore[assignment]
