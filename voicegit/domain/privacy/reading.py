"""A text as the rules read it. What they all ask is looked up once, so that a pattern is tried only where one of its words stands."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from voicegit.domain.privacy.quantities import count_digits, without_quantities

_WORD = re.compile(r"[^\W\d_]+")


class Reading(NamedTuple):
    """`text` holds NUL where a placeholder stood; `plain` is blank where quantities stood as well; `digits` counts those of `text`, `left` those of `plain`.

    `words` are the runs of letters in lower case, and the end of a line, which some patterns need as they need a word.
    """

    text: str
    plain: str
    low: str
    words: frozenset[str]
    digits: int
    left: int

    def has(self, words: frozenset[str]) -> bool:
        return not words.isdisjoint(self.words)


class Cued(NamedTuple):
    """A pattern, none of whose matches is without one of these words."""

    words: frozenset[str]
    pattern: re.Pattern[str]


class _Plain(dict[int, str]):
    """Each character's plain form, made when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = str(unicodedata.decimal(char)) if char.isdecimal() else unicodedata.normalize("NFKC", char)
        self[code] = found = plain if len(plain) == 1 and plain.isalnum() == char.isalnum() and not _RAISED.match(char) else char
        return found


_RAISED = re.compile(r"[²³¹⁰-₟ªº]")
"""In "m²" and "1st" as "1ˢᵗ" the plain form would join what stands before it."""

_PLAIN = _Plain({ord(char): "-" for char in "‐‑‒−"})


def folded(text: str) -> str:
    """Full-width and other forms of letters, digits and signs as the rules know them. Same length, so that a place in it is the same place in the text."""
    return text if text.isascii() else text.translate(_PLAIN)


def read(masked: str) -> Reading:
    low = masked.replace("İ", "I").lower()  # As the patterns read it, which ignore case; alone it would become two characters.
    words = _WORD.findall(low)
    if "\n" in low:
        words.append("\n")
    count = count_digits(masked)
    plain = without_quantities(masked) if count else masked
    return Reading(masked, plain, low, frozenset(words), count, count_digits(plain) if count else 0)


def cued(words: str, form: str) -> Cued:
    return Cued(frozenset(words.split(" ")), re.compile(form, re.IGNORECASE))


def matches(reading: Reading, rules: Sequence[Cued], text: str) -> Iterator[re.Match[str]]:
    """What the patterns match in the text, which is the reading's own or its plain one."""
    for words, pattern in rules:
        if reading.has(words):
            yield from pattern.finditer(text)
