"""What was decided, who taught each line, and why a reply says what it says."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from voicegit.domain.conversation import ERASED, Author, Message, MessageKind
from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.directive import Directive
from voicegit.domain.ids import ConversationId, DirectiveId, MessageId, PersonId, ProposalId, Revision
from voicegit.domain.signal import Signal
from voicegit.domain.turn import Turn
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Commit, Line, Workspace
from voicegit.services.trace import How, Step, Tracer, wording

OUTSIDE = "outside"
"""Shown as the approver of a commit that no decision row answers for: somebody moved `main` by hand."""


class EntryKind(StrEnum):
    RELEASE = "release"
    ROLLBACK = "rollback"
    INIT = "init"


@dataclass(frozen=True)
class Entry:
    """One step of `main`. `evidence` maps directives to the conversations that taught the change; `reverts` what it takes back.

    `despite` is why it was approved although past answers get worse by it.
    """

    release: Revision
    kind: EntryKind
    title: str
    by: str
    at: datetime
    proposal: ProposalId | None = None
    operations: tuple[str, ...] = ()
    evidence: tuple[tuple[str, ConversationId], ...] = ()
    reverts: Revision | None = None
    head: Revision | None = None
    files: tuple[str, ...] = ()
    despite: str = ""


@dataclass(frozen=True)
class Decided:
    """One decision, for a person to read. `entry` is its step of `main`; None where something was declined, which changed nothing.

    `undone` says that a later step took it back.
    """

    id: str
    at: datetime
    by: str
    title: str
    kind: str
    entry: Entry | None = None
    proposal: ProposalId | None = None
    reason: str = ""
    undone: bool = False

    @property
    def conversations(self) -> int:
        return len({talk for _, talk in self.entry.evidence}) if self.entry else 0


@dataclass(frozen=True)
class Shaped:
    """A reply of the model that went by a directive, with what the customer had asked."""

    asked: str
    message: Message


@dataclass(frozen=True)
class Passed:
    """A step that a line went through and that taught nothing: it was moved, marked up anew, or restored."""

    how: How
    entry: Entry


@dataclass(frozen=True)
class Source:
    """Where one line comes from: the release that taught its words, who approved it, and the conversations behind it.

    `text` is the line as it stands, `commit` what git's blame names for it. `was` is the directive that it stood in when it was taught; `passed` what
    happened to it since, newest first; `earlier` what stood in its place before, newest first.
    """

    directive: DirectiveId
    line: int
    text: str
    commit: Revision
    entry: Entry
    conversations: tuple[ConversationId, ...]
    was: DirectiveId
    passed: tuple[Passed, ...] = ()
    earlier: tuple["Source", ...] = ()


@dataclass(frozen=True)
class Taught:
    """What people did in one conversation that taught: each with their name and words. `people` are known also where it is `erased` and no words are left."""

    conversation: ConversationId
    words: tuple[tuple[str, str], ...] = ()
    people: tuple[str, ...] = ()

    @property
    def erased(self) -> bool:
        return not self.words


@dataclass(frozen=True)
class Why:
    """A reply, the turn that made it, the step of `main` it was said under, and the lines it rests on with all that was taught of them.

    `covering` is the directive that it went by; of a reply whose words were erased nothing more is known.
    """

    message: Message
    turn: Turn
    sources: tuple[Source, ...]
    taught: dict[ConversationId, Taught]
    under: Entry | None = None
    covering: Directive | None = None

    @property
    def erased(self) -> bool:
        return self.message.text == ERASED

    @property
    def holding(self) -> bool:
        """Whether it is the line that is sent while a person is called: the policy's, not the model's."""
        return self.message.kind is MessageKind.HOLDING


def log(workspace: Workspace) -> list[Entry]:
    """The decisions that are `main`'s history, newest first."""
    tx = workspace.store.read
    names = {person.id: person.name for person in tx.people.find()}
    decisions = tx.decisions.find(state=DecisionState.DONE)
    deciders = {d.oid: names.get(d.person, OUTSIDE) if d.person else OUTSIDE for d in decisions}
    despite = {d.oid: d.reason for d in decisions if d.kind is DecisionKind.APPROVE and d.reason}
    asked = {d.proposal: d.release for d in decisions if d.kind is DecisionKind.PROPOSE and d.proposal is not None and d.release is not None}
    # An undo that met later changes became live as a proposal; only its row says, with authority, what it takes back.
    back = {d.oid: asked[d.proposal] for d in decisions if d.kind is DecisionKind.APPROVE and d.proposal in asked}
    commits = workspace.directives.log(workspace.directives.head())
    by_id = {commit.id: commit for commit in commits}
    entries: list[Entry] = []
    step: Revision | None = workspace.directives.head()
    while step is not None:
        commit = by_id[step]
        entries.append(replace(_entry(commit, by_id, deciders, back), despite=despite.get(commit.id, "")))
        step = commit.parents[0] if commit.parents else None
    return entries


