"""What keeps the service from working as the people of a business expect, in their words: said on the pages, with what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from voicegit.domain.policy import Policy
from voicegit.domain.turn import Turn
from voicegit.ports import Workspace
from voicegit.services import notify, seasons

IN_A_ROW = 3
"""So many turns after one another that the model failed are no accident."""

FAILED = "model_error"
"""The reason that a turn gives when the model gave nothing usable."""

LATELY = timedelta(minutes=15)


@dataclass(frozen=True)
class Trouble:
    """What does not work and what follows from it; then what to do."""

    words: str
    remedy: str
    places: tuple[str, ...] = ()
    """The files and lines it is about."""


def found(workspace: Workspace) -> list[Trouble]:
    """Nothing when all is well. Reads rows and what is in memory; asks no server."""
    policy = workspace.directives.serving().policy
    return [*_model(workspace, policy), *_directives(workspace), *_channels(workspace, policy.business.timezone), *_seasons(workspace)]


def _model(workspace: Workspace, policy: Policy) -> list[Trouble]:
    ready, words = workspace.models.ready(policy)
    if not ready:
        return [Trouble("The AI's provider cannot be asked: everything comes to you.", words)]
    turns, since = workspace.store.read.turns, workspace.clock.now() - LATELY
    newest = turns.first(order="-id")
    if newest is not None and _failed(newest, since) and [_failed(one, since) for one in turns.find(order="-id", limit=IN_A_ROW)] == [True] * IN_A_ROW:
        return [Trouble("The AI's provider does not answer: everything comes to you.", "Nothing is lost. It is asked again with the next message.")]
    return []


def _failed(turn: Turn, since: datetime) -> bool:
    return turn.at >= since and any(reason.code == FAILED for reason in turn.reasons)


def _directives(workspace: Workspace) -> list[Trouble]:
    findings = workspace.directives.trouble()
    if not findings:
        return []
    return [
        Trouble(
            "What was saved last cannot be used. The AI answers by the last version that could.",
            "Mend these lines, or undo the change in the history.",
            tuple(str(one) for one in findings),
        )
    ]


def _channels(workspace: Workspace, zone: str) -> list[Trouble]:
    return [
        Trouble(f"Messages through “{state.channel.name}” do not arrive: nobody is called that way.", state.in_words(zone))
        for state in notify.trouble(workspace)
    ]


def _seasons(workspace: Workspace) -> list[Trouble]:
    """What will not be said any more in a week."""
    return [
        Trouble(f"“{one.title}” is in force until {one.ends:%d %b %Y} and not used after that day.", "Under Directives it can be made to last longer.")
        for one in seasons.ending(workspace)
    ]
