"""Conversations: begin one, bring a customer's message, read what was said."""

import re
from typing import Any

from flask import request, url_for
from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.conversation import Conversation, Message, clean
from voicegit.domain.token import Scope
from voicegit.errors import Invalid
from voicegit.services import conversation as conversations
from voicegit.services import exchange, shapes
from voicegit.services import turn as turns
from voicegit.services.conversation import Taken
from voicegit.services.exchange import Answer, Exchange
from voicegit_web.api import once
from voicegit_web.api.requests import ById, Opened, Said, Since
from voicegit_web.api.told import Told
from voicegit_web.auth import caller, conversation, open_to
from voicegit_web.service import service, workspace

api = APIBlueprint("api_conversations", __name__, url_prefix="/api/v1/conversations", abp_security=[{"token": []}])
MOST_WAIT = 30
"""Seconds that a request may wait for the turn, whatever it prefers."""

_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?([0-9]{1,9})\"?\s*(?:;[^,]*)?(?=,|$)", re.IGNORECASE)


@api.post("", summary="Begin a conversation", responses={201: None})
@open_to(Scope.CUSTOMER, Scope.OPERATOR)
def begin(body: Opened) -> Told:
    """With the record of a customer, if one is named. Answers 201 and its place."""
    made = conversations.start(workspace(), customer=body.customer, channel=caller().channel)
    return {"conversation": made.id, "channel": made.channel}, 201, {"Location": _place(made)}


@api.post("/<id>/messages", summary="Bring a customer's message")
@open_to(Scope.CUSTOMER, Scope.OPERATOR)
@once.keeps_its_own_key
def say(path: ById, body: Said) -> Told:
    """202 when it is safe; with `Prefer: wait=20`, 200 and what came of it as soon as that is known. `Idempotency-Key` takes a repeat only once."""
    talk = conversation(path.id)
    seconds = _preferred_wait()
    with service().slots.wait() as may_wait:
        patient = may_wait and seconds > 0
        done = _answered(talk, body.text, seconds) if patient else exchange.outcome(workspace(), _taken(talk, body.text, run_at_once=False).message)
    told = shapes.exchange(done) if caller().sees_everything else shapes.heard(done)
    headers = {"Location": _place(talk)} | ({"Preference-Applied": f"wait={seconds}"} if patient else {})
    return told, 200 if patient and done.answer is not Answer.PENDING else 202, headers


def _answered(talk: Conversation, text: str, seconds: int) -> Exchange:
    """Without a burst to wait for, the turn is run here and now; else a worker runs it when the burst is over."""
    at_once = workspace().directives.serving().policy.turns.burst_seconds == 0
    taken = _taken(talk, text, run_at_once=at_once)
    if taken.mine:
        turns.run(workspace(), talk.id)
        done = exchange.outcome(workspace(), taken.message)
        if done.answer is not Answer.PENDING:
            return done
    return exchange.wait(workspace(), taken.message, seconds=seconds)


def _taken(talk: Conversation, text: str, *, run_at_once: bool) -> Taken:
    taken = conversations.take_in(workspace(), talk.id, text, key=once.key(), run_at_once=run_at_once)
    if taken.repeated and taken.message.text != clean(text):
        raise Invalid("This Idempotency-Key came with another text before. Nothing was done; use a new key for a new message.")
    return taken


def _preferred_wait() -> int:
    """RFC 7240: `Prefer: wait=20`. What cannot be understood is no preference."""
    found = _WAIT.search(",".join(request.headers.getlist("Prefer")))
    return min(int(found[1]), MOST_WAIT) if found else 0


def _place(talk: Conversation) -> str:
    return url_for("api_conversations.read", id=talk.id)


@api.get("/<id>", summary="Read a conversation")
@open_to(Scope.CUSTOMER, Scope.OPERATOR, Scope.READ)
def read(path: ById, query: Since) -> Told:
    """A customer's token sees what the customer may see; others see notes, turns and the live summon too."""
    talk = conversation(path.id)
    if not caller().sees_everything:
        seen = conversations.seen_by_customer(workspace(), talk.id)
        return {"conversation": talk.id, "floor": talk.floor.value, "messages": [shapes.said(one) for one in _since(seen, query)]}
    return _whole(talk, query)


def _whole(talk: Conversation, query: Since) -> dict[str, Any]:
    tx = workspace().store.read
    names = {person.id: person.name for person in tx.people.find()}
    customer = tx.customers.first(id=talk.customer) if talk.customer else None
    live = tx.summons.first(conversation=talk.id, ended_at=None)
    return {
        "conversation": talk.id,
        "floor": talk.floor.value,
        "holder": names.get(talk.holder) if talk.holder else None,
        "customer": customer.name if customer else None,
        "channel": talk.channel,
        "opened_at": talk.opened_at.isoformat(),
        "handed_back_at": talk.handed_back_at.isoformat() if talk.handed_back_at else None,
        "resolved_at": talk.resolved_at.isoformat() if talk.resolved_at else None,
        "summon": live.id if live else None,
        "messages": [shapes.message(one, names) for one in _since(tx.messages.find(conversation=talk.id, order="seq"), query)],
        "turns": [shapes.turn(one) for one in tx.turns.find(conversation=talk.id)],
    }


def _since(messages: list[Message], query: Since) -> list[Message]:
    return [one for one in messages if query.after is None or one.seq > query.after]
