"""Texts as lines: what a change did to each, and taking one change back out of a text that went on changing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from voicegit.domain.worddiff import by_file

ONE_LINE_FOR_ANOTHER = 50.0
"""How alike (0..100, rapidfuzz ratio) a line must be to one that went where it came, to count as that one in other words."""

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
    """Lines that went and lines that came in one place of one file; either may be empty."""

    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def before(self, line: str) -> str | None:
        """The line that this new one took the place of; None when it came beside what was there."""
        if line not in self.new or not self.old:
            return None
        if len(self.old) == len(self.new):
            return self.old[self.new.index(line)]
        nearest = max(self.old, key=lambda one: fuzz.ratio(said(one), said(line)))
        return nearest if fuzz.ratio(said(nearest), said(line)) >= ONE_LINE_FOR_ANOTHER else None


def swaps(unified: str) -> tuple[Swap, ...]:
    """What a unified diff changes, place by place."""
    found: list[Swap] = []
    for path, told in by_file(unified).items():
        old: list[str] = []
        new: list[str] = []
        inside = False
        for line in [*told, "@@"]:
            if line.startswith("@@") or (inside and not line.startswith(("+", "-", "\\"))):
                if old or new:
                    found.append(Swap(path, tuple(old), tuple(new)))
                old, new, inside = [], [], True
            elif inside and not line.startswith("\\"):
                (new if line.startswith("+") else old).append(line[1:])
    return tuple(found)


def taken(found: Sequence[Swap], line: str) -> tuple[str, str] | None:
    """Path and words of a line that went and said the same, the one in the same words first."""
    gone = [(one.path, old) for one in found for old in one.old if said(old) == said(line) and said(old)]
    return next((one for one in gone if one[1] == line), gone[0] if gone else None)


def without_change(before: str, after: str, now: str) -> str:
    """`now` without the lines that `before` -> `after` brought, and with those that it took, put back behind the line they stood behind.

    A guess for a person to judge where a three-way merge finds no answer: lines that were edited since are left as they are.
    """
    old, new, present = before.split("\n"), after.split("\n"), now.split("\n")
    changes = [places for tag, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if tag != "equal"]
    for line in (line for _, _, new_from, new_to in changes for line in new[new_from:new_to]):
        if line.strip() and line in present:
            present.remove(line)
    for old_from, old_to, _, _ in changes:
        anchor = old[old_from - 1] if old_from else None
        if anchor is None or anchor in present:
            at = present.index(anchor) + 1 if anchor is not None else 0
            present[at:at] = [line for line in old[old_from:old_to] if line not in present or not line.strip()]
    return "\n".join(present)


@dataclass(frozen=True)
class Row:
    """A line of what is live, and what a change that is to be taken back has to do with it.

    `brought`: the line is that change's, word for word. `refined`: other words took the place of its line later. `instead` stood there before the change.
    """

    text: str
    brought: bool = False
    refined: bool = False
    instead: str | None = None


def untaught(rows: Sequence[Row], gone: Sequence[tuple[str | None, str]], *, keep: bool) -> str:
    """The text without what a change brought, and with what it took: each of the lines `gone` behind the line that it stood behind, where that still stands.

    With `keep` what was refined later stays as it is; else it goes too.
    """
    left: list[str] = []
    for row in rows:
        if not row.brought and (keep or not row.refined):
            left.append(row.text)
        elif row.instead is not None:
            left.append(row.instead)
    for behind, line in gone:
        if line not in left:
            at = left.index(behind) + 1 if behind is not None and behind in left else len(left)
            left[at:at] = [line]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(left))
