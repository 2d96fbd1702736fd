"""A proposal tried on what was really asked: by the same code as a turn, without a trace among what happened, and never twice for the same money."""

import threading
from dataclasses import replace

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.adapters.models.local import LocalModel
from voicegit.domain.gate import Draft, Usage
from voicegit.domain.ids import ConversationId, MessageId, ProposalId
from voicegit.domain.judgement import Choice
from voicegit.domain.judging import Judged, Judging, Opinion
from voicegit.domain.policy import Policy
from voicegit.domain.replay import Kind, Standing, Verdict
from voicegit.domain.replayed import Replay, State
from voicegit.domain.signal import SignalKind
from voicegit.errors import Conflict, Invalid, ModelFailure, NotFound
from voicegit.ports import Branch, ChatModel, Move, Signature
from voicegit.services import cases, erase, feedback, history, judgement, playground, replay, replay_report, replaying, review
from voicegit.services.replay import Found

ANSWER = "We only clean, but we do that well."
FENCE = f"---\ntitle: Fences\n---\n\n- We do not paint\n\n## Examples\n\n> **Customer:** Can you paint my fence?\n>\n> **Us:** {ANSWER}\n"
POLICY = '[business]\nname = "Sparkle"\n'


@pytest.fixture
def quoting(shop: Shop) -> Shop:
    """A shop with the embedded model, which says what the directives say."""
    model = LocalModel()

    def chat(policy: Policy) -> ChatModel:
        return model

    shop.models.chat = chat  # type: ignore[method-assign]
    return shop


def open_one(shop: Shop, files: dict[str, str | None] | None = None) -> Branch:
    content = {path: None if text is None else text.encode() for path, text in (files or {"situations/fences.md": FENCE}).items()}
    name = review.propose(shop.workspace, content, title="Fences", by=shop.owner)
    return branch(shop, name)


def branch(shop: Shop, name: ProposalId) -> Branch:
    return next(one for one in shop.workspace.directives.proposals() if one.proposal == name)


def asked_for(shop: Shop, text: str, words: str) -> ConversationId:
    """A call for a person, answered in words, that nothing was learned from."""
    talk = shop.start()
    if shop.say(talk, text).answer == "reply":
        raise AssertionError("the model answered")
    shop.reply(talk, words)
    return talk


def planned(shop: Shop, tried: Branch, most: int | None = None) -> Replay:
    return replay.begin(shop.workspace, replay.plan(shop.workspace, replay.of_proposal(shop.workspace, tried), most=most, by=shop.owner))


def ran(shop: Shop, tried: Branch) -> Found:
    return replay.get(shop.workspace, replaying.run(shop.workspace, planned(shop, tried)).id)


def said(shop: Shop, text: str) -> MessageId:
    reply = shop.say(shop.start(), text).reply
    assert reply is not None
    return reply.id


def costly(shop: Shop, price: float | None = 0.001) -> Shop:
    shop.models.costly, shop.models.price = True, price
    return shop


# ---- one question


def test_one_past_question_is_asked_under_one_revision_and_most_tries_count(shop: Shop) -> None:
    talk = shop.start()
    shop.model.reply_with("We clean.")
    reply = shop.say(talk, "What do you do?").reply
    assert reply is not None
    asked = playground.answered_by(shop.workspace, reply.id)
    assert asked.text == "What do you do?"
    before = len(shop.model.asked)
    shop.model.reply_with("We clean.", "Something else altogether", "We clean!")
    heard = replay.ask(costly(shop).workspace, asked, shop.workspace.directives.head())
    assert (heard.tried.text, heard.votes, heard.of) == ("We clean.", 2, 3)
    assert len(shop.model.asked) == before + 3
    shop.models.costly = False
    assert replay.ask(shop.workspace, asked, shop.workspace.directives.head()).of == 1


def test_a_message_that_answered_nothing_cannot_be_asked_again(shop: Shop) -> None:
    talk = shop.summoned()
    shop.reply(talk, "I will stop by.")
    again = shop.reply(talk, "Today at five.")
    assert playground.answered_by(shop.workspace, again).text == "My vase is broken"
    holding = next(one for one in shop.rows.messages.find(conversation=talk) if one.kind == "holding")
    with pytest.raises(NotFound, match="answered nothing"):
        playground.answered_by(shop.workspace, holding.id)


