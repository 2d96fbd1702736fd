"""A customer says something and somebody wants to know what came of it: the message in, its turn, and the outcome."""

import time
from dataclasses import dataclass
from enum import StrEnum

from voicegit.domain.conversation import Author, Floor, Message, MessageKind
from voicegit.domain.ids import ConversationId, SummonId
from voicegit.domain.turn import Outcome, Turn
from voicegit.ports import Workspace
from voicegit.services import conversation as conversations
from voicegit.services import turn as turns

SETTLED = (Outcome.REPLY, Outcome.SUMMON)


class Answer(StrEnum):
    REPLY = "reply"
    SUMMON = "summon"
    HELD = "held"
    """A person has the floor, or has been called: the message joined what waits for them."""
    PENDING = "pending"
    """The turn is not settled yet; its outcome comes as an event."""


@dataclass(frozen=True)
class Exchange:
    """`turn` is the one that looked at the message, if any; `reply` what was sent; `holding` the line sent while a person is called."""

    message: Message
    answer: Answer
    turn: Turn | None = None
    reply: Message | None = None
    holding: Message | None = None
    summon: SummonId | None = None


def say(workspace: Workspace, conversation: ConversationId, text: str, *, key: str | None = None) -> Exchange:
    """Takes a message in and runs its turn at once, without waiting for a burst to end."""
    taken = conversations.take_in(workspace, conversation, text, key=key, run_at_once=True)
    if taken.mine:
        turns.run(workspace, conversation)
        return outcome(workspace, taken.message)
    return wait(workspace, taken.message, seconds=workspace.directives.serving().policy.turns.deadline_seconds)


def wait(workspace: Workspace, message: Message, *, seconds: float) -> Exchange:
    """What came of a message, as soon as it is known, at most `seconds` later."""
    until = time.monotonic() + seconds
    while True:
        newest = workspace.store.read.events.first(order="-id")
        found = outcome(workspace, message)
        left = until - time.monotonic()
        if found.answer is not Answer.PENDING or left <= 0:
            return found
        workspace.store.wait_for_events(newest.id if newest else 0, timeout=left)


def outcome(workspace: Workspace, message: Message) -> Exchange:
    """What came of a message so far."""
    tx = workspace.store.read
    turn = tx.turns.first(conversation=message.conversation, upto_seq__ge=message.seq, outcome__in=SETTLED)
    person = tx.messages.first(
        conversation=message.conversation, seq__gt=message.seq, author=Author.PERSON, kind=MessageKind.SPOKEN, withdrawn_at=None, order="seq"
    )
    if turn is not None and (person is None or person.seq > turn.upto_seq):
        return _settled(workspace, message, turn)
    if person is not None:
        return Exchange(message, Answer.HELD)
    summon = tx.summons.first(conversation=message.conversation, ended_at=None)
    if tx.conversations.get(message.conversation).floor is Floor.MODEL:
        return Exchange(message, Answer.PENDING)
    return Exchange(message, Answer.HELD, summon=summon.id if summon else None)


def _settled(workspace: Workspace, message: Message, turn: Turn) -> Exchange:
    tx = workspace.store.read
    if turn.outcome is Outcome.REPLY:
        return Exchange(message, Answer.REPLY, turn, reply=tx.messages.get(turn.message))
    summon = tx.summons.first(turn=turn.id)
    holding = tx.messages.first(conversation=turn.conversation, turn=turn.id)
    return Exchange(message, Answer.SUMMON, turn, holding=holding, summon=summon.id if summon else None)
