"""Deciding change by change: exactly the chosen part goes live or nothing does, and what was declined is remembered."""

from dataclasses import replace

import pytest

from tests.conftest import Shop
from voicegit.domain.decision import DecisionKind
from voicegit.domain.directive import Example
from voicegit.domain.ids import DirectiveId, ProposalId
from voicegit.domain.judgement import Choice, digest
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.people import Person, Role
from voicegit.domain.worddiff import Mark
from voicegit.errors import Conflict, Forbidden, Invalid, NotFound
from voicegit.services import change, declined, distill, history, judgement, review, rollback
from voicegit.services.review import Shown

TONE, DAMAGE, PETS = "voice/tone.md", "situations/damage.md", "facts/pets.md"


def three(material: Material) -> Distilled:
    """A rule for the voice, a new situation and a new fact, all from the same lesson."""
    lesson = material.lessons[0]
    evidence = tuple(one.signal for one in material.lessons)
    tone = Operation(Change.ADD, DirectiveId("voice/tone"), "A person wrote in short sentences.", evidence, text="Write short sentences")
    damage = Operation(
        Change.ADD,
        DirectiveId("situations/damage"),
        "A person said sorry first.",
        evidence,
        text="Say sorry and stop by",
        title="When something is damaged",
        topics=("damage",),
        examples=(Example((lesson.customer,), lesson.theirs or ""),),
    )
    pets = Operation(Change.ADD, DirectiveId("facts/pets"), "A person was asked about dogs.", evidence, text="We like dogs", title="Pets")
    return Distilled((tone, damage, pets), "Damage, and dogs", "Three lessons.")


def proposed(shop: Shop) -> Shown:
    shop.taken_over("My vase is broken", "I am so sorry. I will stop by.")
    shop.teacher.answer = three
    name = distill.distill(shop.workspace).proposal
    assert name is not None
    return review.show(shop.workspace, name)


def choose(shop: Shop, shown: Shown, by: Person | None = None, **choices: str) -> None:
    """`accept`, `decline` or a new text for each of tone, damage and pets."""
    for name, choice in choices.items():
        path = {"tone": TONE, "damage": DAMAGE, "pets": PETS}[name]
        kind = Choice(choice) if choice in set(Choice) else Choice.EDIT
        more = {"reason": f"Not {name}"} if kind is Choice.DECLINE else {"text": choice} if kind is Choice.EDIT else {}
        judgement.judge(shop.workspace, shown.id, path, choice=kind, by=by or shop.owner, head=shown.head, **more)


def approved(shop: Shop, name: ProposalId, by: Person | None = None) -> object:
    part = judgement.part(shop.workspace, name, by=by or shop.owner)
    return judgement.approve(shop.workspace, name, by=by or shop.owner, head=part.head, base=part.base, chosen=part.digest)


def live(shop: Shop) -> dict[str, bytes]:
    return {path: entry.content for path, entry in shop.workspace.directives.entries(shop.workspace.directives.head()).items()}


# ---- reading


def test_a_proposal_is_read_change_by_change_with_its_own_evidence_and_risks(shop: Shop) -> None:
    shown = proposed(shop)
    by_path = {one.path: one for one in change.changes(shop.workspace, shown)}
    assert list(by_path) == [PETS, DAMAGE, TONE]
    damage, tone = by_path[DAMAGE], by_path[TONE]
    assert damage.kinds == (("add", "A new directive"),)
    assert "Topic: damage, added." in damage.front
    assert damage.why == ("A person said sorry first.",)
    assert [(one.who, one.signal.text) for one in damage.evidence if one.signal] == [("Maria", "I am so sorry. I will stop by.")]
    added = ["".join(run.text for run in line) for hunk in tone.prose for line in hunk.lines if all(run.mark is Mark.ADDED for run in line) and line]
    assert added == ["- Write short sentences"]
    assert ("added", "+- Write short sentences") in tone.source
    assert tone.labels == ()


def test_a_risk_is_named_at_the_change_that_holds_it(shop: Shop) -> None:
    files = {
        PETS: b"---\ntitle: Pets\n---\n\n- We like dogs.\n",
        "facts/refunds.md": b"---\ntitle: Refunds\n---\n\n- We pay your money back: a refund of $20.\n",
    }
    name = review.propose(shop.workspace, files, title="Two facts", by=shop.owner)
    risks = {one.path: one.labels for one in change.changes(shop.workspace, review.show(shop.workspace, name))}
    assert risks == {PETS: (), "facts/refunds.md": ("touches money",)}


