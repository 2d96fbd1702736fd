"""A change of the policy in the words of its questions, and nothing of it unseen."""

from voicegit.domain import setting
from voicegit.domain.policy import Gate, Policy, Replay, Trigger
from voicegit.domain.question import QUESTIONS
from voicegit.domain.setting import Setting


def test_each_question_that_is_answered_otherwise_is_told_with_both_answers() -> None:
    after = Policy(gate=Gate(threshold=0.8, always_summon=(*Gate().always_summon, Trigger.MONEY)), replay=Replay(max_cost=2.0))
    found = setting.changed(Policy(), after)
    assert [(one.was, one.now) for one in found] == [
        ("70 %", "80 %"),
        ("5 dollars", "2 dollars"),
        ("a person, until covered", "always a person"),
    ]
    assert found[0].ask == "How sure does it have to be?"
    assert found[0].means.startswith("From this on the AI answers")
    assert setting.others(Policy(), after) == ()


def test_what_no_question_asks_about_is_named() -> None:
    before = Policy()
    after = before.model_copy(update={"replay": Replay(at_once=8, without_asking=True)})
    assert setting.changed(before, after) == ()
    assert setting.others(before, after) == ("replay.at_once", "replay.without_asking")


def test_under_a_promise_no_number_is_asked_for() -> None:
    found = setting.changed(Policy(), Policy(gate=Gate(at_most_wrong=0.05)))
    assert found[0] == Setting(QUESTIONS[0].ask, "70 %", setting.BY_PROMISE, QUESTIONS[0].means)


def test_the_same_policy_changes_nothing() -> None:
    assert (setting.changed(Policy(), Policy()), setting.others(Policy(), Policy())) == ((), ())
