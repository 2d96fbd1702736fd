"""Turns signals into operations by plain statistics: examples in a person's own words, guards, and rules that counts support.

It writes nothing that no person wrote, except for the sentences of `rules`, each of which says its count in `why`.
"""

from collections import Counter
from collections.abc import Sequence

from voicegit.adapters.models.local.cases import Case, Places
from voicegit.adapters.models.local.language import tokens
from voicegit.adapters.models.local.rejections import as_rule, banned, not_for, quoted_from
from voicegit.adapters.models.local.standing import Before, Sorted, sorted_out
from voicegit.domain import headline
from voicegit.domain.agreement import interchangeable as same
from voicegit.domain.agreement import word_for_word
from voicegit.domain.directive import Guards, Kind
from voicegit.domain.ids import DirectiveId
from voicegit.domain.material import Distilled, Lesson, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import SignalKind, Teaches

NOT_FOR_US = frozenset({Teaches.NOTHING, Teaches.CUSTOMER})


class LocalDistiller:
    """Fulfils `ports.Distiller`. Deterministic: same material, same operations. Never raises for any lessons."""

    reads = 20_000
    """Lessons that one run takes: what recurs shows only where all are seen together, and it costs no tokens."""

    def distill(self, material: Material) -> Distilled:
        lessons = [lesson for lesson in material.lessons if lesson.teaches not in NOT_FOR_US]
        places = Places(material.known)
        notes: list[str] = []
        operations = [
            *_from_reasons(lessons, places, notes),
            *_from_words(lessons, material, places, notes),
            *_from_approvals(lessons, places),
        ]
        ranked, first = _heaviest(operations, lessons, material.max_changes, notes)
        return Distilled(tuple(ranked), headline.of(ranked[:first], {one.id: one.title for one in places.known}), _summary(ranked[:first], lessons, notes))


def _from_words(lessons: Sequence[Lesson], material: Material, places: Places, notes: list[str]) -> list[Operation]:
    """What persons wrote to customers: first the answers that they give again and again, then case by case.

    The heaviest comes first, so that a new name is the weightiest case's.
    """
    told = [lesson for lesson in lessons if lesson.theirs is not None and lesson.theirs.strip() and lesson.kind is not SignalKind.APPROVAL]
    everything = Counter(lesson.customer for lesson in lessons)
    cases = [lesson for lesson in told if lesson.teaches not in {Teaches.TONE, Teaches.FACT}]
    read = [
        lesson
        for lesson in material.earlier
        if lesson.theirs is not None and lesson.theirs.strip() and lesson.teaches not in {*NOT_FOR_US, Teaches.TONE, Teaches.FACT}
    ]
    found = sorted_out(cases, places.words, places.threshold, Before(read, material.unused, places.stands()))
    operations: list[Operation] = []
    for one in found.standing:
        operations += _case("case", one.lessons, everything, places).standing(one.answer, notes)
    if found.once or found.torn:
        notes.append(_left_out(found))
    for about, group in _cases([*(lesson for lesson in told if lesson.teaches in {Teaches.TONE, Teaches.FACT}), *found.open]):
        operations += _case(about, group, everything, places).operations(notes)
    return operations


def _cases(lessons: Sequence[Lesson]) -> list[tuple[str, list[Lesson]]]:
    groups: dict[tuple[str, int], list[Lesson]] = {}
    for lesson in lessons:
        # Tone is the same in every situation; a situation is the same whoever met it.
        key = ("tone", 0) if lesson.teaches is Teaches.TONE else ("fact" if lesson.teaches is Teaches.FACT else "case", lesson.situation)
        groups.setdefault(key, []).append(lesson)
    ranked = sorted(groups.items(), key=lambda item: (-sum(lesson.weight for lesson in item[1]), item[0]))
    return [(about, group) for (about, _), group in ranked]


def _case(about: str, lessons: Sequence[Lesson], everything: Counter[str], places: Places) -> Case:
    others = everything - Counter(lesson.customer for lesson in lessons)
    return Case(about, tuple(lessons), tuple(others.elements()), places)


def _left_out(found: Sorted) -> str:
    return (
        f"No examples, since there is enough to tell: {_counted(found.once, 'reply', 'replies')} that fit one conversation only, "
        f"and {found.torn} to messages that got different answers from time to time."
    )


def _from_reasons(lessons: Sequence[Lesson], places: Places, notes: list[str]) -> list[Operation]:
    """Guards from words that are never to be said; else a rejection's reason as a rule."""
    bans: dict[str, list[Lesson]] = {}
    rules: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        if lesson.reason is None or not lesson.reason.strip() or lesson.kind is SignalKind.APPROVAL:
            continue
        word = banned(lesson.reason, lesson.ours)
        if word is not None:
            bans.setdefault(word, []).append(lesson)
        elif lesson.kind is SignalKind.REJECTION and (rule := as_rule(lesson.reason)):
            known = next((said for said in rules if same(said, rule)), rule)
            rules.setdefault(known, []).append(lesson)
    _note_rejected_twice(lessons, places, notes)
    found = [operation for word, behind in sorted(bans.items()) if (operation := _guard(word, behind, places)) is not None]
    found += [operation for rule, behind in sorted(rules.items()) if (operation := _rule(rule, behind, places)) is not None]
    return found + _exceptions(lessons, places)


