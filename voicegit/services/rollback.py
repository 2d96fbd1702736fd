"""Takes one release back and keeps what came later; brings it back by taking the rollback back. History only grows."""

from voicegit.domain import proposal, tree
from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import DecisionId, ProposalId, Revision
from voicegit.domain.people import Person, Role
from voicegit.errors import Conflict, Forbidden, Invalid
from voicegit.ports import GitWriter, Move, Signature, Workspace
from voicegit.services import history, personal, unteach
from voicegit.services.history import Entry, EntryKind
from voicegit.services.intent import carry_out


class Clash(Conflict):
    """What is to be taken back was changed again later. `proposal` holds the question for a person."""

    def __init__(self, message: str, proposal: ProposalId) -> None:
        super().__init__(message)
        self.proposal = proposal


def rollback(workspace: Workspace, release: Revision, *, by: Person, reason: str = "") -> Revision:
    """Takes a release back. Raises `Clash` when later changes touch the same lines: then a proposal asks a person."""
    by.must_review()
    entry = history.entry(workspace, release)
    if entry.kind is EntryKind.INIT:
        raise Invalid("The first commit is what the workspace began with; it cannot be taken back. Change directives one by one instead.")
    if entry.kind is EntryKind.ROLLBACK:
        raise Invalid(f"{release[:10]} is a rollback itself. To bring back what it took: 'voicegit restore {release[:10]}'.")
    if history.taken_back(history.log(workspace)).get(release) is not None:
        raise Conflict(f"“{entry.title}” was taken back already.")
    return _revert(workspace, entry, by=by, reason=reason, kind=DecisionKind.ROLLBACK)


def restore(workspace: Workspace, name: Revision, *, by: Person) -> Revision:
    """Brings back what a rollback took; `name` is the rollback or the release that it took back."""
    by.must_review()
    entry = history.entry(workspace, name)
    undone = entry if entry.kind is EntryKind.ROLLBACK else history.taken_back(history.log(workspace)).get(entry.release)
    if undone is None:
        raise Conflict(f"“{entry.title}” was not taken back; it is live.")
    if history.taken_back(history.log(workspace)).get(undone.release) is not None:
        raise Conflict(f"“{entry.title}” was restored already.")
    return _revert(workspace, undone, by=by, reason="", kind=DecisionKind.RESTORE)


def _revert(workspace: Workspace, entry: Entry, *, by: Person, reason: str, kind: DecisionKind) -> Revision:
    words = (
        proposal.taken_back(entry.title, release=entry.release, by=by.id, reason=reason)
        if kind is DecisionKind.ROLLBACK
        else proposal.restored(entry.title, rollback=entry.release, by=by.id)
    )
    signed = Signature(by.name, by.id, workspace.clock.now())
    personal.refuse(workspace, workspace.directives.head(), {"reason": reason})
    with workspace.directives.writing() as git:
        main = workspace.directives.head()
        commit, made = git.revert(entry.release, message=words, author=signed), None
        if commit is None or not _servable(workspace, commit):
            # Lines beside each other clash for git; for people only other words in the place of the same line do.
            made, commit = unteach.plan(workspace, entry, main), None
            if made.certain and made.undone and not made.questions:
                commit = git.commit(main, made.undone, message=words, author=signed)
        if commit is not None and _servable(workspace, commit):
            _not_protected(workspace, main, commit, by)
            id = DecisionId(workspace.clock.new_id())
            decision = Decision(id, kind, by.id, signed.at, proposal.MAIN, commit, main, base=main, release=entry.release, reason=reason)
            carry_out(workspace, git, decision, Move(proposal.MAIN, main, commit))
            return commit
        made = made or unteach.plan(workspace, entry, main)
        asks = made.certain and bool(made.questions) and bool(made.undone) and kind is DecisionKind.ROLLBACK
        # Nobody is asked about a refinement otherwise: it stays.
        files = dict(made.undone if asks or not made.kept else made.kept)
        if not files:
            raise Conflict(_nothing(workspace, entry, made))
        asked = _asked(workspace, entry)
        again = asked is not None
        asked = asked or _ask(workspace, git, entry, files=files, signed=signed, reason=reason)
    raise Clash(_told(workspace, entry, asked, again=again), asked)


