"""The directives repository as services see it: what is in force, what was, what is proposed, and the one way to change it."""

import shutil
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from voicegit.adapters import git_lock, git_log, git_refs, git_tree
from voicegit.adapters.git_commands import Commands, full_id, missing
from voicegit.adapters.git_writer import Writer
from voicegit.domain import tree
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.tree import Entry, Parsed
from voicegit.errors import Conflict, Finding, Invalid, NotFound, Unavailable
from voicegit.ports import Branch, Commit, Line, Move, Signature

MAX_NAME = 200
MOST_STEPS_BACK = 200
"""How far from `main` a good revision is looked for."""

KEPT_SETS = 16
KEPT_TREES = 8
"""Trees that are remembered as they are: a review page asks several times for each of the two that it compares."""

KEPT_BLOBS = 4000
DAMAGE_LOOKED_AT_AGAIN = 30.0

RECEIVING = {
    "core.hooksPath": "hooks",
    # Every ref goes to the hook that `git_push` installs. Where it is missing, git refuses: a repository without hooks takes no push at all.
    "receive.procReceiveRefs": "refs",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.fsckObjects": "true",
    "receive.maxInputSize": "16m",
    # Loose objects can go one by one: a pushed commit does not stay.
    "receive.unpackLimit": "1000000",
    "receive.autogc": "false",
    "transfer.hideRefs": "refs/voicegit",
    "gc.auto": "0",
}
"""How the repository meets `git push` and `git fetch`, in its own configuration: that of the person who pushes must not decide."""


@dataclass(frozen=True)
class _Served:
    """What is served while `main` is at `head`, why it is not `head` itself, and until when that is so (damage may be mended without a new commit)."""

    head: Revision
    known: DirectiveSet
    trouble: tuple[Finding, ...] = ()
    until: float = float("inf")

    def current(self, head: Revision) -> bool:
        return self.head == head and time.monotonic() <= self.until


def create(path: Path, files: Mapping[str, bytes], *, message: str, author: Signature) -> Revision:
    """A bare repository whose `main` is one commit with these files. It appears whole or not at all. Raises `Conflict` when something is there."""
    path = path.absolute()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Conflict(f"{path.name} is there already and was left as it is. Choose another folder, or use the repository in it.")
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Commands(path.parent).must("init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", str(new))
        configure(new)
        with GitDirectives(new).writing() as writer:
            root = writer.commit(None, dict(files), message=message, author=author)
            writer.move(Move(git_refs.MAIN, None, root))
        new.rename(path)
        return root
    except OSError as exc:
        raise Unavailable(f"{path.name} could not be made ({exc.strerror}). Check the rights and the free space of the disk.") from exc
    finally:
        shutil.rmtree(new, ignore_errors=True)


def configure(path: Path) -> None:
    """Writes `RECEIVING` into the repository's configuration; doing it again changes nothing."""
    for key, value in RECEIVING.items():
        Commands(path.absolute()).must("config", "--replace-all", key, value)


