"""The customer's side: the chat page of a site, the frame that the widget opens, and the widget itself. What is shown is only what this visitor may see.

A form carries its visitor's key, which no other page can know: that is what stands for a CSRF token here, and works where a frame has no cookies.
"""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, send_from_directory, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.site import Site, Visit
from voicegit.errors import Invalid, NotFound, VoicegitError
from voicegit.services import exchange
from voicegit.services import site as sites
from voicegit.services import turn as turns
from voicegit.services.site import News
from voicegit_web import auth, visits
from voicegit_web.auth import for_everybody, for_people
from voicegit_web.pace import TooOften
from voicegit_web.pages.shown import STATIC
from voicegit_web.security import HEADERS
from voicegit_web.service import Service, service, workspace

pages = Blueprint("customer", __name__)

COOKIE = "voicegit_visit"
WAIT = 8.0
"""Seconds that a browser without scripts waits for the answer before the page is drawn without."""

EACH = 20
"""Messages that one visitor may send in a minute."""

TOGETHER = 240
"""Messages that all visitors of a site may send in a minute: strangers must not spend without an end."""

BEGUN = 60
"""Conversations that may begin at a site in a minute, so that a flood of new ones leaves room for those that are under way."""

PING = 15.0
"""Seconds after which a silent stream says that it lives, and looks whether its site still does."""

SLICE = 0.5
"""Seconds between looks whether the service stops."""

TOO_OLD = "This page was open for too long to go on with. Nothing was sent; send your message again, and a new conversation begins."


@pages.get("/try")
@for_people
def try_it() -> ResponseReturnValue:
    """To the page of the first site, for people of the business who want to be a customer for once."""
    return redirect(url_for("customer.page", token=sites.first(workspace()).token), 303)


# ---- the page


@pages.get("/w/<token>")
@for_everybody
def page(token: str) -> ResponseReturnValue:
    site = _site(token)
    # A frame has no cookies of its own in most browsers; there the page's script keeps the key.
    return _render(site, None if _embedded() else visits.read(request.cookies.get(COOKIE), site))


def _render(site: Site, visit: Visit | None, *, refused: str | None = None, kept: str = "", status: int = 200) -> ResponseReturnValue:
    """`kept` is what somebody had typed when it was refused: a text is never lost."""
    visit = visit or sites.fresh(workspace(), site)
    begun = sites.talk(workspace(), site, visit) is not None
    shown = render_template(
        "customer/page.html",
        site=site,
        visit=visits.key(visit),
        begun=begun,
        news=sites.news(workspace(), visit.talk) if begun else News([], sites.newest(workspace()), {}, {}),
        key=secrets.token_hex(16),
        refused=refused,
        kept=kept,
        embedded=_embedded(),
        colleague=None if _embedded() or begun else auth.signed_in(),
    )
    return shown, status


@pages.post("/w/<token>")
@for_everybody
def say(token: str) -> ResponseReturnValue:
    """A visitor's message. The first one begins the conversation that their key names, so that a second click does not begin another."""
    site = _site(token)
    text, key = request.form.get("text", ""), request.form.get("key", "")[:64] or None
    visit = visits.read(request.form.get("visit"), site)
    try:
        if visit is None:
            raise Invalid(TOO_OLD)
        if not text.strip():
            raise Invalid("Write something first.")
        visit = _as_customer(site, visit)
        _in_pace(site, visit)
        if _wants_json():
            sites.say(workspace(), site, visit, text, key=key)
        else:
            _answered(site, visit, text, key)
    except (Invalid, TooOften) as exc:
        visit = visit or sites.fresh(workspace(), site)
        return _problem(exc, visit=visit) if _wants_json() else _render(site, visit, refused=exc.message, kept=text, status=exc.status)
    if not _wants_json():
        return _remembered(_back(site), site, visit)
    told = current_app.make_response(_told(visit, sites.news(workspace(), visit.talk, after=request.form.get("after", type=int))))
    return told if _embedded() else _remembered(told, site, visit)


def _answered(site: Site, visit: Visit, text: str, key: str | None) -> None:
    """For a browser without scripts, the next page should hold the answer. It waits in a customer's place, so that strangers cannot take every thread."""
    give_back = service().slots.visitor()
    at_once = give_back is not None and workspace().directives.serving().policy.turns.burst_seconds == 0
    try:
        taken = sites.say(workspace(), site, visit, text, key=key, run_at_once=at_once)
        if taken.mine:
            turns.run(workspace(), visit.talk)
        if give_back is not None:
            exchange.wait(workspace(), taken.message, seconds=WAIT)
    finally:
        if give_back is not None:
            give_back()


def _as_customer(site: Site, visit: Visit) -> Visit:
    """Somebody of the business who tries it may choose whose record goes with it; visitors may not."""
    name = request.form.get("as", "").strip()
    if not name or auth.signed_in() is None or sites.talk(workspace(), site, visit) is not None:
        return visit
    return replace(visit, customer=sites.record(workspace(), name))


def _in_pace(site: Site, visit: Visit) -> None:
    limits = [(f"visitor {visit.talk}", EACH), (f"site {site.id}", TOGETHER)]
    if sites.talk(workspace(), site, visit) is None:
        limits.append((f"begun {site.id}", BEGUN))
    if not service().pace.take(limits):
        raise TooOften("That was a lot at once. Your message was not sent and is still here; wait a minute, and send it again.")


@pages.post("/w/<token>/new")
@for_everybody
def new(token: str) -> ResponseReturnValue:
    """Another conversation. The one before stays with the business; this browser forgets it."""
    site = _site(token)
    old = visits.read(request.form.get("visit"), site)
    if _wants_json():
        visit = sites.fresh(workspace(), site, old.customer if old else None)
        return _told(visit, News([], sites.newest(workspace()), {}, {}))
    return _remembered(_back(site), site, sites.fresh(workspace(), site))


