"""Applies a distillation's operations to the directives, one by one, and refuses those that break a rule: each refusal has its reason.

A model names a directive and an exact rule; it never rewrites a file. What it asks for is input from outside.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from voicegit.domain import book
from voicegit.domain import directive_text as text
from voicegit.domain.book import No
from voicegit.domain.contradiction import restates
from voicegit.domain.directive import MAX_RULE_CHARS, NOT_FOR, PATH, SLUG, Directive, Example, Guards, Status, hidden_characters, read
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, SignalId
from voicegit.domain.operation import Change, Dropped, Operation
from voicegit.domain.outgoing import guard_hits, guards_for
from voicegit.domain.privacy import Span, certain, suspicious
from voicegit.domain.signal import TEACHING, WORDED, Signal
from voicegit.domain.tree import MAX_FILES
from voicegit.errors import Invalid

REINFORCED = 0.1
"""How far one full-weight signal moves a directive's confidence towards 1."""

MOST_SURE = 0.97
"""Confidence that repetition alone can reach: certainty is the owner's to write."""

OVER_LIMIT = "it is one change too many for one proposal; its signals wait for the next distillation"


@dataclass(frozen=True)
class Applied:
    """`files` maps each changed path to its new content."""

    files: dict[str, bytes]
    accepted: tuple[Operation, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True)
class Ground:
    """What operations are judged against: `signals` by id, `names` of people known from the conversations.

    `book` holds what people said no to before.
    """

    known: DirectiveSet
    signals: Mapping[SignalId, Signal]
    today: date
    names: Sequence[str] = ()
    book: Sequence[No] = ()

    @cached_property
    def live(self) -> frozenset[str]:
        """Every word of the directives as they are. Asked for each example, and there are hundreds."""
        return frozenset(re.findall(r"\w+", "\n".join(directive.source for directive in self.known.directives)))


def apply(operations: Sequence[Operation], ground: Ground) -> Applied:
    """Keeps what holds, in order; drops the rest with a reason in words."""
    now: dict[DirectiveId, Directive] = {d.id: d for d in ground.known.directives}
    accepted: list[Operation] = []
    dropped: list[Dropped] = []
    counted: dict[DirectiveId, set[SignalId]] = {}
    most = ground.known.policy.learning.max_changes
    for asked in sorted(operations, key=lambda o: not o.guards.never_say):
        fresh_part, repeated = book.without(asked, ground.book, ground.signals)
        dropped += repeated
        if fresh_part is None:
            continue
        operation, unfit = _fit_examples(fresh_part, ground)
        dropped += unfit
        if unfit and not operation.examples and not operation.text:
            continue
        reason = _refused(operation, now, ground) or (OVER_LIMIT if operation.directive not in counted and len(counted) >= most else None)
        fresh = set(operation.evidence) & set(ground.signals) - counted.get(operation.directive, set())
        edited = None if reason else _edit(operation, now.get(operation.directive), sum(ground.signals[id].weight for id in fresh))
        if isinstance(edited, Directive):
            now[operation.directive] = edited
            counted.setdefault(operation.directive, set()).update(fresh)
            accepted.append(operation)
        else:
            dropped.append(Dropped(operation, reason or edited or "it changes nothing"))
    files = {now[id].path: now[id].source.encode() for id in sorted(counted)}
    return Applied(files, tuple(accepted), tuple(dropped))


def _refused(operation: Operation, now: Mapping[DirectiveId, Directive], ground: Ground) -> str | None:
    """Why an operation may not be done at all, or None."""
    evidence = [ground.signals[id] for id in operation.evidence if id in ground.signals]
    existing = now.get(operation.directive)
    if not PATH.fullmatch(f"{operation.directive}.md"):
        return "it names a place where no directive can be"
    if not evidence:
        return "no signal of a person stands behind it"
    changes_words = operation.change is not Change.REINFORCE or operation.examples or operation.guards or operation.allows or operation.unasked
    if changes_words and not any(s.kind in TEACHING for s in evidence):
        return "only approvals stand behind it, and those reinforce; they never change words"
    if not any(s.kind in WORDED for s in evidence) and _said_to_customers(operation):
        return "a rejection's reason is for us: it is never an answer, nor a line of facts/, which customers are told"
    if existing is not None and existing.protected:
        return "this directive is protected: only the owner's own proposal may change it"
    if existing is None and not (operation.change is Change.ADD and operation.title):
        return "there is no such directive"
    if existing is None and len(now) >= MAX_FILES - 2:
        return "the repository is full"
    return _unfit_words(operation, ground) or _unfit_rule(operation, existing)


def _said_to_customers(operation: Operation) -> bool:
    """Whether an operation adds words that may be sent as they are."""
    if operation.examples:
        return True
    kept = operation.text is None or NOT_FOR.fullmatch(operation.text) or (operation.rule is not None and restates(operation.rule, operation.text))
    return operation.directive.startswith("facts/") and not kept


