"""One lesson taken back however old, and nothing else with it; where it was refined later, a person says which wording holds."""

import pytest

from tests.conftest import Shop
from voicegit.domain.ids import DirectiveId, ProposalId, Revision
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Branch
from voicegit.services import declined, history, review, rollback, unteach
from voicegit.services.trace import How

HEAD = "---\ntitle: Pets\nconfidence: {}\n---\n\n"


def pets(shop: Shop, *rules: str, sure: float = 0.5, title: str = "Pets") -> Revision:
    return shop.release({"facts/pets.md": HEAD.format(sure) + "".join(f"- {rule}\n" for rule in rules)}, title)


def live(shop: Shop) -> list[str]:
    known = shop.workspace.directives.serving().get("facts/pets")
    return [rule.text for rule in known.rules] if known is not None else []


def asked(shop: Shop, release: Revision) -> ProposalId:
    with pytest.raises(rollback.Clash, match="keep the refinement") as clash:
        rollback.rollback(shop.workspace, release, by=shop.owner)
    return clash.value.proposal


def test_a_lesson_beside_later_ones_goes_by_itself(shop: Shop) -> None:
    """Git takes neighbouring lines, and the confidence that every lesson raises, for clashes; nobody has to be asked about those."""
    pets(shop, "We like dogs", sure=0.5)
    second = pets(shop, "We like dogs", "We like cats", sure=0.6, title="Cats")
    pets(shop, "We like dogs", "We like cats", "We like birds", sure=0.7, title="Birds")
    undone = rollback.rollback(shop.workspace, second, by=shop.owner)
    assert live(shop) == ["We like dogs", "We like birds"]
    assert history.log(shop.workspace)[0].release == undone
    known = shop.workspace.directives.serving().get("facts/pets")
    assert known is not None
    assert known.confidence == 0.7


def test_the_oldest_of_many_lessons_goes_and_all_later_ones_stay(shop: Shop) -> None:
    rules = ["We like dogs"]
    pets(shop, *rules)
    rules.append("Tell us about puppies first")
    old = pets(shop, *rules, title="Puppies")
    for number in range(6):
        rules.append(f"Later lesson number {number} of ours")
        pets(shop, *rules, sure=0.5 + number / 100)
    rollback.rollback(shop.workspace, old, by=shop.owner)
    assert live(shop) == [rule for rule in rules if "puppies" not in rule]


def test_what_a_lesson_replaced_comes_back(shop: Shop) -> None:
    pets(shop, "We like dogs", "We like cats")
    changed = pets(shop, "We like dogs of any size", "We like cats", sure=0.6)
    pets(shop, "We like dogs of any size", "We like cats", "We like birds", sure=0.7)
    rollback.rollback(shop.workspace, changed, by=shop.owner)
    assert live(shop) == ["We like dogs", "We like cats", "We like birds"]


def refined(shop: Shop) -> tuple[Revision, ProposalId]:
    pets(shop, "We like dogs")
    taught = pets(shop, "We like dogs", "Cats stay in one room", "Birds stay in their cage", title="Cats and birds")
    pets(shop, "We like dogs", "Cats stay in one room with the door closed", "Birds stay in their cage", title="Doors")
    return taught, asked(shop, taught)


def test_a_lesson_that_was_refined_is_asked_about_with_both_texts(shop: Shop) -> None:
    _, name = refined(shop)
    shown = review.show(shop.workspace, name)
    question = unteach.question(shop.workspace, Branch(name, shown.head, shown.base))
    assert question is not None
    assert not question.keeps
    assert question.in_words() == [
        "You later refined what “Cats and birds” taught: keep the refinement?",
        "  it taught: - Cats stay in one room",
        "  it reads now: - Cats stay in one room with the door closed",
    ]
    assert live(shop) == ["We like dogs", "Cats stay in one room with the door closed", "Birds stay in their cage"]


def test_keeping_the_refinement_takes_back_the_rest(shop: Shop) -> None:
    _, name = refined(shop)
    head = unteach.answer(shop.workspace, name, keep=True, by=shop.owner)
    shown = review.show(shop.workspace, name)
    assert shown.head == head
    question = unteach.question(shop.workspace, Branch(name, shown.head, shown.base))
    assert question is not None
    assert question.keeps
    review.approve(shop.workspace, name, by=shop.owner)
    assert live(shop) == ["We like dogs", "Cats stay in one room with the door closed"]


