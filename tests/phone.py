"""A server that people's phones listen to: what notifications are sent to in tests, over the real protocol of Apprise's `json://`."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.conftest import Shop
from voicegit.adapters.apprise import AppriseNotifier
from voicegit.domain.notice import Channel

PATIENCE = 20
"""Seconds after which a test gives up; nothing here takes one."""

ADDRESS = "https://desk.example.com"


@dataclass
class Phone:
    """`answers` are the statuses it gives next; then 200. A request is answered when `hold` is set; `arriving` says that one has come."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arriving: threading.Event = field(default_factory=threading.Event)
    hold: threading.Event = field(default_factory=threading.Event)

    def url(self, name: str) -> str:
        return f"json://user:passwort@127.0.0.1:{self.port}/{name}"

    def heard(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.got if one["path"] == f"/{name}"]


@contextmanager
def listening() -> Iterator[Phone]:
    made = Phone()
    made.hold.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.got.append({"path": self.path, **body})
            made.arriving.set()
            made.hold.wait(PATIENCE)
            self.send_response(made.answers.pop(0) if made.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


def with_channels(shop: Shop, *channels: Channel) -> Shop:
    """The shop, with these people to tell."""
    workspace = replace(shop.workspace, notifier=AppriseNotifier(channels, ADDRESS))
    return replace(shop, app=replace(shop.app, workspace=workspace))
