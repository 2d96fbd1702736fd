"""Replies that wait for a look: which comes first, what a look changes, and that nothing else is shown."""

from datetime import timedelta

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.domain.ids import MessageId
from voicegit.domain.people import Role
from voicegit.domain.signal import SignalKind
from voicegit.domain.site import Rating
from voicegit.errors import Conflict, NotFound
from voicegit.services import conversation, distill, feedback, samples, takeover, transfer


def replied(shop: Shop, text: str, confidence: float = 0.95, *, covered_by: str | None = None) -> MessageId:
    """A reply of the model, a minute later than the one before."""
    shop.clock.pass_(60)
    shop.model.reply_with(sure(text, confidence=confidence, covered_by=covered_by))
    said = shop.say(shop.start(), f"What about {text}?").reply
    assert said is not None
    return said.id


def in_order(shop: Shop) -> list[str]:
    """The queue as somebody sees it who passes every reply over."""
    texts, after = [], None
    while (one := samples.following(shop.workspace, after).sample) is not None:
        texts.append(one.message.text)
        after = one.message.id
    return texts


def test_a_reply_is_shown_with_what_was_asked_who_asked_and_what_it_went_by(shop: Shop) -> None:
    shop.model.reply_with(sure("We are open from nine.", confidence=0.8, covered_by="facts/hours"))
    done = shop.say(shop.start("Dana Reyes"), "When are you open?")
    queue = samples.following(shop.workspace)
    assert queue.sample is not None and done.reply is not None
    assert (queue.sample.message, [one.text for one in queue.sample.asked], queue.sample.customer) == (done.reply, ["When are you open?"], "Dana Reyes")
    assert queue.sample.went_by is not None and queue.sample.went_by.id == "facts/hours"
    assert (queue.sample.turn.confidence, queue.sample.turn.threshold, queue.left) == (0.8, 0.7, 1)


def test_the_nearest_to_the_threshold_comes_first_and_of_equals_the_newest(shop: Shop) -> None:
    for text, confidence in (("a", 0.95), ("b", 0.72), ("c", 0.93), ("d", 0.71), ("e", 0.82), ("f", 0.96)):
        replied(shop, text, confidence)
    assert in_order(shop) == ["d", "b", "e", "c", "f", "a"]


def test_what_a_customer_was_unhappy_with_comes_before_all_else(shop: Shop) -> None:
    said = {text: replied(shop, text, confidence) for text, confidence in (("good", 0.95), ("bad", 0.95), ("worse", 0.95), ("near", 0.71))}
    for text, up in (("good", True), ("bad", False), ("worse", False)):
        about = shop.rows.messages.get(said[text])
        shop.workspace.store.write(lambda tx, about=about, up=up: tx.ratings.add(Rating(about.id, about.conversation, up, shop.clock.now())))  # type: ignore[misc]
    assert in_order(shop) == ["worse", "bad", "near", "good"]
    shown = samples.following(shop.workspace).sample
    assert shown is not None and shown.unhappy
    feedback.give(shop.workspace, said["worse"], SignalKind.REJECTION, by=shop.owner, reason="Not true.")
    assert in_order(shop) == ["bad", "near", "good"]


def test_what_was_looked_at_is_not_shown_again_to_anybody(shop: Shop) -> None:
    first, second = replied(shop, "a"), replied(shop, "b")
    feedback.give(shop.workspace, first, SignalKind.APPROVAL, by=shop.owner)
    assert in_order(shop) == ["b"]
    feedback.give(shop.workspace, second, SignalKind.REJECTION, by=shop.person("Ana", Role.OPERATOR), reason="Too short.")
    assert samples.following(shop.workspace) == samples.Queue(None, 0)


def test_passing_a_reply_over_notes_nothing(shop: Shop) -> None:
    first = replied(shop, "a")
    signals, events = shop.rows.signals.count(), shop.rows.events.count()
    assert samples.following(shop.workspace, first).sample is None
    assert samples.following(shop.workspace).left == 1
    assert (shop.rows.signals.count(), shop.rows.events.count()) == (signals, events)


def test_two_people_may_judge_the_same_reply(shop: Shop) -> None:
    said, ana = replied(shop, "a"), shop.person("Ana", Role.OPERATOR)
    feedback.give(shop.workspace, said, SignalKind.APPROVAL, by=shop.owner)
    feedback.give(shop.workspace, said, SignalKind.CORRECTION, by=ana, text="Better so.")
    assert {one.person for one in shop.rows.signals.find(message=said)} == {shop.owner.id, ana.id}
    feedback.take_back(shop.workspace, said, by=ana)
    assert samples.following(shop.workspace).left == 0


