"""What a person decided about the directives: the row that binds the person to a commit. git says what is live, this says who wanted it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import DecisionId, PersonId, ProposalId, Revision


class DecisionKind(StrEnum):
    INIT = "init"
    PROPOSE = "propose"
    AMEND = "amend"
    APPROVE = "approve"
    DECLINE = "decline"
    ROLLBACK = "rollback"
    RESTORE = "restore"


class DecisionState(StrEnum):
    """`PENDING` is the intent, written before git moves. At start a pending row is finished if git has its commit, else undone."""

    PENDING = "pending"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True)
class Decision:
    """`oid` is where `ref` was to go, `old` where it was; `head` and `base` are the commits that the reviewer looked at.

    `person` is None where a distillation proposed; `release` is the release taken back or restored.
    """

    id: DecisionId
    kind: DecisionKind
    person: PersonId | None
    at: datetime
    ref: str
    oid: Revision
    old: Revision | None
    state: DecisionState = DecisionState.PENDING
    proposal: ProposalId | None = None
    head: Revision | None = None
    base: Revision | None = None
    release: Revision | None = None
    reason: str = ""
