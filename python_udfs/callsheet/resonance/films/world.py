"""A synthetic film world with planted truth: who is good, with whom, in what, and when. The same world from the same seed."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.csv

GENRES = (
    "Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Family", "Fantasy",
    "History", "Horror", "Music", "Mystery", "Romance", "Science Fiction", "Thriller", "War", "Western",
)  # fmt: skip
_GENRE_WEIGHTS = np.array([12, 7, 3, 18, 8, 2, 22, 6, 5, 2, 7, 3, 4, 9, 6, 12, 2, 1.5])
_GIVEN = {
    "female": (
        "Adrisa", "Belora", "Calinda", "Delmira", "Elvina", "Fiorel", "Galenda", "Hesper", "Ilanda", "Jorinde", "Kelda", "Lirena",
        "Marisol", "Nerida", "Odessa", "Perla", "Quenda", "Rosalba", "Selmina", "Tamsin", "Ulrika", "Velia", "Wilma", "Zorina",
    ),
    "male": (
        "Aldric", "Bastian", "Corwin", "Davin", "Edmar", "Falko", "Garrick", "Hadrian", "Ivo", "Jaspar", "Kendrick", "Leander",
        "Merrick", "Nolan", "Osric", "Percival", "Quillon", "Roderic", "Severin", "Tobin", "Ulric", "Valentin", "Wendel", "Zoltan",
    ),
}  # fmt: skip
_GIVEN_COUNT = 24  # of either gender
_PLACES = (
    "Amber", "Bracken", "Cinder", "Drift", "Elder", "Fennel", "Glimmer", "Hazel", "Ivory", "Juniper", "Kestrel", "Larkspur", "Marsh",
    "Nettle", "Oaken", "Pebble", "Quartz", "Raven", "Saffron", "Thistle", "Umber", "Velvet", "Willow", "Yarrow",
)  # fmt: skip
_ENDINGS = (
    "bank", "brook", "combe", "dale", "fell", "field", "ford", "gate", "grove", "ham", "haven", "hollow", "lock", "mere", "moor", "quist",
    "ridge", "shaw", "stead", "stone", "thorpe", "vale", "wick", "worth",
)  # fmt: skip
_NOUNS = (
    "Harbor",
    "Winter",
    "Signal",
    "Orchard",
    "Meridian",
    "Lantern",
    "River",
    "Witness",
    "Garden",
    "Station",
    "Echo",
    "Border",
    "Atlas",
    "Comet",
)
_KEYWORDS = tuple(f"{what} {where}" for where in ("at sea", "in winter", "in the city", "on the road", "abroad") for what in (
    "revenge", "heist", "wedding", "trial", "rescue", "reunion", "chase", "rivalry", "secret", "inheritance", "disguise", "journey",
))  # fmt: skip
_ADJECTIVES = ("Quiet", "Last", "Broken", "Golden", "Hidden", "Second", "Paper", "Distant", "Electric", "Salt", "Velvet", "Northern")


@dataclass(frozen=True)
class Recipe:
    """What a world is made of. Effects are standard deviations in units of a film's quality, whose noise is `noise`."""

    films: int = 600
    actors: int = 400
    directors: int = 80
    growth: float = 0.0  # more films each year than in the one before, as a share: export files hold more of the later years
    first_year: int = 1985
    last_year: int = 2009
    actor_effect: float = 2.0
    director_effect: float = 0.7
    pair_effect: float = 0.3
    genre_fit: float = 0.25
    budget_effect: float = 0.3
    cycle_effect: float = 0.2
    cycle_years: int = 11
    keyword_effect: float = 0.0  # how far a film's keywords give away its quality
    noise: float = 0.35
    dirt: bool = True


# 789 films after the cutoff: enough to judge a calibration by.
SAMPLE = Recipe(films=1950, actors=1200, directors=210, growth=0.06, keyword_effect=0.3)


@dataclass(frozen=True)
class World:
    """The raw tables, and the truth behind them, which no model may read."""

    films: pd.DataFrame
    credits: pd.DataFrame
    people: pd.DataFrame
    truth_people: pd.DataFrame
    truth_films: pd.DataFrame


