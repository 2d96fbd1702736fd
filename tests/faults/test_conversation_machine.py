"""Customers, operators, workers and time in any order, on a real workspace: what must never happen in a conversation never does.

`VOICEGIT_MACHINE_EXAMPLES` (15) and `VOICEGIT_MACHINE_STEPS` (30) make it longer.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.domain.conversation import Author, Floor, Message, MessageKind, unanswered
from voicegit.domain.ids import ConversationId
from voicegit.domain.people import Person, Role
from voicegit.domain.turn import Outcome
from voicegit.domain.work import Event, JobKind
from voicegit.errors import ModelFailure, VoicegitError
from voicegit.services import conversation, exchange, takeover, turn, worker

EXAMPLES = int(os.environ.get("VOICEGIT_MACHINE_EXAMPLES", "15"))
STEPS = int(os.environ.get("VOICEGIT_MACHINE_STEPS", "30"))
LEASE = JobKind.TURN.lease.total_seconds() + 1
SAID = st.sampled_from(["Hello there", "and on Friday?", "My vase is broken", "Let me talk to a human", "Thanks!"])
WHICH = st.integers(0, 2)
WHO = st.integers(0, 1)
SECONDS = st.sampled_from([0.5, 3, 6, LEASE, 301])


class Crash(BaseException):
    """The process that thinks is gone: nothing after it runs, no handler catches it."""


class Conversations(RuleBasedStateMachine):
    """Three conversations, two operators, one model that a thing may happen beside while it thinks."""

    def __init__(self, shop: Shop, people: list[Person]) -> None:
        super().__init__()
        self.shop, self.people = shop, people
        self.workspace, self.rows = shop.workspace, shop.rows
        self.begun = self._last_event()
        self.keys = 0

    def _last_event(self) -> int:
        newest = self.rows.events.first(order="-id")
        return newest.id if newest else 0

    @initialize()
    def three_customers(self) -> None:
        self.talks = [self.shop.start() for _ in range(3)]

    # ---- what happens

    @rule(which=WHICH, text=SAID)
    def a_customer_writes(self, which: int, text: str) -> None:
        conversation.take_in(self.workspace, self.talks[which], text)

    @rule(which=WHICH, text=SAID)
    def a_customer_writes_and_the_message_comes_twice(self, which: int, text: str) -> None:
        self.keys += 1
        first = conversation.take_in(self.workspace, self.talks[which], text, key=str(self.keys))
        again = conversation.take_in(self.workspace, self.talks[which], text, key=str(self.keys))
        assert (again.message, again.repeated, again.mine) == (first.message, True, False)

    @rule(which=WHICH, text=SAID, beside=st.data())
    def a_customer_asks_and_waits(self, which: int, text: str, beside: Any) -> None:
        self._thinking(lambda: exchange.say(self.workspace, self.talks[which], text), self.talks[which], beside)

    @rule(beside=st.data(), which=WHICH)
    def a_worker_does_what_is_due(self, beside: Any, which: int) -> None:
        self._thinking(lambda: worker.work_once(self.workspace, failed=lambda job, exc: None), self.talks[which], beside)

    @rule(which=WHICH, beside=st.data())
    def a_worker_that_has_no_lease_runs_a_turn(self, which: int, beside: Any) -> None:
        self._thinking(lambda: turn.run(self.workspace, self.talks[which]), self.talks[which], beside)

    @rule(which=WHICH, who=WHO, text=st.sampled_from(["I will look at it.", "I am here."]))
    def a_person_replies(self, which: int, who: int, text: str) -> None:
        self._try(lambda: takeover.reply(self.workspace, self.talks[which], text, by=self.people[who]))

    @rule(which=WHICH, who=WHO)
    def a_person_claims(self, which: int, who: int) -> None:
        self._try(lambda: takeover.claim(self.workspace, takeover.summon_of(self.workspace, self.talks[which]).id, by=self.people[who]))

    @rule(which=WHICH, who=WHO)
    def a_person_takes_their_last_words_back(self, which: int, who: int) -> None:
        last = self.rows.messages.first(conversation=self.talks[which], author=Author.PERSON, kind=MessageKind.SPOKEN, order="-seq")
        if last is not None:
            self._try(lambda: takeover.undo(self.workspace, last.id, by=self.people[who]))

    @rule(which=WHICH)
    def a_person_hands_back(self, which: int) -> None:
        self._try(lambda: takeover.hand_back(self.workspace, self.talks[which]))

    @rule(which=WHICH)
    def a_person_resolves(self, which: int) -> None:
        self._try(lambda: takeover.resolve(self.workspace, self.talks[which]))

    @rule(which=WHICH, who=WHO)
    def a_person_leaves_a_note(self, which: int, who: int) -> None:
        conversation.note(self.workspace, self.talks[which], "careful", by=self.people[who])

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.shop.clock.pass_(seconds)

    @rule()
    def what_is_due_leaves(self) -> None:
        worker.deliver_due(self.workspace)

    @rule()
    def the_service_stops_and_starts(self) -> None:
        worker.give_up_leases(self.workspace)

    def _thinking(self, does: Callable[[], object], talk: ConversationId, beside: Any) -> None:
        """Does it, with a model that says anything while anything happens beside it, or that never comes back."""
        self.shop.model.queued.clear()
        happenings = {
            "nothing": lambda: None,
            "the customer writes": lambda: conversation.take_in(self.workspace, talk, "one more thing"),
            "a person replies": lambda: takeover.reply(self.workspace, talk, "I am here myself.", by=self.people[0]),
            "a person replies and hands back": lambda: [
                takeover.reply(self.workspace, talk, "Done, goodbye.", by=self.people[0]),
                takeover.hand_back(self.workspace, talk),
            ],
            "a person replies and takes it back": lambda: [
                takeover.undo(self.workspace, takeover.reply(self.workspace, talk, "Oops", by=self.people[0]).id, by=self.people[0]),
                takeover.hand_back(self.workspace, talk),
            ],
            "a person resolves": lambda: takeover.resolve(self.workspace, talk),
            "the lease runs out and another worker is faster": lambda: [self.shop.clock.pass_(LEASE), self._alone(lambda: turn.run(self.workspace, talk))],
            "the process is killed": self._crash,
        }

        def meanwhile() -> None:
            answer = beside.draw(st.sampled_from(["sure", "sure", "unsure", "error"]), label="the model is")
            said = {"sure": sure("Certainly!"), "unsure": unsure("Perhaps"), "error": ModelFailure("timeout", "no")}[answer]
            happening = beside.draw(st.sampled_from(sorted(happenings)), label="meanwhile")
            self._try(happenings[happening])
            self.shop.model.queued.appendleft(said)

        self.shop.model.meanwhile = meanwhile
        try:
            does()
        except Crash:
            pass
        finally:
            self.shop.model.meanwhile = lambda: None

    def _alone(self, does: Callable[[], object]) -> None:
        beside, self.shop.model.meanwhile = self.shop.model.meanwhile, lambda: None
        does()
        self.shop.model.meanwhile = beside

    def _crash(self) -> None:
        raise Crash

    def _try(self, does: Callable[[], object]) -> None:
        """What is not possible from here says so; any other error is a bug."""
        try:
            does()
        except VoicegitError as exc:
            assert exc.message

    # ---- what must always hold

    @invariant()
    def nobody_talks_over_anybody(self) -> None:
        """From a summon or a person's words on, the model is silent until they hand back; and it answers only what waits for an answer."""
        events = self.rows.events.find(id__gt=self.begun, order="id")
        assert [event.id for event in events] == list(range(self.begun + 1, self.begun + 1 + len(events)))
        messages = {m.id: m for talk in self.talks for m in self.rows.messages.find(conversation=talk, order="seq")}
        for talk in self.talks:
            _silent_while_held([event for event in events if event.conversation == talk], messages)

    @invariant()
    def every_message_is_answered_or_waits_with_a_person_or_has_a_job(self) -> None:
        for talk in self.talks:
            known = self.rows.conversations.get(talk)
            waits = unanswered(self.rows.messages.find(conversation=talk, order="seq"))
            job = self.rows.jobs.first(subject=talk)
            assert not waits or known.floor is not Floor.MODEL or known.resolved_at is not None or job is not None
            assert known.floor is Floor.MODEL or job is None

    @invariant()
    def messages_are_counted_without_gaps(self) -> None:
        for talk in self.talks:
            messages = self.rows.messages.find(conversation=talk, order="seq")
            assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
            assert self.rows.conversations.get(talk).last_seq == len(messages)

    @invariant()
    def what_lists_are_drawn_from_says_what_the_messages_say(self) -> None:
        for talk in self.talks:
            known, messages = self.rows.conversations.get(talk), self.rows.messages.find(conversation=talk, order="seq")
            waits = unanswered(messages, known.settled_seq)
            asked = [m.id for m in messages if m.author is Author.CUSTOMER]
            assert known.waits_from == (waits[0].id if waits else None)
            assert known.asked == (asked[-1] if asked else None)
            assert known.newest == (messages[-1].id if messages else None)

    @invariant()
    def what_goes_out_is_in_the_outbox_and_nothing_else(self) -> None:
        for talk in self.talks:
            outgoing = {m.id for m in self.rows.messages.find(conversation=talk) if m.author is not Author.CUSTOMER and m.kind is not MessageKind.NOTE}
            assert {row.id for row in self.rows.outbox.find(conversation=talk)} == outgoing

    @invariant()
    def one_summon_lives_where_a_person_is_called_and_none_where_the_model_speaks(self) -> None:
        for talk in self.talks:
            live = self.rows.summons.find(conversation=talk, ended_at=None)
            floor = self.rows.conversations.get(talk).floor
            assert len(live) <= 1
            assert floor is not Floor.SUMMONED or len(live) == 1
            assert floor is not Floor.MODEL or live == []
            assert (floor is Floor.PERSON) == (self.rows.conversations.get(talk).holder is not None)

    @invariant()
    def every_reply_of_the_model_is_one_turns(self) -> None:
        for talk in self.talks:
            replies = [m.id for m in self.rows.messages.find(conversation=talk, author=Author.MODEL, kind=MessageKind.SPOKEN, order="seq")]
            turns = self.rows.turns.find(conversation=talk, outcome=Outcome.REPLY)
            assert sorted(replies) == sorted(one.message or "" for one in turns)
            assert len({one.upto_seq for one in turns}) == len(turns)

    def teardown(self) -> None:
        """Left alone, everything comes to rest: nothing is left to be done by us, and whoever is unanswered waits with a person."""
        self.shop.model.queued.clear()
        self.shop.clock.pass_(1000)
        turns = [worker.work_once(self.workspace, failed=lambda job, exc: None) for _ in range(10)]
        assert not turns[-1], "a job comes back again and again"
        worker.deliver_due(self.workspace)
        for talk in getattr(self, "talks", []):
            assert self.rows.jobs.find(subject=talk) == []
            assert self.rows.outbox.find(conversation=talk, state="waiting") == []
            known = self.rows.conversations.get(talk)
            assert not unanswered(self.rows.messages.find(conversation=talk, order="seq")) or known.floor is not Floor.MODEL or known.resolved_at is not None
        self.workspace.store.write(lambda tx: [tx.signals.remove(one) for one in tx.signals.find()] + [tx.jobs.remove(one) for one in tx.jobs.find()])


