"""Mistakes happen once: what a person caught is held back, until the release that addresses it, and again after it comes back."""

import pytest

from tests.conftest import Shop
from tests.fakes import sure
from voicegit.domain.conversation import ERASED
from voicegit.domain.ids import ConversationId, DirectiveId, MessageId, Revision
from voicegit.domain.material import Distilled, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.people import Role
from voicegit.domain.signal import Signal, SignalKind, Teaches
from voicegit.errors import Conflict, Forbidden, Invalid
from voicegit.services import distill, erase, feedback, insights, mistakes, review, rollback, status

QUESTION, WRONG, RIGHT = "Can I change the date of my cleaning?", "We bring our own mops.", "Tell me which day suits you."


def caught(shop: Shop, question: str = QUESTION, answer: str = WRONG, **more: object) -> MessageId:
    """A wrong reply that the owner rejects."""
    shop.model.reply_with(answer)
    done = shop.say(shop.start(), question)
    assert done.reply is not None
    judge(shop, done.reply.id, **more)
    return done.reply.id


def judge(shop: Shop, message: MessageId, **more: object) -> Signal:
    given: dict[str, object] = {"reason": "It asked for a date, not for mops", **more}
    return feedback.give(shop.workspace, message, SignalKind.REJECTION, by=shop.owner, **given)  # type: ignore[arg-type]


def test_the_same_wrong_text_to_the_same_message_is_asked_anew_once_and_then_a_person_is_called(shop: Shop) -> None:
    caught(shop)
    shop.model.reply_with(WRONG, "We bring our own mops!")
    done = shop.say(shop.start(), QUESTION)
    assert done.answer == "summon"
    assert done.turn is not None
    assert [reason.code for reason in done.turn.reasons] == ["known_mistake"]
    assert "It asked for a date, not for mops" in done.turn.reasons[0].words
    again = shop.model.asked[-1]
    assert again.avoid is not None
    assert "found it wrong before" in again.avoid


def test_another_answer_at_the_second_try_is_sent(shop: Shop) -> None:
    caught(shop)
    shop.model.reply_with(WRONG, RIGHT)
    done = shop.say(shop.start("Bob Miller"), "How do I change the cleaning date?")
    assert done.reply is not None
    assert done.reply.text == RIGHT
    assert [one.stopped for one in mistakes.listed(shop.workspace)] == [1]


def test_the_same_answer_where_it_is_right_is_sent_at_once(shop: Shop) -> None:
    caught(shop)
    shop.model.reply_with(WRONG)
    done = shop.say(shop.start(), "Do you bring mops?")
    assert done.reply is not None
    assert len(shop.model.asked) == 2


def test_the_name_in_an_answer_makes_it_no_other_answer(shop: Shop) -> None:
    shop.model.reply_with("Hi Dana, no.")
    done = shop.say(shop.start("Dana Reyes"), QUESTION)
    assert done.reply is not None
    judge(shop, done.reply.id)
    shop.model.reply_with("Hi Christopher, no.", RIGHT)
    other = shop.say(shop.start("Christopher Miller"), QUESTION)
    assert other.reply is not None
    assert other.reply.text == RIGHT


@pytest.mark.parametrize("teaches", [Teaches.NOTHING, Teaches.CUSTOMER])
def test_what_is_about_one_customer_alone_is_no_mistake_elsewhere(shop: Shop, teaches: Teaches) -> None:
    caught(shop, teaches=teaches)
    assert mistakes.listed(shop.workspace) == []


def test_a_verdict_taken_back_or_changed_leaves_no_entry(shop: Shop) -> None:
    reply = caught(shop)
    feedback.give(shop.workspace, reply, SignalKind.APPROVAL, by=shop.owner)
    assert shop.rows.mistakes.count() == 0
    judge(shop, reply)
    assert shop.rows.mistakes.count() == 1
    feedback.take_back(shop.workspace, reply, by=shop.owner)
    assert shop.rows.mistakes.count() == 0
    shop.model.reply_with(WRONG)
    assert shop.say(shop.start(), QUESTION).answer == "reply"


def test_a_correction_is_an_entry_with_the_better_text(shop: Shop) -> None:
    shop.model.reply_with(WRONG)
    done = shop.say(shop.start(), QUESTION)
    assert done.reply is not None
    feedback.give(shop.workspace, done.reply.id, SignalKind.CORRECTION, by=shop.owner, text=RIGHT)
    (entry,) = mistakes.listed(shop.workspace)
    assert (entry.better, entry.why) == (RIGHT, "a person said it better")


