"""The risk promise at work: which replies are chosen for a look, what people found, and what may be promised from it.

A verdict and the wish to count anew are one transaction; counting is a job that can be repeated, outside of any turn. A turn reads one row by its key.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from voicegit.domain import calibration, gate
from voicegit.domain import promise as promises
from voicegit.domain.calibration import Outcome
from voicegit.domain.conversation import Author, Message
from voicegit.domain.gate import Draft, Request
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId
from voicegit.domain.promise import Curve, Promise, Reviewed, Standing
from voicegit.domain.signal import SignalKind
from voicegit.domain.summon import Summon
from voicegit.domain.turn import Outcome as Settled
from voicegit.domain.turn import Turn
from voicegit.domain.work import Event, Job, JobKind
from voicegit.ports import Transaction, Workspace

CURVE = "all"
CURVE_OF = 2000
"""Outcomes that the reliability curve is drawn from, the newest."""

NOT_SO = frozenset({SignalKind.REJECTION, SignalKind.CORRECTION})


# ---- in a turn


def standing(workspace: Workspace, known: DirectiveSet, covered_by: DirectiveId | None) -> Standing | None:
    """What the promise lets the model do with a draft that this directive covers; None under a fixed threshold.

    Evidence is that of the text which is live: a set that is only tried out stands where its topics stand today.
    """
    if known.policy.gate.at_most_wrong is None:
        return None
    return _standing(workspace, known, promises.topics(known).covering(covered_by))


def _standing(workspace: Workspace, known: DirectiveSet, topic: str) -> Standing:
    ground = promises.topics(workspace.directives.serving()).grounds.get(topic)
    found = workspace.store.read.promises.first(id=ground) if ground is not None else None
    return promises.standing(known, topic, found)


def chosen(workspace: Workspace, turn: Turn, known: DirectiveSet, standing: Standing | None) -> Turn:
    """The turn with whether it is to be looked at, drawn by chance. Every draft while a topic needs a person; then the policy's share of all.

    That share holds for the drafts below the threshold too: what is compared above a lower one must have been drawn alike.
    """
    chance = 1.0 if standing is not None and standing.threshold is None else known.policy.gate.audited
    if not chance:
        return turn
    topic = promises.topics(known).covering(turn.covered_by)
    return replace(turn, topic=topic, ground=promises.topics(known).grounds[topic], audit=chance, audited=workspace.draw() < chance)


def fit(draft: Draft, request: Request, known: DirectiveSet) -> bool:
    """Whether how right this draft is says something about the threshold. Under a fixed one, drafts below it are not looked at."""
    return known.policy.gate.at_most_wrong is not None and gate.only_unsure(draft, request, known.policy.gate)


# ---- what people found


def note_reply(tx: Transaction, about: Message, now: datetime) -> None:
    """Counts what people say of a reply that was chosen; any of them who found it wrong is right. One that nobody chose says nothing of the others."""
    turn = tx.turns.first(id=about.turn) if about.turn is not None else None
    if turn is None or turn.outcome is not Settled.REPLY or not turn.audited:
        return
    said = [one.kind for one in tx.signals.find(message=about.id)]
    _keep(tx, turn, about, wrong=bool(NOT_SO.intersection(said)) if said else None, now=now)


def note_draft(tx: Transaction, summon: Summon | None, answer: Message) -> None:
    """Counts what a person sent in place of a draft that was chosen: anything but its own words means that it was not right."""
    turn = tx.turns.first(id=summon.turn) if summon is not None and summon.turn else None
    if turn is None or turn.outcome is not Settled.SUMMON or not turn.audited or tx.reviewed.first(id=turn.id) is not None:
        return
    if tx.messages.first(conversation=answer.conversation, author=Author.CUSTOMER, seq__gt=turn.upto_seq, seq__lt=answer.seq) is not None:
        return  # the customer asked more meanwhile: another text may be right by then
    _keep(tx, turn, answer, wrong=answer.text.split() != turn.draft.split(), now=answer.at)


def forget(tx: Transaction, message: Message, now: datetime) -> None:
    """A person's answer that was taken back says nothing."""
    for old in tx.reviewed.find(message=message.id):
        tx.reviewed.remove(old)
        ask(tx, now, old.ground)


def _keep(tx: Transaction, turn: Turn, about: Message, *, wrong: bool | None, now: datetime) -> None:
    assert turn.audit is not None and turn.ground is not None and turn.topic is not None
    old = tx.reviewed.first(id=turn.id)
    if wrong is None:
        if old is not None:
            tx.reviewed.remove(old)
    elif old is not None:
        tx.reviewed.replace(old, replace(old, wrong=wrong))
    else:
        tx.reviewed.add(Reviewed(turn.id, turn.topic, turn.ground, turn.confidence, wrong, turn.audit, now, about.id))
    ask(tx, now, turn.ground)


