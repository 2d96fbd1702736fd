"""Which answers the embedded distiller makes examples of once there is enough to tell."""

from dataclasses import replace

import pytest

from tests.unit.test_local_distiller import distilled, lesson
from voicegit.adapters.models.local import grouping, standing
from voicegit.adapters.models.local.space import Space
from voicegit.adapters.models.local.standing import Before, Sorted, sorted_out
from voicegit.domain.material import Lesson
from voicegit.domain.signal import SignalKind

IRONING = ("Do you iron shirts?", "Can you iron my shirts please?", "Do you also iron?", "Is ironing of shirts included?", "Could you iron our shirts?")
HOURS = ("When do you open?", "When do you open on Monday?", "At what hour do you open?", "What are your opening hours?", "When do you open, please?")


def history(times: int = 1) -> list[Lesson]:
    """Two questions with one answer each, and a plain "yes" that gets whatever comes next; each in a conversation of its own."""
    told = [(text, "Yes, we iron at no extra time.", 1) for text in IRONING * times] + [(text, "We open at eight.", 2) for text in HOURS * times]
    told += [("Yes", f"{words} it is then.", 3) for words in ("Blue", "Oak", "Velvet", "Marble", "Copper", "Linen", "Granite", "Ivory")]
    return [lesson(number, customer, us, situation=situation) for number, (customer, us, situation) in enumerate(told)]


def judged(lessons: list[Lesson]) -> Sorted:
    return sorted_out(lessons, {}, 0.7)


def test_while_a_situation_has_taught_little_every_takeover_is_read() -> None:
    few = history()[:5]
    assert judged(few) == Sorted((), tuple(few))


def test_an_answer_that_several_conversations_got_stands() -> None:
    found = judged(history(times=2))
    assert {one.answer for one in found.standing} == {"Yes, we iron at no extra time.", "We open at eight."}
    assert all(len({one.conversation for one in standing.lessons}) > 1 for standing in found.standing)


def test_what_only_one_conversation_got_is_no_example_and_is_counted() -> None:
    found = judged(history(times=2))
    assert not {lesson.signal for lesson in found.open}
    assert found.once == 8


def test_a_message_that_gets_different_answers_teaches_none_of_them() -> None:
    torn = [lesson(n, "Yes please", ("We open at eight.", "Yes, we iron at no extra time.")[n % 2], situation=1) for n in range(100, 112)]
    found = judged([*history(times=2), *torn])
    assert not {one.signal for one in torn} & {one.signal for standing in found.standing for one in standing.lessons}
    assert found.torn >= 12


