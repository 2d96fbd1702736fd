"""What machines are told of each thing: the same fields over HTTP and by the command line's `--json`, and only ever more of them."""

from collections.abc import Mapping
from typing import Any

from voicegit.domain.conversation import Message
from voicegit.domain.directive import Directive
from voicegit.domain.erasure import Erasure
from voicegit.domain.ids import PersonId
from voicegit.domain.mistake import Mistake
from voicegit.domain.notice import Notice
from voicegit.domain.people import Customer
from voicegit.domain.signal import Signal
from voicegit.domain.summon import Summon
from voicegit.domain.turn import Turn
from voicegit.domain.work import Event
from voicegit.services.bisect import Began
from voicegit.services.erase import Found
from voicegit.services.exchange import Exchange
from voicegit.services.history import Entry, Source, Why
from voicegit.services.notify import ChannelState
from voicegit.services.review import Shown

Names = Mapping[PersonId, str]


def heard(done: Exchange) -> dict[str, Any]:
    """What a customer's channel is told of a message."""
    return {
        "conversation": done.message.conversation,
        "message": done.message.id,
        "decision": done.answer.value,
        "reply": done.reply.text if done.reply else None,
        "reply_message": done.reply.id if done.reply else None,
        "holding": done.holding.text if done.holding else None,
    }


def exchange(done: Exchange) -> dict[str, Any]:
    """The same, with what only the business may know."""
    turn = done.turn
    return heard(done) | {
        "confidence": turn.confidence if turn else None,
        "threshold": turn.threshold if turn else None,
        "reasons": [reason.words for reason in turn.reasons] if turn else [],
        "revision": turn.revision if turn else None,
        "directives": list(turn.directives) if turn else [],
        "covered_by": turn.assessment.covered_by if turn and turn.assessment else None,
        "summon": done.summon,
    }


def said(one: Message) -> dict[str, Any]:
    """A message as its customer may see it."""
    return {"id": one.id, "seq": one.seq, "author": one.author.value, "kind": one.kind.value, "text": one.text, "at": one.at.isoformat()}


def message(one: Message, names: Names) -> dict[str, Any]:
    kind = "withdrawn" if one.withdrawn_at else one.kind.value
    return said(one) | {"kind": kind, "by": names.get(one.person) if one.person else None, "turn": one.turn}


def turn(one: Turn) -> dict[str, Any]:
    return {
        "turn": one.id,
        "upto_seq": one.upto_seq,
        "outcome": one.outcome.value,
        "message": one.message,
        "confidence": one.confidence,
        "threshold": one.threshold,
        "reasons": [{"code": reason.code, "words": reason.words} for reason in one.reasons],
        "covered_by": one.assessment.covered_by if one.assessment else None,
        "revision": one.revision,
        "directives": list(one.directives),
        "draft": one.draft,
        "model": one.model,
        "input_tokens": one.input_tokens,
        "output_tokens": one.output_tokens,
        "cached_tokens": one.cached_tokens,
        "cost": one.cost,
        "latency_ms": one.latency_ms,
        "at": one.at.isoformat(),
    }


def summon(one: Summon) -> dict[str, Any]:
    return {
        "summon": one.id,
        "conversation": one.conversation,
        "status": one.status.value,
        "person": one.person,
        "lease_until": one.lease_until.isoformat() if one.lease_until else None,
    }


def notice(one: Notice) -> dict[str, Any]:
    return {
        "notice": one.id,
        "kind": one.kind.value,
        "channel": one.channel,
        "state": one.state.value,
        "attempts": one.attempts,
        "tried_at": one.tried_at.isoformat() if one.tried_at else None,
        "due_at": one.due_at.isoformat() if one.due_at else None,
        "problem": one.problem,
    }


def channel(one: ChannelState) -> dict[str, Any]:
    """Without its address, which is a secret."""
    return {
        "channel": one.channel.name,
        "kind": one.channel.masked,
        "person": one.channel.person,
        "after_minutes": one.channel.after_minutes,
        "words": one.channel.words,
        "ok": not one.failed,
        "unusable": one.unusable,
        "last": notice(one.last) if one.last else None,
    }


def customer(record: Customer) -> dict[str, Any]:
    return {"id": record.id, "name": record.name, "contacts": list(record.contacts), "notes": record.notes, "fields": record.fields}


def erased(found: Found, row: Erasure) -> dict[str, Any]:
    """What went, in numbers and opaque ids. `wiped`: the file holds nothing of it any more; else that is still to come."""
    return {
        "erasure": row.id,
        "at": row.at.isoformat(),
        "wiped": row.wiped_at is not None,
        "customer": row.customer,
        "conversations": [one.id for one in found.conversations],
        "messages": found.messages,
        "signals": found.signals,
        "mentions": found.mentions,
        "proposals": {"closed": list(found.proposals.end), "written_anew": list(found.proposals.go_on)},
    }


