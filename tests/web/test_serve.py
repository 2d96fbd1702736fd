"""`voicegit serve` as a person starts it: another process, real HTTP, real signals."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Shop
from voicegit.domain.token import Scope
from voicegit.services import token

START = 60
"""Seconds after which a process that does not start has failed."""


@dataclass
class Serving:
    process: subprocess.Popen[str]
    address: str
    link: str

    def get(self, place: str, *, secret: str | None = None, method: str = "GET", body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        with closing(http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=START)) as connection:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            sent |= {"Authorization": f"Bearer {secret}"} if secret else {}
            sent |= {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, place, body=None if body is None else json.dumps(body), headers=sent)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()


def start(root: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "voicegit", "-C", str(root), "serve", "--port", "0", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


@pytest.fixture
def serving(shop: Shop) -> Iterator[Serving]:
    process = start(shop.app.root)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    address, link = re.search(r"http://\S+", lines[0]), re.search(r"http://\S+", lines[1])
    assert address is not None, (lines, process.stderr.read() if process.poll() is not None and process.stderr else "")
    assert link is not None
    yield Serving(process, address[0], link[0])
    process.kill()
    process.communicate()


def test_it_serves_signs_in_and_stops(serving: Serving, shop: Shop) -> None:
    _, secret = token.issue(shop.workspace, "site", scope=Scope.CUSTOMER)
    assert serving.get("/readyz")[0] == 200
    assert b"Use it now?" in serving.get(serving.link.removeprefix(serving.address))[2]
    _, _, body = serving.get("/api/v1/conversations", secret=secret, method="POST", body={"customer": "Dana"})
    place = f"/api/v1/conversations/{json.loads(body)['conversation']}/messages"
    status, _, body = serving.get(place, secret=secret, method="POST", body={"text": "Do you have anything on Thursday?"}, Prefer="wait=20")
    assert (status, json.loads(body)["decision"]) == (200, "reply")
    serving.process.send_signal(signal.SIGTERM)
    out, err = serving.process.communicate(timeout=START)
    assert (serving.process.returncode, out, err) == (0, "", "")
    assert shop.app.people_open != serving.address


def test_an_open_stream_does_not_hold_up_the_end(serving: Serving, shop: Shop) -> None:
    _, secret = token.issue(shop.workspace, "desk", scope=Scope.READ)
    with closing(http.client.HTTPConnection(urlsplit(serving.address).netloc, timeout=START)) as connection:
        connection.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        assert answer.readline() == b"retry: 3000\n"
        serving.process.send_signal(signal.SIGTERM)
        answer.read()
    _, err = serving.process.communicate(timeout=START)
    assert (serving.process.returncode, err) == (0, "")


def test_a_port_in_use_is_said_in_a_sentence(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(shop.app.root, "--port", str(port))
        out, err = process.communicate(timeout=START)
    assert (process.returncode, out) == (1, "")
    assert err.startswith(f"Port {port} is in use by another program.")


def test_a_folder_that_is_no_workspace_is_said_in_a_sentence(tmp_path: Path) -> None:
    process = start(tmp_path)
    _, err = process.communicate(timeout=START)
    assert process.returncode == 1
    assert "is not a workspace" in err
    assert len(err.splitlines()) == 1


def test_what_was_acknowledged_before_a_kill_is_answered_by_the_next(serving: Serving, shop: Shop) -> None:
    _, secret = token.issue(shop.workspace, "site", scope=Scope.CUSTOMER)
    _, _, body = serving.get("/api/v1/conversations", secret=secret, method="POST", body={})
    talk = json.loads(body)["conversation"]
    status, _, _ = serving.get(f"/api/v1/conversations/{talk}/messages", secret=secret, method="POST", body={"text": "Do you have anything on Thursday?"})
    assert status == 202
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(serving.process.pid)], capture_output=True, text=True, check=True).stdout.split()
    serving.process.kill()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    serving.process.communicate()
    process = start(shop.app.root)
    seen = 0
    while shop.rows.turns.count(conversation=talk) == 0:
        seen = max([seen, *(event.id for event in shop.rows.events.find(id__gt=seen))])
        assert shop.workspace.store.wait_for_events(seen, timeout=START)
    process.terminate()
    process.communicate(timeout=START)
    assert shop.rows.messages.count(conversation=talk) == 2
