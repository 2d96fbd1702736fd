"""What a turn costs: over HTTP with a model that answers at once, beside a bare Flask route with one durable insert on the same server.

    python benchmarks/turn.py [--json FILE] [--turns N] [--rounds N]

Everything is measured in one run, in alternating rounds, and read as ratios: the machine's own speed cancels out. The load comes from
this process over loopback, the servers are processes of their own with the settings of `voicegit serve`. Yardstick is the faster of two
bare routes: a connection a thread, and one writer that shares commits as ours does. Then the same with 500 directives and 5,000
conversations. Stops by itself.
"""

import argparse
import json
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "web")]

LEVELS = (1, 8, 32)
PER_TALK = 4
"""Messages that one conversation gets: most are short."""

FILES, CONVERSATIONS = 500, 5000
"""As many files as a directives repository may have (policy and README among them), and some months of conversations."""

FULL = "turn, 500 files, 5,000 conversations"
TEXT = "Do you have anything on Thursday?"
LIMIT = 240.0
"""Seconds after which a load gives up."""


# ---- the servers


def serve(kind: str, root: Path) -> None:
    """One server process: `bare`, `shared` (bare, with shared commits), `turn` (a model that answers at once) or `local` (the embedded model)."""
    from flask import Flask

    from voicegit import config
    from voicegit_web import server

    settings = replace(config.read(root), port=0)

    class Measured(server.Server):
        def load(self) -> Any:
            web: Any = super().load() if kind in {"turn", "local"} else _bare(Flask("bare"), kind, root)
            print(json.dumps({"port": self.port, "pid": os.getpid()}), flush=True)
            return web

        def open(self) -> Any:
            opened = super().open()
            return opened if kind == "local" else replace(opened, workspace=replace(opened.workspace, models=AtOnce()))

        def announce(self, running: Any, address: str) -> None:
            pass

    Measured(root, settings, server.listen(settings)).run()


class AtOnce:
    """Fulfils `ports.Models`: sure of everything, in no time."""

    def __init__(self) -> None:
        from voicegit.domain.gate import Action, Assessment, Draft, Usage

        sure = Assessment(clear=True, informed=True, unremarkable=True, covered=True, confidence=0.95)
        self._draft = Draft(sure, Action.REPLY, "Certainly!", Usage("at once", 100, 20))

    def chat(self, policy: Any) -> Any:
        return self

    def answer(self, question: Any, *, deadline: float) -> Any:
        return self._draft

    def warm(self, known: Any, today: Any) -> None:
        pass


