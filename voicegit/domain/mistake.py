"""Mistakes that people caught: what was asked, what was wrongly said, and whether a reply would make one of them again. Pure.

A mistake is a situation and what was wrong in it. The same answer may be right elsewhere: it is a mistake again only where the question is more
like the one it was caught at than like any that it was approved for.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from rapidfuzz import fuzz, process

from voicegit.domain import agreement, privacy
from voicegit.domain.book import alike
from voicegit.domain.conversation import ERASED
from voicegit.domain.directive import Directive, Guards, Kind, Status
from voicegit.domain.ids import ConversationId, DirectiveId, MistakeId, PersonId, Revision, SignalId
from voicegit.domain.outgoing import guard_hits, guards_for
from voicegit.domain.signal import SignalKind

SAME = 90.0
"""How alike (0..100, rapidfuzz ratio) two answers are that count as the same."""

LIKE = 0.5
"""How alike (0..1, the share of their words that both hold; Dice) two questions have to be more than. With the embedded model's data, of the replies
stopped at 0.5 three of four were wrong, while one of three was in all."""


@dataclass(frozen=True)
class Prevention:
    """What keeps a mistake from coming back: a guarded word, or the text of a rule or an answer, with the directive that it was approved in."""

    directive: DirectiveId
    text: str
    guard: bool = False

    @property
    def path(self) -> str:
        return f"{self.directive}.md"

    def __str__(self) -> str:
        return f"{'never say ' if self.guard else ''}“{' '.join(self.text.split())}” ({self.path})"


@dataclass(frozen=True)
class Mistake:
    """One entry of the catalogue. `question`, `wrong`, `reason` and `better` are without personal data; `digest` names the exact question and answer.

    `signals` are the verdicts that caught it, the first one first. `again` counts how often it was made after it was known, `stopped` how often it was
    not sent.
    `closed_by` is the release that addresses it, by what it is `prevented_by` (nothing where only the wrong answer was taken out), or `closer` who closed it
    `because` it cannot come back, `closed_at` when; None while the catalogue itself is what prevents it. `changed` grows with each change.
    """

    id: MistakeId
    at: datetime
    signals: tuple[SignalId, ...]
    conversation: ConversationId
    kind: SignalKind
    digest: str
    question: str
    wrong: str
    changed: int
    reason: str | None = None
    better: str | None = None
    covered_by: DirectiveId | None = None
    again: int = 0
    stopped: int = 0
    last_at: datetime | None = None
    closed_by: Revision | None = None
    closed_at: datetime | None = None
    closer: PersonId | None = None
    because: str | None = None
    prevented_by: tuple[Prevention, ...] = ()

    @property
    def why(self) -> str:
        """What was wrong with it, as a person said it."""
        if self.reason and self.reason != ERASED:
            return f"“{self.reason}”"
        return "a person said it better" if self.kind is SignalKind.CORRECTION else "a person said it was wrong"

    @property
    def forgotten(self) -> bool:
        """Whether nothing is left of it that a reply could be held against."""
        return self.digest == self.id

    def made_again(self, signal: SignalId, at: datetime) -> "Mistake":
        """The same answer was wrong again in the same situation, asked in words that are another entry."""
        return replace(self, signals=(*self.signals, signal), again=self.again + 1, last_at=at)

    def caught_again(self, signal: SignalId, at: datetime, *, known: bool) -> "Mistake":
        """`known`: it was in the catalogue when the reply was made. A release that was to address it has not."""
        return replace(self.reopened(), signals=(*self.signals, signal), again=self.again + known, last_at=at)

    def without(self, signal: SignalId, *, known: bool) -> "Mistake":
        """After that verdict was taken back."""
        return replace(self, signals=tuple(one for one in self.signals if one != signal), again=self.again - known)

    def closed(self, release: Revision, at: datetime, prevented_by: Sequence[Prevention] = ()) -> "Mistake":
        return replace(self, closed_by=release, closed_at=at, prevented_by=tuple(prevented_by))

    def put_aside(self, by: PersonId, because: str, at: datetime) -> "Mistake":
        """A person says that it cannot come back."""
        return replace(self, closed_by=None, closed_at=at, closer=by, because=because, prevented_by=())

    def reopened(self) -> "Mistake":
        return replace(self, closed_by=None, closed_at=None, closer=None, because=None, prevented_by=())


def digest(question: str, answer: str) -> str:
    return hashlib.sha256(f"{plain(question)}\0{plain(answer)}".encode()).hexdigest()


class Live:
    """What is live, made ready to be asked what keeps which mistake from being made again."""

    def __init__(self, directives: Sequence[Directive], in_force: Sequence[Directive]) -> None:
        self._active = {one.id: one for one in directives if one.status is Status.ACTIVE}
        self._in_force = in_force
        self._quoted = {plain(example.us) for one in in_force for example in one.examples}
        self._texts = {text for one in self._active.values() for text in _texts(one)}

    def still_says(self, one: Mistake) -> bool:
        """Whether the wrong answer stands approved, and no guard forbids it."""
        return plain(one.wrong) in self._quoted and not guard_hits(one.wrong, Guards(guards_for(self._in_force, one.covered_by).never_say))

    def prevents(self, one: Mistake) -> bool:
        """Whether what addressed a mistake stands: a guard that forbids its answer, or else all that was approved against it."""
        standing = [self._has(each) for each in one.prevented_by]
        forbidden = any(there and each.guard and guard_hits(one.wrong, Guards((each.text,))) for there, each in zip(standing, one.prevented_by, strict=True))
        return not self.still_says(one) and (forbidden or all(standing))

    def _has(self, one: Prevention) -> bool:
        """A guard where it was or for every reply; a rule or an answer anywhere, or in other words where it was."""
        there = self._active.get(one.directive)
        if one.guard:
            return any(one.text in d.guards.never_say for d in self._active.values() if d.id == one.directive or d.kind is Kind.VOICE)
        return one.text in self._texts or (there is not None and any(alike(one.text, text) for text in _texts(there)))

    def against(self, one: Mistake, before: Mapping[DirectiveId, Directive], learned: Collection[DirectiveId], asked: Collection[str]) -> list[Prevention]:
        """What keeps a mistake from coming back: the guards that forbid its answer, or else what is new in the directives that learned from it.

        `asked` are the texts that its verdicts asked for, as far as that is known: then only those of them that stand so.
        """
        guarding = [d for d in self._in_force if d.kind is Kind.VOICE or d.id == one.covered_by]
        guards = [Prevention(d.id, word, guard=True) for d in guarding for word in d.guards.never_say if guard_hits(one.wrong, Guards((word,)))]
        if guards:
            return guards
        found: list[Prevention] = []
        for id in learned:
            new, old = self._active.get(id), before.get(id)
            if new is not None:
                words = [word for word in new.guards.never_say if old is None or word not in old.guards.never_say]
                found += [Prevention(id, word, guard=True) for word in words]
                found += [Prevention(id, text) for text in _texts(new) if old is None or text not in _texts(old)]
        return [each for each in found if each.text in asked] or found


def _texts(one: Directive) -> list[str]:
    return [*(rule.text for rule in one.rules), *dict.fromkeys(example.us for example in one.examples)]


def without_name(text: str, customer: str | None) -> str:
    """An answer with the place for the customer's name left open, so that it is the same answer to the next one."""
    if not customer or not customer.strip():
        return text
    first = re.escape(customer.split(maxsplit=1)[0])
    return re.sub(rf"(?<!\w)(?:{re.escape(customer.strip())}|{first})(?!\w)", "{name}", text)


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()))


