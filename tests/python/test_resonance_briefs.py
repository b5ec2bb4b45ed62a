"""A brief means one thing, however it is written, and each mistake in it gets one sentence that says how to mend it."""

import json
from datetime import date
from typing import Any

import pytest
from callsheet.resonance.slates.briefs import FIELDS, Attached, Availability, Brief, BriefVocabulary, Role, parse_brief
from callsheet.runtime.errors import UnusableInputError

KNOWN = BriefVocabulary(
    genres=("action", "comedy", "science_fiction", "thriller"),
    first_year=1990,
    last_year=2010,
    actors={"a1": "Zoë Müller", "a2": "John Smith", "a3": "John Smith", "a4": "Ida Lang", "a5": "Max Kern"},
    directors={"d1": "Ava Stone", "a4": "Ida Lang"},
)
PLAIN: dict[str, Any] = {"year": "2006", "budget": "20", "genres": "Action,Thriller"}


def test_a_plain_brief_has_the_defaults_of_the_house() -> None:
    assert parse_brief(PLAIN, KNOWN) == Brief(2006, 20_000_000.0, ("action", "thriller"), label="2006 action thriller 20m")
    assert parse_brief(PLAIN, KNOWN).roles_to_fill == (Role("lead", 1),)


def test_every_field_is_read_and_written_back_to_the_same_brief() -> None:
    full = PLAIN | {
        "label": " The  Heist ",
        "genres": "science-fiction | ACTION",
        "roles": "Hero:1, Villain: The Boss:2",
        "director": "ava stone",
        "top": "5",
        "use_cycle": "no",
        "calibrate": False,
        "use_penalties": "FALSE",
        "use_diversity": 0,
        "alpha": "0.7",
        "synergy_weight": 0.25,
        "min_credits": "2",
        "max_credits": 40,
        "active_within_years": 6,
        "actor_genres": "thriller",
        "must_have": "zoe muller",
        "excluded": ["a2"],
        "availability": [{"person": "Max Kern", "free_from": "2006-03-01", "exclusive_to": "Globe", "fee_usd": "1.5e6"}],
        "shoot_from": "2006-04-01",
        "shoot_to": "2006-06-30",
        "studio": "Globe",
        "max_total_fee": "3",
        "min_age": "30",
        "max_age": 45,
        "gender": "Female",
        "include_dead": "yes",
        "keywords": "Road  Trip, heist",
        "attached": ["Max Kern: The Mentor "],
    }
    assert set(full) == set(FIELDS) - {"bill_order", "debut_director"}  # a brief has roles or a bill order, a director or a debut
    brief = parse_brief(full, KNOWN)
    assert (brief.label, brief.genres, brief.director, brief.top) == ("The Heist", ("action", "science_fiction"), "d1", 5)
    assert brief.roles == brief.roles_to_fill == (Role("Hero", 1), Role("Villain: The Boss", 2))
    assert (brief.keywords, brief.attached) == (("heist", "road trip"), (Attached("a5", "The Mentor"),))
    assert not (brief.use_cycle or brief.calibrate or brief.use_penalties or brief.use_diversity)
    assert (brief.alpha, brief.synergy_weight) == (0.7, 0.25)
    filters = brief.filters
    assert (filters.min_age, filters.max_age, filters.gender, filters.include_dead) == (30, 45, "female", True)
    assert (filters.must_have, filters.excluded, filters.max_total_fee_usd) == (("a1",), ("a2",), 3_000_000.0)
    assert filters.availability == (Availability("a5", date(2006, 3, 1), None, "Globe", 1_500_000.0),)
    assert Brief.from_json(brief.to_json(), KNOWN) == brief
    assert Brief.from_json(json.dumps({"brief": brief.fields(), "slate": []}), KNOWN) == brief


def test_a_bill_order_beside_roles_is_a_role_of_its_own() -> None:
    def roles(**fields: Any) -> tuple[Role, ...]:
        return parse_brief(PLAIN | fields, KNOWN).roles_to_fill

    assert roles(bill_order=3) == (Role("billing 3", 3),)
    assert roles(bill_order=1, roles="Villain:2") == (Role("lead", 1), Role("Villain", 2))
    assert roles(bill_order=2, roles="Villain:2") == (Role("Villain", 2),)
    assert roles(roles=[{"name": "Villain", "bill_order": 2}]) == (Role("Villain", 2),)


