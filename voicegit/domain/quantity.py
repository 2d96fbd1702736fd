"""Figures in a text, with what they count: $45 an hour and $45 are two things, and so are 30 days and 30 minutes."""

import re
from collections.abc import Iterable, Mapping

from voicegit.domain import wordforms

_DIGITS = re.compile(
    r"(?P<money>[$€£¥₹])?\s?(?P<figure>\d+(?:[.,:]\d+)*)\s?(?P<unit>%|percent|am\b|pm\b|a\.m|p\.m|o'clock|[$€£¥₹]|dollars?|euros?|pounds?)?", re.IGNORECASE
)
_PER = re.compile(r"\s*(?:/|\b(?:an?|per|every|each)\b)\s*(hour|day|night|week|month|year|person|head)\b", re.IGNORECASE)
_COUNTED = re.compile(r"[\s-]+([a-z]{2,})", re.IGNORECASE)

Quantities = Mapping[tuple[str, str], frozenset[str]]
"""By what they count (kind, and of what): the figures."""


def figures(text: str) -> frozenset[tuple[str, str]]:
    """Each figure of a text with what kind it is: money, share, time, or a plain number."""
    return frozenset((_kind(found), _figure(found)) for found in _DIGITS.finditer(text))


def other_figures(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> bool:
    """Whether two texts have figures of one kind, and of some kind no figure in common."""
    first, second = set(one), set(other)
    both = {kind for kind, _ in first} & {kind for kind, _ in second}
    return bool(both) and all(not {f for f in first if f[0] == kind} & {f for f in second if f[0] == kind} for kind in both)


def quantities(text: str) -> Quantities:
    """The figures of a text by what they count. A plain number that nothing is named after counts nothing, and is left out."""
    digits = " ".join(wordforms.FIGURES.get(word.casefold(), word) for word in text.split(" "))
    found: dict[tuple[str, str], set[str]] = {}
    for one in _DIGITS.finditer(digits):
        kind, of = _kind(one), ""
        if kind == "money":
            per = _PER.match(digits, one.end())
            of = per[1].lower() if per else ""
        elif kind == "number":
            counted = _COUNTED.match(digits, one.end("figure"))
            of = next(iter(wordforms.content(counted[1])), "") if counted else ""
        figure = _minutes(one) if kind == "time" else _figure(one)
        if figure is not None and (kind != "number" or of):
            found.setdefault((kind, of), set()).add(str(figure))
    return {what: frozenset(values) for what, values in found.items()}


def of_one_thing(one: str, other: str) -> bool:
    """Whether two texts have figures that count the same."""
    return bool(quantities(one).keys() & quantities(other).keys())


def conflict(known: str, other: str) -> bool:
    """Whether two texts give other figures of one thing; a plain number counts where they share nothing else ("$45 for one person"). A time within the hours
    that the known text gives is no other.
    """
    first, second = quantities(known), quantities(other)
    shared = [what for what in first if what in second]
    both = [what for what in shared if what[0] != "number"] or shared
    return bool(both) and all(not first[what] & second[what] and not (what[0] == "time" and _within(first[what], second[what])) for what in both)


def replaced(text: str, other: str) -> str | None:
    """A text with the other's figure in place of its own, where each has exactly one of one kind; None else."""
    for kind in ("money", "share", "time", "number"):
        mine = [found for found in _DIGITS.finditer(text) if _kind(found) == kind]
        theirs = [found for found in _DIGITS.finditer(other) if _kind(found) == kind]
        if len(mine) == len(theirs) == 1:
            return f"{text[: mine[0].start('figure')]}{theirs[0]['figure']}{text[mine[0].end('figure') :]}"
    return None


def _within(hours: frozenset[str], given: frozenset[str]) -> bool:
    """Whether one time lies between the times of a text that gives several."""
    known = [int(minutes) for minutes in hours]
    return len(known) >= 2 and len(given) == 1 and all(min(known) <= int(minutes) <= max(known) for minutes in given)


def _minutes(found: re.Match[str]) -> int | None:
    """A time of day in minutes after midnight; None for digits that are none."""
    hour, minute, *_ = [*re.split(r"[.,:]", found["figure"]), "0"]
    if max(len(hour), len(minute)) > 2:
        return None
    late = (found["unit"] or "").lower().startswith("p") and int(hour) < 12
    return (int(hour) + 12 * late) * 60 + int(minute)


def _figure(found: re.Match[str]) -> str:
    """$45 and $45.00 are one figure, as are 9 am and 9:00 am."""
    return re.sub(r"[.:]00?$", "", found["figure"].replace(",", ""))


def _kind(found: re.Match[str]) -> str:
    unit = (found["unit"] or "").lower()
    if unit in {"%", "percent"}:
        return "share"
    if ":" in found["figure"] or unit.startswith(("am", "pm", "a.m", "p.m", "o'")):
        return "time"
    return "money" if found["money"] or unit else "number"
