"""The book of "no": what was declined or taken back does not come again in other words, until something new speaks for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicegit.domain.book import No, alike, brought, declined, without
from voicegit.domain.conversation import ERASED
from voicegit.domain.directive import Example, Guards, read
from voicegit.domain.erasure import of_operation
from voicegit.domain.ids import ConversationId, DirectiveId, PersonId, SignalId
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import Signal, SignalKind

THEN = datetime(2026, 11, 20, tzinfo=UTC)


def signal(name: str, kind: SignalKind = SignalKind.TAKEOVER, at: datetime = THEN) -> Signal:
    return Signal(SignalId(name), kind, ConversationId(f"c-{name}"), None, PersonId("ana"), at, 1.0, "You broke it", "I am so sorry.")


LATER = THEN + timedelta(days=9)
REGULAR = {"customer_text": "I have been coming for years, is there something for me?", "text": "You are a regular customer: take 10 % off."}
CAT = {"customer_text": "Do you feed my cat while you clean?", "text": "We gladly feed your cat, tell us where the food is."}
SIGNALS = {
    one.id: one
    for one in [
        signal("old"),
        replace(signal("new", at=LATER), **REGULAR),  # type: ignore[arg-type]
        replace(signal("early"), **REGULAR),  # type: ignore[arg-type]
        replace(signal("nod", SignalKind.APPROVAL, LATER), **REGULAR),  # type: ignore[arg-type]
        replace(signal("cat", at=LATER), **CAT),  # type: ignore[arg-type]
        replace(signal("word", SignalKind.REJECTION, LATER), customer_text="What does it cost?", text=None, reason="Please do not call ourselves cheap"),
    ]
}


def asked(*evidence: str, change: Change = Change.ADD, to: str = "situations/pricing", **more: object) -> Operation:
    return Operation(change, DirectiveId(to), "Because.", tuple(SignalId(one) for one in evidence or ("old",)), **more)  # type: ignore[arg-type]


DISCOUNT = asked(text="Offer a 10 % discount to regular customers")


def dropped(operation: Operation, *book: No) -> str:
    left, said = without(operation, book, SIGNALS)
    assert left is None
    return said[0].reason


def kept(operation: Operation, *book: No) -> bool:
    return without(operation, book, SIGNALS) == (operation, [])


@pytest.mark.parametrize(
    "text",
    [
        "Offer a 10 % discount to regular customers",
        "Regular customers are offered a discount of 10 %",
        "offer regular customers a 10% discount!",
        "We always offer a 10 % discount to our regular customers",
    ],
)
def test_what_was_declined_does_not_come_again_in_other_words_or_another_directive(text: str) -> None:
    reason = dropped(asked(to="facts/prices", title="Prices", text=text), declined([DISCOUNT], "Too generous"))
    assert reason == "a person declined the same before, and nothing new speaks for it: “Too generous”"


@pytest.mark.parametrize(
    "text",
    [
        "Offer a 20 % discount to regular customers",
        "Never offer a 10 % discount to regular customers",
        "Ask regular customers for a review",
    ],
)
def test_another_figure_the_opposite_and_another_thing_are_no_repeats(text: str) -> None:
    assert kept(asked(text=text), declined([DISCOUNT], "Too generous"))


def test_it_comes_again_with_new_evidence_of_a_persons_own_words() -> None:
    no = declined([DISCOUNT], "Too generous", at=THEN)
    assert kept(replace(DISCOUNT, evidence=(SignalId("old"), SignalId("new"))), no)
    assert dropped(replace(DISCOUNT, evidence=(SignalId("old"), SignalId("nod"))), no)
    assert dropped(replace(DISCOUNT, evidence=(SignalId("old"), SignalId("nobody"))), no)


def test_words_about_something_else_or_older_than_the_decline_are_no_new_evidence() -> None:
    no = declined([DISCOUNT], "Too generous", at=THEN)
    assert dropped(replace(DISCOUNT, evidence=(SignalId("cat"),)), no)
    assert dropped(replace(DISCOUNT, evidence=(SignalId("early"),)), no)
    assert kept(replace(DISCOUNT, evidence=(SignalId("cat"), SignalId("new"))), no)


def test_what_is_like_the_evidence_of_then_is_about_it_too_and_so_is_the_word_that_was_to_be_guarded() -> None:
    no = declined([asked(text="Offer compensation in writing")], "Never", at=THEN)
    fed = asked("cat", text="Offer compensation in writing")
    assert dropped(fed, no)
    assert kept(fed, replace(no, about=("Can you feed the cat when you clean here?",)))
    guard = asked("word", guards=Guards(("cheap",)))
    assert kept(guard, declined([asked(guards=Guards(("cheap",)))], "We are cheap", at=THEN))
    assert dropped(replace(guard, evidence=(SignalId("cat"),)), declined([asked(guards=Guards(("cheap",)))], "We are cheap", at=THEN))


def test_what_was_declined_twice_has_the_evidence_of_both_times() -> None:
    again = declined([asked("new", text="Give regular customers a discount of 10 %, offered each time")], "Still too generous")
    assert dropped(replace(DISCOUNT, evidence=(SignalId("new"),)), declined([DISCOUNT], "Too generous"), again)


def taken_back(before: str, after: str, at: datetime) -> No:
    sets = []
    for body in (before, after):
        found, findings = read("situations/pricing.md", f"---\ntitle: Pricing\n---\n\n{body}".encode())
        assert found is not None, findings
        sets.append((found,))
    no = brought(*sets, sets[0], reason="It cost us", evidence=(SignalId("old"),), at=at)
    return replace(no, taken_back=True, about=(*no.about, "You broke it"))


def test_an_undone_lesson_returns_only_with_evidence_newer_than_the_undo() -> None:
    soon, late = (taken_back("- Be brief\n", "- Be brief\n- Offer a 10 % discount to regular customers\n", THEN + timedelta(days=days)) for days in (1, 30))
    both = replace(DISCOUNT, evidence=(SignalId("old"), SignalId("new")))
    assert kept(both, soon)
    assert dropped(both, late) == "it was taken back on 20 Dec 2026, and nothing that was taught since speaks for it: “It cost us”"
    assert kept(asked(text="Be brief, and warm too"), late)


def test_an_undone_change_of_a_rule_stands_against_the_new_words_and_against_taking_the_old_ones() -> None:
    no = taken_back("- Ask which day suits them\n", "- Propose two days to choose from\n", THEN)
    assert dropped(asked(change=Change.REVISE, rule="Ask which day suits them", text="Propose two days to choose from"), no)
    assert dropped(asked(change=Change.RETIRE, rule="Ask which day suits them"), no)


def test_only_what_is_repeated_is_taken_out_of_an_operation() -> None:
    examples = (Example(("Is there a discount?",), "Yes, 10 % for regular customers."), Example(("Do you take cards?",), "We take every card."))
    no = declined([asked(text="Offer a 10 % discount to regular customers", examples=examples[:1], guards=Guards(("cheap",)))], "Too generous")
    left, said = without(asked(text="Regular customers are offered a 10 % discount", examples=examples, guards=Guards(("cheapest", "cheaply"))), (no,), SIGNALS)
    assert left is not None
    assert (left.text, left.examples, left.guards.never_say) == (None, examples[1:], ("cheapest",))
    assert [(one.operation.text, one.operation.examples, one.operation.guards.never_say) for one in said] == [
        ("Regular customers are offered a 10 % discount", (), ()),
        (None, examples[:1], ()),
        (None, (), ("cheaply",)),
    ]


def test_two_rules_about_one_thing_are_two() -> None:
    assert alike("Say sorry first and offer to stop by", "First say sorry, then offer stopping by")
    assert not alike("We bring our own supplies", "We bring our own ladder")
    assert not alike("Cancel without a fee up to 24 hours before", "Reschedule without a fee up to 24 hours before")


def test_an_erased_operation_keeps_no_words_of_any_field() -> None:
    full = asked(
        rule="a", text="b", title="c", topics=("d",), examples=(Example(("e",), "f"),), guards=Guards(("g",)), allows=("h",), unasked=("i",), answer="j"
    )
    kept = of_operation(full)
    assert {kept.rule, kept.text, kept.title} == {ERASED}
    assert (kept.topics, kept.examples, kept.guards, kept.allows, kept.unasked, kept.answer) == ((), (), Guards(), (), (), None)
