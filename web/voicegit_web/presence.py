"""Who has a conversation open, and who is writing in it. Kept in memory: it is about this moment only."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from voicegit.domain.composing import WRITING
from voicegit.domain.ids import ConversationId, PersonId


@dataclass(frozen=True)
class Present:
    person: PersonId
    writing: bool


class Presence:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._open: dict[ConversationId, Counter[PersonId]] = {}
        self._written: dict[tuple[ConversationId, PersonId], float] = {}
        self.changes = 0
        """How often somebody came or left."""

    def looks(self, conversation: ConversationId, person: PersonId) -> Callable[[], None]:
        """This person has opened it, perhaps once more. Call what is returned, once or more, when they leave."""
        with self._lock:
            there = self._open.setdefault(conversation, Counter())
            there[person] += 1
            self.changes += there[person] == 1
        left = threading.Lock()

        def leaves() -> None:
            if left.acquire(blocking=False):
                self._leave(conversation, person)

        return leaves

    def _leave(self, conversation: ConversationId, person: PersonId) -> None:
        with self._lock:
            there = self._open.get(conversation, Counter())
            there[person] -= 1
            if there[person] <= 0:
                del there[person]
                self.changes += 1
                self._written.pop((conversation, person), None)
            if not there:
                self._open.pop(conversation, None)

    def writes(self, conversation: ConversationId, person: PersonId) -> None:
        with self._lock:
            self._written[conversation, person] = self._monotonic() + WRITING.total_seconds()

    def stops(self, conversation: ConversationId, person: PersonId) -> None:
        """What they wrote was sent, or the box is empty."""
        with self._lock:
            self._written.pop((conversation, person), None)

    def others(self, conversation: ConversationId, me: PersonId) -> tuple[Present, ...]:
        """Everybody else who has it open."""
        with self._lock:
            there = [person for person in self._open.get(conversation, ()) if person != me]
            return tuple(Present(person, self._written.get((conversation, person), 0.0) > self._monotonic()) for person in sorted(there))

    def looking(self, me: PersonId) -> dict[ConversationId, list[PersonId]]:
        """Everybody else, by what they have open."""
        with self._lock:
            others = {conversation: sorted(person for person in there if person != me) for conversation, there in self._open.items()}
        return {conversation: there for conversation, there in others.items() if there}
