"""The catalogue: films, casts, states and fitted heads in memory, from a published file or from dbt's relations."""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.slates.briefs import BriefVocabulary
from callsheet.resonance.training import artefacts
from callsheet.resonance.training.adjustments import Cycle
from callsheet.resonance.training.calibration import Calibration
from callsheet.resonance.training.casting_head import CastingHead, History, histories
from callsheet.resonance.training.features import FIRST_GENRES, Past, SliceMean, States
from callsheet.resonance.training.filmography import NOBODY, Filmography, Roles
from callsheet.resonance.training.heads import Head
from callsheet.resonance.training.measures import Floats
from callsheet.resonance.training.serving import EVERY_FIELD, HEADS, SERVED, Serving
from callsheet.runtime.errors import UnusableInputError, explain

Value = TypeVar("Value")
LABEL = SERVED  # what slates are about
TABLES = ("film_results", "casts", "person_states", "year_states", "feature_contract", "model_artefacts")
FACTS = "person_facts"  # what a people file says; an export of an earlier release has none
_STATES = (
    "last_year", "credit_count", "recent_credit_count", "resonance_count", "resonance_mean", "residual_count", "residual_mean",
    "revenue_count", "revenue_mean", "rating_count", "rating_mean", "last_three_count", "last_three_mean", "last_resonance",
    "best_resonance", "billing_mean", "median_decile", "last_five_count",
)  # fmt: skip
# A packed number may need 54 bits, and a double has 53: it is read in two halves.
_PACKED = (
    f", states.last_five_genres % {1 << 3 * FIRST_GENRES} as first_genres, states.last_five_genres >> {3 * FIRST_GENRES} as other_genres"
)
YEARS_AHEAD = 5  # a brief may be for a film so many years after the last one that is known
_KEPT_YEARS = 4  # years held in memory: one of a million credits takes a few hundred MB


@dataclass(frozen=True)
class ServedModel:
    """The heads of one training run, as far as slates need them."""

    run_id: str
    train_cutoff_year: int
    heads: Mapping[str, Head]  # by the names of HEADS; those of an earlier version are one
    director_head: Head
    casting_head: CastingHead | None
    cycle: Cycle
    alpha: float
    synergy_weight: float
    calibrations: Mapping[str, Calibration]
    means: Mapping[str, float | None]
    actor_weights: Mapping[str, float | None]
    serving: Serving
    checksums: Mapping[str, str]


@dataclass(frozen=True)
class People:
    """Everybody in the data, in order of their ids: a person's number is the place of the id.

    Years of birth and death, gender and professions are for filters alone; NaN and None where unknown. No feature is made of them.
    """

    ids: list[str]
    names: list[str]
    born: Floats
    died: Floats
    gender: list[str | None]
    professions: list[str | None]

    @property
    def has_facts(self) -> bool:
        """Say whether a people file told anything of anybody."""
        return not np.isnan(self.born).all() or any(self.gender)

    def acts(self, code: int) -> bool:
        """Say whether acting is what a person does first of all; of whom nothing is known, a role is enough."""
        main = (self.professions[code] or "acting").split(",")[0]
        return main in ("acting", "actor", "actress")

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {person_id: code for code, person_id in enumerate(self.ids)}

    def code(self, person_id: str | None) -> int:
        """Return the number of a person; NOBODY where none is meant."""
        return NOBODY if person_id is None else self._codes[person_id]

    def name(self, person_id: str) -> str:
        """Return a person's name."""
        return self.names[self._codes[person_id]]


@dataclass(frozen=True)
class YearView:
    """All that a brief of one year is answered from, as known on 1 January of that year."""

    people: People
    past: Past
    history: History
    model: ServedModel
    actor_features: tuple[str, ...]
    director_features: tuple[str, ...]
    keywords: Mapping[str, int]
    facts: Mapping[str, Any]


