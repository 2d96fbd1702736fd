"""Puts a workspace together: the only module that picks adapters."""

import json
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from voicegit import config, resources
from voicegit.adapters import folder
from voicegit.adapters.apprise import AppriseNotifier
from voicegit.adapters.clock import SystemClock
from voicegit.adapters.database import Database
from voicegit.adapters.git_directives import GitDirectives, create
from voicegit.adapters.git_push import install_hooks
from voicegit.adapters.models.chosen import ChosenModels
from voicegit.config import Settings
from voicegit.domain import proposal, tree
from voicegit.domain.decision import Decision, DecisionKind, DecisionState
from voicegit.domain.ids import DecisionId, PersonId, Revision
from voicegit.domain.people import Person, Role
from voicegit.errors import Conflict, Invalid
from voicegit.ports import Clock, NoChannels, Notifier, Signature, Workspace
from voicegit.services import intent, people, promise

DATABASE = "voicegit.db"
REPOSITORY = "directives.git"


@dataclass(frozen=True)
class App:
    """An opened workspace, where it lies, and how this machine runs it."""

    root: Path
    settings: Settings
    workspace: Workspace
    database: Database
    directives: GitDirectives

    @property
    def people_open(self) -> str:
        """The address that people open, without a slash at the end."""
        return config.people_open(self.root, self.settings)

    def close(self) -> None:
        self.database.close()


def open_app(root: Path, *, provider: str | None = None, clock: Clock | None = None) -> App:
    """Opens a workspace, brings its schema up to date, and finishes what a crash left. Raises `NotFound` when there is none."""
    settings = config.read(root)
    database = Database(root / DATABASE)
    database.migrate()
    directives = GitDirectives(root / REPOSITORY)
    workspace = Workspace(database, directives, ChosenModels(provider or settings.provider), clock or SystemClock(), _notifier(settings))
    intent.recover(workspace)
    return App(root, settings, workspace, database, directives)


def _notifier(settings: Settings) -> Notifier:
    return AppriseNotifier(settings.notify, settings.opened_at) if settings.notify else NoChannels(address=settings.opened_at)


def served_at(app: App, settings: Settings) -> App:
    """The same workspace as `voicegit serve` runs it: with other settings than those of its file."""
    return replace(app, settings=settings, workspace=replace(app.workspace, notifier=_notifier(settings)))


@contextmanager
def opened(root: Path, *, provider: str | None = None) -> Iterator[App]:
    app = open_app(root, provider=provider)
    try:
        yield app
        promise.catch_up(app.workspace)
    finally:
        app.close()


def create_workspace(root: Path, *, owner: str, name: str | None = None, source: Path | None = None) -> Revision:
    """Makes a workspace from the starter (or the directives in `source`) and its first person, the owner.

    It appears whole or not at all. Raises `Conflict` for a folder that is not empty, `Invalid` with findings for directives that cannot be served.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Conflict(f"{root} is not empty; nothing was written. Choose a new folder.")
    entries = folder.entries(source or resources.starter())
    if name is not None and "policy.toml" in entries:
        entries["policy.toml"] = replace(entries["policy.toml"], content=_named(entries["policy.toml"].content, name))
    _, _, findings = tree.lint(entries)
    if findings:
        raise Invalid(f"These directives cannot be served, so no workspace was made: {findings[0]}", findings)
    files = {path: entry.content for path, entry in entries.items()}
    owner = people.fit_name(owner)
    made = root.with_name(f".{root.name}.{uuid.uuid4().hex[:12]}")
    try:
        revision = _fill(made, files, owner)
        if root.exists():
            root.rmdir()
        made.rename(root)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return revision


def _fill(root: Path, files: dict[str, bytes], owner: str) -> Revision:
    clock = SystemClock()
    root.parent.mkdir(parents=True, exist_ok=True)
    # Customers' words lie in it: for this user alone.
    root.mkdir(mode=0o700)
    (root / config.FILE).write_text("# How this machine runs the workspace. What the business has decided is in policy.toml, under review.\n")
    person = Person(PersonId(clock.new_id()), owner, Role.OWNER, clock.now())
    words = proposal.message("The directives that this workspace began with", [], [])
    revision = create(root / REPOSITORY, files, message=words, author=Signature(person.name, person.id, person.created_at))
    install_hooks(root / REPOSITORY)
    database = Database(root / DATABASE)
    try:
        database.migrate()
        id = DecisionId(clock.new_id())
        first = Decision(id, DecisionKind.INIT, person.id, person.created_at, proposal.MAIN, revision, None, state=DecisionState.DONE)
        database.write(lambda tx: (tx.people.add(person), tx.decisions.add(first)))
    finally:
        database.close()
    return revision


def _named(policy: bytes, name: str) -> bytes:
    """The policy with the business's name in it, everything else as it is."""
    text = policy.decode()
    line = f"name = {json.dumps(name, ensure_ascii=False)}"
    if re.search(r"(?m)^\[business\]\s*$", text) is None:
        return f"[business]\n{line}\n\n{text}".encode()
    if re.search(r"(?ms)^\[business\]\s*$[^\[]*?^name\s*=", text):
        return re.sub(r"(?ms)(^\[business\]\s*$[^\[]*?)^name\s*=[^\n]*", lambda m: m[1] + line, text, count=1).encode()
    return re.sub(r"(?m)^\[business\]\s*$", lambda m: f"{m[0]}\n{line}", text, count=1).encode()
