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
from voicegit_web.links import Links
from voicegit_web.metrics import Metrics

SPARE = 8
"""Threads that live pages and waiting requests never take, so that everything else is still answered."""


class Slots:
    """How many requests may stay for long at the same time. A live page past its own limit, or a wait past what threads are there, is refused."""

    def __init__(self, threads: int, streams: int) -> None:
        self._long = threading.BoundedSemaphore(max(1, threads - SPARE))
        self._streams = threading.BoundedSemaphore(max(1, min(streams, threads - SPARE)))

    def stream(self) -> Callable[[], None] | None:
        """A live page's place: call what is returned, once or more, to give it back. None when there is none."""
        if not self._streams.acquire(blocking=False):
            return None
        if not self._long.acquire(blocking=False):
            self._streams.release()
            return None
        held = threading.Lock()

        def give_back() -> None:
            if held.acquire(blocking=False):
                self._long.release()
                self._streams.release()

        return give_back

    @contextmanager
    def wait(self) -> Iterator[bool]:
        """Whether this request may wait."""
        mine = self._long.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._long.release()


@dataclass
class Service:
    """One running service."""

    app: App
    links: Links = field(init=False)
    slots: Slots = field(init=False)
    metrics: Metrics = field(init=False)
    background: Background = field(init=False)
    stopping: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        settings = self.app.settings
        self.links = Links()
        self.slots = Slots(settings.threads, settings.streams)
        self.metrics = Metrics(self.app.workspace)
        self.background = Background(self.app.workspace, workers=settings.workers)

    def start(self) -> None:
        self.background.start()

    def stop(self) -> None:
        """Ends the live pages and the background work."""
        self.stopping.set()
        self.background.stop()


def service() -> Service:
    found: Service = current_app.extensions["voicegit"]
    return found


def workspace() -> Workspace:
    return service().app.workspace
