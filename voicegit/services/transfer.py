"""Past conversations in, everything out: JSON lines, one conversation a line.

    {"id": "…", "turns": [{"role": "customer" | "agent", "text": "…", "ts": "2026-11-20T14:02:00+00:00"}],
     "customer": {"name": "…", "contacts": ["…"], "notes": "…", "fields": {"team": "…"}}}

An agent's turn is a person's own words, and teaches as a takeover does. `ts` and `customer` may be left out; a customer may be a name alone.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from voicegit.domain import mention, privacy
from voicegit.domain.conversation import Author, Conversation, Message, MessageKind, clean
from voicegit.domain.ids import ConversationId, CustomerId, MessageId, SignalId
from voicegit.domain.people import Customer, Person
from voicegit.domain.signal import Signal, SignalKind
from voicegit.errors import Invalid
from voicegit.ports import Transaction, Workspace
from voicegit.services import distill, erase, people, shapes

BATCH = 50
MAX_TURNS = 2000


@dataclass
class Counted:
    """What an import did. `bad` holds a line's number and what is wrong with it; `skipped_roles` how many turns of other roles were passed over."""

    conversations: int = 0
    messages: int = 0
    takeovers: int = 0
    known_already: int = 0
    skipped_roles: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Said:
    author: Author
    text: str
    at: datetime


@dataclass(frozen=True)
class _Customer:
    name: str
    contacts: tuple[str, ...] = ()
    notes: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Talk:
    source: str
    said: tuple[_Said, ...]
    customer: _Customer | None


def take_in(workspace: Workspace, lines: Iterable[str], *, by: Person) -> Counted:
    """Reads conversations; one whose id is here already is left alone. Bad lines are counted with their numbers, the good are kept."""
    counted = Counted()
    batch: list[_Talk] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            batch.append(_talk(line, counted, workspace.clock.now()))
        except Invalid as exc:
            counted.bad.append((number, str(exc)))
        if len(batch) >= BATCH:
            _keep(workspace, batch, by, counted)
            batch = []
    _keep(workspace, batch, by, counted)
    enough = workspace.directives.serving().policy.learning.distil_after
    workspace.store.write(lambda tx: distill.ask_when_enough(tx, workspace.clock.now(), enough))
    return counted


def _talk(line: str, counted: Counted, now: datetime) -> _Talk:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise Invalid("this is not JSON") from exc
    if not isinstance(value, dict) or not isinstance(value.get("turns"), list) or not isinstance(value.get("id"), str | int):
        raise Invalid("it needs 'id' (a text) and 'turns' (a list)")
    if len(value["turns"]) > MAX_TURNS:
        raise Invalid(f"it has {len(value['turns'])} turns; at most {MAX_TURNS} are read")
    said: list[_Said] = []
    others = 0
    for turn in value["turns"]:
        role = turn.get("role") if isinstance(turn, dict) else None
        if not isinstance(role, str) or role not in {"customer", "agent"}:
            others += 1
        elif not isinstance(turn.get("text"), str):
            raise Invalid(f"turn {len(said) + others + 1} has no 'text'")
        elif turn["text"].strip():
            said.append(_Said(Author.CUSTOMER if role == "customer" else Author.PERSON, clean(turn["text"]), _time(turn.get("ts"), said, now)))
    if not said:
        raise Invalid("it has no turn of a customer or an agent")
    counted.skipped_roles += others
    return _Talk(clean(str(value["id"]), field="id")[:200], tuple(said), _customer(value.get("customer")))


def _customer(given: Any) -> _Customer | None:
    if given is None:
        return None
    value = {"name": given} if isinstance(given, str) else given
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or set(value) - {"id", "name", "contacts", "notes", "fields"}:
        raise Invalid("'customer' is neither a name nor a record with 'name', 'contacts', 'notes' and 'fields'")
    contacts, notes, fields = value.get("contacts") or [], value.get("notes") or "", value.get("fields") or {}
    if not (
        isinstance(contacts, list)
        and isinstance(notes, str)
        and isinstance(fields, dict)
        and all(isinstance(one, str) for one in [*contacts, *fields.values()])
    ):
        raise Invalid("the customer's 'contacts' are no list of texts, or 'fields' no texts by name, or 'notes' no text")
    people.check_fields(fields)
    return _Customer(clean(value["name"], field="name"), tuple(contacts), notes, fields)


def _time(given: Any, said: list[_Said], now: datetime) -> datetime:
    """ISO 8601 text or Unix seconds; without a time, a second after the turn before it."""
    try:
        if isinstance(given, str):
            at = datetime.fromisoformat(given)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC)
        return said[-1].at + timedelta(seconds=1) if said else now
    except (ValueError, OverflowError, OSError) as exc:
        raise Invalid("a 'ts' is no time that can be kept: neither ISO 8601 nor Unix seconds, or too far away") from exc


def _keep(workspace: Workspace, talks: list[_Talk], by: Person, counted: Counted) -> None:
    weight = workspace.directives.serving().policy.learning.weight(SignalKind.TAKEOVER)

    def step(tx: Transaction) -> tuple[int, int, int, int]:
        known = {c.source for c in tx.conversations.find(source__in=[s for t in talks for s in (t.source, erase.gone(t.source))])}
        messages = takeovers = kept = 0
        for talk in talks:
            if talk.source in known or erase.gone(talk.source) in known:
                continue
            known.add(talk.source)
            kept += 1
            messages += len(talk.said)
            takeovers += _write(tx, workspace, talk, by, weight)
        return kept, messages, takeovers, len(talks) - kept

    kept, messages, takeovers, already = workspace.store.write(step)
    counted.conversations += kept
    counted.messages += messages
    counted.takeovers += takeovers
    counted.known_already += already


