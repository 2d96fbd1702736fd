"""What every view needs: the opened workspace, and the few things that live only as long as this process."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import current_app

from voicegit.bootstrap import App
from voicegit.ports import Workspace
from voicegit_web.background import Background
from voicegit_web.feed import Feed
from voicegit_web.links import Links
from voicegit_web.made import Made
from voicegit_web.metrics import Metrics
from voicegit_web.pace import Pace
from voicegit_web.presence import Presence
from voicegit_web.searches import Searches

SPARE = 8
"""Threads that live pages and waiting requests never take, so that everything else is still answered."""


LAST = 1.0
"""Seconds that live pages have to end before what they read is closed: twice as long as they take to notice."""


class Slots:
    """How many requests may stay for long at the same time. A live page past its own limit, or a wait past what threads are there, is refused."""

    def __init__(self, threads: int, streams: int) -> None:
        self._long = threading.BoundedSemaphore(max(1, threads - SPARE))
        self._most = max(1, min(streams, threads - SPARE))
        self._streams = threading.BoundedSemaphore(self._most)
        self._visitors = threading.BoundedSemaphore(max(1, min(streams, threads - SPARE) // 2))

    def stream(self) -> Callable[[], None] | None:
        """A live page's place: call what is returned, once or more, to give it back. None when there is none."""
        return _all_of(self._streams, self._long)

    def visitor(self) -> Callable[[], None] | None:
        """The same for a customer's page. Customers take half of the places at the most: the people who answer them need the others."""
        return _all_of(self._visitors, self._streams, self._long)

    def emptied(self, timeout: float) -> None:
        """Waits for the live pages to end, at most that many seconds. There is no place for another afterwards."""
        until = time.monotonic() + timeout
        for _ in range(self._most):
            if not self._streams.acquire(timeout=max(0.0, until - time.monotonic())):
                return

    @contextmanager
    def wait(self) -> Iterator[bool]:
        """Whether this request may wait."""
        mine = self._long.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._long.release()


def _all_of(*places: threading.BoundedSemaphore) -> Callable[[], None] | None:
    """One of each or none; call what is returned to give them back."""
    taken: list[threading.BoundedSemaphore] = []
    for place in places:
        if not place.acquire(blocking=False):
            for one in taken:
                one.release()
            return None
        taken.append(place)
    held = threading.Lock()

    def give_back() -> None:
        if held.acquire(blocking=False):
            for one in taken:
                one.release()

    return give_back


@dataclass
class Service:
    """One running service."""

    app: App
    links: Links = field(init=False)
    slots: Slots = field(init=False)
    metrics: Metrics = field(init=False)
    background: Background = field(init=False)
    feed: Feed = field(init=False)
    pace: Pace = field(default_factory=Pace)
    presence: Presence = field(default_factory=Presence)
    made: Made = field(default_factory=Made)
    searches: Searches = field(default_factory=Searches)
    stopping: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        settings = self.app.settings
        self.links = Links(self.app.workspace, self.pace)
        self.slots = Slots(settings.threads, settings.streams)
        self.feed = Feed(self.app.workspace.store)
        self.metrics = Metrics(self.app.workspace)
        self.background = Background(self.app.workspace, workers=settings.workers)

    def start(self) -> None:
        self.background.start()

    def stop(self) -> None:
        """Ends the live pages and the background work."""
        self.stopping.set()
        self.slots.emptied(LAST)
        self.searches.stop(LAST)
        self.background.stop()


def service() -> Service:
    found: Service = current_app.extensions["voicegit"]
    return found


def workspace() -> Workspace:
    return service().app.workspace
