"""A replay's verdicts: what counts as better, as worse, and as not to be told."""

from collections import Counter
from dataclasses import replace
from math import comb

import pytest

from voicegit.domain import replay
from voicegit.domain.gate import Action, Reason
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, ReplayId, Revision, SignalId
from voicegit.domain.judging import Opinion, judgings, settled
from voicegit.domain.policy import Policy
from voicegit.domain.replay import Approved, Candidate, Case, Kind, Standing, Verdict
from voicegit.domain.replayed import Replayed, Side, Summary, chance, in_words
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


def test_an_answer_agrees_by_its_words_or_differs_by_quoting_another_approved_answer() -> None:
    both = approved(TAKEOVER.wanted, "I am so sorry, I will stop by.")
    assert replay.standing(TAKEOVER, says("We only clean but we do that well"), both) is Standing.AGREES
    assert replay.standing(TAKEOVER, says("I am so sorry, I will stop by."), both) is Standing.DIFFERS
    assert replay.standing(TAKEOVER, says("Painting is not what we offer."), both) is Standing.OPEN
    assert replay.standing(TAKEOVER, says("I am so sorry, I will stop by."), NONE) is Standing.OPEN
    assert replay.standing(TAKEOVER, says("We also paint, and we do that well."), both) is Standing.OPEN


def test_one_approved_answer_is_known_whatever_its_placeholders_were_filled_with() -> None:
    both = approved("Hi {name}, it is {price} an hour.", "We do not say that here.")
    asked = replace(TAKEOVER, wanted="Hi Dana, it is 45 an hour.")
    assert replay.standing(asked, says("Hi Ann, it is 50 an hour."), both) is Standing.AGREES
    assert replay.standing(asked, says("We do not say that here."), both) is Standing.DIFFERS


def test_what_contradicts_the_wanted_answer_differs_even_where_nobody_approved_either() -> None:
    accepted = Case(SignalId("s"), ConversationId("c"), Kind.ACCEPTED, False, "When do you come?", wanted="We come on Thursday at noon.")
    assert replay.standing(accepted, says("We come on Tuesday at noon."), NONE) is Standing.DIFFERS
    assert replay.standing(accepted, says("Somebody rings you before."), NONE) is Standing.OPEN


def test_what_a_person_objected_to_is_known_again_by_its_words_and_figures() -> None:
    assert replay.standing(REJECTED, says("From $45 an hour!"), NONE) is Standing.DIFFERS
    assert replay.standing(REJECTED, says("It depends on the rooms."), NONE) is Standing.OPEN
    assert replay.standing(CORRECTED, says("It is $45 an hour."), NONE) is Standing.DIFFERS
    assert replay.standing(CORRECTED, says("It is $50 an hour."), NONE) is Standing.AGREES


def test_a_call_says_nothing_and_a_guard_that_stops_a_text_is_told_apart() -> None:
    assert replay.standing(TAKEOVER, calls(), NONE) is Standing.CALLS
    assert replay.standing(TAKEOVER, calls("guard_hit"), NONE) is Standing.GUARD


def test_a_draft_that_only_the_promise_holds_back_is_compared_by_its_words() -> None:
    draft = Tried(Revision("0" * 40), Action.SUMMON, TAKEOVER.wanted, 1.0, (Reason("draft_only", "59 are missing."),))
    assert replay.standing(TAKEOVER, draft, NONE) is Standing.AGREES
    also_unclear = Tried(Revision("0" * 40), Action.SUMMON, TAKEOVER.wanted, 1.0, (Reason("draft_only", "59 are missing."), Reason("unclear", "?")))
    assert replay.standing(TAKEOVER, also_unclear, NONE) is Standing.CALLS


def test_what_only_the_catalogue_of_mistakes_stops_is_what_a_person_objected_to() -> None:
    assert replay.standing(REJECTED, calls("known_mistake"), NONE) is Standing.DIFFERS
    assert replay.standing(TAKEOVER, calls("known_mistake"), NONE) is Standing.CALLS


A, D, C, G, O = Standing.AGREES, Standing.DIFFERS, Standing.CALLS, Standing.GUARD, Standing.OPEN  # noqa: E741
F = Standing.FORBIDDEN


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
        (TAKEOVER, G, F, Verdict.BROKEN),
        (TAKEOVER, F, F, Verdict.BROKEN),
        (REJECTED, D, F, Verdict.BROKEN),
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


def test_what_nobody_looked_at_is_neither_right_nor_wrong() -> None:
    sent = Case(SignalId("m"), ConversationId("c"), Kind.SENT, False, "?", wanted="We clean.")
    assert replay.verdict(sent, A, C, alike=False) is Verdict.UNSURE
    assert replay.verdict(sent, A, A, alike=True) is Verdict.SAME
    assert replay.verdict(sent, A, G, alike=False) is Verdict.BROKEN
    assert replay.verdict(sent, G, F, alike=False) is Verdict.BROKEN


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


# ---- which cases


def candidate(number: int, kind: Kind, *, taught: bool = False, relevance: float = 0.0) -> Candidate:
    return Candidate(Case(SignalId(f"s-{number:03}"), ConversationId("c"), kind, taught, "?"), relevance)


