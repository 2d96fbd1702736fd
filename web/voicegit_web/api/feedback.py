"""What a person says of a reply of the model."""

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.ids import MessageId
from voicegit.domain.signal import SignalKind
from voicegit.domain.token import Scope
from voicegit.services import feedback, shapes
from voicegit_web.api.requests import ById, Judged
from voicegit_web.api.told import Told
from voicegit_web.auth import caller, open_to
from voicegit_web.service import workspace

api = APIBlueprint("api_feedback", __name__, url_prefix="/api/v1/messages", abp_security=[{"token": []}])
VERDICTS = {"approve": SignalKind.APPROVAL, "reject": SignalKind.REJECTION, "correct": SignalKind.CORRECTION}


@api.post("/<id>/feedback", summary="Judge a reply of the model", responses={201: None})
@open_to(Scope.OPERATOR)
def give(path: ById, body: Judged) -> Told:
    """Nothing is sent to the customer; the next distillation reads it."""
    given = feedback.give(workspace(), MessageId(path.id), VERDICTS[body.verdict], by=caller().acting, reason=body.reason, text=body.text, teaches=body.teaches)
    return shapes.signal(given), 201