def grown(recipe: Recipe, rows: int) -> Recipe:
    """Return the recipe of a clean world with about so many (film, actor) rows, in which people have as many roles as before."""
    films = max(1, round(rows / 5.9))  # a cast has 5.9 people on average
    share = films / recipe.films
    return replace(
        recipe, films=films, actors=max(20, round(recipe.actors * share)), directors=max(5, round(recipe.directors * share)), dirt=False
    )


def make_world(seed: int, recipe: Recipe | None = None) -> World:
    """Return the world of this seed: films with what they cost and took, credits, people, and the truth."""
    recipe = recipe or Recipe()
    chance = np.random.default_rng(seed)
    actors = _people(chance, recipe.actors, recipe, recipe.actor_effect)
    directors = _people(chance, recipe.directors, recipe, recipe.director_effect)
    films = _films(chance, recipe)
    film_director = _draw_directors(chance, films, directors)
    cast = _draw_casts(chance, films, film_director, actors, recipe)
    quality = _quality(chance, films, film_director, cast, actors, directors, recipe)
    _write_outcomes(chance, films, quality, recipe)
    people = _name(np.random.default_rng([seed, 1]), pd.concat([actors, directors], ignore_index=True), recipe)
    keywords = _keywords(np.random.default_rng([seed, 2]), quality, recipe)
    world = _tables(films, keywords, film_director, cast, people, actors, directors, quality)
    return _soil(chance, world) if recipe.dirt else world


def _people(chance: np.random.Generator, count: int, recipe: Recipe, spread: float) -> pd.DataFrame:
    """Return people with their effect, favourite genre, fame and the years in which they work: newcomers come, old hands retire."""
    years = recipe.last_year - recipe.first_year + 1
    effect = chance.normal(0, spread, count)
    debut = recipe.first_year - 12 + chance.integers(0, years + 11, count)
    return pd.DataFrame(
        {
            "effect": effect,
            "genre": chance.choice(len(GENRES), count, p=_GENRE_WEIGHTS / _GENRE_WEIGHTS.sum()),
            # Better people work more, but fame is mostly luck: history says something, never everything.
            "fame": np.exp(chance.normal(0, 0.9, count) + (0.35 * effect / spread if spread else 0.0)),
            "debut": debut,
            "retired": debut + 6 + chance.geometric(0.06, count),
        }
    )


def _films(chance: np.random.Generator, recipe: Recipe) -> pd.DataFrame:
    span = recipe.last_year - recipe.first_year + 1
    weights = (1 + recipe.growth) ** np.arange(span)
    drawn = chance.choice(span, recipe.films, p=weights / weights.sum()) if recipe.growth else chance.integers(0, span, recipe.films)
    years = np.sort(recipe.first_year + drawn)
    size = chance.normal(0, 1, recipe.films)
    primary = chance.choice(len(GENRES), recipe.films, p=_GENRE_WEIGHTS / _GENRE_WEIGHTS.sum())
    return pd.DataFrame(
        {
            "year": years,
            "day": chance.integers(0, 365, recipe.films),
            "size": size,
            "budget": np.round(np.exp(16.6 + 0.035 * (years - recipe.first_year) + 0.95 * size), -4).astype("int64"),
            "primary": primary,
            "second": chance.choice(len(GENRES), recipe.films, p=_GENRE_WEIGHTS / _GENRE_WEIGHTS.sum()),
            "third": np.where(chance.random(recipe.films) < 0.35, chance.integers(0, len(GENRES), recipe.films), -1),
            "cast_size": chance.integers(4, 9, recipe.films),
        }
    )


def _pick(chance: np.random.Generator, people: pd.DataFrame, mask: np.ndarray, count: int) -> np.ndarray:
    """Return people by fame among those of the mask; among all where it holds nobody."""
    pool = np.flatnonzero(mask) if mask.any() else np.arange(len(people))
    weights = people["fame"].to_numpy()[pool].cumsum()
    return np.asarray(pool[np.searchsorted(weights, chance.random(count) * weights[-1])])


def _draw_directors(chance: np.random.Generator, films: pd.DataFrame, directors: pd.DataFrame) -> np.ndarray:
    chosen = np.empty(len(films), dtype="int64")
    for year, rows in films.groupby("year").indices.items():
        active = ((directors["debut"] <= year) & (directors["retired"] >= year)).to_numpy()
        chosen[rows] = _pick(chance, directors, active, len(rows))
    return chosen


