"""Deciding in a browser: change by change, a part of a proposal, and never on a text that is not the one that was read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve, Visit
from tests.browser.filled import Filled
from tests.browser.serving import Serving
from tests.browser.watch import Watch

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("decisions")]
REASON = "Ruth was promised tonight, the others today; decide that first"


@pytest.fixture(scope="module")
def desk(made_full: tuple[Path, Filled], serve: Serve) -> Serving:
    """Each module that decides has a shop of its own."""
    return serve(made_full[0])


def test_what_was_read_is_what_goes_live_or_nothing_does(visit: Visit, desk: Serving, filled: Filled) -> None:
    maria, lena = visit(desk), visit(desk, "Lena", size="phone")
    maria.goto(f"/review/{filled.second}")
    _accept(maria, 1)
    maria.get_by_role("link", name=re.compile("Approve 1 of 1")).click()
    lena.goto(f"/review/{filled.second}")
    lena.get_by_text("Edit…").click()
    whole = lena.get_by_label("The whole text, as it shall read")
    whole.fill(whole.input_value().replace("We don't clean windows from outside", "Outside windows: on the ground floor only"))
    lena.get_by_role("button", name="Keep my text").click()
    expect(lena.get_by_text("Your own text goes live instead")).to_be_visible()
    lena.get_by_role("link", name=re.compile("Approve 1 of 1")).click()
    expect(lena.get_by_text("on the ground floor only").first).to_be_visible()
    lena.get_by_role("button", name="Approve", exact=True).click()
    expect(lena.get_by_text("Live.", exact=True)).to_be_visible()

    maria.get_by_role("button", name="Approve", exact=True).click()
    expect(maria.get_by_text("Approved by Lena")).to_be_visible()
    expect(maria.get_by_text("on the ground floor only").first).to_be_visible()
    maria.goto("/directives/facts/windows")
    expect(maria.get_by_text("on the ground floor only").first).to_be_visible()
    expect(maria.get_by_text("We don't clean windows from outside")).to_have_count(0)


def test_what_went_live_meanwhile_is_shown_before_anything_else_does(visit: Visit, watch: Watch, desk: Serving, filled: Filled) -> None:
    maria, lena = visit(desk, size="phone"), visit(desk, "Lena")
    sundays = _propose(lena, "Sundays", "We are closed on Sundays")
    snow = _propose(lena, "Snow", "When it snows we call before we come")
    for page, proposal in ((maria, sundays), (lena, snow)):
        page.goto(f"/review/{proposal}")
        _accept(page, 1)
        page.get_by_role("link", name=re.compile("Approve 1 of 1")).click()
        expect(page.get_by_role("button", name="Approve", exact=True)).to_be_enabled()
    lena.get_by_role("button", name="Approve", exact=True).click()
    expect(lena.get_by_text("Live.", exact=True)).to_be_visible()
    watch.allow("409")
    maria.get_by_role("button", name="Approve", exact=True).click()
    expect(maria.get_by_text("What is live changed since you looked").first).to_be_visible()
    maria.get_by_role("link", name=re.compile("Approve 1 of 1")).click()
    maria.get_by_role("button", name="Approve", exact=True).click()
    expect(maria.get_by_text("Live.", exact=True)).to_be_visible()


def test_a_part_is_approved_and_what_was_declined_is_remembered(visit: Visit, desk: Serving, filled: Filled) -> None:
    page = visit(desk, "Lena", size="phone")
    page.goto(f"/review/{filled.proposal}")
    changes = page.locator("article.change").count()
    assert changes >= 2
    expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_disabled()
    _accept(page, 1)
    for number in range(2, changes + 1):
        card = page.locator(f"#change-{number}")
        card.get_by_text("Decline: say why").click()
        card.get_by_label("Because", exact=True).fill(REASON)
        card.get_by_role("button", name="Decline").click()
        expect(card.get_by_text("You decline this")).to_be_visible()
    page.get_by_role("link", name=f"Approve 1 of {changes} changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The exact text that goes live")
    expect(page.locator("article.change")).to_have_count(1)
    expect(page.get_by_text(REASON).first).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Live.", exact=True)).to_be_visible()
    expect(page.get_by_text(REASON).first).to_be_visible()
    page.goto("/review?tab=approved")
    expect(page.get_by_text("in part").first).to_be_visible()
    page.get_by_role("link", name=re.compile("in part")).first.click()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_text("Taken back")).to_be_visible()


def _accept(page: Page, number: int) -> None:
    card = page.locator(f"#change-{number}")
    card.get_by_role("button", name=re.compile("^Accept")).click()
    expect(card.get_by_text("You accept this")).to_be_visible()


def _propose(page: Page, title: str, rule: str) -> str:
    """A person's own proposal, written in the form; its id."""
    page.goto("/directives/new?kind=facts")
    page.get_by_label("Title, in plain words").fill(title)
    page.get_by_label("Rules, one a line").fill(rule)
    page.get_by_role("button", name=re.compile("Propose")).click()
    expect(page).to_have_url(re.compile("/review/p-"))
    return page.url.rpartition("/")[2]
