"""Stand-ins for what tests must control: time, and what a model says. Everything else in the tests is real."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from voicegit.adapters.clock import SystemClock
from voicegit.domain.gate import Action, Assessment, Draft, Usage
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import DirectiveId
from voicegit.domain.material import Distilled, Material
from voicegit.domain.policy import Policy
from voicegit.domain.turn import Question
from voicegit.errors import ModelFailure
from voicegit.ports import ChatModel, Distiller, Grouping, Judge


class FrozenClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
        self._ids = SystemClock()

    def now(self) -> datetime:
        return self._now

    def new_id(self) -> str:
        return self._ids.new_id()

    def pass_(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def sure(text: str, *, confidence: float = 0.95, covered_by: str | None = None) -> Draft:
    """A draft that a model is confident of."""
    covering = DirectiveId(covered_by) if covered_by else None
    assessment = Assessment(clear=True, informed=True, unremarkable=True, covered=True, confidence=confidence, covered_by=covering)
    return Draft(assessment, Action.REPLY, text, Usage("fake", 100, 20, cost=0.001))


def unsure(text: str = "", *, confidence: float = 0.1) -> Draft:
    draft = sure(text, confidence=confidence)
    return replace(draft, assessment=replace(draft.assessment, covered=False), action=Action.SUMMON)


class FakeModel:
    """Says what was queued, in order; then `Certainly!` with confidence. Remembers what it was asked.

    `meanwhile` runs while it "thinks": the place for whatever may happen between a look and a send.
    """

    def __init__(self) -> None:
        self.queued: deque[Draft | ModelFailure] = deque()
        self.asked: list[Question] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def reply_with(self, *drafts: Draft | str | ModelFailure) -> None:
        self.queued.extend(sure(one) if isinstance(one, str) else one for one in drafts)

    def answer(self, question: Question, *, deadline: float) -> Draft:
        self.asked.append(question)
        self.meanwhile()
        said = self.queued.popleft() if self.queued else sure("Certainly!")
        if isinstance(said, ModelFailure):
            raise said
        return said


class FakeDistiller:
    """Answers with what `answer` makes of the material; by default with nothing."""

    def __init__(self) -> None:
        self.read: list[Material] = []
        self.answer: Callable[[Material], Distilled] = lambda material: Distilled((), "", "Nothing to learn.")

    def distill(self, material: Material) -> Distilled:
        self.read.append(material)
        return self.answer(material)


class OneGroupEach:
    def group(self, texts: Sequence[str]) -> list[int]:
        return list(range(len(texts)))


class FakeModels:
    def __init__(self) -> None:
        self.model = FakeModel()
        self.teacher = FakeDistiller()
        self.groups: Grouping = OneGroupEach()
        self.costly = False
        self.price: float | None = 0.001
        self.opinions: Judge | None = None

    def chat(self, policy: Policy) -> ChatModel:
        return self.model

    def distiller(self, policy: Policy) -> Distiller:
        return self.teacher

    def grouping(self) -> Grouping:
        return self.groups

    def ready(self, policy: Policy) -> tuple[bool, str]:
        return True, "fake"

    def charges(self, policy: Policy) -> bool:
        return self.costly

    def judge(self, policy: Policy) -> Judge | None:
        return self.opinions

    def costs(self, known: DirectiveSet) -> float | None:
        return self.price if self.costly else 0.0

    def warm(self, known: DirectiveSet, today: date) -> None:
        pass
