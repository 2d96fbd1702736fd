"""Which answers stand for themselves: given in several conversations, and given whenever somebody writes like this.

While a situation has taught little, every reply of a person is an example. From `ENOUGH` takeovers on there is enough to tell apart what is said again and
again from what fits one booking only, and which messages cannot be answered from their own words: to a plain "yes" people say whatever comes next.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process

from voicegit.adapters.models.local import language
from voicegit.adapters.models.local.grouping import linked
from voicegit.adapters.models.local.space import Space
from voicegit.adapters.models.local.trial import RIGHT, proven
from voicegit.domain.agreement import flat
from voicegit.domain.ids import SignalId
from voicegit.domain.material import Lesson
from voicegit.domain.signal import SignalKind

ENOUGH = 6
"""Takeovers of a situation from which its one-off answers are no examples any more; as many as it takes until some are set aside."""
PLENTY = 200
"""Takeovers in one run from which none of them is a first lesson: they are a history, and in it a reply that never came again was for one customer."""
HABIT = 50
"""Takeovers, earlier ones included, from which it can be told whether persons answer in fixed words here."""
FIXED = 0.5
"""Share of the replies that come word for word again, from which they do."""
SAME_ANSWER = 0.55
"""Mean similarity (0..1) of two groups of replies from which they are one answer in different words."""
SAME_WORDING = 95.0
"""0..100, rapidfuzz ratio: two wordings that are both given again and again are one answer only from here on."""
VARIANTS = 3
"""Different figures or names in one wording from which they were looked up, and are nothing to quote from memory."""
ASKED_SHARE = 0.35
SAME_SENSE = 0.2
"""Mean similarity (0..1) of two groups of exchanges from which their answers count as meaning the same, and the question's share in it.

On labelled dialogues, of near messages answered so 95 % had the same label (STAR), and 61 % of what had the same label was seen to (Taskmaster, where
hardly any two people use the same words); the situations of `grouping`, which the question decides as much as the answer, came to 89 % and 60 %.
"""
NEAR = 0.35
"""Similarity (0..1) of two messages from which the answer to one says something about the other."""
NEIGHBOURS = 25
SUPPORT = 3
"""Near messages of other conversations that an example needs where there is enough to tell."""
AGREED = 0.65
"""Share of the near messages, each by the square of its similarity, that must have got the same answer."""
AGREEING = 0.5
"""Mean of those shares from which a message tells what will be answered: of requests to a bank it was 0.64 to 0.70, in dialogues that go step by step
0.34 to 0.48 (STAR, Taskmaster)."""
UNBIASED = 500
"""The oldest takeovers, by which that is told: the later ones are the hard ones, since the model answers the others."""
AT_BOUNDARIES = 0.5
"""As `trial.RIGHT`, where messages do tell: what is near a boundary is often wrong by half of the examples, and right by all."""
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

    `once` counts replies that fit one conversation only; `torn` those to messages that got different answers from time to time.
    """

    standing: tuple[Standing, ...]
    open: tuple[Lesson, ...]
    once: int = 0
    torn: int = 0


Stands = Mapping[str, Collection[tuple[str, ...]]]
"""The answers that are approved already, flattened, each with the messages (as tokens) that it is an example for."""


@dataclass(frozen=True)
class Before:
    """What was there before these lessons: takeovers that were read, those of them that nothing was made of, and what is approved."""

    earlier: Sequence[Lesson] = ()
    unused: Collection[SignalId] = frozenset()
    stands: Stands = field(default_factory=dict)


def sorted_out(lessons: Sequence[Lesson], words: language.Words, threshold: float, before: Before | None = None) -> Sorted:
    """Only takeovers are judged: a correction or an edit was written to teach. `threshold` is the confidence that a reply needs.

    Earlier takeovers bear witness, and one that nothing was made of then is an example once its answer has come again.
    Same lessons, same result.
    """
    fresh = [one for one in lessons if one.kind is SignalKind.TAKEOVER]
    before = Before() if before is None else before
    takeovers = [*fresh, *before.earlier] if fresh else []
    if len(takeovers) < ENOUGH:
        return Sorted((), tuple(lessons))
    crowd = Crowd(takeovers, words, before.stands, fresh=len(fresh))
    candidates = crowd.commonest([number for number in range(len(takeovers)) if crowd.holds(number)])
    kept = proven(crowd, candidates, words, threshold, least=AT_BOUNDARIES if crowd.agreeing else RIGHT)
    found: dict[int, list[int]] = {}
    for number in kept:
        if crowd.many[number]:
            found.setdefault(int(crowd.answers[number]), []).append(number)
    lasting = [behind for behind in found.values() if crowd.lasts(behind)]
    told = [
        (behind, [number for number in behind if number < len(fresh) or (takeovers[number].signal in before.unused and crowd.is_news(number))])
        for behind in lasting
    ]
    standing = [Standing(_commonest([takeovers[n] for n in behind]), tuple(takeovers[n] for n in some)) for behind, some in told if some]
    few = {takeovers[number].signal for number in kept if not crowd.many[number]}
    learned = {number for behind in lasting for number in behind}
    once = sum(crowd.many[number] and number not in learned and not crowd.recurs(number) for number in range(len(fresh)))
    return Sorted(
        tuple(sorted(standing, key=lambda one: (-len(one.lessons), one.lessons[0].signal))),
        tuple(lesson for lesson in lessons if lesson.kind is not SignalKind.TAKEOVER or lesson.signal in few),
        once=once,
        torn=len(fresh) - once - len(few) - sum(number < len(fresh) for number in learned),
    )


