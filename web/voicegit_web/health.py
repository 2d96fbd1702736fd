"""For machines that watch the service: does it live, can it serve, how does it do, what does it offer."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from voicegit.domain.token import Scope
from voicegit.errors import Forbidden, VoicegitError
from voicegit_web import incidents
from voicegit_web.auth import by_token, for_everybody, from_this_machine
from voicegit_web.errors import Unauthorized
from voicegit_web.service import service, workspace

pages = Blueprint("health", __name__)
DESCRIPTION = (
    "Customers' messages in, replies out, and a person's work between them. Every call but the watchers' needs 'Authorization: Bearer …'. "
    "Errors are application/problem+json. No token can approve: that is for a signed-in person."
)
KEYED = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "A repeat with the same key and body is done once and answered the same.",
}
PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "wait=20 (RFC 7240; seconds, at most 30): answer when the outcome is known.",
}


@pages.get("/healthz")
@for_everybody
def alive() -> ResponseReturnValue:
    return {"ok": True}


@pages.get("/readyz")
@for_everybody
def ready() -> ResponseReturnValue:
    """503 when a customer's message could not be taken and answered. What is wrong in words is for the doctor, not for strangers."""
    checks = {"directives": _works(workspace().directives.serving), "database": _works(_database), "background": service().background.alive}
    well = checks["directives"] and checks["database"]
    return {"ok": well, "checks": checks}, 200 if well else 503


def _works(look: Callable[[], object]) -> bool:
    try:
        look()
    except VoicegitError:
        return False
    except Exception as exc:  # noqa: BLE001 - a damaged file raises whatever it likes; the answer is the same
        incidents.report(exc, "looking whether it can serve")
        return False
    return True


def _database() -> None:
    workspace().store.read.events.first(order="-id")
    workspace().store.write(lambda tx: None)


@pages.get("/metrics")
@for_everybody
def metrics() -> ResponseReturnValue:
    """For Prometheus: from this machine, or with a reading token."""
    header = request.headers.get("Authorization")
    if header is not None:
        token = by_token(header, workspace())
        if token is None:
            raise Unauthorized("This token opens nothing.")
        if token.scope is not Scope.READ:
            raise Forbidden("Metrics need a token of scope 'read'.")
    elif not from_this_machine():
        raise Unauthorized
    return Response(service().metrics.text(), content_type=CONTENT_TYPE_LATEST)


@pages.get("/openapi.json")
@for_everybody
def description() -> ResponseReturnValue:
    """The routes, in OpenAPI 3.1."""
    spec: dict[str, Any] = current_app.api_doc  # type: ignore[attr-defined]
    for place, operations in spec["paths"].items():
        for method, operation in operations.items():
            headers = [KEYED] if method == "post" else []
            headers += [PREFER] if place.endswith("/messages") else []
            listed = operation.setdefault("parameters", [])
            listed.extend(one for one in headers if one not in listed)
    return spec
