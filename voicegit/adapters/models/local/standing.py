"""Which answers stand for themselves: given in several conversations, and given whenever somebody writes like this.

While a situation has taught little, every reply of a person is an example. From `ENOUGH` takeovers on there is enough to tell apart what is said again and
again from what fits one booking only, and which messages cannot be answered from their own words: to a plain "yes" people say whatever comes next.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from voicegit.adapters.models.local import language
from voicegit.adapters.models.local.grouping import linked
from voicegit.adapters.models.local.space import Space
from voicegit.domain.material import Lesson
from voicegit.domain.signal import SignalKind

ENOUGH = 6
"""Takeovers of a situation from which its one-off answers are no examples any more; as many as it takes until some are set aside."""
SAME_ANSWER = 0.55
"""Mean similarity (0..1) of two groups of replies from which they are one answer in different words."""
NEAR = 0.35
"""Similarity (0..1) of two messages from which the answer to one says something about the other."""
NEIGHBOURS = 25
AGREED = 0.65
"""Share of the near messages, each by the square of its similarity, that must have got the same answer."""
TAKEN = 0.2
"""Similarity (0..1) from which a message may be taken for an example, if no other is nearer."""
MISSES = 2
"""Wrong answers that an example must have given before it is left out: one may be chance."""
BLOCK = 500

_PARTICULAR = re.compile(r"\d[\d.,:]*|(?<=[a-z,;] )[A-Z][\w'’-]+")
"""What may belong to one conversation: figures, and names inside a sentence."""


@dataclass(frozen=True)
class Standing:
    """One answer in its commonest wording, and the takeovers that gave it to messages it can be told by."""

    answer: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class Sorted:
    """`open` are lessons that are read one by one.

    `once` counts replies that no second conversation got; `torn` those to messages that got different answers from time to time.
    """

    standing: tuple[Standing, ...]
    open: tuple[Lesson, ...]
    once: int = 0
    torn: int = 0


def sorted_out(lessons: Sequence[Lesson], words: language.Words) -> Sorted:
    """Only takeovers are judged: a correction or an edit was written to teach. Same lessons, same result."""
    takeovers = [one for one in lessons if one.kind is SignalKind.TAKEOVER]
    if len(takeovers) < ENOUGH:
        return Sorted((), tuple(lessons))
    crowd = Crowd(takeovers, words)
    kept = crowd.tried(crowd.commonest([number for number in range(len(takeovers)) if crowd.holds(number)]))
    found: dict[int, list[Lesson]] = {}
    for number in kept:
        if crowd.many[number]:
            found.setdefault(crowd.answers[number], []).append(takeovers[number])
    lasting = [tuple(behind) for behind in found.values() if len({lesson.conversation for lesson in behind}) > 1]
    few = {takeovers[number].signal for number in kept if not crowd.many[number]}
    once = sum(crowd.many[number] and not crowd.recurs(number) for number in range(len(takeovers)))
    return Sorted(
        tuple(Standing(_commonest(behind), behind) for behind in sorted(lasting, key=lambda behind: (-len(behind), behind[0].signal))),
        tuple(lesson for lesson in lessons if lesson.kind is not SignalKind.TAKEOVER or lesson.signal in few),
        once=once,
        torn=len(takeovers) - once - len(few) - sum(map(len, lasting)),
    )


def _commonest(lessons: Sequence[Lesson]) -> str:
    """The wording given most often, then the shortest: a person's own words, whole."""
    counts = Counter((lesson.theirs or "").strip() for lesson in lessons)
    return min(counts, key=lambda text: (-counts[text], len(text), text))


