"""A shop: a real workspace in a temporary folder (real git, real SQLite), with a clock that stands still and a model that says what a test queued."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes import FakeDistiller, FakeModel, FakeModels, FrozenClock
from voicegit import bootstrap
from voicegit.bootstrap import App
from voicegit.domain.ids import ConversationId, MessageId, Revision
from voicegit.domain.people import Person, Role
from voicegit.ports import Transaction, Workspace
from voicegit.services import conversation, exchange, people, review, takeover
from voicegit.services.exchange import Exchange


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees this machine's home, git settings or keys."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_PROFILE", "VOICEGIT_WORKSPACE", "VOICEGIT_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{name}_NAME", raising=False)


@dataclass
class Shop:
    """What most tests need of a workspace, in a few words."""

    app: App
    clock: FrozenClock
    models: FakeModels
    owner: Person

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace

    @property
    def model(self) -> FakeModel:
        return self.models.model

    @property
    def teacher(self) -> FakeDistiller:
        return self.models.teacher

    @property
    def rows(self) -> Transaction:
        return self.workspace.store.read

    def start(self, customer: str | None = None) -> ConversationId:
        return conversation.start(self.workspace, customer=customer).id

    def say(self, talk: ConversationId, text: str) -> Exchange:
        return exchange.say(self.workspace, talk, text)

    def reply(self, talk: ConversationId, text: str, **more: object) -> MessageId:
        return takeover.reply(self.workspace, talk, text, **{"by": self.owner, **more}).id

    def summoned(self, text: str = "My vase is broken", customer: str | None = None) -> ConversationId:
        """A conversation in which a person was called."""
        talk = self.start(customer)
        assert self.say(talk, text).answer == "summon"
        return talk

    def taken_over(self, text: str, words: str, customer: str | None = None) -> ConversationId:
        talk = self.summoned(text, customer)
        self.reply(talk, words)
        takeover.hand_back(self.workspace, talk)
        return talk

    def release(self, files: dict[str, str | None], title: str = "A change") -> Revision:
        """Files made live by the owner."""
        content = {path: None if text is None else text.encode() for path, text in files.items()}
        name = review.propose(self.workspace, content, title=title, by=self.owner)
        return review.approve(self.workspace, name, by=self.owner)

    def person(self, name: str, role: Role) -> Person:
        return people.add(self.workspace, name, role=role)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One workspace, made once and copied for each test: making one costs a second of waiting for the disk."""
    root = tmp_path_factory.mktemp("made") / "shop"
    bootstrap.create_workspace(root, owner="Maria")
    return root


@pytest.fixture
def shop(tmp_path: Path, _made: Path) -> Iterator[Shop]:
    """The starter business."""
    shutil.copytree(_made, tmp_path / "shop")
    clock, models = FrozenClock(), FakeModels()
    app = bootstrap.open_app(tmp_path / "shop", clock=clock)
    app = replace(app, workspace=replace(app.workspace, models=models))
    yield Shop(app, clock, models, people.named(app.workspace, None))
    app.close()


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Callable[[], App]]:
    """Opens the shop again as another process would; closed at the end."""
    apps: list[App] = []

    def again() -> App:
        apps.append(bootstrap.open_app(tmp_path / "shop"))
        return apps[-1]

    yield again
    for app in apps:
        app.close()
