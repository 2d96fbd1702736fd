"""What the review pages are given to show: a proposal's cards with one person's choices, and the words of lists."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from voicegit.domain import policy
from voicegit.domain.checks import Check, Verdict, failed
from voicegit.domain.ids import DirectiveId, ProposalId, Revision
from voicegit.domain.judgement import Choice, Judgement
from voicegit.domain.operation import Dropped
from voicegit.domain.people import Person
from voicegit.domain.signal import SignalKind
from voicegit.domain.worddiff import Hunk, Shape, Words, cleaned, shaped, visible
from voicegit.errors import VoicegitError
from voicegit.ports import Branch, Workspace
from voicegit.services import change, contested, judgement, review, unteach
from voicegit.services.change import Change, Moved
from voicegit.services.contested import Asked
from voicegit.services.review import Shown
from voicegit.services.unteach import Question
from voicegit_web.pages.markdown import rendered
from voicegit_web.pages.replay import Panel, panel

EVIDENCE_SHOWN = 3
"""People's words that stand open under a change; the rest are folded."""

DID = {
    SignalKind.TAKEOVER: "answered",
    SignalKind.CORRECTION: "corrected the AI",
    SignalKind.REJECTION: "rejected an answer",
    SignalKind.EDIT: "changed the AI's draft",
    SignalKind.APPROVAL: "found this answer good",
}


@dataclass(frozen=True)
class Kept:
    """What somebody had typed on one change when it was refused, and why it was."""

    path: str
    choice: str
    text: str
    reason: str
    refused: VoicegitError


@dataclass(frozen=True)
class Card:
    """One change on the page. `number` counts from 1."""

    number: int
    change: Change
    choice: Judgement | None
    kept: Kept | None
    tried: tuple[str, ...] = ()
    """What came of trying it on past questions that have to do with this change."""

    @property
    def text(self) -> str:
        """What the person finds in the editor."""
        if self.kept is not None and self.kept.choice == Choice.EDIT:
            return self.kept.text
        if self.choice is not None and self.choice.text is not None:
            return self.choice.text
        return cleaned(self.change.whole if self.change.whole is not None else self.change.was or "")

    @property
    def reason(self) -> str:
        if self.kept is not None and self.kept.choice == Choice.DECLINE:
            return self.kept.reason
        return self.choice.reason if self.choice else ""

    @property
    def whole(self) -> Any:
        if self.change.path == policy.PATH:
            return None
        return rendered(visible(self.change.body))


@dataclass(frozen=True)
class Desk:
    """A proposal in front of one person."""

    shown: Shown
    cards: tuple[Card, ...]
    may: bool
    moved: Moved | None
    summary: str
    """What the run that proposed it says: where two people teach opposite things, it asks here."""
    replay: Panel
    dropped: tuple[Dropped, ...] = ()
    """What that run asked for and code refused."""
    asks: Question | None = None
    """Where a lesson is taken back that was refined later."""
    disputes: tuple[Asked, ...] = ()
    """Where two people taught opposite things."""

    @property
    def left(self) -> int:
        return sum(one.choice is None for one in self.cards)

    @property
    def taken(self) -> int:
        """How many changes would go live."""
        return sum(one.choice is not None and one.choice.choice is not Choice.DECLINE for one in self.cards)

    @property
    def talks(self) -> int:
        return len({talk for talks in self.shown.evidence.values() for talk in talks})

    @property
    def prose(self) -> str:
        return change.rest(self.shown)


def desk(workspace: Workspace, name: ProposalId, person: Person, *, seen: Revision | None = None, kept: Kept | None = None) -> Desk:
    """Raises `NotFound` when it is not open. `seen` is the state that this person's page was drawn from."""
    shown = review.show(workspace, name)
    choices = judgement.standing(workspace, name, head=shown.head, base=shown.base, by=person)
    seen = seen or judgement.seen_before(workspace, name, head=shown.head, by=person)
    moved = change.since(workspace, seen, shown.head) if seen else None
    run = workspace.store.read.distillations.first(proposal=name)
    branch = Branch(shown.id, shown.head, shown.base)
    tried = panel(workspace, branch, person)
    asks = unteach.question(workspace, branch)
    disputes = tuple(contested.disputes(workspace, shown))
    made = tuple(replace(one, tried=_tried(tried, one.change)) for one in cards(change.changes(workspace, shown), choices, kept))
    return Desk(shown, made, person.may_review, moved, visible(run.summary) if run else "", tried, run.dropped if run else (), asks, disputes)


def _tried(panel: Panel, change: Change) -> tuple[str, ...]:
    return () if panel.found is None or panel.found.stale else tuple(panel.found.of(DirectiveId(change.path.removesuffix(".md"))).short)


def cards(changes: list[Change], choices: Mapping[str, Judgement], kept: Kept | None = None) -> tuple[Card, ...]:
    return tuple(
        Card(number, one, choices.get(one.path), kept if kept is not None and kept.path == one.path else None) for number, one in enumerate(changes, 1)
    )


def counts(checks: tuple[Check, ...]) -> dict[str, int]:
    """How many checks pass, want a look, and fail."""
    return {verdict.value: sum(one.verdict is verdict for one in checks) for verdict in Verdict}


def blocked(shown: Shown) -> bool:
    return bool(failed(shown.checks))


def drawn(hunks: tuple[Hunk, ...]) -> list[list[tuple[Shape, Words]]]:
    """Each hunk's lines as what they are, empty ones left out."""
    return [[shaped(line) for line in hunk.lines if any(run.text.strip() for run in line)] for hunk in hunks]
