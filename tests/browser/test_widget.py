"""The customer's page and the widget in a real browser: on the shop's own page under a strict policy, live, and only where it may be."""

import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from tests.browser.conftest import PATIENCE, SIZES
from tests.browser.serving import Serving
from tests.browser.watch import Watch
from voicegit import bootstrap
from voicegit.domain.site import Site
from voicegit.services import people, takeover, worker
from voicegit.services import site as sites

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("widget")]

THURSDAY = "Do you have anything on Thursday?"
LIPSTICK = "Someone spilled lipstick in my white Valentino bag!"
NASTY = "<img src=x onerror=alert(1)><script>alert(2)</script>"


class HostPage(BaseHTTPRequestHandler):
    """A shop's page with a policy as strict as they come, and styles of its own that must not reach the widget."""

    def __init__(self, *more: object, widget: str) -> None:
        self.widget = widget
        super().__init__(*more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        script = "" if "plain" in self.path else f'<script src="{self.widget}" async></script>'
        body = f'<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><main><h1>Shop</h1><button>Buy</button></main>{script}'
        address = re.sub(r"/w/.*", "", self.widget)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", f"default-src 'none'; img-src data:; script-src {address}; frame-src {address}")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


class Host(Protocol):
    def __call__(self, widget: str = "") -> str: ...


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[ThreadingHTTPServer]]:
    running: list[ThreadingHTTPServer] = []
    yield running
    for one in running:
        one.shutdown()
        one.server_close()


@pytest.fixture(scope="module")
def site(shop: Serving, hosts: list[ThreadingHTTPServer]) -> tuple[Site, str, str]:
    """A site, the page of the shop that may show it, and another that may not."""
    with bootstrap.opened(shop.root) as app:
        made = sites.add(app.workspace, "shop")
        widget = f"{shop.address}/w/{made.token}/widget.js"
        for _ in range(2):
            hosts.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(HostPage, widget=widget)))
            threading.Thread(target=hosts[-1].serve_forever, daemon=True).start()
        mine, other = (f"http://127.0.0.1:{one.server_port}" for one in hosts[-2:])
        return sites.allow(app.workspace, "shop", origins=(mine,)), mine, other


class Come(Protocol):
    def __call__(self, *, size: str = "phone", scripts: bool = True) -> Page: ...


@pytest.fixture
def come(shop: Serving, watch: Watch, new_context: Callable[..., BrowserContext]) -> Come:
    """A customer's own browser."""

    def context(*, size: str = "phone", scripts: bool = True) -> Page:
        made = new_context(base_url=shop.address, viewport=SIZES[size], java_script_enabled=scripts, reduced_motion="reduce")
        made.set_default_timeout(PATIENCE)
        watch.over(made, scripts=scripts)
        return made.new_page()

    return context


def say(page: Page | FrameLocator, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def opened(page: Page) -> FrameLocator:
    page.get_by_role("button", name="Chat with us").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("Your message")).to_be_focused()
    return frame


def set_user(page: Page, site: Site, user: str, *, digest: str | None = None, name: str = "Nina Holt") -> None:
    right = hmac.new(site.secret.encode(), user.encode(), hashlib.sha256).hexdigest()
    page.evaluate("user => window.voicegit.setUser(user)", {"id": user, "name": name, "hash": digest or right})


# ---- the page


def test_a_customer_is_answered_on_the_page_and_goes_on_after_a_reload(come: Come, site: tuple[Site, str, str]) -> None:
    page = come()
    page.goto(f"/w/{site[0].token}")
    expect(page.get_by_text("You are writing with an AI assistant of Sparkle Home Cleaning.")).to_be_visible()
    page.get_by_label("Your message").fill(THURSDAY)
    page.get_by_label("Your message").press("Enter")
    reply = page.locator(".said.model")
    expect(reply).to_contain_text("AI assistant")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_value("")
    reply.get_by_role("button", name="This helped").click()
    expect(reply.get_by_role("button", name="This helped")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator(".said")).to_have_count(2)
    expect(page.locator(".said.model").get_by_role("button", name="This helped")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".said")).to_have_count(0)


