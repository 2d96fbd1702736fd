"""One conversation: what was said and why a person was called, and all that a person does about it. Forms and links; scripts make it live.

Every form carries what stands in the box, so that no step loses it.
"""

import contextlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.conversation import Author, Floor, Message
from voicegit.domain.ids import ConversationId
from voicegit.domain.signal import DraftUse, SignalKind, Teaches
from voicegit.domain.work import Then
from voicegit.errors import Conflict, Invalid, NotFound, VoicegitError
from voicegit.services import composing, feedback, history, inbox, notify, playground, takeover, talk, teaching
from voicegit.services import conversation as conversations
from voicegit_web.auth import caller, conversation_id, for_people
from voicegit_web.pages import log
from voicegit_web.pages.shown import newest_event, show
from voicegit_web.service import service, workspace

pages = Blueprint("conversation", __name__)
_GAP = re.compile(r"\{\w+\}")


@pages.get("/c/<id>")
@for_people
def page(id: str) -> ResponseReturnValue:
    found, me = conversation_id(id), caller().acting
    notify.opened(workspace(), found, me)
    inbox.opened(workspace(), found)
    return _render(found)


def _render(found: ConversationId, *, refused: VoicegitError | None = None, typed: str | None = None, read: bool = False) -> ResponseReturnValue:
    """The page; after a refusal with what was typed, and with all that the customer wrote taken as `read`."""
    me, event = caller().acting, newest_event()
    about = log.about(talk.read(workspace(), found), me)
    begun = about["begun"]
    text = typed if typed is not None else begun.text if begun is not None else ""
    seen = begun.seen if begun is not None and begun.begun and not read else about["talk"].newest_asked
    lines, earlier = log.newest(about["talk"].lines, everything="all" in request.args, at=request.args.get("at"))
    shown = show(
        "conversation/page.html",
        **about,
        event=event,
        lines=lines,
        earlier=earlier,
        at=request.args.get("at"),
        text=text,
        note=_is_note() if typed is not None else begun is not None and begun.note,
        draft=_read_draft(about["talk"], begun.draft if begun is not None else DraftUse.UNOPENED),
        seen=seen,
        gaps=_gaps(typed) if refused is not None and typed is not None else "",
        key=uuid4().hex,
        snoozes=_snoozes(),
        next_to=talk.neighbours(workspace(), about["talk"].called),
        canned=talk.canned(workspace(), found) if "canned" in request.args else [],
        refused=refused,
        tab="inbox",
    )
    return shown, refused.status if refused is not None else 200


def _read_draft(read: talk.Talk, begun: DraftUse) -> DraftUse:
    """A draft that is being checked lies open: whoever answers has read it."""
    return begun.further(DraftUse.OPENED) if read.called is not None and read.called.check else begun


def _refused(found: ConversationId, exc: VoicegitError) -> ResponseReturnValue:
    return _render(found, refused=exc, typed=request.form.get("text", ""), read=True)


def _back(found: ConversationId, place: str = "", **more: Any) -> ResponseReturnValue:
    return redirect(url_for("conversation.page", id=found, **more) + (f"#{place}" if place else ""), 303)


# ---- the box


@pages.post("/c/<id>/reply")
@for_people
def reply(id: str) -> ResponseReturnValue:
    """Refused, with the text kept, when the customer wrote again since `seen`, or when another has the conversation."""
    found, me, form = conversation_id(id), caller().acting, request.form
    service().presence.stops(found, me.id)
    try:
        said = composing.note(workspace(), found, _text(), by=me, key=_key()) if _is_note() else _send(found)
    except (Conflict, Invalid) as exc:
        _keep_typed(found, seen=composing.newest_asked(workspace(), found) if form.get("text") else None)
        return _refused(found, exc)
    return _back(found, f"m-{said.id}")


def _send(found: ConversationId) -> Message:
    me, form = caller().acting, request.form
    gaps = _gaps(_text())
    if gaps and form.get("gaps") != gaps:
        raise Invalid(f"{gaps} is still to be filled in. Your text is kept. Fill it in, or press Send again to send it as it is.")
    begun = composing.of(workspace(), found, by=me)
    draft = _draft().further(begun.draft if begun is not None else DraftUse.UNOPENED)
    then = Then(form["then"]) if form.get("then") in {one.value for one in Then} else None
    return takeover.reply(workspace(), found, _text(), by=me, teaches=_teaches(), reason=form.get("why"), draft=draft, seen=_seen(), key=_key(), then=then)


