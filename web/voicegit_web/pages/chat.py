"""A customer's page, for trying: one writes, reads the answer, and sees who it is from."""

import secrets

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.conversation import Conversation, Floor
from voicegit.errors import Invalid, NotFound
from voicegit.services import conversation as conversations
from voicegit.services import exchange
from voicegit.services import turn as turns
from voicegit_web.auth import for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import service, workspace

pages = Blueprint("chat", __name__)
CHANNEL = "chat"
WAIT = 8.0
"""Seconds that the page waits for the answer before it is drawn without."""


@pages.get("/chat")
@for_people
def page() -> ResponseReturnValue:
    return _render(request.args.get("c"))


def _render(id: str | None, *, refused: str | None = None, kept: str = "", status: int = 200) -> ResponseReturnValue:
    talk = _mine(id) if id else None
    messages = conversations.seen_by_customer(workspace(), talk.id) if talk else []
    policy = workspace().directives.serving().policy
    person = talk is not None and talk.floor is not Floor.MODEL
    shown = show(
        "chat/page.html",
        talk=talk,
        messages=messages,
        person=person,
        business=policy.business.name,
        key=secrets.token_hex(16),
        refused=refused,
        kept=kept,
        tab="chat",
    )
    return shown, status


def _mine(id: str) -> Conversation:
    found = workspace().store.read.conversations.first(id=id, channel=CHANNEL)
    if found is None:
        raise NotFound("This conversation was not begun on this page. Begin a new one.")
    return found


@pages.post("/chat")
@for_people
def say() -> ResponseReturnValue:
    """The form's own key makes a second click the same message."""
    id, text, key = request.form.get("c") or None, request.form.get("text", ""), request.form.get("key", "")[:64] or None
    try:
        if not text.strip():
            raise Invalid("Write something first.")
        talk = _mine(id) if id else conversations.start(workspace(), customer=request.form.get("customer", "").strip() or None, channel=CHANNEL)
        at_once = workspace().directives.serving().policy.turns.burst_seconds == 0
        taken = conversations.take_in(workspace(), talk.id, text, key=key, run_at_once=at_once)
    except Invalid as exc:
        return _render(id, refused=exc.message, kept=text, status=exc.status)
    if taken.mine:
        turns.run(workspace(), talk.id)
    with service().slots.wait() as may_wait:
        if may_wait:
            exchange.wait(workspace(), taken.message, seconds=WAIT)
    return redirect(url_for("chat.page", c=talk.id, _anchor="newest"), 303)
