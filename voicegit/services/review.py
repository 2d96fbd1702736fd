"""A person reads a proposal with its evidence and its checks, and approves, changes or declines exactly that text."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from voicegit.domain import checks, proposal, tree
from voicegit.domain.checks import Check, Proposed
from voicegit.domain.conversation import clean
from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import ConversationId, DecisionId, ProposalId, Revision
from voicegit.domain.operation import Contested
from voicegit.domain.people import Person, Role
from voicegit.domain.replayed import Replayed
from voicegit.domain.signal import Signal
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Branch, Commit, GitWriter, Move, Signature, Workspace
from voicegit.services import personal, replay, replay_report, replaying
from voicegit.services.intent import carry_out


@dataclass(frozen=True)
class Shown:
    """A proposal as a reviewer sees it. `head` on top of `base` is what an approval names; `main` may have moved on from `base`."""

    id: ProposalId
    head: Revision
    base: Revision
    main: Revision
    commit: Commit
    checks: tuple[Check, ...]
    labels: tuple[str, ...]
    diff: str

    @property
    def title(self) -> str:
        return self.commit.title

    @property
    def operations(self) -> tuple[str, ...]:
        return self.commit.trailer("Operation")

    @property
    def evidence(self) -> dict[str, list[ConversationId]]:
        """Directive -> the conversations that taught it, as the trailers name them."""
        found: dict[str, list[ConversationId]] = {}
        for value in self.commit.trailer("Evidence"):
            directive, _, conversation = value.partition(" ")
            found.setdefault(directive, []).append(ConversationId(conversation))
        return found


class Worse(Invalid):
    """Past answers get worse, and nobody said why it shall go live all the same. `cases` are those to answer for."""

    def __init__(self, name: ProposalId, cases: Sequence[Replayed]) -> None:
        super().__init__(
            f"{replay_report.worse(cases)} Nothing became live. Say why {name} shall go live all the same ("
            f"'voicegit approve {name} --despite REASON'), or amend or decline it."
        )
        self.cases = tuple(cases)


@dataclass(frozen=True)
class Text:
    """A commit on a proposal's base that may go live: the proposal's own, or that of a part of it. `owners_own` as the checks mean it."""

    head: Revision
    commit: Commit
    owners_own: bool


def waiting(workspace: Workspace) -> list[Shown]:
    """The open proposals, oldest first."""
    return [_with_replay(workspace, branch) for branch in workspace.directives.proposals()]


def show(workspace: Workspace, name: ProposalId) -> Shown:
    """Raises `NotFound`, with what became of it, when it is not open."""
    return _with_replay(workspace, _branch(workspace, name))


def try_out(workspace: Workspace, name: ProposalId) -> None:
    """Tries a proposal on past questions now, where that costs nothing and it was not: for a place without a service. Raises `NotFound` as `show`."""
    replaying.catch_up(workspace, replay.of_proposal(workspace, _branch(workspace, name)))


def _with_replay(workspace: Workspace, branch: Branch) -> Shown:
    """With what came of trying it on past questions among its checks."""
    found = shown(workspace, branch)
    return replace(found, checks=(*found.checks, replay_report.check(replay.latest(workspace, branch))))


def _branch(workspace: Workspace, name: ProposalId) -> Branch:
    found = next((branch for branch in workspace.directives.proposals() if branch.proposal == name), None)
    if found is not None:
        return found
    ended = {DecisionKind.APPROVE: "was approved and is live", DecisionKind.DECLINE: "was declined"}
    last = workspace.store.read.decisions.first(proposal=name, state=DecisionState.DONE, kind__in=list(ended), order="-id")
    if last is not None:
        how = ended[last.kind] if last.person is not None else "was closed because what taught it was erased,"
        raise NotFound(f"{name} is not open: it {how} on {last.at:%d %b %Y}. 'voicegit log' shows what was decided.")
    raise NotFound(f"There is no proposal {str(name)[:40]!r}. 'voicegit proposals' lists the open ones.")


def shown(workspace: Workspace, branch: Branch) -> Shown:
    text = own_text(workspace, branch)
    looked = proposed(workspace, branch, text)
    return Shown(
        id=branch.proposal,
        head=branch.head,
        base=branch.base,
        main=workspace.directives.head(),
        commit=text.commit,
        checks=checks.run(looked),
        labels=checks.labels(looked),
        diff=workspace.directives.diff(branch.base, branch.head),
    )


def own_text(workspace: Workspace, branch: Branch) -> Text:
    """The whole of a proposal."""
    return Text(branch.head, workspace.directives.commit(branch.head), owners_own(workspace, branch))


def proposed(workspace: Workspace, branch: Branch, text: Text) -> Proposed:
    """What the checks look at."""
    before = workspace.directives.at(branch.base)
    talks = [ConversationId(value.partition(" ")[2]) for value in text.commit.trailer("Evidence")]
    return Proposed(
        before=before,
        entries=workspace.directives.entries(text.head),
        message="\n".join([text.commit.title, text.commit.body]),
        today=workspace.clock.now().astimezone(ZoneInfo(before.policy.business.timezone)).date(),
        owners_own=text.owners_own,
        names=personal.near(workspace.store.read, talks),
        full_names=personal.everybody(workspace.store.read),
        disputes=disputes(workspace, branch.proposal),
        name=branch.proposal,
    )


def disputes(workspace: Workspace, name: ProposalId) -> tuple[Contested, ...]:
    """What two people taught against each other, as the run asks that made this proposal."""
    row = workspace.store.read.distillations.first(proposal=name)
    asked = (one.question for one in row.operations) if row is not None else ()
    return tuple(dict.fromkeys(one for one in asked if one is not None and one.dispute))


def owners_own(workspace: Workspace, branch: Branch) -> bool:
    """Whether the decision row that made this very text is an owner's: another title makes nobody's text the owner's own."""
    tx = workspace.store.read
    row = tx.decisions.first(oid=branch.head, state=DecisionState.DONE, order="-id")
    while row is not None and row.kind is DecisionKind.AMEND and row.old is not None and _same_files(workspace, row.old, row.oid):
        row = tx.decisions.first(oid=row.old, state=DecisionState.DONE, order="-id")
    return row is not None and row.person is not None and tx.people.get(row.person).role is Role.OWNER


