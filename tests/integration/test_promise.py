"""The risk promise at work: drafts until enough was checked, audits that nobody can foresee, evidence that belongs to a text, counting that a crash repeats."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.bootstrap import App
from voicegit.domain.ids import MessageId
from voicegit.domain.signal import SignalKind
from voicegit.domain.turn import Turn
from voicegit.domain.work import Job, JobKind
from voicegit.services import exchange, feedback, playground, policy, promise, promised, rollback, samples, takeover, worker
from voicegit.services.promised import Topic

PROMISE = '[business]\ntimezone = "America/New_York"\n[gate]\nat_most_wrong = {share}\naudit_rate = {rate}\n{more}'
HOURS, AREAS = "facts/hours", "facts/areas"
OPEN = "We work Monday to Saturday, 8 am to 6 pm."
ENOUGH = 5
"""Clean outcomes that a promise of at most one half needs: tests must not talk to sixty customers."""


def under_promise(shop: Shop, *, share: float = 0.5, rate: float = 0.1, more: str = "") -> None:
    shop.release({"policy.toml": PROMISE.format(share=share, rate=rate, more=more)}, "A promise")
    promise.catch_up(shop.workspace)


def drawing(shop: Shop, numbers: Iterable[float]) -> None:
    """What chance gives, one after the other."""
    drawn = iter(numbers)
    shop.app = replace(shop.app, workspace=replace(shop.workspace, draw=lambda: next(drawn)))


def asked(shop: Shop, *, covered_by: str = HOURS, confidence: float = 0.95, text: str = OPEN) -> Turn:
    shop.clock.pass_(60)
    shop.model.reply_with(sure(text, confidence=confidence, covered_by=covered_by))
    turn = shop.say(shop.start(), "When do you work?").turn
    assert turn is not None
    return turn


def answered(shop: Shop, turn: Turn, words: str = OPEN) -> MessageId:
    """What a person sends in place of a draft."""
    said = shop.reply(turn.conversation, words, from_draft=True)
    takeover.hand_back(shop.workspace, turn.conversation)
    promise.catch_up(shop.workspace)
    return said


def checked(shop: Shop, count: int = ENOUGH, *, covered_by: str = HOURS, confidence: float = 0.95, text: str = OPEN) -> None:
    """So many drafts that a person sends as they are."""
    for _ in range(count):
        answered(shop, asked(shop, covered_by=covered_by, confidence=confidence, text=text), text)


def about(shop: Shop, name: str) -> Topic:
    return next(one for one in promised.look(shop.workspace).topics if one.name == name)


# ---- drafts


def test_until_enough_was_checked_a_person_sends_and_is_told_how_many_are_missing(shop: Shop) -> None:
    under_promise(shop, share=0.05)
    turn = asked(shop)
    assert (turn.outcome, turn.threshold, turn.draft) == ("summon", 1.0, OPEN)
    assert [reason.words for reason in turn.reasons] == ["Too few replies about hours have been checked: 59 more."]
    answered(shop, turn)
    assert asked(shop).reasons[0].words == "Too few replies about hours have been checked: 58 more."


def test_what_is_checked_and_found_right_lets_the_topic_answer_and_no_other(shop: Shop) -> None:
    under_promise(shop)
    checked(shop, ENOUGH - 1)
    assert asked(shop).outcome == "summon"
    checked(shop, 1)
    assert asked(shop).outcome == "reply"
    assert asked(shop, covered_by=AREAS).outcome == "summon"


def test_a_rule_in_code_calls_a_person_whatever_is_promised(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    turn = shop.say(shop.start(), "I want to speak to a human").turn
    assert turn is not None and (turn.outcome, turn.audit) == ("summon", None)
    shop.model.reply_with(unsure())
    doubtful = shop.say(shop.start(), "And on Mars?").turn
    assert doubtful is not None and (doubtful.outcome, doubtful.audited) == ("summon", False)


def test_a_draft_that_could_not_be_sent_anyway_is_no_evidence(shop: Shop) -> None:
    under_promise(shop)
    turn = asked(shop, text="It costs $9,999, guaranteed.")
    assert ([reason.code for reason in turn.reasons], turn.audit) == (["unsupported_claim"], None)
    shop.reply(turn.conversation, "No.")
    assert shop.rows.reviewed.count() == 0


@pytest.mark.parametrize(("words", "wrong"), [(OPEN, False), (f" {OPEN}\n", False), (f"{OPEN} Also on Sundays.", True), ("Let me look.", True)])
def test_a_draft_was_right_only_if_a_person_sent_its_very_words(shop: Shop, words: str, wrong: bool) -> None:
    under_promise(shop)
    turn = asked(shop)
    said = shop.reply(turn.conversation, words, from_draft=True)
    [row] = shop.rows.reviewed.find()
    assert (row.id, row.topic, row.confidence, row.wrong, row.chance, row.message) == (turn.id, "hours", 0.95, wrong, 1.0, said)


def test_an_answer_that_is_taken_back_says_nothing(shop: Shop) -> None:
    under_promise(shop)
    turn = asked(shop)
    takeover.undo(shop.workspace, shop.reply(turn.conversation, "Let me look."), by=shop.owner)
    assert shop.rows.reviewed.count() == 0
    shop.reply(turn.conversation, OPEN)
    assert [row.wrong for row in shop.rows.reviewed.find()] == [False]


def test_a_draft_says_nothing_when_the_customer_asked_more_before_anybody_answered(shop: Shop) -> None:
    under_promise(shop)
    turn = asked(shop)
    shop.say(turn.conversation, "And where?")
    shop.reply(turn.conversation, "In Brooklyn, from 8 am.")
    assert shop.rows.reviewed.count() == 0


def test_only_the_first_answer_judges_a_draft(shop: Shop) -> None:
    under_promise(shop)
    turn = asked(shop)
    shop.reply(turn.conversation, OPEN)
    shop.reply(turn.conversation, "See you!")
    assert [row.wrong for row in shop.rows.reviewed.find()] == [False]


# ---- audits


def test_chance_alone_chooses_the_replies_that_are_audited_and_the_turn_remembers(shop: Shop) -> None:
    under_promise(shop, rate=0.25)
    checked(shop)
    drawing(shop, [0.2499, 0.25, 0.9])
    turns = [asked(shop) for _ in range(3)]
    assert [(turn.outcome, turn.audited, turn.audit) for turn in turns] == [("reply", True, 0.25), ("reply", False, 0.25), ("reply", False, 0.25)]


def test_what_was_looked_at_for_another_reason_is_not_counted(shop: Shop) -> None:
    """A customer's thumb down or a page somebody came by would show more of the bad ones."""
    under_promise(shop, rate=0.5)
    checked(shop)
    drawing(shop, [0.9, 0.1])
    passed_over, audited = asked(shop), asked(shop)
    for turn in (passed_over, audited):
        feedback.give(shop.workspace, turn.message or MessageId(""), SignalKind.REJECTION, by=shop.owner, reason="Not so.")
    assert [row.id for row in shop.rows.reviewed.find(wrong=True)] == [audited.id]
    assert shop.rows.reviewed.get(audited.id).chance == 0.5


