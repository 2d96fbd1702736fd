"""What a person wrote against what is in force: a guarded word, another figure than a fact's, what a rule forbids, another answer to an approved question.

Plain means, each of which can be told in a sentence. It finds what is said in nearly the same words: surely enough for a check that refuses. What is asked in
other words is for `rephrased`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from rapidfuzz import fuzz, process

from voicegit.domain import quantity, subject, wordforms
from voicegit.domain.book import ALIKE, likeness
from voicegit.domain.directive import Directive, Example, Guards, Kind, Rule
from voicegit.domain.ids import DirectiveId
from voicegit.domain.outgoing import guard_hits

SAME_QUESTION = 92.0
"""How alike (0..100, rapidfuzz ratio of the words without endings and fillers) two questions must be to be one."""

COVERED = 0.75
"""Share of a fact's telling words that must stand in a question and its answer for the answer's figure to be about that fact."""

OTHER_ANSWER = 25.0
"""Two answers to one question that are less alike than this (0..100, as `book.ALIKE`) are different answers."""

FORBIDDEN = 0.8
"""Share of a forbidding rule's telling words (three or more) that a sentence without a "not" must hold to do what is forbidden."""

_ASKS = re.compile(r"\?|^\W*(?:what|how|do|does|did|can|could|may|is|are|will|would|where|when|which|who|why|am|have|has)\b", re.IGNORECASE)
_YES = re.compile(r"^\W*(?:yes|sure|of course|certainly|absolutely|gladly|yep|no problem)\b", re.IGNORECASE)
_NO = re.compile(
    r"^\W*(?:no\b(?! problem)|sorry,? (?:but )?(?:no|we (?:do not|don't|cannot|can't))|unfortunately|i'm afraid|we (?:do not|don't|cannot|can't|never)\b)",
    re.IGNORECASE,
)


class Against(StrEnum):
    GUARD = "guard"
    FACT = "fact"
    RULE = "rule"
    EXAMPLE = "example"


@dataclass(frozen=True)
class Contradiction:
    """`old` is the text in force, at `line` of its directive, `new` what stands against it. `word` is what a guard forbids; `asked` the question, in the
    words that the approved example has it in, where two answers to it differ; `heard` what the customer had asked, where `new` says nothing without it.
    """

    kind: Against
    directive: DirectiveId
    line: int
    old: str
    new: str
    word: str | None = None
    asked: str | None = None
    heard: str | None = None


_Held = tuple[float, Directive, Rule, bool]
"""A fact that a sentence is about: how much of it question and sentence cover (0..1), and whether the figures are the same."""


