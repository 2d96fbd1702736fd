"""A replay's verdicts: what counts as better, as worse, and as not to be told."""

import pytest

from voicegit.domain import replay
from voicegit.domain.gate import Action, Reason
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, Revision, SignalId
from voicegit.domain.policy import Policy
from voicegit.domain.replay import Approved, Case, Kind, Standing, Verdict
from voicegit.domain.tree import Entry, lint
from voicegit.domain.tried import Tried

TAKEOVER = Case(SignalId("s"), ConversationId("c"), Kind.TAKEOVER, False, "Can you paint my fence?", wanted="We only clean, but we do that well.")
REJECTED = Case(SignalId("s"), ConversationId("c"), Kind.REJECTION, False, "How much?", wrong="From $45 an hour.", reason="too vague")
CORRECTED = Case(SignalId("s"), ConversationId("c"), Kind.CORRECTION, False, "How much?", wanted="It is $50 an hour.", wrong="It is $45 an hour.")
NONE = Approved(DirectiveSet(Revision("0" * 40), (), Policy()))


def says(text: str) -> Tried:
    return Tried(Revision("0" * 40), Action.REPLY, text, 0.7)


def calls(code: str = "unsure") -> Tried:
    return Tried(Revision("0" * 40), Action.SUMMON, "", 0.7, (Reason(code, "why"),))


def approved(*answers: str) -> Approved:
    examples = "".join(f"\n> **Customer:** Question {number}?\n>\n> **Us:** {answer}\n" for number, answer in enumerate(answers))
    text = f"---\ntitle: A\n---\n\n- A rule\n\n## Examples\n{examples}"
    directives, _, findings = lint({"situations/a.md": Entry("100644", "blob", text.encode()), "policy.toml": Entry("100644", "blob", b"")})
    assert not findings
    return Approved(DirectiveSet(Revision("0" * 40), directives, Policy()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("We only clean, but we do that well.", "we only clean but we do that WELL", True),
        ("We only clean, but we do that well.", "We only clean, and we do that well!", True),
        ("It is $45 an hour.", "It is $50 an hour.", False),
        ("We do clean the windows outside as well.", "We don't clean the windows outside as well.", False),
        ("We never come on Sundays to clean a house.", "We always come on Sundays to clean a house.", False),
        ("We only clean, but we do that well.", "I am sorry to hear that.", False),
    ],
)
def test_texts_say_the_same_with_nearly_the_same_words_the_same_figures_and_as_many_negations(one: str, other: str, same: bool) -> None:
    assert replay.says_the_same(one, other) is same


def test_an_answer_agrees_by_its_words_or_differs_by_quoting_another_approved_answer() -> None:
    both = approved(TAKEOVER.wanted, "I am so sorry, I will stop by.")
    assert replay.standing(TAKEOVER, says("We only clean but we do that well"), both) is Standing.AGREES
    assert replay.standing(TAKEOVER, says("I am so sorry, I will stop by."), both) is Standing.DIFFERS
    assert replay.standing(TAKEOVER, says("Painting is not what we offer."), both) is Standing.OPEN
    assert replay.standing(TAKEOVER, says("I am so sorry, I will stop by."), NONE) is Standing.OPEN


def test_what_a_person_objected_to_is_known_again_by_its_words_and_figures() -> None:
    assert replay.standing(REJECTED, says("From $45 an hour!"), NONE) is Standing.DIFFERS
    assert replay.standing(REJECTED, says("It depends on the rooms."), NONE) is Standing.OPEN
    assert replay.standing(CORRECTED, says("It is $45 an hour."), NONE) is Standing.DIFFERS
    assert replay.standing(CORRECTED, says("It is $50 an hour."), NONE) is Standing.AGREES


def test_a_call_says_nothing_and_a_guard_that_stops_a_text_is_told_apart() -> None:
    assert replay.standing(TAKEOVER, calls(), NONE) is Standing.CALLS
    assert replay.standing(TAKEOVER, calls("guard_hit"), NONE) is Standing.GUARD


A, D, C, G, O = Standing.AGREES, Standing.DIFFERS, Standing.CALLS, Standing.GUARD, Standing.OPEN  # noqa: E741


@pytest.mark.parametrize(
    ("case", "before", "after", "verdict"),
    [
        (TAKEOVER, C, A, Verdict.FIXED),
        (TAKEOVER, D, A, Verdict.FIXED),
        (TAKEOVER, O, A, Verdict.UNSURE),
        (TAKEOVER, A, C, Verdict.BROKEN),
        (TAKEOVER, A, D, Verdict.BROKEN),
        (TAKEOVER, A, O, Verdict.UNSURE),
        (TAKEOVER, C, C, Verdict.SAME),
        (TAKEOVER, D, D, Verdict.SAME),
        (TAKEOVER, O, O, Verdict.UNSURE),
        (TAKEOVER, C, D, Verdict.UNSURE),
        (TAKEOVER, C, O, Verdict.UNSURE),
        (TAKEOVER, C, G, Verdict.BROKEN),
        (TAKEOVER, G, G, Verdict.SAME),
        (REJECTED, C, D, Verdict.BROKEN),
        (REJECTED, O, D, Verdict.BROKEN),
        (REJECTED, D, C, Verdict.FIXED),
        (REJECTED, D, G, Verdict.FIXED),
        (REJECTED, D, O, Verdict.UNSURE),
        (CORRECTED, D, A, Verdict.FIXED),
        (CORRECTED, D, C, Verdict.UNSURE),
        (CORRECTED, C, D, Verdict.BROKEN),
        (CORRECTED, D, G, Verdict.FIXED),
    ],
)
def test_a_verdict_compares_how_both_answers_stand(case: Case, before: Standing, after: Standing, verdict: Verdict) -> None:
    assert replay.verdict(case, before, after, alike=False) is verdict


def test_the_same_words_both_times_are_the_same_whatever_they_are_worth() -> None:
    assert replay.verdict(TAKEOVER, O, O, alike=True) is Verdict.SAME


def test_most_of_several_tries_count_and_a_tie_is_not_clear() -> None:
    clear = replay.majority([says("We clean."), calls(), says("we clean")])
    assert (clear.tried.text, clear.votes, clear.of, clear.clear) == ("We clean.", 2, 3, True)
    tie = replay.majority([calls(), says("We clean.")])
    assert (tie.tried.answers, tie.clear) == (False, False)
    assert not replay.majority([says("We clean."), calls(), says("I will stop by this afternoon.")]).clear
    assert replay.most([A, C, A]) == (A, 2)
    assert replay.most([A, C, D])[0] is O
