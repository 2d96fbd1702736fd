"""Every page does its work with scripts off: what is shown can be used, and nothing is shown that only a script could answer."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.filled import Filled
from tests.browser.pages import PAGES, Shown
from tests.browser.serving import Serving

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("every page")]

DEAD = """() => {
  const seen = one => one.checkVisibility({visibilityProperty: true});
  const submits = one => one.type === "submit" && one.form || one.hasAttribute("popovertarget") || one.hasAttribute("commandfor");
  const buttons = [...document.querySelectorAll("button, input[type=submit], input[type=button]")].filter(seen).filter(one => !submits(one) && !one.disabled);
  const forms = [...document.forms].filter(one => one.querySelector("input:not([type=hidden]), textarea, select") && seen(one))
    .filter(one => ![...one.elements].some(inner => inner.type === "submit"));
  const links = [...document.querySelectorAll("a")].filter(seen).filter(one => !one.getAttribute("href") || one.getAttribute("href") === "#");
  return [...buttons, ...forms, ...links].map(one => one.outerHTML.slice(0, 160));
}"""
"""Buttons that send nothing, forms that cannot be sent, links that lead nowhere: visible, and of no use without scripts."""


@pytest.mark.parametrize("shown", [page for page in PAGES if page.endpoint], ids=lambda page: page.name)
def test_nothing_shown_needs_a_script(shown: Shown, visit: Visit, full: Serving, filled: Filled) -> None:
    page = visit(full, shown.who, size="phone", scripts=False)
    answer = page.goto(shown.path(filled))
    assert answer is not None
    assert answer.status == 200
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate(DEAD) == []
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate(DEAD) == []
