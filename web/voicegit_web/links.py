"""One-time links to sign in: a secret kept in memory, good once, for fifteen minutes."""

import secrets
import threading
import time
from collections.abc import Callable

from voicegit.domain.ids import PersonId
from voicegit.domain.token import digest

LIFE = 15 * 60.0
BETWEEN = 60.0
"""Seconds between two links that somebody who is not signed in may ask for."""

MOST = 100


class Links:
    """Only digests are kept, so that a dump of the memory of a stopped process opens nothing."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[PersonId, float]] = {}
        self._next = 0.0

    def issue(self, person: PersonId) -> str:
        secret = secrets.token_urlsafe(32)
        with self._lock:
            now = self._monotonic()
            kept = [(key, value) for key, value in self._waiting.items() if value[1] > now][-MOST:]
            self._waiting = dict([*kept, (digest(secret), (person, now + LIFE))])
        return secret

    def redeem(self, secret: str) -> PersonId | None:
        """Who the link is for; None when it was used, is too old or never was."""
        with self._lock:
            person, until = self._waiting.pop(digest(secret), (None, 0.0))
            return person if self._monotonic() < until else None

    def may_ask(self) -> bool:
        """Whether a stranger may have a new link printed now; at most one a minute."""
        with self._lock:
            now = self._monotonic()
            if now < self._next:
                return False
            self._next = now + BETWEEN
            return True
