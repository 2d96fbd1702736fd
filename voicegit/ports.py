"""What services need from the outside, as protocols. Adapters fulfil them; `bootstrap` picks which."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from random import SystemRandom
from typing import Any, Protocol, TypeVar

from voicegit.domain.composing import Composing
from voicegit.domain.conversation import Conversation, Message
from voicegit.domain.decision import Decision
from voicegit.domain.distillation import Distillation
from voicegit.domain.erasure import Erasure
from voicegit.domain.gate import Draft
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.judgement import Judgement
from voicegit.domain.judging import Judged, Judging
from voicegit.domain.material import Distilled, Material
from voicegit.domain.mistake import Mistake
from voicegit.domain.notice import Channel, Notice, Told
from voicegit.domain.people import Customer, Person
from voicegit.domain.policy import Policy
from voicegit.domain.promise import Curve, Promise, Reviewed
from voicegit.domain.replayed import Replay, Replayed
from voicegit.domain.signal import Signal
from voicegit.domain.signin import Link, Passphrase
from voicegit.domain.site import Rating, Site
from voicegit.domain.summon import Summon
from voicegit.domain.token import Token
from voicegit.domain.tree import Entry
from voicegit.domain.turn import Question, Turn
from voicegit.domain.work import Delivery, Event, Job, Remembered
from voicegit.errors import Finding, Unavailable

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, in UTC."""

    def new_id(self) -> str:
        """A UUID whose order is its age (RFC 9562, version 7)."""


class ChatModel(Protocol):
    def answer(self, question: Question, *, deadline: float) -> Draft:
        """One try at one turn, within `deadline` seconds. Raises `ModelFailure` when nothing usable came."""


class Distiller(Protocol):
    def distill(self, material: Material) -> Distilled:
        """Operations on exact rules, each with its evidence. Raises `ModelFailure` when nothing usable came."""


class Judge(Protocol):
    @property
    def costs(self) -> float | None:
        """What one judgement costs at about, in US dollars; None where the price is not known."""

    def judge(self, judging: Judging) -> Judged:
        """An opinion on two texts. Raises `ModelFailure` when nothing usable came."""


class Models(Protocol):
    """The models that a policy names."""

    def chat(self, policy: Policy) -> ChatModel: ...

    def distiller(self, policy: Policy) -> Distiller: ...

    def grouping(self) -> "Grouping": ...

    def judge(self, policy: Policy) -> Judge | None:
        """Who tells whether two texts say the same; None where plain means have to do."""

    def ready(self, policy: Policy) -> tuple[bool, str]:
        """Whether the model could be asked now, as far as can be told without asking it, and what to read about that."""

    def charges(self, policy: Policy) -> bool:
        """Whether an answer costs money, because an outside service is asked."""

    def costs(self, known: DirectiveSet) -> float | None:
        """What one answer under this set costs at about, in US dollars at list prices; 0.0 where nothing is charged, None where the price is not known."""

    def warm(self, known: DirectiveSet, today: date) -> None:
        """Does ahead what the first turn under this set would wait for: imports, an index. For a background thread."""


class Grouping(Protocol):
    def group(self, texts: Sequence[str]) -> list[int]:
        """For each text the number of the group of alike situations it belongs to, from 0."""


# ---- git


@dataclass(frozen=True)
class Commit:
    """One commit as git tells it. `at` is the author's time; `files` maps paths to what changed (A, M or D) against the first parent."""

    id: Revision
    parents: tuple[Revision, ...]
    author: str
    at: datetime
    title: str
    body: str
    trailers: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...] = ()

    def trailer(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.trailers if key == name)


@dataclass(frozen=True)
class Branch:
    """An open proposal as git holds it: its tip, and the commit of `main` it grew from."""

    proposal: ProposalId
    head: Revision
    base: Revision


@dataclass(frozen=True)
class Line:
    """One line of a file and the commit that last wrote it. `number` is 1-based. `path` is where it stood in that commit, as far as git could tell."""

    number: int
    text: str
    commit: Revision
    path: str = ""


@dataclass(frozen=True)
class Signature:
    """Who a commit is by: a person's name, and an id in place of an e-mail address (opaque, resolved in the database)."""

    name: str
    id: str
    at: datetime


