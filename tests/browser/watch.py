"""What no page may do in any test: an error on its console, an exception, a report of the content security policy, a dialog, a request elsewhere."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, WebError

REPORTS = """
document.addEventListener("securitypolicyviolation", event => {
  console.error("content security policy: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample);
});
"""

LATE = r"status of 409 .*/draft\)"
"""A draft that is kept after its reply was sent is refused; the page asks, to know whether to forget it."""


@dataclass
class Watch:
    """Over every page of a test. `allow` takes what a test brings about on purpose: an answer's status, a connection that is gone."""

    address: str
    seen: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=lambda: [LATE])

    def over(self, context: BrowserContext, *, scripts: bool = True) -> None:
        if scripts:
            context.add_init_script(REPORTS)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)
        context.on("request", self._request)

    def allow(self, *patterns: str) -> None:
        """Console messages that match one of these are as they should be, for example `409` or `ERR_CONNECTION_REFUSED`."""
        self._allowed += patterns

    def unexpected(self) -> list[str]:
        return [one for one in self.seen if not any(re.search(pattern, one) for pattern in self._allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self.seen.append(f"exception: {error.error}")

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()
            return
        self.seen.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:", "about:")):
            self.seen.append(f"request elsewhere: {request.url}")
