"""A shop after some weeks of work, made through the services and the embedded model: every page has something to show, and every word is believable."""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from voicegit import bootstrap, resources
from voicegit.adapters.clock import SystemClock
from voicegit.domain.conversation import Author, MessageKind
from voicegit.domain.ids import ConversationId, MessageId
from voicegit.domain.judgement import Choice
from voicegit.domain.people import Person, Role
from voicegit.domain.signal import SignalKind
from voicegit.domain.token import Scope
from voicegit.ports import Workspace
from voicegit.services import conversation, distill, exchange, feedback, judgement, people, review, rollback, site, takeover, token, worker

BRONX = "Do you clean in the Bronx?"
BRONX_ANSWER = "Unfortunately we don't clean in the Bronx. We clean in Brooklyn and Queens."

WINDOWS = b"""---
title: Windows
topics: [windows, prices]
---

- Inside windows are part of a deep clean
- We don't clean windows from outside
"""

SNOW = b"""---
title: When it snows
topics: [snow, delay]
---

- Call before the visit when the roads are closed
- Offer the next free day without asking for a reason
"""


@dataclass
class Filled:
    """Where things are in the full shop."""

    talks: dict[str, ConversationId] = field(default_factory=dict)
    """By what they are: answered, handed_back, taught, resolved, rejected, held, noted, waiting, newest …"""

    proposal: str = ""
    """What a distillation proposes, with evidence."""

    second: str = ""
    """What a person proposes."""

    chosen: str = ""
    """A person's proposal on which Maria has chosen, and not decided."""

    release: str = ""
    site: str = ""
    """The token in the address of the customers' page."""

    taught_reply: str = ""
    """A reply of the model that rests on a rule that people taught."""


class Moved:
    """A clock that is moved by hand."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._ids = SystemClock()

    def now(self) -> datetime:
        return self._now

    def new_id(self) -> str:
        return self._ids.new_id()

    def pass_(self, **time: float) -> None:
        self._now += timedelta(**time)


def make(root: Path) -> None:
    """The starter business, answering at once, with Maria (owner), Lena (lead) and Olga (operator), one customer record, and nothing said yet."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "starter"
        shutil.copytree(resources.starter(), source)
        policy, areas = source / "policy.toml", source / "facts" / "areas.md"
        policy.write_text(policy.read_text("utf-8").replace("burst_seconds = 2.0", "burst_seconds = 0.0"), "utf-8")
        areas.write_text(f"{areas.read_text('utf-8')}\n> **Customer:** {BRONX}\n>\n> **Us:** {BRONX_ANSWER}\n", "utf-8")
        bootstrap.create_workspace(root, owner="Maria", source=source)
    with bootstrap.opened(root) as app:
        people.add(app.workspace, "Lena", role=Role.LEAD)
        people.add(app.workspace, "Olga", role=Role.OPERATOR)
        people.set_customer(app.workspace, "Dana Reyes", fields={"team": "Mike & Bob", "last_visit": "yesterday"}, contacts=["dana@example.com"])


def fill(root: Path) -> Filled:
    """Two weeks of conversations, lessons, releases, and what waits today."""
    clock = Moved(datetime.now(UTC).replace(minute=5, second=0, microsecond=0) - timedelta(days=13))
    app = bootstrap.open_app(root, provider="local", clock=clock)
    try:
        return _Weeks(app.workspace, clock).live()
    finally:
        app.close()


