"""`voicegit serve` for browsers: another process on a port of its own, which can be killed and come back on the same one."""

import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, StorageState, expect

START = 60
"""Seconds after which a process that does not start has failed."""


@dataclass
class Serving:
    """The service on one workspace. `address` stays the same over restarts."""

    root: Path
    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    address: str = ""
    link: str = ""
    """The owner's one-time link, as the terminal shows it."""

    _process: "subprocess.Popen[str] | None" = None
    _sessions: dict[str, StorageState] = field(default_factory=dict)

    def start(self) -> None:
        """Returns when it is served. Fails with what the service said when it is not."""
        self.port = self.port or _free_port()
        command = [sys.executable, "-m", "voicegit", "-C", str(self.root), "serve", "--port", str(self.port)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOICEGIT_", "ANTHROPIC_", "GIT_"))}
        environ = {**kept, "HOME": str(self.home), **self.settings}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ, start_new_session=True)
        assert self._process.stdout is not None
        told = ""
        for line in self._process.stdout:
            told += line
            if "Stop with Ctrl-C" in line:
                break
        address, link = re.search(r"http://[^\s/]+", told), re.search(r"http://\S+/sign-in\S+", told)
        assert address is not None, f"the service did not start: {told}"
        self.address, self.link = address[0], link[0] if link else ""

    def stop(self) -> None:
        """A polite end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """An end without a word, workers included."""
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if sign is signal.SIGKILL:
            os.killpg(process.pid, sign)
        else:
            process.send_signal(sign)
        try:
            process.communicate(timeout=START)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=START)
            raise

    # ---- who is signed in

    def session(self, browser: Browser, who: str) -> StorageState | None:
        """The cookies of that person: `nobody`, `visitor` (a customer who has written), `Maria` (the owner, by the terminal's link), or anybody of hers."""
        if who == "nobody":
            return None
        if who == "visitor" and who not in self._sessions:
            self._sessions[who] = self._visited(browser)
        if who not in self._sessions:
            link = self.link if who == "Maria" else self._link_for(browser, who)
            context = browser.new_context(base_url=self.address)
            try:
                self._sessions[who] = _signed_in(context, link)
            finally:
                context.close()
        return self._sessions[who]

    def _visited(self, browser: Browser) -> StorageState:
        """A customer with a question that is answered, and one that is left to a person."""
        context = browser.new_context(base_url=self.address, storage_state=self.session(browser, "Maria"))
        try:
            page = context.new_page()
            page.goto("/try")
            token = page.url.rpartition("/")[2]
        finally:
            context.close()
        context = browser.new_context(base_url=self.address)
        try:
            page = context.new_page()
            page.goto(f"/w/{token}")
            for text, then in (("Do you have anything on Thursday?", "This helped"), ("My vase is in pieces since you were here", "has been asked")):
                page.get_by_label("Your message").fill(text)
                page.get_by_role("button", name="Send").click()
                expect(page.locator("main")).to_contain_text(then, timeout=START * 1000)
            return context.storage_state()
        finally:
            context.close()

    def _link_for(self, browser: Browser, who: str) -> str:
        context = browser.new_context(base_url=self.address, storage_state=self.session(browser, "Maria"))
        try:
            page = context.new_page()
            page.goto("/people")
            page.locator("li", has_text=who).get_by_role("button", name="Sign-in link").click()
            return page.locator("code.link").inner_text()
        finally:
            context.close()


def _signed_in(context: BrowserContext, link: str) -> StorageState:
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/inbox"))
    return context.storage_state()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
