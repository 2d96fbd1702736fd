"""What somebody who is erased had taught: its words go from the runs and from open proposals, and what others taught goes on."""

import subprocess
from datetime import timedelta

import pytest

from tests.conftest import Shop
from tests.fakes import unsure
from tests.integration.test_canaries import kept_by_git
from voicegit.domain.conversation import ERASED
from voicegit.domain.decision import Decision
from voicegit.domain.directive import Example
from voicegit.domain.ids import DirectiveId
from voicegit.domain.judgement import Choice
from voicegit.domain.material import Distilled, Lesson, Material
from voicegit.domain.operation import Change, Operation
from voicegit.errors import NotFound
from voicegit.ports import Move
from voicegit.services import declined, distill, erase, forgotten, intent, judgement, people, replay, retention, review

NAME = "Dana Quillfeather"
CANARY = "zebracanary"


def learned(material: Material, *texts: str) -> Distilled:
    """One operation a lesson; `texts` in place of the persons' own words."""
    made = [_operation(lesson, text) for lesson, text in zip(material.lessons, texts or [one.theirs or "" for one in material.lessons], strict=True)]
    return Distilled(tuple(made), f"About {texts or [one.theirs for one in material.lessons]}", f"All of {CANARY}.")


def _operation(lesson: Lesson, text: str) -> Operation:
    id = DirectiveId(f"situations/case-{lesson.customer.split()[-1].strip('?')}")
    example = Example((lesson.customer,), text)
    return Operation(Change.ADD, id, f"Said: {text}", (lesson.signal,), text=text, title=f"About {text}"[:60], examples=(example,))


def one_for_both(material: Material) -> Distilled:
    """One rule out of all lessons."""
    first = _operation(material.lessons[0], material.lessons[0].theirs or "")
    return Distilled((Operation(**vars(first) | {"evidence": tuple(one.signal for one in material.lessons)}),), "One", "One.")


def taken_over(shop: Shop, text: str, words: str, customer: str) -> None:
    shop.model.reply_with(unsure())
    shop.taken_over(text, words, customer)


@pytest.fixture
def taught(shop: Shop) -> Shop:
    """Dana and Bob taught one thing each; a proposal of both is open."""
    taken_over(shop, "Do you mend vases?", f"We glue vases, {CANARY}.", NAME)
    taken_over(shop, "Do you wash windows?", "We wash windows on Mondays.", "Bob Miller")
    shop.teacher.answer = learned
    return shop


def everything(shop: Shop) -> str:
    """The database as it lies on the disk, its log with it, and all that git keeps."""
    files = b"".join(file.read_bytes() for file in shop.app.root.glob("voicegit.db*")).decode("utf-8", "replace")
    return (files + kept_by_git(shop.app.directives.path)).lower()


def forget(shop: Shop) -> erase.Found:
    found = erase.look(shop.workspace, NAME)
    assert erase.erase(shop.workspace, found, by=shop.owner).wiped_at is not None
    return found


def test_an_open_proposal_goes_on_with_what_others_taught(taught: Shop) -> None:
    name = distill.distill(taught.workspace).proposal
    assert name is not None
    assert CANARY in everything(taught)
    found = forget(taught)
    assert found.proposals.go_on == (name,)
    assert found.closing == (f"its part of proposal {name}, written anew with what others taught",)
    assert CANARY not in everything(taught)
    shown = review.show(taught.workspace, name)
    assert shown.title == forgotten.TITLE
    assert list(shown.evidence) == ["situations/case-windows"]
    review.approve(taught.workspace, name, by=taught.owner)
    assert (
        "We wash windows on Mondays." in taught.workspace.directives.entries(taught.workspace.directives.head())["situations/case-windows.md"].content.decode()
    )


def test_an_operation_keeps_its_kind_its_place_and_its_evidence(taught: Shop) -> None:
    distill.distill(taught.workspace)
    before = taught.rows.distillations.find()[0].operations[0]
    forget(taught)
    (row,) = taught.rows.distillations.find()
    after = next(one.operation for one in row.dropped if one.reason == forgotten.WHY)
    assert (after.change, after.directive, after.evidence) == (before.change, before.directive, before.evidence)
    assert {after.why, after.text, after.title} == {ERASED}
    assert after.examples == ()
    assert [one.directive for one in row.operations] == ["situations/case-windows"]


def test_one_that_rests_on_them_alone_is_closed_and_nobody_said_no_to_it(shop: Shop) -> None:
    taken_over(shop, "Do you mend vases?", f"We glue vases, {CANARY}.", NAME)
    shop.teacher.answer = learned
    name = distill.distill(shop.workspace).proposal
    assert name is not None
    found = forget(shop)
    assert found.proposals.end == (name,)
    assert CANARY not in everything(shop)
    with pytest.raises(NotFound, match="what taught it was erased"):
        review.show(shop.workspace, name)
    assert [one.proposal for one in shop.workspace.directives.closed()] == [name]
    assert shop.workspace.directives.next_proposal() != name
    assert declined.book(shop.workspace) == []


