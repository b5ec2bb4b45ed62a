"""Repair of damaged industry labels: only where exactly one known industry fits."""

import pytest
from callsheet.percentiles.labels import repair_label
from hypothesis import given
from hypothesis import strategies as st

INDUSTRIES = ["Cars", "Clothing", "Food", "Hair care", "Food & Drink", "Luxury", "Tech", "Tact"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Clothing", "Clothing"),
        ("clothing", "Clothing"),
        ("CLOTHING ", "Clothing"),
        ("  Clothing\t", "Clothing"),
        ("hair  care", "Hair care"),
        ("food  &   drink", "Food & Drink"),
        ("haircare", "Hair care"),
        ("Hair-Care", "Hair care"),
        ("HAIR_CARE", "Hair care"),
        ("hair\u2011care", "Hair care"),  # a hyphen that does not break
        ("haXXcare", "Hair care"),
        ("haiX X-are", "Hair care"),  # two runs of one letter each, whatever stands between them
        ("cXXXXing", "Clothing"),  # four letters for four
        ("c*****g", None),  # c and g with five letters or one between them; Clothing has six
        ("c******g", "Clothing"),
        ("CXng", None),  # one letter for five: too short
        ("CloXXhing", "Clothing"),  # two X for one letter
        ("Clo**ing", "Clothing"),
        ("Clo?hing", "Clothing"),
        ("Clo???hing", "Clothing"),  # a longer mask for one letter
        ("Clo?????g", None),  # five letters or one: neither fits
        ("HXXX care", "Hair care"),
        ("h*** c**e", "Hair care"),
        ("Luxury", "Luxury"),  # a genuine x
        ("LUXURY", "Luxury"),
        ("LuXXry", "Luxury"),  # the run swallowed the genuine x
        ("L?xury", "Luxury"),
        ("LXXXXX", "Luxury"),
        ("T?ch", "Tech"),
        ("T??h", "Tech"),  # Tact ends otherwise
        ("T?*?", None),  # a run of three: T + three letters fits Tech and Tact
        ("TXct", "Tact"),
        ("XXXX", None),  # four names of four letters fit
        ("X", None),
        ("FXXd", "Food"),
        ("Food & DXXXk", "Food & Drink"),
        ("Food X Drink", None),  # a mask stands for letters, not for &
        ("Clot*g", None),
        ("CXothXXg", "Clothing"),  # runs of different lengths
        ("CXXothXXg", "Clothing"),  # the first stands for one letter, the second for two
        ("(.*)", None),  # regular expressions mean nothing here
        ("Clot[h]ing", None),
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
    assert repair_label("hair care", ["Hair care", "Haircare"]) == "Hair care"
    assert repair_label("hair-care", ["Hair care", "Haircare"]) is None


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
