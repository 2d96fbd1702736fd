"""What a model is asked: pure functions from a `Question` or a `Material` to the arguments of one Messages API call. Knows no SDK.

Three kinds of text never mix. The fixed instructions are ours. The guidance was approved by a person. Everything else is data, and stands in the
user's turn as JSON in which `<`, `>`, line ends and characters that cannot be seen are escaped: whatever a customer writes, it cannot close the
element it stands in, begin a line of its own, or hide.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from voicegit.adapters.models.instructions import DISTILLATION, JUDGING, TURN
from voicegit.domain.conversation import Author, Message
from voicegit.domain.directive import Directive, Example, Guards, Status
from voicegit.domain.guidance import CHARS_PER_TOKEN, DirectiveSet
from voicegit.domain.ids import SignalId
from voicegit.domain.judging import ABOUT_BOTH, ABOUT_EACH, Judging
from voicegit.domain.material import Declined, Lesson, Material
from voicegit.domain.people import Customer
from voicegit.domain.turn import Question

TURN_TOKENS = 8192
"""Thinking counts towards this (a reply has at most 1,600 characters, about 400 tokens); what is not used costs nothing."""

DISTILLATION_TOKENS = 64_000
"""Opus always thinks, and its thinking counts: an answer that was cut off would be cut off again at the next try. Streamed, as the SDK demands from
21,334 on (its estimate of what takes ten minutes)."""

JUDGING_TOKENS = 4096
"""Thinking counts towards this; the answer itself has a sentence."""

USUAL_TALK = 3000
"""Characters of an ordinary conversation with its record and the schema: for estimates alone."""

TURN_EFFORT = "low"
"""A customer waits, and the answers' order makes the model assess before it speaks. At low effort it still thinks about what is hard.
https://platform.claude.com/docs/en/build-with-claude/effort"""

DISTILLATION_EFFORT = "high"
"""The default of the API: nobody waits, and a person reads every word of the outcome."""

MAX_TRANSCRIPT = 40_000
"""Characters of a conversation that a model reads, the newest kept: a bound on cost that an ordinary conversation never meets."""

MAX_EARLIER = 2000
"""Characters of the conversation before that a judge reads, the newest kept: enough to know what "yes" is said to."""

Request = dict[str, Any]
"""Keyword arguments of `client.messages.create`."""


def turn(question: Question, *, model: str) -> Request:
    """The request for one turn. Up to the end of `system`, turns under the same complete guidance are the same, byte for byte."""
    return _request(
        model,
        system=[_text(TURN), _guidance(question)],
        user="\n".join(_turn_data(question)),
        schema=TURN_SCHEMA,
        effort=TURN_EFFORT,
        max_tokens=TURN_TOKENS,
    )


def distillation(material: Material, *, model: str) -> Request:
    """The request for one distillation. Lessons go by short ids, which `lesson_ids` resolves."""
    request = _request(
        model,
        system=[_text(DISTILLATION)],
        user="\n".join(_distillation_data(material)),
        schema=DISTILLATION_SCHEMA,
        effort=DISTILLATION_EFFORT,
        max_tokens=DISTILLATION_TOKENS,
    )
    return {**request, "stream": True}


def judging(asked: Judging, *, model: str) -> Request:
    """The request for an opinion on two texts. All texts, and the objection, are data."""
    lines = [
        *_element("earlier", _newest([{"from": _SPEAKERS[m.author], "text": m.text} for m in asked.earlier if m.spoken], MAX_EARLIER)),
        *_element("asked", [encoded({"text": asked.asked})]),
        *_element("texts", [encoded({"one": asked.one, "two": asked.two})]),
    ]
    if asked.objection:
        lines += [*_element("objection", [encoded({"text": asked.objection})]), "Which of the texts has what the objection complains of?"]
    else:
        lines.append("Do they come to the same?")
    return _request(
        model,
        system=[_text(JUDGING)],
        user="\n".join(lines),
        schema=_JUDGING_SCHEMAS[bool(asked.objection)],
        effort=TURN_EFFORT,
        max_tokens=JUDGING_TOKENS,
    )


def size(known: DirectiveSet) -> int:
    """Characters that one turn under a set reads at the most, and about."""
    guided = min(sum(len(section) for section in known.sections.values()), known.policy.turns.budget_tokens * CHARS_PER_TOKEN)
    return len(TURN) + guided + USUAL_TALK


def judged() -> int:
    """Characters that one judging call reads at the most, as far as can be told before."""
    return len(JUDGING) + MAX_EARLIER + USUAL_TALK


def lesson_ids(material: Material) -> dict[str, SignalId]:
    """Short id in the request → signal. A model copies `s3` without a mistake; of UUIDs it makes new ones."""
    return {f"s{number}": lesson.signal for number, lesson in enumerate(material.lessons, 1)}


def encoded(value: object) -> str:
    """JSON on one line that can only be read as data. `json.loads` gives back exactly `value`."""
    return _HARMFUL.sub(_escape, json.dumps(value, ensure_ascii=False))


