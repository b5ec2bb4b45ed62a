"""How a program ends when it is stopped, or started outside its environment. Imported before anything else.

It needs the standard library alone, since the rest may be missing.
"""

import atexit
import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import NoReturn

UNUSABLE = 2
ENVIRONMENT = "type `make run` once, then `source .venv/bin/activate`, and run this again."


def interrupt() -> NoReturn:
    """Say in one sentence that the run was stopped, and end by the signal, which a shell reports as 130."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    print("callsheet: interrupted; run it again, it goes on where it stopped.", file=sys.stderr, flush=True)
    atexit._run_exitfuncs()
    os.kill(os.getpid(), signal.SIGINT)  # Python's own end would wait for a query that may still be running
    raise AssertionError("The signal ends the process.")


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        interrupt()
    if isinstance(error, ModuleNotFoundError):
        print(f"callsheet: There is no {error.name} in this Python: {ENVIRONMENT}", file=sys.stderr)
        sys.exit(UNUSABLE)
    sys.__excepthook__(kind, error, trace)


def _interrupt_once(_number: int, _frame: FrameType | None) -> None:
    """Stop the run; a second Ctrl-C ends the process at once, also within a long query."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    raise KeyboardInterrupt


sys.excepthook = _end
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _interrupt_once)
if sys.platform == "win32":
    sys.exit("callsheet: Windows is not supported: publishing needs symbolic links; use WSL or Linux.")
