"""A person takes the floor, speaks in their own words, and gives the floor back. What they wrote is a signal."""

from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz.distance import Levenshtein

from voicegit.domain.conversation import Author, Conversation, Floor, Message, MessageKind, clean, unanswered
from voicegit.domain.ids import ConversationId, MessageId, SignalId, SummonId
from voicegit.domain.people import Person
from voicegit.domain.policy import Learning
from voicegit.domain.signal import Signal, SignalKind, Teaches
from voicegit.domain.summon import LEASE, Summon
from voicegit.domain.work import UNDO, Delivery, DeliveryState, Event, Job, JobKind
from voicegit.errors import Conflict, Forbidden, NotFound
from voicegit.ports import Transaction, Workspace
from voicegit.services import distill
from voicegit.services.conversation import append, ask_for_turn

NEARLY = 0.6
"""From this likeness on (0..1, normalised edit distance), a reply that began as the model's draft counts as an edit of it."""


def waiting(workspace: Workspace) -> list[Summon]:
    """The summons that nobody has ended, longest waiting first."""
    return workspace.store.read.summons.find(ended_at=None, order="opened_at")


def claim(workspace: Workspace, summon: SummonId, *, by: Person) -> Summon:
    """Holds a summon for five minutes. Raises `Conflict` when another person has it and has not left the customer waiting for that long."""

    def step(tx: Transaction) -> Summon:
        old = tx.summons.get(summon)
        free = old.reopened() if _left_waiting(tx, old.conversation, workspace.clock.now()) else old
        claimed = free.claim(by.id, workspace.clock.now())
        tx.summons.replace(old, claimed)
        tx.events.add(Event("claim", workspace.clock.now(), old.conversation, {"summon": old.id, "person": by.id}))
        return claimed

    return workspace.store.write(step)


def reply(workspace: Workspace, conversation: ConversationId, text: str, *, by: Person, teaches: Teaches | None = None, from_draft: bool = False) -> Message:
    """Sends a person's words, verbatim, and gives them the floor. For five seconds it can be taken back.

    `from_draft` says that the person began from the model's draft: unchanged it is an approval, nearly unchanged an edit.
    Raises `Conflict` when another person holds the conversation.
    """
    said = clean(text)
    learning = workspace.directives.serving().policy.learning

    def step(tx: Transaction) -> Message:
        now = workspace.clock.now()
        before = tx.conversations.get(conversation)
        asked = unanswered(tx.messages.find(conversation=conversation, order="seq"), before.settled_seq)
        summon = _live(tx, conversation)
        if before.floor is Floor.PERSON and before.holder not in {None, by.id} and not _left_waiting(tx, conversation, now):
            holder = tx.people.get(before.holder).name
            raise Conflict(f"{holder} has this conversation. Your text was not sent; ask {holder} to hand it back first.")
        if summon is not None:
            tx.summons.replace(summon, summon.answer(by.id, now))
        message = append(tx, workspace, conversation, Author.PERSON, said, by=by)
        after = tx.conversations.get(conversation)
        tx.conversations.replace(after, after.held_by(by.id))
        tx.outbox.add(Delivery(message.id, conversation, after.channel, now + UNDO))
        _stop_turn(tx, conversation)
        drafted = tx.turns.get(summon.turn).draft if summon is not None and summon.turn else ""
        _teach(tx, workspace, message, _Taught(asked, drafted, teaches, from_draft), learning)
        distill.ask_when_enough(tx, now, learning.distil_after)
        return message

    return workspace.store.write(step)


@dataclass(frozen=True)
class _Taught:
    """What a reply answered and how it came about."""

    asked: list[Message]
    drafted: str
    teaches: Teaches | None
    from_draft: bool


def _teach(tx: Transaction, workspace: Workspace, message: Message, taught: _Taught, learning: Learning) -> None:
    """The signal of a reply: a new one for what the customer asked, or more words to the one before when nothing new was asked."""
    if message.person is None:
        return
    if not taught.asked:
        before = tx.signals.first(conversation=message.conversation, person=message.person, kind=SignalKind.TAKEOVER, distillation=None, order="-id")
        if before is not None:
            _retell(tx, before)
        return
    kind = _kind(message.text, taught.drafted) if taught.from_draft and taught.drafted else SignalKind.TAKEOVER
    tx.signals.add(
        Signal(
            id=SignalId(workspace.clock.new_id()),
            kind=kind,
            conversation=message.conversation,
            message=message.id,
            person=message.person,
            at=message.at,
            weight=learning.weight(kind),
            customer_text="\n".join(one.text for one in taught.asked),
            text=message.text,
            ours=taught.drafted or None,
            teaches=taught.teaches,
        )
    )