_HARMFUL = re.compile(
    "[<>\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u2800\u3164"
    "\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]"
)
"""What could close an element (`<`, `>`), break a line, turn the writing direction, or not be seen; also what no encoder takes (surrogates)."""


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


# ---- the turn


def _guidance(question: Question) -> Request:
    """The second system block: the same for all turns under one revision, so that the cache can hold it.

    It lives five minutes after its last use: writing it costs 1.25 times the tokens (an hour: 2 times), reading 0.1 times. When the budget left
    directives out, each message has its own selection: caching those would only cost.
    """
    policy = question.known.policy
    lines = [f"The business: {policy.business.name}. A reply has at most {policy.turns.max_chars} characters."]
    if policy.business.hours is not None:
        lines.append(f"Its hours: {policy.business.hours}")
    if not question.guidance.complete:
        lines.append("Not all directives fit in here. What these do not cover, treat as not covered.")
    block = _text("\n".join([*lines, "", "<guidance>", question.guidance.text or "(nothing has been taught yet)", "</guidance>"]))
    return {**block, "cache_control": {"type": "ephemeral", "ttl": "5m"}} if question.guidance.complete else block


def _turn_data(question: Question) -> list[str]:
    zone = ZoneInfo(question.known.policy.business.timezone)
    # Earlier turns are data too, not `user` and `assistant` roles: a model trusts what it seems to have said itself, continues in its manner, and a
    # person's words would pass for its own. As a transcript, who spoke is a field that no customer can set.
    lines = [
        *_element("now", [_clock(question.now, zone)]),
        *_element("customer_record", [encoded(_record(question.customer))]),
        *_element("conversation", _transcript(question.messages, zone)),
        *_element("unanswered", [encoded({"text": question.asked})]),
    ]
    if question.avoid is not None:
        lines += [
            *_element("first_try", [encoded({"refused_because": question.avoid})]),
            "Your first try was refused by a rule. Write one that keeps to it, or summon.",
        ]
    return [*lines, "Assess, then answer what is unanswered."]


def _record(customer: Customer | None) -> dict[str, object] | None:
    """What a reply may need. Contacts stay out: no answer needs a phone number, so no answer can leak one."""
    if customer is None:
        return None
    values: dict[str, object] = {"name": customer.name, "notes": customer.notes, **({"fields": customer.fields} if customer.fields else {})}
    return {key: value for key, value in values.items() if value}


_SPEAKERS = {Author.CUSTOMER: "customer", Author.MODEL: "us", Author.PERSON: "colleague"}


def _transcript(messages: Sequence[Message], zone: tzinfo) -> list[str]:
    return _newest([{"at": _clock(m.at, zone), "from": _SPEAKERS[m.author], "text": m.text} for m in messages if m.spoken], MAX_TRANSCRIPT)


def _newest(messages: Sequence[Mapping[str, object]], room: int) -> list[str]:
    lines: list[str] = []
    for message in reversed(messages):
        line = encoded(message)
        room -= len(line)
        if room < 0:
            lines.append(encoded({"earlier_messages_left_out": len(messages) - len(lines)}))
            break
        lines.append(line)
    return lines[::-1]


def _clock(at: datetime, zone: tzinfo) -> str:
    """As people of the business read it, with the weekday: "open on Saturdays" needs it."""
    return at.astimezone(zone).strftime("%A %Y-%m-%d %H:%M")


# ---- the distillation


def _distillation_data(material: Material) -> list[str]:
    taught = [d for d in material.known.directives if d.status is Status.ACTIVE]
    return [
        *_element("directives", (encoded(_directive(d)) for d in taught)),
        *_element("retired", (encoded({"id": d.id, "title": d.title}) for d in material.known.directives if d.status is Status.RETIRED)),
        *_element("lessons", _lessons(material.lessons)),
        *_element("declined", (encoded(_declined(d)) for d in material.declined)),
        *_element("recent_releases", (encoded(title) for title in material.recent)),
        *_element("limits", [encoded({"max_operations": material.max_changes})]),
        "Give the operations that these lessons support.",
    ]


def _directive(directive: Directive) -> dict[str, object]:
    values: dict[str, object] = {
        "id": directive.id,
        "title": directive.title,
        "protected": directive.protected,
        "confidence": directive.confidence,
        "topics": directive.topics,
        "from": directive.starts.isoformat() if directive.starts else None,
        "until": directive.ends.isoformat() if directive.ends else None,
        "guards": _guards(directive.guards),
        "rules": [rule.text for rule in directive.rules],
        "examples": [_example(example) for example in directive.examples],
    }
    return {key: value for key, value in values.items() if value is not None}


def _declined(declined: Declined) -> dict[str, object]:
    return {"was": "live, and taken back" if declined.taken_back else "proposed, and declined", "operations": declined.operations, "reason": declined.reason}


