"""Who holds the floor, what is unanswered, what a text from outside must be, and the legal steps of a summon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit.domain.conversation import MAX_TEXT, Author, Conversation, Floor, Message, MessageKind, clean, told_apart, unanswered
from voicegit.domain.ids import ConversationId, MessageId, PersonId, SummonId
from voicegit.domain.signal import SignalKind, check, may_be_set_aside
from voicegit.domain.summon import LEASE, Summon, SummonStatus
from voicegit.errors import Conflict, Invalid

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
TALK = Conversation(ConversationId("c"), NOW)
ANA, BEN = PersonId("ana"), PersonId("ben")
OPEN = Summon(SummonId("s"), TALK.id, None, ("It is about money.",), NOW)


def message(author: Author, seq: int, kind: MessageKind = MessageKind.SPOKEN, withdrawn: bool = False) -> Message:
    return Message(MessageId(str(seq)), TALK.id, seq, author, "x", NOW, kind, withdrawn_at=NOW if withdrawn else None)


# ---- who it is with


@pytest.mark.parametrize(
    ("name", "talk", "told"),
    [
        ("Dana Reyes", "0199aa12-7d6b-7c31-9f00-1b2c3d4e4f2a", "Dana Reyes"),
        (None, "0199aa12-7d6b-7c31-9f00-1b2c3d4e4f2a", "A customer · 4F2A"),
        (None, "0199aa12-7d6b-7c31-9f00-1b2c3d7aabbe", "A customer · 7AABBE"),
        ("", "abba", "A customer · ABBA"),
    ],
    ids=["a name", "no name", "no word", "nothing to choose from"],
)
def test_a_customer_without_a_name_is_told_apart_by_the_end_of_the_conversations_id(name: str | None, talk: str, told: str) -> None:
    assert told_apart(name, ConversationId(talk)) == told


# ---- the floor


def test_a_conversation_begins_with_the_model() -> None:
    assert (TALK.floor, TALK.holder, TALK.last_seq) == (Floor.MODEL, None, 0)


def test_a_person_is_called_once() -> None:
    summoned = TALK.summoned()
    assert summoned.floor is Floor.SUMMONED
    for already in (summoned, TALK.held_by(ANA)):
        with pytest.raises(Conflict, match="called to this conversation already"):
            already.summoned()


def test_a_person_who_speaks_has_the_floor_until_it_is_handed_back() -> None:
    held = TALK.summoned().held_by(ANA)
    assert (held.floor, held.holder) == (Floor.PERSON, ANA)
    back = held.handed_back(NOW)
    assert (back.floor, back.holder, back.handed_back_at) == (Floor.MODEL, None, NOW)


def test_what_the_model_holds_cannot_be_handed_back() -> None:
    with pytest.raises(Conflict, match="nothing to hand back"):
        TALK.handed_back(NOW)


def test_speaking_again_reopens_what_was_resolved() -> None:
    resolved = TALK.held_by(ANA).resolved(NOW)
    assert (resolved.floor, resolved.resolved_at) == (Floor.MODEL, NOW)
    assert resolved.held_by(ANA).resolved_at is None


# ---- what is unanswered

C, M, P = Author.CUSTOMER, Author.MODEL, Author.PERSON


@pytest.mark.parametrize(
    ("messages", "waiting"),
    [
        ([], []),
        ([message(C, 1)], [1]),
        ([message(C, 1), message(C, 2)], [1, 2]),
        ([message(C, 1), message(M, 2)], []),
        ([message(C, 1), message(P, 2)], []),
        ([message(C, 1), message(M, 2), message(C, 3)], [3]),
        ([message(C, 1), message(M, 2, MessageKind.HOLDING)], [1]),
        ([message(C, 1), message(P, 2, MessageKind.NOTE)], [1]),
        ([message(C, 1), message(P, 2, withdrawn=True)], [1]),
        ([message(C, 1), message(P, 2), message(P, 3, withdrawn=True), message(C, 4)], [4]),
    ],
)
def test_only_words_that_were_spoken_answer(messages: list[Message], waiting: list[int]) -> None:
    assert [one.seq for one in unanswered(messages)] == waiting


# ---- texts from outside


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" hi ", "hi"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b", "ab"),
        ("a\ud800b", "ab"),
        ("x" * MAX_TEXT, "x" * MAX_TEXT),
        ("👩🏽‍🚀", "👩🏽‍🚀"),
        (" " + "x" * MAX_TEXT, "x" * MAX_TEXT),
    ],
)
def test_a_text_is_kept_whole_but_for_what_no_database_can_hold(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\x00", "\ud800", "x" * (MAX_TEXT + 1)])
def test_a_text_that_cannot_be_kept_whole_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="'note'"):
        clean(text, field="note")


@given(st.text(st.characters(), max_size=200))
def test_a_cleaned_text_is_fit_to_be_stored_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        kept = clean(text)
    except Invalid:
        return
    kept.encode("utf-8")
    assert "\x00" not in kept and kept == clean(kept)


# ---- summons


def test_a_claim_is_a_lease_of_five_minutes() -> None:
    claimed = OPEN.claim(ANA, NOW)
    assert (claimed.status, claimed.person, claimed.lease_until, claimed.claimed_at) == (SummonStatus.CLAIMED, ANA, NOW + LEASE, NOW)
    assert claimed.held_by_other(BEN, NOW + LEASE - timedelta(microseconds=1))
    assert not claimed.held_by_other(BEN, NOW + LEASE)
    assert not claimed.held_by_other(ANA, NOW)


def test_a_claimed_summon_cannot_be_claimed_or_answered_by_another() -> None:
    claimed = OPEN.claim(ANA, NOW)
    with pytest.raises(Conflict, match="Somebody else has this summon"):
        claimed.claim(BEN, NOW)
    with pytest.raises(Conflict, match="was not sent"):
        claimed.answer(BEN, NOW)


def test_claiming_ones_own_again_renews_it_and_keeps_when_it_was_first_claimed() -> None:
    again = OPEN.claim(ANA, NOW).claim(ANA, NOW + timedelta(minutes=4))
    assert (again.lease_until, again.claimed_at) == (NOW + timedelta(minutes=9), NOW)


def test_a_claim_that_ran_out_is_anybodys() -> None:
    assert OPEN.claim(ANA, NOW).claim(BEN, NOW + LEASE).person == BEN
    assert OPEN.claim(ANA, NOW).answer(BEN, NOW + LEASE).person == BEN


def test_an_answered_summon_stays_its_persons() -> None:
    answered = OPEN.answer(ANA, NOW)
    assert answered.lease_until is None
    with pytest.raises(Conflict, match="holds the conversation"):
        answered.claim(BEN, NOW + timedelta(days=1))
    assert answered.claim(ANA, NOW).status is SummonStatus.ANSWERED


@pytest.mark.parametrize(
    "ended",
    [OPEN.hand_back(NOW), OPEN.resolve(NOW), OPEN.answer(ANA, NOW).hand_back(NOW), OPEN.claim(ANA, NOW).resolve(NOW)],
    ids=lambda s: f"{s.status} {s.person}",
)
def test_what_has_ended_stays_ended(ended: Summon) -> None:
    assert ended.ended_at == NOW
    for step in (lambda: ended.claim(ANA, NOW), lambda: ended.answer(ANA, NOW), lambda: ended.hand_back(NOW), lambda: ended.resolve(NOW)):
        with pytest.raises(Conflict, match="already"):
            step()


STEPS = st.sampled_from(["claim", "answer", "hand_back", "resolve"])


@given(st.lists(st.tuples(STEPS, st.sampled_from([ANA, BEN]), st.integers(0, 400)), max_size=12))
def test_a_summon_that_is_held_always_has_a_person(steps: list[tuple[str, PersonId, int]]) -> None:
    summon, now = OPEN, NOW
    for step, person, seconds in steps:
        now += timedelta(seconds=seconds)
        before = summon
        try:
            summon = getattr(summon, step)(*([person] if step in {"claim", "answer"} else []), now)
        except Conflict:
            assert summon == before
        assert summon.status not in {SummonStatus.CLAIMED, SummonStatus.ANSWERED} or summon.person is not None
        assert (summon.ended_at is None) == (summon.status not in {SummonStatus.HANDED_BACK, SummonStatus.RESOLVED})
        assert summon.opened_at == NOW and replace(summon, status=OPEN.status).reasons == OPEN.reasons


# ---- what teaches


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (SignalKind.REJECTION, None, None),
        (SignalKind.REJECTION, "text", "  "),
        (SignalKind.CORRECTION, None, "why"),
        (SignalKind.EDIT, " ", None),
        (SignalKind.TAKEOVER, None, None),
    ],
)
def test_a_signal_without_its_words_teaches_nothing(kind: SignalKind, text: str | None, reason: str | None) -> None:
    with pytest.raises(Invalid, match="needs"):
        check(kind, text=text, reason=reason)


def test_an_approval_needs_no_words() -> None:
    check(SignalKind.APPROVAL, text=None, reason=None)


def test_about_a_third_of_conversations_may_be_set_aside_and_always_the_same() -> None:
    chosen = [n for n in range(3000) if may_be_set_aside(ConversationId(f"conversation-{n}"))]
    assert 900 < len(chosen) < 1100
    assert chosen == [n for n in range(3000) if may_be_set_aside(ConversationId(f"conversation-{n}"))]
