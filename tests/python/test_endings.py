"""How scripts end when something stops them that is no fault of the data: in one sentence, whatever they were doing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from callsheet.workspace import PROJECT

SCRIPTS = sorted(path.name for path in (PROJECT / "scripts").glob("[a-z]*.py"))
# Presses Ctrl-C at the moment at which a module is looked for.
INTERRUPTED_AT = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background inherit that it is ignored
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == moment:
            os.kill(os.getpid(), signal.SIGINT)
_, moment, script, *arguments = sys.argv
sys.argv = [script, *arguments]
sys.path.insert(0, os.path.dirname(script))
sys.meta_path.insert(0, Interrupting())
runpy.run_path(script, run_name="__main__")
"""
# Presses it while DuckDB works in the main thread.
INTERRUPTED_QUERY = """
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
import _ending, duckdb
from callsheet.runtime.errors import exit_with
def main():
    connection = duckdb.connect()  # held, as in a traceback: to close one waits for its query, interrupted or not
    threading.Timer(float(sys.argv[2]), os.kill, [os.getpid(), signal.SIGINT]).start()
    connection.execute("select count(*) from range(100000000000) where sha256(range::varchar) = ''").fetchall()
    return 0
exit_with(main)
"""


def run(*command: object, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, "CALLSHEET_HOME": str(home), "PYTHONPATH": str(PROJECT), **environment},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # what hangs is a failure, not a wait
    )


@pytest.mark.parametrize(
    "moment", ["callsheet.percentiles.loading", "dbt.cli.main", "callsheet.functions"], ids=["first import", "later import", "dbt at work"]
)
def test_an_interrupt_is_one_sentence_whenever_it_comes(tmp_path: Path, moment: str) -> None:
    script = PROJECT / "scripts" / "load_batches.py"
    ended = run(sys.executable, "-c", INTERRUPTED_AT, moment, script, "--json", "--through", 1, home=tmp_path)
    assert ended.stderr == "callsheet: interrupted; run it again, it goes on where it stopped.\n"
    assert (ended.returncode, ended.stdout) == (-signal.SIGINT, "")  # a shell calls that 130


@pytest.mark.parametrize("seconds", [0.2, 1])
def test_an_interrupt_within_a_query_is_the_same_sentence(tmp_path: Path, seconds: float) -> None:
    ended = run(sys.executable, "-c", INTERRUPTED_QUERY, PROJECT / "scripts", seconds, home=tmp_path)
    assert ended.stderr == "callsheet: interrupted; run it again, it goes on where it stopped.\n"
    assert ended.returncode == -signal.SIGINT


def test_a_second_interrupt_ends_a_query_that_does_not_stop_at_the_first() -> None:
    """The first is swallowed here, as by code that goes on working; the second ends the process without asking Python."""
    code = (
        "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nimport callsheet.runtime.ending\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    signal.pause()\nexcept KeyboardInterrupt:\n    print('first', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGINT)\nprint('never')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "first\n", "")


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_the_environment_a_script_names_the_line_to_type(tmp_path: Path, script: str) -> None:
    # -S leaves site-packages out, as a Python does that never saw `make run`.
    ended = run(sys.executable, "-S", PROJECT / "scripts" / script, "--help", home=tmp_path, PYTHONPATH="")
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "type `make run` once, then `source .venv/bin/activate`" in ended.stderr
