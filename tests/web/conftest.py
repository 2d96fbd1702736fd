"""app -> client: a shop whose model answers at once, the service on it, and everybody who may knock."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tests.conftest import Shop
from voicegit import bootstrap, resources
from voicegit.domain.people import Person, Role
from voicegit.domain.token import Scope
from voicegit.services import review
from voicegit.services import token as tokens
from voicegit_web import create_app
from voicegit_web.service import Service

WAIT = {"Prefer": "wait=20"}


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As everywhere, but for bursts: a message is answered in the request that brings it."""
    folder = tmp_path_factory.mktemp("at-once")
    shutil.copytree(resources.starter(), folder / "from")
    policy = folder / "from" / "policy.toml"
    policy.write_text(policy.read_text().replace("burst_seconds = 2.0", "burst_seconds = 0.0"))
    bootstrap.create_workspace(folder / "shop", owner="Maria", source=folder / "from")
    return folder / "shop"


@pytest.fixture
def web(shop: Shop) -> Iterator[OpenAPI]:
    """The service; its background threads are not started, so that each test does what is due itself."""
    made = create_app(shop.app)
    made.config["VOICEGIT_ADDRESS"] = "http://localhost"
    yield made
    made.extensions["voicegit"].stop()


@pytest.fixture
def running(web: OpenAPI) -> Service:
    found: Service = web.extensions["voicegit"]
    return found


class Knock:
    """Somebody with a way in: a token, a session, or neither."""

    def __init__(self, client: FlaskClient, secret: str | None = None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, url: str, **more: Any) -> TestResponse:
        return self.client.get(url, headers={**self.headers, **more.pop("headers", {})}, **more)

    def post(self, url: str, body: Any = None, **more: Any) -> TestResponse:
        return self.client.post(url, json=body, headers={**self.headers, **more.pop("headers", {})}, **more)

    def put(self, url: str, body: Any = None) -> TestResponse:
        return self.client.put(url, json=body, headers=self.headers)

    def send(self, url: str, **fields: str) -> TestResponse:
        """A form, with the CSRF token that this browser's pages hold."""
        return self.client.post(url, data={"csrf_token": self.csrf(), **fields})

    def csrf(self) -> str:
        page = self.client.get("/sign-in?code=any").get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]

    def begin(self, customer: str | None = None) -> str:
        answer = self.post("/api/v1/conversations", {"customer": customer} if customer else {})
        assert answer.status_code == 201
        return str(answer.get_json()["conversation"])

    def say(self, talk: str, text: str, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.post(f"/api/v1/conversations/{talk}/messages", {"text": text}, headers=WAIT | given)


@dataclass
class Door:
    """Everybody who may knock. `a` and `b` are two customers' channels; `operator` acts for Olga."""

    web: OpenAPI
    shop: Shop
    olga: Person
    anonymous: Knock
    a: Knock
    b: Knock
    operator: Knock
    read: Knock
    olga_in: Knock
    maria_in: Knock

    def signed_in(self, person: Person) -> Knock:
        service: Service = self.web.extensions["voicegit"]
        knock = Knock(self.web.test_client())
        assert knock.send("/sign-in", code=service.links.issue(person.id)).status_code == 303
        return knock

    def token(self, scope: Scope, person: Person | None = None) -> Knock:
        _, secret = tokens.issue(self.shop.workspace, f"{scope} token", scope=scope, person=person)
        return Knock(self.web.test_client(), secret)

    def proposal(self, text: str = "- Open on Sundays too\n", title: str = "Open on Sundays") -> str:
        """A person's open proposal."""
        content = f"---\ntitle: Sundays\n---\n\n{text}".encode()
        return review.propose(self.shop.workspace, {"facts/sundays.md": content}, title=title, by=self.shop.owner)


@pytest.fixture
def door(web: OpenAPI, shop: Shop) -> Door:
    olga = shop.person("Olga", Role.OPERATOR)
    nobody = Knock(web.test_client())
    made = Door(web, shop, olga, *([nobody] * 7))
    made.a, made.b = made.token(Scope.CUSTOMER), made.token(Scope.CUSTOMER)
    made.operator, made.read = made.token(Scope.OPERATOR, olga), made.token(Scope.READ)
    made.olga_in, made.maria_in = made.signed_in(olga), made.signed_in(shop.owner)
    return made


@pytest.fixture
def served(web: OpenAPI) -> Iterator[str]:
    """The service over real HTTP on a free port; its address."""
    server = make_server("127.0.0.1", 0, web, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    web.extensions["voicegit"].stopping.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def deliver(shop: Shop) -> Callable[[], None]:
    """Lets what waits to leave, leave."""
    from voicegit.services import worker

    def now() -> None:
        shop.clock.pass_(6)
        worker.deliver_due(shop.workspace)

    return now
