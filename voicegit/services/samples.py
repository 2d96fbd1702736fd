"""The model's own replies that nobody has looked at yet, one at a time, those first that need it most."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from voicegit.domain import sample
from voicegit.domain.conversation import Message, told_apart
from voicegit.domain.directive import Directive
from voicegit.domain.ids import MessageId, TurnId
from voicegit.domain.people import Person
from voicegit.domain.signal import Signal, SignalKind, Teaches
from voicegit.domain.turn import Outcome, Turn
from voicegit.errors import Invalid, NotFound, VoicegitError
from voicegit.ports import Transaction, Workspace
from voicegit.services import feedback

WINDOW = timedelta(days=30)
"""How old a reply may be to be worth a look: older ones say little of what is in force."""

LOOKED_THROUGH = 200
"""The newest waiting replies that are put in order. Of more than that, the rest moves up as these are looked at."""


@dataclass(frozen=True)
class Sample:
    """One reply: what the customer had written, what it said, and what it went by (None: no single directive, or one that is gone).

    `unhappy` says that the customer marked it as no help; `judged` that somebody has looked at it meanwhile.
    """

    message: Message
    turn: Turn
    asked: tuple[Message, ...]
    customer: str | None
    went_by: Directive | None
    unhappy: bool
    judged: bool

    @property
    def who(self) -> str:
        return told_apart(self.customer, self.message.conversation)


@dataclass(frozen=True)
class Queue:
    """The next sample, and how many replies of the last `days` days wait for a look, that one included."""

    sample: Sample | None
    left: int
    days: int = WINDOW.days


def following(workspace: Workspace, after: MessageId | None = None) -> Queue:
    """The first in the queue, or the first behind `after`: how somebody passes one over without anything being noted.

    What was chosen at random waits until it is looked at, however old it becomes.
    """
    tx, since = workspace.store.read, workspace.clock.now() - WINDOW
    unhappy = _unhappy(tx, since)
    waiting = tx.turns.find(outcome=Outcome.REPLY, looked_at=None, at__ge=since, order="-at", limit=LOOKED_THROUGH)
    passed = _turn(tx, after) if after is not None else None
    behind = sample.place(passed, unhappy=passed.message in unhappy) if passed is not None else None
    queue = sorted((sample.place(turn, unhappy=turn.message in unhappy), turn) for turn in _also(tx, waiting, unhappy).values())
    chosen = next((turn for place, turn in queue if behind is None or place > behind), None)
    return Queue(_sample(workspace, chosen, unhappy) if chosen is not None else None, _left(tx, since))


def one(workspace: Workspace, message: MessageId) -> Queue:
    """That very reply, waiting or not. Raises `NotFound` when it is none of the model's."""
    tx, since = workspace.store.read, workspace.clock.now() - WINDOW
    turn = _turn(tx, message)
    if turn is None:
        raise NotFound("There is no such reply of the AI here. The page shows the next one that waits for a look.")
    return Queue(_sample(workspace, turn, _unhappy(tx, since)), _left(tx, since))


def _left(tx: Transaction, since: datetime) -> int:
    waiting = tx.turns.count(outcome=Outcome.REPLY, looked_at=None, at__ge=since)
    return waiting + tx.turns.count(outcome=Outcome.REPLY, looked_at=None, audited=True, at__lt=since)


def waiting_verdict(workspace: Workspace, message: MessageId, *, by: Person) -> Signal | None:
    """What this person said of a reply, as long as it can be taken back."""
    return workspace.store.read.signals.first(message=message, person=by.id, distillation=None)


def judge(
    workspace: Workspace,
    message: MessageId,
    kind: SignalKind,
    *,
    by: Person,
    text: str | None = None,
    reason: str | None = None,
    teaches: Teaches | None = None,
) -> Signal:
    """As `feedback.give`, and a correction has to change something: else it would teach the opposite of what was meant."""
    if kind is SignalKind.CORRECTION and (text or "").split() == workspace.store.read.messages.get(message).text.split():
        raise Invalid("You changed nothing of the reply. Write what should have been said, or choose Good.")
    return feedback.give(workspace, message, kind, by=by, text=text, reason=reason, teaches=teaches)


def _unhappy(tx: Transaction, since: datetime) -> set[MessageId]:
    """The replies that customers marked as no help, the newest."""
    return {rating.id for rating in tx.ratings.find(up=False, at__ge=since, order="-at", limit=LOOKED_THROUGH)}


def _also(tx: Transaction, waiting: list[Turn], unhappy: Collection[MessageId]) -> dict[TurnId, Turn]:
    """What was chosen at random and what customers were unhappy with comes first however much is newer."""
    audits = tx.turns.find(outcome=Outcome.REPLY, looked_at=None, audited=True, order="at", limit=LOOKED_THROUGH)
    there = {turn.message for turn in waiting}
    missing = [message for message in unhappy if message not in there]
    found = tx.turns.find(message__in=missing) if missing else []
    also = [turn for turn in found if turn.outcome is Outcome.REPLY and turn.looked_at is None]
    return {turn.id: turn for turn in (*waiting, *audits, *also)}


def _turn(tx: Transaction, message: MessageId) -> Turn | None:
    return tx.turns.first(message=message, outcome=Outcome.REPLY)


def _sample(workspace: Workspace, turn: Turn, unhappy: Collection[MessageId]) -> Sample:
    tx = workspace.store.read
    said = tx.messages.get(turn.message)
    talk = tx.conversations.get(turn.conversation)
    record = tx.customers.first(id=talk.customer) if talk.customer else None
    asked = tuple(feedback.asked(tx, said))
    return Sample(said, turn, asked, record.name if record else None, _went_by(workspace, turn), said.id in unhappy, turn.looked_at is not None)


def _went_by(workspace: Workspace, turn: Turn) -> Directive | None:
    """The directive as it was then; a revision that cannot be read any more must not keep a reply from being judged."""
    covering = turn.assessment.covered_by if turn.assessment is not None else None
    try:
        return workspace.directives.at(turn.revision).get(covering) if covering else None
    except VoicegitError:
        return None