class InForce:
    """Directives made ready to be held against many texts."""

    def __init__(self, directives: Sequence[Directive]) -> None:
        self.directives = tuple(directives)

    def against(self, asked: str, answer: str) -> list[Contradiction]:
        """What an answer to a question stands against; of each kind at most one, the clearest."""
        found = [self._guard(answer), self._fact(asked, answer), self._rule(answer), self._example(asked, answer)]
        return [one for one in found if one is not None]

    def against_rule(self, text: str) -> Contradiction | None:
        """The rule in force that a new rule says the opposite of."""
        near = self._near(text)
        found = next(((one, rule) for one, rule in near if rule.text != text and opposite(rule.text, text)), None)
        return Contradiction(Against.RULE, found[0].id, found[1].line, found[1].text, text) if found else None

    def _guard(self, answer: str) -> Contradiction | None:
        for one in self.directives:
            for word in one.guards.never_say if one.kind is Kind.VOICE else ():
                if guard_hits(answer, Guards((word,))):
                    line = next((at for at, text in enumerate(one.source.split("\n"), 1) if word in text), 1)
                    return Contradiction(Against.GUARD, one.id, line, f"Never say “{word}”", answer, word=word)
        return None

    def _rule(self, answer: str) -> Contradiction | None:
        for sentence in sentences(answer):
            for one, rule in self._near(sentence):
                if opposite(rule.text, sentence) or _does_what_is_forbidden(rule.text, sentence):
                    return Contradiction(Against.RULE, one.id, rule.line, rule.text, sentence)
        return None

    def _fact(self, asked: str, answer: str) -> Contradiction | None:
        """The fact that question and sentence nearly repeat, with other figures of a kind: a time within its hours is another, too."""
        for sentence in sentences(answer):
            given = quantity.figures(sentence)
            context = {*wordforms.content(asked), *wordforms.content(sentence)}
            held: list[_Held] = []
            for one, rule in self._near(f"{asked} {sentence}") if given else ():
                known, stems = quantity.figures(rule.text), set(wordforms.content(rule.text))
                share = len(stems & context) / len(stems)
                if one.kind is Kind.FACT and share >= COVERED and {kind for kind, _ in known} & {kind for kind, _ in given}:
                    held.append((share, one, rule, not quantity.other_figures(given, known)))
            if found := _most_covered(held, sentence):
                return found
        return None

    def other_figure(self, asked: str, answer: str, covered: Callable[[str, str], float]) -> Contradiction | None:
        """The fact that has another figure of one thing than a sentence of an answer; of several the one that is `covered` most by question and sentence
        (0: it is about something else). None where one of them has the answer's figure.
        """
        for sentence in sentences(answer):
            held: list[_Held] = []
            for one, rule in self.sharing(f"{asked} {sentence}") if quantity.quantities(sentence) else ():
                if one.kind is not Kind.FACT or not wordforms.figures(asked) <= wordforms.figures(rule.text):
                    continue
                share = covered(rule.text, sentence)
                if share and quantity.of_one_thing(rule.text, sentence):
                    held.append((share, one, rule, not quantity.conflict(rule.text, sentence)))
            if found := _most_covered(held, sentence):
                return found
        return None

    def _example(self, asked: str, answer: str) -> Contradiction | None:
        place = self._asked(asked)
        if place is None:
            return None
        one, example, text = self.questions[1][place]
        # A statement is answered by whatever comes next in its conversation, and so is anything by asking back: only a question has an answer of its own.
        if not _ASKS.search(asked) or not subject.asks(asked) or "?" in answer or "?" in example.us:
            return None
        same = wordforms.tokens(asked) == wordforms.tokens(text)

        def other_than(known: str) -> bool:
            return differ(known, answer) or (same and _denies(asked, known, answer))

        if all(other_than(other.us) for other in one.examples if text in other.customer):
            return Contradiction(Against.EXAMPLE, one.id, example.line, example.us, answer, asked=text)
        return None

    def _asked(self, asked: str) -> int | None:
        """Where among the questions this one stands. One with a single telling word has to be asked in the same words."""
        words = plain(asked)
        if len(words.split()) < 2:
            return self._by_words.get(tuple(wordforms.tokens(asked)))
        found = process.extractOne(words, self.questions[0], scorer=fuzz.ratio, score_cutoff=SAME_QUESTION) if self.questions[0] else None
        return None if found is None else found[2]

    @cached_property
    def _by_words(self) -> dict[tuple[str, ...], int]:
        return {tuple(wordforms.tokens(text)): place for place, (_, _, text) in enumerate(self.questions[1])}

    @cached_property
    def questions(self) -> tuple[list[str], list[tuple[Directive, Example, str]]]:
        """Each question of the examples: its plain words, and where it stands with the answer it has."""
        found = [(one, example, text) for one in self.directives for example in one.examples for text in example.customer]
        return [plain(text) for _, _, text in found], found

    @cached_property
    def _by_stem(self) -> dict[str, list[tuple[Directive, Rule]]]:
        found: dict[str, list[tuple[Directive, Rule]]] = {}
        for one in self.directives:
            for rule in one.rules:
                for stem in set(wordforms.content(rule.text)):
                    found.setdefault(stem, []).append((one, rule))
        return found

    def _near(self, text: str) -> list[tuple[Directive, Rule]]:
        return self.sharing(text, least=2)

    def sharing(self, text: str, *, least: int = 1) -> list[tuple[Directive, Rule]]:
        """The rules that share at least so many telling words with a text, those with most first."""
        counts: dict[tuple[str, int], tuple[int, tuple[Directive, Rule]]] = {}
        for stem in set(wordforms.content(text)):
            for one, rule in self._by_stem.get(stem, ()):
                counts[one.id, rule.line] = (counts.get((one.id, rule.line), (0,))[0] + 1, (one, rule))
        ranked = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
        return [found for _, (count, found) in ranked if count >= least]


