"""The embedded default model: no key, no network. It can only quote what a person approved, and it composes no text of its own.

It finds the approved example or fact that fits the customer's words, fills its `{placeholders}` from the customer's record, and says
how likely it is the right one. Nothing heavy is imported until it is first asked.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING

from voicegit.adapters.models.local.language import is_content, tokens
from voicegit.domain.directive import Kind
from voicegit.domain.gate import Action, Assessment, Draft, Usage
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.triggers import fired
from voicegit.domain.turn import Question

if TYPE_CHECKING:
    from voicegit.adapters.models.local.matching import Index, Match

COVERED = 0.5
"""The chance of being right from which a case counts as covered: more likely right than wrong."""
KEPT = 4
"""Indexes kept: what serves, what a replay compares it with, and a proposal or two."""

_FIELD = re.compile(r"\{([^{}\n]{1,40})\}")
_STRONG = re.compile(
    r"(?<!\w)(heartbroken|devastated|crying|in tears|desperate|scared|terrified|died|death|funeral|cancer|emergency|urgent(ly)?|panic\w*)(?!\w)", re.IGNORECASE
)
_USAGE = Usage("local")


class LocalModel:
    """Fulfils `ports.ChatModel`. Safe to share between threads; a set of directives is indexed once per day."""

    def __init__(self) -> None:
        self._indexes: OrderedDict[tuple[str, date], tuple[DirectiveSet, Index]] = OrderedDict()
        self._lock = Lock()

    def warm(self, known: DirectiveSet, today: date) -> None:
        """Builds the index ahead of the first question: about 1 ms per phrasing."""
        self._index(known, today)

    def answer(self, question: Question, *, deadline: float) -> Draft:
        """A quotation, or a summon. Takes milliseconds, so `deadline` is not looked at; never raises for any text."""
        index = self._index(question.known, question.now.date())
        if _several(index, question.asked):
            several = Assessment(clear=False, informed=True, unremarkable=True, covered=False, confidence=0.0, note="It asks more than one thing at once.")
            return Draft(several, Action.SUMMON, "", _USAGE)
        found = _wanted(index, question)
        text = None if found is None else filled(found.answer.text, {} if question.customer is None else question.customer.values)
        assessment = _assessed(question, index, found, informed=found is None or text is not None)
        if text is None or not (assessment.covered and assessment.informed and assessment.clear):
            return Draft(assessment, Action.SUMMON, "", _USAGE)
        return Draft(assessment, Action.REPLY, text, _USAGE)

    def closest(self, question: Question) -> "Match | None":
        """What it would quote if it had to, however unsure; for pages and measurements."""
        return _wanted(self._index(question.known, question.now.date()), question)

    def _index(self, known: DirectiveSet, today: date) -> "Index":
        from voicegit.adapters.models.local.matching import Index

        key = (str(known.revision), today)
        with self._lock:
            kept = self._indexes.get(key)
            # Sets made by hand may share a revision: a set is the same only if its directives and trigger words are.
            if kept is None or not (kept[0] is known or (kept[0].directives == known.directives and kept[0].policy == known.policy)):
                kept = (known, Index(known.in_force(today), known.policy.gate.words))
            self._indexes[key] = kept
            self._indexes.move_to_end(key)
            while len(self._indexes) > KEPT:
                self._indexes.popitem(last=False)
            return kept[1]


def _several(index: "Index", asked: str) -> bool:
    """Whether there are two questions that no one answer covers: a quotation of one would pass the other over. "What is going on?" asks nothing more."""
    parts = [part for part in re.split(r"(?<=\?)\s+|\n", asked) if part.rstrip().endswith("?")]
    questions = [part for part in parts if len(tokens(part)) >= 3 and any(map(is_content, tokens(part)))]
    if len(questions) < 2:
        return False
    matches = [index.best(question) for question in questions]
    return len({match.answer.directive if match and match.confidence >= COVERED else number for number, match in enumerate(matches)}) > 1


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """An approved text with its `{fields}` from the customer's record; None when a field is not known."""
    wanted = [name.strip() for name in _FIELD.findall(text)]
    if any(not values.get(name, "").strip() for name in wanted):
        return None
    return _FIELD.sub(lambda field: values[field[1].strip()].strip(), text)


def _wanted(index: "Index", question: Question) -> "Match | None":
    """The best answer; asked again, the next different one of the same case, if it fits nearly as well."""
    ranked = index.ranked(question.asked)
    if question.avoid is None:
        return ranked[0] if ranked else None
    second = ranked[1] if len(ranked) > 1 else None
    if second is None or second.similarity < 0.5 * ranked[0].similarity:
        return None
    return replace(second, confidence=ranked[0].confidence * second.similarity / max(ranked[0].similarity, 1e-9))


def _assessed(question: Question, index: "Index", found: "Match | None", *, informed: bool) -> Assessment:
    asked = question.asked
    confidence = 0.0 if found is None else float(found.confidence)
    covered = confidence >= COVERED
    return Assessment(
        clear=bool(tokens(asked)) and (index.knows_a_word_of(asked) or found is not None),
        informed=informed,
        unremarkable=not fired(asked, question.known.policy.gate.words) and not _STRONG.search(asked),
        covered=covered,
        confidence=confidence,
        covered_by=found.answer.directive if found is not None and covered and found.answer.kind is not Kind.VOICE else None,
        note=_note(found, informed=informed),
    )


def _note(found: "Match | None", *, informed: bool) -> str:
    if found is None:
        return "Nothing approved is like this."
    phrasing = " ".join(found.phrasing.split())
    shown = phrasing if len(phrasing) <= 80 else phrasing[:79].rstrip() + "…"
    missing = "" if informed else " Its answer needs a field that this customer's record does not have."
    return f"Closest: “{shown}” in {found.answer.directive}, {found.similarity:.0%} alike.{missing}".replace("%", " %", 1)