# ---- counting


def ask(tx: Transaction, now: datetime, ground: str = CURVE) -> None:
    """A job that counts one ground anew, or with `all` whatever is stale. One that is being done is done again; nothing to count is no job."""
    if ground == CURVE and tx.reviewed.first() is None:
        return
    id = Job.key(JobKind.PROMISE, ground)
    old = tx.jobs.first(id=id)
    if old is None:
        tx.jobs.add(Job(id, JobKind.PROMISE, ground, now))
    elif old.lease_until is not None:
        tx.jobs.replace(old, replace(old, attempts=old.attempts + 1))


def catch_up(workspace: Workspace) -> None:
    """Does the counting that waits, for a command that ends: there may be no service that would. A job that somebody has is left to them."""
    now = workspace.clock.now()
    for job in workspace.store.read.jobs.find(kind=JobKind.PROMISE, due_at__le=now):
        if job.lease_until is None or job.lease_until <= now:
            count(workspace, job)


def count(workspace: Workspace, job: Job) -> None:
    """Works out what may be promised, and removes the job unless there was news meanwhile. Done again it comes to the same."""
    known = workspace.directives.serving()
    names = {ground: topic for topic, ground in promises.topics(known).grounds.items()}
    if known.policy.gate.at_most_wrong is not None:
        grounds = [job.subject] if job.subject in names else _stale(workspace, known, names) if job.subject == CURVE else []
        for ground in grounds:
            _count(workspace, known, names[ground], ground)
    _draw_curve(workspace)

    def done(tx: Transaction) -> None:
        now = tx.jobs.first(id=job.id)
        if now is not None and now.attempts == job.attempts:
            tx.jobs.remove(now)
        elif now is not None:
            tx.jobs.replace(now, replace(now, lease_until=None))

    workspace.store.write(done)


def _stale(workspace: Workspace, known: DirectiveSet, names: dict[str, str]) -> list[str]:
    """The grounds whose promise is not the policy's; those with evidence that nothing was worked out from."""
    tx = workspace.store.read
    found = {one.id: one for one in tx.promises.find(id__in=list(names))}
    return [
        ground
        for ground, topic in names.items()
        if (found[ground].at_most != promises.promised(known, topic) if ground in found else tx.reviewed.first(ground=ground) is not None)
    ]


def _count(workspace: Workspace, known: DirectiveSet, topic: str, ground: str) -> None:
    rows = workspace.store.read.reviewed.find(ground=ground, order="at")
    at_most = promises.promised(known, topic)
    found = calibration.granted(outcomes(rows), at_most)
    now = workspace.clock.now()
    row = Promise(ground, topic, at_most, found.threshold, len(rows), found.of, found.wrong, found.bound, found.missing, now)

    def step(tx: Transaction) -> None:
        old = tx.promises.first(id=ground)
        if old is not None:
            tx.promises.remove(old)
        tx.promises.add(row)
        if old is None or (old.threshold, old.missing) != (row.threshold, row.missing):
            tx.events.add(Event("promise", now, None, {"topic": topic, "threshold": row.threshold}))

    workspace.store.write(step)


def _draw_curve(workspace: Workspace) -> None:
    found = outcomes(workspace.store.read.reviewed.find(order="-at", limit=CURVE_OF)[::-1])
    fitted = calibration.calibrate(found)
    row = Curve(CURVE, fitted.how, fitted.points, calibration.reliability(found), len(found), calibration.share_wrong(found), workspace.clock.now())

    def step(tx: Transaction) -> None:
        for old in tx.curves.find(id=CURVE):
            tx.curves.remove(old)
        tx.curves.add(row)

    workspace.store.write(step)


def outcomes(rows: list[Reviewed]) -> list[Outcome]:
    return [Outcome(one.confidence, one.wrong, 1 / one.chance) for one in rows]


# ---- what another promise would do


def under(workspace: Workspace, known: DirectiveSet) -> Callable[[DirectiveId | None], Standing | None]:
    """For each directive the standing that this set's policy would give today's evidence; worked out once a topic."""
    kept: dict[str, Standing] = {}

    def of(covered_by: DirectiveId | None) -> Standing | None:
        if known.policy.gate.at_most_wrong is None:
            return None
        topic = promises.topics(known).covering(covered_by)
        if topic not in kept:
            kept[topic] = _tried(workspace, known, topic)
        return kept[topic]

    return of


def _tried(workspace: Workspace, known: DirectiveSet, topic: str) -> Standing:
    ground = promises.topics(workspace.directives.serving()).grounds.get(topic)
    rows = workspace.store.read.reviewed.find(ground=ground, order="at") if ground is not None else []
    at_most = promises.promised(known, topic)
    found = calibration.granted(outcomes(rows), at_most)
    return Standing(promises.about(known, topic), at_most, found.threshold, found.missing, found.of, found.wrong)
