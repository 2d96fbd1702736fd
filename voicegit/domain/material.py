"""What a distiller gets to read and what it gives back. Personal data is out before anything comes here."""

from dataclasses import dataclass, field

from voicegit.domain.gate import Usage
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, PersonId, SignalId
from voicegit.domain.operation import Operation
from voicegit.domain.signal import SignalKind, Teaches


@dataclass(frozen=True)
class Lesson:
    """One signal, readable on its own. `customer` is what the customer had written; `ours` what the model wrote or drafted; `theirs` the person's own words.

    Placeholders in braces (`{name}`, `{team}`) stand for fields of the customer record; those in brackets (`[email]`) for personal data that was taken out.
    `situation` is the number of the group of alike lessons it belongs to.
    """

    signal: SignalId
    kind: SignalKind
    conversation: ConversationId
    person: PersonId
    weight: float
    customer: str
    ours: str | None = None
    theirs: str | None = None
    reason: str | None = None
    teaches: Teaches | None = None
    situation: int = 0


@dataclass(frozen=True)
class Declined:
    """What people said no to, in words, with the reason: not to be proposed again without newer evidence. `taken_back`: it was live before."""

    operations: tuple[str, ...]
    reason: str
    taken_back: bool = False


@dataclass(frozen=True)
class Material:
    known: DirectiveSet
    lessons: tuple[Lesson, ...]
    declined: tuple[Declined, ...] = ()
    recent: tuple[str, ...] = ()
    """Titles of the last releases, newest first."""
    max_changes: int = 7
    earlier: tuple[Lesson, ...] = ()
    """Takeovers that earlier distillations read, newest first: what recurs shows only beside them."""
    unused: frozenset[SignalId] = frozenset()
    """Those of them that nothing was ever made of. The others are not learned from again, lest what was taken back comes back."""


@dataclass(frozen=True)
class Distilled:
    """`operations` may be empty: nothing to learn is an answer, and `summary` then says why. `title` is plain words, as a headline."""

    operations: tuple[Operation, ...]
    title: str
    summary: str
    usage: Usage = field(default_factory=lambda: Usage("local"))
