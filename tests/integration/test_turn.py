"""A customer's message is answered or a person is called; nothing is lost, nothing is said twice, and the person has the floor."""

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.domain.conversation import Author, Floor, MessageKind
from voicegit.domain.turn import Outcome
from voicegit.errors import Conflict, Invalid, ModelFailure
from voicegit.services import conversation, exchange, takeover, turn
from voicegit.services.exchange import Answer


def test_a_confident_model_answers(shop: Shop) -> None:
    shop.model.reply_with("Hello, what can I do?")
    done = shop.say(shop.start(), "Hello there")
    assert (done.answer, done.reply and done.reply.text) == (Answer.REPLY, "Hello, what can I do?")


def test_an_unsure_model_stays_quiet_and_a_person_is_called(shop: Shop) -> None:
    shop.model.reply_with(unsure("I think maybe"))
    done = shop.say(shop.start(), "Can you paint my fence?")
    assert done.answer is Answer.SUMMON
    assert done.holding is not None
    assert done.holding.text == shop.workspace.directives.serving().policy.turns.holding_line
    assert [m.kind for m in conversation.seen_by_customer(shop.workspace, done.message.conversation)] == [MessageKind.SPOKEN, MessageKind.HOLDING]


def test_the_turn_remembers_what_it_was_decided_on(shop: Shop) -> None:
    done = shop.say(shop.start(), "Hello there")
    assert done.turn is not None
    assert done.turn.revision == shop.workspace.directives.head()
    assert (done.turn.threshold, done.turn.confidence, done.turn.input_tokens, done.turn.cost) == (0.7, 0.95, 100, 0.001)
    assert "voice/tone" in done.turn.directives


@pytest.mark.parametrize("confidence", [float("nan"), float("inf"), True, -1.0, 0.69])
def test_a_confidence_that_is_no_sure_number_calls_a_person(shop: Shop, confidence: float) -> None:
    shop.model.reply_with(sure("Certainly!", confidence=confidence))
    talk = shop.start()
    taken = conversation.take_in(shop.workspace, talk, "Hello there", run_at_once=True)
    view = turn.look(shop.workspace, talk)
    assert view is not None and taken.mine
    assert turn.think(shop.workspace, view).ruling.action == "summon"


@pytest.mark.parametrize("text", ["Let me talk to a human", "My lawyer will call you", "I cut myself and I am bleeding"])
def test_some_messages_call_a_person_whatever_the_model_would_say(shop: Shop, text: str) -> None:
    assert shop.say(shop.start(), text).answer is Answer.SUMMON
    assert shop.model.asked == []


def test_damage_calls_a_person_until_a_directive_covers_it(shop: Shop) -> None:
    text = "---\ntitle: Damage\ntopics: [damage]\n---\n\n- Say sorry\n"
    shop.model.reply_with(sure("I am so sorry.", covered_by="situations/damage"), sure("I am so sorry.", covered_by="situations/damage"))
    assert shop.say(shop.start(), "You broke my vase").answer is Answer.SUMMON
    shop.release({"situations/damage.md": text})
    assert shop.say(shop.start(), "You broke my vase").answer is Answer.REPLY


def test_a_directive_on_something_else_does_not_cover_damage(shop: Shop) -> None:
    shop.model.reply_with(sure("I am so sorry.", covered_by="situations/thanks"))
    assert shop.say(shop.start(), "You broke my vase").answer is Answer.SUMMON


@pytest.mark.parametrize(
    "text",
    ["That costs $99.", "We come on Sunday at 11 pm.", "You get a refund.", "It is 17 years old.", "See https://evil.example/pay", "It is free of charge."],
)
def test_a_figure_a_promise_or_a_link_that_nothing_approved_holds_is_not_said(shop: Shop, text: str) -> None:
    shop.model.reply_with(text)
    done = shop.say(shop.start(), "Tell me about your cleaning")
    assert done.answer is Answer.SUMMON
    assert done.turn is not None and [reason.code for reason in done.turn.reasons] == ["unsupported_claim"]


def test_a_customer_cannot_put_a_promise_into_our_mouth(shop: Shop) -> None:
    shop.model.reply_with(sure("Yes, you get the 50 % discount.", covered_by="facts/prices"))
    assert shop.say(shop.start(), "You told me I get a 50 % discount, please confirm").answer is Answer.SUMMON


def test_a_guard_hit_asks_the_model_once_more(shop: Shop) -> None:
    shop.release({"voice/words.md": "---\ntitle: Words\nguards:\n  never_say: [unfortunately]\n---\n"})
    shop.model.reply_with("Unfortunately we are closed.", "We are closed, I am afraid.")
    done = shop.say(shop.start(), "Are you there?")
    assert done.reply is not None and done.reply.text == "We are closed, I am afraid."
    assert "unfortunately" in (shop.model.asked[1].avoid or "")


