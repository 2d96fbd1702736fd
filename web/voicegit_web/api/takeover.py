"""A person takes the floor, speaks, leaves a note, and gives the floor back."""

from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.ids import MessageId
from voicegit.domain.token import Scope
from voicegit.services import conversation as conversations
from voicegit.services import takeover as takeovers
from voicegit_web.api.requests import ById, Replied, Said
from voicegit_web.api.told import Told
from voicegit_web.auth import caller, conversation_id, open_to
from voicegit_web.service import workspace

api = APIBlueprint("api_takeover", __name__, url_prefix="/api/v1", abp_security=[{"token": []}])


@api.post("/conversations/<id>/replies", summary="Answer a customer in a person's own words", responses={201: None})
@open_to(Scope.OPERATOR)
def reply(path: ById, body: Replied) -> Told:
    """They go out verbatim after five seconds, in which they can be taken back. The person has the floor from now on."""
    talk = conversation_id(path.id)
    said = takeovers.reply(workspace(), talk, body.text, by=caller().acting, teaches=body.teaches, from_draft=body.from_draft)
    return {"message": said.id, "conversation": said.conversation, "by": caller().acting.name}, 201


@api.post("/conversations/<id>/notes", summary="Leave a note for the team", responses={201: None})
@open_to(Scope.OPERATOR)
def note(path: ById, body: Said) -> Told:
    """It is never sent, and no model reads it."""
    said = conversations.note(workspace(), conversation_id(path.id), body.text, by=caller().acting)
    return {"message": said.id, "conversation": said.conversation}, 201


@api.post("/conversations/<id>/handback", summary="Give the floor back to the model")
@open_to(Scope.OPERATOR)
def hand_back(path: ById) -> Told:
    """What the customer wrote meanwhile and nobody answered is its next turn."""
    talk = takeovers.hand_back(workspace(), conversation_id(path.id))
    return {"conversation": talk.id, "floor": talk.floor.value}


@api.post("/conversations/<id>/resolve", summary="End a conversation")
@open_to(Scope.OPERATOR)
def resolve(path: ById) -> Told:
    """If the customer writes again, the model has the floor."""
    talk = takeovers.resolve(workspace(), conversation_id(path.id))
    return {"conversation": talk.id, "resolved": True}


@api.post("/messages/<id>/undo", summary="Take back a reply within five seconds")
@open_to(Scope.OPERATOR)
def undo(path: ById) -> Told:
    """Only one's own, and only until it leaves; what it taught goes with it."""
    gone = takeovers.undo(workspace(), MessageId(path.id), by=caller().acting)
    return {"message": gone.id, "withdrawn": True}
