"""What is due is done, by threads that are woken by news, and again after a restart. Waiting is for events, never for time to pass."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.conftest import Shop
from tests.fakes import FakeModels
from tests.web.conftest import Door
from voicegit.bootstrap import App
from voicegit.domain.conversation import Author
from voicegit.domain.ids import ConversationId
from voicegit.domain.work import DeliveryState
from voicegit.ports import Workspace
from voicegit.services import conversation, worker
from voicegit_web.background import Background
from voicegit_web.service import Service

PATIENCE = 20
"""Seconds after which a test gives up; nothing here takes one."""


def until(workspace: Workspace, kind: str, *talks: ConversationId) -> None:
    """Waits for an event of one kind in one of these conversations."""
    seen = 0
    while True:
        for event in workspace.store.read.events.find(id__gt=seen, order="id"):
            seen = event.id
            if event.kind == kind and event.conversation in talks:
                return
        assert workspace.store.wait_for_events(seen, timeout=PATIENCE), f"no {kind} came"


@pytest.fixture
def at_work(shop: Shop) -> Iterator[Background]:
    threads = Background(shop.workspace, workers=2)
    threads.start()
    yield threads
    threads.stop()


def test_a_message_is_answered_and_leaves(shop: Shop, at_work: Background) -> None:
    talk = shop.start()
    conversation.take_in(shop.workspace, talk, "Hello")
    until(shop.workspace, "delivered", talk)
    assert [one.author for one in conversation.seen_by_customer(shop.workspace, talk)] == [Author.CUSTOMER, Author.MODEL]
    assert at_work.alive


def test_one_slow_turn_does_not_hold_up_another(shop: Shop, at_work: Background) -> None:
    thinking, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        shop.model.meanwhile = lambda: None
        thinking.set()
        assert go_on.wait(PATIENCE)

    shop.model.meanwhile = slow
    first, second = shop.start(), shop.start()
    conversation.take_in(shop.workspace, first, "Hello")
    assert thinking.wait(PATIENCE)
    conversation.take_in(shop.workspace, second, "Hello")
    until(shop.workspace, "delivered", second)
    assert shop.rows.turns.count(conversation=first) == 0
    go_on.set()
    until(shop.workspace, "delivered", first)


def test_a_bug_in_one_job_stops_no_other(shop: Shop, at_work: Background) -> None:
    def breaks() -> None:
        shop.model.meanwhile = lambda: None
        raise ValueError

    shop.model.meanwhile = breaks
    talks = [shop.start(), shop.start()]
    for talk in talks:
        conversation.take_in(shop.workspace, talk, "Hello")
    until(shop.workspace, "delivered", *talks)
    assert at_work.alive


def test_what_was_not_answered_before_a_stop_is_answered_after_the_next_start(shop: Shop, reopen: Callable[[], App]) -> None:
    waiting, leaving = shop.start(), shop.start()
    shop.say(leaving, "Hello")
    conversation.take_in(shop.workspace, waiting, "Hello")
    again = reopen()
    workspace = replace(again.workspace, models=FakeModels())
    threads = Background(workspace, workers=1)
    threads.start()
    until(workspace, "delivered", waiting)
    threads.stop()
    assert workspace.store.read.outbox.count(state=DeliveryState.WAITING) == 0
    assert [workspace.store.read.messages.count(conversation=talk, author=Author.MODEL) for talk in (waiting, leaving)] == [1, 1]


def test_a_turn_that_was_cut_off_by_stopping_is_taken_up_at_once_and_said_once(shop: Shop, reopen: Callable[[], App]) -> None:
    """The old process may even come to its end: what it has to say was said by then, and is dropped."""
    thinking, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        shop.model.meanwhile = lambda: None
        thinking.set()
        assert go_on.wait(PATIENCE)

    shop.model.meanwhile = slow
    old = Background(shop.workspace, workers=1)
    old.start()
    talk = shop.start()
    conversation.take_in(shop.workspace, talk, "Hello")
    assert thinking.wait(PATIENCE)
    old.stop()
    assert worker.next_job(shop.workspace) is not None
    new = Background(replace(reopen().workspace, models=FakeModels(), clock=shop.clock), workers=1)
    new.start()
    until(shop.workspace, "delivered", talk)
    new.stop()
    go_on.set()
    for thread in old._threads:
        thread.join(PATIENCE)
    assert shop.rows.messages.count(conversation=talk, author=Author.MODEL) == 1
    assert sorted(turn.outcome for turn in shop.rows.turns.find(conversation=talk)) == ["reply", "superseded"]


def test_a_new_revision_is_made_ready_before_a_customer_asks(shop: Shop) -> None:
    warmed: list[str] = []
    ready = threading.Event()

    class Models(FakeModels):
        def warm(self, known, today) -> None:  # type: ignore[no-untyped-def]
            warmed.append(known.revision)
            ready.set()

    threads = Background(replace(shop.workspace, models=Models()), workers=1)
    threads.start()
    assert ready.wait(PATIENCE)
    release = shop.release({"facts/late.md": "---\ntitle: Late\n---\n\n- Open till nine\n"})
    while release not in warmed:
        ready.clear()
        assert ready.wait(PATIENCE)
    threads.stop()


def test_a_season_that_ends_soon_is_told_when_the_service_starts(shop: Shop) -> None:
    shop.release({"facts/winter.md": "---\ntitle: Winter\nuntil: 2026-11-24\n---\n\n- We close at four\n"})
    seen = shop.rows.events.find(order="-id", limit=1)[0].id
    threads = Background(shop.workspace, workers=1)
    threads.start()
    try:
        while (told := shop.rows.events.first(kind="season")) is None:
            assert shop.workspace.store.wait_for_events(seen, timeout=PATIENCE), "no season was told"
            seen = shop.rows.events.find(order="-id", limit=1)[0].id
    finally:
        threads.stop()
    assert told.body == {"directive": "facts/winter", "until": "2026-11-24"}


def test_readiness_is_lost_with_the_directives(door: Door, running: Service, shop: Shop) -> None:
    assert door.anonymous.get("/readyz").get_json()["ok"] is True
    (shop.app.root / "directives.git" / "HEAD").rename(shop.app.root / "HEAD")
    (shop.app.root / "directives.git" / "refs").rename(shop.app.root / "refs")
    answer = door.anonymous.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["directives"]) == (503, False)
    assert door.anonymous.get("/healthz").status_code == 200


def test_the_figures_count_each_turn_once(door: Door) -> None:
    talk = door.a.begin()
    door.a.say(talk, "Hello")
    figures = [door.read.get("/metrics").get_data(as_text=True) for _ in range(2)][-1]
    door.a.say(talk, "Hello again")
    assert 'voicegit_turns_total{outcome="reply"} 1.0' in figures
    assert "voicegit_cost_dollars_total 0.001" in figures
    assert "voicegit_turn_seconds_count 1.0" in figures
    assert 'voicegit_turns_total{outcome="reply"} 2.0' in door.read.get("/metrics").get_data(as_text=True)