class _Weeks:
    def __init__(self, workspace: Workspace, clock: Moved) -> None:
        self._workspace = workspace
        self._clock = clock
        self._filled = Filled()
        self._maria, self._lena, self._olga = (people.named(workspace, name) for name in ("Maria", "Lena", "Olga"))

    def live(self) -> Filled:
        self._records()
        self._first_week()
        self._second_week()
        self._today()
        return self._filled

    # ---- the weeks

    def _records(self) -> None:
        people.set_customer(self._workspace, "Lee Wong", fields={"team": "Ada & Tom"}, notes="Has a dog; the key is with the neighbour.")
        token.issue(self._workspace, "our website", scope=Scope.CUSTOMER)
        self._filled.site = site.first(self._workspace).token

    def _first_week(self) -> None:
        """Three damage claims and a word that the owner dislikes become the first proposal, which goes live."""
        dana = self._talk("handed_back", "Dana Reyes", "Which team came to my house yesterday?", "Do you have anything on Thursday?")
        self._say(dana, "Someone spilled lipstick in my white Valentino bag!")
        self._take_over(dana, self._maria, "I'm so sorry to hear that. I will stop by this afternoon to see it in person.")
        self._say(dana, "Thank you, that is very kind of you")
        lee = self._talk("taught", "Lee Wong", "Your cleaners broke my grandmother's vase")
        self._take_over(lee, self._olga, "I'm so sorry to hear that. I will stop by tomorrow morning to see it in person.")
        sam = self._talk("resolved", "Sam Ortiz", "There is a long scratch on my oak table since your team was here")
        self._take_over(sam, self._maria, "I'm so sorry to hear that. I will stop by this evening to see it in person.")
        takeover.resolve(self._workspace, sam)
        pat = self._talk("rejected", "Pat Lin", BRONX)
        feedback.give(self._workspace, self._answer(pat), SignalKind.REJECTION, by=self._maria, reason='we never say "unfortunately"')
        self._clock.pass_(days=1)
        run = distill.distill(self._workspace)
        assert run.proposal is not None, run.summary
        self._clock.pass_(hours=2)
        self._filled.release = review.approve(self._workspace, run.proposal, by=self._maria)
        kim = self._talk("answered", "Kim Park", "One of your people knocked over my lamp and it is broken")
        self._filled.taught_reply = self._answer(kim)
        feedback.give(self._workspace, self._answer(kim), SignalKind.APPROVAL, by=self._lena)

    def _second_week(self) -> None:
        """One decision that was taken back, one that was declined."""
        self._clock.pass_(days=3)
        sundays = review.propose(
            self._workspace,
            {"facts/sundays.md": b"---\ntitle: Sundays\n---\n\n- In December we also clean on Sundays, 10 am to 4 pm\n"},
            title="Open on Sundays in December",
            by=self._lena,
        )
        live = review.approve(self._workspace, sundays, by=self._maria)
        self._clock.pass_(days=1)
        rollback.rollback(self._workspace, live, by=self._maria, reason="Tom and Ada are away in December")
        jokes = review.propose(
            self._workspace,
            {"voice/jokes.md": b"---\ntitle: A joke now and then\n---\n\n- End a long answer with a small joke about dust\n"},
            title="A joke now and then",
            by=self._lena,
        )
        self._clock.pass_(hours=3)
        review.decline(self._workspace, jokes, reason="Customers who wait for an answer do not want to be entertained", by=self._maria)
        self._filled.second = review.propose(
            self._workspace,
            {"facts/windows.md": WINDOWS},
            title="What we say about windows",
            by=self._lena,
            why="Three customers asked this month, and each got another answer.",
        )
        self._filled.chosen = self._chosen()
        self._late_fees()

    def _chosen(self) -> str:
        """A proposal by hand that Maria has accepted and not approved yet."""
        name = review.propose(
            self._workspace, {"situations/snow.md": SNOW}, title="When it snows", by=self._lena, why="Last winter nobody knew who calls whom."
        )
        head = review.show(self._workspace, name).head
        judgement.judge(self._workspace, name, "situations/snow.md", choice=Choice.ACCEPT, by=self._maria, head=head)
        return name

    def _late_fees(self) -> None:
        """Lessons for the proposal that waits: the same question, answered by two people."""
        self._clock.pass_(days=3)
        for name, asked, words in (
            (
                "Ines Costa",
                "You charged me twice this month, I want my money back",
                "You're right, that was our mistake. I'm sending the second payment back today.",
            ),
            (
                "Omar Aziz",
                "I was billed twice for one visit, please refund me",
                "You're right, that was our mistake. I'm sending the second payment back today.",
            ),
            (
                "Ruth Klein",
                "Why was my card charged two times? I want a refund",
                "You're right, that was our mistake. I'm sending the second payment back tonight.",
            ),
        ):
            talk = self._talk(f"paid twice: {name}", name, asked)
            self._take_over(talk, self._olga, words)
        self._clock.pass_(hours=12)
        run = distill.distill(self._workspace)
        assert run.proposal is not None, run.summary
        self._filled.proposal = run.proposal

    def _today(self) -> None:
        today = datetime.now(UTC) - timedelta(minutes=95)
        self._clock.pass_(seconds=max(0.0, (today - self._clock.now()).total_seconds()))
        self._talk("thursday", "Ana Sousa", "Do you have anything on Thursday?", "Great, thanks!")
        later = self._talk("snoozed", "Tom Becker", "My daughter fell on the wet floor, who pays for the doctor?")
        self._reply(later, self._olga, "I'm so sorry, Tom. I am asking our insurance and will write to you tomorrow morning.")
        conversation.snooze(self._workspace, later, datetime.now(UTC) + timedelta(hours=16), self._olga)
        held = self._talk("held", "Marta Vidal", "Where are my keys? Nobody gave them back", "I'm really upset, this is the second time")
        self._clock.pass_(minutes=20)
        self._reply(held, self._olga, "I'm on it, Marta. I'll call Ada right away and write to you within the hour.")
        noted = self._talk("noted", "Jordan Blake", "I want to speak to a real person please")
        conversation.note(self._workspace, noted, "He called at noon as well. It is about the key handover on Friday.", by=self._lena)
        self._clock.pass_(minutes=40)
        self._talk("waiting", "Priya Nair", "A ring is missing since Tuesday. If it does not turn up I will call my lawyer")
        self._clock.pass_(minutes=20)
        self._talk("newest", None, "My neighbour slipped on the wet stairs after your team left, is that your insurance?")
        self._clock.pass_(minutes=11)

    # ---- what people and customers do

    def _talk(self, kind: str, customer: str | None, *said: str) -> ConversationId:
        talk = conversation.start(self._workspace, customer=customer).id
        self._filled.talks[kind] = talk
        for text in said:
            self._say(talk, text)
        return talk

    def _say(self, talk: ConversationId, text: str) -> None:
        self._clock.pass_(seconds=75)
        exchange.say(self._workspace, talk, text)

    def _reply(self, talk: ConversationId, by: Person, words: str) -> None:
        self._clock.pass_(minutes=3)
        takeover.reply(self._workspace, talk, words, by=by)
        self._clock.pass_(seconds=30)
        worker.deliver_due(self._workspace)

    def _take_over(self, talk: ConversationId, by: Person, words: str) -> None:
        self._reply(talk, by, words)
        takeover.hand_back(self._workspace, talk)
        self._clock.pass_(hours=2)

    def _answer(self, talk: ConversationId) -> MessageId:
        said = self._workspace.store.read.messages.first(conversation=talk, author=Author.MODEL, kind=MessageKind.SPOKEN, order="-seq")
        assert said is not None, f"the model did not answer in {talk}"
        return said.id
