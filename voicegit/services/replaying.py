"""Runs a replay: asks its cases under both revisions, judges, and keeps each as it is done. Whatever ends it, what is done stays done."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from voicegit.domain import judging as opinions
from voicegit.domain import outgoing
from voicegit.domain import replay as rules
from voicegit.domain.agreement import same_words
from voicegit.domain.directive import Guards
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import SignalId
from voicegit.domain.judging import Judged, Judging
from voicegit.domain.replay import Approved, Standing, Verdict
from voicegit.domain.replayed import Counts, Replay, Replayed, Side, State, dollars
from voicegit.domain.tried import Tried
from voicegit.domain.work import Event
from voicegit.errors import Conflict, Invalid, ModelFailure, VoicegitError
from voicegit.ports import Judge, Transaction, Workspace
from voicegit.services import cases, playground
from voicegit.services import replay as replays
from voicegit.services.cases import Question
from voicegit.services.errands import AtOnce, Errand, Errands, OneByOne
from voicegit.services.replay import Subject

KEEP = 0.5
"""Seconds of results that a kill may cost at the most; what was paid for is kept at once."""

RENEW = 15.0
"""Seconds after which the lease is renewed though nothing is new."""

GIVE_UP = 3
"""Cases in a row that could not be asked before a replay stops: the model's server is away. One now and then is tried once more at the end."""

AWAY = frozenset({"timeout", "overloaded", "rejected", "unreachable"})
"""Failures of a model that say nothing about the case: it is asked again when the replay goes on. A refusal is an answer: a person would be called."""

ENDS = frozenset({State.DONE, State.STOPPED})

Told = Callable[[int, int, Counts], None]
"""Hears of progress: how many cases are done, of how many, and how they came out."""


def run(workspace: Workspace, replay: Replay, *, told: Told = lambda done, of, counts: None, ending: Callable[[], bool] = lambda: False) -> Replay:
    """Asks what is left of a replay and returns its row as it then stands: done, or stopped with what is left.

    It ends early when somebody stops it, and where `ending` says that the process ends: then another goes on with it. `KeyboardInterrupt` stops it and is
    raised again. Raises `Conflict` when another runs it.
    """
    work = _Work(workspace, replays.take(workspace, replay.id), told, ending)
    try:
        return work.through()
    except BaseException as exc:
        work.keep(State.STOPPED, problem=exc.message if isinstance(exc, VoicegitError) else "")
        raise


def catch_up(workspace: Workspace, subject: Subject) -> None:
    """Asks now what nobody has asked of exactly this, where that costs nothing: what was stopped, and what is left of a smaller replay. Silent where it
    cannot be tried.
    """
    try:
        if playground.charges(workspace, subject.base, subject.head):
            return
        planned = replays.plan(workspace, subject)
    except (Conflict, Invalid):
        return
    rows = workspace.store.read.replays.find(head=subject.head, base=subject.base)
    found = replays.known(workspace, subject.head, subject.base)
    asked = {one.signal for one in found.summary.cases} if found is not None else set()
    # A case that is over without a result is gone for good: its customer was erased.
    asked |= {signal for row in rows if row.state is State.DONE for signal in row.cases}
    left = tuple(one for one in planned.cases if one not in asked)
    if found is None or left:
        # As one that is stopped nobody else takes it up: who waits for it here gets all of it.
        row = replays.begin(workspace, replace(planned, cases=left, state=State.STOPPED))
        if row.cases:
            run(workspace, row)


@dataclass
class _Open:
    """A case on its way: the tries of each side, and the opinions on each text. `left` calls are not back yet."""

    question: Question
    tries: tuple[list[Tried], list[Tried]] = field(default_factory=lambda: ([], []))
    judged: dict[str, list[Judged]] = field(default_factory=dict)
    left: int = 0
    cost: float = 0.0
    failed: str = ""


