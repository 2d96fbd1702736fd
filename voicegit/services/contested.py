"""What people wrote lately against what is in force, and against each other: asked about in the next proposal, never averaged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from voicegit.domain import agreement, contradiction, dispute, quantity, subject, tree
from voicegit.domain.book import ALIKE, likeness
from voicegit.domain.contradiction import Against, Contradiction, InForce
from voicegit.domain.directive import MAX_RULE_CHARS, Example, read
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, ProposalId, Revision, SignalId
from voicegit.domain.material import Distilled, Lesson, Material
from voicegit.domain.operation import Change, Contested, Dropped, Operation
from voicegit.domain.people import Person
from voicegit.domain.rephrased import Rephrased
from voicegit.domain.signal import SignalKind
from voicegit.domain.subject import Stance
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Branch, Workspace
from voicegit.services import change, history, review, unteach
from voicegit.services.history import EntryKind, Source
from voicegit.services.review import Shown

LOOKED_AT = 2000
"""Lessons of one run that are held against what is in force, the weightiest first."""

PAIRS = 300
"""Lessons of one run that are held against each other, the weightiest first."""

TOLD = 5
"""Disputes that a summary tells at the most."""

ANSWERED = "A person answered this in their own words."

FIRST = "it says something else than {}; which of the two holds is asked first"


def is_first(dropped: Dropped) -> bool:
    """Whether it was left out only until a question is answered: then its signals wait for that."""
    return dropped.reason.endswith(FIRST.partition("{}")[2])


@dataclass(frozen=True)
class Raised:
    """What a distillation comes to once the questions are in it."""

    distilled: Distilled
    dropped: tuple[Dropped, ...] = ()


def raised(workspace: Workspace, material: Material, distilled: Distilled) -> Raised:
    """The distillation with a *revise* for each thing in force that somebody wrote against, and a question where two people taught opposite things.

    What contradicts something in force is not added beside it. A protected directive is left alone: its check refuses what stands against it.
    """
    told = _Told(workspace, material)
    operations, dropped = list(distilled.operations), list[Dropped]()
    made: list[Operation] = []
    for found, lessons in told.contradictions():
        question = told.question(found, lessons[-1])
        same = next((at for at, one in enumerate(operations) if one.directive == found.directive and found.old in (one.rule, one.answer)), None)
        if same is not None:
            operations[same] = replace(operations[same], question=question)
            continue
        evidence = tuple(one.signal for one in lessons)
        added = any(_carries(one, found, evidence) for one in operations)
        if found.kind is not Against.EXAMPLE:
            operations, left_out = _without(operations, found, evidence)
            dropped += left_out
        operation = _revision(found, evidence, question, added=added)
        made += [operation] if operation is not None else []
    contradicting = {signal for one in [*made, *operations] if one.question is not None for signal in one.evidence}
    disputes = [(question, pair) for question, pair in told.disputes() if not contradicting & {one.signal for one in pair}]
    for question, pair in disputes:
        operations = _disputed(operations, question, pair)
    if not made and not disputes and not any(one.question for one in operations):
        return Raised(distilled)
    summary = " ".join([distilled.summary, *(str(question) for question, _ in disputes[:TOLD])])
    return Raised(replace(distilled, operations=(*made, *operations), summary=summary), tuple(dropped))


def _revision(found: Contradiction, evidence: tuple[SignalId, ...], question: Contested, *, added: bool) -> Operation | None:
    """The change that would make the newer text hold. `added`: the newer answer stands in another operation already."""
    since = f"approved {question.old_on:%d %b %Y}" if question.old_by is not None else "there from the beginning"
    behind = f", from {question.talks} conversations" if question.talks > 1 else ", from one conversation" if question.talks else ""
    why = f"A person wrote the opposite of what is in force ({since}{behind}): which holds?"
    base = Operation(Change.REVISE, found.directive, why, evidence, question=question)
    if found.kind is Against.GUARD:
        return replace(base, allows=(found.word or "",))
    if found.kind is Against.EXAMPLE:
        example = Example((found.asked or "",), found.new)
        if _opposite(found.old, found.new):
            return replace(base, answer=found.old, examples=(example,))
        return replace(base, unasked=example.customer, examples=() if added else (example,))
    newer = f"Asked “{found.heard}” we say “{found.new}”" if found.heard is not None else found.new
    text = (quantity.replaced(found.old, found.new) if found.kind is Against.FACT else None) or " ".join(newer.split())
    return replace(base, rule=found.old, text=text) if len(text) <= MAX_RULE_CHARS and text != found.old else None


def _opposite(old: str, new: str) -> bool:
    """Whether an answer is taken back, for all that are asked so. One that is only another answer is that of the one question."""
    stances = {subject.stance(old), subject.stance(new)}
    return contradiction.clash(old, new) or quantity.conflict(old, new) or stances == {Stance.YES, Stance.NO}


def _disputed(operations: Sequence[Operation], question: Contested, pair: tuple[Lesson, Lesson]) -> list[Operation]:
    """The operations with both texts, so that a person can say which holds, and the question on the newer one."""
    found = list(operations)
    where = [next((at for at, one in enumerate(found) if _teaches(one, lesson)), None) for lesson in pair]
    for number, lesson in enumerate(pair):
        beside = where[1 - number]
        if where[number] is None and beside is not None:
            example = Example((lesson.customer,), lesson.theirs or "")
            named = found[beside]
            found.append(Operation(Change.ADD, named.directive, ANSWERED, (lesson.signal,), title=named.title, topics=named.topics, examples=(example,)))
            where[number] = len(found) - 1
    at = next((at for at in (where[1], where[0]) if at is not None and found[at].question is None), None)
    if at is not None:
        # Behind the question stand both: whoever is erased, the words of either go with it.
        both = dict.fromkeys((*found[at].evidence, *(lesson.signal for lesson in pair)))
        found[at] = replace(found[at], question=question, evidence=tuple(both))
    return found


def _teaches(operation: Operation, lesson: Lesson) -> bool:
    """Whether an operation adds what a lesson's person wrote."""
    texts = [operation.text, *(example.us for example in operation.examples)]
    return lesson.signal in operation.evidence and any(agreement.interchangeable(text, lesson.theirs or "") for text in texts if text)


