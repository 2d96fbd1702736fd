"""Mistakes that people caught: what was asked, what was wrongly said, and whether a reply would make one of them again. Pure.

A mistake is a situation and what was wrong in it. The same answer may be right elsewhere: it is a mistake again only where the question is more
like the one it was caught at than like any that it was approved for.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from rapidfuzz import fuzz, process

from voicegit.domain import privacy
from voicegit.domain.directive import Directive, Guards
from voicegit.domain.ids import ConversationId, DirectiveId, MistakeId, PersonId, Revision, SignalId
from voicegit.domain.outgoing import guard_hits, guards_for
from voicegit.domain.signal import SignalKind

SAME = 90.0
"""How alike (0..100, rapidfuzz ratio) two answers are that count as the same."""

LIKE = 0.5
"""How alike (0..1, the share of their words that both hold; Dice) two questions have to be more than. With the embedded model's data, of the replies
stopped at 0.5 three of four were wrong, while one of three was in all."""


@dataclass(frozen=True)
class Mistake:
    """One entry of the catalogue. `question`, `wrong`, `reason` and `better` are without personal data; `digest` names the exact question and answer.

    `signals` are the verdicts that caught it, the first one first. `again` counts how often it was made after it was known, `stopped` how often it was
    not sent.
    `closed_by` is the release that addresses it, or `closer` who closed it `because` it cannot come back, `closed_at` when; None while the catalogue itself
    is what prevents it. `changed` grows with each change.
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

    @property
    def why(self) -> str:
        """What was wrong with it, as a person said it."""
        if self.reason:
            return f"“{self.reason}”"
        return "a person said it better" if self.kind is SignalKind.CORRECTION else "a person said it was wrong"

    def caught_again(self, signal: SignalId, at: datetime, *, known: bool) -> "Mistake":
        """`known`: it was in the catalogue when the reply was made. A release that was to address it has not."""
        return replace(self.reopened(), signals=(*self.signals, signal), again=self.again + known, last_at=at)

    def without(self, signal: SignalId, *, known: bool) -> "Mistake":
        """After that verdict was taken back."""
        return replace(self, signals=tuple(one for one in self.signals if one != signal), again=self.again - known)

    def closed(self, release: Revision, at: datetime) -> "Mistake":
        return replace(self, closed_by=release, closed_at=at)

    def put_aside(self, by: PersonId, because: str, at: datetime) -> "Mistake":
        """A person says that it cannot come back."""
        return replace(self, closed_by=None, closed_at=at, closer=by, because=because)

    def reopened(self) -> "Mistake":
        return replace(self, closed_by=None, closed_at=None, closer=None, because=None)


def digest(question: str, answer: str) -> str:
    return hashlib.sha256(f"{plain(question)}\0{plain(answer)}".encode()).hexdigest()


def still_said(one: Mistake, in_force: Sequence[Directive]) -> bool:
    """Whether the wrong answer stands approved, and no guard forbids it."""
    quoted = any(plain(example.us) == plain(one.wrong) for directive in in_force for example in directive.examples)
    return quoted and not guard_hits(one.wrong, Guards(guards_for(in_force, one.covered_by).never_say))


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
        for one in mistakes:
            self._wrong.setdefault(plain(one.wrong), []).append(one)

    @cached_property
    def _texts(self) -> list[str]:
        return list(self._wrong)

    def met(self, reply: Reply) -> Mistake | None:
        """The mistake that this reply would make again; None when it is not known as one. Costs next to nothing while no answer like it was ever wrong."""
        exact = self._by_digest.get(digest(reply.question, reply.answer))
        if exact is not None:
            return exact
        said = plain(reply.answer)
        alike = [said] if said in self._wrong else [text for text, _, _ in process.extract(said, self._texts, scorer=fuzz.ratio, score_cutoff=SAME, limit=5)]
        if not alike:
            return None
        asked = words(privacy.redact(reply.question))
        found = max((one for text in alike for one in self._wrong[text]), key=lambda one: likeness(asked, words(one.question)))
        nearest = likeness(asked, words(found.question))
        right = max((likeness(asked, words(known)) for known in reply.approved_for), default=0.0)
        return found if nearest > LIKE and nearest >= right else None
