"""Whatever anybody wrote is text, on every page: nothing of it runs, loads, leads elsewhere or becomes markup."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import SIZES, Serve, Visit
from tests.browser.filled import Filled
from tests.browser.hostile import infest
from tests.browser.pages import PAGES, Shown, too_wide
from tests.browser.serving import Serving
from tests.browser.watch import Watch
from tests.browser.xss import MARKUP, STRINGS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hostile")]

LEFT = """ours => {
  const named = one => one.matches('a[href^="https://"][rel="noopener nofollow"]')
    && (one.textContent + (one.nextSibling?.textContent ?? "")).includes(new URL(one.href).host);
  const all = [...document.querySelectorAll("*")].filter(one => !named(one));
  return all.flatMap(one => [...one.attributes]
    .filter(({name, value}) => /^on|^hx-on|^style$|^srcdoc$/.test(name)
      || /^(href|src|srcset|action|formaction|data|xlink:href|background|poster|ping|hx-get|hx-post|hx-sse:connect|data-hx-get|hx-trigger)$/.test(name)
         && (/__xss|evil[.]example/.test(decodeURIComponent(value).split("?")[0]) || /^[\\s\\x00-\\x20]*(java\\s*script|data|vbscript):/i.test(value)))
    .map(({name, value}) => `${one.outerHTML.slice(0, 120)} has ${name}="${value.slice(0, 80)}"`))
  .concat([...document.body.querySelectorAll("*")]
    .filter(one => !one.matches("main > noscript, body > script[src^='/static/vendor/']") && !ours.trim().split(/\\s+/).includes(one.localName))
    .map(one => one.outerHTML.slice(0, 160)));
}"""
"""What in the page's tree can only have come from somebody's text: our own pages have none of it.

A link in a directive that says which host it leads to may stand."""


OURS = """
a abbr article aside b blockquote br button code datalist dd del details dialog div dl dt em fieldset figcaption figure footer form h1 h2 h3 h4 header hr
i input ins kbd label legend li main mark meter nav ol optgroup option output p pre progress q section select small span strong sub summary sup table tbody
td textarea tfoot th thead time tr u ul svg g path circle line rect polyline polygon text title use
"""
"""Elements that our templates, and the Markdown of directives, are made of."""


@dataclass
class Hostile:
    serving: Serving
    filled: Filled


@pytest.fixture(scope="module")
def hostile(made_full: tuple[Path, Filled], tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Hostile:
    root = tmp_path_factory.mktemp("hostile") / "shop"
    shutil.copytree(made_full[0], root)
    filled = infest(root, made_full[1])
    return Hostile(serve(root), filled)


def test_there_are_enough_strings_and_none_slips_through_the_net(browser: Browser) -> None:
    assert len(STRINGS) >= 120
    page = browser.new_page(java_script_enabled=False)
    try:
        missed = [text for text in MARKUP if not _left(page, text)]
    finally:
        page.close()
    assert missed == []


def _left(page: Page, text: str) -> bool:
    page.set_content(f"<!doctype html><main><p>{text}</p></main>", wait_until="commit")
    return bool(page.evaluate(LEFT, OURS))


WORST = (
    Shown("hostile-conversation", "conversation.page", lambda filled: f"/c/{filled.talks['hostile']}?all=1"),
    Shown("hostile-erase", "erase.page", lambda filled: f"/c/{filled.talks['hostile']}/erase"),
    Shown("hostile-directive", "directives.read", lambda filled: "/directives/situations/hostile-0"),
    Shown("hostile-directive-edit", "directives.edit", lambda filled: "/directives/situations/hostile-0/edit"),
)
"""What shows one thing, where that is a hostile one."""

UNEXPLAINED = r"status of 422 .*/why/"
"""No turn stands behind the replies that were put there, so unfolding why they were said is refused."""


@pytest.mark.parametrize("shown", (*PAGES, *WORST), ids=[page.name for page in (*PAGES, *WORST)])
def test_nothing_runs_and_nothing_sticks_out_of_a_small_phone(shown: Shown, visit: Visit, watch: Watch, hostile: Hostile) -> None:
    if not shown.endpoint:
        watch.allow("404")
    watch.allow(UNEXPLAINED)
    page = visit(hostile.serving, shown.who)
    page.goto(shown.path(hostile.filled))
    _harmless(page)
    page.set_viewport_size(SIZES["narrow"])
    assert too_wide(page) == []


def _harmless(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate(LEFT, OURS) == []
    assert page.evaluate("window.__xss") is None