def _same_files(workspace: Workspace, one: Revision, other: Revision) -> bool:
    """False where one of them is gone, as after an erasure."""
    try:
        return workspace.directives.entries(one) == workspace.directives.entries(other)
    except NotFound:
        return False


def evidence(workspace: Workspace, conversations: Sequence[ConversationId]) -> list[Signal]:
    """What people did in these conversations that taught, the person's own words first to be read."""
    return [one for one in workspace.store.read.signals.find(conversation__in=list(conversations)) if not one.erased]


# ---- deciding


def approve(
    workspace: Workspace,
    name: ProposalId,
    *,
    by: Person,
    head: Revision | None = None,
    base: Revision | None = None,
    title: str | None = None,
    despite: str = "",
) -> Revision:
    """Merges exactly the text that was looked at, and returns the release. Where that costs nothing, it is tried on past questions before.

    `head` and `base` (where `main` was) are what the reviewer saw; when either moved, it is refused with what changed.
    `despite` says why it shall go live although past answers get worse; it is kept with the decision.
    Raises `Conflict` for what moved, for a clash, and for a second merge; `Invalid` with the findings when a check fails; `Worse`.
    """
    by.must_review()
    seen, main = looked_at(workspace, name, head=head, base=base), workspace.directives.head()
    replaying.catch_up(workspace, replay.of_text(workspace, name, seen.head, main))
    with workspace.directives.writing() as git:
        branch = looked_at(workspace, name, head=seen.head, base=main)
        return release(workspace, git, branch, own_text(workspace, branch), by=by, title=title, despite=despite)


def looked_at(workspace: Workspace, name: ProposalId, *, head: Revision | None, base: Revision | None) -> Branch:
    """The open proposal, if it and what is live are where the reviewer saw them. Under the lock it stays so. Raises `NotFound`, `Conflict`."""
    branch = _branch(workspace, name)
    _unmoved(workspace, branch, workspace.directives.head(), head=head, base=base)
    return branch


