"""How a business that begins with nothing learns: messages stream through the real turn, a person answers what is summoned, and what they wrote is distilled.

    python -m benchmarks.learning_curve --messages FILE… --out-of-scope FILE… [--limit N] [--seed N] [--threshold T]
        [--begin-with T --careful N] [--json FILE]

Files are JSON lines with `text` and `intent`, plain or gzip. All `--messages` are shuffled by `--seed` with messages of the intent `oos` of the
`--out-of-scope` files, which are 7 % of the stream; where there are too few of them they come again, as messages do. Each message is a conversation.

The workspace is a real one in a temporary folder: an empty repository whose policy is printed. A summon is claimed, answered and resolved by a person,
with one fixed reply per intent; out of scope with a polite no, marked as teaching nothing. After every 200 signals that wait a distillation runs, and
its proposal is approved as it stands unless a check fails. Half of the wrong replies (by a hash of the message) are caught by review: of those, half are
corrected, and the rest, and all that were given out of scope, are rejected with a reason.

A reply is *right* when it is the intent's fixed reply, word for word; out of scope none is. A *mistake* is an intent and a wrong reply to it; a *repeat* is a
wrong reply whose mistake had been caught before (and had reached a distillation), *same* one to a message that has the same words.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from benchmarks.workspaces import OUT, Row, load

from voicegit import bootstrap
from voicegit.bootstrap import App
from voicegit.domain import checks
from voicegit.domain.ids import MessageId
from voicegit.domain.people import Person
from voicegit.domain.signal import SignalKind, Teaches
from voicegit.services import conversation, distill, exchange, feedback, people, review, takeover
from voicegit.services.exchange import Answer, Exchange

OUT_SHARE = 0.07
DISTIL_AFTER = 200
WINDOW = 1000
LAST = 3000
CAREFUL = 5000
AS_IT_STANDS = "as it stands: nobody reads the replay here"
POLICY = """\
[gate]
threshold = {threshold}      # {begin} until {careful} messages have come, then an owner's own proposal

[turns]
burst_seconds = 0.0

[learning]
distil_after = 200
max_changes = 100
set_aside_from = 1000   # nothing is kept aside to test with: this measures what is learned