def test_a_verdict_taken_back_lets_the_reply_wait_again(shop: Shop) -> None:
    said = replied(shop, "a")
    feedback.give(shop.workspace, said, SignalKind.REJECTION, by=shop.owner, reason="Not true.")
    assert samples.waiting_verdict(shop.workspace, said, by=shop.owner) is not None
    feedback.take_back(shop.workspace, said, by=shop.owner)
    assert (in_order(shop), shop.rows.signals.count()) == (["a"], 0)
    with pytest.raises(Conflict, match="nothing to undo"):
        feedback.take_back(shop.workspace, said, by=shop.owner)


def test_what_has_been_learned_from_cannot_be_taken_back(shop: Shop) -> None:
    said = replied(shop, "a")
    feedback.give(shop.workspace, said, SignalKind.APPROVAL, by=shop.owner)
    distill.distill(shop.workspace)
    assert samples.waiting_verdict(shop.workspace, said, by=shop.owner) is None
    with pytest.raises(Conflict, match="learned from"):
        feedback.take_back(shop.workspace, said, by=shop.owner)


def test_what_a_person_wrote_cannot_be_taken_back_as_a_verdict(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    said = shop.reply(shop.summoned(), "I will stop by.")
    with pytest.raises(Conflict):
        feedback.take_back(shop.workspace, said, by=shop.owner)
    assert shop.rows.signals.count() == 1


def test_old_replies_holding_lines_peoples_words_and_imports_are_no_samples(shop: Shop) -> None:
    replied(shop, "old")
    shop.clock.pass_(timedelta(days=31).total_seconds())
    shop.model.reply_with(unsure("I think maybe"))
    talk = shop.taken_over("My vase is broken", "I will stop by.")
    conversation.note(shop.workspace, talk, "She called too.", by=shop.owner)
    line = '{"id": "past", "turns": [{"role": "customer", "text": "Hello"}, {"role": "agent", "text": "Hi"}]}'
    transfer.take_in(shop.workspace, [line], by=shop.owner)
    assert samples.following(shop.workspace) == samples.Queue(None, 0)


def test_a_reply_can_be_looked_at_by_its_name_judged_or_not(shop: Shop) -> None:
    said = replied(shop, "a")
    feedback.give(shop.workspace, said, SignalKind.APPROVAL, by=shop.owner)
    shown = samples.one(shop.workspace, said).sample
    assert shown is not None and shown.judged
    shop.model.reply_with(unsure())
    for name in (shop.reply(shop.summoned(), "I will stop by."), "nothing", "'; DROP TABLE turns; --"):
        with pytest.raises(NotFound):
            samples.one(shop.workspace, MessageId(name))


def test_a_directive_that_is_gone_keeps_no_reply_from_being_judged(shop: Shop) -> None:
    replied(shop, "a", covered_by="situations/never-was")
    shown = samples.following(shop.workspace).sample
    assert shown is not None and shown.went_by is None


def test_replies_wait_when_their_customers_took_over_from_there(shop: Shop) -> None:
    """A person who speaks after a reply has not judged it."""
    said = replied(shop, "a")
    takeover.reply(shop.workspace, shop.rows.messages.get(said).conversation, "One more thing.", by=shop.owner)
    assert in_order(shop) == ["a"]


def test_the_queue_is_found_by_an_index_however_much_was_said(shop: Shop) -> None:
    """What is asked of the database reads the few waiting rows and never the table."""
    about = shop.rows.messages.get(replied(shop, "bad"))
    shop.workspace.store.write(lambda tx: tx.ratings.add(Rating(about.id, about.conversation, False, shop.clock.now() - timedelta(days=1))))
    feedback.give(shop.workspace, about.id, SignalKind.APPROVAL, by=shop.owner)
    connection = shop.app.database.read.connection
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    samples.following(shop.workspace, MessageId("none"))
    connection.set_trace_callback(None)
    plans = [str(row[3]) for statement in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert plans and not [plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan]
    assert all(any(index in plan for plan in plans) for index in ("turns_unseen (outcome=? AND looked_at=? AND at>?)", "turns_message", "ratings_given"))