def test_personal_data_does_not_enter_the_catalogue(shop: Shop) -> None:
    shop.model.reply_with("Hi Dana, certainly.")
    done = shop.say(shop.start("Dana Quillfeather"), "I am Dana Quillfeather, 212-555-0187")
    assert done.reply is not None
    judge(shop, done.reply.id, reason="Dana Quillfeather is a friend")
    (entry,) = mistakes.listed(shop.workspace)
    assert not any(canary in repr(entry) for canary in ("uillfeather", "555-0187"))


# ---- the release that addresses it


def released(shop: Shop, change: Change = Change.ADD, *, id: str = "situations/dates") -> str:
    """A distillation of what waits, approved."""

    def learn(material: Material) -> Distilled:
        more = {"text": "Offer another day", "title": "Another day"} if change is Change.ADD else {}
        place = DirectiveId(id if change is Change.ADD else "voice/tone")
        return Distilled((Operation(change, place, "Caught.", tuple(one.signal for one in material.lessons), **more),), "Dates", "One lesson.")  # type: ignore[arg-type]

    shop.teacher.answer = learn
    proposal = distill.distill(shop.workspace).proposal
    assert proposal is not None
    return review.approve(shop.workspace, proposal, by=shop.owner)


def test_the_release_that_learned_from_it_closes_the_entry(shop: Shop) -> None:
    caught(shop)
    release = released(shop)
    assert mistakes.listed(shop.workspace) == []
    (entry,) = mistakes.listed(shop.workspace, closed=True)
    assert entry.closed_by == release
    shop.model.reply_with(WRONG)
    assert shop.say(shop.start(), QUESTION).answer == "reply"


def test_a_release_that_only_reinforces_closes_nothing(shop: Shop) -> None:
    caught(shop)
    released(shop, Change.REINFORCE)
    assert len(mistakes.listed(shop.workspace)) == 1


@pytest.mark.parametrize(("guards", "left"), [("", 1), ("guards:\n  never_say: [mops]\n", 0)])
def test_a_rule_beside_the_wrong_answer_closes_nothing_while_that_stands_approved(shop: Shop, guards: str, left: int) -> None:
    caught(shop)
    answer = f"---\ntitle: Dates\n{guards}---\n\n- Be kind\n\n## Examples\n\n> **Customer:** {QUESTION}\n>\n> **Us:** {WRONG}\n"
    shop.release({"situations/moving.md": answer.replace(guards, "")})
    if guards:
        shop.release({"voice/never.md": f"---\ntitle: Never\n{guards}---\n\n- Be brief\n"})
    released(shop)
    assert len(mistakes.listed(shop.workspace)) == left


def test_another_release_closes_nothing(shop: Shop) -> None:
    caught(shop)
    shop.release({"facts/pets.md": "---\ntitle: Pets\n---\n\n- We clean around pets\n"})
    assert len(mistakes.listed(shop.workspace)) == 1


def test_taking_the_release_back_opens_it_and_restoring_it_closes_it(shop: Shop) -> None:
    caught(shop)
    release = released(shop)
    taken = rollback.rollback(shop.workspace, release, by=shop.owner)  # type: ignore[arg-type]
    assert len(mistakes.listed(shop.workspace)) == 1
    rollback.restore(shop.workspace, taken, by=shop.owner)
    assert mistakes.listed(shop.workspace) == []


def never_mops(shop: Shop) -> None:
    shop.release({"voice/never.md": "---\ntitle: Never\nguards:\n  never_say: [mops]\n---\n\n- Be brief\n"})


def test_a_closed_entry_names_the_guard_that_forbids_its_answer_or_else_what_was_learned(shop: Shop) -> None:
    caught(shop)
    released(shop)
    caught(shop, "Which van do you drive?", "Our van is small.")
    never_mops(shop)
    shop.release({"voice/fees.md": "---\ntitle: Fees\nguards:\n  never_say: [small]\n---\n\n- Be kind\n"})
    released(shop, id="situations/fees")
    found = [str(each) for one in mistakes.listed(shop.workspace, closed=True) for each in one.prevented_by]
    assert found == ["“Offer another day” (situations/dates.md)", "never say “small” (voice/fees.md)"]


