"""What a conversation's page shows of it, whole or as it changes."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, render_template

from voicegit.domain.conversation import Author, Message
from voicegit.domain.ids import ConversationId
from voicegit.domain.people import Person
from voicegit.domain.signal import Teaches
from voicegit.domain.talk import EVENTS, Line
from voicegit.domain.work import Event
from voicegit.services import composing, talk
from voicegit.services.history import Why
from voicegit.services.talk import Talk
from voicegit_web import live
from voicegit_web.presence import Present
from voicegit_web.service import service, workspace

SHOWN = 16
"""Lines of a long conversation that are shown at once, the newest."""

TEACHES: tuple[tuple[Teaches, str], ...] = (
    (Teaches.TONE, "tone"),
    (Teaches.HANDLING, "how we handle it"),
    (Teaches.FACT, "a fact"),
    (Teaches.CUSTOMER, "only this customer"),
    (Teaches.NOTHING, "don’t learn"),
)

CHECKS = (
    ("clear", "The request is clear", "I do not understand the request"),
    ("informed", "I have the information", "I do not have the information"),
    ("unremarkable", "Nothing emotional, legal or unusual", "Something emotional, legal or unusual"),
    ("covered", "A directive covers it", "No directive covers it"),
)

STANDING = frozenset({"message", "withdrawn", "claim", "takeover", "handback", "resolved", "summon", "snooze", "delivered", "awake", "unclaimed"})
"""Events after which it may be another's, or nobody's."""


def about(read: Talk, me: Person) -> dict[str, Any]:
    """What the templates of a conversation are given."""
    begun = composing.of(workspace(), read.conversation.id, by=me)
    return {"talk": read, "begun": begun, "person": me, "who": _who(read, me), "present": present(read, me), "teaches": TEACHES, "checks": CHECKS}


def _who(read: Talk, me: Person) -> Callable[[Message], str]:
    def who(message: Message) -> str:
        if message.author is Author.CUSTOMER:
            return read.customer.name if read.customer is not None else "Customer"
        if message.author is Author.MODEL:
            return "AI"
        return "You" if message.person == me.id else read.name(message.person)

    return who


def present(read: Talk, me: Person) -> tuple[Present, ...]:
    return service().presence.others(read.conversation.id, me.id)


def newest(lines: Sequence[Line], *, everything: bool, at: str | None) -> tuple[Sequence[Line], int]:
    """The lines to show, and how many earlier ones are left out: none when the one asked for is among them."""
    cut = 0 if everything or len(lines) <= SHOWN + 4 else len(lines) - SHOWN
    if at is not None and any(one.id == at for one in lines[:cut]):
        cut = 0
    return lines[cut:], cut


def rested_on(why: Why) -> dict[str, str]:
    """Titles of the directives behind a reply, by id, as they were."""
    known = workspace().directives.at(why.turn.revision)
    found = {source.directive: known.get(source.directive) for source in why.sources}
    return {id: directive.title for id, directive in found.items() if directive is not None}


# ---- as it changes


def follow(conversation: ConversationId, me: Person) -> Response:
    """Lines as they come, and who has the conversation. The box is never touched: its person may be writing in it."""
    leaves = service().presence.looks(conversation, me.id)
    shown: list[tuple[Present, ...]] = [service().presence.others(conversation, me.id)]

    def render(events: Sequence[Event]) -> str:
        mine = [one for one in events if one.conversation == conversation]
        return _changed(talk.read(workspace(), conversation), me, mine) if mine else ""

    def besides() -> str:
        there = service().presence.others(conversation, me.id)
        if there == shown[0]:
            return ""
        shown[0] = there
        return render_template(
            "conversation/live.html", **about(talk.read(workspace(), conversation), me), added=[], redrawn=[], left=[], standing=False, why=False
        )

    response = live.follow(render, besides=besides, about=conversation)
    response.call_on_close(leaves)
    return response


def _changed(read: Talk, me: Person, events: Sequence[Event]) -> str:
    kinds = {one.kind for one in events}
    added = {f"b-{one.id}" for one in events if one.kind in EVENTS}
    said = _named("message", events)
    if not kinds & STANDING:
        return ""
    return render_template(
        "conversation/live.html",
        **about(read, me),
        added=[line for line in read.lines if line.id in said | added or line.id.removeprefix("b-") in said],
        # A line that leaves, or that is judged, is not drawn anew: somebody may have unfolded it and be writing there.
        redrawn=[message for message in read.messages if message.id in _named("withdrawn", events) - said],
        left=_named("delivered", events) - said,
        standing=bool(kinds & STANDING),
        why=bool(kinds & {"summon", "handback", "resolved"}),
    )


def _named(kind: str, events: Sequence[Event]) -> set[str]:
    return {one.body["message"] for one in events if one.kind == kind}
