"""Which conversations a person works on, as a person wants to read them. Lists cost one query a table, however many conversations there are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from voicegit.domain import site
from voicegit.domain.conversation import Conversation, Floor, Message, told_apart
from voicegit.domain.ids import ConversationId, CustomerId, MessageId, PersonId
from voicegit.domain.people import Person
from voicegit.domain.summon import LEASE, Summon, SummonStatus
from voicegit.domain.turn import Turn
from voicegit.domain.work import Event
from voicegit.ports import Transaction, Workspace
from voicegit.services import takeover
from voicegit.services import turn as turns
from voicegit.services.conversation import lease_turn

PAGE = 25
"""Conversations on one page of a list."""

NAMES = 50
"""Customers that one search looks at, at the most."""


_END = re.compile(r"[0-9a-f]{4,12}")
"""How the end of a conversation's id reads: all that some customers are told apart by."""


class Tab(StrEnum):
    SUMMONS = "summons"
    MINE = "mine"
    AI = "ai"
    ALL = "all"
    SNOOZED = "snoozed"


@dataclass(frozen=True)
class Row:
    """One conversation of a list. `channel` is as people read it, `text` the customer's newest words, `at` when the newest message came.

    `since` is when the customer began to wait for a person; None when nobody waits. `reasons` are the live summon's.
    `holder` is who has it: by a claim that has not run out, or by having answered. `unread` until somebody has opened it.
    """

    conversation: ConversationId
    customer: str | None
    channel: str
    text: str
    at: datetime
    since: datetime | None
    floor: Floor
    resolved: bool
    reasons: tuple[str, ...]
    holder: Person | None
    unread: bool
    snoozed_until: datetime | None
    came_back: bool

    @property
    def who(self) -> str:
        return told_apart(self.customer, self.conversation)


@dataclass(frozen=True)
class Listed:
    """A page of a list; `after` asks for the next one. `held`, beside the summons: what a person has answered and not handed back."""

    rows: tuple[Row, ...]
    held: tuple[Row, ...] = ()
    after: MessageId | None = None


@dataclass(frozen=True)
class Counts:
    summons: int
    mine: int
    snoozed: int


def listed(workspace: Workspace, tab: Tab, *, person: Person, after: str | None = None) -> Listed:
    """Who waits longest first in the summons, the newest first elsewhere, and what comes back soonest among the snoozed."""
    tx, now = workspace.store.read, workspace.clock.now()
    match tab:
        case Tab.SUMMONS:
            page = _waiting(tx, now, after)
            held = [] if len(page) > PAGE else [one for one in _away(tx) if not one.rests(now)]
            rows = _rows(tx, now, [*page[:PAGE], *held])
            cut = len(page[:PAGE])
            return Listed(tuple(rows[:cut]), tuple(rows[cut:]), page[PAGE - 1].waits_from if len(page) > PAGE else None)
        case Tab.MINE:
            return Listed(tuple(_rows(tx, now, _mine(tx, person, now))))
        case Tab.SNOOZED:
            return Listed(tuple(_rows(tx, now, tx.conversations.find(snoozed_until__gt=now, order="snoozed_until", limit=PAGE))))
        case Tab.AI:
            return _newest_first(tx, now, after, floor=Floor.MODEL, resolved_at=None)
        case Tab.ALL:
            return _newest_first(tx, now, after)


def found(workspace: Workspace, words: str, *, after: str | None = None) -> Listed:
    """The conversations with customers whose name holds these words, newest first; else those without a name that lists tell apart by them."""
    tx, now = workspace.store.read, workspace.clock.now()
    named = tx.customers.find(name__contains=words.strip(), order="name", limit=NAMES)
    if named:
        return _newest_first(tx, now, after, customer__in=[one.id for one in named])
    end = words.rpartition("·")[2].strip().lower()
    nameless = tx.conversations.find(customer=None, id__contains=end, order="-id") if _END.fullmatch(end) else []
    return _newest_first(tx, now, after, id__in=[one.id for one in nameless if one.id.endswith(end)][:NAMES])


def counts(workspace: Workspace, *, person: Person) -> Counts:
    tx, now = workspace.store.read, workspace.clock.now()
    return Counts(summons=waits(workspace), mine=len(_mine(tx, person, now)), snoozed=tx.conversations.count(snoozed_until__gt=now))


