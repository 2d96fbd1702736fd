"""Would-be examples prove themselves before they are proposed: taught from half of the conversations, the model is asked the other half.

This is two-fold cross-validation (Stone 1974) with the very index and threshold that will answer customers. What is asked includes the messages that are no
examples, so that what gets different answers from time to time finds no home by chance in an example that happens to be the nearest.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from voicegit.adapters.models.local import language
from voicegit.adapters.models.local.matching import Index
from voicegit.domain.directive import Directive, Example
from voicegit.domain.ids import DirectiveId

RIGHT = 0.8
"""Share of its replies that must be what a person answered, for an example and for all examples of an answer."""
MISSES = 2
"""Wrong replies before anything is left out: one may be chance."""
HALF_TAUGHT = 0.7
"""Share of the threshold from which a reply counts: with half of the examples the model is less sure than it will be with all of them."""
ROUNDS = 4
MOST_ASKED = 3000
"""Messages that are asked in one round, an even spread of all: about 3 ms each."""


class Answered(Protocol):
    """Takeovers by number: what customers wrote, what was answered (by number), the conversation, and which situation."""

    messages: list[str]
    answers: Any
    talks: Any
    situations: Any
    many: list[bool]

    def alike(self, some: Any, others: Any) -> Any: ...


@dataclass(frozen=True)
class _Reply:
    """One takeover answered from an example of another conversation."""

    example: int
    group: str
    right: bool


def proven(takeovers: Answered, examples: Sequence[int], words: language.Words, threshold: float, *, least: float = RIGHT) -> list[int]:
    """The examples without those that, or whose answers, would too often say something else than a person did: `least` is the share that must be right."""
    kept = list(examples)
    for _ in range(ROUNDS):
        replies = [reply for half in (0, 1) for reply in _replies(takeovers, kept, half, words, threshold)]
        unfit = _bad(((str(reply.example), reply.right) for reply in replies), least)
        # An answer is given up as a whole only when it is no single way of asking that misleads.
        bad = set() if unfit else _bad(((reply.group, reply.right) for reply in replies), least)
        left = [number for number in kept if str(number) not in unfit and _group(takeovers, number) not in bad]
        if len(left) == len(kept):
            break
        kept = left
    return kept


def _group(takeovers: Answered, number: int) -> str:
    """The directive that an example would stand in: its answer's, or its situation's while that has taught little."""
    return f"a{takeovers.answers[number]}" if takeovers.many[number] else f"s{takeovers.situations[number]}"


def _bad(replies: Iterator[tuple[str, bool]], least: float) -> set[str]:
    hits: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for name, right in replies:
        (hits if right else misses)[name] += 1
    return {name for name, wrong in misses.items() if wrong >= MISSES and hits[name] < least * (hits[name] + wrong)}


def _replies(takeovers: Answered, examples: Sequence[int], half: int, words: language.Words, threshold: float) -> Iterator[_Reply]:
    """What a model taught from one half of the conversations would reply to the other."""
    taught = [number for number in examples if takeovers.talks[number] % 2 == half]
    if not taught:
        return
    # The number of the takeover is the answer's text, so that a reply tells which example it came from.
    home = {(_group(takeovers, number), takeovers.messages[number]): number for number in taught}
    groups: dict[str, list[int]] = {}
    for (group, _), number in home.items():
        groups.setdefault(group, []).append(number)
    made = [
        Directive(DirectiveId(f"situations/{group}"), group, "", examples=tuple(Example((takeovers.messages[n],), str(n)) for n in sorted(numbers)))
        for group, numbers in sorted(groups.items())
    ]
    index = Index(made, words)
    asked = [number for number in range(len(takeovers.messages)) if takeovers.talks[number] % 2 != half]
    best = lru_cache(maxsize=None)(index.best)
    for number in asked[:: max(1, -(-2 * len(asked) // MOST_ASKED))]:
        found = best(takeovers.messages[number])
        if found is not None and found.confidence >= threshold * HALF_TAUGHT:
            example = int(found.answer.text)
            yield _Reply(example, _group(takeovers, example), bool(takeovers.alike(example, number)))
