"""Searches that somebody waits for longer than for a page: each runs in the background, says how far it is, and is forgotten some minutes after its end.

One at a time: an embedded model uses the processor that customers' turns need, and another asks several times as it is.
"""

import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from voicegit.errors import Unavailable, VoicegitError
from voicegit_web import incidents

KEPT = 600.0
"""Seconds that an outcome can be looked at."""

PATIENCE = 2.0
"""Seconds after which somebody would rather know how far it is."""

MOST = 8
"""Searches that may wait or run."""

Progress = Callable[[int, int], None]


@dataclass
class Search:
    """`done` of at most `most` steps. `over` when there is an outcome: a `value`, or what was `refused`."""

    done: int = 0
    most: int = 0
    value: Any = None
    refused: VoicegitError | None = None
    over: threading.Event = field(default_factory=threading.Event)
    ended: float = 0.0

    def outcome(self) -> Any:
        """Raises what the search raised."""
        if self.refused is not None:
            raise self.refused
        return self.value


class _Ended(Exception):
    """The service stops."""


class Searches:
    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._known: dict[Hashable, Search] = {}
        self._waiting: queue.SimpleQueue[tuple[Search, Callable[[Progress], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def begin(self, what: Hashable, search: Callable[[Progress], Any]) -> Search:
        """Starts it, or gives the one that runs already. Raises `Unavailable` when too many wait."""
        with self._lock:
            self._forget()
            known = self._known.get(what)
            if known is not None and not known.over.is_set():
                return known
            if sum(not one.over.is_set() for one in self._known.values()) >= MOST:
                raise Unavailable("Too many are waiting for a search. Try again in a minute.")
            made = self._known[what] = Search()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="voicegit-search", daemon=True)
                self._thread.start()
        self._waiting.put((made, search))
        return made

    def get(self, what: Hashable) -> Search | None:
        with self._lock:
            self._forget()
            return self._known.get(what)

    def drop(self, what: Hashable) -> None:
        with self._lock:
            self._known.pop(what, None)

    def clear(self) -> None:
        """Nobody reads the outcome of any that was begun until now."""
        with self._lock:
            self._known.clear()

    def stop(self, timeout: float) -> None:
        """Ends what runs at its next step."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _forget(self) -> None:
        now = time.monotonic()
        for what, one in list(self._known.items()):
            if one.over.is_set() and now - one.ended > KEPT:
                del self._known[what]

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._run(*self._waiting.get(timeout=0.5))
            except queue.Empty:
                with self._lock:
                    self._forget()

    def _run(self, one: Search, search: Callable[[Progress], Any]) -> None:
        def progress(done: int, most: int) -> None:
            one.done, one.most = done, most
            if self._stop.is_set():
                raise _Ended

        try:
            one.value = search(progress)
        except VoicegitError as exc:
            one.refused = exc
        except _Ended:
            one.refused = Unavailable("The service was stopped meanwhile. Nothing was kept; ask again.")
        except Exception as exc:  # noqa: BLE001 - whoever asked is told, with the incident's number
            number = incidents.report(exc, "searching")
            one.refused = Unavailable(f"That went wrong here (incident {number}). Nothing was changed. Ask again; if it stays, tell who runs voicegit.")
        one.ended = time.monotonic()
        one.over.set()
