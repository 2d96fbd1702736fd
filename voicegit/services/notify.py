"""Tells people outside the pages that a customer waits, and the customer by when somebody answers. All from rows, under leases: a restart goes on.

Whether it is still wanted is looked at when it is due, in one transaction with taking it. Should a process die while it sends, the message goes out
once more: rather twice than never.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from voicegit.domain.conversation import Author, Floor, MessageKind, unanswered
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, NoticeId
from voicegit.domain.notice import Call, Channel, Notice, NoticeKind, NoticeState, Told, free_from, time_of_day, told, told_as_test, told_of_season
from voicegit.domain.people import Person
from voicegit.domain.policy import Policy
from voicegit.domain.summon import Summon
from voicegit.domain.work import Delivery, Event
from voicegit.errors import Invalid, NotFound, Unavailable
from voicegit.ports import Transaction, Workspace
from voicegit.services import ladder
from voicegit.services.conversation import append

# ---- the channels, as people ask about them


@dataclass(frozen=True)
class ChannelState:
    """A channel and the newest message that was tried through it. `unusable` says why nothing can ever be sent through it."""

    channel: Channel
    last: Notice | None
    unusable: str | None = None

    @property
    def failed(self) -> bool:
        return self.unusable is not None or (self.last is not None and self.last.state is NoticeState.FAILED)

    def in_words(self, zone: str) -> str:
        if self.unusable is not None:
            return self.unusable
        if self.last is None or self.last.tried_at is None:
            return f'nothing was sent yet. Try it: voicegit notify test "{self.channel.name}"'
        at = f"{self.last.tried_at.astimezone(ZoneInfo(zone)):%d %b %H:%M}"
        if self.last.state is NoticeState.FAILED:
            again = "It is tried again by itself." if self.last.due_at is not None else f'Mend it, then: voicegit notify test "{self.channel.name}"'
            return f"the last message ({at}) did not arrive: {self.last.problem} {again}"
        return f"the last message ({at}) {'arrived' if self.last.sent_at is not None else 'is on its way'}"


def channels(workspace: Workspace) -> list[ChannelState]:
    """Each channel of this machine in the order of the ladder. Asks no server."""
    return [ChannelState(one, _last(workspace.store.read, one), workspace.notifier.examine(one)) for one in workspace.notifier.channels]


def trouble(workspace: Workspace) -> list[ChannelState]:
    """The channels whose last message did not arrive: for a banner. Cheap; it looks at rows alone."""
    states = [ChannelState(one, _last(workspace.store.read, one)) for one in workspace.notifier.channels]
    return [state for state in states if state.failed]


def check(workspace: Workspace) -> None:
    """For a service that starts. Raises `Invalid` when nothing can ever be sent through one of the channels."""
    for state in channels(workspace):
        if state.unusable is not None:
            raise Invalid(f"The channel {state.channel.name!r} in voicegit.toml cannot be used. {state.unusable}")


def test(workspace: Workspace, name: str) -> Notice:
    """Sends a test message now. What came of it is in the notice, and counts as the channel's last message. Raises `NotFound`."""
    channel = _channel(workspace, name)
    if channel is None:
        known = ", ".join(one.name for one in workspace.notifier.channels)
        raise NotFound(
            f"There is no channel {name[:60]!r} in voicegit.toml. " + (f"There are: {known}." if known else "docs/notifications.md says how to write one.")
        )
    now = workspace.clock.now()
    begun = Notice(NoticeId(workspace.clock.new_id()), NoticeKind.TEST, channel.name, now, tried_at=now, attempts=1)
    problem = _send(workspace, channel, told_as_test(workspace.directives.serving().policy.business.name, channel, workspace.notifier.address))
    done = begun.arrived(workspace.clock.now()) if problem is None else begun.failed(workspace.clock.now(), problem)

    def step(tx: Transaction) -> Notice:
        tx.notices.add(done)
        _say(tx, done, now)
        return done

    return workspace.store.write(step)


def _last(tx: Transaction, channel: Channel) -> Notice | None:
    return tx.notices.first(channel=channel.name, tried_at__not=None, order="-tried_at")


def _channel(workspace: Workspace, name: str) -> Channel | None:
    return next((one for one in workspace.notifier.channels if one.name == name), None)


# ---- somebody looks


def opened(workspace: Workspace, conversation: ConversationId, person: Person) -> int:
    """A person reads the conversation: what was sent about it was opened, and nobody further is told unless the customer writes again or somebody who has
    it walks away. How many messages that concerns. The customer is still told a time if nobody answers."""
    tx = workspace.store.read
    summon = tx.summons.first(conversation=conversation, ended_at=None)
    if summon is None or not any(_concerned(row) for row in tx.notices.find(summon=summon.id)):
        return 0

    def step(tx: Transaction) -> int:
        now, live = workspace.clock.now(), tx.summons.get(summon.id)
        free = free_from(live, ladder.asked_at(tx, live))
        changed = 0
        for row in tx.notices.find(summon=live.id):
            if row.state is NoticeState.SENT:
                changed += _change(tx, row, row.opened(now), now, by=person)
            elif _concerned(row) and (free is None or free <= now):
                changed += _change(tx, row, row.withdrawn(), now, by=person)
        return changed

    return workspace.store.write(step)


def _concerned(row: Notice) -> bool:
    return row.kind is not NoticeKind.TIME and (row.state is NoticeState.SENT or row.due_at is not None)


# ---- what is due


def next_due(workspace: Workspace) -> datetime | None:
    """When the earliest notice becomes due; None when there is none."""
    row = workspace.store.read.notices.first(due_at__not=None, order="due_at")
    return row.due_at if row else None