def _carries(operation: Operation, found: Contradiction, evidence: Sequence[SignalId]) -> bool:
    return bool(set(operation.evidence) & set(evidence)) and any(likeness(example.us, found.new) >= ALIKE for example in operation.examples)


def _without(operations: Sequence[Operation], found: Contradiction, evidence: Sequence[SignalId]) -> tuple[list[Operation], list[Dropped]]:
    """The operations without what would stand beside its opposite."""
    kept: list[Operation] = []
    dropped: list[Dropped] = []
    for one in operations:
        if not set(one.evidence) & set(evidence):
            kept.append(one)
            continue
        examples = tuple(example for example in one.examples if found.new in example.us)
        text = one.text if one.text and (found.new in one.text or likeness(one.text, found.new) >= ALIKE) else None
        if examples or text:
            dropped.append(Dropped(replace(one, examples=examples, text=text), FIRST.format(found.directive)))
        left = replace(one, examples=tuple(example for example in one.examples if example not in examples), text=None if text else one.text)
        kept += [left] if not (examples or text) or left.text or left.examples or left.guards else []
    return kept, dropped


def _general(lesson: Lesson) -> bool:
    """Whether a lesson answers what generally holds in words that can be quoted."""
    answer = lesson.theirs or ""
    return subject.asks(subject.asking(lesson.customer)) and "?" not in answer and re.search(r"\[\w+\]", answer) is None


