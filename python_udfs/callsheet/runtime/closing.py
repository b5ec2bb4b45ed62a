"""The last lines of a build: what there is now, three things to try, where to read on."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping

import duckdb

from callsheet.workspace import IS_CHECKOUT, PROJECT, Workspace

# What to type first, of each product that has something to show: a query over its published tables, and the command that it completes.
_TRIES = {
    "scores": (
        "select id from percentiles.scores where percentile is not null order by percentile desc, id limit 1",
        "callsheet why score {}",
        "where a percentile comes from",
    ),
    "pulse_release": (
        "select date_utc, region_code, proj_type_code from pulse.pulse_release order by all limit 1",
        "callsheet why bucket {} {} {}",
        "what a figure of the pulse is made of",
    ),
    "film_results": (
        "select max(film_year) + 1 from resonance.film_results",
        "callsheet recommend --year {} --genres Drama",
        "whom to cast",
    ),
}
_QUERIES = {"scores": "percentiles.scores", "pulse_release": "pulse.pulse_release", "slates": "resonance.slates"}
_AT_MOST = 3


def closing_lines(workspace: Workspace, counts: Mapping[str, int], done: str) -> Iterator[str]:
    """Yield them: rows by product, the sentence on what was done, and what to type."""
    with workspace.reading() as connection:
        schemas = dict(connection.execute("select table_name, table_schema from operations.published_tables").fetchall())
    for schema in sorted(set(schemas.values())):
        tables = [table for table in counts if schemas.get(table) == schema]
        if tables:
            yield f"{sum(counts[table] for table in tables):>12,} rows in {len(tables)} tables of {schema}"
    yield done
    yield from (f"  {text:<52} {what}".rstrip() for text, what in _tries(workspace, counts))
    if IS_CHECKOUT:
        yield f"Read on: {PROJECT / 'docs' / 'tour.md'}; the log: {workspace.home / 'logs' / 'dbt.log'}"


def _tries(workspace: Workspace, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    tries = [("make app" if IS_CHECKOUT else "callsheet app", "all of it in a browser")]
    with duckdb.connect(str(workspace.public), read_only=True) as connection:
        for table, (query, command, what) in _TRIES.items():
            if counts.get(table) and (row := connection.execute(query).fetchone()):
                tries.append((command.format(*(shlex.quote(str(value)) for value in row)), what))
    for table, name in _QUERIES.items():
        if counts.get(table) and len(tries) < _AT_MOST:
            public, python = os.path.relpath(workspace.public), os.path.relpath(sys.executable)
            code = f"import duckdb; print(duckdb.connect('{public}', read_only=True).sql('from {name} limit 5'))"
            tries.append((f'{python} -c "{code}"', ""))
    return tries[:_AT_MOST]
