"""The features of resonance a second time, in plain pandas and loops: written from the design, to be slow and plainly right."""

import math
from typing import Any

import numpy as np
import pandas as pd

SCALE_FILMS = 20
CYCLE_YEARS = 11


def _known(values: Any) -> Any:
    return values[values.notna()]


def _z(films: pd.DataFrame, measure: str) -> list[float]:
    """Return each film's distance from the films of the three years before, in their standard deviations."""
    values = films[measure]
    result = []
    for year, value in zip(films["film_year"], values, strict=True):
        earlier = _known(values[films["film_year"] < year])
        recent = _known(values[(films["film_year"] < year) & (films["film_year"] >= year - 3)])
        reference = recent if len(recent) >= SCALE_FILMS else earlier
        spread = float(reference.std(ddof=0)) if len(reference) else 0.0
        result.append((value - reference.mean()) / spread if spread > 0 else float("nan"))
    return result


def _budget_shares(films: pd.DataFrame) -> list[float]:
    """Return each budget's middle rank among those of the three years before."""
    result = []
    for year, budget in zip(films["film_year"], films["budget_usd"], strict=True):
        before = _known(films.loc[(films["film_year"] < year) & (films["film_year"] >= year - 3), "budget_usd"])
        is_askable = not math.isnan(budget) and len(before) > 0
        result.append(((before < budget).sum() + (before == budget).sum() / 2) / len(before) if is_askable else float("nan"))
    return result


def _shrunk(values: Any, usual: float) -> float:
    """Return the mean of the known values, with two usual ones added; NaN without any."""
    known = _known(values)
    return (known.sum() + 2 * usual) / (len(known) + 2) if len(known) else float("nan")


def rated(films: pd.DataFrame) -> pd.DataFrame:
    """Return the kept films in order of history, with what is measured on each from films of earlier years."""
    films = films.astype({"budget_usd": "float64", "revenue_usd": "float64", "rating": "float64"})
    films = films.sort_values(["film_year", "released_on", "film_id"], na_position="first", ignore_index=True)
    films["log_revenue"] = np.log1p(films["revenue_usd"])
    films["revenue_z"], films["rating_z"] = _z(films, "log_revenue"), _z(films, "rating")
    films["resonance"] = ((films["revenue_z"] + films["rating_z"]) / 2).round(9)
    films["budget_year_pct"] = _budget_shares(films)
    films["decile"] = np.minimum(np.floor(10 * films["budget_year_pct"]) + 1, 10)
    films["is_peer_of"] = films["decile"].fillna(0)
    usual, peers, genre_means, keyword_means = [], [], [], []
    film: Any
    for film in films.itertuples():
        earlier = films[films["film_year"] < film.film_year]
        mean = _known(earlier["resonance"]).mean()
        of_peers = _shrunk(earlier.loc[earlier["is_peer_of"] == film.is_peer_of, "resonance"], mean)
        usual.append(mean)
        peers.append(mean if math.isnan(of_peers) else of_peers)
        of_genres = []
        for genre in film.genres if film.genres is not None else []:
            of_genre = _shrunk(earlier.loc[[own is not None and genre in own for own in earlier["genres"]], "resonance"], mean)
            of_genres.append(mean if math.isnan(of_genre) else of_genre)
        genre_means.append(float(np.mean(of_genres)) if of_genres else float("nan"))
        of_keywords = []
        for keyword in film.keywords if film.keywords is not None else []:
            of_keywords.append(_shrunk(earlier.loc[[own is not None and keyword in own for own in earlier["keywords"]], "resonance"], mean))
        known = [value for value in of_keywords if not math.isnan(value)]
        keyword_means.append(float(np.mean(known)) if known else float("nan"))
    films["usual"], films["peer_resonance"], films["genre_mean"], films["keyword_mean"] = usual, peers, genre_means, keyword_means
    films["residual"] = films["resonance"] - films["peer_resonance"]
    return films


