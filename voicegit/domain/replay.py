"""What was asked before, answered again under two revisions, and which did better by what people really wrote.

A case is one past question with what a person made of it. Each revision's answer has a standing towards that; a verdict compares the two standings.
Where nothing outside is asked, agreement is told by plain means: which approved answer was quoted, and what `agreement` tells of words.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voicegit.domain import agreement
from voicegit.domain.gate import Action
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, SignalId
from voicegit.domain.tried import Tried


class Kind(StrEnum):
    """What a person did with the question then."""

    TAKEOVER = "takeover"
    REJECTION = "rejection"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    SENT = "sent"
    """Nothing: the model answered, and nobody looked at it."""


@dataclass(frozen=True)
class Case:
    """`signal` is the id of what the person did, of the reply itself where nobody did anything. `wanted` is what should be said: a person's own words, or the
    reply that was found good or that nobody looked at; empty for a rejection. `wrong` is what a person objected to,
    for `reason`. `taught`: directives were learned from it, or the proposal was: it shows that a lesson took, and proves nothing about the next customer.
    """

    signal: SignalId
    conversation: ConversationId
    kind: Kind
    taught: bool
    asked: str
    wanted: str = ""
    wrong: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Candidate:
    """A case that may be asked. `relevance`: how much it has to do with what the proposal changes; only good for ordering."""

    case: Case
    relevance: float = 0.0


_SHARES: tuple[tuple[float, Callable[[Case], bool]], ...] = (
    (0.4, lambda case: case.kind is Kind.TAKEOVER and not case.taught),
    (0.2, lambda case: case.kind is Kind.ACCEPTED),
    (0.1, lambda case: case.kind is Kind.SENT),
    (0.2, lambda case: case.kind in {Kind.REJECTION, Kind.CORRECTION}),
    (0.1, lambda case: case.kind is Kind.TAKEOVER and case.taught),
)
"""What each kind gets of the room there is, what proves most first; what one does not need goes to the others in this order."""


def choose(candidates: Sequence[Candidate], most: int) -> list[Case]:
    """At most `most` of them, the same at every call. Of each kind the relevant first; of good answers every second one by chance (a hash of its id),
    because a change may harm what it does not seem to touch.
    """
    groups = [_ordered([one for one in candidates if mine(one.case)]) for _, mine in _SHARES]
    taken = [group[: int(share * most)] for group, (share, _) in zip(groups, _SHARES, strict=True)]
    for place, group in enumerate(groups):
        room = most - sum(map(len, taken))
        taken[place] += group[len(taken[place]) :][:room]
    return [case for group in taken for case in group]


def _ordered(candidates: Sequence[Candidate]) -> list[Case]:
    relevant = [one.case for one in sorted(candidates, key=lambda one: (-one.relevance, one.case.signal))]
    if not relevant or relevant[0].kind not in {Kind.ACCEPTED, Kind.SENT}:
        return relevant
    drawn = sorted(relevant, key=lambda case: hashlib.sha256(case.signal.encode()).digest())
    return list(dict.fromkeys(case for pair in zip(relevant, drawn, strict=True) for case in pair))


class Standing(StrEnum):
    """How one answer stands to what a person made of the question."""

    AGREES = "agrees"
    DIFFERS = "differs"
    """It says something else than was wanted, or again what a person objected to."""
    CALLS = "calls"
    """A person would be called."""
    GUARD = "guard"
    """A guard stops what would be said; a person would be called."""
    FORBIDDEN = "forbidden"
    """It would be said although a guard of today forbids it: the proposal's own guards let it pass."""
    OPEN = "open"
    """It cannot be told."""


class Verdict(StrEnum):
    FIXED = "fixed"
    SAME = "same"
    BROKEN = "broken"
    UNSURE = "unsure"


def verdict(case: Case, before: Standing, after: Standing, *, alike: bool) -> Verdict:
    """As `_verdict`; but what nobody looked at is neither right nor wrong: a change there is for a person to look at, unless a guard is hit."""
    found = _verdict(case, before, after, alike=alike)
    if case.kind is Kind.SENT and found is not Verdict.SAME and after not in {Standing.GUARD, Standing.FORBIDDEN}:
        return Verdict.UNSURE
    return found


def _verdict(case: Case, before: Standing, after: Standing, *, alike: bool) -> Verdict:
    """What going from one to the other does to a case. `alike`: both revisions do the same in the same words.

    Fixed: was summoned or wrong, and now agrees; of a rejected reply: it is not said any more. Broken: what agreed does not, what was objected to comes back,
    or a guard is hit; forbidden words that would be said, whatever was before. A wrong answer in place of a call is never hidden: it cannot be called the
    same, so a person looks at it.
    """
    objected = case.kind in {Kind.REJECTION, Kind.CORRECTION}
    if after is Standing.FORBIDDEN:
        return Verdict.BROKEN
    if alike or (before is after and after is not Standing.OPEN):
        return Verdict.SAME
    if after is Standing.GUARD:
        return Verdict.FIXED if objected and before is Standing.DIFFERS else Verdict.BROKEN
    if after is Standing.AGREES:
        return Verdict.UNSURE if before is Standing.OPEN else Verdict.FIXED
    if before is Standing.AGREES:
        return Verdict.UNSURE if after is Standing.OPEN else Verdict.BROKEN
    if objected and after is Standing.DIFFERS:
        return Verdict.BROKEN
    if case.kind is Kind.REJECTION and before is Standing.DIFFERS and after is Standing.CALLS:
        return Verdict.FIXED
    return Verdict.UNSURE


