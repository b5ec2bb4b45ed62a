"""Twenty briefs of real films, to be read and judged by a person: `python -m benchmarks.resonance_briefs --database PATH`.

The database is a home's own, with real films imported and a run that was trained up to a year before 2000. Films are chosen by a rule, so
that nobody picks those that went well: for each genre and quarter of the budgets the film with the highest revenue. No name stands here.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import duckdb
from callsheet.resonance.slates.briefs import Brief, parse_brief
from callsheet.resonance.slates.catalogue import Catalogue
from callsheet.resonance.slates.make_slate import Slate, recommend

YEARS = (2000, 2009)
GENRES = ("action", "comedy", "drama", "horror", "romance")
QUARTERS = 4
SHOWN = 6
FILMS = """
with films as (
    select
        films.film_id, films.title, films.film_year, films.genres, films.budget_usd, films.revenue_usd, films.director_id,
        ntile(4) over (order by films.budget_usd, films.film_id) as quarter
    from resonance.film_results as films
    where films.film_year between ? and ? and films.budget_usd is not null and films.revenue_usd is not null
)
select title, film_year, genres, budget_usd, director_id, film_id from films
where
    genres[1] is not null and list_contains(genres, ?) and quarter = ?
    and director_id in (select person_id from resonance.person_states where job = 'director' and as_of_year = films.film_year)
order by revenue_usd desc, film_id
"""


def main() -> None:
    """Print every brief, without and with its director."""
    parser = argparse.ArgumentParser(description="Print twenty briefs of real films.")
    parser.add_argument("--database", type=Path, required=True)
    database = parser.parse_args().database
    catalogue, taken = Catalogue.open(database), set[str]()
    connection = duckdb.connect(str(database), read_only=True, config={"autoinstall_known_extensions": False})
    for genre in GENRES:
        for quarter in range(1, QUARTERS + 1):
            rows = connection.execute(FILMS, [*YEARS, genre, quarter]).fetchall()
            title, year, genres, budget, director, film_id = next(row for row in rows if row[-1] not in taken)
            taken.add(film_id)
            fields = {"year": year, "budget": budget / 1e6, "genres": list(genres), "top": 15}
            print(f"\n{title} · {year} · {', '.join(genres)} · ${budget / 1e6:g} million")
            cast = connection.execute("select person_id from resonance.casts where film_id = ? and job = 'cast'", [film_id]).fetchall()
            for label, more in (("no director", {}), (catalogue.people.name(director), {"director": director})):
                brief = parse_brief(fields | more, catalogue.known)
                print(*_lines(label, brief, recommend(catalogue, brief), {person for (person,) in cast}), sep="\n")


def _lines(label: str, brief: Brief, slate: Slate, cast: set[str]) -> Iterator[str]:
    """Yield the slate's head, with a star for who was cast, and what stands beside it."""
    names = [f"{row['actor_name']}{'*' if row['person_id'] in cast else ''} {row['p_cal']:.2f}" for row in slate.rows[:SHOWN]]
    found = [row["rank"] for row in slate.ranking if row["person_id"] in cast]
    yield f"  {label}: {', '.join(names)}"
    yield f"    of the real cast {len(found)} of {len(cast)} among {len(slate.ranking)} candidates, at {found}"
    alternates = [f"{row['actor_name']} ({row['p_difference']:+.2f})" for row in slate.alternates if row["lead_rank"] == 1]
    yield f"    beside {slate.rows[0]['actor_name']}: {', '.join(alternates)}"
    if brief.director is None:
        yield f"    directors: {', '.join(row['director_name'] for row in slate.directors[:4])}"
    yield from (f"    {row['sentence']}" for row in slate.left_out)


if __name__ == "__main__":
    main()