class Crowd:
    """Takeovers side by side, by number. `answers` numbers what was answered; `many` says whose situation has taught enough."""

    def __init__(self, lessons: Sequence[Lesson], words: language.Words) -> None:
        import numpy as np

        met = Counter(lesson.situation for lesson in lessons)
        self.many = [met[lesson.situation] >= ENOUGH for lesson in lessons]
        self.answers = np.array(_answers([(lesson.theirs or "").strip() for lesson in lessons], words))
        self._situations = np.array([lesson.situation for lesson in lessons])
        talks = {talk: number for number, talk in enumerate(dict.fromkeys(lesson.conversation for lesson in lessons))}
        self._talks = np.array([talks[lesson.conversation] for lesson in lessons])
        self._given: dict[int, set[int]] = {}
        for answer, talk in zip(self.answers.tolist(), self._talks.tolist(), strict=True):
            self._given.setdefault(answer, set()).add(talk)
        self._messages = [lesson.customer for lesson in lessons]
        self._matrix = Space(self._messages, words).matrix

    def recurs(self, number: int) -> bool:
        """Whether a second conversation got this answer."""
        return len(self._given[int(self.answers[number])]) > 1

    def holds(self, number: int) -> bool:
        """Whether messages like this one got this answer in other conversations too, and seldom another; while there are few, whether nothing shows otherwise.

        An example that its neighbours contradict is taken out before anything learns from it (edited nearest neighbours, Wilson 1972).
        """
        near, same = self._neighbours[number]
        return (near > 0 and same >= AGREED) if self.many[number] else (near < ENOUGH or same >= AGREED)

    def commonest(self, examples: Sequence[int]) -> list[int]:
        """The examples with one answer to one message: the one given to it most often, then the one given most often at all."""
        told = [language.tokens(self._messages[number]) for number in examples]
        here = Counter(zip(told, self.answers[list(examples)].tolist(), strict=True))
        best: dict[tuple[str, ...], int] = {}
        for (message, answer), count in here.items():
            held = best.get(message)
            if held is None or (count, len(self._given[answer])) > (here[message, held], len(self._given[held])):
                best[message] = answer
        return [number for number, message in zip(examples, told, strict=True) if best[message] == self.answers[number]]

    def tried(self, examples: Sequence[int]) -> list[int]:
        """The examples without those that would answer other conversations' messages otherwise than a person did.

        Every takeover is asked once, also those that are no examples: what has different answers from time to time must not find a home by chance.
        Bad hubs, as Radovanović et al. (2010) call what is nearest to much that it does not belong to.
        """
        import numpy as np

        kept = np.array(examples, dtype=np.int64)
        while len(kept):
            nearest = self._nearest(kept)
            asked = np.flatnonzero(nearest >= 0)
            home = kept[nearest[asked]]
            right = self._alike(home, asked)
            hits = np.bincount(nearest[asked], weights=right, minlength=len(kept))
            misses = np.bincount(nearest[asked], weights=~right, minlength=len(kept))
            bad = (misses >= MISSES) & (hits < AGREED * (hits + misses))
            if not bad.any():
                break
            kept = kept[~bad]
        return [int(number) for number in kept]

    def _alike(self, some: Any, others: Any) -> Any:
        """Whether takeovers were answered alike: the same answer, or one situation, which is exchanges whose questions and answers together are alike."""
        return (self.answers[some] == self.answers[others]) | (self._situations[some] == self._situations[others])

    def _nearest(self, examples: Any) -> Any:
        """For each takeover the place in `examples` of the nearest one from another conversation; -1 where none is near enough to be taken for it."""
        import numpy as np

        transposed = self._matrix[examples].T.tocsr()
        found = np.full(len(self.answers), -1, dtype=np.int64)
        for first in range(0, len(found), BLOCK):
            block = (self._matrix[first : first + BLOCK] @ transposed).toarray()
            block[self._talks[first : first + BLOCK][:, None] == self._talks[examples][None, :]] = 0.0
            best = block.argmax(axis=1)
            found[first : first + BLOCK] = np.where(block[np.arange(len(block)), best] >= TAKEN, best, -1)
        return found

    @cached_property
    def _neighbours(self) -> list[tuple[int, float]]:
        """For each takeover: how many near messages other conversations have, and the share of the same answer among them."""
        import numpy as np

        transposed = self._matrix.T.tocsr()
        found: list[tuple[int, float]] = []
        for first in range(0, len(self.answers), BLOCK):
            block = (self._matrix[first : first + BLOCK] @ transposed).toarray()
            rows = np.arange(first, first + len(block))
            block[self._talks[rows][:, None] == self._talks[None, :]] = 0.0
            block[block < NEAR] = 0.0
            most = min(NEIGHBOURS, block.shape[1])
            nearest = np.argpartition(-block, most - 1, axis=1)[:, :most]
            weights = np.square(np.take_along_axis(block, nearest, axis=1))
            same = (weights * self._alike(rows[:, None], nearest)).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
            found += zip((weights > 0).sum(axis=1).tolist(), same.tolist(), strict=True)
        return found


def _answers(texts: Sequence[str], words: language.Words) -> list[int]:
    """For each reply the number of its answer: alike in words, and the same in every figure and name."""
    distinct = sorted(set(texts))
    groups = linked(Space(distinct, words).matrix, SAME_ANSWER)
    keys = {text: (group, tuple(sorted(set(_PARTICULAR.findall(text))))) for text, group in zip(distinct, groups, strict=True)}
    numbers: dict[tuple[int, tuple[str, ...]], int] = {}
    return [numbers.setdefault(keys[text], len(numbers)) for text in texts]
