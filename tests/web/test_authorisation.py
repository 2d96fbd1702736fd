"""Every route, asked by everybody: what each may and may not. A route that stands in no row here fails the test."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from tests.conftest import Shop
from tests.fakes import unsure
from tests.web.conftest import Door, Knock
from voicegit.domain.ids import MessageId, MistakeId, ProposalId, Revision
from voicegit.domain.people import Role
from voicegit.domain.signal import SignalKind
from voicegit.domain.site import Site
from voicegit.domain.token import Scope
from voicegit.services import feedback, mistakes, review, rollback, takeover
from voicegit.services import site as sites
from voicegit.services import token as tokens
from voicegit_web.service import Service

HOURS = {"kind": "facts", "name": "hours"}
NOT = 401
"""Who is not known."""
PAGE = 303
"""A page sends strangers, and whoever has done a step, on."""


@dataclass
class World:
    """Things to ask for, made fresh for each knock."""

    door: Door

    @property
    def shop(self) -> Shop:
        return self.door.shop

    def talk(self) -> str:
        return self.door.a.begin()

    def summon(self) -> str:
        """A conversation of channel A in which a person was called."""
        talk = self.talk()
        self.shop.model.reply_with(unsure())
        assert self.door.a.say(talk, "Can you paint my fence?").get_json()["decision"] == "summon"
        return talk

    def said(self) -> str:
        """A reply of the model."""
        return str(self.door.a.say(self.talk(), "Hello").get_json()["reply_message"])

    def mistake(self) -> str:
        """What Olga caught, and is open."""
        if not mistakes.listed(self.shop.workspace):
            feedback.give(self.shop.workspace, MessageId(self.said()), SignalKind.REJECTION, by=self.door.olga, reason="It never says so")
        return mistakes.listed(self.shop.workspace)[0].id

    def closed_mistake(self) -> str:
        return mistakes.close(self.shop.workspace, MistakeId(self.mistake()), because="Gone", by=self.shop.owner).id

    def judged(self) -> str:
        """A reply that Olga has judged."""
        said = self.said()
        feedback.give(self.shop.workspace, MessageId(said), SignalKind.APPROVAL, by=self.door.olga)
        return said

    def held(self) -> str:
        talk = self.summon()
        takeover.reply(self.shop.workspace, talk, "I am here.", by=self.door.olga)
        return talk

    def sent(self) -> str:
        """Olga's reply, which has not left."""
        return str(takeover.reply(self.shop.workspace, self.summon(), "I am here.", by=self.door.olga).id)

    def proposal(self) -> str:
        open_ones = self.shop.workspace.directives.proposals()
        return open_ones[0].proposal if open_ones else self.door.proposal()

    def site(self) -> Site:
        return sites.first(self.shop.workspace)

    def visit(self) -> str:
        """The key of a visitor whose conversation has not begun."""
        page = self.door.web.test_client().get(f"/w/{self.site().token}").get_data(as_text=True)
        return re.findall(r'name="visit" value="([^"]+)"', page)[0]

    def decided(self) -> int:
        return self.shop.rows.decisions.count()

    def released(self) -> str:
        return self.shop.release({f"facts/windows-{self.decided()}.md": f"---\ntitle: Windows\n---\n\n- We clean {self.decided()} windows\n"})

    def undone(self) -> str:
        release = Revision(self.released())
        rollback.rollback(self.shop.workspace, release, by=self.shop.owner)
        return release

    def choice(self) -> dict[str, str]:
        """On the one change of the open proposal."""
        head = self.shop.workspace.directives.proposals()[0].head
        return {"path": "facts/sundays.md", "choice": "accept", "head": head}

    def refusal(self) -> dict[str, str]:
        return {"reason": "Not true.", "head": self.shop.workspace.directives.proposals()[0].head}

    def approved(self) -> str:
        """A proposal that is live."""
        name = self.door.proposal(f"- Open on Sunday number {self.shop.rows.decisions.count()}\n")
        review.approve(self.shop.workspace, ProposalId(name), by=self.shop.owner)
        return name

    def once(self) -> int:
        """A number that was not used yet."""
        return self.shop.rows.people.count()

    def somebody(self) -> str:
        """Somebody who works here and is not signed in."""
        return self.shop.person(f"Tom {self.once()}", Role.OPERATOR).id

    def token(self) -> str:
        made, _ = tokens.issue(self.shop.workspace, "a program", scope=Scope.READ)
        return made.id

    def a_site(self) -> str:
        return sites.add(self.shop.workspace, f"site {self.shop.rows.sites.count()}").id

    def within(self, message: str) -> dict[str, str]:
        """A message, and the conversation that it is in."""
        return {"id": self.shop.rows.messages.get(message).conversation, "message": message}

    def link(self) -> str:
        service: Service = self.door.web.extensions["voicegit"]
        return service.links.issue(self.door.olga.id)


