"""A second opinion on two texts, asked in both orders: what depends on the order is no opinion."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from voicegit.domain.conversation import Message
from voicegit.domain.gate import Usage
from voicegit.domain.replay import Case, Standing


@dataclass(frozen=True)
class Judging:
    """Two texts that might answer a customer; which is whose is not told. With an `objection` (a colleague's words on one of them) it is asked which of them
    has what they found wrong; else whether a customer would be told the same by both. `earlier`: the conversation before, which "yes" is a question to.
    """

    asked: str
    one: str
    two: str
    objection: str = ""
    earlier: tuple[Message, ...] = ()


class Opinion(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    ONE = "one"
    TWO = "two"
    BOTH = "both"
    NEITHER = "neither"
    UNCLEAR = "unclear"


ABOUT_BOTH = (Opinion.SAME, Opinion.DIFFERENT, Opinion.UNCLEAR)
ABOUT_EACH = (Opinion.ONE, Opinion.TWO, Opinion.BOTH, Opinion.NEITHER, Opinion.UNCLEAR)


@dataclass(frozen=True)
class Judged:
    opinion: Opinion
    usage: Usage


def judgings(case: Case, text: str, earlier: Sequence[Message] = ()) -> tuple[Judging, Judging]:
    """What to ask about one answer: the same two texts, in both orders."""
    known, objection = (case.wanted, "") if case.wanted else (case.wrong, case.reason)
    before = tuple(earlier)
    return Judging(case.asked, known, text, objection, before), Judging(case.asked, text, known, objection, before)


def settled(known_first: Opinion, known_last: Opinion) -> Standing:
    """The standing of an answer by the opinions on both orders; open where they do not agree."""
    match (known_first, known_last):
        case (Opinion.SAME, Opinion.SAME) | (Opinion.ONE, Opinion.TWO):
            return Standing.AGREES
        case (Opinion.DIFFERENT, Opinion.DIFFERENT) | (Opinion.BOTH, Opinion.BOTH):
            return Standing.DIFFERS
        case _:
            return Standing.OPEN
