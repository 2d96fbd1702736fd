"""Live pages: one stream a page, of ready-made HTML that htmx puts in its place, resumed with `Last-Event-ID` from the `events` table.

When no place is left for another stream it ends after what there is: the browser comes again a few seconds later, and so has fallen back to polling.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from voicegit.domain.ids import ConversationId
from voicegit.domain.summon import SummonStatus
from voicegit.domain.work import Event
from voicegit.errors import Invalid
from voicegit_web import auth
from voicegit_web.auth import for_people
from voicegit_web.feed import PAGE
from voicegit_web.pages.shown import badges, newest_event
from voicegit_web.service import Service, service, workspace

pages = Blueprint("live", __name__)
PING = 15.0
"""Seconds after which a silent stream says that it lives, and looks whether its person is still signed in."""

SLICE = 0.5
"""Seconds between looks whether the service stops."""

POLL = 5000
"""Milliseconds after which a browser that got no stream asks again."""

COUNTED = frozenset(
    {"summon", "claim", "message", "handback", "resolved", "proposal", "release", "decline", "rollback", "amend", "snooze", "awake", "withdrawn"}
)
"""Events after which the numbers on the tabs may be others."""

Render = Callable[[Sequence[Event]], str]
"""Events -> HTML of `<hx-partial>` elements; an empty text when the page has nothing to show of them."""


@pages.get("/live")
@for_people
def everywhere() -> ResponseReturnValue:
    """For pages that show nothing live but the numbers on the tabs."""
    return follow(lambda events: "")


def follow(
    render: Render,
    *,
    alive: Callable[[], bool] = lambda: auth.signed_in() is not None,
    shared: Render | None = None,
    besides: Callable[[], str] = lambda: "",
    about: ConversationId | None = None,
) -> Response:
    """The stream of this page. `render` makes its HTML, in this request's context; `alive` says, before anything is told, whether the reader may go on reading.

    `shared` is what goes along with it: by default the numbers on the tabs, and a `summon` event for `alerts.js`; nobody but the team may know of those.
    `besides` makes HTML of what no event tells, and is asked in every pause; an empty text when there is nothing.
    `about` names the one conversation that it shows: what happens there is told at once, everything else a little later.
    """
    running = service()
    after = _after()
    give_back = running.slots.stream()
    told = _told if shared is not None else _told_with_summons
    along = _if_new(shared or _tabs)
    lines = _stream(running, after, lambda events: told(render(events) + along(events), events), alive, besides, about=about, once=give_back is None)
    response = Response(stream_with_context(lines), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    if give_back is not None:
        response.call_on_close(give_back)
    return response


def _after() -> int:
    given = request.headers.get("Last-Event-ID") or request.args.get("after")
    if not given:
        return newest_event()
    if not (given.isdecimal() and given.isascii() and len(given) < 19):
        raise Invalid("A live page goes on after an event's number. Open the page again.")
    return int(given)


def _stream(
    running: Service, after: int, lines: Render, alive: Callable[[], bool], besides: Callable[[], str], *, about: ConversationId | None, once: bool
) -> Iterator[str]:
    """`lines` makes of events what is sent."""
    yield f"retry: {POLL if once else 1000}\n: this stream begins\n\n"
    quiet = time.monotonic()
    while not running.stopping.is_set():
        events = _past(running, after) if once else running.feed.since(after, timeout=SLICE, about=about)
        if events:
            after = events[-1].id
            if told := lines(events):
                if not alive():
                    return
                yield told
                quiet = time.monotonic()
        elif once:
            return
        elif time.monotonic() - quiet >= PING:
            if not alive():
                return
            yield f"id: {after}\n\n: still here\n\n"
            quiet = time.monotonic()
        elif more := besides():
            yield _data(more)


def _past(running: Service, after: int) -> list[Event]:
    return running.app.workspace.store.read.events.find(id__gt=after, order="id", limit=PAGE)


def _told(html: str, events: Sequence[Event]) -> str:
    return f"id: {events[-1].id}\n{_data(html)}" if html else ""


def _data(html: str) -> str:
    return "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"


def _told_with_summons(html: str, events: Sequence[Event]) -> str:
    return _told(html, events) + "".join(_summon(one) for one in events if one.kind == "summon")


def _summon(event: Event) -> str:
    """For `alerts.js`, while nobody has it: where and why a person is called, and how long ago, in seconds. Never the customer's words."""
    called = workspace().store.read.summons.first(id=event.body["summon"], status=SummonStatus.OPEN)
    if called is None:
        return ""
    seconds = int((workspace().clock.now() - event.at).total_seconds())
    told = {"id": called.id, "conversation": called.conversation, "reasons": called.reasons, "seconds": seconds}
    return f"event: summon\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"


def _if_new(render: Render) -> Render:
    """What it makes, unless this page has it already."""
    sent = ""

    def news(events: Sequence[Event]) -> str:
        nonlocal sent
        before, sent = sent, render(events) or sent
        return sent if sent != before else ""

    return news


def _tabs(events: Sequence[Event]) -> str:
    if not any(one.kind in COUNTED for one in events):
        return ""
    return service().made.once("tabs", (events[-1].id,), lambda: render_template("parts/badges.html", counts=badges()))
