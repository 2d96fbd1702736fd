"""What a release would leave behind if it were taken back, part by part, where git's merge finds no answer: what came later stays, and where other words
took the place of what it taught, a person is asked which shall stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from voicegit.domain import lines
from voicegit.domain.decision import DecisionKind, DecisionState
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.people import Person
from voicegit.domain.tree import Entry as File
from voicegit.domain.untaught import Change, Row, is_frame, refinements, untaught
from voicegit.errors import Conflict
from voicegit.ports import Branch, Workspace
from voicegit.services import history, review
from voicegit.services.history import Entry
from voicegit.services.trace import Tracer, wording

KEPT = "The later wording is kept."


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
    """Whether without questions nothing is left to ask: False where a file that the release took away is there again."""
    taken: tuple[str, ...] = ()
    """Names that a file cannot get back, because another has them by now."""


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

    def stands(self, name: ProposalId) -> str:
        """Which answer the proposal has now, and how to give the other."""
        if self.keeps:
            return f"As it is now, {name} keeps the refinement. To take it out too: 'voicegit answer {name} --undo'."
        return f"As it is now, {name} takes the refinement out too. To keep it: 'voicegit answer {name} --keep'."


def plan(workspace: Workspace, entry: Entry, now: Revision) -> Plan:
    """What taking a release back from a revision comes to. A file that got another name since is found under it."""
    git, tracer = workspace.directives, Tracer(workspace)
    taken = git.commit(entry.release)
    before, after, live = (git.entries(revision) for revision in (taken.parents[0], entry.release, now))
    patch = git.patches([entry.release])[entry.release]
    swaps, renamed, names = lines.swaps(patch), lines.renames(patch), tracer.names(entry.release, now)
    kept: dict[str, bytes | None] = {}
    undone: dict[str, bytes | None] = {}
    questions: list[Refined] = []
    certain = True
    occupied = tuple(old for path, old in renamed.items() if names.get(path, path) == path and path in live and old in live)
    for path in sorted({path for path, _ in taken.files} - set(renamed.values())):
        old, at = renamed.get(path, path), names.get(path, path)
        if at not in live:
            if path not in after:
                kept[path] = undone[path] = before[path].content
            continue
        certain = certain and path in after  # a file that the release took away and that is there again is another one, or the same: a person knows
        texts = tuple(before[old].content.decode("utf-8", "replace").split("\n")) if old in before else ()
        change = Change(texts, tuple(swap for swap in swaps if swap.path == path), fresh=old not in before)
        rows = _rows(tracer, now, at, entry, change)
        back = old if at == path and old not in live else at
        questions += [Refined(back, row.taught, row.text, row.instead) for row in refinements(rows, change)]
        for keep, files in ((True, kept), (False, undone)):
            files.update(_moved(at, back, live[at].content, untaught(rows, change, keep=keep)))
    return Plan(kept, undone, tuple(questions), certain, occupied)


def _rows(tracer: Tracer, now: Revision, path: str, entry: Entry, change: Change) -> list[Row]:
    """Each line with what the release has to do with it."""
    own = {entry.release, entry.head}
    found: list[Row] = []
    for line, steps in tracer.lines(now, path):
        mine = next((place for place, step in enumerate(steps) if step.line.commit in own), None)
        if mine is None or is_frame(line.text):
            found.append(Row(line.text))
            continue
        taught, brought = steps[mine].line.text, mine < wording(steps)
        found.append(Row(line.text, brought, not brought, taught, change.instead(taught)))
    return found


def _moved(at: str, back: str, content: bytes, text: str | None) -> dict[str, bytes | None]:
    """The files that change when a file reads otherwise, and gets its old name back."""
    same = text is not None and text.rstrip("\n") == content.decode("utf-8", "replace").rstrip("\n")
    wanted = content if same else None if text is None else text.encode()
    if at == back:
        return {} if same else {at: wanted}
    return {at: None} if wanted is None else {at: None, back: wanted}


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
