"""What the embedded model learns from real conversations: import, distil until nothing more is proposed, approve, then ask what was set aside.

    python -m benchmarks.dialogues FILE… [--json OUT] [--limit CONVERSATIONS] [--most-rounds N]

Files are JSON lines (plain or gzip), one conversation a line: `id`, and `turns` of `role` and `text`. Each file gets a workspace of its own in a temporary
folder, with an empty repository whose policy differs from the default in one line: a proposal may change 50 directives instead of 7, so that
rounds are few. Every proposal without a failed check is approved as it stands: nobody reads it, which an owner would.

Roles: `customer` and `agent` stay. `agent_typed` (STAR) is left out: it is what the person typed to look for a suggestion, and was never sent; what
went out, picked or typed freely, is the `agent` turn that follows. Calls of programs and their results are left out too.

Each takeover that the distiller never saw is asked again with the real turn (rules, guidance, model, gate, outgoing checks; nothing is written), in its
conversation as it stood before the person answered. An answer that would have been sent agrees with the person's
  by words   if the two are at least `BOUND` of 100 alike by `rapidfuzz.fuzz.ratio`, lower case, without punctuation, after redaction;
  by label   if the source's own label of the two is the same, where both have one. STAR: the playbook reply that was picked. Taskmaster: the last
             program the person called before they answered. An answer's label is the commonest one of the takeovers that taught it.
"""

import argparse
import gzip
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from voicegit import bootstrap
from voicegit.bootstrap import App
from voicegit.domain import checks, privacy
from voicegit.domain.conversation import Message, unanswered
from voicegit.domain.directive import Directive
from voicegit.domain.distillation import Distillation
from voicegit.domain.gate import Action
from voicegit.domain.people import Person
from voicegit.domain.signal import Signal, SignalKind
from voicegit.services import distill, people, review, transfer, turn

BOUND = 80.0
POLICY = "[learning]\nmax_changes = 50\n"

Labels = dict[tuple[str, int], str]
"""By the conversation's id in its source and the number of the message in it, counted from 1: what the person did there."""


@dataclass
class Figures:
    """What one file came to. Shares are 0..1 of `answered` (by label: of `labelled`); `cost` in US dollars."""

    file: str
    conversations: int = 0
    takeovers: int = 0
    import_seconds: float = 0.0
    distillations: int = 0
    proposals: int = 0
    refused: int = 0
    distil_seconds: float = 0.0
    longest_distillation: float = 0.0
    approve_seconds: float = 0.0
    cost: float = 0.0
    directives: int = 0
    examples: int = 0
    phrasings: int = 0
    rules: int = 0
    largest_directive: int = 0
    repository_kb: int = 0
    set_aside: int = 0
    screened: int = 0
    answered: int = 0
    coverage: float = 0.0
    by_words: float = 0.0
    labelled: int = 0
    by_label: float = 0.0
    by_either: float = 0.0
    turn_ms: float = 0.0
    dropped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One takeover that was set aside, and what the model would do now. `answer` is None when a person would be called, for `reasons`."""

    customer: str
    person: str
    label: str | None
    confidence: float
    reasons: tuple[str, ...]
    answer: str | None = None
    answer_label: str | None = None

    @property
    def by_words(self) -> bool:
        return self.answer is not None and alike(self.person, self.answer) >= BOUND

    @property
    def both_labelled(self) -> bool:
        return self.label is not None and self.answer_label is not None

    @property
    def by_label(self) -> bool:
        return self.both_labelled and self.label == self.answer_label


def alike(one: str, other: str) -> float:
    return float(fuzz.ratio(plain(one), plain(other)))


def plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.lower()))


# ---- reading


def read(path: Path, limit: int | None) -> tuple[list[str], Labels]:
    """The conversations as lines for `voicegit import`, and the labels of what persons wrote."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines, labels = [], Labels()
    for row in map(json.loads, content.decode("utf-8").splitlines()[:limit]):
        kept: list[dict[str, Any]] = []
        called = None
        for said in row["turns"]:
            if said["role"] in {"customer", "agent"} and said["text"].strip():
                kept.append({key: said[key] for key in ("role", "text", "ts") if key in said})
                label = said.get("action") or called
                if said["role"] == "agent" and label and not said.get("free"):
                    labels[row["id"], len(kept)] = label
                called = None
            elif said["role"] == "action" and row["source"].startswith("Taskmaster"):
                called = said["text"].split()[0]
        lines.append(json.dumps({"id": row["id"], "turns": kept}))
    return lines, labels


