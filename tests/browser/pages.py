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
    Shown("inbox", "inbox.page", _at("/inbox"), "Olga"),
    Shown("customer", "customer.page", _at("/try")),
    Shown("review", "review.page", _at("/review")),
    Shown("people", "people.page", _at("/people")),
    Shown("people-as-operator", "people.page", _at("/people"), "Olga"),
    Shown("not-found", "", _at("/there-is-no-such-page")),
)

NO_PAGES = {
    "static": "files",
    "health.healthz": "for machines",
    "health.readyz": "for machines",
    "health.metrics": "for machines",
    "customer.try_it": "leads to the customer's page",
    "customer.news": "for the customer's page",
    "customer.widget": "a script",
}
"""GET routes outside `/api/` that draw nothing for a person, and why."""