def mistake(one: Mistake) -> dict[str, Any]:
    return {
        "mistake": one.id,
        "kind": one.kind.value,
        "question": one.question,
        "wrong": one.wrong,
        "reason": one.reason,
        "better": one.better,
        "covered_by": one.covered_by,
        "caught": len(one.signals),
        "again": one.again,
        "stopped": one.stopped,
        "at": one.at.isoformat(),
        "last_at": one.last_at.isoformat() if one.last_at else None,
        "closed_by": one.closed_by,
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "because": one.because,
        "prevented_by": [{"path": each.path, "text": each.text, "kind": "guard" if each.guard else "rule"} for each in one.prevented_by],
    }


def signal(one: Signal) -> dict[str, Any]:
    return {"signal": one.id, "kind": one.kind.value, "weight": one.weight, "message": one.message}


def proposal(shown: Shown) -> dict[str, Any]:
    return {
        "proposal": shown.id,
        "title": shown.title,
        "head": shown.head,
        "base": shown.base,
        "main": shown.main,
        "author": shown.commit.author,
        "at": shown.commit.at.isoformat(),
        "operations": list(shown.operations),
        "evidence": shown.evidence,
        "labels": list(shown.labels),
        "checks": [
            {"check": one.name, "verdict": one.verdict.value, "summary": one.summary, "findings": [str(finding) for finding in one.findings]}
            for one in shown.checks
        ],
    }


def words(one: Signal, names: Names) -> dict[str, Any]:
    """What a person did that is evidence."""
    return {
        "conversation": one.conversation,
        "kind": one.kind.value,
        "by": names.get(one.person),
        "customer": one.customer_text,
        "text": one.text,
        "reason": one.reason,
    }


def directive(one: Directive, *, in_force: bool) -> dict[str, Any]:
    return {
        "directive": one.id,
        "kind": one.kind.value,
        "title": one.title,
        "status": one.status.value,
        "in_force": in_force,
        "confidence": one.confidence,
        "topics": list(one.topics),
        "protected": one.protected,
        "from": one.starts.isoformat() if one.starts else None,
        "until": one.ends.isoformat() if one.ends else None,
    }


def entry(one: Entry) -> dict[str, Any]:
    return {
        "release": one.release,
        "kind": one.kind.value,
        "title": one.title,
        "by": one.by,
        "at": one.at.isoformat(),
        "proposal": one.proposal,
        "operations": list(one.operations),
        "evidence": [{"directive": directive, "conversation": talk} for directive, talk in one.evidence],
        "reverts": one.reverts,
        "despite": one.despite,
    }


def source(one: Source) -> dict[str, Any]:
    return {
        "directive": one.directive,
        "line": one.line,
        "text": one.text,
        "commit": one.commit,
        "release": one.entry.release,
        "kind": one.entry.kind.value,
        "title": one.entry.title,
        "proposal": one.entry.proposal,
        "approved_by": one.entry.by,
        "approved_at": one.entry.at.isoformat(),
        "conversations": list(one.conversations),
        "taught_as": one.was,
        "passed": [{"how": step.how.value, "release": step.entry.release, "by": step.entry.by, "at": step.entry.at.isoformat()} for step in one.passed],
        "earlier": [source(before) for before in one.earlier],
    }


def why(found: Why) -> dict[str, Any]:
    return {
        "message": found.message.id,
        "text": found.message.text,
        "revision": found.turn.revision,
        "confidence": found.turn.confidence,
        "threshold": found.turn.threshold,
        "model": found.turn.model,
        "directives": list(found.turn.directives),
        "covered_by": found.covering.id if found.covering else None,
        "lines": [source(one) for one in found.sources],
        "taught_by": {talk: list(told.people) for talk, told in found.taught.items()},
        "erased": [talk for talk, told in found.taught.items() if told.erased],
    }


def began(found: Began) -> dict[str, Any]:
    return {
        "message": found.asked.text,
        "said": found.said,
        "answer": found.now.tried.as_dict(),
        "as_said": found.as_said,
        "clear": found.clear,
        "release": entry(found.release) if found.release is not None else None,
        "before": found.before.tried.as_dict() if found.before is not None else None,
        "releases": found.releases,
        "again": found.again,
        "replays": found.asked_under,
        "tries": found.tries,
    }


def event(one: Event) -> dict[str, Any]:
    return {"id": one.id, "kind": one.kind, "at": one.at.isoformat(), "conversation": one.conversation, "body": one.body}