class _Work:
    """One run. `_errands` are the calls of cases that were begun; new cases are begun when there are none."""

    def __init__(self, workspace: Workspace, replay: Replay, told: Told, ending: Callable[[], bool]) -> None:
        self._workspace, self._replay, self._told, self._ending = workspace, replay, told, ending
        self._asking = _Asking(workspace, replay)
        self._done = workspace.store.read.replayed.find(replay=replay.id)
        known = {one.signal for one in self._done}
        self._left = deque(one for one in replay.cases if one not in known)
        self._spent = sum(one.cost for one in self._done)
        self._begun = self._lost = self._lost_in_a_row = self._gone = 0
        self._again: set[SignalId] = set()
        self._new: list[Replayed] = []
        self._errands: deque[Errand] = deque()
        self._stopped, self._problem = False, ""
        self._kept_at = time.monotonic()

    def through(self) -> Replay:
        line: Errands = AtOnce(self._asking.at_once) if self._asking.costly else OneByOne()
        while not self._ending():
            while line.room and (errand := self._next()) is not None:
                line.start(errand)
            if line.idle:
                break
            line.wait(KEEP)
            self._look()
        whole = not self._left and not self._lost and not self._begun
        return self.keep(State.DONE if whole else State.WAITING if self._ending() else State.STOPPED, problem=self._problem or self._left_over())

    def _left_over(self) -> str:
        if not self._lost:
            return ""
        return f"{self._lost} {'case' if self._lost == 1 else 'cases'} could not be asked, twice. Go on to ask again."

    # ---- cases

    def _next(self) -> Errand | None:
        while not self._errands and self._left and not self._stopped:
            self._begin()
        return self._errands.popleft() if self._errands else None

    def _begin(self) -> None:
        most, each = self._asking.max_cost, (self._replay.estimate or 0.0) / len(self._replay.cases)
        if self._asking.costly and self._spent + (self._begun + 1) * each > most:
            self._stop(f"What it may cost, {dollars(most)}, is spent (max_cost under [replay] in policy.toml).")
            return
        question = self._asking.question(self._left.popleft())
        if question is None:
            self._gone += 1
            return
        self._begun += 1
        case = _Open(question)
        for _ in range(self._replay.tries):
            for side in (0, 1):
                self._ask(case, partial(self._asking.answer, question, side), partial(self._answered, case, side))

    def _ask(self, case: _Open, call: Callable[[], Any], then: Callable[[Any], None]) -> None:
        case.left += 1

        def back(value: Any) -> None:
            case.left -= 1
            then(value)
            if case.left == 0:
                self._settle(case)

        def failed(error: BaseException) -> None:
            if not isinstance(error, ModelFailure):
                raise error
            back(error)

        self._errands.append(Errand(call, back, failed))

    def _answered(self, case: _Open, side: int, tried: Tried) -> None:
        case.tries[side].append(tried)
        case.cost += tried.cost
        if tried.model in AWAY:
            case.failed = f"The model does not answer ({tried.model}). 'voicegit doctor' looks for the trouble."

    def _heard(self, case: _Open, found: list[Judged], judged: Judged | ModelFailure) -> None:
        if isinstance(judged, ModelFailure):
            case.failed = judged.message
            return
        found.append(judged)
        case.cost += judged.usage.cost

    def _settle(self, case: _Open) -> None:
        """All that was asked is back: what words alone do not tell is judged, or the case is closed."""
        texts = [] if case.failed else [text for text in self._asking.unclear(case) if text not in case.judged]
        for text in texts:
            found = case.judged.setdefault(text, [])
            for judging in opinions.judgings(case.question.case, text, case.question.asked.earlier):
                self._ask(case, partial(self._asking.judged, judging), partial(self._heard, case, found))
        if not texts:
            self._close(case)

    def _close(self, case: _Open) -> None:
        self._begun -= 1
        self._spent += case.cost
        self._lost_in_a_row = self._lost_in_a_row + 1 if case.failed else 0
        if case.failed:
            signal = case.question.case.signal
            if signal in self._again:
                self._lost += 1
            else:
                self._again.add(signal)
                self._left.append(signal)
            if self._lost_in_a_row >= GIVE_UP:
                self._stop(case.failed)
            return
        row = self._asking.compared(case)
        self._new.append(row)
        self._done.append(row)

    # ---- keeping

    def _stop(self, problem: str = "") -> None:
        """No further case is begun; those that are go to their end, because they were paid for."""
        self._stopped, self._problem = True, problem or self._problem

    def _look(self) -> None:
        since = time.monotonic() - self._kept_at
        if (self._new and (self._asking.costly or since > KEEP)) or since > RENEW:
            self.keep(State.RUNNING)
        if self._workspace.store.read.replays.get(self._replay.id).state is State.STOPPED:
            self._stop()

    def keep(self, state: State, *, problem: str = "") -> Replay:
        """Writes what is new in one transaction, with the lease or the end of the row. What somebody else made of the row stands."""
        new, self._new = self._new, []
        self._kept_at = time.monotonic()

        def step(tx: Transaction) -> Replay:
            for one in new:
                if cases.recalled(tx, one.signal) is not None:
                    tx.replayed.add(one)
            row, now = tx.replays.get(self._replay.id), self._workspace.clock.now()
            if row.state is not State.RUNNING and not (row.state is State.STOPPED and state is State.DONE):
                return row
            over = state is not State.RUNNING
            turned = replace(row, state=state, lease_until=None if over else now + replays.LEASE, ended_at=now if state in ENDS else None, problem=problem)
            tx.replays.replace(row, turned)
            if over:
                tx.events.add(Event("replayed", now, None, {"replay": row.id, "proposal": row.proposal}))
            return turned

        row = self._workspace.store.write(step)
        self._told(len(self._done), len(self._replay.cases) - self._gone, Counts.of(self._done))
        return row


