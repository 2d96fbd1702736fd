"""Two answers to one question that cannot both hold: where they stand in a proposal, and its files without one of them. Told from the texts alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voicegit.domain import agreement, contradiction, quantity, subject
from voicegit.domain import directive_text as text
from voicegit.domain.directive import Directive, Example, Rule, Status, read
from voicegit.domain.operation import Contested


@dataclass(frozen=True)
class Place:
    """Where an answer stands: in an example, for one way of asking, or as a rule."""

    directive: Directive
    held: Example | Rule
    asked: str | None = None

    @property
    def line(self) -> int:
        return self.held.line

    def __str__(self) -> str:
        return f"{self.directive.path}:{self.line}"


def places(directives: Sequence[Directive], question: Contested, answer: str) -> Iterator[Place]:
    """Where one of the two texts of a dispute stands."""
    for directive in directives:
        for example in directive.examples:
            asked = next((text for text in example.customer if any(contradiction.one_question(text, one) for one in question.asked)), None)
            if asked is not None and agreement.interchangeable(example.us, answer):
                yield Place(directive, example, asked)
        for rule in directive.rules:
            if agreement.word_for_word(rule.text, answer):
                yield Place(directive, rule)


def open_in(directives: Sequence[Directive], question: Contested) -> tuple[Place, Place] | None:
    """The older and the newer text where both stand: nobody said yet which holds. None for one that is settled."""
    older, newer = (next(places(directives, question, answer), None) for answer in (question.old, question.new))
    return (older, newer) if older is not None and newer is not None else None


def without(directive: Directive, question: Contested, answer: str) -> str | None:
    """The directive's source without one of the two texts; None where nothing else stands in it."""
    found = next(places([directive], question, answer), None)
    while found is not None:
        if isinstance(found.held, Example):
            source = text.remove_asked(directive, found.asked or "", us=found.held.us)
        else:
            source = text.remove_rule(directive.source, found.held)
        after, findings = read(directive.path, source.encode())
        if after is None or after.source == directive.source:
            raise ValueError(f"{directive.path} cannot be edited so: {findings}")
        directive, found = after, next(places([after], question, answer), None)
    return directive.source if directive.rules or directive.examples or directive.guards else None


def opposed(directives: Sequence[Directive], before: Sequence[Directive]) -> Iterator[tuple[Place, Place]]:
    """Pairs of examples with the same question and answers that cannot both hold, the first of which does not stand in `before`.

    Only questions about what generally holds: whoever asks about "my" visit gets an answer of their own.
    """
    known = {(one.id, text, example.us) for one in before for example in one.examples for text in example.customer}
    told = [(one, example, asked) for one in directives if one.status is Status.ACTIVE for example in one.examples for asked in example.customer]
    fresh = [
        Place(one, example, asked)
        for one, example, asked in told
        if (one.id, asked, example.us) not in known and "?" not in example.us and subject.asks(asked) and not subject.points(asked)
    ]
    by_words: dict[str, list[Place]] = {}
    for one, example, asked in told if fresh else ():
        by_words.setdefault(contradiction.plain(asked), []).append(Place(one, example, asked))
    for place in fresh:
        words = contradiction.plain(place.asked or "")
        others = [one for one in by_words[words] if words and one != place and place.directive.meets(one.directive) and "?" not in _us(one)]
        against = next((one for one in others if contradiction.clash(_us(place), _us(one)) or quantity.conflict(_us(place), _us(one))), None)
        if against is not None:
            yield place, against


def _us(place: Place) -> str:
    return place.held.us if isinstance(place.held, Example) else place.held.text
