"""A change tried on past questions: which, at what cost, how far it is, and what came of it. Nothing is sent, and nothing is learned from it.

`replaying` does the work. A replay is a row and a row a case, so that it can be stopped, goes on after a kill, and goes stale when what it compared moved.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from voicegit.domain import replay
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, DirectiveId, ProposalId, ReplayId, Revision
from voicegit.domain.people import Person
from voicegit.domain.replay import Heard
from voicegit.domain.replayed import Replay, Replayed, State, Summary, dollars, questions
from voicegit.domain.tried import Asked
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Branch, Signature, Transaction, Workspace
from voicegit.services import cases, playground

LEASE = timedelta(seconds=60)
"""How long whoever runs a replay may be silent before it is anybody's again."""


@dataclass(frozen=True)
class Subject:
    """What is tried: `head` against `base`, which is live. `evidence` are the conversations that taught it."""

    head: Revision
    base: Revision
    proposal: ProposalId | None
    evidence: frozenset[ConversationId]


@dataclass(frozen=True)
class Found:
    """The newest replay of something, with how many of its own cases are `done`, and what all replays of the same head and base found: of each case what
    the newest says that asked it. `stale`: what it compared is not what there is now.
    """

    replay: Replay
    summary: Summary
    done: int
    stale: bool = False

    @property
    def left(self) -> int:
        return 0 if self.replay.state is State.DONE else max(0, len(self.replay.cases) - self.done)

    @property
    def lines(self) -> list[str]:
        """What came of it in plain words."""
        if not self.summary.cases and self.replay.cases:
            return [f"None of {questions(len(self.replay.cases))} was asked yet."]
        return self.summary.lines

    @property
    def blocks(self) -> tuple[Replayed, ...]:
        """What has to be answered for before an approval: broken cases and forbidden words, unless they are of another state of things."""
        return () if self.stale else self.summary.broken

    def of(self, directive: DirectiveId) -> Summary:
        """The part that has to do with one directive."""
        return Summary(tuple(one for one in self.summary.cases if one.about == directive))


def tries(workspace: Workspace, *revisions: Revision) -> int:
    """How often a question is asked: once where the answer is always the same, else as often as the policy that is served says."""
    costly = any(workspace.models.charges(workspace.directives.at(one).policy) for one in revisions)
    return workspace.directives.serving().policy.replay.tries if costly else 1


def ask(workspace: Workspace, asked: Asked, revision: Revision, *, times: int | None = None) -> Heard:
    """One past question under one revision, asked `times` times (default: `tries`), decided by the same code as a turn: what most tries do.

    `playground.answered_by` gives the question that a message answered. Raises `Invalid` when the revision cannot be served. A model that fails calls a
    person, with the reason `model_error`.
    """
    return replay.majority([playground.answer(workspace, asked, revision) for _ in range(times or tries(workspace, revision))])


# ---- what is tried


def of_proposal(workspace: Workspace, branch: Branch) -> Subject:
    return of_text(workspace, branch.proposal, branch.head, workspace.directives.head())


def of_text(workspace: Workspace, name: ProposalId, head: Revision, base: Revision) -> Subject:
    """What may go live of a proposal: its own head, or a commit of a part of it."""
    return Subject(head, base, name, evidence(workspace, head))


def subject(workspace: Workspace, name: str) -> Subject:
    """An open proposal by its name, or any revision against what is live. Raises `NotFound`, and `Invalid` when it is what is live."""
    branch = next((one for one in workspace.directives.proposals() if one.proposal == name), None)
    if branch is not None:
        return of_proposal(workspace, branch)
    if not name.strip():
        raise NotFound("Name an open proposal or a revision. 'voicegit proposals' lists the open ones.")
    head, main = workspace.directives.resolve(name), workspace.directives.head()
    if head == main:
        raise Invalid("This is what is live: there is nothing to compare it with. Name an open proposal or another revision.")
    return Subject(head, main, None, frozenset())