def test_every_kind_gets_a_share_and_what_one_does_not_need_goes_to_the_others() -> None:
    many = [candidate(number, kind, taught=kind is Kind.TAKEOVER, relevance=number) for number, kind in enumerate([*Kind] * 50)]
    chosen = replay.choose(many, 20)
    proof = [case for case in chosen if case.kind is Kind.TAKEOVER and not case.taught]
    assert len(chosen) == len(set(chosen)) == 20
    counts = Counter(case.kind for case in chosen)
    assert counts[Kind.ACCEPTED] >= 4 and all(counts[kind] >= 2 for kind in Kind)
    assert proof == []  # all takeovers here taught: their room went on
    assert [case.signal for case in chosen] == [case.signal for case in replay.choose(many[::-1], 20)]
    assert len(replay.choose(many[:3], 20)) == 3


def test_what_the_proposal_changes_comes_first_and_good_answers_are_drawn_by_chance_too() -> None:
    takeovers = [candidate(number, Kind.TAKEOVER, relevance=number % 10) for number in range(40)]
    assert {case.signal for case in replay.choose(takeovers, 4)} == {f"s-{number:03}" for number in (9, 19, 29, 39)}
    good = [candidate(number, Kind.ACCEPTED, relevance=number) for number in range(100)]
    first = [int(case.signal[2:]) for case in replay.choose(good, 10)]
    assert {99, 98, 97} <= set(first) and min(first) < 90


# ---- the whole


def replayed(verdict: Verdict, kind: Kind = Kind.TAKEOVER, *, taught: bool = False, before: Standing = C, after: Standing = A) -> Replayed:
    sides = [Side(standing not in {C, G}, "", standing) for standing in (before, after)]
    return Replayed("r", ReplayId("r"), SignalId("s"), ConversationId("c"), kind, taught, verdict, *sides)


def test_counts_stand_beside_percentages_and_what_taught_is_shown_apart() -> None:
    fixed, taught = replayed(Verdict.FIXED), replayed(Verdict.FIXED, taught=True)
    good = replayed(Verdict.SAME, Kind.ACCEPTED, before=A)
    lines = Summary((*[fixed] * 5, replayed(Verdict.SAME, after=C), *[taught] * 2, *[good] * 40)).lines
    assert lines == [
        "5 of 6 calls for a person that nothing was learned from would be answered (83 %), 5 as the person did (today 0).",
        "0 of 40 good answers got worse.",
        "Shown apart: 2 of 2 calls for a person that were learned from would be answered (100 %), 2 as the person did (today 0).",
        "5 better, 0 worse: unlikely to be chance (p = 0.03).",
    ]


def test_what_taught_is_counted_apart_in_the_tallies_too() -> None:
    fixed, taught = replayed(Verdict.FIXED), replayed(Verdict.SAME, taught=True)
    assert Summary((fixed, taught)).tallies == "1 fixed, 0 same, 0 broken, 0 unsure; of what was learned from, apart: 0 fixed, 1 same, 0 broken, 0 unsure"
    assert Summary((taught,)).tallies == "of what was learned from, apart: 0 fixed, 1 same, 0 broken, 0 unsure"
    assert Summary((fixed,)).tallies == "1 fixed, 0 same, 0 broken, 0 unsure"


def test_copying_is_not_called_learning() -> None:
    lines = Summary((replayed(Verdict.FIXED, taught=True),)).lines
    assert any(line.startswith("Too few to test apart") for line in lines)
    assert lines[-1] == "Besides what was learned from, nothing got better or worse: there is nothing to test."
    assert Summary().lines == ["There is nothing to try it on yet: nobody took over, judged or corrected an answer."]


@pytest.mark.parametrize(
    ("better", "worse", "words"),
    [
        (5, 0, "5 better, 0 worse: unlikely to be chance (p = 0.03)."),
        (4, 0, "4 better, 0 worse: may be chance (p = 0.06)."),
        (0, 7, "0 better, 7 worse: unlikely to be chance (p = 0.0078)."),
        (9, 8, "9 better, 8 worse: may be chance (p = 0.50)."),
        (30, 1, "30 better, 1 worse: unlikely to be chance (p < 0.001)."),
    ],
)
def test_the_exact_paired_test_is_told_in_words(better: int, worse: int, words: str) -> None:
    assert in_words(better, worse) == words


def test_the_paired_test_is_the_binomial_sum_worked_out_by_hand() -> None:
    for better, worse in ((5, 0), (7, 2), (3, 3), (1, 6)):
        most, whole = max(better, worse), better + worse
        assert chance(better, worse) == pytest.approx(sum(comb(whole, k) for k in range(most, whole + 1)) / 2**whole)


# ---- opinions in both orders

YES, NOT, HUH = Opinion.SAME, Opinion.DIFFERENT, Opinion.UNCLEAR


@pytest.mark.parametrize(
    ("first", "last", "standing"),
    [(YES, YES, A), (NOT, NOT, D), (YES, NOT, O), (HUH, YES, O), (HUH, HUH, O), (Opinion.ONE, Opinion.TWO, A), (Opinion.BOTH, Opinion.BOTH, D),
     (Opinion.ONE, Opinion.ONE, O), (Opinion.TWO, Opinion.ONE, O), (Opinion.NEITHER, Opinion.NEITHER, O), (Opinion.BOTH, Opinion.ONE, O)],
)  # fmt: skip
def test_an_opinion_that_depends_on_the_order_is_none(first: Opinion, last: Opinion, standing: Standing) -> None:
    assert settled(first, last) is standing


def test_a_judge_gets_the_same_two_texts_in_both_orders_and_is_not_told_whose_they_are() -> None:
    one, other = judgings(TAKEOVER, "No paint here.")
    assert (one.one, one.two, one.objection) == (other.two, other.one, "") == (TAKEOVER.wanted, "No paint here.", "")
    assert judgings(REJECTED, "It is $50.")[0].objection == "too vague"
