"""The catalogue of what people caught: opened by their verdicts, looked into before every reply, closed by the release that addresses it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz

from voicegit.domain import erasure, mistake, privacy
from voicegit.domain.conversation import Message, clean
from voicegit.domain.decision import Decision, DecisionKind
from voicegit.domain.directive import Directive
from voicegit.domain.ids import ConversationId, DirectiveId, MistakeId, Revision
from voicegit.domain.mistake import SAME, Catalogue, Live, Mistake, Reply
from voicegit.domain.operation import Change, Operation
from voicegit.domain.people import Customer, Person
from voicegit.domain.signal import Signal, SignalKind, Teaches
from voicegit.errors import Conflict
from voicegit.ports import Commit, Store, Transaction, Workspace
from voicegit.services import personal

CATCHES = frozenset({SignalKind.REJECTION, SignalKind.CORRECTION})
OF_THIS_CUSTOMER = frozenset({Teaches.NOTHING, Teaches.CUSTOMER})
"""Verdicts that say nothing of the next customer's reply."""


# ---- before a reply leaves

_READY: WeakKeyDictionary[Store, tuple[int, Catalogue]] = WeakKeyDictionary()


def known(workspace: Workspace) -> Catalogue:
    """The open mistakes, read anew only when one has changed: a turn looks at one row."""
    tx = workspace.store.read
    newest = tx.mistakes.first(order="-changed")
    version = newest.changed if newest else 0
    ready = _READY.get(workspace.store)
    if ready is None or ready[0] != version:
        ready = (version, Catalogue(tx.mistakes.find(closed_at=None) if newest else ()))
        _READY[workspace.store] = ready
    return ready[1]


def met(workspace: Workspace, asked: str, answer: str, *, customer: Customer | None, covering: Directive | None) -> Mistake | None:
    """The mistake that this answer to these words would make again."""
    said = mistake.without_name(answer, customer.name if customer else None)
    return known(workspace).met(Reply(asked, said, _approved_for(covering, answer)))


def _approved_for(covering: Directive | None, answer: str) -> Sequence[str]:
    """What customers had asked where a person gave this very answer, or had it approved."""
    examples = covering.examples if covering is not None else ()
    return [phrasing for example in examples if fuzz.ratio(example.us, answer) >= SAME for phrasing in example.customer]


def count_stopped(tx: Transaction, ids: Collection[MistakeId]) -> None:
    """Notes that these were not made again."""
    for one in tx.mistakes.find(id__in=list(ids)) if ids else ():
        tx.mistakes.replace(one, replace(one, stopped=one.stopped + 1))


# ---- verdicts


def note(tx: Transaction, workspace: Workspace, signal: Signal, about: Message) -> Signal:
    """Opens an entry for a rejection or a correction, or counts that it came back. The signal says which mistake it `repeats`, if any."""
    if signal.kind not in CATCHES or signal.teaches in OF_THIS_CUSTOMER:
        return signal
    talk = tx.conversations.get(signal.conversation)
    customer = tx.customers.first(id=talk.customer) if talk.customer else None
    wrong = mistake.without_name(about.text, customer.name if customer else None)
    catalogue = Catalogue(tx.mistakes.find())
    same = catalogue.met(Reply(signal.customer_text, wrong))
    if same is None:
        turn = tx.turns.first(id=about.turn) if about.turn else None
        covered_by = turn.covered_by if turn else None
        tx.mistakes.add(_entry(tx, workspace, signal, wrong, covered_by=covered_by))
        before = catalogue.said_before(wrong, covered_by)
        if before is None or about.at <= before.at:
            return signal
        tx.mistakes.replace(before, replace(before.made_again(signal.id, signal.at), changed=_next(tx)))
        return replace(signal, repeats=before.id)
    again = about.at > same.at
    tx.mistakes.replace(same, replace(same.caught_again(signal.id, signal.at, known=again), changed=_next(tx)))
    return replace(signal, repeats=same.id) if again else signal


