"""Keys for programs. None of them can approve: what becomes live is decided by people."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicegit.domain.ids import PersonId


class Scope(StrEnum):
    CUSTOMER = "customer"
    """A channel: opens conversations, brings customers' messages, reads what customers may read."""
    OPERATOR = "operator"
    """Works the inbox as its person: claims, replies, hands back, judges replies."""
    READ = "read"
    """Looks at everything, changes nothing."""


@dataclass(frozen=True)
class Token:
    """`digest` is the SHA-256 of the secret, which is shown once and never stored. `person` is who an operator's token acts for."""

    id: str
    name: str
    scope: Scope
    digest: str
    created_at: datetime
    person: PersonId | None = None
    revoked_at: datetime | None = None


def digest(secret: str) -> str:
    """Secrets are 256 random bits, so a plain hash is enough; no slow one is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
