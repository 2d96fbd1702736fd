"""Who waits for a person, as a person wants to read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voicegit.domain.conversation import Author, unanswered
from voicegit.domain.ids import ConversationId
from voicegit.domain.summon import Summon, SummonStatus
from voicegit.domain.turn import Turn
from voicegit.ports import Transaction, Workspace
from voicegit.services import takeover
from voicegit.services import turn as turns
from voicegit.services.conversation import lease_turn

LOOK_BACK = 200
"""Messages that are looked through for the one a customer has waited for an answer to."""


@dataclass(frozen=True)
class Waiting:
    """One summon. `text` is the customer's newest message; `since` when they began to wait for an answer; `draft` what the model would have said.

    `waits` is False when a person has answered all of it and holds the conversation.
    """

    summon: Summon
    customer: str | None
    channel: str
    text: str
    since: datetime
    now: datetime
    person: str | None
    draft: str
    waits: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "summon": self.summon.id,
            "conversation": self.summon.conversation,
            "status": self.summon.status.value,
            "person": self.person,
            "customer": self.customer,
            "channel": self.channel,
            "text": self.text,
            "reasons": list(self.summon.reasons),
            "waiting_since": self.since.isoformat(),
            "draft": self.draft,
            "waits": self.waits,
        }

    def in_words(self) -> str:
        who = f"{self.customer or 'A customer'} ({self.channel})"
        if not self.waits:
            return f"{who} was answered by {self.person}, who holds the conversation.\n  voicegit handback {self.summon.conversation}"
        minutes = max(0, int((self.now - self.since).total_seconds() // 60))
        held = f", {self.person} has it" if self.person else ""
        lines = [f"{who} has waited {minutes} min{held}: “{self.text}”"]
        lines += [f"  - {reason}" for reason in self.summon.reasons]
        return "\n".join([*lines, f'  voicegit reply {self.summon.conversation} "…"'])


def waiting(workspace: Workspace) -> list[Waiting]:
    """The live summons: customers who wait first, longest first; then what a person has answered and still holds."""
    tx = workspace.store.read
    summons = takeover.waiting(workspace)
    talks = {c.id: c for c in tx.conversations.find(id__in={s.conversation for s in summons})}
    customers = {c.id: c.name for c in tx.customers.find(id__in={t.customer for t in talks.values() if t.customer})}
    people = {p.id: p.name for p in tx.people.find()}
    rows = []
    for summon in summons:
        talk = talks[summon.conversation]
        asked = unanswered(tx.messages.find(conversation=talk.id, order="-seq", limit=LOOK_BACK)[::-1], talk.settled_seq)
        rows.append(
            Waiting(
                summon=summon,
                customer=customers.get(talk.customer) if talk.customer else None,
                channel=talk.channel,
                text=asked[-1].text if asked else _newest(tx, talk.id),
                since=asked[0].at if asked else summon.opened_at,
                now=workspace.clock.now(),
                person=people.get(summon.person) if summon.person else None,
                draft=tx.turns.get(summon.turn).draft if summon.turn else "",
                waits=bool(asked) or summon.status is not SummonStatus.ANSWERED,
            )
        )
    return sorted(rows, key=lambda row: (not row.waits, row.since))


def _newest(tx: Transaction, talk: ConversationId) -> str:
    message = tx.messages.first(conversation=talk, author=Author.CUSTOMER, order="-seq")
    return message.text if message else ""


def catch_up(workspace: Workspace, conversation: ConversationId) -> Turn | None:
    """Runs the turn that handing back has asked for, unless a service has it already."""
    return turns.run(workspace, conversation) if lease_turn(workspace, conversation) else None