def plan(workspace: Workspace, subject: Subject, *, most: int | None = None, by: Person | None = None) -> Replay:
    """Which cases would be asked and what that would cost, not yet kept. `most` in place of the policy's number of cases.

    Raises `Conflict` when a proposal no longer fits what is live, `Invalid` when not even one case fits under the cap, and without `most` where the price is
    not known: then no cap can be held.
    """
    tried = _as_live(workspace, subject)
    before, after = workspace.directives.at(subject.base), workspace.directives.at(tried)
    settings = workspace.directives.serving().policy.replay
    relevance = cases.relevance((before, after), changed(before, after))
    chosen = cases.chosen(workspace.store.read, most=most or settings.cases, evidence=subject.evidence, relevance=relevance)
    times = tries(workspace, subject.base, tried)
    each = _cost(workspace, subject.base, tried, times)
    if each is None and most is None and chosen:
        named = subject.proposal or subject.head[:10]
        raise Invalid(
            f"What a question costs is not known here, so the cap of {dollars(settings.max_cost)} cannot be held. Say how many to ask: "
            f"'voicegit replay {named} --cases N --yes'."
        )
    fitting = chosen if not each else chosen[: int(settings.max_cost / each)]
    if chosen and not fitting:
        raise Invalid(
            f"One case costs about {dollars(each or 0.0)}, and the cap is {dollars(settings.max_cost)}. Raise max_cost under [replay] in policy.toml."
        )
    return Replay(
        id=ReplayId(workspace.clock.new_id()),
        head=subject.head,
        base=subject.base,
        tried=tried,
        at=workspace.clock.now(),
        cases=tuple(fitting),
        tries=times,
        proposal=subject.proposal,
        person=by.id if by is not None else None,
        estimate=None if each is None else each * len(fitting),
        left_out=len(chosen) - len(fitting),
    )


def _as_live(workspace: Workspace, subject: Subject) -> Revision:
    """The revision that would be live: the proposal as it stands, or put together with what became live since it was made."""
    if subject.proposal is None or workspace.directives.contains(subject.base, within=subject.head):
        return subject.head
    nobody = Signature("voicegit replay", "replay", workspace.clock.now())
    with workspace.directives.writing() as git:
        found = git.merge(subject.head, message=f"{subject.proposal} as it would be, to be tried\n", author=nobody)
    if found is None:
        raise Conflict(f"{subject.proposal} no longer fits what is live: the same lines were changed since. Decline it and distil again, or amend it.")
    return found


def _cost(workspace: Workspace, base: Revision, tried: Revision, times: int) -> float | None:
    """US dollars that a case costs at the most, judging included; 0.0 where nothing is charged, None where the price is not known."""
    each = [workspace.models.costs(workspace.directives.at(one)) for one in (base, tried)]
    judge = workspace.models.judge(workspace.directives.serving().policy)
    judging = 0.0 if judge is None else judge.costs
    if judging is None or None in each:
        return None
    # Every answer is judged at most twice, once in each order.
    return times * (sum(one or 0.0 for one in each) + 4 * judging)


def changed(before: DirectiveSet, after: DirectiveSet) -> frozenset[DirectiveId]:
    """The directives that differ between two sets."""
    pairs = ((before, after), (after, before))
    return frozenset(d.id for known, other in pairs for d in known.directives if getattr(other.get(d.id), "source", None) != d.source)


def evidence(workspace: Workspace, head: Revision) -> frozenset[ConversationId]:
    """The conversations that a proposal says it learned from."""
    named = workspace.directives.commit(head).trailer("Evidence")
    return frozenset(ConversationId(value.partition(" ")[2]) for value in named)


# ---- its state


def begin(workspace: Workspace, planned: Replay) -> Replay:
    """Keeps a plan, to be run by whoever comes first. One without cases is over at once."""
    now = workspace.clock.now()
    row = planned if planned.cases else replace(planned, state=State.DONE, ended_at=now)

    def step(tx: Transaction) -> None:
        tx.replays.add(row)

    workspace.store.write(step)
    return row


def unfinished(workspace: Workspace, subject: Subject, *, most: int | None = None) -> Replay | None:
    """The newest replay of exactly this, or of those that ask what one with `most` cases would, if it has cases left to ask. Raises as `plan`."""
    rows = workspace.store.read.replays.find(head=subject.head, base=subject.base, order="id")
    if most is not None and rows:
        cases = plan(workspace, subject, most=most).cases
        rows = [row for row in rows if row.cases == cases]
    return rows[-1] if rows and rows[-1].state is not State.DONE else None


def latest(workspace: Workspace, branch: Branch) -> Found | None:
    """What is known of a proposal as it is now; else of a state before, which is `stale`. None when it was never tried."""
    found = known(workspace, branch.head, workspace.directives.head())
    if found is not None:
        return found
    row = workspace.store.read.replays.first(proposal=branch.proposal, order="-id")
    return None if row is None else replace(get(workspace, row.id), stale=True)


