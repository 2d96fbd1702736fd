"""A conversation as the team reads it: what was said, and between it where a person took the floor and gave it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicegit.domain.conversation import Author, Message, MessageKind
from voicegit.domain.ids import PersonId
from voicegit.domain.work import Event


class Turning(StrEnum):
    """What changes who has the floor. The values but the first are kinds of events."""

    TOOK_OVER = "took_over"
    TAKEN_FROM = "takeover"
    HANDED_BACK = "handback"
    RESOLVED = "resolved"


EVENTS = frozenset({Turning.TAKEN_FROM, Turning.HANDED_BACK, Turning.RESOLVED})


@dataclass(frozen=True)
class Band:
    """Where the floor changed hands. `person` did it, if that is known; `other` is whom it was taken from."""

    id: str
    turning: Turning
    at: datetime
    person: PersonId | None = None
    other: PersonId | None = None


Line = Message | Band


def lines(messages: Sequence[Message], events: Sequence[Event]) -> list[Line]:
    """All of it in the order in which it happened. A person's first words after the model had the floor stand under a band of their own."""
    found: list[Line] = []
    turnings = [band for band in map(_band, events) if band is not None]
    held = False
    for message in messages:
        while turnings and turnings[0].at < message.at:
            held = held and turnings[0].turning is Turning.TAKEN_FROM
            found.append(turnings.pop(0))
        if message.author is Author.PERSON and message.kind is MessageKind.SPOKEN and not held:
            held = True
            if not _by(found, message.person):
                found.append(Band(f"b-{message.id}", Turning.TOOK_OVER, message.at, message.person))
        found.append(message)
    return [*found, *turnings]


def _by(found: Sequence[Line], person: PersonId | None) -> bool:
    """Whether the last thing that happened says already that this person took it over."""
    last = found[-1] if found else None
    return isinstance(last, Band) and last.turning is Turning.TAKEN_FROM and last.person == person


def _band(event: Event) -> Band | None:
    if event.kind not in EVENTS:
        return None
    return Band(f"b-{event.id}", Turning(event.kind), event.at, event.body.get("person"), event.body.get("from"))