def test_each_outcome_counts_for_those_it_stands_for(shop: Shop) -> None:
    under_promise(shop, rate=0.25)
    checked(shop)
    drawing(shop, [0.0, 0.0])
    for turn in [asked(shop) for _ in range(2)]:
        feedback.give(shop.workspace, turn.message or MessageId(""), SignalKind.REJECTION, by=shop.owner, reason="Not so.")
    promise.catch_up(shop.workspace)
    curve = shop.rows.curves.get("all")
    assert curve.share_wrong == pytest.approx(8 / 13)
    assert [str(one) for one in curve.bins] == ["When it says 100 %, it was right 5 of 7 times"]


def test_drafts_below_the_threshold_are_drawn_with_the_same_chance_as_replies(shop: Shop) -> None:
    """Else what lies above a lower threshold would be no plain sample of it."""
    under_promise(shop, rate=0.25)
    for _ in range(4):
        answered(shop, asked(shop, confidence=0.2), "No.")
    checked(shop, 8, confidence=0.8)
    at = about(shop, "hours").standing.threshold
    assert at is not None and 0.2 < at <= 0.8
    drawing(shop, [0.2, 0.3])
    below = [asked(shop, confidence=0.2) for _ in range(2)]
    assert [(turn.outcome, turn.audited, turn.audit) for turn in below] == [("summon", True, 0.25), ("summon", False, 0.25)]


def test_a_verdict_that_is_changed_or_taken_back_changes_what_is_counted(shop: Shop) -> None:
    under_promise(shop, rate=1.0)
    checked(shop)
    message = asked(shop).message or MessageId("")
    feedback.give(shop.workspace, message, SignalKind.REJECTION, by=shop.owner, reason="Not so.")
    assert shop.rows.reviewed.count(wrong=True) == 1
    feedback.give(shop.workspace, message, SignalKind.APPROVAL, by=shop.owner)
    assert shop.rows.reviewed.count(wrong=True) == 0
    feedback.take_back(shop.workspace, message, by=shop.owner)
    assert shop.rows.reviewed.count() == ENOUGH


