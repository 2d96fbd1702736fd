"""What somebody wrote against what is in force is asked about in the next proposal, with both texts; and what two people taught against each other."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import TypeAdapter

from tests.conftest import Shop
from voicegit.domain.directive import Example
from voicegit.domain.distillation import Distillation
from voicegit.domain.ids import DirectiveId, SignalId
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.people import Role
from voicegit.domain.signal import SignalKind
from voicegit.services import change, contested, distill, feedback, review

FEES = DirectiveId("facts/call-out")
PETS = "---\ntitle: Pets\n---\n\n- Tell us about pets\n\n## Examples\n\n> **Customer:** {}\n>\n> **Us:** Yes, dogs are very welcome.\n"


def fees(shop: Shop, keys: str = "") -> None:
    shop.release({f"{FEES}.md": f"---\ntitle: Call-out fee\n{keys}---\n\n- The call-out fee is $25\n"}, title="The fee")


def learned(shop: Shop, *operations: Operation) -> Distillation:
    """One distillation in which the model asks for these operations, on the evidence of all lessons."""

    def answer(material: Material) -> Distilled:
        evidence = tuple(lesson.signal for lesson in material.lessons)
        return Distilled(tuple(replace(one, evidence=evidence) for one in operations), "Learned", "Learned.")

    shop.teacher.answer = answer
    return distill.distill(shop.workspace)


def live(shop: Shop, directive: DirectiveId) -> str:
    found = shop.workspace.directives.serving().get(directive)
    return found.source if found is not None else ""


def test_another_figure_than_a_facts_becomes_a_revise_with_the_question_and_both_texts(shop: Shop) -> None:
    fees(shop)
    shop.clock.pass_(86400)
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    run = learned(shop)
    (operation,) = run.operations
    assert (operation.change, operation.rule, operation.text) == (Change.REVISE, "The call-out fee is $25", "The call-out fee is $30")
    today = shop.workspace.directives.log(shop.workspace.directives.head(), first_parent=True, limit=1)[0].at.date()
    assert operation.question is not None
    assert (operation.question.old_on, operation.question.new_on) == (today, date(2026, 11, 21))
    assert str(operation.question) == (
        f"On {today.day} {today:%b %Y} Maria approved “The call-out fee is $25”; "
        "on 21 Nov 2026 Maria wrote the opposite: “The call-out fee is $30.” Which holds?"
    )
    assert run.title.startswith("Which holds? Call-out fee")
    assert run.proposal is not None
    shown = review.show(shop.workspace, run.proposal)
    (card,) = change.changes(shop.workspace, shown)
    assert card.questions == (operation.question,)
    assert "Maria" not in shown.commit.body
    assert "$25" in live(shop, FEES)
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    assert "- The call-out fee is $30\n" in live(shop, FEES)


def test_what_is_in_force_is_kept_and_the_rest_of_the_proposal_with_it(shop: Shop) -> None:
    fees(shop)
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    run = learned(shop, Operation(Change.ADD, DirectiveId("voice/pace"), "So.", (), text="Take your time", title="Pace"))
    assert run.proposal is not None
    assert contested.answer(shop.workspace, run.proposal, keep=True, by=shop.owner) is not None
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    assert ("$25" in live(shop, FEES), "Take your time" in live(shop, DirectiveId("voice/pace"))) == (True, True)
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    again = learned(shop)
    assert again.proposal is not None
    assert contested.answer(shop.workspace, again.proposal, keep=True, by=shop.owner) is None
    assert shop.workspace.directives.proposals() == []


def test_the_question_says_from_how_many_conversations_the_old_text_came(shop: Shop) -> None:
    shop.taken_over("My lamp broke. How do you help?", "We look at it together.")
    shop.taken_over("My vase broke. How do you help?", "We look at it together.")
    run = learned(shop, Operation(Change.ADD, FEES, "So.", (), text="The call-out fee is $25", title="Call-out fee"))
    assert run.proposal is not None
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    (operation,) = learned(shop).operations
    assert operation.question is not None
    assert "approved “The call-out fee is $25” from 2 conversations;" in str(operation.question)


def test_what_contradicts_a_fact_is_not_put_beside_it(shop: Shop) -> None:
    fees(shop)
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    example = Example(("What is the call-out fee?",), "The call-out fee is $30.")
    run = learned(shop, Operation(Change.ADD, DirectiveId("situations/fees"), "So.", (), title="Fees", examples=(example,)))
    assert [one.directive for one in run.operations] == [FEES]
    assert [one.reason for one in run.dropped] == ["it says something else than facts/call-out; which of the two holds is asked first"]


def test_a_guarded_word_that_a_person_says_is_asked_about(shop: Shop) -> None:
    shop.release({"voice/words.md": "---\ntitle: Words\nguards:\n  never_say: [unfortunately, alas]\n---\n\n- Be kind\n"})
    shop.taken_over("My vase is broken", "Unfortunately I can only come tomorrow to see it.")
    run = learned(shop)
    (operation,) = run.operations
    assert operation.allows == ("unfortunately",)
    assert run.proposal is not None
    assert "takes a guard away" in review.show(shop.workspace, run.proposal).labels
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    assert "never_say: [alas]" in live(shop, DirectiveId("voice/words"))


@pytest.mark.parametrize(("asked", "left"), [("May I bring my dog along on Monday?", 0), ("May I bring my dog along on Monday?\n>\n> **Customer:** Dogs?", 1)])
def test_another_answer_to_an_approved_question_is_asked_about(shop: Shop, asked: str, left: int) -> None:
    shop.release({"situations/pets.md": PETS.format(asked)})
    reply = shop.say(shop.start(), "May I bring my dog along on Monday?").reply
    assert reply is not None
    feedback.give(shop.workspace, reply.id, SignalKind.CORRECTION, by=shop.owner, text="No, please leave it at home.")
    run = learned(shop)
    (operation,) = run.operations
    assert operation.unasked == ("May I bring my dog along on Monday?",)
    assert run.proposal is not None
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    known = shop.workspace.directives.serving().get("situations/pets")
    assert known is not None
    assert [one.us for one in known.examples] == ["Yes, dogs are very welcome."] * left + ["No, please leave it at home."]


def test_a_yes_where_a_rule_says_no_becomes_a_revise_that_reads_with_its_question(shop: Shop) -> None:
    shop.release({"facts/areas.md": "---\ntitle: Areas\n---\n\n- We do not clean in the Bronx or on Staten Island\n"})
    shop.taken_over("I want a person. Do you come to the Bronx?", "Of course, on Tuesdays.")
    shop.taken_over("I want a person. Is the Bronx possible?", "Sure, gladly!")
    run = learned(shop)
    (operation,) = run.operations
    assert operation.rule == "We do not clean in the Bronx or on Staten Island"
    assert operation.text == "Asked “Do you come to the Bronx?” we say “Of course, on Tuesdays.”"
    assert len(operation.evidence) == 2
    assert operation.question is not None
    assert "Of course, on Tuesdays." in str(operation.question)


def test_another_answer_to_an_approved_question_in_other_words_is_asked_about(shop: Shop) -> None:
    shop.release({"situations/pets.md": PETS.format("Can I bring my dog?")})
    shop.taken_over("I want a person. Is my dog allowed?", "I'm sorry, we do not allow dogs.")
    (operation,) = learned(shop).operations
    assert (operation.unasked, operation.examples[0].us) == (("Can I bring my dog?",), "I'm sorry, we do not allow dogs.")


def test_a_protected_rule_is_not_contradicted_in_other_words_either(shop: Shop) -> None:
    shop.release({"facts/areas.md": "---\ntitle: Areas\nprotected: true\n---\n\n- We do not clean in the Bronx\n"})
    shop.taken_over("I want a person. Do you come to the Bronx?", "Of course, on Tuesdays.")
    example = Example(("Do you come to the Bronx?",), "Of course, on Tuesdays.")
    run = learned(shop, Operation(Change.ADD, DirectiveId("situations/north"), "So.", (), title="North", examples=(example,)))
    assert run.proposal is not None
    (check,) = [one for one in review.show(shop.workspace, run.proposal).checks if one.name == "protected"]
    assert (check.verdict, check.summary) == ("fail", "It contradicts a protected directive.")


def test_a_protected_fact_is_left_alone_and_what_contradicts_it_fails_its_check(shop: Shop) -> None:
    fees(shop, "protected: true\n")
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $30.")
    example = Example(("What is the call-out fee?",), "The call-out fee is $30.")
    run = learned(shop, Operation(Change.ADD, DirectiveId("situations/fees"), "So.", (), title="Fees", examples=(example,)))
    assert run.proposal is not None
    shown = review.show(shop.workspace, run.proposal)
    (check,) = [one for one in shown.checks if one.name == "protected"]
    assert (check.verdict, check.summary) == ("fail", "It contradicts a protected directive.")
    files = shop.workspace.directives.entries(shown.head)
    review.amend(shop.workspace, run.proposal, {"situations/fees.md": files["situations/fees.md"].content + b"\n"}, by=shop.owner)
    (check,) = [one for one in review.show(shop.workspace, run.proposal).checks if one.name == "protected"]
    assert check.verdict == "pass"


def test_where_two_people_teach_opposite_things_the_proposal_says_so_and_asks(shop: Shop) -> None:
    lea = shop.person("Lea", Role.LEAD)
    talks = [shop.summoned("My dog broke a lamp. Do you pay for that?") for _ in range(2)]
    shop.reply(talks[0], "Yes, of course we do.")
    shop.reply(talks[1], "No, we never pay for that.", by=lea)
    example = Example(("Do you pay for that?",), "Yes, of course we do.")
    run = learned(shop, Operation(Change.ADD, DirectiveId("situations/pay"), "So.", (), title="Pay", examples=(example,)))
    said = "Maria and Lea teach opposite things: “Yes, of course we do.” and “No, we never pay for that.” Which holds?"
    assert said in run.summary
    assert [str(one.question) for one in run.operations] == [said]


@pytest.mark.parametrize(("reason", "asked"), [("Never say that we work on Saturdays", 0), ("We do not work on Saturdays", 1)])
def test_a_reason_is_asked_about_against_a_fact_only_where_customers_could_be_told_it(shop: Shop, reason: str, asked: int) -> None:
    shop.release({"facts/days.md": "---\ntitle: Days\n---\n\n- We work on Saturdays\n"})
    reply = shop.say(shop.start(), "Do you work on Saturdays?").reply
    assert reply is not None
    feedback.give(shop.workspace, reply.id, SignalKind.REJECTION, by=shop.owner, reason=reason)
    assert len(learned(shop).operations) == asked


def test_what_agrees_is_asked_about_by_nobody(shop: Shop) -> None:
    fees(shop)
    shop.taken_over("My lamp is broken. What is the call-out fee?", "The call-out fee is $25.")
    run = learned(shop)
    assert (run.operations, run.proposal) == ((), None)


def test_rows_from_before_there_were_questions_are_read(shop: Shop) -> None:
    row = '[{"change":"add","directive":"facts/x","why":"w","evidence":["s"],"rule":null,"text":"t","title":null,"topics":[],"examples":[]}]'
    (operation,) = TypeAdapter(tuple[Operation, ...]).validate_json(row)
    assert (operation.allows, operation.unasked, operation.question, operation.evidence) == ((), (), None, (SignalId("s"),))