# ---- teaching


def taught(app: App, figures: Figures, most_rounds: int) -> None:
    """Distils and approves until a distillation finds no signal that waits, or nothing to propose twice."""
    owner = people.named(app.workspace, None)
    for number in range(1, most_rounds + 1):
        began = time.perf_counter()
        row = distill.distill(app.workspace)
        seconds = time.perf_counter() - began
        if not row.signals:
            return
        figures.distillations += 1
        figures.distil_seconds += seconds
        figures.longest_distillation = max(figures.longest_distillation, seconds)
        figures.cost += row.cost
        _count_dropped(row, figures)
        say(f"distillation {number}: {row.signals} signals, {len(row.operations)} operations, {len(row.dropped)} dropped, {seconds:.1f} s. {row.summary[:300]}")
        if row.proposal is None:
            return
        _decided(app, row, owner, figures)


def _count_dropped(row: Distillation, figures: Figures) -> None:
    for reason, count in Counter(re.sub(r"“[^”]*”", "“…”", one.reason) for one in row.dropped).items():
        figures.dropped[reason] = figures.dropped.get(reason, 0) + count


def _decided(app: App, row: Distillation, owner: Person, figures: Figures) -> None:
    assert row.proposal is not None
    began = time.perf_counter()
    shown = review.show(app.workspace, row.proposal)
    figures.proposals += 1
    if failed := checks.failed(shown.checks):
        figures.refused += 1
        say(f"  refused: {failed[0].summary} {failed[0].findings[:2]}")
        review.decline(app.workspace, row.proposal, reason=failed[0].summary, by=owner)
    else:
        review.approve(app.workspace, row.proposal, by=owner, head=shown.head, base=shown.main, despite="as it stands")
    figures.approve_seconds += time.perf_counter() - began


# ---- asking


def asked(app: App, labels: Labels) -> Iterator[Asked]:
    """Every takeover that was set aside, under what is live now."""
    tx = app.workspace.store.read
    sources = {talk.id: talk.source or "" for talk in tx.conversations.find()}
    numbers = {message.id: message.seq for message in tx.messages.find()}
    signals = tx.signals.find(kind=SignalKind.TAKEOVER)

    def label(signal: Signal) -> str | None:
        return labels.get((sources[signal.conversation], numbers[signal.message])) if signal.message else None

    learnt = _labels_by_answer([(without(s.text), label(s)) for s in signals if not s.set_aside])
    for signal in signals:
        if signal.set_aside and signal.message:
            before = tx.messages.find(conversation=signal.conversation, seq__lt=numbers[signal.message], order="seq")
            yield _asked(app, signal, before, label(signal), learnt)


def _asked(app: App, signal: Signal, before: Sequence[Message], label: str | None, learnt: dict[str, str]) -> Asked:
    workspace = app.workspace
    known = workspace.directives.serving()
    talk = workspace.store.read.conversations.get(signal.conversation)
    seen = [m for m in before if m.spoken][-turn.HISTORY :]
    now = workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone))
    thought = turn.think(workspace, turn.View(talk, seen, unanswered(list(before)), None, known, now))
    confidence = thought.drafts[-1].assessment.confidence if thought.drafts else 0.0
    found = Asked(signal.customer_text, without(signal.text), label, confidence, tuple(r.code for r in thought.ruling.reasons))
    if thought.ruling.action is not Action.REPLY:
        return found
    answer = thought.drafts[-1].text
    return Asked(found.customer, found.person, label, confidence, (), answer, _label_of(without(answer), learnt))


def without(text: str | None) -> str:
    return privacy.redact(text or "")


def _labels_by_answer(pairs: Sequence[tuple[str, str | None]]) -> dict[str, str]:
    counts: dict[str, Counter[str]] = {}
    for text, label in pairs:
        if label is not None:
            counts.setdefault(plain(text), Counter())[label] += 1
    return {text: found.most_common(1)[0][0] for text, found in counts.items()}


