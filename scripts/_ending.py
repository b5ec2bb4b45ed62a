"""How every script ends when it is stopped, or started outside its environment: each imports this before anything else.

It needs the standard library alone, since the rest may be missing.
"""

import atexit
import os
import signal
import sys
from types import TracebackType

UNUSABLE = 2


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say in one sentence what happened. An interrupted process ends by the signal, which a shell calls 130."""
    if issubclass(kind, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # who presses it again does not want to wait
        print("callsheet: interrupted; run it again, it goes on where it stopped.", file=sys.stderr, flush=True)
        atexit._run_exitfuncs()
        os.kill(os.getpid(), signal.SIGINT)  # without Python's own end, which waits for a query that may still be running
    elif isinstance(error, ModuleNotFoundError):
        line = "make run` once, then `source .venv/bin/activate"
        print(f"callsheet: There is no {error.name} in this Python: type `{line}`, and run this again.", file=sys.stderr)
        sys.exit(UNUSABLE)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _end
