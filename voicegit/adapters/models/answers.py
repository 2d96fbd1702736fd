"""What a model wrote, read strictly. A model's text is input from outside: it is exactly what was asked for, or it is refused.

JSON itself lets through what must not pass here: a key that stands twice (the last one wins silently), `NaN` and `1e999`, and an escaped NUL.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicegit.domain.conversation import MAX_TEXT
from voicegit.domain.directive import PATH, Example, Guards
from voicegit.domain.gate import Action, Assessment, Draft, Usage
from voicegit.domain.ids import DirectiveId, SignalId
from voicegit.domain.judging import Judged, Opinion
from voicegit.domain.material import Distilled
from voicegit.domain.operation import Change, Operation
from voicegit.errors import ModelFailure

MAX_ANSWER = 200_000
"""Characters of an answer that are looked at. The longest honest one (a distillation of many operations) has about 30,000."""

RAW_KEPT = 4096
"""Bytes of a refused answer that stay on the failure, for the record and never for a page."""

_Answer = TypeVar("_Answer", bound=BaseModel)


class Malformed(ModelFailure):
    """The model's answer is not what was asked for. `raw` holds its first `RAW_KEPT` bytes: model text, not to be shown in a message."""

    def __init__(self, problem: str, raw: str) -> None:
        super().__init__("malformed", f"The model's answer cannot be used: {problem}. Nothing was sent. A person is needed, or try again.")
        self.raw = raw.encode("utf-8", "replace")[:RAW_KEPT].decode("utf-8", "ignore")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Text = Annotated[str, Field(max_length=MAX_TEXT)]


class _TurnAnswer(_Strict):
    clear: bool
    informed: bool
    unremarkable: bool
    covered: bool
    covered_by: Annotated[str, Field(max_length=200)] | None
    note: Annotated[str, Field(max_length=2000)]
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    action: Literal["reply", "summon"]
    text: Text


class _ExampleAnswer(_Strict):
    customer: list[Text]
    us: Text


class _GuardsAnswer(_Strict):
    never_say: list[Text]
    max_words: Annotated[int, Field(ge=1, le=10_000)] | None


class _OperationAnswer(_Strict):
    change: Literal["reinforce", "refine", "revise", "add", "retire"]
    directive: Text
    rule: Text | None
    text: Text | None
    title: Text | None
    topics: list[Text]
    examples: list[_ExampleAnswer]
    guards: _GuardsAnswer
    why: Text
    evidence: list[Text]


class _DistillationAnswer(_Strict):
    summary: Text
    operations: Annotated[list[_OperationAnswer], Field(max_length=200)]
    title: Text


class _JudgingAnswer(_Strict):
    why: Annotated[str, Field(max_length=2000)]
    opinion: Literal["same", "different", "one", "two", "both", "neither", "unclear"]


def judged(raw: str, *, among: Sequence[Opinion], usage: Usage) -> Judged:
    """The opinion in a judge's answer, one of those that were asked for. Raises `Malformed`."""
    opinion = Opinion(_read(raw, _JudgingAnswer).opinion)
    if opinion not in among:
        raise Malformed("it is no opinion on what was asked", raw)
    return Judged(opinion, usage)


def draft(raw: str, *, known: Sequence[DirectiveId], usage: Usage) -> Draft:
    """The draft in a turn's answer. `known` are the directives that the model was given. Raises `Malformed`.

    A directive that the model was not given covers nothing: it is taken out and `covered` becomes False.
    """
    answer = _read(raw, _TurnAnswer)
    invented = answer.covered_by is not None and answer.covered_by not in known
    assessment = Assessment(
        clear=answer.clear,
        informed=answer.informed,
        unremarkable=answer.unremarkable,
        covered=answer.covered and not invented,
        confidence=float(answer.confidence),
        covered_by=None if invented or answer.covered_by is None else DirectiveId(answer.covered_by),
        note=" ".join(answer.note.split()),
    )
    return Draft(assessment, Action(answer.action), answer.text.strip(), usage)


def distilled(raw: str, *, signals: Mapping[str, SignalId], usage: Usage) -> Distilled:
    """The operations in a distillation's answer. `signals` maps the short ids of the request to signals. Raises `Malformed`.

    Evidence that names no lesson of the request is left out; whether an operation stands without it is for the code that checks operations.
    """
    answer = _read(raw, _DistillationAnswer)
    operations = tuple(_operation(one, signals, raw) for one in answer.operations)
    return Distilled(operations, title=_line(answer.title) or "", summary=answer.summary.strip(), usage=usage)


def _operation(answer: _OperationAnswer, signals: Mapping[str, SignalId], raw: str) -> Operation:
    if not PATH.fullmatch(f"{answer.directive}.md"):
        raise Malformed("it names a directive that can have no file", raw)
    return Operation(
        change=Change(answer.change),
        directive=DirectiveId(answer.directive),
        why=_line(answer.why) or "",
        evidence=tuple(signals[name] for name in dict.fromkeys(answer.evidence) if name in signals),
        rule=answer.rule or None,
        text=_line(answer.text),
        title=_line(answer.title),
        topics=tuple(dict.fromkeys(re.sub(r"[\s_]+", "-", topic.strip().lower()) for topic in answer.topics)),
        examples=tuple(Example(tuple(one.customer), one.us.strip()) for one in answer.examples),
        guards=Guards(tuple(dict.fromkeys(answer.guards.never_say)), answer.guards.max_words),
    )


def _line(text: str | None) -> str | None:
    """A rule, a title and a reason are one line each; nothing at all is None."""
    return " ".join((text or "").split()) or None


def _read(raw: str, shape: type[_Answer]) -> _Answer:
    if len(raw) > MAX_ANSWER:
        raise Malformed(f"it has {len(raw)} characters, at most {MAX_ANSWER} are read", raw)
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except _Refused as exc:
        raise Malformed(str(exc), raw) from exc
    except (ValueError, RecursionError) as exc:
        # ValueError also covers integers of more than 4,300 digits.
        raise Malformed("it is not valid JSON", raw) from exc
    try:
        answer = shape.model_validate(value)
    except ValidationError as exc:
        problem = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        # Only names that stand in our own schema are repeated: anything else is the model's text.
        place = ".".join(str(part) for part in problem["loc"] if isinstance(part, int) or part in _NAMES) or "an unknown field"
        raise Malformed(f"'{place}' is not as asked ({problem['type']})", raw) from exc
    # After the shape, which bounds how deep it can be: an answer may be nested deeper than Python recurses.
    if _unfit(value):
        raise Malformed("it holds a character that no text may have", raw)
    return answer


_NAMES = frozenset(
    name for shape in (_TurnAnswer, _JudgingAnswer, _DistillationAnswer, _OperationAnswer, _ExampleAnswer, _GuardsAnswer) for name in shape.model_fields
)


class _Refused(Exception):
    """Valid for Python's JSON reader, but not for us."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise _Refused("a key stands in it twice")
    return values


def _no_constant(_: str) -> float:
    raise _Refused("a number in it is not finite")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused("a number in it is not finite")
    return number


_UNFIT = re.compile("[\x00\ud800-\udfff]")


def _unfit(value: object) -> bool:
    """Whether a NUL or half a surrogate pair stands anywhere: neither can be stored or sent."""
    if isinstance(value, str):
        return _UNFIT.search(value) is not None
    if isinstance(value, dict):
        return any(_unfit(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(_unfit(part) for part in value)
