"""`Idempotency-Key`: a POST that is repeated with its key is done once and answered the same. Messages keep their key themselves."""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask, Response, current_app, g, json, request

from voicegit.errors import Invalid
from voicegit.services import remembered
from voicegit_web.auth import caller
from voicegit_web.service import workspace

V = TypeVar("V", bound=Callable[..., object])
HEADER = "Idempotency-Key"
MAX_KEY = 200


def keeps_its_own_key(view: V) -> V:
    """For a route that stores the key with what it makes."""
    setattr(view, "keeps_its_own_key", True)  # noqa: B010 - functions take attributes, their types do not say so
    return view


def key() -> str | None:
    """The key of this request. Raises `Invalid` for one that cannot be kept."""
    given = request.headers.get(HEADER)
    if given is not None and not (0 < len(given) <= MAX_KEY and given.isascii() and given.isprintable()):
        raise Invalid(f"An Idempotency-Key has 1 to {MAX_KEY} visible ASCII characters. Nothing was done.")
    return given


def register(web: Flask, blueprints: Sequence[str]) -> None:
    nouns = frozenset(blueprints)

    def recall() -> Response | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if request.method != "POST" or request.blueprint not in nouns or hasattr(view, "keeps_its_own_key"):
            return None
        given = key()
        if given is None:
            return None
        id = _digest(caller().name, given)
        known = remembered.begin(workspace(), id, _digest(request.method, request.path, request.get_data(cache=True).hex()))
        if known is None:
            g.begun = id
            return None
        kept = json.loads(known.body)
        return Response(kept["body"], known.status, kept["headers"])

    web.before_request(recall)
    web.after_request(_remember)


def _remember(response: Response) -> Response:
    id = g.pop("begun", None)
    if id is None:
        return response
    if response.status_code < 400:
        headers = {name: response.headers[name] for name in ("Content-Type", "Location") if name in response.headers}
        remembered.finish(workspace(), id, status=response.status_code, body=json.dumps({"body": response.get_data(as_text=True), "headers": headers}))
    elif response.status_code != 500:
        # After a bug nobody knows how far it came: then the key stays as it is, and a repeat is told so.
        remembered.forget(workspace(), id)
    return response


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
