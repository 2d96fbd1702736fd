"""Requests that named an Idempotency-Key: done once, and answered the same when they are repeated."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from voicegit.domain.work import Remembered
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Transaction, Workspace

KEPT = timedelta(days=7)
BEGUN = 0
"""The status of a request whose answer is not known yet."""


def begin(workspace: Workspace, id: str, digest: str) -> Remembered | None:
    """The answer that this request had before; None when it is new, and then it has begun.

    Raises `Invalid` for the same key with another request, `Conflict` when the first one is not finished.
    """

    def step(tx: Transaction) -> Remembered | None:
        known = tx.remembered.first(id=id)
        if known is None:
            tx.remembered.add(Remembered(id, digest, BEGUN, "", workspace.clock.now()))
        return known

    known = workspace.store.write(step)
    if known is None:
        return None
    if known.digest != digest:
        raise Invalid("This Idempotency-Key was used for another request. Nothing was done; use a new key for a new request.")
    if known.status == BEGUN:
        raise Conflict("A request with this Idempotency-Key has begun and its end is not known yet. Look whether it was done; if not, use a new key.")
    return known


def finish(workspace: Workspace, id: str, *, status: int, body: str) -> None:
    def step(tx: Transaction) -> None:
        begun = tx.remembered.get(id)
        tx.remembered.replace(begun, replace(begun, status=status, body=body))

    workspace.store.write(step)


def forget(workspace: Workspace, id: str) -> None:
    """For a request that was refused and changed nothing: it may be tried again with the same key."""
    workspace.store.write(lambda tx: tx.remembered.remove(tx.remembered.get(id)))


def blank(tx: Transaction, ids: Collection[str]) -> None:
    """Takes out the answers that are about one of these ids. A repeat is refused then, and nothing is done twice."""
    for id in ids:
        for one in tx.remembered.find(body__contains=id):
            tx.remembered.replace(one, replace(one, status=BEGUN, body=""))


def forget_old(workspace: Workspace) -> int:
    """Nobody repeats a request after a week."""

    def step(tx: Transaction) -> int:
        old = tx.remembered.find(at__lt=workspace.clock.now() - KEPT, limit=1000)
        for one in old:
            tx.remembered.remove(one)
        return len(old)

    return workspace.store.write(step)
