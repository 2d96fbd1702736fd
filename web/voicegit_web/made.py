"""HTML that many live pages show alike, made once after something happened and not once a page."""

import threading
from collections.abc import Callable, Hashable


class Made:
    """By what it shows, with how far everything was when it was made: numbers that only grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[tuple[int, ...], str]] = {}

    def once(self, what: Hashable, upto: tuple[int, ...], make: Callable[[], str]) -> str:
        """What `make` gives, made by the first who needs it to show so much, while the others wait for it. What shows more is as good."""
        with self._lock:
            so_far, html = self._known.get(what, ((-1,) * len(upto), ""))
            if any(had < needed for had, needed in zip(so_far, upto, strict=True)):
                html = make()
                self._known[what] = (tuple(max(both) for both in zip(so_far, upto, strict=True)), html)
            return html
