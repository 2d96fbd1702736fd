"""A distillation of much at once: what it takes in, and that one unfit line costs no more than itself."""

import pytest

from tests.conftest import Shop
from voicegit.adapters.models.local.distiller import LocalDistiller
from voicegit.domain.directive import Example
from voicegit.domain.ids import DirectiveId
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import Teaches
from voicegit.services import distill, review


def added(material: Material, slug: str, example: Example) -> Operation:
    evidence = tuple(one.signal for one in material.lessons)
    return Operation(Change.ADD, DirectiveId(f"situations/{slug}"), "A person answered this.", evidence, title="A case", examples=(example,))


def test_a_file_that_reads_as_personal_data_is_left_out_and_the_rest_proposed(shop: Shop) -> None:
    shop.taken_over("My vase is broken", "I am so sorry.")
    good, bad = Example(("My vase broke",), "I am so sorry."), Example(("3996 credits",), "That is enough.")
    shop.teacher.answer = lambda material: Distilled((added(material, "vases", good), added(material, "credits", bad)), "Two", "Two.")
    run = distill.distill(shop.workspace)
    assert run.proposal is not None
    assert [operation.directive for operation in run.operations] == ["situations/vases"]
    assert [(one.operation.directive, one.reason) for one in run.dropped] == [("situations/credits", "in its file it reads as personal data")]
    assert review.approve(shop.workspace, run.proposal, by=shop.owner)


def test_a_customers_plain_number_is_taken_out_as_its_file_would_show_it(shop: Shop) -> None:
    shop.taken_over("3996 credits, and my vase is broken", "I am so sorry.")
    distill.distill(shop.workspace)
    assert shop.teacher.read[0].lessons[0].customer == "[account] credits, and my vase is broken"


@pytest.mark.parametrize(("reads", "read"), [(None, 2), (3, 3)])
def test_a_distiller_says_how_many_lessons_it_takes(shop: Shop, monkeypatch: pytest.MonkeyPatch, reads: int | None, read: int) -> None:
    monkeypatch.setattr(distill, "BATCH", 2)
    if reads is not None:
        monkeypatch.setattr(shop.teacher, "reads", reads, raising=False)
    for number in range(3):
        shop.taken_over(f"My vase number {'x' * number} is broken", "I am so sorry.")
    assert distill.distill(shop.workspace).signals == read
    assert shop.rows.signals.count(distillation=None) == 3 - read


def test_an_answer_to_what_always_calls_a_person_is_no_lesson_and_the_run_says_so(shop: Shop) -> None:
    shop.taken_over("I want to speak to a person", "Of course, call our office.")
    shop.taken_over("Hi! My lawyer is going to sue your company", "Please write to our office.")
    run = distill.distill(shop.workspace)
    assert (run.signals, run.proposal, shop.rows.signals.count(distillation=None)) == (2, None, 0)
    assert run.summary.startswith("2 replies went to messages for which a person is always called: nothing is learned from that")
    assert shop.teacher.read == []


def test_the_question_beside_what_always_calls_a_person_is_learned(shop: Shop) -> None:
    shop.taken_over("I want to speak to a person. Are you insured?", "Yes, we are fully insured.")
    shop.taken_over("I want to speak to a person", "We only have people here.")
    shop.reply(shop.summoned("Let me talk to a person"), "We are open on Sundays.", teaches=Teaches.FACT)
    distill.distill(shop.workspace)
    (material,) = shop.teacher.read
    assert [(one.customer, one.theirs) for one in material.lessons] == [
        ("Are you insured?", "Yes, we are fully insured."),
        ("", "We are open on Sundays."),
    ]


def test_the_embedded_distiller_names_a_trigger_of_two_words_as_a_topic(shop: Shop) -> None:
    policy = shop.workspace.directives.entries(shop.workspace.directives.head())["policy.toml"].content.decode()
    shop.release({"policy.toml": policy.replace('"asks_for_person", "legal_threat", ', "").replace('"money", ', '"money", "legal_threat", ')})
    shop.taken_over("My lawyer is going to sue your company", "Please write to our office, we take it seriously.")
    shop.teacher.answer = LocalDistiller().distill
    run = distill.distill(shop.workspace)
    assert ([one.directive for one in run.operations], run.dropped) == (["situations/legal-matters"], ())
    assert run.operations[0].topics[0] == "legal-threat"