def test_where_it_cannot_be_told_apart_it_is_closed_and_what_others_taught_waits_again(taught: Shop) -> None:
    taught.teacher.answer = one_for_both
    name = distill.distill(taught.workspace).proposal
    assert name is not None
    assert distill.waiting(taught.rows) == 0
    assert forget(taught).proposals.end == (name,)
    assert CANARY not in everything(taught)
    taught.teacher.answer = learned
    again = distill.distill(taught.workspace).proposal
    assert again is not None
    assert review.show(taught.workspace, again).commit.body == "  add situations/case-windows: Said: We wash windows on Mondays."


def test_what_a_person_has_written_into_is_not_told_apart_either(taught: Shop) -> None:
    name = distill.distill(taught.workspace).proposal
    assert name is not None
    file = "situations/case-windows.md"
    text = taught.workspace.directives.entries(review.show(taught.workspace, name).head)[file].content
    review.amend(taught.workspace, name, {file: text.replace(b"Mondays.\n", b"Mondays, as zebracanary says.\n")}, by=taught.owner)
    forget(taught)
    assert taught.workspace.directives.proposals() == []
    assert CANARY not in everything(taught)


def test_what_was_tried_and_noted_for_it_goes_too(taught: Shop) -> None:
    taken_over(taught, "Do you wash windows?", "We wash windows on Mondays.", "Eve Moor")
    name = distill.distill(taught.workspace).proposal
    assert name is not None
    shown = review.show(taught.workspace, name)
    subject = replay.subject(taught.workspace, name)
    row = replay.plan(taught.workspace, subject)
    taught.workspace.store.write(lambda tx: tx.replays.add(row))
    declines = {"choice": Choice.DECLINE, "by": taught.owner, "head": shown.head, "reason": f"never {CANARY}"}
    judgement.judge(taught.workspace, name, "situations/case-vases.md", **declines)  # type: ignore[arg-type]
    forget(taught)
    assert taught.rows.judgements.count() == 0
    assert taught.rows.replays.get(row.id).state == "stopped"
    assert CANARY not in everything(taught)


def test_objects_that_were_packed_go_as_well(taught: Shop) -> None:
    distill.distill(taught.workspace)
    subprocess.run(["git", "-C", str(taught.app.directives.path), "gc", "-q"], check=True)
    forget(taught)
    assert CANARY not in everything(taught)
    subprocess.run(["git", "-C", str(taught.app.directives.path), "fsck", "--strict"], check=True, capture_output=True)


def test_retention_does_the_same(taught: Shop) -> None:
    policy = taught.workspace.directives.entries(taught.workspace.directives.head())["policy.toml"].content.decode()
    taught.release({"policy.toml": policy.replace("keep_days = 0", "keep_days = 30")})
    distill.distill(taught.workspace)
    taught.clock.pass_(timedelta(days=31).total_seconds())
    assert retention.sweep(taught.workspace) == 2
    assert CANARY not in everything(taught)
    assert taught.workspace.directives.proposals() == []


def test_a_kill_between_is_made_up_for(taught: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are done, the decision is noted, and git has not moved."""
    taught.teacher.answer = one_for_both
    name = distill.distill(taught.workspace).proposal
    made: list[Decision] = []

    class Killed(Exception):
        pass

    def dies(workspace: object, git: object, decision: Decision, *moves: Move) -> None:
        taught.workspace.store.write(lambda tx: tx.decisions.add(decision))
        made.append(decision)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(forgotten, "carry_out", dies)
        erase.erase(taught.workspace, erase.look(taught.workspace, NAME), by=taught.owner)
    intent.recover(taught.workspace)
    assert [one.proposal for one in taught.workspace.directives.closed()] == [name] == [made[0].proposal]
    assert taught.workspace.directives.proposals() == []
    retention.sweep(taught.workspace)
    assert CANARY not in everything(taught)


@pytest.mark.parametrize(
    "written",
    [
        "I know josé ñandú well", "JOSÉ ÑANDÚ", "Jose\u0301 N\u0303andu\u0301", "José  Ñandú", "José\nÑandú", "Ñandú, José", "ｊｏｓé ñandú",
        "call 415-555-0132", "4155550132", "(415) 555 0132", "001 415 555 0132", "４１５-555-0132", "MAIL jose@EXAMPLE.com",
    ],
)  # fmt: skip
def test_names_and_contacts_in_the_texts_of_others_go_however_they_are_written(shop: Shop, written: str) -> None:
    people.set_customer(shop.workspace, "José Ñandú", contacts=["+1 (415) 555-0132", "Jose@Example.com"], fields={})
    shop.start("José Ñandú")
    talk = shop.start("Bob Miller")
    said = shop.say(talk, f"Hello. {written}. Bye 24155550132 and Joséñandú")
    assert said is not None
    assert erase.look(shop.workspace, "José Ñandú").mentions >= 1
    erase.erase(shop.workspace, erase.look(shop.workspace, "José Ñandú"), by=shop.owner)
    text = shop.rows.messages.find(conversation=talk, seq=1)[0].text
    assert "[name]" in text
    assert text.endswith(". Bye 24155550132 and Joséñandú")
    assert not any(part in text.lower() for part in ("ñandú ", "0132.", "0132 a", "jose@") if part in written.lower())
