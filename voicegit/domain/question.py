"""The settings of `policy.toml` as questions that an owner can answer, each with what the answer means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicegit.domain.gate import WORDS
from voicegit.domain.policy import Gate, Policy, Trigger
from voicegit.domain.policy_text import Name, Value
from voicegit.errors import Invalid


class Kind(StrEnum):
    PERCENT = "percent"
    """Stored as 0..1, asked for as 0..100."""
    WHOLE = "whole"
    NUMBER = "number"
    LINE = "line"
    CHOICE = "choice"


@dataclass(frozen=True)
class Question:
    """`short` names the setting in the title of a proposal; `means` says what an answer does, and who sees it. `optional`: nothing is an answer too."""

    section: str
    key: str
    ask: str
    short: str
    kind: Kind
    means: str
    unit: str = ""
    low: float = 0
    high: float = 100
    options: tuple[tuple[str, str], ...] = field(default=())
    optional: bool = False

    @property
    def name(self) -> Name:
        return self.section, self.key

    @property
    def field(self) -> str:
        """What a form calls it."""
        return f"{self.section}.{self.key}"

    def answer(self, policy: Policy) -> Value | None:
        """What the policy says today. A promise leaves no threshold to be asked for."""
        if self.name == THRESHOLD and policy.gate.at_most_wrong is not None:
            return None
        value: Value | None = getattr(getattr(policy, self.section), self.key)
        return value

    def shown(self, value: Value | None) -> str:
        """As a form holds it."""
        if isinstance(value, float):
            return f"{round(value * 100, 4) if self.kind is Kind.PERCENT else value:g}"
        return "" if value is None else str(value)

    def said(self, value: Value | None) -> str:
        """As a sentence says it."""
        if value is None:
            return "nothing"
        if self.kind is Kind.LINE:
            return f"“{value}”"
        if self.kind is Kind.CHOICE:
            return dict(self.options).get(str(value), str(value)).partition(":")[0]
        return f"{self.shown(value)} {'%' if self.kind is Kind.PERCENT else self.unit}".strip()

    def taken(self, typed: str) -> Value:
        """The value that somebody typed. Raises `Invalid` with what could be."""
        text = " ".join(typed.split())
        if self.optional and not text:
            return None
        if self.kind is Kind.LINE:
            if not 1 <= len(text) <= 400:
                raise Invalid("Write 1 to 400 characters.")
            return text
        if self.kind is Kind.CHOICE:
            if text not in dict(self.options):
                raise Invalid("Choose one of these.")
            return text
        return self._number(text)

    def _number(self, text: str) -> float | int:
        whole = self.kind is Kind.WHOLE
        bare = text.removesuffix("%").strip().replace(",", ".")
        if re.fullmatch(r"[0-9]{1,6}" if whole else r"[0-9]{1,6}(\.[0-9]{1,4})?", bare) is None or not self.low <= float(bare) <= self.high:
            raise Invalid(f"Write a {'whole number' if whole else 'number'} from {self.low:g} to {self.high:g}.")
        if whole:
            return int(bare)
        return round(float(bare) / 100, 6) if self.kind is Kind.PERCENT else float(bare)


THRESHOLD: Name = ("gate", "threshold")
PROMISE: Name = ("gate", "at_most_wrong")

PROVIDERS = (
    ("local", "The embedded model: quotes what you approved, needs no key, costs nothing, and nothing leaves this machine"),
    ("anthropic", "Claude, by Anthropic: writes answers of its own under your directives; needs a key, and each answer costs a little"),
)

GROUPS: tuple[tuple[str, tuple[Question, ...]], ...] = (
    (
        "When does it answer by itself?",
        (
            Question(
                "gate",
                "threshold",
                "How sure does it have to be?",
                "sure enough to answer",
                Kind.PERCENT,
                "From this on the AI answers the customer by itself; below, it calls you. Higher: fewer mistakes, more calls.",
                "%",
            ),
            Question(
                "gate",
                "at_most_wrong",
                "Or, instead of that: how many of its own replies may be wrong at most?",
                "its own replies wrong at most",
                Kind.PERCENT,
                "A promise: how sure it has to be is then found from what you check, topic by topic. Until enough is checked (59 replies without a mistake "
                "for 5 %) it drafts and you send. Empty: the number above decides.",
                "%",
                0.1,
                50,
                optional=True,
            ),
            Question(
                "gate",
                "audit_rate",
                "Of a hundred of its own replies, how many are chosen at random for you to look at?",
                "looked at by chance",
                Kind.PERCENT,
                "Samples shows them first; a promise is counted from them. Empty: 10 with a promise, none without.",
                "%",
                1,
                100,
                optional=True,
            ),
            Question(
                "gate",
                "caution_after_handback",
                "How much surer after you handed a conversation back?",
                "surer after a hand-back",
                Kind.PERCENT,
                "Added to the number above in that conversation.",
                "points",
                0,
                100,
            ),
        ),
    ),
    (
        "What happens while a customer waits?",
        (
            Question(
                "turns",
                "holding_line",
                "What is the customer told when a person is called?",
                "the holding line",
                Kind.LINE,
                "The customer reads this word for word.",
            ),
            Question(
                "summon",
                "tell_after_minutes",
                "When nobody answers: after how many minutes is the customer told a time?",
                "telling the customer a time after",
                Kind.WHOLE,
                "0: never.",
                "minutes",
                0,
                1440,
            ),
            Question(
                "summon",
                "answer_within_minutes",
                "How many minutes later is the time they are told?",
                "the time they are told, later by",
                Kind.WHOLE,
                "Promise what you can hold.",
                "minutes",
                5,
                1440,
            ),
            Question(
                "summon",
                "tell_line",
                "In which words?",
                "telling a time in the words",
                Kind.LINE,
                "The customer reads this; {time} becomes the time.",
            ),
            Question(
                "turns",
                "burst_seconds",
                "How long does it wait for the customer's next line before it answers?",
                "waiting for the next line",
                Kind.NUMBER,
                "Messages that follow each other this fast are answered together.",
                "seconds",
                0,
                60,
            ),
            Question(
                "turns",
                "deadline_seconds",
                "How long may an answer take?",
                "the longest that an answer takes",
                Kind.NUMBER,
                "After this a person is called.",
                "seconds",
                1,
                120,
            ),
        ),
    ),
    (
        "How does it learn?",
        (
            Question(
                "learning",
                "distil_after",
                "After how many lessons does it propose changes?",
                "lessons before a proposal",
                Kind.WHOLE,
                "Each takeover, correction or rejection is a lesson.",
                "lessons",
                1,
                10_000,
            ),
            Question(
                "learning",
                "max_changes",
                "How many directives may one proposal change?",
                "changes in a proposal",
                Kind.WHOLE,
                "Fewer are easier to read with care.",
                "changes",
                1,
                200,
            ),
            Question(
                "replay",
                "cases",
                "On how many past questions is a proposal tried before you decide?",
                "past questions a proposal is tried on",
                Kind.WHOLE,
                "You see what it answers better and what worse. Nothing is sent.",
                "questions",
                1,
                2000,
            ),
            Question(
                "replay",
                "tries",
                "How often is each of them asked, when the model may answer differently each time?",
                "asking each of them",
                Kind.WHOLE,
                "What most of its answers say counts. Only with Claude, by Anthropic.",
                "times",
                1,
                9,
            ),
            Question(
                "replay",
                "max_cost",
                "What may trying one proposal cost at most?",
                "trying one proposal costs at most",
                Kind.NUMBER,
                "In US dollars; it stops there, and you are told before it begins. Only with Claude, by Anthropic.",
                "dollars",
                0,
                1000,
            ),
        ),
    ),
    (
        "Who answers?",
        (
            Question(
                "models", "provider", "Which model answers?", "the model is", Kind.CHOICE, "Your directives stay as they are either way.", options=PROVIDERS
            ),
            Question("models", "turn", "Which of Claude's models answers customers?", "answering with", Kind.LINE, "Only with Claude, by Anthropic."),
            Question("models", "distillation", "Which one learns from what you did?", "learning with", Kind.LINE, "Only with Claude, by Anthropic."),
        ),
    ),
    (
        "What is kept of customers?",
        (
            Question(
                "privacy",
                "keep_days",
                "How many days after its last message is a conversation's text kept?",
                "keeping texts for",
                Kind.WHOLE,
                "Then every word of it is erased for good; what was learned from it stays. 0: kept for ever.",
                "days",
                0,
                36_500,
            ),
        ),
    ),
    (
        "Your business",
        (
            Question("business", "name", "What is it called?", "the business's name", Kind.LINE, "Customers read this."),
            Question("business", "timezone", "In which time zone is it?", "the time zone", Kind.LINE, "Such as America/New_York or Europe/Berlin."),
            Question(
                "business",
                "hours",
                "When are you there?",
                "opening hours",
                Kind.LINE,
                "One sentence, for example: Monday to Friday 8 am to 6 pm, Saturday 9:00 to 13:00, closed on public holidays. It helps Claude to understand; "
                "customers are told only times that a directive states, so write them there too. Customers can write at any hour. May stay empty.",
                optional=True,
            ),
        ),
    ),
)

QUESTIONS = tuple(question for _, questions in GROUPS for question in questions)


# ---- what goes to a person


class Goes(StrEnum):
    """Who gets a message of some kind."""

    ALWAYS = "always"
    COVERED = "covered"
    FREE = "free"


GOES = {
    Goes.ALWAYS: "always a person",
    Goes.COVERED: "a person, until covered",
    Goes.FREE: "the AI, if it is sure",
}

TRIGGERS = {trigger: f"{WORDS[trigger]}" for trigger in Trigger}


def choices(trigger: Trigger) -> tuple[Goes, ...]:
    """A customer is a VIP by their record, whatever they write: that is asked after the model was."""
    return (Goes.COVERED, Goes.FREE) if trigger is Trigger.VIP else tuple(Goes)


def goes(trigger: Trigger, gate: Gate) -> Goes:
    if trigger in gate.always_summon and Goes.ALWAYS in choices(trigger):
        return Goes.ALWAYS
    return Goes.COVERED if trigger in gate.summon_until_covered else Goes.FREE


def lists(chosen: Mapping[Trigger, Goes], gate: Gate) -> dict[Name, Value]:
    """The two lists of the policy under these choices, those that differ; what stays keeps its order."""
    if all(goes(trigger, gate) is to for trigger, to in chosen.items()):
        return {}
    always = _list(gate.always_summon, {trigger for trigger, to in chosen.items() if to is Goes.ALWAYS})
    covered = _list(gate.summon_until_covered, {trigger for trigger, to in chosen.items() if to is Goes.COVERED})
    changed: dict[Name, Value] = {}
    if always != tuple(gate.always_summon):
        changed["gate", "always_summon"] = [trigger.value for trigger in always]
    if covered != tuple(gate.summon_until_covered):
        changed["gate", "summon_until_covered"] = [trigger.value for trigger in covered]
    return changed


def _list(before: tuple[Trigger, ...], wanted: set[Trigger]) -> tuple[Trigger, ...]:
    return (*(one for one in before if one in wanted), *(one for one in Trigger if one in wanted and one not in before))


# ---- in words


def in_words(before: Policy, after: Policy) -> list[str]:
    """Each setting that differs, with what it was."""
    said = []
    for question in QUESTIONS:
        old, new = question.answer(before), question.answer(after)
        if old != new:
            said.append(f"{question.short}: {question.said(new)} (was {question.said(old)})")
    for trigger, words in TRIGGERS.items():
        was, now = goes(trigger, before.gate), goes(trigger, after.gate)
        if was is not now:
            said.append(f"“{words}”: {GOES[now]} (was: {GOES[was]})")
    return said
