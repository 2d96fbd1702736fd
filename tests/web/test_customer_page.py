"""The customer's page as a browser without scripts, a script and a stranger meet it."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from tests.conftest import Shop
from tests.fakes import unsure
from tests.web.conftest import Door
from voicegit.domain.conversation import MessageKind
from voicegit.domain.ids import ConversationId
from voicegit.domain.people import Person, Role
from voicegit.domain.site import Site
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.services import conversation as conversations
from voicegit.services import people, takeover
from voicegit.services import site as sites
from voicegit_web.pace import MINUTE, Pace
from voicegit_web.pages.customer import BEGUN, EACH
from voicegit_web.pages.shown import STATIC

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
AS_JSON = {"Accept": "application/json"}


class Visitor:
    """A browser at a site. `visit` and `key` are what its form holds."""

    def __init__(self, client: FlaskClient, site: Site) -> None:
        self.client, self.place = client, f"/w/{site.token}"
        self.look()

    def look(self) -> str:
        page = self.client.get(self.place, headers={"Accept": "text/html"}).get_data(as_text=True)
        self.visit, self.key = (re.findall(rf'name="{name}" value="([^"]+)"', page)[0] for name in ("visit", "key"))
        return unescape(page)

    def say(self, text: str, **more: str) -> str:
        """As a form does; the page that comes then."""
        answer = self.send(text, **more)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self.look()

    def send(self, text: str, **more: str) -> TestResponse:
        return self.client.post(self.place, data={"visit": self.visit, "key": self.key, "text": text, **more}, headers={"Accept": "text/html"})

    def post(self, to: str = "", **fields: str) -> TestResponse:
        """As the page's script does."""
        return self.client.post(self.place + to, data={"visit": self.visit, **fields}, headers=AS_JSON)

    def news(self, visit: str | None = None, **query: int) -> TestResponse:
        return self.client.get(f"{self.place}/news", headers={**AS_JSON, "Visit": visit or self.visit}, query_string=query)


@pytest.fixture
def site(shop: Shop) -> Site:
    return sites.add(shop.workspace, "shop", origins=("https://shop.example", "https://www.shop.example:8443"))


@pytest.fixture
def come(web: OpenAPI, site: Site) -> Callable[[], Visitor]:
    return lambda: Visitor(web.test_client(), site)


@pytest.fixture
def olga(shop: Shop) -> Person:
    return shop.person("Olga", Role.OPERATOR)


@pytest.fixture
def dana(come: Callable[[], Visitor]) -> Visitor:
    return come()


def only_talk(shop: Shop) -> ConversationId:
    (found,) = shop.rows.conversations.find()
    return found.id


def digest(site: Site, user: str) -> str:
    return hmac.new(site.secret.encode(), user.encode(), hashlib.sha256).hexdigest()


# ---- what a customer reads


def test_it_says_at_the_start_that_it_is_an_ai_and_that_a_person_may_take_over(dana: Visitor) -> None:
    page = dana.look()
    assert "You are writing with an <strong>AI assistant</strong> of Sparkle Home Cleaning." in page
    assert "a person may take over" in page
    assert page.index("AI assistant") < page.index("<textarea")


def test_each_bubble_says_who_is_speaking(dana: Visitor, shop: Shop, deliver: Callable[[], None]) -> None:
    shop.model.reply_with("On Thursday at ten.", unsure())
    page = dana.say("Thursday?")
    assert re.search(r"AI assistant</p>\s*<p class=\"words\">On Thursday at ten\.", page)
    page = dana.say("Paint my fence")
    assert "AI assistant · a person was asked" in page
    assert "You can go on writing" in page
    lee = people.add(shop.workspace, "Lee Ann Wong", role=Role.OPERATOR)
    takeover.reply(shop.workspace, only_talk(shop), "I paint fences.", by=lee)
    deliver()
    page = dana.look()
    assert re.search(r"Lee, a person of Sparkle Home Cleaning</p>\s*<p class=\"words\">I paint fences\.", page)
    assert "Lee of Sparkle Home Cleaning is with you, not the AI." in page
    assert "Wong" not in page