def _silent_while_held(events: list[Event], messages: dict[Any, Message]) -> None:
    held, said = False, dict[str, Message]()
    for event in events:
        if event.kind == "message":
            message = messages[event.body["message"]]
            if message.author is Author.MODEL:
                assert not held, "the model spoke while a person had the floor"
                assert unanswered(list(said.values())), "the model answered what was answered already"
            held = held or (message.author is Author.PERSON and message.kind is MessageKind.SPOKEN)
            said[message.id] = replace(message, withdrawn_at=None)
        elif event.kind == "withdrawn":
            said.pop(event.body["message"])
        elif event.kind == "summon":
            held = True
        elif event.kind in {"handback", "resolved"}:
            held = False


@pytest.mark.slow
def test_whatever_happens_in_whatever_order_nothing_happens_that_never_may(shop: Shop) -> None:
    people = [shop.person("Ana", Role.OPERATOR), shop.person("Ben", Role.OPERATOR)]
    run_state_machine_as_test(
        lambda: Conversations(shop, people),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), database=None),
    )


def test_a_person_who_answered_and_handed_back_while_the_model_thought_is_not_talked_over(shop: Shop) -> None:
    talk = shop.start()

    def answered_already() -> None:
        shop.model.meanwhile = lambda: None
        shop.reply(talk, "Done, goodbye.")
        takeover.hand_back(shop.workspace, talk)

    shop.model.meanwhile = answered_already
    shop.say(talk, "Hello there")
    assert [m.text for m in shop.rows.messages.find(conversation=talk, order="seq")] == ["Hello there", "Done, goodbye."]
    assert shop.rows.jobs.find() == []