@pytest.mark.parametrize(
    ("line", "asked", "obstacle"),
    [
        ({}, {}, None),
        ({"free_from": "2006-12-31"}, {}, None),
        ({"free_from": "2007-01-01"}, {}, "not free before 2007-01-01"),
        ({"free_to": "2006-01-01"}, {}, None),
        ({"free_to": "2005-12-31"}, {}, "not free after 2005-12-31"),
        ({"free_from": "2006-05-02"}, {"shoot_from": "2006-05-01"}, "not free before 2006-05-02"),
        ({"free_to": "2006-06-29"}, {"shoot_from": "2006-05-01", "shoot_to": "2006-06-30"}, "not free after 2006-06-29"),
        ({"free_from": "2006-05-01", "free_to": "2006-06-30"}, {"shoot_from": "2006-05-01", "shoot_to": "2006-06-30"}, None),
        ({"exclusive_to": "Globe"}, {}, "under contract to Globe"),
        ({"exclusive_to": "Globe"}, {"studio": "other"}, "under contract to Globe"),
        ({"exclusive_to": "Globe"}, {"studio": "GLOBE "}, None),
    ],
)
def test_who_is_free(line: dict[str, str], asked: dict[str, str], obstacle: str | None) -> None:
    brief = parse_brief(PLAIN | asked | {"availability": [{"person": "a1", "fee_usd": 5} | line]}, KNOWN)
    assert brief.obstacle("a1") == obstacle
    assert brief.obstacle("a5") is None
    assert (brief.fee("a1"), brief.fee("a5")) == (5.0, None)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"year": None}, "The brief has no year: give one from 1990 to 2010."),
        ({"year": "soon"}, "year 'soon' is no whole number: give one from 1990 to 2010."),
        ({"year": 2006.5}, "year 2006.5 is no whole number"),
        ({"year": True}, "year True is no whole number"),
        ({"year": 1989}, "year 1989 is out of range: give one from 1990 to 2010."),
        ({"year": 2011}, "year 2011 is out of range"),
        ({"budget": 0}, "budget 0 is out of range: give millions of US dollars, from 0.001 to 2000."),
        ({"budget": "-3"}, "budget -3 is out of range"),
        ({"budget": 20_000_000}, "budget 20000000 is out of range: give millions of US dollars"),
        ({"budget": "much"}, "budget 'much' is no number: give millions of US dollars"),
        ({"budget": "nan"}, "budget 'nan' is no number"),
        ({"genres": ""}, "The brief has no genres: give one or more of action, comedy, science_fiction, thriller."),
        ({"genres": "Acton"}, "There is no genre 'Acton': did you mean action."),
        ({"genres": "xyz"}, "There is no genre 'xyz': did you mean action, comedy, science_fiction or thriller."),
        ({"genres": 5}, "genres 5 is no list: part its items by commas."),
        ({"bill_order": 0}, "bill_order 0 is out of range: give one from 1 to 100."),
        ({"roles": "Villain"}, "The role 'Villain' is not NAME:BILL: write it as Villain:2."),
        ({"roles": "Villain:x"}, "bill order of Villain 'x' is no whole number"),
        ({"roles": "Villain:0"}, "bill order of Villain 0 is out of range"),
        ({"roles": "A:1,A:2"}, "Two roles are called 'A': give each a name of its own."),
        ({"director": "Ava Ston"}, "There is no director 'Ava Ston' in the data: did you mean Ava Stone."),
        ({"director": "Qqqq"}, "There is no director 'Qqqq' in the data: no name is near; 2 directors are known."),
        ({"top": 0}, "top 0 is out of range: give one from 1 to 500."),
        ({"alpha": 1.5}, "alpha 1.5 is out of range: give a share of the era cycle, from 0 to 1."),
        ({"synergy_weight": "big"}, "synergy_weight 'big' is no number"),
        ({"use_cycle": "maybe"}, "use_cycle 'maybe' is neither true nor false: write one of them."),
        ({"must_have": "John Smith"}, "2 of the actors are called 'John Smith': name one by id, a2 or a3."),
        ({"must_have": "a1", "excluded": "a1"}, "Zoë Müller is both in must_have and in excluded: take one of them away."),
        ({"must_have": "a1,a2", "top": 1}, "must_have names 2 actors, top is 1: raise top, or name fewer."),
        (
            {"must_have": "a1", "availability": [{"person": "a1", "free_to": "2005-01-01"}]},
            "Zoë Müller is in must_have, and not free after",
        ),
        ({"excluded": "Ida Lange"}, "There is no actor 'Ida Lange' in the data: did you mean Ida Lang."),
        ({"min_credits": 5, "max_credits": 2}, "min_credits 5 is above max_credits 2: nobody fits both."),
        ({"active_within_years": 0}, "active_within_years 0 is out of range"),
        ({"min_age": 50, "max_age": 30}, "min_age 50 is above max_age 30: nobody fits both."),
        ({"max_age": 130}, "max_age 130 is out of range: give one from 0 to 120."),
        ({"gender": "women"}, "gender 'women' is not in the data: write female, male or non-binary."),
        ({"actor_genres": "opera"}, "There is no genre 'opera'"),
        ({"shoot_from": "May"}, "shoot_from 'May' is no day: write it as YYYY-MM-DD."),
        ({"shoot_from": "2006-05-01", "shoot_to": "2006-04-01"}, "shoot_from 2006-05-01 is after shoot_to 2006-04-01: turn them round."),
        ({"availability": [{"free_from": "2006-01-01"}]}, "names no person"),
        ({"availability": [{"person": "a1"}, {"person": "Zoe Muller"}]}, "availability names 'Zoe Muller' twice"),
        ({"availability": [{"person": "a1", "fee_usd": -1}]}, "fee_usd -1 is out of range"),
        ({"max_total_fee": 0}, "max_total_fee 0 is out of range"),
        ({"genre": "Action"}, "A brief has no field 'genre': did you mean genres"),
    ],
)
def test_each_mistake_gets_one_sentence(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnusableInputError) as error:
        parse_brief(PLAIN | fields, KNOWN)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "The brief is no JSON: Expecting property name"), ("[1]", "The brief is no JSON object")]
)
def test_a_text_that_is_no_brief_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UnusableInputError, match=sentence):
        Brief.from_json(text, KNOWN)
