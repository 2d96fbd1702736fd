"""One turn: look, think, settle. Thinking happens outside any transaction; settling looks again and drops what came too late."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from voicegit.domain import erasure, gate, guidance, outgoing
from voicegit.domain.conversation import Author, Conversation, Floor, Message, MessageKind, unanswered
from voicegit.domain.directive import Directive
from voicegit.domain.gate import Action, Draft, Reason, Request, Ruling
from voicegit.domain.guidance import DirectiveSet, Guidance
from voicegit.domain.ids import ConversationId, MessageId, MistakeId, SummonId, TurnId
from voicegit.domain.mistake import Mistake
from voicegit.domain.people import Customer
from voicegit.domain.policy import Policy
from voicegit.domain.promise import Standing, topics
from voicegit.domain.summon import Summon
from voicegit.domain.turn import Outcome, Question, Turn
from voicegit.domain.work import Delivery, Event, Job, JobKind
from voicegit.errors import ModelFailure
from voicegit.ports import Transaction, Workspace
from voicegit.services import ladder, mistakes, promise
from voicegit.services.conversation import append

HISTORY = 60
"""Messages that a model gets to read at the most, newest kept."""

TRIES = 4
"""How often a customer may write again while the model thinks before a person is called instead."""

AGAIN = "your first text could not be sent because {problems}. Write another, or summon"


@dataclass(frozen=True)
class View:
    """What a turn is about, as one look found it. `today` and `now` are in the business's own time."""

    conversation: Conversation
    messages: Sequence[Message]
    waiting: Sequence[Message]
    customer: Customer | None
    known: DirectiveSet
    now: datetime

    @property
    def asked(self) -> str:
        return "\n".join(message.text for message in self.waiting)

    @property
    def request(self) -> Request:
        vip = self.customer is not None and self.customer.vip
        return Request(self.asked, self.known.in_force(self.now.date()), vip, handed_back=self.conversation.handed_back_at is not None)


@dataclass(frozen=True)
class Thought:
    """What would be done, and all that is to be remembered of it. `fit`: sent, or only not sent for its confidence under the `standing` of its topic."""

    ruling: Ruling
    guidance: Guidance
    drafts: tuple[Draft, ...] = ()
    model: str = ""
    latency_ms: float = 0.0
    standing: Standing | None = None
    fit: bool = False
    avoided: tuple[MistakeId, ...] = ()


def run(workspace: Workspace, conversation: ConversationId) -> Turn | None:
    """Answers what the customer wrote, or calls a person. None when nothing waits for the model. The caller holds the turn's lease."""
    for attempt in range(TRIES):
        view = look(workspace, conversation)
        if view is None:
            if workspace.store.write(lambda tx: _let_go_if_idle(tx, conversation)):
                return None
            continue
        if attempt:
            workspace.store.write(lambda tx: _renew(tx, workspace, conversation))
        thought = think(workspace, view) if attempt < TRIES - 1 else _give_up(view)
        turn = settle(workspace, view, thought)
        if turn.outcome is not Outcome.SUPERSEDED:
            return turn
    return None


def look(workspace: Workspace, conversation: ConversationId) -> View | None:
    """The conversation if it is the model's turn to speak, else None."""
    tx = workspace.store.read
    found = tx.conversations.get(conversation)
    messages = tx.messages.find(conversation=conversation, order="-seq", limit=HISTORY)[::-1]
    waiting = unanswered(messages, found.settled_seq)
    if found.floor is not Floor.MODEL or not waiting:
        return None
    record = tx.customers.first(id=found.customer) if found.customer else None
    known = workspace.directives.serving()
    now = workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone))
    return View(found, [m for m in messages if m.spoken and m.seq > found.erased_seq], waiting, record, known, now)


def warm(workspace: Workspace) -> None:
    """Makes ready, for the revision that is served, all that its first turn would have to wait for. Costs nothing when done already."""
    known = workspace.directives.serving()
    today = workspace.clock.now().astimezone(ZoneInfo(known.policy.business.timezone)).date()
    workspace.models.warm(known, today)
    _approved(known, today).prepare()
    outgoing.guard_hits("", outgoing.guards_for(known.in_force(today), None))
    _ = known.sections, known.weights, topics(known)


def think(workspace: Workspace, view: View) -> Thought:
    """Decides without writing anything: the rules in code first, then one call of the model, then what its text must pass."""
    policy = view.known.policy
    compiled = guidance.compile(view.known, today=view.now.date(), message=view.asked)
    ruling = gate.screen(view.request, policy.gate)
    if ruling is not None:
        return Thought(ruling, compiled, model="rules")
    started = time.perf_counter()
    thought = _ask(workspace, view, compiled, started)
    return replace(thought, latency_ms=round((time.perf_counter() - started) * 1000, 1))