def waits(workspace: Workspace) -> int:
    """How many customers wait for a person now."""
    tx, now = workspace.store.read, workspace.clock.now()
    resting = tx.conversations.count(snoozed_until__gt=now, floor__not=Floor.MODEL, waits_from__not=None)
    return tx.conversations.count(floor__not=Floor.MODEL, waits_from__not=None) - resting


def opened(workspace: Workspace, conversation: ConversationId) -> None:
    """Somebody of the team reads it: nothing in it is unread. Writes only when that is news."""
    talk = workspace.store.read.conversations.get(conversation)
    if talk.seen_seq >= talk.last_seq:
        return

    def step(tx: Transaction) -> None:
        old = tx.conversations.get(conversation)
        if old.seen_seq < old.last_seq:
            tx.conversations.replace(old, old.seen())
            tx.events.add(Event("seen", workspace.clock.now(), conversation, {}))

    workspace.store.write(step)


# ---- which conversations


def _waiting(tx: Transaction, now: datetime, after: str | None) -> list[Conversation]:
    """One more than a page of those that wait for a person, longest first, without what is snoozed."""
    terms: dict[str, Any] = {"floor__not": Floor.MODEL, "waits_from__not": None, "order": "waits_from", "limit": PAGE + 1}
    terms |= {"waits_from__gt": after} if after else {}
    page = tx.conversations.find(snoozed_until=None, **terms) + tx.conversations.find(snoozed_until__le=now, **terms)
    return sorted(page, key=lambda one: one.waits_from or "")[: PAGE + 1]


def _away(tx: Transaction) -> list[Conversation]:
    """A person has them, and nobody waits."""
    return tx.conversations.find(floor__not=Floor.MODEL, waits_from=None, order="-newest", limit=PAGE)


def _mine(tx: Transaction, person: Person, now: datetime) -> list[Conversation]:
    claimed = {one.conversation for one in tx.summons.find(person=person.id, ended_at=None, status=SummonStatus.CLAIMED) if _claimed(one, now)}
    talks = {one.id: one for one in tx.conversations.find(holder=person.id, holder__not=None)}
    talks |= {one.id: one for one in tx.conversations.find(id__in=claimed - talks.keys())}
    return sorted((one for one in talks.values() if not one.rests(now)), key=lambda one: one.newest or "", reverse=True)


def _newest_first(tx: Transaction, now: datetime, after: str | None, **conditions: Any) -> Listed:
    below: dict[str, Any] = {"newest__lt": after} if after else {"newest__not": None}
    page = tx.conversations.find(order="-newest", limit=PAGE + 1, **conditions, **below)
    return Listed(tuple(_rows(tx, now, page[:PAGE])), after=page[PAGE - 1].newest if len(page) > PAGE else None)


# ---- what stands in a row


@dataclass(frozen=True)
class _Around:
    """What the rows of one page need beside the conversations, by id."""

    summons: dict[ConversationId, Summon]
    customers: dict[CustomerId | None, str]
    people: dict[PersonId | None, Person]
    messages: dict[MessageId | None, Message]


def _rows(tx: Transaction, now: datetime, talks: Sequence[Conversation]) -> list[Row]:
    around = _Around(
        summons={one.conversation: one for one in tx.summons.find(conversation__in=[talk.id for talk in talks], ended_at=None)},
        customers={one.id: one.name for one in tx.customers.find(id__in={talk.customer for talk in talks if talk.customer})},
        people={one.id: one for one in tx.people.find()},
        messages=_messages(tx, (id for talk in talks for id in (talk.asked, talk.waits_from, talk.newest))),
    )
    return [_row(talk, around, now) for talk in talks]


def _messages(tx: Transaction, ids: Iterable[MessageId | None]) -> dict[MessageId | None, Message]:
    return {one.id: one for one in tx.messages.find(id__in={id for id in ids if id is not None})}


def _row(talk: Conversation, around: _Around, now: datetime) -> Row:
    summon = around.summons.get(talk.id)
    asked, first, newest = (around.messages.get(id) for id in (talk.asked, talk.waits_from, talk.newest))
    since = first.at if first and talk.floor is not Floor.MODEL else None
    return Row(
        conversation=talk.id,
        customer=around.customers.get(talk.customer),
        channel=site.shown(talk.channel),
        text=asked.text if asked else "",
        at=newest.at if newest else talk.opened_at,
        since=since,
        floor=talk.floor,
        resolved=talk.resolved_at is not None,
        reasons=summon.reasons if summon else (),
        holder=around.people.get(_holder(talk, summon, since, now)),
        unread=asked is not None and asked.seq > talk.seen_seq,
        snoozed_until=talk.snoozed_until if talk.rests(now) else None,
        came_back=talk.snoozed_until is not None and not talk.rests(now),
    )


