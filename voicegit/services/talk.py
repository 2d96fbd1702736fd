"""One conversation as the team reads it: its lines, why a person was called, who has it, and what has been said of its replies."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from voicegit.domain import site, talk
from voicegit.domain.conversation import Author, Conversation, Message, MessageKind, told_apart, unanswered
from voicegit.domain.directive import Directive
from voicegit.domain.ids import ConversationId, MessageId, PersonId
from voicegit.domain.people import Customer
from voicegit.domain.signal import Signal
from voicegit.domain.summon import Summon
from voicegit.domain.talk import Line
from voicegit.domain.turn import Turn
from voicegit.domain.work import Delivery, DeliveryState
from voicegit.ports import Transaction, Workspace
from voicegit.services import takeover, teaching

_FIELD = re.compile(r"\{\s*(\w+)\s*\}")


@dataclass(frozen=True)
class Called:
    """Why a person was called: the live summon, what the model thought before it (None for a rule in code), and the directive that came closest."""

    summon: Summon
    turn: Turn | None
    closest: Directive | None

    @property
    def draft(self) -> str:
        return self.turn.draft if self.turn is not None else ""

    @property
    def check(self) -> bool:
        """Whether the draft was chosen to be checked: then it lies open, for what a person sends in its place says whether it was right."""
        return bool(self.draft) and self.turn is not None and self.turn.audited and self.summon.answered_at is None


@dataclass(frozen=True)
class Talk:
    """`holder` has it now. `since` is when the customer began to wait for an answer; None when they do not. `names` are the team's, by id."""

    conversation: Conversation
    customer: Customer | None
    messages: list[Message]
    lines: list[Line]
    called: Called | None
    holder: PersonId | None
    since: datetime | None
    names: dict[PersonId, str]
    now: datetime
    signals: list[Signal] = field(default_factory=list)
    leaving: dict[MessageId, Delivery] = field(default_factory=dict)

    @property
    def customer_name(self) -> str:
        return told_apart(self.customer.name if self.customer is not None else None, self.conversation.id)

    @property
    def channel(self) -> str:
        return site.shown(self.conversation.channel)

    @cached_property
    def newest_asked(self) -> int:
        return max((one.seq for one in self.messages if one.author is Author.CUSTOMER), default=0)

    def name(self, person: PersonId | None) -> str:
        return self.names.get(person, "A colleague") if person is not None else "A colleague"

    def judged(self, message: Message, by: PersonId) -> Signal | None:
        """What this person said of a reply of the model, as long as they can take it back."""
        return next((one for one in self.signals if one.message == message.id and one.person == by and one.distillation is None), None)

    def taught(self, message: Message) -> Signal | None:
        """What a person's reply teaches, as long as its writer can still say so."""
        if message.author is not Author.PERSON or message.kind is not MessageKind.SPOKEN or message.withdrawn_at is not None:
            return None
        return teaching.taught_by(self.signals, self.messages, message)


def read(workspace: Workspace, conversation: ConversationId) -> Talk:
    """All of it, as it is now."""
    tx, now = workspace.store.read, workspace.clock.now()
    found = tx.conversations.get(conversation)
    messages = tx.messages.find(conversation=conversation, order="seq")
    events = tx.events.find(conversation=conversation, kind__in=sorted(talk.EVENTS), order="id")
    waiting = unanswered(messages, found.settled_seq)
    return Talk(
        conversation=found,
        customer=tx.customers.first(id=found.customer) if found.customer else None,
        messages=messages,
        lines=talk.lines(messages, events),
        called=_called(workspace, tx, conversation),
        holder=takeover.holder(tx, conversation, now),
        since=waiting[0].at if waiting else None,
        names={person.id: person.name for person in tx.people.find()},
        now=now,
        signals=tx.signals.find(conversation=conversation),
        leaving={one.id: one for one in tx.outbox.find(conversation=conversation, state=DeliveryState.WAITING)},
    )


def _called(workspace: Workspace, tx: Transaction, conversation: ConversationId) -> Called | None:
    summon = tx.summons.first(conversation=conversation, ended_at=None)
    if summon is None:
        return None
    turn = tx.turns.first(id=summon.turn) if summon.turn else None
    covering = turn.assessment.covered_by if turn is not None and turn.assessment is not None else None
    return Called(summon, turn, workspace.directives.serving().get(covering) if covering else None)


@dataclass(frozen=True)
class Neighbours:
    """The live summons next to one, as they stand in the inbox: by how long they have waited."""

    before: ConversationId | None
    after: ConversationId | None


def neighbours(workspace: Workspace, called: Called | None) -> Neighbours:
    """Those that wait longer and shorter; from a conversation that nobody was called to, the one that waits longest."""
    summons = workspace.store.read.summons
    if called is None:
        first = summons.first(ended_at=None, order="opened_at")
        return Neighbours(None, first.conversation if first else None)
    before = summons.first(ended_at=None, opened_at__lt=called.summon.opened_at, order="-opened_at")
    after = summons.first(ended_at=None, opened_at__gt=called.summon.opened_at, order="opened_at")
    return Neighbours(before.conversation if before else None, after.conversation if after else None)


# ---- canned answers


@dataclass(frozen=True)
class Canned:
    """An approved answer of the directives in force, filled from the customer's record. `missing` are the fields that nobody knows; they stay in braces."""

    title: str
    asked: str
    text: str
    missing: tuple[str, ...]


def canned(workspace: Workspace, conversation: ConversationId, *, like: str = "") -> list[Canned]:
    """Those whose title, question or words hold every word of `like`."""
    tx, known = workspace.store.read, workspace.directives.serving()
    talk_with = tx.conversations.get(conversation)
    record = tx.customers.first(id=talk_with.customer) if talk_with.customer else None
    values = record.values if record is not None else {}
    words = like.casefold().split()
    found = []
    for directive in known.in_force(workspace.clock.now().date()):
        for example in directive.examples:
            one = Canned(directive.title, example.customer[0] if example.customer else "", *_filled(example.us, values))
            if all(word in f"{one.title}\n{one.asked}\n{one.text}".casefold() for word in words):
                found.append(one)
    return found


def _filled(text: str, values: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    missing = tuple(dict.fromkeys(name for name in _FIELD.findall(text) if not values.get(name, "").strip()))
    return _FIELD.sub(lambda part: values.get(part[1], "").strip() or part[0], text), missing
