"""Samples by keyboard alone: each key does what its button does, and none of them while one types."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.serving import Serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("samples")]


def shown(page: Page) -> Locator:
    """The way to the reply's conversation: which reply it is, whatever it says."""
    return page.get_by_role("link", name="The conversation")


def which(page: Page) -> str:
    return shown(page).get_attribute("href") or ""


def test_replies_are_judged_with_single_keys_and_undone(visit: Visit, full: Serving) -> None:
    page = visit(full, "Lena")
    page.goto("/samples")
    first, kept = which(page), page.locator(".notice")
    page.keyboard.press("g")
    expect(kept).to_contain_text("Kept: good.")
    assert which(page) != first
    page.keyboard.press("u")
    expect(shown(page)).to_have_attribute("href", first)

    page.keyboard.press("3")
    reason = page.get_by_label("Wrong because", exact=True)
    expect(reason).to_be_focused()
    page.keyboard.type("We call it a visit, glad or not")  # has g, c, w, l and u in it
    page.keyboard.press("Control+Enter")
    expect(kept).to_contain_text("Kept: wrong, and why.")


def test_a_correction_begins_with_the_reply_and_escape_puts_it_away(visit: Visit, full: Serving) -> None:
    page = visit(full, "Lena", size="phone")
    page.goto("/samples")
    said = page.locator(".said.model p").inner_text()
    page.keyboard.press("c")
    text = page.get_by_label("What should have been said")
    expect(text).to_be_focused()
    expect(text).to_have_value(said)
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    expect(page.get_by_text("Correct it", exact=True)).to_be_focused()


def test_later_notes_nothing_and_the_question_mark_shows_the_keys(visit: Visit, full: Serving) -> None:
    page = visit(full, "Olga")
    page.goto("/samples")
    first, left = which(page), page.locator(".lead").inner_text()
    page.keyboard.press("?")
    expect(page.get_by_text("undo the last one")).to_be_visible()
    page.keyboard.press("l")
    expect(shown(page)).not_to_have_attribute("href", first)
    expect(page.locator(".lead")).to_have_text(left)
