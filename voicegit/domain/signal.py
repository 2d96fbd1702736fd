"""What a person did that teaches, and how much it is worth."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicegit.domain.conversation import ERASED
from voicegit.domain.ids import ConversationId, DistillationId, MessageId, MistakeId, PersonId, SignalId
from voicegit.errors import Invalid


class SignalKind(StrEnum):
    TAKEOVER = "takeover"
    CORRECTION = "correction"
    REJECTION = "rejection"
    EDIT = "edit"
    APPROVAL = "approval"


WORDED = frozenset({SignalKind.TAKEOVER, SignalKind.CORRECTION, SignalKind.EDIT})
"""Signals that hold what a person wrote to a customer."""

TEACHING = WORDED | {SignalKind.REJECTION}
"""Signals that hold a person's own words; those of a rejection are for us. Approvals only reinforce."""


class Teaches(StrEnum):
    """What the person said their words are about. `NOTHING` and `CUSTOMER` never reach a distillation."""

    TONE = "tone"
    HANDLING = "handling"
    FACT = "fact"
    CUSTOMER = "customer"
    NOTHING = "nothing"


class DraftUse(StrEnum):
    """What a person did with the model's draft before they wrote: their words tell more of them the less they read of it."""

    UNOPENED = "unopened"
    OPENED = "opened"
    USED = "used"

    def further(self, other: "DraftUse") -> "DraftUse":
        """The further of the two: what was read stays read."""
        order = list(DraftUse)
        return max(self, other, key=order.index)


@dataclass(frozen=True)
class Signal:
    """`text` is the person's own words to the customer, `ours` what the model wrote or drafted, `reason` the person's why.

    `set_aside` keeps a takeover from the distiller, so that a replay can show learning and not copying.
    `distillation` names the run that took it in; None while it waits. `draft` is what the person did with the model's draft, None where there was none
    or nobody knows; `distance` how far their words are from it (0: the same, 1: nothing in common; normalised edit distance).
    `repeats` is the known mistake that the reply made again.
    """

    id: SignalId
    kind: SignalKind
    conversation: ConversationId
    message: MessageId | None
    person: PersonId
    at: datetime
    weight: float
    customer_text: str
    text: str | None = None
    ours: str | None = None
    reason: str | None = None
    teaches: Teaches | None = None
    set_aside: bool = False
    distillation: DistillationId | None = None
    draft: DraftUse | None = None
    distance: float | None = None
    repeats: MistakeId | None = None

    @property
    def erased(self) -> bool:
        """Its words are gone: that somebody taught something is all that is left to tell."""
        return self.customer_text == ERASED


def check(kind: SignalKind, *, text: str | None, reason: str | None) -> None:
    """Raises `Invalid` when a signal lacks the words that make it teach."""
    if kind is SignalKind.REJECTION and not (reason or "").strip():
        raise Invalid("A rejection needs its reason: without words nothing can be learned. Say what was wrong, in a sentence.")
    if kind in {SignalKind.CORRECTION, SignalKind.EDIT, SignalKind.TAKEOVER} and not (text or "").strip():
        raise Invalid(f"A {kind.value} needs the better text: write what should have been said.")


def may_be_set_aside(conversation: ConversationId) -> bool:
    """A third of all conversations, chosen by a hash of the id, so that the choice is stable and nobody's."""
    return hashlib.sha256(conversation.encode()).digest()[0] % 3 == 0
