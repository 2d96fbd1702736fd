"""A text without what one change brought to it, part by part. What came later stays, and with it what it rests on: an answer that stays keeps a question,
a question that stays keeps its answer, and the frame (front matter, headings, blank lines) stays as long as anything stands in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from voicegit.domain.lines import LABEL, Swap

_FRAME = re.compile(r"\s*(confidence:|---\s*$|>?\s*$)")
"""Lines that every lesson touches and that are nobody's words: how sure we are, and the frame."""

_HEADER = re.compile(r"""\s*["']?\w+["']?:\s*(#.*)?""")
"""A key of the front matter whose values stand below it."""

EXAMPLES = "## Examples"


@dataclass(frozen=True)
class Row:
    """A line of what is live, and what the change that is to be taken back has to do with it.

    `brought`: the line is that change's, word for word. `refined`: other words took the place of its line later. `taught` is what it wrote there in
    both cases, and `instead` stood there before it.
    """

    text: str
    brought: bool = False
    refined: bool = False
    taught: str = ""
    instead: str | None = None

    @property
    def own(self) -> bool:
        return self.brought or self.refined


class Kind(StrEnum):
    FRONT = "front"
    HEADING = "heading"
    LINE = "line"
    """A rule, or another line of its own."""
    EXAMPLE = "example"
    BLANK = "blank"


@dataclass
class _Part:
    """A part as it shall read; without lines it goes. `own`: a heading that the change brought. `back`: one that it took."""

    kind: Kind
    lines: list[str]
    own: bool = False
    back: bool = False


@dataclass(frozen=True)
class _Taken:
    """A part that the change took. `behind` are the lines that tell the parts before it, nearest first; of a question, the line of its answer."""

    kind: Kind
    lines: tuple[str, ...]
    behind: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Change:
    """What is to be taken back, in one file: the text before it, the lines that it swapped, and whether the file is its own."""

    before: tuple[str, ...] = ()
    swaps: tuple[Swap, ...] = ()
    fresh: bool = False
    went: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        replaced = {swap.before(line) for swap in self.swaps for line in swap.new if not is_frame(line)}
        gone = {line for swap in self.swaps for line in swap.old if line in self.before and line not in replaced}
        object.__setattr__(self, "went", frozenset(line for line in gone if not is_frame(line)))

    def instead(self, taught: str) -> str | None:
        """What stood in the place of a line before; of an answer or a question all its lines."""
        old = next((old for swap in self.swaps if (old := swap.before(taught)) is not None and not is_frame(old)), None)
        if old is None or not LABEL.match(old) or old not in self.before:
            return old
        at = self.before.index(old)
        stop = next((i for i in range(at + 1, len(self.before)) if not _quote(self.before[i]) or LABEL.match(self.before[i])), len(self.before))
        return "\n".join(self.before[at:stop]).rstrip("> \n")


def is_frame(line: str) -> bool:
    return _FRAME.match(line) is not None


def refinements(rows: Sequence[Row], change: Change) -> list[Row]:
    """The lines in which later words stand in the place of what the change taught, or go on from it: those that a person is asked about."""
    found: list[Row] = []
    guarded = _guarded([row.text for row in rows])
    for kind, first, stop in _parts([row.text for row in rows]):
        part = rows[first:stop]
        if kind is Kind.EXAMPLE:
            questions, answer = _units(part)
            for unit in (*questions, answer):
                grown = [Row(row.text, refined=True, taught=unit[0].taught) for row in unit if _came(unit) and not row.own and not is_frame(row.text)]
                found += [row for row in unit if row.refined] + grown
        elif kind is Kind.LINE or (kind is Kind.FRONT and (first in guarded or not change.fresh) and not _HEADER.fullmatch(part[0].text)):
            found += [row for row in part if row.refined]
    return found


def untaught(rows: Sequence[Row], change: Change, *, keep: bool) -> str | None:
    """The text without what the change brought and with what it took; None where nothing but a frame would be left of a directive.

    With `keep` what was refined later stays as it is; else it goes too.
    """
    texts = [row.text for row in rows]
    guarded = _guarded(texts)
    parts: list[_Part] = []
    for kind, first, stop in _parts(texts):
        some = rows[first:stop]
        if kind is Kind.EXAMPLE:
            parts.append(_Part(kind, _example(some, keep=keep)))
        elif kind is Kind.FRONT and change.fresh and first not in guarded:
            parts.append(_Part(kind, [some[0].text]))
        elif some[0].own and some[0].instead is None and (kind is Kind.HEADING or (kind is Kind.FRONT and _HEADER.fullmatch(some[0].text))):
            parts.append(_Part(kind, [some[0].text], own=True))
        else:
            parts.append(_Part(kind, _standing(some, texts, keep=keep)))
    for taken in _taken(change):
        _put_back(parts, taken)
    _frame(parts)
    front = any(part.kind is Kind.FRONT for part in parts)
    says = any(part.lines and part.kind in {Kind.LINE, Kind.EXAMPLE} for part in parts) or bool(_guarded([line for part in parts for line in part.lines]))
    return _joined(parts) if says or not (front or change.fresh) else None


