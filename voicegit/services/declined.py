"""What people said no to: whole proposals, single changes of approved ones, and releases that were taken back. Shown to the next distillation, and not
proposed again without new evidence.
"""

from dataclasses import dataclass

from voicegit.domain import book
from voicegit.domain.book import No
from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import DirectiveId, ProposalId
from voicegit.domain.judgement import Choice, Judgement
from voicegit.domain.operation import Operation
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Transaction, Workspace
from voicegit.services import history
from voicegit.services.history import Entry

LOOK_BACK = 500
"""Decisions of each kind that are remembered, newest first."""


@dataclass(frozen=True)
class Refused:
    """Operations of one distillation that one reason speaks against."""

    operations: tuple[Operation, ...]
    reason: str


def operations(workspace: Workspace) -> list[Refused]:
    """What distillations proposed and a person declined, with the person's reason."""
    tx = workspace.store.read
    decisions = [*_decided(tx, DecisionKind.DECLINE), *_decided(tx, DecisionKind.APPROVE)]
    rows = {row.proposal: row for row in tx.distillations.find(proposal__in=[one.proposal for one in decisions])}
    found = []
    for decision in decisions:
        row = rows.get(decision.proposal)
        own = {DirectiveId(one.path.removesuffix(".md")): one.reason for one in changes(tx, decision)}
        general = decision.reason if decision.kind is DecisionKind.DECLINE else None
        reasons: dict[str, list[Operation]] = {}
        for operation in row.operations if row else ():
            reason = own.get(operation.directive, general)
            if reason is not None:
                reasons.setdefault(reason, []).append(operation)
        found += [Refused(tuple(told), reason) for reason, told in reasons.items()]
    return found


def changes(tx: Transaction, decision: Decision) -> list[Judgement]:
    """The single changes that a person declined in deciding on a proposal."""
    return tx.judgements.find(proposal=decision.proposal, head=decision.head, person=decision.person, choice=Choice.DECLINE, order="path")


def _decided(tx: Transaction, kind: DecisionKind) -> list[Decision]:
    done = tx.decisions.find(kind=kind, state=DecisionState.DONE, order="-id", limit=LOOK_BACK)
    newest: dict[ProposalId | None, Decision] = {}
    for one in done:
        newest.setdefault(one.proposal, one)
    # Without a person it was closed because what taught it was erased: nobody said no to it.
    return [one for name, one in newest.items() if name is not None and one.person is not None]


def undone(workspace: Workspace) -> list[No]:
    """Releases that stand taken back, newest undo first; one that was restored since is not among them."""
    entries = history.log(workspace)
    releases = {entry.release: entry for entry in entries}
    taken = history.taken_back(entries)
    standing = sorted(taken.items(), key=lambda item: item[1].at, reverse=True)
    found = [_undone(workspace, releases[release], by) for release, by in standing if release in releases and releases[release].reverts is None]
    return [one for one in found if one is not None][:LOOK_BACK]


def _undone(workspace: Workspace, taken: Entry, by: Entry) -> No | None:
    """None for a release whose trees cannot be read any more. What was kept of it, where a person was asked, is no part of it."""
    tx = workspace.store.read
    try:
        before, after, left = (workspace.directives.at(one) for one in (workspace.directives.commit(taken.release).parents[0], taken.release, by.release))
    except (Invalid, NotFound):
        return None
    row = tx.distillations.first(proposal=taken.proposal) if taken.proposal else None
    evidence = [id for operation in (row.operations if row else ()) for id in operation.evidence]
    decision = tx.decisions.first(oid=by.release, state=DecisionState.DONE)
    asked = tx.decisions.first(proposal=by.proposal, kind=DecisionKind.PROPOSE, state=DecisionState.DONE) if by.proposal is not None else decision
    return book.undone(before, after, left, reason=asked.reason if asked else "", evidence=evidence, at=decision.at if decision else by.at)
