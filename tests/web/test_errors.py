"""Errors are problem details that say what to do, and never what the caller had written."""

import json
import logging

import pytest
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from tests.web.conftest import Door

SECRET = "my card is 4111 1111 1111 1111"


def is_a_problem(answer: TestResponse, status: int) -> dict[str, object]:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    body: dict[str, object] = json.loads(answer.get_data())
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    return body


@pytest.mark.parametrize(
    "body",
    [
        {"text": {"deep": SECRET}},
        {"text": "hi", SECRET: 1},
        {"text": SECRET * 400},
        {"text": ""},
        {"text": "\x00"},
        {"text": None},
        {},
        [],
        [SECRET],
        SECRET,
        json.dumps({"text": {"deep": SECRET}}),
        {"text": [SECRET]},
    ],
)
def test_what_does_not_fit_is_refused_without_its_text(door: Door, body: object) -> None:
    talk = door.a.begin()
    answer = door.a.post(f"/api/v1/conversations/{talk}/messages", body)
    is_a_problem(answer, 422)
    assert "4111" not in answer.get_data(as_text=True)
    assert door.shop.rows.messages.count() == 0


@pytest.mark.parametrize("raw", [b"{", b'{"text": "' + b"\xff" * 9 + b'"}', b"[" * 60_000, b"", b"null", b'{"text": "\\ud800"}'])
def test_what_is_not_json_is_refused(door: Door, raw: bytes) -> None:
    url = f"/api/v1/conversations/{door.a.begin()}/messages"
    answer = door.a.client.post(url, data=raw, headers=door.a.headers, content_type="application/json")
    is_a_problem(answer, 422)


def test_a_form_is_not_json(door: Door) -> None:
    answer = door.a.client.post(f"/api/v1/conversations/{door.a.begin()}/messages", data={"text": "hi"}, headers=door.a.headers)
    assert "Content-Type: application/json" in str(is_a_problem(answer, 422)["detail"])


def test_a_body_of_more_than_64_kb_is_refused(door: Door) -> None:
    answer = door.a.post(f"/api/v1/conversations/{door.a.begin()}/messages", {"text": "x" * 70_000})
    is_a_problem(answer, 413)


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/conversations/no-such-one",
        "/api/v1/conversations/%00",
        "/api/v1/conversations/a%27b",
        "/api/v1/proposals/main",
        "/api/v1/proposals/--output=x",
        "/api/v1/proposals/p-99",
        "/api/v1/directives/voice/..",
        "/api/v1/directives/policy/toml",
        "/api/v1/directives/voice/none",
        "/api/v1/history?limit=0",
        "/api/v1/history?limit=many",
        "/api/v1/history?after=HEAD",
        f"/api/v1/history?after={'0' * 40}",
        "/api/v1/customers/Nobody",
        "/api/v1/messages/none/why",
        "/api/v1/events?after=-1",
    ],
)
def test_names_that_are_none_are_not_found_or_not_understood(door: Door, url: str) -> None:
    answer = door.read.get(url, headers={"Accept": "application/json"})
    assert answer.status_code in {404, 422}
    is_a_problem(answer, answer.status_code)


def test_a_wrong_method_and_a_wrong_address(door: Door) -> None:
    answer = door.read.client.delete("/api/v1/summons", headers=door.read.headers)
    is_a_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]
    is_a_problem(door.read.get("/api/v1/approve"), 404)


def test_a_bug_is_a_number_and_no_words(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    def breaks() -> None:
        raise ValueError(SECRET)

    door.shop.model.meanwhile = breaks
    with caplog.at_level(logging.ERROR):
        answer = door.a.say(door.a.begin(), "Hello")
    detail = str(is_a_problem(answer, 500)["detail"])
    number = detail.split("Incident ")[1][:8]
    assert number in caplog.text
    assert "ValueError" in caplog.text
    assert "4111" not in caplog.text + detail


def test_what_a_bug_cut_off_is_answered_by_a_worker_later(door: Door) -> None:
    """The message was safe before the model was asked."""
    from voicegit.services import worker

    def breaks() -> None:
        door.shop.model.meanwhile = lambda: None
        raise ValueError

    door.shop.model.meanwhile = breaks
    talk = door.a.begin()
    assert door.a.say(talk, "Hello", Idempotency_Key="1").status_code == 500
    door.shop.clock.pass_(151)
    assert worker.work_once(door.shop.workspace, failed=lambda job, exc: None)
    again = door.a.say(talk, "Hello", Idempotency_Key="1").get_json()
    assert (again["decision"], again["reply"]) == ("reply", "Certainly!")


def test_people_read_a_page_instead(door: Door, web: OpenAPI) -> None:
    answer = door.maria_in.client.get("/nothing-here", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_findings_say_where(door: Door) -> None:
    answer = door.operator.post("/api/v1/messages/abc/feedback", {"verdict": "maybe", "reason": 3})
    found = is_a_problem(answer, 422)["findings"]
    assert isinstance(found, list)
    assert {one["field"] for one in found} == {"verdict", "reason"}


def test_the_description_names_every_route_and_its_security(door: Door, web: OpenAPI) -> None:
    spec = web.test_client().get("/openapi.json").get_json()
    routes = {rule.rule.replace("<", "{").replace(">", "}") for rule in web.url_map.iter_rules() if rule.rule.startswith("/api/v1")}
    assert set(spec["paths"]) == routes
    assert spec["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    said = spec["paths"]["/api/v1/conversations/{id}/messages"]["post"]
    assert {one["name"] for one in said["parameters"] if one["in"] == "header"} == {"Idempotency-Key", "Prefer"}
    assert all("security" in operation for place in spec["paths"].values() for operation in place.values())
