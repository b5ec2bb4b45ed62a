"""Errors that a person reads: one sentence that names what is wrong and how to mend it."""

import errno
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from callsheet.runtime.ending import interrupt

DONE, FAILED, UNUSABLE, LOOK = 0, 1, 2, 3
CUT_SHORT = 128 + signal.SIGPIPE  # who read the output has gone, as `head` does: what every Unix tool ends with

_LOCK = re.compile(r"Conflicting lock is held in .*?\(PID (\d+)\)")
_UNUSABLE = re.compile(r"Unusable input: (.+)")
_TAKES_AWAY = re.compile(r"Would take away: (.+)")
_NOISE = re.compile(r"^(\s*> |\s*$|.*compiled code at )|^\s*(Compilation|Runtime|Database|Parsing|Validation) Error\b.*$")
_PYTHON_MODEL = re.compile(r"in model (\w+)[\s\S]*\n( *)Traceback \(most recent call last\):\n(?:\2 .*\n)+\2(?:callsheet[\w.]+: )?(\S.*)")
_ENGINE_PREFIX = re.compile(r"^(Invalid Input|IO|Binder|Catalog|Conversion|Connection) Error: ?")


class CallsheetError(Exception):
    """A failure explained in one sentence."""

    exit_code = FAILED

    def mend(self) -> str:
        """Return what to type to go on, where that is a line of its own."""
        return ""


class UnusableInputError(CallsheetError):
    """Bad usage or input that cannot be used; nothing was written."""

    exit_code = UNUSABLE


class TakesAwayError(CallsheetError):
    """A run that would take away most of what people have, and was not told to."""

    exit_code = LOOK

    def mend(self) -> str:
        """Return the same command with the option that allows it."""
        program = ["python", sys.argv[0]] if sys.argv[0].endswith(".py") else [Path(sys.argv[0]).name]
        return f" If that is meant, type: {shlex.join([*program, *sys.argv[1:], '--yes'])}"


class BusyDatabaseError(CallsheetError):
    """Another process has the database open."""


class NoRoomError(CallsheetError):
    """The disk or the memory does not suffice."""


def explain(problem: BaseException | str, database: Path) -> CallsheetError:  # noqa: PLR0911 - one per kind of trouble
    """Return the error as one sentence. `problem` is an exception or dbt's message.

    Our own errors keep their class. The text is read only where dbt or DuckDB leave nothing else.
    """
    if isinstance(problem, CallsheetError):
        return problem
    text = str(problem)
    lock = _LOCK.search(text)
    if lock:
        return BusyDatabaseError(
            f"The database {database} is in use by process {lock.group(1)}: wait for it or close that program, then run this again."
        )
    if "No space left on device" in text or "File too large" in text or _errno(problem) in (errno.ENOSPC, errno.EFBIG):
        return NoRoomError(f"No space is left on the disk of {database.parent}: free some and run this again, nothing was lost.")
    if "Permission denied" in text or _errno(problem) == errno.EACCES:
        path = re.search(r'"([^"]+)"', text)
        return UnusableInputError(f"No permission for {path.group(1) if path else database}: change its rights or choose another place.")
    unusable = _UNUSABLE.search(text)
    if unusable or "already holds the" in text:
        return UnusableInputError(unusable.group(1).strip() if unusable else _sentence(text))
    if takes_away := _TAKES_AWAY.search(text):
        return TakesAwayError(takes_away.group(1).strip())
    if "Out of Memory Error" in text:
        return NoRoomError(
            "The memory does not suffice: raise its limit, as with CALLSHEET_MEMORY=4GB before the command, and run this again."
        )
    if "not a valid DuckDB database file" in text:
        return UnusableInputError(f"{database} is not a DuckDB database: name another file with --database.")
    return CallsheetError(_sentence(text))


def _errno(problem: BaseException | str) -> int | None:
    return problem.errno if isinstance(problem, OSError) else None


def _sentence(text: str) -> str:
    """Return the first line that says something, without the engine's own prefix; of a traceback, what was raised."""
    if model := _PYTHON_MODEL.search(text):
        return f"The Python model {model.group(1)} failed: {model.group(3)} (its traceback: logs/dbt.log in the home)."
    lines = [line.strip() for line in text.splitlines() if not _NOISE.match(line)]
    return _ENGINE_PREFIX.sub("", lines[0]) if lines else text.strip()


def exit_with(main: Callable[[], int]) -> None:
    """Run a script's `main` and end the process with its exit code; a known failure prints its sentence and no traceback."""
    try:
        try:
            code = main()
        finally:
            sys.stdout.flush()
    except CallsheetError as error:
        print(f"callsheet: {error}{error.mend()}", file=sys.stderr)
        code = error.exit_code
    except PermissionError as error:
        print(f"callsheet: No permission for {error.filename}: change its rights or choose another place.", file=sys.stderr)
        code = UNUSABLE
    except KeyboardInterrupt:
        interrupt()
    except RuntimeError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # what DuckDB makes of one
            interrupt()
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        code = CUT_SHORT
    sys.exit(code)
