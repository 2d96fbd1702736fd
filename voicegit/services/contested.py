"""What people wrote lately against what is in force, and against each other: asked about in the next proposal, never averaged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from voicegit.domain import contradiction, quantity, wordforms
from voicegit.domain.book import ALIKE, likeness
from voicegit.domain.contradiction import Against, Contradiction, InForce
from voicegit.domain.directive import MAX_RULE_CHARS, Example
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, ProposalId, Revision, SignalId
from voicegit.domain.material import Distilled, Lesson, Material
from voicegit.domain.operation import Change, Contested, Dropped, Operation
from voicegit.domain.people import Person
from voicegit.domain.rephrased import Rephrased
from voicegit.domain.signal import SignalKind
from voicegit.errors import Conflict
from voicegit.ports import Branch, Workspace
from voicegit.services import change, history, review, unteach
from voicegit.services.history import EntryKind, Source

LOOKED_AT = 2000
"""Lessons of one run that are held against what is in force, the weightiest first."""

PAIRS = 300
"""Lessons of one run that are held against each other, the weightiest first."""

TOLD = 5
"""Disputes that a summary tells at the most."""

FIRST = "it says something else than {}; which of the two holds is asked first"


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
    disputes = told.disputes()
    for question, signals in disputes:
        at = next((at for at, one in enumerate(operations) if signals & set(one.evidence) and (one.text or one.examples)), None)
        if at is not None and operations[at].question is None:
            operations[at] = replace(operations[at], question=question)
    if not made and not disputes and not any(one.question for one in operations):
        return Raised(distilled)
    title = distilled.title if distilled.operations else f"Which holds? {told.title(made[0].directive)}" if made else distilled.title
    summary = " ".join([distilled.summary, *(str(question) for question, _ in disputes[:TOLD])])
    return Raised(replace(distilled, operations=(*made, *operations), title=title, summary=summary), tuple(dropped))


def _revision(found: Contradiction, evidence: tuple[SignalId, ...], question: Contested, *, added: bool) -> Operation | None:
    """The change that would make the newer text hold. `added`: the newer answer stands in another operation already."""
    since = f"approved {question.old_on:%d %b %Y}" if question.old_by is not None else "there from the beginning"
    behind = f", from {question.talks} conversations" if question.talks > 1 else ", from one conversation" if question.talks else ""
    why = f"A person wrote the opposite of what is in force ({since}{behind}): which holds?"
    base = Operation(Change.REVISE, found.directive, why, evidence, question=question)
    if found.kind is Against.GUARD:
        return replace(base, allows=(found.word or "",))
    if found.kind is Against.EXAMPLE:
        asked = found.asked or ""
        return replace(base, unasked=(asked,), examples=() if added else (Example((asked,), found.new),))
    newer = f"Asked “{found.heard}” we say “{found.new}”" if found.heard is not None else found.new
    text = (quantity.replaced(found.old, found.new) if found.kind is Against.FACT else None) or " ".join(newer.split())
    return replace(base, rule=found.old, text=text) if len(text) <= MAX_RULE_CHARS and text != found.old else None


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

    def disputes(self) -> list[tuple[Contested, frozenset[SignalId]]]:
        """Pairs of lessons of two people that answer one question in ways that cannot both hold, the older first."""
        told = [one for one in self._lessons[:PAIRS] if one.theirs and one.kind is not SignalKind.APPROVAL]
        asked = {one.signal: " ".join(wordforms.content(one.customer)) for one in told}
        found: list[tuple[Contested, frozenset[SignalId]]] = []
        for at, one in enumerate(told):
            for other in told[at + 1 :]:
                if one.person == other.person or fuzz.ratio(asked[one.signal], asked[other.signal]) < contradiction.SAME_QUESTION or not asked[one.signal]:
                    continue
                first, second = sorted((one, other), key=lambda lesson: lesson.signal)
                if contradiction.differ(first.theirs or "", second.theirs or ""):
                    found.append((self._dispute(first, second), frozenset({one.signal, other.signal})))
        return found

    def _dispute(self, first: Lesson, second: Lesson) -> Contested:
        names = [self._names.get(one.person, "A colleague") for one in (first, second)]
        return Contested(first.theirs or "", second.theirs or "", names[0], self._on(first), 0, names[1], self._on(second), dispute=True)

    def title(self, directive: DirectiveId) -> str:
        known = self._known.get(directive)
        return known.title if known is not None else directive

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


# ---- the answer, without a page


IN_FORCE = "What is in force holds."


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
    asked = {f"{directive}.md" for directive, found in change.questions(workspace, shown).items() if any(not one.dispute for one in found)}
    changed = change.changed(workspace, shown.base, shown.head)
    if not asked & set(changed):
        raise Conflict(f"{name} asks nothing that can be answered so. Read it with 'voicegit diff {name}'; approve, amend or decline it.")
    if asked >= set(changed):
        review.decline(workspace, name, reason=IN_FORCE, by=by, head=shown.head)
        return None
    files = {path: before.content if (before := changed[path][0]) is not None else None for path in asked & set(changed)}
    return review.amend(workspace, name, files, by=by, head=shown.head)