class _Told:
    """The lessons of one run against what is in force, with who said what when."""

    def __init__(self, workspace: Workspace, material: Material) -> None:
        tx = workspace.store.read
        self._workspace = workspace
        self._known: DirectiveSet = material.known
        self._zone = ZoneInfo(material.known.policy.business.timezone)
        today = workspace.clock.now().astimezone(self._zone).date()
        self._force = InForce([one for one in material.known.in_force(today) if not one.protected])
        self._rephrased = Rephrased(self._force)
        self._lessons = sorted(material.lessons, key=lambda one: (-one.weight, one.signal))[:LOOKED_AT]
        self._names = {person.id: person.name for person in tx.people.find()}
        self._signals = {one.id: one for one in tx.signals.find(id__in=[lesson.signal for lesson in self._lessons])}
        self._sources: dict[DirectiveId, list[Source]] = {}

    def contradictions(self) -> list[tuple[Contradiction, list[Lesson]]]:
        """Each place in force with the first text against it, and all the lessons that are, in the order of their signals."""
        found: dict[tuple[object, ...], tuple[Contradiction, list[Lesson]]] = {}
        for lesson in sorted(self._lessons, key=lambda one: one.signal):
            for one in self._against(lesson):
                place = (one.directive, one.kind, one.line, one.word, one.asked)
                found.setdefault(place, (one, []))[1].append(lesson)
        return list(found.values())

    def _against(self, lesson: Lesson) -> list[Contradiction]:
        found: list[Contradiction] = []
        if lesson.kind in {SignalKind.TAKEOVER, SignalKind.CORRECTION, SignalKind.EDIT} and lesson.theirs:
            found += self._force.against(lesson.customer, lesson.theirs)
            kinds = {one.kind for one in found}
            found += [one for one in self._rephrased.against(lesson.customer, lesson.theirs) if one.kind not in kinds]
        if lesson.reason and lesson.kind is not SignalKind.APPROVAL:
            reason = " ".join(lesson.reason.split())
            ruled = self._force.against_rule(reason)
            # What a fact says is said to customers, and a reason seldom is.
            ruled = None if ruled is not None and ruled.directive.startswith("facts/") and not contradiction.restates(ruled.old, reason) else ruled
            found += [ruled] if ruled is not None and all(ruled.line != one.line or ruled.directive != one.directive for one in found) else []
        return found

    def question(self, found: Contradiction, lesson: Lesson) -> Contested:
        source = self._source(found)
        began = source is None or source.entry.kind is EntryKind.INIT
        return Contested(
            old=found.old,
            new=found.new,
            old_by=None if source is None or began else source.entry.by,
            old_on=self._day(source.entry.at) if source is not None else self._on(lesson),
            talks=len(source.conversations) if source is not None else 0,
            new_by=self._names.get(lesson.person, "A colleague"),
            new_on=self._on(lesson),
        )

    def disputes(self) -> list[tuple[Contested, tuple[Lesson, Lesson]]]:
        """Pairs of lessons of two people that answer one question in ways that cannot both hold, the older first; each two texts once."""
        told = [one for one in self._lessons[:PAIRS] if one.theirs and one.kind is not SignalKind.APPROVAL and _general(one)]
        words = {one.signal: contradiction.plain(one.customer) for one in told}
        found: list[tuple[Contested, tuple[Lesson, Lesson]]] = []
        for first, second in combinations(sorted(told, key=lambda lesson: lesson.signal), 2):
            if first.person == second.person or fuzz.ratio(words[first.signal], words[second.signal]) < contradiction.SAME_QUESTION:
                continue
            question = self._dispute(first, second)
            known = any((one.old, one.new) == (question.old, question.new) for one, _ in found)
            opposed = agreement.contradict(question.old, question.new) or contradiction.differ(question.old, question.new)
            if not known and opposed and contradiction.one_question(first.customer, second.customer):
                found.append((question, (first, second)))
        return found

    def _dispute(self, first: Lesson, second: Lesson) -> Contested:
        names = [self._names.get(one.person, "A colleague") for one in (first, second)]
        asked = tuple(dict.fromkeys((first.customer, second.customer)))
        return Contested(first.theirs or "", second.theirs or "", names[0], self._on(first), 0, names[1], self._on(second), dispute=True, asked=asked)

    def _source(self, found: Contradiction) -> Source | None:
        if found.directive not in self._sources:
            self._sources[found.directive] = history.blame(self._workspace, found.directive, revision=self._known.revision)
        lines = [one for one in self._sources[found.directive] if one.line >= found.line]
        if found.kind is Against.EXAMPLE:
            lines = [one for one in lines if "**Us:**" in one.text]
        return lines[0] if lines else None

    def _on(self, lesson: Lesson) -> date:
        signal = self._signals.get(lesson.signal)
        return self._day(signal.at if signal is not None else self._workspace.clock.now())

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


# ---- what waits for an answer


@dataclass(frozen=True)
class Held:
    """Signals whose words a question was asked about that still stands open (`asked`), or that was answered by keeping what is in force (`kept`)."""

    asked: frozenset[SignalId]
    kept: frozenset[SignalId]


def held(workspace: Workspace, known: DirectiveSet) -> Held:
    """By what every run asked. A signal is in neither once what it stood against is in force no more: then it teaches."""
    open = {branch.proposal for branch in workspace.directives.proposals()}
    asked, kept = set[SignalId](), set[SignalId]()
    for row in workspace.store.read.distillations.find(proposal__not=None):
        for one in row.operations:
            if one.question is not None and not one.question.dispute and _stands(known, one):
                (asked if row.proposal in open else kept).update(one.evidence)
    return Held(frozenset(asked), frozenset(kept - asked))


def _stands(known: DirectiveSet, operation: Operation) -> bool:
    """Whether what an operation would revise is there unchanged."""
    directive = known.get(operation.directive)
    if directive is None or operation.question is None:
        return False
    rule = any(one.text == operation.rule for one in directive.rules)
    guard = bool(set(operation.allows) & set(directive.guards.never_say))
    answer = (operation.answer is not None or bool(operation.unasked)) and any(one.us == operation.question.old for one in directive.examples)
    return rule or guard or answer