@pytest.mark.parametrize(
    ("then", "still_open"),
    [
        ({"voice/never.md": "---\ntitle: Never\n---\n\n- Be brief\n"}, 1),
        ({"voice/never.md": None}, 1),
        ({"voice/never.md": "---\ntitle: Never\nstatus: retired\nguards:\n  never_say: [mops]\n---\n\n- Be brief\n"}, 1),
        ({"voice/never.md": None, "voice/words.md": "---\ntitle: Words\nguards:\n  never_say: [mops, brooms]\n---\n\n- Be brief\n"}, 0),
        ({"situations/dates.md": None}, 0),
    ],
)
def test_an_entry_is_open_again_when_its_guard_is_gone_whatever_took_it(shop: Shop, then: dict[str, str | None], still_open: int) -> None:
    caught(shop)
    never_mops(shop)
    released(shop)
    shop.release(then)
    assert len(mistakes.listed(shop.workspace)) == still_open


@pytest.mark.parametrize(("text", "still_open"), [("Offer them another day", 0), ("Say when we come", 1)])
def test_an_entry_is_open_again_when_its_rule_is_gone(shop: Shop, text: str, still_open: int) -> None:
    caught(shop)
    released(shop)
    learned = shop.workspace.directives.entries(shop.workspace.directives.head())["situations/dates.md"].content.decode()
    shop.release({"situations/dates.md": learned.replace("Offer another day", text)})
    assert len(mistakes.listed(shop.workspace)) == still_open


def test_a_mistake_that_comes_back_is_open_again_and_counted(shop: Shop) -> None:
    caught(shop)
    released(shop)
    shop.clock.pass_(60)
    shop.model.reply_with(WRONG)
    done = shop.say(shop.start(), "How do I change the date of a cleaning?")
    assert done.reply is not None
    assert judge(shop, done.reply.id).repeats is not None
    (entry,) = mistakes.listed(shop.workspace)
    assert (entry.again, len(entry.signals), entry.closed_by) == (1, 2, None)
    assert status.look(shop.workspace).repeat_rate == 0.5
    assert insights.over(shop.workspace, 7).repeated == 1
    feedback.take_back(shop.workspace, done.reply.id, by=shop.owner)
    assert [one.again for one in mistakes.listed(shop.workspace)] == [0]


@pytest.mark.parametrize(("covered_by", "repeats"), [("voice/tone", True), (None, False)])
def test_the_same_rejected_answer_from_the_same_directive_is_a_repeat_whatever_was_asked(shop: Shop, covered_by: str | None, repeats: bool) -> None:
    shop.clock.pass_(60)
    replies: list[MessageId] = []
    for question in (QUESTION, "Which van do you drive?"):
        shop.model.reply_with(sure(WRONG, covered_by=covered_by))
        done = shop.say(shop.start(), question)
        assert done.reply is not None
        assert (judge(shop, done.reply.id).repeats is not None) is (repeats and bool(replies))
        replies.append(done.reply.id)
        shop.clock.pass_(60)
    assert sorted(one.again for one in mistakes.listed(shop.workspace)) == [0, int(repeats)]
    feedback.take_back(shop.workspace, replies[1], by=shop.owner)
    assert [(one.again, len(one.signals)) for one in mistakes.listed(shop.workspace)] == [(0, 1)]


def test_two_wrong_replies_before_anybody_looked_are_one_mistake_and_no_repeat(shop: Shop) -> None:
    shop.model.reply_with(WRONG, WRONG)
    first, second = (shop.say(shop.start(), QUESTION).reply for _ in range(2))
    assert first is not None
    assert second is not None
    shop.clock.pass_(60)
    judge(shop, first.id)
    assert judge(shop, second.id).repeats is None
    (entry,) = mistakes.listed(shop.workspace)
    assert (entry.again, len(entry.signals)) == (0, 2)


# ---- erased, and cheap


def test_erasing_takes_its_words_and_it_is_held_back_all_the_same(shop: Shop) -> None:
    reply = caught(shop)
    talk: ConversationId = shop.rows.messages.get(reply).conversation
    erase.erase(shop.workspace, erase.look(shop.workspace, talk), by=shop.owner)
    (entry,) = mistakes.listed(shop.workspace)
    assert {entry.question, entry.wrong, entry.reason} == {ERASED}
    shop.model.reply_with(WRONG, WRONG)
    done = shop.say(shop.start(), QUESTION)
    assert done.answer == "summon"
    assert done.turn is not None
    assert done.turn.reasons[0].words == "What I would say was found wrong before: a person said it was wrong."
    shop.model.reply_with(WRONG)
    assert shop.say(shop.start(), "Do you bring mops?").answer == "reply"


