"""The forms of a guarded word: what a guard on `apologise` finds besides the word itself. Inflection by rule, never a part of another word.

The language of a guard is not known. The rules are English; what they add to a German or Spanish word is a form of it or no word at all, and the plain
endings of those two languages are added where a letter or ending tells them.
"""

import re

from voicegit.domain.wordforms import IRREGULAR

_FORMS: dict[str, set[str]] = {}
for _form, _base in IRREGULAR.items():
    _FORMS.setdefault(_base, {_base}).add(_form)

_GERMAN = re.compile(r"[äöüß]|(?:ung|heit|keit|schaft|ieren|lich|isch|sam)$|^(?:kein|leider|ander|unser|euer|teuer|billig|schlecht|kostenlos)")
_SPANISH = re.compile(r"[áéíóúñ]|(?:ción|dad|mente|oso|osa|able|ible|ado|ada|ido|ida|[ui]t[oa])$")


def forms(word: str) -> str:
    """A regular expression for a word of a guard, in lower case, and its forms."""
    if len(word) < 3 or not word.isalpha():
        return rf"{re.escape(word)}(?:'s)?"
    found = {re.escape(word) + "(?:'s|s')?"}
    for base in {word, *([IRREGULAR[word]] if word in IRREGULAR else [])}:
        found |= {re.escape(form) for form in _FORMS.get(base, ())}
        found |= _english(base)
    found |= _german(word) if _GERMAN.search(word) else set()
    found |= _spanish(word) if _SPANISH.search(word) else set()
    return f"(?:{'|'.join(sorted(found, key=lambda one: (-len(one), one)))})"


def _english(word: str) -> set[str]:
    stem = _iz(word)
    if stem is not None:
        return {rf"{re.escape(stem)}i[sz](?:es?|ed|ers?|ing|ations?)", *([rf"{re.escape(stem)}(?:y|ies)"] if len(stem) >= 5 else [])}
    if word.endswith(("s", "x", "z", "ch", "sh")):
        found = {rf"{re.escape(word)}(?:es|ed|ing)"}
        plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) >= 6
        return found | ({re.escape(word[:-1])} | _english(word[:-1]) if plural else set())
    if word.endswith("y") and word[-2] not in "aeiou":
        stem = re.escape(word[:-1])
        return {rf"{stem}(?:y|ies|ied|ying|ier|iest|ily)", *([rf"{stem}i[sz](?:es?|ed|ing)"] if len(word) >= 6 else [])}
    if word.endswith("e"):
        stem = re.escape(word[:-1])
        return {
            rf"{stem}(?:e|es|ed|ing)",
            *([rf"{stem}ions?"] if word.endswith("ate") and len(word) > 5 else []),
            *([rf"{stem}y"] if word[-3:-1] == "bl" else []),
        }
    whole = re.escape(word)
    found = {rf"{whole}(?:s|ed|ing)", *([rf"{whole}ly"] if len(word) >= 4 else [])}
    if re.search(r"[^aeiou][aeiou][bdgklmnprtv]$", word):
        found.add(rf"{whole}{word[-1]}(?:ed|ing)")
    return found


def _iz(word: str) -> str | None:
    """`apolog` of any form of `apologise`; None for another word. `promise`, `wise` and `size` are no such verbs: too little is left of them."""
    found = re.fullmatch(r"(\w{5,})i[sz](?:e|es|ed|ing|ation|ations)", word)
    if found:
        return found[1]
    plural = re.fullmatch(r"(\w{2,}(?:log|nom|path|erg))ies", word)
    return plural[1] if plural else None


def _german(word: str) -> set[str]:
    """Endings of nouns, adjectives and verbs; `Rückerstattungen`, `kostenlose`, `keinem`."""
    whole = re.escape(word)
    return {rf"{whole}(?:e|en|em|er|es|n|s)", *([rf"{re.escape(word[:-2])}(?:e|st|t|te|ten)"] if word.endswith("en") and len(word) > 5 else [])}


def _spanish(word: str) -> set[str]:
    """Number and gender: `garantía` and `garantías`, `gratuito` and `gratuitas`, `devolución` and `devoluciones`."""
    found = {rf"{re.escape(word)}(?:s|es)"}
    if word.endswith("ón"):
        found.add(rf"{re.escape(word[:-2])}ones")
    if word.endswith(("o", "a")):
        found.add(rf"{re.escape(word[:-1])}[oa]s?")
    return found
