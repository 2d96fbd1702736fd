"""What the live pages cost: with 50,000 conversations and 200 open streams, the inbox and a conversation beside a bare Flask page, and a customer's
message on its way into an operator's page beside a bare SSE echo.

    python benchmarks/web.py [--conversations N] [--streams N] [--requests N] [--rounds N] [--json FILE] [--profile]

Everything is measured in one run, in alternating rounds on the same kind of server (that of `voicegit serve`), and read as ratios: the machine's own
speed cancels out. The bare server is one Flask application with nothing of ours in it:

- `page`: as many rows as an inbox shows, from SQLite by an index, drawn by one Jinja template;
- `text`: a route that returns a constant;
- `echo`: a message is posted, kept (one durable insert), and written to each of as many open streams as ours has.

Every stream is open while anything is measured, on both servers. The first ratio is p95 against p95 of `page` (beside it, against `text`), the second
median against median of `echo`. Stops by itself.
"""

import argparse
import cProfile
import http.client
import json
import os
import pstats
import queue
import re
import selectors
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "web")]

OPEN, HELD = 40, 20
"""Customers that wait for a person, and conversations that a person holds: a busy day."""

ROWS = 50
"""Rows of the bare page."""

LIMIT = 60.0
"""Seconds after which an answer has not come."""

TEXTS = ("Do you have anything on Thursday?", "Certainly! Thursday at 10 am or at 2 pm.", "The second one, please", "It is yours. See you on Thursday.")


# ---- the servers


def serve(kind: str, root: Path, *, profile: Path | None) -> None:
    """One server process: `bare` or `ours`. Tells its port, and ours a link to sign in with."""
    from flask import Flask

    from voicegit import config
    from voicegit.services import people
    from voicegit_web import server
    from voicegit_web.pages import signin

    settings = replace(config.read(root), port=0)

    class Measured(server.Server):
        def load(self) -> Any:
            if kind == "ours":
                web = super().load()
                return web if profile is None else _profiled(web, profile)
            print(json.dumps({"port": self.port, "pid": os.getpid(), "link": ""}), flush=True)
            return _bare(Flask("bare"), root)

        def announce(self, running: Any, address: str) -> None:
            link = signin.link_for(running, people.named(running.app.workspace, None), address)
            print(json.dumps({"port": self.port, "pid": os.getpid(), "link": link.removeprefix(address)}), flush=True)

    Measured(root, settings, server.listen(settings)).run()


def _bare(web: Any, root: Path) -> Any:
    from flask import Response, render_template_string, request

    path = root / "bare.db"
    connection = _connection(path)
    connection.execute("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL) STRICT")
    connection.executemany(
        "INSERT INTO messages (who, at, text) VALUES (?, ?, ?)", [(f"Customer {n}", "2026-11-20T15:00:00Z", TEXTS[n % 4]) for n in range(5000)]
    )
    own, subscribers, keeping = threading.local(), dict[int, queue.SimpleQueue[str]](), threading.Lock()

    def reading() -> sqlite3.Connection:
        if not hasattr(own, "connection"):
            own.connection = _connection(path)
        kept: sqlite3.Connection = own.connection
        return kept

    @web.get("/text")
    def text() -> str:
        return "Hello"

    @web.get("/page")
    def page() -> str:
        rows = reading().execute("SELECT id, who, at, text FROM messages ORDER BY id DESC LIMIT ?", [ROWS]).fetchall()
        return render_template_string(PAGE, rows=rows)

    @web.post("/say")
    def say() -> Any:
        words = request.get_json()["text"]
        with keeping:
            connection.execute("INSERT INTO messages (who, at, text) VALUES ('Customer', '2026-11-20T15:00:00Z', ?)", [words])
        for one in list(subscribers.values()):
            one.put(words)
        return {"ok": True}, 202

    @web.get("/stream")
    def stream() -> Any:
        mine: queue.SimpleQueue[str] = queue.SimpleQueue()
        subscribers[id(mine)] = mine

        def lines() -> Iterator[str]:
            yield ": begins\n\n"
            while True:
                try:
                    yield f"data: {mine.get(timeout=0.5)}\n\n"
                except queue.Empty:
                    continue

        answer = Response(lines(), mimetype="text/event-stream")
        answer.call_on_close(lambda: subscribers.pop(id(mine), None))
        return answer

    return web