def _person(past: pd.DataFrame, film: Any, role: str, last_three: str) -> dict[str, float]:
    """Return what a person's credits of earlier years say, in order of history."""
    rated_past = past[past["resonance"].notna()]
    shared = [film.genres is not None and own is not None and bool(set(own) & set(film.genres)) for own in rated_past["genres"]]
    return {
        last_three: _shrunk(rated_past["resonance"].tail(3), film.usual),
        f"{role}_mean": _shrunk(past["resonance"], film.usual),
        f"{role}_genre_mean": _shrunk(rated_past.loc[shared, "resonance"], film.usual),
        f"{role}_residual": _shrunk(past["residual"], 0.0),
        f"{role}_revenue": _shrunk(past["revenue_z"], 0.0),
        f"{role}_rating": _shrunk(past["rating_z"], 0.0),
        f"{role}_last_resonance": rated_past["resonance"].iloc[-1] if len(rated_past) else float("nan"),
        f"{role}_years_since_last": film.film_year - past["film_year"].max() if len(past) else float("nan"),
    }


def features(films: pd.DataFrame, credits: pd.DataFrame, genres: list[str], every: int) -> pd.DataFrame:
    """Return one row for every so manieth cast credit of the kept films and credits, the last ones among them."""
    films = rated(films)
    directing = credits[(credits["job"] == "director") & (credits["bill_order"] == 1)].set_index("film_id")["person_id"]
    films["director_id"] = films["film_id"].map(directing)
    credits = credits.merge(films, on="film_id").assign(
        place=lambda rows: rows["film_id"].map({f: n for n, f in enumerate(films["film_id"])})
    )
    credits = credits.sort_values("place", ignore_index=True)
    cast, helmed = (credits[credits["job"] == job] for job in ("cast", "director"))
    of_actor, of_director = dict(list(cast.groupby("person_id"))), dict(list(helmed.groupby("person_id")))
    rows = []
    film: Any
    for film in cast.iloc[::-every].itertuples():
        past = of_actor[film.person_id]
        past = past[past["film_year"] < film.film_year]
        directed = of_director.get(film.director_id, helmed.head(0))
        directed = directed[directed["film_year"] < film.film_year]
        together = past[past["director_id"] == film.director_id]
        has_director = isinstance(film.director_id, str)
        met = _known(together["resonance"])
        deciles = _known(past["decile"]).tail(3)
        five = past.tail(5)
        angle = 2 * math.pi * film.film_year / CYCLE_YEARS
        row = {
            "film_id": film.film_id, "person_id": film.person_id, "bill_order": film.bill_order, "log_budget": math.log(film.budget_usd),
            "budget_year_pct": film.budget_year_pct, "is_budget_known": float(not math.isnan(film.budget_usd)),
            "peer_resonance": film.peer_resonance, "genre_mean": film.genre_mean, "keyword_mean": film.keyword_mean,
            "genre_count": len(film.genres) if film.genres is not None else float("nan"),
            "year_sin": math.sin(angle), "year_cos": math.cos(angle),
            "actor_credit_count": len(past), "actor_rated_count": past["resonance"].notna().sum(),
            "bfd": abs(film.decile - deciles.median()) if len(deciles) else float("nan"),
            "release_density": (past["film_year"] >= film.film_year - 3).sum(),
            "actor_billing_mean": past["bill_order"].mean() if len(past) else float("nan"),
            "director_credit_count": len(directed) if has_director else float("nan"),
            "director_best_resonance": directed["resonance"].max() if len(directed) else float("nan"),
            "pair_count": len(together) if has_director else float("nan"),
            "pair_mean": _shrunk(met, film.usual),
            "pair_lift": len(met) / (len(met) + 2) * (met.mean() - film.usual) if len(met) else float("nan"),
            **_person(past, film, "actor", "atr3"), **_person(directed, film, "director", "dtr3"),
        }  # fmt: skip
        has_genres = any(own is not None for own in five["genres"])
        for genre in genres:
            row[f"genre_{genre}"] = float(genre in film.genres) if film.genres is not None else float("nan")
            played = sum(own is not None and genre in own for own in five["genres"])
            row[f"genre_{genre}_aff"] = played / len(five) if has_genres else float("nan")
        rows.append(row)
    return pd.DataFrame(rows)
