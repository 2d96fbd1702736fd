"""Signing in: one-time links, which are rows so that another process may make them, and passphrases."""

import contextlib
import secrets
from dataclasses import replace
from datetime import timedelta

from voicegit.domain import signin
from voicegit.domain.ids import PersonId
from voicegit.domain.people import Person
from voicegit.domain.signin import SOON, Link, Passphrase
from voicegit.domain.token import digest
from voicegit.errors import Forbidden, Unavailable
from voicegit.ports import Transaction, Workspace

KEPT = timedelta(days=30)
"""How long a link that opens nothing any more stays, for whoever wonders."""

SEEN = timedelta(minutes=5)
"""How often it is written down that somebody was here."""


def path(secret: str) -> str:
    """What stands behind the address of the service in a link."""
    return f"/sign-in?code={secret}"


# ---- links


def link(workspace: Workspace, person: PersonId, *, life: timedelta = SOON) -> str:
    """The secret of a new link, which nobody can show again."""
    secret = secrets.token_urlsafe(32)
    now = workspace.clock.now()
    made = Link(digest(secret), person, now, now + life)

    def step(tx: Transaction) -> None:
        for old in tx.links.find(until__lt=now - KEPT):
            tx.links.remove(old)
        tx.links.add(made)

    workspace.store.write(step)
    return secret


def whose(workspace: Workspace, secret: str) -> Person | None:
    """Who could sign in with it now; that uses nothing up."""
    return _whose(workspace, workspace.store.read, secret)


def redeem(workspace: Workspace, secret: str, *, said: str = "") -> Person | None:
    """Who the link is for, once; None when it was used, is too old or never was.

    `said` becomes their passphrase. Raises `Invalid` for one that cannot; the link is then as good as before.
    """
    person = whose(workspace, secret)
    if person is None:
        return None
    chosen = _new(workspace, person, said) if said else None

    def step(tx: Transaction) -> Person | None:
        now = _whose(workspace, tx, secret)
        if now is None:
            return None
        old = tx.links.get(digest(secret))
        tx.links.replace(old, old.used(workspace.clock.now()))
        if chosen is not None and tx.passphrases.first(id=now.id) is None:
            tx.passphrases.add(chosen)
        return now

    return workspace.store.write(step)


def _whose(workspace: Workspace, tx: Transaction, secret: str) -> Person | None:
    found = tx.links.first(id=digest(secret))
    if found is None or not found.good(workspace.clock.now()):
        return None
    person = tx.people.first(id=found.person)
    return person if person is not None and person.holds(found.made_at) else None


# ---- passphrases


def has_passphrase(workspace: Workspace, person: Person) -> bool:
    return workspace.store.read.passphrases.first(id=person.id) is not None


def set_passphrase(workspace: Workspace, person: Person, said: str) -> None:
    """In place of the old one, if there was one. Raises `Invalid` for one that is too short or too easily guessed."""
    chosen = _new(workspace, person, said)

    def step(tx: Transaction) -> None:
        old = tx.passphrases.first(id=person.id)
        if old is None:
            tx.passphrases.add(chosen)
        else:
            tx.passphrases.replace(old, chosen)

    workspace.store.write(step)


def _new(workspace: Workspace, person: Person, said: str) -> Passphrase:
    return signin.passphrase(person.id, said, salt=secrets.token_hex(16), name=person.name, now=workspace.clock.now())


def by_passphrase(workspace: Workspace, name: str, said: str) -> Person | None:
    """The person of that name, if the passphrase is theirs. Takes equally long whether or not there is one."""
    wanted = name.strip().casefold()
    person = next((one for one in workspace.store.read.people.find(left_at=None) if one.name.casefold() == wanted), None)
    known = workspace.store.read.passphrases.first(id=person.id) if person is not None else None
    if known is None:
        signin.in_vain(said)
        return None
    return person if known.fits(said) else None


def confirm(workspace: Workspace, person: Person, said: str) -> None:
    """Raises `Forbidden` unless the passphrase is this person's."""
    if by_passphrase(workspace, person.name, said) is None:
        raise Forbidden("That is not your passphrase. What you had written is kept; try again.")


def seen(workspace: Workspace, person: Person) -> None:
    """Notes that somebody is here, now and then. Nothing hangs on it: no page fails because of it."""
    now = workspace.clock.now()
    if person.seen_at is not None and now - person.seen_at < SEEN:
        return

    def step(tx: Transaction) -> None:
        old = tx.people.get(person.id)
        tx.people.replace(old, replace(old, seen_at=now))

    with contextlib.suppress(Unavailable):
        workspace.store.write(step)