def known(workspace: Workspace, head: Revision, base: Revision) -> Found | None:
    """What all replays of exactly this found together; None when there was none."""
    tx = workspace.store.read
    rows = tx.replays.find(head=head, base=base, order="id")
    if not rows:
        return None
    cases = {one.signal: one for row in rows for one in tx.replayed.find(replay=row.id)}
    return Found(rows[-1], Summary(tuple(cases.values())), tx.replayed.count(replay=rows[-1].id))


def get(workspace: Workspace, id: ReplayId) -> Found:
    """A replay, with what others of the same found. Raises `NotFound`."""
    row = workspace.store.read.replays.get(id)
    found = known(workspace, row.head, row.base)
    assert found is not None
    return Found(row, found.summary, workspace.store.read.replayed.count(replay=id), stale=row.base != workspace.directives.head())


def take(workspace: Workspace, id: ReplayId) -> Replay:
    """The lease on a replay, to run it. Raises `Conflict` when somebody else runs it, or when it is over."""

    def step(tx: Transaction) -> Replay:
        row, now = tx.replays.get(id), workspace.clock.now()
        if row.state is State.DONE:
            raise Conflict("This replay is over. Start another to ask again.")
        if row.state is State.RUNNING and not row.free(now):
            done = tx.replayed.count(replay=id)
            raise Conflict(f"This replay runs already ({done} of {len(row.cases)} done), or was ended less than a minute ago. Look again in a minute.")
        mine = replace(row, state=State.RUNNING, lease_until=now + LEASE, problem="")
        tx.replays.replace(row, mine)
        return mine

    return workspace.store.write(step)


def stop(workspace: Workspace, id: ReplayId) -> Replay:
    """Ends a replay for now; what is done is kept. Whoever runs it notices within a second. Nothing to do for one that is over."""
    return _turned(workspace, id, State.STOPPED, "")


def go_on(workspace: Workspace, id: ReplayId) -> Replay:
    """Lets a stopped replay go on where it was, in the background."""
    return _turned(workspace, id, State.WAITING, "")


def _turned(workspace: Workspace, id: ReplayId, state: State, problem: str) -> Replay:
    def step(tx: Transaction) -> Replay:
        row = tx.replays.get(id)
        if row.state is State.DONE or (row.at_work and state is State.WAITING):
            return row
        turned = replace(row, state=state, lease_until=None, problem=problem)
        tx.replays.replace(row, turned)
        return turned

    return workspace.store.write(step)


# ---- by itself


def signs(workspace: Workspace) -> tuple[object, ...]:
    """Differs when there may be something to do: what is live, how many proposals there are, the newest decision, what waits. Starts no process."""
    tx = workspace.store.read
    newest = tx.decisions.first(order="-id")
    waiting = tx.replays.first(state=State.WAITING)
    return workspace.directives.head(), workspace.directives.open_proposals(), newest and newest.id, newest and newest.state, waiting and waiting.id


def due(workspace: Workspace) -> Replay | None:
    """The next replay to be run in the background: one that waits or was left by whoever ran it, else that of a proposal that was not tried as it is now.

    A model that charges is only asked by itself when the policy says so.
    """
    now = workspace.clock.now()
    open_now = workspace.directives.proposals()
    for row in workspace.store.read.replays.find(state__in=[State.WAITING, State.RUNNING], order="id"):
        if row.free(now):
            if row.base == workspace.directives.head() and (row.proposal is None or any(b.head == row.head for b in open_now)):
                return row
            _turned(workspace, row.id, State.STOPPED, "What it compared has changed since.")
    return next((made for branch in open_now if (made := by_itself(workspace, branch)) is not None and made.cases), None)


def by_itself(workspace: Workspace, branch: Branch) -> Replay | None:
    """A replay of a proposal as it is now, begun if there was none; None where there was, or where it would cost money that nobody agreed to."""
    main = workspace.directives.head()
    if workspace.store.read.replays.first(proposal=branch.proposal, head=branch.head, base=main) is not None:
        return None
    try:
        agreed = workspace.directives.serving().policy.replay.without_asking
        if playground.charges(workspace, main, branch.head) and not agreed:
            return None
        return begin(workspace, plan(workspace, of_proposal(workspace, branch)))
    except (Conflict, Invalid) as exc:
        # Kept with its reason, so that it is shown, and not tried again every second.
        now = workspace.clock.now()
        id = ReplayId(workspace.clock.new_id())
        begin(workspace, Replay(id, branch.head, main, branch.head, now, (), 1, branch.proposal, problem=exc.message))
        return None