def _entry(commit: Commit, by_id: dict[Revision, Commit], deciders: dict[Revision, str], back: dict[Revision, Revision]) -> Entry:
    proposed = by_id.get(commit.parents[1]) if len(commit.parents) > 1 else None
    reverts = _reverts(commit, back)
    undone = by_id.get(reverts) if reverts else None
    kind = EntryKind.RELEASE
    if not commit.parents:
        kind = EntryKind.INIT
    elif undone is not None and _reverts(undone, back) is None:
        kind = EntryKind.ROLLBACK
    told = proposed or commit
    return Entry(
        release=commit.id,
        kind=kind,
        title=commit.title,
        by=deciders.get(commit.id, commit.author if kind is EntryKind.INIT else OUTSIDE),
        at=commit.at,
        proposal=next((ProposalId(value) for value in told.trailer("Proposal")), None),
        operations=told.trailer("Operation"),
        evidence=tuple((value.partition(" ")[0], ConversationId(value.partition(" ")[2])) for value in told.trailer("Evidence")),
        reverts=reverts,
        head=proposed.id if proposed else None,
        files=tuple(path for path, _ in commit.files),
    )


def _reverts(commit: Commit, back: dict[Revision, Revision]) -> Revision | None:
    return next((Revision(value) for value in commit.trailer("Reverts")), back.get(commit.id))


def decided(workspace: Workspace, *, after: str | None = None, limit: int | None = None) -> tuple[list[Decided], str | None]:
    """What people decided, newest first: what became live, was taken back or restored, and what was declined, with the reason.

    `after` is the `id` that the page before ended with; the second value is the one this page ends with, None at the end. Raises `NotFound`.
    """
    tx = workspace.store.read
    entries = log(workspace)
    rows = {row.oid: row for row in tx.decisions.find(state=DecisionState.DONE, kind__not=DecisionKind.DECLINE)}
    names = {person.id: person.name for person in tx.people.find()}
    gone = taken_back(entries)
    declined = tx.decisions.find(state=DecisionState.DONE, kind=DecisionKind.DECLINE)
    found: list[Decided] = []
    for one in entries:
        row = rows.get(one.release)
        # By the age of the rows' ids: the clock of a machine may jump.
        while row is not None and declined and declined[-1].id > row.id:
            found.append(_declined(declined.pop(), names))
        found.append(Decided(one.release, one.at, one.by, one.title, _kind(one), one, one.proposal, _reason(row), one.release in gone))
    found += [_declined(row, names) for row in reversed(declined)]
    begin = 0
    if after is not None:
        begin = next((place + 1 for place, one in enumerate(found) if one.id == after), -1)
        if begin < 0:
            raise NotFound("There is no such decision in the history. Begin again at its newest.")
    page = found[begin:] if limit is None else found[begin : begin + limit]
    more = begin + len(page) < len(found)
    return [one if one.entry else replace(one, title=_declined_title(workspace, Revision(one.title))) for one in page], page[-1].id if more else None


def _declined(row: Decision, names: dict[PersonId, str]) -> Decided:
    by = names.get(row.person, OUTSIDE) if row.person else OUTSIDE
    return Decided(row.id, row.at, by, row.oid, "declined", None, row.proposal, row.reason)


def _reason(row: Decision | None) -> str:
    return row.reason if row is not None and row.kind in {DecisionKind.APPROVE, DecisionKind.ROLLBACK, DecisionKind.RESTORE} else ""


def _kind(entry: Entry) -> str:
    if entry.kind is EntryKind.ROLLBACK:
        return "undone"
    if entry.kind is EntryKind.INIT:
        return "begun"
    return "restored" if entry.reverts else "approved"


def _declined_title(workspace: Workspace, head: Revision) -> str:
    try:
        return workspace.directives.commit(head).title
    except NotFound:
        return "A proposal"


def taken_back(entries: Sequence[Entry]) -> dict[Revision, Entry]:
    """Each step that stands taken back, with the step that took it back; one that was restored is not among them."""
    standing: dict[Revision, Entry] = {}
    for entry in reversed(entries):
        if entry.reverts is not None:
            standing[entry.reverts] = entry
            for target, by in list(standing.items()):
                if by.release == entry.reverts:
                    del standing[target]
    return standing


def of_directive(workspace: Workspace, directive: DirectiveId) -> list[Entry]:
    """The steps of `main` that changed this directive, newest first."""
    return [entry for entry in log(workspace) if f"{directive}.md" in entry.files]


def shaped(workspace: Workspace, directive: DirectiveId, *, limit: int) -> list[Shaped]:
    """The newest replies of the model that this directive covered."""
    tx = workspace.store.read
    turns = tx.turns.find(covered_by=directive, order="-id", limit=limit)
    said = {one.turn: one for one in tx.messages.find(id__in=[one.message for one in turns if one.message])}
    found = []
    for turn in turns:
        reply = said.get(turn.id)
        if reply is not None:
            asked = tx.messages.first(conversation=turn.conversation, seq=turn.upto_seq)
            found.append(Shaped(asked.text if asked else "", reply))
    return found


def entry(workspace: Workspace, name: str) -> Entry:
    """The step of `main` with this full id. Raises `NotFound`."""
    found = next((one for one in log(workspace) if one.release == name), None)
    if found is None:
        raise NotFound(f"{name[:10]!r} is not a decision of this workspace. The history lists them.")
    return found


