"""Numbers that are nobody's: dates, times, prices, measures. Blanked before the rules that read digits as somebody's number."""

import re

# Where, and what: start, end and one of the types of `privacy`.
Hit = tuple[int, int, str]

MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sept?(?:ember)?"
    r"|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MON = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[89]|20)\d\d"
NUMERIC_DATE = rf"(?:{_YEAR}[-/.]{_MON}[-/.]{_DAY}|(?:{_DAY}[-/.]{_MON}|{_MON}[-/.]{_DAY})[-/.](?:{_YEAR}|\d\d))(?:[ T]\d\d:\d\d(?::\d\d)?)?"
WRITTEN_DATE = (
    rf"(?:{MONTH}\.?,? {{0,2}}{_DAY}(?:st|nd|rd|th)?(?:,? {{0,2}}{_YEAR})?|{_DAY}(?:st|nd|rd|th|\.)? {{0,2}}(?:of {{1,2}})?{MONTH}\.?(?:,? {{0,2}}{_YEAR})?)"
)
_NOT_MORE = r"(?![-/.]?\w)"
QUANTITY = re.compile(
    rf"(?<![\w/.-])(?:{NUMERIC_DATE}{_NOT_MORE}|{WRITTEN_DATE}(?!\w)"
    r"|\d{1,2}[:.]\d\d(?: ?[ap]\.?m\b\.?)? {0,2}(?:[-–]|to|until|bis) {0,2}\d{1,2}[:.]\d\d(?!\w)|\d{1,2}:\d\d(?::\d\d)?(?!\w)"
    r"|\d[\d,.]{0,12} {0,2}(?:%|€|£|percent\b|dollars?\b|euros?\b|pounds?\b|usd\b|eur\b|gbp\b|points?\b|miles?\b|km\b|kg\b|words?\b"
    r"|days?\b|hours?\b|minutes?\b|weeks?\b|months?\b|years?\b|items?\b|pieces?\b))"
    r"|[$€£¥₹] {0,2}\d[\d,.]{0,14}",
    re.IGNORECASE,
)
# Opening hours: times and ranges of them, where a digit run could pass for a number to call.
HOURS = re.compile(r"(?<!\w)\d{1,2}(?:[:.]\d\d)? ?(?:[ap]\.?m\b\.?)? {0,2}(?:[-–]|to|until) {0,2}\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b\.?", re.IGNORECASE)

_AM_PM = re.compile(r"[ap]\.?m", re.IGNORECASE)


def blanked(text: str, pattern: re.Pattern[str]) -> str:
    """The text with each match overwritten by NUL, which no rule reads as a letter, a digit or a space. Same length."""
    return pattern.sub(lambda found: "\0" * len(found[0]), text)


def without_quantities(text: str) -> str:
    without = blanked(text, QUANTITY)
    return blanked(without, HOURS) if _AM_PM.search(without) else without


def count_digits(text: str) -> int:
    return sum(map(text.count, "0123456789"))


def digits(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")
