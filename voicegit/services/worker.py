"""Does what is due: turns nobody runs, distillations, texts that may leave. All from rows, under leases, so that a restart goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from voicegit.domain.conversation import Author, Floor
from voicegit.domain.ids import ConversationId
from voicegit.domain.summon import SummonStatus
from voicegit.domain.work import DeliveryState, Event, Job, JobKind
from voicegit.errors import Conflict, ModelFailure, VoicegitError
from voicegit.ports import Transaction, Workspace
from voicegit.services import distill, promise, takeover, turn
from voicegit.services.conversation import ask_for_turn

SWEEP = 200
"""Deliveries that one step marks at the most."""

RETRY = timedelta(minutes=5)
"""How long a distillation that could not run waits before it is tried again."""


def take_up(workspace: Workspace) -> int:
    """At a start: a job for every conversation in which the model has the floor and the customer has the last word, should one be missing.

    Turns that a killed service had begun are free again at once: its customers have waited enough, and `turn.settle` sees to it that nothing is said twice.
    """

    def step(tx: Transaction) -> int:
        for job in tx.jobs.find(kind=JobKind.TURN, lease_until__not=None):
            tx.jobs.replace(job, replace(job, lease_until=None))
        missing = 0
        for talk in tx.conversations.find(floor=Floor.MODEL, resolved_at=None):
            last = tx.messages.first(conversation=talk.id, seq=talk.last_seq)
            if last is not None and last.author is Author.CUSTOMER and tx.jobs.first(id=Job.key(JobKind.TURN, talk.id)) is None:
                ask_for_turn(tx, talk.id, workspace.clock.now())
                missing += 1
        return missing

    return workspace.store.write(step)


def next_due(workspace: Workspace) -> datetime | None:
    """When the earliest row of work becomes due; None when there is none."""
    return min((at for at in (next_job(workspace), next_delivery(workspace)) if at is not None), default=None)


def next_job(workspace: Workspace) -> datetime | None:
    """When the earliest job can be taken: one that nobody has, or one whose lease runs out."""
    jobs = workspace.store.read.jobs
    free = jobs.first(lease_until=None, order="due_at")
    leased = jobs.first(lease_until__not=None, order="lease_until")
    times = [free.due_at] if free else []
    times += [max(leased.due_at, leased.lease_until)] if leased and leased.lease_until else []
    return min(times, default=None)


def next_delivery(workspace: Workspace) -> datetime | None:
    delivery = workspace.store.read.outbox.first(state=DeliveryState.WAITING, order="due_at")
    return delivery.due_at if delivery else None


def give_up_leases(workspace: Workspace) -> None:
    """For a service that stops in the middle of something: the next start takes it up at once. `turn.settle` sees to it that nothing is said twice."""

    def step(tx: Transaction) -> None:
        for job in tx.jobs.find(lease_until__not=None):
            tx.jobs.replace(job, replace(job, lease_until=None))

    workspace.store.write(step)


def work_once(workspace: Workspace, *, failed: Callable[[Job, Exception], None]) -> bool:
    """Takes one due job and does it; False when there was none. A job that fails is told to `failed` and comes back when its lease ends."""
    job = workspace.store.write(lambda tx: _take(tx, workspace.clock.now()))
    if job is None:
        return False
    try:
        if job.kind is JobKind.TURN:
            turn.run(workspace, ConversationId(job.subject))
        elif job.kind is JobKind.PROMISE:
            promise.count(workspace, job)
        else:
            _distill(workspace, job)
    except VoicegitError as exc:
        failed(job, exc)
    return True


def _take(tx: Transaction, now: datetime) -> Job | None:
    for job in tx.jobs.find(due_at__le=now, order="due_at", limit=SWEEP):
        if job.lease_until is None or job.lease_until <= now:
            leased = replace(job, lease_until=now + job.kind.lease, attempts=job.attempts + 1)
            tx.jobs.replace(job, leased)
            return leased
    return None


def _distill(workspace: Workspace, job: Job) -> None:
    """A distillation that nobody asked for by hand: too many open proposals are no failure, the signals simply wait."""
    try:
        distill.distill(workspace)
    except Conflict:
        pass
    except ModelFailure:
        later = workspace.clock.now() + RETRY
        workspace.store.write(lambda tx: tx.jobs.replace(tx.jobs.get(job.id), replace(tx.jobs.get(job.id), due_at=later, lease_until=None)))
        raise
    workspace.store.write(lambda tx: tx.jobs.remove(job))


def announce_ends(workspace: Workspace, *, since: datetime) -> datetime:
    """Tells live pages of snoozes and claims that have ended by themselves since then; returns until when it has looked."""
    tx, now = workspace.store.read, workspace.clock.now()
    awake = tx.conversations.find(snoozed_until__gt=since, snoozed_until__le=now, limit=SWEEP)
    unclaimed = tx.summons.find(lease_until__gt=since, lease_until__le=now, status=SummonStatus.CLAIMED, ended_at=None, limit=SWEEP)
    ended = [Event("awake", now, one.id) for one in awake] + [Event("unclaimed", now, one.conversation) for one in unclaimed]

    def step(tx: Transaction) -> None:
        for one in ended:
            tx.events.add(one)

    if ended:
        workspace.store.write(step)
    return now


def deliver_due(workspace: Workspace) -> int:
    """Lets the texts leave whose time has come. The customer's own page and the API read them from then on."""
    now = workspace.clock.now()
    if not workspace.store.read.outbox.find(state=DeliveryState.WAITING, due_at__le=now, order="due_at", limit=1):
        return 0

    def step(tx: Transaction) -> int:
        due = tx.outbox.find(state=DeliveryState.WAITING, due_at__le=now, order="due_at", limit=SWEEP)
        for delivery in due:
            tx.outbox.replace(delivery, replace(delivery, state=DeliveryState.DELIVERED, delivered_at=now))
            tx.events.add(Event("delivered", now, delivery.conversation, {"message": delivery.id}))
            takeover.follow_up(tx, workspace, delivery)
        return len(due)

    return workspace.store.write(step)
