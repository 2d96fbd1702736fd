"""The ways in that this process gives out: one-time links, tries at codes and passphrases counted, a printed link once a minute."""

from datetime import timedelta
from ipaddress import ip_address

from voicegit.domain.ids import PersonId
from voicegit.domain.signin import SOON
from voicegit.ports import Workspace
from voicegit.services import signin
from voicegit_web.pace import Pace, TooOften

TRIES = 10
"""Wrong codes and passphrases a minute from one address."""

TRIES_ON_ONE = 5
"""Wrong passphrases a minute for one person, from wherever."""


class Links:
    """Counts in memory; the links themselves are rows, which any process may make."""

    def __init__(self, workspace: Workspace, pace: Pace) -> None:
        self._workspace = workspace
        self._pace = pace

    def issue(self, person: PersonId, *, life: timedelta = SOON) -> str:
        return signin.link(self._workspace, person, life=life)

    def may_ask(self) -> bool:
        """Whether a stranger may have a new link printed now; at most one a minute."""
        return self._pace.take([("a link, printed", 1)])

    def begin(self, address: str | None, name: str | None = None) -> list[str]:
        """Counts one try before anybody looks at it, so that many at once are not more. Raises `TooOften`."""
        limits = [(f"try from {_of(address)}", TRIES), *([(f"try as {name.strip().casefold()[:120]}", TRIES_ON_ONE)] if name is not None else [])]
        if not self._pace.take(limits):
            raise TooOften("That was wrong too often. Wait a minute, then try again; nothing else is needed.")
        return [name for name, _ in limits]

    def right(self, begun: list[str]) -> None:
        """A try that was right does not count."""
        self._pace.give_back(begun)


def _of(address: str | None) -> str:
    """Whoever has one address of the sixth version has a whole network of them."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "somewhere"
    return str(found) if found.version == 4 else found.exploded[:19]
