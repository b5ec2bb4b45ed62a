"""A wheel carries the dbt project inside the package; an editable install uses the checkout's own."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PROJECT = (
    "dbt_project.yml",
    "profiles.yml",
    "models",
    "macros",
    "seeds",
    "analyses",
    "tests/dbt",
)  # generic tests are read when dbt parses


class BuildWithProject(build_py):
    """Copy the project beside the modules."""

    def run(self) -> None:
        """Build the modules, then add the project."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, "callsheet", "project")
        shutil.rmtree(target, ignore_errors=True)  # an earlier build's
        for part in PROJECT:
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            if Path(part).is_dir():
                shutil.copytree(part, target / part, dirs_exist_ok=True)
            else:
                shutil.copy(part, target / part)


setup(cmdclass={"build_py": BuildWithProject})
