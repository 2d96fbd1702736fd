"""The settings as questions: what is shown, what may be answered, and how a change reads."""

import pytest

from voicegit.domain import question
from voicegit.domain.policy import Gate, Learning, Policy, Trigger
from voicegit.domain.question import QUESTIONS, Goes, Question
from voicegit.errors import Invalid


def named(field: str) -> Question:
    return next(one for one in QUESTIONS if one.field == field)


def test_every_question_is_about_a_setting_and_shows_what_it_takes() -> None:
    policy = Policy()
    for one in QUESTIONS:
        value = one.answer(policy)
        if value is not None:
            assert one.taken(one.shown(value)) == value, one.field


@pytest.mark.parametrize(("typed", "value"), [("70", 0.7), (" 70 % ", 0.7), ("65,5", 0.655), ("0", 0.0), ("100", 1.0)])
def test_a_share_is_answered_in_percent(typed: str, value: float) -> None:
    assert named("gate.threshold").taken(typed) == value


def test_as_many_changes_as_the_policy_takes_may_be_answered() -> None:
    most = named("learning.max_changes").taken("200")
    assert Policy(learning=Learning(max_changes=most)).learning.max_changes == 200  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("gate.threshold", typed) for typed in ("", "101", "-1", "nan", "inf", "1e2", "0x1", "7 0", "٧٠", "true", "70%%")]
    + [("learning.max_changes", typed) for typed in ("0", "201", "2.5", "seven")]
    + [
        ("turns.burst_seconds", "61"),
        ("summon.answer_within_minutes", "4"),
        ("business.name", "  "),
        ("business.name", "x" * 401),
        ("models.provider", "openai"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(field: str, typed: str) -> None:
    with pytest.raises(Invalid):
        named(field).taken(typed)


def test_each_kind_of_message_goes_one_way_and_what_stays_keeps_its_order() -> None:
    gate = Gate(always_summon=(Trigger.LEGAL_THREAT, Trigger.ASKS_FOR_PERSON), summon_until_covered=(Trigger.MONEY,))
    today = {trigger: question.goes(trigger, gate) for trigger in Trigger}
    assert question.lists(today, gate) == {}
    assert question.lists(today | {Trigger.DAMAGE: Goes.ALWAYS, Trigger.LEGAL_THREAT: Goes.COVERED}, gate) == {
        ("gate", "always_summon"): ["asks_for_person", "damage"],
        ("gate", "summon_until_covered"): ["money", "legal_threat"],
    }


def test_a_vip_is_known_by_their_record_so_they_cannot_go_to_a_person_unasked() -> None:
    assert Goes.ALWAYS not in question.choices(Trigger.VIP)


def test_a_change_reads_as_a_sentence() -> None:
    before = Policy()
    after = Policy(gate=Gate(threshold=0.6, always_summon=(), summon_until_covered=before.gate.summon_until_covered))
    assert question.in_words(before, after)[0] == "sure enough to answer: 60 % (was 70 %)"
    assert "“The customer asks for a person”: the AI, if it is sure (was: always a person)" in question.in_words(before, after)


def test_nothing_is_an_answer_where_a_question_is_optional() -> None:
    assert (named("gate.at_most_wrong").taken(" "), named("gate.at_most_wrong").taken("5 %")) == (None, 0.05)
    for typed in ("0", "51", "x"):
        with pytest.raises(Invalid):
            named("gate.at_most_wrong").taken(typed)


def test_a_promise_leaves_no_threshold_to_be_asked_for() -> None:
    promised = Policy(gate=Gate(at_most_wrong=0.05))
    assert named("gate.threshold").answer(promised) is None
    assert question.in_words(Policy(), promised) == ["sure enough to answer: nothing (was 70 %)", "its own replies wrong at most: 5 % (was nothing)"]