def release(workspace: Workspace, git: GitWriter, branch: Branch, text: Text, *, by: Person, title: str | None = None, despite: str = "") -> Revision:
    """Makes a text live in place of its proposal: `main` moves and the proposal goes in one step, or neither. Raises as `approve`."""
    main, name = workspace.directives.head(), branch.proposal
    commit = merged(workspace, git, branch, text, by=by, title=title)
    cases = worse(workspace, text.head, main)
    if cases and not despite.strip():
        raise Worse(name, cases)
    why = clean(despite, field="reason") if cases else ""
    row = _decision(workspace, DecisionKind.APPROVE, by, ref=proposal.MAIN, oid=commit, old=main, proposal=name, head=branch.head, base=main, reason=why)
    carry_out(workspace, git, row, Move(proposal.MAIN, main, commit), Move(proposal.branch(branch.proposal), branch.head, None))
    return commit


def worse(workspace: Workspace, head: Revision, main: Revision) -> tuple[Replayed, ...]:
    """The past answers that exactly this text makes worse, as far as it was tried on what is live."""
    found = replay.known(workspace, head, main)
    return found.blocks if found is not None else ()


def merged(workspace: Workspace, git: GitWriter, branch: Branch, text: Text, *, by: Person, title: str | None = None) -> Revision:
    """The release that a text would be, written and not live. Raises `Invalid` when a check fails, `Conflict` when it no longer fits."""
    name, main = branch.proposal, workspace.directives.head()
    bad = checks.failed(checks.run(proposed(workspace, branch, text)))
    if bad:
        findings = tuple(finding for check in bad for finding in check.findings)
        raise Invalid(f"{name} cannot be approved: {bad[0].summary} Amend it, or decline it with the reason.", findings)
    words = proposal.released(name, title=title or text.commit.title, by=by.id, base=main, head=text.head)
    commit = git.merge(text.head, message=words, author=signed(workspace, by))
    if commit is None:
        raise Conflict(f"{name} no longer fits what is live: the same lines were changed since. Decline it and distil again, or amend it.")
    entries = workspace.directives.entries(commit)
    tree.checked(commit, entries)
    if entries == workspace.directives.entries(main):
        raise Conflict(f"All that {name} proposes is live already. Decline it: there is nothing left to approve.")
    return commit


def _unmoved(workspace: Workspace, branch: Branch, main: Revision, *, head: Revision | None, base: Revision | None) -> None:
    name = branch.proposal
    _same(branch, head)
    if base is not None and base != main:
        since = workspace.directives.log(main, first_parent=True, limit=1)[0].title
        raise Conflict(f"What is live changed since you looked at {name} (newest: “{since}”). Read it again: 'voicegit diff {name}'.")
    if workspace.directives.contains(branch.head, within=main):
        raise Conflict(f"{name} was merged before, and a proposal merges once. To bring it back after an undo: 'voicegit restore'.")


def _same(branch: Branch, head: Revision | None) -> None:
    if head is not None and head != branch.head:
        name = branch.proposal
        raise Conflict(f"{name} changed since you looked: you saw {head[:10]}, it is now {branch.head[:10]}. Read it again: 'voicegit diff {name}'.")


def propose(workspace: Workspace, files: Mapping[str, bytes | None], *, title: str, by: Person, why: str = "") -> ProposalId:
    """A person's own proposal on what is live now. `None` deletes a file. Raises `Invalid` with findings when it could not be served."""
    with workspace.directives.writing() as git:
        main = workspace.directives.head()
        personal.refuse(workspace, main, _texts(files, f"{title}\n{why}"))
        name = workspace.directives.next_proposal()
        words = proposal.message(title, [why] if why else [], [("Proposal", name), *_changes(workspace, main, files)])
        commit = git.commit(main, files, message=words, author=signed(workspace, by))
        _useful(workspace, main, commit)
        decision = _decision(workspace, DecisionKind.PROPOSE, by, ref=proposal.branch(name), oid=commit, old=None, proposal=name, base=main)
        carry_out(workspace, git, decision, Move(proposal.branch(name), None, commit))
    return name