def _draw_casts(
    chance: np.random.Generator, films: pd.DataFrame, director: np.ndarray, actors: pd.DataFrame, recipe: Recipe
) -> pd.DataFrame:
    """Return (film, actor, billing). A third of the roles come from the director's company, a third from the film's genre."""
    company = chance.integers(0, recipe.actors, (recipe.directors, 12))
    film = np.repeat(np.arange(len(films)), films["cast_size"])
    year = films["year"].to_numpy()[film]
    actor = np.empty(len(film), dtype="int64")
    debut, retired, favourite = (actors[column].to_numpy() for column in ("debut", "retired", "genre"))
    primary = films["primary"].to_numpy()[film]
    kind = chance.random(len(film))
    for one_year in np.unique(year):
        active = (debut <= one_year) & (retired >= one_year)
        rows = np.flatnonzero(year == one_year)
        actor[rows] = _pick(chance, actors, active, len(rows))
        for genre in np.unique(primary[rows]):
            of_genre = rows[(primary[rows] == genre) & (kind[rows] < 0.35)]
            actor[of_genre] = _pick(chance, actors, active & (favourite == genre), len(of_genre))
    friend = company[director[film], chance.integers(0, company.shape[1], len(film))]
    of_company = (kind > 0.65) & (debut[friend] <= year) & (retired[friend] >= year)
    actor[of_company] = friend[of_company]
    cast = pd.DataFrame({"film": film, "actor": actor}).drop_duplicates(ignore_index=True)
    # The better known are billed first, more or less.
    cast["rank"] = np.log(actors["fame"].to_numpy()[cast["actor"]]) + chance.normal(0, 0.8, len(cast))
    cast = cast.sort_values(["film", "rank"], ascending=[True, False], ignore_index=True)
    cast["billing"] = cast.groupby("film").cumcount() + 1
    return cast[["film", "actor", "billing"]]


def _quality(
    chance: np.random.Generator,
    films: pd.DataFrame,
    director: np.ndarray,
    cast: pd.DataFrame,
    actors: pd.DataFrame,
    directors: pd.DataFrame,
    recipe: Recipe,
) -> np.ndarray:
    """Return each film's quality: the sum of everything planted, and noise."""
    film, actor = cast["film"].to_numpy(), cast["actor"].to_numpy()
    weight = 1.0 / cast["billing"].to_numpy()
    # A pair's effect is a function of the two, so that it needs no table of all pairs.
    phase = (actor * 7919 + director[film] * 104729 + int(chance.integers(1, 1_000_000))) % 10_007
    pair = recipe.pair_effect * np.sqrt(2) * np.sin(2 * np.pi * phase / 10_007)
    fits = actors["genre"].to_numpy()[actor] == films["primary"].to_numpy()[film]
    each = actors["effect"].to_numpy()[actor] + pair + recipe.genre_fit * np.where(fits, 1.0, -0.25)
    together = np.bincount(film, each * weight, len(films)) / np.bincount(film, weight, len(films))
    cycle = recipe.cycle_effect * np.sin(2 * np.pi * films["year"].to_numpy() / recipe.cycle_years)
    planted = together + directors["effect"].to_numpy()[director] + recipe.budget_effect * films["size"].to_numpy() + cycle
    return np.asarray(planted + chance.normal(0, recipe.noise, len(films)))


def _write_outcomes(chance: np.random.Generator, films: pd.DataFrame, quality: np.ndarray, recipe: Recipe) -> None:
    years = films["year"] - recipe.first_year
    log_revenue = 17.2 + 0.04 * years + 0.5 * films["size"] + 0.75 * quality + chance.normal(0, 0.35, len(films))
    films["revenue"] = np.exp(log_revenue).round().astype("int64")
    films["rating"] = (6.2 + 0.65 * quality + chance.normal(0, 0.3, len(films))).clip(1, 10).round(1)
    films["votes"] = np.exp(chance.normal(4.5, 1.2, len(films)) + 0.3 * films["size"]).astype("int64") + 1


def _keywords(chance: np.random.Generator, quality: np.ndarray, recipe: Recipe) -> list[str]:
    """Return what each film is about, for four in five films. Each theme draws films that do better, or worse, than others."""
    liking = recipe.keyword_effect * chance.normal(0, 1, len(_KEYWORDS))
    standing = (quality - quality.mean()) / quality.std()
    # The largest of pull and luck are the film's themes: a draw without replacement, weighted by exp(pull).
    pull = standing[:, None] * liking + chance.gumbel(size=(len(quality), len(_KEYWORDS)))
    themes = np.argsort(-pull, axis=1)[:, :5]
    counts = chance.integers(1, 6, len(quality)) * (chance.random(len(quality)) < 0.8)
    return ["|".join(_KEYWORDS[place] for place in own[:count]) for own, count in zip(themes, counts, strict=True)]


