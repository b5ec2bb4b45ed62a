"""What the README shows is what a newcomer sees."""

import re

import duckdb

from python_udfs.runtime.house import PROJECT, House

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_query_at_the_top_gives_the_output_below_it(sample_house: House) -> None:
    match = re.search(r"```sql\n(.*?);\n```\n\n```text\n(.*?)\n```", README, flags=re.DOTALL)
    assert match
    with duckdb.connect(str(sample_house.database), read_only=True) as connection:
        assert str(connection.sql(match.group(1))).rstrip() == match.group(2)


def test_every_file_and_script_it_names_exists() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (PROJECT / link).exists(), link
    for script in re.findall(r"scripts/(\w+)\.py", README):
        assert (PROJECT / "scripts" / f"{script}.py").exists(), script


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 150