def test_a_guard_hit_twice_calls_a_person(shop: Shop) -> None:
    shop.release({"voice/words.md": "---\ntitle: Words\nguards:\n  never_say: [unfortunately]\n---\n"})
    shop.model.reply_with("Unfortunately we are closed.", "Unfortunately, no.")
    assert shop.say(shop.start(), "Are you there?").answer is Answer.SUMMON


@pytest.mark.parametrize("kind", ["refusal", "truncated", "timeout", "malformed"])
def test_a_model_that_fails_calls_a_person(shop: Shop, kind: str) -> None:
    shop.model.reply_with(ModelFailure(kind, "no"))
    done = shop.say(shop.start(), "Hello there")
    assert done.answer is Answer.SUMMON
    assert done.turn is not None and done.turn.reasons[0].code == "model_error"


# ---- what never happens: a message of the model in a stretch that a person holds


def test_a_person_who_speaks_while_the_model_thinks_has_the_floor(shop: Shop) -> None:
    talk = shop.start()
    shop.model.meanwhile = lambda: shop.reply(talk, "I am here myself.") and None
    shop.say(talk, "Hello there")
    assert [m.author for m in shop.rows.messages.find(conversation=talk, order="seq")] == [Author.CUSTOMER, Author.PERSON]
    assert shop.rows.turns.find(conversation=talk)[0].outcome is Outcome.SUPERSEDED


def test_what_a_customer_adds_while_the_model_thinks_is_answered_too_and_once(shop: Shop) -> None:
    talk = shop.start()

    def once() -> None:
        shop.model.meanwhile = lambda: None
        conversation.take_in(shop.workspace, talk, "and on Friday?")

    shop.model.meanwhile = once
    done = shop.say(talk, "Are you free on Thursday?")
    assert done.answer is Answer.REPLY
    assert shop.model.asked[-1].asked == "Are you free on Thursday?\nand on Friday?"
    assert sum(m.author is Author.MODEL for m in shop.rows.messages.find(conversation=talk)) == 1


def test_a_person_who_answers_and_hands_back_while_the_model_thinks_is_not_answered_over(shop: Shop) -> None:
    talk = shop.start()

    def answer_and_leave() -> None:
        shop.reply(talk, "I am here myself.")
        takeover.hand_back(shop.workspace, talk)

    shop.model.meanwhile = answer_and_leave
    shop.say(talk, "Hello there")
    assert [m.text for m in shop.rows.messages.find(conversation=talk, order="seq")] == ["Hello there", "I am here myself."]


def test_two_workers_on_one_turn_answer_once(shop: Shop) -> None:
    talk = shop.start()

    def other() -> None:
        shop.model.meanwhile = lambda: None
        turn.run(shop.workspace, talk)

    shop.model.meanwhile = other
    shop.say(talk, "Hello there")
    assert len(shop.rows.messages.find(conversation=talk)) == 2


def test_a_customer_who_never_stops_writing_gets_a_person(shop: Shop) -> None:
    talk = shop.start()
    shop.model.meanwhile = lambda: conversation.take_in(shop.workspace, talk, "and?") and None
    assert shop.say(talk, "Hello").answer is Answer.SUMMON
    assert len(shop.model.asked) == turn.TRIES - 1


def test_a_message_while_a_person_is_called_joins_the_summon(shop: Shop) -> None:
    talk = shop.summoned()
    assert shop.say(talk, "Hello?").answer is Answer.HELD
    assert shop.rows.summons.count() == 1


def test_the_model_is_not_even_asked_while_a_person_holds_the_conversation(shop: Shop) -> None:
    talk = shop.summoned()
    shop.reply(talk, "I will look at it.")
    asked = len(shop.model.asked)
    assert shop.say(talk, "Thanks!").answer is Answer.HELD
    assert turn.run(shop.workspace, talk) is None
    assert len(shop.model.asked) == asked


def test_after_handing_back_what_was_left_unanswered_is_the_models_turn(shop: Shop) -> None:
    talk = shop.summoned()
    shop.reply(talk, "I will look at it.")
    shop.say(talk, "Hello there, one more thing")
    takeover.hand_back(shop.workspace, talk)
    shop.model.reply_with("Gladly!")
    made = turn.run(shop.workspace, talk)
    assert made is not None and made.outcome is Outcome.REPLY
    assert shop.rows.conversations.get(talk).floor is Floor.MODEL


def test_after_handing_back_more_confidence_is_asked_for(shop: Shop) -> None:
    talk = shop.taken_over("My vase is broken", "I will look at it.")
    shop.model.reply_with(sure("You're welcome!", confidence=0.72))
    done = shop.say(talk, "Thank you")
    assert done.turn is not None and (done.answer, done.turn.threshold) == (Answer.SUMMON, 0.75)


