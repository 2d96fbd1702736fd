"""The files of a revision as git holds them: listed without descending into folders that have no place, read with a limit, checked against their ids."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voicegit.adapters.git_commands import Commands, missing
from voicegit.domain.directive import Kind
from voicegit.domain.ids import Revision
from voicegit.domain.tree import MAX_FILES, PLAIN_FILE, Entry
from voicegit.errors import Finding

MAX_READ = 65536
FOLDER = "040000"
_OWN_FOLDERS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True)
class Listed:
    """One entry of a listing. `name` is what git holds, `path` the same made printable; they differ only for names that nothing here may have."""

    mode: str
    kind: str
    id: str
    size: int | None
    name: bytes
    path: str


@dataclass(frozen=True)
class Reading:
    """What reading a tree gave. `findings` are about entries that could not or must not be read; those are not in `entries`."""

    entries: Mapping[str, Entry]
    findings: tuple[Finding, ...]
    unreadable: bool
    """Whether an object is missing or damaged, which may be mended without a new commit."""


def listing(commands: Commands, revision: Revision) -> list[Listed]:
    """The entries of the root and of our own folders. Raises `NotFound`.

    Never recursive: a tree of a few hundred bytes can name itself into billions of paths.
    """
    root = commands.run("ls-tree", "-z", "-l", "--full-tree", revision)
    inside = commands.run("ls-tree", "-z", "-l", "--full-tree", revision, "--", *(f"{folder}/" for folder in sorted(_OWN_FOLDERS)))
    if root.status != 0 or inside.status != 0:
        raise missing(revision)
    entries = [one for one in _listed(root.out) if not (one.mode == FOLDER and one.path in _OWN_FOLDERS)]
    return entries + [one for one in _listed(inside.out) if b"/" in one.name]


def read(commands: Commands, revision: Revision) -> Reading:
    """Every file of a revision. Raises `NotFound` when its folders cannot be read, `Unavailable` when git cannot be started."""
    entries: dict[str, Entry] = {}
    findings: list[Finding] = []
    wanted: list[Listed] = []
    # The check of a tree looks no further than this, so nobody can make us read more.
    for one in sorted(listing(commands, revision), key=lambda one: one.path):
        entries[one.path] = Entry(one.mode, one.id, b"")
        if one.mode == FOLDER:
            findings.append(Finding(one.path, 1, "there is no place for this folder", "Use voice/, situations/ and facts/, without folders inside them"))
        elif one.mode == PLAIN_FILE and one.size is not None and one.size > MAX_READ:
            findings.append(Finding(one.path, 1, f"the file has {one.size} bytes, too many to be read", "Split it up, or keep it elsewhere"))
        elif one.mode == PLAIN_FILE and len(wanted) <= MAX_FILES:
            wanted.append(one)
    contents = _contents(commands, [one.id for one in wanted])
    damaged = [one.path for one in wanted if one.id not in contents]
    findings += [Finding(path, 1, "git cannot read this file any more", "Restore the repository from a backup or a clone") for path in damaged]
    entries |= {one.path: Entry(one.mode, one.id, contents[one.id]) for one in wanted if one.id in contents}
    for finding in findings:
        del entries[finding.path]
    return Reading(entries, tuple(findings), bool(damaged))


def _listed(out: bytes) -> Iterator[Listed]:
    for record in out.split(b"\0")[:-1]:
        meta, name = record.split(b"\t", 1)
        mode, kind, identity, size = meta.decode("ascii").split()
        yield Listed(mode, kind, identity, int(size) if size.isdecimal() else None, name, _printable(name))


def _printable(name: bytes) -> str:
    text = name.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _contents(commands: Commands, ids: Sequence[str]) -> dict[str, bytes]:
    """The blobs that can be read and are what their ids say. A damaged one ends a batch early: it is left out and the rest asked for again."""
    found: dict[str, bytes] = {}
    left = list(dict.fromkeys(ids))
    while left:
        ran = commands.run("cat-file", "--batch", stdin="".join(f"{one}\n" for one in left).encode("ascii"))
        done = 0
        for identity, content in _blobs(ran.out, left):
            done += 1
            if content is not None and _blob_id(content) == identity:
                found[identity] = content
        left = left[done:] if done == len(left) else left[done + 1 :]
    return found


def _blobs(out: bytes, asked: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """Each answer in a batch that arrived whole; None for an object that is not there."""
    at = 0
    for identity in asked:
        end = out.find(b"\n", at)
        if end < 0:
            return
        header = out[at:end].split()
        if len(header) == 3 and header[2].isdigit():
            start, size = end + 1, int(header[2])
            if len(out) < start + size + 1:
                return
            yield identity, out[start : start + size]
            at = start + size + 1
        else:
            yield identity, None
            at = end + 1


def _blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
