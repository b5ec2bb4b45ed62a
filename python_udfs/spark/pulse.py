"""The Python functions that pulse's models call, as SQL functions of a Spark session."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql.functions import pandas_udf, udf

from python_udfs.pulse.noise import Noise
from python_udfs.pulse.rates import parse_rate
from python_udfs.pulse.sentiment import model_version, scorer

_RATE = ["rate_day_usd", "rate_reason", "rate_basis", "is_bare_dollar"]


def register(session: SparkSession, home: Path | None) -> None:
    """Register every function with its type. `home` holds the key of the noise, which travels inside the function; None: nothing is released."""
    session.udf.register("folded_text", pandas_udf(folded_texts, "string"))
    session.udf.register("parse_rate", pandas_udf(_rates, "rate_day_usd double, rate_reason string, rate_basis string, is_bare_dollar boolean"))
    session.udf.register("score_text", pandas_udf(_polarities, "double"))
    session.udf.register("sentiment_version", udf(model_version, "string"))
    session.udf.register("time_of_form", udf(time_of_form, "timestamp_ntz"))
    if home is not None:
        noise = Noise(home)
        noise.key_id()  # reads the key here: no worker needs its file
        session.udf.register("pulse_key_id", udf(noise.key_id, "string"))
        session.udf.register("pulse_noise", udf(noise.draw, "double"))


def folded_text(text: str) -> str:
    """Return the text without accents and in lower case, letter by letter, as DuckDB's lower(strip_accents(text))."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.category(letter).startswith("M"))
    return "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in unicodedata.normalize("NFC", bare))


def folded_texts(texts: pd.Series) -> pd.Series:
    """Fold a batch."""
    return texts.map(folded_text, na_action="ignore")


def time_of_form(text: str | None, form: str) -> datetime | None:
    """Return the moment (UTC) that a text of the form stands for, None where it is not of it."""
    try:
        moment = datetime.strptime(text or "", form)  # noqa: DTZ007 - without an offset it is UTC
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _rates(texts: pd.Series, limits: pd.Series) -> pd.DataFrame:
    return pd.DataFrame([parse_rate(text, limit) for text, limit in zip(texts, limits, strict=True)], columns=_RATE)


@cache
def _scorer(model: str) -> Callable[[str], float]:
    return scorer(model)


def _polarities(texts: pd.Series, models: pd.Series) -> pd.Series:
    return pd.Series([_scorer(model)(text) for text, model in zip(texts, models, strict=True)], dtype=float)