def test_whether_messages_tell_is_judged_by_the_first_and_not_by_the_hard_ones_that_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(text, "Yes, we iron at no extra time.") for text in IRONING * 8] + [(text, "We open at eight.") for text in HOURS * 8]
    replies = ("Somebody comes on Monday.", "Please send a photo.", "The fee is waived.", "Your key lies in the box.", "Thanks, goodbye!", "Which colour?")
    hard = [("Yes please do that", reply) for _ in range(len(told) // 2) for reply in replies]
    lessons = [lesson(number, customer, us, situation=1) for number, (customer, us) in enumerate([*told, *hard])]
    monkeypatch.setattr(standing, "SAME_SENSE", 0.99)  # the same question alone is not the same answer
    assert not standing.Crowd(lessons, {}, {}, fresh=len(lessons)).agreeing
    monkeypatch.setattr(standing, "UNBIASED", len(told))
    assert standing.Crowd(lessons, {}, {}, fresh=len(lessons)).agreeing


def test_answers_that_differ_in_a_figure_are_not_one() -> None:
    numbers = standing._answers(standing._keys(["The fee is 20 credits.", "The fee is 30 credits.", "The fee is 20 credits."], {}))
    assert numbers[0] == numbers[2] != numbers[1]


def test_what_is_looked_up_for_each_customer_is_no_example_however_often_it_comes() -> None:
    told = [
        lesson(n, f"What is the fee for my {word} flat?", f"The fee for your flat is {20 + n % 3} credits.", situation=1) for n, word in enumerate(["big"] * 12)
    ]
    assert judged(told).standing == ()
    assert judged([replace(one, theirs="The fee for your flat is 20 credits.") for one in told]).standing


def test_one_answer_in_two_wordings_is_quoted_in_the_commoner_one() -> None:
    asked = (*IRONING, *IRONING)
    told = [lesson(n, text, "Of course, we iron shirts." if n % 5 else "Of course we iron shirts!", situation=1) for n, text in enumerate(asked)]
    assert [one.answer for one in judged(told).standing] == ["Of course, we iron shirts."]


def test_two_wordings_that_both_come_again_and_again_are_two_answers() -> None:
    cards = ["I can help you with card arrival. The page on it shows each step.", "I can help you with card linking. The page on it shows each step."]
    numbers = standing._answers(standing._keys(cards * 3, {}))
    assert numbers[0] != numbers[1]
    assert standing._answers(standing._keys([*cards[:1] * 3, "I can help you with card arrivals. The page on it shows each step."], {})) == [0, 0, 0, 0]


def bank(times: int) -> list[Lesson]:
    """Questions that tell what is answered, each answer in fixed words."""
    things = ("card", "loan", "account", "transfer", "limit", "pin")
    asked = ("How do I get a {}?", "I want a new {}", "Please explain the {} to me", "What about my {}?", "My {} is gone", "Where can I see the {}?")
    told = [(text.format(thing), f"About the {thing}: it stands on page {thing}.") for text in asked for thing in things for _ in range(times)]
    return [lesson(number, customer, us, situation=number) for number, (customer, us) in enumerate(told)]


ONCE = lesson(500, "Who can have a garage key?", "Only owners may have one.", situation=500)
AGAIN = lesson(501, "May I have a key for the garage?", "Only owners may have one.", situation=501)


def learned(found: Sorted, answer: str = "Only owners may have one.") -> list[set[Lesson]]:
    return [set(one.lessons) for one in found.standing if one.answer == answer]


def test_where_questions_tell_the_answer_one_takeover_is_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged([*bank(2), ONCE])
    assert (learned(found), found.once) == ([{ONCE}], 0)
    monkeypatch.setattr(standing, "AGREEING", 1.1)
    found = judged([*bank(2), ONCE])
    assert (learned(found), found.once) == ([], 1)


def test_a_reply_that_came_once_is_learned_from_when_it_comes_again() -> None:
    assert learned(sorted_out([*bank(2), AGAIN], {}, 0.7, Before([ONCE], {ONCE.signal}))) == [{ONCE, AGAIN}]


def test_what_was_learned_before_is_not_learned_again_lest_what_was_taken_back_comes_back() -> None:
    assert learned(sorted_out([*bank(2), AGAIN], {}, 0.7, Before([ONCE]))) == [{AGAIN}]


def test_a_correction_was_written_to_teach_and_is_never_set_against_others() -> None:
    written = [replace(one, kind=SignalKind.CORRECTION, weight=0.9) for one in history() if one.situation == 3]
    assert set(written) <= set(judged([*history(), *written]).open)


def test_the_directive_is_called_by_its_answer_and_the_summary_says_what_was_left_out() -> None:
    found = distilled(*history(times=2))
    assert {operation.title for operation in found.operations} == {"Answered with “Yes, we iron at no extra time.”", "Answered with “We open at eight.”"}
    assert "8 replies that fit one conversation only" in found.summary


def test_the_same_history_gives_the_same_examples() -> None:
    assert judged(history(times=2)) == judged(history(times=2))


def test_more_texts_than_are_compared_with_all_others_still_find_their_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST", 6)
    texts = [f"{word} my shirts" for word in ("iron", "ironing", "irons", "ironed")] + [f"when do you open {day}" for day in ("now", "today", "later", "soon")]
    groups = grouping.linked(Space(texts, {}).matrix, grouping.ALIKE)
    assert len(set(groups[:4])) == len(set(groups[4:])) == 1
    assert groups[0] != groups[4]
