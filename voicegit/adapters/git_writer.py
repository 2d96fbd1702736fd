"""Commits, merges, reverts and ref moves in a bare repository: plumbing only, without work tree or index, under the repository's lock."""

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from voicegit.adapters import git_lock, git_refs, git_tree
from voicegit.adapters.git_commands import Commands, full_id, missing
from voicegit.domain.ids import Revision
from voicegit.domain.tree import PLAIN_FILE
from voicegit.errors import Conflict, Invalid, NotFound, Unavailable
from voicegit.ports import Move, Signature

_NONE = "0" * 40
Tree = dict[str, tuple[str, str, str]]
"""Mode, kind and id by path."""


class Writer:
    """Fulfils `GitWriter` while `lock` is held, and is of no use afterwards."""

    def __init__(self, commands: Commands, lock: int) -> None:
        self._lock = lock
        self._running: Commands | None = replace(commands, lock=lock)

    def close(self) -> None:
        self._running = None

    @property
    def _commands(self) -> Commands:
        if self._running is None:
            raise RuntimeError("this writer's lock is no longer held")
        return self._running

    def commit(self, base: Revision | None, changes: Mapping[str, bytes | None], *, message: str, author: Signature) -> Revision:
        """Raises `Invalid` for a path that cannot be, `NotFound` for a base or a file to delete that is not there."""
        tree = self._tree(base)
        for path, content in changes.items():
            _check_path(path)
            if content is None and path not in tree:
                raise NotFound(f"{path} is not among the files, so it cannot be deleted. Look at the files of this revision again.")
        written = {path: content for path, content in changes.items() if content is not None}
        tree |= {path: (PLAIN_FILE, "blob", identity) for path, identity in zip(written, self._blobs(written.values()), strict=True)}
        kept = {path: entry for path, entry in tree.items() if path not in changes or path in written}
        return self._commit_tree(self._folders(kept), [base] if base is not None else [], message, author)

    def adopt(self, tip: Revision, *, base: Revision, message: str, author: Signature) -> Revision:
        """One commit on `base` with the whole tree of `tip`, in place of the history that led there. Raises `NotFound`."""
        tree = self._commands.run("rev-parse", "--verify", "--quiet", f"{full_id(tip)}^{{tree}}")
        if tree.status != 0:
            raise missing(tip)
        return self._commit_tree(tree.line, [base], message, author)

    def merge(self, proposal: Revision, *, message: str, author: Signature) -> Revision | None:
        """Raises `Conflict` for what `main` holds already: git would do nothing, and say that it went well."""
        main = git_refs.head(self._commands.path)
        if git_refs.contains(self._commands, proposal, within=main):
            raise Conflict(f"{proposal[:10]} is part of main already. To bring back what was rolled back since, roll back the rollback.")
        base = self._commands.run("merge-base", main, proposal)
        if base.status != 0:
            raise Conflict(f"{proposal[:10]} does not grow from main: the two share no commit. Draft it again on main.")
        tree = self._merged(main, proposal, base=Revision(base.line))
        return None if tree is None else self._commit_tree(tree, [main, proposal], message, author)

    def revert(self, release: Revision, *, message: str, author: Signature) -> Revision | None:
        """Raises `Conflict` when `main` does not hold the release; `Invalid` for the first commit."""
        main = git_refs.head(self._commands.path)
        if not git_refs.contains(self._commands, release, within=main):
            raise Conflict(f"{release[:10]} is not part of main, so there is nothing to take back.")
        parent = self._commands.run("rev-parse", "--verify", "--quiet", f"{release}^1^{{tree}}")
        if parent.status != 0:
            raise Invalid(f"{release[:10]} is the first commit: there is nothing before it to go back to.")
        # What came before the release, put on top of it: merging that takes the release back (git >= 2.40 has merge-tree --merge-base for this).
        undone = self._commit_tree(parent.line, [release], "Undone", author)
        tree = self._merged(main, undone, base=release)
        unchanged = tree == self._commands.must("rev-parse", "--verify", f"{main}^{{tree}}").line
        return None if tree is None or unchanged else self._commit_tree(tree, [main], message, author)

    def move(self, *moves: Move) -> None:
        """Writes come before deletions, so that what a kill leaves half-done has lost nothing."""
        for one in moves:
            _check_move(one)
        if not moves:
            return
        git_lock.note(self._lock, [one.ref for one in moves])
        ran = self._commands.run("update-ref", "--stdin", stdin="\n".join(["start", *map(_instruction, moves), "prepare", "commit", ""]).encode("ascii"))
        git_lock.note(self._lock, ())
        if ran.status != 0:
            self._explain(moves)
            raise self._commands.failure("update-ref", ran)

    def drop(self, *revisions: Revision) -> None:
        """Objects go one by one, since `git prune` would take what others still work with. Those in a pack are made loose first."""
        known = [one for one in map(full_id, revisions) if self._commands.run("cat-file", "-e", f"{one}^{{commit}}").status == 0]
        lost = self._objects(*known, "--not", "--all") - self._objects("--all") if known else set()
        files = [self._commands.path / "objects" / name[:2] / name[2:] for name in lost]
        if not all(file.exists() for file in files):
            self._commands.must("repack", "-A", "-d", "-q")
        for file in files:
            file.unlink(missing_ok=True)
        if files and (self._commands.path / "objects" / "info" / "commit-graph").exists():
            self._commands.must("commit-graph", "write", "--reachable")

    def _objects(self, *which: str) -> set[str]:
        """All that these commits lead to. What `--not` takes away is only commits: files may stand elsewhere too."""
        return {line[:40].decode("ascii") for line in self._commands.must("rev-list", "--objects", *which, "--").out.split(b"\n")[:-1]}

    # ---- parts

    def _tree(self, base: Revision | None) -> Tree:
        if base is None:
            return {}
        entries = git_tree.listing(self._commands, full_id(base))
        if any(one.name != one.path.encode() for one in entries):
            raise Invalid(f"Revision {base[:10]} holds a file whose name cannot be written here. Rename it in a clone and push.")
        return {one.path: (one.mode, one.kind, one.id) for one in entries}

    def _blobs(self, contents: Iterable[bytes]) -> list[str]:
        """One git for all of them, so the contents go through files: those can be named in a list."""
        try:
            with tempfile.TemporaryDirectory(prefix="voicegit-") as folder:
                listed = ""
                for number, content in enumerate(contents):
                    path = Path(folder, str(number))
                    path.write_bytes(content)
                    listed += f"{path}\n"
                return self._commands.must("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listed.encode()).out.decode("ascii").split()
        except OSError as exc:
            raise Unavailable(f"The changed files could not be written ({exc.strerror}). Nothing was changed; check the free space of the disk.") from exc

    def _folders(self, tree: Tree) -> str:
        """Writes the tree objects, innermost first, and gives the root's id."""
        folders: dict[str, Tree] = {"": {}}
        for path, entry in tree.items():
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, {})[name] = entry
        for folder in sorted((folder for folder in folders if folder), key=lambda folder: -folder.count("/")):
            above, _, name = folder.rpartition("/")
            if name in folders.setdefault(above, {}):
                raise Invalid(f"{folder} is a file and cannot be a folder as well. Choose another name.")
            folders[above][name] = ("040000", "tree", self._mktree(folders[folder]))
        return self._mktree(folders[""])

    def _mktree(self, entries: Tree) -> str:
        lines = "".join(f"{mode} {kind} {identity}\t{name}\0" for name, (mode, kind, identity) in entries.items())
        return self._commands.must("mktree", "-z", stdin=lines.encode()).line

    def _commit_tree(self, tree: str, parents: Sequence[Revision], message: str, author: Signature) -> Revision:
        given = [part for parent in parents for part in ("-p", full_id(parent))]
        text = message.encode("utf-8", "replace")
        if b"\0" in text:
            raise Invalid("A commit message cannot hold a NUL character. Take it out.")
        return Revision(self._commands.must("commit-tree", *given, "-F", "-", tree, stdin=text, signature=_identity(author)).line)

    def _merged(self, ours: Revision, theirs: Revision, *, base: Revision) -> str | None:
        """The tree of a merge; None on a clash (git >= 2.38: merge-tree exits 1 then, and prints a tree all the same)."""
        ran = self._commands.run("merge-tree", "--write-tree", "--no-messages", ours, theirs)
        if ran.status not in {0, 1} or not re.fullmatch(r"[0-9a-f]{40}", ran.line):
            raise self._commands.failure("merge-tree", ran)
        return ran.line if ran.status == 0 and self._stays_in_its_files(ours, ran.line, base, theirs) else None

    def _stays_in_its_files(self, ours: str, merged: str, base: str, theirs: str) -> bool:
        """Whether a merge writes nothing but what its reviewer saw, or both sides' changes of one file.

        Git takes alike files for renames and carries an edit from one into the other (before 2.49 no setting turns that off).
        """
        seen = self._changed(base, theirs)
        for path, (before, after) in self._changed(ours, merged).items():
            was, proposed = seen.get(path, (None, None))
            both_changed_it = None not in {was, proposed, before, after} and was != before
            if path not in seen or not ((before == was and after == proposed) or both_changed_it):
                return False
        return True

    def _changed(self, old: str, new: str) -> dict[bytes, tuple[bytes | None, bytes | None]]:
        """Blob ids before and after, by path; None where there is no file."""
        fields = self._commands.must("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new).out.split(b"\0")[:-1]
        found: dict[bytes, tuple[bytes | None, bytes | None]] = {}
        for at in range(0, len(fields), 2):
            before, after = fields[at].split()[2:4]
            found[fields[at + 1]] = (before if before.strip(b"0") else None, after if after.strip(b"0") else None)
        return found

    def _explain(self, moves: Iterable[Move]) -> None:
        for one in moves:
            now = git_refs.target(self._commands, one.ref)
            if now != one.old:
                said, found = one.old[:10] if one.old else "absent", f"at {now[:10]}" if now else "gone"
                raise Conflict(f"{one.ref} was expected to be {said} and is {found} now. Look at what changed, then do this again.")
            if one.new is not None and self._commands.run("cat-file", "-e", f"{one.new}^{{commit}}").status != 0:
                raise missing(one.new)


def _check_path(path: str) -> None:
    parts = path.split("/")
    plain = path.isprintable() and len(path) <= 200 and not set(path) & set('"\\')
    if not plain or any(part in {"", ".", ".."} or part.casefold() == ".git" or part.casefold().startswith("git~") for part in parts):
        raise Invalid(f"{path[:80]!r} cannot be the path of a file here. Use a folder and a name of a-z, 0-9 and hyphens.")


def _check_move(one: Move) -> None:
    git_refs.check_name(one.ref)
    for end in (one.old, one.new):
        if end is not None:
            full_id(end)
    if one.old is None and one.new is None:
        raise Invalid(f"A move of {one.ref} from nothing to nothing says nothing. Name where it is or where it goes.")


def _instruction(one: Move) -> str:
    if one.new is None:
        return f"delete {one.ref} {one.old}"
    return f"update {one.ref} {one.new} {one.old or _NONE}"


def _identity(author: Signature) -> dict[str, str]:
    """Author and committer for git. An id in place of an address: what is committed stays for good, and an address is personal data."""
    identity = re.sub(r"[^A-Za-z0-9._+-]", "-", author.id)[:80] or "nobody"
    name = "".join(" " if char in "<>" or not char.isprintable() else char for char in author.name)[:200].strip()
    if not any(char.isalnum() for char in name):
        name = identity  # git refuses a name of nothing but punctuation
    date = f"@{int(author.at.astimezone(UTC).timestamp())} +0000"
    keys = {"NAME": name, "EMAIL": f"{identity}@people.voicegit.invalid", "DATE": date}
    return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in keys.items()}
