"""A proposal decided change by change: choices are kept while one reads, and an approval makes exactly the chosen part live, or nothing."""

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from voicegit.domain import checks, directive, policy, proposal
from voicegit.domain.conversation import clean
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.judgement import Choice, Judgement, digest
from voicegit.domain.people import Person, Role
from voicegit.domain.replayed import Replayed
from voicegit.domain.tree import Entry
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Branch, Commit, GitWriter, Signature, Transaction, Workspace
from voicegit.services import change, personal, replay, replay_report, replaying, review
from voicegit.services.review import Shown, Text

Files = Mapping[str, tuple[Entry | None, Entry | None]]
"""What a proposal changes: each path, before and after."""


def judge(workspace: Workspace, name: ProposalId, path: str, *, choice: Choice, by: Person, head: Revision, reason: str = "", text: str = "") -> Judgement:
    """Keeps one person's choice on one change, in place of an earlier one. Nothing becomes live by it, and nobody but this person goes by it.

    Raises `Conflict` when the proposal is not at `head` any more; `Invalid` for a decline without words, and with findings for a text that could not be served.
    """
    by.must_review()
    with workspace.directives.writing():
        branch = review.looked_at(workspace, name, head=head, base=None)
        files = change.changed(workspace, branch.base, branch.head)
        if path not in files:
            raise NotFound(f"{name} does not change {path[:80]!r}. Open it again, and choose there.")
        made = Judgement(workspace.clock.new_id(), name, branch.head, by.id, path, choice, workspace.clock.now())
        if choice is Choice.DECLINE:
            made = replace(made, reason=review.said_why(reason))
        elif choice is Choice.EDIT:
            made = _edited(workspace, branch, made, text, files[path])
        workspace.store.write(lambda tx: _keep(tx, made))
    return made


def _keep(tx: Transaction, made: Judgement) -> None:
    old = tx.judgements.first(proposal=made.proposal, head=made.head, person=made.person, path=made.path)
    if old is None:
        tx.judgements.add(made)
    else:
        tx.judgements.replace(old, replace(made, id=old.id))


def _keep_all(tx: Transaction, choices: Mapping[str, Judgement]) -> None:
    for one in choices.values():
        _keep(tx, one)


def _edited(workspace: Workspace, branch: Branch, made: Judgement, text: str, entries: tuple[Entry | None, Entry | None]) -> Judgement:
    """The person's own text in place of the proposed one; an accept where they are the same."""
    kept = clean(text) + "\n"
    content = kept.encode()
    before, after = entries
    if after is not None and content == after.content:
        return replace(made, choice=Choice.ACCEPT)
    if before is not None and content == before.content:
        raise Invalid("This is what is live already. To keep it so, decline the change and say why.")
    findings = policy.read(content)[1] if made.path == policy.PATH else directive.read(made.path, content)[1]
    if findings:
        raise Invalid("Your text cannot be served like this; it is kept below.", findings)
    personal.refuse(workspace, branch.base, {made.path: kept})
    return replace(made, text=kept)


def standing(workspace: Workspace, name: ProposalId, *, head: Revision, base: Revision, by: Person) -> dict[str, Judgement]:
    """A person's choices by path. One that was made on an earlier state of the proposal stands where the change itself is the same."""
    rows = workspace.store.read.judgements.find(proposal=name, person=by.id, order="at")
    files = change.changed(workspace, base, head)
    found = {one.path: one for one in rows if one.head == head and one.path in files}
    for old in dict.fromkeys(one.head for one in rows if one.head != head):
        try:
            entries = workspace.directives.entries(old)
        except (NotFound, Invalid):
            continue
        for one in rows:
            if one.head == old and one.path in files and one.path not in found and entries.get(one.path) == files[one.path][1]:
                found[one.path] = replace(one, head=head, id=workspace.clock.new_id())
    return {path: found[path] for path in files if path in found}


def seen_before(workspace: Workspace, name: ProposalId, *, head: Revision, by: Person) -> Revision | None:
    """The state on which this person chose last, when the proposal moved on from it."""
    last = workspace.store.read.judgements.first(proposal=name, person=by.id, order="-at")
    return last.head if last is not None and last.head != head else None


# ---- approving


@dataclass(frozen=True)
class Part:
    """What would go live of a proposal at `head`, on top of `base`, which is live now.

    `live` shows it as it would be, against what is live now; None when every change is declined.
    """

    name: ProposalId
    title: str
    head: Revision
    base: Revision
    choices: Mapping[str, Judgement]
    live: Shown | None = None
    worse: tuple[Replayed, ...] = ()
    """Past answers that it would make worse, for which a reason is wanted."""

    @property
    def digest(self) -> str:
        return digest(self.choices)

    def chose(self, *choices: Choice) -> list[Judgement]:
        return [one for one in self.choices.values() if one.choice in choices]


def part(workspace: Workspace, name: ProposalId, *, by: Person) -> Part:
    """What an approval by this person would make live, written and not live. Raises `Conflict` while changes are undecided, and where it fits no more."""
    by.must_review()
    with _looking(workspace, name, by=by, head=None, base=None) as (git, branch, choices):
        main = workspace.directives.head()
        found = Part(name, workspace.directives.commit(branch.head).title, branch.head, main, choices)
        if not found.chose(Choice.ACCEPT, Choice.EDIT):
            return found
        text = _text(workspace, git, branch, choices, by=by)
        release = review.merged(workspace, git, branch, text, by=by)
        looked = review.proposed(workspace, branch, text)
        difference = workspace.directives.diff(main, release)
        live = Shown(name, release, main, main, text.commit, checks.run(looked), checks.labels(looked), difference)
    replaying.catch_up(workspace, replay.of_text(workspace, name, text.head, main))
    tried = replay_report.of_text(replay.known(workspace, text.head, main), whole=text.head == found.head)
    return replace(found, live=replace(live, checks=(*live.checks, tried)), worse=review.worse(workspace, text.head, main))


