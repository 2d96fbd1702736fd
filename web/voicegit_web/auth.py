"""Who asks, and whether they may. Every route says who it is for; one that does not is refused when the service starts.

Programs come with a token, people with a session. A session changes nothing under `/api/v1`, and no token ever approves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from voicegit.domain.conversation import Conversation
from voicegit.domain.ids import ConversationId, PersonId
from voicegit.domain.people import Person, Role
from voicegit.domain.signin import local_place
from voicegit.domain.token import Scope, Token
from voicegit.errors import Forbidden, NotFound
from voicegit.ports import Workspace
from voicegit.services import signin
from voicegit.services import token as tokens
from voicegit_web.errors import StaleSignIn, Unauthorized
from voicegit_web.security import LOOPBACK, SESSION
from voicegit_web.service import service, workspace

V = TypeVar("V", bound=Callable[..., object])

FRESH = timedelta(minutes=10)
"""How old a sign-in may be to decide what becomes live."""


@dataclass(frozen=True)
class Access:
    """Who a route is for: tokens of these scopes, signed-in people (of these roles), or everybody."""

    scopes: frozenset[Scope] = frozenset()
    people: bool = False
    everybody: bool = False
    roles: frozenset[Role] = frozenset(Role)


@dataclass(frozen=True)
class Caller:
    """Who asks. `scope` is None for a signed-in person; an operator's token brings its person with it."""

    name: str
    scope: Scope | None = None
    person: Person | None = None

    @property
    def channel(self) -> str:
        """What a token's own conversations are marked with."""
        return f"api:{self.name}"

    @property
    def sees_everything(self) -> bool:
        return self.scope is not Scope.CUSTOMER

    @property
    def acting(self) -> Person:
        if self.person is None:
            raise Forbidden("This token acts for nobody. Use an operator's token.")
        return self.person


def open_to(*scopes: Scope) -> Callable[[V], V]:
    """For tokens of these scopes; where a reading token may look, a signed-in person may too."""

    def mark(view: V) -> V:
        setattr(view, "access", Access(frozenset(scopes), people=Scope.READ in scopes))  # noqa: B010 - functions take attributes, their types do not say so
        return view

    return mark


def for_people(view: V) -> V:
    """For signed-in people; others are shown how to sign in."""
    setattr(view, "access", Access(people=True))  # noqa: B010
    return view


def for_leads(view: V) -> V:
    """For leads and owners."""
    setattr(view, "access", Access(people=True, roles=frozenset({Role.OWNER, Role.LEAD})))  # noqa: B010
    return view


def for_owners(view: V) -> V:
    setattr(view, "access", Access(people=True, roles=frozenset({Role.OWNER})))  # noqa: B010
    return view


def for_everybody(view: V) -> V:
    setattr(view, "access", Access(everybody=True))  # noqa: B010
    return view


def register(web: Flask) -> None:
    web.before_request(_admit)


def check_every_route(web: Flask) -> None:
    """Nothing is served that does not say who it is for."""
    for_everybody(web.view_functions["static"])
    silent = [endpoint for endpoint, view in web.view_functions.items() if not hasattr(view, "access")]
    if silent:
        raise RuntimeError(f"these routes do not say who they are for: {', '.join(silent)}")


def caller() -> Caller:
    """Who asks, on a route that is not for everybody."""
    found: Caller = g.caller
    return found


def _admit() -> ResponseReturnValue | None:
    from flask import current_app

    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    access: Access = getattr(view, "access")  # noqa: B009 - checked at the start
    if access.everybody:
        _same_site()
        return None
    if access.scopes:
        g.caller = _program(access)
        return None
    person = signed_in()
    if person is None:
        return _sign_in_first()
    _same_site()
    if person.role not in access.roles:
        (person.must_review if Role.LEAD in access.roles else person.must_own)()
    g.caller = Caller(f"person:{person.id}", person=person)
    signin.seen(workspace(), person)
    return None


def _sign_in_first() -> ResponseReturnValue:
    """A page is led to where one signs in; what runs inside a page is told so, for it would put the other page into itself."""
    if "text/event-stream" in request.headers.get("Accept", ""):
        raise Unauthorized("You are not signed in any more. Open the page again.")
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": url_for("signin.page", next=_around())})
    here = local_place(request.full_path.rstrip("?")) if request.method == "GET" else None
    return redirect(url_for("signin.page", next=here if here != "/" else None), 303)