# ---- parts


def _parts(texts: Sequence[str]) -> Iterator[tuple[Kind, int, int]]:
    """Each part with the lines that it takes. A file without front matter is the policy: its headings are in square brackets."""
    front = _front(texts)
    heading = re.compile(r"\s{0,3}#{1,6}\s+\S" if front else r"\s*\[.+\]\s*(#.*)?$")
    at = 0
    while at < len(texts):
        kind, stop = Kind.LINE, at + 1
        if at < front:
            kind = Kind.FRONT
        elif not texts[at].strip():
            kind = Kind.BLANK
        elif heading.match(texts[at]):
            kind = Kind.HEADING
        elif _quote(texts[at]):
            end = next((i for i in range(at, len(texts)) if not _quote(texts[i])), len(texts))
            if any(LABEL.match(text) for text in texts[at:end]):
                kind, stop = Kind.EXAMPLE, end
        yield kind, at, stop
        at = stop


def _front(texts: Sequence[str]) -> int:
    return texts.index("---", 1) + 1 if texts and texts[0] == "---" and "---" in texts[1:] else 0


def _guarded(texts: Sequence[str]) -> set[int]:
    """The lines of the front matter that stand under `guards`."""
    found, inside = set(), False
    for place, text in enumerate(texts[: _front(texts)]):
        if text.strip() and not text.startswith(" "):
            inside = text.startswith("guards:")
        elif inside:
            found.add(place)
    return found


def _quote(text: str) -> bool:
    return re.match(r"\s{0,3}>", text) is not None


def _units(rows: Sequence[Row]) -> tuple[list[Sequence[Row]], Sequence[Row]]:
    """The questions of an example, each with the lines up to the next, and its answer."""
    labels = [place for place, row in enumerate(rows) if LABEL.match(row.text)]
    answer = next((place for place in labels if "Us:" in LABEL.match(rows[place].text)[0]), len(rows))  # type: ignore[index]
    starts = [0, *(place for place in labels[1:] if place < answer), answer]
    return [rows[first:stop] for first, stop in pairwise(starts) if stop], rows[answer:]


def _came(unit: Sequence[Row]) -> bool:
    """Whether a question or an answer came with the change, in the place of no other."""
    return bool(unit) and unit[0].own and unit[0].instead is None


def _standing(rows: Sequence[Row], texts: Sequence[str], *, keep: bool) -> list[str]:
    """The lines that stay, and those that come back in the place of others, unless they stand elsewhere by now."""
    left: list[str] = []
    for row in rows:
        if not row.own or (keep and row.refined):
            left.append(row.text)
        elif row.instead is not None and row.instead not in texts:
            left += row.instead.split("\n")
    return left


def _example(rows: Sequence[Row], *, keep: bool) -> list[str]:
    questions, answer = _units(rows)
    said = _unit(answer, keep=keep)
    asked = [_unit(one, keep=keep) for one in questions]
    if said and (not any(asked) or (keep and any(row.refined for row in answer))):
        asked = [[row.text for row in one] for one in questions]
    if any(asked) and not said:
        said = [row.text for row in answer]
    return [line for one in (*asked, said) for line in one]


def _unit(rows: Sequence[Row], *, keep: bool) -> list[str]:
    """A question or an answer as it stays; nothing where it goes."""
    if not rows or not any(row.own for row in rows):
        return [row.text for row in rows]
    later = any(not row.brought and not is_frame(row.text) for row in rows)
    if keep and later and rows[0].own:
        return [row.text for row in rows]
    if _came(rows):
        return []
    frame = [row.text for row in rows[1:] if is_frame(row.text)][-1:]
    if rows[0].own and not any(not row.own and not is_frame(row.text) for row in rows):
        return [*(rows[0].instead or "").split("\n"), *frame]
    return _standing(rows, (), keep=keep)


# ---- what the change took


