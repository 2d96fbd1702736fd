"""Words without their endings, so that two ways of saying a thing can be told from two things."""

import re

from voicegit.domain.irregular import VERBS

NEGATIONS = frozenset({"no", "not", "never", "none", "nothing", "cannot", "without", "neither", "nor", "avoid", "refuse", "dont", "nobody", "refrain"})
_STOPS = re.compile(r"\bstop \w+ing\b")
_FILLERS = frozenset(
    """a an the and or of to in on at for with by from as is are was were be been being am do does did have has had will would can could should shall may
    might must i we you they he she it us our ours your yours their them this that these those there here so just very please always also then than if when
    every each any all some who which what how about into out up only before after""".split()  # noqa: SIM905 - a list of words reads as one
)
_ENDINGS = [*(("'s", 2), ("ly", 4)), *((ending, 3) for ending in ("ingly", "edly", "ies", "ied", "ying", "ing", "ed", "es", "s"))]
"""Endings, each with the letters that must be left of a word without it; the longest first."""
_ENDINGS.sort(key=lambda one: -len(one[0]))

_BASES = {form: base for base, forms in VERBS.items() for form in forms if form not in VERBS}
"""Forms that no ending gives, with their base."""

FIGURES = {
    word: str(number) for number, word in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"))
}


def stem(word: str) -> str:
    """A word without its English ending: `apologise`, `apologized` and `apologies` are one. Only good for comparing; never shown."""
    word = _BASES.get(word, word)
    word = re.sub(r"is(e|es|ed|er|ing|ation|ations)$", r"iz\1", word) if len(word) > 6 else word
    word = re.sub(r"iz(e|es|ed|er|ing|ation|ations)$", "", word) if len(word) > 7 else word
    word = re.sub(r"(at)(ion|ions|e|es|ed|ing)$", "", word) if len(word) > 6 else word
    for endings in (_ENDINGS, (("e", 3), ("y", 3))):
        for ending, left in endings:
            if word.endswith(ending) and len(word) - len(ending) >= left:
                word = word[: -len(ending)]
                break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeioul" else word


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, with number words in figures and `n't` as `not`."""
    plain = text.casefold().replace("’", "'")
    plain = re.sub(r"\bcan't\b|\bcannot\b", "can not", plain)
    plain = re.sub(r"n't\b", " not", plain)
    found = re.findall(r"[^\W_]+(?:[.,:]\d+)*(?:'[^\W\d_]+)?|%", plain)
    return [FIGURES.get(word, word) for word in found]


def content(text: str) -> list[str]:
    """The stems of the words that carry what a text is about, in order; its negations, fillers and figures are not among them."""
    return [stem(word) for word in tokens(text) if word not in NEGATIONS and word not in _FILLERS and not word[0].isdigit() and word != "%"]


def negated(text: str) -> bool:
    """Whether a text says not to, or that something is not so."""
    return any(word in NEGATIONS for word in tokens(text)) or _STOPS.search(text.casefold()) is not None


def figures(text: str) -> frozenset[str]:
    """Every figure of a text, in digits."""
    return frozenset(word.replace(",", "") for word in tokens(text) if word[0].isdigit())
