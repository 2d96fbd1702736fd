"""The receiving side of `git push`: what somebody pushes to `main` becomes a proposal, after the same checks as everything else.

Git runs this module as two hooks of the bare repository. `pre-receive` sees the pushed objects while they are still in quarantine, so that a
refused push leaves nothing behind; `proc-receive` then moves refs in git's stead. No push ever moves `main`.
"""

import os
import re
import shlex
import sys
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from voicegit.adapters import git_refs
from voicegit.adapters.git_directives import GitDirectives, configure
from voicegit.adapters.git_writer import Writer
from voicegit.domain import checks
from voicegit.domain.ids import ProposalId, Revision
from voicegit.errors import Conflict, Invalid, NotFound, Unavailable, VoicegitError
from voicegit.ports import Branch, Commit, Move, Signature

HOOKS = ("pre-receive", "proc-receive")
LOG = "voicegit-push.log"
MOST_COMMITS = 100
MAX_BODY = 4000
_NONE = "0" * 40
_IDS = re.compile(r"(?:[a-z0-9/-]+ )?[0-9a-f-]{36,40}|p-\d+")
_QUARANTINE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")


@dataclass(frozen=True)
class Known:
    """Names that must not come in: of whoever works here in all their parts, of customers in full."""

    staff: Sequence[str] = ()
    customers: Sequence[str] = ()


NOBODY = Known()


def install_hooks(path: Path) -> None:
    """Makes the repository take pushes to `main` as proposals; again after voicegit or its Python moved. Raises `Unavailable`."""
    configure(path)
    try:
        (path / "hooks").mkdir(exist_ok=True)
        for hook in HOOKS:
            new = path / "hooks" / f".{hook}.new"
            # -P: a file in the repository must not stand in for one of our modules.
            new.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m voicegit.hook {hook}\n", encoding="utf-8")
            new.chmod(0o755)
            new.replace(path / "hooks" / hook)
    except OSError as exc:
        raise Unavailable(f"The hooks of {path.name} could not be written ({exc.strerror}). Check the rights of the folder.") from exc


def check(directives: GitDirectives, updates: Iterable[tuple[str, str, str]], names: Known = NOBODY) -> None:
    """Refuses all that cannot become a proposal: other refs, deletions, what is no commit, trees with findings. Raises `Invalid` or `Conflict`."""
    for _, new, ref in updates:
        if ref != git_refs.MAIN:
            raise Invalid(f"Only main takes a push here, and makes a proposal of it; you pushed {ref}. Run 'git push origin HEAD:main'.")
        if new == _NONE:
            raise Invalid("main cannot be deleted. To take a change back, roll its release back.")
        if directives.resolve(new) != new:
            raise Invalid("What you pushed to main is not a commit. Push a branch instead of a tag.")
        _grown_from(directives, Revision(new))
        directives.at(Revision(new))
        _without_personal_data(directives, Revision(new), names)


def _plain(commit: bytes) -> bool:
    """Whether a commit is UTF-8 and says nothing else of itself: git turns the words of others into something that no check has seen."""
    return is_text(commit) and b"\nencoding " not in commit.partition(b"\n\n")[0]


def is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _without_personal_data(directives: GitDirectives, tip: Revision, names: Known) -> None:
    """Every commit that is pushed, its words and its files: refused while the objects are in quarantine, because what git keeps once it keeps for ever."""
    commits = directives.since(tip)
    if len(commits) > MOST_COMMITS:
        raise Invalid(f"You pushed {len(commits)} commits; at most {MOST_COMMITS} are taken at once. Squash them into one.")
    for commit in commits:
        entries = directives.entries(commit.id)
        changed = {path: entries[path].content for path, _ in commit.files if path in entries}
        unread = [path for path, content in changed.items() if not is_text(content)]
        if unread or not _plain(directives.raw(commit.id)):
            where = unread[0][:80] if unread else "message (or its author's name)"
            raise Invalid(f"The {where} of commit {commit.id[:10]} is not UTF-8, so nobody can check it. Write it again in UTF-8 and push.")
        texts = {path: content.decode() for path, content in changed.items()}
        said = [value for _, value in commit.trailers if not _IDS.fullmatch(value)]
        texts[f"message of {commit.id[:10]}"] = "\n".join([commit.title, commit.body, *said])
        texts[f"file names of {commit.id[:10]}"] = "\n".join(part for path in changed for part in (path, re.sub(r"[/._-]+", " ", path)))
        sure, _ = checks.personal(directives.serving(), texts, names=names.staff, full_names=names.customers)
        if sure:
            raise Invalid("What you pushed holds personal data, which never goes into the repository.", tuple(sure))


def propose(directives: GitDirectives, tip: Revision, *, number: Callable[[], ProposalId] | None = None) -> Branch:
    """Opens a proposal of one commit: the pushed tree, on the commit of `main` it grew from, in the words of its author. What was pushed goes.

    The same push again gives the proposal that is open already. `number` is asked under the lock. Raises `Invalid`, `Conflict`, `Unavailable`.
    """
    with directives.writing() as writer:
        check(directives, [(_NONE, tip, git_refs.MAIN)])
        pushed = [commit.id for commit in directives.since(tip)]
        try:
            return _opened(directives, writer, tip, number or directives.next_proposal)
        finally:
            # They say who committed, with an address.
            writer.drop(*pushed)


