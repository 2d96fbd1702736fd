"""Forgets somebody: the record of a customer and every word of their conversations, in one step. Ids stay, so that evidence keeps its chain."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from voicegit.domain import erasure, mention
from voicegit.domain.conversation import Conversation
from voicegit.domain.erasure import Erasure
from voicegit.domain.ids import ConversationId, ProposalId
from voicegit.domain.people import Customer, Person
from voicegit.domain.work import DeliveryState, Event, Job, JobKind
from voicegit.errors import NotFound
from voicegit.ports import Table, Transaction, Workspace
from voicegit.services import forgotten, mistakes, people, remembered
from voicegit.services.forgotten import Touched

T = TypeVar("T")

STAYS = (
    "that there were conversations, when, and how each was decided, under their ids: evidence then reads “erased”",
    "what was approved or declined: the directives never held personal data",
    "backups and exports that you made: delete those yourself",
)


@dataclass(frozen=True)
class Found:
    """What would go. `customer` is None for a conversation of somebody unknown; `mentions` counts texts of others that name them in full."""

    customer: Customer | None
    conversations: tuple[Conversation, ...]
    messages: int
    signals: int
    mentions: int
    proposals: Touched

    @property
    def name(self) -> str:
        return self.customer.name if self.customer else "the conversation"

    @property
    def goes(self) -> tuple[str, ...]:
        """In words, for whoever has to confirm it."""
        said = ["the customer record: name, contacts, notes and fields"] if self.customer else []
        said.append(f"every text of {_some(len(self.conversations), 'conversation')}: {_some(self.messages, 'message')}, drafts, notes and reasons")
        said += [f"what {_some(self.signals, 'lesson')} said; what still waits is not learned from"] if self.signals else []
        said += [f"the full name and contacts in {_some(self.mentions, 'other text')}"] if self.mentions else []
        return (*said, *self.closing)

    @property
    def closing(self) -> tuple[str, ...]:
        """What becomes of open proposals that were learned from it, in words."""
        end, go_on = self.proposals.end, self.proposals.go_on
        said = [f"{_named(end)}, learned from it: closed, with the reason “erased”; what others taught in it waits to be learned again"] if end else []
        return (*said, *([f"its part of {_named(go_on)}, written anew with what others taught"] if go_on else []))


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _named(names: Sequence[ProposalId]) -> str:
    return f"{'proposal' if len(names) == 1 else 'proposals'} {', '.join(names)}"


def look(workspace: Workspace, name: str) -> Found:
    """What there is of the customer of that name or id, or of the conversation of that id. Raises `NotFound`."""
    tx = workspace.store.read
    customer = people.find_customer(tx, name)
    talks = tx.conversations.find(customer=customer.id) if customer else tx.conversations.find(id=name.strip())
    if customer is None and talks and talks[0].customer is not None:
        raise NotFound("This conversation is a customer's. Erase the customer, by name or id: all of their conversations go together.")
    if customer is None and not talks:
        raise NotFound(f"There is no customer and no conversation called {name[:60]!r}. Of whoever was erased nothing is left to be found.")
    ids = [one.id for one in talks]
    return Found(
        customer,
        tuple(talks),
        tx.messages.count(conversation__in=ids),
        tx.signals.count(conversation__in=ids),
        sum(len(rows) for _, rows in _mentions(tx, customer, _patterns(workspace, customer), set(ids))) if customer else 0,
        forgotten.touched(workspace, ids),
    )


def behind(workspace: Workspace, conversation: ConversationId) -> Found:
    """What there is of whoever wrote in this conversation. Raises `NotFound`."""
    talk = workspace.store.read.conversations.get(conversation)
    return look(workspace, talk.customer or talk.id)


def erase(workspace: Workspace, found: Found, *, by: Person) -> Erasure:
    """All of it or nothing, whatever is open or being answered. Then the file is written anew; `wiped_at` is None while that could not be finished.

    Only an owner may: raises `Forbidden`. What came since the look goes too. Who was erased meanwhile is `NotFound`.
    """
    by.must_own()

    def step(tx: Transaction) -> Erasure:
        now = workspace.clock.now()
        customer = tx.customers.get(found.customer.id) if found.customer else None
        talks = tx.conversations.find(customer=customer.id) if customer else [tx.conversations.get(one.id) for one in found.conversations]
        texts(tx, talks, now)
        if customer is not None:
            wanted = _patterns(workspace, customer)
            for table, rows in _mentions(tx, customer, wanted, set()):
                _change(table, rows, lambda row: erasure.without(row, wanted))
            tx.customers.remove(customer)
        alone = None if customer else talks[0].id
        row = Erasure(workspace.clock.new_id(), now, len(talks), customer.id if customer else None, alone, by.id)
        tx.erasures.add(row)
        return row

    row = workspace.store.write(step)
    wipe(workspace)
    return workspace.store.read.erasures.get(row.id)


def wipe(workspace: Workspace) -> bool:
    """Takes from open proposals and from the file what erasures have left in them. True when nothing is left to do."""
    waiting = workspace.store.read.erasures.find(wiped_at=None)
    if not waiting:
        return True
    forgotten.settle(workspace)
    if not workspace.store.wipe():
        return False

    def step(tx: Transaction) -> None:
        for row in waiting:
            tx.erasures.replace(row, replace(row, wiped_at=workspace.clock.now()))

    workspace.store.write(step)
    return True


def texts(tx: Transaction, talks: Sequence[Conversation], now: datetime) -> None:
    """The words of these conversations, wherever they stand; whatever was under way in them ends."""
    for talk in talks:
        _stop(tx, talk, now)
        _change(tx.messages, tx.messages.find(conversation=talk.id), erasure.of_message)
        _change(tx.turns, tx.turns.find(conversation=talk.id), lambda one: erasure.of_turn(one, now))
        _change(tx.summons, tx.summons.find(conversation=talk.id), lambda one: erasure.of_summon(one, now))
        _change(tx.notices, tx.notices.find(conversation=talk.id), erasure.of_notice)
        _change(tx.signals, tx.signals.find(conversation=talk.id), erasure.of_signal)
        _remove(tx.composings, talk.id)
        _remove(tx.ratings, talk.id)
        _remove(tx.replayed, talk.id)
        source = None if talk.source is None else gone(talk.source)
        tx.conversations.replace(talk, erasure.of_conversation(talk, now, source))
        tx.events.add(Event("erased", now, talk.id, {}))
    forgotten.blank(tx, [one.id for one in talks])
    mistakes.erase(tx, [one.id for one in talks])
    remembered.blank(tx, {one.id for one in talks} | {one.customer for one in talks if one.customer})


def gone(source: str) -> str:
    """What stands for the id of an import, which may be somebody's: enough to know it again, and not to read it."""
    return f"erased:{sha256(source.encode()).hexdigest()}"


