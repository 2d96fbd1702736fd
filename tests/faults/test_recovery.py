"""A crash between the database and git: at start the intent is finished or undone, and both agree."""

from collections.abc import Callable

import pytest

from tests.conftest import Shop
from tests.integration.test_learning import learn_damage
from voicegit.bootstrap import App
from voicegit.domain.decision import DecisionState
from voicegit.domain.judgement import Choice
from voicegit.ports import GitWriter, Move
from voicegit.services import distill, history, intent, judgement, outcome, review, rollback


class Crash(BaseException):
    """The process is gone: nothing after it runs, no handler catches it."""


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Ends the "process" right before, in the middle of, or right after the moves of git's refs."""
    from voicegit.adapters.git_writer import Writer

    move = Writer.move

    def at(point: str) -> None:
        def crashing(self: GitWriter, *moves: Move) -> None:
            if point in {"half", "after"}:
                # Writes come before deletions: a kill may come between the two.
                move(self, *(one for one in moves if point == "after" or one.new is not None))  # type: ignore[arg-type]
            raise Crash

        monkeypatch.setattr(Writer, "move", crashing)

    return at


def restarted(reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.undo()
    app = reopen()
    assert app.workspace.store.read.decisions.count(state=DecisionState.PENDING) == 0
    assert intent.recover(app.workspace) == []
    return app


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_distillations_work_survives_a_crash(
    shop: Shop, crash: Callable[[str], None], reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    shop.taken_over("My vase is broken", "I am so sorry.")
    shop.teacher.answer = learn_damage
    crash(point)
    with pytest.raises(Crash):
        distill.distill(shop.workspace)
    app = restarted(reopen, monkeypatch)
    (shown,) = review.waiting(app.workspace)
    assert shown.operations == ("add situations/damage",)
    assert app.workspace.store.read.signals.count(distillation=None) == 0


@pytest.mark.parametrize(("point", "live"), [("before", False), ("after", True)])
def test_an_approval_is_done_or_not_done(
    shop: Shop, crash: Callable[[str], None], reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch, point: str, live: bool
) -> None:
    text = b"---\ntitle: Pets\n---\n\n- We like dogs.\n"
    name = review.propose(shop.workspace, {"facts/pets.md": text}, title="Pets", by=shop.owner)
    crash(point)
    with pytest.raises(Crash):
        review.approve(shop.workspace, name, by=shop.owner)
    app = restarted(reopen, monkeypatch)
    assert (app.workspace.directives.serving().get("facts/pets") is not None) is live
    assert len(review.waiting(app.workspace)) == (0 if live else 1)
    if not live:
        review.approve(app.workspace, name, by=shop.owner)
    assert history.log(app.workspace)[0].by == "Maria"


@pytest.mark.parametrize(("point", "live"), [("before", False), ("half", True), ("after", True)])
def test_the_approval_of_a_part_is_done_or_not_done(
    shop: Shop, crash: Callable[[str], None], reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch, point: str, live: bool
) -> None:
    files = {"facts/pets.md": b"---\ntitle: Pets\n---\n\n- We like dogs.\n", "facts/late.md": b"---\ntitle: Late\n---\n\n- Open till nine.\n"}
    name = review.propose(shop.workspace, files, title="Two facts", by=shop.owner)
    head = review.show(shop.workspace, name).head
    judgement.judge(shop.workspace, name, "facts/pets.md", choice=Choice.ACCEPT, by=shop.owner, head=head)
    judgement.judge(shop.workspace, name, "facts/late.md", choice=Choice.DECLINE, by=shop.owner, head=head, reason="We close at six")
    part = judgement.part(shop.workspace, name, by=shop.owner)
    crash(point)
    with pytest.raises(Crash):
        judgement.approve(shop.workspace, name, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
    app = restarted(reopen, monkeypatch)
    assert (app.workspace.directives.serving().get("facts/pets") is not None) is live
    assert app.workspace.directives.serving().get("facts/late") is None
    assert len(review.waiting(app.workspace)) == (0 if live else 1)
    if not live:
        judgement.approve(app.workspace, name, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)
    ended, _ = outcome.find(app.workspace, name)
    assert (ended.by, [one.reason for one in ended.left_out]) == ("Maria", ["We close at six"])


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_decline_keeps_its_reason_through_a_crash(
    shop: Shop, crash: Callable[[str], None], reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    name = review.propose(shop.workspace, {"facts/pets.md": b"---\ntitle: Pets\n---\n\n- We like dogs.\n"}, title="Pets", by=shop.owner)
    crash(point)
    with pytest.raises(Crash):
        review.decline(shop.workspace, name, reason="No dogs", by=shop.owner)
    app = restarted(reopen, monkeypatch)
    assert [branch.proposal for branch in app.workspace.directives.closed()] == [name]
    assert review.waiting(app.workspace) == []


@pytest.mark.parametrize(("point", "kept"), [("before", True), ("after", False)])
def test_a_rollback_is_done_or_not_done(
    shop: Shop, crash: Callable[[str], None], reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch, point: str, kept: bool
) -> None:
    release = shop.release({"facts/pets.md": "---\ntitle: Pets\n---\n\n- We like dogs.\n"})
    crash(point)
    with pytest.raises(Crash):
        rollback.rollback(shop.workspace, release, by=shop.owner)
    app = restarted(reopen, monkeypatch)
    assert (app.workspace.directives.serving().get("facts/pets") is not None) is kept


def test_a_turn_whose_process_died_is_run_by_another(shop: Shop, reopen: Callable[[], App]) -> None:
    from voicegit.services import conversation, worker

    talk = shop.start()
    conversation.take_in(shop.workspace, talk, "Hello there", run_at_once=True)
    assert not worker.work_once(shop.workspace, failed=lambda job, exc: None)
    shop.clock.pass_(151)
    assert worker.work_once(shop.workspace, failed=lambda job, exc: None)
    assert [m.text for m in shop.rows.messages.find(conversation=talk, order="seq")] == ["Hello there", "Certainly!"]
    assert shop.rows.jobs.count() == 0