@pages.post("/c/<id>/draft")
@for_people
def keep(id: str) -> ResponseReturnValue:
    """What is being typed. Answers nothing: who has the conversation comes with the live page."""
    found = conversation_id(id)
    _keep(found)
    return "", 204


@pages.post("/c/<id>/read")
@for_people
def read(id: str) -> ResponseReturnValue:
    """The person has read what the customer wrote meanwhile."""
    found = conversation_id(id)
    first = workspace().store.read.messages.first(conversation=found, author=Author.CUSTOMER, seq__gt=_seen() or 0, order="seq")
    _keep_typed(found, seen=composing.newest_asked(workspace(), found))
    return _back(found, f"m-{first.id}" if first is not None else "newest")


@pages.post("/c/<id>/use")
@for_people
def use(id: str) -> ResponseReturnValue:
    """The model's draft, or a canned answer, into the box; it is sent by nobody but the person."""
    found, me = conversation_id(id), caller().acting
    _keep_typed(found)
    words = request.form.get("words")
    if words is not None:
        composing.add(workspace(), found, words, by=me)
    else:
        called = talk.read(workspace(), found).called
        if called is None or not called.draft:
            raise Conflict("There is no draft of the AI here any more. What you wrote is kept.")
        composing.add(workspace(), found, called.draft, by=me, draft=DraftUse.USED)
    return _back(found, "composer")


@pages.post("/c/<id>/draft/opened")
@for_people
def opened_draft(id: str) -> ResponseReturnValue:
    """What the model would have said, and a note that this person has read it."""
    found, me = conversation_id(id), caller().acting
    if not request.headers.get("HX-Request"):
        _keep_typed(found)
        composing.opened_draft(workspace(), found, by=me)
        return _back(found, "composer", draft="1")
    composing.opened_draft(workspace(), found, by=me)
    read = talk.read(workspace(), found)
    return render_template("conversation/draft.html", talk=read) if read.called else ""


@pages.get("/c/<id>/canned")
@for_people
def canned(id: str) -> ResponseReturnValue:
    found = conversation_id(id)
    if not request.headers.get("HX-Request"):
        return _back(found, "composer", canned="1")
    return render_template("conversation/canned.html", talk_id=found, canned=talk.canned(workspace(), found))


# ---- who has it, and what comes of it


def _step(id: str, step: Callable[[ConversationId], Any]) -> ResponseReturnValue:
    """One step about the conversation: what stands in the box is kept, whatever comes of it."""
    found = conversation_id(id)
    if "text" in request.form:
        _keep_typed(found)
    try:
        step(found)
    except (Conflict, Invalid) as exc:
        return _refused(found, exc) if "text" in request.form else _render(found, refused=exc)
    return _back(found)


@pages.post("/c/<id>/take-over")
@for_people
def take_over(id: str) -> ResponseReturnValue:
    return _step(id, lambda found: takeover.take_over(workspace(), found, by=caller().acting))


@pages.post("/c/<id>/handback")
@for_people
def hand_back(id: str) -> ResponseReturnValue:
    return _step(id, lambda found: _unless_done(found, lambda: takeover.hand_back(workspace(), found, by=caller().acting)))


@pages.post("/c/<id>/resolve")
@for_people
def resolve(id: str) -> ResponseReturnValue:
    return _step(id, lambda found: takeover.resolve(workspace(), found, by=caller().acting))


@pages.post("/c/<id>/snooze")
@for_people
def snooze(id: str) -> ResponseReturnValue:
    times = {name: at for name, _, at in _snoozes()}
    return _step(id, lambda found: conversations.snooze(workspace(), found, times.get(request.form.get("until", "")), caller().acting))


def _unless_done(found: ConversationId, step: Callable[[], Any]) -> None:
    """A second click on a button finds the work done."""
    try:
        step()
    except Conflict:
        if workspace().store.read.conversations.get(found).floor is not Floor.MODEL:
            raise


def _snoozes() -> list[tuple[str, str, datetime]]:
    """Until when a conversation may rest, in the business's own time."""
    now = workspace().clock.now()
    here = now.astimezone(ZoneInfo(workspace().directives.serving().policy.business.timezone))
    morning = here.replace(hour=8, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=7 - morning.weekday())
    return [("hour", "1 hour", now + timedelta(hours=1)), ("tomorrow", "tomorrow 8:00", morning + timedelta(days=1)), ("monday", "next Monday 8:00", monday)]


# ---- one message


@pages.post("/c/<id>/undo/<message>")
@for_people
def undo(id: str, message: str) -> ResponseReturnValue:
    found = message_in(id, message)
    try:
        composing.take_back(workspace(), found.id, by=caller().acting)
    except Conflict as exc:
        return _render(found.conversation, refused=exc)
    return _back(found.conversation, "composer")


