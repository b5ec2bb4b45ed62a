"""Free text to a USD day rate, or the reason why it holds none.

The first token of money is the rate; what it is for is read from the words around it. Nothing is guessed: a figure without
a sign counts only where the text says that it is pay, and what may be read in two ways is `ambiguous`.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

HOURS_A_DAY, DAYS_A_WEEK = 8, 5  # a shift and a working week, as the trade counts them
THOUSAND, BUDGET = 1_000, 10_000  # from so much on, a figure beside the word film or budget is no day's pay

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_COUNT = rf"(?P<count>\d+(?:\.\d+)?|{'|'.join(_WORDS)})"
_KIND = r"(?:full\s|half\s|shoot\s|shooting\s|filming\s|work\s|consecutive\s|total\s)?"
# A sum is divided by the days or performances that it is for.
_SUM_FOR = re.compile(
    rf"\b{_COUNT}[ -]?{_KIND}(?P<noun>days?|weeks?|performances?|shows?|gigs?|concerts?)\b(?!\s?(?:of\s)?(?:rehearsals?|notice|before|prior|ago|later))"
)
_TOTAL = re.compile(r"\b(?:total|totals|totalling|altogether|in all|flat|lump sum|package|for)\b|\(")
# Thousands in groups after a comma, an apostrophe, a blank or a point; then cents. Else plain digits, with cents after a point or a comma.
_NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:'\d{3})+|\d{1,3}(?: \d{3})+)(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d{1,3}(?:\.\d{3})+,\d\d(?!\d)|"
    r"\d+,\d{1,2}(?=\s?k\b)|\d+,\d\d(?![\d,])|\d+(?:\.\d+)?|\.\d+"
)
_THREE_DIGITS = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # 1.250 is 1250, but 46.875 an hour is cents
_CODES = (
    r"cad|cdn|aud|nzd|gbp|eur|mxn|jpy|inr|chf|sek|nok|dkk|zar|brl|hkd|sgd|pln|czk|huf|thb|aed|ils|krw|cny|rmb|clp|ars|php|ngn|kes|egp|myr|idr|"
    r"canadian|australian"
)
_FOREIGN = (
    rf"(?<![a-z])(?:(?:{_CODES})\s?\$?|(?:ca|c|can|au|a|nz|mx|r|hk|s|nt)\s?\$|"
    r"rs\.?|r(?=\s?\d)|euros?|pounds?|quid|pesos?|yen|rupees?|rand|kron(?:a|or|er)|kr|francs?|reais|dirhams?|shekels?|zloty|baht)|[£€¥₹₩₽₪₺₫฿]"
)
_HOME = r"us\s?\$|usd\s?\$?|\$\s?usd|\$"
_HOME_AFTER = r"usd|u\.?s\.? dollars?|dollars?|bucks|\$"
_AMOUNT = re.compile(
    rf"(?P<minus>-\s?)?(?:(?P<foreign>{_FOREIGN})\s?|(?P<home>{_HOME})\s?)?(?P<minus2>-)?(?P<number>{_NUMBER})(?P<k>\s?k\b)?(?P<millions>m\b(?!/)|\s?(?:mm|mil|mio|millions?)\b)?"
    rf"(?!\d)\s?(?:(?P<foreign_after>(?:{_FOREIGN})(?![a-z]))|(?P<home_after>(?:{_HOME_AFTER})(?![a-z\d])))?"
)
_RANGE = re.compile(
    rf"\s?(?:/\s?(?:hr|hour|day|wk|week)\s?)?(?:-|to|and|up to|thru|through)\s?(?P<home>{_HOME})?\s?(?P<number>{_NUMBER})(?P<k>\s?k\b)?(?!\d)(?!\s?%)(?!\s?{_KIND}(?:days?|performances?|shows?)\b)"
)
# A figure for the whole film, not for one day of one person.
_BUDGET_BEFORE = re.compile(r"\b(?:budget|feature|film)\b(?:\s(?:is|of|under|up to|around|approx\.?))?\s?[:=(-]?\s?$")
_BUDGET_AFTER = re.compile(
    r"^\s?-?(?:(?:ultra |micro |low |production |total |sag )*budget|(?:indie |independent |sag )*(?:feature|film|movie|production|short|pilot))\b"
)
_FOREIGN_TEXT = re.compile(
    rf"\b(?:{_CODES.removesuffix('|canadian|australian')}|(?:canadian|australian) (?:dollars?|funds))\b|(?:canadian|australian)(?:[),.;]|$)"
)
_HOME_TEXT = re.compile(r"\busd\b|\bus\s?(?:\$|dollars?)|\bamerican dollars?")
_BROKEN = re.compile(r"[.,']\d")
_OTHER = re.compile(rf"\s?(?:or|/)\s?(?:{_HOME})\s?\d")
_FULL_OR_HALF = re.compile(r"\b(?P<full>full)[ -]?day|\bhalf(?:[ -]?day)?\b")
_TIME_NOUN = re.compile(r"\s?-?\s?(?:hrs?|hours?|h|days?|weeks?|wks?|min|minutes?|people|roles?|am|pm|yrs?|years?)\b(?!\s?rate)")
# What the figure is per, the first one counts.
_EACH = r"(?:/|\bper\b|\ban?\b|\beach\b|\bp/)\s?(?:each\s)?"
_UNITS = [
    ("per_unit", rf"{_EACH}(?:finished hour|fin\.? hr|pfh|words?|pages?|miles?|mi|looks?|images?|photos?|posts?|videos?|lines?|songs?|tracks?|"
                 r"episodes?|eps?|minutes?|mins?|scripts?|spots?|tags?|units?|pieces?|tickets?|class|classes|chapters?|outfits?|person|head|"
                 r"scenes?|reels?|clips?|takes?|shows?|performances?|perfs?|gigs?|games?|concerts?|rehearsals?|fittings?)\b|\bpfh\b|\bper finished\b"),
    ("half_day", rf"(?:{_EACH}|\bfor (?:a )?)?half[ -](?:a )?days?\b"),
    ("session", rf"{_EACH}(?:session|sess|shoot|appearance)\b"),
    ("shift", rf"(?:/|\bper\b|\bfor\b|@|\ba\b)\s?(?:an?\s|up to\s|each\s)?{_COUNT}[ -]?(?:hours?|hrs?|h)\b|/\s?(?P<bare>\d{{1,2}})\b(?![/\d.]|\s?(?:days?|weeks?|wks?)\b)"),
    ("period", rf"{_EACH}(?:months?|mo|mth|years?|yr|annum|season|quarter|weekend|fortnight|two weeks|2 weeks|run|cycle)\b|"
               r"\b(?:monthly|annually|annual|yearly|biweekly|bi-weekly|fortnightly|a year|salary)\b"),
    ("weeks", rf"(?:/|\bfor\b|\bover\b)\s?{_COUNT}[ -]?(?:weeks?|wks?)\b"),
    ("days", rf"(?:/|\bfor\b|\bover\b)\s?(?:an?\s|all\s|a total of\s)?{_COUNT}[ -]?{_KIND}days?\b"),
    ("hour", rf"{_EACH}(?:hours?|hrs?|hr\.|h)\b|\bhourly\b|\bp\.?h\.?\b|\ban hour\b"),
    ("week", rf"{_EACH}(?:weeks?|wks?|wk\.|w)\b|\bweekly\b|\bp\.?w\.?\b"),
    ("day", rf"{_EACH}(?:days?|d|shoot day|shooting day|work day|diem rate|night|date|shift)\b|\bdaily\b|\bday[ -]?rate\b|\bp\.?d\.?\b|\bday\b"),
    ("session", r"\bsession\b"),
    ("flat", r"\b(?:flat|all[ -]?in|total|honorarium|stipend|lump sum)\b"),
    ("buyout", r"\b(?:buy[ -]?out|usage|license|licence)\b"),
    ("project", r"(?:/|\bper\b|\bfor the\b)\s?(?:project|film|job|production|role)\b|\bproject (?:fee|rate)\b"),
]  # fmt: skip
_UNITS_RE = [(name, re.compile(pattern)) for name, pattern in _UNITS]

_EXPENSE = (
    r"gas|mileage|milage|travel|parking|wardrobe|fitting|fuel|transport(?:ation)?|uber|lyft|taxi|kit|per diem|perdiem|meals?|lunch|food|"
    r"lodging|hotel|toll|tolls|reimbursement|expenses?|props?|car|rehearsals?|ot|overtime"
)
_EXPENSE_AFTER = re.compile(
    rf"^\s?(?:/day\s|per day\s|a day\s|/hr\s|/hour\s|per hour\s|an hour\s|flat\s|towards?\s|in\s|for\s|of\s|extra\s)?(?:{_EXPENSE})\b"
)
_EXPENSE_BEFORE = re.compile(rf"\b(?:{_EXPENSE})(?:\s(?:money|stipend|allowance|reimbursement|bump|fee|up to|of))*\s?[:=-]?\s?$")
_UPPER = re.compile(
    r"\b(?:up to|upto|max|maximum|maximum of|no more than|not more than|not to exceed|no higher than|at most|as much as|under|less than|<|capped at|cap)\s?(?:of\s)?[:=]?\s?$|[<≤]\s?$"
)
_UPPER_AFTER = re.compile(r"^\s?(?:max|maximum|cap|or less|tops)\b")
_PAY_BEFORE = re.compile(
    r"(?:\b(?:rate|rates|pay|pays|paid|paying|fee|salary|wage|compensation|budget|offer|offering|flat|buyout|session|day|daily|hourly|weekly)\b(?:\s(?:is|of|rate))?|@)\s?[:=-]?\s?(?:of\s)?$"
)
_MULTIPLY = re.compile(rf"\b{_COUNT}\s?(?:full\s|shoot\s)?(?:days?|hours?|hrs?|weeks?)\s?(?:@|at|x)\s?$")

_REASONS = [
    ("deferred", r"\bdeferr?(?:ed|al|ment)\b"),
    ("contingent", r"\b(?:contingent|contingency|pending funding|if (?:selected|sold|picked up|aired|airs|it airs|funded|booked|we|the|used|distributed|it)|"
                   r"up?on (?:sale|distribution|funding|pickup)|profit[ -]?shar\w*|back[ -]?end|points|percentage|share of|revenue share|royalt(?:y|ies)|% of|equity share|when sold|prize)\b|% of\b"),
    ("unpaid", r"\b(?:unpaid|un-paid|no[ -]?pay(?:ment)?|non[ -]?paid|not paid|no compensation|no monetary|volunteer|pro bono|for free|no fee|"
               r"copy|credit|imdb|demo reel|footage|exposure|tfp|trade for|trade|reel only|no rate|no money|free)\b"),
    ("union_scale", r"\b(?:scale|sag|sag-aftra|sagaftra|aftra|aea|actra|ubcp|equity|union (?:rate|minimum|day)|ulb|upa|mpa|low budget agreement|minimums?|new media agreement)\b"),
    ("expenses_only", rf"\b(?:{_EXPENSE}|stipend|snacks|craft services|crafty|housing|accommodation)\b"),
    ("tbd", r"\b(?:t\.?b\.?[acdn]|to be (?:determined|announced|discussed|negotiated|confirmed)|negotiable|neg|nego|doe|d\.o\.e|depends|dependent|depending|"
            r"varies|variable|various|open|inquire|enquire|ask|discuss(?:ed)?|request|competitive|commensurate|see (?:notes|breakdown|description)|undetermined|not (?:yet )?(?:set|specified)|unknown|n/a|pending)\b"),
]  # fmt: skip
_REASONS_RE = [(name, re.compile(pattern)) for name, pattern in _REASONS]
_NO_DAYS = {"per_unit": "per_unit", "period": "period_unsupported", "ambiguous": "ambiguous"}  # units that no day can be made of
_CLAUSE_END = re.compile(r"\+|;|\||\bplus\b|\band\b(?!\s?\$?\d)|,(?!\d{3}\b)|\(|\n")
_PLUS = re.compile(r"\+|;|\bplus\b")
_NOT_MONEY = re.compile(
    r"\b\d{1,2}/\d{1,2}(?:/\d{2,4})\b|\b\d{1,2}/\d{1,2}\s?(?:-|to|and|&|through|thru)\s?\d{1,2}/\d{1,2}\b|\b(?:shoots?|shooting|on|from|starts?|starting|dates?|wraps?|films?|filming|by):?\s\d{1,2}/\d{1,2}(?:\s?(?:-|to|and|&|through|thru)\s?\d{1,2}/\d{1,2})?\b|\b\d{4}-\d{2}-\d{2}\b|(?:\+?1[ .-])?\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|\+?\b\d+(?:\.\d+)?\s?%|(?<![$£€/\d,.])(?<![$£€] )(?<!\b(?:usd|gbp|cad|eur) )\b\d+\s?\+(?=\s|$|,)"
)
_TOKEN_SIGNS = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "\t": " ", "＄": "$", "﹩": "$", "’": "'", "~": " "}
)


@dataclass(frozen=True)
class Rate:
    """What a text says of pay: exactly one of `rate_day_usd` and `rate_reason` is set."""

    rate_day_usd: float | None = None
    rate_reason: str | None = None
    rate_basis: str | None = None
    is_bare_dollar: bool = False


def parse_rate(text: str | None, limit: float) -> dict[str, Any]:
    """Read one text; `limit` is the largest USD day rate that is believed."""
    return asdict(_read(text, limit))


def _read(text: str | None, limit: float) -> Rate:
    if text is None or not text.strip():
        return Rate(rate_reason="missing")
    plain = re.sub(r"\s+", " ", text.lower().translate(_TOKEN_SIGNS)).strip()
    if re.fullmatch(rf"[+-]?(?:{_NUMBER})", plain):
        if _THREE_DIGITS.fullmatch(plain):
            return Rate(rate_reason="ambiguous")  # 1.250 is a thousand in one country and one in another
        return _bounded(_figure(plain, None), "day", limit, is_bare_dollar=False)
    hidden = _NOT_MONEY.sub(lambda match: "#" * len(match.group()), plain)
    amounts, saw_expense = _amounts(hidden)
    if amounts:
        return _chosen(amounts, hidden, limit)
    reasons = (reason for reason, pattern in _REASONS_RE if pattern.search(plain))
    return Rate(rate_reason=next(reasons, "expenses_only" if saw_expense else "no_amount"))


def _chosen(amounts: list[re.Match[str]], text: str, limit: float) -> Rate:
    """Return the first amount, unless another one is said to be the day's."""
    first = _judged(_full_day(text, amounts) or amounts[0], text, limit)
    days = [rate for one in amounts[1:] if (rate := _judged(one, text, limit)).rate_basis == "day"]
    if days and first.rate_basis == "buyout":
        return days[0]  # what is paid for the use is not the day's pay
    return Rate(rate_reason="ambiguous") if days and first.rate_basis in ("flat", "project") else first  # $600 total ($200/day)


