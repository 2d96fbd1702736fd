"""The feed of events as live pages read it: once from the database for all of them, whichever of them happens to wait first.

A page of one conversation is told at once what happens there; everything else is told to everybody together, a little later. So what a customer wrote is
not behind two hundred other pages in the queue.
"""

import threading
import time
from dataclasses import dataclass, field

from voicegit.domain.ids import ConversationId
from voicegit.domain.work import Event
from voicegit.ports import Store

KEPT = 500
"""Events that are kept in memory. A page that was away for longer reads them from the database."""

PAGE = 200
"""Events at a time at the most."""

GATHER = 0.25
"""Seconds in which whatever happens elsewhere is told as one: a list of conversations is drawn once after all of it."""


@dataclass(eq=False)
class _Waiting:
    about: ConversationId | None
    woken: threading.Event = field(default_factory=threading.Event)
    looks: bool = False
    """It is this one's turn to look for news, for all."""


class Feed:
    """Starts no thread: one of those that wait looks for news, and wakes the others."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._looking = False
        self._due: float | None = None
        newest = store.read.events.first(order="-id")
        self._newest = newest.id if newest else 0
        self._tail: tuple[Event, ...] = ()

    def since(self, after: int, *, timeout: float, about: ConversationId | None = None) -> list[Event]:
        """What came after that event, oldest first; waits for it at most that long, and may come back without any before that.

        Who waits for one conversation comes back at once when something happens there.
        """
        if found := self._so_far(after):
            return found
        me = self._join(after, about)
        if me is None:
            return self._so_far(after)
        until = time.monotonic() + timeout
        if not me.looks:
            me.woken.wait(timeout)
        if self._leave(me):
            try:
                self._look(until, about)
            finally:
                self._pass_on()
        return self._so_far(after)

    def _so_far(self, after: int) -> list[Event]:
        with self._lock:
            newest, tail = self._newest, self._tail
        if newest <= after:
            return []
        if tail and tail[0].id <= after + 1:
            return list(tail[max(0, after + 1 - tail[0].id) :][:PAGE])
        return self._store.read.events.find(id__gt=after, order="id", limit=PAGE)

    # ---- whose turn it is

    def _join(self, after: int, about: ConversationId | None) -> _Waiting | None:
        """None when news came meanwhile."""
        with self._lock:
            if self._newest > after:
                return None
            me = _Waiting(about)
            if self._looking:
                self._waiting.append(me)
            else:
                self._looking = me.looks = True
            return me

    def _leave(self, me: _Waiting) -> bool:
        """Whether it is this one's turn to look."""
        with self._lock:
            if me in self._waiting:
                self._waiting.remove(me)
            return me.looks

    def _pass_on(self) -> None:
        with self._lock:
            following = self._waiting.pop() if self._waiting else None
            self._looking = following is not None
            if following is not None:
                following.looks = True
                following.woken.set()

    # ---- news

    def _look(self, until: float, about: ConversationId | None) -> None:
        """Until there is news for this one, all are told, or its time is over."""
        while (now := time.monotonic()) < until:
            if self._due is not None and now >= self._due:
                self._wake_all()
                return
            if self._store.wait_for_events(self._newest, timeout=min(until, self._due or until) - now):
                concerned = self._read()
                self._due = self._due or time.monotonic() + GATHER
                if about in concerned:
                    return

    def _read(self) -> set[ConversationId | None]:
        """By one thread at a time. Wakes those who wait for just this, and says what it is about."""
        concerned: set[ConversationId | None] = set()
        while found := self._store.read.events.find(id__gt=self._newest, order="id", limit=PAGE):
            about = {one.conversation for one in found if one.conversation is not None}
            concerned |= about
            with self._lock:
                self._tail = (*self._tail, *found)[-KEPT:]
                self._newest = found[-1].id
                for one in [one for one in self._waiting if one.about in about]:
                    self._waiting.remove(one)
                    one.woken.set()
        return concerned

    def _wake_all(self) -> None:
        with self._lock:
            self._due = None
            for one in self._waiting:
                one.woken.set()
            self._waiting.clear()