PAGE = """<!doctype html><html lang="en"><head><title>Bare</title></head><body><main><h1>Inbox</h1><ul>
{% for id, who, at, text in rows %}<li><a href="/c/{{ id }}"><b>{{ who }}</b> <time datetime="{{ at }}">{{ at }}</time><p>{{ text }}</p></a></li>
{% endfor %}</ul></main></body></html>"""


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _profiled(web: Any, path: Path) -> Any:
    """Each page under a profile, added up in `path` by the page's name."""
    told: dict[str, pstats.Stats] = {}
    lock, inner = threading.Lock(), web.full_dispatch_request

    def dispatch() -> Any:
        from flask import request

        name = request.endpoint or ""
        if request.method != "GET" or "live" in request.path or "stream" in request.path or name == "static":
            return inner()
        profile = cProfile.Profile()
        answer = profile.runcall(inner)
        with lock:
            told[name] = told[name] if name in told else pstats.Stats()
            told[name].add(pstats.Stats(profile))
            told[name].dump_stats(path / f"{name}.prof")
        return answer

    web.full_dispatch_request = dispatch
    return web


@dataclass
class Running:
    port: int
    pid: int
    link: str
    cookie: str = ""

    def cpu(self) -> float:
        """Seconds of processor time that the worker process has used, all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(kind: str, root: Path, streams: int, profile: Path | None = None) -> Iterator[Running]:
    command = [sys.executable, __file__, "--serve", kind, "--root", str(root), *(["--profile-to", str(profile)] if profile else [])]
    settings = {"VOICEGIT_THREADS": str(streams + 64), "VOICEGIT_STREAMS": str(streams + 16)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **settings})
    try:
        assert process.stdout is not None
        server = Running(**json.loads(process.stdout.readline()))
        if server.link:
            _sign_in(server)
        yield server
    finally:
        process.terminate()
        process.wait(30)


# ---- asking


def _sign_in(server: Running) -> None:
    status, headers, page = ask(server, "GET", server.link)
    assert status == 200, page[:400]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    server.cookie = headers["Set-Cookie"].partition(";")[0]
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    status, headers, page = ask(server, "POST", "/sign-in", body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 303, page[:400]
    server.cookie = headers["Set-Cookie"].partition(";")[0]


def ask(server: Running, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None) -> tuple[int, Any, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    try:
        return _answer(connection, server, method, path, body, more or {})
    finally:
        connection.close()


def _answer(connection: http.client.HTTPConnection, server: Running, method: str, path: str, body: str | None, more: dict[str, str]) -> tuple[int, Any, str]:
    connection.request(method, path, body=body, headers={**({"Cookie": server.cookie} if server.cookie else {}), **more})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def pages(server: Running, paths: list[str]) -> list[float]:
    """Milliseconds of each request, one after another over one kept connection."""
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    try:
        for path in paths:
            started = time.perf_counter()
            status, _, page = _answer(connection, server, "GET", path, None, {})
            took.append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise SystemExit(f"{path} was answered with {status}: {page[:400]}")
    finally:
        connection.close()
    return took


class Streams:
    """Open streams, read by one thread; `arrival` says when words came down the first of them."""

    def __init__(self, server: Running, paths: list[str]) -> None:
        self._selector = selectors.DefaultSelector()
        self._arrived: dict[str, float] = {}
        self._wanted = ""
        self._news = threading.Condition()
        self._closing = False
        self._sockets = [self._open(server, path) for path in paths]
        self._first = self._sockets[0]
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _open(self, server: Running, path: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT)
        cookie = f"Cookie: {server.cookie}\r\n" if server.cookie else ""
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{cookie}Accept: text/event-stream\r\n\r\n".encode())
        begun = connection.recv(4096)
        if b" 200 " not in begun.partition(b"\r\n")[0] or b"event-stream" not in begun:
            raise SystemExit(f"{path} is no stream: {begun[:400]!r}")
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ)
        return connection

    def _read(self) -> None:
        tail = b""
        while not self._closing:
            for key, _ in self._selector.select(timeout=0.2):
                connection: Any = key.fileobj
                try:
                    got = connection.recv(65536)
                except BlockingIOError:
                    continue
                if not got:
                    self._selector.unregister(connection)
                    continue
                if connection is self._first:
                    now = time.perf_counter()
                    tail = (tail + got)[-65536:]
                    with self._news:
                        if self._wanted and self._wanted.encode() in tail:
                            self._arrived[self._wanted] = now
                            self._news.notify_all()

    def expect(self, words: str) -> None:
        with self._news:
            self._wanted = words

    def arrival(self, words: str) -> float:
        with self._news:
            if not self._news.wait_for(lambda: words in self._arrived, timeout=LIMIT):
                raise SystemExit(f"{words!r} never came down the stream")
            return self._arrived[words]

    def close(self) -> None:
        self._closing = True
        self._thread.join()
        for one in self._sockets:
            one.close()


def told(server: Running, streams: Streams, path: str, headers: dict[str, str], words: list[str]) -> tuple[list[float], list[float]]:
    """Milliseconds from sending a message to its line in the first stream, and to its acknowledgement."""
    took, kept = [], []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    try:
        for text in words:
            streams.expect(text)
            started = time.perf_counter()
            status, _, answer = _answer(connection, replace(server, cookie=""), "POST", path, json.dumps({"text": text}), headers)
            kept.append((time.perf_counter() - started) * 1000)
            if status not in {200, 202}:
                raise SystemExit(f"{path} was answered with {status}: {answer[:400]}")
            took.append((streams.arrival(text) - started) * 1000)
            time.sleep(0.05)  # as customers write: each after the other was read
    finally:
        connection.close()
    return took, kept


# ---- the workspace


@dataclass
class Place:
    """A workspace after years: where its busy conversation is, and a customer's way in."""

    root: Path
    secret: str = ""
    talks: list[str] = field(default_factory=list)
    """Held by a person; the first is written to."""