def _asked(workspace: Workspace, entry: Entry) -> ProposalId | None:
    """The open proposal that takes this back already."""
    still = {branch.proposal for branch in workspace.directives.proposals()}
    rows = workspace.store.read.decisions.find(kind=DecisionKind.PROPOSE, state=DecisionState.DONE, release=entry.release)
    return next((row.proposal for row in rows if row.proposal in still), None)


def _told(workspace: Workspace, entry: Entry, asked: ProposalId, *, again: bool) -> str:
    branch = next(one for one in workspace.directives.proposals() if one.proposal == asked)
    question = unteach.question(workspace, branch)
    first = f"{asked} is open and asks this already; decline it to have it made anew.\n" if again else ""
    if question is not None:
        return first + "\n".join([*question.in_words(), question.stands(asked), f"Then approve it: 'voicegit approve {asked}'."])
    return first + (
        f"“{entry.title}” was changed again later, so it cannot simply be taken back. {asked} proposes how it would read: "
        f"look at it with 'voicegit diff {asked}', then approve, amend or decline it."
    )


def _not_protected(workspace: Workspace, main: Revision, after: Revision, by: Person) -> None:
    """Raises `Forbidden` where anybody but an owner would change a protected directive by taking something back."""
    now, then = workspace.directives.at(main), workspace.directives.entries(after)
    moved = [d.path for d in now.directives if d.protected and (d.path not in then or then[d.path].content != d.source.encode())]
    if moved and by.role is not Role.OWNER:
        raise Forbidden(f"{moved[0]} is protected: only an owner may take back what changed it.")


def _servable(workspace: Workspace, commit: Revision) -> bool:
    try:
        tree.checked(commit, workspace.directives.entries(commit))
    except Invalid:
        return False
    return True


def _nothing(workspace: Workspace, entry: Entry, made: unteach.Plan) -> str:
    """Why there is nothing to take back."""
    if made.taken:
        return f"“{entry.title}” stays: {made.taken[0]} is there again, so nothing else can get this name back. Rename that one first."
    steps = history.log(workspace)
    since = steps[: next(place for place, one in enumerate(steps) if one.release == entry.release)]
    last = next((one.title for one in since if set(one.files) & set(entry.files)), None)
    return f"Nothing of “{entry.title}” is left to take back: {f'“{last}”' if last else 'later decisions'} changed, moved or took out what it was about."


def _ask(workspace: Workspace, git: GitWriter, entry: Entry, *, files: dict[str, bytes | None], signed: Signature, reason: str) -> ProposalId:
    """A proposal with these files. Its row names what it takes back: once approved, that stands taken back for this reason, as after any undo."""
    main = workspace.directives.head()
    name = workspace.directives.next_proposal()
    prose = "Later changes touch the same lines. This is what is live now, without what that release brought. Keep the later wording where you want it."
    trailers = [("Proposal", str(name)), *(("Operation", f"revise {path.removesuffix('.md')}") for path in sorted(files)), ("Reverts", entry.release)]
    commit = git.commit(main, files, message=proposal.message(f"Undo: {entry.title}", [prose], trailers), author=signed)
    id = DecisionId(workspace.clock.new_id())
    ref = proposal.branch(name)
    by = workspace.store.read.people.first(id=signed.id)
    person = by.id if by else None
    decision = Decision(id, DecisionKind.PROPOSE, person, signed.at, ref, commit, None, proposal=name, base=main, release=entry.release, reason=reason)
    carry_out(workspace, git, decision, Move(ref, None, commit))
    return name
