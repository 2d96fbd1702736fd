"""A person takes the floor, speaks in their own words, and gives the floor back. What they wrote is a signal."""

from dataclasses import replace
from datetime import datetime, timedelta

from voicegit.domain.composing import Composing
from voicegit.domain.conversation import Author, Conversation, Floor, Message, clean, unanswered
from voicegit.domain.ids import ConversationId, MessageId, PersonId, SummonId
from voicegit.domain.people import Person
from voicegit.domain.signal import DraftUse, Teaches
from voicegit.domain.summon import LEASE, Summon, SummonStatus
from voicegit.domain.work import UNDO, Delivery, DeliveryState, Event, Job, JobKind, Then
from voicegit.errors import Conflict, Forbidden, NotFound
from voicegit.ports import Transaction, Workspace
from voicegit.services import distill, ladder, promise, teaching
from voicegit.services.conversation import append, ask_for_turn

RENEWED = timedelta(seconds=30)
"""A claim that was renewed less long ago is not renewed again: people type many letters."""


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
        ladder.claimed(tx, workspace, claimed)
        tx.events.add(Event("claim", workspace.clock.now(), old.conversation, {"summon": old.id, "person": by.id}))
        return claimed

    return workspace.store.write(step)


def hold(tx: Transaction, workspace: Workspace, conversation: ConversationId, *, by: Person) -> None:
    """Whoever writes has the summon, from the first letter on and for five minutes after the last. Leaves it alone when it is another's."""
    now, old = workspace.clock.now(), _live(tx, conversation)
    if old is None or holder(tx, conversation, now) not in {None, by.id}:
        return
    if old.person == by.id and (old.lease_until is None or old.lease_until > now + LEASE - RENEWED):
        return
    claimed = (old.reopened() if _left_waiting(tx, conversation, now) else old).claim(by.id, now)
    tx.summons.replace(old, claimed)
    ladder.claimed(tx, workspace, claimed)
    if old.person != by.id or old.status is not claimed.status:
        tx.events.add(Event("claim", now, conversation, {"summon": old.id, "person": by.id}))


def holder(tx: Transaction, conversation: ConversationId, now: datetime) -> PersonId | None:
    """Who has a conversation: who spoke last with the floor, or whose claim has not run out. Nobody, when they have left the customer waiting."""
    talk, summon = tx.conversations.get(conversation), _live(tx, conversation)
    if talk.floor is Floor.PERSON:
        if summon is not None and summon.status is SummonStatus.CLAIMED and summon.lease_until is not None and now < summon.lease_until:
            return summon.person
        return None if _left_waiting(tx, conversation, now) else talk.holder
    if summon is None or summon.status is not SummonStatus.CLAIMED or summon.lease_until is None or summon.lease_until <= now:
        return None
    return summon.person


def take_over(workspace: Workspace, conversation: ConversationId, *, by: Person) -> Conversation:
    """Takes a conversation from whoever has it; what they were writing stays with them. Raises `Conflict` when nobody is called and nobody has the floor."""

    def step(tx: Transaction) -> Conversation:
        now, old, summon = workspace.clock.now(), tx.conversations.get(conversation), _live(tx, conversation)
        before = holder(tx, conversation, now)
        if summon is None and old.floor is not Floor.PERSON:
            raise Conflict("Nobody has this conversation: the AI answers in it. Write, and it is yours.")
        new = old.held_by(by.id) if old.floor is Floor.PERSON else old
        tx.conversations.replace(old, new)
        if summon is not None:
            taken = summon.taken_over(by.id, now)
            tx.summons.replace(summon, taken)
            ladder.claimed(tx, workspace, taken)
        if before != by.id:
            tx.events.add(Event("takeover", now, conversation, {"person": by.id, "from": before}))
        return new

    return workspace.store.write(step)


def reply(
    workspace: Workspace,
    conversation: ConversationId,
    text: str,
    *,
    by: Person,
    teaches: Teaches | None = None,
    reason: str | None = None,
    from_draft: bool = False,
    draft: DraftUse | None = None,
    seen: int | None = None,
    key: str | None = None,
    then: Then | None = None,
) -> Message:
    """Sends a person's words, verbatim, and gives them the floor. For five seconds it can be taken back.

    `from_draft` (or a `draft` that was used) says that the person began from the model's draft: unchanged it is an approval, nearly unchanged an edit.
    `seen` is the newest message of the customer that they had read: raises `Conflict` when there is a newer one, and when another person holds the
    conversation. `then` follows when the reply leaves. The same `key` again gives the first reply and sends nothing.
    """
    said = clean(text)
    why = clean(reason, field="reason") if reason and reason.strip() else None
    read = DraftUse.USED if from_draft else draft
    learning = workspace.directives.serving().policy.learning

    def step(tx: Transaction) -> Message:
        now = workspace.clock.now()
        known = tx.messages.first(conversation=conversation, key=key) if key is not None else None
        if known is not None:
            return known
        _read_all(tx, conversation, seen)
        before = tx.conversations.get(conversation)
        asked = unanswered(tx.messages.find(conversation=conversation, order="seq"), before.settled_seq)
        summon = _live(tx, conversation)
        if before.floor is Floor.PERSON and before.holder not in {None, by.id} and not _left_waiting(tx, conversation, now):
            holder = tx.people.get(before.holder).name
            raise Conflict(f"{holder} has this conversation. Your text was not sent; ask {holder} to hand it back first.")
        if summon is not None:
            tx.summons.replace(summon, summon.answer(by.id, now))
        message = append(tx, workspace, conversation, Author.PERSON, said, by=by, key=key)
        after = tx.conversations.get(conversation)
        tx.conversations.replace(after, after.held_by(by.id))
        for earlier in tx.outbox.find(conversation=conversation, state=DeliveryState.WAITING):
            tx.outbox.replace(earlier, replace(earlier, then=None))
        tx.outbox.add(Delivery(message.id, conversation, after.channel, now + UNDO, then=then))
        _stop_turn(tx, conversation)
        drafted = tx.turns.get(summon.turn).draft if summon is not None and summon.turn else ""
        promise.note_draft(tx, summon, message)
        teaching.note_down(tx, workspace, message, teaching.About(asked, drafted, read, teaches, why), learning)
        for composing in tx.composings.find(id=Composing.key(conversation, by.id)):
            tx.composings.remove(composing)
        distill.ask_when_enough(tx, now, learning.distil_after)
        return message

    return workspace.store.write(step)


