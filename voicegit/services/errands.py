"""Calls that may take long, some at the same time: given one by one, and taken back as they are done by the one thread that gave them."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol


@dataclass(frozen=True)
class Errand:
    """`call` may run in another thread; `then` gets its value, and `failed` what it raised, in the thread that gave it."""

    call: Callable[[], Any]
    then: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class Errands(Protocol):
    @property
    def room(self) -> bool:
        """Whether another may be started."""

    @property
    def idle(self) -> bool: ...

    def start(self, errand: Errand) -> None: ...

    def wait(self, seconds: float) -> None:
        """Until one is done and its end was told, at most so long."""


class OneByOne:
    """Runs each when it is waited for: work that is bound to the processor gains nothing by threads."""

    def __init__(self) -> None:
        self._errand: Errand | None = None

    @property
    def room(self) -> bool:
        return self._errand is None

    @property
    def idle(self) -> bool:
        return self._errand is None

    def start(self, errand: Errand) -> None:
        self._errand = errand

    def wait(self, seconds: float) -> None:
        errand, self._errand = self._errand, None
        if errand is not None:
            errand.then(errand.call())


class AtOnce:
    """At most `most` at the same time, in threads that nobody waits for when the process ends, and that stay for the next: each holds a connection."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running = 0
        self._done: queue.SimpleQueue[tuple[Errand, Any, BaseException | None]] = queue.SimpleQueue()
        _hands(most)

    @property
    def room(self) -> bool:
        return self._running < self._most

    @property
    def idle(self) -> bool:
        return self._running == 0

    def start(self, errand: Errand) -> None:
        self._running += 1
        _calls.put(partial(self._run, errand))

    def _run(self, errand: Errand) -> None:
        try:
            self._done.put((errand, errand.call(), None))
        except BaseException as exc:  # noqa: BLE001 - handed to the thread that gave it
            self._done.put((errand, None, exc))

    def wait(self, seconds: float) -> None:
        try:
            errand, value, error = self._done.get(timeout=seconds)
        except queue.Empty:
            return
        self._running -= 1
        if error is None:
            errand.then(value)
        else:
            errand.failed(error)


_calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_threads: list[threading.Thread] = []
_engaging = threading.Lock()


def _hands(most: int) -> None:
    """So many threads at least."""
    with _engaging:
        while len(_threads) < most:
            thread = threading.Thread(target=_work, name="voicegit-errand", daemon=True)
            _threads.append(thread)
            thread.start()


def _work() -> None:
    while True:
        _calls.get()()
