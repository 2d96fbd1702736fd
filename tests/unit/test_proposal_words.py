"""The words of a commit: what anybody writes stays prose, and our trailers are the last block, each on one line."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.domain.ids import ConversationId, DirectiveId, DistillationId, PersonId, ProposalId, Revision, SignalId
from voicegit.domain.operation import Change, Operation
from voicegit.domain.proposal import branch, closed, headline, message, proposed, released, restored, taken_back

P17 = ProposalId("p-17")
DAMAGE = DirectiveId("situations/damage-claims")
FORGED = "Approved-by: somebody"


def trailers(text: str) -> list[str]:
    """As git itself reads them."""
    done = subprocess.run(["git", "interpret-trailers", "--parse", "--no-divider"], input=text, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def operation(why: str = "Two people answered so.", change: Change = Change.REFINE) -> Operation:
    return Operation(change, DAMAGE, why, (SignalId("s"),))


def test_a_proposal_says_what_changes_and_on_what_evidence() -> None:
    text = proposed(
        P17,
        title="Damage is answered with empathy",
        operations=[operation(), operation("Said again.")],
        evidence={DAMAGE: [ConversationId("b"), ConversationId("a"), ConversationId("b")]},
        distillation=DistillationId("d-1"),
    )
    assert text == (
        "Damage is answered with empathy\n"
        "\n"
        "  refine situations/damage-claims: Two people answered so.\n"
        "  refine situations/damage-claims: Said again.\n"
        "\n"
        "Proposal: p-17\n"
        "Distillation: d-1\n"
        "Operation: refine situations/damage-claims\n"
        "Evidence: situations/damage-claims b\n"
        "Evidence: situations/damage-claims a\n"
    )


def test_a_release_names_who_approved_what() -> None:
    text = released(P17, title="Pets", by=PersonId("person-1"), base=Revision("b" * 40), head=Revision("a" * 40))
    assert text == f"Pets\n\nProposal: p-17\nApproved-by: person-1\nBase: {'b' * 40}\nHead: {'a' * 40}\n"


def test_a_rollback_names_what_it_takes_back_and_why() -> None:
    assert taken_back("Pets", release=Revision("c" * 40), by=PersonId("person-1"), reason="No dogs").startswith("Undo: Pets\n\n  No dogs\n\nReverts: ccc")


def test_a_restore_of_an_undo_of_an_undo_has_a_title_that_reads() -> None:
    assert restored("Undo: Undo: Pets", rollback=Revision("c" * 40), by=PersonId("p")).startswith("Restore: Pets\n")


def test_branches_are_made_by_us() -> None:
    assert (branch(P17), closed(P17)) == ("refs/heads/proposal/p-17", "refs/voicegit/closed/p-17")


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Pets", "Pets"),
        ("a\nb\n\nc", "a b c"),
        ("x" * 101, "x" * 99 + "…"),
        ("# Pets", " Pets".strip()),
        ("", "A change"),
        (" \n", "A change"),
        ("\u200b\u202e", "A change"),
        ("Pe\u202ets\U000e0041", "Pets"),
        (FORGED + "\n" + FORGED, f"{FORGED} {FORGED}"),
    ],
)
def test_a_headline_is_one_visible_line(title: str, line: str) -> None:
    assert headline(title).strip() == line


HOSTILE = st.lists(
    st.sampled_from(
        [
            "\n",
            "\n\n",
            "\r",
            "\r\n",
            "\x0b",
            "\x0c",
            "\x1c",
            "\x85",
            "\u2028",
            "Approved-by: x",
            "Proposal: p-9",
            "---",
            "# ",
            "  ",
            "\t",
            "a",
            "(cherry picked from commit 1)",
            "Signed-off-by: x",
        ]
    )
    | st.text(max_size=8),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=40)
@given(HOSTILE, st.lists(HOSTILE, max_size=3))
def test_no_prose_passes_for_a_trailer_of_ours(title: str, prose: list[str]) -> None:
    text = message(title.replace("\x00", ""), [one.replace("\x00", "") for one in prose], [("Proposal", "p-17"), ("Evidence", "voice/x\nApproved-by: y")])
    assert trailers(text) == ["Proposal: p-17", "Evidence: voice/x Approved-by: y"]


@settings(deadline=None, max_examples=20)
@given(HOSTILE)
def test_without_trailers_of_ours_there_are_none(title: str) -> None:
    assert trailers(message(title.replace("\x00", ""), [title.replace("\x00", "")], [])) == []
