"""What other settings of the gate would have done with messages that came: the same rules, asked again of what was stored.

What cannot be known is not guessed: a message that went to a person before any model was asked has no assessment to decide by.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from voicegit.domain import gate
from voicegit.domain.gate import Action, Draft, Request, Usage
from voicegit.domain.ids import DirectiveId
from voicegit.domain.policy import Gate
from voicegit.domain.promise import Standing
from voicegit.domain.turn import Turn

_STOPPED = frozenset({"guard_hit", "known_mistake", "unsupported_claim", "model_error", "busy"})
"""Reasons that no setting of the gate takes away."""


@dataclass(frozen=True)
class Past:
    """A message that came, what was stored of its turn, and what the gate saw then.

    `contradicted`: a person wrote words of their own where the model would have answered, or rejected or corrected what it said.
    """

    turn: Turn
    request: Request
    contradicted: bool = False


@dataclass(frozen=True)
class Effect:
    """Of `looked` messages: how many the model answers under the settings of today and under the others.

    `more` would be answered by the model and go to a person today, `fewer` the other way round; how many of each a person contradicted. `unknown` of them
    cannot be told.
    """

    looked: int
    today: int
    then: int
    more: int
    more_contradicted: int
    fewer: int
    fewer_contradicted: int
    unknown: int

    @property
    def changes_something(self) -> bool:
        return bool(self.more or self.fewer or self.unknown)


Standings = Callable[[DirectiveId | None], Standing | None]
"""What a policy's promise allows in a directive's topic; None under a fixed threshold."""


def fixed(_: DirectiveId | None) -> None:
    """No promise: the threshold is the policy's."""


def compare(past: Iterable[Past], today: Gate, then: Gate, *, standing: Standings = fixed, standing_then: Standings = fixed) -> Effect:
    found = [(one, decided(one, today, standing), decided(one, then, standing_then)) for one in past]
    more = [one for one, before, after in found if before is Action.SUMMON and after is Action.REPLY]
    fewer = [one for one, before, after in found if before is Action.REPLY and after is Action.SUMMON]
    return Effect(
        looked=len(found),
        today=sum(before is Action.REPLY for _, before, _ in found),
        then=sum(after is Action.REPLY for _, _, after in found),
        more=len(more),
        more_contradicted=sum(one.contradicted for one in more),
        fewer=len(fewer),
        fewer_contradicted=sum(one.contradicted for one in fewer),
        unknown=sum((before is None) != (after is None) for _, before, after in found),
    )


def decided(past: Past, policy: Gate, standing: Standings = fixed) -> Action | None:
    """Who would get this message under these settings; None when that cannot be told from what was stored."""
    turn, codes = past.turn, {reason.code for reason in past.turn.reasons}
    if gate.screen(past.request, policy) is not None or codes & _STOPPED:
        return Action.SUMMON
    if turn.assessment is None:
        return None
    wants = Action.REPLY if turn.draft.strip() and "model_summons" not in codes else Action.SUMMON
    draft = Draft(turn.assessment, wants, turn.draft, Usage(turn.model))
    return gate.decide(draft, past.request, policy, standing(turn.assessment.covered_by)).action


def in_words(effect: Effect, days: int) -> list[str]:
    """For the owner, what is certain first."""
    if not effect.looked:
        return [f"No message came in the last {days} days, so there is nothing to look at."]
    of = f"Of the last {effect.looked} messages"
    said = []
    if effect.more:
        own = _of_those(effect.more_contradicted, "a person wrote words of their own")
        said.append(f"{of}, {effect.more} more would be answered by the AI. {own}")
    if effect.fewer:
        wrong = _of_those(effect.fewer_contradicted, "a person found the answer wrong")
        said.append(f"{of}, {effect.fewer} that the AI answers would go to a person. {wrong}")
    if not (effect.more or effect.fewer):
        said.append(f"{of}, none would go another way, as far as can be told.")
    if effect.unknown:
        said.append(f"{_messages(effect.unknown)} went to a person before the AI was asked: what it would have said is not known.")
    return said


def _of_those(count: int, what: str) -> str:
    return f"In {count} of those {what}." if count else f"In none of those {what}, as far as anybody looked."


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"
