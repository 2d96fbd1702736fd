"""Whether a reply would make a known mistake again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from voicegit.domain.ids import ConversationId, MistakeId, SignalId
from voicegit.domain.mistake import Catalogue, Mistake, Reply, digest, without_name
from voicegit.domain.signal import SignalKind

AT = datetime(2026, 11, 20, tzinfo=UTC)
QUESTION, WRONG = "Can I change the date of my cleaning?", "Yes, refunds take five days."
CAUGHT = Mistake(
    MistakeId("m1"), AT, (SignalId("s1"),), ConversationId("c1"), SignalKind.REJECTION, digest(QUESTION, WRONG), QUESTION, WRONG, 1, "It asked for a date"
)


def met(question: str, answer: str, *approved_for: str) -> Mistake | None:
    return Catalogue([CAUGHT]).met(Reply(question, answer, approved_for))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (QUESTION, WRONG),
        ("can i change the DATE of my cleaning", "Yes, refunds take five days!"),
        ("How can I change my cleaning date?", WRONG),
        ("Changing the cleaning date please", "Yes, refund takes five days."),
    ],
)
def test_the_same_answer_to_a_like_question_is_the_same_mistake(question: str, answer: str) -> None:
    assert met(question, answer) is CAUGHT


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How long does a refund take?", WRONG),
        (QUESTION, "Yes, tell me which day suits you."),
        (QUESTION, "Yes, refunds take nine days."),
        ("Do you clean windows?", WRONG),
        ("Will cleaning change if I have two big dogs?", WRONG),
        ("", WRONG),
        (QUESTION, ""),
    ],
)
def test_the_same_answer_elsewhere_and_another_answer_there_are_none(question: str, answer: str) -> None:
    assert met(question, answer) is None


def test_a_question_nearer_to_one_the_answer_was_approved_for_may_have_it() -> None:
    asked = "Can I change the refund of my cleaning?"
    assert met(asked, WRONG) is CAUGHT
    assert met(asked, WRONG, "Can you change the refund of my cleaning") is None
    assert met(QUESTION, WRONG, QUESTION) is CAUGHT


def test_the_very_same_exchange_is_known_whatever_was_taken_out_of_it() -> None:
    question = "I am Dana Reyes, order 4711-22, where is it"
    kept = replace(CAUGHT, question="I am [name], order [order], where is it", digest=digest(question, WRONG))
    assert Catalogue([kept]).met(Reply(question, WRONG)) is kept


def test_an_answer_is_the_same_to_the_next_customer() -> None:
    assert without_name("Hi Dana, thank you Dana Reyes!", "Dana Reyes") == "Hi {name}, thank you {name}!"
    assert without_name("Hi Danae", "Dana Reyes") == "Hi Danae"
    assert without_name("Hi", None) == "Hi"
