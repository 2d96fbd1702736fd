"""Live pages: one stream a page, of ready-made HTML that htmx puts in its place, resumed with `Last-Event-ID` from the `events` table.

When no place is left for another stream it ends after what there is: the browser comes again a few seconds later, and so has fallen back to polling.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from voicegit.domain.work import Event
from voicegit.errors import Invalid
from voicegit_web import auth
from voicegit_web.auth import for_people
from voicegit_web.pages.shown import badges, newest_event
from voicegit_web.service import Service, service

pages = Blueprint("live", __name__)
PAGE = 200
PING = 15.0
"""Seconds after which a silent stream says that it lives, and looks whether its person is still signed in."""

SLICE = 0.5
"""Seconds between looks whether the service stops."""

POLL = 5000
"""Milliseconds after which a browser that got no stream asks again."""

COUNTED = frozenset({"summon", "claim", "message", "handback", "resolved", "proposal", "release", "decline", "rollback", "amend"})
"""Events after which the numbers on the tabs may be others."""

Render = Callable[[Sequence[Event]], str]
"""Events -> HTML of `<hx-partial>` elements; an empty text when the page has nothing to show of them."""


@pages.get("/live")
@for_people
def everywhere() -> ResponseReturnValue:
    """For pages that show nothing live but the numbers on the tabs."""
    return follow(lambda events: "")


def follow(render: Render, *, alive: Callable[[], bool] = lambda: auth.signed_in() is not None, shared: Render | None = None) -> Response:
    """The stream of this page. `render` makes its HTML, in this request's context; `alive` says, now and then, whether the reader may go on reading.

    `shared` is what goes along with every page: by default the numbers on the tabs, and a `summon` event for `alerts.js`.
    """
    running = service()
    after = _after()
    give_back = running.slots.stream()
    lines = _stream(running, after, render, alive, shared or _tabs, once=give_back is None)
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


def _stream(running: Service, after: int, render: Render, alive: Callable[[], bool], shared: Render, *, once: bool) -> Iterator[str]:
    store = running.app.workspace.store
    yield f"retry: {POLL if once else 1000}\n: this stream begins\n\n"
    quiet = time.monotonic()
    while not running.stopping.is_set():
        events = store.read.events.find(id__gt=after, order="id", limit=PAGE)
        if events:
            after = events[-1].id
            yield from _told(after, render(events) + shared(events), events)
            quiet = time.monotonic()
        elif once:
            return
        elif time.monotonic() - quiet >= PING:
            if not alive():
                return
            yield f"id: {after}\n\n: still here\n\n"
            quiet = time.monotonic()
        else:
            store.wait_for_events(after, timeout=SLICE)


def _told(after: int, html: str, events: Sequence[Event]) -> Iterator[str]:
    if html:
        data = "".join(f"data: {line}\n" for line in html.splitlines())
        yield f"id: {after}\n{data}\n"
    for one in events:
        if one.kind == "summon":
            yield f"event: summon\ndata: {json.dumps({'conversation': one.conversation})}\n\n"


def _tabs(events: Sequence[Event]) -> str:
    return render_template("parts/badges.html", counts=badges()) if any(one.kind in COUNTED for one in events) else ""
