"""The feed over real HTTP: every event once, in order, wherever a reader was cut off."""

import http.client
import json
import random
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.web.conftest import Door
from voicegit.domain.work import Event
from voicegit_web.api import events
from voicegit_web.service import Service


class Reader:
    """One connection to the stream, read line by line."""

    def __init__(self, address: str, door: Door, after: int | None) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        headers = dict(door.read.headers) | ({} if after is None else {"Last-Event-ID": str(after)})
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.answer = self.connection.getresponse()

    def next(self) -> tuple[int, str, dict[str, object]]:
        """The next event: its id, its kind, and what it says."""
        fields: dict[str, str] = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line and "id" in fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def happen(door: Door, kind: str = "test") -> None:
    door.shop.workspace.store.write(lambda tx: tx.events.add(Event(kind, door.shop.clock.now(), None, {"text": "two\nlines \u2028"})))


def test_readers_that_are_cut_off_a_hundred_times_miss_nothing_and_see_nothing_twice(door: Door, served: str) -> None:
    total, chance = 300, random.Random(7)
    writer = threading.Thread(target=lambda: [happen(door) for _ in range(total)])
    writer.start()
    seen: list[int] = []
    while len(seen) < total:
        with closing(Reader(served, door, seen[-1] if seen else 0)) as reader:
            seen += [reader.next()[0] for _ in range(min(chance.randint(0, 6), total - len(seen)))]
    writer.join()
    assert seen == list(range(1, total + 1))


def test_a_reader_without_a_place_begins_now(door: Door, served: str) -> None:
    happen(door, "before")
    with closing(Reader(served, door, None)) as reader:
        assert reader.answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
        assert reader.answer.readline() == b"retry: 3000\n"
        happen(door, "after")
        number, kind, told = reader.next()
    assert (number, kind, told["body"]) == (2, "after", {"text": "two\nlines \u2028"})


def test_too_many_streams_are_told_to_poll(door: Door, served: str, running: Service) -> None:
    places = [running.slots.stream() for _ in range(door.shop.app.settings.streams)]
    with closing(Reader(served, door, None)) as reader:
        assert (reader.answer.status, reader.answer.getheader("Retry-After")) == (503, "5")
    first = places[0]
    assert first is not None
    first()
    first()  # giving back twice gives back one place
    with closing(Reader(served, door, 0)) as reader:
        assert reader.answer.status == 200
    happen(door)
    polled = door.read.get("/api/v1/events?after=0", headers={"Accept": "application/json"}).get_json()
    assert ([one["id"] for one in polled["items"]], polled["next"]) == ([1], 1)


def test_a_place_is_free_again_when_its_reader_has_gone(door: Door, running: Service) -> None:
    for _ in range(door.shop.app.settings.streams + 1):
        answer = door.read.client.get("/api/v1/events", headers=door.read.headers)
        assert answer.status_code == 200
        answer.close()


def test_streams_end_when_the_service_stops(door: Door, served: str, running: Service) -> None:
    with closing(Reader(served, door, 0)) as reader:
        running.stopping.set()
        assert b"this stream begins" in reader.answer.read()


def test_a_stream_ends_when_its_token_is_revoked(door: Door, served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from voicegit.services import token

    monkeypatch.setattr(events, "PING", 0.0)
    with closing(Reader(served, door, 0)) as reader:
        assert b"still here" in b"".join(reader.answer.readline() for _ in range(5))
        token.revoke(door.shop.workspace, "read token")
        reader.answer.read()


@pytest.mark.parametrize("place", ["-1", "1.5", "x", "²", "9" * 40])
def test_a_place_that_is_none_is_refused(door: Door, place: str) -> None:
    answer = door.read.client.get("/api/v1/events", headers={**door.read.headers, "Last-Event-ID": place})
    assert answer.status_code == 422
