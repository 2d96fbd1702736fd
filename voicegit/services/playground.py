"""Trying: what would be said under today's directives, or under a proposal. Nothing is sent, and nothing is written, not even an event."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from voicegit.domain import gate
from voicegit.domain.conversation import Author, Conversation, Message, clean
from voicegit.domain.gate import Action
from voicegit.domain.ids import ConversationId, MessageId, ProposalId, Revision
from voicegit.domain.people import Customer
from voicegit.domain.tried import Asked, Compared, Tried, asked_in
from voicegit.domain.turn import Outcome
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Branch, Workspace
from voicegit.services import people
from voicegit.services import turn as turns
from voicegit.services.turn import HISTORY, Thought, View

MOST = 20
"""What of a conversation is tried again at the most, the newest."""

LONGEST = 2000
"""Messages of a conversation that are read at the most, the newest."""

LONGEST_BACK = 200
"""Messages before an answer that are read to ask its question again."""

_NOWHERE = ConversationId("playground")


def question(workspace: Workspace, text: str, *, customer: str | None = None) -> Asked:
    """A message out of nowhere, from a customer with that record if one is named. Raises `NotFound` for a record that does not exist: none is made."""
    record = people.find_customer(workspace.store.read, customer) if customer else None
    if customer and record is None:
        raise NotFound(f"There is no customer record called {customer[:60]!r}. Your message is kept; name another, or none.")
    message = Message(MessageId("asked"), _NOWHERE, 1, Author.CUSTOMER, clean(text, field="message"), workspace.clock.now())
    return Asked((message,), (message,), customer=record)


def past(workspace: Workspace, conversation: str) -> tuple[list[Asked], int]:
    """All that a customer asked in a conversation, oldest first (the newest `MOST` of it), and how much it was in all. Raises `NotFound`."""
    tx = workspace.store.read
    talk = tx.conversations.get(ConversationId(conversation))
    record = tx.customers.first(id=talk.customer) if talk.customer else None
    found = asked_in(tx.messages.find(conversation=talk.id, order="-seq", limit=LONGEST)[::-1])
    return [_recalled(workspace, talk, record, one) for one in found[-MOST:]], len(found)


def answered_by(workspace: Workspace, message: MessageId) -> Asked:
    """What a customer had asked that this message of ours answered, with all that stood before it. Raises `NotFound` when it answered nothing."""
    tx = workspace.store.read
    said = tx.messages.get(message)
    talk = tx.conversations.get(said.conversation)
    record = tx.customers.first(id=talk.customer) if talk.customer else None
    upto = tx.messages.find(conversation=talk.id, seq__le=said.seq, order="-seq", limit=LONGEST_BACK)[::-1]
    found = next((one for one in asked_in(upto) if any(answer.id == message for answer in one.answered)), None)
    if found is None:
        raise NotFound("This message answered nothing that a customer wrote, so there is nothing to ask again.")
    return _recalled(workspace, talk, record, found)


def asked_by(workspace: Workspace, message: MessageId) -> Asked:
    """What a customer asked with this message of theirs, with all that stood before it; the model's turn on it, if there was one. Raises `NotFound`."""
    tx = workspace.store.read
    said = tx.messages.get(message)
    talk = tx.conversations.get(said.conversation)
    record = tx.customers.first(id=talk.customer) if talk.customer else None
    upto = tx.messages.find(conversation=talk.id, seq__le=said.seq, order="-seq", limit=LONGEST_BACK)[::-1]
    found = asked_in(upto)
    if not found or said.author is not Author.CUSTOMER:
        raise NotFound("This message is not a customer's, so there is nothing to ask again.")
    return _recalled(workspace, talk, record, found[-1])


def _recalled(workspace: Workspace, talk: Conversation, record: Customer | None, one: Asked) -> Asked:
    handed_back = talk.handed_back_at is not None and talk.handed_back_at <= one.waiting[-1].at
    seqs = [message.seq for message in one.waiting]
    turn = workspace.store.read.turns.first(
        conversation=talk.id, upto_seq__ge=seqs[0], upto_seq__le=seqs[-1], outcome__in=[Outcome.REPLY, Outcome.SUMMON], order="-upto_seq"
    )
    return replace(one, customer=record, handed_back=handed_back, turn=turn)


def proposed(workspace: Workspace, name: str) -> Branch:
    """The open proposal of that name: the one text that nobody approved and that may be tried. Raises `NotFound`."""
    found = next((branch for branch in workspace.directives.proposals() if branch.proposal == ProposalId(name)), None)
    if found is None:
        raise NotFound(f"There is no open proposal {name[:40]!r}. Only what is live and open proposals can be tried.")
    return found


def today(workspace: Workspace) -> Revision:
    """What is served now."""
    return workspace.directives.serving().revision


def answer(workspace: Workspace, asked: Asked, revision: Revision) -> Tried:
    """What would be done with these words under a revision, decided by the same code as a turn. Raises `Invalid` when the revision cannot be served."""
    view = _view(workspace, asked, revision)
    return _tried(view, turns.think(workspace, view))


def compare(workspace: Workspace, asked: Asked, *, today: Revision | None, proposed: Revision | None) -> Compared:
    """Both answers, or the one of the two that is wanted."""
    now, then = (answer(workspace, asked, revision) if revision is not None else None for revision in (today, proposed))
    return Compared(asked, now, then)


def charges(workspace: Workspace, *revisions: Revision | None) -> bool:
    """Whether trying under one of these costs money."""
    return any(workspace.models.charges(workspace.directives.at(revision).policy) for revision in revisions if revision is not None)


def _view(workspace: Workspace, asked: Asked, revision: Revision) -> View:
    if not asked.waiting:
        raise Invalid("There is nothing to answer here.")
    known = workspace.directives.at(revision)
    now = workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone))
    talk = Conversation(_NOWHERE, now, handed_back_at=now if asked.handed_back else None)
    return View(talk, asked.messages[-HISTORY:], asked.waiting, asked.customer, known, now)


def _tried(view: View, thought: Thought) -> Tried:
    last = thought.drafts[-1] if thought.drafts else None
    covering = last.assessment.covered_by if last is not None else None
    return Tried(
        revision=view.known.revision,
        action=Action(thought.ruling.action),
        text=last.text if last is not None else "",
        threshold=thought.ruling.threshold,
        reasons=thought.ruling.reasons,
        assessment=gate.storable(last.assessment) if last is not None else None,
        went_by=view.known.get(covering) if covering else None,
        model=last.usage.model if last is not None else thought.model,
        input_tokens=sum(draft.usage.input_tokens for draft in thought.drafts),
        output_tokens=sum(draft.usage.output_tokens for draft in thought.drafts),
        cost=sum(draft.usage.cost for draft in thought.drafts),
        latency_ms=thought.latency_ms,
        holding_line=view.known.policy.turns.holding_line,
    )
