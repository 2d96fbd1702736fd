"""What became of proposals that are not open any more: approved (whole or in part), taken back since, or declined with the reason."""

from dataclasses import dataclass
from datetime import datetime

from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.judgement import Judgement
from voicegit.errors import NotFound
from voicegit.ports import Branch, Transaction, Workspace
from voicegit.services import declined, history, review
from voicegit.services.history import Entry, EntryKind
from voicegit.services.review import Shown

MOST = 50
"""Closed proposals of each kind that are listed, newest first."""


@dataclass(frozen=True)
class Ended:
    """`release` is None for a declined one. `undone` is the entry that took the release back, as long as that stands.

    `left_out` are the single changes that were declined while the rest went live. `takes_back`: it is itself what took something back.
    """

    id: ProposalId
    title: str
    by: str
    at: datetime
    changes: int
    talks: int
    reason: str = ""
    release: Revision | None = None
    undone: Entry | None = None
    left_out: tuple[Judgement, ...] = ()
    takes_back: bool = False


def approved(workspace: Workspace) -> list[Ended]:
    """Newest first; as `main` tells it."""
    tx = workspace.store.read
    entries = history.log(workspace)
    by_release = {one.oid: one for one in tx.decisions.find(kind=DecisionKind.APPROVE, state=DecisionState.DONE)}
    found = [one for one in entries if one.proposal is not None]
    return [_live(tx, one, entries, by_release.get(one.release)) for one in found[:MOST]]


def _live(tx: Transaction, entry: Entry, entries: list[Entry], decision: Decision | None) -> Ended:
    assert entry.proposal is not None
    return Ended(
        id=entry.proposal,
        title=entry.title,
        by=entry.by,
        at=entry.at,
        changes=len({one.split(" ")[-1] for one in entry.operations}),
        talks=len({talk for _, talk in entry.evidence}),
        release=entry.release,
        undone=history.taken_back(entries).get(entry.release),
        left_out=tuple(declined.changes(tx, decision)) if decision else (),
        takes_back=entry.kind is EntryKind.ROLLBACK,
    )


def turned_down(workspace: Workspace) -> list[Ended]:
    """The declined ones, newest first."""
    rows = workspace.store.read.decisions.find(kind=DecisionKind.DECLINE, state=DecisionState.DONE, order="-id", limit=MOST)
    return [_closed(workspace, one) for one in rows if one.proposal is not None]


def _closed(workspace: Workspace, decision: Decision) -> Ended:
    tx = workspace.store.read
    assert decision.proposal is not None
    commit = workspace.directives.commit(decision.oid)
    person = tx.people.first(id=decision.person)
    operations = {one.split(" ")[-1] for one in commit.trailer("Operation")}
    talks = {one.split(" ")[-1] for one in commit.trailer("Evidence")}
    by = person.name if person else history.OUTSIDE
    return Ended(decision.proposal, commit.title, by, decision.at, len(operations), len(talks), reason=decision.reason)


def find(workspace: Workspace, name: ProposalId) -> tuple[Ended, Shown]:
    """What became of one proposal, with what was approved or declined. Raises `NotFound`."""
    tx = workspace.store.read
    kinds = [DecisionKind.APPROVE, DecisionKind.DECLINE]
    decision = tx.decisions.first(proposal=name, state=DecisionState.DONE, kind__in=kinds, order="-id")
    if decision is None:
        raise NotFound(f"There is no proposal {str(name)[:40]!r}. The review page lists those there are.")
    if decision.kind is DecisionKind.DECLINE:
        return _closed(workspace, decision), _shown(workspace, name, decision.oid)
    entries = history.log(workspace)
    entry = next(one for one in entries if one.release == decision.oid)
    return _live(tx, entry, entries, decision), _shown(workspace, name, workspace.directives.commit(decision.oid).parents[1])


def _shown(workspace: Workspace, name: ProposalId, head: Revision) -> Shown:
    base = workspace.directives.commit(head).parents[0]
    return review.shown(workspace, Branch(name, head, base))