def approve(workspace: Workspace, name: ProposalId, *, by: Person, head: Revision, base: Revision, chosen: str, despite: str = "") -> Revision | None:
    """Makes the accepted and edited changes live in one release and closes the proposal; None when every change was declined, and it is only closed.

    `head`, `base` and `chosen` (the `digest` of the choices) are what was on the page. Raises `Conflict` when any of them moved: then nothing happened.
    `despite` as for `review.approve`; raises `review.Worse` where it is missing.
    """
    by.must_review()
    with _looking(workspace, name, by=by, head=head, base=base) as (git, branch, choices):
        _unchanged(choices, chosen)
        workspace.store.write(lambda tx: _keep_all(tx, choices))
        if all(one.choice is Choice.DECLINE for one in choices.values()):
            review.close(workspace, git, branch, _reasons(choices), by=by)
            return None
        text = _text(workspace, git, branch, choices, by=by)
    replaying.catch_up(workspace, replay.of_text(workspace, name, text.head, base))
    with _looking(workspace, name, by=by, head=head, base=base) as (git, branch, choices):
        _unchanged(choices, chosen)
        return review.release(workspace, git, branch, text, by=by, despite=despite)


def _unchanged(choices: Mapping[str, Judgement], chosen: str) -> None:
    if digest(choices) != chosen:
        raise Conflict("Your choices changed since this page was drawn, perhaps in another window. Nothing became live; look at them again.")


@contextmanager
def _looking(
    workspace: Workspace, name: ProposalId, *, by: Person, head: Revision | None, base: Revision | None
) -> Iterator[tuple[GitWriter, Branch, dict[str, Judgement]]]:
    """The proposal under the lock, with this person's choices on all of it."""
    with workspace.directives.writing() as git:
        branch = review.looked_at(workspace, name, head=head, base=base)
        choices = standing(workspace, name, head=branch.head, base=branch.base, by=by)
        left = [path for path in change.changed(workspace, branch.base, branch.head) if path not in choices]
        if left:
            raise Conflict(f"{len(left)} of the changes still {'waits' if len(left) == 1 else 'wait'} for your choice: {', '.join(left)}.")
        yield git, branch, choices


def _text(workspace: Workspace, git: GitWriter, branch: Branch, choices: Mapping[str, Judgement], *, by: Person) -> Text:
    """The proposal's own commit when all of it is accepted as it is; else one commit of the part, by the person who chose it, at the time of the last choice:
    the same choices are the same commit, so that what was tried is known again.
    """
    whole = review.own_text(workspace, branch)
    if all(one.choice is Choice.ACCEPT for one in choices.values()):
        return whole
    entries = workspace.directives.entries(branch.head)
    files = {path: _content(one, entries.get(path)) for path, one in choices.items() if one.choice is not Choice.DECLINE}
    edited = {path for path, one in choices.items() if one.choice is Choice.EDIT}
    personal.refuse(workspace, branch.base, {path: choices[path].text or "" for path in edited})
    words = _message(whole.commit, {path.removesuffix(".md") for path, one in choices.items() if one.choice is Choice.DECLINE})
    commit = git.commit(branch.base, files, message=words, author=Signature(by.name, by.id, max(one.at for one in choices.values())))
    own = whole.owners_own or (by.role is Role.OWNER and edited == set(files))
    return Text(commit, workspace.directives.commit(commit), own)


def _content(one: Judgement, proposed: Entry | None) -> bytes | None:
    if one.choice is Choice.EDIT:
        return (one.text or "").encode()
    return None if proposed is None else proposed.content


def _message(whole: Commit, declined: set[str]) -> str:
    """The proposal's own words and trailers, without those on what was declined."""
    kept: list[str] = []
    telling = True
    for line in textwrap.dedent(whole.body).split("\n"):
        about = line.partition(": ")[0].split(" ")[1:]
        if len(about) == 1 and f"{line.partition(': ')[0]}" in whole.trailer("Operation"):
            telling = about[0] not in declined
        kept += [line] if telling else []
    trailers = [(key, value) for key, value in whole.trailers if not _of(key, value, declined)]
    return proposal.message(whole.title, ["\n".join(kept)] if "".join(kept).strip() else [], trailers)


def _of(key: str, value: str, declined: set[str]) -> bool:
    """Whether a trailer is about one of these directives: `Operation: refine facts/hours`, `Evidence: facts/hours <conversation>`."""
    words = value.split(" ")
    return (key == "Operation" and words[-1] in declined) or (key == "Evidence" and words[0] in declined)


def _reasons(choices: Mapping[str, Judgement]) -> str:
    """Each reason once; with what it is about where there are several."""
    told = {one.reason for one in choices.values()}
    if len(told) == 1:
        return told.pop()
    return "\n".join(f"{path.removesuffix('.md')}: {one.reason}" for path, one in choices.items())