def _ask(workspace: Workspace, view: View, compiled: Guidance, started: float) -> Thought:
    policy = view.known.policy
    model = workspace.models.chat(policy)
    question = Question(view.known, compiled, view.messages, view.asked, view.customer, view.now)
    drafts: list[Draft] = []
    problems: list[str] = []
    caught: list[Mistake] = []
    for avoid in (None, AGAIN):
        left = policy.turns.deadline_seconds - (time.perf_counter() - started)
        try:
            drafts.append(model.answer(replace(question, avoid=avoid and avoid.format(problems="; ".join(problems))), deadline=left))
        except ModelFailure as exc:
            reason = Reason("model_error", f"The model gave no usable answer ({exc.kind}).")
            return Thought(Ruling(Action.SUMMON, gate.threshold(view.request, policy.gate), (reason,)), compiled, tuple(drafts), exc.kind)
        standing = promise.standing(workspace, view.known, drafts[-1].assessment.covered_by)
        ruling = gate.decide(drafts[-1], view.request, policy.gate, standing)
        avoided = tuple(dict.fromkeys(one.id for one in caught))
        if ruling.action is Action.SUMMON and not promise.fit(drafts[-1], view.request, view.known):
            return Thought(_after_guard(ruling, problems, caught), compiled, tuple(drafts), standing=standing, avoided=avoided)
        problems = outgoing.guard_hits(drafts[-1].text, outgoing.guards_for(_guarding(view, drafts[-1]), drafts[-1].assessment.covered_by))
        again = _known_mistake(workspace, view, drafts[-1])
        if not problems and again is None:
            backed = _backed(drafts[-1], ruling, view)
            return Thought(backed, compiled, tuple(drafts), standing=standing, fit=backed is ruling, avoided=avoided)
        if again is not None:
            caught.append(again)
            problems.append(f"a person found it wrong before: {again.why}")
    avoided = tuple(dict.fromkeys(one.id for one in caught))
    return Thought(_after_guard(replace(ruling, action=Action.SUMMON), problems, caught), compiled, tuple(drafts), avoided=avoided)


def _known_mistake(workspace: Workspace, view: View, draft: Draft) -> Mistake | None:
    covering = view.known.get(draft.assessment.covered_by or "")
    return mistakes.met(workspace, view.asked, draft.text, customer=view.customer, covering=covering)


def _after_guard(ruling: Ruling, problems: Sequence[str], caught: Sequence[Mistake]) -> Ruling:
    """The guard or the mistake is the reason that tells a person what to do; what the model says of a second try is not."""
    if caught:
        return replace(ruling, reasons=(Reason("known_mistake", f"What I would say was found wrong before: {caught[-1].why}."),))
    if not problems:
        return ruling
    return replace(ruling, reasons=(Reason("guard_hit", f"What I would say breaks a guard: {'; '.join(problems)}."),))


def _guarding(view: View, draft: Draft) -> Sequence[Directive]:
    """The directives whose guards can apply: not all that are in force, which may be hundreds."""
    covering = view.known.get(draft.assessment.covered_by or "")
    day = view.now.date()
    return (*view.known.on(day).voice, *([covering] if covering is not None and covering.in_force(day) else []))


def _backed(draft: Draft, ruling: Ruling, view: View) -> Ruling:
    """The ruling, unless the text is too long or says a figure, a promise or a link that nothing approved stands behind."""
    problems = outgoing.unsupported(draft.text, _support(view))
    if len(draft.text) > view.known.policy.turns.max_chars:
        problems.append(f"it has {len(draft.text)} characters")
    if not problems:
        return ruling
    return replace(ruling, action=Action.SUMMON, reasons=(Reason("unsupported_claim", f"What I would say is not backed: {'; '.join(problems)}."),))


def _support(view: View) -> outgoing.Support:
    ours = [m.text for m in view.messages if m.author is not Author.CUSTOMER]
    if view.customer is not None:
        ours += [*view.customer.fields.values(), view.customer.notes]
    said = tuple(m.text for m in view.messages if m.author is Author.CUSTOMER)
    return outgoing.Support(tuple(ours), said, _approved(view.known, view.now.date()))


@lru_cache(maxsize=8)
def _approved(known: DirectiveSet, today: date) -> outgoing.Corpus:
    return outgoing.Corpus([text for d in known.in_force(today) for text in (*(rule.text for rule in d.rules), *(example.us for example in d.examples))])


def _give_up(view: View) -> Thought:
    reason = Reason("busy", "The customer keeps writing while I think.")
    compiled = guidance.compile(view.known, today=view.now.date(), message="")
    return Thought(Ruling(Action.SUMMON, gate.threshold(view.request, view.known.policy.gate), (reason,)), compiled, model="rules")


# ---- settling