def test_the_policy_is_a_change_like_any_other(shop: Shop) -> None:
    text = live(shop)["policy.toml"].replace(b"max_changes", b"# how many\nmax_changes")
    name = review.propose(shop.workspace, {"policy.toml": text}, title="A note", by=shop.owner)
    (one,) = change.changes(shop.workspace, review.show(shop.workspace, name))
    assert (one.title, one.kinds[0][1]) == ("Settings", "Changes the settings")
    assert one.prose


def test_evidence_of_a_conversation_that_is_gone_is_shown_as_erased(shop: Shop) -> None:
    shown = proposed(shop)
    gone = replace(shown.commit, trailers=(*shown.commit.trailers, ("Evidence", "facts/pets 0190aaaa-0000-7000-8000-000000000000")))
    (one,) = [one for one in change.changes(shop.workspace, replace(shown, commit=gone)) if one.path == PETS]
    assert [because.signal is None for because in one.evidence] == [False, True]


# ---- choosing


def test_choices_are_kept_for_the_person_and_change_nothing(shop: Shop) -> None:
    shown, before = proposed(shop), shop.workspace.directives.head()
    choose(shop, shown, tone="accept", damage="decline")
    choose(shop, shown, tone="decline")
    mine = judgement.standing(shop.workspace, shown.id, head=shown.head, base=shown.base, by=shop.owner)
    assert {path: (one.choice.value, one.reason) for path, one in mine.items()} == {DAMAGE: ("decline", "Not damage"), TONE: ("decline", "Not tone")}
    lea = shop.person("Lea", Role.LEAD)
    assert judgement.standing(shop.workspace, shown.id, head=shown.head, base=shown.base, by=lea) == {}
    assert shop.workspace.directives.head() == before


def test_an_operator_chooses_nothing(shop: Shop) -> None:
    shown = proposed(shop)
    with pytest.raises(Forbidden):
        choose(shop, shown, by=shop.person("Olga", Role.OPERATOR), tone="accept")


def test_a_decline_of_one_change_needs_words(shop: Shop) -> None:
    shown = proposed(shop)
    with pytest.raises(Invalid, match="reason"):
        judgement.judge(shop.workspace, shown.id, TONE, choice=Choice.DECLINE, by=shop.owner, head=shown.head, reason=" ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- no front matter", "cannot be served"),
        ("---\ntitle: Pets\n---\n\n- Call Jo on 555 123 4567\n", "personal data"),
        ("", "empty"),
        ("---\ntitle: Pets\n---\n\n- a\u200bb\n", "cannot be served"),
    ],
)
def test_a_text_that_could_not_be_served_is_refused_at_once(shop: Shop, text: str, why: str) -> None:
    shown = proposed(shop)
    with pytest.raises(Invalid, match=why):
        judgement.judge(shop.workspace, shown.id, PETS, choice=Choice.EDIT, by=shop.owner, head=shown.head, text=text)
    assert shop.rows.judgements.count() == 0


def test_an_edit_that_changes_nothing_is_an_accept_and_one_back_to_what_is_live_a_decline(shop: Shop) -> None:
    shown = proposed(shop)
    same = shop.workspace.directives.entries(shown.head)[TONE].content.decode()
    assert judgement.judge(shop.workspace, shown.id, TONE, choice=Choice.EDIT, by=shop.owner, head=shown.head, text=same).choice is Choice.ACCEPT
    with pytest.raises(Invalid, match="live already"):
        judgement.judge(shop.workspace, shown.id, TONE, choice=Choice.EDIT, by=shop.owner, head=shown.head, text=live(shop)[TONE].decode())


def test_a_choice_on_what_moved_or_is_not_there_is_refused(shop: Shop) -> None:
    shown = proposed(shop)
    with pytest.raises(NotFound):
        judgement.judge(shop.workspace, shown.id, "facts/hours.md", choice=Choice.ACCEPT, by=shop.owner, head=shown.head)
    review.amend(shop.workspace, shown.id, {PETS: b"---\ntitle: Pets\n---\n\n- We like cats.\n"}, by=shop.owner, head=shown.head)
    with pytest.raises(Conflict, match="changed since you looked"):
        choose(shop, shown, tone="accept")


