"""Proposals, approvals, edits, rollbacks and restores in any order, against a dictionary: what is live is exactly what was decided.

Each file has one line that changes, so that two changes of one file always clash and the dictionary can tell how a merge ends.
`VOICEGIT_MACHINE_EXAMPLES` (5) and `VOICEGIT_MACHINE_STEPS` (16) make it longer.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.conftest import Shop
from voicegit import bootstrap
from voicegit.adapters.git_writer import Writer
from voicegit.domain.ids import ProposalId, Revision
from voicegit.domain.people import Role
from voicegit.errors import Conflict, Forbidden, Invalid, NotFound
from voicegit.ports import Signature
from voicegit.services import history, people, review, rollback
from voicegit.services.history import EntryKind

EXAMPLES = int(os.environ.get("VOICEGIT_MACHINE_EXAMPLES", "5"))
STEPS = int(os.environ.get("VOICEGIT_MACHINE_STEPS", "16"))
PATHS = st.sampled_from(["facts/a.md", "situations/b.md"])
NUMBERS = st.none() | st.integers(1, 3)
ANY = st.integers(0, 1000)

Tree = dict[str, str]


@dataclass(frozen=True)
class Step:
    """One entry of the first-parent history as the dictionary knows it."""

    release: Revision
    before: Tree
    after: Tree
    kind: EntryKind
    reverts: Revision | None = None


@dataclass(frozen=True)
class Open:
    base: Tree
    after: Tree


def text(number: int) -> str:
    return f"---\ntitle: Number\n---\n\n- Number {number}\n"


def merged(base: Tree, ours: Tree, theirs: Tree) -> Tree | None:
    """A three-way merge, file by file; None for a clash."""
    result: Tree = {}
    for path in {*base, *ours, *theirs}:
        old, mine, yours = base.get(path), ours.get(path), theirs.get(path)
        if old not in {mine, yours} and mine != yours:
            return None
        kept = yours if mine == old else mine
        if kept is not None:
            result[path] = kept
    return result


class Directives(RuleBasedStateMachine):
    def __init__(self, made: Path, root: Path) -> None:
        super().__init__()
        shutil.copytree(made, root)
        self.app = bootstrap.open_app(root)
        self.workspace = self.app.workspace
        self.owner = people.named(self.workspace, None)
        self.live = self._tree(self.workspace.directives.head())
        self.steps = [Step(self.workspace.directives.head(), {}, self.live, EntryKind.INIT)]
        self.open: dict[ProposalId, Open] = {}
        self.closed: list[ProposalId] = []
        self.undone: dict[Revision, Revision] = {}

    def _tree(self, revision: Revision) -> Tree:
        return {path: entry.content.decode() for path, entry in self.workspace.directives.entries(revision).items()}

    def _changed(self, before: Tree, path: str, number: int | None) -> Tree:
        rest = {known: content for known, content in before.items() if known != path}
        return rest if number is None else {**rest, path: text(number)}

    # ---- proposals

    @precondition(lambda self: len(self.open) < 4)
    @rule(path=PATHS, number=NUMBERS)
    def propose(self, path: str, number: int | None) -> None:
        after = self._changed(self.live, path, number)

        def does() -> ProposalId:
            return review.propose(self.workspace, {path: None if number is None else text(number).encode()}, title="Change", by=self.owner)

        if after == self.live:
            with pytest.raises((Invalid, NotFound)):
                does()
        else:
            self.open[does()] = Open(self.live, after)

    @precondition(lambda self: self.open)
    @rule(which=ANY, path=PATHS, number=st.integers(1, 3))
    def amend(self, which: int, path: str, number: int) -> None:
        name = self._any(which, self.open)
        after = self._changed(self.open[name].after, path, number)

        def does() -> Revision:
            return review.amend(self.workspace, name, {path: text(number).encode()}, by=self.owner)

        if after == self.open[name].base:
            with pytest.raises(Invalid, match="changes nothing"):
                does()
        else:
            does()
            self.open[name] = replace(self.open[name], after=after)

    @precondition(lambda self: self.open)
    @rule(which=ANY)
    def approve(self, which: int) -> None:
        name = self._any(which, self.open)
        shown = review.show(self.workspace, name)
        wanted = merged(self.open[name].base, self.live, self.open[name].after)

        def does() -> Revision:
            return review.approve(self.workspace, name, by=self.owner, head=shown.head, base=shown.main)

        if wanted is None:
            with pytest.raises(Conflict, match="no longer fits"):
                does()
        elif wanted == self.live:
            with pytest.raises(Conflict, match="is live already"):
                does()
        else:
            self._moved(does(), wanted, EntryKind.RELEASE)
            del self.open[name]
            self.closed.append(name)

    @precondition(lambda self: self.open)
    @rule(which=ANY, stale=st.sampled_from(["head", "base"]))
    def approve_what_was_not_looked_at(self, which: int, stale: str) -> None:
        name = self._any(which, self.open)
        shown = review.show(self.workspace, name)
        seen = {"head": shown.head, "base": shown.main} | {stale: Revision("0" * 40)}
        with pytest.raises(Conflict, match="changed since you looked"):
            review.approve(self.workspace, name, by=self.owner, head=seen["head"], base=seen["base"])

    @precondition(lambda self: self.open)
    @rule(which=ANY)
    def decline(self, which: int) -> None:
        name = self._any(which, self.open)
        review.decline(self.workspace, name, reason="No", by=self.owner)
        del self.open[name]
        self.closed.append(name)

    @precondition(lambda self: self.closed)
    @rule(which=ANY)
    def decide_again(self, which: int) -> None:
        name = self._any(which, self.closed)
        for does in (lambda: review.approve(self.workspace, name, by=self.owner), lambda: review.decline(self.workspace, name, reason="No", by=self.owner)):
            with pytest.raises(NotFound, match="is not open"):
                does()

    # ---- rollbacks

    @rule(which=ANY)
    def take_back(self, which: int) -> None:
        step = self._any(which, self.steps)
        if step.kind is not EntryKind.RELEASE:
            with pytest.raises(Invalid):
                rollback.rollback(self.workspace, step.release, by=self.owner)
        elif step.release in self.undone:
            with pytest.raises(Conflict, match="taken back already"):
                rollback.rollback(self.workspace, step.release, by=self.owner)
        else:
            self._revert(step, lambda: rollback.rollback(self.workspace, step.release, by=self.owner))

    @rule(which=ANY)
    def bring_back(self, which: int) -> None:
        step = self._any(which, self.steps)
        target = step if step.kind is EntryKind.ROLLBACK else self._step(self.undone.get(step.release))
        if target is None or target.release in self.undone:
            with pytest.raises(Conflict):
                rollback.restore(self.workspace, step.release, by=self.owner)
        else:
            self._revert(target, lambda: rollback.restore(self.workspace, step.release, by=self.owner))

    def _revert(self, step: Step, does: Callable[[], Revision]) -> None:
        wanted = merged(step.after, self.live, step.before)
        if wanted is None:
            with pytest.raises(Conflict) as clash:
                does()
            if isinstance(clash.value, rollback.Clash):
                asked = review.show(self.workspace, clash.value.proposal)
                if asked.id not in self.open:
                    self.open[asked.id] = Open(self.live, self._tree(asked.head))
                    assert self._tree(asked.head) != self.live
            else:  # the file was taken out since, and made anew
                clash.match("is left to take back")
        elif wanted == self.live:
            with pytest.raises(Conflict, match="is left to take back"):
                does()
        else:
            again = self._step(step.reverts)
            kind = EntryKind.ROLLBACK if again is None else EntryKind.RELEASE
            self._moved(does(), wanted, kind, reverts=step.release)

    def _moved(self, release: Revision, after: Tree, kind: EntryKind, reverts: Revision | None = None) -> None:
        self.steps.append(Step(release, self.live, after, kind, reverts))
        self.live = after
        if reverts is not None:
            self.undone[reverts] = release
            self.undone = {target: by for target, by in self.undone.items() if by != reverts}

    def _step(self, release: Revision | None) -> Step | None:
        return next((step for step in self.steps if step.release == release), None)

    def _any(self, which: int, among: Any) -> Any:
        return list(among)[which % len(among)]

    # ---- what must always hold

    @invariant()
    def what_is_live_is_what_was_decided(self) -> None:
        head = self.workspace.directives.head()
        assert self._tree(head) == self.live
        assert self.workspace.directives.serving().revision == head
        assert self.workspace.directives.trouble() == ()

    @invariant()
    def history_only_grows_and_every_step_is_a_persons(self) -> None:
        entries = history.log(self.workspace)[::-1]
        assert [(entry.release, entry.kind, entry.by) for entry in entries] == [(step.release, step.kind, "Maria") for step in self.steps]

    @invariant()
    def open_proposals_hold_what_was_proposed(self) -> None:
        assert {branch.proposal: self._tree(branch.head) for branch in self.workspace.directives.proposals()} == {n: one.after for n, one in self.open.items()}

    @invariant()
    def no_intent_is_left_open(self) -> None:
        assert self.workspace.store.read.decisions.find(state="pending") == []

    def teardown(self) -> None:
        self.app.close()


@pytest.mark.slow
def test_what_is_live_is_what_was_decided_whatever_the_order(_made: Path, tmp_path: Path) -> None:
    numbers = count()
    run_state_machine_as_test(
        lambda: Directives(_made, tmp_path / f"shop-{next(numbers)}"),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), database=None),
    )


def test_an_operator_decides_nothing_about_what_is_live(shop: Shop) -> None:
    ana = shop.person("Ana", Role.OPERATOR)
    release = shop.release({"facts/a.md": text(1)})
    undone = rollback.rollback(shop.workspace, release, by=shop.owner)
    name = review.propose(shop.workspace, {"facts/a.md": text(2).encode()}, title="Change", by=ana)
    before = shop.workspace.directives.head(), review.show(shop.workspace, name).head
    for decides in (
        lambda: review.approve(shop.workspace, name, by=ana),
        lambda: review.amend(shop.workspace, name, {"facts/a.md": text(3).encode()}, by=ana),
        lambda: review.decline(shop.workspace, name, reason="No", by=ana),
        lambda: rollback.rollback(shop.workspace, release, by=ana),
        lambda: rollback.restore(shop.workspace, undone, by=ana),
    ):
        with pytest.raises(Forbidden, match="operator"):
            decides()
    assert (shop.workspace.directives.head(), review.show(shop.workspace, name).head) == before


def test_an_approval_does_not_overwrite_what_somebody_put_on_main_past_the_lock(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    name = review.propose(shop.workspace, {"facts/a.md": text(1).encode()}, title="Change", by=shop.owner)
    first = shop.workspace.directives.head()
    outside: list[Revision] = []
    merge = Writer.merge

    def while_it_merges(self: Writer, *given: Any, **more: Any) -> Revision | None:
        merged = merge(self, *given, **more)
        outside.append(self.commit(first, {"facts/b.md": text(2).encode()}, message="By hand", author=Signature("Mallory", "m", shop.clock.now())))
        subprocess.run(["git", "-C", str(shop.app.directives.path), "update-ref", "refs/heads/main", outside[0]], check=True)
        return merged

    monkeypatch.setattr(Writer, "merge", while_it_merges)
    with pytest.raises(Conflict):
        review.approve(shop.workspace, name, by=shop.owner)
    assert shop.workspace.directives.head() == outside[0]
    assert shop.workspace.directives.serving().get("facts/a") is None
    assert [decision.state for decision in shop.rows.decisions.find(kind="approve")] == ["undone"]
    assert review.show(shop.workspace, name)