def _entry(tx: Transaction, workspace: Workspace, signal: Signal, wrong: str, *, covered_by: DirectiveId | None) -> Mistake:
    names = personal.near(tx, [signal.conversation])
    country = workspace.directives.serving().policy.business.country

    def without(text: str | None) -> str | None:
        return None if text is None else privacy.redact(text, names=names, country=country)

    return Mistake(
        id=MistakeId(workspace.clock.new_id()),
        at=signal.at,
        signals=(signal.id,),
        conversation=signal.conversation,
        kind=signal.kind,
        digest=mistake.digest(signal.customer_text, wrong),
        question=without(signal.customer_text) or "",
        wrong=without(wrong) or "",
        changed=_next(tx),
        reason=without(signal.reason),
        better=without(signal.text),
        covered_by=covered_by,
        last_at=signal.at,
    )


def take_back(tx: Transaction, signal: Signal) -> None:
    """The verdict was not meant: without any other the entry goes."""
    for one in tx.mistakes.find(signals__has=signal.id):
        left = one.without(signal.id, known=signal.repeats is not None)
        if left.signals:
            tx.mistakes.replace(one, replace(left, changed=_next(tx)))
        else:
            tx.mistakes.remove(one)
            _say_that_it_changed(tx)


def _next(tx: Transaction) -> int:
    newest = tx.mistakes.first(order="-changed")
    return newest.changed + 1 if newest else 1


def _say_that_it_changed(tx: Transaction) -> None:
    newest = tx.mistakes.first(order="-changed")
    if newest is not None:
        tx.mistakes.replace(newest, replace(newest, changed=newest.changed + 1))


# ---- releases


@dataclass(frozen=True)
class Behind:
    """What is to be known of a release to say which mistakes it addresses, and which are open again: read before the database is written to.

    `evidence`: directives and conversations that it learned from; `before`: the directives until then.
    """

    live: Live
    evidence: Collection[tuple[DirectiveId, str]]
    before: Mapping[DirectiveId, Directive]


def released(tx: Transaction, workspace: Workspace, decision: Decision, behind: Behind) -> None:
    """After a decision became live: a mistake is open again where what prevented it is gone, whatever took it; a release closes what it learned from.

    An entry whose wrong answer stands approved all the same stays open: a rule beside it does not keep a model that quotes from saying it.
    """
    now = workspace.clock.now()
    taken = _taken_back(tx, decision)
    for one in tx.mistakes.find(closed_by__not=None):
        known = bool(one.prevented_by) or one.closed_by != taken
        if not one.forgotten and not (known and behind.live.prevents(one)):
            tx.mistakes.replace(one, replace(one.reopened(), changed=_next(tx)))
    if decision.kind is DecisionKind.ROLLBACK:
        return
    told = {talk for _, talk in behind.evidence}
    operations = _learned(tx, decision)
    for one in tx.mistakes.find(closed_at=None) if told else ():
        learned = {directive for directive, talk in behind.evidence if talk == one.conversation}
        mine = [each for each in operations or () if each.directive in learned and set(each.evidence) & set(one.signals)]
        if learned and (operations is None or mine) and not behind.live.still_says(one):
            asked = {text for each in mine for text in (each.text or "", *each.guards.never_say, *(example.us for example in each.examples))}
            prevented_by = behind.live.against(one, behind.before, {each.directive for each in mine} or learned, asked)
            tx.mistakes.replace(one, replace(one.closed(decision.oid, now, prevented_by), changed=_next(tx)))


def _taken_back(tx: Transaction, decision: Decision) -> Revision | None:
    """The release that a decision takes back: a rollback, or the proposal that an undo became."""
    if decision.kind is DecisionKind.ROLLBACK:
        return decision.release
    asked = tx.decisions.first(proposal=decision.proposal, kind=DecisionKind.PROPOSE) if decision.kind is DecisionKind.APPROVE else None
    return asked.release if asked is not None else None


