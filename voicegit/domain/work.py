"""What is still to be done: jobs under a lease, and texts on their way out. A restart goes on from these rows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from voicegit.domain.ids import ConversationId, MessageId

UNDO = timedelta(seconds=5)
"""How long a person's reply can be taken back before it leaves."""


class JobKind(StrEnum):
    TURN = "turn"
    DISTILL = "distill"
    PROMISE = "promise"

    @property
    def lease(self) -> timedelta:
        """How long a worker may be silent before its job is another's: longer than the work can take (a turn renews it at each try)."""
        return timedelta(minutes=30) if self is JobKind.DISTILL else timedelta(seconds=150)


@dataclass(frozen=True)
class Job:
    """One piece of work on one subject; `id` is `kind:subject`, so there is never a second. `due_at` moves when more arrives."""

    id: str
    kind: JobKind
    subject: str
    due_at: datetime
    lease_until: datetime | None = None
    attempts: int = 0

    @staticmethod
    def key(kind: JobKind, subject: str) -> str:
        return f"{kind}:{subject}"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"


class Then(StrEnum):
    """What follows a person's reply as soon as it has left. Taking it back takes back this too."""

    HAND_BACK = "handback"
    RESOLVE = "resolve"


@dataclass(frozen=True)
class Delivery:
    """A row of the outbox: one outgoing message, written in the transaction that wrote the message. It leaves when `due_at` is past."""

    id: MessageId
    conversation: ConversationId
    channel: str
    due_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    delivered_at: datetime | None = None
    then: Then | None = None


@dataclass(frozen=True)
class Event:
    """One line of the feed that live pages follow. `id` counts without gaps, in the order of commits; 0 before it is stored."""

    kind: str
    at: datetime
    conversation: ConversationId | None = None
    body: dict[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True)
class Remembered:
    """The answer to a request that named an Idempotency-Key, given again to a repeat of it. `digest` is of the request's body."""

    id: str
    digest: str
    status: int
    body: str
    at: datetime
