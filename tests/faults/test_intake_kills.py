"""Killing a service at random while customers write: what was acknowledged is there, once, and will be answered.

`VOICEGIT_KILLS` sets how many (30), `VOICEGIT_SEED` repeats a run. The child takes messages in from four threads and runs turns beside them,
so that kills fall into intake, into turns and between them; each message has a key and is sent again by the next child, as a channel would.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.fakes import FakeModels
from voicegit.bootstrap import open_app
from voicegit.domain.conversation import Author, Floor, MessageKind, unanswered
from voicegit.domain.ids import ConversationId
from voicegit.services import conversation, takeover, turn, worker

KILLS = int(os.environ.get("VOICEGIT_KILLS", "30"))
WRITERS = 4
SAID = (*("Hello there", "Do you come to Queens?", "Are you free on Thursday?", "Thanks!") * 10, "My vase is broken")


def _serve(root: Path, talks: list[str], number: int, resend: list[tuple[str, str, str]]) -> None:
    """Takes in without end and tells each message after it was acknowledged: key, id, conversation, text. First what was told to nobody the last time."""
    workspace = replace(open_app(root).workspace, models=FakeModels())
    told = threading.Lock()

    def tell(*words: str) -> None:
        with told:
            os.write(1, (json.dumps(words) + "\n").encode())

    def take_in(talk: str, key: str, text: str) -> None:
        tell("sends", key, talk, text)
        taken = conversation.take_in(workspace, ConversationId(talk), text, key=key, run_at_once=True)
        tell("acknowledged", key, taken.message.id, talk, text)
        if taken.mine:
            turn.run(workspace, ConversationId(talk))

    def write(writer: int) -> None:
        chance = random.Random(f"{number}-{writer}")
        for index in range(10**9):
            take_in(chance.choice(talks), f"{number}-{writer}-{index}", chance.choice(SAID))

    for talk, key, text in resend:
        take_in(talk, key, text)
    for writer in range(WRITERS):
        threading.Thread(target=write, args=(writer,), daemon=True).start()
    while True:
        worker.work_once(workspace, failed=lambda job, exc: None)
        worker.deliver_due(workspace)


class Told:
    """What the children said until they were killed."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, tuple[str, str, str]] = {}
        self.sent: dict[str, tuple[str, str, str]] = {}

    def read(self, lines: bytes) -> None:
        for line in lines.split(b"\n")[:-1]:
            what, key, *more = json.loads(line)
            if what == "sends":
                self.sent[key] = (more[0], key, more[1])
            else:
                assert self.acknowledged.setdefault(key, tuple(more)) == tuple(more), "a repeat was acknowledged as another message"
                self.sent.pop(key, None)


def _killed(arguments: list[str], after: float) -> bytes:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen([sys.executable, "-m", "tests.faults.test_intake_kills", *arguments], stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        killer = threading.Timer(after, os.kill, (child.pid, signal.SIGKILL))
        killer.start()
        rest = child.stdout.read()
        killer.join()
        assert child.wait() == -signal.SIGKILL, "the service failed by itself"
    return first + rest


@pytest.fixture
def closed(shop: Shop) -> Iterator[tuple[Path, list[str]]]:
    """The shop's folder and its conversations, with nobody at work in it."""
    talks = [shop.start() for _ in range(6)]
    shop.app.close()
    yield shop.app.root, [str(talk) for talk in talks]


@pytest.mark.slow
@pytest.mark.timeout(60 + 6 * KILLS)
def test_a_killed_service_loses_and_repeats_nothing_that_it_acknowledged(closed: tuple[Path, list[str]]) -> None:
    seed = int(os.environ.get("VOICEGIT_SEED", random.SystemRandom().randrange(10**6)))
    print(f"VOICEGIT_SEED={seed}")
    chance, told = random.Random(seed), Told()
    turns: Counter[str] = Counter()
    root, talks = closed
    for number in range(KILLS):
        resend = list(told.sent.values())
        told.read(_killed([str(root), json.dumps(talks), str(number), json.dumps(resend)], after=chance.random() * 0.5))
        turns = _agrees(root, talks, told)
    print(f"{KILLS} kills, {len(told.acknowledged)} acknowledged messages, 0 lost, 0 duplicated; turns: {dict(turns)}")
    assert len(told.acknowledged) > KILLS and turns["reply"] and turns["summon"]


def _agrees(root: Path, talks: list[str], told: Told) -> Counter[str]:
    """The database after a kill, opened as the next start would: all of what was acknowledged, nothing twice, nobody forgotten.

    Hands every conversation back and lets the leases of the killed end, so that the next child has turns to run; says what came of the turns so far.
    """
    app = open_app(root)
    rows = app.workspace.store.read
    messages = {m.id: m for m in rows.messages.find()}
    keys = Counter(m.key for m in messages.values() if m.author is Author.CUSTOMER)
    assert [
        key for key, (id, talk, text) in told.acknowledged.items() if id not in messages or (messages[id].conversation, messages[id].text) != (talk, text)
    ] == []
    assert [key for key, times in keys.items() if times != 1] == []
    assert set(keys) <= set(told.acknowledged) | set(told.sent)
    for talk in talks:
        said = rows.messages.find(conversation=talk, order="seq")
        assert [m.seq for m in said] == list(range(1, len(said) + 1))
        waits = unanswered(said) and rows.conversations.get(talk).floor is Floor.MODEL
        assert not waits or rows.jobs.first(subject=talk) is not None
    outgoing = {m.id for m in messages.values() if m.author is not Author.CUSTOMER and m.kind is not MessageKind.NOTE}
    assert {row.id for row in rows.outbox.find()} == outgoing
    assert [event.id for event in rows.events.find()] == list(range(1, rows.events.count() + 1))
    assert app.database.examine() == ("database", True, "whole")
    worker.give_up_leases(app.workspace)
    for held in rows.conversations.find(floor__not=Floor.MODEL):
        takeover.hand_back(app.workspace, held.id)
    turns = Counter(one.outcome.value for one in rows.turns.find())
    app.close()
    return turns


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]), [tuple(one) for one in json.loads(sys.argv[4])])
