"""What holds for every page: nothing to find for axe-core in both themes and both sizes, no sideways scroll at 320 px, and a way to work without scripts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SIZES, Visit
from tests.browser.filled import Filled
from tests.browser.pages import NO_PAGES, PAGES, Shown, too_wide
from tests.browser.serving import Serving
from tests.browser.watch import Watch
from voicegit import bootstrap
from voicegit_web import create_app

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("every page")]
BY_THE_LOOK = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size", "landmark-unique")
"""What another theme or size can change; the rest is the same markup."""

each_page = pytest.mark.parametrize("shown", PAGES, ids=[page.name for page in PAGES])


def test_every_page_stands_in_the_list(made: Path) -> None:
    with bootstrap.opened(made) as app:
        routes = create_app(app).url_map
    rules = [rule for rule in routes.iter_rules() if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")]
    known = {page.endpoint for page in PAGES} | set(NO_PAGES)
    assert {rule.endpoint for rule in rules} - known == set(), "write a row for it in tests/browser/pages.py"
    assert known - {rule.endpoint for rule in rules} - {""} == set(), "these are gone"


@each_page
def test_axe_finds_nothing_on_a_phone_by_day_and_at_a_desk_by_night(shown: Shown, visit: Visit, watch: Watch, full: Serving, filled: Filled) -> None:
    page = visit(full, shown.who, size="phone", theme="light")
    _open(page, watch, shown, filled)
    assert _violations(page) == []
    page.set_viewport_size(SIZES["desk"])
    page.emulate_media(color_scheme="dark")
    assert _violations(page, BY_THE_LOOK) == []


@each_page
def test_a_small_phone_shows_it_without_sideways_scroll_and_with_room_for_a_thumb(
    shown: Shown, visit: Visit, watch: Watch, full: Serving, filled: Filled
) -> None:
    page = visit(full, shown.who, size="narrow")
    _open(page, watch, shown, filled)
    assert too_wide(page) == []
    assert _too_small(page) == []


def _open(page: Page, watch: Watch, shown: Shown, filled: Filled) -> None:
    if not shown.endpoint:
        watch.allow("404")
    answer = page.goto(shown.path(filled))
    assert answer is not None
    assert answer.status == (200 if shown.endpoint else 404)


def _violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    only: dict[str, Any] = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]
    return [f"{one['id']}: {node['html'][:160]} ({' '.join((node.get('failureSummary') or '').split())[:200]})" for one in found for node in one["nodes"]]


def _too_small(page: Page) -> list[str]:
    """Controls of less than 44 px. Links in running text are as small as their words."""
    small: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, select, summary, input:not([type=hidden]), textarea, nav a, a.button")]
            .filter(one => !one.closest(".unseen") && one.checkVisibility({opacityProperty: true, visibilityProperty: true}))
            .map(one => one.matches("input[type=radio], input[type=checkbox]") && one.closest("label") || one)
            .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 160)])
            .filter(([box]) => box.height > 1 && box.width > 1 && (box.height < 43.5 || box.width < 43.5))
            .map(([box, html]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""
    )
    return small
