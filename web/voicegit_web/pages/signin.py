"""Signing in by a one-time link. The first is printed where `voicegit serve` runs; who reads that terminal may have another."""

import sys

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.people import Person
from voicegit.errors import Forbidden
from voicegit.services import people
from voicegit_web import auth
from voicegit_web.auth import for_everybody, for_people
from voicegit_web.pages.shown import show
from voicegit_web.service import Service, service, workspace

pages = Blueprint("signin", __name__)


def link_for(running: Service, person: Person, address: str) -> str:
    return f"{address}/sign-in?code={running.links.issue(person.id)}"


@pages.get("/sign-in")
@for_everybody
def page() -> ResponseReturnValue:
    """Looking at a link does not use it up: programs that preview links would."""
    return show("signin/page.html", tab="", code=request.args.get("code", "")[:100], asked=request.args.get("asked") == "1")


@pages.post("/sign-in")
@for_everybody
def enter() -> ResponseReturnValue:
    person = service().links.redeem(request.form.get("code", "")[:100])
    if person is None:
        raise Forbidden("This link was used already, or is older than 15 minutes. Ask for a new one on the sign-in page.")
    auth.sign_in(person)
    return redirect(url_for("inbox.page"), 303)


@pages.post("/sign-in/again")
@for_everybody
def again() -> ResponseReturnValue:
    """Prints a new link for the owner on the service's own terminal; at most one a minute."""
    if not service().links.may_ask():
        raise Forbidden("A link was printed less than a minute ago. Look at the terminal where 'voicegit serve' runs.")
    owner = people.named(workspace(), None)
    announce(link_for(service(), owner, current_app.config["VOICEGIT_ADDRESS"]), owner)
    return redirect(url_for("signin.page", asked=1), 303)


def announce(link: str, person: Person) -> None:
    """On the terminal: whoever reads it may sign in as this person."""
    sys.stdout.write(f"  Sign in as {person.name} (once, within 15 minutes): {link}\n")
    sys.stdout.flush()


@pages.post("/sign-out")
@for_people
def leave() -> ResponseReturnValue:
    auth.sign_out()
    return redirect(url_for("signin.page"), 303)