# ---- several tries at one question


@dataclass(frozen=True)
class Heard:
    """What a revision does with a question that it was asked `of` times: what most tries do, as the first of them does it. `votes` counts those."""

    tried: Tried
    votes: int
    of: int

    @property
    def clear(self) -> bool:
        """Whether more than half of the tries agree."""
        return self.votes * 2 > self.of


def majority(tries: Sequence[Tried]) -> Heard:
    """What most of the tries do: call a person, or answer in nearly the same words. Of groups of one size the earlier counts, and it is not `clear`."""
    groups: list[list[Tried]] = []
    for one in tries:
        mine = next((group for group in groups if same(group[0], one)), None)
        if mine is None:
            groups.append([one])
        else:
            mine.append(one)
    best = max(groups, key=len)
    return Heard(best[0], len(best), len(tries))


def most(standings: Sequence[Standing]) -> tuple[Standing, int]:
    """The standing that more than half of the tries have, with how many; OPEN where none has."""
    found, votes = Counter(standings).most_common(1)[0]
    return (found, votes) if votes * 2 > len(standings) else (Standing.OPEN, votes)


def same(one: Tried, other: Tried, *, words: Callable[[str, str], bool] = agreement.alike) -> bool:
    """Whether a customer would be told the same, as far as `words` says so of two texts, or a person called, both times."""
    if one.answers is not other.answers:
        return False
    return not one.answers or words(one.text, other.text)


# ---- agreement by plain means


_FIELD = re.compile(r"\{[^{}\n]{1,40}\}")


class Approved:
    """The answers that a person approved, at one revision: to find the one that some words quote."""

    def __init__(self, known: DirectiveSet) -> None:
        texts = dict.fromkeys(text for d in known.directives for text in [*(e.us for e in d.examples), *(rule.text for rule in d.rules)])
        self._plain: dict[tuple[str, ...], int] = {}
        self._filled: list[tuple[re.Pattern[str], int]] = []
        for number, text in enumerate(texts):
            self._plain.setdefault(tuple(agreement.words(text)), number)
            if _FIELD.search(text):
                parts = _FIELD.split(" ".join(text.split()))
                self._filled.append((re.compile(".+?".join(map(re.escape, parts))), number))

    def quoted(self, text: str) -> int | None:
        """The number of the answer that has these words, with whatever its placeholders were filled with; None when none has."""
        found = self._plain.get(tuple(agreement.words(text)))
        if found is not None:
            return found
        flat = " ".join(text.split())
        return next((number for pattern, number in self._filled if pattern.fullmatch(flat)), None)


def standing(case: Case, tried: Tried, approved: Approved) -> Standing:
    """How an answer stands, told by its words alone: it agrees when it says the same as was wanted, or quotes the same approved answer.

    It differs when it repeats what was objected to, quotes another approved answer than the one that was wanted, or contradicts what was wanted. Else it is
    open: other words may be as good, and nobody is there to say.
    """
    stopped = stopping(case, tried)
    if stopped is not None:
        return stopped
    if case.wanted and agreement.says_the_same(tried.text, case.wanted):
        return Standing.AGREES
    if case.wrong and agreement.says_the_same(tried.text, case.wrong):
        return Standing.DIFFERS
    if not case.wanted:
        return Standing.OPEN
    wanted, quoted = approved.quoted(case.wanted), approved.quoted(tried.text)
    if wanted is not None and quoted is not None:
        return Standing.AGREES if wanted == quoted else Standing.DIFFERS
    return Standing.DIFFERS if agreement.contradict(case.wanted, tried.text) else Standing.OPEN


def says_something(tried: Tried) -> bool:
    """Whether there is a text to compare: an answer, or what only the risk promise holds back as a draft, as it does with every new topic."""
    return tried.action is Action.REPLY or (bool(tried.text.strip()) and [reason.code for reason in tried.reasons] == ["draft_only"])


def stopping(case: Case, tried: Tried) -> Standing | None:
    """The standing of a try that says nothing; None when it answers or drafts.

    What is only stopped because it was found wrong before is what a person objected to: the directives would say it again.
    """
    if says_something(tried):
        return None
    codes = {reason.code for reason in tried.reasons}
    if case.wrong and "known_mistake" in codes:
        return Standing.DIFFERS
    return Standing.GUARD if "guard_hit" in codes else Standing.CALLS
