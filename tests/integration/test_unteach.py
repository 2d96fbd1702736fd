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


def text(shop: Shop, path: str) -> str:
    return shop.workspace.directives.entries(shop.workspace.directives.head())[path].content.decode()


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


def test_where_a_file_that_went_is_there_again_a_person_looks_at_the_undo_and_what_was_refined_stays(shop: Shop) -> None:
    shop.release({"facts/cats.md": HEAD.format(0.5) + "- We like cats\n"}, "Cats")
    pets(shop, "We like dogs")
    taught = HEAD.format(0.5) + "- We like dogs\n- Fish stay in one room\n- Birds stay in their cage\n"
    first = shop.release({"facts/pets.md": taught, "facts/cats.md": None}, "Animals")
    pets(shop, "We like dogs", "Fish stay in one room with the door closed", "Birds stay in their cage")
    shop.release({"facts/cats.md": HEAD.format(0.5) + "- Cats sleep all day\n"}, "Cats again")
    with pytest.raises(rollback.Clash) as clash:
        rollback.rollback(shop.workspace, first, by=shop.owner)
    shown = review.show(shop.workspace, clash.value.proposal)
    assert unteach.question(shop.workspace, Branch(shown.id, shown.head, shown.base)) is None
    live_now = review.approve(shop.workspace, clash.value.proposal, by=shop.owner)
    assert history.taken_back(history.log(shop.workspace))[first].release == live_now
    assert live(shop) == ["We like dogs", "Fish stay in one room with the door closed"]
    assert text(shop, "facts/cats.md") == HEAD.format(0.5) + "- We like cats\n- Cats sleep all day\n"


def test_a_release_that_nothing_is_left_of_has_nothing_to_undo(shop: Shop) -> None:
    pets(shop, "We like dogs")
    cats = pets(shop, "We like dogs", "We like cats", title="Cats")
    shop.release({"facts/pets.md": None}, "No pets")
    with pytest.raises(Conflict, match="Nothing of “Cats” is left"):
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


def talks(*pairs: tuple[str, str]) -> str:
    return "\n## Examples\n" + "".join(f"\n> **Customer:** {ask}\n>\n> **Us:** {us}\n" for ask, us in pairs)


DOGS, CATS = ("Are dogs welcome?", "Dogs are fine with us."), ("And cats?", "Cats too, of course.")
MADE = HEAD.format(0.5) + "- We like dogs\n- Dogs stay on a lead\n"


def answers(shop: Shop) -> list[tuple[tuple[str, ...], str]]:
    known = shop.workspace.directives.serving().get("facts/pets")
    return [(example.customer, example.us) for example in known.examples] if known is not None else []


def test_a_later_example_answers_on_after_the_lesson_that_made_its_directive_is_undone(shop: Shop) -> None:
    first = shop.release({"facts/pets.md": MADE + talks(DOGS)})
    shop.release({"facts/pets.md": MADE + talks(DOGS, CATS)})
    rollback.rollback(shop.workspace, first, by=shop.owner)
    assert (live(shop), answers(shop)) == ([], [((CATS[0],), CATS[1])])


def test_a_refined_answer_that_is_kept_keeps_what_it_answers(shop: Shop) -> None:
    first = shop.release({"facts/pets.md": MADE + talks(DOGS)})
    shop.release({"facts/pets.md": MADE.replace("on a lead", "on a short lead") + talks((DOGS[0], "Small dogs are fine with us."))})
    unteach.answer(shop.workspace, name := asked(shop, first), keep=True, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    assert (live(shop), answers(shop)) == (["Dogs stay on a short lead"], [((DOGS[0],), "Small dogs are fine with us.")])


RENAMED = {"facts/pets.md": None, "facts/animals.md": MADE + talks(DOGS)}


def test_a_lesson_is_undone_under_the_name_that_its_directive_has_by_now(shop: Shop) -> None:
    first = shop.release({"facts/pets.md": MADE + talks(DOGS)})
    shop.release({**RENAMED}, "Rename")
    later = shop.release({"facts/animals.md": MADE + "- We like birds\n" + talks(DOGS)}, "Birds")
    rollback.rollback(shop.workspace, first, by=shop.owner)
    assert text(shop, "facts/animals.md") == HEAD.format(0.5) + "- We like birds\n"
    rollback.rollback(shop.workspace, later, by=shop.owner)
    assert "facts/animals.md" not in shop.workspace.directives.entries(shop.workspace.directives.head())


def test_a_whole_directive_goes_with_its_lesson_after_a_rename(shop: Shop) -> None:
    first = shop.release({"facts/pets.md": MADE + talks(DOGS)})
    shop.release({**RENAMED}, "Rename")
    rollback.rollback(shop.workspace, first, by=shop.owner)
    assert not {"facts/pets.md", "facts/animals.md"} & shop.workspace.directives.entries(shop.workspace.directives.head()).keys()


def test_what_was_refined_under_another_name_is_asked_about(shop: Shop) -> None:
    first = shop.release({"facts/pets.md": MADE + talks(DOGS)})
    renamed = {**RENAMED, "facts/animals.md": MADE.replace("on a lead", "on a short lead") + talks(DOGS)}
    shop.release(renamed, "Rename, and a short lead")
    name = asked(shop, first)
    unteach.answer(shop.workspace, name, keep=True, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    assert text(shop, "facts/animals.md") == HEAD.format(0.5) + "- Dogs stay on a short lead\n"


def test_undoing_a_rename_gives_the_old_name_back_with_all_that_came_since(shop: Shop) -> None:
    shop.release({"facts/pets.md": MADE + talks(DOGS)})
    renamed = shop.release({**RENAMED}, "Rename")
    now = MADE + "- We like birds\n" + talks(DOGS)
    shop.release({"facts/animals.md": now}, "Birds")
    rollback.rollback(shop.workspace, renamed, by=shop.owner)
    assert text(shop, "facts/pets.md") == now
    assert "facts/animals.md" not in shop.workspace.directives.entries(shop.workspace.directives.head())


def test_the_answer_to_what_was_refined_and_renamed_can_be_changed_until_it_is_approved(shop: Shop) -> None:
    shop.release({"facts/pets.md": MADE + talks(DOGS)})
    renamed = shop.release({**RENAMED, "facts/animals.md": MADE + "- We like birds\n" + talks(DOGS)}, "Rename, and birds")
    shop.release({"facts/animals.md": MADE + "- We like birds in their cage\n" + talks(DOGS)}, "Cages")
    name = asked(shop, renamed)
    for keep in (True, False, True):
        unteach.answer(shop.workspace, name, keep=keep, by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    assert text(shop, "facts/pets.md") == MADE + "- We like birds in their cage\n" + talks(DOGS)


def test_a_lesson_whose_directive_went_later_says_so(shop: Shop) -> None:
    first = pets(shop, "We like dogs")
    shop.release({"facts/pets.md": None}, "No pets")
    with pytest.raises(Conflict, match=r"Nothing of “Pets” is left to take back: “No pets” .* took out"):
        rollback.rollback(shop.workspace, first, by=shop.owner)


def test_a_rename_whose_old_name_is_another_directives_by_now_stays(shop: Shop) -> None:
    shop.release({"facts/pets.md": MADE})
    renamed = shop.release({"facts/pets.md": None, "facts/animals.md": MADE}, "Rename")
    pets(shop, "We like birds")
    with pytest.raises(Conflict, match=r"facts/pets\.md is there again"):
        rollback.rollback(shop.workspace, renamed, by=shop.owner)
