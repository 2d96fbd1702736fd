"""The feed of events as live pages read it: once from the database for all of them, whichever of them happens to wait first."""

import threading

from voicegit.domain.work import Event
from voicegit.ports import Store

KEPT = 500
"""Events that are kept in memory. A page that was away for longer reads them from the database."""

PAGE = 200
"""Events at a time at the most."""


class Feed:
    """Starts no thread: one of those that wait looks for news, and wakes the others."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._news = threading.Condition()
        self._looking = False
        newest = store.read.events.first(order="-id")
        self._newest = newest.id if newest else 0
        self._tail: tuple[Event, ...] = ()

    def so_far(self, after: int) -> list[Event]:
        """What is known to have come after that event, oldest first, without a look for more."""
        with self._news:
            newest, tail = self._newest, self._tail
        if newest <= after:
            return []
        if tail and tail[0].id <= after + 1:
            return list(tail[max(0, after + 1 - tail[0].id) :][:PAGE])
        return self._store.read.events.find(id__gt=after, order="id", limit=PAGE)

    def since(self, after: int, *, timeout: float) -> list[Event]:
        """What came after that event, oldest first; waits for it at most that long, and may come back without any before that."""
        found = self.so_far(after)
        if found:
            return found
        with self._news:
            mine = not self._looking and self._newest <= after
            if mine:
                self._looking = True
            elif self._newest <= after:
                self._news.wait(timeout)
        if mine:
            self._look(timeout)
        return self.so_far(after)

    def _look(self, timeout: float) -> None:
        try:
            if self._store.wait_for_events(self._newest, timeout=timeout):
                self._read()
        finally:
            with self._news:
                self._looking = False
                self._news.notify_all()

    def _read(self) -> None:
        """By one thread at a time."""
        while found := self._store.read.events.find(id__gt=self._newest, order="id", limit=PAGE):
            with self._news:
                self._tail = (*self._tail, *found)[-KEPT:]
                self._newest = found[-1].id
