"""The machine's clock and its randomness."""

import os
import threading
import time
import uuid
from datetime import UTC, datetime


class SystemClock:
    """Fulfils `ports.Clock`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        """RFC 9562, section 5.7, with the sub-millisecond part of the time where method 3 of section 6.2 puts it: ids of one process never tie."""
        with self._lock:
            milliseconds, rest = divmod(time.time_ns(), 1_000_000)
            self._last = max(self._last + 1, milliseconds << 12 | rest * 4096 // 1_000_000)
            stamp = self._last
        bits = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
        return str(uuid.UUID(int=bits))
