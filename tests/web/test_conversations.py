"""A customer's message over HTTP: safe before it is acknowledged, answered once, and shown to whom it concerns."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Shop
from tests.fakes import unsure
from tests.web.conftest import Door
from voicegit.domain.work import DeliveryState
from voicegit.services import remembered, takeover
from voicegit_web.service import Service


def test_a_message_is_answered_in_its_own_request_when_that_is_preferred(door: Door) -> None:
    door.shop.model.reply_with("On Thursday at ten.")
    answer = door.operator.say(door.operator.begin(), "Do you have anything on Thursday?")
    said = answer.get_json()
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20")
    assert (said["decision"], said["reply"], said["confidence"], said["threshold"]) == ("reply", "On Thursday at ten.", 0.95, 0.7)


def test_a_channel_is_told_the_words_and_not_what_is_behind_them(door: Door) -> None:
    talk = door.a.begin()
    assert set(door.a.say(talk, "Hello").get_json()) == {"conversation", "message", "decision", "reply", "reply_message", "holding"}
    door.shop.model.reply_with(unsure("A draft"))
    door.a.say(talk, "Paint my fence?")
    takeover.reply(door.shop.workspace, door.shop.rows.conversations.get(talk).id, "Not sent yet", by=door.olga)
    door.operator.post(f"/api/v1/conversations/{talk}/notes", {"text": "A difficult one"})
    seen = door.a.get(f"/api/v1/conversations/{talk}").get_json()
    assert set(seen) == {"conversation", "floor", "messages"}
    assert [one["kind"] for one in seen["messages"]] == ["spoken", "spoken", "spoken", "holding"]
    assert all(set(one) == {"id", "seq", "author", "kind", "text", "at"} for one in seen["messages"])


def test_a_customer_sees_a_persons_reply_when_it_has_left(door: Door, deliver: Any) -> None:
    door.shop.model.reply_with(unsure())
    talk = door.a.begin()
    door.a.say(talk, "Paint my fence?")
    door.operator.post(f"/api/v1/conversations/{talk}/replies", {"text": "I can do that on Monday."})
    words = lambda: [one["text"] for one in door.a.get(f"/api/v1/conversations/{talk}").get_json()["messages"]]  # noqa: E731
    assert "I can do that on Monday." not in words()
    deliver()
    assert words()[-1] == "I can do that on Monday."


def test_people_see_notes_turns_and_the_summon(door: Door) -> None:
    door.shop.model.reply_with(unsure("A draft"))
    talk = door.a.begin("Dana Reyes")
    door.a.say(talk, "Paint my fence?")
    whole = door.read.get(f"/api/v1/conversations/{talk}").get_json()
    assert (whole["customer"], whole["floor"], whole["turns"][0]["draft"]) == ("Dana Reyes", "summoned", "A draft")
    assert whole["summon"] == door.read.get("/api/v1/summons").get_json()["items"][0]["summon"]


def test_only_what_came_after_is_read_when_that_is_asked(door: Door) -> None:
    talk = door.a.begin()
    door.a.say(talk, "Hello")
    assert [one["seq"] for one in door.a.get(f"/api/v1/conversations/{talk}?after=1").get_json()["messages"]] == [2]


def test_without_a_preference_it_is_acknowledged_when_it_is_safe_and_answered_by_a_worker(door: Door, running: Service) -> None:
    talk = door.a.begin()
    answer = door.a.post(f"/api/v1/conversations/{talk}/messages", {"text": "Hello"})
    assert (answer.status_code, answer.headers["Location"], answer.get_json()["decision"]) == (202, f"/api/v1/conversations/{talk}", "pending")
    assert "Preference-Applied" not in answer.headers
    assert door.shop.model.asked == []
    assert door.shop.rows.jobs.count() == 1


@pytest.mark.parametrize("prefer", ["wait", "wait=soon", "respond-async", "await=20", "wait=-1", "wait=0"])
def test_a_preference_that_cannot_be_understood_is_none(door: Door, prefer: str) -> None:
    answer = door.a.post(f"/api/v1/conversations/{door.a.begin()}/messages", {"text": "Hello"}, headers={"Prefer": prefer})
    assert (answer.status_code, "Preference-Applied" in answer.headers) == (202, False)


@pytest.mark.parametrize("prefer", ["wait=20", "respond-async, wait=20", 'wait="20"; strict', "WAIT = 20,handling=lenient"])
def test_a_preference_may_stand_among_others(door: Door, prefer: str) -> None:
    answer = door.a.post(f"/api/v1/conversations/{door.a.begin()}/messages", {"text": "Hello"}, headers={"Prefer": prefer})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=20")


def test_nobody_waits_for_longer_than_half_a_minute(door: Door) -> None:
    answer = door.a.post(f"/api/v1/conversations/{door.a.begin()}/messages", {"text": "Hello"}, headers={"Prefer": "wait=86400"})
    assert answer.headers["Preference-Applied"] == "wait=30"


def test_when_every_thread_waits_already_the_next_is_not_kept(door: Door, running: Service) -> None:
    held = [running.slots.wait() for _ in range(door.shop.app.settings.threads - 8)]
    assert all(one.__enter__() for one in held)
    answer = door.a.say(door.a.begin(), "Hello")
    assert (answer.status_code, answer.get_json()["decision"]) == (202, "pending")
    for one in held:
        one.__exit__(None, None, None)


def test_a_message_waits_for_the_person_who_holds_the_conversation(door: Door) -> None:
    door.shop.model.reply_with(unsure())
    talk = door.a.begin()
    door.a.say(talk, "Paint my fence?")
    door.operator.post(f"/api/v1/conversations/{talk}/replies", {"text": "Which colour?"})
    asked = len(door.shop.model.asked)
    answer = door.a.say(talk, "Blue")
    assert (answer.status_code, answer.get_json()["decision"]) == (200, "held")
    assert len(door.shop.model.asked) == asked


# ---- once


def test_the_same_key_and_text_give_the_same_answer_and_are_done_once(door: Door) -> None:
    talk = door.a.begin()
    first, second = (door.a.say(talk, "Hello", Idempotency_Key="sms-1").get_json() for _ in range(2))
    assert first == second
    assert len(door.shop.model.asked) == 1
    assert door.shop.rows.messages.count(conversation=talk) == 2


def test_the_same_key_with_another_text_is_refused(door: Door) -> None:
    talk = door.a.begin()
    door.a.say(talk, "Hello", Idempotency_Key="sms-1")
    answer = door.a.say(talk, "Goodbye", Idempotency_Key="sms-1")
    assert answer.status_code == 422
    assert door.shop.rows.messages.count(conversation=talk) == 2


def test_a_key_belongs_to_its_conversation(door: Door) -> None:
    first, second = (door.a.say(door.a.begin(), "Hello", Idempotency_Key="1").get_json() for _ in range(2))
    assert first["message"] != second["message"]


def test_a_repeat_of_any_other_post_is_done_once_and_answered_the_same(door: Door) -> None:
    talk = door.a.begin()
    key = {"Idempotency-Key": "note-1"}
    first, second = (door.operator.post(f"/api/v1/conversations/{talk}/notes", {"text": "She called"}, headers=key) for _ in range(2))
    assert (first.status_code, first.get_data()) == (second.status_code, second.get_data()) == (201, second.get_data())
    assert door.shop.rows.messages.count(conversation=talk) == 1
    begun = [door.a.post("/api/v1/conversations", {}, headers=key) for _ in range(2)]
    assert begun[0].headers["Location"] == begun[1].headers["Location"]


def test_a_key_is_one_callers_and_one_requests(door: Door) -> None:
    key = {"Idempotency-Key": "k"}
    mine, theirs = (knock.post("/api/v1/conversations", {}, headers=key).get_json() for knock in (door.a, door.b))
    assert mine["conversation"] != theirs["conversation"]
    assert door.a.post("/api/v1/conversations", {"customer": "Dana"}, headers=key).status_code == 422
    talk = door.a.begin()
    door.operator.post(f"/api/v1/conversations/{talk}/notes", {"text": "one"}, headers=key)
    assert door.operator.post(f"/api/v1/conversations/{talk}/notes", {"text": "two"}, headers=key).status_code == 422


def test_what_was_refused_may_be_tried_again_with_its_key(door: Door) -> None:
    door.shop.model.reply_with(unsure())
    talk = door.a.begin()
    door.a.say(talk, "Paint my fence?")
    key, url = {"Idempotency-Key": "claim"}, f"/api/v1/summons/{talk}/claim"
    takeover.claim(door.shop.workspace, takeover.summon_of(door.shop.workspace, talk).id, by=door.shop.owner)
    assert door.operator.post(url, headers=key).status_code == 409
    door.shop.clock.pass_(301)
    assert door.operator.post(url, headers=key).status_code == 200


def test_a_repeat_of_what_was_cut_off_in_the_middle_is_told_so(door: Door) -> None:
    door.a.post("/api/v1/conversations", {}, headers={"Idempotency-Key": "k"})
    row = door.shop.rows.remembered.find()[0]
    door.shop.workspace.store.write(lambda tx: tx.remembered.replace(row, replace(row, status=remembered.BEGUN, body="")))
    assert door.a.post("/api/v1/conversations", {}, headers={"Idempotency-Key": "k"}).status_code == 409


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel"])
def test_a_key_that_cannot_be_kept_is_refused(door: Door, key: str) -> None:
    talk = door.a.begin()
    assert door.a.say(talk, "Hello", Idempotency_Key=key).status_code == 422
    assert door.a.post("/api/v1/conversations", {}, headers={"Idempotency-Key": key}).status_code == 422
    assert door.shop.rows.messages.count() == 0


def test_what_nobody_repeats_any_more_is_forgotten(door: Door) -> None:
    door.a.post("/api/v1/conversations", {}, headers={"Idempotency-Key": "k"})
    assert remembered.forget_old(door.shop.workspace) == 0
    door.shop.clock.pass_(8 * 86400)
    assert (remembered.forget_old(door.shop.workspace), door.shop.rows.remembered.count()) == (1, 0)


def test_two_at_once_with_one_key_are_one(door: Door, shop: Shop) -> None:
    talk = door.a.begin()
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(door.a.say(talk, "Hello", Idempotency_Key="1").get_json()["message"])) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert shop.rows.turns.count(conversation=talk) == 1


# ---- a person's part


def test_a_person_claims_answers_takes_back_and_hands_back(door: Door) -> None:
    door.shop.model.reply_with(unsure())
    talk = door.a.begin()
    assert door.a.say(talk, "Paint my fence?").get_json()["decision"] == "summon"
    claimed = door.operator.post(f"/api/v1/summons/{talk}/claim").get_json()
    assert (claimed["status"], claimed["person"]) == ("claimed", door.olga.id)
    sent = door.operator.post(f"/api/v1/conversations/{talk}/replies", {"text": "No", "teaches": "handling"}).get_json()
    assert door.operator.post(f"/api/v1/messages/{sent['message']}/undo").get_json()["withdrawn"] is True
    door.operator.post(f"/api/v1/conversations/{talk}/replies", {"text": "Gladly: which colour?"})
    assert door.operator.post(f"/api/v1/conversations/{talk}/handback").get_json()["floor"] == "model"
    assert [one.text for one in door.shop.rows.signals.find()] == ["Gladly: which colour?"]
    leaving = door.shop.rows.outbox.find(conversation=talk, state=DeliveryState.WITHDRAWN)
    assert [one.id for one in leaving] == [sent["message"]]


def test_another_persons_summon_cannot_be_claimed(door: Door) -> None:
    door.shop.model.reply_with(unsure())
    talk = door.a.begin()
    door.a.say(talk, "Paint my fence?")
    takeover.claim(door.shop.workspace, takeover.summon_of(door.shop.workspace, talk).id, by=door.shop.owner)
    answer = door.operator.post(f"/api/v1/summons/{talk}/claim")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


def test_a_reply_of_the_model_is_judged(door: Door) -> None:
    said = door.a.say(door.a.begin(), "Hello").get_json()["reply_message"]
    url = f"/api/v1/messages/{said}/feedback"
    assert door.operator.post(url, {"verdict": "reject"}).status_code == 422
    given = door.operator.post(url, {"verdict": "reject", "reason": 'we never say "unfortunately"'}).get_json()
    assert (given["kind"], given["weight"]) == ("rejection", 0.8)


def test_a_customers_record_is_written_and_read_and_speaks_in_their_turns(door: Door) -> None:
    door.operator.put("/api/v1/customers/Dana Reyes", {"fields": {"team": "Mike & Bob", "vip": "yes"}, "contacts": ["dana@example.org"]})
    kept = door.operator.put("/api/v1/customers/Dana Reyes", {"fields": {"vip": ""}}).get_json()
    assert (kept["fields"], kept["contacts"]) == ({"team": "Mike & Bob"}, ["dana@example.org"])
    assert door.read.get("/api/v1/customers/Dana Reyes").get_json() == kept
    door.a.say(door.a.begin("Dana Reyes"), "Which team came?")
    customer = door.shop.model.asked[-1].customer
    assert customer is not None
    assert customer.values["team"] == "Mike & Bob"
