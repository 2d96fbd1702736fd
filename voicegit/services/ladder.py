"""What is to be told about a summon, and when, written as rows in the transaction that changed it, so that no crash loses it. `notify` sends."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from voicegit.domain.conversation import unanswered
from voicegit.domain.ids import ConversationId, NoticeId
from voicegit.domain.notice import Channel, Notice, NoticeKind, NoticeState, again_at, free_from
from voicegit.domain.policy import Summons
from voicegit.domain.summon import Summon
from voicegit.ports import Transaction, Workspace

LOOK_BACK = 200
"""Messages that are looked through for the one a customer has waited for an answer to."""


def called(tx: Transaction, workspace: Workspace, summon: Summon, policy: Summons) -> None:
    """A person is called: a row for each step of the ladder, and one for the customer, after the last step."""
    channels = workspace.notifier.channels
    for channel in channels:
        _lay(tx, workspace, summon, channel, due=summon.opened_at + channel.after)
    if policy.tell_after_minutes:
        waits = max([timedelta(minutes=policy.tell_after_minutes), *(channel.after for channel in channels)])
        id = NoticeId(workspace.clock.new_id())
        row = Notice(id, NoticeKind.TIME, "", summon.opened_at, len(channels), summon=summon.id, conversation=summon.conversation)
        tx.notices.add(row.due(summon.opened_at + waits))


def claimed(tx: Transaction, workspace: Workspace, summon: Summon) -> None:
    """Somebody has it: the ladder begins again when their time is over, should they have walked away by then."""
    free = free_from(summon, asked_at(tx, summon)) if workspace.notifier.channels else None
    if free is None or free <= workspace.clock.now():
        return
    rows = _rows(tx, summon)
    for row in rows:
        if row.due_at is not None and row.state is NoticeState.FAILED:
            tx.notices.replace(row, row.withdrawn())
    for channel in workspace.notifier.channels:
        due = free + channel.after
        waiting = next((row for row in rows if row.channel == channel.name and row.untouched), None)
        if waiting is not None:
            tx.notices.replace(waiting, waiting.due(due))
        else:
            _lay(tx, workspace, summon, channel, due=due)


def wrote_again(tx: Transaction, workspace: Workspace, conversation: ConversationId) -> None:
    """The customer wrote while a person is called or has the floor: who was told hears it again; who holds the conversation has their time to answer."""
    summon = tx.summons.first(conversation=conversation, ended_at=None) if workspace.notifier.channels else None
    free = free_from(summon, asked_at(tx, summon)) if summon is not None else None
    if summon is None or free is None:
        return
    now, rows = workspace.clock.now(), _rows(tx, summon)
    for channel in workspace.notifier.channels:
        mine = [row for row in rows if row.channel == channel.name]
        tried = [row.tried_at for row in mine if row.tried_at is not None]
        if any(row.due_at is not None for row in mine):
            continue
        if free > now:
            _lay(tx, workspace, summon, channel, due=free + channel.after)
        elif tried:
            _lay(tx, workspace, summon, channel, due=again_at(now, max(tried)), kind=NoticeKind.AGAIN)


def asked_at(tx: Transaction, summon: Summon) -> datetime | None:
    """When its customer began to wait for an answer; None when they do not."""
    settled = tx.conversations.get(summon.conversation).settled_seq
    waiting = unanswered(tx.messages.find(conversation=summon.conversation, order="-seq", limit=LOOK_BACK)[::-1], settled)
    return waiting[0].at if waiting else None


def _rows(tx: Transaction, summon: Summon) -> Sequence[Notice]:
    return [row for row in tx.notices.find(summon=summon.id) if row.kind is not NoticeKind.TIME]


def _lay(tx: Transaction, workspace: Workspace, summon: Summon, channel: Channel, *, due: datetime, kind: NoticeKind = NoticeKind.CALL) -> None:
    step = workspace.notifier.channels.index(channel)
    row = Notice(NoticeId(workspace.clock.new_id()), kind, channel.name, workspace.clock.now(), step, summon=summon.id, conversation=summon.conversation)
    tx.notices.add(row.due(due))
