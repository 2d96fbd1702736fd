"""Simulated workspaces from labelled messages: each intent is a situation with one answer, so that right and wrong are known."""

import gzip
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from voicegit.domain.directive import Directive, Example
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, Revision
from voicegit.domain.policy import Policy

OUT = "oos"
"""The intent of messages that nothing in the workspace answers."""


@dataclass(frozen=True)
class Row:
    text: str
    intent: str


@dataclass(frozen=True)
class Workspace:
    """What was taught, and what customers then write; a question's intent is `OUT` when it was not taught."""

    taught: tuple[Row, ...]
    asked: tuple[Row, ...]


def load(path: Path) -> list[Row]:
    """JSON lines with `text` and `intent`, plain or gzip. Ends with a sentence when nothing, or something else, stands in it."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found = [Row(row["text"], row["intent"]) for row in map(json.loads, content.decode("utf-8").splitlines())]
    except (ValueError, KeyError, TypeError, OSError, EOFError) as exc:
        raise SystemExit(f"{path.name} cannot be read as JSON lines with text and intent ({type(exc).__name__}: {exc}).") from exc
    if not found:
        raise SystemExit(f"{path.name} is empty: nothing to measure.")
    return found


def kept_aside(row: Row) -> bool:
    """A quarter of the rows, chosen by their text: never fitted on, only measured with."""
    return crc32(row.text.encode()) % 4 == 0


def directives(taught: Iterable[Row]) -> DirectiveSet:
    """One situation per intent, in memory, so the size of a file does not matter."""
    said: dict[str, list[str]] = {}
    for row in taught:
        if row.intent != OUT:
            said.setdefault(row.intent, []).append(row.text)
    made = [
        Directive(DirectiveId(f"situations/i{number}"), intent, "", examples=(Example(tuple(texts), answer(intent)),))
        for number, (intent, texts) in enumerate(sorted(said.items()))
    ]
    return DirectiveSet(Revision(f"{crc32(repr(sorted(said.items())).encode()):040x}"), tuple(made), Policy())


def answer(intent: str) -> str:
    """What the business says to an intent: its name, so that a quotation tells which was meant."""
    return f"The answer to {intent}."


def small(rows: Sequence[Row], outside: Sequence[Row], chance: random.Random, *, intents: tuple[int, int], each: tuple[int, int], asked: int) -> Workspace:
    """A business with some cases. Half of what is asked was taught, and a twentieth of that repeats a taught message to the letter, as short ones do;
    the rest are other intents of the same trade, and messages of no trade.
    """
    by_intent: dict[str, list[Row]] = {}
    for row in rows:
        if row.intent != OUT:
            by_intent.setdefault(row.intent, []).append(row)
    names = sorted(by_intent)
    chosen = chance.sample(names, min(len(names) - 1, chance.randint(*intents)))
    taught: list[Row] = []
    inside: list[Row] = []
    for name in chosen:
        mine = chance.sample(by_intent[name], len(by_intent[name]))
        count = chance.randint(*each)
        taught += mine[:count]
        inside += mine[count:]
    others = [Row(row.text, OUT) for name in names if name not in chosen for row in by_intent[name]]
    strangers = [Row(row.text, OUT) for row in outside]
    asked_rows = [
        *chance.sample(inside, min(asked, len(inside))),
        *chance.sample(taught, min(max(1, asked // 20), len(taught))),
        *chance.sample(others, min(asked // 2, len(others))),
        *chance.sample(strangers, min(asked // 2, len(strangers))),
    ]
    return Workspace(tuple(taught), tuple(asked_rows))


def grown(rows: Sequence[Row], outside: Sequence[Row], chance: random.Random, *, taught: int, asked: int) -> Workspace:
    """A business that was taught the messages that came so far, and is asked those that come next: cases that are rare are met late, or not at all.

    A fourteenth of what comes next is of no trade.
    """
    come = chance.sample([row for row in rows if row.intent != OUT], taught + asked)
    strangers = [Row(row.text, OUT) for row in chance.sample(list(outside), min(asked // 13, len(outside)))]
    return Workspace(tuple(come[:taught]), (*come[taught:], *strangers))