def _learned(tx: Transaction, decision: Decision) -> list[Operation] | None:
    """What a distillation changed; None for a proposal that no distillation made."""
    rows = tx.distillations.find(proposal=decision.proposal) if decision.proposal else []
    return [operation for row in rows for operation in row.operations if operation.change is not Change.REINFORCE] if rows else None


def behind(workspace: Workspace, decision: Decision) -> Behind:
    """What is to be known of a decision that became live."""
    known = workspace.directives.serving()
    live = Live(known.directives, known.in_force(workspace.clock.now().date()))
    evidence = _evidence(workspace, decision)
    before = workspace.directives.at(workspace.directives.commit(decision.oid).parents[0]).directives if evidence else ()
    return Behind(live, evidence, {one.id: one for one in before})


def _evidence(workspace: Workspace, decision: Decision) -> list[tuple[DirectiveId, str]]:
    """The directives and conversations behind what a decision made live."""
    live = decision.oid if decision.kind is not DecisionKind.RESTORE else _restored(workspace, decision)
    merged = workspace.directives.commit(live)
    proposed: Commit = workspace.directives.commit(merged.parents[1]) if len(merged.parents) > 1 else merged
    pairs = [value.partition(" ") for value in proposed.trailer("Evidence")]
    return [(DirectiveId(directive), talk) for directive, _, talk in pairs]


def _restored(workspace: Workspace, decision: Decision) -> Revision:
    """The release whose undo was taken back."""
    tx = workspace.store.read
    undo = tx.decisions.first(oid=decision.release)
    return (_taken_back(tx, undo) if undo is not None else None) or decision.oid


# ---- what a person says of an entry


def close(workspace: Workspace, id: MistakeId, *, because: str, by: Person) -> Mistake:
    """Closes an entry that cannot come back: nothing is held back for it, until somebody catches the same again.

    Raises `NotFound`, `Forbidden` for an operator, `Invalid` without a reason, `Conflict` for one that is closed.
    """
    by.must_review()
    words = clean(because, field="because")

    def step(tx: Transaction) -> Mistake:
        one = tx.mistakes.get(id)
        if one.closed_at is not None:
            raise Conflict("This mistake is closed already; nothing is held back for it.")
        names = personal.near(tx, [one.conversation])
        country = workspace.directives.serving().policy.business.country
        done = replace(one.put_aside(by.id, privacy.redact(words, names=names, country=country), workspace.clock.now()), changed=_next(tx))
        tx.mistakes.replace(one, done)
        return done

    return workspace.store.write(step)


def reopen(workspace: Workspace, id: MistakeId, *, by: Person) -> Mistake:
    """Takes back that a person closed an entry. Raises `NotFound`, `Forbidden`, and `Conflict` for one that is open, or that a release addressed."""
    by.must_review()

    def step(tx: Transaction) -> Mistake:
        one = tx.mistakes.get(id)
        if one.closer is None or one.forgotten:
            raise Conflict("Nobody closed this mistake by hand, so there is nothing to take back.")
        done = replace(one.reopened(), changed=_next(tx))
        tx.mistakes.replace(one, done)
        return done

    return workspace.store.write(step)


# ---- to be read


def listed(workspace: Workspace, *, closed: bool = False) -> list[Mistake]:
    """The catalogue, what came back most often first; with `closed` also what a release has addressed."""
    rows = workspace.store.read.mistakes
    found = rows.find() if closed else rows.find(closed_at=None)
    return sorted(found, key=lambda one: (-(one.again + one.stopped), one.id))


def erase(tx: Transaction, talks: Collection[ConversationId]) -> None:
    """The words of these conversations go; that there was a mistake stays, and an open one is still held against the same answer to the same question."""
    for one in tx.mistakes.find(conversation__in=list(talks)):
        tx.mistakes.replace(one, replace(erasure.of_mistake(one), changed=_next(tx)))
