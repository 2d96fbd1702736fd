"""One lesson taken back however old, and nothing else with it; where it was refined later, a person says which wording holds."""

import pytest

from tests.conftest import Shop
from voicegit.domain import proposal
from voicegit.domain.ids import DirectiveId, ProposalId, Revision
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Branch, Move, Signature
from voicegit.services import declined, history, outcome, review, rollback, unteach
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


def test_an_undo_that_became_a_question_stands_as_an_undo_once_it_is_approved(shop: Shop) -> None:
    taught, name = refined(shop)
    assert history.taken_back(history.log(shop.workspace)) == {}
    live_now = review.approve(shop.workspace, name, by=shop.owner)
    assert history.taken_back(history.log(shop.workspace))[taught].release == live_now
    told = {one.title: (one.kind, one.undone) for one in history.decided(shop.workspace)[0]}
    assert told["Undo: Cats and birds"] == ("undone", False)
    assert told["Cats and birds"] == ("approved", True)
    assert outcome.find(shop.workspace, name)[0].takes_back
    assert name in [one.id for one in outcome.approved(shop.workspace)]
    with pytest.raises(Conflict, match="taken back already"):
        rollback.rollback(shop.workspace, taught, by=shop.owner)
    rollback.restore(shop.workspace, taught, by=shop.owner)
    assert live(shop) == ["We like dogs", "Cats stay in one room with the door closed", "Birds stay in their cage"]
    assert history.taken_back(history.log(shop.workspace)).keys() == {live_now}
    assert declined.undone(shop.workspace) == []


def test_what_a_person_kept_is_not_held_against_the_next_lesson_and_their_reason_is(shop: Shop) -> None:
    pets(shop, "We like dogs")
    taught = pets(shop, "We like dogs", "Cats stay in one room", "Birds stay in their cage", title="Cats and birds")
    pets(shop, "We like dogs", "Cats stay in one room with the door closed", "Birds stay in their cage", title="Doors")
    with pytest.raises(rollback.Clash) as clash:
        rollback.rollback(shop.workspace, taught, by=shop.owner, reason="Birds fly")
    name, files = clash.value.proposal, {"facts/pets.md": (HEAD.format(0.5) + "- We like dogs\n- Birds stay in their cage\n").encode()}
    review.amend(shop.workspace, name, files, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    assert [(no.says, no.reason) for no in declined.undone(shop.workspace)] == [(("Cats stay in one room",), "Birds fly")]


def test_a_refinement_is_asked_about_beside_a_file_that_went_since(shop: Shop) -> None:
    first = shop.release({"facts/pets.md": HEAD.format(0.5) + "- We like dogs\n", "facts/cats.md": HEAD.format(0.5) + "- We like cats\n"}, "Animals")
    shop.release({"facts/cats.md": None}, "No cats")
    pets(shop, "We like dogs and birds")
    unteach.answer(shop.workspace, asked(shop, first), keep=True, by=shop.owner)
    assert live(shop) == ["We like dogs and birds"]
    assert shop.workspace.directives.serving().get("facts/cats") is None


def test_an_undo_that_could_not_be_told_line_by_line_is_one_too_and_keeps_what_was_refined(shop: Shop) -> None:
    shop.release({"facts/cats.md": HEAD.format(0.5) + "- We like cats\n"}, "Cats")
    pets(shop, "We like dogs")
    taught = HEAD.format(0.5) + "- We like dogs\n- Fish stay in one room\n- Birds stay in their cage\n"
    first = shop.release({"facts/pets.md": taught, "facts/cats.md": None}, "Animals")
    pets(shop, "We like dogs", "Fish stay in one room with the door closed", "Birds stay in their cage")
    with pytest.raises(rollback.Clash) as clash:
        rollback.rollback(shop.workspace, first, by=shop.owner)
    shown = review.show(shop.workspace, clash.value.proposal)
    assert unteach.question(shop.workspace, Branch(shown.id, shown.head, shown.base)) is None
    live_now = review.approve(shop.workspace, clash.value.proposal, by=shop.owner)
    assert history.taken_back(history.log(shop.workspace))[first].release == live_now
    assert live(shop) == ["We like dogs", "Fish stay in one room with the door closed"]
    assert shop.workspace.directives.serving().get("facts/cats") is not None


def test_a_release_that_nothing_is_left_of_has_nothing_to_undo(shop: Shop) -> None:
    pets(shop, "We like dogs")
    cats = pets(shop, "We like dogs", "We like cats", title="Cats")
    shop.release({"facts/pets.md": None}, "No pets")
    with pytest.raises(Conflict, match="Nothing of “Cats” is live"):
        rollback.rollback(shop.workspace, cats, by=shop.owner)
    assert shop.workspace.directives.proposals() == []


def test_only_our_own_row_says_what_a_proposal_takes_back(shop: Shop) -> None:
    """Trailers are decoration: whoever pushes a branch can write them."""
    taught = pets(shop, "We like dogs")
    name = review.propose(shop.workspace, {"facts/birds.md": (HEAD.format(0.5) + "- Birds\n").encode()}, title="Birds", by=shop.owner)
    with shop.workspace.directives.writing() as git:
        shown = review.show(shop.workspace, name)
        words = proposal.message("Birds", [], [("Proposal", name), ("Reverts", taught)])
        signed = Signature("Somebody", shop.owner.id, shop.clock.now())
        files = {"facts/birds.md": HEAD.format(0.5).encode() + b"- Birds\n"}
        git.move(Move(proposal.branch(name), shown.head, git.commit(shown.base, files, message=words, author=signed)))
    review.approve(shop.workspace, name, by=shop.owner)
    assert history.taken_back(history.log(shop.workspace)) == {}


def test_a_proposal_that_asks_nothing_has_no_answer(shop: Shop) -> None:
    name = review.propose(shop.workspace, {"facts/pets.md": (HEAD.format(0.5) + "- We like dogs\n").encode()}, title="Pets", by=shop.owner)
    with pytest.raises(Conflict, match="asks nothing"):
        unteach.answer(shop.workspace, name, keep=True, by=shop.owner)


def test_the_first_commit_asks_nothing_either(shop: Shop) -> None:
    with pytest.raises(Invalid):
        rollback.rollback(shop.workspace, shop.workspace.directives.head(), by=shop.owner)