def workspace(root: Path, conversations: int) -> Place:
    from voicegit import bootstrap
    from voicegit.domain.token import Scope
    from voicegit.services import people, token

    bootstrap.create_workspace(root, owner="Bench")
    place = Place(root)
    with bootstrap.opened(root) as app:
        made, place.secret = token.issue(app.workspace, "bench", scope=Scope.CUSTOMER)
        owner = people.named(app.workspace, None)
        at = 0
        while at < conversations:
            many = min(500, conversations - at)
            app.workspace.store.write(
                lambda tx, at=at, many=many: _fill(tx, app.workspace, place, f"api:{made.id}", owner, range(at, at + many), conversations)
            )  # type: ignore[misc]
            at += many
    return place


def _fill(tx: Any, workspace: Any, place: Place, channel: str, owner: Any, numbers: range, conversations: int) -> None:
    """Conversations of four messages and two turns; the last ones wait for a person, or are held by one."""
    from voicegit.domain.conversation import Author, Conversation, Floor, Message
    from voicegit.domain.people import Customer
    from voicegit.domain.summon import Summon, SummonStatus
    from voicegit.domain.turn import Outcome, Turn

    clock, revision = workspace.clock, workspace.directives.head()
    for number in numbers:
        now, left = clock.now(), conversations - number
        customer: Any = Customer(clock.new_id(), f"Customer {number}", now)  # type: ignore[arg-type]
        held, waits = left <= HELD, HELD < left <= HELD + OPEN
        floor = Floor.PERSON if held else Floor.SUMMONED if waits else Floor.MODEL
        talk: Any = Conversation(clock.new_id(), now, customer.id, channel, floor, owner.id if held else None, last_seq=3 if waits else 4)  # type: ignore[arg-type]
        tx.customers.add(customer)
        tx.conversations.add(talk)
        for seq in range(1, talk.last_seq + 1):
            if seq % 2:
                turn: Any = Turn(clock.new_id(), talk.id, seq, Outcome.SUMMON if (held or waits) and seq == 3 else Outcome.REPLY, 0.9, 0.7, revision, (), now)  # type: ignore[arg-type]
                tx.turns.add(turn)
                tx.messages.add(Message(clock.new_id(), talk.id, seq, Author.CUSTOMER, TEXTS[seq - 1], now))  # type: ignore[arg-type]
            elif held and seq == 4:
                tx.messages.add(Message(clock.new_id(), talk.id, seq, Author.PERSON, TEXTS[seq - 1], now, person=owner.id))  # type: ignore[arg-type]
            else:
                tx.messages.add(Message(clock.new_id(), talk.id, seq, Author.MODEL, TEXTS[seq - 1], now, turn=turn.id))  # type: ignore[arg-type]
        if held or waits or number % 10 == 0:
            summon: Any = Summon(clock.new_id(), talk.id, None, ("Nothing you have taught me covers this.",), now)  # type: ignore[arg-type]
            if held:
                summon = replace(summon, status=SummonStatus.ANSWERED, person=owner.id, claimed_at=now, answered_at=now)
            elif not waits:
                summon = replace(summon, status=SummonStatus.RESOLVED, person=owner.id, ended_at=now)
            tx.summons.add(summon)
        if held:
            place.talks.append(talk.id)


# ---- the table


def stream_of(server: Running, path: str) -> str:
    """The live stream that a page opens, as its HTML says."""
    _, _, page = ask(server, "GET", path)
    found = re.search(r'hx-sse:connect="([^"]+)"', page)
    if found is None:
        raise SystemExit(f"{path} opens no stream")
    return found[1].replace("&amp;", "&")