def _read_all(tx: Transaction, conversation: ConversationId, seen: int | None) -> None:
    newest = tx.messages.first(conversation=conversation, author=Author.CUSTOMER, order="-seq") if seen is not None else None
    if newest is not None and seen is not None and newest.seq > seen:
        raise Conflict("The customer wrote again while you were typing. Read it, then send. Your text is kept.")


def _left_waiting(tx: Transaction, conversation: ConversationId, now: datetime) -> bool:
    """Whether the customer has waited for an answer for longer than a claim lasts: then whoever holds the conversation has walked away."""
    settled = tx.conversations.get(conversation).settled_seq
    asked = unanswered(tx.messages.find(conversation=conversation, order="seq"), settled)
    return bool(asked) and asked[0].at + LEASE <= now


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
        talk = tx.conversations.get(old.conversation)
        tx.conversations.replace(talk, talk.left_with(tx.messages.find(conversation=talk.id, order="seq")))
        for signal in tx.signals.find(conversation=old.conversation, person=by.id, distillation=None):
            teaching.retell(tx, signal)
        promise.forget(tx, old, now)
        tx.events.add(Event("withdrawn", now, old.conversation, {"message": message}))
        return new

    return workspace.store.write(step)


def follow_up(tx: Transaction, workspace: Workspace, delivery: Delivery) -> None:
    """A reply has left, in the caller's transaction: what its writer wanted to follow, if they still have the floor.

    Resolving is handing back when the customer has written meanwhile: nothing that nobody has read is settled.
    """
    said, old = tx.messages.get(delivery.id), tx.conversations.get(delivery.conversation)
    if delivery.then is None or old.floor is not Floor.PERSON or old.holder != said.person:
        return
    if delivery.then is Then.RESOLVE and not unanswered(tx.messages.find(conversation=old.id, order="seq"), old.settled_seq):
        _resolved(tx, workspace, old, said.person)
    else:
        _handed_back(tx, workspace, old, said.person)


def hand_back(workspace: Workspace, conversation: ConversationId, *, by: Person | None = None) -> Conversation:
    """Gives the floor to the model. What the customer wrote meanwhile and nobody answered is its next turn."""

    return workspace.store.write(lambda tx: _handed_back(tx, workspace, tx.conversations.get(conversation), by.id if by else None))


def _handed_back(tx: Transaction, workspace: Workspace, old: Conversation, by: PersonId | None) -> Conversation:
    now = workspace.clock.now()
    new = old.handed_back(now)
    _end(tx, new, old, now, by, resolved=False)
    if unanswered(tx.messages.find(conversation=old.id, order="seq"), new.settled_seq):
        ask_for_turn(tx, old.id, now)
    return new


def resolve(workspace: Workspace, conversation: ConversationId, *, by: Person | None = None) -> Conversation:
    """Ends it: nothing more is expected. If the customer writes again, the model has the floor."""

    return workspace.store.write(lambda tx: _resolved(tx, workspace, tx.conversations.get(conversation), by.id if by else None))


def _resolved(tx: Transaction, workspace: Workspace, old: Conversation, by: PersonId | None) -> Conversation:
    now = workspace.clock.now()
    new = old.resolved(now)
    _end(tx, new, old, now, by, resolved=True)
    _stop_turn(tx, old.id)
    return new


def _end(tx: Transaction, new: Conversation, old: Conversation, now: datetime, by: PersonId | None, *, resolved: bool) -> None:
    tx.conversations.replace(old, new)
    summon = _live(tx, old.id)
    if summon is not None:
        tx.summons.replace(summon, summon.resolve(now) if resolved else summon.hand_back(now))
    # Handing back confirms what was said: a reply of the model must not overtake the person's.
    for delivery in tx.outbox.find(conversation=old.id, state=DeliveryState.WAITING, due_at__gt=now):
        tx.outbox.replace(delivery, replace(delivery, due_at=now, then=None))
    tx.events.add(Event("resolved" if resolved else "handback", now, old.id, {"person": by} if by else {}))


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
