"""Looks for trouble and says what to do. It changes nothing."""

from datetime import timedelta

from voicegit.domain.decision import DecisionState
from voicegit.domain.people import Role
from voicegit.domain.work import DeliveryState
from voicegit.ports import Workspace
from voicegit.services import notify

LATE = timedelta(minutes=10)
Examined = tuple[str, bool, str]
"""A name, whether it is well, and what to read about it."""


def examine(workspace: Workspace) -> list[Examined]:
    return [_served(workspace), _owner(workspace), _agreed(workspace), _work(workspace), _model(workspace), *_channels(workspace)]


def _served(workspace: Workspace) -> Examined:
    trouble = workspace.directives.trouble()
    if trouble:
        return "directives", False, f"main is not served: {trouble[0]} The last good revision is."
    return "directives", True, f"revision {workspace.directives.head()[:10]} is served"


def _owner(workspace: Workspace) -> Examined:
    owners = [person.name for person in workspace.store.read.people.find(role=Role.OWNER, left_at=None)]
    if not owners:
        return "people", False, "there is no owner, so nobody may approve. Add one: 'voicegit people add NAME --role owner'."
    return "people", True, f"owned by {', '.join(owners)}"


def _agreed(workspace: Workspace) -> Examined:
    pending = workspace.store.read.decisions.count(state=DecisionState.PENDING)
    if pending:
        return "decisions", False, f"{pending} decisions are neither done nor undone. Run any command again; it finishes them."
    return "decisions", True, "the database and git agree"


def _work(workspace: Workspace) -> Examined:
    tx, now = workspace.store.read, workspace.clock.now()
    late = tx.jobs.count(due_at__lt=now - LATE) + tx.outbox.count(state=DeliveryState.WAITING, due_at__lt=now - LATE)
    if late:
        return "work", False, f"{late} pieces of work have waited for more than ten minutes. Is 'voicegit serve' running?"
    return "work", True, "nothing is late"


def _model(workspace: Workspace) -> Examined:
    policy = workspace.directives.serving().policy
    return ("model", *workspace.models.ready(policy))


def _channels(workspace: Workspace) -> list[Examined]:
    """Whether people would hear of a summon, as far as can be told without sending anything."""
    tx, zone = workspace.store.read, workspace.directives.serving().policy.business.timezone
    found = []
    for state in notify.channels(workspace):
        person = state.channel.person
        if person is not None and not any(one.name.casefold() == person.casefold() for one in tx.people.find(left_at=None)):
            found.append((f"notify {state.channel.name}", False, f"it is for {person!r}, who does not work here. Correct 'person' in voicegit.toml."))
        else:
            found.append((f"notify {state.channel.name}", not state.failed, state.in_words(zone)))
    return found
