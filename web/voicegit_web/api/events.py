"""The feed that live pages follow: every event once, in order, from where the reader left off."""

import json
import time
from collections.abc import Callable, Iterator

from flask import Response, request, stream_with_context
from flask_openapi3.blueprint import APIBlueprint

from voicegit.domain.token import Scope
from voicegit.domain.work import Event
from voicegit.errors import Invalid, Unavailable
from voicegit.services import shapes
from voicegit_web.api.requests import Since
from voicegit_web.api.told import Told
from voicegit_web.auth import by_token, open_to, signed_in
from voicegit_web.service import Service, service

api = APIBlueprint("api_events", __name__, url_prefix="/api/v1/events", abp_security=[{"token": []}])
PAGE = 200
PING = 15.0
"""Seconds after which a silent stream says that it lives; then, and before anything is told, it is also asked whether its reader may still read."""

SLICE = 0.5
"""Seconds between looks whether the service stops."""


@api.get("", summary="Follow what happens")
@open_to(Scope.OPERATOR, Scope.READ)
def follow(query: Since) -> Told:
    """`text/event-stream`, resumed with `Last-Event-ID` (or `after`); with `Accept: application/json`, what there is since then, at once.

    Without either it begins now. 503 when too many streams are open: then poll.
    """
    running = service()
    after = _after(running, query)
    if request.accept_mimetypes.best_match(["text/event-stream", "application/json"]) == "application/json":
        events = _since(running, after)
        return {"items": [shapes.event(one) for one in events], "next": events[-1].id if events else after}
    give_back = running.slots.stream()
    if give_back is None:
        raise Unavailable("Too many live pages are open. Ask again with 'Accept: application/json' and 'after' every few seconds.")
    response = Response(stream_with_context(_stream(running, after, _alive(running))), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(give_back)
    return response


def _after(running: Service, query: Since) -> int:
    given = request.headers.get("Last-Event-ID")
    if given is not None:
        if not (given.isdecimal() and given.isascii() and len(given) < 19):
            raise Invalid("Last-Event-ID is the 'id' of an event that came before, a whole number.")
        return int(given)
    if query.after is not None:
        return query.after
    newest = running.app.workspace.store.read.events.first(order="-id")
    return newest.id if newest else 0


def _alive(running: Service) -> Callable[[], bool]:
    """Whether the reader may go on reading: the token opens something, or the person is signed in."""
    header = request.headers.get("Authorization")
    return (lambda: signed_in() is not None) if header is None else (lambda: by_token(header, running.app.workspace) is not None)


def _since(running: Service, after: int) -> list[Event]:
    return running.app.workspace.store.read.events.find(id__gt=after, order="id", limit=PAGE)


def _stream(running: Service, after: int, alive: Callable[[], bool]) -> Iterator[str]:
    store = running.app.workspace.store
    yield "retry: 3000\n: this stream begins\n\n"
    quiet = time.monotonic()
    while not running.stopping.is_set():
        events = _since(running, after)
        if events and not alive():
            return
        for one in events:
            yield f"id: {one.id}\nevent: {one.kind}\ndata: {json.dumps(shapes.event(one), ensure_ascii=False)}\n\n"
            after = one.id
        if events:
            quiet = time.monotonic()
        elif time.monotonic() - quiet >= PING:
            if not alive():
                return
            yield ": still here\n\n"
            quiet = time.monotonic()
        else:
            store.wait_for_events(after, timeout=SLICE)
