"""What a replay came to: its row, a row a case, and the whole in counts and plain words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import ConversationId, DirectiveId, PersonId, ProposalId, ReplayId, Revision, SignalId
from voicegit.domain.replay import Kind, Standing, Verdict

UNLIKELY = 0.05
"""A difference is called unlikely to be chance when chance alone does as well at most this often (one-sided)."""


class State(StrEnum):
    """`WAITING` is to be run by whoever comes first, `RUNNING` is under a lease, `STOPPED` by a person, `DONE` has all that could be had."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True)
class Replay:
    """One comparison of `base` (what was live) with `head`. `tried` is the revision that was asked: what would be live if `head` were approved on `base`.

    `cases` are the signals behind its cases, in the order in which they are asked; `left_out` were not taken, for their cost. `estimate` in US dollars, None
    where the price is not known. `person` is None when it ran by itself. Whoever runs it renews `lease_until`.
    """

    id: ReplayId
    head: Revision
    base: Revision
    tried: Revision
    at: datetime
    cases: tuple[SignalId, ...]
    tries: int
    proposal: ProposalId | None = None
    person: PersonId | None = None
    state: State = State.WAITING
    estimate: float | None = 0.0
    left_out: int = 0
    lease_until: datetime | None = None
    ended_at: datetime | None = None
    problem: str = ""

    def free(self, now: datetime) -> bool:
        """Whether it is to be run and nobody does."""
        return self.state is State.WAITING or (self.state is State.RUNNING and (self.lease_until is None or self.lease_until <= now))

    @property
    def at_work(self) -> bool:
        return self.state in {State.WAITING, State.RUNNING}


@dataclass(frozen=True)
class Side:
    """One revision's answer to a case: what most of `of` tries do, which `votes` of them do. `text` is what the model would write, sent or not."""

    answers: bool
    text: str
    standing: Standing
    votes: int = 1
    of: int = 1
    went_by: DirectiveId | None = None
    reasons: tuple[str, ...] = ()
    confidence: float = 0.0

    @property
    def drafts(self) -> bool:
        """Whether there is a text for a person, which the risk promise does not let out yet."""
        return not self.answers and self.standing in {Standing.AGREES, Standing.DIFFERS, Standing.OPEN} and bool(self.text.strip())


@dataclass(frozen=True)
class Replayed:
    """One case, asked under both revisions. `about` is the directive of the proposal that it has to do with; `cost` in US dollars.

    What the customer wrote and what a person wanted stand in the signal, and go with it when a person is erased.
    """

    id: str
    replay: ReplayId
    signal: SignalId
    conversation: ConversationId
    kind: Kind
    taught: bool
    verdict: Verdict
    before: Side
    after: Side
    about: DirectiveId | None = None
    cost: float = 0.0

    @property
    def never_say(self) -> bool:
        """Whether the proposal would have words said, or wants to say words, that a guard forbids."""
        return self.verdict is Verdict.BROKEN and self.after.standing in {Standing.GUARD, Standing.FORBIDDEN}


@dataclass(frozen=True)
class Counts:
    """How many cases came out how."""

    fixed: int = 0
    same: int = 0
    broken: int = 0
    unsure: int = 0

    @staticmethod
    def of(cases: Iterable[Replayed]) -> "Counts":
        found = [one.verdict for one in cases]
        return Counts(*(found.count(verdict) for verdict in (Verdict.FIXED, Verdict.SAME, Verdict.BROKEN, Verdict.UNSURE)))

    @property
    def all(self) -> int:
        return self.fixed + self.same + self.broken + self.unsure

    def __str__(self) -> str:
        return f"{self.fixed} fixed, {self.same} same, {self.broken} broken, {self.unsure} unsure"


