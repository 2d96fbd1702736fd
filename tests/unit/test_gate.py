"""The gate: a reply only if no rule objects, the model wants to, and a finite confidence reaches the threshold. In all else a person is called."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import sure, unsure
from voicegit.domain.directive import Directive, read
from voicegit.domain.gate import Action, Draft, Request, answerable, covers, decide, only_unsure, screen, storable, threshold
from voicegit.domain.policy import Gate, Trigger
from voicegit.domain.promise import Standing

TODAY = date(2026, 11, 20)
POLICY = Gate()
HELLO = Request("Hello there")


def directive(path: str, keys: str = "", body: str = "") -> Directive:
    found, findings = read(path, f"---\ntitle: X\n{keys}\n---\n{body}".encode())
    assert found is not None, findings
    return found


def confident(confidence: object) -> Draft:
    draft = sure("Certainly!")
    return replace(draft, assessment=replace(draft.assessment, confidence=confidence))  # type: ignore[arg-type]


# ---- confidence


@pytest.mark.parametrize(
    "confidence",
    [float("nan"), float("inf"), float("-inf"), True, False, 1, "0.99", "1", None, 1.0000001, 2.0, 99.0, -0.0, -1.0, 0.0, 0.6999999, [0.99], 10**400],
    ids=repr,
)
def test_a_confidence_that_is_no_number_up_to_1_or_too_low_calls_a_person(confidence: object) -> None:
    ruling = decide(confident(confidence), HELLO, POLICY)
    assert (ruling.action, [reason.code for reason in ruling.reasons]) == (Action.SUMMON, ["unsure"])
    assert ruling.reasons[0].words.endswith("you asked for 70%.")


@pytest.mark.parametrize("confidence", [0.7, 0.70000001, 0.99, 1.0])
def test_the_threshold_exactly_reached_is_enough(confidence: float) -> None:
    assert decide(confident(confidence), HELLO, POLICY).action is Action.REPLY


@given(st.floats(allow_nan=True, allow_infinity=True) | st.booleans() | st.none() | st.text() | st.integers(), st.floats(0, 1))
def test_a_reply_needs_a_float_between_the_threshold_and_1(confidence: object, needed: float) -> None:
    ruling = decide(confident(confidence), HELLO, Gate(threshold=needed))
    enough = type(confidence) is float and needed <= confidence <= 1
    assert (ruling.action is Action.REPLY) is enough


def test_a_conversation_that_was_handed_back_asks_for_more() -> None:
    handed_back = replace(HELLO, handed_back=True)
    assert (threshold(HELLO, POLICY), threshold(handed_back, POLICY)) == (0.7, 0.75)
    assert decide(confident(0.74), handed_back, POLICY).action is Action.SUMMON
    assert decide(confident(0.75), handed_back, POLICY).action is Action.REPLY


def test_no_caution_asks_for_more_than_certainty() -> None:
    strict = Gate(threshold=0.98, caution_after_handback=0.5)
    assert threshold(replace(HELLO, handed_back=True), strict) == 1.0
    assert decide(confident(1.0), replace(HELLO, handed_back=True), strict).action is Action.REPLY


@pytest.mark.parametrize("confidence", [float("nan"), float("inf"), True, None, "0.9", 10**400, -1.0, 2.0], ids=lambda value: repr(value)[:9])
def test_what_is_no_confidence_is_kept_as_none_at_all(confidence: object) -> None:
    assert storable(confident(confidence).assessment) == confident(0.0).assessment
    assert storable(confident(0.5).assessment) == confident(0.5).assessment


# ---- the model's own doubts


@pytest.mark.parametrize(("answer", "code"), [("clear", "unclear"), ("informed", "uninformed"), ("covered", "uncovered")])
def test_a_doubt_of_the_models_own_calls_a_person_however_confident_it_is(answer: str, code: str) -> None:
    draft = sure("Certainly!", confidence=1.0)
    doubting = replace(draft, assessment=replace(draft.assessment, **{answer: False}))
    assert [reason.code for reason in decide(doubting, HELLO, POLICY).reasons] == [code]


def test_a_model_that_asks_for_a_person_gets_one() -> None:
    assert [r.code for r in decide(replace(sure("Certainly!"), action=Action.SUMMON), HELLO, POLICY).reasons] == ["model_summons"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u00a0"])
def test_an_empty_text_is_not_sent(text: str) -> None:
    assert decide(sure(text), HELLO, POLICY).action is Action.SUMMON


def test_every_summon_has_its_reason_in_words() -> None:
    ruling = decide(unsure(), Request("You broke my vase, I am furious"), POLICY)
    assert [r.code for r in ruling.reasons] == ["damage", "anger", "uncovered", "unsure"]
    assert all(reason.words.endswith(".") for reason in ruling.reasons)


# ---- rules in code, before any model


@pytest.mark.parametrize("text", ["I want to talk to a human", "My lawyer will call", "She is bleeding"])
def test_what_always_calls_a_person_needs_no_model(text: str) -> None:
    ruling = screen(Request(text), POLICY)
    assert ruling is not None and ruling.action is Action.SUMMON


@pytest.mark.parametrize("text", ["Hello there", "You broke my vase", "How much is it?"])
def test_the_model_is_asked_about_all_else(text: str) -> None:
    assert screen(Request(text), POLICY) is None


def test_the_owner_decides_what_always_calls_a_person() -> None:
    assert screen(Request("How much is it?"), Gate(always_summon=(Trigger.MONEY,))) is not None
    assert screen(Request("My lawyer will call"), Gate(always_summon=())) is None


# ---- summon until covered

NAMES_IT = directive("situations/damage.md", "topics: [damage]")
HAS_AN_EXAMPLE = directive("situations/vases.md", body="\n## Examples\n\n> **Customer:** You broke my lamp\n>\n> **Us:** I am so sorry.\n")
A_FACT = directive("facts/insurance.md", "topics: [damage]")
OF_THE_VOICE = directive("voice/damage.md", "topics: [damage]", "\n## Examples\n\n> **Customer:** You broke my lamp\n>\n> **Us:** I am so sorry.\n")
SOMETHING_ELSE = directive(
    "situations/thanks.md", "topics: [thanks]", "\n## Examples\n\n> **Customer:** Thanks!\n>\n> **Us:** We repaired the damage gladly.\n"
)
RETIRED = directive("situations/damage.md", "topics: [damage]\nstatus: retired")
OUT_OF_SEASON = directive("situations/damage.md", "topics: [damage]\nuntil: 2026-11-19")
RULE_ONLY = directive("situations/rule.md", body="\n- When something is broken, say sorry\n")


def action(directives: list[Directive], covered_by: str | None, text: str = "You broke my vase") -> Action:
    in_force = [d for d in directives if d.in_force(TODAY)]
    return decide(sure("I am so sorry.", covered_by=covered_by), Request(text, in_force), POLICY).action


@pytest.mark.parametrize("covering", [NAMES_IT, HAS_AN_EXAMPLE, A_FACT], ids=lambda one: one.id)
def test_a_situation_or_fact_in_force_that_names_the_case_or_has_an_example_covers_it(covering: Directive) -> None:
    assert action([covering], covering.id) is Action.REPLY


@pytest.mark.parametrize("other", [OF_THE_VOICE, SOMETHING_ELSE, RETIRED, OUT_OF_SEASON, RULE_ONLY], ids=lambda d: f"{d.id} {d.status} {d.ends}")
def test_the_voice_and_what_is_not_in_force_or_about_something_else_cover_nothing(other: Directive) -> None:
    assert action([other], other.id) is Action.SUMMON


@pytest.mark.parametrize("covered_by", [None, "situations/nowhere", "voice/damage", "situations/thanks", "", "situations/damage.md"])
def test_a_model_cannot_say_that_a_case_is_covered_by_what_does_not_cover_it(covered_by: str | None) -> None:
    assert action([NAMES_IT, OF_THE_VOICE, SOMETHING_ELSE], covered_by) is Action.SUMMON


def test_each_trigger_has_to_be_covered() -> None:
    assert action([NAMES_IT], NAMES_IT.id, "You broke my vase and I want my money back") is Action.SUMMON
    both = directive("situations/damage.md", "topics: [damage, money]")
    assert action([both], both.id, "You broke my vase and I want my money back") is Action.REPLY


def test_a_vip_gets_a_person_until_a_directive_names_vips() -> None:
    for_vips = directive("situations/greeting.md", "topics: [vip]")
    assert decide(sure("Hello!"), Request("Hello", vip=True), POLICY).action is Action.SUMMON
    assert decide(sure("Hello!", covered_by=for_vips.id), Request("Hello", (for_vips,), vip=True), POLICY).action is Action.REPLY
    assert decide(sure("Hello!", covered_by=for_vips.id), Request("Hello", (for_vips,)), POLICY).action is Action.REPLY


def test_covered_does_not_mean_confident() -> None:
    assert decide(sure("Sorry", confidence=0.69, covered_by=NAMES_IT.id), Request("You broke my vase", (NAMES_IT,)), POLICY).action is Action.SUMMON


def test_nothing_covers_without_a_directive() -> None:
    assert not any(covers(None, trigger, POLICY) for trigger in Trigger)


def test_words_of_the_business_count_in_questions_and_in_examples_alike() -> None:
    policy = Gate(words={Trigger.DAMAGE: ("lipstick",)})
    taught = directive("situations/bags.md", body="\n## Examples\n\n> **Customer:** lipstick in my bag\n>\n> **Us:** I am so sorry.\n")
    asked = Request("There is lipstick on the sofa", (taught,))
    assert decide(sure("I am so sorry."), asked, policy).action is Action.SUMMON
    assert decide(sure("I am so sorry.", covered_by=taught.id), asked, policy).action is Action.REPLY


# ---- a promise in place of the threshold

PROMISE = Gate(at_most_wrong=0.05)
KEPT = Standing("hours", 0.05, 0.8, 0)
DRAFTS = Standing("hours", 0.05, None, 23)


@pytest.mark.parametrize(("confidence", "action"), [(0.8, Action.REPLY), (0.79, Action.SUMMON)])
def test_a_promise_goes_by_the_threshold_of_its_topic(confidence: float, action: Action) -> None:
    assert decide(confident(confidence), HELLO, PROMISE, KEPT).action is action
    assert threshold(replace(HELLO, handed_back=True), PROMISE, KEPT) == pytest.approx(0.85)


@pytest.mark.parametrize("standing", [DRAFTS, None])
@pytest.mark.parametrize("confidence", [0.1, 1.0, float("nan")])
def test_while_nothing_is_granted_no_confidence_is_enough(standing: Standing | None, confidence: float) -> None:
    ruling = decide(confident(confidence), HELLO, PROMISE, standing)
    assert (ruling.action, [reason.code for reason in ruling.reasons]) == (Action.SUMMON, ["draft_only"])


def test_a_draft_that_waits_for_evidence_says_so_beside_the_other_reasons() -> None:
    ruling = decide(unsure(), HELLO, PROMISE, DRAFTS)
    assert [reason.words for reason in ruling.reasons] == ["Nothing you have taught me covers this.", "Too few replies about hours have been checked: 23 more."]


def test_only_a_draft_that_nothing_else_keeps_back_says_something_about_the_threshold() -> None:
    assert only_unsure(confident(0.0), HELLO, PROMISE)
    assert not only_unsure(confident(float("nan")), HELLO, PROMISE)
    assert not only_unsure(unsure("Well"), HELLO, PROMISE)
    assert not only_unsure(confident(0.9), Request("My vase is broken"), PROMISE)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (DRAFTS, "Too few replies about hours have been checked: 23 more."),
        (replace(DRAFTS, of=60, wrong=3), "3 of 60 checked replies about hours were wrong: at least 23 more that are right."),
        (replace(DRAFTS, counted=False), "The checked replies about hours are being counted."),
    ],
)
def test_why_a_topic_needs_a_person_is_said_in_plain_words(standing: Standing, words: str) -> None:
    assert standing.in_words() == words


def test_a_trigger_of_two_words_is_a_topic_with_a_hyphen() -> None:
    legal = Gate(summon_until_covered=(Trigger.LEGAL_THREAT,), always_summon=())
    covering = directive("situations/legal.md", "topics: [legal-threat]")
    asked = Request("My lawyer will write to you", (covering,))
    assert decide(sure("Please write to our office.", covered_by=covering.id), asked, legal).action is Action.REPLY


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Are you insured?", "Are you insured?"),
        ("You broke my vase", "You broke my vase"),
        ("I want to speak to a person. Are you insured?", "Are you insured?"),
        ("Are you insured, and can I talk to a real person?", ""),
        ("Hi there! I want to speak to a person", ""),
        ("Hello? Can you help me? I want to speak to a person", ""),
        ("My lawyer is going to sue your company", ""),
    ],
)
def test_of_what_always_calls_a_person_only_the_other_questions_can_be_answered(text: str, left: str) -> None:
    assert answerable(text, POLICY) == left