def _write(tx: Transaction, workspace: Workspace, talk: _Talk, by: Person, weight: float) -> int:
    conversation = ConversationId(workspace.clock.new_id())
    first, last = talk.said[0].at, talk.said[-1].at
    record = _record(tx, workspace, talk.customer) if talk.customer is not None else None
    begun = Conversation(conversation, first, customer=record, channel="import", source=talk.source)
    tx.conversations.add(begun)
    answered: list[tuple[list[str], list[Message]]] = []
    asked: list[str] = []
    told = begun
    for seq, one in enumerate(talk.said, 1):
        person = by.id if one.author is Author.PERSON else None
        message = Message(MessageId(workspace.clock.new_id()), conversation, seq, one.author, one.text, one.at, person=person)
        tx.messages.add(message)
        told = told.after(message)
        if one.author is Author.CUSTOMER:
            asked.append(one.text)
        elif asked:
            answered.append((asked, [message]))
            asked = []
        elif answered:
            answered[-1][1].append(message)
    tx.conversations.replace(begun, replace(told, resolved_at=last, waits_from=None, seen_seq=told.last_seq))
    for questions, answers in answered:
        id, spoken, words = SignalId(workspace.clock.new_id()), answers[0], "\n\n".join(one.text for one in answers)
        tx.signals.add(Signal(id, SignalKind.TAKEOVER, conversation, spoken.id, by.id, spoken.at, weight, customer_text="\n".join(questions), text=words))
    return len(answered)


def _record(tx: Transaction, workspace: Workspace, given: _Customer) -> CustomerId:
    """The customer's record, with what the line adds to it; what is known already stays."""
    old = people.record(tx, workspace, given.name)
    contacts = tuple(dict.fromkeys((*old.contacts, *given.contacts)))
    tx.customers.replace(old, replace(old, contacts=contacts, notes=old.notes or given.notes, fields={**given.fields, **old.fields}))
    return old.id


def write_out(workspace: Workspace, *, customer: str | None = None, redacted: bool = False) -> Iterator[str]:
    """Every conversation (or those of one customer, by name or id) as a line that `take_in` can read, with what voicegit knows beside it.

    Notes are marked as such; what was erased is not there. `redacted`: with a placeholder for each piece of personal data, and ids of ours alone.
    Raises `NotFound`.
    """
    tx = workspace.store.read
    whose: dict[str, Any] = {} if customer is None else {"customer": people.customer(workspace, customer).id}
    names = {person.id: person.name for person in tx.people.find()}
    country = workspace.directives.serving().policy.business.country
    for conversation in tx.conversations.find(erased_at=None, **whose):
        signals = {s.message: s for s in tx.signals.find(conversation=conversation.id)}
        turns = [
            _turn(message, names, signals.get(message.id))
            for message in tx.messages.find(conversation=conversation.id, seq__gt=conversation.erased_seq, order="seq")
        ]
        line: dict[str, Any] = {"id": conversation.source or conversation.id, "channel": conversation.channel, "turns": turns}
        record = tx.customers.get(conversation.customer) if conversation.customer is not None else None
        if record is not None:
            line["customer"] = shapes.customer(record)
        if redacted:
            line = _redacted(line | {"id": conversation.id}, _Hidden(record, tuple(names.values()), country))
        yield json.dumps(line, ensure_ascii=False)


class _Hidden:
    """Texts of one conversation without personal data: its own people are known."""

    def __init__(self, customer: Customer | None, staff: tuple[str, ...], country: str) -> None:
        self._names = (*staff, customer.name) if customer is not None else staff
        self._wanted = mention.wanted(customer, country) if customer is not None else ()
        self._country = country

    def text(self, text: str | None) -> str | None:
        return None if text is None else privacy.redact(mention.without(text, self._wanted), names=self._names, country=self._country)


def _redacted(line: dict[str, Any], hidden: _Hidden) -> dict[str, Any]:
    turns = [_turn_redacted(turn, hidden) for turn in line["turns"]]
    if "customer" not in line:
        return line | {"turns": turns}
    given = line["customer"]
    # Whatever stands in them is this customer's.
    bare = {"name": "[name]", "contacts": ["[contact]" for _ in given["contacts"]], "fields": {key: f"[{key}]" for key in given["fields"]}}
    return line | {"turns": turns, "customer": given | bare | {"notes": hidden.text(given["notes"])}}


def _turn_redacted(turn: dict[str, Any], hidden: _Hidden) -> dict[str, Any]:
    fresh = turn | {"text": hidden.text(turn["text"])} | ({"by": "[name]"} if "by" in turn else {})
    if "signal" in turn:
        fresh["signal"] = turn["signal"] | {key: hidden.text(turn["signal"][key]) for key in ("reason", "better")}
    return fresh


def _turn(message: Message, names: dict[Any, str], signal: Signal | None) -> dict[str, Any]:
    role = {Author.CUSTOMER: "customer", Author.PERSON: "agent", Author.MODEL: "model"}[message.author]
    turn: dict[str, Any] = {"role": "note" if message.kind is MessageKind.NOTE else role, "text": message.text, "ts": message.at.isoformat()}
    if message.person is not None:
        turn["by"] = names.get(message.person, "")
    if message.kind is MessageKind.HOLDING:
        turn["holding"] = True
    if message.withdrawn_at is not None:
        turn["role"] = "withdrawn"
    if signal is not None:
        turn["signal"] = {"kind": signal.kind.value, "reason": signal.reason, "better": signal.text if signal.kind is SignalKind.CORRECTION else None}
    return turn
