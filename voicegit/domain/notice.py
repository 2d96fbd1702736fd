"""Who is told outside the pages that a customer waits for a person, when, and in which words. It sends nothing.

The ladder: each channel has its minutes after the call for a person. Whoever claims, answers or opens it stops it; whoever then walks away starts it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from voicegit.domain.ids import ConversationId, DirectiveId, NoticeId, SummonId
from voicegit.domain.summon import ENDED, LEASE, Summon, SummonStatus

SENDING = timedelta(seconds=30)
"""How long a process may be silent about a message it sends before it is another's: longer than a send may take."""

AGAIN = timedelta(minutes=1)
"""Between two messages of one summon to one channel, however often the customer writes."""

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""After each failed try; after the try that has none left it is given up."""

DAY = (time(9), time(20))
"""Between which hours, where the business is, somebody hears of what can wait until the morning."""

WORDS = 300
"""Characters of a customer's words that a message may hold."""


@dataclass(frozen=True)
class Channel:
    """One way to reach somebody. `url` is a secret; `after_minutes` count from the call; `words`: the customer's name and words may leave with it."""

    name: str
    url: str = field(repr=False)
    person: str | None = None
    after_minutes: int = 0
    words: bool = False

    @property
    def after(self) -> timedelta:
        return timedelta(minutes=self.after_minutes)

    @property
    def masked(self) -> str:
        """The kind of service alone: with some the host is the key, with others the path."""
        return f"{self.url.split('://')[0].lower()}://…"


class NoticeKind(StrEnum):
    CALL = "call"
    AGAIN = "again"
    """The customer wrote again."""
    TIME = "time"
    """For the customer: by when somebody answers. It leaves through the outbox."""
    SEASON = "season"
    """Something is in force for a few days more, and nobody waits."""
    TEST = "test"


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    """The channel's server took it."""
    FAILED = "failed"
    OPENED = "opened"
    """Sent, and then somebody opened the conversation."""
    WITHDRAWN = "withdrawn"
    """Not needed any more."""


@dataclass(frozen=True)
class Notice:
    """One message of one summon, or about a directive (`about`), to one channel. With `due_at` there is something still to do then: a first try, another, or
    one that died in the middle.

    `tried_at` is the beginning of the last of `attempts` tries; `problem` what went wrong in it, in words. `step` counts a ladder's channels from 0.
    """

    id: NoticeId
    kind: NoticeKind
    channel: str
    at: datetime
    step: int = 0
    state: NoticeState = NoticeState.WAITING
    summon: SummonId | None = None
    conversation: ConversationId | None = None
    due_at: datetime | None = None
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    attempts: int = 0
    problem: str = ""
    about: DirectiveId | None = None

    @property
    def untouched(self) -> bool:
        """Waits for its first try."""
        return self.state is NoticeState.WAITING and self.attempts == 0

    @property
    def exhausted(self) -> bool:
        """Tried as often as it is worth."""
        return self.attempts > len(BACKOFF)

    def due(self, at: datetime) -> "Notice":
        return replace(self, due_at=at)

    def leased(self, now: datetime) -> "Notice":
        """In somebody's hands. Should they die it is due again: rather told twice than never."""
        return replace(self, due_at=now + SENDING, attempts=self.attempts + 1, tried_at=now)

    def arrived(self, now: datetime) -> "Notice":
        """Taken by the channel's server. What was withdrawn while it left stays so."""
        state = self.state if self.state is NoticeState.WITHDRAWN else NoticeState.SENT
        return replace(self, state=state, due_at=None, sent_at=now, problem="")

    def failed(self, now: datetime, problem: str) -> "Notice":
        """Not taken. It is tried again, unless nobody needs it any more or it failed too often."""
        left = BACKOFF[self.attempts - 1 : self.attempts]
        return replace(self, state=NoticeState.FAILED, due_at=now + left[0] if left and self.due_at is not None else None, problem=problem)

    def withdrawn(self, problem: str = "") -> "Notice":
        """Nothing more is done about it. That it failed is still to be seen."""
        if self.state is NoticeState.FAILED:
            return replace(self, due_at=None)
        return replace(self, state=NoticeState.WITHDRAWN, due_at=None, problem=problem)

    def opened(self, now: datetime) -> "Notice":
        return replace(self, state=NoticeState.OPENED, opened_at=now)