class GitWriter(Protocol):
    """Writes objects and moves refs, under the one lock. Objects alone change nothing that anybody reads."""

    def commit(self, base: Revision | None, changes: Mapping[str, bytes | None], *, message: str, author: Signature) -> Revision:
        """A commit on `base` (None: a root) with these files written (None: deleted). Moves no ref."""

    def merge(self, proposal: Revision, *, message: str, author: Signature) -> Revision | None:
        """A merge commit of `main` and a proposal's head; None when the two clash. Moves no ref."""

    def revert(self, release: Revision, *, message: str, author: Signature) -> Revision | None:
        """A commit on `main` that takes back one merge (against its first parent) or one plain commit, keeping what came later.

        None where git's merge finds no answer: on a clash, or when it sees nothing left to take back.
        """

    def drop(self, *revisions: Revision) -> None:
        """Takes out for good what nothing but these commits leads to: no ref may name them. What is not there any more is passed over."""

    def move(self, *moves: "Move") -> None:
        """All of these ref moves or none. Raises `Conflict` when a ref is not where it was said to be."""


@dataclass(frozen=True)
class Move:
    """Compare-and-swap of one full ref name. `old` None: it must not exist yet. `new` None: delete it."""

    ref: str
    old: Revision | None
    new: Revision | None


class Directives(Protocol):
    """The directives repository. Names from outside never come here: `resolve` turns them into revisions first."""

    def head(self) -> Revision:
        """Where `main` is. Reads a small file; starts no process."""

    def serving(self) -> DirectiveSet:
        """The set at `main`, or at the last revision of it that is valid. Cached by revision."""

    def at(self, revision: Revision) -> DirectiveSet:
        """The checked set at any revision. Raises `Invalid` with findings."""

    def resolve(self, name: str) -> Revision:
        """The full commit id behind what somebody typed. Raises `NotFound`."""

    def commit(self, revision: Revision) -> Commit: ...

    def log(self, revision: Revision, *, first_parent: bool = False, limit: int | None = None, path: str | None = None) -> list[Commit]:
        """Commits from newest to oldest."""

    def contains(self, revision: Revision, *, within: Revision) -> bool:
        """Whether `revision` is an ancestor of `within`, or the same."""

    def blame(self, revision: Revision, path: str) -> list[Line]: ...

    def diff(self, base: Revision, head: Revision, *, words: bool = False) -> str:
        """A unified diff as git writes it; with `words`, its porcelain word diff."""

    def patches(self, revisions: Collection[Revision]) -> dict[Revision, str]:
        """What each of these commits changed against its first parent, as unified diffs that tell renames; of the first commit of all, everything."""

    def trouble(self) -> tuple[Finding, ...]:
        """Why `main` itself is not what is served; empty when it is."""

    def next_proposal(self) -> ProposalId:
        """The number after the highest ever used. Ask under `writing`."""

    def entries(self, revision: Revision) -> dict[str, Entry]:
        """Every entry of a revision's tree, unchecked, by path."""

    def proposals(self) -> list[Branch]:
        """The open proposals, oldest first."""

    def open_proposals(self) -> int:
        """How many proposals are open. Reads small files; starts no process."""

    def closed(self) -> list[Branch]:
        """The declined ones, oldest first."""

    def writing(self) -> AbstractContextManager[GitWriter]:
        """Holds the repository's one lock. Waits at most 10 s, then raises `Unavailable`."""


# ---- what happened


class Table(Protocol[T]):
    """Rows of one kind. Keyword conditions name fields: `floor="model"`, `due_at__le=now`, `seq__gt=3`, `id__in=[…]`, `ended_at=None`, `contacts__has=…`,
    `name__contains=…` (whatever the case of a to z), `text__mentions=patterns` (of `domain.mention`).
    """

    def add(self, value: T) -> None: ...

    def get(self, id: Any) -> T:
        """Raises `NotFound`."""

    def find(self, *, order: str = "id", limit: int | None = None, **conditions: Any) -> list[T]:
        """`order` is a field name, with `-` before it for newest first."""

    def first(self, *, order: str = "id", **conditions: Any) -> T | None: ...

    def count(self, **conditions: Any) -> int: ...

    def total(self, field: str, **conditions: Any) -> float:
        """The sum of one numeric field; 0.0 of nothing."""

    def replace(self, old: T, new: T) -> None:
        """Writes what differs, if the row still says what `old` says. Raises `Conflict` when it moved."""

    def remove(self, value: T) -> None: ...