def _label_of(answer: str, learnt: dict[str, str]) -> str | None:
    exact = learnt.get(plain(answer))
    if exact is not None or not learnt:
        return exact
    near = process.extractOne(plain(answer), learnt.keys(), scorer=fuzz.ratio, score_cutoff=90)
    return None if near is None else learnt[near[0]]


# ---- telling


def measured(path: Path, limit: int | None, most_rounds: int, keep: Path | None) -> tuple[Figures, list[Asked]]:
    figures = Figures(path.name)
    lines, labels = read(path, limit)
    with tempfile.TemporaryDirectory(prefix="voicegit-dialogues-") as folder:
        root = (keep or Path(folder)) / path.name.split(".")[0]
        source = Path(folder) / "policy"
        source.mkdir()
        (source / "policy.toml").write_text(POLICY)
        bootstrap.create_workspace(root, owner="Owner", source=source)
        with bootstrap.opened(root, provider="local") as app:
            began = time.perf_counter()
            counted = transfer.take_in(app.workspace, lines, by=people.named(app.workspace, None), progress=_progress)
            figures.import_seconds = time.perf_counter() - began
            figures.conversations, figures.takeovers = counted.conversations, counted.takeovers
            say(f"{path.name}: {counted.conversations} conversations, {counted.takeovers} takeovers in {figures.import_seconds:.1f} s; bad: {counted.bad[:3]}")
            taught(app, figures, most_rounds)
            _sized(app, root, figures)
            return figures, _scored(app, labels, figures)


def _progress(line: int) -> None:
    if line % 500 == 0:
        say(f"  {line} conversations read")


def _sized(app: App, root: Path, figures: Figures) -> None:
    live: Sequence[Directive] = app.workspace.directives.serving().directives
    figures.directives = len(live)
    figures.examples = sum(len(d.examples) for d in live)
    figures.phrasings = sum(len(example.customer) for d in live for example in d.examples)
    figures.rules = sum(len(d.rules) for d in live)
    figures.largest_directive = max((len(d.source.encode()) for d in live), default=0)
    figures.repository_kb = sum(file.stat().st_size for file in (root / bootstrap.REPOSITORY).rglob("*") if file.is_file()) // 1024


def _scored(app: App, labels: Labels, figures: Figures) -> list[Asked]:
    began = time.perf_counter()
    found: list[Asked] = []
    for one in asked(app, labels):
        found.append(one)
        if len(found) % 500 == 0:
            say(f"  {len(found)} asked, {sum(a.answer is not None for a in found)} answered")
    answered = [one for one in found if one.answer is not None]
    labelled = [one for one in answered if one.both_labelled]
    figures.set_aside, figures.answered, figures.labelled = len(found), len(answered), len(labelled)
    figures.screened = sum(bool({"asks_for_person", "legal_threat", "injury_or_danger"} & set(one.reasons)) for one in found)
    figures.coverage = _share(len(answered), found)
    figures.by_words = _share(sum(one.by_words for one in answered), answered)
    figures.by_label = _share(sum(one.by_label for one in labelled), labelled)
    figures.by_either = _share(sum(one.by_words or one.by_label for one in answered), answered)
    figures.turn_ms = 1000 * (time.perf_counter() - began) / max(1, len(found))
    return found


def _share(count: int, of: Sequence[object]) -> float:
    return count / len(of) if of else 0.0


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _table(every: Sequence[Figures]) -> str:
    rows = [asdict(figures) for figures in every]
    shown = [[name.replace("_", " "), *(_cell(name, row[name]) for row in rows)] for name in rows[0] if name != "dropped"]
    widths = [max(len(line[at]) for line in shown) for at in range(len(shown[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in shown)


def _cell(name: str, value: object) -> str:
    if name == "coverage" or name.startswith("by_"):
        return f"{value:.1%}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, help="figures and every question with its answer, as JSON")
    parser.add_argument("--limit", type=int, help="conversations read of each file")
    parser.add_argument("--most-rounds", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for the workspaces, to look at them afterwards")
    given = parser.parse_args()
    every = [measured(path, given.limit, given.most_rounds, given.keep) for path in given.files]
    print(_table([figures for figures, _ in every]))
    if given.json:
        given.json.write_text(json.dumps([{**asdict(figures), "asked": [asdict(one) for one in found]} for figures, found in every], indent=1))


if __name__ == "__main__":
    main()
