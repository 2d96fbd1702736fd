"""Every page there is, in one place: what the browser tests go through, and what is photographed. A GET route that stands in no row fails a test."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.filled import Filled


@dataclass(frozen=True)
class Shown:
    """One page: the endpoint that draws it, its address in the full shop, and who looks (Maria owns the shop, Lena leads, Olga works the inbox)."""

    name: str
    endpoint: str
    path: Callable[[Filled], str]
    who: str = "Maria"
    main: bool = False
    """Photographed in both themes."""

    empty: bool = False
    """Photographed in the empty shop too: its address is the same there."""


def _at(path: str) -> Callable[[Filled], str]:
    return lambda filled: path


PAGES = (
    Shown("sign-in", "signin.page", _at("/sign-in"), "nobody"),
    Shown("sign-in-link", "signin.page", _at("/sign-in?code=any"), "nobody"),
    Shown("inbox", "inbox.page", _at("/inbox"), "Olga", main=True, empty=True),
    Shown("inbox-mine", "inbox.page", _at("/inbox?tab=mine"), "Olga"),
    Shown("inbox-with-the-ai", "inbox.page", _at("/inbox?tab=ai"), "Olga"),
    Shown("inbox-all", "inbox.page", _at("/inbox?tab=all"), "Olga"),
    Shown("inbox-snoozed", "inbox.page", _at("/inbox?tab=snoozed"), "Olga"),
    Shown("inbox-search", "inbox.page", _at("/inbox?q=dana"), "Olga"),
    Shown("conversation", "conversation.page", lambda filled: f"/c/{filled.talks['waiting']}", "Olga", main=True),
    Shown("conversation-held", "conversation.page", lambda filled: f"/c/{filled.talks['held']}", "Olga"),
    Shown("conversation-held-by-another", "conversation.page", lambda filled: f"/c/{filled.talks['held']}", "Lena"),
    Shown("conversation-taught", "conversation.page", lambda filled: f"/c/{filled.talks['handed_back']}"),
    Shown("conversation-canned", "conversation.page", lambda filled: f"/c/{filled.talks['noted']}?canned=1", "Olga"),
    Shown("conversation-why", "conversation.why", lambda filled: f"/c/{filled.talks['answered']}/why/{filled.taught_reply}", "Olga"),
    Shown("erase", "erase.page", lambda filled: f"/c/{filled.talks['waiting']}/erase"),
    Shown("review", "review.page", _at("/review"), "Lena", empty=True),
    Shown("review-approved", "review.page", _at("/review?tab=approved"), "Lena"),
    Shown("review-declined", "review.page", _at("/review?tab=declined"), "Lena"),
    Shown("proposal", "review.read", lambda filled: f"/review/{filled.proposal}", "Lena", main=True),
    Shown("proposal-by-hand", "review.read", lambda filled: f"/review/{filled.second}", "Olga"),
    Shown("proposal-approved", "review.read", _at("/review/p-1"), "Lena"),
    Shown("proposal-declined", "review.read", _at("/review/p-3"), "Lena"),
    Shown("proposal-replay", "replay.page", lambda filled: f"/review/{filled.proposal}/replay", "Lena"),
    Shown("proposal-confirm", "review.confirm", lambda filled: f"/review/{filled.chosen}/confirm"),
    Shown("directives", "directives.page", _at("/directives")),
    Shown("directives-search", "directives.page", _at("/directives?q=damage")),
    Shown("directives-nothing-found", "directives.page", _at("/directives?q=zebra")),
    Shown("directive", "directives.read", _at("/directives/situations/damage-claims")),
    Shown("directive-voice", "directives.read", _at("/directives/voice/tone"), "Olga"),
    Shown("directive-new", "directives.blank", _at("/directives/new")),
    Shown("directive-edit", "directives.edit", _at("/directives/situations/damage-claims/edit")),
    Shown("history", "history.page", _at("/history"), main=True, empty=True),
    Shown("decision", "history.read", lambda filled: f"/history/{filled.release}"),
    Shown("samples", "samples.page", _at("/samples"), "Lena", empty=True),
    Shown("insights", "insights.page", _at("/insights"), empty=True),
    Shown("mistakes", "mistakes.page", _at("/mistakes"), "Lena", empty=True),
    Shown("mistakes-closed", "mistakes.page", _at("/mistakes?tab=closed"), "Lena"),
    Shown("playground", "playground.page", _at("/playground")),
    Shown("playground-conversation", "playground.page", lambda filled: f"/playground?conversation={filled.talks['taught']}&proposal={filled.proposal}"),
    Shown("more", "more.page", _at("/more")),
    Shown("help", "more.help", _at("/help")),
    Shown("settings", "settings.page", _at("/settings")),
    Shown("settings-notifications", "settings.notifications", _at("/settings/notifications")),
    Shown("settings-tokens", "settings.tokens", _at("/settings/tokens")),
    Shown("settings-widget", "settings.widget", _at("/settings/widget")),
    Shown("people", "people.page", _at("/people")),
    Shown("people-as-operator", "people.page", _at("/people"), "Olga"),
    Shown("customer-new", "customer.page", lambda filled: f"/w/{filled.site}", "nobody"),
    Shown("customer", "customer.page", lambda filled: f"/w/{filled.site}", "visitor", main=True),
    Shown("customer-in-a-frame", "customer.page", lambda filled: f"/w/{filled.site}?embed=1", "nobody"),
    Shown("customer-tried", "customer.page", lambda filled: f"/w/{filled.site}"),
    Shown("customer-gone", "", _at("/w/no-such-site"), "nobody"),
    Shown("not-found", "", _at("/there-is-no-such-page")),
)

NO_PAGES = {
    "static": "files",
    "inbox.home": "leads to the inbox",
    "inbox.live": "a stream",
    "conversation.live": "a stream",
    "conversation.canned": "a part of a page",
    "started.look": "leads to the page that says why, unless somebody waits for a search",
    "live.everywhere": "a stream",
    "customer.try_it": "leads to the customer's page",
    "customer.news": "a stream",
    "customer.widget": "a script",
    "history.as_csv": "a file",
    "history.as_json": "a file",
    "health.alive": "for machines",
    "health.ready": "for machines",
    "health.metrics": "for machines",
    "health.description": "for machines",
}
"""GET routes outside `/api/` that draw nothing for a person, and why."""


def too_wide(page: Page) -> list[str]:
    """What sticks out of the window, outside of boxes that scroll by themselves."""
    if page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        return []
    sticking: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
            .slice(0, 5).map(one => one.outerHTML.slice(0, 160))"""
    )
    return sticking or ["something"]
