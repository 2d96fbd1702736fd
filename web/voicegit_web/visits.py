"""The key of a visitor: a signed text that names one conversation at one site. Whoever holds it is that visitor; nobody can make one up."""

from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from voicegit.domain.ids import ConversationId, CustomerId
from voicegit.domain.site import Site, Visit

LIFE = timedelta(days=30)
"""How long a visitor may stay away and still go on where they were. Each message begins it anew."""

MOST = 400
"""Characters that a key has at the most."""


def key(visit: Visit) -> str:
    return _serializer().dumps([visit.site, visit.talk, visit.customer])


def read(text: str | None, site: Site) -> Visit | None:
    """The visit at this site that a key names; None for one that is too old, of another site, or not ours."""
    if not text or len(text) > MOST:
        return None
    try:
        of, talk, customer = _serializer().loads(text, max_age=int(LIFE.total_seconds()))
    except (BadData, ValueError, TypeError):
        return None
    return Visit(of, ConversationId(talk), CustomerId(customer) if customer else None) if of == site.id else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="voicegit visit")
