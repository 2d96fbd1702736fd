"""Signing in: by a one-time link, or by a name and its passphrase. Then on to where one wanted to go."""

import sys

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.people import Person
from voicegit.domain.signin import local_place
from voicegit.errors import Forbidden, Invalid, VoicegitError
from voicegit.services import people
from voicegit.services import signin as ways
from voicegit_web import auth
from voicegit_web.auth import for_everybody, for_people
from voicegit_web.errors import StaleSignIn, problem
from voicegit_web.pages.shown import show
from voicegit_web.service import Service, service, workspace

pages = Blueprint("signin", __name__)
USED = "This link was used already, or is too old. Sign in with your name and passphrase, or ask for a new link."
WRONG = "That name and that passphrase do not belong together. Try again, or ask for a link."


def link_for(running: Service, person: Person, address: str) -> str:
    return f"{address}{ways.path(running.links.issue(person.id))}"


@pages.get("/sign-in")
@for_everybody
def page() -> ResponseReturnValue:
    """Looking at a link does not use it up: programs that preview links would."""
    return _render(asked=request.args.get("asked") == "1")


def _render(*, asked: bool = False, refused: VoicegitError | None = None) -> ResponseReturnValue:
    code = request.values.get("code", "")[:100]
    person = ways.whose(workspace(), code) if code else None
    shown = show(
        "signin/page.html",
        tab="",
        code=code,
        new=person is None or not ways.has_passphrase(workspace(), person),
        name=request.form.get("name", "")[:120],
        next=local_place(request.values.get("next")),
        asked=asked,
        refused=refused,
    )
    return shown, refused.status if refused else 200


@pages.post("/sign-in")
@for_everybody
def enter() -> ResponseReturnValue:
    begun = service().links.begin(request.remote_addr, None if "code" in request.form else request.form.get("name", ""))
    try:
        person = _by_link() if "code" in request.form else _by_passphrase()
    except (Forbidden, Invalid) as exc:
        return _render(refused=exc)
    service().links.right(begun)
    auth.sign_in(person.id)
    return redirect(local_place(request.form.get("next")) or url_for("inbox.page"), 303)


def _by_link() -> Person:
    """With the link one may choose a passphrase; one that cannot be leaves the link as good as before."""
    person = ways.redeem(workspace(), request.form["code"][:100], said=request.form.get("passphrase", ""))
    if person is None:
        raise Forbidden(USED)
    return person


def _by_passphrase() -> Person:
    person = ways.by_passphrase(workspace(), request.form.get("name", ""), request.form.get("passphrase", ""))
    if person is None:
        raise Forbidden(WRONG)
    return person


@pages.post("/sign-in/again")
@for_everybody
def again() -> ResponseReturnValue:
    """Prints a new link for the owner on the service's own terminal; at most one a minute."""
    if not service().links.may_ask():
        raise Forbidden("A link was printed less than a minute ago. Look at the terminal where 'voicegit serve' runs.")
    owner = people.named(workspace(), None)
    announce(link_for(service(), owner, current_app.config["VOICEGIT_ADDRESS"]), owner)
    return redirect(url_for("signin.page", asked=1, next=local_place(request.form.get("next"))), 303)


def announce(link: str, person: Person) -> None:
    """On the terminal: whoever reads it may sign in as this person."""
    sys.stdout.write(f"  Sign in as {person.name} (once, within 15 minutes): {link}\n")
    sys.stdout.flush()


@pages.post("/sign-out")
@for_people
def leave() -> ResponseReturnValue:
    auth.sign_out()
    return redirect(url_for("signin.page"), 303)


@pages.app_errorhandler(StaleSignIn)
def confirm(exc: StaleSignIn) -> ResponseReturnValue:
    """Asks again who it is, and holds all that was sent: confirming sends it once more."""
    if request.method != "POST" or "text/html" not in request.accept_mimetypes.values():
        return problem(exc.status, exc.title, exc.message)
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "passphrase"}]
    mine = ways.has_passphrase(workspace(), auth.caller().acting)
    page = render_template("signin/confirm.html", to=request.full_path.rstrip("?"), sent=sent, has_passphrase=mine, detail=exc.message)
    # Should a part of a page have asked, the question takes the whole page's place.
    whole = {"HX-Retarget": "#main", "HX-Reselect": "#main > *", "HX-Reswap": "innerHTML"} if request.headers.get("HX-Request") else {}
    return Response(page, exc.status, whole)
