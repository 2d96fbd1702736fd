"""Who works here, and what they may decide. An owner makes sign-in links for the others."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from voicegit.domain.people import Person, Role
from voicegit.errors import Forbidden, Invalid
from voicegit_web import auth
from voicegit_web.auth import for_people
from voicegit_web.pages.shown import show
from voicegit_web.pages.signin import link_for
from voicegit_web.service import service, workspace

pages = Blueprint("people", __name__)


@pages.get("/people")
@for_people
def page() -> ResponseReturnValue:
    return _render(link=None, who=None)


@pages.post("/people/<id>/link")
@for_people
def link(id: str) -> ResponseReturnValue:
    owner = auth.reviewer()
    if owner.role is not Role.OWNER:
        raise Forbidden("Only the owner makes sign-in links for others.")
    person = workspace().store.read.people.first(id=id)
    if person is None:
        raise Invalid("There is nobody like that here. Add them with 'voicegit people add'.")
    return _render(link=link_for(service(), person, request.host_url.rstrip("/")), who=person)


def _render(*, link: str | None, who: Person | None) -> ResponseReturnValue:
    return show("people/page.html", tab="more", people=workspace().store.read.people.find(order="name"), link=link, who=who)
