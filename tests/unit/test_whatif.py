"""What other settings would have done: certain where it was stored, silent where it was not."""

from datetime import UTC, datetime

from voicegit.domain import whatif
from voicegit.domain.gate import Action, Assessment, Reason, Request
from voicegit.domain.ids import ConversationId, Revision, TurnId
from voicegit.domain.policy import Gate, Trigger
from voicegit.domain.turn import Outcome, Turn
from voicegit.domain.whatif import Effect, Past

TODAY = Gate()
BOLDER = Gate(threshold=0.4)


def past(
    text: str = "When do you open?",
    *,
    confidence: float | None = 0.5,
    draft: str = "At eight.",
    codes: tuple[str, ...] = ("unsure",),
    handed_back: bool = False,
    contradicted: bool = False,
) -> Past:
    assessment = None if confidence is None else Assessment(True, True, True, True, confidence)
    outcome = Outcome.SUMMON if codes else Outcome.REPLY
    reasons = tuple(Reason(code, code) for code in codes)
    turn = Turn(
        TurnId("t"),
        ConversationId("c"),
        1,
        outcome,
        confidence or 0.0,
        0.7,
        Revision("0" * 40),
        (),
        datetime(2026, 11, 1, tzinfo=UTC),
        assessment=assessment,
        reasons=reasons,
        draft=draft,
    )
    return Past(turn, Request(text, handed_back=handed_back), contradicted)


def test_a_lower_number_lets_more_be_answered_and_a_higher_one_less() -> None:
    messages = [past(confidence=0.5), past(confidence=0.5, contradicted=True), past(confidence=0.9, codes=()), past(confidence=0.2)]
    assert whatif.compare(messages, TODAY, BOLDER) == Effect(looked=4, today=1, then=3, more=2, more_contradicted=1, fewer=0, fewer_contradicted=0, unknown=0)
    careful = whatif.compare(messages, TODAY, Gate(threshold=0.95))
    assert (careful.more, careful.fewer, careful.then) == (0, 1, 0)


def test_caution_counts_only_where_a_person_had_handed_back() -> None:
    messages = [past(confidence=0.72, handed_back=handed_back) for handed_back in (True, False)]
    assert whatif.compare(messages, TODAY, Gate(caution_after_handback=0.0)).more == 1


def test_what_no_setting_decides_stays_with_a_person() -> None:
    for code in ("guard_hit", "unsupported_claim", "model_error", "busy"):
        assert whatif.decided(past(confidence=0.9, codes=(code,)), Gate(threshold=0.0)) is Action.SUMMON
    assert whatif.decided(past(confidence=0.9, codes=("model_summons",)), BOLDER) is Action.SUMMON
    assert whatif.decided(past(confidence=0.5, draft=""), BOLDER) is Action.SUMMON


def test_a_kind_of_message_that_no_longer_goes_to_a_person_is_decided_by_how_sure_it_was() -> None:
    free = Gate(summon_until_covered=())
    spilled = past("You damaged my table", confidence=0.9, codes=("damage",))
    assert whatif.compare([spilled], TODAY, free).more == 1
    assert whatif.compare([past("You damaged my table", confidence=0.9, codes=())], free, TODAY).fewer == 1


def test_what_the_model_was_never_asked_is_not_guessed() -> None:
    screened = past("I want to speak to a human please", confidence=None, codes=("asks_for_person",), draft="")
    effect = whatif.compare([screened], TODAY, Gate(always_summon=(Trigger.LEGAL_THREAT,)))
    assert (effect.more, effect.unknown) == (0, 1)
    assert "is not known" in " ".join(whatif.in_words(effect, 30))


def test_it_is_said_in_sentences() -> None:
    effect = Effect(looked=214, today=100, then=161, more=61, more_contradicted=3, fewer=0, fewer_contradicted=0, unknown=0)
    assert whatif.in_words(effect, 30) == ["Of the last 214 messages, 61 more would be answered by the AI. In 3 of those a person wrote words of their own."]
    assert whatif.in_words(Effect(0, 0, 0, 0, 0, 0, 0, 0), 30) == ["No message came in the last 30 days, so there is nothing to look at."]
