"""Who works here, and what they may decide. Owners invite, make sign-in links, change roles and let people go; everybody minds their own sign-in."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.ids import PersonId
from voicegit.domain.people import Person, Role
from voicegit.domain.signin import INVITATION, SOON
from voicegit.errors import Conflict, Invalid, NotFound, VoicegitError
from voicegit.services import people, signin
from voicegit_web import auth
from voicegit_web.auth import for_owners, for_people
from voicegit_web.pages.shown import me, show
from voicegit_web.service import service, workspace

pages = Blueprint("people", __name__)
HERE_NOW = timedelta(minutes=6)
"""Who was seen so lately is here."""

DONE = {
    "role": "The role is another now. They sign in again to go on.",
    "gone": "They are signed out everywhere and cannot sign in any more. What they did stays under their name.",
    "out": "They are signed out on every device. A new link lets them in again.",
    "passphrase": "Your passphrase is set. With it you sign in again, and confirm decisions, without a new link.",
}


@pages.get("/people")
@for_people
def page() -> ResponseReturnValue:
    return _render(done=DONE.get(request.args.get("done", "")))


def _render(
    *, done: str | None = None, link: str | None = None, who: Person | None = None, hours: int = 0, refused: VoicegitError | None = None
) -> ResponseReturnValue:
    """`link` is for `who`, shown this once."""
    here = people.working(workspace())
    shown = show(
        "people/page.html",
        tab="more",
        here="people",
        people=here,
        owners=sum(one.role is Role.OWNER for one in here),
        left=workspace().store.read.people.find(left_at__not=None),
        roles=list(Role),
        now=workspace().clock.now(),
        here_now=HERE_NOW,
        has_passphrase=signin.has_passphrase(workspace(), me() or here[0]),
        done=done,
        link=link,
        who=who,
        hours=hours,
        refused=refused,
        kept={name: request.form.get(name, "") for name in ("name", "role")} if refused else {"name": "", "role": Role.OPERATOR.value},
    )
    return shown, refused.status if refused else 200


@pages.post("/people")
@for_owners
def invite() -> ResponseReturnValue:
    auth.fresh()
    try:
        person = people.add(workspace(), request.form.get("name", ""), role=_role())
    except (Conflict, Invalid) as exc:
        return _render(refused=exc)
    return _render(link=_link(person, INVITATION), who=person, hours=24)


def _role() -> Role:
    said = request.form.get("role", "")
    if said not in set(Role):
        raise Invalid(f"Choose a role: {', '.join(Role)}.")
    return Role(said)


def _link(person: Person, life: timedelta) -> str:
    """On the address that people open; without the setting, the one that this very request came to."""
    address = service().app.settings.address or request.host_url.rstrip("/") or current_app.config["VOICEGIT_ADDRESS"]
    return f"{address}{signin.path(service().links.issue(person.id, life=life))}"


@pages.post("/people/<id>/link")
@for_owners
def link(id: str) -> ResponseReturnValue:
    """For another, good for a day; for oneself, to take to another device, good for a quarter of an hour."""
    mine = auth.fresh().id == id
    person = _working(id)
    return _render(link=_link(person, SOON if mine else INVITATION), who=person, hours=0 if mine else 24)


def _working(id: str) -> Person:
    found = workspace().store.read.people.first(id=id, left_at=None)
    if found is None:
        raise NotFound("Nobody like that works here any more. Look at the list again.")
    return found


@pages.post("/people/<id>/role")
@for_owners
def role(id: str) -> ResponseReturnValue:
    auth.fresh()
    try:
        people.change_role(workspace(), PersonId(id), _role())
    except (Conflict, Invalid) as exc:
        return _render(refused=exc)
    return redirect(url_for("people.page", done="role"), 303)


@pages.post("/people/<id>/remove")
@for_owners
def remove(id: str) -> ResponseReturnValue:
    auth.fresh()
    try:
        people.remove(workspace(), PersonId(id))
    except Conflict as exc:
        return _render(refused=exc)
    return redirect(url_for("people.page", done="gone"), 303)


@pages.post("/people/<id>/sign-out")
@for_owners
def sign_out(id: str) -> ResponseReturnValue:
    people.sign_out_everywhere(workspace(), PersonId(id))
    return redirect(url_for("people.page", done="out"), 303)


# ---- one's own


@pages.post("/sign-out/everywhere")
@for_people
def leave_everywhere() -> ResponseReturnValue:
    people.sign_out_everywhere(workspace(), auth.caller().acting.id)
    auth.sign_out()
    return redirect(url_for("signin.page"), 303)


@pages.post("/people/passphrase")
@for_people
def passphrase() -> ResponseReturnValue:
    """A stolen session cannot set one: it takes a sign-in that is minutes old, or the old passphrase."""
    person = auth.fresh()
    try:
        signin.set_passphrase(workspace(), person, request.form.get("chosen", ""))
    except Invalid as exc:
        return _render(refused=exc)
    return redirect(url_for("people.page", done="passphrase"), 303)
