"""What people caught, and what keeps it from coming back. One that cannot come back is closed by a person, and opened again."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.conversation import ERASED
from voicegit.domain.ids import MistakeId
from voicegit.errors import VoicegitError
from voicegit.services import history, mistakes
from voicegit_web.auth import caller, for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("mistakes", __name__)
MOST = 100
"""Entries that are shown, those that came back most often first."""


@pages.get("/mistakes")
@for_people
def page() -> ResponseReturnValue:
    return _render()


def _render(*, refused: VoicegitError | None = None, of: str = "", kept: str = "") -> ResponseReturnValue:
    """`of` is the entry that was refused to be closed, `kept` what somebody had typed."""
    closed = request.args.get("tab") == "closed"
    found = [one for one in mistakes.listed(workspace(), closed=closed) if (one.closed_at is not None) is closed]
    shown = show(
        "mistakes/page.html",
        tab="more",
        here="insights",
        closed=closed,
        erased=ERASED,
        found=found[:MOST],
        more=len(found) - MOST,
        names={one.id: one.name for one in workspace().store.read.people.find()},
        releases={one.release: one.title for one in history.log(workspace())} if closed else {},
        of=of,
        kept=kept,
        refused=refused,
    )
    return shown, refused.status if refused else 200


@pages.post("/mistakes/<id>/close")
@for_people
def close(id: str) -> ResponseReturnValue:
    because = request.form.get("because", "")
    try:
        mistakes.close(workspace(), MistakeId(id), because=because, by=caller().acting)
    except VoicegitError as exc:
        return _render(refused=exc, of=id, kept=because)
    return redirect(url_for("mistakes.page"), 303)


@pages.post("/mistakes/<id>/reopen")
@for_people
def reopen(id: str) -> ResponseReturnValue:
    mistakes.reopen(workspace(), MistakeId(id), by=caller().acting)
    return redirect(url_for("mistakes.page"), 303)
