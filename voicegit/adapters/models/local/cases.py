"""One case that persons answered: where its lessons belong, and the examples and rules that follow from them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from voicegit.adapters.models.local import language, rules
from voicegit.adapters.models.local.matching import Index
from voicegit.adapters.models.local.rejections import quoted_from
from voicegit.domain.agreement import flat, likeness, nearly, word_for_word
from voicegit.domain.agreement import interchangeable as same
from voicegit.domain.directive import MAX_BYTES, MAX_RULE_CHARS, Directive, Example, Kind, Status
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId, SignalId
from voicegit.domain.material import Lesson
from voicegit.domain.operation import Change, Operation
from voicegit.domain.policy import Trigger
from voicegit.domain.signal import SignalKind

WELL = 0.6
"""Chance of a match from which a message belongs to a directive that is there."""
REWORDED = 80.0
"""How alike (0..100, rapidfuzz ratio) a correction must be to an answer to take its place for every question: it is that answer in better words."""
MOST_PHRASINGS = 60
MOST_CHARS = 300
"""A longer message is cut at a word: an example shows a way of asking, not a letter."""
ROOM = MAX_BYTES - 700
"""Bytes of a file that are filled by examples; the rest is for keys and rules."""

_FOLDERS = {"tone": Kind.VOICE, "fact": Kind.FACT, "case": Kind.SITUATION}
_TELLING_TRIGGERS = (Trigger.INJURY_OR_DANGER, Trigger.DAMAGE, Trigger.COMPLAINT, Trigger.LEGAL_THREAT, Trigger.ASKS_FOR_PERSON)


class Places:
    """The directives as they are, where lessons may go, and names not taken yet."""

    def __init__(self, known: DirectiveSet) -> None:
        self.known = known.directives
        self.words = known.policy.gate.words
        self.threshold = known.policy.gate.threshold
        self.open = tuple(d for d in known.directives if d.status is Status.ACTIVE and not d.protected)
        self._corrected: set[tuple[DirectiveId, str]] = set()
        self._taken = {d.id for d in known.directives}
        self._used = {d.id: len(d.source.encode()) for d in known.directives}

    @cached_property
    def _index(self) -> Index:
        return Index([d for d in self.open if d.kind is not Kind.VOICE], self.words)

    def stands(self) -> dict[str, set[tuple[str, ...]]]:
        """The approved answers, flattened, each with the messages that it is an example for."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for directive in self.open:
            for example in directive.examples:
                found.setdefault(flat(example.us), set()).update(language.tokens(text) for text in example.customer)
        return found

    def asked(self, answer: str) -> tuple[str, ...]:
        """All that an approved answer is an example for, in whichever directive."""
        return tuple(text for directive in self.open for example in directive.examples if flat(example.us) == flat(answer) for text in example.customer)

    @property
    def examples(self) -> Iterator[tuple[Directive, Example]]:
        return ((directive, example) for directive in self.open for example in directive.examples)

    def stays(self, directive: Directive, example: Example) -> bool:
        """Whether nothing takes this answer's place, in this run."""
        return (directive.id, flat(example.us)) not in self._corrected

    def claimed(self, directive: Directive, example: Example) -> bool:
        """Whether other words take this answer's place already, in this run; from here on they do."""
        place = (directive.id, flat(example.us))
        was = place in self._corrected
        self._corrected.add(place)
        return was

    def roomy(self, answer: str, needed: int) -> DirectiveId | None:
        """The first directive with this answer that has room for so many bytes more."""
        holders = (d.id for d in self.open if any(flat(example.us) == flat(answer) for example in d.examples))
        return next((id for id in holders if self.room(id) >= needed), None)

    def get(self, id: DirectiveId) -> Directive | None:
        return next((d for d in self.known if d.id == id), None)

    def voice(self, slug: str, title: str) -> tuple[DirectiveId, str | None]:
        """The first voice directive that may be changed, else a new one with its title."""
        held = next((d for d in self.open if d.kind is Kind.VOICE and self.room(d.id) > 300), None)
        return (held.id, None) if held is not None else (self.named(Kind.VOICE, slug, again=True), title)

    def named(self, kind: Kind, slug: str, *, again: bool = False) -> DirectiveId:
        """A new id; with a number where the name is taken. `again` gives the same new id for the same name."""
        held = {d.id for d in self.known}
        for number in range(1, 1000):
            id = DirectiveId(f"{kind.value}/{slug if number == 1 else f'{slug}-{number}'}")
            if id not in (held if again else self._taken):
                break
        self._taken.add(id)
        return id

    def room(self, id: DirectiveId) -> int:
        """Bytes left for examples."""
        return ROOM - self._used.get(id, 200)

    def fill(self, id: DirectiveId, size: int) -> None:
        self._used[id] = self._used.get(id, 200) + size

    def matching(self, texts: Sequence[str], kind: Kind) -> Directive | None:
        """The directive that most of the texts belong to: by its examples, else by a trigger that it names as its topic."""
        votes: Counter[DirectiveId] = Counter()
        for text in texts:
            found = self._index.best(text)
            if found is not None and found.confidence >= WELL and found.answer.kind in {kind, Kind.SITUATION}:
                votes[found.answer.directive] += 1
        if votes:
            id, count = min(votes.items(), key=lambda vote: (-vote[1], vote[0]))
            if count * 2 > len(texts):
                return self.get(id)
        lead = next((t for t in _TELLING_TRIGGERS if t in rules.majority(texts, self.words)), None)
        return next((d for d in self.open if d.kind is kind and lead is not None and lead.topic in d.topics), None)


