"""What a distillation may do to the directives: reinforce, refine, revise, add, retire, each on one exact place."""

from dataclasses import dataclass, field
from datetime import date
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
class Contested:
    """Two texts that cannot both hold, and the people behind each. `approved_by` and `talks` (conversations) are behind the old one; None for what the
    business began with. `dispute`: both are new, of two people, who were `asked` this."""

    old: str
    new: str
    old_by: str | None
    old_on: date
    talks: int
    new_by: str
    new_on: date
    dispute: bool = False
    asked: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.dispute:
            told = f"on {_day(self.old_on)} {self.old_by} wrote “{self.old}”, on {_day(self.new_on)} {self.new_by} wrote {_closing(self.new)}"
            return f"{self.old_by} and {self.new_by} teach opposite things: {told} Whose text holds?"
        source = f" from {self.talks} conversation{'s' if self.talks != 1 else ''}" if self.talks else ""
        began = f"The business began with “{self.old}”" if self.old_by is None else f"On {_day(self.old_on)} {self.old_by} approved “{self.old}”{source}"
        return f"{began}; on {_day(self.new_on)} {self.new_by} wrote the opposite: {_closing(self.new)} Which holds?"


def _closing(text: str) -> str:
    """A quotation at the end of a sentence, with one stop."""
    return f"“{text}”" if text.endswith((".", "!", "?")) else f"“{text}”."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


@dataclass(frozen=True)
class Operation:
    """`rule` is the exact text of an existing rule (for refine, revise, retire; optional for reinforce).

    `text` is the rule that replaces it, or a new rule (optional for add). `examples` and `guards` are added to what is there.
    `allows` are words that its guards do not forbid any more, `unasked` questions that its examples do not answer any more. `question` is what a person
    is asked where it stands against something in force. `answer` is the exact answer of an example whose place that of its own example takes. `evidence` names
    the signals it was learned from; `why` is one plain sentence for the person who reviews it.
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
    allows: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    question: Contested | None = None
    answer: str | None = None

    def __str__(self) -> str:
        return f"{self.change.value} {self.directive}"


@dataclass(frozen=True)
class Dropped:
    """An operation that the code refused, and why, in words that are shown."""

    operation: Operation
    reason: str


def in_words(operation: Operation) -> str:
    """What an operation would do, on one line: for a model that must not ask for it again."""
    done = []
    if operation.rule and operation.text:
        done.append(f"“{operation.rule}” becomes “{operation.text}”")
    elif operation.rule or operation.text:
        done.append(f"“{operation.rule or operation.text}”")
    for example in operation.examples:
        instead = f"“{operation.answer}” becomes" if operation.answer else f"“{next(iter(example.customer), '')}” is answered with"
        done.append(f"{instead} “{example.us}”")
    done += [f"never say “{word}”" for word in operation.guards.never_say]
    done += [f"at most {operation.guards.max_words} words"] if operation.guards.max_words is not None else []
    done += [f"“{word}” may be said" for word in operation.allows]
    done += [f"“{asked}” is not answered any more" for asked in operation.unasked]
    return f"{operation.change.value} {operation.directive}" + (f": {'; '.join(done)}" if done else "")