def _opened(directives: GitDirectives, writer: Writer, tip: Revision, number: Callable[[], ProposalId]) -> Branch:
    base = _grown_from(directives, tip)
    for open_one in directives.proposals():
        if open_one.base == base and not directives.diff(open_one.head, tip):
            return open_one
    proposal = number()
    told = directives.commit(tip)
    head = writer.adopt(tip, base=base, message=_message(told, proposal), author=Signature(told.author, "push", told.at))
    writer.move(Move(git_refs.open_ref(proposal), None, head))
    return Branch(proposal, head, base)


def _grown_from(directives: GitDirectives, tip: Revision) -> Revision:
    base = directives.base(tip)
    if base is None:
        raise Conflict("What you pushed does not grow from main: the two share no commit. Clone again and make your change there.")
    if not directives.diff(base, tip):
        raise Conflict("What you pushed holds nothing that main does not hold already. Commit a change first.")
    return base


def _message(told: Commit, proposal: ProposalId) -> str:
    """The author's words, then our trailers. What their words end with are no trailers any more: who approved is never for them to say."""
    return "\n\n".join(part for part in (told.title or "Changes by hand", told.body[:MAX_BODY], f"Proposal: {proposal}\n") if part)


# ---- the hooks


def pre_receive(path: Path, given: Iterable[bytes], environment: Mapping[str, str], names: Known = NOBODY) -> None:
    """Git's `pre-receive`: a line per ref. Raises what the pusher must read."""
    updates = [(parts[0], parts[1], parts[2]) for line in given if len(parts := line.decode("utf-8", "backslashreplace").split(maxsplit=2)) == 3]
    quarantine = {name: environment[name] for name in _QUARANTINE if name in environment}
    check(GitDirectives(path, quarantine=quarantine), [(old, new, ref.strip()) for old, new, ref in updates], names)


def proc_receive(path: Path, given: BinaryIO, answers: BinaryIO, say: Callable[[str], None]) -> None:
    """Git's `proc-receive` (see githooks(5)): packets with commands come in, a verdict on each goes out."""
    list(_packets(given))
    _send(answers, "version=1", None)
    for command in list(_packets(given)):
        _, new, ref = command.split(" ", 2)
        try:
            opened = propose(GitDirectives(path), Revision(new))
        except VoicegitError as error:
            say(told(error))
            _send(answers, f"ng {ref} {' '.join(error.message.split())[:300]}")
        else:
            say(f"Thank you: this is proposal {opened.proposal}, on main at {opened.base[:10]}.\nNothing is live yet. A person reviews and approves it.")
            # The pusher's own commit: theirs is the only one that their clone has, and it would complain of any other until it fetches.
            lines = [f"ok {ref}", f"option refname {git_refs.open_ref(opened.proposal)}", f"option old-oid {_NONE}", f"option new-oid {new}"]
            _send(answers, *lines)
    _send(answers, None)


def told(error: VoicegitError) -> str:
    """The error as the pusher reads it: every finding on a line of its own."""
    findings = error.findings if isinstance(error, Invalid) else ()
    return "\n".join(["This push was refused; nothing was changed.", *map(str, findings)] + ([] if findings else [error.message]))


def _packets(given: BinaryIO) -> Iterator[str]:
    """The packets up to the next flush (see gitprotocol-common(5): four hex digits of length, themselves included)."""
    while length := int(given.read(4) or b"0", 16):
        yield given.read(length - 4).decode("utf-8", "backslashreplace").removesuffix("\n")


def _send(answers: BinaryIO, *lines: str | None) -> None:
    for line in lines:
        data = b"" if line is None else f"{line}\n".encode()
        answers.write(b"0000" if line is None else b"%04x" % (len(data) + 4) + data)
    answers.flush()


def main(arguments: Sequence[str], names: Callable[[Path], Known] = lambda path: NOBODY) -> int:
    """The exit status for git. `names` says who must not be named, from where the workspace keeps them.

    What is a bug of ours goes to a log beside the refs; the pusher gets its number.
    """
    path = Path(os.environ.get("GIT_DIR", ".")).resolve()
    try:
        if arguments == ["pre-receive"]:
            pre_receive(path, sys.stdin.buffer, os.environ, names(path))
        elif arguments == ["proc-receive"]:
            proc_receive(path, sys.stdin.buffer, sys.stdout.buffer, _say)
        else:
            raise NotFound(f"There is no such hook. voicegit has {' and '.join(HOOKS)}.")
    except VoicegitError as error:
        _say(told(error))
        return 1
    except Exception as error:  # noqa: BLE001 — the entrypoint
        incident = uuid.uuid4().hex[:12]
        with (path / LOG).open("a", encoding="utf-8") as log:
            # Kinds and places, no message: it could hold somebody's words.
            log.write(f"{incident} {type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}\n")
        _say(f"Something went wrong here; main was not changed. Tell whoever runs voicegit the number {incident}: {LOG} has the rest.")
        return 3
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