def test_choices_that_still_apply_are_kept_when_the_proposal_moves(shop: Shop) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="decline", damage="accept", pets="accept")
    review.amend(shop.workspace, shown.id, {PETS: b"---\ntitle: Pets\n---\n\n- We like cats.\n"}, by=shop.owner, head=shown.head)
    after = review.show(shop.workspace, shown.id)
    kept = judgement.standing(shop.workspace, shown.id, head=after.head, base=after.base, by=shop.owner)
    assert {path: one.choice.value for path, one in kept.items()} == {DAMAGE: "accept", TONE: "decline"}
    assert judgement.seen_before(shop.workspace, shown.id, head=after.head, by=shop.owner) == shown.head
    moved = change.since(shop.workspace, shown.head, after.head)
    assert moved is not None
    assert [path for path, _ in moved.words] == [PETS]
    with pytest.raises(Conflict, match="facts/pets"):
        judgement.part(shop.workspace, shown.id, by=shop.owner)


# ---- approving


def test_only_the_accepted_part_goes_live_in_one_commit_of_its_own(shop: Shop) -> None:
    shown, before = proposed(shop), live(shop)
    choose(shop, shown, tone="accept", damage="decline", pets="accept")
    release = approved(shop, shown.id)
    after = live(shop)
    assert set(after) - set(before) == {PETS}
    assert b"Write short sentences" in after[TONE]
    assert {path for path in before if before[path] != after[path]} == {TONE}
    assert shop.workspace.directives.head() == release
    text = shop.workspace.directives.commit(shop.workspace.directives.commit(shop.workspace.directives.head()).parents[1])
    assert text.parents == (shown.base,)
    assert text.author == "Maria"
    assert sorted(text.trailer("Operation")) == ["add facts/pets", "add voice/tone"]
    assert {value.split()[0] for value in text.trailer("Evidence")} == {"facts/pets", "voice/tone"}
    assert text.trailer("Distillation") == shown.commit.trailer("Distillation")
    assert "sorry" not in text.body
    assert "short sentences" in text.body
    assert review.waiting(shop.workspace) == []
    assert history.log(shop.workspace)[0].proposal == shown.id


def test_an_edited_text_goes_live_as_the_persons_own(shop: Shop) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="accept", damage="accept", pets="---\ntitle: Pets\n---\n\n- We like cats")
    approved(shop, shown.id)
    assert live(shop)[PETS] == b"---\ntitle: Pets\n---\n\n- We like cats\n"
    (line,) = [source for source in history.blame(shop.workspace, DirectiveId("facts/pets")) if "cats" in source.text]
    assert shop.workspace.directives.commit(line.commit).author == "Maria"
    assert b"Say sorry" in live(shop)[DAMAGE]


def test_when_all_is_accepted_the_proposals_own_commit_goes_live(shop: Shop) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="accept", damage="accept", pets="accept")
    approved(shop, shown.id)
    assert shop.workspace.directives.commit(shop.workspace.directives.head()).parents == (shown.base, shown.head)


def test_when_all_is_declined_the_proposal_is_closed_with_the_reasons(shop: Shop) -> None:
    shown, before = proposed(shop), shop.workspace.directives.head()
    choose(shop, shown, tone="decline", damage="decline", pets="decline")
    assert judgement.part(shop.workspace, shown.id, by=shop.owner).live is None
    assert approved(shop, shown.id) is None
    assert shop.workspace.directives.head() == before
    decision = shop.rows.decisions.first(kind=DecisionKind.DECLINE)
    assert decision is not None
    assert "voice/tone: Not tone" in decision.reason


