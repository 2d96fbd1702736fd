"""The machine's clock and its randomness."""

import os
import time
import uuid
from datetime import UTC, datetime


class SystemClock:
    """Fulfils `ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> str:
        """RFC 9562, section 5.7: 48 bits of Unix milliseconds, then version, variant and 74 random bits."""
        bits = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10), "big")
        bits = bits & ~(0xF << 76) | (0x7 << 76)
        bits = bits & ~(0x3 << 62) | (0x2 << 62)
        return str(uuid.UUID(int=bits))