def test_a_persons_words_come_by_themselves_with_their_name(come: Come, shop: Serving, site: tuple[Site, str, str]) -> None:
    page = come()
    page.goto(f"/w/{site[0].token}")
    say(page, LIPSTICK)
    expect(page.get_by_text("a person was asked")).to_be_visible()
    answer(shop, LIPSTICK, "I am so sorry. I will stop by this afternoon.")
    person = page.locator(".said.person")
    expect(person).to_contain_text("Olga, a person of Sparkle Home Cleaning")
    expect(person).to_contain_text("I will stop by this afternoon.")


def answer(shop: Serving, asked: str, words: str) -> None:
    """Olga answers, and does not take it back."""
    with bootstrap.opened(shop.root) as app:
        tx = app.workspace.store.read
        (message,) = tx.messages.find(text=asked, order="-id", limit=1)
        takeover.reply(app.workspace, message.conversation, words, by=people.named(app.workspace, "Olga"))
        takeover.hand_back(app.workspace, message.conversation)
        worker.deliver_due(app.workspace)


def test_what_came_while_the_service_was_away_is_shown_when_it_is_back(come: Come, shop: Serving, site: tuple[Site, str, str], watch: Watch) -> None:
    watch.allow("ERR_", "Failed to load resource")
    page = come()
    page.goto(f"/w/{site[0].token}")
    say(page, "Where are my keys? Nobody gave them back")
    expect(page.get_by_text("a person was asked")).to_be_visible()
    shop.kill()
    say(page, "Are you there?")
    expect(page.get_by_role("alert")).to_contain_text("kept here")
    expect(page.get_by_label("Your message")).to_have_value("Are you there?")
    answer(shop, "Where are my keys? Nobody gave them back", "Ada has them.")
    shop.start()
    expect(page.get_by_text("Ada has them.")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".said.me")).to_have_count(2)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_two_clicks_on_the_first_send_without_scripts_are_one_message(come: Come, shop: Serving, site: tuple[Site, str, str]) -> None:
    page = come(scripts=False)
    page.goto(f"/w/{site[0].token}")
    page.get_by_label("Your message").fill("Do you clean on Fridays?")
    page.get_by_role("button", name="Send").dblclick(no_wait_after=True)
    expect(page.locator(".said.me")).to_have_count(1)
    expect(page.locator(".said.model")).to_have_count(1)
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    with bootstrap.opened(shop.root) as app:
        assert app.workspace.store.read.messages.count(text="Do you clean on Fridays?") == 1


def test_axe_finds_nothing_in_a_conversation_and_nothing_sticks_out(come: Come, site: tuple[Site, str, str]) -> None:
    page = come(size="narrow")
    page.goto(f"/w/{site[0].token}?embed=1")
    for text, came in ((THURSDAY, ".said.model"), (LIPSTICK + "x" * 200, "text=a person was asked")):
        say(page, text)
        expect(page.locator(came).first).to_be_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_hostile_words_stay_words(come: Come, site: tuple[Site, str, str]) -> None:
    page = come()
    page.goto(f"/w/{site[0].token}")
    say(page, NASTY)
    expect(page.locator(".said.me .words")).to_have_text(NASTY)
    expect(page.locator(".said img")).to_have_count(0)


# ---- the widget


