"""Finds one person's name and contacts in the texts of others, however they are written there. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from voicegit.domain.people import Customer

LEAST = 6
"""Characters that a contact needs to be looked for in other texts: shorter ones are everybody's."""

LEAST_DIGITS = 7
"""Digits that make a contact a telephone number."""

_BETWEEN = r"(?:\s|\\[nrt])+"
"""What stands between two words; in a row's JSON the end of a line is two characters."""

_DIGITS = r"[\s().\-/‐–]{0,3}"


def wanted(customer: Customer, country: str) -> tuple[str, ...]:
    """Patterns for `found`: the name if it has two words or more, since one word is everybody's, in both orders; and each contact, a telephone number by its
    digits. `country` (ISO 3166 alpha-2) says how one without its country code is read.
    """
    words = [re.escape(word) for word in _folded(customer.name)[0].split()]
    names = [_BETWEEN.join(words), rf"{words[-1]},(?:{_BETWEEN})?{_BETWEEN.join(words[:-1])}"] if len(words) > 1 else []
    contacts = [_number(one, country) or _words(one) for one in customer.contacts if len(one.strip()) >= LEAST]
    return (*names, *contacts)


def _words(contact: str) -> str:
    return _BETWEEN.join(re.escape(word) for word in _folded(contact)[0].split())


def _number(contact: str, country: str) -> str | None:
    """A telephone number with or without its country's code or the 0 before it, whatever stands between its digits. None for what is none."""
    import phonenumbers  # Slow to load.

    folded = _folded(contact)[0]
    digits = re.sub(r"\D", "", folded)
    if len(digits) < LEAST_DIGITS or re.search(r"[^\W\d_]", folded):
        return None
    before = ""
    try:
        number = phonenumbers.parse(folded, country)
        own = phonenumbers.national_significant_number(number)
        digits, before = (own, f"(?:(?:\\+|00)?{_DIGITS}{number.country_code}|0)?{_DIGITS}") if len(own) >= LEAST_DIGITS else (digits, "")
    except phonenumbers.NumberParseException:
        pass
    return rf"[+(]{{0,2}}{before}{_DIGITS.join(digits)}(?!\d)"


def without(text: str, patterns: Sequence[str]) -> str:
    """The text with `[name]` wherever one of them stands as a whole."""
    shown = text
    for start, end in reversed(list(_spans(text, tuple(patterns)))):
        shown = f"{shown[:start]}[name]{shown[end:]}"
    return shown


def stands_in(text: str, patterns: Sequence[str]) -> bool:
    return next(_spans(text, tuple(patterns)), None) is not None


def _spans(text: str, patterns: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    if not patterns:
        return
    folded, origin = _folded(text)
    for found in _compiled(patterns).finditer(folded):
        yield origin[found.start()], origin[found.end() - 1] + 1


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){one}(?!\w)" for one in patterns))


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text without case, every letter and digit in its plainest form, its marks after it; and which character of the text each of these comes from."""
    if text.isascii():
        return text.lower(), range(len(text))
    parts = [_plain(char) for char in text]
    return "".join(parts), [at for at, part in enumerate(parts) for _ in part]


@cache
def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
