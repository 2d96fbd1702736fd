"""Issues, checks and revokes the keys of programs."""

import secrets
from dataclasses import replace

from voicegit.domain.people import Person
from voicegit.domain.token import Scope, Token, digest
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Transaction, Workspace


def issue(workspace: Workspace, name: str, *, scope: Scope, person: Person | None = None) -> tuple[Token, str]:
    """The token and its secret, which nobody can show again."""
    if scope is Scope.OPERATOR and person is None:
        raise Invalid("An operator's token acts for a person. Name the person with --as.")
    if not name.strip() or len(name) > 80:
        raise Invalid("A token needs a name of 1 to 80 characters, so that you know later what it was for.")
    secret = f"vg_{secrets.token_urlsafe(32)}"
    token = Token(
        id=workspace.clock.new_id(),
        name=name.strip(),
        scope=scope,
        digest=digest(secret),
        created_at=workspace.clock.now(),
        person=person.id if person is not None and scope is Scope.OPERATOR else None,
    )
    workspace.store.write(lambda tx: tx.tokens.add(token))
    return token, secret


def find(workspace: Workspace, secret: str) -> Token | None:
    """The live token behind a secret, or None."""
    return workspace.store.read.tokens.first(digest=digest(secret), revoked_at=None)


def revoke(workspace: Workspace, name: str) -> Token:
    """From now on it opens nothing. Raises `NotFound`."""

    def step(tx: Transaction) -> Token:
        old = tx.tokens.first(name=name, revoked_at=None) or tx.tokens.first(id=name, revoked_at=None)
        if old is None:
            raise NotFound(f"There is no token called {name[:60]!r} in use. 'voicegit token list' shows them.")
        new = replace(old, revoked_at=workspace.clock.now())
        tx.tokens.replace(old, new)
        return new

    return workspace.store.write(step)