# ---- verdicts, with the embedded model


def test_a_call_that_would_be_answered_as_the_person_did_is_fixed(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    found = ran(quoting, open_one(quoting))
    (one,) = found.summary.cases
    assert (one.verdict, one.kind, one.taught, one.about) == (Verdict.FIXED, Kind.TAKEOVER, False, "situations/fences")
    assert (one.before.standing, one.after.standing, one.after.text) == (Standing.CALLS, Standing.AGREES, ANSWER)
    assert (found.replay.state, found.blocks, found.stale) == (State.DONE, (), False)


def test_a_good_answer_that_is_lost_is_broken_and_blocks_what_is_shown(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    found = ran(quoting, open_one(quoting, {"situations/fences.md": None}))
    assert [(one.verdict, one.after.standing) for one in found.summary.cases] == [(Verdict.BROKEN, Standing.CALLS)]
    assert len(found.blocks) == 1
    assert "1 of 1 good answer got worse." in found.summary.lines


def test_a_rejected_reply_that_comes_back_is_broken_and_one_that_goes_is_fixed(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    reply = said(quoting, "Can you paint my fence?")
    feedback.give(quoting.workspace, reply, SignalKind.REJECTION, by=quoting.owner, reason="we do paint")
    assert [one.verdict for one in ran(quoting, open_one(quoting, {"situations/fences.md": None})).summary.cases] == [Verdict.FIXED]
    quoting.release({"situations/fences.md": None}, "No fences")
    assert [one.verdict for one in ran(quoting, open_one(quoting)).summary.cases] == [Verdict.BROKEN]


def test_a_forbidden_word_that_a_proposal_would_let_out_again_is_broken(quoting: Shop) -> None:
    guard = "---\ntitle: Words\nguards:\n  never_say: [well]\n---\n\n- Be plain\n"
    quoting.release({"voice/words.md": guard, "situations/fences.md": FENCE.replace("do that well", "do that")})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    found = ran(quoting, open_one(quoting, {"voice/words.md": guard.replace("\nguards:\n  never_say: [well]", ""), "situations/fences.md": FENCE}))
    assert [(one.after.standing, one.after.answers, one.never_say) for one in found.summary.cases] == [(Standing.FORBIDDEN, True, True)]


def test_a_proposal_that_takes_a_guard_away_and_says_its_word_in_place_of_a_call_is_broken(quoting: Shop) -> None:
    guard = "---\ntitle: Words\nguards:\n  never_say: [well]\n---\n\n- Be plain\n"
    quoting.release({"situations/fences.md": FENCE})
    quoting.release({"voice/words.md": guard}, "Words")
    asked_for(quoting, "Can you paint my fence?", "Our office tells you on the phone.")
    (one,) = ran(quoting, open_one(quoting, {"voice/words.md": guard.replace("\nguards:\n  never_say: [well]", "")})).summary.cases
    assert (one.before.standing, one.after.standing, one.verdict) == (Standing.GUARD, Standing.FORBIDDEN, Verdict.BROKEN)


def test_a_good_answer_turned_into_its_opposite_is_broken_and_in_other_words_unsure(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE.replace(ANSWER, "We come on Thursday at noon.")})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    for words, verdict in [("We come on Tuesday at noon.", Verdict.BROKEN), ("Somebody rings you before.", Verdict.UNSURE)]:
        (one,) = ran(quoting, open_one(quoting, {"situations/fences.md": FENCE.replace(ANSWER, words)})).summary.cases
        assert (one.after.text, one.verdict) == (words, verdict)


def test_what_taught_the_proposal_is_shown_apart(quoting: Shop) -> None:
    talk = asked_for(quoting, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting)
    subject = replace(replay.of_proposal(quoting.workspace, tried), evidence=frozenset({talk}))
    row = replaying.run(quoting.workspace, replay.begin(quoting.workspace, replay.plan(quoting.workspace, subject)))
    assert row.state is State.DONE
    signal = quoting.rows.signals.first(kind=SignalKind.TAKEOVER)
    assert signal is not None
    assert cases.case(signal, {talk}).taught
    assert not cases.case(signal).taught
    assert cases.case(replace(signal, distillation="d")).taught
    assert not cases.case(replace(signal, distillation="d", set_aside=True)).taught


def test_nothing_of_a_replay_is_among_what_happened_and_no_model_is_taught_by_it(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting)
    tables = ("messages", "turns", "signals", "summons", "outbox", "jobs", "decisions", "conversations")
    counts = [getattr(quoting.rows, name).count() for name in tables]
    ran(quoting, tried)
    assert [getattr(quoting.rows, name).count() for name in tables] == counts


def test_a_proposal_is_tried_as_it_would_be_live_and_not_without_what_came_since(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting, {"facts/pets.md": "---\ntitle: Pets\n---\n\n- We like dogs\n"})
    quoting.release({"situations/fences.md": FENCE})
    found = ran(quoting, tried)
    assert [(one.verdict, one.after.text) for one in found.summary.cases] == [(Verdict.SAME, ANSWER)]
    assert found.replay.tried != tried.head


# ---- stopping, going on, going stale


def test_a_replay_that_was_stopped_goes_on_where_it_was_and_asks_nothing_twice(shop: Shop) -> None:
    for number in range(4):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    row = planned(costly(shop), open_one(shop))
    begun = len(shop.model.asked)
    shop.model.meanwhile = lambda: replay.stop(shop.workspace, row.id) if len(shop.model.asked) - begun == 6 else None  # type: ignore[func-returns-value]
    stopped = replaying.run(shop.workspace, row)
    kept = replay.get(shop.workspace, row.id)
    assert stopped.state is State.STOPPED
    assert 1 <= kept.done < 4
    assert replay.due(shop.workspace) is None
    assert replay.go_on(shop.workspace, row.id).state is State.WAITING
    waiting = replay.due(shop.workspace)
    assert waiting is not None
    assert replaying.run(shop.workspace, waiting).state is State.DONE
    assert len(shop.model.asked) - begun == 4 * 2 * 3
    assert replay.get(shop.workspace, row.id).done == 4


def test_an_interrupt_keeps_what_is_done_and_the_same_command_goes_on(shop: Shop) -> None:
    for number in range(3):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    row = planned(shop, open_one(shop))
    begun = len(shop.model.asked)

    def interrupt() -> None:
        if len(shop.model.asked) - begun == 4:
            raise KeyboardInterrupt

    shop.model.meanwhile = interrupt
    with pytest.raises(KeyboardInterrupt):
        replaying.run(shop.workspace, row)
    left = replay.unfinished(shop.workspace, replay.subject(shop.workspace, str(row.proposal)))
    assert left is not None
    assert (left.state, replay.get(shop.workspace, left.id).done) == (State.STOPPED, 1)
    assert replay.unfinished(shop.workspace, replay.subject(shop.workspace, str(row.proposal)), most=2) is None


def test_a_replay_with_a_number_of_cases_goes_on_too_with_the_same_number(shop: Shop) -> None:
    for number in range(3):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    tried = open_one(shop)
    row = replay.stop(shop.workspace, planned(shop, tried, most=2).id)
    subject = replay.of_proposal(shop.workspace, tried)
    assert replay.unfinished(shop.workspace, subject, most=2) == row
    assert replay.unfinished(shop.workspace, subject, most=3) is None


def test_a_replay_that_was_stopped_before_its_first_case_says_so(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    tried = open_one(quoting)
    found = replay.get(quoting.workspace, replay.stop(quoting.workspace, planned(quoting, tried).id).id)
    assert found.lines == ["None of 1 past question was asked yet."]


def test_a_replay_whose_process_was_killed_is_anybodys_when_its_lease_ends(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    row = planned(quoting, open_one(quoting))
    replay.take(quoting.workspace, row.id)
    with pytest.raises(Conflict, match="runs already"):
        replay.take(quoting.workspace, row.id)
    assert replay.due(quoting.workspace) is None
    quoting.clock.pass_(replay.LEASE.total_seconds() + 1)
    left = replay.due(quoting.workspace)
    assert left is not None
    assert replaying.run(quoting.workspace, left).state is State.DONE
    with pytest.raises(Conflict, match="over"):
        replay.take(quoting.workspace, row.id)


def test_a_service_that_ends_leaves_its_replay_to_the_next(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    row = planned(quoting, open_one(quoting))
    assert replaying.run(quoting.workspace, row, ending=lambda: True).state is State.WAITING


def test_results_are_stale_when_the_proposal_or_what_is_live_moves(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    tried = open_one(quoting, {"situations/fences.md": None})
    ran(quoting, tried)
    found = replay.latest(quoting.workspace, tried)
    assert found is not None
    assert (found.stale, len(found.blocks)) == (False, 1)
    quoting.release({"facts/pets.md": "---\ntitle: Pets\n---\n\n- We like dogs\n"})
    found = replay.latest(quoting.workspace, tried)
    assert found is not None
    assert (found.stale, found.blocks) == (True, ())
    review.amend(quoting.workspace, tried.proposal, {"facts/cats.md": b"---\ntitle: Cats\n---\n\n- We like cats\n"}, by=quoting.owner)
    found = replay.latest(quoting.workspace, branch(quoting, tried.proposal))
    assert found is not None and found.stale


def test_a_customer_who_is_erased_takes_their_cases_with_them(quoting: Shop) -> None:
    talk = asked_for(quoting, "Can you paint my fence?", ANSWER)
    found = ran(quoting, open_one(quoting))
    (one,) = found.summary.cases
    assert replay_report.told(quoting.workspace, one) is not None
    erase.erase(quoting.workspace, erase.behind(quoting.workspace, talk), by=quoting.owner)
    assert replay.get(quoting.workspace, found.replay.id).done == 0
    assert replay_report.told(quoting.workspace, one) is None


# ---- by itself


def test_a_proposal_is_tried_by_itself_once_as_it_stands_and_again_when_it_moves(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    assert replay.due(quoting.workspace) is None
    tried = open_one(quoting)
    row = replay.due(quoting.workspace)
    assert row is not None and row.person is None
    assert replaying.run(quoting.workspace, row).state is State.DONE
    assert replay.due(quoting.workspace) is None
    review.amend(quoting.workspace, tried.proposal, {"facts/cats.md": b"---\ntitle: Cats\n---\n\n- We like cats\n"}, by=quoting.owner)
    assert replay.due(quoting.workspace) is not None


def test_a_model_that_charges_is_asked_by_itself_only_when_the_policy_says_so(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    shop.release({"policy.toml": POLICY})
    open_one(costly(shop))
    assert replay.due(shop.workspace) is None
    shop.release({"policy.toml": f"{POLICY}[replay]\nwithout_asking = true\n"})
    assert replay.due(shop.workspace) is not None


def test_where_there_is_nothing_to_try_it_on_that_is_said_and_not_looked_for_again(shop: Shop) -> None:
    tried = open_one(shop)
    assert replay.due(shop.workspace) is None
    found = replay.latest(shop.workspace, tried)
    assert found is not None
    assert (found.replay.state, found.summary.lines[0][:30]) == (State.DONE, "There is nothing to try it on ")


# ---- a model outside


def test_each_case_is_asked_as_often_as_the_policy_says_and_counts_by_majority(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nat_once = 1\n"})
    tried = open_one(costly(shop))
    drafts: list[Draft] = [unsure(), sure(ANSWER), unsure(), sure(ANSWER), sure(ANSWER), unsure()]
    shop.model.reply_with(*drafts)
    (one,) = ran(shop, tried).summary.cases
    assert (one.before.standing, one.before.votes, one.after.standing, one.after.votes) == (Standing.CALLS, 2, Standing.AGREES, 2)
    assert one.verdict is Verdict.FIXED
    assert one.cost == pytest.approx(0.006)


def test_what_it_would_cost_is_known_before_and_the_cap_holds(shop: Shop) -> None:
    for number in range(6):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nmax_cost = 0.02\n"})
    tried = open_one(costly(shop))
    row = planned(shop, tried)
    assert (len(row.cases), row.left_out, row.estimate) == (3, 3, pytest.approx(0.018))
    assert replay_report.price(row) == "3 past questions, 18 answers, about $0.02 at the most. 3 more cases would cost more than max_cost allows."
    shop.models.price = 1.0
    with pytest.raises(Invalid, match="Raise max_cost"):
        planned(shop, tried)
    shop.models.price = None
    with pytest.raises(Invalid, match=r"the cap of \$0.02 cannot be held"):
        planned(shop, tried)
    assert replay_report.price(planned(shop, tried, most=4)) == "4 past questions, 24 answers, at a price that is not known here, so no cap holds."


def test_where_no_price_is_known_it_never_runs_by_itself(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nwithout_asking = true\nmax_cost = 0.001\n"})
    tried = open_one(costly(shop, None))
    assert replay.due(shop.workspace) is None
    found = replay.latest(shop.workspace, tried)
    assert found is not None
    assert replay_report.check(found).summary.startswith("What a question costs is not known here, so the cap of $0.001 cannot be held.")


def test_a_replay_stops_when_the_cap_is_spent_whatever_the_estimate_was(shop: Shop) -> None:
    for number in range(6):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nmax_cost = 0.02\nat_once = 1\n"})
    row = planned(costly(shop, None), open_one(shop), most=6)
    done = replaying.run(shop.workspace, row)
    found = replay.get(shop.workspace, row.id)
    assert (done.state, "max_cost" in done.problem) == (State.STOPPED, True)
    assert found.summary.cost <= 0.02 + 0.006
    assert 3 <= found.done <= 4


def test_a_server_that_is_away_stops_a_replay_and_its_cases_are_asked_again_later(shop: Shop) -> None:
    for number in range(5):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nat_once = 1\ntries = 1\n"})
    row = planned(costly(shop), open_one(shop))
    asked = len(shop.model.asked)
    shop.model.reply_with(*[ModelFailure("overloaded", "busy")] * 40)
    done = replaying.run(shop.workspace, row)
    assert (done.state, "does not answer (overloaded)" in done.problem) == (State.STOPPED, True)
    assert len(shop.model.asked) - asked == replaying.GIVE_UP * 2
    shop.model.queued.clear()
    replay.go_on(shop.workspace, row.id)
    assert replaying.run(shop.workspace, row).state is State.DONE
    assert replay.get(shop.workspace, row.id).done == 5


def test_a_case_that_could_not_be_asked_is_tried_once_more_at_the_end(shop: Shop) -> None:
    for number in range(2):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nat_once = 1\ntries = 1\n"})
    row = planned(costly(shop), open_one(shop))
    shop.model.reply_with(ModelFailure("timeout", "late"))
    assert replaying.run(shop.workspace, row).state is State.DONE
    assert replay.get(shop.workspace, row.id).done == 2
    row = planned(shop, open_one(shop))
    late, fine = ModelFailure("timeout", "late"), sure(ANSWER)
    shop.model.reply_with(late, fine, fine, fine, late, fine)
    done = replaying.run(shop.workspace, row)
    assert (done.state, done.problem) == (State.STOPPED, "1 case could not be asked, twice. Go on to ask again.")


def test_a_model_that_refuses_a_question_calls_a_person_in_a_replay_too(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    row = planned(costly(shop), open_one(shop))
    shop.model.reply_with(*[ModelFailure("refusal", "no")] * 6)
    assert replaying.run(shop.workspace, row).state is State.DONE
    (one,) = replay.get(shop.workspace, row.id).summary.cases
    assert (one.verdict, one.after.standing) == (Verdict.SAME, Standing.CALLS)


def test_never_more_are_asked_at_once_than_the_policy_allows(shop: Shop) -> None:
    for number in range(6):
        shop.model.reply_with(unsure())
        asked_for(shop, f"Can you paint {number}?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nat_once = 3\ntries = 1\n"})
    row = planned(costly(shop), open_one(shop))
    lock, together, gate = threading.Lock(), [0, 0], threading.Barrier(3, timeout=20)

    def meet() -> None:
        with lock:
            together[0] += 1
            together[1] = max(together)
        gate.wait()  # passes only when three are asked at the same time
        with lock:
            together[0] -= 1

    shop.model.meanwhile = meet
    assert replaying.run(shop.workspace, row).state is State.DONE
    assert together == [0, 3]


def test_another_replay_needs_no_other_threads(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    tried = open_one(costly(shop))
    ran(shop, tried)
    before = threading.active_count()
    ran(shop, tried)
    assert threading.active_count() == before


class Says:
    """A judge with one opinion for each order."""

    costs = 0.0005

    def __init__(self, first: Opinion, last: Opinion) -> None:
        self.opinions = first, last
        self.asked: list[Judging] = []

    def judge(self, judging: Judging) -> Judged:
        self.asked.append(judging)
        return Judged(self.opinions[0 if judging.one == ANSWER else 1], Usage("judge", cost=0.0005))


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [(Opinion.SAME, Opinion.SAME, Verdict.FIXED), (Opinion.SAME, Opinion.DIFFERENT, Verdict.UNSURE), (Opinion.DIFFERENT, Opinion.DIFFERENT, Verdict.UNSURE)],
)
def test_a_judge_is_asked_once_a_text_in_both_orders(shop: Shop, first: Opinion, last: Opinion, verdict: Verdict) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    shop.release({"policy.toml": f"{POLICY}[replay]\nat_once = 1\n"})
    judge = shop.models.opinions = Says(first, last)
    tried = open_one(costly(shop))
    shop.model.reply_with(*[unsure(), sure("Painting is not what we do.")] * 3)
    (one,) = ran(shop, tried).summary.cases
    assert one.verdict is verdict
    assert [(asked.one, asked.two) for asked in judge.asked] == [(ANSWER, "Painting is not what we do."), ("Painting is not what we do.", ANSWER)]
    assert one.cost == pytest.approx(0.006 + 0.001)


def test_words_that_are_what_was_wanted_need_no_judge(shop: Shop) -> None:
    shop.model.reply_with(unsure())
    asked_for(shop, "Can you paint my fence?", ANSWER)
    judge = shop.models.opinions = Says(Opinion.UNCLEAR, Opinion.UNCLEAR)
    tried = open_one(costly(shop))
    shop.model.reply_with(*[sure(ANSWER)] * 6)
    assert [one.verdict for one in ran(shop, tried).summary.cases] == [Verdict.SAME]
    assert judge.asked == []


# ---- several replays of one thing


def test_a_smaller_or_a_stopped_replay_takes_nothing_of_an_earlier_one_away(quoting: Shop) -> None:
    tried = made_worse(quoting)
    quoting.say(quoting.start(), "Who won the cup in 1930?")
    asked_for(quoting, "Do you walk dogs?", "We do not.")
    small = planned(quoting, tried, most=1)
    stopped = replay.stop(quoting.workspace, planned(quoting, tried).id)
    assert len(small.cases) == 1
    found = replay.latest(quoting.workspace, tried)
    assert found is not None
    assert (found.replay.id, found.done, len(found.blocks)) == (stopped.id, 0, 1)
    quoting.models.costly = True
    with pytest.raises(review.Worse):
        review.approve(quoting.workspace, tried.proposal, by=quoting.owner)


def test_of_each_case_the_newest_replay_counts_that_asked_it(quoting: Shop) -> None:
    tried = made_worse(quoting)
    (old,) = ran(quoting, tried).summary.cases
    newer = planned(quoting, tried)
    quoting.workspace.store.write(lambda tx: tx.replayed.add(replace(old, id=quoting.clock.new_id(), replay=newer.id, verdict=Verdict.SAME)))
    assert review.worse(quoting.workspace, tried.head, newer.base) == ()


def test_approving_asks_first_what_a_stopped_or_smaller_replay_left(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    asked_for(quoting, "Do you walk dogs?", "We do not.")
    tried = open_one(quoting, {"situations/fences.md": None})
    replaying.run(quoting.workspace, small := planned(quoting, tried, most=1))
    replay.stop(quoting.workspace, planned(quoting, tried).id)
    assert review.worse(quoting.workspace, tried.head, small.base) == ()
    with pytest.raises(review.Worse):
        review.approve(quoting.workspace, tried.proposal, by=quoting.owner)
    rows = quoting.rows.replays.find(head=tried.head)
    assert [len(row.cases) for row in rows] == [1, 2, 1]
    with pytest.raises(review.Worse):
        review.approve(quoting.workspace, tried.proposal, by=quoting.owner)
    assert len(quoting.rows.replays.find(head=tried.head)) == 3


# ---- approving what makes past answers worse


def made_worse(shop: Shop, more: dict[str, str | None] | None = None) -> Branch:
    """A proposal that loses an answer which was found good, tried."""
    shop.release({"situations/fences.md": FENCE})
    feedback.give(shop.workspace, said(shop, "Can you paint my fence?"), SignalKind.APPROVAL, by=shop.owner)
    tried = open_one(shop, {"situations/fences.md": None, **(more or {})})
    ran(shop, tried)
    return tried


def test_a_proposal_that_makes_past_answers_worse_wants_a_reason_which_is_kept_and_shown(quoting: Shop) -> None:
    tried = made_worse(quoting)
    checks = {one.name: one for one in review.show(quoting.workspace, tried.proposal).checks}
    assert checks["replay"].summary == "1 past answer would get worse. Approving it wants your reason. (0 fixed, 0 same, 1 broken, 0 unsure)"
    main = quoting.workspace.directives.head()
    for words in ("", "  "):
        with pytest.raises(review.Worse, match="1 past answer would get worse") as refused:
            review.approve(quoting.workspace, tried.proposal, by=quoting.owner, despite=words)
    assert len(refused.value.cases) == 1
    assert quoting.workspace.directives.head() == main
    release = review.approve(quoting.workspace, tried.proposal, by=quoting.owner, despite="We stopped doing that.")
    assert history.entry(quoting.workspace, release).despite == "We stopped doing that."
    assert history.decided(quoting.workspace)[0][0].reason == "We stopped doing that."


def test_a_reason_that_nothing_asked_for_is_not_kept(quoting: Shop) -> None:
    release = review.approve(quoting.workspace, open_one(quoting).proposal, by=quoting.owner, despite="because")
    assert history.entry(quoting.workspace, release).despite == ""


def test_a_result_of_another_state_of_things_blocks_nothing_and_it_is_tried_anew_where_that_is_free(quoting: Shop) -> None:
    tried = made_worse(quoting)
    quoting.release({"facts/pets.md": "---\ntitle: Pets\n---\n\n- We like dogs\n"})
    with pytest.raises(review.Worse):
        review.approve(quoting.workspace, tried.proposal, by=quoting.owner)
    quoting.release({"facts/cats.md": "---\ntitle: Cats\n---\n\n- We like cats\n"})
    quoting.models.costly = True
    assert review.approve(quoting.workspace, tried.proposal, by=quoting.owner)


def test_change_by_change_only_what_goes_live_has_to_be_answered_for(quoting: Shop) -> None:
    tried = made_worse(quoting, {"facts/pets.md": "---\ntitle: Pets\n---\n\n- We like dogs\n"})

    def choose(path: str, choice: Choice) -> None:
        judgement.judge(quoting.workspace, tried.proposal, path, choice=choice, by=quoting.owner, head=tried.head, reason="No")

    def approve(despite: str = "") -> object:
        part = judgement.part(quoting.workspace, tried.proposal, by=quoting.owner)
        seen = {"head": part.head, "base": part.base, "chosen": part.digest}
        return len(part.worse), judgement.approve(quoting.workspace, tried.proposal, by=quoting.owner, despite=despite, **seen)

    choose("facts/pets.md", Choice.ACCEPT)
    choose("situations/fences.md", Choice.ACCEPT)
    assert len(judgement.part(quoting.workspace, tried.proposal, by=quoting.owner).worse) == 1
    with pytest.raises(review.Worse):
        approve()
    choose("situations/fences.md", Choice.DECLINE)
    worse, release = approve()
    assert worse == 0 and release is not None


EDITED = "---\ntitle: Fences\nstatus: retired\n---\n\n- We do not paint\n"


def chosen(shop: Shop, tried: Branch, path: str, choice: Choice, text: str = "") -> judgement.Part:
    judgement.judge(shop.workspace, tried.proposal, path, choice=choice, by=shop.owner, head=tried.head, text=text)
    return judgement.part(shop.workspace, tried.proposal, by=shop.owner)


def live(shop: Shop, part: judgement.Part) -> object:
    return judgement.approve(shop.workspace, part.name, by=shop.owner, head=part.head, base=part.base, chosen=part.digest)


def line(part: judgement.Part) -> str:
    assert part.live is not None
    return next(one.summary for one in part.live.checks if one.name == "replay")


def test_a_text_that_is_edited_is_tried_itself_before_it_goes_live(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    fine = open_one(quoting, {"situations/fences.md": FENCE.replace("We do not paint", "We never paint")})
    part = chosen(quoting, fine, "situations/fences.md", Choice.EDIT, EDITED)
    assert (len(part.worse), line(part)[:30]) == (1, "1 past answer would get worse.")
    with pytest.raises(review.Worse):
        live(quoting, part)
    assert len(quoting.rows.replays.find(proposal=fine.proposal)) == 1  # the page's, known again
    bad = open_one(quoting, {"situations/fences.md": EDITED})
    ran(quoting, bad)
    part = chosen(quoting, bad, "situations/fences.md", Choice.EDIT, FENCE.replace("We do not paint", "We never paint"))
    assert part.worse == () and line(part).startswith("Tried on 1 past question: 0 fixed, 1 same")
    assert live(quoting, part)


def test_what_was_accepted_before_its_replay_ran_is_tried_before_it_goes_live(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    part = chosen(quoting, open_one(quoting, {"situations/fences.md": EDITED}), "situations/fences.md", Choice.ACCEPT)
    assert len(part.worse) == 1
    with pytest.raises(review.Worse):
        live(quoting, part)


def test_where_a_replay_costs_money_an_edited_text_is_said_not_to_be_tried_and_the_old_result_counts_nothing(quoting: Shop) -> None:
    tried = made_worse(quoting, {"situations/fences.md": EDITED})
    quoting.models.costly = True
    part = chosen(quoting, tried, "situations/fences.md", Choice.EDIT, FENCE.replace("We do not paint", "We never paint"))
    assert part.worse == () and line(part).startswith("Exactly this text was not tried on past questions")
    assert live(quoting, part)


def test_where_no_service_runs_a_proposal_is_tried_before_it_is_shown_if_that_is_free(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    feedback.give(quoting.workspace, said(quoting, "Can you paint my fence?"), SignalKind.APPROVAL, by=quoting.owner)
    tried = open_one(quoting, {"situations/fences.md": None})
    quoting.models.costly = True
    review.try_out(quoting.workspace, tried.proposal)
    assert replay.latest(quoting.workspace, tried) is None
    quoting.models.costly = False
    review.try_out(quoting.workspace, tried.proposal)
    assert len(review.worse(quoting.workspace, tried.head, quoting.workspace.directives.head())) == 1
    with pytest.raises(review.Worse):
        review.approve(quoting.workspace, tried.proposal, by=quoting.owner)


def test_a_proposal_that_cannot_be_served_is_not_tried_and_says_why(shop: Shop) -> None:
    with shop.workspace.directives.writing() as git:  # past the guard of `propose`, as a push once could
        main = shop.workspace.directives.head()
        commit = git.commit(main, {"facts/a.md": b"no front matter"}, message="A\n\nProposal: p-1\n", author=Signature("M", "m", shop.clock.now()))
        git.move(Move("refs/heads/proposal/p-1", None, commit))
    assert replay.due(shop.workspace) is None
    found = replay.latest(shop.workspace, branch(shop, ProposalId("p-1")))
    assert found is not None and "cannot be served" in found.replay.problem


def test_under_a_promise_a_new_topic_shows_what_it_would_draft(quoting: Shop) -> None:
    asked_for(quoting, "Can you paint my fence?", ANSWER)
    quoting.release({"policy.toml": f"{POLICY}[gate]\nat_most_wrong = 0.05\n"})
    (one,) = ran(quoting, open_one(quoting)).summary.cases
    assert (one.verdict, one.after.standing, one.after.answers, one.after.text) == (Verdict.FIXED, Standing.AGREES, False, ANSWER)


def test_replies_that_nobody_looked_at_are_asked_too_and_a_change_there_is_for_a_person_to_see(quoting: Shop) -> None:
    quoting.release({"situations/fences.md": FENCE})
    talk = quoting.start()
    assert quoting.say(talk, "Can you paint my fence?").reply is not None
    found = ran(quoting, open_one(quoting, {"situations/fences.md": None}))
    (one,) = found.summary.cases
    assert (one.kind, one.verdict, one.before.standing, one.after.standing) == (Kind.SENT, Verdict.UNSURE, Standing.AGREES, Standing.CALLS)
    assert found.blocks == ()
    assert found.summary.lines[0].startswith("1 of 1 answer that nobody looked at would change")
    told = replay_report.told(quoting.workspace, one)
    assert told is not None and (told.asked, told.wanted) == ("Can you paint my fence?", ANSWER)
    erase.erase(quoting.workspace, erase.behind(quoting.workspace, talk), by=quoting.owner)
    assert replay_report.told(quoting.workspace, one) is None
    assert planned(quoting, open_one(quoting, {"situations/fences.md": None})).cases == ()
