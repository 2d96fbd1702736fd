"""Names that no list and no rule knows: a linear model of a word and its surroundings, asked about the few words that could be one.

The weights are package data, made by benchmarks/name_model.py; a feature's place among them is its CRC-32.
"""

import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from voicegit.domain.privacy.lists import WORD, base, lists
from voicegit.domain.privacy.persons import PLACE_START
from voicegit.domain.privacy.quantities import Hit

BITS = 16
_MASK = (1 << BITS) - 1
# Weights are kept in steps of 1/STEPS, one byte each, -4 to 4.
STEPS = 32
# In log-odds: sure enough that of what the rules and the model find together 19 of 20 is personal (benchmarks/name_model.py --hold-out).
LEAST = 1.0
# A word, or what is a placeholder or was found already.
_UNIT = re.compile(rf"{WORD.pattern}|\0+")
_STATE = re.compile(r", ?[A-Z]{2}(?!\w)")
_DIGITS = re.compile(r"\d+")


def seen(left: str) -> Iterator[Hit]:
    """Single words that read like a name. `left` is the text with NUL where something was found already."""
    weights = _weights()
    for word, features in asked(left):
        if sum([weights[place] for place in places(features)]) > LEAST * STEPS:
            yield (*word.span(), "name")


@lru_cache(maxsize=1)
def _weights() -> Sequence[int]:
    return array("b", zlib.decompress(files("voicegit.domain.privacy").joinpath("guess.bin").read_bytes()))


def asked(left: str) -> Iterator[tuple[re.Match[str], list[str]]]:
    """The words that could be somebody's name, capitalised or none of our everyday words, with what the model looks at."""
    never = lists().never
    units = list(_UNIT.finditer(left))
    words = [unit[0] for unit in units]
    asked = [at for at, word in enumerate(words) if (not _everyday(word) if word.islower() else word[0] != "\0" and word.casefold() not in never)]
    if not asked or _foreign(words, asked):
        return
    said = [_said(word) for word in words]
    for at in asked:
        if len(words[at]) > 1 and not _of_a_place(left, units, at):
            yield units[at], _features(left, units, said, at)


# Everyday words are most of what is said: the ones looked up before are remembered.
@lru_cache(maxsize=1 << 14)
def _everyday(low: str) -> bool:
    return lists().everyday_word(low)


def _foreign(words: Sequence[str], asked: Sequence[int]) -> bool:
    """Whether the text is in a language of which the model knows no word, and takes every other for a name."""
    unknown = sum([words[at].islower() for at in asked])
    return unknown >= 4 and unknown * 2 > sum([word[0] != "\0" for word in words])


def _of_a_place(left: str, units: Sequence[re.Match[str]], at: int) -> bool:
    """San Francisco, Santa Rosa; Jackson, IL."""
    if _STATE.match(left, units[at].end()):
        return True
    first = at - 1 if at and PLACE_START.fullmatch(units[at - 1][0].casefold()) else at
    there = units[first : first + 2]
    return len(there) == 2 and PLACE_START.fullmatch(there[0][0].casefold()) is not None and there[1].start() == there[0].end() + 1 and there[1][0][0].isupper()


def _said(word: str) -> str:
    """An everyday word as it is; of any other only whether it has a capital."""
    if word[0] == "\0":
        return "<>"
    low = word.casefold()
    if _everyday(low):
        return low
    return "?C" if word[0].isupper() else "?l"


def _features(left: str, units: Sequence[re.Match[str]], said: Sequence[str], at: int) -> list[str]:
    own, word = units[at], units[at][0]
    low = base(word)
    marks = _marks(low)
    shape = ("U" if word.isupper() else "C" if word[0].isupper() else "l" if word.islower() else "m") + ("" if word.isascii() else "x")
    whole = shape + ("l" if left.islower() else "M")
    before = _gap(left[units[at - 1].end() if at else 0 : own.start()])[-3:]
    after = _gap(left[own.end() : units[at + 1].start() if at + 1 < len(units) else len(left)])[:3]
    first, second = said[at - 1] if at else "^", said[at - 2] if at > 1 else "^"
    third, fourth = said[at + 1] if at + 1 < len(said) else "$", said[at + 2] if at + 2 < len(said) else "$"
    padded = f"^{low}$"
    return [
        "bias", f"L{marks}", f"S{shape}", f"M{marks}{whole}", f"n{min(len(low), 12)}", f"a{first}", f"b{second}", f"c{third}", f"d{fourth}",
        f"a{first} {shape}", f"c{third} {shape}", f"ba{second} {first}", f"cd{third} {fourth}", f"ac{first} {third}", f"<{before}", f">{after}",
        f"<>{before}{after}", f"<{before} {shape}", f"N{min(len(units), 6)}{whole}", f"^{at == 0}{whole}", f"a{first} {marks}", f"c{third} {marks}",
        f"#{padded[:3]}", f"#{padded[:5]}", f"#{padded[-3:]}", f"#{padded[-5:]}", *{f"#{padded[i : i + 4]}" for i in range(len(padded) - 3)},
    ]  # fmt: skip


def _marks(low: str) -> str:
    """Which of our lists hold it."""
    known = lists()
    held = (("g", known.given), ("f", known.family), ("c", known.called), ("e", known.either), ("o", known.common))
    return "".join([mark for mark, within in held if low in within]) + ("y" if _everyday(low) else "")


def _gap(between: str) -> str:
    return between if between == " " else _DIGITS.sub("0", between)


def places(features: Sequence[str]) -> list[int]:
    """Where the weights of these features stand."""
    return [zlib.crc32(feature.encode("utf-8", "surrogatepass")) & _MASK for feature in features]
