"""What people said no to, whole proposals and single changes of approved ones: shown to the next distillation, and not proposed again without new evidence."""

from dataclasses import dataclass

from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import DirectiveId, ProposalId
from voicegit.domain.judgement import Choice, Judgement
from voicegit.domain.operation import Operation
from voicegit.ports import Transaction, Workspace

LOOK_BACK = 50
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
    return [one for name, one in newest.items() if name is not None]
