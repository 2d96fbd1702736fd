"""What erased conversations taught and nobody approved: its words go from the runs that learned it, and from the proposals that are open.

The rows go with the conversations, in one transaction. The proposals follow from the rows, so that whatever comes between is made up for by `settle`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from voicegit.domain import erasure, learning, proposal
from voicegit.domain.conversation import ERASED
from voicegit.domain.decision import Decision, DecisionKind
from voicegit.domain.distillation import Distillation
from voicegit.domain.ids import ConversationId, DecisionId, DirectiveId, DistillationId, ProposalId, Revision, SignalId
from voicegit.domain.learning import Applied, Ground
from voicegit.domain.operation import Dropped, Operation
from voicegit.domain.replayed import State
from voicegit.ports import Branch, GitWriter, Move, Signature, Transaction, Workspace
from voicegit.services import personal
from voicegit.services.intent import carry_out

TITLE = "What was learned, without what was erased"
WHY = "what taught it was erased"


@dataclass(frozen=True)
class Touched:
    """Open proposals: those that `end`, and those that go on with what others taught."""

    end: tuple[ProposalId, ...] = ()
    go_on: tuple[ProposalId, ...] = ()


def blank(tx: Transaction, talks: Collection[ConversationId]) -> None:
    """The words of these conversations in what distillations made of them."""
    signals = tx.signals.find(conversation__in=list(talks))
    ids, runs = {one.id for one in signals}, {one.distillation for one in signals}
    for row in tx.distillations.find():
        if row.id in runs or any(ids & set(one.evidence) for one in _operations(row)):
            tx.distillations.replace(row, erasure.of_distillation(row, ids))


def _operations(row: Distillation) -> list[Operation]:
    return [*row.operations, *(one.operation for one in row.dropped)]


def touched(workspace: Workspace, talks: Collection[ConversationId]) -> Touched:
    """What `settle` would do once these conversations are erased."""
    tx = workspace.store.read
    ids = {one.id for one in tx.signals.find(conversation__in=list(talks))}

    def gone(operation: Operation) -> bool:
        return bool(ids & set(operation.evidence))

    return _sorted(workspace, _open(workspace, lambda row: any(map(gone, _operations(row)))), gone)


def settle(workspace: Workspace) -> Touched:
    """Writes open proposals anew without what was erased, and closes those of which nothing is left, or where it cannot be told apart.

    What others taught in a closed one waits to be learned again. Of the commits that were there git keeps nothing.
    """
    marked = workspace.store.read.distillations.find(title=ERASED)
    if not marked:
        return Touched()
    with workspace.directives.writing() as git:
        rows = _open(workspace, lambda row: row in marked)
        found = _sorted(workspace, rows, erasure.is_erased)
        done = {row.id: row for row in marked}
        for branch, row in rows:
            _forget_trials(workspace, branch.proposal)
            if branch.proposal in found.go_on:
                done[row.id] = _write_anew(workspace, git, branch, row)
            else:
                _close(workspace, git, branch, row)
        for row in marked:
            git.drop(*_earlier(workspace, row))
        workspace.store.write(lambda tx: _settled(tx, marked, done))
    return found


def _settled(tx: Transaction, marked: Sequence[Distillation], done: Mapping[DistillationId, Distillation]) -> None:
    """Last of all, so that a kill before it leaves the mark. What was left out of a proposal that goes on waits again, unless it was erased."""
    for row in marked:
        new = done[row.id]
        _wait_again(tx, {id for one in new.dropped[len(row.dropped) :] for id in one.operation.evidence})
        tx.distillations.replace(row, replace(new, title="" if new is row else TITLE))


def _open(workspace: Workspace, hit: Callable[[Distillation], bool]) -> list[tuple[Branch, Distillation]]:
    """Open proposals of such distillations."""
    tx = workspace.store.read
    rows = [(branch, tx.distillations.first(proposal=branch.proposal)) for branch in workspace.directives.proposals()]
    return [(branch, row) for branch, row in rows if row is not None and hit(row)]


def _sorted(workspace: Workspace, rows: Sequence[tuple[Branch, Distillation]], gone: Callable[[Operation], bool]) -> Touched:
    go_on = tuple(branch.proposal for branch, row in rows if _left(workspace, branch, [one for one in row.operations if not gone(one)]) is not None)
    return Touched(tuple(branch.proposal for branch, _ in rows if branch.proposal not in go_on), go_on)


def _left(workspace: Workspace, branch: Branch, operations: list[Operation]) -> Applied | None:
    """The other operations, done again; None where nothing is left, or where a person has written into the proposal."""
    tx = workspace.store.read
    made = tx.decisions.first(oid=branch.head, order="-id")
    if not operations or made is None or made.person is not None:
        return None
    known = workspace.directives.at(branch.base)
    evidence = tx.signals.find(id__in={id for one in operations for id in one.evidence})
    ground = Ground(
        known=known,
        signals={one.id: one for one in evidence},
        today=workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone)).date(),
        names=personal.near(tx, [one.conversation for one in evidence]),
    )
    applied = learning.apply(operations, ground)
    return applied if applied.accepted else None


def _write_anew(workspace: Workspace, git: GitWriter, branch: Branch, row: Distillation) -> Distillation:
    applied = _left(workspace, branch, [one for one in row.operations if not erasure.is_erased(one)])
    assert applied is not None
    tx, now = workspace.store.read, workspace.clock.now()
    talks = {one.id: one.conversation for one in tx.signals.find(id__in={id for one in applied.accepted for id in one.evidence})}
    evidence: dict[DirectiveId, list[ConversationId]] = {}
    for operation in applied.accepted:
        evidence.setdefault(operation.directive, []).extend(talks[id] for id in operation.evidence if id in talks)
    words = proposal.proposed(branch.proposal, title=TITLE, operations=applied.accepted, evidence=evidence, distillation=row.id)
    commit = git.commit(branch.base, applied.files, message=words, author=_author(workspace))
    erased = [Dropped(one, WHY) for one in row.operations if erasure.is_erased(one)]
    ref = proposal.branch(branch.proposal)
    id = DecisionId(workspace.clock.new_id())
    decision = Decision(id, DecisionKind.AMEND, None, now, ref, commit, branch.head, proposal=branch.proposal, base=branch.base, reason=WHY)
    carry_out(workspace, git, decision, Move(ref, branch.head, commit))
    return replace(row, operations=applied.accepted, dropped=(*row.dropped, *erased, *applied.dropped))


def _close(workspace: Workspace, git: GitWriter, branch: Branch, row: Distillation) -> None:
    """Its number stays taken, by a commit that changes nothing."""
    name, ref = branch.proposal, proposal.closed(branch.proposal)
    empty = git.commit(branch.base, {}, message=proposal.message(ERASED, [], [("Proposal", name)]), author=_author(workspace))
    id, now = DecisionId(workspace.clock.new_id()), workspace.clock.now()
    decision = Decision(id, DecisionKind.DECLINE, None, now, ref, empty, None, proposal=name, head=branch.head, base=branch.base, reason=ERASED)
    workspace.store.write(lambda tx: _wait_again(tx, {id for one in row.operations for id in one.evidence}))
    carry_out(workspace, git, decision, Move(ref, None, empty), Move(proposal.branch(name), branch.head, None))


def _author(workspace: Workspace) -> Signature:
    return Signature("voicegit erase", "erase", workspace.clock.now())


def _wait_again(tx: Transaction, signals: Collection[SignalId]) -> None:
    for one in tx.signals.find(id__in=list(signals)):
        if not one.erased:
            tx.signals.replace(one, replace(one, distillation=None))


def _forget_trials(workspace: Workspace, name: ProposalId) -> None:
    """What the proposal would have said to others, and what people wrote of it while they read it."""

    def step(tx: Transaction) -> None:
        for trial in tx.replays.find(proposal=name):
            for case in tx.replayed.find(replay=trial.id):
                tx.replayed.remove(case)
            tx.replays.replace(trial, replace(trial, state=State.STOPPED, problem=""))
        for one in tx.judgements.find(proposal=name):
            tx.judgements.remove(one)

    workspace.store.write(step)


def _earlier(workspace: Workspace, row: Distillation) -> set[Revision]:
    """The states that a proposal was in, and those that were tried for it."""
    tx = workspace.store.read
    states = {one for made in tx.decisions.find(proposal=row.proposal) for one in (made.oid, made.head) if one is not None}
    return states | {one for trial in tx.replays.find(proposal=row.proposal) for one in (trial.head, trial.tried)}