def named(workspace: Workspace, name: str) -> Revision:
    """The release behind what somebody typed: its id, or the proposal that became live by it. Raises `NotFound`."""
    if not re.fullmatch(r"p-\d+", name):
        return workspace.directives.resolve(name)
    found = next((one.release for one in log(workspace) if one.proposal == name), None)
    if found is None:
        raise NotFound(f"{name} never became live, so nothing of it can be taken back. 'voicegit log' names what did.")
    return found


def blame(workspace: Workspace, directive: DirectiveId, *, revision: Revision | None = None) -> list[Source]:
    """For each line of a directive as it is (or was at a revision), where it comes from. Raises `NotFound`."""
    at = revision or workspace.directives.head()
    if f"{directive}.md" not in workspace.directives.entries(at):
        raise NotFound(f"There is no directive {str(directive)[:80]!r} at {at[:10]}. 'voicegit status' lists what is in force.")
    entries = log(workspace)
    brought = {commit: entry for entry in entries for commit in (entry.release, entry.head) if commit is not None}
    told = Tracer(workspace).lines(at, f"{directive}.md")
    return [_source(directive, line, steps, lambda step: brought.get(step.line.commit, entries[-1])) for line, steps in told]


def _source(directive: DirectiveId, line: Line, steps: Sequence[Step], entry: Callable[[Step], Entry]) -> Source:
    """The steps up to the one that wrote these words are theirs; what is left is of the words before."""
    size = wording(steps)
    wrote, left = steps[size - 1], steps[size:]
    was = DirectiveId(wrote.line.path.removesuffix(".md") or directive)
    before = _source(was, left[0].line, left, entry) if left else None
    return Source(
        directive,
        line.number,
        line.text,
        line.commit,
        entry(wrote),
        tuple(talk for name, talk in entry(wrote).evidence if name == was),
        was,
        tuple(Passed(step.how, entry(step)) for step in steps[: size - 1]),
        (replace(before, earlier=()), *before.earlier) if before is not None else (),
    )


def why(workspace: Workspace, message: MessageId) -> Why:
    """The chain behind a reply of the model: its revision, the lines it rests on, the conversations that taught them, who approved."""
    tx = workspace.store.read
    said = tx.messages.get(message)
    if said.author is Author.CUSTOMER:
        raise Invalid("This is what the customer wrote. Only what the model wrote has a why; name its reply.")
    if said.author is not Author.MODEL or said.turn is None:
        raise Invalid("Only what the model wrote has a why. A person's words are their own.")
    turn = tx.turns.get(said.turn)
    covered_by = turn.assessment.covered_by if turn.assessment else None
    covering = workspace.directives.at(turn.revision).get(covered_by) if covered_by and said.kind is not MessageKind.HOLDING else None
    rested = _rested_on(covering, said.text) if covering and said.text != ERASED else set()
    sources = [one for one in blame(workspace, covering.id, revision=turn.revision) if one.line in rested] if covering and rested else []
    talks = {talk for source in sources for one in (source, *source.earlier) for talk in one.conversations}
    under = next((one for one in log(workspace) if one.release == turn.revision), None)
    return Why(said, turn, tuple(sources), taught(workspace, talks), under, covering)


def _rested_on(covering: Directive, text: str) -> set[int]:
    """The lines of a directive that a reply rests on: the example it quotes, else its rules. Nothing else is claimed to have shaped it."""
    quoted = {line for example in covering.examples if _same(example.us, text) for line in _answer_lines(covering, example.line)}
    stated = {rule.line for rule in covering.rules if _same(rule.text, text)}
    return quoted | stated or {rule.line for rule in covering.rules}


def _same(approved: str, sent: str) -> bool:
    """The approved words, with whatever its placeholders were filled with."""
    pattern = "".join(".+?" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", " ".join(approved.split())))
    return re.fullmatch(pattern, " ".join(sent.split())) is not None


def _answer_lines(directive: Directive, first: int) -> Sequence[int]:
    lines = directive.source.split("\n")
    last = first
    while last < len(lines) and lines[last].startswith(">"):
        last += 1
    return [number for number in range(first, last + 1) if lines[number - 1].strip("> ").strip()]


def taught(workspace: Workspace, talks: Collection[ConversationId]) -> dict[ConversationId, Taught]:
    """What people did in these conversations, their own words first. A conversation that was erased has none."""
    tx = workspace.store.read
    names = {person.id: person.name for person in tx.people.find()}
    behind: dict[ConversationId, list[Signal]] = {talk: [] for talk in sorted(talks)}
    for signal in tx.signals.find(conversation__in=list(behind)) if behind else ():
        behind[signal.conversation].append(signal)

    def who(signal: Signal) -> str:
        return names.get(signal.person, "A colleague")

    return {
        talk: Taught(
            talk,
            tuple((who(one), one.text or one.reason or "approved it") for one in signals if not one.erased),
            tuple(dict.fromkeys(map(who, signals))),
        )
        for talk, signals in behind.items()
    }
