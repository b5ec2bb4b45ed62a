"""Famous mistakes as runnable variants of the real models, and the guards that must catch them."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from tests.python.film_workspace import FilmWorkspace

KEYS = ["film_id", "person_id"]


@dataclass(frozen=True)
class Twin:
    """A model with one mistake put into its SQL. What is replaced must be there, or the mistake would be none."""

    mistake: str
    model: str
    right: str
    wrong: str

    def run(self, films: FilmWorkspace) -> pd.DataFrame:
        """Return what the model would give with the mistake in it."""
        sql = films.compiled(self.model)
        assert sql.count(self.right) >= 1, f"{self.model} has no '{self.right}' any more: rewrite this twin"
        with films.workspace.reading() as connection:
            return connection.execute(sql.replace(self.right, self.wrong)).df()


def changed(before: pd.DataFrame, after: pd.DataFrame, keys: Iterable[str], columns: Iterable[str], tolerance: float = 1e-9) -> set[str]:
    """Guards (a) and (g): name the columns in which rows of the same key differ. Both must have rows in common."""
    both = before.merge(after, on=list(keys), suffixes=("", "_after"))
    assert len(both), "nothing to compare"
    found = set()
    for column in columns:
        left, right = (both[name].astype("float64") for name in (column, f"{column}_after"))
        if not ((left - right).abs().le(tolerance) | (left.isna() & right.isna())).all():
            found.add(column)
    return found


def invented(features: pd.DataFrame, history: pd.DataFrame, columns: Iterable[str]) -> set[str]:
    """Guard (d): name the columns that say something of people without a history. `history` has film_id and person_id of rows with one."""
    marked = features.merge(history.assign(has_history=True), on=KEYS, how="left")
    without = marked[marked["has_history"].isna()]
    assert len(without), "nobody without a history"
    return {column for column in columns if without[column].notna().any()}
