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
        return tuple(d for d in self.directives if d.in_force(today))

    @cached_property
    def _by_id(self) -> Mapping[str, Directive]:
        return {d.id: d for d in self.directives}

    @cached_property
    def sections(self) -> Mapping[str, str]:
        """Each directive as a model reads it."""
        return {d.id: section(d) for d in self.directives}

    @cached_property
    def _words(self) -> Mapping[str, Counter[str]]:
        return {d.id: Counter(words(d.source)) for d in self.directives}

    @cached_property
    def _spread(self) -> Mapping[str, float]:
        """How telling each word is (inverse document frequency, Spärck Jones 1972)."""
        seen = Counter(word for counts in self._words.values() for word in counts)
        return {word: math.log(1 + len(self.directives) / count) for word, count in seen.items()}

    def relevance(self, directive: Directive, text: str) -> float:
        """How much a directive has to do with a text, 0 and up; only good for ordering."""
        counts = self._words[directive.id]
        total = sum(counts.values()) or 1
        return sum(self._spread[word] * counts[word] / (counts[word] + 0.5 + total / 200) for word in set(words(text)) if word in counts)


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
    kept: list[Directive] = []
    for directive in sorted(candidates, key=lambda d: (-known.relevance(d, message), d.id)):
        size = len(known.sections[directive.id])
        if size <= budget:
            kept.append(directive)
            budget -= size
    return sorted(kept, key=lambda d: d.id)


def section(directive: Directive) -> str:
    """One directive as a model reads it: its name, its body as the owner wrote it, and its guards in words."""
    body = directive.source.split("\n---\n", 1)[-1].strip()
    guards = []
    if directive.guards.never_say:
        guards.append("Never say: " + ", ".join(f'"{word}"' for word in directive.guards.never_say))
    if directive.guards.max_words is not None:
        guards.append(f"At most {directive.guards.max_words} words.")
    return "\n".join([f"# {directive.id}: {directive.title}", *guards, "", body])
