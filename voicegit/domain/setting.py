"""What a change of the policy comes to, in the words of its questions; and what no question asks about, so that nothing changes unseen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from voicegit.domain import question
from voicegit.domain.policy import Policy
from voicegit.domain.policy_text import Value
from voicegit.domain.question import Question

_LISTS = {"gate.always_summon", "gate.summon_until_covered"}
"""Told by kind of message."""


BY_PROMISE = "as sure as the promise needs"


@dataclass(frozen=True)
class Setting:
    """One question with its two answers, and what an answer means."""

    ask: str
    was: str
    now: str
    means: str = ""


def changed(before: Policy, after: Policy) -> tuple[Setting, ...]:
    """The questions that are answered otherwise, in the order of the settings page."""
    found = []
    for one in question.QUESTIONS:
        was, now = one.answer(before), one.answer(after)
        if was != now:
            found.append(Setting(one.ask, _said(one, was), _said(one, now), one.means))
    for trigger, words in question.TRIGGERS.items():
        to = [question.GOES[question.goes(trigger, policy.gate)] for policy in (before, after)]
        if to[0] != to[1]:
            found.append(Setting(f"“{words}”: who gets that?", to[0], to[1]))
    return tuple(found)


def _said(one: Question, value: Value | None) -> str:
    return BY_PROMISE if one.name == question.THRESHOLD and value is None else one.said(value)


def others(before: Policy, after: Policy) -> tuple[str, ...]:
    """The names of settings that change and that no question asks about."""
    asked = {one.field for one in question.QUESTIONS} | _LISTS
    old, new = (dict(_flat(policy.model_dump(mode="json"))) for policy in (before, after))
    return tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name) and name not in asked)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