@dataclass(frozen=True)
class Target:
    """The directive that lessons go to; `named` where it is a new one."""

    id: DirectiveId
    named: rules.Name | None = None

    def add(self, why: str, evidence: Sequence[SignalId], *, text: str | None = None, examples: tuple[Example, ...] = ()) -> Operation:
        """Each operation on a new directive carries its title, so that it stands even if another of them is refused."""
        title, topics = (None, ()) if self.named is None else (self.named.title, self.named.topics)
        return Operation(Change.ADD, self.id, why, tuple(evidence), text=text, title=title, topics=topics, examples=examples)


@dataclass(frozen=True)
class Case:
    """Lessons about one thing: `about` is tone, fact or case; `others` are the messages of all other lessons."""

    about: str
    lessons: tuple[Lesson, ...]
    others: tuple[str, ...]
    places: Places

    def operations(self, notes: list[str]) -> list[Operation]:
        """Examples, then rules; or that what is there was right."""
        usable = [lesson for lesson in self.lessons if not language.BRACKETED.search(_words(lesson))]
        if len(usable) < len(self.lessons):
            notes.append(f"Not quotable, since personal data was taken out of them: {len(self.lessons) - len(usable)} of the replies.")
        target = self._target([lesson.customer for lesson in self.lessons])
        found = [operation for answer, behind in _answers(usable) for operation in self._taught(answer, behind, target, notes)]
        if self.about == "fact":
            found += self._stated(usable, target)
        return found + (self._habits(self.lessons, target) if target.named is not None or self.about == "tone" else [])

    def standing(self, answer: str, notes: list[str]) -> list[Operation]:
        """One example of an answer that persons give again and again, in the directive that has it or in one of its own."""
        if language.BRACKETED.search(answer):
            notes.append("Not quotable, since personal data was taken out of them: some answers that are given again and again.")
            return []
        named = rules.name([lesson.customer for lesson in self.lessons], self.others, self.places.words).answering(answer)
        known = quoted_from(answer, self.places.open)
        target = Target(known[0].id) if known is not None else Target(self.places.named(_FOLDERS[self.about], named.slug), named)
        return self._taught(answer, self.lessons, target, notes)

    def _target(self, texts: Sequence[str]) -> Target:
        kind = _FOLDERS[self.about]
        if kind is Kind.VOICE:
            id, title = self.places.voice("how-we-sound", "How we sound")
            return Target(id, None if title is None else rules.Name("how-we-sound", title, ()))
        found = self.places.matching(texts, kind)
        if found is not None and self.places.room(found.id) > 400:
            return Target(found.id)
        named = rules.name(texts, self.others, self.places.words)
        return Target(self.places.named(kind, named.slug), named)

    def _taught(self, answer: str, behind: Sequence[Lesson], target: Target, notes: list[str]) -> list[Operation]:
        """One answer: an example of it, or a reinforcement where both the asking and the answer are known."""
        evidence = tuple(lesson.signal for lesson in behind)
        asked: tuple[str, ...] = ()
        instead, taken = self._instead(answer, behind, notes)
        if taken:
            return instead
        known = quoted_from(answer, self.places.open)
        if known is not None and known[1] is not None:
            target, answer, asked = Target(known[0].id), known[1].us, self.places.asked(known[1].us)
        fresh = _phrasings([lesson.customer for lesson in behind], asked)
        if not fresh:
            return instead or (
                [Operation(Change.REINFORCE, target.id, "A person gave the answer that stands here already.", evidence)] if known is not None else []
            )
        if known is not None and known[1] is not None:
            target = self._with_room(known[0], answer, len(answer.encode()) + 20 + _size(fresh[:1]))
        room = self.places.room(target.id) - len(answer.encode()) - 20
        fresh = _fitting(fresh, room)
        if not fresh:
            notes.append(f"{target.id} is full: {len(behind)} of its lessons are left out.")
            return instead
        self.places.fill(target.id, self.places.room(target.id) - room + _size(fresh))
        return [*instead, target.add(self._why(behind, known=known is not None), evidence, examples=(Example(tuple(fresh), answer),))]

    def _instead(self, answer: str, behind: Sequence[Lesson], notes: list[str]) -> tuple[list[Operation], bool]:
        """What a correction makes of the approved answers that it corrects, and whether its words stand there by that.

        They take the place of an answer that they say in other words, or that has no other question. Else only the question goes, to where the corrected
        words belong. What is said about tone is said of no answer.
        """
        corrections = [lesson for lesson in behind if lesson.kind is SignalKind.CORRECTION and lesson.ours and self.about != "tone"]
        stands = bool(corrections) and quoted_from(answer, self.places.open, word_for_word) is not None
        told, said = {language.tokens(lesson.customer) for lesson in corrections}, {lesson.ours or "" for lesson in corrections}
        found, taken = list[Operation](), False
        for directive, example in self.places.examples if corrections else ():
            if word_for_word(example.us, answer) or not any(nearly(example.us, one) for one in said):
                continue
            mine = tuple(text for text in example.customer if language.tokens(text) in told)
            whole = not stands and (likeness(example.us, answer) >= REWORDED or len(mine) == len(example.customer))
            operation = Operation(Change.REFINE, directive.id, "A person corrected this answer: these words instead of those.", tuple(x.signal for x in behind))
            if whole and self.places.claimed(directive, example):
                notes.append(f"An answer in {directive.id} was corrected to “{_short(answer)}” too: which holds?")
            elif whole:
                fresh = [] if taken else _phrasings([lesson.customer for lesson in behind], self.places.asked(example.us))
                found.append(replace(operation, answer=example.us, examples=(Example((*example.customer, *fresh), answer),)))
            elif mine:
                found.append(replace(operation, change=Change.REVISE, why="A person corrected this answer to this question.", unasked=mine))
            taken = taken or whole
        return found, taken

    def _with_room(self, known: Directive, answer: str, needed: int) -> Target:
        """Where more examples of an approved answer go: to a directive that has it, or, where all of those are full, to a further one of the same title."""
        id = self.places.roomy(answer, needed)
        if id is not None or known.kind is not Kind.SITUATION:
            return Target(id or known.id)
        slug = re.sub(r"-\d+$", "", known.id.split("/")[1])
        return Target(self.places.named(Kind.SITUATION, slug), rules.Name(slug, known.title, known.topics))

    def _why(self, behind: Sequence[Lesson], *, known: bool) -> str:
        many = len(behind)
        if known:
            return f"{'A person' if many == 1 else f'{many} replies'} gave the answer that stands here already to a new way of asking."
        if many > 1:
            return f"{many} replies gave this same answer."
        corrected = behind[0].ours is not None and behind[0].ours.strip() != ""
        return "A person changed the model's words to these." if corrected else "A person answered this in their own words."

    def _stated(self, behind: Sequence[Lesson], target: Target) -> list[Operation]:
        """A person's statement of a fact, as a rule of its own when it is one line without fields."""
        found = []
        for answer, lessons in _answers(behind):
            one = " ".join(answer.split())
            if len(one) <= MAX_RULE_CHARS and "{" not in one and not self._says(target, one):
                found.append(target.add("A person stated this as a fact.", [lesson.signal for lesson in lessons], text=one))
        return found

    def _habits(self, lessons: Sequence[Lesson], target: Target) -> list[Operation]:
        return [
            target.add(habit.why, [lessons[number].signal for number in habit.support], text=habit.rule)
            for habit in rules.habits([_words(lesson) for lesson in lessons])
            if not self._says(target, habit.rule)
        ]

    def _says(self, target: Target, rule: str) -> bool:
        held = self.places.get(target.id)
        return held is not None and any(same(rule, known.text) for known in held.rules)


