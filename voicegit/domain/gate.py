"""Turns an assessment and the policy into a decision: reply or summon. A summon is the safe answer whenever anything is in doubt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from voicegit.domain import subject
from voicegit.domain.contradiction import sentences
from voicegit.domain.directive import Directive, Kind
from voicegit.domain.ids import DirectiveId
from voicegit.domain.policy import Gate, Trigger
from voicegit.domain.promise import Standing
from voicegit.domain.triggers import claims_money, fired


class Action(StrEnum):
    REPLY = "reply"
    SUMMON = "summon"


@dataclass(frozen=True)
class Assessment:
    """The model's four answers before it speaks, and its confidence (0..1) that its reply is what the business would say.

    `covered_by` is the situation or fact that answers the request, None when nothing does. `note` is one plain sentence why.
    """

    clear: bool
    informed: bool
    unremarkable: bool
    covered: bool
    confidence: float
    covered_by: DirectiveId | None = None
    note: str = ""


@dataclass(frozen=True)
class Usage:
    """What a call cost. Tokens as billed; `cost` in US dollars, 0.0 for the embedded model."""

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class Draft:
    """What the model would do: its assessment, its action as a field of its own, its text. `action` is what the model asked for, not the decision."""

    assessment: Assessment
    action: Action
    text: str
    usage: Usage


@dataclass(frozen=True)
class Reason:
    """Why a person is called: a code for machines, a sentence for people."""

    code: str
    words: str


@dataclass(frozen=True)
class Ruling:
    action: Action
    threshold: float
    reasons: tuple[Reason, ...] = ()


WORDS: dict[str, str] = {
    Trigger.ASKS_FOR_PERSON: "The customer asks for a person",
    Trigger.LEGAL_THREAT: "The customer speaks of lawyers, courts or the authorities",
    Trigger.INJURY_OR_DANGER: "Somebody may be hurt or in danger",
    Trigger.MONEY: "It is about money",
    Trigger.DAMAGE: "Something was damaged or lost",
    Trigger.COMPLAINT: "The customer complains",
    Trigger.ANGER: "The customer is upset",
    Trigger.VIP: "This is a VIP customer",
}


@dataclass(frozen=True)
class Request:
    """What the gate looks at beside the draft: the customer's unanswered words, the directives in force, whether this is a VIP."""

    text: str
    in_force: Sequence[Directive] = field(default_factory=tuple)
    vip: bool = False
    handed_back: bool = False


def screen(request: Request, policy: Gate) -> Ruling | None:
    """The rules that need no model: a decision to summon, or None when the model may be asked."""
    found = _always(request.text, policy)
    if not found:
        return None
    return Ruling(Action.SUMMON, threshold(request, policy), tuple(Reason(t.value, f"{WORDS[t]}.") for t in found))


def answerable(text: str, policy: Gate) -> str:
    """What of a customer's words an answer may be learned for: all of them, but where they always call a person only the questions beside that.

    Empty where nothing else is asked: no answer to such a message would ever be sent.
    """
    if not _always(text, policy):
        return text
    asked = [one for one in sentences(text) if not _always(one, policy) and subject.requests(one) and subject.names_a_thing(one)]
    left = " ".join(asked)
    return "" if _always(left, policy) else left


def _always(text: str, policy: Gate) -> list[Trigger]:
    return [trigger for trigger in fired(text, policy.words) if trigger in policy.always_summon]


def threshold(request: Request, policy: Gate, standing: Standing | None = None) -> float:
    """The confidence needed now: a little more in a conversation that a person has just handed back; 1.0 where every draft needs a person."""
    base = policy.threshold
    if policy.at_most_wrong is not None:
        base = standing.threshold if standing is not None and standing.threshold is not None else 1.0
    return min(1.0, base + (policy.caution_after_handback if request.handed_back else 0.0))


def decide(draft: Draft, request: Request, policy: Gate, standing: Standing | None = None) -> Ruling:
    """Reply only if no rule in code objects, the model itself wants to, and its confidence reaches the threshold.

    Under a policy that promises, `standing` is that of the draft's topic; without one nothing is sent.
    """
    needed = threshold(request, policy, standing)
    reasons = [*_uncovered(draft.assessment, request, policy), *_doubts(draft, needed)]
    if policy.at_most_wrong is not None and (standing is None or standing.threshold is None):
        said = standing.in_words() if standing is not None else "Nothing can be promised about this yet."
        reasons = [*(one for one in reasons if one.code not in {"unsure", "unusual"}), Reason("draft_only", said)]
    return Ruling(Action.SUMMON if reasons else Action.REPLY, needed, tuple(reasons))


def only_unsure(draft: Draft, request: Request, policy: Gate) -> bool:
    """Whether nothing but its confidence can keep a draft from being sent: then how right it is says something about the threshold."""
    return decide(draft, replace(request, handed_back=False), policy.model_copy(update={"threshold": 0.0, "at_most_wrong": None})).action is Action.REPLY


def _uncovered(assessment: Assessment, request: Request, policy: Gate) -> list[Reason]:
    """Cases that belong to a person until an approved directive covers them."""
    triggers = [*fired(request.text, policy.words), *([Trigger.VIP] if request.vip else [])]
    covering = next((d for d in request.in_force if d.id == assessment.covered_by), None)
    if covering is not None and covering.kind is Kind.FACT and claims_money(request.text):
        covering = None  # a price list answers what something costs, not who gets money back
    return [
        Reason(t.value, f"{WORDS[t]}, and no approved directive covers this case yet.")
        for t in triggers
        if t in policy.summon_until_covered and not covers(covering, t, policy)
    ]


def covers(directive: Directive | None, trigger: Trigger, policy: Gate) -> bool:
    """An approved situation or fact that names the trigger as its topic, or has an example of it, covers it."""
    if directive is None or directive.kind is Kind.VOICE:
        return False
    said = (text for example in directive.examples for text in example.customer)
    return trigger.topic in directive.topics or any(trigger in fired(text, policy.words) for text in said)


def _doubts(draft: Draft, needed: float) -> list[Reason]:
    assessment, reasons = draft.assessment, []
    if not assessment.clear:
        reasons.append(Reason("unclear", "It is not clear what the customer wants."))
    if not assessment.informed:
        reasons.append(Reason("uninformed", "I do not have the information this needs."))
    if not assessment.unremarkable:
        reasons.append(Reason("unusual", "Something emotional, legal or unusual is at play."))
    if not assessment.covered:
        reasons.append(Reason("uncovered", "Nothing you have taught me covers this."))
    if not (_is_confidence(assessment.confidence) and assessment.confidence >= needed):
        reasons.append(Reason("unsure", f"I am {_percent(assessment.confidence)} sure; you asked for {needed:.0%}."))
        return reasons
    if draft.action is not Action.REPLY or not draft.text.strip():
        return [*reasons, Reason("model_summons", "The model itself would rather call you.")]
    # A confident reply may stand although one of the four answers is "no" only if the case is covered and understood.
    return [r for r in reasons if r.code in {"unclear", "uninformed", "uncovered"}]


def storable(assessment: Assessment) -> Assessment:
    """The assessment as it may be kept: a confidence that is no number from 0 to 1 counts as none, and no row can hold it."""
    return assessment if _is_confidence(assessment.confidence) else replace(assessment, confidence=0.0)


def _is_confidence(value: object) -> bool:
    return type(value) is float and 0 <= value <= 1


def _percent(confidence: object) -> str:
    if isinstance(confidence, float) and math.isfinite(confidence):
        return f"{confidence:.0%}"
    return "not"
