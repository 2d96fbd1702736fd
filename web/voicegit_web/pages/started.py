"""When did this start? Asked from the page that says why; what takes longer than a page may shows how far it is."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.conversation import ERASED, Message
from voicegit.services import bisect
from voicegit_web.auth import for_people
from voicegit_web.pages.conversation import message_in
from voicegit_web.pages.shown import show
from voicegit_web.searches import Search
from voicegit_web.service import service, workspace

pages = Blueprint("started", __name__)


@pages.post("/c/<id>/why/<message>/started")
@for_people
def begin(id: str, message: str) -> ResponseReturnValue:
    """Nothing is sent, and nothing of it is stored."""
    found, asked = message_in(id, message), workspace()
    searches = service().searches
    search = searches.begin(found.id, lambda progress: bisect.bisect(asked, found.id, progress=progress))
    if search.over.wait(searches.patience):
        return _outcome(found, search)
    return redirect(url_for("started.look", id=id, message=message), 303)


@pages.get("/c/<id>/why/<message>/started")
@for_people
def look(id: str, message: str) -> ResponseReturnValue:
    found = message_in(id, message)
    searches, scripted = service().searches, bool(request.headers.get("HX-Request"))
    if found.text == ERASED:
        searches.drop(found.id)
    search = searches.get(found.id)
    if scripted and (search is None or search.over.is_set()):
        return Response(headers={"HX-Refresh": "true"})
    if search is None:
        return redirect(url_for("conversation.why", id=id, message=message), 303)
    if search.over.is_set():
        return _outcome(found, search)
    return render_template("conversation/searching.html", message=found, search=search) if scripted else _waiting(found, search)


def _waiting(found: Message, search: Search) -> ResponseReturnValue:
    return show("conversation/searching_page.html", tab="inbox", message=found, search=search)


def _outcome(found: Message, search: Search) -> ResponseReturnValue:
    return show("conversation/started.html", tab="inbox", began=search.outcome(), message=found)