@pages.post("/w/<token>/ratings")
@for_everybody
def rate(token: str) -> ResponseReturnValue:
    site = _site(token)
    visit, up = _visit(site, request.form.get("visit")), request.form.get("up")
    if up not in {"0", "1"}:
        raise Invalid("Say whether the reply helped: yes or no.")
    rating = sites.rate(workspace(), site, visit, request.form.get("message", ""), up=up == "1")
    return {"up": rating.up} if _wants_json() else redirect(url_for("customer.page", token=site.token, _anchor=f"m-{rating.id}"), 303)


@pages.post("/w/<token>/user")
@for_everybody
def user(token: str) -> ResponseReturnValue:
    """Who the visitor is, if the shop's server vouches for it; else they stay who they were."""
    site = _site(token)
    given = {name: request.form.get(name, "")[:400] for name in ("name", "email")}
    visit = visits.read(request.form.get("visit"), site) or sites.fresh(workspace(), site)
    known = sites.identify(workspace(), site, visit, request.form.get("id", ""), request.form.get("hash", "")[:400], **given)
    begun = sites.talk(workspace(), site, known) is not None
    return _told(known, sites.news(workspace(), known.talk) if begun else News([], sites.newest(workspace()), {}, {}))


# ---- what is live


@pages.get("/w/<token>/news")
@for_everybody
def news(token: str) -> ResponseReturnValue:
    """What came to light since `after`: as a stream, or at once as JSON (whole without `after`). A stream without a place ends after what there is."""
    site = _site(token)
    visit, after = _visit(site, request.headers.get("Visit")), request.args.get("after", type=int)
    if sites.talk(workspace(), site, visit) is None:
        raise NotFound("This conversation has not begun.")
    if _wants_json():
        return _told(visit, sites.news(workspace(), visit.talk, after=after))
    give_back = service().slots.visitor()
    lines = _stream(service(), site, visit, sites.newest(workspace()) if after is None else after, once=give_back is None)
    response = Response(stream_with_context(lines), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    if give_back is not None:
        response.call_on_close(give_back)
    return response


def _stream(running: Service, site: Site, visit: Visit, after: int, *, once: bool) -> Iterator[str]:
    store = running.app.workspace.store
    yield ": this stream begins\n\n"
    quiet = time.monotonic()
    while not running.stopping.is_set():
        newest = sites.newest(running.app.workspace)
        if newest > after:
            if store.read.events.first(conversation=visit.talk, id__gt=after) is not None:
                found = sites.news(running.app.workspace, visit.talk, after=after)
                newest = found.after
                yield f"data: {json.dumps(_told(visit, found), ensure_ascii=False)}\n\n"
                quiet = time.monotonic()
            after = newest
        elif once:
            return
        elif time.monotonic() - quiet >= PING:
            if store.read.sites.first(id=site.id, revoked_at=None) is None:
                return
            yield ": still here\n\n"
            quiet = time.monotonic()
        else:
            store.wait_for_events(after, timeout=SLICE)


def _told(visit: Visit, found: News) -> dict[str, Any]:
    """For `customer.js`. A key that a shop's server vouched for is not kept in the browser: the next person at it may be another."""
    return {
        "visit": visits.key(visit),
        "keep": visit.customer is None,
        "messages": [
            {"id": one.id, "seq": one.seq, "ours": one.author.value != "customer", "html": render_template("customer/message.html", message=one, news=found)}
            for one in found.messages
        ],
        "state": render_template("customer/state.html", news=found),
        "after": found.after,
    }


# ---- the widget


@pages.get("/w/<token>/widget.js")
@for_everybody
def widget(token: str) -> ResponseReturnValue:
    """For other sites' pages, under whatever address they have."""
    _site(token)
    response = send_from_directory(STATIC, "widget.js", mimetype="text/javascript")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


# ---- shared by the views


def _site(token: str) -> Site:
    found: Site = sites.by_token(workspace(), token)
    g.site = found
    return found


def _visit(site: Site, key: str | None) -> Visit:
    visit = visits.read(key, site)
    if visit is None:
        raise NotFound("There is no conversation like that here. Open the page again.")
    return visit


def _embedded() -> bool:
    return request.args.get("embed") == "1"


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "text/event-stream", "application/json"]) == "application/json"


def _back(site: Site) -> Response:
    response: Response = current_app.make_response(redirect(url_for("customer.page", token=site.token, _anchor="newest"), 303))
    return response


def _remembered(response: Response, site: Site, visit: Visit) -> Response:
    """For a page of its own, a cookie that no script and no other site can use."""
    response.set_cookie(
        COOKIE,
        visits.key(visit),
        max_age=visits.LIFE,
        path=url_for("customer.page", token=site.token),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@pages.after_request
def _frame(response: Response) -> Response:
    """Only the site's own origins may show its page."""
    site: Site | None = g.get("site")
    if site is not None and response.mimetype == "text/html":
        policy = HEADERS["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", f"frame-ancestors {site.ancestors}")
    return response


@pages.errorhandler(VoicegitError)
def _refused(exc: VoicegitError) -> ResponseReturnValue:
    if _wants_json() or (request.method == "GET" and request.path.endswith("/news")):
        return _problem(exc)
    return render_template("customer/gone.html", title=exc.title, detail=exc.message), exc.status


def _problem(exc: VoicegitError, *, visit: Visit | None = None) -> ResponseReturnValue:
    headers = {"Retry-After": "60"} if isinstance(exc, TooOften) else {}
    return {"title": exc.title, "detail": exc.message, **({"visit": visits.key(visit)} if visit else {})}, exc.status, headers
