"""When did this start? One past question asked again under older and older directives, halving what is left, until the release is known that changed
the answer. Nothing is sent, and nothing is learned from it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from voicegit.domain import agreement
from voicegit.domain import replay as replays
from voicegit.domain.conversation import ERASED, Author, MessageKind
from voicegit.domain.ids import MessageId
from voicegit.domain.replay import Heard
from voicegit.domain.tried import Asked, Tried
from voicegit.domain.turn import Outcome
from voicegit.errors import Invalid, Unavailable
from voicegit.ports import Clock, Workspace
from voicegit.services import history, playground, replay
from voicegit.services.history import Entry

Progress = Callable[[int, int], None]
"""Told how many revisions the question was asked under, and how many it will be at the most."""

UNDOS = 4
"""Before how many of the newest undos a question is asked, where its answer at first was the one it has."""


@dataclass(frozen=True)
class Began:
    """`now` is the answer under the revision that the message was said under; `release` the one that changed the answer to it, and `before` the answer
    until then. Without `release` it was answered so wherever it was asked. `again`: it was answered so at first too, and otherwise in between.
    `asked_under` counts revisions, `tries` questions, `releases` those there were to choose from.

    `said` is empty where a person was called. `as_said`: asked again, it does what it did then; where it does not, `now` is what was looked for.
    `clear`: each answer had more than half of its tries.
    """

    asked: Asked
    said: str
    now: Heard
    as_said: bool
    releases: int
    asked_under: int
    tries: int
    clear: bool
    release: Entry | None = None
    before: Heard | None = None
    again: bool = False


def most(steps: Sequence[Entry]) -> int:
    """Under how many revisions a question is asked at the most: the two ends, the halvings between them, and before what was taken back."""
    return min(len(steps), 2 + len(_undos(steps)) + math.ceil(math.log2(max(1, len(steps) - 1))))


def expected(workspace: Workspace, message: MessageId) -> int:
    """How often the model is asked at the most: for whoever pays for it, before it begins. Raises as `bisect`."""
    _, steps = _begin(workspace, message)
    return most(steps) * replay.tries(workspace, steps[-1].release)


def bisect(workspace: Workspace, message: MessageId, *, progress: Progress = lambda done, most: None) -> Began:
    """Raises `Invalid` for what the model did not say, `NotFound` when it answered nothing, `Unavailable` when the model fails."""
    asked, steps = _begin(workspace, message)
    said = _said(workspace, message, asked)
    then = replace(workspace, clock=_Then(workspace.clock, asked.waiting[-1].at))
    under = _Under(then, asked, steps, progress)
    last = len(steps) - 1
    now = under(last)
    # A model that quotes says other words only where a release gave it others.
    words = agreement.alike if playground.charges(workspace, steps[last].release) else agreement.word_for_word

    def same(place: int) -> bool:
        return replays.same(under(place).tried, now.tried, words=words)

    other = _otherwise(steps, same)
    first = 0 if other is None else _first(other, last, same)
    return Began(
        asked=asked,
        said=said or "",
        now=now,
        as_said=words(now.tried.text, said) if said is not None and now.tried.answers else said is None and not now.tried.answers,
        releases=len(steps),
        asked_under=len(under.heard),
        tries=sum(heard.of for heard in under.heard.values()),
        clear=all(heard.clear for heard in under.heard.values()),
        release=steps[first] if first else None,
        before=under(first - 1) if first else None,
        again=bool(other),
    )


def _begin(workspace: Workspace, message: MessageId) -> tuple[Asked, list[Entry]]:
    """The question, and the steps of `main` up to the revision it was answered under, oldest first."""
    tx = workspace.store.read
    said = tx.messages.get(message)
    if said.author is Author.PERSON:
        raise Invalid("Only what the model did has a beginning in the directives. A person's words are their own.")
    if said.text == ERASED:
        raise Invalid("This conversation was erased: what was asked is not known any more, so it cannot be asked again.")
    if said.kind is MessageKind.HOLDING and said.turn is not None:
        upto = tx.turns.get(said.turn).upto_seq
        said = tx.messages.first(conversation=said.conversation, seq=upto) or said
    asked = playground.asked_by(workspace, said.id) if said.author is Author.CUSTOMER else playground.answered_by(workspace, message)
    revision = asked.turn.revision if asked.turn is not None else workspace.directives.head()
    entries = history.log(workspace)[::-1]
    upto = next((place for place, entry in enumerate(entries, 1) if entry.release == revision), 0)
    if not upto:
        raise Invalid(f"It was said under {revision[:10]}, which is no decision of this workspace any more: nothing can be compared with it.")
    return asked, entries[:upto]


def _said(workspace: Workspace, message: MessageId, asked: Asked) -> str | None:
    """What the model said then; None where it called a person, or nothing is known of it."""
    said = workspace.store.read.messages.get(message)
    if said.author is Author.MODEL and said.kind is not MessageKind.HOLDING:
        return said.text
    return asked.turn.draft if asked.turn is not None and asked.turn.outcome is Outcome.REPLY else None


def _undos(steps: Sequence[Entry]) -> list[int]:
    """The newest places at which something was taken back or restored: where an answer that went came again."""
    return [place for place, step in enumerate(steps) if step.reverts is not None and place > 1][-UNDOS:]


def _otherwise(steps: Sequence[Entry], same: Callable[[int], bool]) -> int | None:
    """A place where it was answered otherwise: the first of all, or one just before something was taken back, the newest first. None if none is found."""
    places = [0, *(place - 1 for place in reversed(_undos(steps)))] if len(steps) > 1 else []
    return next((place for place in places if not same(place)), None)


def _first(low: int, high: int, same: Callable[[int], bool]) -> int:
    """The smallest place from which on, as far as halving can tell, it is the same as at `high`; at `low` it is not."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if same(middle) else (middle, high)
    return high


class _Under:
    """The answer under each revision by its place, asked once."""

    def __init__(self, workspace: Workspace, asked: Asked, steps: list[Entry], progress: Progress) -> None:
        self._workspace = workspace
        self._asked = asked
        self._steps = steps
        self._progress = progress
        self.heard: dict[int, Heard] = {}

    def __call__(self, place: int) -> Heard:
        if place not in self.heard:
            self.heard[place] = self._ask(place)
            self._progress(len(self.heard), most(self._steps))
        return self.heard[place]

    def _ask(self, place: int) -> Heard:
        """Where a revision could not be served, customers were answered under the last one before it that could."""
        for one in reversed(self._steps[: place + 1]):
            try:
                heard = replay.ask(self._workspace, self._asked, one.release)
            except Invalid:
                continue
            if _failed(heard.tried):
                raise Unavailable("The model gave no usable answer while it was asked again. Nothing was kept; try again in a minute.")
            return heard
        raise Invalid("None of the revisions before this reply can be served any more, so it cannot be asked again.")


def _failed(tried: Tried) -> bool:
    return any(reason.code == "model_error" for reason in tried.reasons)


@dataclass(frozen=True)
class _Then:
    """A clock that stands at the time of the message: what is in season, and what "today" means, is as it was."""

    clock: Clock
    at: datetime

    def now(self) -> datetime:
        return self.at

    def new_id(self) -> str:
        return self.clock.new_id()
