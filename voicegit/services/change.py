"""A proposal read change by change, one for each file: what it says in words, what it touches, and whose words are behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from voicegit.domain import change as plain
from voicegit.domain import checks, policy, setting, worddiff
from voicegit.domain.checks import Proposed
from voicegit.domain.directive import PATH, Directive, read
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, DirectiveId, ProposalId, Revision, SignalId
from voicegit.domain.operation import Contested
from voicegit.domain.setting import Setting
from voicegit.domain.signal import Signal
from voicegit.domain.tree import Entry
from voicegit.domain.worddiff import Hunk
from voicegit.errors import Invalid, NotFound
from voicegit.ports import Workspace
from voicegit.services.history import Entry as LogEntry
from voicegit.services.review import Shown


@dataclass(frozen=True)
class Because:
    """What somebody did that taught a change. Without `signal`, the conversation is erased."""

    conversation: ConversationId
    signal: Signal | None = None
    who: str = ""


@dataclass(frozen=True)
class Change:
    """What happens to one file. `prose` holds the word diff of its text, `front` what changes besides, `source` git's own lines.

    `whole` and `was` are the file after and before, as text; None where there is none. `moved`: what is live of it changed since it was proposed.
    """

    path: str
    title: str
    kinds: tuple[tuple[str, str], ...]
    prose: tuple[Hunk, ...]
    front: tuple[str, ...]
    source: tuple[tuple[str, str], ...]
    whole: str | None
    was: str | None
    labels: tuple[str, ...]
    why: tuple[str, ...]
    evidence: tuple[Because, ...]
    moved: bool = False
    questions: tuple[Contested, ...] = ()
    """Where it stands against something in force."""

    settings: tuple[Setting, ...] = ()
    """What changes of the policy, in the words of its questions; `others` are the names of what no question asks about."""

    others: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The new text without its front matter; the old one where the file goes."""
        text = self.whole if self.whole is not None else self.was or ""
        return text.split("\n---\n", 1)[-1] if self.path != policy.PATH else text


def changed(workspace: Workspace, base: Revision, head: Revision) -> dict[str, tuple[Entry | None, Entry | None]]:
    """Each file that differs between two revisions, before and after."""
    before, after = workspace.directives.entries(base), workspace.directives.entries(head)
    return {path: (before.get(path), after.get(path)) for path in sorted({*before, *after}) if before.get(path) != after.get(path)}


def changes(workspace: Workspace, shown: Shown) -> list[Change]:
    """A proposal's changes, in the order of their paths."""
    told = _Told(workspace, shown)
    return [told.change(path, before, after) for path, (before, after) in changed(workspace, shown.base, shown.head).items()]


def released(workspace: Workspace, entry: LogEntry) -> list[Change]:
    """What a step of `main` changed. Raises `NotFound` for the first one, which changed nothing that was there."""
    commit = workspace.directives.commit(entry.release)
    if not commit.parents:
        raise NotFound("The business began with this; there is nothing before it to compare with.")
    told = workspace.directives.commit(entry.head) if entry.head else commit
    base = commit.parents[0]
    diff = workspace.directives.diff(base, entry.release)
    return changes(workspace, Shown(entry.proposal or ProposalId(""), entry.release, base, entry.release, told, (), (), diff))


class _Told:
    """What all changes of a proposal share."""

    def __init__(self, workspace: Workspace, shown: Shown) -> None:
        self._shown = shown
        self._words = worddiff.words(workspace.directives.diff(shown.base, shown.head, words=True))
        self._lines = worddiff.lines(shown.diff)
        self._before = workspace.directives.at(shown.base)
        self._today = workspace.clock.now().date()
        self._live = workspace.directives.entries(shown.main) if shown.main != shown.base else {}
        self._behind = evidence(workspace, shown)
        self._questions = questions(workspace, shown)

    def change(self, path: str, before: Entry | None, after: Entry | None) -> Change:
        old, new = _directive(path, before), _directive(path, after)
        was, whole = _text(before), _text(after)
        name = path.removesuffix(".md")
        hunks = self._words.get(path, ())
        fronts = [_front_end(text) if path != policy.PATH else 0 for text in (was, whole)]
        titled = new or old
        settings, others = _settings(was, whole) if path == policy.PATH else ((), ())
        return Change(
            path=path,
            title=titled.title if titled else "Settings" if path == policy.PATH else name,
            kinds=plain.kinds(path, old, new, [one.split(" ")[0] for one in self._shown.operations if one.split(" ")[-1] == name]),
            prose=worddiff.prose(hunks, old_front=fronts[0], new_front=fronts[1]),
            front=tuple(worddiff.visible(one) for one in plain.front_matter(old, new)) if new or after is None else (),
            source=tuple(self._lines.get(path, [])),
            whole=whole,
            was=was,
            labels=self._labels(path, old, after),
            why=tuple(_said_of(name, self._shown.commit.body)),
            evidence=tuple(self._behind.get(name, ())),
            questions=self._questions.get(DirectiveId(name), ()),
            settings=settings,
            others=others,
            moved=self._shown.main != self._shown.base and self._live.get(path) not in (before, after),
        )

    def _labels(self, path: str, old: Directive | None, after: Entry | None) -> tuple[str, ...]:
        """What this change alone touches."""
        alone = DirectiveSet(self._before.revision, (old,) if old else (), self._before.policy)
        entries: Mapping[str, Entry] = {path: after} if after else {}
        return checks.labels(Proposed(alone, entries, "", self._today))