def _most_covered(held: Sequence[_Held], sentence: str) -> Contradiction | None:
    """The fact covered most; None where one of them has the same figures, or there is none."""
    if not held or any(agrees for *_, agrees in held):
        return None
    _, one, rule, _ = max(held, key=lambda fact: fact[0])
    return Contradiction(Against.FACT, one.id, rule.line, rule.text, sentence)


def opposite(one: str, other: str) -> bool:
    """Whether two texts say the same thing, one with and one without a "not". Where each has a telling word of its own ("do not work", "are closed"), the
    two may well agree.
    """
    if wordforms.negated(one) == wordforms.negated(other) or wordforms.figures(one) != wordforms.figures(other):
        return False
    first, second = set(wordforms.content(one)), set(wordforms.content(other))
    return min(len(first), len(second)) >= 2 and (first <= second or second <= first) and likeness(one, other) >= ALIKE


def differ(one: str, other: str) -> bool:
    """Whether two answers to one question are not one: they clash, or have hardly a word in common."""
    return clash(one, other) or (min(len(wordforms.content(one)), len(wordforms.content(other))) >= 3 and likeness(one, other) < OTHER_ANSWER)


def clash(one: str, other: str) -> bool:
    """Whether two answers to one question cannot both hold: a yes and a no, other figures of one kind, or the opposite."""
    if (_YES.search(one) and _NO.search(other)) or (_NO.search(one) and _YES.search(other)):
        return True
    if quantity.other_figures(quantity.figures(one), quantity.figures(other)):
        return True
    return any(opposite(first, second) for first in sentences(one) for second in sentences(other))


def restates(rule: str, text: str) -> bool:
    """Whether a text can stand in a rule's place as a statement to customers: it speaks of us, in the rule's own words. An instruction never does."""
    return re.match(r"(?:we|our|there)\b", text, re.IGNORECASE) is not None and set(wordforms.content(text)) <= set(wordforms.content(rule))


def _denies(asked: str, known: str, answer: str) -> bool:
    """Whether one of two answers to the same yes-or-no question begins with a yes or no, and the other does not say so too."""
    stances = [subject.stance(one) for one in (known, answer)]
    if not subject.takes_a_yes(asked) or not any(stances):
        return False
    nos = [
        said is subject.Stance.NO if said is not None else wordforms.negated(next(iter(sentences(one)), ""))
        for said, one in zip(stances, (known, answer), strict=True)
    ]
    return nos[0] is not nos[1]


def sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", text) if part.strip()]


def _does_what_is_forbidden(rule: str, sentence: str) -> bool:
    stems = set(wordforms.content(rule))
    if not wordforms.negated(rule) or wordforms.negated(sentence) or len(stems) < 3 or re.search(r"\b(?:but|unless|instead|not only)\b|[,;:]", rule):
        return False
    return len(stems & set(wordforms.content(sentence))) / len(stems) >= FORBIDDEN


def one_question(one: str, other: str) -> bool:
    """Whether two texts ask the same in nearly the same words."""
    first, second = plain(one), plain(other)
    return bool(first) and wordforms.figures(one) == wordforms.figures(other) and fuzz.ratio(first, second) >= SAME_QUESTION


def plain(text: str) -> str:
    """The words of a question that count when two are compared: its stems in order, its figures, and whether it says "not"."""
    return " ".join([*wordforms.content(text), *sorted(wordforms.figures(text)), *(["not"] if wordforms.negated(text) else [])])
