"""What people said no to: whole proposals, single changes of approved ones, and releases that were taken back. Shown to the next distillation, and not
proposed again without new evidence.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from voicegit.domain import book as domain
from voicegit.domain.book import No
from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.directive import PATH, Directive, read
from voicegit.domain.ids import ProposalId, SignalId
from voicegit.domain.judgement import Choice, Judgement
from voicegit.domain.operation import Operation
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Transaction, Workspace
from voicegit.services import change, history
from voicegit.services.history import Entry

LOOK_BACK = 500
"""Decisions of each kind that are remembered, newest first."""


def book(workspace: Workspace) -> list[No]:
    """All of it, with the words that spoke for each then."""
    found = [*_declined(workspace), *undone(workspace)]
    behind = {id for no in found for id in no.evidence}
    signals = {one.id: one for one in workspace.store.read.signals.find(id__in=behind) if not one.erased} if behind else {}
    words = {id: [text for text in (one.customer_text, one.text, one.reason) if text] for id, one in signals.items()}
    return [replace(no, about=(*no.about, *(text for id in sorted(no.evidence) for text in words.get(id, ())))) for no in found]


def _declined(workspace: Workspace) -> list[No]:
    """What a person declined, with their reason, whoever had proposed it."""
    tx = workspace.store.read
    decisions = [*_decided(tx, DecisionKind.DECLINE), *_decided(tx, DecisionKind.APPROVE)]
    names = [one.proposal for one in decisions]
    rows = {row.proposal: row for row in tx.distillations.find(proposal__in=names)}
    amended = {one.proposal for one in tx.decisions.find(kind=DecisionKind.AMEND, state=DecisionState.DONE, proposal__in=names)}
    found: list[No] = []
    for decision in decisions:
        row = rows.get(decision.proposal)
        reasons = {one.path: one.reason for one in changes(tx, decision)}
        general = decision.reason if decision.kind is DecisionKind.DECLINE else None
        told: dict[str, list[Operation]] = {}
        for operation in row.operations if row else ():
            reason = reasons.get(f"{operation.directive}.md", general)
            if reason is not None:
                told.setdefault(reason, []).append(operation)
        found += [domain.declined(operations, reason, at=decision.at) for reason, operations in told.items()]
        if (row is None or decision.proposal in amended) and (reasons or general is not None):
            evidence = {id for operation in (row.operations if row else ()) for id in operation.evidence}
            found += _by_hand(workspace, decision, reasons, evidence)
    return found


def _by_hand(workspace: Workspace, decision: Decision, reasons: Mapping[str, str], evidence: Collection[SignalId]) -> list[No]:
    """What a person wrote that was declined, by the reasons for single files, else by the decision's: told from its diff. Nothing where that is gone."""
    told: dict[str, tuple[list[Directive], list[Directive]]] = {}
    try:
        commit = workspace.directives.commit(decision.head or decision.oid)
        files = change.changed(workspace, commit.parents[0], commit.id) if commit.parents else {}
    except (Invalid, NotFound):
        return []
    for path, entries in files.items():
        declined = path in reasons or decision.kind is DecisionKind.DECLINE
        for side, entry in enumerate(entries if declined and PATH.fullmatch(path) else ()):
            one = read(path, entry.content)[0] if entry is not None else None
            told.setdefault(reasons.get(path, decision.reason), ([], []))[side].extend([one] if one is not None else [])
    made = [domain.brought(before, after, (), reason=reason, evidence=evidence, at=decision.at) for reason, (before, after) in told.items()]
    return [no for no in made if no.in_words()]


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
        revisions = (workspace.directives.commit(taken.release).parents[0], taken.release, by.release)
        before, after, left = (workspace.directives.at(one).directives for one in revisions)
    except (Invalid, NotFound):
        return None
    row = tx.distillations.first(proposal=taken.proposal) if taken.proposal else None
    evidence = [id for operation in (row.operations if row else ()) for id in operation.evidence]
    decision = tx.decisions.first(oid=by.release, state=DecisionState.DONE)
    asked = tx.decisions.first(proposal=by.proposal, kind=DecisionKind.PROPOSE, state=DecisionState.DONE) if by.proposal is not None else decision
    no = domain.brought(before, after, left, reason=asked.reason if asked else "", evidence=evidence, at=decision.at if decision else by.at)
    return replace(no, taken_back=True)
