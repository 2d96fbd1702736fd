"""What a person's reply teaches: the signal it leaves, in the words of it that stand, and what its writer says it is about."""

from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from voicegit.domain.conversation import Author, Message, MessageKind, clean
from voicegit.domain.ids import MessageId, SignalId
from voicegit.domain.people import Person
from voicegit.domain.policy import Learning
from voicegit.domain.signal import DraftUse, Signal, SignalKind, Teaches
from voicegit.domain.work import Event
from voicegit.errors import Conflict, Forbidden
from voicegit.ports import Transaction, Workspace

NEARLY = 0.6
"""From this likeness on (0..1, normalised edit distance), a reply that began as the model's draft counts as an edit of it."""


@dataclass(frozen=True)
class About:
    """What a reply answered and how it came about. `drafted` is what the model would have said, empty where it would have said nothing."""

    asked: list[Message]
    drafted: str
    draft: DraftUse | None
    teaches: Teaches | None
    reason: str | None


def note_down(tx: Transaction, workspace: Workspace, message: Message, about: About, learning: Learning) -> None:
    """The signal of a reply: a new one for what the customer asked, or more words to the one before when nothing new was asked."""
    if message.person is None:
        return
    if not about.asked:
        before = tx.signals.first(conversation=message.conversation, person=message.person, kind=SignalKind.TAKEOVER, distillation=None, order="-id")
        if before is not None:
            retell(tx, before)
        return
    kind = _kind(message.text, about.drafted) if about.draft is DraftUse.USED and about.drafted else SignalKind.TAKEOVER
    tx.signals.add(
        Signal(
            id=SignalId(workspace.clock.new_id()),
            kind=kind,
            conversation=message.conversation,
            message=message.id,
            person=message.person,
            at=message.at,
            weight=learning.weight(kind),
            customer_text="\n".join(one.text for one in about.asked),
            text=message.text,
            ours=about.drafted or None,
            reason=about.reason,
            teaches=about.teaches,
            draft=about.draft if about.drafted else None,
            distance=Levenshtein.normalized_distance(message.text, about.drafted) if about.drafted else None,
        )
    )


def retell(tx: Transaction, signal: Signal) -> None:
    """A reply's signal in the words of it that stand: all that its person went on to say before the customer spoke again. Without any it goes."""
    first = tx.messages.first(id=signal.message) if signal.message else None
    if first is None or first.author is not Author.PERSON:
        return
    words: list[Message] = []
    for message in tx.messages.find(conversation=signal.conversation, seq__ge=first.seq, order="seq"):
        if message.author is Author.CUSTOMER:
            break
        words += [message] if message.person == signal.person and message.kind is MessageKind.SPOKEN and message.spoken else []
    if not words:
        tx.signals.remove(signal)
        return
    text = "\n\n".join(one.text for one in words)
    distance = Levenshtein.normalized_distance(text, signal.ours) if signal.distance is not None and signal.ours else signal.distance
    tx.signals.replace(signal, replace(signal, message=words[0].id, text=text, distance=distance))


def _kind(text: str, drafted: str) -> SignalKind:
    likeness = Levenshtein.normalized_similarity(text, drafted)
    if likeness == 1:
        return SignalKind.APPROVAL
    return SignalKind.EDIT if likeness >= NEARLY else SignalKind.TAKEOVER


def taught_by(signals: list[Signal], messages: list[Message], message: Message) -> Signal | None:
    """The signal that a person's reply went into: its own, or that of the reply which it went on with. None when it left none that still waits."""
    seqs = {one.id: one.seq for one in messages}
    mine = [
        one
        for one in signals
        if one.person == message.person and one.distillation is None and seqs.get(one.message or MessageId(""), message.seq + 1) <= message.seq
    ]
    last = max(mine, key=lambda one: seqs[one.message or MessageId("")], default=None)
    if last is None or last.message is None:
        return None
    between = [one for one in messages if seqs[last.message] < one.seq < message.seq and one.author is Author.CUSTOMER]
    return None if between or not any(one.id == last.message and one.author is Author.PERSON for one in messages) else last


def teach(workspace: Workspace, message: MessageId, *, by: Person, teaches: Teaches | None, reason: str | None = None) -> Signal:
    """Says what one's own reply is about, and why, as long as nothing has been learned from it. Raises `Conflict` when it is too late for that."""
    why = clean(reason, field="reason") if reason and reason.strip() else None

    def step(tx: Transaction) -> Signal:
        about = tx.messages.get(message)
        if about.person != by.id:
            raise Forbidden("Only the person who wrote a reply can say what it teaches.")
        said = tx.messages.find(conversation=about.conversation, order="seq")
        signal = taught_by(tx.signals.find(conversation=about.conversation, person=by.id, distillation=None), said, about)
        if signal is None:
            raise Conflict("Nothing waits to be learned from this reply: it was learned from already, or it answered nothing. Nothing was changed.")
        new = replace(signal, teaches=teaches, reason=why)
        tx.signals.replace(signal, new)
        tx.events.add(Event("taught", workspace.clock.now(), about.conversation, {"message": message}))
        return new

    return workspace.store.write(step)
