"""Replies of the AI that wait for a look, one at a time. What is said of them is for the team; the customer sees nothing of it."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.ids import MessageId
from voicegit.domain.signal import SignalKind, Teaches
from voicegit.errors import Conflict, Invalid, VoicegitError
from voicegit.services import feedback, samples
from voicegit_web.auth import caller, for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("samples", __name__)

VERDICTS = {"good": SignalKind.APPROVAL, "correct": SignalKind.CORRECTION, "wrong": SignalKind.REJECTION}
TEACHES = {
    Teaches.TONE: "the tone",
    Teaches.HANDLING: "how we handle it",
    Teaches.FACT: "a fact",
    Teaches.CUSTOMER: "only this customer",
    Teaches.NOTHING: "don't learn from it",
}


@pages.get("/samples")
@for_people
def page() -> ResponseReturnValue:
    at, after = _message("at"), _message("after")
    queue = samples.one(workspace(), at) if at else samples.following(workspace(), after)
    return _render(queue, done=_message("done"))


def _message(name: str) -> MessageId | None:
    return MessageId(request.args[name][:64]) if request.args.get(name) else None


def _render(
    queue: samples.Queue, *, done: MessageId | None = None, refused: VoicegitError | None = None, kept: dict[str, str] | None = None
) -> ResponseReturnValue:
    """`kept` is what somebody had chosen and typed when it was refused."""
    verdict = samples.waiting_verdict(workspace(), done, by=caller().acting) if done else None
    shown = show("samples/page.html", tab="more", here="samples", queue=queue, verdict=verdict, refused=refused, kept=kept or {}, teaches=TEACHES)
    return shown, refused.status if refused else 200


@pages.post("/samples/<id>")
@for_people
def judge(id: str) -> ResponseReturnValue:
    message, given = MessageId(id), request.form
    kind, about = VERDICTS.get(given.get("verdict", "")), given.get("teaches", "")
    queue = samples.one(workspace(), message)
    try:
        if kind is None:
            raise Invalid("Choose what you think of the reply: good, correct it, or wrong.")
        teaches = Teaches(about) if about in set(Teaches) else None
        samples.judge(workspace(), message, kind, by=caller().acting, text=given.get("text"), reason=given.get("reason"), teaches=teaches)
    except Invalid as exc:
        return _render(queue, refused=exc, kept=given.to_dict())
    return redirect(url_for("samples.page", after=id, done=id), 303)


@pages.post("/samples/<id>/undo")
@for_people
def undo(id: str) -> ResponseReturnValue:
    message = MessageId(id)
    queue = samples.one(workspace(), message)
    try:
        feedback.take_back(workspace(), message, by=caller().acting)
    except Conflict as exc:
        return _render(queue, refused=exc)
    return redirect(url_for("samples.page", at=id), 303)
