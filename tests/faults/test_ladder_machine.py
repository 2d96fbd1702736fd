"""Customers, people and time in any order, with people to be told: nobody is told too often or for nothing, and a customer who waits is told of.

`VOICEGIT_MACHINE_EXAMPLES` (15) and `VOICEGIT_MACHINE_STEPS` (30) make it longer.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import Shop
from voicegit.domain.conversation import MessageKind, unanswered
from voicegit.domain.ids import SummonId
from voicegit.domain.notice import AGAIN, Channel, NoticeKind, Told
from voicegit.domain.people import Role
from voicegit.domain.summon import LEASE, Summon, SummonStatus
from voicegit.errors import Unavailable, VoicegitError
from voicegit.services import conversation, notify, takeover, turn

EXAMPLES = int(os.environ.get("VOICEGIT_MACHINE_EXAMPLES", "15"))
STEPS = int(os.environ.get("VOICEGIT_MACHINE_STEPS", "30"))
WHO = st.integers(0, 1)
LAST = timedelta(minutes=10)


@dataclass
class Listening:
    """A notifier that writes down what it is given; it fails while `down`."""

    channels: tuple[Channel, ...] = (Channel("at once", "json://a"), Channel("later", "json://b", after_minutes=10))
    address: str = "https://desk.example.com"
    got: list[str] = field(default_factory=list)
    down: bool = False
    look: Callable[[str], None] = lambda name: None

    def examine(self, channel: Channel) -> str | None:
        return None

    def send(self, channel: Channel, told: Told) -> None:
        self.look(channel.name)
        if self.down:
            raise Unavailable("It is down.")
        self.got.append(channel.name)


class Ladder(RuleBasedStateMachine):
    """One conversation, two people, two channels."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.people = [shop.owner, next(iter(shop.rows.people.find(name="Olga")))]
        self.notifier = Listening()
        self.notifier.look = self.is_right
        self.workspace = replace(shop.workspace, notifier=self.notifier)
        self.shop, self.rows = replace(shop, app=replace(shop.app, workspace=self.workspace)), shop.rows
        self.told: dict[tuple[SummonId, str], datetime] = {}

    @initialize()
    def a_person_is_called(self) -> None:
        self.talk = self.shop.summoned()
        self.tell()

    def summon(self) -> Summon | None:
        return self.rows.summons.first(conversation=self.talk, ended_at=None)

    def waits_since(self) -> datetime | None:
        talk = self.rows.conversations.get(self.talk)
        asked = unanswered(self.rows.messages.find(conversation=self.talk, order="seq"), talk.settled_seq)
        return asked[0].at if asked else None

    def is_right(self, channel: str) -> None:
        """At the moment of each try: somebody waits, nobody has it, and this channel was not tried within the last minute."""
        summon, now = self.summon(), self.shop.clock.now()
        assert summon is not None
        since = self.waits_since()
        assert since is not None
        assert not (summon.status is SummonStatus.CLAIMED and summon.lease_until is not None and now < summon.lease_until)
        assert not (summon.status is SummonStatus.ANSWERED and now < since + LEASE)
        before = self.told.get((summon.id, channel))
        assert before is None or now >= before + AGAIN
        self.told[summon.id, channel] = now

    def tell(self) -> None:
        for _ in range(50):
            if not notify.tell_next(self.workspace):
                return
        raise AssertionError("it never comes to rest")

    # ---- what happens

    @rule()
    def the_customer_writes(self) -> None:
        conversation.take_in(self.workspace, self.talk, "My vase is broken")
        if self.rows.conversations.get(self.talk).floor == "model":
            turn.run(self.workspace, self.talk)
        self.tell()

    @rule(who=WHO)
    def somebody_claims(self, who: int) -> None:
        self.tries(lambda: takeover.claim(self.workspace, takeover.summon_of(self.workspace, self.talk).id, by=self.people[who]))

    @rule(who=WHO)
    def somebody_takes_over(self, who: int) -> None:
        self.tries(lambda: takeover.take_over(self.workspace, self.talk, by=self.people[who]))

    @rule(who=WHO)
    def somebody_answers(self, who: int) -> None:
        self.tries(lambda: takeover.reply(self.workspace, self.talk, "I am on my way.", by=self.people[who]))

    @rule(who=WHO)
    def somebody_opens_it(self, who: int) -> None:
        notify.opened(self.workspace, self.talk, self.people[who])

    @rule()
    def it_is_handed_back(self) -> None:
        self.tries(lambda: takeover.hand_back(self.workspace, self.talk))

    @rule(down=st.booleans())
    def servers_come_and_go(self, down: bool) -> None:
        self.notifier.down = down

    @rule(seconds=st.sampled_from([1, 20, 61, 240, 301, 601, 901]))
    def time_passes(self, seconds: int) -> None:
        self.shop.clock.pass_(seconds)
        self.tell()

    def tries(self, step: Callable[[], object]) -> None:
        with contextlib.suppress(VoicegitError):
            step()
        self.tell()

    # ---- what holds always

    @invariant()
    def a_channel_has_at_most_one_message_to_come(self) -> None:
        due = [(row.summon, row.channel) for row in self.rows.notices.find(due_at__not=None)]
        assert len(due) == len(set(due))

    @invariant()
    def a_customer_is_told_a_time_once_a_summon(self) -> None:
        lines = [one for one in self.rows.messages.find(kind=MessageKind.HOLDING) if one.turn is None]
        assert len(lines) <= self.rows.notices.count(kind=NoticeKind.TIME)

    def teardown(self) -> None:
        """Somebody waits, nobody comes and the servers are up again: everybody hears of it."""
        self.notifier.down = False
        self.the_customer_writes()
        self.shop.clock.pass_((LEASE + LAST).total_seconds())
        self.tell()
        summon = self.summon()
        opened = [row for row in self.rows.notices.find(summon=summon.id) if row.opened_at] if summon else []
        if summon is not None and self.waits_since() is not None and not opened:
            tried = {row.channel for row in self.rows.notices.find(summon=summon.id) if row.tried_at is not None}
            assert tried >= {"at once", "later"}, [vars(row) for row in self.rows.notices.find(summon=summon.id)]
        self.shop.clock.pass_(100_000)
        self.tell()
        assert notify.next_due(self.workspace) is None
        self.tries(lambda: takeover.resolve(self.workspace, self.talk))
        self.workspace.store.write(lambda tx: [tx.signals.remove(one) for one in tx.signals.find()] + [tx.jobs.remove(one) for one in tx.jobs.find()])


@pytest.mark.slow
def test_whatever_happens_people_are_told_in_time_and_never_for_nothing(shop: Shop) -> None:
    shop.person("Olga", Role.OPERATOR)
    run_state_machine_as_test(
        lambda: Ladder(shop),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), database=None),
    )