def test_taking_the_refinement_out_too_takes_both_back_and_the_answer_can_be_changed_until_then(shop: Shop) -> None:
    _, name = refined(shop)
    unteach.answer(shop.workspace, name, keep=True, by=shop.owner)
    unteach.answer(shop.workspace, name, keep=False, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    assert live(shop) == ["We like dogs"]
    assert [no.says for no in declined.undone(shop.workspace)] == [("Cats stay in one room", "Birds stay in their cage")]


def test_when_nothing_else_is_to_be_taken_back_keeping_the_refinement_closes_the_proposal(shop: Shop) -> None:
    first = pets(shop, "We like dogs")
    pets(shop, "We like dogs and cats")
    name = asked(shop, first)
    assert unteach.answer(shop.workspace, name, keep=True, by=shop.owner) is None
    assert [one.reason for one in shop.rows.decisions.find(proposal=name, kind="decline")] == [unteach.KEPT]
    assert live(shop) == ["We like dogs and cats"]


def test_a_directive_goes_when_nothing_of_it_is_left(shop: Shop) -> None:
    first = pets(shop, "We like dogs")
    pets(shop, "We like dogs and cats")
    review.approve(shop.workspace, asked(shop, first), by=shop.owner)
    assert shop.workspace.directives.serving().get("facts/pets") is None


def test_what_the_refined_lesson_had_replaced_is_told_and_comes_back(shop: Shop) -> None:
    first = pets(shop, "We like dogs", "Call before you come")
    second = pets(shop, "We like dogs", "Write before you come")
    pets(shop, "We like dogs", "Write two days before you come")
    name = asked(shop, second)
    shown = review.show(shop.workspace, name)
    question = unteach.question(shop.workspace, Branch(name, shown.head, shown.base))
    assert question is not None
    assert question.in_words()[-1] == "  before it stood: - Call before you come"
    review.approve(shop.workspace, name, by=shop.owner)
    assert live(shop) == ["We like dogs", "Call before you come"]
    (back,) = [one for one in history.blame(shop.workspace, DirectiveId("facts/pets")) if "Call" in one.text]
    assert (back.entry.release, [step.how for step in back.passed]) == (first, [How.RESTORED])


def test_examples_go_whole_and_those_of_others_stay(shop: Shop) -> None:
    def with_examples(*pairs: tuple[str, str], sure: float) -> Revision:
        blocks = "\n".join(f"> **Customer:** {ask}\n>\n> **Us:** {us}\n" for ask, us in pairs)
        return shop.release({"facts/pets.md": HEAD.format(sure) + f"- We like dogs\n\n## Examples\n\n{blocks}"})

    dogs, cats, birds = ("Dogs?", "Dogs are fine with us."), ("Cats?", "Cats too, of course."), ("Birds?", "In their cage, please.")
    with_examples(dogs, sure=0.5)
    second = with_examples(dogs, cats, sure=0.6)
    with_examples(dogs, cats, birds, sure=0.7)
    rollback.rollback(shop.workspace, second, by=shop.owner)
    known = shop.workspace.directives.serving().get("facts/pets")
    assert known is not None
    assert [(example.customer, example.us) for example in known.examples] == [(("Dogs?",), dogs[1]), (("Birds?",), birds[1])]


def test_a_proposal_that_asks_nothing_has_no_answer(shop: Shop) -> None:
    name = review.propose(shop.workspace, {"facts/pets.md": (HEAD.format(0.5) + "- We like dogs\n").encode()}, title="Pets", by=shop.owner)
    with pytest.raises(Conflict, match="asks nothing"):
        unteach.answer(shop.workspace, name, keep=True, by=shop.owner)


def test_the_first_commit_asks_nothing_either(shop: Shop) -> None:
    with pytest.raises(Invalid):
        rollback.rollback(shop.workspace, shop.workspace.directives.head(), by=shop.owner)
