"""One run that turned signals into operations, kept whether or not anything came of it: the work of a run is never lost."""

from dataclasses import dataclass
from datetime import datetime

from voicegit.domain.ids import DistillationId, ProposalId
from voicegit.domain.operation import Dropped, Operation


@dataclass(frozen=True)
class Distillation:
    """`proposal` is None when nothing was proposed; `summary` then says why. `cost` in US dollars, `signals` how many were read."""

    id: DistillationId
    at: datetime
    model: str
    signals: int
    summary: str
    title: str = ""
    proposal: ProposalId | None = None
    operations: tuple[Operation, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    cost: float = 0.0
