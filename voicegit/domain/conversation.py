"""Who said what in a conversation, and who holds the floor."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import ConversationId, CustomerId, MessageId, PersonId, TurnId
from voicegit.errors import Conflict, Invalid

MAX_TEXT = 8192
"""Characters a message may have. Longer ones are refused at the edge, whole."""


ERASED = "[erased]"
"""What stands where a text was that had to go. A placeholder: nothing reads it as somebody's words."""


class Author(StrEnum):
    CUSTOMER = "customer"
    MODEL = "model"
    PERSON = "person"


class MessageKind(StrEnum):
    SPOKEN = "spoken"
    HOLDING = "holding"
    """The line from `policy.toml` that a customer reads while a person is called."""
    NOTE = "note"
    """For the team; never leaves."""


class Floor(StrEnum):
    """Who may speak to the customer now. Only under `MODEL` does the model."""

    MODEL = "model"
    SUMMONED = "summoned"
    PERSON = "person"


@dataclass(frozen=True)
class Message:
    """`seq` counts from 1 within its conversation, without gaps. `key` is the sender's own id for it, to take a repeat only once."""

    id: MessageId
    conversation: ConversationId
    seq: int
    author: Author
    text: str
    at: datetime
    kind: MessageKind = MessageKind.SPOKEN
    person: PersonId | None = None
    turn: TurnId | None = None
    key: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def spoken(self) -> bool:
        return self.kind is not MessageKind.NOTE and self.withdrawn_at is None


@dataclass(frozen=True)
class Conversation:
    """An exchange with one customer. `last_seq` is the newest message's.

    Up to `settled_seq` nothing waits for an answer any more: somebody resolved the conversation there. It is out of the inbox until `snoozed_until`,
    or until the customer writes.
    `newest` is the newest message, `asked` the customer's newest, `waits_from` the first of theirs that nobody has answered: lists are drawn from these
    without reading the messages. Up to `seen_seq` somebody of the team has read it. Up to `erased_seq` no text is left; `erased_at` is when the last of it
    went, None while there is any.
    """

    id: ConversationId
    opened_at: datetime
    customer: CustomerId | None = None
    channel: str = "web"
    floor: Floor = Floor.MODEL
    holder: PersonId | None = None
    last_seq: int = 0
    settled_seq: int = 0
    handed_back_at: datetime | None = None
    resolved_at: datetime | None = None
    source: str | None = None
    snoozed_until: datetime | None = None
    newest: MessageId | None = None
    asked: MessageId | None = None
    waits_from: MessageId | None = None
    seen_seq: int = 0
    erased_at: datetime | None = None
    erased_seq: int = 0

    def after(self, message: Message) -> "Conversation":
        """With its next message: a customer's reopens it and waits; what the model or a person says answers all that waited."""
        grown = replace(self, last_seq=message.seq, newest=message.id, erased_at=None)
        if message.author is Author.CUSTOMER:
            return replace(grown, asked=message.id, waits_from=self.waits_from or message.id, resolved_at=None, snoozed_until=None)
        if message.kind is not MessageKind.SPOKEN:
            return grown
        seen = message.seq if message.author is Author.PERSON else self.seen_seq
        return replace(grown, waits_from=None, seen_seq=seen)

    def left_with(self, messages: list[Message]) -> "Conversation":
        """After one of `messages`, all there are, was taken back: what it had answered waits again."""
        waiting = unanswered(messages, self.settled_seq)
        return replace(self, waits_from=waiting[0].id if waiting else None)

    def seen(self) -> "Conversation":
        """Somebody of the team has it open and reads all there is."""
        return replace(self, seen_seq=self.last_seq)

    def summoned(self) -> "Conversation":
        """Nobody speaks until a person does."""
        if self.floor is not Floor.MODEL:
            raise Conflict("A person was called to this conversation already.")
        return replace(self, floor=Floor.SUMMONED, holder=None)

    def held_by(self, person: PersonId) -> "Conversation":
        """A person has the floor, until it is handed back."""
        return replace(self, floor=Floor.PERSON, holder=person, resolved_at=None, snoozed_until=None)

    def handed_back(self, at: datetime) -> "Conversation":
        if self.floor is Floor.MODEL:
            raise Conflict("The model has the floor already; there is nothing to hand back.")
        return replace(self, floor=Floor.MODEL, holder=None, handed_back_at=at, snoozed_until=None)

    def resolved(self, at: datetime) -> "Conversation":
        return replace(self, floor=Floor.MODEL, holder=None, resolved_at=at, settled_seq=self.last_seq, snoozed_until=None, waits_from=None)

    def snoozed(self, until: datetime | None, at: datetime) -> "Conversation":
        """Out of the inbox until then; None brings it back. Raises `Invalid` for a time that is past."""
        if until is not None and until <= at:
            raise Invalid("That time is past. Choose one that is still to come.")
        return replace(self, snoozed_until=until)

    def rests(self, at: datetime) -> bool:
        """Whether it is snoozed at that time."""
        return self.snoozed_until is not None and at < self.snoozed_until


def told_apart(name: str | None, talk: ConversationId) -> str:
    """A customer's name, as the team reads it in lists. Without one `A customer · 4F2A`: the end of the conversation's id, so that two of them are two.

    There is always a digit in it: nothing of it reads as a word or a name. Customers never see it.
    """
    if name:
        return name
    ends = (talk[-size:] for size in range(4, len(talk) + 1))
    return f"A customer · {next((end for end in ends if any(map(str.isdigit, end))), talk).upper()}"


def clean(text: str, *, field: str = "text") -> str:
    """A text from outside, fit to be stored: no NUL, no lone surrogates, 1 to `MAX_TEXT` characters.

    Raises `Invalid` when nothing is left or it is too long: nothing is cut silently.
    """
    kept = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not kept:
        raise Invalid(f"'{field}' is empty. Write at least one character.")
    if len(kept) > MAX_TEXT:
        raise Invalid(f"'{field}' has {len(kept)} characters; at most {MAX_TEXT} are taken. Send it in parts.")
    return kept


def unanswered(messages: list[Message], settled_seq: int = 0) -> list[Message]:
    """The customer's messages since anybody of ours last spoke (a holding line does not count as speaking), after `settled_seq`."""
    waiting: list[Message] = []
    for message in messages:
        if message.seq <= settled_seq:
            continue
        if message.author is Author.CUSTOMER:
            waiting.append(message)
        elif message.spoken and message.kind is MessageKind.SPOKEN:
            waiting = []
    return waiting
