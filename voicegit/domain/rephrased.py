"""What a person wrote against what is in force where the question was asked in other words: good enough to ask which of two holds, and to keep what others
propose from standing beside a protected directive.

Two questions are one by what they are about; the answers clash where one says yes and the other no, or where they give other figures of one thing.
How often it asks without a reason: docs/figures.md.
"""

from collections.abc import Sequence
from functools import cached_property

from voicegit.domain import quantity, subject, wordforms
from voicegit.domain.contradiction import Against, Contradiction, InForce, sentences
from voicegit.domain.directive import Directive, Example, Kind
from voicegit.domain.subject import Stance

ABOUT_RULE = 1 / 3
"""Share of a rule's telling words that a yes-or-no question must have: who asks for one of three places is answered by the rule about the three."""

BACK = 0.5
"""Share of what an approved question is about that must stand in the asked one or its answer."""


class Rephrased:
    """What is in force, ready to be held against questions in other words."""

    def __init__(self, force: InForce, *, among: Sequence[Directive] | None = None) -> None:
        """`among`: all directives, where `force` is a part of them; what most of them say tells nothing apart."""
        self._force = force
        self._among = force.directives if among is None else among

    def against(self, asked: str, answer: str) -> list[Contradiction]:
        """What an answer to a question stands against; of each kind at most one, the first."""
        denied, asked = self._denied(answer), subject.asking(asked)
        if not subject.asks(asked):
            return [denied] if denied is not None else []
        found = [self._figure(asked, answer), denied or self._rule(asked, answer), self._example(asked, answer)]
        return [one for one in found if one is not None]

    def _denied(self, answer: str) -> Contradiction | None:
        """A sentence that says "not" of what a fact says, in some of its words."""
        for sentence in sentences(answer):
            stems = subject.telling(sentence)
            for one, rule in self._force.sharing(sentence, least=2) if wordforms.negated(sentence) and len(stems) >= 2 else ():
                known = set(wordforms.content(rule.text))
                if (
                    one.kind is Kind.FACT
                    and not wordforms.negated(rule.text)
                    and stems <= known
                    and wordforms.figures(sentence) <= wordforms.figures(rule.text)
                ):
                    return Contradiction(Against.RULE, one.id, rule.line, rule.text, sentence)
        return None

    def _figure(self, asked: str, answer: str) -> Contradiction | None:
        return self._force.other_figure(asked, answer, lambda rule, _: float(subject.about(asked, rule, figure=True)))

    def _rule(self, asked: str, answer: str) -> Contradiction | None:
        """A yes where a rule says "not", or a no where a fact says that it is so. What a situation tells us to do is nothing that a no denies."""
        said = subject.stance(answer) if subject.takes_a_yes(asked) else None
        for one, rule in self._force.sharing(asked) if said is not None else ():
            denies = said is Stance.YES if wordforms.negated(rule.text) else said is Stance.NO and one.kind is Kind.FACT
            if denies and subject.about(asked, rule.text, common=self._common, least=ABOUT_RULE):
                return Contradiction(Against.RULE, one.id, rule.line, rule.text, answer, heard=asked)
        return None

    def _example(self, asked: str, answer: str) -> Contradiction | None:
        said = subject.stance(answer) if subject.takes_a_yes(asked) else None
        clashing: Contradiction | None = None
        for one, example, text in self._examples(asked):
            if not self._one_subject(asked, answer, text, example):
                continue
            known = subject.stance(example.us) if said is not None and subject.takes_a_yes(text) else None
            if known is not None and said is known:
                return None
            if clashing is None and (known is not None or (not subject.points(asked) and quantity.conflict(example.us, answer))):
                clashing = Contradiction(Against.EXAMPLE, one.id, example.line, example.us, answer, asked=text)
        return clashing

    def _one_subject(self, asked: str, answer: str, known: str, example: Example) -> bool:
        """Whether two questions are about one thing: all that the one is about stands in the other or its answer, and half the other way round."""
        if not subject.requests(known) or wordforms.figures(asked) != wordforms.figures(known):
            return False
        back = subject.telling(known) - self._common or subject.telling(known)
        near = len(back & set(wordforms.content(f"{asked} {answer}"))) >= BACK * len(back)
        return near and subject.about(asked, f"{known} {example.us}", common=self._common, figure=True)

    def _examples(self, asked: str) -> list[tuple[Directive, Example, str]]:
        """The examples whose question shares a telling word with another."""
        places = {place for stem in subject.telling(asked) for place in self._by_stem.get(stem, ())}
        return [self._force.questions[1][place] for place in sorted(places)]

    @cached_property
    def _by_stem(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, (_, _, text) in enumerate(self._force.questions[1]):
            for stem in subject.telling(text):
                found.setdefault(stem, []).append(place)
        return found

    @cached_property
    def _common(self) -> frozenset[str]:
        return subject.common(one.source for one in self._among)