def _bare(web: Any, kind: str, root: Path) -> Any:
    from flask import request

    path = root / f"{kind}.db"
    connection = _connection(path)
    connection.execute("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
    own = threading.local()
    writer = _shared(path) if kind == "shared" else None

    @web.post("/messages")
    def insert() -> Any:
        text = request.get_json()["text"]
        if writer is not None:
            writer(text)
        else:
            if not hasattr(own, "connection"):
                own.connection = _connection(path)
            own.connection.execute("INSERT INTO messages (text) VALUES (?)", [text])
        return {"ok": True}

    return web


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _shared(path: Path) -> Any:
    from voicegit.adapters.database import Database

    database = Database(path)
    return lambda text: database.write(lambda tx: tx.connection.execute("INSERT INTO messages (text) VALUES (?)", [text]))


@dataclass
class Running:
    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that the worker process has used, all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(kind: str, root: Path) -> Iterator[Running]:
    process = subprocess.Popen([sys.executable, __file__, "--serve", kind, "--root", str(root)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Running(**json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(30)


# ---- the load


@dataclass
class Load:
    """`clients` connections that are kept, each sending its share of the requests one after another."""

    port: int
    clients: int
    requests: list[bytes]
    took: list[float] = field(default_factory=list)
    wrong: list[bytes] = field(default_factory=list)

    def run(self) -> None:
        threads = [threading.Thread(target=self._client, args=(self.requests[number :: self.clients],)) for number in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.wrong:
            raise SystemExit(f"{len(self.wrong)} requests were not answered; the first: {self.wrong[0][:400]!r}")

    def _client(self, requests: list[bytes]) -> None:
        until = time.monotonic() + LIMIT
        with socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in requests:
                started = time.perf_counter()
                connection.sendall(request)
                answer = _answer(connection)
                self.took.append((time.perf_counter() - started) * 1000)
                if not answer.startswith(b"HTTP/1.1 200") or time.monotonic() > until:
                    self.wrong.append(answer)
                    return


def _answer(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def request(path: str, headers: dict[str, str] | None = None) -> bytes:
    body = json.dumps({"text": TEXT}).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Figures:
    median: float
    p95: float
    each: float
    """Milliseconds a request took of the whole round: at many clients the medians of an unfair queue flatter it, the whole does not."""

    cpu: float
    """Milliseconds of the server's processor time a request, the background's included."""


def measure(server: Running, clients: int, requests: list[bytes]) -> Figures:
    load = Load(server.port, clients, requests)
    before, started = server.cpu(), time.perf_counter()
    load.run()
    each = (time.perf_counter() - started) * 1000 / len(requests)
    cpu = (server.cpu() - before) * 1000 / len(requests)
    return Figures(statistics.median(load.took), statistics.quantiles(load.took, n=20)[-1], each, cpu)


# ---- the workspaces


def workspace(root: Path, *, files: int = 0, conversations: int = 0) -> Path:
    from voicegit import bootstrap, resources

    source = root.with_name(root.name + "-source")
    shutil.copytree(resources.starter(), source)
    policy = source / "policy.toml"
    policy.write_text(policy.read_text().replace("burst_seconds = 2.0", "burst_seconds = 0.0"))
    there = sum(1 for path in source.rglob("*") if path.is_file())
    for number in range(files - there):
        (source / "situations" / f"case-{number}.md").write_text(_directive(number))
    bootstrap.create_workspace(root, owner="Bench", source=source)
    if conversations:
        _fill(root, conversations)
    return root


def _directive(number: int) -> str:
    word = f"{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{'aeiou'[number % 5]}rn"
    return f"""---
title: When a customer asks about the {word}
---

- Say that the {word} is looked at on the next visit
- Ask which room the {word} is in

## Examples

> **Customer:** What about my {word} in the {["hall", "kitchen", "bath", "attic", "cellar"][number % 5]}?
>
> **Us:** I will look at the {word} on my next visit. Which room is it in?
"""


def _fill(root: Path, conversations: int) -> None:
    """Conversations of four messages and two turns, as they would stand there after some months."""
    from voicegit import bootstrap
    from voicegit.domain.conversation import Author, Conversation, Message
    from voicegit.domain.turn import Outcome, Turn

    with bootstrap.opened(root) as app:
        clock, store = app.workspace.clock, app.workspace.store
        revision = app.workspace.directives.head()

        def step(tx: Any) -> None:
            for _ in range(250):
                talk: Any = Conversation(clock.new_id(), clock.now(), last_seq=4)  # type: ignore[arg-type]
                tx.conversations.add(talk)
                for seq in (1, 3):
                    turn: Any = Turn(clock.new_id(), talk.id, seq, Outcome.REPLY, 0.9, 0.7, revision, (), clock.now(), draft="Certainly!")  # type: ignore[arg-type]
                    tx.turns.add(turn)
                    tx.messages.add(Message(clock.new_id(), talk.id, seq, Author.CUSTOMER, TEXT, clock.now()))  # type: ignore[arg-type]
                    tx.messages.add(Message(clock.new_id(), talk.id, seq + 1, Author.MODEL, "Certainly!", clock.now(), turn=turn.id))  # type: ignore[arg-type]

        for _ in range(conversations // 250):
            store.write(step)


@dataclass
class Talks:
    """Conversations begun ahead of the load, so that only turns are measured."""

    root: Path
    secret: str = ""
    channel: str = ""

    def begin(self, turns: int) -> list[bytes]:
        """That many requests; a conversation's own are far enough apart that no two are on their way at once."""
        from voicegit import bootstrap
        from voicegit.domain.token import Scope
        from voicegit.services import conversation, token

        with bootstrap.opened(self.root) as app:
            if not self.secret:
                made, self.secret = token.issue(app.workspace, "bench", scope=Scope.CUSTOMER)
                self.channel = f"api:{made.id}"
            talks = [conversation.start(app.workspace, channel=self.channel).id for _ in range(turns // PER_TALK)]
        headers = {"Authorization": f"Bearer {self.secret}", "Prefer": "wait=20"}
        return [request(f"/api/v1/conversations/{talk}/messages", headers) for _ in range(PER_TALK) for talk in talks]


# ---- the table


def compare(folder: Path, *, turns: int, rounds: int) -> list[dict[str, Any]]:
    big = workspace(folder / "big", files=FILES, conversations=CONVERSATIONS)
    kinds = {"bare": "bare", "shared": "shared", "turn": "turn", "local": "local", FULL: "turn"}
    places = {name: big if name == FULL else workspace(folder / name) for name in kinds}
    talks = {root: Talks(root) for root in places.values()}
    with all_running({name: (kinds[name], root) for name, root in places.items()}) as servers:
        ask = {name: (lambda n: [request("/messages")] * n) if name in {"bare", "shared"} else talks[root].begin for name, root in places.items()}
        for name, server in servers.items():
            measure(server, 4, ask[name](64))
        rows = []
        for level in LEVELS:
            count = max(turns if level > 1 else turns // 2, level * PER_TALK * 2) // PER_TALK * PER_TALK
            taken: dict[str, list[Figures]] = {name: [] for name in servers}
            for _ in range(rounds):
                for name, server in servers.items():
                    taken[name].append(measure(server, level, ask[name](count)))
            rows += _rows(level, taken)
        return rows


@contextmanager
def all_running(wanted: dict[str, tuple[str, Path]]) -> Iterator[dict[str, Running]]:
    """All servers at once, each measured alone while the others rest."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield {name: stack.enter_context(running(kind, root)) for name, (kind, root) in wanted.items()}


def _rows(level: int, taken: dict[str, list[Figures]]) -> list[dict[str, Any]]:
    """A ratio is taken within a round, where the machine was in one mood; the median of them is told."""
    rows = []
    yardsticks = [min(one.each for one in pair) for pair in zip(taken["bare"], taken["shared"], strict=True)]
    for name, figures in taken.items():
        row = {key: statistics.median(getattr(one, key) for one in figures) for key in ("median", "p95", "each", "cpu")}
        ratio = statistics.median(one.each / yard for one, yard in zip(figures, yardsticks, strict=True))
        rows.append({"clients": level, "server": name, **{key: round(value, 2) for key, value in row.items()}, "ratio": round(ratio, 2)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--turns", type=int, default=400, help="requests a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=["bare", "shared", "turn", "local"], help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.root)
        return
    with tempfile.TemporaryDirectory(prefix="voicegit-turn-") as folder:
        rows = compare(Path(folder), turns=given.turns, rounds=given.rounds)
    print(f"{'clients':>7}  {'server':42} {'median ms':>9} {'p95 ms':>8} {'ms each':>8} {'CPU ms':>7} {'ratio':>6}")
    for row in rows:
        print(f"{row['clients']:>7}  {row['server']:42} {row['median']:>9.2f} {row['p95']:>8.2f} {row['each']:>8.2f} {row['cpu']:>7.2f} {row['ratio']:>6.2f}")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
