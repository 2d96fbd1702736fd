"""The policy as its owner changes it: what it says today, what other settings would have done, and a proposal with exactly these edits."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from voicegit.domain import policy as policies
from voicegit.domain import question, whatif
from voicegit.domain.conversation import Author, Message, unanswered
from voicegit.domain.gate import Request
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, ProposalId, Revision
from voicegit.domain.people import Person
from voicegit.domain.policy import PATH, Policy
from voicegit.domain.policy_text import Name, Value, edit
from voicegit.domain.signal import Signal, SignalKind
from voicegit.domain.summon import SummonStatus
from voicegit.domain.turn import Outcome, Turn
from voicegit.domain.whatif import Effect, Past
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Transaction, Workspace
from voicegit.services import promise, review

DAYS = 30
MOST = 2000
"""Messages that are looked at again, the newest."""


@dataclass(frozen=True)
class Live:
    """`policy.toml` as it is live, and the revision that it was read at."""

    revision: Revision
    content: bytes
    policy: Policy


def live(workspace: Workspace) -> Live:
    """Raises `Conflict` when `main` itself is not what is served: then nothing is built on it."""
    if workspace.directives.trouble():
        raise Conflict("What is live has a problem that has to be mended first, so no setting can be changed now. 'voicegit doctor' names it.")
    revision = workspace.directives.head()
    entry = workspace.directives.entries(revision).get(PATH)
    content = entry.content if entry is not None else b""
    return Live(revision, content, policies.parse(content))


def changed(workspace: Workspace, changes: Mapping[Name, Value], *, seen: Revision | None = None) -> tuple[Live, bytes, Policy]:
    """The policy with these settings in place of today's. `seen` is the revision that the person looked at.

    Raises `Conflict` when the policy changed since, `Invalid` with the findings when it could not be served.
    """
    now = live(workspace)
    if seen is not None and seen != now.revision and _content(workspace, seen) != now.content:
        raise Conflict("Somebody changed the settings since you opened this page. They are read anew below; look at them, and save again.")
    if not changes:
        raise Invalid("Nothing is different from what is live. Change something first.")
    content = edit(now.content, _one_of_two(changes, now.policy))
    return now, content, policies.parse(content)


def _one_of_two(changes: Mapping[Name, Value], policy: Policy) -> Mapping[Name, Value]:
    """A promise and a threshold both say when it may answer: asking for one takes the other away, unless both were asked for."""
    asked = {name for name in (question.THRESHOLD, question.PROMISE) if changes.get(name) is not None}
    if asked == {question.PROMISE}:
        return {**changes, question.THRESHOLD: None}
    if asked == {question.THRESHOLD} and policy.gate.at_most_wrong is not None:
        return {**changes, question.PROMISE: None}
    return changes


def _content(workspace: Workspace, revision: Revision) -> bytes:
    entry = workspace.directives.entries(workspace.directives.resolve(revision)).get(PATH)
    return entry.content if entry is not None else b""


def propose(workspace: Workspace, changes: Mapping[Name, Value], *, by: Person, seen: Revision | None = None) -> ProposalId:
    """A proposal of exactly these edits; nothing is live before it is approved. Raises as `changed`, and `Forbidden` for whoever is no owner."""
    by.must_own()
    now, content, then = changed(workspace, changes, seen=seen)
    said = question.in_words(now.policy, then)
    title = f"Settings: {said[0]}" if len(said) == 1 and len(said[0]) < 60 else f"Settings: {len(said)} changed" if len(said) > 1 else "Settings"
    return review.propose(workspace, {PATH: content}, title=title, by=by, why="\n".join(f"{line[:1].upper()}{line[1:]}" for line in said))


# ---- what would it do?


def effect(workspace: Workspace, then: Policy) -> Effect:
    """What the gate of another policy would have done with the messages of the last `DAYS` days, at most `MOST` of them."""
    known = workspace.directives.serving()
    standing, standing_then = (promise.under(workspace, replace(known, policy=policy)) for policy in (known.policy, then))
    return whatif.compare(_past(workspace), known.policy.gate, then.gate, standing=standing, standing_then=standing_then)


def _past(workspace: Workspace) -> list[Past]:
    tx = workspace.store.read
    since = workspace.clock.now() - timedelta(days=DAYS)
    both = (tx.turns.find(outcome=outcome, at__ge=since, order="-at", limit=MOST) for outcome in (Outcome.REPLY, Outcome.SUMMON))
    turns = sorted((turn for found in both for turn in found), key=lambda turn: turn.at, reverse=True)[:MOST]
    talks = list({turn.conversation for turn in turns})
    said = _by_conversation(tx.messages.find(conversation__in=talks, order="seq"))
    signals = _signals(tx, talks)
    vips = _vips(tx, talks)
    backs = _handed_back(tx, talks)
    sets = {revision: workspace.directives.at(revision) for revision in {turn.revision for turn in turns}}
    found = []
    for turn in turns:
        talk = turn.conversation
        handed_back = talk in backs and backs[talk] < turn.at
        found.append(_one(turn, said[talk], signals[talk], sets[turn.revision], vip=talk in vips, handed_back=handed_back))
    return found


def _one(turn: Turn, messages: list[Message], signals: list[Signal], known: DirectiveSet, *, vip: bool, handed_back: bool) -> Past:
    asked = unanswered([one for one in messages if one.seq <= turn.upto_seq])
    covering = known.get(turn.assessment.covered_by) if turn.assessment is not None and turn.assessment.covered_by else None
    today = turn.at.astimezone(ZoneInfo(known.policy.business.timezone)).date()
    request = Request(
        "\n".join(one.text for one in asked),
        (covering,) if covering is not None and covering.in_force(today) else (),
        vip,
        handed_back,
    )
    return Past(turn, request, contradicted=_contradicted(turn, messages, signals))


def _contradicted(turn: Turn, messages: list[Message], signals: list[Signal]) -> bool:
    if turn.outcome is Outcome.REPLY:
        return any(one.message == turn.message and one.kind in {SignalKind.REJECTION, SignalKind.CORRECTION} for one in signals)
    again = min((one.seq for one in messages if one.author is Author.CUSTOMER and one.seq > turn.upto_seq), default=None)
    answers = {one.id for one in messages if one.seq > turn.upto_seq and (again is None or one.seq < again)}
    return any(one.kind is SignalKind.TAKEOVER and one.message in answers for one in signals)


def _by_conversation(messages: list[Message]) -> dict[ConversationId, list[Message]]:
    found: dict[ConversationId, list[Message]] = defaultdict(list)
    for one in messages:
        found[one.conversation].append(one)
    return found


def _signals(tx: Transaction, talks: list[ConversationId]) -> dict[ConversationId, list[Signal]]:
    found: dict[ConversationId, list[Signal]] = defaultdict(list)
    for one in tx.signals.find(conversation__in=talks):
        found[one.conversation].append(one)
    return found


def _handed_back(tx: Transaction, talks: list[ConversationId]) -> dict[ConversationId, datetime]:
    """When a person first gave each conversation back: from then on the gate is more cautious in it, whatever the threshold comes from."""
    found = {one.id: one.handed_back_at for one in tx.conversations.find(id__in=talks, handed_back_at__not=None) if one.handed_back_at is not None}
    for one in tx.summons.find(conversation__in=talks, status=SummonStatus.HANDED_BACK):
        if one.ended_at is not None and (one.conversation not in found or one.ended_at < found[one.conversation]):
            found[one.conversation] = one.ended_at
    return found


def _vips(tx: Transaction, talks: list[ConversationId]) -> set[ConversationId]:
    """As the customers' records say today."""
    conversations = [one for one in tx.conversations.find(id__in=talks) if one.customer is not None]
    records = {one.id for one in tx.customers.find(id__in=list({one.customer for one in conversations})) if one.vip}
    return {one.id for one in conversations if one.customer in records}