@dataclass(frozen=True)
class Summary:
    """All cases of a replay together. Those that taught are counted apart: they prove nothing about the next customer."""

    cases: tuple[Replayed, ...] = field(default_factory=tuple)

    @property
    def counts(self) -> Counts:
        """Of the cases that nothing was learned from."""
        return Counts.of(one for one in self.cases if not one.taught)

    @property
    def learned(self) -> Counts:
        """Of those that taught."""
        return Counts.of(one for one in self.cases if one.taught)

    @property
    def tallies(self) -> str:
        """`3 fixed, 1 same, 0 broken, 0 unsure; of what was learned from, apart: 2 fixed, 0 same, 0 broken, 0 unsure`."""
        apart = f"of what was learned from, apart: {self.learned}" if self.learned.all else ""
        return "; ".join([str(self.counts)] * (self.counts.all > 0 or not apart) + [apart] * (apart != ""))

    @property
    def broken(self) -> tuple[Replayed, ...]:
        return self.shown(Verdict.BROKEN)

    def shown(self, verdict: Verdict | str) -> tuple[Replayed, ...]:
        return tuple(one for one in self.cases if one.verdict == verdict)

    @property
    def cost(self) -> float:
        return sum(one.cost for one in self.cases)

    def group(self, *kinds: Kind, taught: bool | None = None) -> list[Replayed]:
        return [one for one in self.cases if one.kind in kinds and taught in {None, one.taught}]

    @property
    def lines(self) -> list[str]:
        """The whole in plain words, what matters most first; nothing about what there was none of."""
        apart, taught = self.group(Kind.TAKEOVER, taught=False), self.group(Kind.TAKEOVER, taught=True)
        good, objected = self.group(Kind.ACCEPTED), self.group(Kind.REJECTION, Kind.CORRECTION)
        said = [_calls(apart, "nothing was learned from")] if apart else []
        if good:
            said.append(f"{Counts.of(good).broken} of {_many(len(good), 'good answer')} got worse.")
        if objected:
            counts = Counts.of(objected)
            said.append(f"{counts.fixed} of {_many(len(objected), 'reply', 'replies')} that people objected to would be put right; {counts.broken} got worse.")
        if sent := self.group(Kind.SENT):
            changed = len(sent) - Counts.of(sent).same
            said.append(f"{changed} of {_many(len(sent), 'answer')} that nobody looked at would change; whether for the better is for you to see.")
        if taught:
            said.append(f"Shown apart: {_calls(taught, 'were learned from')}")
        if not apart and self.cases:
            said.append("Too few to test apart: no call for a person was kept aside from learning yet, so this shows copying, not learning.")
        return [*said, self.test] if self.cases else ["There is nothing to try it on yet: nobody took over, judged or corrected an answer."]

    @property
    def short(self) -> list[str]:
        """The same in few words, for one change of a proposal; only what there is something of."""
        apart, taught = self.group(Kind.TAKEOVER, taught=False), self.group(Kind.TAKEOVER, taught=True)
        good, objected = self.group(Kind.ACCEPTED), self.group(Kind.REJECTION, Kind.CORRECTION)
        said = [f"{_answered(apart)} of {_many(len(apart), 'summons', 'summons')} would be answered (today {_answers_today(apart)})"] if apart else []
        said += [f"{_answered(taught)} of {len(taught)} that were learned from would be answered (today {_answers_today(taught)})"] if taught else []
        said += [f"{Counts.of(good).broken} of {_many(len(good), 'good answer')} got worse"] if good else []
        said += [f"{Counts.of(objected).fixed} of {_many(len(objected), 'reply', 'replies')} that people objected to put right"] if objected else []
        return said

    @property
    def test(self) -> str:
        return in_words(self.counts.fixed, self.counts.broken)


def _answered(cases: Sequence[Replayed]) -> int:
    return sum(one.after.answers for one in cases)


def _answers_today(cases: Sequence[Replayed]) -> int:
    return sum(one.before.answers for one in cases)


def _calls(cases: Sequence[Replayed], which: str) -> str:
    """`9 of 12 calls for a person that nothing was learned from would be answered (75 %), 8 as the person did (today 2).`"""
    answered = _answered(cases)
    agreed, today = (sum(side.standing is Standing.AGREES for side in sides) for sides in ([c.after for c in cases], [c.before for c in cases]))
    drafted = sum(one.after.drafts for one in cases)
    share = f" ({percent(answered, len(cases))})" + (f" and {drafted} drafted" if drafted else "")
    return f"{answered} of {_many(len(cases), 'call')} for a person that {which} would be answered{share}, {agreed} as the person did (today {today})."


def chance(better: int, worse: int) -> float:
    """How often chance alone brings at least so many of the changed cases to the larger side: the exact sign test, one-sided (McNemar's, exactly).

    0..1; 1.0 when nothing changed.
    """
    if better + worse == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(max(better, worse), better + worse, 0.5, alternative="greater").pvalue)


def in_words(better: int, worse: int) -> str:
    """The paired test as a sentence: "5 better, 0 worse: unlikely to be chance (p = 0.03)"."""
    if better + worse == 0:
        return "Besides what was learned from, nothing got better or worse: there is nothing to test."
    p = chance(better, worse)
    told = "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.01 else f"p = {p:.2f}"
    return f"{better} better, {worse} worse: {'unlikely to be' if p <= UNLIKELY else 'may be'} chance ({told})."


def percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}".replace("%", " %") if whole else "none"


def questions(count: int) -> str:
    return _many(count, "past question")


def dollars(amount: float) -> str:
    """With as many places as it takes to tell it from nothing."""
    return f"${amount:.2f}" if amount >= 0.01 or not amount else f"${amount:.2g}"


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"
