"""The risk promise of a topic: at most so large a share of the replies that the model sends by itself is wrong, at 95 % certainty.

A topic is what directives have in common: the first of a directive's `topics` that `[gate.topics]` names, else its first topic, else the directive alone.
Evidence belongs to the very text that a topic had (its `ground`): when a release changes what shapes its replies, it begins anew, and when that is
undone the old evidence counts again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from voicegit.domain.calibration import Bin, needed
from voicegit.domain.directive import Directive, Kind
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, MessageId, TurnId

ANYTHING = ""
"""The topic of replies that no single situation or fact covers."""


@dataclass(frozen=True)
class Reviewed:
    """A reply or a draft that was chosen at random and that a person has judged. `chance` is how likely it was to be chosen; `at` when it was judged.

    `message` is what they judged: the model's reply, or the person's own that took the place of its draft.
    """

    id: TurnId
    topic: str
    ground: str
    confidence: float
    wrong: bool
    chance: float
    at: datetime
    message: MessageId | None = None


@dataclass(frozen=True)
class Promise:
    """What is granted on one ground, worked out from its `reviewed` outcomes. `id` is the ground; the rest as in `calibration.Granted`.

    `at_most` is the share that it was worked out for: another one in the policy makes it stale.
    """

    id: str
    topic: str
    at_most: float
    threshold: float | None
    reviewed: int
    of: int
    wrong: int
    bound: float
    missing: int
    at: datetime


@dataclass(frozen=True)
class Curve:
    """How right the model was when it said how sure it was, over all topics: `bins` as counted, `points` as calibrated by `how`.

    `share_wrong` is the estimate for all replies and drafts, each outcome counted for those that it stands for. There is one row, `all`.
    """

    id: str
    how: str
    points: tuple[tuple[float, float], ...]
    bins: tuple[Bin, ...]
    reviewed: int
    share_wrong: float | None
    at: datetime


@dataclass(frozen=True)
class Standing:
    """What a topic's promise lets the model do now. `threshold` None: it drafts and a person sends. `counted` False: its evidence is still being counted."""

    about: str
    at_most: float
    threshold: float | None
    missing: int
    of: int = 0
    wrong: int = 0
    counted: bool = True

    def in_words(self) -> str:
        """Why a person is called although the model has an answer."""
        if not self.counted:
            return f"The checked replies about {self.about} are being counted."
        if self.wrong:
            return f"{self.wrong} of {self.of} checked replies about {self.about} were wrong: at least {self.missing} more that are right."
        return f"Too few replies about {self.about} have been checked: {self.missing} more."


def standing(known: DirectiveSet, name: str, found: Promise | None) -> Standing:
    """From what is stored of a topic's ground; nothing stored means that nothing was reviewed."""
    at_most, words = promised(known, name), about(known, name)
    if found is None:
        return Standing(words, at_most, None, needed(at_most))
    if found.at_most != at_most:
        return Standing(words, at_most, None, needed(at_most), counted=False)
    return Standing(words, at_most, found.threshold, found.missing, found.of, found.wrong)


def promised(known: DirectiveSet, name: str) -> float:
    """The share of a topic's replies that may be wrong. Only asked where the policy promises one."""
    gate = known.policy.gate
    assert gate.at_most_wrong is not None
    return gate.topics.get(name, gate.at_most_wrong)


# ---- topics and their grounds


@dataclass(frozen=True)
class Topics:
    """`of` is each situation's and fact's topic, `grounds` the digest of what shapes a topic's replies, by topic."""

    of: Mapping[DirectiveId, str]
    grounds: Mapping[str, str]

    def covering(self, directive: DirectiveId | None) -> str:
        return self.of.get(directive, ANYTHING) if directive is not None else ANYTHING


@lru_cache(maxsize=8)
def topics(known: DirectiveSet) -> Topics:
    """Worked out once for a set: every turn asks."""
    of = {d.id: _topic(d, known.policy.gate.topics) for d in known.directives if d.kind is not Kind.VOICE}
    shared = [_shapes(d) for d in known.directives if d.kind is Kind.VOICE]
    models = [known.policy.models.provider, known.policy.models.turn]
    grounds = {}
    for name in {ANYTHING, *of.values()}:
        own = [_shapes(d) for d in known.directives if d.kind is not Kind.VOICE and name in {of[d.id], ANYTHING}]
        grounds[name] = hashlib.sha256(json.dumps([name, models, shared, own]).encode()).hexdigest()[:32]
    return Topics(of, grounds)


def about(known: DirectiveSet, name: str) -> str:
    """A topic as a sentence names it."""
    if name == ANYTHING:
        return "what no single directive covers"
    directive = known.get(name)
    return f"“{directive.title}”" if directive is not None else name


def _topic(directive: Directive, named: Iterable[str]) -> str:
    if directive.id in named:
        return directive.id
    first = next((one for one in directive.topics if one in named), None)
    return first or (directive.topics[0] if directive.topics else directive.id)


def _shapes(directive: Directive) -> list[object]:
    """What of a directive can change a reply: not its title, its confidence, or where its lines stand."""
    season = [one.isoformat() if one is not None else None for one in (directive.starts, directive.ends)]
    rules = [rule.text for rule in directive.rules]
    examples = [[list(example.customer), example.us] for example in directive.examples]
    return [directive.id, directive.status.value, season, directive.topics, directive.guards.never_say, directive.guards.max_words, rules, examples]