class Catalogue:
    """Everything that was published, read once and used for many briefs. Loading is guarded, so that several threads may ask."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        """Read what every brief needs. `schema` holds the TABLES under their own names."""
        self._connection, self._schema, self._lock = connection, schema, threading.RLock()
        self._has_facts = self._holds_facts()
        self._pasts: dict[int, Past] = {}
        self._histories: dict[int, History] = {}
        self._served: dict[str, ServedModel] = {}
        self._read_contract()
        self._read_films()
        self._runs = self._rows(
            "select model_run_id, train_cutoff_year, contract_hash from {model_artefacts} "
            "where label = ? and name = 'actor_head' and format = ? order by run_no desc",
            [LABEL, artefacts.HEAD_FORMAT],
        )

    @classmethod
    def open(cls, path: Path) -> "Catalogue":
        """Open a published DuckDB file; neither dbt nor the build database is needed."""
        if not path.exists():
            raise UnusableInputError(f"There is no {path}: run `make run`, or `dbt build` and scripts/publish.py, first.")
        try:
            connection = duckdb.connect(str(path), read_only=True, config={"autoinstall_known_extensions": False})
        except duckdb.Error as error:
            raise explain(error, path) from error
        tables = connection.execute("select table_name from information_schema.tables where table_schema = 'resonance'").fetchall()
        if missing := [table for table in TABLES if (table,) not in tables]:
            raise UnusableInputError(f"{path} lacks resonance.{missing[0]}: build resonance and publish again.")
        return cls(connection, "resonance")

    def close(self) -> None:
        """Close the published file: garbage, with an exception's traceback in it, would keep it open for a while."""
        self._connection.close()

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, relations: Mapping[str, duckdb.DuckDBPyRelation]) -> "Catalogue":
        """Return the catalogue of relations of this connection, as a dbt Python model has them."""
        for name in relations:
            connection.register(f"catalogue_{name}", relations[name])
        return cls(connection, "")

    @cached_property
    def known(self) -> BriefVocabulary:
        """What a brief may name. Its first year is the first that some run was not trained on, its last five after the last film."""
        last = self.last_year
        first = min((min(cutoff, last) for _, cutoff, _ in self._runs), default=last)
        actors, directors = (
            {self.people.ids[code]: self.people.names[code] for code in np.unique(roles.person).tolist()}
            for roles in (self.films.acting, self.films.directing)
        )
        return BriefVocabulary(self.genres, first + 1, last + YEARS_AHEAD, actors, directors)

    @property
    def last_year(self) -> int:
        """Return the year of the last film that is known."""
        return int(self.films.year.max()) if len(self.films.year) else 0

    def view(self, year: int) -> YearView:
        """Return all that a brief of a year is answered from. Of a year ahead of the data that is what is known after its last year."""
        as_of = min(year, self.last_year + 1)
        return YearView(
            self.people, self.past(as_of), self.history(as_of), self.served(year), self.actor_features, self.director_features,
            self.keywords, self.facts(year),
        )  # fmt: skip

    def past(self, year: int) -> Past:
        """Return what was true on 1 January of a year."""
        return self._held(self._pasts, year, self._read_past)

    def history(self, year: int) -> History:
        """Return what the casting head knows on 1 January of a year."""
        return self._held(self._histories, year, lambda year: next(histories(self.films, [year])))

    def served(self, year: int) -> ServedModel:
        """Return the newest run that was trained on earlier years only; no other may answer a brief of that year."""
        last = self.last_year if len(self.films.year) else year
        fitting = [(run, cutoff, contract) for run, cutoff, contract in self._runs if min(cutoff, last) < year]
        if not fitting:
            raise UnusableInputError(
                f"No model was trained on films before {year} alone: build with resonance_train_cutoff_year {year - 1} or earlier."
                if self._runs
                else "There is no trained model: build resonance. Where that trains none, no film of the fit years has a known outcome, "
                "see operations.alerts."
            )
        run, cutoff, contract = fitting[0]
        if contract != self._contract_hash:
            raise UnusableInputError(
                f"The model {run} was trained on other features than those published (contract {contract[:12]}…, not "
                f"{self._contract_hash[:12]}…): build resonance and publish again."
            )
        with self._lock:
            if run not in self._served:
                self._served[run] = self._read_model(run, cutoff)
            return self._served[run]

    def facts(self, year: int) -> dict[str, Any]:
        """Return what a slate of that year hangs on, for its manifest."""
        served = self.served(year)
        return {
            "model_run_id": served.run_id,
            "label": LABEL,
            "train_cutoff_year": served.train_cutoff_year,
            "alpha_cycle": served.alpha,
            "synergy_weight": served.synergy_weight,
            "cycle_years": served.cycle.years,
            "head": served.heads[EVERY_FIELD].name,
            "calibration": served.calibrations["actor_head"].method,
            "plausibility_weight": served.serving.plausibility_weight,
            "feature_contract": self._contract_hash,
            "artefacts": dict(served.checksums),
        }

    def licences(self) -> list[dict[str, str]]:
        """Return under which licence the data came, and what people file; empty for an export of an earlier release."""
        if not self._has_facts:
            return []
        rows = self._rows(
            "select 'films' as of, null as file, licence, count(*) from {person_facts} where licence is not null group by licence "
            "union all select 'facts on people', facts_from, facts_licence, count(*) from {person_facts} where facts_from is not null "
            "group by all order by 1 desc, 2, 3"
        )
        return [{"of": of, **({"file": file} if file else {}), "licence": licence, "people": count} for of, file, licence, count in rows]

    def films_of(self, person_id: str, before_year: int) -> list[dict[str, Any]]:
        """Return the films behind a person's numbers, newest first."""
        columns = (
            "film_id", "title", "film_year", "genres", "job", "bill_order", "budget_usd", "resonance", "director_id", "director_name"
        )  # fmt: skip
        rows = self._rows(
            "select films.film_id, films.title, films.film_year, films.genres, casts.job, casts.bill_order, films.budget_usd, "
            "films.resonance, films.director_id, directors.person_name "
            "from {casts} as casts inner join {film_results} as films on casts.film_id = films.film_id "
            "left join (select person_id, any_value(person_name) as person_name from {casts} group by person_id) as directors "
            "on films.director_id = directors.person_id where casts.person_id = ? and films.film_year < ? "
            "order by films.film_year desc, films.released_on desc nulls last, films.film_id desc, casts.job",
            [person_id, before_year],
        )
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def numbers_of(self, film_ids: Sequence[str]) -> list[tuple[str, int]]:
        """Return the numbers of these films, in their order."""
        return self._rows(
            "select film_id, code from (select film_id, row_number() over (order by film_year, film_id) - 1 as code from {film_results}) "
            "where list_contains(?, film_id) order by code",
            [list(film_ids)],
        )

    def films_at(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """Return the films of these numbers, in their order."""
        columns = ("film_id", "title", "film_year", "budget_usd", "revenue_usd", "resonance")
        rows = self._rows(
            "with numbered as (select *, row_number() over (order by film_year, film_id) - 1 as code from {film_results}) "
            "select code, film_id, title, film_year, budget_usd, revenue_usd, resonance from numbered where list_contains(?, code)",
            [list(places)],
        )
        found = {code: dict(zip(columns, row, strict=True)) for code, *row in rows}
        return [found[place] for place in places]

    def _held(self, cache: dict[int, Value], year: int, read: Callable[[int], Value]) -> Value:
        with self._lock:
            if year not in cache:
                cache[year] = read(year)
                for old in list(cache)[:-_KEPT_YEARS]:
                    del cache[old]
            return cache[year]

    def _read_contract(self) -> None:
        rows = self._rows("select head, feature, contract_hash from {feature_contract} order by head, position")
        self.actor_features, self.director_features = (
            tuple(feature for head, feature, _ in rows if head == wanted) for wanted in ("actor", "director")
        )
        self._contract_hash = ",".join(sorted({contract for _, _, contract in rows}))
        self.genres = genres_of(self.actor_features)

    def _read_films(self) -> None:
        """Give films numbers by year and id, people by id: ties are broken by number, so the order is the same in every process."""
        people = self._read_people()
        self._connection.execute(self._sql(
            "create or replace temporary table catalogue_people as "
            "select person_id, row_number() over (order by person_id) - 1 as code from (select distinct person_id from {casts})"
        ))  # fmt: skip
        films = self._arrays(
            "select film_year as year, budget_usd as budget, budget_decile as decile, round(resonance * 1e9) as nano, "
            "people.code as director, [{held}]::integer[] as genres from {film_results} as films "
            "left join catalogue_people as people on films.director_id = people.person_id "
            "order by films.film_year, films.film_id",
            list(self.genres),
            held=", ".join("coalesce(list_contains(films.genres, ?), false)" for _ in self.genres),
        )
        acting, directing = (
            Roles(*self._arrays(
                "select films.code as film, people.code as person from {casts} as casts inner join catalogue_people as people "
                "on casts.person_id = people.person_id inner join "
                "(select film_id, row_number() over (order by film_year, film_id) - 1 as code from {film_results}) as films "
                "on casts.film_id = films.film_id where casts.job = ? order by films.code, casts.bill_order, people.code",
                [job],
            ).values())
            for job in ("cast", "director")
        )  # fmt: skip
        about = self._read_keywords()
        genres = np.array(films["genres"].tolist(), dtype=np.float64).reshape(len(films["year"]), len(self.genres))
        self.films = Filmography(
            films["year"].astype(np.int64), genres, _floats(films["budget"]), _floats(films["decile"]),
            np.nan_to_num(_floats(films["director"]), nan=NOBODY).astype(np.int64), _floats(films["nano"]),
            acting, directing, len(people), about,
        )  # fmt: skip

    def _read_keywords(self) -> Roles:
        """Give keywords numbers in the order of the alphabet, and return which film has which; an export of an earlier release has none."""
        if "keywords" not in self._arrays("from {film_results} limit 0", []):
            self.keywords: dict[str, int] = {}
            return Roles(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        words = self._rows("select distinct unnest(keywords) as keyword from {film_results} order by keyword")
        self.keywords = {word: number for number, (word,) in enumerate(words)}
        numbers = self._arrays(
            "select code as film, dense_rank() over (order by keyword) - 1 as keyword from (select unnest(keywords) as keyword, "
            "row_number() over (order by film_year, film_id) - 1 as code from {film_results}) order by code, keyword",
            [],
        )
        return Roles(*(values.astype(np.int64) for values in numbers.values()))

    def _read_people(self) -> list[tuple[Any, ...]]:
        """Read names, and facts where there are any; return a row for each person."""
        rows = self._rows(
            "select casts.person_id, any_value(casts.person_name), any_value(facts.born_year), any_value(facts.died_year), "
            "any_value(facts.gender), any_value(facts.professions) from {casts} as casts "
            "left join {person_facts} as facts on casts.person_id = facts.person_id group by casts.person_id order by casts.person_id"
            if self._has_facts
            else "select person_id, any_value(person_name), null, null, null, null from {casts} group by person_id order by person_id"
        )
        ids, names, born, died, gender, professions = ([row[place] for row in rows] for place in range(6))
        self.people = People(ids, names, _years(born), _years(died), gender, professions)
        return rows

    def _holds_facts(self) -> bool:
        schema, table = (self._schema, FACTS) if self._schema else ("main", f"catalogue_{FACTS}")
        found = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
        return bool(self._connection.execute(found, [schema, table]).fetchall())

    def _read_past(self, year: int) -> Past:
        actors, directors = (self._read_states(year, job) for job in ("cast", "director"))
        slice_means = {
            (kind, slice_): SliceMean(float(count), float("nan") if mean is None else mean)
            for kind, slice_, count, mean in self._rows(
                "select kind, slice, film_count, resonance_mean from {year_states} where as_of_year = ?", [year]
            )
        }
        return Past(year, self.genres, actors, directors, slice_means, self.films.before(year))

    def _read_states(self, year: int, job: str) -> States:
        columns = self._arrays(
            "select people.code, {columns} from {person_states} as states "
            "inner join catalogue_people as people on states.person_id = people.person_id "
            "where states.as_of_year = ? and states.job = ? order by people.code",
            [year, job],
            columns=", ".join(f"states.{name}" for name in _STATES) + _PACKED,
        )
        codes = columns.pop("code").astype(np.int64)
        return States.of(codes, {name: _floats(values) for name, values in columns.items()}, len(self.people.ids))

    def _read_model(self, run: str, cutoff: int) -> ServedModel:
        stored = {
            (label, name): (bytes(content), checksum)
            for label, name, content, checksum in self._rows(
                "select label, name, content, checksum from {model_artefacts} where model_run_id = ? and "
                "(label = ? and list_contains(?, name) or name = 'casting_head')",
                [run, LABEL, [*HEADS, "director_head", "curves", "training_means", "actor_weights", "serving"]],
            )
        }
        heads = {
            name: artefacts.load_head(*stored[LABEL, name], f"{LABEL}/{name}")
            for name in (*HEADS, "director_head")
            if (LABEL, name) in stored  # what an earlier version published has one head for all briefs
        }
        for name, head in heads.items():
            contract = self.director_features if name == "director_head" else self.actor_features
            if unknown := [name for name in head.features if name not in contract]:
                raise UnusableInputError(
                    f"The model {run} needs the feature {unknown[0]}, which is not published: build and publish again."
                )
        calibrations, cycle, alpha, synergy_weight = artefacts.load_curves(*stored[LABEL, "curves"], f"{LABEL}/curves")
        director_head, weights = heads.pop("director_head"), stored.get((LABEL, "actor_weights"))
        casting, serving = stored.get(("all", "casting_head")), stored.get((LABEL, "serving"))
        return ServedModel(
            run_id=run,
            train_cutoff_year=cutoff,
            heads=heads,
            director_head=director_head,
            casting_head=CastingHead.load(artefacts.checked(*casting, "casting_head")) if casting else None,
            cycle=cycle,
            alpha=alpha,
            synergy_weight=synergy_weight,
            calibrations=calibrations,
            means=artefacts.load_means(*stored[LABEL, "training_means"], f"{LABEL}/training_means"),
            actor_weights=artefacts.load_means(*weights, f"{LABEL}/actor_weights") if weights else {},
            serving=Serving.load(*serving) if serving else Serving(),
            checksums={f"{label}/{name}": checksum for (label, name), (_, checksum) in sorted(stored.items())},
        )

    def _sql(self, query: str, **parts: str) -> str:
        prefix = f"{self._schema}." if self._schema else "catalogue_"
        return query.format(**parts, **{name: f"{prefix}{name}" for name in (*TABLES, FACTS)})

    def _rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(self._sql(query), parameters).fetchall()

    def _arrays(self, query: str, parameters: list[Any], **parts: str) -> dict[str, NDArray[Any]]:
        with self._lock:
            held = self._connection.execute(self._sql(query, **parts), parameters).fetchnumpy()
        return {name: np.asanyarray(values) for name, values in held.items()}


def genres_of(features: Iterable[str]) -> tuple[str, ...]:
    """Return the genres that features are made of, in the order of the contract."""
    found = (re.fullmatch(r"genre_(\w+)_aff", feature) for feature in features)
    return tuple(match.group(1) for match in found if match)


def _years(values: list[int | None]) -> Floats:
    return np.array([np.nan if year is None else year for year in values], dtype=np.float64)


def _floats(values: NDArray[Any]) -> Floats:
    """Return a column as numbers; null is NaN."""
    return np.asarray(np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan))
