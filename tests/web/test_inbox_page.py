"""The inbox as a page: links and a form without scripts, drawn anew by its stream, and what the stream tells of a call."""

import json
import re
from datetime import timedelta
from urllib.parse import quote

from tests.fakes import unsure
from tests.web.conftest import Door, Knock
from voicegit.domain.conversation import told_apart
from voicegit.domain.ids import ConversationId
from voicegit.services import conversation, takeover
from voicegit.services.inbox import PAGE
from voicegit_web.made import Made
from voicegit_web.service import Service

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }}"


def text(knock: Knock, url: str = "/inbox") -> str:
    answer = knock.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def called(door: Door, customer: str | None = None, said: str = "Can you paint my fence?") -> ConversationId:
    door.shop.model.reply_with(unsure())
    talk = door.a.begin(customer)
    door.a.say(talk, said)
    return ConversationId(talk)


def names(page: str) -> list[str]:
    return re.findall(r"<b>([^<]*)</b> <span class=\"meta\">", page)


# ---- the lists


def test_a_row_says_who_waits_since_when_why_and_for_whom_and_leads_to_the_conversation(door: Door) -> None:
    talk = called(door, "Dana Reyes")
    door.shop.clock.pass_(300)
    page = text(door.olga_in)
    for words in ("Dana Reyes", "Can you paint my fence?", "Nothing you have taught me covers this.", "And 1 more.", ">5 min</time>", ", unread"):
        assert words in page
    assert f'href="/c/{talk}"' in page
    takeover.claim(door.shop.workspace, takeover.summon_of(door.shop.workspace, talk).id, by=door.olga)
    assert "You have it" in text(door.olga_in)
    assert "Olga has it" in text(door.maria_in)


def test_each_tab_is_a_link_to_its_list(door: Door) -> None:
    door.a.say(door.a.begin("Answered"), "Hello")
    called(door, "Waits")
    takeover.reply(door.shop.workspace, called(door, "Held"), "I am here.", by=door.olga)
    conversation.snooze(door.shop.workspace, called(door, "Snoozed"), door.shop.clock.now() + timedelta(hours=2), by=door.olga)
    tabs = re.findall(r'href="(/inbox\?tab=\w+)"', text(door.olga_in))
    shown = [names(text(door.olga_in, tab)) for tab in tabs]
    assert shown == [["Waits", "Held"], ["Held"], ["Answered"], ["Snoozed", "Held", "Waits", "Answered"], ["Snoozed"]]


def test_an_empty_list_says_what_to_do_next(door: Door) -> None:
    page = text(door.olga_in)
    assert "Nobody waits for a person." in page
    assert 'href="/try"' in page
    for tab in ("mine", "ai", "all", "snoozed"):
        assert 'class="card empty"' in text(door.olga_in, f"/inbox?tab={tab}")


def test_more_than_a_page_is_a_link_away(door: Door) -> None:
    for number in range(PAGE + 2):
        called(door, f"Customer {number:02}")
    page = text(door.olga_in)
    more = re.search(r'rel="next" href="([^"]+)"', page)
    assert more is not None
    assert names(page) + names(text(door.olga_in, more[1].replace("&amp;", "&"))) == [f"Customer {number:02}" for number in range(PAGE + 2)]


def test_a_search_is_a_form_that_finds_customers_by_name(door: Door) -> None:
    for name in ("Dana Reyes", "Tom Becker"):
        door.a.say(door.a.begin(name), "Hello")
    assert names(text(door.olga_in, "/inbox?q=reye")) == ["Dana Reyes"]
    assert "No conversation with a customer of that name." in text(door.olga_in, "/inbox?q=Nobody")


def test_customers_without_a_name_are_told_apart_and_found_by_what_tells_them_apart(door: Door) -> None:
    talks = [called(door), called(door)]
    assert names(text(door.olga_in)) == [told_apart(None, talk) for talk in talks]
    for talk in talks:
        who = told_apart(None, talk)
        assert names(text(door.olga_in, f"/inbox?q={quote(who)}")) == names(text(door.olga_in, f"/inbox?q={who.rpartition(' ')[2]}")) == [who]
        assert f"<h1>{who} <span" in text(door.olga_in, f"/c/{talk}")


def test_an_address_that_somebody_mistyped_shows_the_summons(door: Door) -> None:
    for url in ("/inbox?tab=nothing", "/inbox?after=x%00y", "/inbox?tab=all&after=zzz"):
        assert door.olga_in.get(url).status_code == 200