@pages.post("/c/<id>/teach/<message>")
@for_people
def teach(id: str, message: str) -> ResponseReturnValue:
    found = message_in(id, message)
    return _about_line(found, lambda: teaching.teach(workspace(), found.id, by=caller().acting, teaches=_teaches(), reason=request.form.get("why")))


@pages.post("/c/<id>/judge/<message>")
@for_people
def judge(id: str, message: str) -> ResponseReturnValue:
    """Good, wrong because …, or better like this; `take-back` forgets it."""
    found, me, form = message_in(id, message), caller().acting, request.form
    verdict = form.get("verdict", "")
    if verdict == "take-back":
        return _about_line(found, lambda: feedback.take_back(workspace(), found.id, by=me))
    kinds = {"good": SignalKind.APPROVAL, "wrong": SignalKind.REJECTION, "better": SignalKind.CORRECTION}
    if verdict not in kinds:
        raise Invalid("Say whether the reply was good, wrong, or how it would be better.")
    reason, better = (form.get(name, "") if verdict == about else None for name, about in (("reason", "wrong"), ("better", "better")))
    return _about_line(found, lambda: feedback.give(workspace(), found.id, kinds[verdict], by=me, reason=reason, text=better))


def _about_line(found: Message, step: Callable[[], Any]) -> ResponseReturnValue:
    """A step on one line: the line again where a script asked for it, else the page at that line."""
    refused: VoicegitError | None = None
    try:
        step()
    except (Conflict, Invalid) as exc:
        refused = exc
    if request.headers.get("HX-Request"):
        about = log.about(talk.read(workspace(), found.conversation), caller().acting)
        line = workspace().store.read.messages.get(found.id)
        return render_template("conversation/line.html", **about, line=line, refused=refused, line_refused=refused is not None), 200
    return _render(found.conversation, refused=refused) if refused else _back(found.conversation, f"m-{found.id}")


@pages.get("/c/<id>/why/<message>")
@for_people
def why(id: str, message: str) -> ResponseReturnValue:
    found = message_in(id, message)
    shown = history.why(workspace(), found.id)
    charges = playground.charges(workspace(), workspace().directives.head())
    values: dict[str, Any] = {"why": shown, "charges": charges, "taught": shown.taught, "directives": log.rested_on(shown), "talk_id": found.conversation}
    values["live"] = {directive.id for directive in workspace().directives.serving().directives}
    if request.headers.get("HX-Request"):
        return render_template("conversation/why.html", **values)
    return show("conversation/why_page.html", tab="inbox", **values)


def message_in(id: str, message: str) -> Message:
    found = workspace().store.read.messages.first(id=message, conversation=conversation_id(id))
    if found is None:
        raise NotFound("There is no such message in this conversation. Open the conversation again.")
    return found


# ---- what the forms say


def _text() -> str:
    return request.form.get("text", "")


def _gaps(text: str) -> str:
    """What a canned answer left to be filled in."""
    return " ".join(dict.fromkeys(_GAP.findall(text)))


def _is_note() -> bool:
    return request.form.get("as") == "note"


def _seen() -> int | None:
    seen = request.form.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None


def _key() -> str | None:
    key = request.form.get("key", "")
    return key if key.isascii() and key.isalnum() and len(key) == 32 else None


def _draft() -> DraftUse:
    given = request.form.get("draft", "")
    return DraftUse(given) if given in {one.value for one in DraftUse} else DraftUse.UNOPENED


def _teaches() -> Teaches | None:
    given = request.form.get("teaches", "")
    return Teaches(given) if given in {one.value for one in Teaches} else None


def _keep_typed(found: ConversationId, *, seen: int | None = None) -> None:
    """What stands in the box, unless it was sent already or cannot be kept: then the step that brings it says what is wrong."""
    with contextlib.suppress(Conflict, Invalid):
        _keep(found, seen=seen)


def _keep(found: ConversationId, *, seen: int | None = None) -> None:
    me = caller().acting
    composing.keep(workspace(), found, _text(), by=me, note=_is_note(), seen=seen if seen is not None else _seen() or 0, draft=_draft(), key=_key())
    if _text().strip():
        service().presence.writes(found, me.id)
    else:
        service().presence.stops(found, me.id)


# ---- live


@pages.get("/c/<id>/live")
@for_people
def live(id: str) -> Response:
    return log.follow(conversation_id(id), caller().acting)
