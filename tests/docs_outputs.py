"""The outputs shown in README.md and docs/: `python -m tests.docs_outputs` writes them anew from the sample.

A block that shows an output stands below the analysis it comes from, named in a comment: `<!-- output of analyses/NAME.sql -->`.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from python_udfs.runtime.dbt_runner import Dbt
from python_udfs.runtime.house import PROJECT, House

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
OF_ANALYSIS = re.compile(r"<!-- output of (analyses/\w+\.sql) -->\n```text\n(.*?)\n```", flags=re.DOTALL)


def outputs(house: House) -> Iterator[tuple[Path, str, str, str]]:
    """Yield page, analysis, the output shown and the output it gives, for every block."""
    compiled = house.home / "target" / "compiled" / "callsheet"
    with duckdb.connect(str(house.database), read_only=True) as connection:
        for page in PAGES:
            for analysis, shown in OF_ANALYSIS.findall(page.read_text(encoding="utf-8")):
                query = (compiled / analysis).read_text(encoding="utf-8")
                yield page, analysis, shown, str(connection.sql(query)).rstrip()


def main() -> None:
    """Write every output anew."""
    with tempfile.TemporaryDirectory() as home:
        house = House(Path(home), Path(home) / "data" / "callsheet.duckdb")
        Dbt(house).build()
        Dbt(house).compile()
        for page, analysis, _, actual in list(outputs(house)):
            start, end = f"<!-- output of {analysis} -->\n```text\n", "\n```"
            before, _, rest = page.read_text(encoding="utf-8").partition(start)
            page.write_text(before + start + actual + rest[rest.index(end) :], encoding="utf-8")


if __name__ == "__main__":
    main()