def test_without_scripts_a_message_is_answered_and_the_visitor_goes_on_after_a_return(dana: Visitor, shop: Shop) -> None:
    shop.model.reply_with("On Thursday at ten.")
    assert "On Thursday at ten." in dana.say("Thursday?")
    assert "On Thursday at ten." in dana.look()
    dana.say("And Friday?")
    assert shop.rows.messages.count(conversation=only_talk(shop)) == 4
    assert shop.rows.conversations.get(only_talk(shop)).channel == "site:shop"


def test_a_new_conversation_leaves_the_old_one_behind(dana: Visitor, shop: Shop) -> None:
    dana.say("Thursday?")
    dana.client.post(f"{dana.place}/new", data={"visit": dana.visit})
    assert "Thursday?" not in dana.look()
    dana.say("Hello again")
    assert shop.rows.conversations.count() == 2


def test_what_is_refused_is_not_lost_and_begins_nothing(dana: Visitor, shop: Shop) -> None:
    for text in ("  ", "x" * 9000):
        answer = dana.send(text)
        assert answer.status_code == 422
        assert text.strip() in answer.get_data(as_text=True)
    answer = dana.send("Thursday?", visit="made up")
    assert answer.status_code == 422
    assert ">Thursday?</textarea>" in answer.get_data(as_text=True)
    assert shop.rows.conversations.count() == 0


# ---- twice


def test_a_second_click_on_the_very_first_message_is_the_same_message(dana: Visitor, shop: Shop) -> None:
    for _ in range(2):
        assert dana.send("Hello").status_code == 303
    assert (shop.rows.conversations.count(), shop.rows.messages.count(author="customer")) == (1, 1)


def test_a_form_that_comes_back_with_other_words_is_not_taken_for_the_first(dana: Visitor, shop: Shop) -> None:
    dana.send("Hello")
    answer = dana.send("Hello, and Friday?")
    assert answer.status_code == 422
    assert ">Hello, and Friday?</textarea>" in answer.get_data(as_text=True)
    assert shop.rows.messages.count(author="customer") == 1


# ---- whose conversation


def test_a_visitor_sees_only_their_own_conversation(dana: Visitor, come: Callable[[], Visitor], shop: Shop, site: Site) -> None:
    dana.say("My secret")
    (reply,) = shop.rows.messages.find(author="model")
    eve = come()
    assert "My secret" not in eve.look()
    assert eve.news().status_code == 404
    eve.say("Hello")
    assert eve.post("/ratings", message=reply.id, up="1").status_code == 404
    assert "My secret" not in eve.news().get_data(as_text=True)
    other = sites.add(shop.workspace, "other")
    for key in (dana.visit, f"{dana.visit[:-1]}x", f"{dana.visit}x", "", "a" * 500, str(only_or_first(shop))):
        assert Visitor(eve.client, other).news(key or "none").status_code == 404


def only_or_first(shop: Shop) -> ConversationId:
    return shop.rows.conversations.find()[0].id


def test_a_key_of_one_site_opens_nothing_at_another_nor_after_an_end(dana: Visitor, shop: Shop, site: Site) -> None:
    dana.say("Hello")
    assert dana.news().status_code == 200
    sites.revoke(shop.workspace, "shop")
    again = sites.add(shop.workspace, "shop")
    assert dana.news().status_code == 404
    assert dana.client.get(f"/w/{again.token}/news", headers={**AS_JSON, "Visit": dana.visit}).status_code == 404