def test_what_is_shown_before_the_approval_is_what_goes_live(shop: Shop) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="decline", damage="accept", pets="accept")
    shop.release({"facts/late.md": "---\ntitle: Late\n---\n\n- Open till nine\n"})
    part = judgement.part(shop.workspace, shown.id, by=shop.owner)
    judgement.approve(shop.workspace, shown.id, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
    assert part.live is not None
    assert shop.workspace.directives.diff(part.base, shop.workspace.directives.head()) == part.live.diff
    assert [one.path for one in change.changes(shop.workspace, part.live)] == [PETS, DAMAGE]


def test_nothing_goes_live_while_a_change_is_undecided(shop: Shop) -> None:
    shown, before = proposed(shop), shop.workspace.directives.head()
    choose(shop, shown, tone="accept")
    mine = judgement.standing(shop.workspace, shown.id, head=shown.head, base=shown.base, by=shop.owner)
    with pytest.raises(Conflict, match="2 of the changes still wait"):
        judgement.approve(shop.workspace, shown.id, by=shop.owner, head=shown.head, base=shown.main, chosen=digest(mine))
    assert shop.workspace.directives.head() == before


@pytest.mark.parametrize("moved", ["choices", "head", "base"])
def test_a_part_is_not_approved_when_anything_moved_since_it_was_shown(shop: Shop, moved: str) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="accept", damage="decline", pets="accept")
    part = judgement.part(shop.workspace, shown.id, by=shop.owner)
    if moved == "choices":
        choose(shop, shown, pets="decline")
    elif moved == "head":
        review.amend(shop.workspace, shown.id, {PETS: b"---\ntitle: Pets\n---\n\n- We like cats.\n"}, by=shop.owner, head=shown.head)
    else:
        shop.release({"facts/late.md": "---\ntitle: Late\n---\n\n- Open till nine\n"})
    before, rows = shop.workspace.directives.head(), shop.rows.decisions.count()
    with pytest.raises(Conflict, match="changed since"):
        judgement.approve(shop.workspace, shown.id, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
    assert (shop.workspace.directives.head(), shop.rows.decisions.count()) == (before, rows)
    assert [one.id for one in review.waiting(shop.workspace)] == [shown.id]


def test_a_part_that_breaks_what_the_whole_kept_is_refused_with_findings(shop: Shop) -> None:
    """A protected directive is the owner's to write: choosing among others' changes does not make it so."""
    shop.release({PETS: "---\ntitle: Pets\nprotected: true\n---\n\n- We like dogs.\n"})
    lea = shop.person("Lea", Role.LEAD)
    files = {PETS: b"---\ntitle: Pets\nprotected: true\n---\n\n- We like cats.\n", "facts/late.md": b"---\ntitle: Late\n---\n\n- Open till nine\n"}
    name = review.propose(shop.workspace, files, title="Cats", by=lea)
    shown = review.show(shop.workspace, name)
    judgement.judge(shop.workspace, name, PETS, choice=Choice.ACCEPT, by=shop.owner, head=shown.head)
    judgement.judge(shop.workspace, name, "facts/late.md", choice=Choice.DECLINE, by=shop.owner, head=shown.head, reason="No")
    with pytest.raises(Invalid, match="cannot be approved"):
        judgement.part(shop.workspace, name, by=shop.owner)
    judgement.judge(shop.workspace, name, PETS, choice=Choice.DECLINE, by=shop.owner, head=shown.head, reason="No")
    judgement.judge(shop.workspace, name, "facts/late.md", choice=Choice.ACCEPT, by=shop.owner, head=shown.head)
    approved(shop, name)
    assert b"dogs" in live(shop)[PETS]


def test_a_part_can_be_taken_back_and_brought_back(shop: Shop) -> None:
    shown, before = proposed(shop), live(shop)
    choose(shop, shown, tone="accept", damage="decline", pets="accept")
    release = approved(shop, shown.id)
    undone = rollback.rollback(shop.workspace, release, by=shop.owner)  # type: ignore[arg-type]
    assert live(shop) == before
    rollback.restore(shop.workspace, undone, by=shop.owner)
    assert PETS in live(shop)
    assert DAMAGE not in live(shop)


# ---- what was declined


def test_a_declined_change_reaches_the_next_distillation_with_its_reason_and_is_not_proposed_again(shop: Shop) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="accept", damage="decline", pets="accept")
    approved(shop, shown.id)
    assert [(one.reason, [said.partition(":")[0] for said in one.told]) for one in declined.book(shop.workspace)] == [("Not damage", ["add situations/damage"])]
    first = shop.rows.signals.find()[0].id
    shop.taken_over("Your team broke a lamp", "I am so sorry. I will stop by.")

    def again(material: Material) -> Distilled:
        damage = three(material).operations[1]
        return Distilled((replace(damage, examples=(), evidence=(first,)),), "Damage", "Again.")

    shop.teacher.answer = again
    run = distill.distill(shop.workspace)
    (told,) = shop.teacher.read[-1].declined
    assert told.reason == "Not damage"
    assert told.operations[0].startswith("add situations/damage")
    assert run.proposal is None


def test_what_one_person_chose_and_another_approved_differently_does_not_count(shop: Shop) -> None:
    shown, lea = proposed(shop), shop.person("Lea", Role.LEAD)
    choose(shop, shown, by=lea, tone="decline", damage="decline", pets="decline")
    choose(shop, shown, tone="accept", damage="accept", pets="accept")
    approved(shop, shown.id)
    assert declined.book(shop.workspace) == []


def test_each_change_of_a_declined_proposal_keeps_its_own_reason(shop: Shop) -> None:
    shown = proposed(shop)
    choose(shop, shown, tone="decline", damage="decline", pets="decline")
    approved(shop, shown.id)
    assert {one.reason for one in declined.book(shop.workspace)} == {"Not tone", "Not damage", "Not pets"}
