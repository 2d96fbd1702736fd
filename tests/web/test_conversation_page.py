"""One conversation as a page: forms and links without scripts, and the stream that goes on from where it was drawn."""

import re
import threading
import weakref
from datetime import timedelta
from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.fakes import sure, unsure
from tests.web.conftest import Door, Knock
from voicegit.domain.conversation import Floor
from voicegit.domain.gate import Action, Assessment, Draft, Usage
from voicegit.domain.ids import ConversationId
from voicegit.domain.signal import DraftUse, SignalKind, Teaches
from voicegit.errors import ModelFailure
from voicegit.services import composing, conversation, erase, exchange, takeover, worker
from voicegit_web.searches import Searches
from voicegit_web.service import Service

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3)"


def called(door: Door, said: str = "My vase is broken", *, customer: str | None = "Dana Reyes", draft: str = "We never pay for vases.") -> ConversationId:
    """A conversation of Dana's in which a person was called."""
    door.shop.model.reply_with(unsure(draft))
    return door.shop.summoned(said, customer)


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def page(knock: Knock, talk: str, more: str = "") -> str:
    answer = knock.get(f"/c/{talk}{more}")
    assert answer.status_code == 200
    return text(answer)


def field(html: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    assert found is not None
    return unescape(found[1])


def box(html: str) -> str:
    found = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', html, re.S)
    assert found is not None
    return unescape(found[1])


def send(knock: Knock, talk: str, words: str, **more: str) -> TestResponse:
    """As the page's own form would."""
    drawn = page(knock, talk)
    return knock.send(f"/c/{talk}/reply", **{"text": words, "as": "reply", "seen": field(drawn, "seen"), "key": field(drawn, "key"), **more})


def leave(door: Door) -> None:
    door.shop.clock.pass_(5)
    worker.deliver_due(door.shop.workspace)


def stream(knock: Knock, talk: str, after: int, **headers: str) -> str:
    """What the live page is told of everything after an event, until it has nothing more to tell."""
    answer = knock.get(f"/c/{talk}/live?after={after}", headers=headers)
    lines: list[str] = []
    for chunk in answer.response:  # type: ignore[union-attr]
        lines.append(chunk.decode() if isinstance(chunk, bytes) else chunk)
        if "data:" in lines[-1]:
            break
    answer.close()
    return "".join(lines)


def newest(door: Door) -> int:
    return max(one.id for one in door.shop.rows.events.find())


# ---- why a person was called


def test_it_says_why_a_person_was_called_in_words(door: Door) -> None:
    shown = page(door.olga_in, called(door))
    for words in (
        "Dana Reyes",
        "I stopped to ask you",
        "The request is clear",
        "I have the information",
        "Nothing emotional, legal or unusual",
        "No directive covers it",
    ):
        assert words in shown
    assert "I was 10\u00a0% sure of an answer; you ask for 70\u00a0%." in shown
    assert "not claimed" in shown


def test_it_names_the_directive_that_comes_closest(door: Door) -> None:
    nearly = Assessment(
        clear=True, informed=True, unremarkable=True, covered=True, confidence=0.4, covered_by=door.shop.workspace.directives.serving().directives[0].id
    )
    door.shop.model.reply_with(Draft(nearly, Action.SUMMON, "Perhaps.", Usage("fake")))
    talk = door.shop.start("Dana")
    exchange.say(door.shop.workspace, talk, "Hm?")
    shown = page(door.olga_in, talk)
    assert f'href="/directives/{nearly.covered_by}"' in shown
    assert "A directive covers it" in shown


def test_a_rule_in_code_has_its_reason_alone(door: Door) -> None:
    talk = door.shop.start("Dana")
    exchange.say(door.shop.workspace, talk, "I want to speak to a human please")
    shown = page(door.olga_in, talk)
    assert "The customer asks for a person." in shown
    assert "The request is clear" not in shown


# ---- writing


def test_a_reply_goes_out_word_for_word_and_then_the_ai_has_the_floor(door: Door) -> None:
    talk = called(door)
    answer = send(door.olga_in, talk, "Gladly & soon", then="handback")
    assert answer.status_code == 303
    shown = page(door.olga_in, talk)
    assert "Gladly &amp; soon" in shown
    assert "then the AI goes on" in shown
    leave(door)
    shown = page(door.olga_in, talk)
    assert "Handed back to the AI by you" in shown
    assert "Undo" not in shown


def test_a_reply_is_taken_back_into_the_box(door: Door) -> None:
    talk = called(door)
    send(door.olga_in, talk, "Gladly & soon", then="handback")
    place = re.search(r'action="(/c/[^"]+/undo/[^"]+)"', page(door.olga_in, talk))
    assert place is not None
    assert door.olga_in.send(place[1]).status_code == 303
    shown = page(door.olga_in, talk)
    assert box(shown) == "Gladly & soon"
    assert "taken back, never sent" in shown
    leave(door)
    assert door.shop.rows.conversations.get(talk).floor is Floor.PERSON
    assert door.shop.rows.signals.count() == 0


def test_what_left_cannot_be_taken_back_and_it_is_said(door: Door) -> None:
    talk = called(door)
    send(door.olga_in, talk, "Gladly")
    place = re.search(r'action="(/c/[^"]+/undo/[^"]+)"', page(door.olga_in, talk))
    assert place is not None
    leave(door)
    answer = door.olga_in.send(place[1])
    assert (answer.status_code, "has left already" in text(answer)) == (409, True)


def test_a_note_is_for_the_team(door: Door) -> None:
    talk = called(door)
    send(door.olga_in, talk, "She is a regular", **{"as": "note"})
    assert "note, only the team sees it" in page(door.maria_in, talk)
    assert "She is a regular" not in [one.text for one in conversation.seen_by_customer(door.shop.workspace, talk)]
    assert door.shop.rows.conversations.get(talk).floor is Floor.SUMMONED


def test_what_is_typed_is_there_again_on_any_device(door: Door) -> None:
    talk = called(door)
    assert door.olga_in.send(f"/c/{talk}/draft", text="I am so", **{"as": "reply", "seen": "1"}).status_code == 204
    again = door.signed_in(door.olga)
    assert box(page(again, talk)) == "I am so"
    assert box(page(door.maria_in, talk)) == ""
    assert "Olga has this." in page(door.maria_in, talk)


@pytest.mark.parametrize("step", ["take-over", "handback", "resolve", "snooze", "use", "draft/opened", "read"])
def test_no_button_loses_what_is_typed(door: Door, step: str) -> None:
    talk = called(door)
    assert door.olga_in.send(f"/c/{talk}/{step}", text="I am so", until="hour", seen="1").status_code == 303
    assert box(page(door.olga_in, talk)).startswith("I am so")


def test_what_is_empty_or_too_long_is_not_sent_and_stays_in_the_box(door: Door) -> None:
    talk = called(door)
    assert send(door.olga_in, talk, "  ").status_code == 422
    answer = send(door.olga_in, talk, "x" * 8193)
    assert (answer.status_code, len(box(text(answer)))) == (422, 8193)


def test_two_presses_on_send_are_one_message(door: Door) -> None:
    talk = called(door)
    drawn = page(door.olga_in, talk)
    for _ in range(2):
        assert door.olga_in.send(f"/c/{talk}/reply", text="Gladly", seen=field(drawn, "seen"), key=field(drawn, "key")).status_code == 303
    assert door.shop.rows.messages.count(conversation=talk, author="person") == 1


# ---- others, and the customer, meanwhile


def test_when_the_customer_wrote_again_send_asks_first(door: Door) -> None:
    talk = called(door)
    drawn = page(door.olga_in, talk)
    door.shop.say(talk, "And the table too")
    answer = door.olga_in.send(f"/c/{talk}/reply", text="Gladly", seen=field(drawn, "seen"), key=field(drawn, "key"))
    shown = text(answer)
    assert answer.status_code == 409
    assert "wrote again" in shown
    assert "And the table too" in shown
    assert box(shown) == "Gladly"
    again = door.olga_in.send(f"/c/{talk}/reply", text="Gladly", seen=field(shown, "seen"), key=field(shown, "key"))
    assert again.status_code == 303


def test_a_page_opened_again_tells_what_came_since_one_began_to_write(door: Door) -> None:
    talk = called(door)
    door.olga_in.send(f"/c/{talk}/draft", text="I am so", seen=field(page(door.olga_in, talk), "seen"))
    door.shop.say(talk, "And the table too")
    shown = page(door.olga_in, talk)
    assert re.search(r'id="news">', shown)
    door.olga_in.send(f"/c/{talk}/read", text="I am so", seen=field(shown, "seen"))
    shown = page(door.olga_in, talk)
    assert re.search(r'id="news" hidden>', shown)
    assert send(door.olga_in, talk, "I am so sorry").status_code == 303


def test_what_another_has_is_taken_over_on_purpose(door: Door) -> None:
    talk = called(door)
    door.maria_in.send(f"/c/{talk}/draft", text="Mine", seen="1")
    refused = send(door.olga_in, talk, "Gladly")
    assert (refused.status_code, box(text(refused))) == (409, "Gladly")
    door.shop.clock.pass_(1)
    door.olga_in.send(f"/c/{talk}/take-over", text="Gladly", seen="1")
    shown = page(door.maria_in, talk)
    assert "Olga has this. Your draft is kept." in unescape(shown)
    assert "Olga took this over from you" in shown
    assert box(shown) == "Mine"
    assert send(door.olga_in, talk, "Gladly").status_code == 303


def test_what_was_resolved_elsewhere_says_so(door: Door) -> None:
    talk = called(door)
    takeover.resolve(door.shop.workspace, talk, by=door.shop.owner)
    shown = page(door.olga_in, talk)
    assert "Write to open it again." in shown
    assert "Resolved by Maria" in shown
    assert "I stopped to ask you" not in shown


def test_two_clicks_on_hand_back_are_one(door: Door) -> None:
    talk = called(door)
    assert [door.olga_in.send(f"/c/{talk}/handback", text="").status_code for _ in range(2)] == [303, 303]


def test_it_rests_until_a_time_and_is_brought_back(door: Door) -> None:
    talk = called(door)
    door.olga_in.send(f"/c/{talk}/snooze", text="", until="hour")
    assert door.shop.rows.conversations.get(talk).snoozed_until == door.shop.clock.now() + timedelta(hours=1)
    assert "Bring it back" in page(door.olga_in, talk)
    door.olga_in.send(f"/c/{talk}/snooze", text="", until="")
    assert door.shop.rows.conversations.get(talk).snoozed_until is None


# ---- the model's draft, canned answers, teaching


def test_a_draft_that_is_being_checked_lies_open_and_own_words_in_its_place_count_against_it(door: Door) -> None:
    door.shop.release({"policy.toml": "[gate]\nat_most_wrong = 0.05\n"})
    door.shop.model.reply_with(sure("We clean in Queens.", covered_by="facts/areas"))
    talk = door.shop.summoned("Where do you clean?")
    shown = page(door.olga_in, talk)
    assert "Too few replies about areas have been checked: 59 more." in shown
    assert "Check the AI’s draft" in shown and '<p class="draft" id="draft-words">We clean in Queens.</p>' in shown
    assert re.search(r'<details class="fold as-reply" id="draft-fold" open>', shown)
    assert field(shown, "draft") == "opened" and "you ask for" not in shown
    assert send(door.olga_in, talk, "In Queens and Brooklyn.", draft=field(shown, "draft")).status_code == 303
    assert [row.wrong for row in door.shop.rows.reviewed.find()] == [True]
    assert door.shop.rows.signals.find(conversation=talk)[0].draft is DraftUse.OPENED


def test_the_models_draft_is_folded_and_reading_it_is_noted(door: Door) -> None:
    talk = called(door)
    assert "We never pay" not in page(door.olga_in, talk)
    place = door.olga_in.send(f"/c/{talk}/draft/opened", text="", seen="1").headers["Location"]
    assert "We never pay" in text(door.olga_in.get(place))
    send(door.olga_in, talk, "I come at four.")
    (signal,) = door.shop.rows.signals.find(conversation=talk)
    assert (signal.kind, signal.draft) == (SignalKind.TAKEOVER, DraftUse.OPENED)


def test_the_models_draft_comes_into_the_box_and_teaches_as_such(door: Door) -> None:
    talk = called(door)
    door.olga_in.send(f"/c/{talk}/use", text="", seen="1")
    assert box(page(door.olga_in, talk)) == "We never pay for vases."
    send(door.olga_in, talk, "We never pay for a vase.")
    (signal,) = door.shop.rows.signals.find(conversation=talk)
    assert (signal.kind, signal.draft) == (SignalKind.EDIT, DraftUse.USED)
    assert signal.distance is not None
    assert 0 < signal.distance < 0.2


def test_a_canned_answer_comes_into_the_box_without_scripts(door: Door) -> None:
    talk = called(door)
    shown = page(door.olga_in, talk, "?canned=1")
    found = re.search(r'name="words" value="([^"]+)"', shown)
    assert found is not None
    door.olga_in.send(f"/c/{talk}/use", text="Hello Dana", seen="1", words=unescape(found[1]))
    assert box(page(door.olga_in, talk)) == f"Hello Dana\n\n{unescape(found[1])}"


def test_what_a_canned_answer_left_to_be_filled_in_is_asked_about_once(door: Door) -> None:
    talk = called(door)
    refused = send(door.olga_in, talk, "We come at {hour}.")
    assert (refused.status_code, "{hour} is still to be filled in." in text(refused), box(text(refused))) == (422, True, "We come at {hour}.")
    assert send(door.olga_in, talk, "We come at {hour}.", gaps=field(text(refused), "gaps")).status_code == 303


def test_what_a_reply_teaches_is_said_before_and_after(door: Door) -> None:
    talk = called(door)
    send(door.olga_in, talk, "I come at four.", teaches="handling", why="We always go and look.")
    (signal,) = door.shop.rows.signals.find(conversation=talk)
    assert (signal.teaches, signal.reason) == (Teaches.HANDLING, "We always go and look.")
    shown = page(door.olga_in, talk)
    assert "Teach: how we handle it" in shown
    place = re.search(r'action="(/c/[^"]+/teach/[^"]+)"', shown)
    assert place is not None
    door.olga_in.send(place[1], teaches="nothing", why="")
    (signal,) = door.shop.rows.signals.find(conversation=talk)
    assert (signal.teaches, signal.reason) == (Teaches.NOTHING, None)


# ---- what the model said


def answered(door: Door) -> tuple[ConversationId, str]:
    talk = door.shop.start("Dana Reyes")
    reply = door.shop.say(talk, "Hello").reply
    assert reply is not None
    return talk, reply.id


def test_a_reply_of_the_model_is_judged_and_the_judgement_taken_back(door: Door) -> None:
    talk, said = answered(door)
    place = f"/c/{talk}/judge/{said}"
    refused = door.olga_in.send(place, verdict="wrong", reason=" ")
    assert (refused.status_code, "needs its reason" in text(refused)) == (422, True)
    door.olga_in.send(place, verdict="wrong", reason="Too stiff")
    assert "You said: wrong, “Too stiff”" in page(door.olga_in, talk)
    assert "You said" not in page(door.maria_in, talk)
    door.olga_in.send(place, verdict="take-back")
    door.olga_in.send(place, verdict="better", better="Hello Dana!")
    (signal,) = door.shop.rows.signals.find(message=said)
    assert (signal.kind, signal.text) == (SignalKind.CORRECTION, "Hello Dana!")


def test_a_script_gets_the_line_alone(door: Door) -> None:
    talk, said = answered(door)
    answer = door.olga_in.client.post(f"/c/{talk}/judge/{said}", data={"csrf_token": door.olga_in.csrf(), "verdict": "good"}, headers={"HX-Request": "true"})
    assert text(answer).strip().startswith(f'<li id="m-{said}"')
    assert "You said: good" in text(answer)


def test_why_it_said_that_leads_to_who_taught_and_who_approved(door: Door) -> None:
    from tests.fakes import sure

    taught = door.shop.taken_over("My vase is broken", "I come by to see it.", "Tom")
    rule = "---\ntitle: Damage\n---\n\n- Go and see it\n"
    door.shop.release({"situations/damage.md": rule}, title="Go and see damage")
    door.shop.model.reply_with(sure("Go and see it", covered_by="situations/damage"))
    talk = door.shop.start("Dana")
    reply = door.shop.say(talk, "Hello there").reply
    assert reply is not None
    assert taught
    shown = text(door.olga_in.get(f"/c/{talk}/why/{reply.id}"))
    for words in ("Why did it say that?", 'href="/directives/situations/damage"', "Go and see it", "Maria approved it"):
        assert words in shown
    part = text(door.olga_in.get(f"/c/{talk}/why/{reply.id}", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "Maria approved it" in part
    door.shop.release({"situations/damage.md": None}, title="No damage")
    gone = text(door.olga_in.get(f"/c/{talk}/why/{reply.id}"))
    assert "which is not live any more" in gone
    assert 'href="/directives/situations/damage"' not in gone


def test_why_guesses_nothing_of_erased_words_and_knows_the_holding_line(door: Door) -> None:
    door.shop.release({"situations/damage.md": "---\ntitle: When something broke\n---\n\n- Go and see it\n"})
    held = door.shop.say(door.shop.start("Ann"), "I want a person").holding
    assert held is not None
    assert "the line that your settings have for this" in text(door.olga_in.get(f"/c/{held.conversation}/why/{held.id}"))
    door.shop.model.reply_with(sure("Go and see it", covered_by="situations/damage"))
    reply = door.shop.say(door.shop.start("Dana"), "Hello there").reply
    assert reply is not None
    erase.erase(door.shop.workspace, erase.behind(door.shop.workspace, reply.conversation), by=door.shop.owner)
    shown = text(door.olga_in.get(f"/c/{reply.conversation}/why/{reply.id}"))
    assert "Its words are erased" in shown
    assert "It went by “When something broke”" in shown
    assert "Go and see it" not in shown


def test_when_it_started_is_asked_from_the_page_that_says_why(door: Door) -> None:
    from tests.fakes import sure

    release = door.shop.release({"situations/damage.md": "---\ntitle: Damage\n---\n\n- Go and see it\n"}, title="Go and see damage")
    door.shop.model.reply_with(sure("Go and see it"))
    talk = door.shop.start("Dana")
    reply = door.shop.say(talk, "Hello there").reply
    assert reply is not None
    place = f"/c/{talk}/why/{reply.id}"
    assert f'action="{place}/started"' in text(door.olga_in.get(place))
    door.shop.model.reply_with(sure("Go and see it"), sure("We call you back"))
    shown = text(door.olga_in.send(f"{place}/started"))
    assert f"/history/{release}" in shown
    assert "We call you back" in shown
    assert "Asked again under 2 of 2 states" in shown
    assert door.olga_in.send(f"/c/{talk}/why/none/started").status_code == 404


def test_a_search_that_takes_long_says_how_far_it_is_and_then_what_it_found(door: Door) -> None:
    """The model answers only when it is let; nobody's page waits for it."""
    searches = door.web.extensions["voicegit"].searches
    searches.patience = 0.0
    release = door.shop.release({"situations/damage.md": "---\ntitle: Damage\n---\n\n- Go and see it\n"}, title="Go and see damage")
    door.shop.model.reply_with(sure("Go and see it"))
    talk = door.shop.start("Dana")
    reply = door.shop.say(talk, "Hello there").reply
    assert reply is not None
    place, let = f"/c/{talk}/why/{reply.id}", threading.Event()
    assert door.olga_in.get(f"{place}/started").headers["Location"].endswith(place)
    door.shop.model.meanwhile = lambda: let.wait(20) or None
    door.shop.model.reply_with(sure("Go and see it"), sure("We call you back"))
    answer = door.olga_in.send(f"{place}/started")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{place}/started")
    assert "<progress" in text(door.olga_in.get(f"{place}/started"))
    part = door.olga_in.get(f"{place}/started", headers={"HX-Request": "true"})
    assert text(part).lstrip().startswith("<section") and "HX-Refresh" not in part.headers
    running = searches.get(reply.id)
    assert door.olga_in.send(f"{place}/started").status_code == 303
    assert searches.get(reply.id) is running, "the one that runs is not begun again"
    let.set()
    assert running is not None and running.over.wait(20)
    assert door.olga_in.get(f"{place}/started", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert f"/history/{release}" in text(door.olga_in.get(f"{place}/started"))


@pytest.mark.parametrize("here", [True, False])
def test_what_a_search_found_goes_with_the_conversation(door: Door, here: bool) -> None:
    """Erased on the page, or by a command beside the service."""
    searches, shop = door.web.extensions["voicegit"].searches, door.shop
    shop.model.reply_with(sure("Go and see it"))
    talk = shop.start("Dana")
    reply = shop.say(talk, "Hello to your canary").reply
    assert reply is not None
    place = f"/c/{talk}/why/{reply.id}"
    shop.model.reply_with(sure("Go and see it"))
    door.olga_in.send(f"{place}/started")
    assert "canary" in text(door.olga_in.get(f"{place}/started"))
    if here:
        assert door.maria_in.send(f"/c/{talk}/erase").status_code == 303
    else:
        erase.erase(shop.workspace, erase.behind(shop.workspace, talk), by=shop.owner)
        assert door.olga_in.get(f"{place}/started", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert searches.get(reply.id) is None
    assert door.olga_in.get(f"{place}/started").headers["Location"].endswith(place)


def test_an_outcome_goes_when_its_minutes_are_over_though_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicegit_web.searches.KEPT", 0.0)
    searches = Searches()
    gone, held = threading.Event(), [Told()]
    weakref.finalize(held[0], gone.set)
    searches.begin("it", lambda _: held.pop()).over.wait(5)
    assert gone.wait(10)
    searches.stop(5)


class Told:
    """What a search found."""


def test_a_search_that_fails_says_why(door: Door) -> None:
    door.shop.model.reply_with(sure("Go and see it"))
    talk = door.shop.start("Dana")
    reply = door.shop.say(talk, "Hello there").reply
    assert reply is not None
    door.shop.model.reply_with(ModelFailure("unreachable", "Away."))
    answer = door.olga_in.send(f"/c/{talk}/why/{reply.id}/started")
    assert answer.status_code == 503
    assert "Nothing was kept; try again in a minute." in text(answer)


def test_a_link_leads_to_one_message_however_long_ago(door: Door) -> None:
    talk, said = answered(door)
    for number in range(30):
        conversation.note(door.shop.workspace, talk, f"Note {number}", by=door.olga)
    assert f'id="m-{said}"' not in page(door.olga_in, talk)
    assert "Earlier (" in page(door.olga_in, talk)
    shown = page(door.olga_in, talk, f"?at={said}")
    assert re.search(rf'id="m-{said}" class="said model spoken sought"', shown)


def test_another_conversations_message_is_not_reached_through_this_one(door: Door) -> None:
    talk, _ = answered(door)
    _, elsewhere = answered(door)
    for place in (f"/c/{talk}/why/{elsewhere}", "/c/none", f"/c/{talk}/why/none"):
        assert door.olga_in.get(place).status_code == 404
    assert door.olga_in.send(f"/c/{talk}/judge/{elsewhere}", verdict="good").status_code == 404


# ---- live


def test_lines_come_once_and_from_where_the_page_was_drawn(door: Door) -> None:
    talk, other = called(door), called(door, customer="Tom")
    drawn = newest(door)
    door.shop.say(other, "Not yours")
    door.shop.say(talk, "And the table too")
    told = stream(door.olga_in, talk, drawn)
    assert told.count("And the table too") == 1
    assert "Not yours" not in told
    assert 'hx-swap="beforeend"' in told
    assert "<textarea" not in told
    number = re.search(r"^id: (\d+)$", told, re.M)
    assert number is not None
    door.shop.say(talk, "And the chair")
    told = stream(door.olga_in, talk, drawn, **{"Last-Event-ID": number[1]})
    assert "And the chair" in told
    assert "And the table too" not in told


def test_a_claim_a_hand_back_and_a_reply_that_left_are_told(door: Door) -> None:
    talk = called(door)
    drawn = newest(door)
    composing.keep(door.shop.workspace, talk, "I am", by=door.shop.owner, seen=1)
    assert "Maria has this." in stream(door.olga_in, talk, drawn)
    drawn = newest(door)
    send(door.maria_in, talk, "I come at four.", then="resolve")
    leave(door)
    told = stream(door.olga_in, talk, drawn)
    assert "I come at four." in told
    assert "Resolved by Maria" in told
    assert 'hx-target="#called"' in told


def test_others_see_who_looks_and_who_writes(door: Door, running: Service) -> None:
    talk = called(door)
    leaves = running.presence.looks(talk, door.olga.id)
    assert "Olga is looking" in page(door.maria_in, talk)
    assert "Olga is" not in page(door.olga_in, talk)
    door.olga_in.send(f"/c/{talk}/draft", text="I am", seen="1", **{"as": "note"})
    assert "Olga is writing" in page(door.maria_in, talk)
    leaves()
    leaves()
    assert "Olga is" not in page(door.maria_in, talk)


# ---- what somebody wrote is never markup


def test_no_text_from_outside_becomes_markup(door: Door) -> None:
    talk = called(door, NASTY, customer=NASTY[:60], draft=NASTY)
    drawn = newest(door)
    conversation.note(door.shop.workspace, talk, NASTY, by=door.olga)
    door.olga_in.send(f"/c/{talk}/draft", text=NASTY, seen="1")
    door.olga_in.send(f"/c/{talk}/draft/opened", text=NASTY, seen="1")
    pages = [page(door.olga_in, talk, more) for more in ("", f"?at={NASTY}", "?draft=1", "?canned=1")]
    pages.append(stream(door.maria_in, talk, drawn))
    pages.append(text(send(door.maria_in, talk, NASTY)))
    for shown in pages:
        assert "<script>alert" not in shown
        assert "<img" not in shown
        assert "49 javascript" not in shown