def _directive(path: str, entry: Entry | None) -> Directive | None:
    return read(path, entry.content)[0] if entry is not None and PATH.fullmatch(path) else None


def _settings(was: str | None, whole: str | None) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Nothing for a text that is no policy: then its lines are all there is to show."""
    try:
        before, after = (policy.parse((text or "").encode()) for text in (was, whole))
    except Invalid:
        return (), ()
    return setting.changed(before, after), setting.others(before, after)


def _text(entry: Entry | None) -> str | None:
    return None if entry is None else entry.content.decode("utf-8", "replace")


def _front_end(text: str | None) -> int:
    """The line of the second `---`; 0 without front matter."""
    found = (text or "").split("\n")
    return found.index("---", 1) + 1 if found[0] == "---" and "---" in found[1:] else 0


def _said_of(name: str, body: str) -> list[str]:
    """What the proposal's own words say of one file: the lines that begin with an operation on it."""
    return [worddiff.visible(line.strip().partition(": ")[2]) for line in body.split("\n") if line.strip().partition(": ")[0].split(" ")[1:] == [name]]


def rest(shown: Shown) -> str:
    """What the proposal's own words say besides."""
    names = {one.split(" ")[-1] for one in shown.operations}
    kept = [line.strip() for line in shown.commit.body.split("\n") if line.strip().partition(": ")[0].split(" ")[-1] not in names]
    return worddiff.visible("\n".join(kept).strip())


def evidence(workspace: Workspace, shown: Shown) -> dict[str, list[Because]]:
    """Directive -> what taught it: the signals that its operations name, else all of the conversations that the proposal names; newest last."""
    tx = workspace.store.read
    talks = {talk for found in shown.evidence.values() for talk in found}
    signals = [one for one in tx.signals.find(conversation__in=talks) if not one.erased] if talks else []
    names = {person.id: person.name for person in tx.people.find()}
    found: dict[str, list[Because]] = {}
    behind = _named(workspace, shown.id)
    for directive, conversations in shown.evidence.items():
        for talk in conversations:
            mine = [one for one in signals if one.conversation == talk]
            chosen = [one for one in mine if one.id in behind.get(DirectiveId(directive), frozenset())] or mine
            told = [Because(talk, one, names.get(one.person, "A colleague")) for one in chosen]
            found.setdefault(directive, []).extend(told or [Because(talk)])
    return {directive: sorted(told, key=_words_first) for directive, told in found.items()}


def _words_first(one: Because) -> tuple[bool, bool]:
    """People's own words first, what is erased last."""
    return (one.signal is None, one.signal is not None and not (one.signal.text or one.signal.reason))


def questions(workspace: Workspace, shown: Shown) -> dict[DirectiveId, tuple[Contested, ...]]:
    """What the run that proposed it asks of what it still changes against what is in force, by the directive it is about."""
    row = workspace.store.read.distillations.first(proposal=shown.id)
    changed = {path for path, _ in shown.commit.files}
    found: dict[DirectiveId, tuple[Contested, ...]] = {}
    for one in row.operations if row else ():
        if one.question is not None and not one.question.dispute and f"{one.directive}.md" in changed:
            found[one.directive] = (*found.get(one.directive, ()), one.question)
    return found


def _named(workspace: Workspace, name: ProposalId) -> dict[DirectiveId, frozenset[SignalId]]:
    row = workspace.store.read.distillations.first(proposal=name)
    found: dict[DirectiveId, frozenset[SignalId]] = {}
    for one in row.operations if row else ():
        found[one.directive] = found.get(one.directive, frozenset()) | frozenset(one.evidence)
    return found


# ---- what moved


@dataclass(frozen=True)
class Moved:
    """What is different since somebody looked: the words of each file, and the titles of what went live meanwhile, newest first."""

    words: tuple[tuple[str, tuple[Hunk, ...]], ...]
    titles: tuple[str, ...] = ()


def since(workspace: Workspace, seen: Revision, now: Revision) -> Moved | None:
    """Between the commit that somebody saw and the one there is. None when it is the same, or was never here."""
    if seen == now:
        return None
    try:
        seen = workspace.directives.resolve(seen)
        return Moved(tuple(worddiff.words(workspace.directives.diff(seen, now, words=True)).items()))
    except NotFound:
        return None


def live_since(workspace: Workspace, seen: Revision, now: Revision) -> Moved | None:
    """What became live after `seen`."""
    found = since(workspace, seen, now)
    return found and replace(found, titles=tuple(_titles(workspace, seen, now)))


def _titles(workspace: Workspace, seen: Revision, now: Revision) -> Sequence[str]:
    titles = []
    for commit in workspace.directives.log(now, first_parent=True, limit=20):
        if commit.id == seen:
            break
        titles.append(commit.title)
    return titles
