"""Customer records: data for that customer's own turns, never in the repository."""

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.token import Scope
from voicegit.services import erase as erasing
from voicegit.services import people, shapes
from voicegit_web.api.requests import ByName, Record
from voicegit_web.api.told import Told
from voicegit_web.auth import caller, open_to
from voicegit_web.service import service, workspace

api = APIBlueprint("api_customers", __name__, url_prefix="/api/v1/customers", abp_security=[{"token": []}])


@api.get("/<name>", summary="A customer's record")
@open_to(Scope.OPERATOR, Scope.READ)
def read(path: ByName) -> Told:
    """By name or id."""
    return shapes.customer(people.customer(workspace(), path.name))


@api.put("/<name>", summary="Write into a customer's record")
@open_to(Scope.OPERATOR)
def write(path: ByName, body: Record) -> Told:
    """It is made if there is none. What is not named stays; an empty field is taken out."""
    return shapes.customer(people.set_customer(workspace(), path.name, fields=body.fields, contacts=body.contacts, notes=body.notes))


@api.post("/<name>/erase", summary="Forget a customer")
@open_to(Scope.OPERATOR)
def erase(path: ByName) -> Told:
    """The record and every word of their conversations, for good. An owner's token only. `wiped` says whether the file holds nothing of it any more."""
    caller().acting.must_own()
    found = erasing.look(workspace(), path.name)
    done = erasing.erase(workspace(), found, by=caller().acting)
    service().searches.clear()
    return shapes.erased(found, done)
