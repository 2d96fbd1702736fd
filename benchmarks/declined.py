"""Whether one more exchange is new evidence for what was declined: of the same step of a task it should be, of another task not.

    python -m benchmarks.declined FILE… --playbooks FILE [--json OUT] [--seed N]

Files are JSON lines (plain or gzip) of dialogues with `turns`: what a person typed (`agent_typed`) and which step of the playbook that was (`action` of the
turn after it). What was declined is the playbook's wording of a step, with the exchanges of a few conversations behind it.
"""

import argparse
import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from voicegit.domain import book
from voicegit.domain.ids import ConversationId, DirectiveId, PersonId, SignalId
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import Signal, SignalKind

DRAWS = 250
BEHIND = (1, 3, 6)
ANYWHERE = ("hello", "goodbye", "ask_name", "anything", "out_of", "query")
"""Beginnings of the names of steps that belong to no task."""
THEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    conversation: str
    asked: str
    typed: str


def rows(path: Path) -> Iterator[dict[str, Any]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return map(json.loads, content.decode("utf-8").splitlines())


def steps(path: Path, wordings: Mapping[str, str]) -> dict[str, list[Said]]:
    """What was said at each step that is told often enough, and belongs to a task."""
    found: dict[str, list[Said]] = defaultdict(list)
    for row in rows(path):
        asked: list[str] = []
        typed = ""
        for turn in row["turns"]:
            if turn["role"] == "customer":
                asked.append(turn["text"])
            elif turn["role"] == "agent_typed":
                typed = turn["text"]
            elif turn["role"] == "agent":
                step = turn.get("action") or ""
                if step in wordings and "_" in step and not step.startswith(ANYWHERE) and typed and asked:
                    found[step].append(Said(row["id"], " ".join(asked), typed))
                asked, typed = [], ""
    return {step: said for step, said in found.items() if len(said) >= max(BEHIND) + 3}


def comes_again(wording: str, behind: Sequence[Said], fresh: Said) -> bool:
    operation = Operation(Change.ADD, DirectiveId("situations/declined"), "Because.", (SignalId("fresh"),), text=wording)
    no = book.No("No", says=(wording,), at=THEN, about=tuple(text for one in behind for text in (one.asked, one.typed)))
    signal = Signal(
        SignalId("fresh"), SignalKind.TAKEOVER, ConversationId("c"), None, PersonId("p"), THEN + timedelta(days=1), 1.0, fresh.asked, text=fresh.typed
    )
    return not book.without(operation, (no,), {signal.id: signal})[1]


def measured(path: Path, wordings: Mapping[str, str], seed: int) -> dict[str, dict[int, float]]:
    known, chance = steps(path, wordings), random.Random(seed)
    names = sorted(known)
    shares: dict[str, dict[int, float]] = {"the same step": {}, "another step of the task": {}, "another task": {}}
    for many in BEHIND:
        hits: dict[str, list[bool]] = {name: [] for name in shares}
        for _ in range(DRAWS):
            step = chance.choice(names)
            *behind, fresh = chance.sample(known[step], many + 1)
            task = step.split("_")[0]
            others = {
                "another step of the task": [name for name in names if name.split("_")[0] == task and name != step],
                "another task": [name for name in names if name.split("_")[0] != task],
            }
            if fresh.conversation not in {one.conversation for one in behind}:
                hits["the same step"].append(comes_again(wordings[step], behind, fresh))
            for what, places in others.items():
                if places:
                    hits[what].append(comes_again(wordings[step], behind, chance.choice(known[chance.choice(places)])))
        for what, got in hits.items():
            shares[what][many] = round(sum(got) / len(got), 3)
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--playbooks", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    wordings = {step: text for row in rows(given.playbooks) for step, text in row["responses"].items()}
    found = {path.name: measured(path, wordings, given.seed) for path in given.files}
    for name, shares in found.items():
        print(f"{name}: share that speaks for it again, with {', '.join(map(str, BEHIND))} exchanges behind what was declined")
        for what, got in shares.items():
            print(f"  {what:<26}" + "".join(f"{got[many]:>9.1%}" for many in BEHIND))
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
