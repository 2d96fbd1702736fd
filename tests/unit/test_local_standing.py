"""Which answers the embedded distiller makes examples of once there is enough to tell."""

from dataclasses import replace

import pytest

from tests.unit.test_local_distiller import distilled, lesson
from voicegit.adapters.models.local import grouping, standing
from voicegit.adapters.models.local.space import Space
from voicegit.adapters.models.local.standing import Sorted, sorted_out
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
