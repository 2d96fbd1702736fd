"""The whole story through the pages: asked, answered, left to a person, taught, proposed, approved, used, explained and taken back.

On a phone and at a desk; and once more without scripts, where forms and links do it all.
"""

import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve, Visit
from tests.browser.filled import BRONX, BRONX_ANSWER
from tests.browser.serving import Serving

SORRY = "I'm so sorry to hear that. I will stop by {when} to see it in person."
CLAIMS = {
    "Your cleaners broke my grandmother's vase": SORRY.format(when="tomorrow morning"),
    "There is a long scratch on my oak table since your team was here": SORRY.format(when="this evening"),
}
BAG = "Someone spilled lipstick in my white Valentino bag!"
FOURTH = "One of your people knocked over my lamp and it is broken"
COMES = 40.0
"""Seconds after which what a page without scripts is asked for again and again has not come."""


@dataclass
class Story:
    """Everybody in it, each in a browser of their own. Customers write at one address; the team works where the tabs lead."""

    visit: Visit
    shop: Serving
    size: str
    scripts: bool
    address: str = ""
    customers: dict[str, Page] = field(default_factory=dict)

    def person(self, who: str) -> Page:
        return self.visit(self.shop, who, size=self.size, scripts=self.scripts)

    # ---- customers

    def writes(self, customer: str, text: str, *, known: str | None = None) -> None:
        """A customer's message. The first one of somebody `known` is written by Maria, who tries it with that customer's record."""
        page = self.customers.get(customer)
        if page is None:
            page = self.customers[customer] = self.person("Maria" if known else "nobody")
            page.goto("/try" if known else self.address)
            if known:
                self.address = page.url.partition("#")[0]
                page.get_by_text("write as a customer you know").click()
                page.get_by_label("The customer's name").fill(known)
        page.get_by_label("Your message").fill(text)
        page.get_by_role("button", name="Send").click()

    def reads(self, customer: str, text: str, *, by: str) -> None:
        """That comes to the customer, and says who it is from."""
        bubble = self.customers[customer].locator("li.said", has_text=text).last
        self._comes(self.customers[customer], bubble)
        expect(bubble.locator(".who")).to_contain_text(by)

    def _comes(self, page: Page, what: object) -> None:
        if self.scripts:
            expect(what).to_be_visible()  # type: ignore[call-overload]
            return
        until = time.monotonic() + COMES
        while not what.is_visible() and time.monotonic() < until:  # type: ignore[attr-defined]
            page.get_by_role("link", name="Look again").click()
        expect(what).to_be_visible()  # type: ignore[call-overload]

    # ---- the team

    def opens(self, page: Page, words: str, *, tab: str = "summons") -> None:
        """The conversation whose row shows these words."""
        page.goto(f"/inbox?tab={tab}")
        page.locator("a.line", has_text=words).first.click()
        expect(page.get_by_role("log")).to_contain_text(words)

    def takes_over(self, page: Page, claim: str, words: str, *, teaches: str | None = None) -> None:
        self.opens(page, claim)
        expect(page.get_by_role("heading", name="I stopped to ask you")).to_be_visible()
        page.locator("#text").fill(words)
        if teaches:
            page.locator("#composer summary", has_text="Teach").click()
            page.locator("#composer").get_by_label(teaches).check()
        page.get_by_role("button", name="Send to").click()
        expect(page.get_by_role("log")).to_contain_text(words)

    def rejects(self, page: Page, answer: str, reason: str) -> None:
        line = page.locator("li.said.model", has_text=answer).last
        line.get_by_text("Good or wrong?").click()
        line.get_by_label("Wrong, because …").fill(reason)
        line.get_by_role("button", name="Wrong", exact=True).click()
        expect(page.get_by_text("You said: wrong")).to_be_visible()

    def distils(self) -> None:
        """By hand: by itself it would wait for twenty lessons."""
        command = [sys.executable, "-m", "voicegit", "-C", str(self.shop.root), "distill"]
        subprocess.run(command, check=True, capture_output=True, env=self.shop.environ())

    def approves(self, page: Page) -> None:
        """Opens the only proposal, accepts each change after reading it, and approves exactly what the last page shows."""
        page.goto("/review")
        page.locator("a.line").first.click()
        expect(page.get_by_text("4 conversations")).to_be_visible()
        expect(page.get_by_text("unfortunately").first).to_be_visible()
        for card in page.locator("article.change").all():
            card.get_by_role("button", name=re.compile("^Accept")).click()
            expect(card.get_by_text("You accept this")).to_be_visible()
        page.get_by_role("link", name=re.compile("^Approve")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The exact text that goes live")
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.get_by_text("Live.", exact=True)).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(("size", "scripts"), [("phone", True), ("desk", True), ("phone", False)], ids=["phone", "desk", "without-scripts"])
def test_the_whole_story(size: str, scripts: bool, visit: Visit, serve: Serve, made: Path) -> None:
    story = Story(visit, serve(made), size, scripts)

    # What it knows, it answers.
    story.writes("Dana", "Which team came to my house yesterday?", known="Dana Reyes")
    story.reads("Dana", "That was Mike & Bob. How can I help?", by="AI")
    story.writes("Dana", "Do you have anything on Thursday?")
    story.reads("Dana", "10 am", by="AI")

    # What it does not know, it leaves to a person, whose words go out as they are.
    story.writes("Dana", BAG)
    story.reads("Dana", "One moment, please", by="AI")
    for number, claim in enumerate(CLAIMS):
        story.writes(f"customer {number}", claim)
        story.reads(f"customer {number}", "One moment, please", by="AI")
    olga = story.person("Olga")
    story.takes_over(olga, BAG, SORRY.format(when="this afternoon"), teaches="how we handle it")
    for claim, words in CLAIMS.items():
        story.takes_over(olga, claim, words)
    story.reads("Dana", SORRY.format(when="this afternoon"), by="Olga")
    for number, words in enumerate(CLAIMS.values()):
        story.reads(f"customer {number}", words, by="a person of")
    story.writes("Dana", "Thank you, that is very kind of you")
    expect(story.customers["Dana"].locator("li.said.model")).to_have_count(4)

    # A reply that was wrong is rejected, with the reason.
    story.writes("customer 3", BRONX)
    story.reads("customer 3", BRONX_ANSWER, by="AI")
    maria = story.person("Maria")
    story.opens(maria, "Bronx", tab="all")
    story.rejects(maria, BRONX_ANSWER, 'we never say "unfortunately"')

    # What was learned is proposed, read, approved, and used.
    story.distils()
    story.approves(maria)
    live = maria.url
    story.writes("customer 4", FOURTH)
    story.reads("customer 4", "I'm so sorry to hear that", by="AI")
    story.writes("customer 5", BRONX)
    story.reads("customer 5", "One moment, please", by="AI")
    expect(story.customers["customer 5"].get_by_text("Unfortunately")).to_have_count(0)

    # Why did it say that?
    story.opens(maria, "my lamp", tab="all")
    maria.get_by_text("Why did it say that?").click()
    if not scripts:
        maria.get_by_role("link", name="Show where it comes from").click()
    because = maria.locator(".because")
    expect(because).to_contain_text("It went by")
    expect(because).to_contain_text("Olga")
    expect(because).to_contain_text(re.compile("pproved by Maria|Maria approved"))

    # Undone, the same message calls a person again.
    maria.goto(live)
    maria.get_by_role("button", name=re.compile("^Undo")).click()
    expect(maria.get_by_text("Taken back", exact=True)).to_be_visible()
    story.writes("customer 6", FOURTH)
    story.reads("customer 6", "One moment, please", by="AI")