def _taken(change: Change) -> Iterator[_Taken]:
    """The parts that it took without putting others in their place."""
    behind: list[str] = []
    for kind, first, stop in _parts(change.before):
        lines = change.before[first:stop]
        tells = lines[0]
        if kind is Kind.EXAMPLE:
            questions, answer = _units([Row(line) for line in lines])
            tells = answer[0].text if answer else lines[0]
            if tells not in change.went:
                for unit in questions:
                    if unit[0].text in change.went:
                        yield _Taken(kind, tuple(row.text for row in unit), answer=tells)
        if tells in change.went and tells.strip() != EXAMPLES:
            yield _Taken(kind, lines, tuple(behind[::-1]))
        if kind is not Kind.BLANK:
            behind.append(tells)


def _put_back(parts: list[_Part], taken: _Taken) -> None:
    if taken.answer:
        for part in parts:
            if taken.answer in part.lines and not set(taken.lines) <= set(part.lines):
                at = part.lines.index(taken.answer)
                part.lines[at:at] = taken.lines
        return
    tells = next((line for line in taken.lines if "Us:" in line and LABEL.match(line)), taken.lines[0])
    if any(tells in part.lines for part in parts):
        return
    part = _Part(taken.kind, list(taken.lines), back=True)
    in_front = [place for place, one in enumerate(parts) if one.kind is Kind.FRONT and one.lines]
    if taken.kind is Kind.FRONT:
        at = next((place + 1 for line in taken.behind for place in in_front if line in parts[place].lines), in_front[0] + 1 if in_front else 0)
        parts.insert(at, part)
        return
    if not in_front:
        _into_section(parts, part, taken)
        return
    body = in_front[-1] + 1
    if taken.kind is Kind.EXAMPLE and not any(one.lines and one.lines[0].strip() == EXAMPLES for one in parts):
        parts += [_Part(Kind.HEADING, [EXAMPLES], back=True), part]
        return
    at = next((place + 1 for line in taken.behind for place in range(body, len(parts)) if line in parts[place].lines), -1)
    if at < 0:
        heading = next((place + 1 for place, one in enumerate(parts) if one.lines and one.lines[0].strip() == EXAMPLES), body)
        at = heading if taken.kind is Kind.EXAMPLE else next((place for place in range(body, len(parts)) if parts[place].kind is not Kind.BLANK), len(parts))
    parts.insert(at, part)


def _into_section(parts: list[_Part], part: _Part, taken: _Taken) -> None:
    """A line of the policy: behind its neighbours of the same section, or in that section made anew at the end."""
    if part.kind is Kind.HEADING:
        parts.append(part)
        return
    heading = next((place for place, line in enumerate(taken.behind) if line.lstrip().startswith("[")), None)
    near = taken.behind if heading is None else taken.behind[: heading + 1]
    at = next((place + 1 for line in near for place, one in enumerate(parts) if line in one.lines), None)
    if at is None and heading is not None:
        parts.append(_Part(Kind.HEADING, [taken.behind[heading]], back=True))
        at = len(parts)
    parts.insert(at or 0, part)


# ---- the frame


def _frame(parts: list[_Part]) -> None:
    """Takes out the frame in which nothing stands any more."""
    for place in reversed(range(len(parts))):
        part = parts[place]
        if part.kind is Kind.FRONT and part.lines and _HEADER.fullmatch(part.lines[0]):
            deep = _indent(part.lines[0])
            below = [one.lines[0] for one in parts[place + 1 :] if one.kind is Kind.FRONT and one.lines]
            if not below or not (_indent(below[0]) > deep or below[0].lstrip().startswith("- ")):
                part.lines = []
        elif part.own and part.kind is Kind.HEADING:
            under = next((one.kind for one in parts[place + 1 :] if one.lines and one.kind is not Kind.BLANK), Kind.HEADING)
            if under is Kind.HEADING:
                part.lines = []


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _joined(parts: Sequence[_Part]) -> str:
    """One blank line where something went between two, and around what came back among others."""
    left: list[str] = []
    last: _Part | None = None
    hole = False
    for part in parts:
        if not part.lines:
            hole = True
            continue
        blank = part.kind is Kind.BLANK
        if blank and left and not left[-1].strip() and (hole or (last is not None and last.back)):
            continue
        apart = last is not None and not blank and left[-1].strip() and (part.back or last.back or hole) and _apart(last, part)
        left += [*([""] if apart else []), *part.lines]
        last, hole = part, False
    return "\n".join(left).rstrip("\n") + "\n"


def _apart(one: _Part, other: _Part) -> bool:
    if Kind.BLANK in {one.kind, other.kind} or one.kind is Kind.FRONT or one.lines[0].startswith("["):
        return False
    return one.kind is not other.kind or one.kind is Kind.EXAMPLE
