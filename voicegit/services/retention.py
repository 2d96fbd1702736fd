"""How long texts are kept: `[privacy] keep_days` in the policy. What is older goes as if it were erased; ids, times and decisions stay."""

from datetime import timedelta

from voicegit.domain.conversation import Floor
from voicegit.domain.erasure import Erasure
from voicegit.ports import Transaction, Workspace
from voicegit.services import erase

BATCH = 100
"""Conversations that one step erases at the most, so that no customer waits behind it."""


def sweep(workspace: Workspace) -> int:
    """Erases the texts of conversations in which nothing was said for `keep_days` and nobody waits; how many there were. 0 days: nothing ever goes.

    Ends what an earlier erasure left to be done, too.
    """
    days = workspace.directives.serving().policy.privacy.keep_days
    erased = 0
    while days and (some := workspace.store.write(lambda tx: _some(tx, workspace, timedelta(days=days)))):
        erased += some
    erase.wipe(workspace)
    return erased


def _some(tx: Transaction, workspace: Workspace, keep: timedelta) -> int:
    now = workspace.clock.now()
    old = []
    for talk in tx.conversations.find(erased_at=None, opened_at__lt=now - keep, floor=Floor.MODEL, waits_from=None, order="opened_at"):
        last = tx.messages.first(id=talk.newest) if talk.newest else None
        if last is None or last.at < now - keep:
            old.append(talk)
        if len(old) == BATCH:
            break
    erase.texts(tx, old, now)
    if old:
        tx.erasures.add(Erasure(workspace.clock.new_id(), now, len(old)))
    return len(old)