def test_no_words_from_outside_become_markup(door: Door) -> None:
    called(door, NASTY[:60], NASTY)
    for page in (text(door.olga_in), text(door.olga_in, f"/inbox?q={NASTY}"), heard(door, door.olga_in)):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49" not in re.sub(r"[0-9a-f-]{20,}", "", page)


# ---- what does not work


def test_a_model_that_fails_again_and_again_is_said_above_the_list(door: Door) -> None:
    from voicegit.errors import ModelFailure

    for _ in range(3):
        assert "does not answer" not in text(door.olga_in)
        door.shop.model.reply_with(*[ModelFailure("timeout", "Nothing came.")] * 3)
        door.a.say(door.a.begin(), "Hello")
        door.shop.model.queued.clear()
    assert "The AI&#39;s provider does not answer: everything comes to you." in text(door.olga_in)


# ---- live


def heard(door: Door, knock: Knock, url: str = "/inbox/live", after: int = 0) -> str:
    """All that the stream has to tell: without a free place it ends after that."""
    slots = door.web.extensions["voicegit"].slots
    places = [slots.stream() for _ in range(door.shop.app.settings.streams)]
    try:
        return knock.get(url, headers={"Last-Event-ID": str(after)}).get_data(as_text=True)
    finally:
        for give_back in places:
            give_back()


def newest(door: Door) -> int:
    event = door.shop.rows.events.first(order="-id")
    assert event is not None
    return event.id


def test_the_stream_draws_the_list_anew_and_the_numbers_with_it(door: Door) -> None:
    called(door, "Dana Reyes")
    told = heard(door, door.olga_in)
    assert '<hx-partial hx-target="#lists" hx-swap="innerMorph">' in told
    assert "Dana Reyes" in told
    assert '<hx-partial hx-target="#badge-inbox"' in told
    assert f"id: {newest(door)}\n" in told


def test_what_changes_no_list_draws_none(door: Door) -> None:
    called(door)
    before = newest(door)
    door.proposal()
    assert "#lists" not in heard(door, door.olga_in, after=before)


def test_each_tab_follows_its_own_list(door: Door) -> None:
    called(door, "Dana Reyes")
    door.a.say(door.a.begin("Tom"), "Hello")
    told = heard(door, door.olga_in, "/inbox/live?tab=ai")
    assert names(told) == ["Tom"]


def test_a_list_is_drawn_once_for_all_pages_of_a_person_that_show_it(door: Door, running: Service) -> None:
    called(door, "Dana Reyes")
    first = heard(door, door.olga_in)
    door.shop.workspace.store.write(lambda tx: tx.customers.replace(one := tx.customers.find()[0], type(one)(**{**vars(one), "name": "Somebody else"})))
    assert heard(door, door.olga_in) == first
    assert "Somebody else" in heard(door, door.maria_in)


def test_who_else_looks_at_a_conversation_stands_in_its_row(door: Door, running: Service) -> None:
    talk = called(door)
    leaves = running.presence.looks(talk, door.olga.id)
    assert "Olga is looking" in text(door.maria_in)
    assert "is looking" not in text(door.olga_in)
    assert "Olga is looking" in heard(door, door.maria_in)
    leaves()
    assert "is looking" not in heard(door, door.maria_in)


def test_what_was_made_after_a_later_event_is_good_for_an_earlier_one() -> None:
    made, asked = Made(), []
    for upto in (3, 3, 2, 4, 1):
        made.once("list", (upto, 0), lambda upto=upto: asked.append(upto) or "")  # type: ignore[misc]
    assert asked == [3, 4]


def test_a_call_is_told_with_its_reasons_and_not_with_the_customers_words(door: Door) -> None:
    talk = called(door, "Dana Reyes", "Can you paint my secret fence?")
    door.shop.clock.pass_(40)
    told = heard(door, door.olga_in, "/live")
    found = re.search(r"event: summon\ndata: (.+)\n", told)
    assert found is not None
    call = json.loads(found[1])
    assert call["conversation"] == talk
    assert call["reasons"][0] == "Nothing you have taught me covers this."
    assert call["seconds"] == 40
    assert "secret" not in told


def test_a_call_that_somebody_has_taken_calls_nobody(door: Door) -> None:
    talk = called(door)
    takeover.claim(door.shop.workspace, takeover.summon_of(door.shop.workspace, talk).id, by=door.olga)
    assert "event: summon" not in heard(door, door.olga_in)