def test_audits_that_go_wrong_take_the_autonomy_away_at_once(shop: Shop) -> None:
    under_promise(shop, rate=1.0)
    checked(shop)
    for _ in range(2):
        assert asked(shop).outcome == "reply"
    for turn in shop.rows.turns.find(outcome="reply"):
        feedback.give(shop.workspace, turn.message or MessageId(""), SignalKind.REJECTION, by=shop.owner, reason="Not so.")
    promise.catch_up(shop.workspace)
    assert asked(shop).outcome == "summon"
    words = about(shop, "hours").standing.in_words()
    assert words.startswith("2 of 7 checked replies about hours were wrong: at least ")


def test_audits_come_first_in_the_samples_oldest_first(shop: Shop) -> None:
    under_promise(shop, rate=0.5)
    checked(shop)
    drawing(shop, [0.9, 0.1, 0.9, 0.2])
    turns = [asked(shop, confidence=confidence) for confidence in (0.99, 0.98, 0.97, 0.96)]
    first = samples.following(shop.workspace).sample
    assert first is not None and first.turn.id == turns[1].id
    second = samples.following(shop.workspace, first.message.id).sample
    assert second is not None and second.turn.id == turns[3].id
    assert about(shop, "hours").waiting == 2


def test_without_a_promise_nothing_is_drawn_unless_the_policy_says_so(shop: Shop) -> None:
    drawing(shop, [])
    assert asked(shop).audit is None
    shop.release({"policy.toml": "[gate]\nthreshold = 0.6\naudit_rate = 0.5\n"})
    assert shop.rows.jobs.count(kind=JobKind.PROMISE) == 0
    drawing(shop, [0.4])
    assert (asked(shop).audited, asked(shop, confidence=0.3).audit) == (True, None)


# ---- evidence belongs to a text