class _Asking:
    """What all cases of a replay share: the two sets, who judges, and how a case is compared."""

    def __init__(self, workspace: Workspace, replay: Replay) -> None:
        self._workspace, self._replay = workspace, replay
        self._sets = workspace.directives.at(replay.base), workspace.directives.at(replay.tried)
        self._approved = [Approved(known) for known in self._sets]
        self._changed = replays.changed(*self._sets)
        self._evidence = replays.evidence(workspace, replay.head) if replay.proposal is not None else frozenset()
        policy = workspace.directives.serving().policy
        self.costly = playground.charges(workspace, replay.base, replay.tried)
        self.at_once, self.max_cost = policy.replay.at_once, policy.replay.max_cost
        self._judge: Judge | None = workspace.models.judge(policy) if self.costly else None
        self._guarding = self._sets[0].in_force(self._today(self._sets[0]))

    def _today(self, known: DirectiveSet) -> date:
        return self._workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone)).date()

    def question(self, signal: Any) -> Question | None:
        return cases.asked(self._workspace, signal, self._evidence)

    def answer(self, question: Question, side: int) -> Tried:
        return playground.answer(self._workspace, question.asked, self._sets[side].revision)

    def judged(self, judging: Judging) -> Judged:
        assert self._judge is not None
        return self._judge.judge(judging)

    def unclear(self, case: _Open) -> Sequence[str]:
        """The answers that a judge is asked about: words that are what was wanted, or what was objected to, tell by themselves."""
        if self._judge is None:
            return ()
        told = case.question.case
        texts = dict.fromkeys(one.text for side in case.tries for one in side if rules.says_something(one))
        return [text for text in texts if not same_words(text, told.wanted or told.wrong)]

    def compared(self, case: _Open) -> Replayed:
        told = case.question.case
        before, after = (self._side(case, number) for number in (0, 1))
        alike = before.answers is after.answers and before.standing is after.standing and same_words(before.text, after.text)
        clear = all(side.votes * 2 > side.of for side in (before, after))
        verdict = rules.verdict(told, before.standing, after.standing, alike=alike) if clear else Verdict.UNSURE
        went_by = next((side.went_by for side in (after, before) if side.went_by in self._changed), None)
        return Replayed(
            id=self._workspace.clock.new_id(),
            replay=self._replay.id,
            signal=told.signal,
            conversation=told.conversation,
            kind=told.kind,
            taught=told.taught,
            verdict=verdict,
            before=before,
            after=after,
            about=went_by or cases.about(self._sets[1], f"{told.asked} {told.wanted}", self._changed),
            cost=case.cost,
        )

    def _side(self, case: _Open, number: int) -> Side:
        tries = case.tries[number]
        standings = [self._standing(case, number, one) for one in tries]
        standing, votes = rules.most(standings)
        shown = next((one for one, its in zip(tries, standings, strict=True) if its is standing), tries[0])
        return Side(
            answers=shown.answers,
            text=shown.text,
            standing=standing,
            votes=votes,
            of=len(tries),
            went_by=shown.went_by.id if shown.went_by is not None else None,
            reasons=tuple(reason.words for reason in shown.reasons),
            confidence=shown.confidence,
        )

    def _standing(self, case: _Open, number: int, tried: Tried) -> Standing:
        if number == 1 and rules.says_something(tried) and self._forbidden(tried):
            return Standing.FORBIDDEN
        judged = case.judged.get(tried.text, []) if rules.says_something(tried) else []
        if len(judged) == 2:
            return opinions.settled(judged[0].opinion, judged[1].opinion)
        return rules.standing(case.question.case, tried, self._approved[number])

    def _forbidden(self, tried: Tried) -> bool:
        """Whether words would be sent that a guard of today forbids: the proposal's own guards have let them pass."""
        by = tried.went_by.id if tried.went_by is not None else None
        never = outgoing.guards_for(self._guarding, by).never_say
        return bool(outgoing.guard_hits(tried.text, Guards(never)))
