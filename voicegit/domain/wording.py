"""Whether two texts say a thing in the same words, or in nearly the same words and with nothing in them that tells two answers apart."""

import unicodedata
from collections import Counter

from rapidfuzz import fuzz

from voicegit.domain import wordforms
from voicegit.domain.outgoing import terms

NEARLY = 90.0
"""How alike (0..100, rapidfuzz ratio) two texts are that differ by small changes only."""

_MEASURING = frozenset("all any some each every both half most only before after until more less than must may can".split())  # noqa: SIM905 - words
"""Short words that change what is offered, how much of it, or when."""


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, punctuation and whitespace. A sign of money or of a share is a word."""
    return one == other or _bare(one) == _bare(other)


def nearly(one: str, other: str) -> bool:
    """Whether two texts are alike but for small changes, whatever those say."""
    return likeness(one, other) >= NEARLY


def likeness(one: str, other: str) -> float:
    """0..100: rapidfuzz ratio, whatever the layout and the capitals."""
    return 100.0 if one == other else float(fuzz.ratio(flat(one), flat(other)))


def interchangeable(one: str, other: str) -> bool:
    """Whether one text may pass for the other: the same words, or nearly, with the same figures, prices, days and times, and as many a "not".

    Where each has a telling word of its own ("on Tuesday", "on Friday"; "included", "excluded"), nothing says that they mean the same.
    """
    if not nearly(one, other):
        return False
    if same_words(one, other):
        return True
    first, second = set(wordforms.content(one)), set(wordforms.content(other))
    return not (first - second and second - first) and _telling(one) == _telling(other)


def flat(text: str) -> str:
    """A text without what layout and capitals change of it."""
    return " ".join(text.lower().split())


def _telling(text: str) -> tuple[frozenset[str], frozenset[str], Counter[str]]:
    words = wordforms.tokens(text)
    weighing = Counter("not" if word in wordforms.NEGATIONS else word for word in words if word in wordforms.NEGATIONS or word in _MEASURING)
    return terms(text), wordforms.figures(text), weighing


def _bare(text: str) -> list[str]:
    kept = (char if char == "%" or unicodedata.category(char)[0] in "LNMS" else " " for char in unicodedata.normalize("NFKC", text).casefold())
    return "".join(kept).split()
