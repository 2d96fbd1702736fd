"""Several people at once, and a service that comes and goes: nothing is lost, nothing stands twice, nobody speaks past another."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Serve, Visit
from tests.browser.serving import Serving
from tests.browser.watch import Watch
from voicegit import bootstrap
from voicegit.domain.ids import ConversationId
from voicegit.services import conversation, exchange

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


def calls(serving: Serving, customer: str, text: str = "I want to speak to a real person please") -> ConversationId:
    """A customer for whom a person was called, as another process of the same workspace would take them in."""
    with bootstrap.opened(serving.root, provider="local") as app:
        talk = conversation.start(app.workspace, customer=customer).id
        assert exchange.say(app.workspace, talk, text).answer == "summon"
        return talk


def says(serving: Serving, talk: ConversationId, *texts: str) -> None:
    with bootstrap.opened(serving.root, provider="local") as app:
        for text in texts:
            conversation.take_in(app.workspace, talk, text)


def test_of_two_who_answer_one_customer_one_has_it_and_the_other_keeps_the_draft(visit: Visit, watch: Watch, shop: Serving) -> None:
    talk = calls(shop, "Wanda Ruiz")
    olga, lena = visit(shop, "Olga", size="phone"), visit(shop, "Lena")
    for page in (olga, lena):
        page.goto(f"/c/{talk}")
        expect(page.locator("#standing")).to_contain_text("not claimed")
    olga.locator("#text").press_sequentially("I am looking into it")
    expect(olga.locator("#standing")).to_contain_text("you have it")
    expect(lena.locator("#standing")).to_contain_text("Olga")
    expect(lena.locator("#state")).to_contain_text("Olga has this")
    lena.locator("#text").fill("Somebody calls you in a minute")
    watch.allow("409")
    lena.get_by_role("button", name="Send to").click()
    expect(lena.get_by_role("alert")).to_be_visible()
    expect(lena.locator("#text")).to_have_value("Somebody calls you in a minute")
    olga.get_by_text("I stay on it").click()
    olga.get_by_role("button", name="Send to").click()
    expect(olga.get_by_role("log")).to_contain_text("I am looking into it")
    expect(lena.get_by_role("log")).to_contain_text("I am looking into it")
    expect(lena.locator("#text")).to_have_value("Somebody calls you in a minute")
    expect(lena.get_by_role("log")).not_to_contain_text("Somebody calls you in a minute")

    lena.get_by_role("button", name="Take over").click()
    expect(lena.locator("#standing")).to_contain_text("you have it")
    expect(lena.locator("#text")).to_have_value("Somebody calls you in a minute")
    expect(olga.locator("#state")).to_contain_text("Lena has this")


def test_who_types_is_told_that_the_customer_wrote_again_before_anything_is_sent(visit: Visit, watch: Watch, shop: Serving) -> None:
    talk = calls(shop, "Xenia Popov")
    page = visit(shop, "Olga", size="phone")
    page.goto(f"/c/{talk}")
    page.locator("#text").press_sequentially("Please call us tomorrow")
    expect(page.locator("#standing")).to_contain_text("you have it")
    says(shop, talk, "Oh, it has solved itself, sorry!")
    expect(page.locator("#news")).to_contain_text("1 new message")
    expect(page.get_by_role("log")).to_contain_text("it has solved itself")
    expect(page.locator("#text")).to_have_value("Please call us tomorrow")
    expect(page.locator("#text")).to_be_focused()


def test_without_scripts_a_reply_to_what_was_not_read_is_not_sent(visit: Visit, watch: Watch, shop: Serving) -> None:
    talk = calls(shop, "Yves Martin")
    page = visit(shop, "Olga", size="phone", scripts=False)
    page.goto(f"/c/{talk}")
    says(shop, talk, "Oh, it has solved itself, sorry!")
    watch.allow("409")
    page.locator("#text").fill("Please call us tomorrow")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Please call us tomorrow")
    expect(page.get_by_role("log")).to_contain_text("it has solved itself")
    expect(page.get_by_role("log")).not_to_contain_text("Please call us tomorrow")
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_role("log")).to_contain_text("Please call us tomorrow")


def test_a_reply_is_taken_back_within_seconds_and_stands_in_the_box_again(visit: Visit, shop: Serving) -> None:
    talk = calls(shop, "Zoe Lang")
    page = visit(shop, "Olga", size="phone")
    page.goto(f"/c/{talk}")
    page.locator("#text").fill("We come at eihgt")
    page.get_by_role("button", name="Send to").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("We come at eihgt")
    expect(page.locator("li.said.gone")).to_contain_text("taken back, never sent")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_live_page_goes_on_after_the_service_was_gone(end: str, visit: Visit, watch: Watch, serve: Serve, made: Path) -> None:
    serving = serve(made)
    talk = calls(serving, "Una Berg")
    page = visit(serving, "Olga")
    page.goto(f"/c/{talk}")
    says(serving, talk, "Line 1 of mine")
    expect(page.get_by_role("log")).to_contain_text("Line 1 of mine")
    page.locator("#text").press_sequentially("I am ")
    watch.allow("ERR_", "Failed to load resource", "Failed to fetch", "network error", "hx-sse", "SSE")
    if end == "stop":
        serving.stop()
    else:
        serving.kill()
    says(serving, talk, "Line 2 of mine", "Line 3 of mine")
    expect(page.get_by_text("voicegit does not answer")).to_be_visible()
    serving.start()
    says(serving, talk, "Line 4 of mine")
    expect(page.get_by_role("log")).to_contain_text("Line 4 of mine", timeout=40_000)
    lines = page.locator("li.said.customer", has_text=re.compile(r"Line \d of mine"))
    expect(lines).to_have_text([re.compile(f"Line {number} of mine") for number in (1, 2, 3, 4)])
    expect(page.get_by_text("voicegit does not answer")).to_be_hidden()
    expect(page.locator("#text")).to_have_value("I am ")


def test_a_press_from_the_empty_box_lands_where_it_was_aimed(visit: Visit, watch: Watch, shop: Serving) -> None:
    page = visit(shop, "Olga", size="phone")
    page.goto(f"/c/{calls(shop, 'Zora Lind')}")
    expect(page.get_by_text("I stay on it")).to_be_hidden()
    page.locator("#text").click()
    expect(page.get_by_text("I stay on it")).to_be_visible()
    page.get_by_text("Private note").click()
    expect(page.locator("#as-note")).to_be_checked()
    page.locator("#text").click()
    page.get_by_text("canned").click()
    expect(page.locator("#canned li, #canned [role=option], #canned-none").first).to_be_visible()


def test_enter_after_the_reason_says_that_it_was_wrong(visit: Visit, watch: Watch, shop: Serving) -> None:
    with bootstrap.opened(shop.root, provider="local") as app:
        talk = conversation.start(app.workspace, customer="Yara Moss").id
        assert exchange.say(app.workspace, talk, "Do you have anything on Thursday?").answer == "reply"
    page = visit(shop, "Olga", size="phone")
    page.goto(f"/c/{talk}")
    page.get_by_text("Good or wrong?").click()
    page.get_by_label("Wrong, because").fill("too long")
    page.get_by_label("Wrong, because").press("Enter")
    expect(page.get_by_role("log")).to_contain_text("You said: wrong, “too long”")


def test_a_page_is_live_however_late_its_last_script_comes(visit: Visit, watch: Watch, shop: Serving) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page = visit(shop, "Olga")
    page.route("**/hx-sse.min.js*", hold)
    page.goto("/more", wait_until="commit")
    page.wait_for_function("typeof htmx === 'object' && new Promise(resolve => setTimeout(() => setTimeout(() => resolve(true))))")
    with page.expect_request("**/live?*"):
        held[0].continue_()
