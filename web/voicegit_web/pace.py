"""How often strangers may do what costs money or room. Kept in memory: after a restart everybody begins anew."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from voicegit.errors import VoicegitError

MINUTE = 60.0
MOST_NAMES = 10_000


class TooOften(VoicegitError):
    """More than one may do in a minute. What was sent is not stored."""

    status = 429
    title = "A moment, please"


class Pace:
    """Counts what was done under a name within the last minute."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._done: dict[str, deque[float]] = {}

    def take(self, limits: Iterable[tuple[str, int]]) -> bool:
        """Whether one more is within every limit (a name, and how many a minute); only then is it counted, for each of them."""
        wanted = list(limits)
        with self._lock:
            now = self._monotonic()
            if len(self._done) > MOST_NAMES:
                self._done = {name: times for name, times in self._done.items() if times and times[-1] > now - MINUTE}
            if any(self._within(name, now) >= most for name, most in wanted):
                return False
            for name, _ in wanted:
                self._done.setdefault(name, deque()).append(now)
            return True

    def give_back(self, names: Iterable[str]) -> None:
        """Takes the newest back: it was not what is counted."""
        with self._lock:
            for name in names:
                if self._done.get(name):
                    self._done[name].pop()

    def _within(self, name: str, now: float) -> int:
        times = self._done.get(name)
        if times is None:
            return 0
        while times and times[0] <= now - MINUTE:
            times.popleft()
        return len(times)
