"""What git's diffs say, read into runs of words and into lines, with every character visible that a reviewer could not see otherwise."""

import re
from dataclasses import dataclass
from enum import StrEnum

from voicegit.domain.directive import hidden_characters


class Mark(StrEnum):
    KEPT = "kept"
    ADDED = "added"
    TAKEN = "taken"


@dataclass(frozen=True)
class Run:
    """Neighbouring words of one line that share a fate."""

    mark: Mark
    text: str


Words = tuple[Run, ...]
"""One line. Empty for an empty line."""


@dataclass(frozen=True)
class Hunk:
    """A stretch of one file. `old` and `new` are the 1-based lines it begins with; 0 where there is no such file."""

    old: int
    new: int
    lines: tuple[Words, ...]


_PLACE = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_MARKS = {" ": Mark.KEPT, "+": Mark.ADDED, "-": Mark.TAKEN}
_ROUTINE = ("index ", "--- ", "+++ ", "new file mode 100644", "deleted file mode 100644")
"""Lines of a file's head that say what its name and its text say too. Any other (a rename, another mode) is shown."""


def by_file(diff: str) -> dict[str, list[str]]:
    """A diff's lines (porcelain or unified) by file, the one that names it left out. A line within a file's text never begins with `diff`."""
    files: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in diff.removesuffix("\n").split("\n"):
        if line.startswith("diff --git "):
            lines = files.setdefault(line.rpartition(" b/")[2], [])
        else:
            lines.append(line)
    return files


def words(porcelain: str) -> dict[str, tuple[Hunk, ...]]:
    """Each file's hunks, from what `git diff --word-diff=porcelain` printed."""
    return {path: tuple(_hunks(lines)) for path, lines in by_file(porcelain).items()}


def _hunks(lines: list[str]) -> list[Hunk]:
    found: list[Hunk] = []
    place: tuple[int, int] | None = None
    whole: list[Words] = []
    line: list[Run] = []
    for text in [*lines, "@@"]:
        if text.startswith("@@"):
            if place is not None:
                found.append(Hunk(*place, tuple([*whole, tuple(line)] if line else whole)))
            at = _PLACE.match(text)
            place, whole, line = ((int(at[1]), int(at[2])) if at else None), [], []
        elif place is not None and text == "~":
            whole.append(tuple(line))
            line = []
        elif place is not None and text[:1] in _MARKS and text[1:]:
            line.append(Run(_MARKS[text[0]], visible(text[1:])))
    return found


def lines(unified: str) -> dict[str, list[tuple[str, str]]]:
    """Each file's lines as git wrote them, with what each is: `place`, `added`, `taken` or `same`. In a head, `+++` and `---` are no lines of the file."""
    return {path: _lines(found) for path, found in by_file(unified).items()}


def _lines(found: list[str]) -> list[tuple[str, str]]:
    told, head = [], True
    for line in found:
        head = head and not line.startswith("@@")
        if line.startswith("@@"):
            told.append(("place", visible(line)))
        elif not head:
            told.append(({"+": "added", "-": "taken"}.get(line[:1], "same"), visible(line)))
        elif not line.startswith(_ROUTINE):
            told.append(("place", visible(line)))
    return told


def prose(hunks: tuple[Hunk, ...], *, old_front: int, new_front: int) -> tuple[Hunk, ...]:
    """The hunks without front matter, whose last line (the second `---`) is `old_front` and `new_front`; 0 where there is none."""
    found = []
    for hunk in hunks:
        inside = (hunk.new <= new_front) if hunk.new else (hunk.old <= old_front)
        kept = hunk.lines[_fences(hunk) :] if inside else hunk.lines
        kept = _trimmed(kept)
        if any(run.mark is not Mark.KEPT for line in kept for run in line):
            found.append(Hunk(hunk.old, hunk.new, kept))
    return tuple(found)


def _fences(hunk: Hunk) -> int:
    """How many lines of a hunk that begins in the front matter belong to it: all up to its last `---`, or all of them."""
    first = max(hunk.old, hunk.new) == 1
    seen = 0
    for number, line in enumerate(hunk.lines, 1):
        if "".join(run.text for run in line) == "---":
            seen += 1
            if seen > first:
                return number
    return len(hunk.lines)


def _trimmed(found: tuple[Words, ...]) -> tuple[Words, ...]:
    """Without the empty lines around."""
    filled = [number for number, line in enumerate(found) if any(run.text.strip() for run in line)]
    return found[filled[0] : filled[-1] + 1] if filled else ()


def visible(text: str) -> str:
    """The text with each hidden or control character as its code point, ⟨U+200B⟩; new lines stay."""
    return _with_hidden(text, "⟨{}⟩")


def cleaned(text: str) -> str:
    """The text without hidden and control characters, for somebody who goes on writing it."""
    return _with_hidden(text, "")


def _with_hidden(text: str, form: str) -> str:
    if next(hidden_characters(text), None) is None:
        return text
    shown, before = [], ""
    for char in text:
        # Whether a joiner shows depends on the character before it; of the two only the last is asked about.
        codes = [code for _, code in hidden_characters(before + char)]
        mine = f"U+{ord(char):04X}"
        shown.append(form.format(mine) if codes and codes[-1] == mine else char)
        before = char
    return "".join(shown)


class Shape(StrEnum):
    """What a line of a directive is, to be drawn as that."""

    ITEM = "item"
    QUOTE = "quote"
    HEADING = "heading"
    TEXT = "text"


_SHAPES = ((re.compile(r"\s*[-*+]\s+"), Shape.ITEM), (re.compile(r"\s{0,3}>\s?"), Shape.QUOTE), (re.compile(r"#{1,6}\s+"), Shape.HEADING))


def shaped(line: Words) -> tuple[Shape, Words]:
    """The line's shape, and its words without Markdown's marks for it. Where only one side has the mark, it stays: it is the change."""
    whole, last = "".join(run.text for run in line), line[0] if line else None
    for pattern, shape in _SHAPES:
        mark = pattern.match(whole)
        if last is not None and mark is not None and len(mark[0].rstrip()) <= len(last.text):
            rest = Run(last.mark, last.text[len(mark[0]) :])
            return shape, tuple(Run(run.mark, run.text.replace("**", "")) if shape is Shape.QUOTE else run for run in (rest, *line[1:]) if run.text)
    return Shape.TEXT, line
