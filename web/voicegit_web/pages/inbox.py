"""The inbox: who waits for a person, why, and what a person does about it. Forms and links only."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.conversation import Author, Floor, Message
from voicegit.domain.ids import ConversationId, MessageId, SummonId
from voicegit.domain.signal import Teaches
from voicegit.domain.work import DeliveryState
from voicegit.errors import Conflict, Invalid, VoicegitError
from voicegit.services import conversation as conversations
from voicegit.services import inbox
from voicegit.services import takeover as takeovers
from voicegit_web.auth import caller, conversation_id, for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import workspace

pages = Blueprint("inbox", __name__)
SHOWN = 12
"""Messages of a conversation that a card shows, the newest."""


@pages.get("/")
@for_people
def home() -> ResponseReturnValue:
    return redirect(url_for("inbox.page"), 303)


@pages.get("/inbox")
@for_people
def page() -> ResponseReturnValue:
    return _render(sent=request.args.get("sent"))


def _render(*, sent: str | None = None, refused: str | None = None, kept: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    """`kept` is what somebody had typed when a reply was refused: a text is never lost."""
    rows = inbox.waiting(workspace())
    cards = [_card(row) for row in rows]
    shown = show(
        "inbox/page.html",
        cards=cards,
        undo=_undoable(sent),
        refused=refused,
        kept=kept or {},
        teaches=list(Teaches),
        tab="inbox",
    )
    return shown, status


def _card(row: inbox.Waiting) -> dict[str, Any]:
    tx = workspace().store.read
    messages = tx.messages.find(conversation=row.summon.conversation, order="-seq", limit=SHOWN)[::-1]
    names = {person.id: person.name for person in tx.people.find()}
    mine = row.summon.person == caller().acting.id
    minutes = max(0, int((row.now - row.since).total_seconds() // 60))
    seen = max((one.seq for one in messages if one.author is Author.CUSTOMER), default=0)
    spoken = [(one, _who(one, row.customer, names)) for one in messages]
    return {"row": row, "messages": spoken, "mine": mine, "minutes": minutes, "seen": seen, "floor": tx.conversations.get(row.summon.conversation).floor}


def _who(message: Message, customer: str | None, names: dict[Any, str]) -> str:
    if message.author is Author.CUSTOMER:
        return customer or "Customer"
    return "AI" if message.author is Author.MODEL else names.get(message.person, "A colleague")


def _undoable(sent: str | None) -> Message | None:
    """One's own reply, as long as it has not left."""
    if sent is None:
        return None
    tx = workspace().store.read
    delivery = tx.outbox.first(id=sent, state=DeliveryState.WAITING)
    message = tx.messages.first(id=sent, person=caller().acting.id)
    return message if delivery is not None and message is not None and delivery.due_at > workspace().clock.now() else None


@pages.post("/inbox/<id>/claim")
@for_people
def claim(id: str) -> ResponseReturnValue:
    found = takeovers.summon_of(workspace(), id)
    takeovers.claim(workspace(), SummonId(found.id), by=caller().acting)
    return redirect(url_for("inbox.page"), 303)


@pages.post("/inbox/<id>/reply")
@for_people
def reply(id: str) -> ResponseReturnValue:
    """Refused, with the text kept, when the customer wrote again since the page was drawn."""
    talk, text = conversation_id(id), request.form.get("text", "")
    try:
        _not_stale(talk, request.form.get("seen", "0"))
        about = request.form.get("teaches", "")
        teaches = Teaches(about) if about in {one.value for one in Teaches} else None
        said = takeovers.reply(workspace(), talk, text, by=caller().acting, teaches=teaches, from_draft=request.form.get("from_draft") == "1")
    except (Conflict, Invalid) as exc:
        return _render(refused=exc.message, kept={id: text}, status=exc.status)
    return redirect(url_for("inbox.page", sent=said.id), 303)


def _not_stale(talk: ConversationId, seen: str) -> None:
    newest = workspace().store.read.messages.first(conversation=talk, author=Author.CUSTOMER, order="-seq")
    if newest is not None and seen.isdecimal() and newest.seq > int(seen[:9]):
        raise Conflict("The customer wrote again while you were typing. Read it below, then send. Your text is kept.")


@pages.post("/inbox/<id>/note")
@for_people
def note(id: str) -> ResponseReturnValue:
    conversations.note(workspace(), conversation_id(id), request.form.get("text", ""), by=caller().acting)
    return redirect(url_for("inbox.page"), 303)


@pages.post("/inbox/<id>/handback")
@for_people
def hand_back(id: str) -> ResponseReturnValue:
    _unless_done(id, Floor.MODEL, lambda talk: takeovers.hand_back(workspace(), talk))
    return redirect(url_for("inbox.page"), 303)


@pages.post("/inbox/<id>/resolve")
@for_people
def resolve(id: str) -> ResponseReturnValue:
    takeovers.resolve(workspace(), conversation_id(id))
    return redirect(url_for("inbox.page"), 303)


def _unless_done(id: str, floor: Floor, step: Any) -> None:
    """A second click on a button finds the work done."""
    talk = conversation_id(id)
    try:
        step(talk)
    except VoicegitError:
        if workspace().store.read.conversations.get(talk).floor is not floor:
            raise


@pages.post("/inbox/messages/<id>/undo")
@for_people
def undo(id: str) -> ResponseReturnValue:
    gone = takeovers.undo(workspace(), MessageId(id), by=caller().acting)
    return _render(kept={gone.conversation: gone.text})
