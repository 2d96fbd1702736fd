"""An answer that was only tried: what would be done with a customer's words under one revision, and how two revisions differ. Nothing here was sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from voicegit.domain.conversation import Author, Message, MessageKind
from voicegit.domain.directive import Directive
from voicegit.domain.gate import Action, Assessment, Reason
from voicegit.domain.ids import Revision
from voicegit.domain.people import Customer
from voicegit.domain.turn import Turn


@dataclass(frozen=True)
class Asked:
    """What a customer wrote in one go, and all that may be known when it is answered.

    `messages` is the conversation up to there (no notes), `waiting` those of them to answer, `answered` what was really said to them (empty: nothing yet),
    `turn` what the model did then. `handed_back`: a person had given the conversation back before.
    """

    messages: tuple[Message, ...]
    waiting: tuple[Message, ...]
    answered: tuple[Message, ...] = ()
    customer: Customer | None = None
    handed_back: bool = False
    turn: Turn | None = None

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.waiting)

    @property
    def earlier(self) -> tuple[Message, ...]:
        """The conversation before what waits to be answered."""
        return tuple(message for message in self.messages if message not in self.waiting)

    @property
    def by_person(self) -> bool:
        return any(message.author is Author.PERSON for message in self.answered)


@dataclass(frozen=True)
class Tried:
    """What would be done under `revision`. `text` is what the model would write, sent or not; `went_by` the directive that covered it, if one did.

    `holding_line` is what the customer would read while a person is called. Tokens and cost (US dollars) are of all calls it took; `model` is "rules"
    when no model was asked.
    """

    revision: Revision
    action: Action
    text: str
    threshold: float
    reasons: tuple[Reason, ...] = ()
    assessment: Assessment | None = None
    went_by: Directive | None = None
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    latency_ms: float = 0.0
    holding_line: str = ""

    @property
    def confidence(self) -> float:
        return self.assessment.confidence if self.assessment is not None else 0.0

    @property
    def answers(self) -> bool:
        return self.action is Action.REPLY

    def as_dict(self) -> dict[str, Any]:
        return {
            "decision": self.action.value,
            "text": self.text,
            "confidence": self.confidence,
            "threshold": self.threshold,
            "reasons": [reason.words for reason in self.reasons],
            "covered_by": self.went_by.id if self.went_by is not None else None,
            "revision": self.revision,
            "model": self.model,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
        }


class Difference(StrEnum):
    SAME = "same"
    """The same words would be sent, or a person would be called both times."""
    REWORDED = "reworded"
    ANSWERS = "answers"
    """Answered where a person would have been called."""
    CALLS = "calls"
    """A person called where it would have been answered."""


def difference(before: Tried, after: Tried) -> Difference:
    """What the customer would notice of going from one to the other."""
    if before.answers is not after.answers:
        return Difference.ANSWERS if after.answers else Difference.CALLS
    if not after.answers or before.text.split() == after.text.split():
        return Difference.SAME
    return Difference.REWORDED


@dataclass(frozen=True)
class Compared:
    """One thing asked, tried today, under a proposal, or both; None where it was not tried."""

    asked: Asked
    today: Tried | None
    proposed: Tried | None

    @property
    def difference(self) -> Difference | None:
        """None unless both were tried."""
        return difference(self.today, self.proposed) if self.today is not None and self.proposed is not None else None

    @property
    def words(self) -> list[tuple["Change", str]]:
        """Today's words as the proposal changes them; empty unless both answer."""
        if self.today is None or self.proposed is None or not (self.today.answers and self.proposed.answers):
            return []
        return word_changes(self.today.text, self.proposed.text)

    @property
    def as_then(self) -> bool:
        """Whether today the AI would say what it really said."""
        said = "\n".join(message.text for message in self.asked.answered)
        return self.today is not None and self.today.answers and not self.asked.by_person and self.today.text.split() == said.split()

    def as_dict(self) -> dict[str, Any]:
        return {
            "message": self.asked.text,
            "then": [{"author": message.author.value, "text": message.text} for message in self.asked.answered],
            "today": self.today.as_dict() if self.today is not None else None,
            "proposal": self.proposed.as_dict() if self.proposed is not None else None,
            "difference": self.difference,
        }


class Change(StrEnum):
    KEPT = "kept"
    TAKEN = "taken"
    ADDED = "added"


def word_changes(before: str, after: str) -> list[tuple[Change, str]]:
    """The text as runs of words that stay, go, or come. Those that stay or come make up `after`; those that stay or go, `before`."""
    old, new = _words(before), _words(after)
    runs: list[tuple[Change, str]] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append((Change.KEPT, "".join(new[new_from:new_to])))
            continue
        if old_to > old_from:
            runs.append((Change.TAKEN, "".join(old[old_from:old_to])))
        if new_to > new_from:
            runs.append((Change.ADDED, "".join(new[new_from:new_to])))
    return runs


def _words(text: str) -> list[str]:
    """Words with the space behind them, so that joining them gives the text back."""
    return re.findall(r"\s*\S+\s*|\s+", text) if text.strip() else [text] if text else []


def asked_in(messages: Sequence[Message]) -> list[Asked]:
    """A conversation as what the customer wrote in one go each time, with what really stood before it and what was really said to it.

    A line that only held the customer off answers nothing, as everywhere.
    """
    spoken = [message for message in messages if message.spoken]
    found: list[Asked] = []
    waiting: list[Message] = []
    answered: list[Message] = []
    upto = 0
    for place, message in enumerate(spoken, 1):
        if message.author is Author.CUSTOMER:
            if answered:
                found.append(Asked(tuple(spoken[:upto]), tuple(waiting), tuple(answered)))
                waiting, answered = [], []
            waiting.append(message)
            upto = place
        elif message.kind is MessageKind.SPOKEN and waiting:
            answered.append(message)
    return [*found, Asked(tuple(spoken[:upto]), tuple(waiting), tuple(answered))] if waiting else found
