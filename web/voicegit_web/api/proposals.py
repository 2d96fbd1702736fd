"""Open proposals, to be read. Deciding is for signed-in people: see `review`."""

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.ids import ProposalId
from voicegit.domain.token import Scope
from voicegit.services import review, shapes
from voicegit_web.api.requests import ByProposal
from voicegit_web.api.told import Told
from voicegit_web.auth import open_to
from voicegit_web.service import workspace

api = APIBlueprint("api_proposals", __name__, url_prefix="/api/v1/proposals", abp_security=[{"token": []}])


@api.get("", summary="The open proposals")
@open_to(Scope.OPERATOR, Scope.READ)
def listed() -> Told:
    """Oldest first, with the verdict of their checks."""
    return {"items": [shapes.proposal(one) for one in review.waiting(workspace())]}


@api.get("/<id>", summary="One proposal")
@open_to(Scope.OPERATOR, Scope.READ)
def read(path: ByProposal) -> Told:
    """With its diff, and the people's own words behind it."""
    shown = review.show(workspace(), ProposalId(path.id))
    signals = review.evidence(workspace(), [talk for talks in shown.evidence.values() for talk in talks])
    names = {person.id: person.name for person in workspace().store.read.people.find()}
    return shapes.proposal(shown) | {"diff": shown.diff, "words": [shapes.words(one, names) for one in signals]}
