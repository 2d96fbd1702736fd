"""Past questions asked again, under what is live and under a proposal. Nothing is sent, and nothing is learned from it."""

from voicegit.domain import replay
from voicegit.domain.ids import Revision
from voicegit.domain.replay import Heard
from voicegit.domain.tried import Asked
from voicegit.ports import Workspace
from voicegit.services import playground


def tries(workspace: Workspace, revision: Revision) -> int:
    """How often a question is asked under a revision: once where the answer is always the same, else as often as the policy that is served says."""
    costly = workspace.models.charges(workspace.directives.at(revision).policy)
    return workspace.directives.serving().policy.replay.tries if costly else 1


def ask(workspace: Workspace, asked: Asked, revision: Revision, *, times: int | None = None) -> Heard:
    """One past question under one revision, asked `times` times (default: `tries`), decided by the same code as a turn: what most tries do.

    `playground.answered_by` gives the question that a message answered. Raises `Invalid` when the revision cannot be served. A model that fails calls a
    person, with the reason `model_error`.
    """
    return replay.majority([playground.answer(workspace, asked, revision) for _ in range(times or tries(workspace, revision))])
