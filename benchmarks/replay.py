"""How long a replay takes: with the embedded model, and with a model that answers in a second.

    python -m benchmarks.replay [FILE] [--cases 500] [--outside-cases 40] [--at-once 4] [--seconds 1.0] [--json OUT]

FILE is JSON lines with `text` and `intent`, plain or gzip (`gate/banking77_train.jsonl.gz`); without it, made-up questions about made-up
things. Half of its intents are taught, by `EACH` phrasings and a fixed
reply each; a proposal teaches a quarter more and takes one away. What is asked again are messages that taught nothing: calls for a person answered with
the fixed reply of their intent, and replies that were found good, each a conversation of its own in the database.

Embedded: `--cases` under both revisions, from the plan to the last row on the disk, in a process that has imported and indexed nothing yet for them.
Outside: a Messages API on this machine takes `--seconds` for each answer and each judgement. The ideal is calls × seconds / calls at once, as if nothing else
took time; the ratio to it is what is asked for. The server shares this process, so its own work counts against us.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "web")]

from benchmarks.workspaces import OUT, Row, load  # noqa: E402

from tests.messages_api import MessagesApi, Received  # noqa: E402
from voicegit import bootstrap  # noqa: E402
from voicegit.bootstrap import App  # noqa: E402
from voicegit.domain.people import Person  # noqa: E402
from voicegit.domain.replayed import Replay, Summary  # noqa: E402
from voicegit.domain.signal import SignalKind  # noqa: E402
from voicegit.services import conversation, exchange, feedback, people, replay, replaying, review, transfer  # noqa: E402

EACH = 20
"""Phrasings that an intent is taught by."""

GOOD = 0.3
"""The share of the cases that are replies which were found good."""


@dataclass(frozen=True)
class Embedded:
    cases: int
    phrasings: int
    seconds: float
    cpu_seconds: float
    fixed: int
    same: int
    broken: int
    unsure: int
    summary: tuple[str, ...]


@dataclass(frozen=True)
class Outside:
    """`calls` are answers and judgements together; `ratio` is `seconds` over `ideal`."""

    cases: int
    tries: int
    at_once: int
    calls: int
    judgements: int
    seconds: float
    ideal: float
    ratio: float


THINGS = [
    "carpet",
    "window",
    "oven",
    "fridge",
    "sofa",
    "curtain",
    "garden",
    "terrace",
    "gutter",
    "wall",
    "floor",
    "ceiling",
    "lamp",
    "mattress",
    "kitchen",
    "bathroom",
    "cellar",
    "attic",
    "stairs",
    "door",
]
DEEDS = ["clean", "repair", "move", "paint"]
WAYS = (
    "Can you {} my {}?",
    "Do you {} a {} too?",
    "What does it cost to {} the {}?",
    "Please {} our {}",
    "I need somebody to {} a {}",
    "When could you {} the {}?",
)
ENDS = ("", " this week", " next month", " please", " as soon as you can", " before my guests come", " again", " like last time")


def made_up() -> list[Row]:
    return [Row(way.format(deed, thing) + end, f"{deed}_{thing}") for thing in THINGS for deed in DEEDS for end in ENDS for way in WAYS]


def reply(intent: str) -> str:
    return f"Thank you for asking about {intent.replace('_', ' ').lower()}. We have looked into it and it is taken care of."


def situation(intent: str, rows: Sequence[Row]) -> bytes:
    title = intent.replace("_", " ").capitalize()
    shown = "".join(f"> **Customer:** {' '.join(row.text.split())}\n>\n" for row in rows[:EACH])
    return f"---\ntitle: {json.dumps(title)}\n---\n\n- Answer as shown\n\n## Examples\n\n{shown}> **Us:** {reply(intent)}\n".encode()


def path(intent: str) -> str:
    return f"situations/{''.join(c if c.isalnum() else '-' for c in intent.lower()).strip('-')}.md"


class Business:
    """A workspace with what was taught, what happened, and an open proposal."""

    def __init__(self, root: Path, rows: Sequence[Row], cases: int, policy: str = "") -> None:
        by_intent: dict[str, list[Row]] = {}
        for row in rows:
            if row.intent != OUT:
                by_intent.setdefault(row.intent, []).append(row)
        intents = sorted(by_intent)
        taught, fresh = intents[: len(intents) // 2], intents[len(intents) // 2 : len(intents) * 3 // 4]
        source = root / "source"
        files = {"policy.toml": f'[business]\nname = "Bank"\n[gate]\nsummon_until_covered = []\nalways_summon = []\n{policy}'.encode()}
        files |= {path(intent): situation(intent, by_intent[intent]) for intent in taught}
        for name, content in files.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(content)
        bootstrap.create_workspace(root / "bank", owner="Maria", source=source)
        self.app: App = bootstrap.open_app(root / "bank", provider="local")
        self.owner: Person = people.named(self.app.workspace, None)
        unseen = {intent: by_intent[intent][EACH:] for intent in intents}
        self._good([(row, intent) for intent in taught for row in unseen[intent]], int(cases * GOOD))
        self._calls([row for intent in intents for row in unseen[intent]][:: max(1, len(rows) // (2 * cases))], cases)
        changes: dict[str, bytes | None] = {path(intent): situation(intent, by_intent[intent]) for intent in fresh}
        name = review.propose(self.app.workspace, changes | {path(taught[0]): None}, title="More of what customers ask", by=self.owner)
        self.phrasings = EACH * (len(taught) + len(fresh))
        self._branch = next(one for one in self.app.workspace.directives.proposals() if one.proposal == name)
        self.app.close()
        self.root = root / "bank"

    def _good(self, asked: Sequence[tuple[Row, str]], many: int) -> None:
        step = max(1, len(asked) // (2 * many or 1))
        for row, intent in asked[::step]:
            if many and (said := exchange.say(self.app.workspace, conversation.start(self.app.workspace).id, row.text).reply) is not None:
                right = said.text == reply(intent)
                kind, why = (SignalKind.APPROVAL, None) if right else (SignalKind.REJECTION, "this is about something else")
                feedback.give(self.app.workspace, said.id, kind, by=self.owner, reason=why)
                many -= 1

    def _calls(self, asked: Sequence[Row], many: int) -> None:
        lines = [
            json.dumps({"id": f"c-{number}", "turns": [{"role": "customer", "text": row.text}, {"role": "agent", "text": reply(row.intent)}]})
            for number, row in enumerate(asked[:many])
        ]
        transfer.take_in(self.app.workspace, lines, by=self.owner)

    def run(self, provider: str, most: int) -> tuple[Replay, Summary, float, float]:
        app = bootstrap.open_app(self.root, provider=provider)
        try:
            began, worked = time.perf_counter(), time.process_time()
            subject = replay.of_proposal(app.workspace, self._branch)
            row = replay.begin(app.workspace, replay.plan(app.workspace, subject, most=most))
            row = replaying.run(app.workspace, row)
            seconds, cpu = time.perf_counter() - began, time.process_time() - worked
            return row, replay.get(app.workspace, row.id).summary, seconds, cpu
        finally:
            app.close()


def embedded(rows: Sequence[Row], cases: int) -> Embedded:
    with tempfile.TemporaryDirectory() as folder:
        business = Business(Path(folder), rows, cases)
        _, summary, seconds, cpu = business.run("local", cases)
        counts = summary.counts
        return Embedded(len(summary.cases), business.phrasings, seconds, cpu, counts.fixed, counts.same, counts.broken, counts.unsure, tuple(summary.lines))


def outside(rows: Sequence[Row], cases: int, at_once: int, each: float) -> Outside:
    """The model answers every question with words of its own, so that both orders of every answer are judged too."""
    judged = 0

    def answer(received: Received) -> dict[str, Any]:
        nonlocal judged
        time.sleep(each)
        if "<texts>" in received.user:
            judged += 1
            return {"why": "", "opinion": "same"}
        checks = {"clear": True, "informed": True, "unremarkable": True, "covered": True}
        text = "We have looked into what you asked about, and somebody of ours takes care of it."
        return {**checks, "covered_by": None, "note": "", "confidence": 0.95, "action": "reply", "text": text}

    with tempfile.TemporaryDirectory() as folder, MessagesApi(answer_by=answer) as api:
        business = Business(Path(folder), rows, cases, f"[replay]\nat_once = {at_once}\nmax_cost = 1000\n")
        os.environ |= {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "none", "HOME": folder}
        from voicegit.adapters.models import anthropic

        anthropic.warm_up()
        row, summary, seconds, _ = business.run("anthropic", cases)
        anthropic.disconnect()
        calls = len(api.requests)
        ideal = calls * each / at_once
        return Outside(len(summary.cases), row.tries, at_once, calls, judged, seconds, ideal, seconds / ideal)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--outside-cases", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = load(given.file) if given.file is not None else made_up()
    inside = embedded(rows, given.cases)
    print(f"embedded: {inside.cases} cases × 2 revisions, {inside.phrasings} phrasings: {inside.seconds:.1f} s, {inside.cpu_seconds:.1f} s of CPU")
    print(f"  {inside.fixed} fixed, {inside.same} same, {inside.broken} broken, {inside.unsure} unsure")
    print("".join(f"  {line}\n" for line in inside.summary), end="")
    figures: dict[str, Any] = {"embedded": asdict(inside)}
    if given.outside_cases:
        away = outside(rows, given.outside_cases, given.at_once, given.seconds)
        print(f"outside: {away.cases} cases × 2 × {away.tries} tries, {away.calls} calls ({away.judgements} judgements), {away.at_once} at once")
        print(f"  {away.seconds:.1f} s, ideal {away.ideal:.1f} s, ratio {away.ratio:.2f}")
        figures["outside"] = asdict(away)
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
