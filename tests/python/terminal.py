"""What a reader of the docs types, typed by a test: on a copy of the project, as a person with a home folder of their own."""

import contextlib
import io
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from callsheet.runtime.errors import DONE, LOOK
from callsheet.workspace import PROJECT
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

BLOCK = re.compile(r"```bash\n(.*?)```(?:\n\n```text\n(.*?)\n?```)?", flags=re.DOTALL)
_IN_THIS_PROCESS = re.compile(r"(dbt|python scripts/)")


def blocks(page: Path) -> list[tuple[str, str | None]]:
    """Return the blocks of commands of a page, each with the output shown below it."""
    return [(found.group(1), found.group(2)) for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def commands(block: str) -> list[str]:
    """Return the commands of a block, without comments. A block that calls neither dbt nor a script is one for the shell as a whole."""
    if not re.search(rf"^{_IN_THIS_PROCESS.pattern}", block, flags=re.MULTILINE) and "<<" in block:
        return [block]
    return [command for line in block.splitlines() if (command := re.sub(r"(^|\s+)#.*", "", line).strip())]


def copy_of_the_project(target: Path) -> Path:
    """Copy what git tracks, as a person clones it."""
    ignored = shutil.ignore_patterns(".git", "data", ".venv*", "target", "logs", "__pycache__", ".*_cache", "*.egg-info", ".hypothesis")
    shutil.copytree(PROJECT, target, ignore=ignored)
    return target


class Terminal:
    """dbt and the scripts run in this process, since every start costs seconds; all else is for bash."""

    def __init__(self, project: Path, person: Path) -> None:
        """Open it in the project; in this process scripts mean the project they came from where no home is named, so name one first."""
        bin_folder = Path(sys.executable).parent
        self.project = project
        self.folder = project
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "CALLSHEET_"))}
        self.environment |= {
            "HOME": str(person),
            "TMPDIR": str(person),
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(project),
            **{f"GIT_{who}_{what}": "reader@callsheet.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }

    @property
    def home(self) -> Path:
        """The home that the reader has chosen last."""
        return Path(self.environment["CALLSHEET_HOME"])

    def type(self, command: str) -> str:
        """Run a command and return what it printed; it may end with 0 or 3."""
        if command.startswith("cd "):
            self.folder = Path(self.project, command.removeprefix("cd "))
            return ""
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            value = self._bash(f'value={value} && printf %s "$value"')
            self.environment[name] = value
            return ""
        if not _IN_THIS_PROCESS.match(command):
            return self._bash(command)
        words = self._bash(f"printf '%s\\n' {command}").splitlines()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
            for name in os.environ.keys() - self.environment.keys():
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            code = self._dbt(words[1:]) if words[0] == "dbt" else self._script(patch, words[1:])
        assert code in (DONE, LOOK), f"{command}\n{printed.getvalue()}"
        return "" if words[0] == "dbt" else printed.getvalue()

    def _bash(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == DONE, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    @staticmethod
    def _dbt(arguments: list[str]) -> int:
        umask = os.umask(0o077)
        os.umask(umask)
        try:
            outcome = dbtRunner().invoke([*arguments, "--log-level-file", "none"])
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
            os.umask(umask)  # dbt's own process ends with it
        assert outcome.exception is None, outcome.exception
        return int(not outcome.success)

    @staticmethod
    def _script(patch: pytest.MonkeyPatch, words: list[str]) -> int:
        patch.setattr(sys, "argv", words)
        ended: Any = DONE
        try:
            runpy.run_path(str(PROJECT / words[0]), run_name="__main__")
        except SystemExit as end:
            ended = end.code
        return int(ended or DONE)
