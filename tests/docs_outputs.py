"""The outputs shown in README.md, docs/ and examples/: `python -m tests.docs_outputs` writes them anew from the sample.

A block that shows an output stands below the analysis it comes from, named in a comment:
`<!-- output of analyses/PRODUCT/NAME.sql -->`, or below the query itself; what a script prints below
`<!-- output of scripts/NAME.py ARGUMENTS -->`. The codes of a
seed stand between `<!-- codes of seeds/….csv -->` and `<!-- end -->`.
"""

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
from callsheet.pulse.noise import ENVIRONMENT
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.home import SAMPLE_VARIABLE
from callsheet.runtime.publish import publish
from callsheet.workspace import PROJECT, Workspace

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
EXAMPLE_KEY = "00" * 32  # the noise of the daily pulse needs a key: with this one the examples are the same on every machine
PATTERNS = 8  # patterns shown for each code
EXAMPLES = PROJECT / "examples"
HEAD = 20  # rows of a table in examples/
OF_QUERY = re.compile(r"(```sql\n(.*?);\n```\n\n```text\n)(.*?)(\n?```)", flags=re.DOTALL)
OF_ANALYSIS = re.compile(r"<!-- output of (analyses/[\w/]+\.sql) -->\n```text\n(.*?)\n```", flags=re.DOTALL)
OF_SCRIPT = re.compile(r"<!-- output of (scripts/\w+\.py [^\n]*) -->\n```text\n(.*?)\n```", flags=re.DOTALL)


def outputs(workspace: Workspace) -> Iterator[tuple[Path, str, str, str]]:
    """Yield page, analysis, the output shown and the output it gives, for every block."""
    compiled = workspace.home / "target" / "compiled" / "callsheet"
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        for page in PAGES:
            for analysis, shown in OF_ANALYSIS.findall(page.read_text(encoding="utf-8")):
                query = (compiled / analysis).read_text(encoding="utf-8")
                yield page, analysis, shown, str(connection.sql(query)).rstrip()


def printed(home: Path) -> Iterator[tuple[Path, str, str, str]]:
    """Yield page, command, the output shown and what it prints in a home with the sample published, for every block of a script.

    The closing line, which tells folder and seconds, is left out.
    """
    for page in PAGES:
        for command, shown in OF_SCRIPT.findall(page.read_text(encoding="utf-8")):
            lines = _typed(home, *shlex.split(command)).splitlines()
            yield page, command, shown, "\n".join(line for line in lines if str(home) not in line).strip()


def _typed(home: Path, script: str, *arguments: str) -> str:
    """Run a script in the home and return what it prints."""
    environment = {**os.environ, ENVIRONMENT: EXAMPLE_KEY, "CALLSHEET_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True).stdout


def examples(home: Path, folder: Path) -> None:
    """Write into the folder what examples/ holds, by the commands that its README names, in a home with the sample published."""
    for table in ("scores", "score_history"):
        with (home / "data" / "published" / "public" / f"{table}.csv").open(encoding="utf-8") as lines:
            (folder / f"{table}.csv").write_text("".join(next(lines) for _ in range(HEAD + 1)), encoding="utf-8")
    (folder / "slate").mkdir()
    for line in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("python "):
            in_place = re.sub(r"daily_pulse\.csv|pulse\.html", lambda file: str(folder / file.group()), line.removeprefix("python "))
            _typed(home, *shlex.split(in_place))
    slate = max((home / "data" / "reports").glob("demo_*"))  # of several the newest
    (models,) = (home / "data" / "reports").glob("models_*")
    for file in [*slate.iterdir(), models / "slates.png", models / "reliability.png"]:
        shutil.copy(file, folder / ("slate" if file.parent == slate else "."))


def queries(workspace: Workspace) -> Iterator[tuple[Path, str, str, str]]:
    """Yield page, query, the output shown and the output it gives on the public file, for every query that a page shows with its output."""
    with duckdb.connect(str(workspace.published / "public" / "callsheet.duckdb"), read_only=True) as connection:
        for page in PAGES:
            for _, query, shown, _ in OF_QUERY.findall(page.read_text(encoding="utf-8")):
                yield page, query, shown, str(connection.sql(query)).rstrip()


def taxonomies() -> Iterator[tuple[Path, str, str]]:
    """Yield page, seed and the table of its codes, for every block `<!-- codes of seeds/… -->` … `<!-- end -->`."""
    for page in PAGES:
        for seed in re.findall(r"<!-- codes of (seeds/\S+\.csv) -->", page.read_text(encoding="utf-8")):
            with (PROJECT / seed).open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
            yield page, seed, _regions(rows) if "label" in rows[0] else _patterns(rows)


def _regions(rows: list[dict[str, str]]) -> str:
    lines = [f"| {row['code']} | {row['label']} | {row['country']} | {row['currency']} | {row['parent_code']} |" for row in rows]
    return "\n".join(["| code | covers | country | a bare $ is | rolls up to |", "|---|---|---|---|---|", *lines])


def _patterns(rows: list[dict[str, str]]) -> str:
    """Return each code with how many patterns lead to it and the first of them."""
    codes = dict.fromkeys(row["code"] for row in rows)
    lines = []
    for code in codes:
        patterns = [row["pattern"] for row in rows if row["code"] == code]
        shown = ", ".join(patterns[:PATTERNS]) + (", …" if len(patterns) > PATTERNS else "")
        lines.append(f"| {code} | {len(patterns)} | {shown} |")
    return "\n".join(["| code | patterns | such as |", "|---|---|---|", *lines])


def block(seed: str, text: str) -> re.Match[str] | None:
    """Find the block of a seed in a page's text."""
    return re.search(rf"(<!-- codes of {re.escape(seed)} -->\n)(.*?)(\n<!-- end -->)", text, flags=re.DOTALL)


def main() -> None:
    """Write every output anew."""
    for page, seed, table in list(taxonomies()):
        text = page.read_text(encoding="utf-8")
        if found := block(seed, text):
            page.write_text(text[: found.start(2)] + table + text[found.end(2) :], encoding="utf-8")
    os.environ |= {ENVIRONMENT: EXAMPLE_KEY, SAMPLE_VARIABLE: "all"}
    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace(Path(home), Path(home) / "data" / "callsheet.duckdb")
        Dbt(workspace).build()
        Dbt(workspace).compile()
        publish(workspace)
        for page, query, _, actual in list(queries(workspace)):
            text = page.read_text(encoding="utf-8")
            (found,) = (match for match in OF_QUERY.finditer(text) if match.group(2) == query)
            page.write_text(text[: found.start(3)] + actual + "\n" + text[found.end(4) - 3 :], encoding="utf-8")
        for page, source, _, actual in [*outputs(workspace), *printed(workspace.home)]:
            start, end = f"<!-- output of {source} -->\n```text\n", "\n```"
            before, _, rest = page.read_text(encoding="utf-8").partition(start)
            page.write_text(before + start + actual + rest[rest.index(end) :], encoding="utf-8")
        shutil.rmtree(EXAMPLES / "slate", ignore_errors=True)
        examples(workspace.home, EXAMPLES)


if __name__ == "__main__":
    main()
