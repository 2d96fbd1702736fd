"""Commits, trailers and blame as git prints them, read into our words. Pure: no command is run here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from voicegit.domain.ids import Revision
from voicegit.ports import Commit, Line

FORMAT = "%H%x00%P%x00%an%x00%at%x00%B"
"""No part of it can hold a NUL, so that no message can pass for another commit."""

TRAILERS = ("Proposal", "Distillation", "Operation", "Evidence", "Approved-by", "Base", "Head", "Reverts")
_TRAILER = re.compile(r"([A-Za-z][A-Za-z-]*): (.*\S)\s*")


def commits(out: bytes, files: Mapping[str, tuple[tuple[str, str], ...]]) -> list[Commit]:
    """What `git log -z --format=FORMAT` printed, with what each commit changed."""
    fields = out.decode("utf-8", "replace").split("\0")[:-1]
    return [_commit(fields[at : at + 5], files) for at in range(0, len(fields), 5)]


def changes(out: bytes) -> dict[str, tuple[tuple[str, str], ...]]:
    """What `git diff-tree --stdin -z --name-status` printed: an id, then pairs of a letter and a path, then the next id."""
    found: dict[str, list[tuple[str, str]]] = {}
    fields = iter(out.decode("utf-8", "replace").split("\0")[:-1])
    pairs: list[tuple[str, str]] = []
    for one in fields:
        if len(one) == 40:
            pairs = found.setdefault(one, [])
        else:
            pairs.append((next(fields), one if one in "AMD" else "M"))
    return {identity: tuple(pairs) for identity, pairs in found.items()}


def patches(out: bytes) -> dict[Revision, str]:
    """What `git diff-tree --stdin -p` printed: an id alone on its line, then its diff. No line of a diff is an id: each begins with a mark or a git word."""
    parts = re.split(r"(?m)^([0-9a-f]{40})\n", out.decode("utf-8", "replace"))
    return {Revision(identity): patch.lstrip("\n") for identity, patch in zip(parts[1::2], parts[2::2], strict=True)}


def message(text: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Title, body and trailers. Trailers are the last paragraph, if it is not the first and each of its lines reads `Key: value`; only our keys count."""
    title, _, rest = text.strip("\n").partition("\n")
    body, _, last = ("\n" + rest.rstrip()).rpartition("\n\n")
    lines = [_TRAILER.fullmatch(line) for line in last.strip("\n").split("\n")]
    if not last.strip() or not all(lines) or rest.strip() == "" or not rest.startswith("\n"):
        return title.strip(" "), rest.strip("\n"), ()
    return title.strip(" "), body.strip("\n"), tuple((line[1], line[2]) for line in lines if line is not None and line[1] in TRAILERS)


def blamed(out: bytes) -> list[Line]:
    """What `git blame --line-porcelain` printed."""
    return list(_blamed(out.decode("utf-8", "replace")))


def _blamed(out: str) -> Iterator[Line]:
    commit, number, path = "", 0, ""
    for line in out.split("\n"):
        header = re.match(r"([0-9a-f]{40}) \d+ (\d+)", line)
        if line.startswith("\t"):
            yield Line(number, line[1:], Revision(commit), path)
        elif header:
            commit, number = header[1], int(header[2])
        elif line.startswith("filename "):
            path = line.removeprefix("filename ")


def _commit(fields: Sequence[str], files: Mapping[str, tuple[tuple[str, str], ...]]) -> Commit:
    identity, parents, author, at, text = fields
    title, body, trailers = message(text)
    return Commit(
        id=Revision(identity),
        parents=tuple(Revision(parent) for parent in parents.split()),
        author=author,
        at=_time(at),
        title=title,
        body=body,
        trailers=trailers,
        files=files.get(identity, ()),
    )


def _time(seconds: str) -> datetime:
    """A pushed commit may claim any date; one that no calendar holds reads as the beginning of time."""
    try:
        return datetime.fromtimestamp(int(seconds or 0), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
