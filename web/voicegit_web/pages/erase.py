"""The owner forgets somebody: what goes and what stays, and one button."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.ids import ConversationId
from voicegit.services import erase
from voicegit_web import auth
from voicegit_web.auth import for_owners
from voicegit_web.pages.shown import show
from voicegit_web.service import service, workspace

pages = Blueprint("erase", __name__)


@pages.get("/c/<id>/erase")
@for_owners
def page(id: str) -> ResponseReturnValue:
    return show("erase/page.html", tab="inbox", id=id, found=erase.behind(workspace(), ConversationId(id)), stays=erase.STAYS)


@pages.post("/c/<id>/erase")
@for_owners
def confirmed(id: str) -> ResponseReturnValue:
    erase.erase(workspace(), erase.behind(workspace(), ConversationId(id)), by=auth.fresh())
    service().searches.clear()
    return redirect(url_for("conversation.page", id=id), 303)
