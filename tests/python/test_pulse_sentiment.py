"""Sentiment: what TextBlob says, to the last bit, whoever scores and in however many processes."""

import random
from collections.abc import Iterator

import pytest
from callsheet.pulse.sentiment import model_version, score
from textblob import TextBlob

WORDS = """
    seeking a an the lead role for our new commercial film wonderful terrible great awful nice not never very extremely
    quite really no isn't wasn't friendly crew paid unpaid deferred beautiful ugly villain hero loving hateful best
    worst easy hard stunt dancing robot android AI strong confident shy happy sad angry energetic boring good bad
    amazing horrible cool fine perfect sexy mean kind young old funny serious
"""
MARKS = [
    " ",
    " ",
    " ",
    ", ",
    ". ",
    "! ",
    "!!! ",
    "? ",
    "... ",
    " - ",
    "\n",
    " :) ",
    " :( ",
    " 😀 ",
    "\u2019s ",
    "; ",
    " (",
    ") ",
    '" ',
    " / ",
]
ODD = [
    "", " ", "\n\n", "!", "not", "very", "not very good", "NOT GOOD", "Not bad at all!", "n't", "isn't isn't isn't", "\x00",
    "\u2028", "é" * 50, "naïve café façade", "ŚWIETNY", "优秀的演员", "😀😭👍🏽", "http://example.com/great", "a@b.example", "5/5 stars",
    "100% great", "so-so", "<b>great</b>",
    "great" * 3_000, "very " * 2_000 + "good", "'" * 99, "don\u2019t", "ok.ok.ok", "U.S.A. is great.", "great\r\nawful",
]  # fmt: skip


def texts(count: int) -> Iterator[str]:
    """Yield texts of 1 to 60 words with marks of every kind, odd ones first."""
    yield from ODD
    chance = random.Random(17)
    for _ in range(count - len(ODD)):
        words = chance.choices(WORDS.split(), k=chance.randint(1, 60))
        yield "".join(chance.choice([word, word.upper(), word.title(), word]) + chance.choice(MARKS) for word in words)


@pytest.fixture(scope="module")
def varied() -> list[str]:
    return list(texts(10_000))


@pytest.mark.long
def test_textblob_scores_are_textblobs_own(varied: list[str]) -> None:
    scores = score(varied, processes=1)
    assert scores == [TextBlob(text).sentiment.polarity for text in varied]
    assert len(set(scores)) > 1_000


@pytest.mark.long
def test_two_processes_give_the_same_bits_in_the_same_order(varied: list[str]) -> None:
    assert score(varied[:5_000], processes=2) == score(varied[:5_000], processes=1)


def test_a_model_has_the_version_of_its_library() -> None:
    assert model_version("textblob") == "0.20.1"
