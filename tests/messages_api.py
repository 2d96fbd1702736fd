"""A Messages API on this machine, for tests and demos: a real HTTP server that the real SDK talks to.

    with MessagesApi() as api:
        api.surround(monkeypatch, tmp_path)    # ANTHROPIC_BASE_URL and a key, and no other credential within reach
        api.reply_with({"clear": True, …})     # the next request is answered with this, as one text block
        api.fail_with(529)                     # the one after it with an API error
        …
        assert api.requests[0].body["model"] == "claude-haiku-5-5"

Answers are served in the order in which they were queued, one per request, whichever thread asks. With nothing queued, `answer_by` is asked (a function
from `Received` to what `reply_with` takes); without one the request fails with 500 and says so. Every request is kept in `requests`, including failed
ones. Prompt caching is played faithfully enough to be tested: the blocks up to the last `cache_control` count as written the first time and as read when
the very same blocks come again. Token counts are characters / 4. A request with `"stream": true` gets the same answer as server-sent events.

For a demo without pytest: `python tests/messages_api.py [PORT]` answers every turn with a summon.
"""

import json
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pytest

ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire. `headers` by lower-case name, `body` decoded."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> list[dict[str, Any]]:
        return list(self.body["system"])

    @property
    def user(self) -> str:
        """The text of the last message."""
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


@dataclass(frozen=True)
class Answer:
    """What goes back: a message of `content`, or `body` as it is if given. `cut` ends the connection half-way, `hang` says nothing, `drip` never ends."""

    content: list[dict[str, Any]] = field(default_factory=list)
    stop_reason: str | None = "end_turn"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: Mapping[str, int] = field(default_factory=dict)
    body: bytes | None = None
    cut: bool = False
    hang: bool = False
    drip: bool = False