[replay]
cases = 10              # before each approval; nobody reads them here
"""
OPENERS = (
    "Thanks for asking about {}.", "Here is how it goes with {}.", "I can help you with {}.", "Good question about {}!", "On {} we can tell you this.",
    "You wrote to us about {}.", "Let me explain {}.", "Sorry for the trouble with {}.", "This is what we do about {}.",
)  # fmt: skip
CLOSERS = (
    "Open the app and follow the steps on the help page.", "The page with the same name walks you through it.", "It usually sorts itself out, so give it time.",
    "Our guide shows each step with a picture.", "Please look in the settings first.", "Reply here if that is not what you see.",
    "The terms on our site say it in full.", "Tell me what the screen shows you.", "Most people find the answer on our support page.",
    "Go to your profile, then choose the second tab.", "Start again from the home screen.",
)  # fmt: skip
REFUSAL = "I am afraid this is nothing that we can help with."


def replies(intents: Sequence[str]) -> dict[str, str]:
    """A fixed reply per intent, as different from one another as what a business says."""
    texts = {}
    for at, intent in enumerate(sorted(set(intents) - {OUT})):
        words = intent.replace("_", " ").replace("+", " ").strip("? ").lower()
        texts[intent] = f"{OPENERS[at % len(OPENERS)].format(words)} {CLOSERS[at % len(CLOSERS)]}"
    return texts


def stream(messages: Sequence[Row], outside: Sequence[Row], *, seed: int, limit: int | None) -> list[Row]:
    """All messages in one order, with `OUT_SHARE` of them out of scope."""
    chance = random.Random(seed)
    inside = chance.sample(list(messages), len(messages))
    strangers = chance.sample([Row(row.text, OUT) for row in outside if row.intent == OUT], sum(row.intent == OUT for row in outside))
    if limit is not None:
        inside = inside[: round(limit * (1 - OUT_SHARE))]
    wanted = round(len(inside) * OUT_SHARE / (1 - OUT_SHARE))
    drawn = [strangers[at % len(strangers)] for at in range(wanted)] if strangers else []
    return chance.sample([*inside, *drawn], len(inside) + len(drawn))


@dataclass(frozen=True)
class Seen:
    """What came of one message. `repeat` is a mistake that had been caught, `same` one that had been caught with these very words."""

    summoned: bool
    right: bool = False
    outside: bool = False
    repeat: bool = False
    same: bool = False
    confidence: float = 0.0
    why: str = ""


@dataclass
class Spent:
    """Seconds by what took them, and what was learned."""

    turns: float = 0.0
    people: float = 0.0
    distilling: float = 0.0
    approving: float = 0.0
    distillations: int = 0
    releases: int = 0
    refused: int = 0
    dropped: dict[str, int] = field(default_factory=dict)


class Business:
    """One workspace, its one person, and what they have caught so far."""

    def __init__(self, app: App, texts: dict[str, str]) -> None:
        self.app, self.texts = app, texts
        self.owner: Person = people.named(app.workspace, None)
        self.spent = Spent()
        self._fresh: list[tuple[Row, str]] = []
        self._caught: set[tuple[str, str]] = set()
        self._caught_words: set[tuple[str, str]] = set()

    def meet(self, row: Row) -> Seen:
        """One conversation from the customer's message to what a person makes of it."""
        workspace, began = self.app.workspace, time.perf_counter()
        talk = conversation.start(workspace, channel="benchmark")
        came = exchange.say(workspace, talk.id, row.text)
        self.spent.turns += time.perf_counter() - began
        began = time.perf_counter()
        seen = self._answered(row, came) if came.answer is Answer.REPLY else self._summoned(row, came)
        self.spent.people += time.perf_counter() - began
        if distill.waiting(workspace.store.read) >= DISTIL_AFTER:
            self.learn()
        return seen

    def _summoned(self, row: Row, came: Exchange) -> Seen:
        assert came.summon is not None and came.turn is not None
        workspace, talk = self.app.workspace, came.message.conversation
        takeover.claim(workspace, came.summon, by=self.owner)
        if row.intent == OUT:
            takeover.reply(workspace, talk, REFUSAL, by=self.owner, teaches=Teaches.NOTHING)
        else:
            takeover.reply(workspace, talk, self.texts[row.intent], by=self.owner)
        takeover.resolve(workspace, talk, by=self.owner)
        return Seen(True, outside=row.intent == OUT, confidence=came.turn.confidence, why=",".join(reason.code for reason in came.turn.reasons))

    def _answered(self, row: Row, came: Exchange) -> Seen:
        assert came.reply is not None and came.turn is not None
        said = came.reply.text
        if said == self.texts.get(row.intent):
            return Seen(False, right=True, confidence=came.turn.confidence)
        repeat, same = (row.intent, said) in self._caught, (plain(row.text), said) in self._caught_words
        if chosen(row.text, "caught"):
            self._fresh.append((row, said))
            self._caught_words.add((plain(row.text), said))
            self._review(row, came.reply.id)
        return Seen(False, outside=row.intent == OUT, repeat=repeat, same=same, confidence=came.turn.confidence)

    def _review(self, row: Row, message: MessageId) -> None:
        if row.intent == OUT:
            feedback.give(self.app.workspace, message, SignalKind.REJECTION, by=self.owner, reason="This is nothing that we can help with")
        elif chosen(row.text, "corrected"):
            feedback.give(self.app.workspace, message, SignalKind.CORRECTION, by=self.owner, text=self.texts[row.intent])
        else:
            feedback.give(self.app.workspace, message, SignalKind.REJECTION, by=self.owner, reason="That is not what the customer asked about")

    def learn(self) -> None:
        """One distillation, and its proposal approved as it stands if no check fails."""
        workspace, began = self.app.workspace, time.perf_counter()
        row = distill.distill(workspace)
        self.spent.distilling += time.perf_counter() - began
        self.spent.distillations += 1
        for one in row.dropped:
            self.spent.dropped[one.reason[:60]] = self.spent.dropped.get(one.reason[:60], 0) + 1
        self._caught |= {(row.intent, said) for row, said in self._fresh}
        self._fresh = []
        if row.proposal is None:
            say(f"  distillation {self.spent.distillations}: nothing proposed. {row.summary[:200]}")
            return
        began = time.perf_counter()
        shown = review.show(workspace, row.proposal)
        if failed := checks.failed(shown.checks):
            self.spent.refused += 1
            say(f"  refused: {failed[0].summary} {failed[0].findings[:2]}")
            review.decline(workspace, row.proposal, reason=failed[0].summary, by=self.owner)
        else:
            review.approve(workspace, row.proposal, by=self.owner, head=shown.head, base=shown.main, despite=AS_IT_STANDS)
            self.spent.releases += 1
        self.spent.approving += time.perf_counter() - began
        live = workspace.directives.serving().directives
        known = sum(len(example.customer) for one in live for example in one.examples)
        say(f"  distillation {self.spent.distillations}: {row.signals} signals, {len(live)} directives, {known} phrasings. {row.summary[:160]}")


def chosen(text: str, what: str) -> bool:
    """A half of all messages, by a hash: the same half in every run."""
    return sha256(f"{what} {text}".encode()).digest()[0] % 2 == 0


def plain(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.lower()).split())


@dataclass(frozen=True)
class Figures:
    """Of some messages in a row: shares are 0..1; `summoned` of all, `right`, `repeats` and `same` of the replies."""

    name: str
    messages: int
    summoned: float
    right: float
    repeats: float
    same: int
    outside: float
    outside_summoned: float
    wrong: int
    wrong_outside: int