def _around() -> str | None:
    """The page that a request from inside it came from."""
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    return local_place(page.path + (f"?{page.query}" if page.query else "")) if page.netloc == request.host else None


def _program(access: Access) -> Caller:
    header = request.headers.get("Authorization")
    if header is None:
        person = signed_in() if access.people and request.method in {"GET", "HEAD"} else None
        if person is None:
            raise Unauthorized
        return Caller(f"person:{person.id}", person=person)
    token = by_token(header, workspace())
    if token is None:
        raise Unauthorized("This token opens nothing. It was revoked, or it never was. Make one with 'voicegit token add'.")
    if token.scope not in access.scopes:
        raise Forbidden(f"A token of scope '{token.scope}' may not do this. It takes: {', '.join(sorted(access.scopes))}.")
    person = workspace().store.read.people.get(token.person) if token.person else None
    return Caller(token.id, token.scope, person)


def by_token(header: str, known: Workspace) -> Token | None:
    """The token of an Authorization header, if it opens anything."""
    kind, _, secret = header.partition(" ")
    return tokens.find(known, secret.strip()) if kind.lower() == "bearer" and secret.strip() else None


def _same_site() -> None:
    """Another site's form never gets as far as the CSRF token's check."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "null")
    foreign = site not in {"same-origin", "none"} if site else origin != "null" and urlsplit(origin).netloc != request.host
    if foreign:
        raise Forbidden("This form was sent from another site. Open the page here, and send it again.")


# ---- sessions


def sign_in(person: PersonId) -> None:
    """A new session; whatever the old one held is gone, but for what lets one's own open pages be sent."""
    kept = session.get("csrf_token") if session.get("person") == person else None
    session.clear()
    if kept is not None:
        session["csrf_token"] = kept
    session.permanent = True
    session["person"] = person
    session["at"] = workspace().clock.now().isoformat()


def sign_out() -> None:
    session.clear()


def signed_in() -> Person | None:
    """The person of this session, if there is one, it is not too old, and they were not signed out since."""
    if "person" not in session or _age() > SESSION:
        return None
    person = workspace().store.read.people.first(id=session["person"])
    return person if person is not None and person.holds(_signed_in_at()) else None


def _age() -> timedelta:
    return workspace().clock.now() - _signed_in_at()


def _signed_in_at() -> datetime:
    try:
        return datetime.fromisoformat(session["at"])
    except (KeyError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=UTC)


def fresh() -> Person:
    """The person of this session, who signed in minutes ago or says their passphrase along with what they ask for. Raises `StaleSignIn`."""
    person = caller().acting
    if caller().scope is not None:
        raise Forbidden("A token never decides this. Sign in.")
    if _age() <= FRESH:
        return person
    said = request.form.get("passphrase", "")
    if not said:
        raise StaleSignIn("You signed in more than ten minutes ago. Sign in again to decide; nothing was changed yet.")
    begun = service().links.begin(request.remote_addr, person.name)
    if signin.by_passphrase(workspace(), person.name, said) is None:
        raise StaleSignIn("That is not your passphrase. Try again; nothing was changed yet.")
    service().links.right(begun)
    sign_in(person.id)
    return person


def reviewer() -> Person:
    """The person of this session, for a decision. Raises `Forbidden` without the role, `StaleSignIn` when they signed in too long ago."""
    person = caller().acting
    if caller().scope is not None:
        raise Forbidden("A token never decides what becomes live. Sign in, and look at the proposal.")
    person.must_review()
    return fresh()


# ---- whose conversation


def conversation(id: str) -> Conversation:
    """That conversation, if this caller may know of it. For a customer's token the others do not exist."""
    found = workspace().store.read.conversations.first(id=id)
    if found is None or (not caller().sees_everything and found.channel != caller().channel):
        raise NotFound(f"There is no conversation {id[:60]!r} here.")
    return found


def conversation_id(id: str) -> ConversationId:
    return conversation(id).id


def from_this_machine() -> bool:
    """Asked on this machine, and not through a proxy that stands on it."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"))
    return request.remote_addr in LOOPBACK and not forwarded