def _retell(tx: Transaction, signal: Signal) -> None:
    """A reply's signal in the words of it that stand: all that its person went on to say before the customer spoke again. Without any it goes."""
    first = tx.messages.first(id=signal.message) if signal.message else None
    if first is None or first.author is not Author.PERSON:
        return
    words: list[Message] = []
    for message in tx.messages.find(conversation=signal.conversation, seq__ge=first.seq, order="seq"):
        if message.author is Author.CUSTOMER:
            break
        words += [message] if message.person == signal.person and message.kind is MessageKind.SPOKEN and message.spoken else []
    if words:
        tx.signals.replace(signal, replace(signal, message=words[0].id, text="\n\n".join(one.text for one in words)))
    else:
        tx.signals.remove(signal)


def _left_waiting(tx: Transaction, conversation: ConversationId, now: datetime) -> bool:
    """Whether the customer has waited for an answer for longer than a claim lasts: then whoever holds the conversation has walked away."""
    settled = tx.conversations.get(conversation).settled_seq
    asked = unanswered(tx.messages.find(conversation=conversation, order="seq"), settled)
    return bool(asked) and asked[0].at + LEASE <= now


def _kind(text: str, drafted: str) -> SignalKind:
    likeness = Levenshtein.normalized_similarity(text, drafted)
    if likeness == 1:
        return SignalKind.APPROVAL
    return SignalKind.EDIT if likeness >= NEARLY else SignalKind.TAKEOVER


def undo(workspace: Workspace, message: MessageId, *, by: Person) -> Message:
    """Takes back one's own reply that has not left yet, and what it taught. Raises `Conflict` once it has left."""

    def step(tx: Transaction) -> Message:
        now = workspace.clock.now()
        old = tx.messages.get(message)
        if old.person != by.id:
            raise Forbidden("Only the person who wrote a reply can take it back.")
        delivery = tx.outbox.first(id=message)
        if delivery is None or delivery.state is not DeliveryState.WAITING or delivery.due_at <= now:
            raise Conflict("This reply has left already; it can be taken back for 5 seconds. Write another to correct it.")
        tx.outbox.replace(delivery, replace(delivery, state=DeliveryState.WITHDRAWN))
        new = replace(old, withdrawn_at=now)
        tx.messages.replace(old, new)
        for signal in tx.signals.find(conversation=old.conversation, person=by.id, distillation=None):
            _retell(tx, signal)
        tx.events.add(Event("withdrawn", now, old.conversation, {"message": message}))
        return new

    return workspace.store.write(step)


def hand_back(workspace: Workspace, conversation: ConversationId) -> Conversation:
    """Gives the floor to the model. What the customer wrote meanwhile and nobody answered is its next turn."""

    def step(tx: Transaction) -> Conversation:
        now = workspace.clock.now()
        old = tx.conversations.get(conversation)
        new = old.handed_back(now)
        _end(tx, conversation, new, old, now, resolved=False)
        if unanswered(tx.messages.find(conversation=conversation, order="seq"), new.settled_seq):
            ask_for_turn(tx, conversation, now)
        return new

    return workspace.store.write(step)


def resolve(workspace: Workspace, conversation: ConversationId) -> Conversation:
    """Ends it: nothing more is expected. If the customer writes again, the model has the floor."""

    def step(tx: Transaction) -> Conversation:
        now = workspace.clock.now()
        old = tx.conversations.get(conversation)
        new = old.resolved(now)
        _end(tx, conversation, new, old, now, resolved=True)
        _stop_turn(tx, conversation)
        return new

    return workspace.store.write(step)


def _end(tx: Transaction, conversation: ConversationId, new: Conversation, old: Conversation, now: datetime, *, resolved: bool) -> None:
    tx.conversations.replace(old, new)
    summon = _live(tx, conversation)
    if summon is not None:
        tx.summons.replace(summon, summon.resolve(now) if resolved else summon.hand_back(now))
    # Handing back confirms what was said: a reply of the model must not overtake the person's.
    for delivery in tx.outbox.find(conversation=conversation, state=DeliveryState.WAITING, due_at__gt=now):
        tx.outbox.replace(delivery, replace(delivery, due_at=now))
    tx.events.add(Event("resolved" if resolved else "handback", now, conversation, {}))


def _live(tx: Transaction, conversation: ConversationId) -> Summon | None:
    return tx.summons.first(conversation=conversation, ended_at=None)


def _stop_turn(tx: Transaction, conversation: ConversationId) -> None:
    job = tx.jobs.first(id=Job.key(JobKind.TURN, conversation))
    if job is not None:
        tx.jobs.remove(job)


def summon_of(workspace: Workspace, name: str) -> Summon:
    """The summon of that id, or the live one of that conversation. Raises `NotFound`."""
    tx = workspace.store.read
    found = tx.summons.first(id=name) or tx.summons.first(conversation=name, ended_at=None)
    if found is None:
        raise NotFound(f"Nobody is called for {name[:60]!r}. 'voicegit inbox' lists who waits.")
    return found