def _words(lesson: Lesson) -> str:
    return (lesson.theirs or "").strip()


def _answers(lessons: Sequence[Lesson]) -> list[tuple[str, list[Lesson]]]:
    """Lessons by their answer; near-identical ones count as the first of them: corrections first, since they were written to be said so, the newest of all."""
    found: list[tuple[str, list[Lesson]]] = []
    corrections = sorted((one for one in lessons if one.kind is SignalKind.CORRECTION), key=lambda one: one.signal, reverse=True)
    for lesson in [*corrections, *(one for one in lessons if one.kind is not SignalKind.CORRECTION)]:
        held = next((behind for answer, behind in found if same(answer, _words(lesson))), None)
        if held is not None:
            held.append(lesson)
        else:
            found.append((_words(lesson), [lesson]))
    return found


def _phrasings(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """Each new way of asking once, the commonest first, short enough, at most `MOST_PHRASINGS`. One without a word is none: nothing can be told by it."""
    cut = [_cut(" ".join(text.split())) for text in texts if language.tokens(text)]
    counts = Counter(text.lower() for text in cut)
    told = {language.tokens(text) for text in known}
    fresh: list[str] = []
    for text in sorted(cut, key=lambda text: -counts[text.lower()]):
        if language.tokens(text) not in told:
            told.add(language.tokens(text))
            fresh.append(text)
    return fresh[:MOST_PHRASINGS]


def _cut(flat: str) -> str:
    return flat if len(flat) <= MOST_CHARS else flat[:MOST_CHARS].rsplit(" ", 1)[0] + " …"


def _size(phrasings: Sequence[str]) -> int:
    return sum(len(text.encode()) + 22 for text in phrasings)


def _fitting(phrasings: Sequence[str], room: int) -> list[str]:
    """As many from the beginning as fit."""
    return [text for at, text in enumerate(phrasings) if _size(phrasings[: at + 1]) <= room]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:79].rstrip() + "…"
