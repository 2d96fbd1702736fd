"""What the model did with a customer's message, kept for ever: the answer to "why did it say that?"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicegit.domain.conversation import Message
from voicegit.domain.gate import Assessment, Reason
from voicegit.domain.guidance import DirectiveSet, Guidance
from voicegit.domain.ids import ConversationId, DirectiveId, MessageId, Revision, TurnId
from voicegit.domain.people import Customer


class Outcome(StrEnum):
    REPLY = "reply"
    SUMMON = "summon"
    SUPERSEDED = "superseded"
    """The customer wrote again or a person spoke before it could be sent: its text was dropped."""


@dataclass(frozen=True)
class Question:
    """All that a model gets for one turn. It holds one customer's data and nobody else's.

    `guidance` is what to go by, `known` the set it was compiled from, `messages` the conversation so far (no notes), `asked` the customer's unanswered words.
    `avoid` says what was wrong with the first try when it is asked again.
    """

    known: DirectiveSet
    guidance: Guidance
    messages: Sequence[Message]
    asked: str
    customer: Customer | None
    now: datetime
    avoid: str | None = None


@dataclass(frozen=True)
class Turn:
    """`upto_seq` is the newest customer message it looked at; `draft` the model's text, sent or not; `latency_ms` from start to decision.

    `looked_at` is when a person first judged its reply; None while nobody has. `covered_by` is what the assessment says covers it,
    on its own so that the replies a directive shaped are found. `audit` is the chance with which it was to be chosen for a look at random, and `audited`
    whether it was; None where nothing is to be learned from it about the threshold. `topic` and `ground` say whose promise it is evidence for.
    """

    id: TurnId
    conversation: ConversationId
    upto_seq: int
    outcome: Outcome
    confidence: float
    threshold: float
    revision: Revision
    directives: tuple[DirectiveId, ...]
    at: datetime
    message: MessageId | None = None
    assessment: Assessment | None = None
    reasons: tuple[Reason, ...] = ()
    draft: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost: float = 0.0
    latency_ms: float = 0.0
    looked_at: datetime | None = None
    covered_by: DirectiveId | None = None
    topic: str | None = None
    ground: str | None = None
    audit: float | None = None
    audited: bool = False