def _holder(talk: Conversation, summon: Summon | None, since: datetime | None, now: datetime) -> PersonId | None:
    """Who has it: by a claim that has not run out, or by having answered, unless they have left the customer waiting for longer than a claim lasts."""
    if summon is not None and summon.status is SummonStatus.CLAIMED and _claimed(summon, now):
        return summon.person
    return talk.holder if since is None or now < since + LEASE else None


def _claimed(summon: Summon, now: datetime) -> bool:
    return summon.lease_until is not None and now < summon.lease_until


# ---- for programs and the terminal


@dataclass(frozen=True)
class Waiting:
    """One summon. `text` is the customer's newest message; `since` when they began to wait for an answer; `draft` what the model would have said.

    `check` says that this draft was chosen to be checked. `waits` is False when a person has answered all of it and holds the conversation.
    """

    summon: Summon
    customer: str | None
    channel: str
    text: str
    since: datetime
    now: datetime
    person: str | None
    draft: str
    waits: bool
    check: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "summon": self.summon.id,
            "conversation": self.summon.conversation,
            "status": self.summon.status.value,
            "person": self.person,
            "customer": self.customer,
            "channel": self.channel,
            "text": self.text,
            "reasons": list(self.summon.reasons),
            "waiting_since": self.since.isoformat(),
            "draft": self.draft,
            "waits": self.waits,
            "check": self.check,
        }

    def in_words(self) -> str:
        who = f"{told_apart(self.customer, self.summon.conversation)} ({self.channel})"
        if not self.waits:
            return f"{who} was answered by {self.person}, who holds the conversation.\n  voicegit handback {self.summon.conversation}"
        minutes = max(0, int((self.now - self.since).total_seconds() // 60))
        held = f", {self.person} has it" if self.person else ""
        lines = [f"{who} has waited {minutes} min{held}: “{self.text}”"]
        lines += [f"  - {reason}" for reason in self.summon.reasons]
        lines += [f"  Its draft: “{self.draft}” Send it as it is if it is right: it is being checked."] if self.check else []
        return "\n".join([*lines, f'  voicegit reply {self.summon.conversation} "…"'])


def waiting(workspace: Workspace) -> list[Waiting]:
    """The live summons: customers who wait first, longest first; then what a person has answered and still holds."""
    tx, now = workspace.store.read, workspace.clock.now()
    summons = takeover.waiting(workspace)
    talks = {one.id: one for one in tx.conversations.find(id__in={summon.conversation for summon in summons})}
    customers = {one.id: one.name for one in tx.customers.find(id__in={talk.customer for talk in talks.values() if talk.customer})}
    people = {one.id: one.name for one in tx.people.find()}
    drafted = {one.id: one for one in tx.turns.find(id__in={summon.turn for summon in summons if summon.turn})}
    messages = _messages(tx, (id for talk in talks.values() for id in (talk.asked, talk.waits_from)))
    rows = []
    for summon in summons:
        talk = talks[summon.conversation]
        asked, first = messages.get(talk.asked), messages.get(talk.waits_from)
        rows.append(
            Waiting(
                summon=summon,
                customer=customers.get(talk.customer) if talk.customer else None,
                channel=talk.channel,
                text=asked.text if asked else "",
                since=first.at if first else summon.opened_at,
                now=now,
                person=people.get(summon.person) if summon.person else None,
                draft=drafted[summon.turn].draft if summon.turn else "",
                waits=first is not None or summon.status is not SummonStatus.ANSWERED,
                check=summon.turn is not None and drafted[summon.turn].audited and summon.answered_at is None,
            )
        )
    return sorted(rows, key=lambda row: (not row.waits, row.since))


def catch_up(workspace: Workspace, conversation: ConversationId) -> Turn | None:
    """Runs the turn that handing back has asked for, unless a service has it already."""
    return turns.run(workspace, conversation) if lease_turn(workspace, conversation) else None
