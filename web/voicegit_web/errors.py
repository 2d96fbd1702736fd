"""Errors become RFC 9457 problem details, or a plain page for people. One table; nothing that a caller sent is echoed."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, current_app, json, render_template, request
from flask_wtf.csrf import CSRFError
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from voicegit.errors import Finding, Forbidden, VoicegitError
from voicegit_web import incidents

TYPE = "application/problem+json"

HTTP: dict[int, tuple[str, str]] = {
    400: ("Not understood", "The request could not be read. Check its address, its headers and its body."),
    401: ("Who are you?", "This needs a token: 'Authorization: Bearer …'. Make one with 'voicegit token add'."),
    403: ("Not allowed", "You may not do this."),
    404: ("Not found", "There is nothing at this address. The routes are in /openapi.json."),
    405: ("Not possible here", "This address does not take that method. The routes are in /openapi.json."),
    413: ("Too large", "A request may have 64 kB. Send it in parts."),
    415: ("Not understood", "Send JSON, with 'Content-Type: application/json'."),
}
"""Words for what Flask itself refuses; its own could quote the request."""

FOR_PEOPLE: dict[int, str] = {
    404: "There is no such page. It may be gone, or its address is not whole.",
    405: "This page only comes after something was sent, and cannot be opened again by itself. Go back, or begin at the inbox.",
}
"""The same for who reads pages."""


class Problem(BaseModel):
    """An error, as RFC 9457 says. `findings` say where and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    findings: list[dict[str, Any]] = []


class Unauthorized(VoicegitError):
    """Nobody that we know asks."""

    status = 401
    title = HTTP[401][0]

    def __init__(self, message: str = HTTP[401][1]) -> None:
        super().__init__(message)


class StaleSignIn(Forbidden):
    """A decision needs a sign-in that is only minutes old."""


RETRY = {429: "60", 503: "5"}
"""Seconds after which the same may be asked again."""


def problem(status: int, title: str, detail: str, findings: Sequence[dict[str, Any]] = ()) -> Response:
    """An error in the form that this caller can read."""
    response = _told(status, title, detail, findings)
    if status in RETRY:
        response.headers["Retry-After"] = RETRY[status]
    return response


def _told(status: int, title: str, detail: str, findings: Sequence[dict[str, Any]]) -> Response:
    if _for_a_person():
        page = render_template("error.html", status=status, title=title, detail=detail, findings=[one["problem"] for one in findings])
        return Response(page, status)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if findings:
        body["findings"] = list(findings)
    response = Response(json.dumps(body), status, mimetype=TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _for_a_person() -> bool:
    machine = request.path.startswith("/api/") or request.path in {"/healthz", "/readyz", "/metrics", "/openapi.json"}
    return not machine and "text/html" in request.accept_mimetypes.values()


def register(web: Flask) -> None:
    web.register_error_handler(VoicegitError, _known)
    web.register_error_handler(HTTPException, _http)
    web.register_error_handler(RecursionError, _too_deep)
    web.register_error_handler(Exception, _bug)


def _known(exc: VoicegitError) -> Response:
    findings = [_finding(one) for one in getattr(exc, "findings", ())]
    return problem(exc.status, exc.title, exc.message, findings)


def _finding(one: Finding) -> dict[str, Any]:
    return {"path": one.path, "line": one.line, "problem": one.problem, "remedy": one.remedy}


def _http(exc: HTTPException) -> Any:
    if exc.response is not None or exc.code is None or exc.code < 400:
        return exc.get_response()
    if isinstance(exc, CSRFError):
        return problem(400, "Not sent", _stale_form())
    title, detail = HTTP.get(exc.code, (exc.name, "The request could not be served. The routes are in /openapi.json."))
    response = problem(exc.code, title, FOR_PEOPLE.get(exc.code, detail) if _for_a_person() else detail)
    if exc.code == 405 and (allowed := dict(exc.get_headers()).get("Allow")):
        response.headers["Allow"] = allowed
    return response


def _stale_form() -> str:
    if current_app.config["SESSION_COOKIE_SECURE"] and not request.is_secure:
        return "Nothing was done: away from this machine one signs in over https only. Open the address that begins with https://, or see docs/people.md."
    return "Nothing was done: this page was opened too long ago, or before somebody signed in or out here. Go back, open it anew, and send it again."


def _too_deep(_: RecursionError) -> Response:
    return problem(422, "Cannot be used as it is", "The body is nested too deeply. No request needs more than three levels.")


def _bug(exc: Exception) -> Response:
    number = incidents.report(exc, f"serving {request.endpoint}")
    return problem(500, "Something went wrong", f"This is a bug in voicegit, not your doing. Incident {number}: the place is in the service's log.")


def not_valid(exc: ValidationError) -> Response:
    """For flask-openapi3: which field is wrong and why, without the value that came."""
    findings = []
    for error in exc.errors(include_input=False, include_url=False, include_context=False):
        # The last part of an unknown key's place is the caller's own text.
        place = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
        findings.append({"field": ".".join(str(part) for part in place), "problem": "has a field that is not known here" if not place else error["msg"]})
        if error["loc"] == ():
            findings[-1] = {"field": "", "problem": "The body has to be a JSON object, sent with 'Content-Type: application/json'"}
    return problem(422, "Cannot be used as it is", f"{findings[0]['field'] or 'the body'}: {findings[0]['problem']}. Nothing was done.", findings)
