"""`policy.toml`: what the owner has decided about autonomy, models, holding lines and learning. Reviewed and reverted like a directive."""

import re
import tomllib
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from voicegit.domain.hours import no_times
from voicegit.domain.signal import SignalKind
from voicegit.errors import Finding, Invalid

PATH = "policy.toml"
MAX_BYTES = 16384


class Trigger(StrEnum):
    """A kind of message that calls a person. The words behind each are in `triggers`."""

    ASKS_FOR_PERSON = "asks_for_person"
    LEGAL_THREAT = "legal_threat"
    INJURY_OR_DANGER = "injury_or_danger"
    MONEY = "money"
    DAMAGE = "damage"
    COMPLAINT = "complaint"
    ANGER = "anger"
    VIP = "vip"

    @property
    def topic(self) -> str:
        """How a directive names it among its topics: in plain words with hyphens."""
        return self.value.replace("_", "-")


Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0.001, le=0.5, allow_inf_nan=False, strict=True)]
Rate = Annotated[float, Field(ge=0.01, le=1, allow_inf_nan=False, strict=True)]
Word = Annotated[str, Field(min_length=2, max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=400)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


AUDITED = 0.1
"""The share of replies that is audited where a promise is made without saying so."""

_LENIENT = ConfigDict(extra="forbid", frozen=True, strict=False)
"""TOML has no enums and no tuples: sections with those take lists and strings for them. Their numbers are strict one by one: `false` is no 0."""


class Business(_Section):
    name: Line = "Our business"
    timezone: str = Field("UTC", pattern=r"^[A-Za-z0-9_+/-]{1,64}$")
    country: str = Field("US", pattern=r"^[A-Z]{2}$")
    hours: Line | None = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        """Every turn asks for the business's time of day: a zone that does not exist must not get as far as that."""
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as exc:
            raise ValueError("this is not a time zone; write it as America/New_York") from exc
        return name

    @field_validator("hours")
    @classmethod
    def _on_a_clock(cls, text: str | None) -> str | None:
        wrong = no_times(text or "")
        if wrong:
            raise ValueError(f"“{wrong[0]}” is no time of day; write it as 8 am, 8:30 am or 18:30")
        return text


class Gate(_Section):
    model_config = _LENIENT

    threshold: Unit = 0.7
    at_most_wrong: Share | None = None
    topics: dict[Word, Share] = Field(default_factory=dict)
    audit_rate: Rate | None = None
    caution_after_handback: Unit = 0.05
    always_summon: tuple[Trigger, ...] = (Trigger.ASKS_FOR_PERSON, Trigger.LEGAL_THREAT, Trigger.INJURY_OR_DANGER)
    summon_until_covered: tuple[Trigger, ...] = (Trigger.MONEY, Trigger.DAMAGE, Trigger.COMPLAINT, Trigger.ANGER, Trigger.VIP)
    words: dict[Trigger, tuple[Word, ...]] = Field(default_factory=dict)

    @property
    def audited(self) -> float:
        """The share (0..1) of the model's own replies that are chosen at random for a look: 0 where nothing is promised and no rate is set."""
        return self.audit_rate or (AUDITED if self.at_most_wrong is not None else 0.0)


class Turns(_Section):
    burst_seconds: float = Field(2.0, ge=0, le=60, allow_inf_nan=False)
    budget_tokens: int = Field(8000, ge=500, le=200_000)
    deadline_seconds: float = Field(30.0, ge=1, le=120, allow_inf_nan=False)
    holding_line: Line = "One moment, please: I am asking a colleague."
    max_chars: int = Field(1600, ge=50, le=8000)


class Summons(_Section):
    """When nobody answers a call for a person. `tell_after_minutes` 0: the customer is told nothing more."""

    tell_after_minutes: int = Field(0, ge=0, le=1440)
    answer_within_minutes: int = Field(60, ge=5, le=1440)
    tell_line: Line = "It is taking longer than we would like. One of us answers by {time}."


class Models(_Section):
    provider: str = Field("local", pattern="^(local|anthropic)$")
    turn: str = Field("claude-haiku-5-5", pattern=r"^[a-z0-9.-]{3,80}$")
    distillation: str = Field("claude-opus-5-5", pattern=r"^[a-z0-9.-]{3,80}$")
    judge: str = Field("claude-sonnet-5-5", pattern=r"^[a-z0-9.-]{3,80}$")


class Privacy(_Section):
    """`keep_days`: how long after its last message a conversation's texts are kept; 0 for ever."""

    keep_days: int = Field(0, ge=0, le=36_500)


class Learning(_Section):
    model_config = _LENIENT

    distil_after: int = Field(20, ge=1, le=10_000, strict=True)
    max_changes: int = Field(7, ge=1, le=200, strict=True)
    max_open_proposals: int = Field(3, ge=1, le=20, strict=True)
    set_aside_from: int = Field(6, ge=2, le=1000, strict=True)
    weights: dict[SignalKind, Unit] = Field(default_factory=dict)

    def weight(self, kind: SignalKind) -> float:
        """What a signal of this kind is worth, 0..1."""
        return self.weights.get(kind, _WEIGHTS[kind])


class Replay(_Section):
    """How proposals are tried on past questions. All but `cases` is for models outside; `max_cost` in US dollars a run."""

    cases: int = Field(120, ge=1, le=2000)
    tries: int = Field(3, ge=1, le=9)
    at_once: int = Field(4, ge=1, le=32)
    max_cost: float = Field(5.0, ge=0, le=1000, allow_inf_nan=False)
    without_asking: bool = False


_WEIGHTS = {
    SignalKind.TAKEOVER: 1.0,
    SignalKind.CORRECTION: 0.9,
    SignalKind.REJECTION: 0.8,
    SignalKind.EDIT: 0.6,
    SignalKind.APPROVAL: 0.4,
}


class Policy(_Section):
    model_config = _LENIENT

    business: Business = Business()
    gate: Gate = Gate()
    turns: Turns = Turns()
    summon: Summons = Summons()
    models: Models = Models()
    learning: Learning = Learning()
    privacy: Privacy = Privacy()
    replay: Replay = Replay()


def read(content: bytes) -> tuple[Policy | None, tuple[Finding, ...]]:
    """The policy in a `policy.toml`, and every problem found in it with its line."""
    if len(content) > MAX_BYTES:
        return None, (Finding(PATH, 1, f"the file has {len(content)} bytes; at most {MAX_BYTES} are read", "Take something out"),)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as exc:
        return None, (Finding(PATH, content[: exc.start].count(b"\n") + 1, "a byte here is not UTF-8", "Save the file as UTF-8"),)
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        at = re.search(r"at line (\d+)", str(exc))
        return None, (Finding(PATH, int(at[1]) if at else 1, "this is not valid TOML", "Check the quotes, brackets and equal signs of this line"),)
    try:
        policy = Policy.model_validate(values)
    except ValidationError as exc:
        return None, tuple(_finding(text, error["loc"], error["type"], error["msg"]) for error in exc.errors(include_input=False, include_url=False))
    clash = _clash(text, policy.gate)
    return (None, (clash,)) if clash is not None else (policy, ())


def _clash(text: str, gate: Gate) -> Finding | None:
    """What each part allows and the whole does not: a threshold and a promise both say when it may answer."""
    promised = gate.at_most_wrong is not None
    if promised and "threshold" in gate.model_fields_set:
        line = _line(text, ("gate", "at_most_wrong"))
        return Finding(PATH, line, "'gate.at_most_wrong' and 'gate.threshold' are both given", "Keep one: a fixed threshold, or a promise that finds it")
    if gate.topics and not promised:
        line = _line(text, ("gate", "topics"))
        return Finding(PATH, line, "'gate.topics' needs 'gate.at_most_wrong'", "Say what is promised for all other topics, above the topics")
    return None


def parse(content: bytes) -> Policy:
    """As `read`, for callers that need a policy. Raises `Invalid` with the findings."""
    policy, findings = read(content)
    if policy is None:
        raise Invalid(f"{PATH} cannot be used: {findings[0]}", findings)
    return policy


def _finding(text: str, place: tuple[int | str, ...], kind: str, message: str) -> Finding:
    name = ".".join(str(part) for part in place if isinstance(part, str) and part != "[key]")
    problem = f"'{name}' is not a setting" if kind == "extra_forbidden" else f"'{name}': {message[:1].lower()}{message[1:]}"
    return Finding(PATH, _line(text, place), problem, "See the settings that the README of the directives repository names")


def _line(text: str, place: tuple[int | str, ...]) -> int:
    """The line of a key: TOML's reader keeps no places, so its section and then its name are looked for."""
    names = [part for part in place if isinstance(part, str) and part != "[key]"]
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        header = re.fullmatch(r"\s*\[([^\]]+)\]\s*(#.*)?", line)
        if header:
            section = header[1].strip()
        inside = ".".join(names).startswith(section)
        if (header and section == ".".join(names)) or (inside and re.match(rf"\s*\"?{re.escape(names[-1])}\"?\s*=", line)):
            return number
    return 1
