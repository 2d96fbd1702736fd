"""Customers' messages come in here. A message is acknowledged when it is durable; the turn it asks for is a row in the same commit."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voicegit.domain.conversation import Author, Conversation, Floor, Message, MessageKind, clean
from voicegit.domain.ids import ConversationId, MessageId
from voicegit.domain.people import Person
from voicegit.domain.work import DeliveryState, Event, Job, JobKind
from voicegit.ports import Transaction, Workspace
from voicegit.services import ladder, people


@dataclass(frozen=True)
class Taken:
    """A message that is safe. `mine` is True when the caller holds the lease on the turn and has to run it."""

    message: Message
    mine: bool
    repeated: bool = False


def start(workspace: Workspace, *, customer: str | None = None, channel: str = "web") -> Conversation:
    """A new conversation, with the record of that customer (made if there is none)."""

    def step(tx: Transaction) -> Conversation:
        record = people.record(tx, workspace, customer) if customer is not None else None
        conversation = Conversation(ConversationId(workspace.clock.new_id()), workspace.clock.now(), customer=record.id if record else None, channel=channel)
        tx.conversations.add(conversation)
        return conversation

    return workspace.store.write(step)


def take_in(workspace: Workspace, conversation: ConversationId, text: str, *, key: str | None = None, run_at_once: bool = False) -> Taken:
    """Stores a customer's message and what is to be done with it. The same `key` again gives the first message and does nothing.

    With `run_at_once` the caller gets the lease on the turn, unless another has it; else a worker runs it when the burst is over.
    """
    said = clean(text)
    burst = timedelta(seconds=workspace.directives.serving().policy.turns.burst_seconds)

    def step(tx: Transaction) -> Taken:
        known = tx.messages.first(conversation=conversation, key=key) if key is not None else None
        if known is not None:
            return Taken(known, mine=False, repeated=True)
        now = workspace.clock.now()
        message = append(tx, workspace, conversation, Author.CUSTOMER, said, key=key)
        if tx.conversations.get(conversation).floor is not Floor.MODEL:
            ladder.wrote_again(tx, workspace, conversation)
            return Taken(message, mine=False)
        return Taken(message, mine=_ask_for_turn(tx, conversation, now, now if run_at_once else now + burst, run_at_once=run_at_once))

    return workspace.store.write(step)


def append(
    tx: Transaction,
    workspace: Workspace,
    conversation: ConversationId,
    author: Author,
    text: str,
    *,
    kind: MessageKind = MessageKind.SPOKEN,
    by: Person | None = None,
    turn: str | None = None,
    key: str | None = None,
    id: str | None = None,
) -> Message:
    """The next message of a conversation, in the caller's transaction, with its line in the feed."""
    old = tx.conversations.get(conversation)
    now = workspace.clock.now()
    message = Message(
        id=MessageId(id or workspace.clock.new_id()),
        conversation=conversation,
        seq=old.last_seq + 1,
        author=author,
        text=text,
        at=now,
        kind=kind,
        person=by.id if by else None,
        turn=turn,  # type: ignore[arg-type]
        key=key,
    )
    tx.messages.add(message)
    tx.conversations.replace(old, old.after(message))
    tx.events.add(Event("message", now, conversation, {"message": message.id, "author": author.value, "kind": kind.value}))
    return message


def ask_for_turn(tx: Transaction, conversation: ConversationId, now: datetime) -> None:
    """A turn as soon as a worker is free: for what a customer wrote while a person had the floor."""
    _ask_for_turn(tx, conversation, now, now, run_at_once=False)


def _ask_for_turn(tx: Transaction, conversation: ConversationId, now: datetime, due: datetime, *, run_at_once: bool) -> bool:
    id = Job.key(JobKind.TURN, conversation)
    old = tx.jobs.first(id=id)
    if old is None:
        tx.jobs.add(Job(id, JobKind.TURN, conversation, due, lease_until=now + JobKind.TURN.lease if run_at_once else None, attempts=int(run_at_once)))
        return run_at_once
    leased = old.lease_until is not None and now < old.lease_until
    if leased or not run_at_once:
        tx.jobs.replace(old, replace(old, due_at=max(old.due_at, due)))
        return False
    tx.jobs.replace(old, replace(old, due_at=due, lease_until=now + JobKind.TURN.lease, attempts=old.attempts + 1))
    return True


def lease_turn(workspace: Workspace, conversation: ConversationId) -> bool:
    """The lease on a turn that waits to be run; False when none waits, or another has it."""

    def step(tx: Transaction) -> bool:
        now = workspace.clock.now()
        waits = tx.jobs.first(id=Job.key(JobKind.TURN, conversation)) is not None
        return waits and _ask_for_turn(tx, conversation, now, now, run_at_once=True)

    return workspace.store.write(step)


def note(workspace: Workspace, conversation: ConversationId, text: str, *, by: Person, key: str | None = None) -> Message:
    """For the team only: it is never sent, and no model reads it. The same `key` again gives the first note."""
    said = clean(text)

    def step(tx: Transaction) -> Message:
        known = tx.messages.first(conversation=conversation, key=key) if key is not None else None
        return known or append(tx, workspace, conversation, Author.PERSON, said, kind=MessageKind.NOTE, by=by, key=key)

    return workspace.store.write(step)


def snooze(workspace: Workspace, conversation: ConversationId, until: datetime | None, by: Person) -> Conversation:
    """Takes it out of the inbox until then, or brings it back (None). It comes back by itself when the time comes or the customer writes."""

    def step(tx: Transaction) -> Conversation:
        now = workspace.clock.now()
        old = tx.conversations.get(conversation)
        new = old.snoozed(until, now)
        tx.conversations.replace(old, new)
        tx.events.add(Event("snooze", now, conversation, {"person": by.id, "until": until.isoformat() if until else None}))
        return new

    return workspace.store.write(step)


def seen_by_customer(workspace: Workspace, conversation: ConversationId) -> list[Message]:
    """What the customer may see now: no notes, nothing withdrawn, nothing still waiting to leave."""
    tx, now = workspace.store.read, workspace.clock.now()
    waiting = {d.id for d in tx.outbox.find(conversation=conversation, state=DeliveryState.WAITING, due_at__gt=now)}
    return [m for m in tx.messages.find(conversation=conversation, order="seq") if m.spoken and m.id not in waiting]