def test_a_release_that_touches_a_topic_begins_its_evidence_anew_and_an_undo_brings_it_back(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    checked(shop, covered_by=AREAS, text="We clean in Queens.")
    hours = shop.workspace.directives.serving().get(HOURS)
    assert hours is not None
    release = shop.release({f"{HOURS}.md": hours.source.replace("8 am to 6 pm", "8 am to 8 pm")})
    promise.catch_up(shop.workspace)
    assert (about(shop, "hours").standing.missing, about(shop, "areas").standing.threshold is None) == (ENOUGH, False)
    assert asked(shop).outcome == "summon"
    assert asked(shop, covered_by=AREAS, text="We clean in Queens.").outcome == "reply"
    rollback.rollback(shop.workspace, release, by=shop.owner, reason="Too long.")
    assert asked(shop).outcome == "reply"


def test_a_title_or_a_confidence_touches_nothing_and_a_voice_touches_all(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    hours = shop.workspace.directives.serving().get(HOURS)
    assert hours is not None
    shop.release({f"{HOURS}.md": hours.source.replace("title: When we work", "title: Opening hours").replace("confidence: 0.9", "confidence: 0.95")})
    assert asked(shop).outcome == "reply"
    shop.release({"voice/short.md": "---\ntitle: Short\n---\n\n- Say it in one sentence\n"})
    assert asked(shop).outcome == "summon"


def test_directives_with_the_same_first_topic_are_counted_together(shop: Shop) -> None:
    under_promise(shop)
    shop.release({"facts/holidays.md": "---\ntitle: Holidays\ntopics: [hours]\n---\n\n- We are closed on holidays.\n"})
    checked(shop, 3)
    checked(shop, 2, covered_by="facts/holidays")
    assert about(shop, "hours").directives == ("facts/holidays", HOURS)
    assert asked(shop, covered_by="facts/holidays").outcome == "reply"


def test_a_topic_of_its_own_can_be_promised_more(shop: Shop) -> None:
    under_promise(shop, more='[gate.topics]\nareas = 0.3\n"facts/hours" = 0.3\nboats = 0.2\n')
    assert (about(shop, "areas").standing.at_most, about(shop, "areas").standing.missing) == (0.3, 9)
    assert about(shop, HOURS).directives == (HOURS,)
    assert promised.look(shop.workspace).unknown == ("boats",)


def test_another_promise_is_counted_anew_before_it_is_gone_by(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    shop.release({"policy.toml": PROMISE.format(share=0.4, rate=0.1, more="")})
    assert asked(shop).reasons[0].words == "The checked replies about hours are being counted."
    promise.catch_up(shop.workspace)
    assert asked(shop).reasons[0].words == "Too few replies about hours have been checked: 1 more."


def test_what_is_tried_out_stands_where_its_topic_stands_today(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    shop.model.reply_with(sure(OPEN, covered_by=HOURS))
    tried = playground.answer(shop.workspace, playground.question(shop.workspace, "When do you work?"), playground.today(shop.workspace))
    assert tried.action == "reply"


# ---- counting


def test_a_verdict_and_the_wish_to_count_are_one_and_a_restart_goes_on_from_there(shop: Shop, reopen: Callable[[], App]) -> None:
    under_promise(shop)
    for _ in range(ENOUGH):
        shop.reply(asked(shop).conversation, OPEN)
    ground = shop.rows.reviewed.find()[0].ground
    assert [job.subject for job in shop.rows.jobs.find(kind=JobKind.PROMISE)] == [ground]
    assert shop.rows.promises.count(id=ground) == 0
    again = replace(reopen().workspace, clock=shop.clock)
    failed: list[Exception] = []
    assert worker.work_once(again, failed=lambda _, exc: failed.append(exc))
    assert failed == []
    assert again.store.read.promises.get(ground).threshold is not None
    assert again.store.read.jobs.count(kind=JobKind.PROMISE) == 0


def test_counting_again_comes_to_the_same_and_news_meanwhile_is_counted_too(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    [row] = shop.rows.promises.find()
    job = Job(Job.key(JobKind.PROMISE, row.id), JobKind.PROMISE, row.id, shop.clock.now(), shop.clock.now(), 1)
    shop.workspace.store.write(lambda tx: tx.jobs.add(job))
    shop.workspace.store.write(lambda tx: promise.ask(tx, shop.clock.now(), row.id))
    promise.count(shop.workspace, job)
    assert shop.rows.promises.find() == [replace(row, at=shop.clock.now())]
    assert shop.rows.jobs.get(job.id).lease_until is None
    promise.catch_up(shop.workspace)
    assert shop.rows.jobs.first(id=job.id) is None


def test_no_turn_loads_what_counting_needs(shop: Shop, tmp_path: Path) -> None:
    under_promise(shop)
    checked(shop)
    shop.app.close()
    code = f"""
import sys
from dataclasses import replace
from pathlib import Path
from tests.fakes import FakeModels, sure
from voicegit import bootstrap
from voicegit.services import conversation, exchange
app = bootstrap.open_app(Path({str(tmp_path / "shop")!r}))
models = FakeModels()
models.model.reply_with(sure({OPEN!r}, covered_by={HOURS!r}))
shop = replace(app.workspace, models=models)
print(exchange.say(shop, conversation.start(shop).id, "When do you work?").answer)
print(sorted({{"scipy", "sklearn"}} & set(sys.modules)))
app.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "reply\n[]\n", done.stderr


def test_a_reply_under_a_promise_says_the_threshold_it_went_by(shop: Shop) -> None:
    under_promise(shop)
    checked(shop)
    turn = asked(shop)
    assert (turn.outcome, turn.threshold) == ("reply", 0.95)
    assert exchange.outcome(shop.workspace, shop.rows.messages.find(conversation=turn.conversation, order="seq")[0]).answer == "reply"


# ---- what other settings would have done


def test_the_caution_after_a_hand_back_is_seen_under_a_promise_too(shop: Shop) -> None:
    """Handed back twice: the messages between are decided with the same caution as they were."""
    under_promise(shop, more="caution_after_handback = 0.1\n")
    checked(shop)
    before = policy.effect(shop.workspace, shop.workspace.directives.serving().policy)
    turn = asked(shop, covered_by=AREAS)
    answered(shop, turn)
    for _ in range(2):
        shop.clock.pass_(60)
        shop.model.reply_with(sure(OPEN, confidence=0.97, covered_by=HOURS))
        again = shop.say(turn.conversation, "When do you work?").turn
        assert again is not None
        assert (again.outcome, again.threshold) == ("summon", 1.0)
        shop.clock.pass_(60)
        answered(shop, again)
    known = shop.workspace.directives.serving().policy
    same = policy.effect(shop.workspace, known)
    assert (same.looked - before.looked, same.today - before.today, same.more, same.fewer) == (3, 0, 0, 0)
    bold = policy.effect(shop.workspace, known.model_copy(update={"gate": known.gate.model_copy(update={"caution_after_handback": 0.0})}))
    assert (bold.more, bold.more_contradicted) == (2, 0)
