"""Every page there is, in one place: what the browser tests go through, and what is photographed. A GET route that stands in no row fails a test."""

from collections.abc import Callable
from dataclasses import dataclass

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
    Shown("review", "review.page", _at("/review"), "Lena", empty=True),
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
    Shown("playground", "playground.page", _at("/playground")),
    Shown("playground-conversation", "playground.page", lambda filled: f"/playground?conversation={filled.talks['taught']}&proposal={filled.proposal}"),
    Shown("more", "more.page", _at("/more")),
    Shown("help", "more.help", _at("/help")),
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