def compare(folder: Path, given: argparse.Namespace) -> list[dict[str, Any]]:
    print(f"Making {given.conversations:,} conversations …", file=sys.stderr)
    place = workspace(folder / "ours", given.conversations)
    bare_root = workspace(folder / "bare", 0).root
    with ExitStack() as stack:
        ours = stack.enter_context(running("ours", place.root, given.streams, given.profile and folder))
        bare = stack.enter_context(running("bare", bare_root, given.streams))
        talk = f"/c/{place.talks[0]}"
        watching = [stream_of(ours, talk), *(stream_of(ours, f"/c/{place.talks[n % HELD]}" if n % 2 else "/inbox") for n in range(1, given.streams))]
        down = {ours.port: Streams(ours, watching), bare.port: Streams(bare, ["/stream"] * given.streams)}
        for one in down.values():
            stack.callback(one.close)
        rows = _pages(ours, bare, place, given) + _told(ours, bare, down, place, given)
        idle = (ours.cpu(), bare.cpu())
        time.sleep(5)
        rows.append(
            {"what": f"{given.streams} quiet streams, CPU %", "ours": round((ours.cpu() - idle[0]) * 20, 2), "bare": round((bare.cpu() - idle[1]) * 20, 2)}
        )
    if given.profile:
        for path in sorted(folder.glob("*.prof")):
            print(f"\n---- {path.stem}")
            pstats.Stats(str(path)).sort_stats("cumulative").print_stats(35)
    return rows


def _pages(ours: Running, bare: Running, place: Place, given: argparse.Namespace) -> list[dict[str, Any]]:
    talk = [f"/c/{place.talks[n % HELD]}" for n in range(given.requests)]
    asked = {"inbox": (ours, ["/inbox"] * given.requests), "conversation": (ours, talk)}
    asked |= {"page": (bare, ["/page"] * given.requests), "text": (bare, ["/text"] * given.requests)}
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for server, paths in asked.values():
        pages(server, paths[:20])
    cpu: dict[str, float] = dict.fromkeys(asked, 0.0)
    rounds: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(given.rounds):
        for name, (server, paths) in asked.items():
            before = server.cpu()
            taken[name] = pages(server, paths)
            cpu[name] += server.cpu() - before
            rounds[name].append(statistics.quantiles(taken[name], n=20)[-1])
    rows = []
    for name in ("inbox", "conversation"):
        against = {yard: statistics.median(mine / theirs for mine, theirs in zip(rounds[name], rounds[yard], strict=True)) for yard in ("page", "text")}
        p95 = {one: statistics.median(rounds[one]) for one in (name, "page", "text")}
        rows.append(
            {
                "what": f"{name} page, p95 ms",
                "ours": round(p95[name], 2),
                "bare": round(p95["page"], 2),
                "ratio": round(against["page"], 2),
                "to a constant": round(against["text"], 2),
                "cpu ms": round(cpu[name] * 1000 / given.rounds / given.requests, 2),
            }
        )
    return rows


def _told(ours: Running, bare: Running, down: dict[int, Streams], place: Place, given: argparse.Namespace) -> list[dict[str, Any]]:
    api = f"/api/v1/conversations/{place.talks[0]}/messages"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {place.secret}"}
    rounds: list[tuple[list[float], list[float]]] = []
    for round in range(given.rounds + 1):
        words = [f"Is it {round}-{n} oclock yet" for n in range(given.messages)]
        mine = told(ours, down[ours.port], api, headers, words)
        theirs = told(bare, down[bare.port], "/say", {"Content-Type": "application/json"}, words)
        rounds.append(([statistics.median(took) for took in mine], [statistics.median(took) for took in theirs]))
    rows = []
    for which, what in enumerate(("message to its line in the page, median ms", "of that, until it was kept, median ms")):
        pairs = [(mine[which], theirs[which]) for mine, theirs in rounds[1:]]
        middle = [statistics.median(side) for side in zip(*pairs, strict=True)]
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        rows.append({"what": what, "ours": _2(middle[0]), "bare": _2(middle[1]), "ratio": _2(ratio)})
    return rows


def _2(value: float) -> float:
    return round(value, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--requests", type=int, default=200, help="of each page, a round")
    parser.add_argument("--messages", type=int, default=40, help="a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--profile", action="store_true", help="where our pages' time goes; the figures are not to be told then")
    parser.add_argument("--serve", choices=["ours", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--profile-to", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.root, profile=given.profile_to)
        return
    with tempfile.TemporaryDirectory(prefix="voicegit-web-") as folder:
        rows = compare(Path(folder), given)
    print(f"{'':44} {'ours':>8} {'bare':>8} {'ratio':>6} {'to a constant':>14} {'CPU ms':>7}")
    for row in rows:
        print(f"{row['what']:44} {row['ours']:>8} {row['bare']:>8} {row.get('ratio', ''):>6} {row.get('to a constant', ''):>14} {row.get('cpu ms', ''):>7}")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
