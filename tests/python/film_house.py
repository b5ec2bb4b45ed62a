"""A temporary house with films in it, for the tests of resonance."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from python_udfs.resonance.importing import Request, land
from python_udfs.resonance.world import World, write_long
from python_udfs.runtime.dbt_runner import Dbt
from python_udfs.runtime.house import House

UP_TO_FEATURES = (
    "--select",
    "+int_resonance__data_alerts",
    "+int_resonance__director_features",
    "+feature_contract",
    "+int_resonance__quarantined",
)
WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test")


@dataclass
class FilmHouse:
    """A database of films in a folder of its own."""

    root: Path
    house: House = field(init=False)

    def __post_init__(self) -> None:
        """Name the database."""
        self.house = House(self.root, self.root / "data" / "callsheet.duckdb")

    def land_rows(self, rows: list[dict[str, Any]]) -> "FilmHouse":
        """Land a long table of these rows."""
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / "long.csv"
        pd.DataFrame(rows).to_csv(path, index=False)
        land(self.house, Request("long", (path,)))
        return self

    def land_world(self, world: World) -> "FilmHouse":
        """Land a synthetic world."""
        self.root.mkdir(parents=True, exist_ok=True)
        write_long(world, self.root / "long.csv")
        land(self.house, Request("long", (self.root / "long.csv",)))
        return self

    def build(self, *selection: str, **variables: Any) -> "FilmHouse":
        """Build up to the features, or what is selected."""
        Dbt(self.house).build(*(selection or UP_TO_FEATURES), *WITHOUT_TESTS, variables=variables)
        return self

    def table(self, name: str, schema: str = "intermediate") -> pd.DataFrame:
        """Return a table as it is."""
        with self.house.reading() as connection:
            return connection.execute(f"select * from {schema}.{name}").df()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.house.reading() as connection:
            return connection.execute(sql).fetchall()

    def compiled(self, model: str) -> str:
        """Return the SQL that the last build ran for a model."""
        (path,) = (self.root / "target" / "compiled").rglob(f"{model}.sql")
        return path.read_text(encoding="utf-8")
