"""What never happens, at the places where taking the guard out failed no other test."""

import subprocess
from collections.abc import Callable

import pytest

from tests.conftest import Shop
from tests.faults.test_conversation_machine import Crash
from tests.integration.test_learning import learn_damage
from voicegit.adapters.git_writer import Writer
from voicegit.bootstrap import App
from voicegit.domain.signal import SignalKind
from voicegit.domain.work import JobKind
from voicegit.services import conversation, distill, feedback, worker


def test_a_process_that_dies_on_its_second_thought_leaves_the_turn_to_another(shop: Shop) -> None:
    talk = shop.start()

    def dies() -> None:
        raise Crash

    def writes_again() -> None:
        shop.model.meanwhile = dies
        conversation.take_in(shop.workspace, talk, "and on Friday?")

    shop.model.meanwhile = writes_again
    with pytest.raises(Crash):
        shop.say(talk, "Are you free on Thursday?")
    shop.model.meanwhile = lambda: None
    shop.clock.pass_(JobKind.TURN.lease.total_seconds() + 1)
    assert worker.work_once(shop.workspace, failed=lambda job, exc: None)
    assert shop.model.asked[-1].asked == "Are you free on Thursday?\nand on Friday?"
    assert shop.rows.jobs.count() == 0


def test_what_a_person_writes_as_a_reason_reaches_no_distiller_with_personal_data_in_it(shop: Shop) -> None:
    done = shop.say(shop.start("Dana Quillfeather"), "Hello there")
    assert done.reply is not None
    why = "Too stiff: Dana Quillfeather, dana@quillfeather.example, 212-555-0187, is an old friend"
    feedback.give(shop.workspace, done.reply.id, SignalKind.REJECTION, by=shop.owner, reason=why)
    distill.distill(shop.workspace)
    (lesson,) = shop.teacher.read[0].lessons
    assert lesson.reason is not None and "Too stiff" in lesson.reason
    assert all(canary not in repr(lesson) for canary in ("Quillfeather", "quillfeather", "555-0187"))


def test_signals_of_a_proposal_that_cannot_be_saved_from_a_crash_wait_again(shop: Shop, reopen: Callable[[], App], monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died before the branch was made, and git has thrown the commit away since: nobody's words are lost with it."""

    def crashes(self: Writer, *moves: object) -> None:
        raise Crash

    shop.taken_over("My vase is broken", "I am so sorry.")
    shop.teacher.answer = learn_damage
    monkeypatch.setattr(Writer, "move", crashes)
    with pytest.raises(Crash):
        distill.distill(shop.workspace)
    monkeypatch.undo()
    assert shop.rows.signals.count(distillation=None) == 0
    subprocess.run(["git", "-C", str(shop.app.directives.path), "prune", "--expire=now"], check=True)
    rows = reopen().workspace.store.read
    assert rows.signals.count(distillation=None) == 1
    assert [decision.state for decision in rows.decisions.find(kind="propose")] == ["undone"]
