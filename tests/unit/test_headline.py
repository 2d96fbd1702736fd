"""A proposal is called by what it really holds."""

from dataclasses import replace
from datetime import date

import pytest

from voicegit.domain import headline
from voicegit.domain.directive import Example, Guards
from voicegit.domain.ids import DirectiveId, SignalId
from voicegit.domain.operation import Change, Contested, Operation

WORDS, HOURS = DirectiveId("voice/words"), DirectiveId("facts/opening-hours")
TITLES = {WORDS: "Words we avoid", HOURS: "When we work"}
DAY = date(2026, 11, 20)
QUESTION = Contested("Never say “cheap”", "Yes, cheap ladders.", "Maria", DAY, 1, "Lea", DAY)
EXAMPLE = Example(("Do you sell ladders?",), "Yes, cheap ladders.")

NEW = Operation(Change.ADD, DirectiveId("situations/ladders"), "So.", (), title="Questions about ladders", examples=(EXAMPLE,))
MORE = Operation(Change.ADD, HOURS, "So.", (), examples=(EXAMPLE,))
SURER = Operation(Change.REINFORCE, HOURS, "So.", ())
ALLOWED = Operation(Change.REVISE, WORDS, "So.", (), allows=("cheap",), question=QUESTION)
REVISED = Operation(Change.REVISE, HOURS, "So.", (), rule="We open at 8", text="We open at 9", question=QUESTION)


@pytest.mark.parametrize(
    ("operations", "title"),
    [
        ((), "Nothing to learn"),
        ((NEW,), "Questions about ladders"),
        ((replace(NEW, question=replace(QUESTION, dispute=True)),), "Questions about ladders"),
        ((MORE,), "More examples for opening hours"),
        ((SURER,), "What you approved, confirmed"),
        ((replace(MORE, answer="We open at 8"),), "A corrected answer in opening hours"),
        ((Operation(Change.ADD, WORDS, "So.", (), guards=Guards(("cheap",))),), "Never say “cheap”"),
        ((ALLOWED,), "Which holds? Words we avoid"),
        ((SURER, REVISED), "Which holds? When we work"),
        ((REVISED, replace(MORE, evidence=(SignalId("s"),))), "More examples for opening hours; which holds? When we work"),
        ((replace(REVISED, evidence=(SignalId("s"),)), replace(MORE, evidence=(SignalId("s"),))), "Which holds? When we work"),
        ((ALLOWED, NEW), "Questions about ladders; which holds? Words we avoid"),
    ],
)
def test_a_headline_says_what_is_in_it(operations: tuple[Operation, ...], title: str) -> None:
    assert headline.of(operations, TITLES) == title