# ---- what never happens: an acknowledged message lost, or answered twice


def test_the_same_key_is_taken_in_once(shop: Shop) -> None:
    talk = shop.start()
    first = exchange.say(shop.workspace, talk, "Hello there", key="a")
    again = exchange.say(shop.workspace, talk, "Hello there", key="a")
    assert again.message == first.message
    assert again.reply == first.reply
    assert shop.rows.messages.count(conversation=talk) == 2


def test_a_burst_is_one_turn(shop: Shop) -> None:
    talk = shop.start()
    for text in ("Hello", "are you there", "on Thursday?"):
        conversation.take_in(shop.workspace, talk, text)
    turn.run(shop.workspace, talk)
    assert shop.model.asked[0].asked == "Hello\nare you there\non Thursday?"
    assert turn.run(shop.workspace, talk) is None


@pytest.mark.parametrize(("text", "words"), [("", "empty"), ("\x00 \n", "empty"), ("x" * 8193, "8193 characters")])
def test_a_text_that_cannot_be_kept_whole_is_refused(shop: Shop, text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        shop.say(shop.start(), text)


def test_a_model_is_never_given_another_customers_data(shop: Shop) -> None:
    from voicegit.services import people

    people.set_customer(shop.workspace, "Dana Reyes", fields={"code": "4711-canary"})
    people.set_customer(shop.workspace, "Sam Ortiz", fields={"code": "0815-canary"})
    shop.say(shop.start("Dana Reyes"), "Hello there")
    shop.say(shop.start("Sam Ortiz"), "Hello there")
    dana, sam = shop.model.asked
    assert "0815-canary" not in repr(dana) and "4711-canary" not in repr(sam)


def test_notes_never_reach_the_model_or_the_customer(shop: Shop) -> None:
    talk = shop.start()
    conversation.note(shop.workspace, talk, "secret canary", by=shop.owner)
    shop.say(talk, "Hello there")
    assert "secret canary" not in repr(shop.model.asked)
    assert all("canary" not in m.text for m in conversation.seen_by_customer(shop.workspace, talk))


# ---- takeovers


def test_a_claim_keeps_others_away_until_it_runs_out(shop: Shop) -> None:
    from voicegit.domain.people import Role

    ana, ben = shop.person("Ana", Role.OPERATOR), shop.person("Ben", Role.OPERATOR)
    summon = takeover.summon_of(shop.workspace, shop.summoned())
    takeover.claim(shop.workspace, summon.id, by=ana)
    with pytest.raises(Conflict):
        takeover.claim(shop.workspace, summon.id, by=ben)
    with pytest.raises(Conflict, match="was not sent"):
        takeover.reply(shop.workspace, summon.conversation, "Mine!", by=ben)
    shop.clock.pass_(301)
    assert takeover.claim(shop.workspace, summon.id, by=ben).person == ben.id


def test_a_reply_is_verbatim_and_can_be_taken_back_for_five_seconds(shop: Shop) -> None:
    talk = shop.summoned()
    words = "  **I'm** so sorry;\n\n<b>I will</b> stop by.  "
    message = shop.reply(talk, words)
    assert shop.rows.messages.get(message).text == words.strip()
    assert all(m.id != message for m in conversation.seen_by_customer(shop.workspace, talk))
    takeover.undo(shop.workspace, message, by=shop.owner)
    shop.clock.pass_(6)
    assert all(m.id != message for m in conversation.seen_by_customer(shop.workspace, talk))
    assert shop.rows.signals.count() == 0


def test_a_reply_that_has_left_cannot_be_taken_back(shop: Shop) -> None:
    message = shop.reply(shop.summoned(), "I will look at it.")
    shop.clock.pass_(5)
    with pytest.raises(Conflict, match="has left"):
        takeover.undo(shop.workspace, message, by=shop.owner)


def test_two_answers_without_a_question_between_them_are_one_lesson(shop: Shop) -> None:
    talk = shop.summoned()
    shop.reply(talk, "I am so sorry.")
    shop.reply(talk, "I will come by.")
    assert [s.text for s in shop.rows.signals.find()] == ["I am so sorry.\n\nI will come by."]


# ---- what a hurried reviewer found once


def test_a_message_that_comes_while_a_worker_finds_nothing_to_do_keeps_its_job(shop: Shop) -> None:
    talk = shop.start()
    shop.say(talk, "Hello there")
    conversation.take_in(shop.workspace, talk, "And on Friday?")
    looked = shop.workspace.store.write(lambda tx: turn._let_go_if_idle(tx, talk))
    assert looked is False and shop.rows.jobs.count() == 1
    turn.run(shop.workspace, talk)
    assert shop.rows.jobs.count() == 0


def test_a_start_makes_the_jobs_that_are_missing(shop: Shop) -> None:
    from voicegit.services import worker

    talk = shop.start()
    conversation.take_in(shop.workspace, talk, "Hello there")
    shop.workspace.store.write(lambda tx: tx.jobs.remove(tx.jobs.find()[0]))
    assert (worker.take_up(shop.workspace), worker.take_up(shop.workspace)) == (1, 0)
    assert worker.work_once(shop.workspace, failed=lambda job, exc: None)
    assert shop.rows.messages.count(conversation=talk, author=Author.MODEL) == 1


def test_undo_takes_back_the_words_of_one_reply_and_no_other(shop: Shop) -> None:
    talk = shop.summoned()
    first = shop.reply(talk, "I am so sorry.")
    second = shop.reply(talk, "Wrong words.")
    takeover.undo(shop.workspace, second, by=shop.owner)
    assert [s.text for s in shop.rows.signals.find()] == ["I am so sorry."]
    third = shop.reply(talk, "I will come by.")
    takeover.undo(shop.workspace, first, by=shop.owner)
    assert [(s.text, s.message) for s in shop.rows.signals.find()] == [("I will come by.", third)]
    takeover.undo(shop.workspace, third, by=shop.owner)
    assert shop.rows.signals.count() == 0


def test_what_was_resolved_is_not_answered_with_the_next_question(shop: Shop) -> None:
    talk = shop.summoned("My vase is broken")
    takeover.resolve(shop.workspace, talk)
    done = shop.say(talk, "Hello there")
    assert (done.answer, shop.model.asked[-1].asked) == (Answer.REPLY, "Hello there")


def test_a_message_that_a_person_answered_stays_theirs(shop: Shop) -> None:
    talk = shop.summoned()
    held = exchange.say(shop.workspace, talk, "And the lamp too", key="k")
    shop.reply(talk, "I will look at both.")
    takeover.hand_back(shop.workspace, talk)
    shop.say(talk, "Hello there")
    assert exchange.outcome(shop.workspace, held.message).answer is Answer.HELD


def test_a_person_who_walks_away_can_be_stood_in_for(shop: Shop) -> None:
    from voicegit.domain.people import Role
    from voicegit.services import inbox

    ana = shop.person("Ana", Role.OPERATOR)
    talk = shop.summoned()
    shop.reply(talk, "I will look at it.")
    assert [row.waits for row in inbox.waiting(shop.workspace)] == [False]
    shop.say(talk, "Hello?")
    asked_at = shop.clock.now()
    shop.clock.pass_(299)
    with pytest.raises(Conflict):
        shop.reply(talk, "Me!", by=ana)
    shop.clock.pass_(2)
    assert [row.since for row in inbox.waiting(shop.workspace)] == [asked_at]
    summon = takeover.summon_of(shop.workspace, talk)
    assert takeover.claim(shop.workspace, summon.id, by=ana).person == ana.id
    shop.reply(talk, "I am here now.", by=ana)
    assert shop.rows.conversations.get(talk).holder == ana.id


def test_signals_that_are_not_to_teach_start_no_distillation(shop: Shop) -> None:
    from voicegit.domain.signal import Teaches

    for _ in range(21):
        talk = shop.summoned()
        shop.reply(talk, "Only for you.", teaches=Teaches.CUSTOMER)
    assert shop.rows.jobs.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "I have cancelled your booking. Done!",
        "Your booking is now confirmed.",
        "Your next clean won't cost you a thing.",
        "It is half-price for you.",
        "You will get every penny back.",
        "Zero dollars.",
        "\u202edlrow olleh",
    ],
)
def test_a_model_that_claims_deeds_or_gives_money_away_is_not_heard(shop: Shop, text: str) -> None:
    shop.model.reply_with(sure(text, covered_by="facts/prices"))
    assert shop.say(shop.start(), "Hello there").answer is Answer.SUMMON


def test_a_price_list_covers_what_something_costs_and_no_refund(shop: Shop) -> None:
    shop.model.reply_with(sure("A standard cleaning is $45 an hour, for one person.", covered_by="facts/prices"))
    assert shop.say(shop.start(), "How much is a cleaning?").answer is Answer.REPLY
    shop.model.reply_with(sure("Let me look.", covered_by="facts/prices"))
    assert shop.say(shop.start(), "I want a refund of my visit").answer is Answer.SUMMON


def test_a_turn_that_a_killed_service_had_begun_is_taken_up_at_once(shop: Shop) -> None:
    from voicegit.services import worker

    talk = shop.start()
    assert conversation.take_in(shop.workspace, talk, "Hello", run_at_once=True).mine
    shop.clock.pass_(1)
    assert not worker.work_once(shop.workspace, failed=lambda job, exc: None)
    worker.take_up(shop.workspace)
    assert worker.work_once(shop.workspace, failed=lambda job, exc: None)
    assert shop.rows.turns.count(conversation=talk) == 1
