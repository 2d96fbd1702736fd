"""Messages to people's phones, chats and mailboxes. The only module that imports Apprise, and only when there is something to send."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicegit.domain.notice import Channel, Told
from voicegit.errors import Unavailable

if TYPE_CHECKING:
    from apprise import AppriseResult, NotifyBase

DEADLINE = 10.0
"""Seconds after which a message counts as not sent."""

CONNECT, READ = 4.0, 8.0
"""Seconds that one request may take at the most, whatever the address asks for: what is given up on must not hold a thread for long."""

NOT_INSTALLED = "Apprise is not installed, so nobody can be told. Install it: pip install 'voicegit[notify]'."


@dataclass(frozen=True)
class AppriseNotifier:
    """Fulfils `ports.Notifier`."""

    channels: tuple[Channel, ...]
    address: str

    def examine(self, channel: Channel) -> str | None:
        try:
            import apprise
        except ImportError:
            return NOT_INSTALLED
        scheme = channel.url.split("://")[0].lower()
        if scheme not in apprise.NotificationManager():  # type: ignore[no-untyped-call]
            return f"'{scheme}://' is not a kind of address that Apprise knows. Its list: https://appriseit.com/services/"
        if _service(channel) is None:
            return f"This is not a whole '{scheme}://' address, or this machine lacks what it needs. How to write it: https://appriseit.com/services/"
        return None

    def send(self, channel: Channel, told: Told) -> None:
        problem = self.examine(channel)
        service = _service(channel) if problem is None else None
        if service is None:
            raise Unavailable(problem or NOT_INSTALLED)
        from apprise import Apprise, NotifyFormat

        sender = Apprise()
        sender.add(service)
        result = sender.notify(told.body, title=told.title, body_format=NotifyFormat.TEXT, timeout=DEADLINE)
        if not result:
            raise Unavailable(_problem(result, channel))


def _service(channel: Channel) -> "NotifyBase | None":
    from apprise import Apprise

    service = Apprise.instantiate(channel.url)
    if service is not None:
        service.socket_connect_timeout = min(service.socket_connect_timeout, CONNECT)
        service.socket_read_timeout = min(service.socket_read_timeout, READ)
    return service


def _problem(result: "AppriseResult", channel: Channel) -> str:
    """What Apprise said about it, without any part of the address: each may be the secret."""
    from apprise import AppriseResultStatus

    if result.status == AppriseResultStatus.TIMEOUT:
        return f"Its server did not answer within {DEADLINE:.0f} seconds."
    said: list[Any] = [entry.message for entry in result.logs()]
    words = " ".join(str(said[-1]).split()) if said else "Its server did not take the message."
    for part in sorted(set(re.split(r"[^\w.-]+", channel.url.split("://", 1)[1])), key=len, reverse=True):
        words = words.replace(part, "…") if len(part) > 3 else words
    return words[:300]
