"""How people prove who they are: links that are good once, and a passphrase of their own to come back with."""

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from voicegit.domain.ids import PersonId
from voicegit.errors import Invalid

SOON = timedelta(minutes=15)
"""How long a link is good for somebody who asked for it."""

INVITATION = timedelta(hours=24)
"""How long a link is good that one person gives to another."""

SHORTEST, LONGEST = 8, 200
"""Characters of a passphrase."""

_FIRST_TRIED = {
    "password",
    "passwort",
    "passphrase",
    "qwerty",
    "qwertz",
    "qwertyuiop",
    "letmein",
    "welcome",
    "iloveyou",
    "voicegit",
    "changeme",
    "abcd",
    "abcdefgh",
}
"""With digits and signs around them or without."""

_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": 32}
"""About a tenth of a second and 32 MB a try."""


@dataclass(frozen=True)
class Link:
    """A way in that is good once. `id` is the SHA-256 of its secret, which is shown once and never stored."""

    id: str
    person: PersonId
    made_at: datetime
    until: datetime
    used_at: datetime | None = None

    def good(self, now: datetime) -> bool:
        return self.used_at is None and now < self.until

    def used(self, now: datetime) -> "Link":
        return replace(self, used_at=now)


@dataclass(frozen=True)
class Passphrase:
    """`id` is its person's. Only a salted, slow hash of it is kept."""

    id: PersonId
    salt: str
    hash: str
    set_at: datetime

    def fits(self, said: str) -> bool:
        return hmac.compare_digest(_hash(said, self.salt), self.hash)


def passphrase(person: PersonId, said: str, *, salt: str, name: str, now: datetime) -> Passphrase:
    """Raises `Invalid` for one that is easily guessed."""
    if not SHORTEST <= len(said) <= LONGEST:
        raise Invalid(f"A passphrase has {SHORTEST} to {LONGEST} characters; this one has {len(said)}. Three or four words make a good one.")
    bare = re.sub(r"[\W\d_]", "", said.casefold())
    if len(set(bare)) < 4 or bare in {re.sub(r"[\W\d_]", "", name.casefold()), *_FIRST_TRIED}:
        raise Invalid("That passphrase is too easily guessed. Three or four words that do not belong together make a good one.")
    return Passphrase(person, salt, _hash(said, salt), now)


def in_vain(said: str) -> None:
    """Takes as long as looking at a real one, so that nobody learns who has one."""
    _hash(said, "0" * 32)


def _hash(said: str, salt: str) -> str:
    return hashlib.scrypt(said[:LONGEST].encode("utf-8", "replace"), salt=bytes.fromhex(salt), **_COST).hex()


def local_place(place: str | None) -> str | None:
    """A place of this service to go on to, if it is one and nothing else: a path from the root, never another site's address."""
    if place is None or len(place) > 600 or re.fullmatch(r"/(?!/)[!-\[\]-~]*", place) is None:
        return None
    return place