def settle(workspace: Workspace, view: View, thought: Thought) -> Turn:
    """Sends or summons, if nobody spoke meanwhile; else keeps only the record of a turn whose text was dropped."""
    turn = _turn(workspace, view, thought)

    def step(tx: Transaction) -> Turn:
        now = tx.conversations.get(view.conversation.id)
        if now.erased_seq >= turn.upto_seq:
            # What it answers is gone, and what it has written of it goes too.
            return _dropped(tx, erasure.of_turn(turn, turn.at))
        if now.floor is not Floor.MODEL:
            _let_go(tx, now.id)
            return _dropped(tx, turn)
        if tx.messages.first(conversation=now.id, seq__gt=turn.upto_seq, kind=MessageKind.SPOKEN, withdrawn_at=None) is not None:
            # The customer wrote again; or it was answered, by a person who handed back or a worker that took over when our lease ran out.
            return _dropped(tx, turn)
        _let_go(tx, now.id)
        mistakes.count_stopped(tx, thought.avoided)
        return _reply(tx, workspace, turn) if turn.outcome is Outcome.REPLY else _summon(tx, workspace, turn, view.known.policy)

    return workspace.store.write(step)


def _turn(workspace: Workspace, view: View, thought: Thought) -> Turn:
    last = thought.drafts[-1] if thought.drafts else None
    assessment = gate.storable(last.assessment) if last else None
    turn = Turn(
        id=TurnId(workspace.clock.new_id()),
        conversation=view.conversation.id,
        upto_seq=view.waiting[-1].seq,
        outcome=Outcome.REPLY if thought.ruling.action is Action.REPLY else Outcome.SUMMON,
        confidence=assessment.confidence if assessment else 0.0,
        threshold=thought.ruling.threshold,
        revision=view.known.revision,
        directives=tuple(d.id for d in thought.guidance.directives),
        at=workspace.clock.now(),
        assessment=assessment,
        reasons=thought.ruling.reasons,
        draft=last.text if last else "",
        model=last.usage.model if last else thought.model,
        input_tokens=sum(d.usage.input_tokens for d in thought.drafts),
        output_tokens=sum(d.usage.output_tokens for d in thought.drafts),
        cached_tokens=sum(d.usage.cached_tokens for d in thought.drafts),
        cost=sum(d.usage.cost for d in thought.drafts),
        latency_ms=thought.latency_ms,
        covered_by=assessment.covered_by if assessment else None,
    )
    return promise.chosen(workspace, turn, view.known, thought.standing) if thought.fit else turn


def _dropped(tx: Transaction, turn: Turn) -> Turn:
    dropped = replace(turn, outcome=Outcome.SUPERSEDED)
    tx.turns.add(dropped)
    return dropped


def _reply(tx: Transaction, workspace: Workspace, turn: Turn) -> Turn:
    said = replace(turn, message=MessageId(workspace.clock.new_id()))
    tx.turns.add(said)
    append(tx, workspace, turn.conversation, Author.MODEL, turn.draft, turn=turn.id, id=said.message)
    tx.outbox.add(Delivery(said.message or MessageId(""), turn.conversation, tx.conversations.get(turn.conversation).channel, turn.at))
    return said


def _summon(tx: Transaction, workspace: Workspace, turn: Turn, policy: Policy) -> Turn:
    tx.turns.add(turn)
    summon = Summon(SummonId(workspace.clock.new_id()), turn.conversation, turn.id, tuple(reason.words for reason in turn.reasons), turn.at)
    tx.summons.add(summon)
    line = append(tx, workspace, turn.conversation, Author.MODEL, policy.turns.holding_line, kind=MessageKind.HOLDING, turn=turn.id)
    old = tx.conversations.get(turn.conversation)
    tx.conversations.replace(old, old.summoned())
    tx.outbox.add(Delivery(line.id, turn.conversation, old.channel, turn.at))
    tx.events.add(Event("summon", turn.at, turn.conversation, {"summon": summon.id}))
    ladder.called(tx, workspace, summon, policy.summon)
    return turn


def _let_go_if_idle(tx: Transaction, conversation: ConversationId) -> bool:
    """Gives the job up unless the customer wrote since the look: then it is theirs already, and there is more to do."""
    now = tx.conversations.get(conversation)
    messages = tx.messages.find(conversation=conversation, order="-seq", limit=HISTORY)[::-1]
    if now.floor is Floor.MODEL and unanswered(messages, now.settled_seq):
        return False
    _let_go(tx, conversation)
    return True


def _renew(tx: Transaction, workspace: Workspace, conversation: ConversationId) -> None:
    job = tx.jobs.first(id=Job.key(JobKind.TURN, conversation))
    if job is not None:
        tx.jobs.replace(job, replace(job, lease_until=workspace.clock.now() + job.kind.lease))


def _let_go(tx: Transaction, conversation: ConversationId) -> None:
    job = tx.jobs.first(id=Job.key(JobKind.TURN, conversation))
    if job is not None:
        tx.jobs.remove(job)
