"""The inbox in a real browser: it grows under the reader's eyes and never under their fingers, and a call is told once, however many tabs are open."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve, Visit
from tests.browser.serving import Serving
from tests.browser.watch import Watch
from voicegit import bootstrap
from voicegit.services import conversation, exchange

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("inbox")]

COUNTING = """
window.tones = 0;
const start = AudioScheduledSourceNode.prototype.start;
AudioScheduledSourceNode.prototype.start = function (...at) { window.tones++; return start.apply(this, at); };
window.notes = [];
const Shown = window.Notification;
window.Notification = class extends Shown { constructor(words, more) { super(words, more); window.notes.push([words, more.body]); } };
"""


@pytest.fixture
def own(made: object, serve: Serve) -> Serving:
    """A service of one's own on the empty shop."""
    return serve(made)  # type: ignore[arg-type]


def write(serving: Serving, customer: str, *said: str) -> None:
    """A customer writes, as another process of the same workspace would take it in."""
    with bootstrap.opened(serving.root, provider="local") as app:
        talk = conversation.start(app.workspace, customer=customer).id
        for text in said:
            exchange.say(app.workspace, talk, text)


def names(page: Page) -> list[str]:
    return page.locator("[data-rows] .who b").all_inner_texts()


def test_a_call_comes_into_the_list_and_nothing_jumps(visit: Visit, own: Serving) -> None:
    write(own, "Dana", "I want to speak to a human please")
    write(own, "Tom", "I will call my lawyer")
    page = visit(own, "Olga", size="phone")
    page.goto("/inbox")
    expect(page).to_have_title(re.compile(r"^\(2\) Inbox"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    tom = page.get_by_role("link", name=re.compile("Tom"))
    expect(tom).to_be_focused()
    before = tom.bounding_box()
    write(own, "Priya", "My lawyer will write to you")
    expect(page.get_by_role("link", name=re.compile("Priya"))).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(3\) Inbox"))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-dot"))
    expect(page.get_by_role("status").filter(has_text="A customer waits for a person.")).to_be_attached()
    expect(tom).to_be_focused()
    assert tom.bounding_box() == before
    page.keyboard.press("k")
    expect(page.get_by_role("link", name=re.compile("Dana"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/c/"))


def test_a_call_rings_and_is_shown_in_one_of_many_tabs_once_it_was_asked_for(visit: Visit, own: Serving) -> None:
    first = visit(own, "Olga")
    first.context.grant_permissions(["notifications"])
    first.context.add_init_script(COUNTING)
    second = first.context.new_page()
    for page in (first, second):
        page.goto("/inbox")
        page.get_by_role("heading", name="Inbox").click()
    first.get_by_text("Tell me").click()
    first.get_by_label("Play a sound").check()
    first.get_by_label("Show a notification").check()
    expect(first.locator("#tell-me-said")).to_contain_text("says why you are called")
    expect(second.locator("[data-alert=sound]")).to_be_checked()
    begun = [tuple(page.evaluate("[tones, notes.length]")) for page in (first, second)]
    assert begun == [(2, 1), (0, 0)]
    write(own, "Dana Reyes", "Where are my secret keys? I want to speak to a human")
    for page in (first, second):
        expect(page.get_by_role("link", name=re.compile("Dana Reyes"))).to_be_visible()
    told = "async () => { await navigator.locks.request('voicegit.told', () => 0); return [tones, notes] }"
    after = [page.evaluate(told) for page in (first, second)]
    assert sum(tones for tones, _ in after) == 4
    (note,) = after[0][1][1:] + after[1][1]
    assert note == ["A customer waits for a person", "The customer asks for a person."]


def test_who_did_not_ask_for_it_hears_nothing_and_their_choice_is_kept(visit: Visit, own: Serving) -> None:
    page = visit(own, "Maria")
    page.add_init_script(COUNTING)
    page.goto("/inbox")
    page.get_by_text("Tell me").click()
    expect(page.get_by_label("Play a sound")).not_to_be_checked()
    write(own, "Dana", "I want to speak to a human please")
    expect(page.get_by_role("link", name=re.compile("Dana"))).to_be_visible()
    assert page.evaluate("[tones, notes.length]") == [0, 0]
    page.get_by_label("Play a sound").check()
    page.reload()
    page.get_by_text("Tell me").click()
    expect(page.get_by_label("Play a sound")).to_be_checked()


def test_a_browser_that_allows_no_notifications_says_so(visit: Visit, own: Serving, watch: Watch) -> None:
    page = visit(own, "Maria")
    page.goto("/inbox")
    page.get_by_text("Tell me").click()
    page.get_by_label("Show a notification").click()
    expect(page.locator("#tell-me-said")).not_to_be_empty()
    expect(page.get_by_label("Show a notification")).not_to_be_checked()