def _amounts(text: str) -> tuple[list[re.Match[str]], bool]:
    """Return the amounts of pay in a text, and whether it holds one for expenses. A budget is neither."""
    found, saw_expense = [], False
    for amount in _AMOUNT.finditer(text):
        before, after = text[: amount.start()], text[amount.end() :]
        has_sign = bool(amount["foreign"] or amount["home"] or amount["foreign_after"] or amount["home_after"])
        is_glued = text[amount.end("k") if amount["k"] else amount.end("number") :][:1].isalpha()
        if _is_budget(amount, before, after) or (not has_sign and (is_glued or not _is_pay(before, after, amount))):
            continue
        if _EXPENSE_AFTER.search(after) or _EXPENSE_BEFORE.search(before):
            saw_expense = True
            continue
        found.append(amount)
    return found, saw_expense


def _is_budget(amount: re.Match[str], before: str, after: str) -> bool:
    if amount["millions"]:
        return True
    return _figure(amount["number"], amount["k"]) >= BUDGET and bool(_BUDGET_BEFORE.search(before) or _BUDGET_AFTER.search(after))


def _full_day(text: str, amounts: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the amount for a full day where the text tells it from that for half a day."""
    labels = list(_FULL_OR_HALF.finditer(text))
    if {bool(label["full"]) for label in labels} != {True, False}:
        return None
    leads = labels[0].start() < amounts[0].start()  # the words stand before their amounts, or after them
    ends = [0, *(amount.end() for amount in amounts), len(text)]
    starts = [*(amount.start() for amount in amounts), len(text)]
    for number, amount in enumerate(amounts):
        words = text[ends[number] : starts[number]] if leads else text[ends[number + 1] : starts[number + 1]]
        if any(label["full"] for label in _FULL_OR_HALF.finditer(words)):
            return amount
    return None


def _is_pay(before: str, after: str, amount: re.Match[str]) -> bool:
    """Say whether a figure without a sign is money: the text is nothing else, or it has a unit of pay, or a word of pay before it."""
    if before and (before[-1].isalnum() or before[-1] in "#$/."):
        return False
    if amount["k"]:
        return True
    if _TIME_NOUN.match(after) and not _RANGE.match(after):
        return False
    number = _figure(amount["number"], None)
    head = _CLAUSE_END.split(after)[0]
    span = _RANGE.match(head)
    rest = head[span.end() :] if span else head
    if not before.strip() and not rest.strip(" .!*)"):
        return True
    unit = min((m.start() for _, p in _UNITS_RE if (m := p.search(rest))), default=None)
    if unit is not None and unit <= 1 and number >= 5:  # noqa: PLR2004 - 2 days is no pay of 2
        return True
    return bool(_PAY_BEFORE.search(before)) and number >= 5  # noqa: PLR2004


def _judged(amount: re.Match[str], text: str, limit: float) -> Rate:
    before, after = text[: amount.start()], text[amount.end() :]
    signs = (amount["home"] or "") + (amount["home_after"] or "")
    is_bare = "us" not in signs and "$" in signs
    figures, rest = _figures(amount, after)
    if reason := _reason_beside(amount, text, rest, is_bare=is_bare, is_range=len(figures) > 1):
        return Rate(rate_reason=reason)
    unit, count = _unit(before, _CLAUSE_END.split(rest)[0])
    if unit in ("unstated", "flat", "project", "buyout"):
        unit, count = _sum_for(unit, before, rest)
    if _BROKEN.match(after) or _OTHER.match(rest):
        unit = "ambiguous"
    if unit in _NO_DAYS:
        return Rate(rate_reason=_NO_DAYS[unit])
    value = sum(_figure(number, thousands, is_hourly=unit == "hour") for number, thousands in figures) / len(figures)
    is_negative = bool(amount["minus2"]) or (bool(amount["minus"]) and not before.strip())
    return _bounded(_by_day(-value if is_negative else value, unit, count), unit, limit, is_bare_dollar=is_bare)


def _reason_beside(amount: re.Match[str], text: str, rest: str, *, is_bare: bool, is_range: bool) -> str | None:
    """Return why the amount is none in USD that is paid: another currency, a ceiling, a condition."""
    before, clause = text[: amount.start()], _CLAUSE_END.split(rest)[0]
    is_foreign_text = is_bare and _FOREIGN_TEXT.search(text) and not _HOME_TEXT.search(text)
    if amount["foreign"] or amount["foreign_after"] or is_foreign_text or re.match(rf"^\s?(?:{_FOREIGN})(?![a-z])", rest):
        return "foreign_currency"
    if not is_range and (_UPPER.search(before) or _UPPER_AFTER.search(clause)):
        return "upper_bound"
    conditions = (reason for reason, pattern in _REASONS_RE[:2] if pattern.search(clause) or pattern.search(_PLUS.split(before)[-1]))
    return next(conditions, None)


def _figures(amount: re.Match[str], after: str) -> tuple[list[tuple[str, str | None]], str]:
    """Return the figure, or the two of a range, each with its k, and what follows."""
    low, span = (amount["number"], amount["k"]), _RANGE.match(after)
    if not span or (not span["home"] and _TIME_NOUN.match(after[span.end() :])):
        return [low], after
    high = (span["number"], span["k"])
    if span["k"] and not amount["k"] and _figure(*low) < THOUSAND <= _figure(*high):
        low = (amount["number"], span["k"])  # $1-2k means thousands on both sides
    return ([low, high], after[span.end() :]) if _figure(*high) >= _figure(*low) else ([low], after)


def _figure(number: str, thousands: str | None, *, is_hourly: bool = False) -> float:
    plain = re.sub(r"[ ']", "", number)
    if re.search(r"\.\d{3}\.|\.\d{3},", plain) or (_THREE_DIGITS.fullmatch(plain) and not is_hourly):
        plain = plain.replace(".", "")
    plain = re.sub(r"^(\d+),(\d{1,2})$", r"\1.\2", plain).replace(",", "")
    return float(plain) * (THOUSAND if thousands else 1)


def _sum_for(unit: str, before: str, rest: str) -> tuple[str, float]:
    """Divide a sum by the days or performances that it is for. Whether days beside a figure are what it is for, the text must say."""
    mine = re.split(rf"{_HOME}|\+|;|\bplus\b", rest)[0]
    found = [(match, mine[: match.start()]) for match in _SUM_FOR.finditer(mine)]
    if not found and not _MULTIPLY.search(before):
        found = [(match, mine) for match in _SUM_FOR.finditer(before)]
    if not found and re.search(r"\bfor (?:both|the two) days\b", mine):
        return "days", 2.0
    if not found or re.search(r"[x×*@]\s?$", found[0][1]):
        each = found and not found[0][0]["noun"].startswith(("day", "week"))
        return ("ambiguous" if each or re.search(r"\bfor the weekend\b", mine) else unit), 1.0
    counts = {_count(match["count"]) for match, _ in found}
    if counts == {1.0}:
        return unit, 1.0
    if len(counts) > 1 or not (_TOTAL.search(found[0][1]) or _TOTAL.search(before) or unit == "flat"):
        return "ambiguous", 1.0
    noun = found[0][0]["noun"].rstrip("s")
    return {"day": "days", "week": "weeks"}.get(noun, "performances"), counts.pop()


def _unit(before: str, clause: str) -> tuple[str, float]:
    """Return what the figure is per and, for a number of days or weeks, how many. After the figure comes before before it."""
    for part, from_end in ((clause, False), (_SUM_FOR.sub("", _CLAUSE_END.split(before)[-1]), True)):
        found = [(match.start(), order, name, match) for order, (name, pattern) in enumerate(_UNITS_RE) if (match := pattern.search(part))]
        if from_end:
            found = [
                one for one in found if one[2] in ("hour", "half_day", "day", "week", "session", "flat", "buyout", "project", "period")
            ]
        if found:
            _, _, name, match = min(found, key=lambda one: one[:2])
            groups = match.groupdict()
            return name, _count(groups.get("count")) if groups.get("count") else 1.0
    return "unstated", 1.0


def _count(text: str | None) -> float:
    return float(_WORDS.get(text or "", 0) or text or 1)


def _by_day(value: float, unit: str, count: float) -> float:
    if unit == "hour":
        return value * HOURS_A_DAY
    if unit == "week":
        return value / DAYS_A_WEEK
    if unit == "weeks":
        return value / (DAYS_A_WEEK * count)
    if unit in ("days", "performances"):
        return value / count
    if unit == "half_day":
        return value * 2
    return value


def _bounded(value: float, basis: str, limit: float, *, is_bare_dollar: bool) -> Rate:
    if not 0 < value <= limit:
        return Rate(rate_reason="out_of_range")
    return Rate(value, None, basis, is_bare_dollar)