def _guards(guards: Guards) -> dict[str, object] | None:
    return {"never_say": guards.never_say, "max_words": guards.max_words} if guards else None


def _example(example: Example) -> dict[str, object]:
    return {"customer": example.customer, "us": example.us}


def _lessons(lessons: Sequence[Lesson]) -> list[str]:
    """People and conversations by short names of their own: enough to see who differs from whom, and nothing to repeat."""
    people = _short("p", (lesson.person for lesson in lessons))
    conversations = _short("c", (lesson.conversation for lesson in lessons))
    lines = []
    for number, lesson in enumerate(lessons, 1):
        values: dict[str, object] = {
            "id": f"s{number}",
            "kind": lesson.kind.value,
            "situation": lesson.situation,
            "conversation": conversations[lesson.conversation],
            "person": people[lesson.person],
            "weight": lesson.weight,
            "teaches": lesson.teaches.value if lesson.teaches else None,
            "customer": lesson.customer,
            "ours": lesson.ours,
            "theirs": lesson.theirs,
            "reason": lesson.reason,
        }
        lines.append(encoded({key: value for key, value in values.items() if value is not None}))
    return lines


def _short(prefix: str, names: Iterable[str]) -> Mapping[str, str]:
    return {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(names), 1)}


# ---- the wire


def _element(name: str, lines: Iterable[str]) -> list[str]:
    return [f"<{name}>", *lines, f"</{name}>"]


def _text(text: str) -> Request:
    return {"type": "text", "text": text}


def _request(model: str, *, system: Sequence[Request], user: str, schema: Request, effort: str, max_tokens: int) -> Request:
    config: Request = {"format": {"type": "json_schema", "schema": schema}}
    # Models before the fifth generation's Haiku refuse `effort` with a 400.
    if not model.startswith("claude-haiku-4"):
        config["effort"] = effort
    return {"model": model, "max_tokens": max_tokens, "system": list(system), "messages": [{"role": "user", "content": user}], "output_config": config}


def _object(**properties: Request) -> Request:
    """All keys required: a model then writes them in the order in which they stand here, which for a turn means assessment first."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _string(description: str) -> Request:
    return {"type": "string", "description": description}


def _maybe(description: str, kind: str = "string") -> Request:
    return {"anyOf": [{"type": kind}, {"type": "null"}], "description": description}


def _list(items: Request, description: str) -> Request:
    return {"type": "array", "items": items, "description": description}


def _flag(description: str) -> Request:
    return {"type": "boolean", "description": description}


# The schemas hold no bounds (`minimum`, `maxLength`: the API takes none of them; `answers` checks) and nothing that changes with the
# directives: a new schema is compiled anew, and it stands before the system blocks in the cache.
TURN_SCHEMA: Request = _object(
    clear=_flag("Is the request clear?"),
    informed=_flag("Is every fact that the answer needs given?"),
    unremarkable=_flag("Is nothing emotional, legal or unusual at play?"),
    covered=_flag("Does the guidance cover this case?"),
    covered_by=_maybe("The id of the directive that covers it, exactly as it stands after '# ' in the guidance; null when none does."),
    note=_string("One plain sentence: why."),
    confidence={"type": "number", "description": "From 0 to 1: the chance that the owner would send exactly this kind of answer."},
    action={"type": "string", "enum": ["reply", "summon"]},
    text=_string("The reply as the customer would read it; with summon a draft for the person, or an empty string."),
)

_JUDGING_SCHEMAS: Mapping[bool, Request] = {
    objected: _object(
        why=_string("One short sentence: what is the same, or what differs."),
        opinion={"type": "string", "enum": [one.value for one in (ABOUT_EACH if objected else ABOUT_BOTH)]},
    )
    for objected in (False, True)
}

DISTILLATION_SCHEMA: Request = _object(
    operations=_list(
        _object(
            change={"type": "string", "enum": ["reinforce", "refine", "revise", "add", "retire"]},
            directive=_string("The id: voice/, situations/ or facts/ and a name of a-z, 0-9 and hyphens."),
            rule=_maybe("The existing rule, copied exactly; null for add."),
            text=_maybe("The one rule that replaces it, or the new rule, on one line; else null."),
            title=_maybe("Only for the first operation of a new directive; else null."),
            topics=_list({"type": "string"}, "Only for a new directive; else empty."),
            examples=_list(
                _object(customer=_list({"type": "string"}, "What customers wrote."), us=_string("A person's own answer, word for word.")), "To add."
            ),
            guards=_object(never_say=_list({"type": "string"}, "To add."), max_words=_maybe("To set; else null.", "integer")),
            why=_string("One plain sentence for the person who reviews it."),
            evidence=_list({"type": "string"}, "The ids of the lessons behind it: s1, s2, …"),
        ),
        "May be empty: nothing to learn is an answer.",
    ),
    title=_string("A headline in plain words."),
    summary=_string("What was learned and why, or why nothing; open questions to the people last."),
)