def _exceptions(lessons: Sequence[Lesson], places: Places) -> list[Operation]:
    """A question whose reply was rejected is not answered so again: the directive that was quoted says that it is not for it."""
    found: list[Operation] = []
    for lesson in lessons:
        quoted = quoted_from(lesson.ours, places.open) if lesson.kind is SignalKind.REJECTION and lesson.ours and tokens(lesson.customer) else None
        if quoted is None or quoted[0].kind is Kind.VOICE or banned(lesson.reason or "", lesson.ours) is not None:
            continue
        rule, place = not_for(lesson.customer), quoted[0].id
        size = len(rule.encode()) + 3
        if any(same(rule, known.text) for known in quoted[0].rules) or places.room(place) < size:
            continue
        places.fill(place, size)
        found.append(Operation(Change.ADD, place, "This reply was rejected for this question.", (lesson.signal,), text=rule))
    return found


def _guard(word: str, behind: Sequence[Lesson], places: Places) -> Operation | None:
    place, title = places.voice("words-we-avoid", "Words we avoid")
    if any(word == known.lower() for directive in places.known for known in directive.guards.never_say if directive.id.startswith("voice/")):
        return None
    times = _counted(len(behind), "reason") if len(behind) > 1 else "The reason given"
    return Operation(
        Change.ADD,
        place,
        f"{times} says that “{word}” is never to be said: “{as_rule(behind[0].reason or '')}”.",
        tuple(lesson.signal for lesson in behind),
        title=title,
        guards=Guards(never_say=(word,)),
    )


def _rule(rule: str, behind: Sequence[Lesson], places: Places) -> Operation | None:
    quoted = next((found for lesson in behind if lesson.ours and (found := quoted_from(lesson.ours, places.open)) is not None), None)
    # A line of a fact is said to customers; what somebody told us is for us.
    if quoted is not None and quoted[0].kind is not Kind.FACT:
        place, title = quoted[0].id, None
    else:
        place, title = places.voice("what-we-were-told", "What we were told")
    held = places.get(place)
    if held is not None and any(same(known.text, rule) for known in held.rules):
        return Operation(Change.REINFORCE, place, "A rejection gave the reason that stands here already.", tuple(lesson.signal for lesson in behind))
    said = f"{_counted(len(behind), 'reply', 'replies')} of the model {'was' if len(behind) == 1 else 'were'} rejected for this reason."
    which = " The rejected words are an example of this directive." if quoted is not None and place == quoted[0].id and quoted[1] is not None else ""
    return Operation(Change.ADD, place, said + which, tuple(lesson.signal for lesson in behind), text=rule, title=title)


def _note_rejected_twice(lessons: Sequence[Lesson], places: Places, notes: list[str]) -> None:
    """An example cannot be retired by an operation, so the owner is told."""
    rejected = [lesson.ours for lesson in lessons if lesson.kind is SignalKind.REJECTION and lesson.ours]
    approved = [lesson.ours for lesson in lessons if lesson.kind is SignalKind.APPROVAL and lesson.ours]
    for directive in places.open:
        for example in directive.examples:
            times = sum(same(text, example.us) for text in rejected)
            if times >= 2 and not any(same(text, example.us) for text in approved):
                notes.append(
                    f"An example in {directive.id} was rejected {times} times and never approved (“{example.us[:60]}”): take it out by hand if it is wrong."
                )


def _from_approvals(lessons: Sequence[Lesson], places: Places) -> list[Operation]:
    """Approved replies make the directives surer whose words they are as those stand there; they never add words."""
    behind: dict[DirectiveId, list[Lesson]] = {}
    for lesson in lessons:
        text = lesson.ours or lesson.theirs
        found = quoted_from(text, places.open, word_for_word) if lesson.kind is SignalKind.APPROVAL and text else None
        if found is not None and (found[1] is None or places.stays(found[0], found[1])):
            behind.setdefault(found[0].id, []).append(lesson)
    return [
        Operation(
            Change.REINFORCE,
            place,
            f"{_counted(len(by), 'reply', 'replies')} from it {'was' if len(by) == 1 else 'were'} approved unchanged.",
            tuple(x.signal for x in by),
        )
        for place, by in sorted(behind.items())
    ]


def _heaviest(operations: Sequence[Operation], lessons: Sequence[Lesson], most: int, notes: list[str]) -> tuple[list[Operation], int]:
    """The operations by the weight behind their directive, and how many of them are on the first `most` directives. A directive's own keep their order,
    but for answers that others take the place of: until then further ways of asking join them.

    The others are not held back here: the signals of an operation that was asked for and did not go in wait for the next distillation.
    """
    weight = {lesson.signal: lesson.weight for lesson in lessons}
    behind: dict[DirectiveId, set[str]] = {}
    for operation in operations:
        behind.setdefault(operation.directive, set()).update(operation.evidence)
    ranked = sorted(behind, key=lambda place: (-round(sum(sorted(weight.get(signal, 0.0) for signal in behind[place])), 9), place))  # type: ignore[call-overload]
    if len(ranked) > most:
        notes.append(f"{len(ranked) - most} more directives would change; one proposal takes {most}.")
    held: dict[DirectiveId, list[Operation]] = {}
    for operation in operations:
        held.setdefault(operation.directive, []).append(operation)
    ordered = [operation for place in ranked for operation in sorted(held[place], key=lambda one: one.answer is not None)]
    return ordered, sum(len(held[place]) for place in ranked[:most])


def _summary(operations: Sequence[Operation], lessons: Sequence[Lesson], notes: Sequence[str]) -> str:
    if operations:
        places = len({operation.directive for operation in operations})
        persons = len({lesson.person for lesson in lessons})
        source = f"{_counted(len(lessons), 'signal')} of {_counted(persons, 'person', 'people')}"
        said = f"{_counted(len(operations), 'change')} to {_counted(places, 'directive')} from {source}."
    elif not lessons:
        said = "There is nothing to learn from: no signal says how you want it."
    else:
        said = f"Nothing new in {_counted(len(lessons), 'signal')}: what they say is known, was declined, or cannot be quoted."
    return " ".join([said, *dict.fromkeys(notes)])


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