def tell_next(workspace: Workspace) -> bool:
    """Takes one due notice and does what it asks for, which may take ten seconds; False when there was none."""
    now = workspace.clock.now()
    if workspace.store.read.notices.first(due_at__le=now, order="due_at") is None:
        return False
    known = workspace.directives.serving()
    leased = workspace.store.write(lambda tx: _take(tx, workspace, known))
    if leased is not None:
        channel = _channel(workspace, leased.channel)
        problem = _send(workspace, channel, _words(workspace, leased, channel, known)) if channel else "This channel is gone."
        workspace.store.write(lambda tx: _settle(tx, workspace, leased, problem))
    return True


def _take(tx: Transaction, workspace: Workspace, known: DirectiveSet) -> Notice | None:
    """The notice that is due, leased, if it is to be sent. Whatever else becomes of it is done here."""
    now = workspace.clock.now()
    row = tx.notices.first(due_at__le=now, order="due_at")
    if row is None:
        return None
    channel = _channel(workspace, row.channel)
    if row.kind is NoticeKind.SEASON:
        return _take_season(tx, row, known, now, gone=channel is None)
    summon = tx.summons.get(row.summon)
    free = free_from(summon, ladder.asked_at(tx, summon))
    if row.kind is NoticeKind.TIME:
        _tell_customer(tx, workspace, row, known.policy, free)
    elif channel is None or free is None:
        _change(tx, row, row.withdrawn("" if channel else "This channel is not in voicegit.toml any more."), now)
    elif free > now:
        _change(tx, row, row.due(free + channel.after) if row.untouched else row.withdrawn(), now)
    else:
        return _leased(tx, row, now)
    return None


def _take_season(tx: Transaction, row: Notice, known: DirectiveSet, now: datetime, *, gone: bool) -> Notice | None:
    about = known.get(row.about) if row.about is not None else None
    day = now.astimezone(ZoneInfo(known.policy.business.timezone)).date()
    if gone or about not in known.ending(day):
        _change(tx, row, row.withdrawn("This channel is not in voicegit.toml any more." if gone else ""), now)
        return None
    return _leased(tx, row, now)


def _leased(tx: Transaction, row: Notice, now: datetime) -> Notice | None:
    if row.exhausted:
        _change(tx, row, row.failed(now, "The service ended each time while it sent this."), now)
        return None
    leased = row.leased(now)
    tx.notices.replace(row, leased)
    return leased


def _tell_customer(tx: Transaction, workspace: Workspace, row: Notice, policy: Policy, free: datetime | None) -> None:
    """The customer is told a time, if still nobody of ours has spoken or is about to."""
    now, talk = workspace.clock.now(), tx.conversations.get(row.conversation)
    if free is None or talk.floor is not Floor.SUMMONED or not policy.summon.tell_after_minutes:
        _change(tx, row, row.withdrawn(), now)
    elif free > now:
        tx.notices.replace(row, row.due(free))
    else:
        by = now.astimezone(ZoneInfo(policy.business.timezone)) + timedelta(minutes=policy.summon.answer_within_minutes)
        text = policy.summon.tell_line.replace("{time}", time_of_day(by, policy.business.country))
        line = append(tx, workspace, talk.id, Author.MODEL, text, kind=MessageKind.HOLDING)
        tx.outbox.add(Delivery(line.id, talk.id, talk.channel, now))
        _change(tx, row, row.leased(now).arrived(now), now)


def _words(workspace: Workspace, row: Notice, channel: Channel, known: DirectiveSet) -> Told:
    about = known.get(row.about) if row.about is not None else None
    if about is not None and about.ends is not None:
        return told_of_season(known.policy.business.name, about.title, about.ends, f"{workspace.notifier.address}/directives/{about.id}")
    return _call(workspace, row, channel, known.policy)


def _call(workspace: Workspace, row: Notice, channel: Channel, policy: Policy) -> Told:
    tx = workspace.store.read
    summon: Summon = tx.summons.get(row.summon)
    talk = tx.conversations.get(summon.conversation)
    customer = tx.customers.first(id=talk.customer) if talk.customer else None
    asked = unanswered(tx.messages.find(conversation=talk.id, order="-seq", limit=ladder.LOOK_BACK)[::-1], talk.settled_seq)
    call = Call(
        business=policy.business.name,
        reasons=summon.reasons,
        asked_at=asked[0].at if asked else summon.opened_at,
        link=f"{workspace.notifier.address}/c/{talk.id}",
        name=customer.name if customer else None,
        asked=asked[-1].text if asked else "",
    )
    return told(call, row, channel, workspace.clock.now())


def _send(workspace: Workspace, channel: Channel, words: Told) -> str | None:
    """Why it did not arrive; None when it did."""
    try:
        workspace.notifier.send(channel, words)
    except Unavailable as exc:
        return exc.message
    return None


def _settle(tx: Transaction, workspace: Workspace, leased: Notice, problem: str | None) -> None:
    now, row = workspace.clock.now(), tx.notices.get(leased.id)
    _change(tx, row, row.arrived(now) if problem is None else row.failed(now, problem), now)


def _change(tx: Transaction, old: Notice, new: Notice, now: datetime, *, by: Person | None = None) -> bool:
    tx.notices.replace(old, new)
    if new.state is not old.state or new.problem != old.problem:
        _say(tx, new, now, by=by)
        return True
    return False


def _say(tx: Transaction, row: Notice, now: datetime, *, by: Person | None = None) -> None:
    body = {"notice": row.id, "kind": row.kind.value, "channel": row.channel, "state": row.state.value, "person": by.id if by else None}
    tx.events.add(Event("notice", now, row.conversation, body))
