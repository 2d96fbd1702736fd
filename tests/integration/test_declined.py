"""What people said no to is remembered whoever had proposed it, and only what speaks of it brings it back."""

from collections.abc import Callable

import pytest

from tests.conftest import Shop
from voicegit.domain.ids import DirectiveId, ProposalId
from voicegit.domain.judgement import Choice
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import may_be_set_aside
from voicegit.services import distill, judgement, review

PHOTO = "Ask every customer for a photo of the key"
KEYS = f"---\ntitle: Keys\n---\n\n- Keep keys in the safe\n- {PHOTO}\n"
GREETING = "---\ntitle: Welcome\n---\n\n- Say hello first\n"


def rule(text: str) -> Callable[[Material], Distilled]:
    """A distiller that always wants one rule, with whatever it was shown as its evidence."""

    def answer(material: Material) -> Distilled:
        evidence = tuple(one.signal for one in material.lessons)
        return Distilled((Operation(Change.ADD, DirectiveId("situations/doors"), "Because.", evidence, text=text, title="Doors"),), "Doors", "One rule.")

    return answer


def by_hand(shop: Shop) -> ProposalId:
    return review.propose(shop.workspace, {"situations/spare-keys.md": KEYS.encode(), "voice/welcome.md": GREETING.encode()}, title="Keys", by=shop.owner)


def again(shop: Shop, text: str = PHOTO, words: str = "We gladly feed your cat.", asked: str = "My vase is broken") -> str:
    """What is said of a rule that a distillation wants after one more takeover; nothing where it is proposed."""
    shop.clock.pass_(60)
    shop.taken_over(asked, words)
    shop.teacher.answer = rule(text)
    return "; ".join(one.reason for one in distill.distill(shop.workspace).dropped)


def test_what_a_person_proposed_and_another_declined_is_not_distilled_again(shop: Shop) -> None:
    review.decline(shop.workspace, by_hand(shop), reason="No photos of keys, ever", by=shop.owner)
    assert again(shop, "Ask each customer for photos of the key") == (
        "a person declined the same before, and nothing new speaks for it: “No photos of keys, ever”"
    )
    (told,) = shop.teacher.read[-1].declined
    assert (told.reason, PHOTO in told.operations) == ("No photos of keys, ever", True)


def test_of_what_was_approved_in_part_only_what_was_left_out_is_held_against_it(shop: Shop) -> None:
    name = by_hand(shop)
    shown = review.show(shop.workspace, name)
    for path, choice in (("situations/spare-keys.md", Choice.DECLINE), ("voice/welcome.md", Choice.ACCEPT)):
        reason = "No photos" if choice is Choice.DECLINE else ""
        judgement.judge(shop.workspace, name, path, choice=choice, by=shop.owner, head=shown.head, reason=reason)
    part = judgement.part(shop.workspace, name, by=shop.owner)
    judgement.approve(shop.workspace, name, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
    assert again(shop).endswith("“No photos”")
    assert [one.operations for one in shop.teacher.read[-1].declined] == [("Keep keys in the safe", PHOTO)]


def test_what_a_person_made_of_a_distillations_proposal_is_declined_with_it(shop: Shop) -> None:
    again(shop, "Feed every cat", asked="Your people left a huge crack in our kitchen table and now a leg is broken")
    name = ProposalId("p-1")
    review.amend(shop.workspace, name, {"situations/doors.md": f"---\ntitle: Doors\n---\n\n- {PHOTO}\n".encode()}, by=shop.owner)
    review.decline(shop.workspace, name, reason="Neither of them", by=shop.owner)
    assert again(shop, words="I will call you.").endswith("“Neither of them”")
    assert again(shop, "Every cat we feed", "I will call you.").endswith("“Neither of them”")


@pytest.mark.parametrize(("words", "comes_again"), [("We gladly feed your cat.", False), ("Please send us a photo of the key.", True)])
def test_only_words_about_what_was_declined_bring_it_back(shop: Shop, words: str, comes_again: bool) -> None:
    review.decline(shop.workspace, by_hand(shop), reason="No photos of keys, ever", by=shop.owner)
    assert (again(shop, words=words) == "") is comes_again


def test_words_from_before_the_decline_do_not_bring_it_back(shop: Shop) -> None:
    name = by_hand(shop)
    shop.taken_over("My vase is broken", "Please send us a photo of the key.")
    shop.clock.pass_(60)
    review.decline(shop.workspace, name, reason="No photos of keys, ever", by=shop.owner)
    shop.teacher.answer = rule(PHOTO)
    assert distill.distill(shop.workspace).proposal is None


def test_a_run_says_how_many_takeovers_it_set_aside(shop: Shop) -> None:
    class Same:
        def group(self, texts: list[str]) -> list[int]:
            return [0] * len(texts)

    shop.models.groups = Same()  # type: ignore[assignment]
    shop.teacher.answer = lambda material: Distilled((), "", "Nothing.")
    for _ in range(6):
        shop.taken_over("My vase is broken", "I am so sorry.")
    distill.distill(shop.workspace)
    talks = [shop.taken_over("My vase is broken", "I am so sorry.")]
    while not may_be_set_aside(talks[-1]):  # ids are random, and so is who is kept aside
        talks.append(shop.taken_over("My vase is broken", "I am so sorry."))
    said = "1 takeover of a known situation was set aside to test with."
    *_, last = shop.rows.signals.find(order="id")
    assert distill.distill(shop.workspace).summary == ("Nothing. " if len(talks) > 1 else "") + said
    assert shop.rows.signals.get(last.id).set_aside
