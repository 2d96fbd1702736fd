"""Summons: who waits for a person, and who takes it."""

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.ids import SummonId
from voicegit.domain.token import Scope
from voicegit.services import inbox, shapes
from voicegit.services import takeover as takeovers
from voicegit_web.api.requests import ById
from voicegit_web.api.told import Told
from voicegit_web.auth import caller, open_to
from voicegit_web.service import workspace

api = APIBlueprint("api_summons", __name__, url_prefix="/api/v1/summons", abp_security=[{"token": []}])


@api.get("", summary="Who waits for a person")
@open_to(Scope.OPERATOR, Scope.READ)
def listed() -> Told:
    """The live summons, longest waiting first, with the reasons."""
    return {"items": [one.as_dict() for one in inbox.waiting(workspace())]}


@api.post("/<id>/claim", summary="Hold a summon for five minutes")
@open_to(Scope.OPERATOR)
def claim(path: ById) -> Told:
    """`id` is the summon's, or that of its conversation. Claiming again renews it; 409 when another person has it."""
    found = takeovers.summon_of(workspace(), path.id)
    return shapes.summon(takeovers.claim(workspace(), SummonId(found.id), by=caller().acting))
