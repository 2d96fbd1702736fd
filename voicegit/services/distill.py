"""One distillation: signals that wait -> lessons without personal data -> operations -> one proposal with one commit.

Nothing of a run is lost: its row, the signals it took in and the intent to open the proposal are one transaction, and recovery finishes it.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from voicegit.domain import checks, headline, learning, naming, privacy, proposal
from voicegit.domain.conversation import ERASED
from voicegit.domain.decision import Decision, DecisionKind
from voicegit.domain.distillation import Distillation
from voicegit.domain.gate import answerable
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, DecisionId, DirectiveId, DistillationId, SignalId
from voicegit.domain.learning import OVER_LIMIT, Applied, Ground
from voicegit.domain.material import Declined, Distilled, Lesson, Material
from voicegit.domain.operation import Dropped, Operation
from voicegit.domain.people import Customer
from voicegit.domain.policy import Gate
from voicegit.domain.signal import WORDED, Signal, SignalKind, Teaches, may_be_set_aside
from voicegit.domain.work import Event, Job, JobKind
from voicegit.errors import Conflict
from voicegit.ports import Move, Signature, Transaction, Workspace
from voicegit.services import contested, declined, personal
from voicegit.services.contested import Held
from voicegit.services.intent import finish

BATCH = 1500
"""Signals that one run reads at the most, unless its distiller `reads` more: weightiest first, then oldest. The rest wait for the next run."""

LOOK_BACK = 1000
"""Earlier takeovers that are looked through: whether a situation has taught enough to set some aside, and what comes again."""
RELIEVED = 100
"""Takeovers that were set aside and teach after all, in one run: the oldest; the others wait for the next."""
FIRST = 500
"""The first takeovers of all, looked through as well: those that come later are what the model was not sure of, and say little about the rest."""

AS_SHOWN = "> **Customer:** "

AUTHOR = Signature("voicegit distillation", "distillation", datetime.min)
LEARNS_NOTHING = frozenset({Teaches.NOTHING, Teaches.CUSTOMER})


def ask_when_enough(tx: Transaction, now: datetime, enough: int) -> None:
    """A job for a distillation once so many signals wait; at most one such job exists."""
    if waiting(tx) >= enough and not asked(tx):
        tx.jobs.add(Job(Job.key(JobKind.DISTILL, "signals"), JobKind.DISTILL, "signals", now))


def asked(tx: Transaction) -> bool:
    """Whether a distillation is about to begin or at work."""
    return tx.jobs.first(id=Job.key(JobKind.DISTILL, "signals")) is not None


def ask(workspace: Workspace) -> None:
    """A job for a distillation of whatever waits. Raises `Conflict` when nothing waits."""
    if not waiting(workspace.store.read):
        raise Conflict("Nothing waits to be learned. Answer a customer, or say what was wrong with an answer; then try again.")
    workspace.store.write(lambda tx: ask_when_enough(tx, workspace.clock.now(), 1))


def waiting(tx: Transaction) -> int:
    """How many signals wait that can teach."""
    return tx.signals.count(distillation=None) - tx.signals.count(distillation=None, teaches__in=[one.value for one in LEARNS_NOTHING])


def distill(workspace: Workspace) -> Distillation:
    """Reads the waiting signals and opens a proposal, or says why there is none.

    Raises `Conflict` when too many proposals are open already, `ModelFailure` when the model gave nothing usable; the signals then still wait.
    """
    known = workspace.directives.serving()
    policy = known.policy.learning
    if len(workspace.directives.proposals()) >= policy.max_open_proposals:
        raise Conflict(f"{policy.max_open_proposals} proposals wait for a decision already. Approve or decline one, then distil again.")
    distiller = workspace.models.distiller(known.policy)
    held = contested.held(workspace, known)
    signals = _waiting(workspace, distiller.reads if isinstance(distiller, _Reader) else BATCH, held)
    if not signals:
        left = waiting(workspace.store.read)
        why = f"{left} wait until it is said which holds: 'voicegit proposals'." if left else "no signal waits."
        return _remember(workspace, [], Distilled((), "", f"Nothing new to learn from: {why}"), Applied({}, (), ()), known)
    learned = _Learned(workspace, known, signals, held)
    if not learned.material.lessons and learned.notes:
        return _remember(workspace, learned.signals, Distilled((), "", " ".join(learned.notes)), Applied({}, (), ()), known)
    distilled = distiller.distill(learned.material)
    asked = contested.raised(workspace, learned.material, distilled)
    everybody = personal.everybody(workspace.store.read)
    applied = _fit(naming.neutral(asked.distilled.operations, learned.ground, everybody), learned.ground, everybody)
    title = distilled.title
    if set(applied.accepted) != set(distilled.operations):
        title = headline.of(applied.accepted, {one.id: one.title for one in known.directives})
    title = naming.headline(title, applied.accepted, learned.ground, everybody)
    applied = replace(applied, dropped=(*applied.dropped, *asked.dropped))
    told = asked.distilled.summary if applied.accepted or not applied.dropped else "Nothing held: every operation was dropped, each for its reason."
    return _remember(workspace, learned.signals, replace(asked.distilled, title=title, summary=" ".join([told, *learned.notes])), applied, known)


def _fit(operations: Sequence[Operation], ground: Ground, full_names: Collection[str]) -> Applied:
    """What may be proposed: an operation on a file that the privacy check would refuse is dropped by itself, not the whole proposal with it."""
    applied = learning.apply(operations, ground)
    texts = {path: content.decode() for path, content in applied.files.items()}
    refused = {finding.path.removesuffix(".md") for finding in checks.personal(ground.known, texts, names=ground.names, full_names=full_names)[0]}
    if not refused:
        return applied
    again = learning.apply([operation for operation in operations if operation.directive not in refused], ground)
    unfit = [Dropped(operation, "in its file it reads as personal data") for operation in operations if operation.directive in refused]
    return replace(again, dropped=(*again.dropped, *unfit))


@runtime_checkable
class _Reader(Protocol):
    """A distiller that says how many lessons it takes at a time."""

    @property
    def reads(self) -> int: ...


def _waiting(workspace: Workspace, most: int, held: Held) -> list[Signal]:
    found = workspace.store.read.signals.find(distillation=None, set_aside=False)
    waiting = [s for s in found if s.teaches not in LEARNS_NOTHING and s.id not in held.asked]
    return sorted(waiting, key=lambda s: (-s.weight, s.id))[:most]


class _Learned:
    """The signals of one run, set aside or made into lessons, and the ground that operations will be judged on."""

    def __init__(self, workspace: Workspace, known: DirectiveSet, signals: Sequence[Signal], held: Held) -> None:
        tx = workspace.store.read
        self._people = [person.name for person in tx.people.find()]
        self._country = known.policy.business.country
        self._gate = known.policy.gate
        self.signals, situations, before = _set_aside(workspace, known, signals)
        self._customers = _customers(tx, [*self.signals, *(signal for signal, _ in before)])
        self.earlier = [signal for signal, _ in before]
        teaching = [(s, n) for s, n in zip(self.signals, situations, strict=True) if not s.set_aside]
        left = [(s, n) for s, n in teaching if _teaches(s, known)]
        taught = [(s, n) for s, n in left if s.id not in held.kept]
        aside = sum(s.set_aside for s in self.signals)
        self.notes = [*_unanswerable(len(teaching) - len(left)), *_kept(len(left) - len(taught)), *_kept_aside(aside)]
        teaching = taught
        book = declined.book(workspace)
        self.material = Material(
            known=known,
            lessons=tuple(self._lesson(signal, situation) for signal, situation in teaching),
            declined=tuple(Declined(no.in_words(), privacy.redact(no.reason, names=self._people), taken_back=no.taken_back) for no in book),
            recent=tuple(c.title for c in workspace.directives.log(known.revision, first_parent=True, limit=10)),
            max_changes=known.policy.learning.max_changes,
            earlier=tuple(self._lesson(signal, situation) for signal, situation in before if _teaches(signal, known)),
            unused=frozenset(signal.id for signal, _ in before) - {id for row in tx.distillations.find() for one in row.operations for id in one.evidence},
        )
        self.ground = Ground(
            known=known,
            signals={s.id: s for s in [*(s for s, _ in teaching), *self.earlier]},
            today=workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone)).date(),
            names=[*self._people, *(c.name for c in self._customers.values())],
            book=book,
        )

    def _lesson(self, signal: Signal, situation: int) -> Lesson:
        customer = self._customers.get(signal.conversation)
        names = [*self._people, *([customer.name] if customer else [])]

        def without(text: str | None) -> str | None:
            return None if text is None else privacy.redact(text, names=names, country=self._country)

        def ours(text: str | None) -> str | None:
            if text is None:
                return None
            templated = _templated(text, customer)
            return privacy.redact_reply(templated, customer=customer.name if customer else None, names=names, country=self._country)

        return Lesson(
            signal=signal.id,
            kind=signal.kind,
            conversation=signal.conversation,
            person=signal.person,
            weight=signal.weight,
            customer=_strictly(without(_asked(signal, self._gate)) or "", names),
            ours=ours(signal.ours),
            theirs=ours(signal.text),
            reason=without(signal.reason),
            teaches=signal.teaches,
            situation=situation,
        )


def _asked(signal: Signal, gate: Gate) -> str:
    """What the customer wrote; where a person answered it, only what such an answer may be sent for."""
    return answerable(signal.customer_text, gate) if signal.kind in WORDED else signal.customer_text


def _teaches(signal: Signal, known: DirectiveSet) -> bool:
    """Whether anything can come of a signal: of what always calls a person only its questions, and what is said to hold whatever was asked."""
    return bool(_asked(signal, known.policy.gate)) or not signal.customer_text or signal.teaches in {Teaches.FACT, Teaches.TONE}


def _kept(count: int) -> list[str]:
    said = "1 signal says" if count == 1 else f"{count} signals say"
    return [f"{said} something else than what you kept in force when asked: nothing is learned from that."] if count else []


def _unanswerable(count: int) -> list[str]:
    """What is not learned from, and why nothing ever will be."""
    said = "1 reply went to a message" if count == 1 else f"{count} replies went to messages"
    return [f"{said} for which a person is always called: nothing is learned from that, since no answer of ours would ever be sent."] if count else []


def _kept_aside(count: int) -> list[str]:
    """What shows later whether it learned, and so teaches nothing."""
    said = "1 takeover of a known situation was" if count == 1 else f"{count} takeovers of known situations were"
    return [f"{said} set aside to test with."] if count else []


def _strictly(text: str, names: Sequence[str]) -> str:
    """A customer's words with all taken out that could keep them from the repository: they are matched by, never said, so a hole does no harm.

    They are looked at as a file will show them: after the word `Customer:` a plain number reads as an account's.
    """
    shown = f"{AS_SHOWN}{text}"
    for span in reversed(privacy.suspicious(shown, names=names)):
        if span.start >= len(AS_SHOWN):
            shown = f"{shown[: span.start]}[{span.type}]{shown[span.end :]}"
    return shown[len(AS_SHOWN) :]


def _templated(text: str, customer: Customer | None) -> str:
    """A reply with what came from the customer's record put back as its field, so that it fits the next customer too.

    Only what reads as a name or a number (a capital, a digit, more than one word), and only as a whole: "yes" and "yesterday" are everybody's words.
    """
    fields = customer.fields if customer else {}
    for key, value in sorted(fields.items(), key=lambda item: -len(item[1])):
        if len(value) >= 3 and re.search(r"[A-Z0-9]|\s", value):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", f"{{{key}}}", text)
    return text


def _customers(tx: Transaction, signals: Sequence[Signal]) -> dict[ConversationId, Customer]:
    talks = tx.conversations.find(id__in={s.conversation for s in signals})
    records = {c.id: c for c in tx.customers.find(id__in={t.customer for t in talks if t.customer})}
    return {t.id: records[t.customer] for t in talks if t.customer in records}


def _set_aside(workspace: Workspace, known: DirectiveSet, signals: Sequence[Signal]) -> tuple[list[Signal], list[int], list[tuple[Signal, int]]]:
    """The signals with `set_aside` decided, and those that were set aside before and are `_relieved`; the situation of each; the earlier takeovers that
    taught, with theirs.

    While a situation has few takeovers all of them teach.
    """
    stored, enough = workspace.store.read.signals, known.policy.learning.set_aside_from
    lately = stored.find(kind=SignalKind.TAKEOVER, distillation__not=None, order="-id", limit=LOOK_BACK)
    first = stored.find(kind=SignalKind.TAKEOVER, distillation__not=None, order="id", limit=FIRST)
    aside = stored.find(kind=SignalKind.TAKEOVER, distillation__not=None, set_aside=True, order="-id", limit=LOOK_BACK)
    before = sorted((one for one in {one.id: one for one in [*lately, *first, *aside]}.values() if not one.erased), key=lambda one: one.id, reverse=True)
    groups = workspace.models.grouping().group([_exchange(s) for s in [*signals, *before]])
    takeovers = Counter(group for signal, group in zip([*signals, *before], groups, strict=True) if signal.kind is SignalKind.TAKEOVER)
    decided = [
        (replace(s, set_aside=True), group) if s.kind is SignalKind.TAKEOVER and takeovers[group] >= enough and may_be_set_aside(s.conversation) else (s, group)
        for s, group in zip(signals, groups, strict=False)
    ]
    met = list(zip(before, groups[len(signals) :], strict=True))
    decided += [(replace(s, set_aside=False), group) for s, group in _relieved(decided, met, enough)[-RELIEVED:]]
    taught = [(s, group) for s, group in met if not s.set_aside and s.teaches not in LEARNS_NOTHING]
    return [s for s, _ in decided], [group for _, group in decided], taught


def _relieved(fresh: Sequence[tuple[Signal, int]], before: Sequence[tuple[Signal, int]], enough: int) -> list[tuple[Signal, int]]:
    """Of the takeovers that were set aside `before`, newest first, those that teach after all: a situation is tested with its newest `enough`."""
    aside = Counter(group for signal, group in fresh if signal.set_aside)
    found = []
    for signal, group in before:
        if signal.set_aside and signal.teaches not in LEARNS_NOTHING:
            aside[group] += 1
            if aside[group] > enough:
                found.append((signal, group))
    return found


def _exchange(signal: Signal) -> str:
    """What was asked and what a person answered: a situation is alike when both are."""
    return f"{signal.customer_text}\n{signal.text or ''}".strip()


# ---- opening the proposal


@dataclass(frozen=True)
class _Opening:
    """What is written about one run, in one transaction."""

    row: Distillation
    signals: Sequence[Signal]
    kept_waiting: frozenset[SignalId]
    decision: Decision | None = None


def _remember(workspace: Workspace, signals: Sequence[Signal], distilled: Distilled, applied: Applied, known: DirectiveSet) -> Distillation:
    row = Distillation(
        id=DistillationId(workspace.clock.new_id()),
        at=workspace.clock.now(),
        model=distilled.usage.model,
        signals=len(signals),
        summary=distilled.summary,
        title=proposal.headline(distilled.title) if applied.accepted else "",
        operations=applied.accepted,
        dropped=applied.dropped,
        cost=distilled.usage.cost,
    )
    asked = {id for one in applied.accepted if one.question is not None for id in one.evidence}
    waits = frozenset(id for one in applied.dropped for id in one.operation.evidence if one.reason == OVER_LIMIT or (contested.is_first(one) and id in asked))
    if not applied.accepted:
        if signals:
            workspace.store.write(lambda tx: _write(tx, _Opening(row, signals, waits)))
        return row
    return _open(workspace, _Opening(row, signals, waits), applied, known)


def _open(workspace: Workspace, opening: _Opening, applied: Applied, known: DirectiveSet) -> Distillation:
    now = workspace.clock.now()
    behind = {id for operation in applied.accepted for id in operation.evidence}
    conversations = {s.id: s.conversation for s in workspace.store.read.signals.find(id__in=behind)}
    evidence: dict[DirectiveId, list[ConversationId]] = {}
    for operation in applied.accepted:
        evidence.setdefault(operation.directive, []).extend(conversations[id] for id in operation.evidence if id in conversations)
    with workspace.directives.writing() as git:
        name = workspace.directives.next_proposal()
        row = replace(opening.row, proposal=name)
        words = proposal.proposed(name, title=row.title, operations=applied.accepted, evidence=evidence, distillation=row.id)
        commit = git.commit(known.revision, applied.files, message=words, author=replace(AUTHOR, at=now))
        decision = Decision(
            DecisionId(workspace.clock.new_id()), DecisionKind.PROPOSE, None, now, proposal.branch(name), commit, None, proposal=name, base=known.revision
        )
        try:
            workspace.store.write(lambda tx: _write(tx, replace(opening, row=row, decision=decision)))
        except Conflict:
            git.drop(commit)
            raise
        git.move(Move(proposal.branch(name), None, commit))
        finish(workspace, decision)
    return row


def _write(tx: Transaction, opening: _Opening) -> None:
    operations = (*opening.row.operations, *(one.operation for one in opening.row.dropped))
    read = {one.id for one in opening.signals} | {id for one in operations for id in one.evidence}
    if tx.signals.count(id__in=read, customer_text=ERASED):
        raise Conflict("Somebody whose words it read was erased meanwhile. Nothing was written; distil again.")
    tx.distillations.add(opening.row)
    for signal in opening.signals:
        if signal.id not in opening.kept_waiting:
            now = tx.signals.get(signal.id)
            if now.distillation != signal.distillation:
                raise Conflict("Another distillation read the same signals and was faster. Nothing was written; look at its proposal.")
            tx.signals.replace(now, replace(now, set_aside=signal.set_aside, distillation=opening.row.id))
    if opening.decision is not None:
        tx.decisions.add(opening.decision)
        tx.events.add(Event("proposal", opening.row.at, None, {"proposal": opening.decision.proposal}))