def amend(
    workspace: Workspace, name: ProposalId, files: Mapping[str, bytes | None], *, by: Person, head: Revision | None = None, title: str | None = None
) -> Revision:
    """A person's edit of a proposal: one commit in place of the other, with the person as its author. Its evidence stays.

    A new `title` takes the place of the old one and of the prose under it.
    """
    by.must_review()
    with workspace.directives.writing() as git:
        branch = _branch(workspace, name)
        _unmoved(workspace, branch, workspace.directives.head(), head=head, base=None)
        personal.refuse(workspace, branch.base, _texts(files, title or ""))
        old = workspace.directives.commit(branch.head)
        base = workspace.directives.entries(branch.base)
        changed = {path: _content(workspace, branch.head, path) for path, _ in old.files} | dict(files)
        changed = {path: content for path, content in changed.items() if content is not None or path in base}
        prose = [textwrap.dedent(old.body)] if old.body and title is None else []
        words = proposal.message(title or old.title, prose, list(old.trailers))
        commit = git.commit(branch.base, changed, message=words, author=signed(workspace, by))
        _useful(workspace, branch.base, commit)
        decision = _decision(workspace, DecisionKind.AMEND, by, ref=proposal.branch(name), oid=commit, old=branch.head, proposal=name, base=branch.base)
        carry_out(workspace, git, decision, Move(proposal.branch(name), branch.head, commit))
    return commit


def decline(workspace: Workspace, name: ProposalId, *, reason: str, by: Person, head: Revision | None = None) -> Revision:
    """Closes a proposal with the reason, which is remembered; its commit is kept. Raises `Invalid` without words."""
    by.must_review()
    why = said_why(reason)
    with workspace.directives.writing() as git:
        branch = _branch(workspace, name)
        _same(branch, head)
        return close(workspace, git, branch, why, by=by)


def said_why(reason: str) -> str:
    """The reason of a decline, fit to be kept. Raises `Invalid` without words."""
    if not reason.strip():
        raise Invalid("Declining needs its reason: without words nothing can be learned. Say why, in a sentence.")
    return clean(reason, field="reason")


def close(workspace: Workspace, git: GitWriter, branch: Branch, why: str, *, by: Person) -> Revision:
    ref, name = proposal.closed(branch.proposal), branch.proposal
    row = _decision(workspace, DecisionKind.DECLINE, by, ref=ref, oid=branch.head, old=None, proposal=name, head=branch.head, base=branch.base, reason=why)
    carry_out(workspace, git, row, Move(ref, None, branch.head), Move(proposal.branch(name), branch.head, None))
    return branch.head


def _texts(files: Mapping[str, bytes | None], words: str) -> dict[str, str]:
    return {path: content.decode("utf-8", "replace") for path, content in files.items() if content is not None} | {"title": words}


def _useful(workspace: Workspace, base: Revision, commit: Revision) -> None:
    before, after = workspace.directives.entries(base), workspace.directives.entries(commit)
    tree.checked(commit, after)
    if before == after:
        raise Invalid("This changes nothing: the text is what is live already.")


def _content(workspace: Workspace, revision: Revision, path: str) -> bytes | None:
    entry = workspace.directives.entries(revision).get(path)
    return None if entry is None else entry.content


def _changes(workspace: Workspace, main: Revision, files: Mapping[str, bytes | None]) -> list[tuple[str, str]]:
    """An `Operation` trailer a changed file."""
    before = workspace.directives.entries(main)
    named = {path: "retire" if content is None else "revise" if path in before else "add" for path, content in files.items()}
    return [("Operation", f"{change} {path.removesuffix('.md')}") for path, change in sorted(named.items())]


def signed(workspace: Workspace, by: Person) -> Signature:
    return Signature(by.name, by.id, workspace.clock.now())


def _decision(workspace: Workspace, kind: DecisionKind, by: Person, *, ref: str, oid: Revision, old: Revision | None, **more: Any) -> Decision:
    return Decision(DecisionId(workspace.clock.new_id()), kind, by.id, workspace.clock.now(), ref, oid, old, **more)