@dataclass(frozen=True)
class Row:
    """What each gets, in the order: anonymous, channel A, channel B, operator's token, reading token, Olga signed in, Maria signed in."""

    expected: tuple[int, int, int, int, int, int, int]
    place: Callable[[World], dict[str, str]] = lambda world: {}
    body: dict[str, Any] | None = None
    form: Callable[[World], dict[str, str]] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def only_staff(good: int = 200) -> tuple[int, ...]:
    return (NOT, 403, 403, good, good, good, good)


def only_operator(good: int = 200) -> tuple[int, ...]:
    return (NOT, 403, 403, good, 403, NOT, NOT)


def page(good: int = 200) -> tuple[int, ...]:
    """For people: a token is nobody here."""
    return (PAGE, PAGE, PAGE, PAGE, PAGE, good, good)


def only_owners(good: int = PAGE) -> tuple[int, ...]:
    """A page's change that is the owner's alone: Olga is an operator."""
    return (PAGE, PAGE, PAGE, PAGE, PAGE, 403, good)


EVERYBODY = (200,) * 7
a_talk, a_summon = (lambda w: {"id": w.talk()}), (lambda w: {"id": w.summon()})
a_head = {"head": "0" * 40, "base": "0" * 40}

ROWS: dict[str, Row] = {
    "POST /api/v1/conversations": Row((NOT, 201, 201, 201, 403, NOT, NOT), body={}),
    "POST /api/v1/conversations/<id>/messages": Row((NOT, 200, 404, 200, 403, NOT, NOT), a_talk, {"text": "Hello"}, headers={"Prefer": "wait=9"}),
    "GET /api/v1/conversations/<id>": Row((NOT, 200, 404, 200, 200, 200, 200), a_talk),
    "GET /api/v1/summons": Row(only_staff()),
    "POST /api/v1/summons/<id>/claim": Row(only_operator(), a_summon),
    "POST /api/v1/conversations/<id>/replies": Row(only_operator(201), a_summon, {"text": "I come at four."}),
    "POST /api/v1/conversations/<id>/notes": Row(only_operator(201), a_talk, {"text": "She called too."}),
    "POST /api/v1/conversations/<id>/handback": Row(only_operator(), lambda w: {"id": w.held()}),
    "POST /api/v1/conversations/<id>/resolve": Row(only_operator(), a_summon),
    "POST /api/v1/messages/<id>/feedback": Row(only_operator(201), lambda w: {"id": w.said()}, {"verdict": "approve"}),
    "POST /api/v1/messages/<id>/undo": Row(only_operator(), lambda w: {"id": w.sent()}),
    "GET /api/v1/messages/<id>/why": Row(only_staff(), lambda w: {"id": w.said()}),
    "GET /api/v1/proposals": Row(only_staff()),
    "GET /api/v1/proposals/<id>": Row(only_staff(), lambda w: {"id": w.proposal()}),
    "GET /api/v1/directives": Row(only_staff()),
    "GET /api/v1/directives/<kind>/<name>": Row(only_staff(), lambda w: {"kind": "facts", "name": "hours"}),
    "GET /api/v1/history": Row(only_staff()),
    "GET /api/v1/customers/<name>": Row((NOT, 403, 403, 404, 404, 404, 404), lambda w: {"name": "Dana"}),
    "PUT /api/v1/customers/<name>": Row(only_operator(), lambda w: {"name": "Dana Reyes"}, {"fields": {"team": "Mike & Bob"}}),
    "POST /api/v1/customers/<name>/erase": Row((NOT, 403, 403, 403, 403, NOT, NOT), lambda w: {"name": "Dana Reyes"}),
    "GET /api/v1/events": Row(only_staff(), headers={"Accept": "application/json"}),
    "GET /healthz": Row(EVERYBODY),
    "GET /readyz": Row(EVERYBODY),
    "GET /metrics": Row((200, 403, 403, 403, 200, 200, 200)),
    "GET /openapi.json": Row(EVERYBODY),
    "GET /static/<path:filename>": Row(EVERYBODY, lambda w: {"filename": "voicegit.css"}),
    "GET /": Row((PAGE,) * 7),
    "GET /inbox": Row(page()),
    "GET /inbox/live": Row(page(), body=None, headers={"Accept": "text/html"}),
    "GET /c/<id>": Row(page(), a_summon),
    "GET /c/<id>/live": Row(page(), a_summon, body=None, headers={"Accept": "text/html"}),
    "GET /c/<id>/canned": Row((PAGE,) * 7, a_talk),
    "GET /c/<id>/why/<message>": Row(page(), lambda w: w.within(w.said())),
    "GET /c/<id>/erase": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, 200), a_talk),
    "POST /c/<id>/erase": Row(only_owners(), a_talk, form=lambda w: {}),
    "POST /c/<id>/why/<message>/started": Row(page(), lambda w: w.within(w.said()), form=lambda w: {}),
    "GET /c/<id>/why/<message>/started": Row(page(PAGE), lambda w: w.within(w.said())),
    "POST /c/<id>/reply": Row(page(PAGE), a_summon, form=lambda w: {"text": "I come at four.", "seen": "9"}),
    "POST /c/<id>/draft": Row(page(204), a_summon, form=lambda w: {"text": "I come at"}),
    "POST /c/<id>/draft/opened": Row(page(PAGE), a_summon, form=lambda w: {}),
    "POST /c/<id>/read": Row(page(PAGE), a_summon, form=lambda w: {"text": "I come at"}),
    "POST /c/<id>/use": Row(page(PAGE), a_summon, form=lambda w: {"words": "I come at four."}),
    "POST /c/<id>/take-over": Row(page(PAGE), a_summon, form=lambda w: {}),
    "POST /c/<id>/handback": Row(page(PAGE), a_summon, form=lambda w: {}),
    "POST /c/<id>/resolve": Row(page(PAGE), a_summon, form=lambda w: {}),
    "POST /c/<id>/snooze": Row(page(PAGE), a_summon, form=lambda w: {"until": "hour"}),
    "POST /c/<id>/undo/<message>": Row((PAGE, PAGE, PAGE, PAGE, PAGE, PAGE, 403), lambda w: w.within(w.sent()), form=lambda w: {}),
    "POST /c/<id>/teach/<message>": Row((PAGE, PAGE, PAGE, PAGE, PAGE, PAGE, 403), lambda w: w.within(w.sent()), form=lambda w: {"teaches": "tone"}),
    "POST /c/<id>/judge/<message>": Row(page(PAGE), lambda w: w.within(w.said()), form=lambda w: {"verdict": "good"}),
    "GET /more": Row(page()),
    "GET /help": Row(page()),
    "GET /live": Row(page(), body=None, headers={"Accept": "text/html"}),
    "GET /directives": Row(page()),
    "GET /directives/<kind>/<name>": Row(page(), lambda w: HOURS),
    "GET /directives/new": Row(page()),
    "POST /directives/new": Row(page(PAGE), form=lambda w: {"kind": "facts", "title": f"Windows {w.decided()}", "rules": "We clean windows too"}),
    "GET /directives/<kind>/<name>/edit": Row(page(), lambda w: HOURS),
    "POST /directives/<kind>/<name>/edit": Row(
        page(PAGE), lambda w: HOURS, form=lambda w: {"text": f"---\ntitle: Hours\n---\n\n- Always, and on day {w.decided()}\n"}
    ),
    "POST /directives/<kind>/<name>/extend": Row(page(409), lambda w: HOURS, form=lambda w: {}),
    "POST /directives/<kind>/<name>/retire": Row(page(PAGE), lambda w: HOURS, form=lambda w: {"why": "Not true any more."}),
    "GET /history": Row(page()),
    "GET /history.csv": Row(page()),
    "GET /history.json": Row(page()),
    "GET /history/<release>": Row(page(), lambda w: {"release": w.shop.workspace.directives.head()}),
    "POST /history/<release>/undo": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"release": w.released()}, form=lambda w: {}),
    "POST /history/<release>/restore": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"release": w.undone()}, form=lambda w: {}),
    "GET /try": Row((PAGE,) * 7),
    "GET /w/<token>": Row(EVERYBODY, lambda w: {"token": w.site().token}),
    "POST /w/<token>": Row((PAGE,) * 7, lambda w: {"token": w.site().token}, form=lambda w: {"text": "Hello", "visit": w.visit()}),
    "POST /w/<token>/new": Row((PAGE,) * 7, lambda w: {"token": w.site().token}, form=lambda w: {}),
    "POST /w/<token>/ratings": Row((404,) * 7, lambda w: {"token": w.site().token}, form=lambda w: {"visit": w.visit(), "message": w.said(), "up": "1"}),
    "POST /w/<token>/user": Row((403,) * 7, lambda w: {"token": w.site().token}, form=lambda w: {"visit": w.visit(), "id": "7", "hash": "0" * 64}),
    "GET /w/<token>/news": Row((404,) * 7, lambda w: {"token": w.site().token}),
    "GET /w/<token>/widget.js": Row(EVERYBODY, lambda w: {"token": w.site().token}),
    "GET /review": Row(page()),
    "GET /review/<id>": Row(page(), lambda w: {"id": w.proposal()}),
    "GET /review/<id>/confirm": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, 409), lambda w: {"id": w.proposal()}),
    "GET /review/<id>/replay": Row(page(), lambda w: {"id": w.proposal()}),
    "POST /review/learn": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, 409), form=lambda w: {}),
    "POST /review/<id>/replay": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"id": w.proposal()}, form=lambda w: {"step": "run"}),
    "POST /review/<id>/judge": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"id": w.proposal()}, form=lambda w: w.choice()),
    "POST /review/<id>/approve": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, 409), lambda w: {"id": w.proposal()}, form=lambda w: a_head),
    "POST /review/<id>/decline": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"id": w.proposal()}, form=lambda w: w.refusal()),
    "POST /review/<id>/answer": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, 409), lambda w: {"id": w.proposal()}, form=lambda w: {"answer": "keep"}),
    "POST /review/<id>/undo": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"id": w.approved()}, form=lambda w: {}),
    "GET /samples": Row(page()),
    "POST /samples/<id>": Row(page(PAGE), lambda w: {"id": w.said()}, form=lambda w: {"verdict": "good"}),
    "POST /samples/<id>/undo": Row((PAGE, PAGE, PAGE, PAGE, PAGE, PAGE, 409), lambda w: {"id": w.judged()}, form=lambda w: {}),
    "GET /playground": Row(page()),
    "POST /playground": Row(page(), form=lambda w: {"message": "Hello"}),
    "POST /playground/<id>/<int:place>": Row(page(), lambda w: {"id": w.talk(), "place": "0"}, form=lambda w: {}),
    "GET /insights": Row(page()),
    "GET /mistakes": Row(page()),
    "POST /mistakes/<id>/close": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"id": w.mistake()}, form=lambda w: {"because": "Gone"}),
    "POST /mistakes/<id>/reopen": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, PAGE), lambda w: {"id": w.closed_mistake()}, form=lambda w: {}),
    "GET /sign-in": Row(EVERYBODY),
    "POST /sign-in": Row((PAGE,) * 7, form=lambda w: {"code": w.link()}),
    "POST /sign-in/again": Row((PAGE, 403, 403, 403, 403, 403, 403), form=lambda w: {}),
    "POST /sign-out": Row((PAGE,) * 7, form=lambda w: {}),
    "GET /people": Row(page()),
    "POST /people/<id>/link": Row((PAGE, PAGE, PAGE, PAGE, PAGE, 403, 200), lambda w: {"id": w.door.olga.id}, form=lambda w: {}),
    "GET /settings": Row(page()),
    "POST /settings": Row(only_owners(), form=lambda w: {"gate.threshold": f"{60 + w.decided()}", "seen": w.shop.workspace.directives.head()}),
    "GET /settings/notifications": Row(page()),
    "POST /settings/notifications/test": Row(only_owners(404), form=lambda w: {"channel": "none"}),
    "GET /settings/tokens": Row(page()),
    "POST /settings/tokens": Row(only_owners(200), form=lambda w: {"name": "our website", "scope": "customer"}),
    "POST /settings/tokens/<id>/revoke": Row(only_owners(), lambda w: {"id": w.token()}, form=lambda w: {}),
    "GET /settings/widget": Row(page()),
    "POST /settings/widget": Row(only_owners(), form=lambda w: {"name": f"site {w.shop.rows.sites.count()}"}),
    "POST /settings/widget/<id>/allow": Row(only_owners(), lambda w: {"id": w.a_site()}, form=lambda w: {"origins": "https://shop.example"}),
    "POST /settings/widget/<id>/secret": Row(only_owners(200), lambda w: {"id": w.a_site()}, form=lambda w: {}),
    "POST /settings/widget/<id>/close": Row(only_owners(), lambda w: {"id": w.a_site()}, form=lambda w: {}),
    "POST /sign-out/everywhere": Row(page(PAGE), form=lambda w: {}),
    "POST /people": Row(only_owners(200), form=lambda w: {"name": f"Lea {w.once()}", "role": "lead"}),
    "POST /people/passphrase": Row(page(PAGE), form=lambda w: {"chosen": "four plain garden words"}),
    "POST /people/<id>/role": Row(only_owners(), lambda w: {"id": w.somebody()}, form=lambda w: {"role": "lead"}),
    "POST /people/<id>/sign-out": Row(only_owners(), lambda w: {"id": w.somebody()}, form=lambda w: {}),
    "POST /people/<id>/remove": Row(only_owners(), lambda w: {"id": w.somebody()}, form=lambda w: {}),
}