def free_from(summon: Summon, asked_at: datetime | None) -> datetime | None:
    """From when on nobody has this summon, so that others are to be told; None when nobody needs to be.

    `asked_at` is when the customer began to wait for an answer, None when they do not. Who claims and walks away has it until the lease ends; who
    answers and walks away, until the customer has waited for that long.
    """
    if summon.status in ENDED or asked_at is None:
        return None
    if summon.status is SummonStatus.CLAIMED:
        return summon.lease_until
    if summon.status is SummonStatus.ANSWERED:
        return max(asked_at + LEASE, summon.lease_until or asked_at)
    return summon.opened_at


def again_at(now: datetime, tried_at: datetime) -> datetime:
    """When a channel may hear of this customer again."""
    return max(now, tried_at + AGAIN)


# ---- words


@dataclass(frozen=True)
class Told:
    """What a person reads on their phone: plain text."""

    title: str
    body: str


@dataclass(frozen=True)
class Call:
    """What there is to tell of one summon. `name` and `asked` are the customer's: only channels with leave for words get them."""

    business: str
    reasons: Sequence[str]
    asked_at: datetime
    link: str
    name: str | None = None
    asked: str = ""


def told(call: Call, notice: Notice, channel: Channel, now: datetime) -> Told:
    """The message: who waits how long, why a person was called, and where to answer."""
    who = call.name if channel.words and call.name else "A customer"
    minutes = max(0, int((now - call.asked_at).total_seconds() // 60))
    waits = f"has waited {minutes} min for a person" if minutes else "waits for a person"
    lines = [f"{who} wrote again and {waits}." if notice.kind is NoticeKind.AGAIN else f"{who} {waits}."]
    lines += [reason if channel.words else _without_words(reason) for reason in call.reasons]
    if channel.words and call.asked:
        lines.append(f"“{call.asked if len(call.asked) <= WORDS else call.asked[: WORDS - 1] + '…'}”")
    return Told(f"{call.business}: {who} {'wrote again' if notice.kind is NoticeKind.AGAIN else 'waits for you'}", "\n".join([*lines, call.link]))


def told_of_season(business: str, title: str, until: date, link: str) -> Told:
    """The message that something is not used any more after a day, and where to propose that it is."""
    day = f"{until:%A}, {until.day} {until:%B}"
    return Told(
        f"{business}: “{title}” ends on {day}",
        f"“{title}” is in force until {day}, and is not used after that day. To keep it longer, propose a later one.\n{link}",
    )


def by_day(local: datetime) -> datetime:
    """The time itself, or the next morning's where it is night."""
    if local.time() < DAY[0]:
        return datetime.combine(local.date(), DAY[0], local.tzinfo)
    return local if local.time() < DAY[1] else datetime.combine(local.date() + timedelta(days=1), DAY[0], local.tzinfo)


def told_as_test(business: str, channel: Channel, address: str) -> Told:
    who = channel.person or channel.name
    return Told(f"{business}: a test", f"This reaches {who} when a customer waits for a person. Nobody waits because of this test.\n{address}")


def _without_words(reason: str) -> str:
    """What stands behind a colon quotes: the draft's words, in which the customer's may be."""
    general, colon, _ = reason.partition(":")
    return f"{general}." if colon else reason


TWELVE_HOURS = frozenset({"US", "CA", "AU", "NZ", "PH"})
"""Countries where customers read '3:40 pm' rather than '15:40'."""


def time_of_day(local: datetime, country: str) -> str:
    """A time to promise, to the next five minutes."""
    late = local + timedelta(minutes=5) - timedelta(microseconds=1)
    rounded = late.replace(minute=late.minute - late.minute % 5)
    if country not in TWELVE_HOURS:
        return f"{rounded:%H:%M}"
    return f"{rounded.hour % 12 or 12}:{rounded:%M} {'am' if rounded.hour < 12 else 'pm'}"
