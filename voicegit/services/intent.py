"""Keeps the database and git agreed: the intent is written before git moves, and finished or undone after a crash."""

from dataclasses import replace

from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import Revision
from voicegit.domain.proposal import MAIN, branch
from voicegit.domain.work import Event
from voicegit.errors import Conflict, NotFound
from voicegit.ports import GitWriter, Move, Transaction, Workspace
from voicegit.services import mistakes, promise

NEW_HEAD = frozenset({DecisionKind.APPROVE, DecisionKind.ROLLBACK, DecisionKind.RESTORE})
"""Decisions after which the next message is answered under another revision."""


def carry_out(workspace: Workspace, git: GitWriter, decision: Decision, *moves: Move) -> None:
    """Intent, compare-and-swap, done. Raises `Conflict` (and undoes the intent) when a ref is not where the reviewer saw it."""
    workspace.store.write(lambda tx: tx.decisions.add(decision))
    try:
        git.move(*moves)
    except Conflict:
        _close(workspace, decision, DecisionState.UNDONE)
        raise
    finish(workspace, decision)


def finish(workspace: Workspace, decision: Decision) -> None:
    _close(workspace, decision, DecisionState.DONE)


def _close(workspace: Workspace, decision: Decision, state: DecisionState) -> None:
    renewed = state is DecisionState.DONE and decision.kind in NEW_HEAD
    behind = mistakes.behind(workspace, decision) if renewed else None

    def step(tx: Transaction) -> None:
        tx.decisions.replace(decision, replace(decision, state=state))
        if state is DecisionState.DONE:
            if behind is not None:
                mistakes.released(tx, workspace, decision, behind)
            kind = "release" if decision.kind in NEW_HEAD else "proposal"
            tx.events.add(Event(kind, workspace.clock.now(), None, {"decision": decision.id, "proposal": decision.proposal}))
            if decision.kind in NEW_HEAD:
                promise.ask(tx, workspace.clock.now())
        elif decision.kind is DecisionKind.PROPOSE:
            for row in tx.distillations.find(proposal=decision.proposal):
                for signal in tx.signals.find(distillation=row.id):
                    tx.signals.replace(signal, replace(signal, distillation=None))

    workspace.store.write(step)


def recover(workspace: Workspace) -> list[Decision]:
    """Finishes what a crash left half-way; returns what was found. Nothing is there to do after a clean stop, and then no lock is taken."""
    found = workspace.store.read.decisions.find(state=DecisionState.PENDING)
    if not found:
        return []
    with workspace.directives.writing() as git:
        for decision in workspace.store.read.decisions.find(state=DecisionState.PENDING):
            _recover(workspace, git, decision)
    return found


def _recover(workspace: Workspace, git: GitWriter, decision: Decision) -> None:
    if decision.ref == MAIN:
        live = workspace.directives.contains(decision.oid, within=workspace.directives.head())
        if live:
            _close_merged(workspace, git, decision)
        _close(workspace, decision, DecisionState.DONE if live else DecisionState.UNDONE)
        return
    at = _target(workspace, decision.ref)
    if at != decision.oid and _exists(workspace, decision.oid):
        # Work on a proposal is never thrown away: its commit is written, so the ref is moved now.
        leftover = [Move(branch(decision.proposal), decision.head, None)] if decision.kind is DecisionKind.DECLINE and decision.proposal else []
        try:
            git.move(Move(decision.ref, at, decision.oid), *leftover)
            at = decision.oid
        except Conflict:
            at = _target(workspace, decision.ref)
    _close(workspace, decision, DecisionState.DONE if at == decision.oid else DecisionState.UNDONE)


def _close_merged(workspace: Workspace, git: GitWriter, decision: Decision) -> None:
    """The proposal that an approval made live goes, should the crash have come between: writes come first, deletions after."""
    if decision.kind is DecisionKind.APPROVE and decision.proposal and _target(workspace, branch(decision.proposal)) == decision.head:
        git.move(Move(branch(decision.proposal), decision.head, None))


def _target(workspace: Workspace, ref: str) -> Revision | None:
    try:
        return workspace.directives.resolve(ref)
    except NotFound:
        return None


def _exists(workspace: Workspace, revision: Revision) -> bool:
    try:
        return workspace.directives.resolve(revision) == revision
    except NotFound:
        return False
