"""Repair of damaged industry labels: only where exactly one known industry fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs.percentiles.labels import repair_label

INDUSTRIES = ["Automotive", "Beauty", "Entertainment", "Food & Drink", "Luxury", "Tech", "Tact"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Beauty", "Beauty"),
        ("beauty", "Beauty"),
        ("BEAUTY", "Beauty"),
        ("  Beauty\t", "Beauty"),
        ("food  &   drink", "Food & Drink"),
        ("BXXXty", "Beauty"),  # three letters for three
        ("BeXty", None),  # one letter for two: too short
        ("BeXXuty", "Beauty"),  # two X for one letter
        ("Be**ty", "Beauty"),
        ("Bea?ty", "Beauty"),
        ("Bea???ty", "Beauty"),  # a longer mask for one letter
        ("Bea????y", None),  # four letters or one: neither fits
        ("Luxury", "Luxury"),  # a genuine x
        ("LUXURY", "Luxury"),
        ("LuXXry", "Luxury"),  # the run swallowed the genuine x
        ("L?xury", "Luxury"),
        ("LXXXXX", "Luxury"),
        ("T?ch", "Tech"),
        ("T??h", "Tech"),  # Tact ends otherwise
        ("T?*?", None),  # a run of three: T + three letters fits Tech and Tact
        ("TXct", "Tact"),
        ("XXXX", None),  # both four-letter names fit
        ("X", None),
        ("Food & DXXXk", "Food & Drink"),
        ("Food X Drink", None),  # a mask stands for letters, not for &
        ("Enter*nment", None),
        ("EntXrtXXnment", "Entertainment"),  # runs of different lengths
        ("EntXXrtXXnment", "Entertainment"),  # the first stands for one letter, the second for two
        ("(.*)", None),  # regular expressions mean nothing here
        ("Beau[t]y", None),
        ("Unheard of", None),
        ("", None),
        (None, None),
    ],
)
def test_label_is_repaired_when_exactly_one_industry_fits(label: str | None, expected: str | None) -> None:
    assert repair_label(label, INDUSTRIES) == expected


def test_an_exact_name_wins_over_one_that_is_only_like_it() -> None:
    assert repair_label("ART", ["Art", "ART"]) == "ART"
    assert repair_label("art", ["Art", "ART"]) is None


@given(st.sampled_from(INDUSTRIES), st.data())
def test_a_mask_as_long_as_what_it_hides_never_leads_to_another_industry(industry: str, data: st.DataObject) -> None:
    letters = [position for position, letter in enumerate(industry) if letter.isalpha()]
    hidden = data.draw(st.sets(st.sampled_from(letters)))
    mask = data.draw(st.sampled_from("X*?x"))
    label = "".join(mask if position in hidden else letter for position, letter in enumerate(industry))
    assert repair_label(label, INDUSTRIES) in (industry, None)


@given(st.text())
def test_any_text_is_taken_without_an_error(label: str) -> None:
    assert repair_label(label, INDUSTRIES) in (None, *INDUSTRIES)