class MessagesApi:
    """The server. Use it in a `with`: leaving it ends every thread and closes every socket, also those of requests that hang."""

    def __init__(self, *, port: int = 0, answer_by: Callable[[Received], str | dict[str, Any]] | None = None) -> None:
        self.answer_by = answer_by
        self.requests: list[Received] = []
        self.closing = threading.Event()
        self._queued: deque[Answer] = deque()
        self._cached: set[str] = set()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="messages-api", daemon=True)

    @property
    def url(self) -> str:
        """For `ANTHROPIC_BASE_URL`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def surround(self, patch: "pytest.MonkeyPatch", home: Path, *, key: str | None = "test-key") -> None:
        """Makes this server the only one that the SDK can find: no variable and no profile of the machine reaches a test. `key` None: no key at all."""
        for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
        patch.setenv("ANTHROPIC_BASE_URL", self.url)
        if key is not None:
            patch.setenv("ANTHROPIC_API_KEY", key)

    # ---- what comes next

    def reply_with(self, text: str | dict[str, Any], *, usage: Mapping[str, int] | None = None) -> None:
        """A message that ends as it should, with one text block: the text, or the dict as JSON. `usage` overrides counts by name."""
        self.queue(Answer(content=[text_block(text)], usage=usage or {}))

    def reply_with_blocks(self, *blocks: dict[str, Any]) -> None:
        """A message with exactly these content blocks (none at all: an empty message)."""
        self.queue(Answer(content=list(blocks)))

    def stop_with(self, stop_reason: str | None, text: str = "") -> None:
        """A message that ended for another reason, with what the model had written by then."""
        self.queue(Answer(content=[text_block(text)] if text else [], stop_reason=stop_reason))

    def fail_with(self, status: int, headers: Mapping[str, str] | None = None, *, error_code: str | None = None) -> None:
        """An API error, with `error.details.error_code` if given."""
        details = {"details": {"error_code": error_code}} if error_code else {}
        error = {"type": ERRORS.get(status, "api_error"), "message": f"failed by the test with {status}", **details}
        self.queue(Answer(status=status, headers=headers or {}, body=json.dumps({"type": "error", "error": error}).encode()))

    def send(self, body: bytes) -> None:
        """A 200 with exactly these bytes."""
        self.queue(Answer(body=body))

    def hang(self) -> None:
        """Takes the request and says nothing until the server closes."""
        self.queue(Answer(hang=True))

    def drop(self) -> None:
        """Half of a good message, and then the connection is gone."""
        self.queue(Answer(content=[text_block("half")], cut=True))

    def drip(self) -> None:
        """A 200 whose body never ends: a byte every few milliseconds, so that no timeout between two bytes ever fires."""
        self.queue(Answer(drip=True))

    def queue(self, answer: Answer) -> None:
        with self._lock:
            self._queued.append(answer)

    # ---- for the handler

    def next_answer(self, received: Received) -> Answer:
        with self._lock:
            self.requests.append(received)
            if self._queued:
                return self._queued.popleft()
        if self.answer_by is not None:
            return Answer(content=[text_block(self.answer_by(received))])
        error = {"type": "error", "error": {"type": "api_error", "message": "the test queued no answer for this request"}}
        return Answer(status=500, headers={"x-should-retry": "false"}, body=json.dumps(error).encode())

    def usage(self, received: Received, answer: Answer) -> dict[str, Any]:
        """Counts as the API gives them: `input_tokens` without what the cache wrote or read."""
        blocks = received.body.get("system") or []
        marked = [number for number, block in enumerate(blocks, 1) if isinstance(block, dict) and "cache_control" in block]
        prefix = json.dumps([received.body.get("model"), received.body.get("output_config"), blocks[: marked[-1]]]) if marked else ""
        with self._lock:
            hit = prefix in self._cached
            self._cached |= {prefix} if prefix else set()
        total, cacheable = len(json.dumps(received.body)) // 4, len(prefix) // 4
        written = 0 if hit else cacheable
        return {
            "input_tokens": total - cacheable,
            "output_tokens": len(json.dumps(answer.content)) // 4,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": cacheable if hit else 0,
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
            "service_tier": "standard",
            **answer.usage,
        }


def text_block(text: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)}


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close joins them, and no socket outlives a test
    block_on_close = True

    def __init__(self, address: tuple[str, int], api: MessagesApi) -> None:
        super().__init__(address, _Handler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up (a deadline) is what tests are about, not news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes: 40 ms a call otherwise
    timeout = 0.2  # an idle kept-alive connection must not hold up the closing of the server
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        received = Received(self.path.split("?")[0], {name.lower(): value for name, value in self.headers.items()}, body)
        if received.path != "/v1/messages":
            self._send(404, json.dumps({"type": "error", "error": {"type": "not_found_error", "message": "only /v1/messages is served"}}).encode(), {})
            return
        api = self.server.api
        answer = api.next_answer(received)
        if answer.hang:
            self.close_connection = True
            api.closing.wait()
        elif answer.drip:
            self._drip(api)
        elif answer.body is not None:
            self._send(answer.status, answer.body, answer.headers)
        else:
            self._send_message(received, answer, api.usage(received, answer))

    def _send_message(self, received: Received, answer: Answer, usage: dict[str, Any]) -> None:
        message = {
            "id": f"msg_{len(self.server.api.requests):06}",
            "type": "message",
            "role": "assistant",
            "model": received.body.get("model"),
            "content": answer.content,
            "stop_reason": answer.stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }
        if received.body.get("stream"):
            self._send(200, _events(message), {"content-type": "text/event-stream"}, cut=answer.cut)
        else:
            self._send(200, json.dumps(message).encode(), answer.headers, cut=answer.cut)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "request-id": f"req_{len(self.server.api.requests):06}", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def _drip(self, api: MessagesApi) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("connection", "close")
        self.end_headers()
        while not api.closing.wait(0.005):
            self.wfile.write(b" ")
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _events(message: dict[str, Any]) -> bytes:
    events: list[tuple[str, dict[str, Any]]] = [("message_start", {"message": {**message, "content": [], "stop_reason": None}})]
    for index, block in enumerate(message["content"]):
        events += [
            ("content_block_start", {"index": index, "content_block": {"type": "text", "text": ""}}),
            ("content_block_delta", {"index": index, "delta": {"type": "text_delta", "text": block.get("text", "")}}),
            ("content_block_stop", {"index": index}),
        ]
    events += [
        ("message_delta", {"delta": {"stop_reason": message["stop_reason"], "stop_sequence": None}, "usage": message["usage"]}),
        ("message_stop", {}),
    ]
    return "".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n" for name, data in events).encode()


SUMMON = {
    "clear": True,
    "informed": False,
    "unremarkable": True,
    "covered": False,
    "covered_by": None,
    "note": "The stand-in model always calls a person.",
    "confidence": 0.0,
    "action": "summon",
    "text": "",
}
"""A turn's answer that any request may be given."""


if __name__ == "__main__":
    with MessagesApi(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0, answer_by=lambda received: SUMMON) as served:
        print(f"ANTHROPIC_BASE_URL={served.url}", flush=True)
        threading.Event().wait()
