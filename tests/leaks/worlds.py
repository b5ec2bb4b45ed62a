"""As-of features of a synthetic world in plain pandas, honest or leaky: enough to see what a guard on outcomes sees, hundreds of times."""

import numpy as np
import pandas as pd
from callsheet.resonance.films.world import Recipe, make_world
from callsheet.resonance.training.evaluation import JudgedRows
from callsheet.resonance.training.heads import fit_head
from callsheet.resonance.training.measures import FilmBootstrap, Weights, auroc
from callsheet.resonance.training.members import BOOSTING

FEATURES = ("log_budget", "actor_past", "actor_films", "director_past", "director_films", "bill_order")
LAST_FIT_YEAR = 2001
RECIPE = Recipe(films=500, actors=250, directors=60, dirt=False)


def frame(seed: int, leak: str | None = None) -> pd.DataFrame:
    """Return one row per cast credit with features as of its year. `row_shift`: the director's history is the row before."""
    world = make_world(seed, RECIPE)
    films = world.films.assign(film_year=world.films["release_year"].astype(int), log_budget=np.log(world.films["budget"].astype(float)))
    quality = films["revenue"].astype(float).map(np.log1p)
    films["outcome"] = (quality - quality.groupby(films["film_year"]).transform("mean")) + films["rating"].astype(float)
    films["outcome"] = (films["outcome"] - films["outcome"].mean()) / films["outcome"].std()
    fit = films["film_year"] <= LAST_FIT_YEAR
    films["positive"] = (films["outcome"] >= films.loc[fit, "outcome"].quantile(0.75)).astype(int)
    helm = world.credits[world.credits["job"] == "director"].drop_duplicates("film_id").set_index("film_id")["person_id"]
    rows = world.credits[world.credits["job"] == "cast"].merge(
        films[["film_id", "film_year", "log_budget", "outcome", "positive"]], on="film_id"
    )
    rows["bill_order"] = rows["billing"].astype(int)
    rows["director_id"] = rows["film_id"].map(helm)
    directed = films[["film_id", "film_year", "outcome"]].assign(director_id=films["film_id"].map(helm))
    rows = rows.merge(_past(rows, "person_id", "actor"), on=["person_id", "film_year"]).merge(
        _past(directed, "director_id", "director"), on=["director_id", "film_year"]
    )
    rows = rows.sort_values(["film_year", "film_id", "bill_order"], ignore_index=True)
    if leak == "row_shift":
        rows["director_past"] = rows.groupby("director_id")["outcome"].shift(1)
    return rows


def _past(rows: pd.DataFrame, key: str, name: str) -> pd.DataFrame:
    """Return, for each person and year, the mean outcome and the number of films of earlier years; no history is null."""
    per_year = rows.groupby([key, "film_year"])["outcome"].agg(["sum", "count"]).reset_index()
    before = per_year.groupby(key)[["sum", "count"]].cumsum() - per_year[["sum", "count"]]
    past = before["sum"] / before["count"].where(before["count"] > 0)
    return per_year[[key, "film_year"]].assign(**{f"{name}_past": past, f"{name}_films": before["count"]})


def learn(rows: pd.DataFrame, train: np.ndarray, positive: pd.Series, seed: int = 1) -> np.ndarray:
    """Return the boosting head's log odds of all rows, learnt on the training rows."""
    values = rows[list(FEATURES)].to_numpy(dtype=np.float64)
    truth, years = positive.to_numpy(dtype=np.int64), rows["film_year"].to_numpy(dtype=np.int64)
    return fit_head(BOOSTING, FEATURES, values[train], truth[train], years[train], seed).logits(values)


def billing(rows: pd.DataFrame) -> tuple[JudgedRows, FilmBootstrap]:
    """Return the holdout's rows as the billing guard takes them."""
    logits = learn(rows, (rows["film_year"] <= LAST_FIT_YEAR).to_numpy(), rows["positive"])
    late = (rows["film_year"] > LAST_FIT_YEAR).to_numpy()
    held = rows[late]
    films = held["film_id"].to_numpy(dtype=object).astype(str)
    data = JudgedRows(
        films,
        held["film_year"].to_numpy(dtype=np.int64),
        held["bill_order"].to_numpy(dtype=np.int64),
        held["positive"].to_numpy(dtype=np.int64),
        {"actor_head_platt": logits[late]},
        {},
    )
    return data, FilmBootstrap(films, 100, np.random.default_rng(2))


def shuffled_aurocs(rows: pd.DataFrame, by_year: bool, shuffles: int, chance: np.random.Generator) -> np.ndarray:
    """Return the AUROC of heads that learnt outcomes dealt out anew among films. `by_year` False: rows, not years, are held out."""
    films = rows["film_id"].drop_duplicates()
    outcome = rows.drop_duplicates("film_id")["positive"].to_numpy()
    values = []
    for _ in range(shuffles):
        dealt = rows["film_id"].map(dict(zip(films, chance.permutation(outcome), strict=True)))
        train = (rows["film_year"] <= LAST_FIT_YEAR).to_numpy() if by_year else chance.random(len(rows)) < 0.7
        logits = learn(rows, train, dealt)
        truth = dealt.to_numpy(dtype=np.int64)[~train]
        values.append(float(auroc(truth, logits[~train], Weights.even(len(truth)))[0]))
    return np.array(values)


def is_off_one_half(aurocs: np.ndarray) -> bool:
    """Say whether their mean lies more than three standard errors from one half."""
    return bool(abs(aurocs.mean() - 0.5) > 3 * aurocs.std(ddof=1) / np.sqrt(len(aurocs)))
