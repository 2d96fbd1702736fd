"""The forms of a guarded word: what a guard on `apologise` finds besides the word itself. Inflection by rule and by table, never a part of another word.

They go both ways: from the guard's word to what it may be a form of, and to all forms of that. The language of a guard is not known. The rules are English;
what they add to a German or Spanish word is a form of it or no word at all, and the plain endings of those two languages are added where a letter or ending
tells them.
"""

import re

from voicegit.domain.irregular import ADJECTIVES, ALONE, COMPARED, PLURALS, VERBS

_BASES: dict[str, set[str]] = {}
for _base, _forms in (*VERBS.items(), *PLURALS.items()):
    for _form in _forms:
        _BASES.setdefault(_form, set()).add(_base)

_GERMAN = re.compile(r"[äöüß]|(?:ung|heit|keit|schaft|ieren|lich|isch|sam)$|^(?:kein|leider|ander|unser|euer|teuer|billig|schlecht|kostenlos)")
_SPANISH = re.compile(r"[áéíóúñ]|(?:ción|dad|mente|oso|osa|able|ible|ado|ada|ido|ida|[ui]t[oa])$")
_VOWEL = re.compile(r"[aeiouy]")
_SHORT = re.compile(r"[^aeiou]*[aeiouy][^aeiouwxy]")
"""One syllable that ends on one vowel and one consonant: the consonant is doubled, and `car` has nothing to do with `cared`."""
_HOW = re.compile(r"\w{3,}(?:ate|al|ous|ive|ent|ant|ful|less|ete|ute|est|ain|ere)")
"""Endings of adjectives that make an adverb with -ly."""


def forms(word: str) -> frozenset[str]:
    """A word of a guard and its forms, in one case."""
    found = {word}
    if word.isalpha():
        for base in _bases(word):
            found |= {base} | _inflected(base)
        found |= _german(word) if _GERMAN.search(word) else set()
        found |= _spanish(word) if _SPANISH.search(word) else set()
    return frozenset(one.casefold() for one in found - ALONE | {word})


def _bases(word: str) -> set[str]:
    """What a word may be a form of: itself, and each word that has it among its forms."""
    if word in ALONE:
        return {word}
    tried = {word[: -len(end)] + instead for end, instead in _ENDINGS if word.endswith(end)}
    tried |= {base[:-1] for base in tried if base[-2:-1] == base[-1:]}
    guessed = {base for base in tried if len(base) >= 3 and _VOWEL.search(base) and word in _inflected(base)}
    return {word} | _BASES.get(word, set()) | guessed


_ENDINGS = (
    *((end, instead) for end in ("s", "es", "ed", "ing", "er", "est") for instead in ("", "e")),
    *((end, "y") for end in ("ies", "ied", "ying", "ier", "iest", "ily")),
    *(("ying", "ie"), ("ied", "ie"), ("icked", "ic"), ("icking", "ic"), ("ly", ""), ("bly", "ble"), ("ation", "ate"), ("ations", "ate"), ("ions", "e")),
    *((end, "y") for end in ("ise", "ize", "ised", "ized")),
)


def _inflected(word: str) -> set[str]:
    """The forms of a word, other than itself: of a noun, a verb and an adjective, for nobody says which it is."""
    found = set(VERBS.get(word, ())) | PLURALS.get(word, frozenset()) | COMPARED.get(word, frozenset())
    stem = _iz(word)
    if stem is not None:
        found |= {f"{stem}i{sz}{end}" for sz in "sz" for end in ("e", "es", "ed", "er", "ers", "ing", "ation", "ations")}
        return found | ({f"{stem}y", f"{stem}ies"} if len(stem) >= 5 else set())
    if len(word) < 3 or not _VOWEL.search(word.removesuffix("e")):
        return found
    found |= _endings(word)
    if word in ADJECTIVES:
        found |= {f"{_before_vowel(word)}{end}" for end in ("er", "est")}
    if (word in ADJECTIVES and word[-1] not in "ly") or _HOW.fullmatch(word):
        found.add(f"{word}ly")
    return found


def _endings(word: str) -> set[str]:
    past = {"ed"} - ({"ed"} if word in VERBS else set())
    if word.endswith("y") and word[-2] not in "aeiou":
        stem = word[:-1]
        found = {f"{stem}{end}" for end in ("ies", "ied", "ying", "ier", "iest", "ily")}
        return found | ({f"{stem}i{sz}{end}" for sz in "sz" for end in ("e", "es", "ed", "ing")} if len(word) >= 6 else set())
    if word.endswith("ie"):
        return {f"{word}s", f"{word}d", f"{word[:-2]}ying"}
    if word.endswith("ee"):
        return {f"{word}s", f"{word}ing"} | ({f"{word}d"} if len(word) > 3 else set())
    if word.endswith("e"):
        found = {f"{word}s", f"{word[:-1]}ing", f"{word}ing" if word[-2] in "oy" else f"{word}s", *(f"{word[:-1]}{end}" for end in past)}
        found |= {f"{word[:-1]}ion", f"{word[:-1]}ions"} if word.endswith("ate") and len(word) > 5 else set()
        return found | ({f"{word[:-1]}y"} if word.endswith("ble") else set())
    plural = {f"{word}es"} if word.endswith(("s", "x", "z", "ch", "sh", "o")) else set()
    plural |= set() if plural and word[-1] != "o" else {f"{word}s"}
    doubled = _before_vowel(word)
    found = plural | {f"{doubled}{end}" for end in (*past, "ing", *(["es"] if word[-1] in "sz" and doubled != word else []))}
    # Of two syllables both are written: cancelled and canceled; of one that ends on -s as well: buses and busses.
    return found if _SHORT.fullmatch(word) and word[-1] != "s" else found | {f"{word}{end}" for end in (*past, "ing")}


def _before_vowel(word: str) -> str:
    """As an ending that begins with a vowel finds it: `stopp`, `panick`, `quizz`, `hop` of `hope`."""
    if word.endswith("e"):
        return word[:-1]
    if word.endswith("y") and word[-2] not in "aeiou" and len(word) > 3:
        return f"{word[:-1]}i"
    if word.endswith("ic"):
        return f"{word}k"
    if word.endswith("iz") or _SHORT.fullmatch(word) or re.search(r"[^aeiou][aeiou][bdgklmnprtv]$", word):
        return f"{word}{word[-1]}"
    return word


def _iz(word: str) -> str | None:
    """`apolog` of any form of `apologise`; None for another word. `promise`, `wise` and `size` are no such verbs: too little is left of them."""
    found = re.fullmatch(r"(\w{5,})i[sz](?:e|es|ed|ing|ation|ations)", word)
    if found:
        return found[1]
    plural = re.fullmatch(r"(\w{2,}(?:log|nom|path|erg))ies", word)
    return plural[1] if plural else None


def _german(word: str) -> set[str]:
    """Endings of nouns, adjectives and verbs; `Rückerstattungen`, `kostenlose`, `keinem`."""
    found = {f"{word}{end}" for end in ("e", "en", "em", "er", "es", "n", "s")}
    return found | ({f"{word[:-2]}{end}" for end in ("e", "st", "t", "te", "ten")} if word.endswith("en") and len(word) > 5 else set())


def _spanish(word: str) -> set[str]:
    """Number and gender: `garantía` and `garantías`, `gratuito` and `gratuitas`, `devolución` and `devoluciones`."""
    found = {f"{word}s", f"{word}es", *([f"{word[:-2]}ones"] if word.endswith("ón") else [])}
    return found | ({f"{word[:-1]}{end}" for end in ("o", "a", "os", "as")} if word.endswith(("o", "a")) else set())