def figures(name: str, seen: Sequence[Seen]) -> Figures:
    replied = [one for one in seen if not one.summoned]
    outside = [one for one in seen if one.outside]
    return Figures(
        name=name,
        messages=len(seen),
        summoned=share(len(seen) - len(replied), len(seen)),
        right=share(sum(one.right for one in replied), len(replied), empty=1.0),
        repeats=share(sum(one.repeat for one in replied), len(replied)),
        same=sum(one.same for one in replied),
        outside=share(len(outside), len(seen)),
        outside_summoned=share(sum(one.summoned for one in outside), len(outside)),
        wrong=sum(not one.right for one in replied),
        wrong_outside=sum(one.outside for one in replied),
    )


def share(count: int, of: int, *, empty: float = 0.0) -> float:
    return count / of if of else empty


def windows(seen: Sequence[Seen]) -> Iterator[Figures]:
    for first in range(0, len(seen), WINDOW):
        some = seen[first : first + WINDOW]
        yield figures(f"{first + 1}-{first + len(some)}", some)
    yield figures(f"last {min(LAST, len(seen))}", seen[-LAST:])
    yield figures("all", seen)


COLUMNS = f"{'messages':>14} {'summoned':>9} {'right':>7} {'repeats':>8} {'same':>5} {'out of scope summoned':>22} {'wrong':>6} {'of them outside':>16}"


def line(one: Figures) -> str:
    shares = f"{one.summoned:>9.1%} {one.right:>7.2%} {one.repeats:>8.2%} {one.same:>5} {one.outside_summoned:>22.1%}"
    return f"{one.name:>14} {shares} {one.wrong:>6} {one.wrong_outside:>16}"


def measured(rows: Sequence[Row], root: Path, begin: str, policy: str, careful: int) -> tuple[list[Seen], Spent]:
    """The whole stream through one workspace at `root`; `begin` is the policy of the first `careful` messages."""
    source = root.with_name(f"{root.name}-source")
    source.mkdir(parents=True)
    (source / "policy.toml").write_text(begin, encoding="utf-8")
    bootstrap.create_workspace(root, owner="Owner", source=source)
    with bootstrap.opened(root, provider="local") as app:
        business = Business(app, replies([row.intent for row in rows]))
        seen: list[Seen] = []
        for row in rows:
            if len(seen) == careful and begin != policy:
                set_threshold(app, policy)
            seen.append(business.meet(row))
            if len(seen) % WINDOW == 0:
                say(line(figures(f"-{len(seen)}", seen[-WINDOW:])))
        return seen, business.spent


def set_threshold(app: App, policy: str) -> None:
    """The owner's own change of the policy, proposed and approved."""
    owner = people.named(app.workspace, None)
    name = review.propose(app.workspace, {"policy.toml": policy.encode()}, title="Answer more by itself", by=owner)
    review.approve(app.workspace, name, by=owner, despite=AS_IT_STANDS)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=Path, nargs="+", required=True)
    parser.add_argument("--out-of-scope", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", type=int, help="messages of the stream")
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--threshold", type=float, default=0.75, help="the confidence that a reply needs, in the policy (default: 0.75)")
    parser.add_argument("--begin-with", type=float, default=0.98, help="that of the beginning, when little can be told apart (default: 0.98)")
    parser.add_argument("--careful", type=int, default=CAREFUL, help="messages that --begin-with holds for (default: 5000)")
    parser.add_argument("--keep", type=Path, help="a new folder for the workspace, to look at it afterwards")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    messages = [row for file in given.messages for row in load(file) if row.intent != OUT]
    rows = stream(messages, [row for file in given.out_of_scope for row in load(file)], seed=given.seed, limit=given.limit)
    begin = given.begin_with
    policy, first = (POLICY.format(threshold=threshold, begin=begin, careful=given.careful) for threshold in (given.threshold, begin))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="voicegit-curve-") as folder:
        seen, spent = measured(rows, given.keep or Path(folder) / "workspace", first, policy, given.careful)
    told = list(windows(seen))
    took = time.perf_counter() - began
    print(f"{len(rows)} messages, {len({row.intent for row in rows} - {OUT})} intents, order {given.seed}, in {took:.0f} s\n\npolicy.toml\n")
    print("\n".join(f"    {text}".rstrip() for text in policy.splitlines()))
    print(f"\n{COLUMNS}\n" + "\n".join(map(line, told)))
    print("\n" + ", ".join(f"{name} {value:.1f}" if isinstance(value, float) else f"{name} {value}" for name, value in asdict(spent).items()))
    if given.json is not None:
        given.json.write_text(
            json.dumps({"policy": policy, "seed": given.seed, "figures": [asdict(one) for one in told], "spent": asdict(spent)}, indent=1) + "\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