def test_a_closed_or_unknown_site_is_gone_in_words_for_a_customer(dana: Visitor, shop: Shop) -> None:
    sites.revoke(shop.workspace, "shop")
    for place in (dana.place, "/w/never", f"{dana.place}/widget.js", f"{dana.place}/news"):
        answer = dana.client.get(place, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "inbox" not in answer.get_data(as_text=True)
    assert dana.send("Hello").status_code == 404
    assert shop.rows.conversations.count() == 0


def test_a_form_of_another_site_is_refused(dana: Visitor, shop: Shop) -> None:
    answer = dana.client.post(dana.place, data={"visit": dana.visit, "text": "Hello"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert shop.rows.conversations.count() == 0


def test_the_cookie_is_for_this_page_alone(dana: Visitor) -> None:
    cookie = dana.send("Hello").headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", f"Path={dana.place}", "Max-Age=2592000"):
        assert part in cookie
    assert "Set-Cookie" not in dana.client.get(f"{dana.place}?embed=1").headers


def test_a_frame_takes_no_cookie(dana: Visitor) -> None:
    dana.say("Hello")
    assert "Hello" not in dana.client.get(f"{dana.place}?embed=1").get_data(as_text=True)
    assert "Set-Cookie" not in dana.post("?embed=1", text="Again", key="k2").headers


# ---- live


def test_the_script_is_told_what_came_to_light_and_nothing_twice(dana: Visitor, shop: Shop) -> None:
    told = dana.post(text="Thursday?", key="k").get_json()
    assert [one["seq"] for one in told["messages"]] == [1]
    assert "One moment" in told["state"]
    answered(shop)
    news = dana.news(after=told["after"]).get_json()
    assert [(one["seq"], one["ours"]) for one in news["messages"]] == [(2, True)]
    assert "One moment" not in news["state"]
    assert dana.news(after=news["after"]).get_json()["messages"] == []
    assert [one["seq"] for one in dana.news().get_json()["messages"]] == [1, 2]


def answered(shop: Shop) -> None:
    from voicegit.services import worker

    def failed(job: object, exc: Exception) -> None:
        raise exc

    while worker.work_once(shop.workspace, failed=failed):
        pass


def test_notes_drafts_and_what_was_taken_back_never_reach_a_customer(dana: Visitor, shop: Shop, olga: Person, deliver: Callable[[], None]) -> None:
    shop.model.reply_with(unsure("A draft nobody approved"))
    dana.say("Paint my fence")
    talk, before = only_talk(shop), dana.news().get_json()["after"]
    conversations.note(shop.workspace, talk, "She is difficult", by=olga)
    taken_back = takeover.reply(shop.workspace, talk, "Rash words", by=olga)
    kept_to_itself(dana, before)
    takeover.undo(shop.workspace, taken_back.id, by=olga)
    takeover.reply(shop.workspace, talk, "Gladly, on Monday.", by=olga)
    kept_to_itself(dana, before)
    deliver()
    assert "Gladly, on Monday." in dana.news(after=before).get_json()["messages"][-1]["html"]
    kept_to_itself(dana, before, but="Gladly, on Monday.")
    assert {one.kind for one in shop.rows.messages.find()} == set(MessageKind)


def kept_to_itself(dana: Visitor, before: int, *, but: str = "") -> None:
    shown = dana.look() + json.dumps(dana.news().get_json()) + json.dumps(dana.news(after=0).get_json()) + json.dumps(dana.news(after=before).get_json())
    for words in {"She is difficult", "Rash words", "A draft nobody approved", "Nothing you have taught me covers this", "Gladly, on Monday."} - {but}:
        assert words not in shown


def test_the_stream_tells_of_this_conversation_alone_and_ends_with_the_service(dana: Visitor, come: Callable[[], Visitor], running: Any, shop: Shop) -> None:
    dana.say("Thursday?")
    after = dana.news().get_json()["after"]
    answer = dana.client.get(f"{dana.place}/news?after={after}", headers={"Accept": "text/event-stream", "Visit": dana.visit})
    assert answer.mimetype == "text/event-stream"
    lines: Iterator[Any] = iter(answer.response)
    next(lines)
    come().say("Somebody else's words")
    dana.post(text="And Friday?", key="k2")
    block = next(lines)
    block = block if isinstance(block, str) else block.decode()
    told = json.loads(block.removeprefix("data: "))
    assert "And Friday?" in told["messages"][0]["html"]
    assert "Somebody else" not in block
    assert told["after"] > after
    running.stopping.set()
    assert list(lines) == []
    answer.close()


def test_customers_leave_half_of_the_live_places_to_those_who_answer_them(running: Any) -> None:
    taken = [running.slots.visitor() for _ in range(16)]
    assert None not in taken
    assert running.slots.visitor() is None
    assert running.slots.stream() is not None
    taken[0]()
    taken[0]()
    assert running.slots.visitor() is not None
    assert running.slots.visitor() is None


def test_a_stream_without_a_place_ends_after_what_there_is(dana: Visitor, running: Any) -> None:
    dana.say("Thursday?")
    while running.slots.visitor() is not None:
        pass
    answer = dana.client.get(f"{dana.place}/news?after=0", headers={"Accept": "text/event-stream", "Visit": dana.visit})
    assert "Thursday?" in answer.get_data(as_text=True)


# ---- thumbs


def test_a_thumb_is_kept_and_can_be_changed(dana: Visitor, shop: Shop) -> None:
    dana.say("Thursday?")
    (reply,) = shop.rows.messages.find(author="model")
    for up in ("1", "1", "0"):
        assert dana.post("/ratings", message=reply.id, up=up).get_json() == {"up": up == "1"}
    (rating,) = shop.rows.ratings.find()
    assert (rating.id, rating.conversation, rating.up) == (reply.id, only_talk(shop), False)
    assert shop.rows.signals.count() == 0
    assert 'value="0" aria-pressed="true"' in dana.look()
    answer = dana.client.post(f"{dana.place}/ratings", data={"visit": dana.visit, "message": reply.id, "up": "1"}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{dana.place}#m-{reply.id}")


def test_only_the_models_own_replies_have_thumbs(dana: Visitor, shop: Shop, olga: Person, deliver: Callable[[], None]) -> None:
    shop.model.reply_with(unsure())
    dana.say("Paint my fence")
    takeover.reply(shop.workspace, only_talk(shop), "Gladly.", by=olga)
    deliver()
    assert 'class="thumbs"' not in dana.look()
    for message in shop.rows.messages.find():
        assert dana.post("/ratings", message=message.id, up="1").status_code == 404
    assert dana.post("/ratings", message="x", up="2").status_code == 422


# ---- who a shop's server vouches for


def test_a_right_hash_makes_the_conversation_the_users_own(dana: Visitor, shop: Shop, site: Site) -> None:
    dana.say("Thursday?")
    told = dana.post("/user", id="42", hash=digest(site, "42"), name="Dana Reyes", email="dana@example.com").get_json()
    record = shop.rows.customers.get(shop.rows.conversations.get(only_talk(shop)).customer)
    assert (record.name, record.contacts) == ("Dana Reyes", ("user:42@shop", "dana@example.com"))
    assert not told["keep"]
    assert len(told["messages"]) == 2


def test_a_user_goes_on_with_their_conversation_in_another_browser(dana: Visitor, come: Callable[[], Visitor], shop: Shop, site: Site) -> None:
    dana.say("Thursday?")
    dana.post("/user", id="42", hash=digest(site, "42"), name="Dana Reyes")
    told = come().post("/user", id="42", hash=digest(site, "42"), name="Whoever").get_json()
    assert "Thursday?" in told["messages"][0]["html"]
    assert shop.rows.customers.count() == 1


def test_the_next_user_of_a_browser_never_sees_the_ones_before(dana: Visitor, shop: Shop, site: Site) -> None:
    dana.say("My secret")
    dana.visit = dana.post("/user", id="42", hash=digest(site, "42")).get_json()["visit"]
    told = dana.post("/user", id="43", hash=digest(site, "43")).get_json()
    assert told["messages"] == []
    dana.visit = told["visit"]
    dana.post(text="Hello", key="k")
    assert shop.rows.conversations.count() == 2
    assert {one.customer for one in shop.rows.conversations.find()} == {one.id for one in shop.rows.customers.find()}


@pytest.mark.parametrize("wrong", ["", "0" * 64, "é", "right of another", "other site's"])
def test_a_wrong_hash_is_refused_and_the_visitor_stays_anonymous(dana: Visitor, shop: Shop, site: Site, wrong: str) -> None:
    dana.say("Thursday?")
    other = sites.add(shop.workspace, "other")
    given = {"right of another": digest(site, "43"), "other site's": digest(other, "42")}.get(wrong, wrong)
    answer = dana.post("/user", id="42", hash=given, name="Dana Reyes")
    assert answer.status_code == 403
    assert "HMAC-SHA256" in answer.get_json()["detail"]
    assert shop.rows.conversations.get(only_talk(shop)).customer is None
    assert shop.rows.customers.count() == 0


def test_a_name_alone_never_leads_to_anothers_record(dana: Visitor, shop: Shop, site: Site) -> None:
    people.set_customer(shop.workspace, "Dana Reyes", fields={"team": "Mike & Bob"})
    dana.post("/user", id="666", hash=digest(site, "666"), name="dana reyes")
    assert {one.name for one in shop.rows.customers.find()} == {"Dana Reyes", "dana reyes (666)"}


def test_a_record_that_the_team_marked_with_the_users_id_is_that_users(dana: Visitor, shop: Shop, site: Site) -> None:
    known = people.set_customer(shop.workspace, "Dana Reyes", contacts=["+1 555 0100", "user:42@shop"])
    dana.post("/user", id="42", hash=digest(site, "42"), name="D.")
    dana.visit = dana.post("/user", id="42", hash=digest(site, "42")).get_json()["visit"]
    dana.post(text="Hello", key="k")
    assert shop.rows.conversations.find()[0].customer == known.id


def test_only_people_of_the_business_may_say_whose_record_goes_with_a_try(dana: Visitor, shop: Shop, door: Door, site: Site) -> None:
    people.set_customer(shop.workspace, "Dana Reyes", fields={"team": "Mike & Bob"})
    dana.say("Hello", **{"as": "Dana Reyes"})
    assert shop.rows.conversations.find()[0].customer is None
    assert "write as a customer" not in dana.look()
    inside = Visitor(door.olga_in.client, site)
    assert "You try this as Olga" in inside.look()
    inside.say("Hello", **{"as": "Dana Reyes"})
    assert shop.rows.conversations.find()[1].customer == people.customer(shop.workspace, "Dana Reyes").id


# ---- how much


def test_too_many_messages_are_refused_in_a_friendly_way_and_kept(dana: Visitor, come: Callable[[], Visitor], shop: Shop) -> None:
    for number in range(EACH):
        assert dana.post(text=f"Hello {number}", key=str(number)).status_code == 200
    answer = dana.send("One more")
    assert answer.status_code == 429
    assert ">One more</textarea>" in answer.get_data(as_text=True)
    told = dana.post(text="One more", key="more")
    assert (told.status_code, told.headers["Retry-After"]) == (429, "60")
    assert "wait a minute" in told.get_json()["detail"]
    assert shop.rows.messages.count(author="customer") == EACH
    assert come().post(text="Hello", key="k").status_code == 200


def test_a_flood_of_new_conversations_leaves_the_others_room(dana: Visitor, come: Callable[[], Visitor], running: Any, site: Site) -> None:
    dana.post(text="Hello", key="k")
    for _ in range(BEGUN - 1):
        assert running.pace.take([(f"begun {site.id}", BEGUN)])
    assert come().post(text="Hello", key="k").status_code == 429
    assert dana.post(text="Hello again", key="k2").status_code == 200


def test_a_minute_later_there_is_room_again() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert [pace.take([("a", 2), ("all", 3)]) for _ in range(3)] == [True, True, False]
    assert [pace.take([("b", 2), ("all", 3)]) for _ in range(2)] == [True, False]
    now[0] = MINUTE
    assert pace.take([("a", 2), ("all", 3)])


# ---- frames and the widget


def test_only_the_sites_own_origins_may_show_its_page(dana: Visitor, web: OpenAPI, shop: Shop) -> None:
    def ancestors(place: str) -> str:
        policy = web.test_client().get(place, headers={"Accept": "text/html"}).headers["Content-Security-Policy"]
        return policy.rpartition("frame-ancestors ")[2]

    assert ancestors(dana.place) == ancestors(f"{dana.place}?embed=1") == "https://shop.example https://www.shop.example:8443"
    assert ancestors(f"/w/{sites.add(shop.workspace, 'page only').token}") == "'none'"
    assert ancestors("/w/never") == ancestors("/sign-in") == "'none'"


def test_the_widget_is_small_and_may_be_loaded_from_anywhere(dana: Visitor) -> None:
    assert (STATIC / "widget.js").stat().st_size < 4096
    answer = dana.client.get(f"{dana.place}/widget.js")
    assert (answer.mimetype, answer.headers["Cross-Origin-Resource-Policy"]) == ("text/javascript", "cross-origin")
    assert len(answer.get_data()) < 4096
    answer.close()


# ---- sites


def test_a_workspace_has_a_first_site_when_somebody_asks_for_it(shop: Shop, door: Door) -> None:
    place = door.olga_in.get("/try").headers["Location"]
    assert place == f"/w/{sites.first(shop.workspace).token}"
    assert [one.name for one in sites.in_use(shop.workspace)] == ["web"]


def test_names_of_sites_are_taken_once_until_they_are_free_again(shop: Shop, site: Site) -> None:
    with pytest.raises(Conflict, match="already"):
        sites.add(shop.workspace, "SHOP")
    sites.revoke(shop.workspace, "Shop")
    assert sites.add(shop.workspace, "shop").token != site.token
    with pytest.raises(NotFound):
        sites.named(shop.workspace, "never")
    with pytest.raises(Invalid):
        sites.add(shop.workspace, "a:b")


@pytest.mark.parametrize(
    "given", ["http://shop.example", "https://shop.example/chat", "*", "https://*.shop.example", "https://a;b", "https://u@shop.example", "x", ""]
)
def test_what_is_no_safe_origin_is_refused(shop: Shop, site: Site, given: str) -> None:
    with pytest.raises(Invalid, match="origin"):
        sites.allow(shop.workspace, "shop", origins=(given,))
    assert sites.named(shop.workspace, "shop").origins == site.origins


def test_origins_are_written_as_browsers_name_them(shop: Shop, site: Site) -> None:
    given = ("https://Shop.Example/", "https://shop.example:443", "http://localhost:3000")
    assert sites.allow(shop.workspace, "shop", origins=given).origins == ("https://shop.example", "http://localhost:3000")


# ---- what somebody wrote is never markup


def test_no_words_become_markup(dana: Visitor, shop: Shop, site: Site, deliver: Callable[[], None]) -> None:
    shop.model.reply_with(NASTY, unsure())
    pages = [dana.client.post(dana.place, data={"text": NASTY}).get_data(as_text=True)]
    dana.say(NASTY)
    dana.post("/user", id="42", hash=digest(site, "42"), name=NASTY)
    dana.say("Paint my fence")
    takeover.reply(shop.workspace, only_talk(shop), NASTY, by=people.add(shop.workspace, f"{NASTY[:30]} X", role=Role.OPERATOR))
    deliver()
    pages += [dana.client.get(dana.place).get_data(as_text=True), json.dumps(dana.news().get_json())]
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page
