"""What somebody wrote against what is in force is asked about in the next proposal, with both texts; and what two people taught against each other."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import TypeAdapter

from tests.conftest import Shop
from voicegit.adapters.models.local.distiller import LocalDistiller
from voicegit.domain.directive import Example
from voicegit.domain.distillation import Distillation
from voicegit.domain.ids import DirectiveId, ProposalId, SignalId
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.people import Role
from voicegit.domain.signal import SignalKind
from voicegit.errors import Conflict, Invalid
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


def beside(shop: Shop) -> Distillation:
    """The model would put an answer with a forbidden word beside the guard."""
    example = Example(("Do you sell ladders?",), "Unfortunately only cheap ones.")
    return learned(shop, Operation(Change.ADD, DirectiveId("situations/ladders"), "So.", (), title="Ladders", examples=(example,)))


WORDS = "---\ntitle: Words\nguards:\n  never_say: [unfortunately, alas]\n---\n\n- Be kind\n"


def test_an_answer_that_waits_for_a_question_is_learned_once_that_is_decided_its_way(shop: Shop) -> None:
    shop.release({"voice/words.md": WORDS})
    shop.taken_over("I broke mine. Do you sell ladders?", "Unfortunately only cheap ones.")
    run = beside(shop)
    assert [one.directive for one in run.operations] == ["voice/words"]
    assert run.title == "Which holds? Words"
    assert shop.rows.signals.count(distillation=None) == 1
    again = beside(shop)
    assert (again.signals, again.summary) == (0, "Nothing new to learn from: 1 wait until it is said which holds: 'voicegit proposals'.")
    assert run.proposal is not None
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    assert [str(one) for one in beside(shop).operations] == ["add situations/ladders"]
    assert shop.rows.signals.count(distillation=None) == 0


def test_an_answer_that_waits_is_spent_in_so_many_words_once_what_is_in_force_is_kept(shop: Shop) -> None:
    shop.release({"voice/words.md": WORDS})
    shop.taken_over("I broke mine. Do you sell ladders?", "Unfortunately only cheap ones.")
    run = beside(shop)
    assert run.proposal is not None
    contested.answer(shop.workspace, run.proposal, keep=True, by=shop.owner)
    again = beside(shop)
    assert again.summary == "1 signal says something else than what you kept in force when asked: nothing is learned from that."
    assert (again.operations, shop.rows.signals.count(distillation=None)) == ((), 0)


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


@pytest.mark.parametrize(
    ("us", "left"),
    [
        ("No, please leave it at home.", ["No, please leave it at home."]),
        ("Our team meets your pet at the door first.", ["Yes, dogs are very welcome.", "Our team meets your pet at the door first."]),
    ],
)
def test_the_opposite_of_an_approved_answer_takes_its_place_for_all_that_ask_so_and_another_answer_only_for_the_one_question(
    shop: Shop, us: str, left: list[str]
) -> None:
    shop.release({"situations/pets.md": PETS.format("May I bring my dog along on Monday?\n>\n> **Customer:** Dogs?")})
    reply = shop.say(shop.start(), "May I bring my dog along on Monday?").reply
    assert reply is not None
    feedback.give(shop.workspace, reply.id, SignalKind.CORRECTION, by=shop.owner, text=us)
    run = learned(shop)
    assert run.proposal is not None
    review.approve(shop.workspace, run.proposal, by=shop.owner)
    known = shop.workspace.directives.serving().get("situations/pets")
    assert known is not None
    assert [one.us for one in known.examples] == left
    assert sum(len(one.customer) for one in known.examples) == 2


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
    assert (operation.answer, operation.examples[0].us) == ("Yes, dogs are very welcome.", "I'm sorry, we do not allow dogs.")


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


SAID = (
    "Maria and Lea teach opposite things: on 20 Nov 2026 Maria wrote “Yes, of course we do.”, on 21 Nov 2026 Lea wrote “No, we never pay for that.” "
    "Whose text holds?"
)
PAY = DirectiveId("situations/pay")


def disputed(shop: Shop, *examples: tuple[str, str]) -> tuple[Distillation, ProposalId]:
    """Maria says yes, Lea a day later no; the model makes of it what `examples` say, each a question and its answer."""
    lea = shop.person("Lea", Role.LEAD)
    talks = [shop.summoned(f"{hello} broke a lamp. Do you pay for that?") for hello in ("My dog", "The dog")]
    shop.reply(talks[0], "Yes, of course we do.")
    shop.clock.pass_(86400)
    shop.reply(talks[1], "No, we never pay for that.", by=lea)
    run = learned(shop, *(Operation(Change.ADD, PAY, "So.", (), title="Pay", examples=(Example((asked,), us),)) for asked, us in examples))
    assert run.proposal is not None
    return run, run.proposal


YES, NO = ("The dog broke a lamp. Do you pay for that?", "Yes, of course we do."), ("My dog broke a lamp. Do you pay for that?", "No, we never pay for that.")


@pytest.mark.parametrize("examples", [(YES,), (NO,), (YES, NO)])
def test_where_two_people_teach_opposite_things_both_are_proposed_and_nothing_goes_live_unanswered(shop: Shop, examples: tuple[tuple[str, str], ...]) -> None:
    run, name = disputed(shop, *examples)
    assert SAID in run.summary
    assert [str(one.question) for one in run.operations if one.question] == [SAID]
    assert sorted(example.us for one in run.operations for example in one.examples) == [NO[1], YES[1]]
    with pytest.raises(Invalid, match="one question in two ways") as refused:
        review.approve(shop.workspace, name, by=shop.owner)
    (finding,) = refused.value.findings
    assert "Maria answered this so on 20 Nov 2026, and Lea the opposite (situations/pay.md:" in str(finding)
    assert f"'voicegit answer {name} --holds Maria' or 'voicegit answer {name} --holds Lea'" in str(finding)
    assert live(shop, PAY) == ""


@pytest.mark.parametrize(("holds", "us"), [("Maria", YES[1]), ("lea", NO[1])])
def test_a_person_says_whose_text_holds_and_the_other_goes(shop: Shop, holds: str, us: str) -> None:
    _, name = disputed(shop, YES, NO, ("Do you clean stairs?", NO[1]))
    contested.settle(shop.workspace, name, holds=holds, by=shop.owner)
    (asked,) = contested.disputes(shop.workspace, review.show(shop.workspace, name))
    assert asked.in_words() == f"{SAID} As the proposal is now, {holds.title()}'s text holds."
    with pytest.raises(Conflict, match="does not ask"):
        contested.settle(shop.workspace, name, holds=holds, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    found = shop.workspace.directives.serving().get(PAY)
    assert found is not None
    assert {example.us for example in found.examples if "Do you clean stairs?" not in example.customer or len(example.customer) > 1} == {us}
    assert any("Do you clean stairs?" in example.customer for example in found.examples)


def test_only_one_of_the_two_can_hold(shop: Shop) -> None:
    _, name = disputed(shop, YES)
    with pytest.raises(Invalid, match="'--holds Maria' or '--holds Lea'"):
        contested.settle(shop.workspace, name, holds="Bob", by=shop.owner)
    with pytest.raises(Conflict, match="question 2"):
        contested.settle(shop.workspace, name, holds="Maria", by=shop.owner, number=2)
    with pytest.raises(Conflict, match="--holds NAME"):
        contested.answer(shop.workspace, name, keep=True, by=shop.owner)


def test_an_edit_that_takes_one_out_answers_too(shop: Shop) -> None:
    _, name = disputed(shop, YES, NO)
    amended = shop.workspace.directives.entries(review.show(shop.workspace, name).head)["situations/pay.md"].content.decode()
    kept = amended[: amended.index("> **Customer:** My dog")] or amended
    review.amend(shop.workspace, name, {"situations/pay.md": kept.encode()}, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    assert "Yes, of course we do." in live(shop, PAY)


def test_two_peoples_answers_with_hardly_a_word_in_common_are_asked_about_too(shop: Shop) -> None:
    lea = shop.person("Lea", Role.LEAD)
    for by, words in ((shop.owner, "Yes, cash is fine with us!"), (lea, "We only take bank transfers, I will send the details.")):
        shop.reply(shop.summoned("I broke it. Can I pay in cash?"), words, by=by)
    shop.teacher.answer = LocalDistiller().distill
    run = distill.distill(shop.workspace)
    assert [one.question.dispute for one in run.operations if one.question] == [True]


def test_what_two_people_answered_one_customer_each_is_no_dispute(shop: Shop) -> None:
    """Who comes when is told one customer; two such answers do not stand against each other."""
    lea = shop.person("Lea", Role.LEAD)
    for by, words in ((shop.owner, "Today at 9 am."), (lea, "Today at 3 pm.")):
        shop.reply(shop.summoned("My vase is broken. When do you come today?"), words, by=by)
    assert all(one.question is None for one in learned(shop, Operation(Change.ADD, PAY, "So.", (), title="Pay", text="Come at once")).operations)


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
