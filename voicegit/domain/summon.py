"""A request for a person, and its legal transitions: open -> claimed -> answered -> handed back, or resolved from anywhere.

A claim is a lease: a person who walks away loses it, and the summon is open for others again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from voicegit.domain.ids import ConversationId, PersonId, SummonId, TurnId
from voicegit.errors import Conflict

LEASE = timedelta(minutes=5)


class SummonStatus(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    HANDED_BACK = "handed_back"
    RESOLVED = "resolved"


ENDED = frozenset({SummonStatus.HANDED_BACK, SummonStatus.RESOLVED})


@dataclass(frozen=True)
class Summon:
    """`reasons` are plain sentences for the person who is called."""

    id: SummonId
    conversation: ConversationId
    turn: TurnId | None
    reasons: tuple[str, ...]
    opened_at: datetime
    status: SummonStatus = SummonStatus.OPEN
    person: PersonId | None = None
    lease_until: datetime | None = None
    claimed_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    def _live(self) -> None:
        if self.status in ENDED:
            raise Conflict(f"This summon was {self.status.replace('_', ' ')} already; nobody is waiting in it.")

    def held_by_other(self, person: PersonId, at: datetime) -> bool:
        """Somebody else's claim that has not run out."""
        return self.status is SummonStatus.CLAIMED and self.person not in {None, person} and self.lease_until is not None and at < self.lease_until

    def claim(self, by: PersonId, at: datetime) -> "Summon":
        """Hold it for five minutes; claiming one's own again renews the lease. Raises `Conflict` if another holds it."""
        self._live()
        if self.held_by_other(by, at):
            raise Conflict("Somebody else has this summon. It comes back to the queue when their five minutes run out, or when they hand it back.")
        if self.status is SummonStatus.ANSWERED and self.person != by:
            raise Conflict("Somebody else has answered this summon and holds the conversation.")
        status = self.status if self.status is SummonStatus.ANSWERED else SummonStatus.CLAIMED
        return replace(self, status=status, person=by, lease_until=at + LEASE, claimed_at=self.claimed_at or at)

    def taken_over(self, by: PersonId, at: datetime) -> "Summon":
        """Another's, on purpose and whoever has it."""
        self._live()
        status = self.status if self.status is SummonStatus.ANSWERED else SummonStatus.CLAIMED
        return replace(self, status=status, person=by, lease_until=at + LEASE, claimed_at=self.claimed_at or at)

    def reopened(self) -> "Summon":
        """Free for anybody again, because whoever answered has left the customer waiting."""
        return replace(self, status=SummonStatus.OPEN, person=None, lease_until=None) if self.status is SummonStatus.ANSWERED else self

    def answer(self, by: PersonId, at: datetime) -> "Summon":
        self._live()
        if self.held_by_other(by, at):
            raise Conflict("Somebody else has this summon. Your text was not sent; copy it if you need it.")
        return replace(self, status=SummonStatus.ANSWERED, person=by, lease_until=None, answered_at=self.answered_at or at)

    def hand_back(self, at: datetime) -> "Summon":
        self._live()
        return replace(self, status=SummonStatus.HANDED_BACK, lease_until=None, ended_at=at)

    def resolve(self, at: datetime) -> "Summon":
        self._live()
        return replace(self, status=SummonStatus.RESOLVED, lease_until=None, ended_at=at)