def _commonest(lessons: Sequence[Lesson]) -> str:
    """The wording given most often, then the shortest: a person's own words, whole."""
    counts = Counter((lesson.theirs or "").strip() for lesson in lessons)
    return min(counts, key=lambda text: (-counts[text], len(text), text))


class Crowd:
    """Takeovers side by side, by number. `answers` numbers what was answered; `many` says whose situation has taught enough."""

    def __init__(self, lessons: Sequence[Lesson], words: language.Words, stands: Stands, *, fresh: int) -> None:
        import numpy as np

        replies = [(lesson.theirs or "").strip() for lesson in lessons]
        self._stands = [stands.get(flat(reply)) for reply in replies]
        met = Counter(lesson.situation for lesson in lessons[:fresh])
        self._in_fixed_words = self._fixed(replies)
        plenty = fresh >= PLENTY or self._in_fixed_words
        self.many = [plenty or number >= fresh or met[lesson.situation] >= ENOUGH for number, lesson in enumerate(lessons)]
        keys = _keys(replies, words)
        self.answers = np.array(_answers(keys))
        self._looked_up = _looked_up(keys)
        self.situations = np.array([lesson.situation for lesson in lessons])
        talks = {talk: number for number, talk in enumerate(dict.fromkeys(lesson.conversation for lesson in lessons))}
        self.talks = np.array([talks[lesson.conversation] for lesson in lessons])
        self._given: dict[int, set[int]] = {}
        for answer, talk in zip(self.answers.tolist(), self.talks.tolist(), strict=True):
            self._given.setdefault(answer, set()).add(talk)
        self.messages = [lesson.customer for lesson in lessons]
        self._oldest = np.array(sorted(range(len(lessons)), key=lambda number: lessons[number].signal)[:UNBIASED])
        self._matrix = Space(self.messages, words).matrix
        self._senses = np.array(linked(_exchanges(self._matrix, Space(replies, words).matrix), SAME_SENSE))

    def _fixed(self, replies: Sequence[str]) -> bool:
        """Whether most replies come word for word again: then none of them is a first lesson that could be lost."""
        counts = Counter(map(flat, replies))
        again = sum(counts[flat(reply)] > 1 or stands is not None for reply, stands in zip(replies, self._stands, strict=True))
        return len(replies) >= HABIT and again >= FIXED * len(replies)

    def recurs(self, number: int) -> bool:
        """Whether this answer is approved already; or a second conversation got it, and it was not looked up for each of them."""
        return self._stands[number] is not None or (len(self._given[int(self.answers[number])]) > 1 and not self._looked_up[number])

    def lasts(self, behind: Sequence[int]) -> bool:
        """Whether examples of one answer are enough to quote it: it is approved already, or they come from several conversations, or one tells."""
        return self.agreeing or len(set(self.talks[behind].tolist())) > 1 or any(self._stands[number] is not None for number in behind)

    def is_news(self, number: int) -> bool:
        """Whether this message is no example of its answer yet."""
        return language.tokens(self.messages[number]) not in (self._stands[number] or ())

    def holds(self, number: int) -> bool:
        """Whether messages like this one got this answer in other conversations too, and seldom another; while there are few, whether nothing shows otherwise.

        An example that its neighbours contradict is taken out before anything learns from it (edited nearest neighbours, Wilson 1972). Where near messages
        by and large get the same answer, all stay, and an answer that was given once too: two like questions with two answers are then a boundary, and
        it takes examples of both sides to draw it.
        """
        near, same = self._neighbours[number]
        if not self.many[number]:
            return near < ENOUGH or same >= AGREED
        if self.agreeing:
            return self._stands[number] is not None or not self._looked_up[number]
        return self.recurs(number) and near >= SUPPORT and same >= AGREED

    @cached_property
    def agreeing(self) -> bool:
        """Whether a message tells what will be answered here, in fixed words: by the mean share of the same answer among near messages, at the beginning."""
        shares = [same for near, same in self._near(self._oldest) if near]
        return self._in_fixed_words and sum(shares) >= AGREEING * max(1, len(shares))

    def commonest(self, examples: Sequence[int]) -> list[int]:
        """The examples with one answer to one message: the one given to it most often, then the one given most often at all."""
        told = [language.tokens(self.messages[number]) for number in examples]
        here = Counter(zip(told, self.answers[list(examples)].tolist(), strict=True))
        best: dict[tuple[str, ...], int] = {}
        for (message, answer), count in here.items():
            held = best.get(message)
            if held is None or (count, len(self._given[answer])) > (here[message, held], len(self._given[held])):
                best[message] = answer
        return [number for number, message in zip(examples, told, strict=True) if best[message] == self.answers[number]]

    def alike(self, some: Any, others: Any) -> Any:
        """Whether takeovers were answered alike: with the same answer, or with one that means the same here."""
        return (self.answers[some] == self.answers[others]) | (self._senses[some] == self._senses[others])

    @cached_property
    def _neighbours(self) -> list[tuple[int, float]]:
        import numpy as np

        return self._near(np.arange(len(self.answers)))

    def _near(self, some: Any) -> list[tuple[int, float]]:
        """For each of some takeovers: how many near messages other conversations have among them, and the share of the same answer there."""
        import numpy as np

        transposed = self._matrix[some].T.tocsr()
        found: list[tuple[int, float]] = []
        for first in range(0, len(some), BLOCK):
            rows = some[first : first + BLOCK]
            block = (self._matrix[rows] @ transposed).toarray()
            block[self.talks[rows][:, None] == self.talks[some][None, :]] = 0.0
            block[block < NEAR] = 0.0
            most = min(NEIGHBOURS, block.shape[1])
            nearest = np.argpartition(-block, most - 1, axis=1)[:, :most]
            weights = np.square(np.take_along_axis(block, nearest, axis=1))
            same = (weights * self.alike(rows[:, None], some[nearest])).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
            found += zip((weights > 0).sum(axis=1).tolist(), same.tolist(), strict=True)
        return found


