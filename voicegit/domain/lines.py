"""Texts as lines: what a change did to each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from voicegit.domain.worddiff import by_file

ONE_LINE_FOR_ANOTHER = 50.0
"""How alike (0..100, rapidfuzz ratio) a line must be to one that went where it came, to count as that one in other words."""

LABEL = re.compile(r"\s{0,3}>\s*\*\*(Customer|Us):\*\*")
"""What a question and an answer of an example begin with."""

_MARKER = re.compile(r"^\s*(?:>\s?)*(?:[-*+]|\d{1,9}[.)])?\s+|^\s*>\s*|^\s+")
_EMPHASIS = re.compile(r"(?<![\w*_`])([*_`]{1,3})(\S(?:[^\n]*?\S)?)\1(?![\w*_`])")
_PLAIN = str.maketrans("’‘“”\u00a0", "''\"\" ")


def said(line: str) -> str:
    """A line without its markup: two lines of which this is the same differ in nothing that is said.

    Only list and quotation marks, spaces around and between words, balanced emphasis and the shape of quotation marks go; every letter, figure and
    stop stays, so that no change of meaning can pass for one of form.
    """
    text = _MARKER.sub("", line.translate(_PLAIN))
    while (plain := _EMPHASIS.sub(r"\2", text)) != text:
        text = plain
    return " ".join(text.split())


@dataclass(frozen=True)
class Swap:
    """Lines that went and lines that came in one place of one file; either may be empty. `was` is what the file was called before."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    was: str = ""

    @property
    def stood(self) -> str:
        """The file in which the old lines stood."""
        return self.was or self.path

    def before(self, line: str) -> str | None:
        """The line that this new one took the place of; None when it came beside what was there."""
        if line not in self.new or not self.old:
            return None
        if len(self.old) == len(self.new):
            return self.old[self.new.index(line)]
        kin = [[one for one in side if _label(one) == _label(line)] for side in (self.old, self.new)]
        if _label(line) and len(kin[0]) == len(kin[1]) == 1:
            return kin[0][0]
        nearest = max(self.old, key=lambda one: fuzz.ratio(said(one), said(line)))
        return nearest if fuzz.ratio(said(nearest), said(line)) >= ONE_LINE_FOR_ANOTHER else None


def _label(line: str) -> str:
    found = LABEL.match(line)
    return found[1] if found else ""


def swaps(unified: str) -> tuple[Swap, ...]:
    """What a unified diff changes, place by place."""
    found: list[Swap] = []
    named = renames(unified)
    for path, told in by_file(unified).items():
        old: list[str] = []
        new: list[str] = []
        inside = False
        for line in [*told, "@@"]:
            if line.startswith("@@") or (inside and not line.startswith(("+", "-", "\\"))):
                if old or new:
                    found.append(Swap(path, tuple(old), tuple(new), named.get(path, "")))
                old, new, inside = [], [], True
            elif inside and not line.startswith("\\"):
                (new if line.startswith("+") else old).append(line[1:])
    return tuple(found)


def renames(unified: str) -> dict[str, str]:
    """The files that a unified diff gives another name: the old by the new."""
    found: dict[str, str] = {}
    for path, told in by_file(unified).items():
        head = told[: next((place for place, line in enumerate(told) if line.startswith("@@")), len(told))]
        old = next((line.removeprefix("rename from ") for line in head if line.startswith("rename from ")), None)
        if old is not None:
            found[path] = old
    return found


def taken(found: Sequence[Swap], line: str) -> tuple[str, str] | None:
    """Path and words of a line that went and said the same, the one in the same words first."""
    gone = [(one.stood, old) for one in found for old in one.old if said(old) == said(line) and said(old)]
    return next((one for one in gone if one[1] == line), gone[0] if gone else None)