def _stop(tx: Transaction, talk: Conversation, now: datetime) -> None:
    for job in tx.jobs.find(id=Job.key(JobKind.TURN, talk.id)):
        tx.jobs.remove(job)
    for delivery in tx.outbox.find(conversation=talk.id, state=DeliveryState.WAITING):
        tx.outbox.replace(delivery, replace(delivery, state=DeliveryState.WITHDRAWN))


def _change(table: Table[T], rows: Sequence[T], change: Callable[[T], T]) -> None:
    for row in rows:
        table.replace(row, change(row))


def _remove(table: Table[Any], talk: ConversationId) -> None:
    for row in table.find(conversation=talk):
        table.remove(row)


# ---- their name in the texts of others


def _patterns(workspace: Workspace, customer: Customer) -> tuple[str, ...]:
    return mention.wanted(customer, workspace.directives.serving().policy.business.country)


def _mentions(tx: Transaction, customer: Customer, wanted: Sequence[str], own: Collection[ConversationId]) -> Iterator[tuple[Table[Any], list[Any]]]:
    """The rows outside these conversations that name a customer in full, or hold one of their contacts."""
    for table, columns in _texts(tx) if wanted else ():
        holding: list[dict[str, Any]] = [{f"{column}__mentions": wanted} for column in columns]
        rows = {row.id: row for condition in holding for row in table.find(**condition)}
        yield table, [row for row in rows.values() if row != customer and getattr(row, "conversation", None) not in own]


def _texts(tx: Transaction) -> tuple[tuple[Table[Any], tuple[str, ...]], ...]:
    """Every column that may hold somebody's words. A test holds this list against the schema."""
    return (
        (tx.messages, ("text",)),
        (tx.turns, ("draft", "assessment", "reasons")),
        (tx.summons, ("reasons",)),
        (tx.signals, ("customer_text", "text", "ours", "reason")),
        (tx.composings, ("text",)),
        (tx.customers, ("contacts", "notes", "fields")),
        (tx.distillations, ("summary", "title", "operations", "dropped")),
        (tx.decisions, ("reason",)),
        (tx.judgements, ("reason", "text")),
        (tx.replays, ("problem",)),
        (tx.replayed, ("before", "after")),
        (tx.mistakes, ("question", "wrong", "reason", "better", "because")),
        (tx.notices, ("problem",)),
        (tx.events, ("body",)),
        (tx.remembered, ("body",)),
    )
