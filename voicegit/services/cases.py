"""Past questions with what people made of them: which of them a change is tried on, and each as it stood when it was asked."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from voicegit.domain.conversation import ERASED
from voicegit.domain.guidance import DirectiveSet, words
from voicegit.domain.ids import ConversationId, DirectiveId, MessageId, SignalId
from voicegit.domain.replay import Candidate, Case, Kind, choose
from voicegit.domain.signal import Signal, SignalKind, Teaches
from voicegit.domain.tried import Asked
from voicegit.domain.turn import Outcome
from voicegit.errors import NotFound
from voicegit.ports import Transaction, Workspace
from voicegit.services import playground

READ = 3000
"""Signals of one kind that are looked through at the most, the newest."""

UNSEEN = 500
"""Replies that nobody looked at which are looked through, the newest."""

KINDS = {
    SignalKind.TAKEOVER: Kind.TAKEOVER,
    SignalKind.EDIT: Kind.TAKEOVER,
    SignalKind.REJECTION: Kind.REJECTION,
    SignalKind.CORRECTION: Kind.CORRECTION,
    SignalKind.APPROVAL: Kind.ACCEPTED,
}


@dataclass(frozen=True)
class Question:
    """A case as it can be asked."""

    case: Case
    asked: Asked


def case(signal: Signal, evidence: Collection[ConversationId] = ()) -> Case:
    """A signal as a case. `evidence`: the conversations that taught the proposal, which prove nothing about it."""
    kind = KINDS[signal.kind]
    own = kind is Kind.TAKEOVER and signal.distillation is not None and not signal.set_aside
    wanted = signal.text or (signal.ours if kind is Kind.ACCEPTED else "") or ""
    return Case(
        signal=signal.id,
        conversation=signal.conversation,
        kind=kind,
        taught=own or signal.conversation in evidence,
        asked=signal.customer_text,
        wanted="" if kind is Kind.REJECTION else wanted,
        wrong=signal.ours or "" if kind in {Kind.REJECTION, Kind.CORRECTION} else "",
        reason=signal.reason or "",
    )


def chosen(tx: Transaction, *, most: int, evidence: Collection[ConversationId], relevance: Callable[[str], float]) -> list[SignalId]:
    """The signals whose questions are asked again, at most `most`: relevant ones first, some of every kind, the same at every call."""
    found: list[Candidate] = []
    for kind in KINDS:
        for signal in tx.signals.find(kind=kind, order="-at", limit=READ):
            if signal.teaches not in {Teaches.CUSTOMER, Teaches.NOTHING} and signal.message is not None and signal.customer_text.strip():
                one = case(signal, evidence)
                found.append(Candidate(one, relevance(f"{one.asked} {one.wanted}")))
    for one in _unseen(tx):
        found.append(Candidate(one, relevance(f"{one.asked} {one.wanted}")))
    return [one.signal for one in choose(found, most)]


def _unseen(tx: Transaction) -> list[Case]:
    """The newest replies of the model that nobody looked at."""
    turns = tx.turns.find(outcome=Outcome.REPLY, looked_at=None, order="-at", limit=UNSEEN)
    return [found for turn in turns if turn.message is not None and (found := _sent(tx, turn.message)) is not None]


def _sent(tx: Transaction, id: str) -> Case | None:
    """A reply as a case; None when it is none, or its words are gone."""
    reply = tx.messages.first(id=id)
    turn = tx.turns.first(id=reply.turn) if reply is not None and reply.turn is not None else None
    asked = tx.messages.first(conversation=turn.conversation, seq=turn.upto_seq) if turn is not None else None
    if reply is None or asked is None or not reply.spoken or reply.text == ERASED:
        return None
    return Case(SignalId(id), reply.conversation, Kind.SENT, False, asked.text, wanted=reply.text)


def recalled(tx: Transaction, id: SignalId, evidence: Collection[ConversationId] = ()) -> Case | None:
    """A case by its id; None once its words are gone, because the customer was erased or what was done was taken back."""
    signal = tx.signals.first(id=id)
    if signal is None:
        return _sent(tx, id)
    return None if signal.erased or signal.message is None else case(signal, evidence)


def relevance(sets: Sequence[DirectiveSet], directives: Collection[DirectiveId]) -> Callable[[str], float]:
    """How much a text has to do with some directives, as they are in any of the sets; only good for ordering."""
    weights: dict[str, dict[DirectiveId, float]] = {}
    for known in sets:
        for word, found in known.weights.items():
            for directive, weight in found:
                if directive in directives:
                    mine = weights.setdefault(word, {})
                    mine[directive] = max(weight, mine.get(directive, 0.0))

    def of(text: str) -> float:
        totals: dict[DirectiveId, float] = {}
        for word in set(words(text)):
            for directive, weight in weights.get(word, {}).items():
                totals[directive] = totals.get(directive, 0.0) + weight
        return max(totals.values(), default=0.0)

    return of


def about(known: DirectiveSet, text: str, directives: Collection[DirectiveId]) -> DirectiveId | None:
    """The one of these directives that a text has most to do with, if it has more to do with it than with any other of the set."""
    found = known.relevance(text)
    best = max(found, key=lambda one: (found[one], one), default=None)
    return best if best in directives else None


def asked(workspace: Workspace, signal: SignalId, evidence: Collection[ConversationId] = ()) -> Question | None:
    """A case with its question as it stood then; None when it is gone, because the customer was erased or the answer taken back."""
    tx = workspace.store.read
    found, about = recalled(tx, signal, evidence), tx.signals.first(id=signal)
    if found is None:
        return None
    try:
        return Question(found, playground.answered_by(workspace, MessageId(signal) if about is None else about.message or MessageId("")))
    except NotFound:
        return None
