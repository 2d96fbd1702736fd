"""What holds for every request: hosts that are ours, small bodies, cookies and headers that leave browsers no room."""

import os
import secrets
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from voicegit.bootstrap import App
from voicegit.errors import Invalid

LOOPBACK = ("localhost", "127.0.0.1", "::1")
ANY = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
MAX_BODY = 64 * 1024
SESSION = timedelta(hours=12)
KEY_BYTES = 32

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""For every answer."""

PAGES = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""For what a browser shows."""


def harden(web: Flask, app: App, *, debug: bool) -> None:
    host, address = app.settings.host, urlsplit(app.settings.address)
    if (debug or web.debug) and host not in LOOPBACK:
        raise Invalid(f"Debug is on, and {host} can be reached from outside. Turn debug off (FLASK_DEBUG), or listen on 127.0.0.1.")
    web.debug = debug
    local = host in LOOPBACK and address.scheme != "https"
    web.config.update(
        SECRET_KEY=secret_key(app.root),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=50,
        SESSION_COOKIE_NAME="voicegit" if local else "__Host-voicegit",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not local,
        PERMANENT_SESSION_LIFETIME=SESSION,
        WTF_CSRF_TIME_LIMIT=int(SESSION.total_seconds()),
        # Our Referrer-Policy sends none; `auth` looks at Sec-Fetch-Site and Origin instead.
        WTF_CSRF_SSL_STRICT=False,
    )
    web.session_interface = Sessions()
    if address.hostname:
        web.wsgi_app = Proxied(web.wsgi_app)  # type: ignore[method-assign]
    web.before_request(lambda: _only_ours({*LOOPBACK, host, address.hostname or host}, numbers=host in ANY))
    web.after_request(_headers)


class Sessions(SecureCookieSessionInterface):
    """A request to the API that comes with a token has no session: it can neither read nor write one, and pays nothing for it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        with_token = request.path.startswith("/api/") and "Authorization" in request.headers
        return self.make_null_session(app) if with_token else super().open_session(app, request)


class Proxied:
    """What a proxy says of a request is believed when it stands on this machine and the setting `address` says that there is one."""

    def __init__(self, application: Any) -> None:
        self._plain = application
        self._told = ProxyFix(application, x_for=1, x_proto=1, x_host=1)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return (self._told if environ.get("REMOTE_ADDR") in LOOPBACK else self._plain)(environ, start_response)


def _only_ours(names: set[str], *, numbers: bool) -> None:
    """Refuses names that are not ours, so that no other site's name leads here. Flask's TRUSTED_HOSTS cannot: Werkzeug 3.1 reads '[::1]' as '['."""
    name = urlsplit(f"//{request.host}").hostname or ""
    if name not in names and not (numbers and _is_a_number(name)):
        raise SecurityError


def _is_a_number(name: str) -> bool:
    """An address cannot be pointed elsewhere by somebody's name server."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _headers(response: Response) -> Response:
    for name, value in (HEADERS if response.mimetype == "application/json" else HEADERS | PAGES).items():
        # A page that other sites may show says so itself.
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and "v" in request.args and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def secret_key(root: Path) -> bytes:
    """The workspace's own key for cookies, made once, readable by its owner alone. Raises `Invalid` for one that others can read."""
    path = root / "secret.key"
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise Invalid(f"{path} can be read by other users of this machine. Run 'chmod 600' on it, or delete it; everybody then signs in again.")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Invalid(f"{path} is damaged. Delete it: a new one is made, and everybody signs in again.")
    return key


def _make(path: Path) -> None:
    """Appears whole or not at all; of two processes at once, the first one's stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