_EVERYWHERE = """a an and am any are as at be been but by can could did do does for from get had has have how i if in is it its just m me my no not of on or
    our out please s so t that the their them then there they this to us was we were what when where which who why will with would you your"""
_IN_EVERY_QUESTION = frozenset(_EVERYWHERE.split())


def words(text: str) -> frozenset[str]:
    """What a question is about: its words without their endings and without those that are in every question, if any others are left."""
    stems = [_stem(word) for word in plain(re.sub(r"\[[a-z]{2,12}\]|\{\w{1,40}\}", " ", text)).split()]
    return frozenset(stem for stem in stems if stem not in _IN_EVERY_QUESTION) or frozenset(stems)


def _stem(word: str) -> str:
    return next((word[: -len(end)] for end in ("ing", "ed", "es", "s") if word.endswith(end) and len(word) - len(end) >= 3), word)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0..1: the share of the words that both hold (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


@dataclass(frozen=True)
class Reply:
    """What is about to be sent: the customer's words, the answer with `{name}` for theirs, and the questions it was approved for."""

    question: str
    answer: str
    approved_for: Sequence[str] = ()


class Catalogue:
    """Mistakes made ready to be looked for: every reply is held against them."""

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        self._by_digest = {one.digest: one for one in mistakes}
        self._wrong: dict[str, list[Mistake]] = {}
        for one in (one for one in mistakes if one.wrong != ERASED):
            self._wrong.setdefault(plain(one.wrong), []).append(one)

    @cached_property
    def _texts(self) -> list[str]:
        return list(self._wrong)

    def said_before(self, answer: str, situation: DirectiveId | None) -> Mistake | None:
        """The mistake whose wrong answer this is, word for word, from the same directive; the newest."""
        found = [one for one in self._wrong.get(plain(answer), ()) if situation is not None and one.covered_by == situation]
        return max(found, key=lambda one: one.at, default=None)

    def met(self, reply: Reply) -> Mistake | None:
        """The mistake that this reply would make again; None when it is not known as one. Costs next to nothing while no answer like it was ever wrong."""
        exact = self._by_digest.get(digest(reply.question, reply.answer))
        if exact is not None:
            return exact
        said = plain(reply.answer)
        met = self._wrong.get(said) or self._nearly(said, reply.answer)
        if not met:
            return None
        asked = words(privacy.redact(reply.question))
        found = max(met, key=lambda one: likeness(asked, words(one.question)))
        nearest = likeness(asked, words(found.question))
        right = max((likeness(asked, words(known)) for known in reply.approved_for), default=0.0)
        return found if nearest > LIKE and nearest >= right else None

    def _nearly(self, said: str, answer: str) -> list[Mistake]:
        """Those whose wrong answer is nearly this one. What says the contrary of it, as a correction by one word does, is none of them."""
        near = process.extract(said, self._texts, scorer=fuzz.ratio, score_cutoff=SAME, limit=5)
        return [one for text, _, _ in near for one in self._wrong[text] if not agreement.contradict(one.wrong, answer)]