def test_on_the_shops_own_page_the_frame_opens_answers_and_goes_on_after_a_reload(come: Come, site: tuple[Site, str, str]) -> None:
    page = come(size="desk")
    page.goto(site[1])
    button = page.get_by_role("button", name="Chat with us")
    expect(button).to_have_attribute("aria-expanded", "false")
    assert page.locator("iframe").count() == 0
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    frame = opened(page)
    expect(button).to_have_attribute("aria-expanded", "true")
    say(frame, THURSDAY)
    expect(frame.locator(".said.model")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(button).to_be_focused()
    page.reload()
    expect(opened(page).locator(".said")).to_have_count(2)


def test_what_comes_while_it_is_closed_is_counted(come: Come, shop: Serving, site: tuple[Site, str, str]) -> None:
    page = come(size="desk")
    page.goto(site[1])
    frame = opened(page)
    say(frame, "Your cleaners broke my grandmother's vase")
    expect(frame.get_by_text("a person was asked")).to_be_visible()
    frame.get_by_role("button", name="Close").click()
    expect(page.locator("iframe")).to_be_hidden()
    answer(shop, "Your cleaners broke my grandmother's vase", "I will come by.")
    expect(page.get_by_role("button", name="Chat with us 1 new")).to_be_visible()
    frame = opened(page)
    expect(frame.get_by_text("I will come by.")).to_be_visible()
    expect(page.get_by_text("1 new")).to_be_hidden()


def test_another_sites_page_cannot_show_it(come: Come, site: tuple[Site, str, str], watch: Watch) -> None:
    watch.allow("frame-ancestors", "content security policy", "postMessage", "ERR_BLOCKED_BY_RESPONSE", "chrome-error")
    page = come(size="desk")
    page.goto(site[2])
    page.get_by_role("button", name="Chat with us").click()
    expect(page.locator("iframe")).to_be_visible()
    page.wait_for_function("performance.getEntriesByType('resource').length > 0")
    expect(page.frame_locator("iframe").get_by_label("Your message")).to_have_count(0)
    assert any("frame-ancestors" in one for one in watch.seen)


def test_a_user_the_shop_vouches_for_is_known_to_the_team_and_only_as_long_as_they_are_signed_in(
    come: Come, shop: Serving, site: tuple[Site, str, str]
) -> None:
    page = come(size="desk")
    page.goto(site[1])
    frame = opened(page)
    say(frame, THURSDAY)
    expect(frame.locator(".said")).to_have_count(2)
    set_user(page, site[0], "42")
    with bootstrap.opened(shop.root) as app:
        expect(frame.locator(".said")).to_have_count(2)
        wait_for(page, lambda: bool(app.workspace.store.read.customers.find(contacts__has="user:42@shop")))
        (record,) = app.workspace.store.read.customers.find(contacts__has="user:42@shop")
        assert record.name == "Nina Holt"
        assert app.workspace.store.read.conversations.count(customer=record.id) == 1
    page.evaluate("window.voicegit.setUser(null)")
    expect(frame.locator(".said")).to_have_count(0)
    page.reload()
    frame = opened(page)
    expect(frame.locator(".said")).to_have_count(0)
    set_user(page, site[0], "42")
    expect(frame.locator(".said")).to_have_count(2)


def wait_for(page: Page, happened: Callable[[], bool]) -> None:
    """Lets the page go on until something has happened in the shop's rows; the test's own time limit ends it."""
    while not happened():
        page.evaluate("() => new Promise(requestAnimationFrame)")


def test_a_user_that_nobody_vouches_for_stays_anonymous_and_the_console_says_so(come: Come, site: tuple[Site, str, str], watch: Watch) -> None:
    watch.allow("403", "setUser was refused")
    page = come(size="desk")
    page.goto(site[1])
    frame = opened(page)
    with page.expect_console_message(lambda message: "setUser was refused" in message.text):
        set_user(page, site[0], "77", digest="0" * 64)
    say(frame, THURSDAY)
    expect(frame.locator(".said")).to_have_count(2)


def test_messages_from_elsewhere_are_not_heard(come: Come, site: tuple[Site, str, str]) -> None:
    """Neither the shop's page nor the frame listens to a window that is not the other."""
    page = come(size="desk")
    page.goto(site[1])
    frame = opened(page)
    say(frame, THURSDAY)
    expect(frame.locator(".said")).to_have_count(2)
    page.evaluate("window.postMessage({voicegit: 'close'}, '*')")
    inner = next(one for one in page.frames if "embed=1" in one.url)
    inner.evaluate("window.postMessage({voicegit: 'user', value: null}, '*')")
    expect(page.locator("iframe")).to_be_visible()
    expect(frame.locator(".said")).to_have_count(2)


def test_on_a_phone_the_open_frame_fills_the_screen(come: Come, site: tuple[Site, str, str]) -> None:
    page = come(size="phone")
    page.goto(site[1])
    opened(page)
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    page.frame_locator("iframe").get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