# ---- the answer, without a page


IN_FORCE = "What is in force holds."


@dataclass(frozen=True)
class Asked:
    """What two people taught against each other in an open proposal, counted from 1. `holds` is whose text stands alone in it as it is now; None while both
    do.
    """

    number: int
    question: Contested
    holds: str | None

    def in_words(self) -> str:
        return f"{self.question} As the proposal is now, {self.holds}'s text holds." if self.holds else str(self.question)


def disputes(workspace: Workspace, shown: Shown) -> list[Asked]:
    """Every such question of a proposal, also those that are answered."""
    found = []
    known = tree.lint(workspace.directives.entries(shown.head))[0]
    for number, one in enumerate(review.disputes(workspace, shown.id), 1):
        older, newer = (any(dispute.places(known, one, text)) for text in (one.old, one.new))
        if older or newer:
            found.append(Asked(number, one, None if older and newer else one.old_by if older else one.new_by))
    return found


def settle(workspace: Workspace, name: ProposalId, *, holds: str, by: Person, number: int | None = None) -> Revision:
    """Takes the other person's text out of a proposal wherever it and that of `holds` (a name, in any case) stand against each other, or only in one question.

    Nothing is live by it. Raises `Conflict` where the proposal asks nothing of the kind, `Invalid` where `holds` is neither of the two.
    """
    by.must_review()
    shown = review.show(workspace, name)
    open = [one.question for one in disputes(workspace, shown) if one.holds is None and number in (None, one.number)]
    if not open:
        which = "" if number is None else f" in question {number}, or not any more"
        raise Conflict(f"{name} does not ask whose text holds{which}. Read it with 'voicegit diff {name}'; approve, amend or decline it.")
    mine = [one for one in open if [holds.casefold() == (who or "").casefold() for who in (one.old_by, one.new_by)].count(True) == 1]
    if not mine:
        said = " or ".join(f"'--holds {who}'" for who in dict.fromkeys(who for one in open for who in (one.old_by, one.new_by)))
        raise Invalid(f"{holds[:40]!r} is not one of the two who taught against each other. Say {said}; or amend {name} by hand.")
    changed = change.changed(workspace, shown.base, shown.head)
    known = {f"{one.id}.md": one for one in workspace.directives.at(shown.head).directives}
    files: dict[str, bytes | None] = {}
    for path in known.keys() & changed.keys():
        source: str | None = known[path].source
        for one in mine:
            held = read(path, source.encode())[0] if source is not None else None
            source = dispute.without(held, one, one.new if holds.casefold() == (one.old_by or "").casefold() else one.old) if held is not None else None
        if source != known[path].source:
            files[path] = None if source is None else source.encode()
    return review.amend(workspace, name, files, by=by, head=shown.head)


def answer(workspace: Workspace, name: ProposalId, *, keep: bool, by: Person) -> Revision | None:
    """Whichever of the two kinds of question a proposal asks: what was refined after a lesson that is taken back, or what stands against something in force.

    The proposal's head; None where it was closed. Raises `Conflict` for a proposal that asks nothing.
    """
    shown = review.show(workspace, name)
    if unteach.question(workspace, Branch(name, shown.head, shown.base)) is not None:
        return unteach.answer(workspace, name, keep=keep, by=by)
    return keep_in_force(workspace, name, by=by) if keep else shown.head


def keep_in_force(workspace: Workspace, name: ProposalId, *, by: Person) -> Revision | None:
    """Takes every change that is asked about out of a proposal, so that what is in force stays; None when nothing is left of it: then it is closed.

    Raises `Conflict` for a proposal that asks nothing of the kind.
    """
    shown = review.show(workspace, name)
    asked = {f"{directive}.md" for directive in change.questions(workspace, shown)}
    changed = change.changed(workspace, shown.base, shown.head)
    if not asked & set(changed) and any(one.holds is None for one in disputes(workspace, shown)):
        raise Conflict(f"{name} asks whose text holds: 'voicegit answer {name} --holds NAME'. Read it with 'voicegit diff {name}'.")
    if not asked & set(changed):
        raise Conflict(f"{name} asks nothing that can be answered so. Read it with 'voicegit diff {name}'; approve, amend or decline it.")
    if asked >= set(changed):
        review.decline(workspace, name, reason=IN_FORCE, by=by, head=shown.head)
        return None
    files = {path: before.content if (before := changed[path][0]) is not None else None for path in asked & set(changed)}
    return review.amend(workspace, name, files, by=by, head=shown.head)