def test_a_turn_reads_the_catalogue_only_when_it_has_changed(shop: Shop) -> None:
    caught(shop)
    ready = mistakes.known(shop.workspace)
    assert mistakes.known(shop.workspace) is ready
    caught(shop, "Do you have keys?", "We do not say.")
    assert mistakes.known(shop.workspace) is not ready


# ---- a person closes an entry that cannot come back


def test_what_a_person_closed_is_not_held_back_and_its_reason_stays_without_personal_data(shop: Shop) -> None:
    caught(shop)
    (one,) = mistakes.listed(shop.workspace)
    mistakes.close(shop.workspace, one.id, because="We bring mops; ask dana@example.org", by=shop.owner)
    shop.model.reply_with(WRONG)
    assert shop.say(shop.start(), QUESTION).answer == "reply"
    assert mistakes.listed(shop.workspace) == []
    (closed,) = mistakes.listed(shop.workspace, closed=True)
    assert (closed.closer, closed.because, closed.closed_by) == (shop.owner.id, "We bring mops; ask [email]", None)


def test_caught_again_or_opened_again_it_is_held_back(shop: Shop) -> None:
    caught(shop)
    (one,) = mistakes.listed(shop.workspace)
    mistakes.close(shop.workspace, one.id, because="Gone", by=shop.owner)
    assert mistakes.reopen(shop.workspace, one.id, by=shop.owner).because is None
    assert [open_one.id for open_one in mistakes.listed(shop.workspace)] == [one.id]
    mistakes.close(shop.workspace, one.id, because="Gone", by=shop.owner)
    shop.clock.pass_(60)
    caught(shop)
    assert [(open_one.id, open_one.again, open_one.because) for open_one in mistakes.listed(shop.workspace)] == [(one.id, 1, None)]


def test_only_who_may_review_closes_once_and_with_a_reason(shop: Shop) -> None:
    caught(shop)
    (one,) = mistakes.listed(shop.workspace)
    with pytest.raises(Forbidden):
        mistakes.close(shop.workspace, one.id, because="Gone", by=shop.person("Ana", Role.OPERATOR))
    with pytest.raises(Invalid):
        mistakes.close(shop.workspace, one.id, because=" ", by=shop.owner)
    with pytest.raises(Conflict):
        mistakes.reopen(shop.workspace, one.id, by=shop.owner)
    mistakes.close(shop.workspace, one.id, because="Gone", by=shop.owner)
    with pytest.raises(Conflict):
        mistakes.close(shop.workspace, one.id, because="Gone", by=shop.owner)


def test_the_reason_goes_with_the_customer_and_an_erased_entry_stays_closed(shop: Shop) -> None:
    shop.model.reply_with(WRONG)
    done = shop.say(shop.start("Dana Reyes"), QUESTION)
    assert done.reply is not None
    judge(shop, done.reply.id)
    (one,) = mistakes.listed(shop.workspace)
    mistakes.close(shop.workspace, one.id, because="Only with her", by=shop.owner)
    erase.erase(shop.workspace, erase.look(shop.workspace, "Dana Reyes"), by=shop.owner)
    assert shop.rows.mistakes.get(one.id).because == ERASED
    with pytest.raises(Conflict):
        mistakes.reopen(shop.workspace, one.id, by=shop.owner)


def test_an_erased_entry_stays_closed_when_its_release_is_taken_back(shop: Shop) -> None:
    reply = caught(shop)
    taught = Revision(released(shop))
    erase.erase(shop.workspace, erase.look(shop.workspace, shop.rows.messages.get(reply).conversation), by=shop.owner)
    rollback.rollback(shop.workspace, taught, by=shop.owner)
    assert mistakes.listed(shop.workspace) == []


def test_an_undo_that_became_a_proposal_opens_what_the_release_had_closed(shop: Shop) -> None:
    caught(shop)
    taught = Revision(released(shop))
    (path,) = shop.workspace.directives.entries(taught).keys() - shop.workspace.directives.entries(shop.workspace.directives.commit(taught).parents[0]).keys()
    learned = shop.workspace.directives.entries(taught)[path].content.decode()
    shop.release({path: learned.replace("\n- ", "\n- Always: ", 1)})
    with pytest.raises(rollback.Clash) as clash:
        rollback.rollback(shop.workspace, taught, by=shop.owner)
    assert mistakes.listed(shop.workspace) == []
    review.approve(shop.workspace, clash.value.proposal, by=shop.owner)
    assert len(mistakes.listed(shop.workspace)) == 1
    rollback.restore(shop.workspace, taught, by=shop.owner)
    assert [one.closed_at is None for one in mistakes.listed(shop.workspace, closed=True)] == [False]
