"""What a distillation may do to the directives: reinforce, refine, revise, add, retire, each on one exact place."""

from dataclasses import dataclass, field
from enum import StrEnum

from voicegit.domain.directive import Example, Guards
from voicegit.domain.ids import DirectiveId, SignalId


class Change(StrEnum):
    REINFORCE = "reinforce"
    """The directive (or one rule) was right again: its confidence rises, its words stay."""
    REFINE = "refine"
    """One rule is said more precisely, meaning the same."""
    REVISE = "revise"
    """One rule is replaced by another that says something different."""
    ADD = "add"
    """A new rule, example or guard; with `title`, a new directive."""
    RETIRE = "retire"
    """One rule goes; without `rule`, the whole directive is retired."""


@dataclass(frozen=True)
class Operation:
    """`rule` is the exact text of an existing rule (for refine, revise, retire; optional for reinforce).

    `text` is the rule that replaces it, or a new rule (optional for add). `examples` and `guards` are added to what is there.
    `evidence` names the signals it was learned from; `why` is one plain sentence for the person who reviews it.
    """

    change: Change
    directive: DirectiveId
    why: str
    evidence: tuple[SignalId, ...]
    rule: str | None = None
    text: str | None = None
    title: str | None = None
    topics: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    guards: Guards = field(default_factory=Guards)

    def __str__(self) -> str:
        return f"{self.change.value} {self.directive}"


@dataclass(frozen=True)
class Dropped:
    """An operation that the code refused, and why, in words that are shown."""

    operation: Operation
    reason: str