class GitDirectives:
    """Fulfils `Directives` on the bare repository at `path`. Safe to share between threads; opens nothing until it is asked."""

    def __init__(self, path: Path, *, quarantine: Mapping[str, str] | None = None) -> None:
        self.path = path.absolute()
        self._commands = Commands(self.path, quarantine=quarantine or {})
        self._loading = threading.Lock()
        self._served: _Served | None = None
        self._sets: dict[Revision, DirectiveSet] = {}
        self._trees: dict[Revision, dict[str, Entry]] = {}
        self._parsed: Parsed = {}
        self._bases: dict[tuple[Revision, Revision], Revision] = {}
        self._history: tuple[Revision, list[Commit]] | None = None
        self._patches: dict[Revision, str] = {}

    # ---- what is in force

    def head(self) -> Revision:
        return git_refs.head(self.path)

    def serving(self) -> DirectiveSet:
        return self._now().known

    def trouble(self) -> tuple[Finding, ...]:
        """Why `main` itself is not served, by file and line; empty when it is."""
        return self._now().trouble

    def at(self, revision: Revision) -> DirectiveSet:
        known = self._sets.get(revision)
        if known is None:
            known, findings, _ = self._read(full_id(revision))
            if known is None:
                raise Invalid(f"Revision {revision[:10]} cannot be served: {findings[0]}", findings)
        return known

    def entries(self, revision: Revision) -> dict[str, Entry]:
        """Links, programs and submodules come with their mode and no content. Raises `Invalid` for what must not or cannot be read."""
        known = self._trees.get(revision)
        if known is None:
            reading = git_tree.read(self._commands, full_id(revision))
            if reading.findings:
                raise Invalid(f"Revision {revision[:10]} cannot be read: {reading.findings[0]}", reading.findings)
            known = dict(reading.entries)
            self._trees = dict([*list(self._trees.items())[1 - KEPT_TREES :], (revision, known)])
        return dict(known)

    def _now(self) -> _Served:
        served = self._served
        if served is not None and served.current(self.head()):
            return served
        with self._loading:
            # Looked at again: whoever held the lock before us has probably read it, and main may have moved on meanwhile.
            head, served = self.head(), self._served
            if served is None or not served.current(head):
                served = self._served = self._serve(head, served)
            return served

    def _serve(self, head: Revision, before: _Served | None) -> _Served:
        """`main`, or else the newest revision on its first-parent line that is valid. Raises `Unavailable` when there is none."""
        known, findings, damaged = self._read(head)
        if known is not None:
            return _Served(head, known)
        listed = self._commands.run("rev-list", "--first-parent", f"--max-count={MOST_STEPS_BACK}", head)
        last = before.known if before is not None else None
        for one in listed.out.decode("ascii").split()[1:]:
            if last is not None and one == last.revision:
                break
            good, _, damage = self._read(Revision(one))
            damaged = damaged or damage
            if good is not None:
                last = good
                break
        if last is None:
            raise Unavailable(f"No revision of the directives can be served. The newest says: {findings[0]} Push a corrected tree, or restore a backup.")
        return _Served(head, last, findings, time.monotonic() + DAMAGE_LOOKED_AT_AGAIN if damaged else float("inf"))

    def _read(self, revision: Revision) -> tuple[DirectiveSet | None, tuple[Finding, ...], bool]:
        """The checked set at a revision, or else its findings; and whether damage is among the reasons."""
        try:
            reading = git_tree.read(self._commands, revision)
        except NotFound:
            return None, (Finding(".", 1, f"git cannot read revision {revision[:10]}", "Restore the repository from a backup or a clone"),), True
        parsed = self._parsed if len(self._parsed) < KEPT_BLOBS else {}
        self._parsed = parsed
        directives, policy, problems = tree.lint(reading.entries, parsed)
        told = {finding.path for finding in reading.findings}
        findings = reading.findings + tuple(finding for finding in problems if finding.path not in told)
        if findings or policy is None:
            return None, findings, reading.unreadable
        known = DirectiveSet(revision, directives, policy)
        kept = list(self._sets.items())[1 - KEPT_SETS :]
        self._sets = dict([*kept, (revision, known)])
        return known, (), False

    # ---- history

    def resolve(self, name: str) -> Revision:
        if not name or len(name) > MAX_NAME or not name.isprintable():
            raise NotFound(f"{name[:40]!r} names no revision. Use a commit id, a branch, or proposal/p-N.")
        ran = self._commands.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        try:
            # Git answers ^name with ^id: only an id is an answer.
            return full_id(ran.out.decode("ascii", "replace").removesuffix("\n") if ran.status == 0 else "")
        except Invalid as exc:
            raise NotFound(f"{name[:80]!r} names no revision. See 'voicegit log' for those there are.") from exc

    def commit(self, revision: Revision) -> Commit:
        found = self._log(full_id(revision), "--no-walk")
        if not found:
            raise missing(revision)
        return found[0]

    def raw(self, revision: Revision) -> bytes:
        """A commit as git keeps it."""
        return self._commands.must("cat-file", "commit", full_id(revision)).out

    def log(self, revision: Revision, *, first_parent: bool = False, limit: int | None = None, path: str | None = None) -> list[Commit]:
        if not first_parent and limit is None and path is None:
            return self._whole(full_id(revision))
        options = ["--first-parent"] if first_parent else []
        options += [f"--max-count={limit:d}"] if limit is not None else []
        return self._log(full_id(revision), *options, path=path)

    def _whole(self, revision: Revision) -> list[Commit]:
        """All there is before a revision, which never changes: kept for the newest that was asked for."""
        kept = self._history
        if kept is None or kept[0] != revision:
            kept = self._history = (revision, self._log(revision))
        return list(kept[1])

    def _log(self, revision: Revision, *options: str, path: str | None = None) -> list[Commit]:
        where = ["--", _path(path)] if path is not None else ["--"]
        ran = self._commands.run(
            "log", "-z", f"--format={git_log.FORMAT}", "--topo-order", "--no-show-signature", "--encoding=UTF-8", *options, revision, *where
        )
        if ran.status != 0:
            raise missing(revision)
        found = git_log.commits(ran.out, {})
        asked = "".join(f"{commit.id}\n" for commit in found).encode("ascii")
        changed = self._commands.must("diff-tree", "--stdin", "-z", "-r", "--root", "--name-status", "--no-renames", "--diff-merges=first-parent", stdin=asked)
        files = git_log.changes(changed.out)
        return [replace(commit, files=files.get(commit.id, ())) for commit in found]

    def contains(self, revision: Revision, *, within: Revision) -> bool:
        return git_refs.contains(self._commands, revision, within=within)

    def blame(self, revision: Revision, path: str) -> list[Line]:
        # -C twice: a line that came out of another file is answered for by who wrote it there.
        ran = self._commands.run("blame", "--line-porcelain", "--no-textconv", "-C", "-C", full_id(revision), "--", _path(path))
        if ran.status != 0:
            raise NotFound(f"There is no file {path} in revision {revision[:10]}. See 'voicegit log' for when it was there.")
        return git_log.blamed(ran.out)

    def diff(self, base: Revision, head: Revision, *, words: bool = False) -> str:
        how = ["--word-diff=porcelain"] if words else []
        options = ["-r", "-p", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv", *how]
        ran = self._commands.run("diff-tree", *options, full_id(base), full_id(head), "--")
        if ran.status != 0:
            self.contains(base, within=head)  # raises for whichever of them is not there
            raise self._commands.failure("diff-tree", ran)
        return ran.out.decode("utf-8", "replace")

    def patches(self, revisions: Collection[Revision]) -> dict[Revision, str]:
        fresh = [one for one in revisions if one not in self._patches]
        if fresh:
            options = ["-r", "-p", "--root", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv", "--diff-merges=first-parent"]
            ran = self._commands.must("diff-tree", "--stdin", *options, stdin="".join(f"{full_id(one)}\n" for one in fresh).encode("ascii"))
            read = git_log.patches(ran.out)
            # What a commit changed never changes.
            kept = self._patches if len(self._patches) < KEPT_BLOBS else {}
            self._patches = kept | {one: read.get(one, "") for one in fresh}
        return {one: self._patches[one] for one in revisions}

    # ---- proposals

    def proposals(self) -> list[Branch]:
        return self._branches(git_refs.OPEN)

    def open_proposals(self) -> int:
        return git_refs.count_open(self.path)

    def closed(self) -> list[Branch]:
        return self._branches(git_refs.CLOSED)

    def next_proposal(self) -> ProposalId:
        """The id after the highest that was ever used. Call it under the lock, or two may get the same."""
        used = [int(branch.proposal[2:]) for branch in (*self.proposals(), *self.closed())]
        ran = self._commands.must("log", "-z", f"--format={git_log.FORMAT}", "--first-parent", self.head(), "--")
        for commit in git_log.commits(ran.out, {}):
            used += [number for name in commit.trailer("Proposal") if (number := git_refs.number(name)) is not None]
        return ProposalId(f"p-{max(used, default=0) + 1}")

    def _branches(self, prefix: str) -> list[Branch]:
        ran = self._commands.must("for-each-ref", "--format=%(refname)%00%(objectname)", prefix)
        found: list[Branch] = []
        main = self.head()
        for record in ran.out.decode("utf-8", "replace").splitlines():
            name, _, tip = record.partition("\0")
            proposal = name.removeprefix(prefix)
            if git_refs.number(proposal) is not None:
                found.append(Branch(ProposalId(proposal), Revision(tip), self._base(main, Revision(tip))))
        return sorted(found, key=lambda branch: int(branch.proposal[2:]))

    def _base(self, main: Revision, tip: Revision) -> Revision:
        """The commit of `main` a branch grew from; `main` itself for one that grew from nowhere, which no merge will take."""
        if (main, tip) not in self._bases:
            if len(self._bases) > KEPT_BLOBS:
                self._bases = {}
            ran = self._commands.run("merge-base", main, tip)
            self._bases[main, tip] = Revision(ran.line) if ran.status == 0 else main
        return self._bases.get((main, tip), main)

    def base(self, tip: Revision) -> Revision | None:
        """The newest commit of `main` that a commit grew from; None when the two share none."""
        ran = self._commands.run("merge-base", self.head(), full_id(tip))
        return Revision(ran.line) if ran.status == 0 else None

    def examine(self) -> list[tuple[str, bool, str]]:
        """Whether the repository is whole and takes pushes, for the doctor: a name, whether it is well, what to read."""
        ran = self._commands.run("fsck", "--strict", "--no-dangling", "--no-progress")
        whole = ("repository", ran.status == 0, "whole" if ran.status == 0 else "damaged. Keep it, and restore a backup or a clone beside it.")
        hooks = all((self.path / "hooks" / name).is_file() for name in ("pre-receive", "proc-receive"))
        push = ("push", hooks, "a push to main becomes a proposal" if hooks else "its hooks are missing, so every push is refused; nothing else suffers.")
        return [whole, push]

    def since(self, tip: Revision) -> list[Commit]:
        """The commits behind a tip that `main` does not have, newest first."""
        ran = self._commands.must("rev-list", full_id(tip), f"^{self.head()}", "--")
        return [self.commit(Revision(one)) for one in ran.out.decode("ascii").split()[: MOST_STEPS_BACK + 1]]

    # ---- writing

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        with git_lock.held(self.path) as lock:
            writer = Writer(self._commands, lock)
            try:
                yield writer
            finally:
                writer.close()


def _path(path: str) -> str:
    if not path or "\0" in path or len(path) > MAX_NAME:
        raise NotFound(f"{path[:40]!r} is no file of the directives. See 'voicegit log' for those that changed.")
    return path
