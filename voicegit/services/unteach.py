"""What a release would leave behind if it were taken back, line by line, where git's merge finds no answer: what came later stays, and where other words
took the place of what it taught, a person is asked which shall stand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from voicegit.domain import lines
from voicegit.domain.decision import DecisionKind, DecisionState
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.lines import Row, Swap
from voicegit.domain.people import Person
from voicegit.domain.tree import Entry as File
from voicegit.errors import Conflict
from voicegit.ports import Branch, Workspace
from voicegit.services import history, review
from voicegit.services.history import Entry
from voicegit.services.trace import Tracer, wording

KEPT = "The later wording is kept."
_OWN = re.compile(r"\s*(confidence:|---\s*$|>?\s*$)")
"""Lines that every lesson touches and that are nobody's words: how sure we are, and the frame."""


@dataclass(frozen=True)
class Refined:
    """What a release taught in one line, and what stands there now; `before` stood there until the release, None where it came new."""

    path: str
    taught: str
    now: str
    before: str | None = None


@dataclass(frozen=True)
class Plan:
    """The files after the release is taken back: `kept` with the later wording, `undone` without it. Only those that change; None deletes."""

    kept: Mapping[str, bytes | None]
    undone: Mapping[str, bytes | None]
    questions: tuple[Refined, ...]
    certain: bool
    """Whether every file of the release could be told line by line, so that without questions nothing is left to ask."""


@dataclass(frozen=True)
class Question:
    """A proposal that takes a release back and asks about what was refined since. `keeps` is how it reads at the moment."""

    title: str
    refined: tuple[Refined, ...]
    keeps: bool

    def in_words(self) -> list[str]:
        told = [f"You later refined what “{self.title}” taught: keep the refinement?"]
        for one in self.refined:
            told += [f"  it taught: {one.taught.strip()}", f"  it reads now: {one.now.strip()}"]
            told += [f"  before it stood: {one.before.strip()}"] if one.before else []
        return told


def plan(workspace: Workspace, entry: Entry, now: Revision) -> Plan:
    """What taking a release back from a revision comes to."""
    taken = workspace.directives.commit(entry.release)
    before, after, live = (workspace.directives.entries(revision) for revision in (taken.parents[0], entry.release, now))
    swaps = lines.swaps(workspace.directives.diff(taken.parents[0], entry.release))
    tracer = Tracer(workspace)
    kept: dict[str, bytes | None] = {}
    undone: dict[str, bytes | None] = {}
    questions: list[Refined] = []
    certain = True
    for path, _ in taken.files:
        if path not in after or path not in live:
            # Of a file that went since nothing is left to take back; one that the release took away has no lines to tell.
            certain = certain and path in after
            continue
        rows = _rows(tracer, now, path, entry, [swap for swap in swaps if swap.path == path], fresh=path not in before)
        questions += [Refined(path, taught, row.text, row.instead) for row, taught in rows if row.refined]
        gone = _gone(before.get(path), [swap for swap in swaps if swap.path == path])
        for keep, files in ((True, kept), (False, undone)):
            content = _content(lines.untaught([row for row, _ in rows], gone, keep=keep), fresh=path not in before)
            if content != live[path].content:
                files[path] = content
    return Plan(kept, undone, tuple(questions), certain)


def _rows(tracer: Tracer, now: Revision, path: str, entry: Entry, swaps: list[Swap], *, fresh: bool) -> list[tuple[Row, str]]:
    """Each line with what the release has to do with it, and the words that the release taught there."""
    own = {entry.release, entry.head}
    found: list[tuple[Row, str]] = []
    head = 0
    for line, steps in tracer.lines(now, path):
        head += line.text == "---"
        size = wording(steps)
        mine = next((place for place, step in enumerate(steps) if step.line.commit in own), None)
        framed = (fresh and head < 2) or re.match(r"\s*confidence:", line.text) or line.text == "---" or not line.text.strip()
        if mine is None or framed:
            found.append((Row(line.text), ""))
            continue
        taught = steps[mine].line.text
        instead = next((old for swap in swaps if (old := swap.before(taught)) is not None and not _OWN.match(old)), None)
        if mine < size:
            found.append((Row(line.text, brought=True, instead=instead), taught))
        else:
            found.append((Row(line.text, refined=not _OWN.match(line.text), instead=instead), taught))
    return found


def _gone(before: File | None, swaps: list[Swap]) -> list[tuple[str | None, str]]:
    """The lines that the release took without putting others in their place, each with the line before it."""
    old = before.content.decode("utf-8", "replace").split("\n") if before is not None else []
    replaced = {swap.before(line) for swap in swaps for line in swap.new}
    return [
        (old[old.index(line) - 1] if old.index(line) else None, line)
        for swap in swaps
        for line in swap.old
        if line in old and line not in replaced and not _OWN.match(line)
    ]


def _content(text: str, *, fresh: bool) -> bytes | None:
    """A directive that the release made goes when nothing is left in it but its head."""
    body = f"{text}\n".split("\n---\n", 1)[-1]
    if fresh and not re.search(r"^\s*([-*+>]|\d+[.)])\s*\S", body, re.MULTILINE):
        return None
    return (text.rstrip("\n") + "\n").encode()


# ---- asking, and the answer


def question(workspace: Workspace, branch: Branch) -> Question | None:
    """What a proposal that takes something back asks; None for any other proposal."""
    found = _found(workspace, branch)
    if found is None or not found[1].questions:
        return None
    entry, made = found
    live, files = workspace.directives.entries(branch.base), workspace.directives.entries(branch.head)
    reads = {one.path: _read(files, one.path) for one in made.questions}
    keeps = all(reads[path] == made.kept.get(path, _read(live, path)) for path in reads)
    return Question(entry.title, made.questions, keeps)


def answer(workspace: Workspace, name: ProposalId, *, keep: bool, by: Person) -> Revision | None:
    """Makes the proposal read as answered; nothing is live by it. None when keeping the later wording leaves nothing to take back: then it is closed.

    Raises `Conflict` for a proposal that asks nothing.
    """
    by.must_review()
    shown = review.show(workspace, name)
    found = _found(workspace, Branch(name, shown.head, shown.base))
    if found is None or not found[1].questions:
        raise Conflict(f"{name} asks nothing: it takes nothing back that was refined later. Read it with 'voicegit diff {name}'.")
    made = found[1]
    wanted = made.kept if keep else made.undone
    if not wanted:
        review.decline(workspace, name, reason=KEPT, by=by, head=shown.head)
        return None
    live = workspace.directives.entries(shown.base)
    files = {path: wanted[path] if path in wanted else _read(live, path) for path in {*made.kept, *made.undone}}
    return review.amend(workspace, name, files, by=by, head=shown.head)


def _found(workspace: Workspace, branch: Branch) -> tuple[Entry, Plan] | None:
    tx = workspace.store.read
    row = tx.decisions.first(proposal=branch.proposal, kind=DecisionKind.PROPOSE, state=DecisionState.DONE)
    if row is None or row.release is None:
        return None
    entry = history.entry(workspace, row.release)
    if entry.reverts is not None:
        return None
    made = plan(workspace, entry, branch.base)
    return (entry, made) if made.certain and made.undone else None


def _read(files: Mapping[str, File], path: str) -> bytes | None:
    return files[path].content if path in files else None
