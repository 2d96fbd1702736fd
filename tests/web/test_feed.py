"""One look at the database for all live pages: every event once, in order, for readers that wait and readers that were away."""

import threading

import pytest

from tests.conftest import Shop
from voicegit.domain.ids import ConversationId
from voicegit.domain.work import Event
from voicegit_web import feed
from voicegit_web.feed import Feed


def happen(shop: Shop, times: int = 1) -> None:
    for _ in range(times):
        shop.workspace.store.write(lambda tx: tx.events.add(Event("test", shop.clock.now())))


def test_many_readers_that_wait_hear_everything_once_in_order(shop: Shop) -> None:
    shared, total = Feed(shop.workspace.store), 100
    heard: list[list[int]] = [[] for _ in range(20)]

    def follow(mine: list[int]) -> None:
        while len(mine) < total:
            mine += [one.id for one in shared.since(mine[-1] if mine else 0, timeout=20)]

    readers = [threading.Thread(target=follow, args=(mine,), daemon=True) for mine in heard]
    for reader in readers:
        reader.start()
    happen(shop, total)
    for reader in readers:
        reader.join(60)
    assert heard == [list(range(1, total + 1))] * len(readers)


def test_who_was_away_for_longer_than_is_kept_reads_on_where_they_were(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "KEPT", 5)
    monkeypatch.setattr(feed, "PAGE", 3)
    shared = Feed(shop.workspace.store)
    happen(shop, 20)
    heard: list[int] = []
    while len(heard) < 20:
        heard += [one.id for one in shared.since(heard[-1] if heard else 0, timeout=20)]
    assert heard == list(range(1, 21))


def test_what_happened_before_is_known_and_nothing_new_is_no_news(shop: Shop) -> None:
    happen(shop, 3)
    shared = Feed(shop.workspace.store)
    assert [one.id for one in shared.since(1, timeout=0)] == [2, 3]
    assert shared.since(3, timeout=0) == []
    assert shared.since(10**12, timeout=0) == []


def test_who_reads_a_conversation_hears_of_it_at_once_and_all_others_later(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "GATHER", 3600.0)
    shared, here = Feed(shop.workspace.store), ConversationId("here")
    heard: dict[str, list[int]] = {}

    def follow(name: str, about: ConversationId | None) -> None:
        heard[name] = [one.id for one in shared.since(0, timeout=30 if about == here else 1, about=about)]

    # Whoever begins looks for all of them; the last one waits for what happens here.
    readers = [threading.Thread(target=follow, args=(str(about), about), daemon=True) for about in (None, ConversationId("there"), here)]
    for reader in readers:
        reader.start()
    shop.workspace.store.write(lambda tx: tx.events.add(Event("test", shop.clock.now(), here)))
    for reader in readers:
        reader.join(25)
    assert heard[here] == [1]