def _fit_examples(operation: Operation, ground: Ground) -> tuple[Operation, list[Dropped]]:
    """The operation with the examples that may stand in a repository, and a refusal for each of the others."""
    guards = Guards(guards_for(ground.known.in_force(ground.today), operation.directive).never_say)
    fit: list[Example] = []
    unfit: list[Dropped] = []
    for example in operation.examples:
        broken = next(iter(guard_hits(example.us, guards)), None)
        reason = _unfit(*example.customer, example.us, ground=ground) or (f"its example cannot be an answer: {broken}" if broken else None)
        if reason is None:
            fit.append(example)
        else:
            unfit.append(Dropped(replace(operation, examples=(example,), text=None), reason))
    return replace(operation, examples=tuple(fit)), unfit


def _unfit(*words: str, ground: Ground) -> str | None:
    for one in words:
        if next(hidden_characters(one), None):
            return "it holds a character that a reviewer could not see"
        if certain(one, names=ground.names) or not all(_approved(one, span, ground.live) for span in suspicious(one, names=ground.names)):
            return "it holds what looks like personal data"
    return None


def _approved(text: str, span: Span, live: Collection[str]) -> bool:
    """Whether what only might be a name stands in approved texts: "Brooklyn" of the areas we clean in. A sentence's first word may be any before it."""
    words = re.findall(r"\w+", text[span.start : span.end])
    told = words[1:] if span.start == 0 and len(words) > 1 else words
    return span.type == "name" and all(word in live for word in told)


def _unfit_words(operation: Operation, ground: Ground) -> str | None:
    # A word alone says little: a topic that stands in the title or the rule is judged there, with what surrounds it.
    told = set(re.findall(r"\w+", f"{operation.title or ''} {operation.text or ''}".casefold()))
    alone = [topic for topic in operation.topics if topic not in told]
    unfit = _unfit(*(one for one in (operation.title, operation.text, *operation.guards.never_say, *alone) if one), ground=ground)
    if unfit:
        return unfit
    if not all(SLUG.fullmatch(topic) for topic in operation.topics):
        return "a topic is one plain word of a-z, 0-9 and hyphens"
    if operation.text is not None and not (0 < len(operation.text.strip()) <= MAX_RULE_CHARS and "\n" not in operation.text):
        return f"a rule is one line of at most {MAX_RULE_CHARS} characters"
    if operation.title is not None and not (0 < len(operation.title.strip()) <= 120 and "\n" not in operation.title):
        return "a title is one line of at most 120 characters"
    return None


def _unfit_rule(operation: Operation, existing: Directive | None) -> str | None:
    if operation.rule is None:
        needs = operation.change in {Change.REFINE, Change.REVISE} and not (operation.allows or operation.unasked or operation.answer)
        return f"to {operation.change} it must name the rule that it changes" if needs else None
    matches = 0 if existing is None else sum(rule.text == operation.rule for rule in existing.rules)
    return None if matches == 1 else "the rule it names does not stand there exactly once"


def _edit(operation: Operation, existing: Directive | None, weight: float) -> Directive | str | None:
    """The directive after the operation; a reason when the text cannot be edited so; None when nothing would change.

    `weight` is that of the evidence not counted for this directive before: it makes the directive surer.
    """
    path = f"{operation.directive}.md"
    try:
        source = _source(operation, existing, weight)
        if operation.answer is not None and operation.examples:
            source = text.replace_answer(_readable(path, source), operation.answer, operation.examples[0].us)
        for asked in operation.unasked:
            source = text.remove_asked(_readable(path, source), asked)
        for example in operation.examples:
            source = text.add_example(_readable(path, source), example)
        after = _readable(path, source)
    except Invalid as exc:
        return str(exc)
    return None if existing is not None and after.source == existing.source else after


def _readable(path: str, source: str) -> Directive:
    found, findings = read(path, source.encode())
    if found is None:
        raise Invalid(str(findings[0]))
    return found


def _source(operation: Operation, existing: Directive | None, weight: float) -> str:
    if existing is None:
        confidence = round(min(MOST_SURE, 0.5 + REINFORCED * weight / 2), 2)
        source = text.new(operation.title or operation.directive, confidence=confidence, topics=operation.topics)
        return _with_rule(operation, replace(_EMPTY, source=source))
    source = _with_rule(operation, existing)
    surer = round(existing.confidence + (1 - existing.confidence) * min(1.0, REINFORCED * weight), 2)
    if operation.change is not Change.RETIRE and existing.confidence < min(surer, MOST_SURE):
        source = text.set_confidence(source, min(surer, MOST_SURE))
    return source


_EMPTY = Directive(id=DirectiveId("voice/new"), title="", source="")


def _with_rule(operation: Operation, directive: Directive) -> str:
    """The source with the rule added, replaced or taken out, and the guards added."""
    source = directive.source
    named = next((rule for rule in directive.rules if rule.text == operation.rule), None)
    if operation.change is Change.RETIRE:
        return text.remove_rule(source, named) if named else text.set_status(source, Status.RETIRED)
    if operation.change in {Change.REFINE, Change.REVISE} and named and operation.text:
        source = text.replace_rule(source, named, operation.text.strip())
    elif operation.change is Change.ADD and operation.text and all(rule.text != operation.text.strip() for rule in directive.rules):
        source = text.add_rule(source, directive.rules, operation.text.strip())
    for word in operation.allows:
        source = text.allow(source, word) if word in directive.guards.never_say else source
    fresh = tuple(word for word in operation.guards.never_say if word not in directive.guards.never_say)
    return text.add_guards(source, replace(operation.guards, never_say=fresh))