def _name(chance: np.random.Generator, everybody: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Return people with ids, invented names and facts, actors first; nobody is called twice the same.

    Nothing planted hangs on the facts: age, gender and death say nothing about how a film does.
    """
    count = len(everybody)
    gender = chance.choice(np.array(["female", "male"]), count)
    families = [f"{place}{ending}" for place in _PLACES for ending in _ENDINGS]
    drawn = np.resize(chance.permutation(_GIVEN_COUNT * len(families)), count)  # each name once before any comes again
    places = zip(gender.tolist(), drawn.tolist(), strict=True)
    names = pd.Series([f"{_GIVEN[own][place % _GIVEN_COUNT]} {families[place // _GIVEN_COUNT]}" for own, place in places])
    again = names.groupby(names).cumcount()
    names = names.where(again == 0, names + " " + (again + 1).astype(str))
    born = everybody["debut"].to_numpy() - chance.integers(16, 40, count)
    died = np.minimum(everybody["retired"].to_numpy() + chance.integers(0, 25, count), born + 95)
    has_died = (chance.random(count) < 0.4) & (died <= recipe.last_year)
    profession = np.where(np.arange(count) >= recipe.actors, "director", np.where(gender == "female", "actress", "actor"))
    return pd.DataFrame(
        {
            "person_id": [f"p{number:06d}" for number in range(1, count + 1)],
            "name": names,
            "born": born.astype(str),
            "died": np.where(has_died, died.astype(str), ""),
            "gender": gender,
            "professions": profession,
        }
    )


def _tables(
    films: pd.DataFrame,
    keywords: list[str],
    director: np.ndarray,
    cast: pd.DataFrame,
    people: pd.DataFrame,
    actors: pd.DataFrame,
    directors: pd.DataFrame,
    quality: np.ndarray,
) -> World:
    """Return everything as the raw text tables, and the truth beside them."""
    ids = people["person_id"].to_numpy(dtype=str)
    film_ids = np.array([f"f{number:06d}" for number in range(1, len(films) + 1)])
    labels = np.array([*GENRES, ""])
    genre = films[["primary", "second", "third"]].to_numpy(copy=True)
    genre[genre[:, 1] == genre[:, 0], 1] = -1
    genre[(genre[:, 2] == genre[:, 0]) | (genre[:, 2] == genre[:, 1]), 2] = -1
    joined = pd.Series(labels[genre[:, 0]])
    for column in (1, 2):
        joined = joined.where(genre[:, column] < 0, joined + "|" + labels[genre[:, column]])
    day = pd.to_datetime(films["year"].astype(str) + "-01-01") + pd.to_timedelta(films["day"], unit="D")
    number = np.arange(len(films))
    titles = [
        f"The {_ADJECTIVES[n % len(_ADJECTIVES)]} {_NOUNS[(n * 5 + n // 12) % len(_NOUNS)]}" + (f" {n // 168 + 1}" if n >= 168 else "")
        for n in number
    ]
    table = pd.DataFrame(
        {
            "film_id": film_ids,
            "title": titles,
            "release_date": day.dt.strftime("%Y-%m-%d"),
            "release_year": films["year"].astype(str),
            "budget": films["budget"].astype(str),
            "revenue": films["revenue"].astype(str),
            "rating": films["rating"].astype(str),
            "vote_count": films["votes"].astype(str),
            "genres": joined,
            "keywords": keywords,
        }
    )
    roles = pd.DataFrame({"film": cast["film"], "person_id": ids[cast["actor"]], "job": "cast", "billing": cast["billing"].astype(str)})
    helm = pd.DataFrame({"film": number, "person_id": ids[len(actors) + director], "job": "director", "billing": "1"})
    both = pd.concat([roles, helm]).sort_values("film", kind="stable", ignore_index=True)
    both.insert(0, "film_id", film_ids[both.pop("film")])
    everybody = pd.concat([actors, directors], ignore_index=True)
    truth = pd.DataFrame({"person_id": ids, "job": ["cast"] * len(actors) + ["director"] * len(directors), "effect": everybody["effect"]})
    return World(table, both, people, truth, pd.DataFrame({"film_id": film_ids, "quality": quality}))


def _soil(chance: np.random.Generator, world: World) -> World:
    """Return the world as exports are: unknown money, unit errors, odd dates, repeats, broken letters, loose ends."""
    films, credits, people = world.films.copy(), world.credits.copy(), world.people.copy()
    count = len(films)

    def some(share: float, of: int = count) -> np.ndarray:
        return chance.choice(of, max(1, int(share * of)), replace=False)

    films.loc[some(0.12), "budget"] = "0"
    films.loc[some(0.01), "budget"] = "35"
    films.loc[some(0.06), "revenue"] = "0"
    films.loc[some(0.005), "revenue"] = "12"
    films.loc[some(0.01), ["rating", "vote_count"]] = ["0", "0"]
    short = some(0.3)
    day = pd.to_datetime(films.loc[short, "release_date"])
    films.loc[short, "release_date"] = day.dt.month.astype(str) + "/" + day.dt.day.astype(str) + "/" + day.dt.strftime("%y")
    films.loc[some(0.01), "release_date"] = ""
    films.loc[some(0.01), "genres"] = ""
    films.loc[some(0.005), "genres"] = "Mockumentary"
    films.loc[some(0.02), "title"] = "The Return"
    credits.loc[some(0.01, len(credits)), "billing"] = ""
    people.loc[some(0.08, len(people)), ["born", "died", "gender"]] = ""
    broken = some(0.03, len(people))
    people.loc[broken, "name"] = people.loc[broken, "name"] + "é"
    people.loc[broken[::2], "name"] = [name.encode().decode("latin-1") for name in people.loc[broken[::2], "name"]]

    def line(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {**row, **changes}

    rows: list[dict[str, Any]] = films.to_dict("records")  # type: ignore[assignment]
    twin, rival = rows[count // 3], rows[count // 2]
    lost = line(rows[5], film_id="f900001", release_year="", release_date="")
    odd = line(rows[6], film_id="f900002", release_year="1066")
    nameless = line(rows[7], film_id=" ")
    films = pd.DataFrame([*rows, twin, line(rival, revenue="1234567"), lost, odd, nameless])

    parts: list[dict[str, Any]] = credits.to_dict("records")  # type: ignore[assignment]
    cast = [row for row in parts if row["job"] == "cast"]
    directing = [row for row in parts if row["job"] == "director"]
    twice = [line(row, billing=str(int(row["billing"] or 5) + 7)) for row in cast[: count : max(1, count // 6)]]
    second = [line(row, person_id=directing[-1]["person_id"], billing="2") for row in directing[3 : count : max(1, count // 12)]]
    loose = [line(cast[0], film_id="f999999"), line(cast[1], person_id=""), line(cast[2], job="caterer"), line(cast[3], film_id="f900001")]
    credits = pd.DataFrame([*parts, *twice, *second, *loose])
    return World(films, credits, people, world.truth_people, world.truth_films)


def write_seeds(world: World, folder: Path) -> None:
    """Write films.csv, credits.csv and people.csv, each line with its number."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("films", world.films), ("credits", world.credits), ("people", world.people)):
        numbered = table.reset_index(drop=True)
        numbered.insert(0, "position", numbered.index + 1)
        numbered.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def write_long(world: World, path: Path) -> int:
    """Write one row per (film, actor), as `import_films.py --format long` takes it; return the rows."""
    directing = world.credits[world.credits["job"] == "director"].drop_duplicates("film_id").set_index("film_id")["person_id"]
    names = world.people.set_index("person_id")["name"]
    films = world.films.drop_duplicates("film_id").set_index("film_id")
    films["director"] = names.reindex(directing.reindex(films.index)).to_numpy()
    cast = world.credits[world.credits["job"] == "cast"]
    rows = films.reindex(cast["film_id"]).reset_index(names="title_id")
    rows.insert(1, "actor", names.reindex(cast["person_id"]).to_numpy())
    rows["bill_order"] = cast["billing"].to_numpy()
    rows = rows.rename(columns={"release_year": "year"})
    pyarrow.csv.write_csv(pyarrow.Table.from_pandas(rows, preserve_index=False), str(path))
    return len(rows)