def _exchanges(asked: Any, answered: Any) -> Any:
    """Takeovers as points by what was asked and, more, by what was answered: other words for the same are said to the same messages."""
    from scipy.sparse import hstack

    return hstack([asked * ASKED_SHARE**0.5, answered * (1.0 - ASKED_SHARE) ** 0.5]).tocsr()


_Key = tuple[int, tuple[str, ...]]


def _keys(texts: Sequence[str], words: language.Words) -> list[_Key]:
    """For each reply the number of its wording, and the figures and names in it."""
    distinct = sorted(set(texts))
    groups = _told_apart(texts, dict(zip(distinct, linked(Space(distinct, words).matrix, SAME_ANSWER), strict=True)))
    found = {text: (groups[text], tuple(sorted(set(_PARTICULAR.findall(text))))) for text in distinct}
    return [found[text] for text in texts]


def _told_apart(texts: Sequence[str], groups: Mapping[str, int]) -> dict[str, int]:
    """The groups, but for those with several wordings that come again and again, each an answer of its own: other wordings join the likest of them."""
    patterns = {text: re.sub(r"[^\w#]+", " ", flat(_PARTICULAR.sub("#", text))).strip() for text in groups}
    counts = Counter(patterns[text] for text in texts)
    fixed: dict[int, list[str]] = {}
    for text, group in groups.items():
        mine = fixed.setdefault(group, [])
        pattern = patterns[text]
        if counts[pattern] > 1 and not any(fuzz.ratio(pattern, other) >= SAME_WORDING for other in mine):
            mine.append(pattern)
    numbers: dict[tuple[int, str], int] = {}
    found: dict[str, int] = {}
    for text, group in groups.items():
        likest = process.extractOne(patterns[text], fixed[group], scorer=fuzz.ratio) if len(fixed[group]) > 1 else None
        found[text] = numbers.setdefault((group, "" if likest is None else likest[0]), len(numbers))
    return found


def _answers(keys: Sequence[_Key]) -> list[int]:
    """For each reply the number of its answer: alike in words, and the same in every figure and name."""
    numbers: dict[_Key, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _looked_up(keys: Sequence[_Key]) -> list[bool]:
    """For each reply whether its wording comes with one figure or name here and with others there: it was looked up for one customer."""
    variants = Counter(group for group, _ in set(keys))
    return [variants[group] >= VARIANTS and bool(held) for group, held in keys]
