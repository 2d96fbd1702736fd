"""Sites: where customers write to us. A public page, and other pages that may show it in a frame."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from voicegit.domain.ids import ConversationId, CustomerId, MessageId
from voicegit.errors import Invalid

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
USER = re.compile(r"[!-~]{1,128}")
"""An id that a shop has for a user: printable ASCII without spaces."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_ORIGINS = 20


@dataclass(frozen=True)
class Site:
    """`token` names the site in addresses and is no secret. `secret` is shared with the shop's server, which vouches with it for its users.

    `origins` are the pages that may show it in a frame; none means that it is only a page of its own.
    """

    id: str
    name: str
    token: str
    secret: str
    created_at: datetime
    origins: tuple[str, ...] = ()
    revoked_at: datetime | None = None

    @property
    def channel(self) -> str:
        """What its conversations are marked with."""
        return f"site:{self.name}"

    @property
    def ancestors(self) -> str:
        """For the `frame-ancestors` of its page."""
        return " ".join(self.origins) or "'none'"

    def vouches(self, user: str, digest: str) -> bool:
        """Whether `digest` is the hex HMAC-SHA256 of the user's id under this site's secret: then the shop's server knows them."""
        good = hmac.new(self.secret.encode(), user.encode("utf-8", "ignore"), hashlib.sha256).hexdigest()
        return USER.fullmatch(user) is not None and hmac.compare_digest(good.encode(), digest.strip().lower().encode("utf-8", "ignore"))

    def contact(self, user: str) -> str:
        """How a customer record names this user. Another site's user of the same id is another person."""
        return f"user:{user}@{self.name}"


@dataclass(frozen=True)
class Visit:
    """What a visitor's key says: one conversation at one site, which begins with their first message. `customer` is who a shop's server vouched for."""

    site: str
    talk: ConversationId
    customer: CustomerId | None = None


@dataclass(frozen=True)
class Rating:
    """A customer's thumb on one reply of the model; `id` is the reply's. People are shown it; by itself it teaches nothing."""

    id: MessageId
    conversation: ConversationId
    up: bool
    at: datetime


def fit_name(name: str) -> str:
    """Raises `Invalid` for a name that could not stand in an address or beside a conversation."""
    kept = name.strip()
    if NAME.fullmatch(kept) is None:
        raise Invalid("A site's name has 1 to 40 letters, digits, spaces, '.', '_' or '-', and begins with a letter or digit. Nothing was written.")
    return kept


def fit_origin(text: str) -> str:
    """`https://shop.example` or with a port, as a browser names it. Plain http only on this machine. Raises `Invalid`."""
    try:
        parts = urlsplit(text.strip().rstrip("/").lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    named = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host) is not None or host == "::1"
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    if not (named and safe) or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise Invalid(f"{text[:80]!r} cannot show the chat. Write the page's origin as https://shop.example, without a path. Nothing was written.")
    usual = {"https": 443, "http": 80}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, usual} else "")


def shown(channel: str) -> str:
    """A conversation's channel as people read it: the site's name, or what came before the first colon."""
    kind, _, name = channel.partition(":")
    return name if kind == "site" else kind
