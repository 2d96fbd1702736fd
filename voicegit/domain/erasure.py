"""What is left of somebody who is erased: opaque ids and counts, so that what was taught keeps its chain, and no word of what was said. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from voicegit.domain import mention
from voicegit.domain.conversation import ERASED, Conversation, Message
from voicegit.domain.directive import Guards
from voicegit.domain.distillation import Distillation
from voicegit.domain.ids import ConversationId, CustomerId, PersonId, SignalId
from voicegit.domain.mistake import Mistake
from voicegit.domain.notice import Notice
from voicegit.domain.operation import Dropped, Operation
from voicegit.domain.signal import Signal, Teaches
from voicegit.domain.summon import ENDED, Summon
from voicegit.domain.turn import Turn

T = TypeVar("T")


@dataclass(frozen=True)
class Erasure:
    """That somebody was erased, without saying who it was. `customer` is the opaque id of the record there was, None for a conversation by itself.

    `person` is who did it, None for the policy. `wiped_at` is when the file held nothing of it any more; None while that is still to be done.
    """

    id: str
    at: datetime
    conversations: int
    customer: CustomerId | None = None
    conversation: ConversationId | None = None
    person: PersonId | None = None
    wiped_at: datetime | None = None


def of_conversation(talk: Conversation, at: datetime, source: str | None) -> Conversation:
    """Resolved, nobody's, and empty up to here. `source` stands for the id it was imported under, so that it is not imported again."""
    closed = talk.resolved(talk.resolved_at or at)
    return replace(closed, customer=None, source=source, erased_at=at, erased_seq=talk.last_seq)


def of_message(message: Message) -> Message:
    return replace(message, text=ERASED, key=None)


def of_turn(turn: Turn, at: datetime) -> Turn:
    """What was decided stays; what was written does not, nor the words of a reason, which may quote it. Nobody is asked to look at it any more."""
    assessment = replace(turn.assessment, note="") if turn.assessment else None
    return replace(
        turn,
        draft=ERASED if turn.draft else "",
        assessment=assessment,
        reasons=tuple(replace(one, words=ERASED) for one in turn.reasons),
        looked_at=turn.looked_at or at,
    )


def of_signal(signal: Signal) -> Signal:
    """That somebody taught something stays, and who; nothing is learned from it any more."""
    text, ours, reason = (None if words is None else ERASED for words in (signal.text, signal.ours, signal.reason))
    return replace(signal, customer_text=ERASED, text=text, ours=ours, reason=reason, teaches=Teaches.NOTHING)


def of_mistake(mistake: Mistake) -> Mistake:
    """An open one keeps its digest, which holds none of the words: the same answer to the same question is held back as before."""
    reason, better, because = (None if words is None else ERASED for words in (mistake.reason, mistake.better, mistake.because))
    digest = mistake.digest if mistake.closed_at is None else mistake.id
    return replace(mistake, digest=digest, question=ERASED, wrong=ERASED, reason=reason, better=better, because=because)


def of_distillation(row: Distillation, signals: Collection[SignalId]) -> Distillation:
    """What it made of these signals is a kind of change, a place and its evidence; the words that it said of all of them together go too."""

    def touched(operation: Operation) -> bool:
        return bool(set(operation.evidence) & set(signals))

    operations = tuple(of_operation(one) if touched(one) else one for one in row.operations)
    dropped = tuple(Dropped(of_operation(one.operation), ERASED) if touched(one.operation) else one for one in row.dropped)
    title = row.title if row.proposal is None or (operations == row.operations and dropped == row.dropped) else ERASED
    return replace(row, summary=ERASED, title=title, operations=operations, dropped=dropped)


def of_operation(operation: Operation) -> Operation:
    """Whoever else taught the same: what they said is not told apart in one text."""
    rule, text, title = (None if words is None else ERASED for words in (operation.rule, operation.text, operation.title))
    gone = replace(operation, why=ERASED, rule=rule, text=text, title=title, topics=(), examples=(), guards=Guards())
    return replace(gone, allows=(), unasked=(), question=None, answer=None)


def is_erased(operation: Operation) -> bool:
    return operation.why == ERASED


def of_summon(summon: Summon, at: datetime) -> Summon:
    ended = summon if summon.status in ENDED else summon.resolve(at)
    return replace(ended, reasons=(ERASED,))


def of_notice(notice: Notice) -> Notice:
    """A channel's server may quote what it was sent."""
    still = notice.withdrawn() if notice.due_at is not None else notice
    return replace(still, problem="")


# ---- their name elsewhere


def without(value: T, wanted: Sequence[str]) -> T:
    """A row with these out of all its texts, whatever is nested in it. `wanted` are patterns of `mention`."""
    cleaned: T = _without(value, wanted)
    return cleaned


def _without(value: Any, wanted: Sequence[str]) -> Any:
    if type(value) is str:
        return mention.without(value, wanted)
    if isinstance(value, tuple):
        return tuple(_without(one, wanted) for one in value)
    if isinstance(value, dict):
        return {key: _without(one, wanted) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _without(getattr(value, field.name), wanted) for field in fields(value)})
    return value
