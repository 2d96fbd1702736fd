"""What holds for every answer, and for the files the service keeps."""

import hashlib
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from flask import request
from flask_openapi3.openapi import OpenAPI

import voicegit_web
from tests.conftest import Shop
from tests.web.conftest import Door
from voicegit.errors import Invalid
from voicegit_web import create_app
from voicegit_web.security import HEADERS, secret_key


def test_every_answer_leaves_a_browser_no_room(door: Door) -> None:
    for url in ("/inbox", "/sign-in", "/healthz", "/nothing", "/api/v1/summons", "/static/voicegit.css", "/openapi.json"):
        answer = door.maria_in.get(url)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        answer.close()
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_pages_keep_to_their_own_policy(door: Door) -> None:
    """No style, script or address of elsewhere: the policy would stop it, and the page would look broken."""
    door.proposal()
    for url in ("/inbox", "/review", "/people", "/sign-in"):
        page = door.maria_in.get(url).get_data(as_text=True)
        assert "style=" not in page
        assert all(re.search(r'\ssrc="/static/', tag) for tag in re.findall(r"<script[^>]*>", page))
        assert " on" + "click" not in page
        assert "http://" not in page
        assert "https://" not in page


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]", "[", "a b"])
def test_a_host_that_is_not_ours_is_refused(web: OpenAPI, host: str) -> None:
    assert web.test_client().get("/sign-in", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:99", "[::1]:8080"])
def test_a_host_of_this_machine_is_ours(web: OpenAPI, host: str) -> None:
    assert web.test_client().get("/healthz", headers={"Host": host}).status_code == 200


def listening_on(shop: Shop, host: str) -> Shop:
    return replace(shop, app=replace(shop.app, settings=replace(shop.app.settings, host=host)))


def test_away_from_this_machine_cookies_travel_encrypted_only(shop: Shop) -> None:
    web = create_app(listening_on(shop, "shop.example").app)
    assert (web.config["SESSION_COOKIE_SECURE"], web.config["SESSION_COOKIE_NAME"]) == (True, "__Host-voicegit")
    assert web.test_client().get("/healthz", headers={"Host": "shop.example"}).status_code == 200


def test_listening_everywhere_the_machines_numbers_are_its_names(shop: Shop) -> None:
    client = create_app(listening_on(shop, "0.0.0.0").app).test_client()
    assert client.get("/healthz", headers={"Host": "192.168.1.5:8080"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_debug_is_refused_where_others_could_reach_it(shop: Shop) -> None:
    with pytest.raises(Invalid, match="Debug is on"):
        create_app(listening_on(shop, "0.0.0.0").app, debug=True)
    assert create_app(shop.app, debug=True).debug


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert secret_key(tmp_path) == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_two_workspaces_have_two_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


def test_a_key_that_others_can_read_or_that_is_damaged_is_refused(tmp_path: Path) -> None:
    secret_key(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(Invalid, match="can be read by other users"):
        secret_key(tmp_path)
    (tmp_path / "secret.key").chmod(0o600)
    (tmp_path / "secret.key").write_bytes(b"")
    with pytest.raises(Invalid, match="damaged"):
        secret_key(tmp_path)


def test_every_vendored_file_is_the_one_in_the_lock_file() -> None:
    static = Path(voicegit_web.__file__).parent / "static"
    rows = [line.split() for line in (static / "vendor.lock").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert {row[0] for row in rows} == {f"vendor/{file.name}" for file in (static / "vendor").iterdir() if not file.name.endswith(".LICENSE")}
    for name, package, version, source, digest in rows:
        assert package and version and source
        assert hashlib.sha256((static / name).read_bytes()).hexdigest() == digest, name


# ---- behind a proxy


def behind(shop: Shop, address: str = "https://desk.example.com") -> Shop:
    return replace(shop, app=replace(shop.app, settings=replace(shop.app.settings, address=address)))


def test_behind_a_proxy_with_https_cookies_travel_encrypted_only_and_its_name_is_ours(shop: Shop) -> None:
    web = create_app(behind(shop).app)
    assert (web.config["SESSION_COOKIE_SECURE"], web.config["SESSION_COOKIE_NAME"]) == (True, "__Host-voicegit")
    assert web.test_client().get("/healthz", headers={"Host": "desk.example.com"}).status_code == 200
    assert web.test_client().get("/healthz", headers={"Host": "other.example.com"}).status_code == 400


def test_a_proxy_with_plain_http_on_this_machine_keeps_plain_cookies(shop: Shop) -> None:
    assert not create_app(behind(shop, "http://desk.lan").app).config["SESSION_COOKIE_SECURE"]


@pytest.mark.parametrize(
    ("address", "peer", "believed"),
    [("https://desk.example.com", "127.0.0.1", True), ("https://desk.example.com", "203.0.113.9", False), ("", "127.0.0.1", False)],
)
def test_only_a_proxy_of_this_machine_that_the_settings_name_is_believed(shop: Shop, address: str, peer: str, believed: bool) -> None:
    web = create_app(behind(shop, address).app)
    seen: list[tuple[str | None, str]] = []
    web.before_request_funcs.setdefault(None, []).append(lambda: seen.append((request.remote_addr, request.scheme)))
    told = {"X-Forwarded-For": "evil, 198.51.100.7", "X-Forwarded-Proto": "https"}
    web.test_client().get("/healthz", headers=told, environ_base={"REMOTE_ADDR": peer})
    assert seen == [("198.51.100.7", "https") if believed else (peer, "http")]


def test_a_forwarded_host_that_is_not_ours_is_refused(shop: Shop) -> None:
    client = create_app(behind(shop).app).test_client()
    assert client.get("/sign-in", headers={"X-Forwarded-Host": "evil.example"}).status_code == 400
    assert client.get("/sign-in", headers={"X-Forwarded-Host": "desk.example.com"}).status_code == 200
