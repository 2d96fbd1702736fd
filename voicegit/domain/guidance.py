"""The directives in force at one revision, compiled into a model's instructions. Deterministic: same revision, same day, same message, same text."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import chain

from voicegit.domain.directive import Directive, Kind
from voicegit.domain.ids import DirectiveId, Revision
from voicegit.domain.policy import Policy

CHARS_PER_TOKEN = 4
"""A rough figure for English prose, good enough for a budget and never shown as a bill."""

SOON = timedelta(days=7)
"""How long before its end a season is told to end."""


@dataclass(frozen=True, eq=False)
class DirectiveSet:
    """All directives and the policy of one revision, checked. `directives` is sorted by id. Compared by identity, so that it can be a cache's key."""

    revision: Revision
    directives: tuple[Directive, ...]
    policy: Policy

    def get(self, directive: DirectiveId | str) -> Directive | None:
        return self._by_id.get(directive)

    def in_force(self, today: date) -> tuple[Directive, ...]:
        return self.on(today).force

    def ending(self, today: date) -> list[Directive]:
        """What is in force and is not a week from then."""
        return [one for one in self.in_force(today) if one.ends is not None and one.ends < today + SOON]

    def on(self, today: date) -> "Day":
        known = self._days.get(today)
        if known is None:
            force = tuple(d for d in self.directives if d.in_force(today))
            voice, rest = (tuple(d for d in force if (d.kind is Kind.VOICE) is spoken) for spoken in (True, False))
            sizes = {d.id: len(self.sections[d.id]) for d in force}
            known = self._days[today] = Day(force, voice, rest, sizes, sum(sizes.values()), min((sizes[d.id] for d in rest), default=0))
        return known

    @cached_property
    def _by_id(self) -> Mapping[str, Directive]:
        return {d.id: d for d in self.directives}

    @cached_property
    def sections(self) -> Mapping[str, str]:
        """Each directive as a model reads it."""
        return {d.id: section(d) for d in self.directives}

    @cached_property
    def _days(self) -> "dict[date, Day]":
        """The days that were asked about."""
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
class Day:
    """What is in force on one day, voice and the rest, with the characters each takes: worked out once, because every turn asks."""

    force: tuple[Directive, ...]
    voice: tuple[Directive, ...]
    rest: tuple[Directive, ...]
    sizes: Mapping[DirectiveId, int]
    size: int
    smallest: int


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
    day, sections = known.on(today), known.sections
    budget = known.policy.turns.budget_tokens * CHARS_PER_TOKEN
    complete = day.size <= budget
    rest = day.rest if complete else _within(known, day, message, budget - sum(day.sizes[d.id] for d in day.voice))
    chosen = (*day.voice, *rest)
    return Guidance(known.revision, "\n\n".join(sections[d.id] for d in chosen), chosen, complete)


def _within(known: DirectiveSet, day: Day, message: str, budget: int) -> list[Directive]:
    """As many as fit, the most relevant first; among equals the order by id, which sorting keeps."""
    relevance = known.relevance(message)
    about = sorted((d for d in day.rest if d.id in relevance), key=lambda d: -relevance[d.id])
    kept: set[DirectiveId] = set()
    for directive in chain(about, (d for d in day.rest if d.id not in relevance)):
        if budget < day.smallest:
            break
        if day.sizes[directive.id] <= budget:
            kept.add(directive.id)
            budget -= day.sizes[directive.id]
    return [d for d in day.rest if d.id in kept]


def section(directive: Directive) -> str:
    """One directive as a model reads it: its name, its body as the owner wrote it, and its guards in words."""
    body = directive.source.split("\n---\n", 1)[-1].strip()
    guards = []
    if directive.guards.never_say:
        guards.append("Never say: " + ", ".join(f'"{word}"' for word in directive.guards.never_say))
    if directive.guards.max_words is not None:
        guards.append(f"At most {directive.guards.max_words} words.")
    return "\n".join([f"# {directive.id}: {directive.title}", *guards, "", body])
