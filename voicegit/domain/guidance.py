"""The directives in force at one revision, compiled into a model's instructions. Deterministic: same revision, same day, same message, same text."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from voicegit.domain.directive import Directive, Kind
from voicegit.domain.ids import DirectiveId, Revision
from voicegit.domain.policy import Policy

CHARS_PER_TOKEN = 4
"""A rough figure for English prose, good enough for a budget and never shown as a bill."""


@dataclass(frozen=True, eq=False)
class DirectiveSet:
    """All directives and the policy of one revision, checked. `directives` is sorted by id. Compared by identity, so that it can be a cache's key."""

    revision: Revision
    directives: tuple[Directive, ...]
    policy: Policy

    def get(self, directive: DirectiveId | str) -> Directive | None:
        return self._by_id.get(directive)

    def in_force(self, today: date) -> tuple[Directive, ...]:
        known = self._days.get(today)
        if known is None:
            known = self._days[today] = tuple(d for d in self.directives if d.in_force(today))
        return known

    @cached_property
    def _by_id(self) -> Mapping[str, Directive]:
        return {d.id: d for d in self.directives}

    @cached_property
    def sections(self) -> Mapping[str, str]:
        """Each directive as a model reads it."""
        return {d.id: section(d) for d in self.directives}

    @cached_property
    def _days(self) -> dict[date, tuple[Directive, ...]]:
        """What was in force on the days that were asked about."""
        return {}

    @cached_property
    def weights(self) -> Mapping[str, Sequence[tuple[DirectiveId, float]]]:
        """For each word the directives that have it, and how much it says of each: how often it stands there against the length of the text
        (BM25's saturation), times how telling it is (inverse document frequency, Spärck Jones 1972)."""
        counts = {d.id: Counter(words(d.source)) for d in self.directives}
        seen = Counter(word for counted in counts.values() for word in counted)
        weights: dict[str, list[tuple[DirectiveId, float]]] = {}
        for directive, counted in counts.items():
            total = sum(counted.values()) or 1
            for word, count in counted.items():
                telling = math.log(1 + len(self.directives) / seen[word])
                weights.setdefault(word, []).append((directive, telling * count / (count + 0.5 + total / 200)))
        return weights

    def relevance(self, text: str) -> Mapping[DirectiveId, float]:
        """How much each directive has to do with a text; only good for ordering. One that is not named has nothing to do with it."""
        found: dict[DirectiveId, float] = {}
        for word in sorted(set(words(text))):
            for directive, weight in self.weights.get(word, ()):
                found[directive] = found.get(directive, 0.0) + weight
        return found


@dataclass(frozen=True)
class Guidance:
    """What a model is told. `directives` names those that went in; `complete` is False when the budget left some out."""

    revision: Revision
    text: str
    directives: tuple[Directive, ...]
    complete: bool


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9à-öø-ÿ]+", text.lower())


def compile(known: DirectiveSet, *, today: date, message: str) -> Guidance:
    """Voice always; situations and facts all of them when they fit the budget, else the most relevant to the message."""
    force = known.in_force(today)
    budget = known.policy.turns.budget_tokens * CHARS_PER_TOKEN
    voice = [d for d in force if d.kind is Kind.VOICE]
    rest = [d for d in force if d.kind is not Kind.VOICE]
    sections = known.sections
    complete = sum(len(sections[d.id]) for d in force) <= budget
    if not complete:
        rest = _within(known, rest, message, budget - sum(len(sections[d.id]) for d in voice))
    chosen = tuple(voice + rest)
    return Guidance(known.revision, "\n\n".join(sections[d.id] for d in chosen), chosen, complete)


def _within(known: DirectiveSet, candidates: Sequence[Directive], message: str, budget: int) -> list[Directive]:
    relevance = known.relevance(message)
    kept: set[DirectiveId] = set()
    # Sorting is stable: among equals, and among those that have nothing to do with the message, the order by id stays.
    for directive in sorted(candidates, key=lambda d: -relevance.get(d.id, 0.0)):
        size = len(known.sections[directive.id])
        if size <= budget:
            kept.add(directive.id)
            budget -= size
    return [d for d in candidates if d.id in kept]


def section(directive: Directive) -> str:
    """One directive as a model reads it: its name, its body as the owner wrote it, and its guards in words."""
    body = directive.source.split("\n---\n", 1)[-1].strip()
    guards = []
    if directive.guards.never_say:
        guards.append("Never say: " + ", ".join(f'"{word}"' for word in directive.guards.never_say))
    if directive.guards.max_words is not None:
        guards.append(f"At most {directive.guards.max_words} words.")
    return "\n".join([f"# {directive.id}: {directive.title}", *guards, "", body])
