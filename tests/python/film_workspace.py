"""A temporary workspace with films in it, for the tests of resonance."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from callsheet.resonance.films.importing import ImportRequest, land
from callsheet.resonance.films.world import World, write_long
from callsheet.runtime.dbt_runner import Dbt
from callsheet.workspace import Workspace

UP_TO_FEATURES = (
    "--select",
    "+int_resonance__check_data",
    "+int_resonance__director_features",
    "+feature_contract",
    "+int_resonance__judge_briefs",
)
QUARANTINED = (
    "(select file_name, position, reject_reason from intermediate.int_resonance__judge_films where reject_reason is not null "
    "union all select file_name, position, reject_reason from intermediate.int_resonance__judge_credits where reject_reason is not null)"
)
WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test")


@dataclass
class FilmWorkspace:
    """A database of films in a folder of its own."""

    root: Path
    workspace: Workspace = field(init=False)

    def __post_init__(self) -> None:
        """Name the database."""
        self.workspace = Workspace(self.root, self.root / "data" / "callsheet.duckdb")

    def land_rows(self, rows: list[dict[str, Any]]) -> "FilmWorkspace":
        """Land a long table of these rows."""
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / "long.csv"
        pd.DataFrame(rows).to_csv(path, index=False)
        land(self.workspace, ImportRequest("long", (path,)))
        return self

    def land_world(self, world: World) -> "FilmWorkspace":
        """Land a synthetic world."""
        self.root.mkdir(parents=True, exist_ok=True)
        write_long(world, self.root / "long.csv")
        land(self.workspace, ImportRequest("long", (self.root / "long.csv",)))
        return self

    def build(self, *selection: str, **variables: Any) -> "FilmWorkspace":
        """Build up to the features, or what is selected."""
        Dbt(self.workspace).build(*(selection or UP_TO_FEATURES), *WITHOUT_TESTS, variables=variables)
        return self

    def table(self, name: str, schema: str = "intermediate") -> pd.DataFrame:
        """Return a table as it is."""
        with self.workspace.reading() as connection:
            return connection.execute(f"select * from {schema}.{name}").df()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.workspace.reading() as connection:
            return connection.execute(sql).fetchall()

    def compiled(self, model: str) -> str:
        """Return the SQL that the last build ran for a model."""
        (path,) = (self.root / "target" / "compiled").rglob(f"{model}.sql")
        return path.read_text(encoding="utf-8")


def write_tmdb(world: World, folder: Path) -> None:
    """Write a world as the pair of files that TMDB's export is."""
    folder.mkdir(parents=True)
    named = world.credits.merge(world.people, on="person_id")
    cast = named[named["job"] == "cast"].assign(order=lambda rows: rows["billing"].astype(int) - 1)
    crew = named[named["job"] == "director"].assign(job="Director")
    people = {
        column: rows.rename(columns={"person_id": "id"}).groupby("film_id")[fields].apply(lambda rows: rows.to_json(orient="records"))
        for column, rows, fields in (("cast", cast, ["id", "name", "order"]), ("crew", crew, ["id", "name", "job"]))
    }
    films = world.films.rename(columns={"film_id": "id", "rating": "vote_average"}).drop(columns="release_year")
    for column in ("genres", "keywords"):
        films[column] = [json.dumps([{"name": name} for name in names.split("|") if name]) for names in films[column]]
    films.to_csv(folder / "tmdb_5000_movies.csv", index=False)
    credits = films[["id", "title"]].rename(columns={"id": "movie_id"}).set_index("movie_id").join(pd.DataFrame(people)).fillna("[]")
    credits.reset_index(names="movie_id").to_csv(folder / "tmdb_5000_credits.csv", index=False)
