"""HTML that many live pages show alike, made once after an event and not once a page."""

import threading
from collections.abc import Callable, Hashable


class Made:
    """By what it shows, with the event after which it was made. What was made later is as good: it shows at least as much."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[int, str]] = {}

    def once(self, what: Hashable, upto: int, make: Callable[[], str]) -> str:
        """What `make` gives, made by the first who asks after that event while the others wait for it."""
        with self._lock:
            event, html = self._known.get(what, (-1, ""))
            if event < upto:
                html = make()
                self._known[what] = (upto, html)
            return html
