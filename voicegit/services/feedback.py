"""What a person says of a reply of the model: good, wrong because …, or better like this."""

from dataclasses import replace
from datetime import datetime

from voicegit.domain import signal as signals
from voicegit.domain.conversation import ERASED, Author, Message, MessageKind, clean
from voicegit.domain.ids import MessageId, SignalId
from voicegit.domain.people import Person
from voicegit.domain.signal import Signal, SignalKind, Teaches
from voicegit.domain.work import Event
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Transaction, Workspace
from voicegit.services import distill, mistakes, promise


def give(
    workspace: Workspace,
    message: MessageId,
    kind: SignalKind,
    *,
    by: Person,
    reason: str | None = None,
    text: str | None = None,
    teaches: Teaches | None = None,
) -> Signal:
    """Keeps the verdict as a signal; the same person's newer word on the same message takes the place of the older, while that waits.

    Raises `Invalid` when the words are missing that make it teach, or when the message is not a reply of the model.
    """
    signals.check(kind, text=text, reason=reason)
    said = clean(text, field="text") if text else None
    why = clean(reason, field="reason") if reason else None
    learning = workspace.directives.serving().policy.learning

    def step(tx: Transaction) -> Signal:
        about = tx.messages.get(message)
        if about.author is not Author.MODEL or about.kind is not MessageKind.SPOKEN:
            raise Invalid("Only a reply of the model can be judged. Choose one of its messages.")
        if about.text == ERASED:
            raise Invalid("This reply was erased: there is nothing left of it to be judged.")
        for old in tx.signals.find(message=message, person=by.id, distillation=None):
            tx.signals.remove(old)
            mistakes.take_back(tx, old)
        given = Signal(
            id=SignalId(workspace.clock.new_id()),
            kind=kind,
            conversation=about.conversation,
            message=message,
            person=by.id,
            at=workspace.clock.now(),
            weight=learning.weight(kind),
            customer_text="\n".join(one.text for one in asked(tx, about)),
            text=said,
            ours=about.text,
            reason=why,
            teaches=teaches,
        )
        given = mistakes.note(tx, workspace, given, about)
        tx.signals.add(given)
        _looked_at(tx, about, given.at)
        promise.note_reply(tx, about, given.at)
        tx.events.add(Event("feedback", given.at, about.conversation, {"message": message, "kind": kind.value}))
        distill.ask_when_enough(tx, given.at, learning.distil_after)
        return given

    return workspace.store.write(step)


def take_back(workspace: Workspace, message: MessageId, *, by: Person) -> None:
    """Forgets this person's verdict on a message as if it had not been given. Raises `Conflict` when there is none that still waits."""

    def step(tx: Transaction) -> None:
        about = tx.messages.get(message)
        waiting = tx.signals.find(message=message, person=by.id, distillation=None) if about.author is Author.MODEL else []
        if not waiting:
            raise Conflict("There is nothing to undo: your verdict was undone already, or it has been learned from. Judge the reply again to change it.")
        for signal in waiting:
            tx.signals.remove(signal)
            mistakes.take_back(tx, signal)
        left = tx.signals.first(message=message)
        _looked_at(tx, about, left.at if left is not None else None)
        promise.note_reply(tx, about, workspace.clock.now())
        tx.events.add(Event("feedback", workspace.clock.now(), about.conversation, {"message": message, "kind": "taken_back"}))

    workspace.store.write(step)


def _looked_at(tx: Transaction, about: Message, at: datetime | None) -> None:
    """Notes when a reply was first judged, so that it is not shown again as one that nobody has looked at."""
    turn = tx.turns.first(id=about.turn) if about.turn is not None else None
    if turn is not None and (turn.looked_at is None or at is None):
        tx.turns.replace(turn, replace(turn, looked_at=at))


def asked(tx: Transaction, about: Message) -> list[Message]:
    """What the customer had written that this message answered."""
    found: list[Message] = []
    for message in tx.messages.find(conversation=about.conversation, seq__lt=about.seq, order="-seq"):
        if message.author is Author.CUSTOMER:
            found.insert(0, message)
        elif message.spoken and message.kind is MessageKind.SPOKEN:
            break
    return found