class Transaction(Protocol):
    """All tables, as one moment sees them."""

    @property
    def people(self) -> Table[Person]: ...
    @property
    def customers(self) -> Table[Customer]: ...
    @property
    def conversations(self) -> Table[Conversation]: ...
    @property
    def messages(self) -> Table[Message]: ...
    @property
    def turns(self) -> Table[Turn]: ...
    @property
    def summons(self) -> Table[Summon]: ...
    @property
    def signals(self) -> Table[Signal]: ...
    @property
    def distillations(self) -> Table[Distillation]: ...
    @property
    def decisions(self) -> Table[Decision]: ...
    @property
    def jobs(self) -> Table[Job]: ...
    @property
    def outbox(self) -> Table[Delivery]: ...
    @property
    def events(self) -> Table[Event]: ...
    @property
    def tokens(self) -> Table[Token]: ...
    @property
    def remembered(self) -> Table[Remembered]: ...
    @property
    def judgements(self) -> Table[Judgement]: ...
    @property
    def composings(self) -> Table[Composing]: ...
    @property
    def notices(self) -> Table[Notice]: ...
    @property
    def sites(self) -> Table[Site]: ...
    @property
    def ratings(self) -> Table[Rating]: ...
    @property
    def links(self) -> Table[Link]: ...
    @property
    def passphrases(self) -> Table[Passphrase]: ...
    @property
    def mistakes(self) -> Table[Mistake]: ...
    @property
    def erasures(self) -> Table[Erasure]: ...
    @property
    def replays(self) -> Table[Replay]: ...
    @property
    def replayed(self) -> Table[Replayed]: ...
    @property
    def reviewed(self) -> Table[Reviewed]: ...
    @property
    def promises(self) -> Table[Promise]: ...
    @property
    def curves(self) -> Table[Curve]: ...


class Store(Protocol):
    """The database."""

    def write(self, step: Callable[[Transaction], T]) -> T:
        """Runs one step in a transaction, durable when it returns; steps from many threads share a commit. A step that raises leaves nothing behind."""

    @property
    def read(self) -> Transaction:
        """For looking only: each statement sees what was committed before it."""

    def wipe(self) -> bool:
        """Writes the file anew, so that nothing that was removed or overwritten is left in it. False while somebody still reads an older state of it."""

    def wait_for_events(self, after: int, *, timeout: float) -> bool:
        """Until there is an event with a higher id, at most `timeout` seconds. True when there is one."""


# ---- people who are not at the page


class Notifier(Protocol):
    """The channels of this machine, in the order of the ladder."""

    @property
    def channels(self) -> tuple[Channel, ...]: ...

    @property
    def address(self) -> str:
        """What links begin with, without a slash at the end."""

    def examine(self, channel: Channel) -> str | None:
        """Why nothing can ever be sent through this channel, in words; None when it can be tried. Sends nothing."""

    def send(self, channel: Channel, told: Told) -> None:
        """Hands one message to the channel's server, within ten seconds. Raises `Unavailable`, with what went wrong and without the channel's secrets."""


@dataclass(frozen=True)
class NoChannels:
    """Fulfils `Notifier` where nobody is to be told anything."""

    channels: tuple[Channel, ...] = ()
    address: str = ""

    def examine(self, channel: Channel) -> str | None:
        return "There is no channel here."

    def send(self, channel: Channel, told: Told) -> None:
        raise Unavailable("There is no channel here.")


@dataclass(frozen=True)
class Workspace:
    """One business, opened: all that a service needs from the outside. `draw` gives a number from 0 to 1 that nobody can foresee."""

    store: Store
    directives: Directives
    models: Models
    clock: Clock
    notifier: Notifier = NoChannels()
    draw: Callable[[], float] = SystemRandom().random
