"""Where a line comes from: git's blame, followed further back where it names a commit that taught nothing: a rename, other markup, a restoration.

Nothing that a commit says of itself hides a change: only a line that says the very same is followed, and only to where it stood.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from voicegit.domain import lines
from voicegit.domain.ids import Revision
from voicegit.domain.lines import Swap
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Commit, Line, Workspace

MOST = 16
"""Steps that are followed back from one line at the most."""


class How(StrEnum):
    """What a commit did with a line."""

    WROTE = "wrote"
    """It stood nowhere before."""
    REWORDED = "reworded"
    """It took the place of a line in other words."""
    MOVED = "moved"
    """It stood in another directive, or in this one under another name."""
    MARKED = "marked"
    """Only markup, spaces or its place in the file changed."""
    RESTORED = "restored"
    """It was taken out before, and an undo put it back."""


_SAYS = re.compile(r"(?!\s*confidence:)\s*\S")
"""Lines that say something: not empty, and not how sure we are, which every lesson changes."""

TEACHES = frozenset({How.WROTE, How.REWORDED})


@dataclass(frozen=True)
class Step:
    line: Line
    how: How


def wording(steps: Sequence[Step]) -> int:
    """How many of a line's steps, newest first, are of the words as they stand: up to the one that wrote them. What is left is of the words before."""
    return next((place for place, step in enumerate(steps, 1) if step.how in TEACHES), len(steps))


class Tracer:
    """Follows lines back; keeps what it read, for the many lines of one page."""

    def __init__(self, workspace: Workspace) -> None:
        self._git = workspace.directives
        self._commits = {commit.id: commit for commit in self._git.log(self._git.head())}
        self._blame = cache(self._git.blame)
        self._swaps = cache(self._swapped)

    def lines(self, revision: Revision, path: str) -> list[tuple[Line, list[Step]]]:
        """Each line of a file, and what became of it, newest first; the last of the steps is where it begins. Raises `NotFound`."""
        found = self._blame(revision, path)
        self._git.patches({line.commit for line in found})  # all at once: asked for one by one, each would start a process
        return [(line, self._steps(line) if _SAYS.match(line.text) else [Step(line, How.WROTE)]) for line in found]

    def names(self, since: Revision, until: Revision) -> dict[str, str]:
        """What the files of one step of `main` are called at a later one, where they got another name since."""
        passed: list[Revision] = []
        while until != since and self._commit(until).parents:
            passed.append(until)
            until = self._commit(until).parents[0]
        moved = [one for one in reversed(passed) if {"A", "D"} <= {how for _, how in self._commit(one).files}]
        told = self._git.patches(moved)
        found: dict[str, str] = {}
        for one in moved:
            for new, old in lines.renames(told[one]).items():
                first = next((path for path, name in found.items() if name == old), old)
                found[first] = new
        return found

    def _steps(self, line: Line) -> list[Step]:
        steps: list[Step] = []
        here: Line | None = line
        while here is not None and len(steps) < MOST:
            how, before = self._before(here)
            steps.append(Step(here, how))
            here = before
        return steps

    def _before(self, line: Line) -> tuple[How, Line | None]:
        commit = self._commit(line.commit)
        if not commit.parents:
            return How.WROTE, None
        parent, found = commit.parents[0], self._swaps(commit.id)
        same = lines.taken(found, line.text)
        if same is not None and (stood := self._at(parent, *same)) is not None:
            return How.MARKED if same[0] == line.path else How.MOVED, stood
        for reverted in commit.trailer("Reverts"):
            stood = self._before_it_went(reverted, line)
            if stood is not None:
                return How.RESTORED, stood
        for swap in found:
            old = swap.before(line.text) if swap.path == line.path else None
            if old is not None and lines.said(old) and (stood := self._at(parent, swap.stood, old)) is not None:
                return How.REWORDED, stood
        return How.WROTE, None

    def _before_it_went(self, reverted: str, line: Line) -> Line | None:
        """The line as it stood before a commit took it out that was taken back later."""
        try:
            taker = self._commit(self._git.resolve(reverted))
        except (NotFound, Invalid):
            return None
        gone = lines.taken(self._swaps(taker.id), line.text)
        return self._at(taker.parents[0], *gone) if gone is not None and taker.parents else None

    def _commit(self, revision: Revision) -> Commit:
        return self._commits.get(revision) or self._git.commit(revision)

    def _at(self, revision: Revision, path: str, text: str) -> Line | None:
        try:
            return next((one for one in self._blame(revision, path) if one.text == text), None)
        except NotFound:
            return None

    def _swapped(self, commit: Revision) -> tuple[Swap, ...]:
        """What a commit changed against its first parent."""
        parents = self._commit(commit).parents
        return lines.swaps(self._git.patches([commit])[commit]) if parents else ()
