"""What the gate to the repository flags beyond the rules for redaction: anything that could be somebody's, at the price of a second look."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy_lists import lists
from voicegit.domain.privacy_quantities import Hit, digits, without_quantities

_SIGN = re.compile(r"[^\s@\0]{1,64}@[^\s@\0]{1,64}")
_RUN = re.compile(r"(?<![\w_])[+(#]{0,2}[A-Z]{0,3}-?\d(?:[ .\-/()]{0,2}\d){4,30}(?!\w)")
_IBAN_LIKE = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)", re.IGNORECASE)
_HOUSE = re.compile(r"(?<![\w.$€£-])(?:\d{1,5}[a-z]? [A-Z][\w'’-]{2,30}(?: [A-Z][\w'’-]{2,30}){0,3} \d{1,5}|[A-Z][\w'’-]{5,30} \d{1,4}, \d{4,5} [A-Z])")
_CODED = re.compile(r"(?<![\w_-])(?=[A-Z0-9-]{0,20}\d)(?=[\d-]{0,20}[A-Z])[A-Z0-9][A-Z0-9-]{6,30}(?![\w-])")
_PAIR = re.compile(r"(?<![\w.])(?P<first>[A-ZÀ-Þ][a-zà-ÿ'’]{1,20})(?: [A-Z]\.)? (?P<last>[A-ZÀ-Þ][\w'’-]{1,20})")


def seen(masked: str) -> Iterator[Hit]:
    if "@" in masked:
        yield from ((*found.span(), "email") for found in _SIGN.finditer(masked))
    if any(map(masked.count, "0123456789")):
        yield from _digits(without_quantities(masked))
    yield from _names(masked)


def _digits(plain: str) -> Iterator[Hit]:
    for found in _RUN.finditer(plain):
        if len(digits(found[0])) >= 6:
            yield (*found.span(), "account")
    for pattern, kind in ((_IBAN_LIKE, "iban"), (_HOUSE, "address"), (_CODED, "order")):
        yield from ((*found.span(), kind) for found in pattern.finditer(plain))


def _names(masked: str) -> Iterator[Hit]:
    """A given name that is also a word, capitalised inside a sentence; a pair whose one half could be a name."""
    known = lists()
    for found in _PAIR.finditer(masked):
        first, last = found["first"].casefold(), found["last"].casefold()
        if known.known(first) and known.known(last):
            yield (*found.span(), "name")