def routes(web: OpenAPI) -> set[str]:
    return {f"{method} {rule.rule}" for rule in web.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def test_every_route_has_a_row(web: OpenAPI) -> None:
    assert routes(web) == set(ROWS)


@pytest.mark.parametrize("route", ROWS)
def test_everybody_gets_what_is_theirs(route: str, door: Door) -> None:
    row, world = ROWS[route], World(door)
    door.web.config["WTF_CSRF_ENABLED"] = False  # who may do it is asked here; forged forms have their own test
    everybody = (door.anonymous, door.a, door.b, door.operator, door.read, door.olga_in, door.maria_in)
    assert tuple(_asked(route, row, world, knock) for knock in everybody) == row.expected


def _asked(route: str, row: Row, world: World, knock: Knock) -> int:
    method, _, rule = route.partition(" ")
    place = row.place(world)
    url = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: place[found[1]], rule)
    sent: dict[str, Any] = {"headers": {**knock.headers, **row.headers}, "method": method}
    sent |= {"data": row.form(world)} if row.form is not None else {"json": row.body} if row.body is not None else {}
    with knock.client.open(url, **sent) as answer:
        return answer.status_code


def test_an_unknown_a_revoked_and_a_wrong_kind_of_secret_open_nothing(door: Door, web: OpenAPI) -> None:
    from voicegit.services import token as tokens

    secret = door.read.headers["Authorization"].removeprefix("Bearer ")
    for header in ("Bearer vg_nothing", "Bearer", "Bearer ", f"Basic {secret}", secret, f"Bearer {secret}x"):
        answer = web.test_client().get("/api/v1/summons", headers={"Authorization": header})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    tokens.revoke(door.shop.workspace, "read token")
    assert door.read.get("/api/v1/summons").status_code == 401


def test_a_session_changes_nothing_through_the_api(door: Door) -> None:
    talk = door.a.begin()
    answer = door.maria_in.post(f"/api/v1/conversations/{talk}/notes", {"text": "A note"})
    assert answer.status_code == 401
    assert door.maria_in.get(f"/api/v1/conversations/{talk}").get_json()["messages"] == []


def test_figures_are_not_for_strangers_behind_a_proxy_on_this_machine(web: OpenAPI) -> None:
    client = web.test_client()
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 401


def test_a_route_that_does_not_say_who_it_is_for_is_refused_at_the_start(web: OpenAPI) -> None:
    from voicegit_web import auth

    web.view_functions["forgotten"] = lambda: "hello"
    with pytest.raises(RuntimeError, match="forgotten"):
        auth.check_every_route(web)
