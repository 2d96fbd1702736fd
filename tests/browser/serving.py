"""`voicegit serve` for browsers: another process on a port of its own, which can be killed and come back on the same one."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, StorageState, expect

START = 60
"""Seconds after which a process that does not start has failed."""


FRESH = 240.0
"""Seconds after which somebody signs in again: who decides must have done so minutes ago."""


@dataclass
class Serving:
    """The service on one workspace. `address` stays the same over restarts."""

    root: Path
    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    address: str = ""
    _process: "subprocess.Popen[str] | None" = None
    _sessions: dict[str, tuple[StorageState, float]] = field(default_factory=dict)

    def start(self) -> None:
        """Returns when it is served. Fails with what the service said when it is not."""
        self.port = self.port or _free_port()
        command = [sys.executable, "-m", "voicegit", "-C", str(self.root), "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environ(), start_new_session=True)
        assert self._process.stdout is not None
        told = ""
        for line in self._process.stdout:
            told += line
            if "Stop with Ctrl-C" in line:
                break
        address = re.search(r"http://[^\s/]+", told)
        assert address is not None, f"the service did not start: {told}"
        self.address = address[0]

    def environ(self) -> dict[str, str]:
        """Of every process that works on this shop: nothing of this machine's own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOICEGIT_", "ANTHROPIC_", "GIT_"))}
        return {**kept, "HOME": str(self.home), **self.settings}

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
        """The cookies of that person: `nobody`, `visitor` (a customer who has written), or somebody of the business, signed in minutes ago."""
        if who == "nobody":
            return None
        made, at = self._sessions.get(who, (None, 0.0))
        if made is None or (who != "visitor" and time.monotonic() - at > FRESH):
            made = self._visited(browser) if who == "visitor" else self._signed_in(browser, who)
            self._sessions[who] = made, time.monotonic()
        return made

    def link_for(self, who: str) -> str:
        """A one-time link, as `voicegit people link` prints it."""
        command = [sys.executable, "-m", "voicegit", "-C", str(self.root), "people", "link", who]
        told = subprocess.run(command, capture_output=True, text=True, check=True, env=self.environ()).stdout
        found = re.search(r"/sign-in\S+", told)
        assert found is not None, told
        return found[0]

    def _signed_in(self, browser: Browser, who: str) -> StorageState:
        context = browser.new_context(base_url=self.address)
        try:
            page = context.new_page()
            page.goto(self.link_for(who))
            page.get_by_role("button", name="Sign in", exact=True).click()
            expect(page).to_have_url(re.compile("/inbox"))
            return context.storage_state()
        finally:
            context.close()

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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
