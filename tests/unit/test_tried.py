"""What was only tried: conversations taken apart into what was asked, and how two answers differ."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit.domain.conversation import Author, Message, MessageKind
from voicegit.domain.gate import Action
from voicegit.domain.ids import ConversationId, MessageId, PersonId, Revision
from voicegit.domain.tried import Change, Difference, Tried, asked_in, difference, word_changes

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
WHO = {"c": Author.CUSTOMER, "m": Author.MODEL, "h": Author.MODEL, "p": Author.PERSON, "n": Author.PERSON}
KIND = {"h": MessageKind.HOLDING, "n": MessageKind.NOTE}


def talk(script: str) -> list[Message]:
    """c: customer, m: model, h: a holding line, p: person, n: a note. A text is its letter and its number."""
    person = PersonId("p")
    return [
        Message(
            MessageId(f"m-{seq}"),
            ConversationId("c"),
            seq,
            WHO[who],
            f"{who}{seq}",
            NOW,
            KIND.get(who, MessageKind.SPOKEN),
            person if who in "pn" else None,
        )
        for seq, who in enumerate(script, 1)
    ]


def taken_apart(script: str) -> list[tuple[str, str, str]]:
    """(all that could be read, what was to be answered, what was said)"""
    return [tuple(" ".join(one.text for one in part) for part in (step.messages, step.waiting, step.answered)) for step in asked_in(talk(script))]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("script", "steps"),
    [
        ("", []),
        ("m", []),
        ("c", [("c1", "c1", "")]),
        ("cm", [("c1", "c1", "m2")]),
        ("ccm", [("c1 c2", "c1 c2", "m3")]),
        ("cmcm", [("c1", "c1", "m2"), ("c1 m2 c3", "c3", "m4")]),
        ("chp", [("c1", "c1", "p3")]),
        ("chcpp", [("c1 h2 c3", "c1 c3", "p4 p5")]),
        ("chnpc", [("c1", "c1", "p4"), ("c1 h2 p4 c5", "c5", "")]),
        ("mc", [("m1 c2", "c2", "")]),
    ],
)
def test_a_conversation_is_taken_apart_into_what_was_asked_and_what_was_said_to_it(script: str, steps: list[tuple[str, str, str]]) -> None:
    assert taken_apart(script) == steps


@given(st.text("cmhpn", max_size=14))
def test_every_word_of_the_customer_is_asked_once_and_nothing_later_is_known(script: str) -> None:
    steps, messages = asked_in(talk(script)), talk(script)
    assert [one for step in steps for one in step.waiting] == [one for one in messages if one.author is Author.CUSTOMER]
    for step in steps:
        assert step.messages[-1] == step.waiting[-1]
        assert all(one.spoken and one.seq <= step.waiting[-1].seq for one in step.messages)


def tried(action: Action, text: str = "") -> Tried:
    return Tried(Revision("0" * 40), action, text, 0.7)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (tried(Action.REPLY, "At nine."), tried(Action.REPLY, "At  nine.\n"), Difference.SAME),
        (tried(Action.REPLY, "At nine."), tried(Action.REPLY, "At ten."), Difference.REWORDED),
        (tried(Action.SUMMON, "maybe"), tried(Action.SUMMON, "perhaps"), Difference.SAME),
        (tried(Action.SUMMON), tried(Action.REPLY, "At nine."), Difference.ANSWERS),
        (tried(Action.REPLY, "At nine."), tried(Action.SUMMON), Difference.CALLS),
    ],
)
def test_what_a_customer_would_notice(before: Tried, after: Tried, expected: Difference) -> None:
    assert difference(before, after) is expected


@given(st.text("ab \n", max_size=30), st.text("ab \n", max_size=30))
def test_a_word_difference_holds_both_texts_to_the_letter(before: str, after: str) -> None:
    runs = word_changes(before, after)
    assert "".join(text for change, text in runs if change is not Change.ADDED) == before
    assert "".join(text for change, text in runs if change is not Change.TAKEN) == after


def test_a_word_difference_names_the_words_that_changed() -> None:
    assert word_changes("We open at nine.", "We open at ten, madam.") == [
        (Change.KEPT, "We open at "),
        (Change.TAKEN, "nine."),
        (Change.ADDED, "ten, madam."),
    ]
