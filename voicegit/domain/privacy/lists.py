"""Which words could be a name: common given and family names, and the words that are capitalised for another reason.

The lists are package data beside this module, one text of words each, read once. A trailing ~ in the name lists marks an entry
that is also an everyday word, a place or a company (will, may, mark): it counts only together with another part of a name, or, if it is a given name,
where one would stand. A trailing ^ marks given names that are a place or a company sooner than a person.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

# Latin with its extensions, Greek, Cyrillic; for a character class.
UPPER = "".join(char for char in map(chr, range(0x41, 0x530)) if char.isupper())
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_POSSESSIVE = ("'s", "’s", "'S", "’S")
PARTICLES = frozenset(
    (
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "ter",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "bint",
        "af",
        "av",
        "zu",
        "y",
        "e",
        "du",
        "st",
    )
)
TITLES = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "madam",
        "herr",
        "frau",
        "señor",
        "señora",
        "monsieur",
        "madame",
        "mme",
        "signor",
        "signora",
    )
)


@dataclass(frozen=True)
class Lists:
    """Case-folded. `everyday` are names that are also words, `either` these and the very short; `never` are capitalised words that no name begins with.

    `called` are the given names among the former that a capital makes a name.

    `common` are everyday words of English, which no name is because a sentence or a heading capitalises them.
    """

    given: frozenset[str]
    family: frozenset[str]
    either: frozenset[str]
    everyday: frozenset[str]
    never: frozenset[str]
    common: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    def sure(self, word: str) -> bool:
        return word in self.given or word in self.family

    def starts_none(self, word: str) -> bool:
        """Whether no name begins with this word, whatever follows."""
        low = word.casefold()
        return low in self.never and low not in self.either

    def everyday_word(self, word: str) -> bool:
        """Whether it is a common word or a form of one."""
        if word in self.never or word in self.common:
            return True
        stems = (word.removesuffix(end) for end in ("s", "es", "ed", "d", "ing", "ly", "er") if word.endswith(end))
        return any(len(stem) > 2 and (stem in self.common or f"{stem}e" in self.common) for stem in stems)

    def known(self, word: str) -> bool:
        return self.sure(word) or word in self.either


@lru_cache(maxsize=1)
def lists() -> Lists:
    never = frozenset(_entries("words.txt"))
    given, family = frozenset(_entries("given.txt")), frozenset(_entries("family.txt"))
    everyday = frozenset(entry[:-1] for entry in given | family if entry.endswith(("~", "^")))
    called = frozenset(entry[:-1] for entry in given if entry.endswith("~") and len(entry) > 3)
    given, family = given.union(_entries("given_world.txt")), family.union(_entries("family_us.txt"))
    # Two letters of a given name, three of a family name are too few to tell it from a word of some language.
    short = {entry for entry in given if len(entry) < 3} | {entry for entry in family if len(entry) < 4}
    return Lists(
        given - everyday - short - never,
        family - everyday - short - never,
        everyday | short,
        everyday | never,
        never,
        frozenset(_entries("common.txt")),
        called - never,
    )


def _entries(name: str) -> list[str]:
    lines = files("voicegit.domain.privacy").joinpath(name).read_text("utf-8").splitlines()
    return [entry for line in lines if not line.startswith("#") for entry in line.split()]


def bare(word: str) -> str:
    """Without the possessive. Not case-folded, which can make a word longer ("ß"): its length is that of the characters in the text."""
    return word[:-2] if word.endswith(_POSSESSIVE) else word


def base(word: str) -> str:
    """Case-folded, without the possessive."""
    return bare(word).casefold()
