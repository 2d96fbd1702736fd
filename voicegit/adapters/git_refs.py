"""Refs of the directives repository: where `main` is, what their names may be, which commit holds which."""

import os
import re
from pathlib import Path

from voicegit.adapters.git_commands import Commands, full_id, missing
from voicegit.domain.ids import ProposalId, Revision
from voicegit.errors import Invalid, NotFound, Unavailable

MAIN = "refs/heads/main"
OPEN = "refs/heads/proposal/"
CLOSED = "refs/voicegit/closed/"
_NAME = re.compile(rf"{MAIN}|({OPEN}|{CLOSED})p-[1-9][0-9]{{0,8}}")
_PROPOSAL = re.compile(r"p-([1-9][0-9]{0,8})")


def open_ref(proposal: ProposalId) -> str:
    """The full name of an open proposal's branch."""
    return check_name(f"{OPEN}{proposal}")


def closed_ref(proposal: ProposalId) -> str:
    """The full name of a declined proposal's ref, which clones do not see."""
    return check_name(f"{CLOSED}{proposal}")


def check_name(ref: str) -> str:
    """The name, if it is one of ours. Raises `Invalid`."""
    if not _NAME.fullmatch(ref):
        raise Invalid(f"{ref[:80]!r} is not a ref that voicegit writes. It writes main, proposal/p-N and closed/p-N.")
    return ref


def number(proposal: str) -> int | None:
    """The N of `p-N`; None for what is no proposal's id."""
    match = _PROPOSAL.fullmatch(proposal)
    return int(match[1]) if match else None


def head(repository: Path) -> Revision:
    """Where `main` is, without starting a process. Raises `NotFound` without a repository or `main`, `Unavailable` for a damaged ref."""
    # In this order, as git does: packing writes the packed file before it removes the loose one.
    loose = _read(repository / MAIN)
    if loose is not None:
        text = loose
    else:
        packed = re.search(rf"(?m)^(\S+) {MAIN}$", _read(repository / "packed-refs") or "")
        if packed is None:
            raise NotFound(f"There is no branch main in {repository.name}. Run 'voicegit init' first, or restore the repository from a backup.")
        text = packed[1]
    if not re.fullmatch(r"[0-9a-f]{40}\s*", text):
        raise Unavailable(f"The branch main in {repository.name} is damaged: its file holds no commit id. Restore the repository from a backup or a clone.")
    return Revision(text.strip())


def count_open(repository: Path) -> int:
    """How many proposals are open, without starting a process: loose refs and packed ones."""
    try:
        loose = {entry.name for entry in os.scandir(repository / OPEN)}
    except OSError:
        loose = set()
    packed = set(re.findall(rf"(?m)^\S+ {OPEN}(\S+)$", _read(repository / "packed-refs") or ""))
    return sum(number(name) is not None for name in loose | packed)


def target(commands: Commands, ref: str) -> Revision | None:
    """Where a ref is now; None when it does not exist."""
    ran = commands.run("rev-parse", "--verify", "--quiet", check_name(ref))
    return Revision(ran.line) if ran.status == 0 else None


def contains(commands: Commands, one: Revision, *, within: Revision) -> bool:
    """Whether `one` is an ancestor of `within`, or the same. Raises `NotFound`."""
    ran = commands.run("merge-base", "--is-ancestor", full_id(one), full_id(within))
    if ran.status not in {0, 1}:
        for each in (one, within):
            if commands.run("cat-file", "-e", f"{each}^{{commit}}").status != 0:
                raise missing(each)
        raise commands.failure("merge-base", ran)
    return ran.status == 0


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as exc:
        raise Unavailable(f"{path.name} of the directives repository cannot be read ({exc.strerror}). Check the rights of the folder.") from exc
