"""What a person writes is kept for them, claims what they answer, and follows them when it is taken back; what follows a reply follows when it has left."""

import pytest

from tests.conftest import Shop
from tests.fakes import unsure
from voicegit.domain.conversation import Author, Floor
from voicegit.domain.ids import ConversationId
from voicegit.domain.people import Person, Role
from voicegit.domain.signal import DraftUse, SignalKind, Teaches
from voicegit.domain.summon import LEASE, SummonStatus
from voicegit.domain.talk import Band, Turning
from voicegit.domain.work import UNDO, Then
from voicegit.errors import Conflict, Forbidden, Invalid
from voicegit.services import composing, conversation, takeover, talk, teaching, turn, worker


@pytest.fixture
def olga(shop: Shop) -> Person:
    return shop.person("Olga", Role.OPERATOR)


def drafted(shop: Shop, draft: str = "We never pay for vases.") -> ConversationId:
    """A conversation in which a person was called although the model had an answer."""
    shop.model.reply_with(unsure(draft))
    return shop.summoned("My vase is broken")


def leave(shop: Shop) -> None:
    shop.clock.pass_(UNDO.total_seconds())
    worker.deliver_due(shop.workspace)


def bands(shop: Shop, id: ConversationId) -> list[Turning]:
    return [line.turning for line in talk.read(shop.workspace, id).lines if isinstance(line, Band)]


# ---- kept, and claimed


def test_what_is_begun_is_kept_for_its_person_and_that_conversation(shop: Shop, olga: Person) -> None:
    id, other = drafted(shop), drafted(shop)
    composing.keep(shop.workspace, id, "I am so sorry", by=olga)
    kept = composing.of(shop.workspace, id, by=olga)
    assert kept is not None
    assert kept.text == "I am so sorry"
    assert composing.of(shop.workspace, id, by=shop.owner) is None
    assert composing.of(shop.workspace, other, by=olga) is None


def test_the_first_letter_claims_the_summon_and_each_further_one_holds_it(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    for text in ("I", "I am", "I am so"):
        composing.keep(shop.workspace, id, text, by=olga)
        shop.clock.pass_(LEASE.total_seconds() - 60)
    assert talk.read(shop.workspace, id).holder == olga.id
    shop.clock.pass_(60)
    assert talk.read(shop.workspace, id).holder is None


def test_typing_does_not_fill_the_feed(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    for length in range(1, 20):
        composing.keep(shop.workspace, id, "x" * length, by=olga)
        shop.clock.pass_(20)
    assert shop.rows.events.count(conversation=id, kind="claim") == 1


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_box_claims_nothing(shop: Shop, olga: Person, text: str) -> None:
    id = drafted(shop)
    composing.keep(shop.workspace, id, text, by=olga)
    assert talk.read(shop.workspace, id).holder is None


def test_a_note_claims_nothing(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    composing.keep(shop.workspace, id, "She called too", by=olga, note=True)
    assert talk.read(shop.workspace, id).holder is None
    composing.note(shop.workspace, id, "She called too", by=olga)
    assert composing.of(shop.workspace, id, by=olga) is None


def test_what_another_has_is_not_claimed_and_the_text_is_kept(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    composing.keep(shop.workspace, id, "Mine", by=shop.owner)
    composing.keep(shop.workspace, id, "Not mine", by=olga)
    assert talk.read(shop.workspace, id).holder == shop.owner.id
    kept = composing.of(shop.workspace, id, by=olga)
    assert kept is not None
    assert kept.text == "Not mine"


def test_sending_empties_the_box_and_a_save_that_comes_late_does_not_fill_it_again(shop: Shop, olga: Person) -> None:
    id, key = drafted(shop), "a" * 32
    composing.keep(shop.workspace, id, "I am so sorr", by=olga, key=key)
    takeover.reply(shop.workspace, id, "I am so sorry", by=olga, key=key)
    with pytest.raises(Conflict, match="sent already"):
        composing.keep(shop.workspace, id, "I am so sorry", by=olga, key=key)
    assert composing.of(shop.workspace, id, by=olga) is None


def test_two_presses_on_send_are_one_message(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    first, second = (takeover.reply(shop.workspace, id, "I am so sorry", by=olga, key="b" * 32) for _ in range(2))
    assert first.id == second.id
    one, again = (composing.note(shop.workspace, id, "Twice", by=olga, key="c" * 32) for _ in range(2))
    assert one.id == again.id


def test_what_is_too_long_is_refused_and_what_was_kept_stays(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    composing.keep(shop.workspace, id, "Short", by=olga)
    with pytest.raises(Invalid, match="is kept"):
        composing.keep(shop.workspace, id, "x" * 8193, by=olga)
    kept = composing.of(shop.workspace, id, by=olga)
    assert kept is not None
    assert kept.text == "Short"


# ---- taking over


def test_a_conversation_is_taken_over_on_purpose_and_the_other_keeps_their_text(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    composing.keep(shop.workspace, id, "I am so", by=olga)
    shop.clock.pass_(1)
    takeover.take_over(shop.workspace, id, by=shop.owner)
    assert talk.read(shop.workspace, id).holder == shop.owner.id
    assert bands(shop, id) == [Turning.TAKEN_FROM]
    with pytest.raises(Conflict):
        takeover.reply(shop.workspace, id, "I am so sorry", by=olga)
    kept = composing.of(shop.workspace, id, by=olga)
    assert kept is not None
    assert kept.text == "I am so"
    shop.clock.pass_(1)
    shop.reply(id, "Mine")
    assert bands(shop, id) == [Turning.TAKEN_FROM]


def test_an_answered_conversation_is_taken_over_too(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    takeover.reply(shop.workspace, id, "I come at four.", by=olga)
    takeover.take_over(shop.workspace, id, by=shop.owner)
    shop.reply(id, "It is Maria now.")
    with pytest.raises(Conflict, match="Maria has this"):
        takeover.reply(shop.workspace, id, "And at five", by=olga)


def test_nobody_has_what_the_model_answers(shop: Shop) -> None:
    id = shop.start()
    shop.say(id, "Hello")
    with pytest.raises(Conflict, match="Write, and it is yours"):
        takeover.take_over(shop.workspace, id, by=shop.owner)


# ---- what the customer wrote meanwhile


def test_a_reply_to_what_was_not_read_is_refused(shop: Shop) -> None:
    id = drafted(shop)
    seen = composing.newest_asked(shop.workspace, id)
    shop.say(id, "And the table too")
    with pytest.raises(Conflict, match="wrote again"):
        takeover.reply(shop.workspace, id, "I am so sorry", by=shop.owner, seen=seen)
    assert takeover.reply(shop.workspace, id, "I am so sorry", by=shop.owner, seen=composing.newest_asked(shop.workspace, id))


# ---- what follows a reply


@pytest.mark.parametrize(("then", "floor", "turning"), [(Then.HAND_BACK, Floor.MODEL, Turning.HANDED_BACK), (Then.RESOLVE, Floor.MODEL, Turning.RESOLVED)])
def test_what_follows_a_reply_follows_when_it_has_left(shop: Shop, then: Then, floor: Floor, turning: Turning) -> None:
    id = drafted(shop)
    takeover.reply(shop.workspace, id, "I come at four.", by=shop.owner, then=then)
    worker.deliver_due(shop.workspace)
    assert shop.rows.conversations.get(id).floor is Floor.PERSON
    leave(shop)
    assert shop.rows.conversations.get(id).floor is floor
    assert bands(shop, id) == [Turning.TOOK_OVER, turning]


def test_a_reply_that_is_taken_back_takes_back_what_would_follow(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    said = takeover.reply(shop.workspace, id, "I come at four.", by=olga, then=Then.HAND_BACK)
    composing.keep(shop.workspace, id, "And bring glue.", by=olga)
    composing.take_back(shop.workspace, said.id, by=olga)
    leave(shop)
    assert shop.rows.conversations.get(id).floor is Floor.PERSON
    kept = composing.of(shop.workspace, id, by=olga)
    assert kept is not None
    assert kept.text == "I come at four.\n\nAnd bring glue."


def test_the_newest_reply_says_what_follows(shop: Shop) -> None:
    id = drafted(shop)
    takeover.reply(shop.workspace, id, "I come at four.", by=shop.owner, then=Then.RESOLVE)
    takeover.reply(shop.workspace, id, "Wait, I look it up.", by=shop.owner)
    leave(shop)
    assert shop.rows.conversations.get(id).floor is Floor.PERSON


def test_nothing_follows_the_reply_of_somebody_from_whom_it_was_taken(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    takeover.reply(shop.workspace, id, "I come at four.", by=olga, then=Then.HAND_BACK)
    takeover.take_over(shop.workspace, id, by=shop.owner)
    leave(shop)
    talk_now = shop.rows.conversations.get(id)
    assert (talk_now.floor, talk_now.holder) == (Floor.PERSON, shop.owner.id)


def test_what_the_customer_wrote_before_a_reply_left_is_answered_after_it(shop: Shop) -> None:
    """The model's message comes after the person's, and never in the stretch that the person holds."""
    id = drafted(shop)
    takeover.reply(shop.workspace, id, "I come at four.", by=shop.owner, then=Then.RESOLVE)
    shop.say(id, "Is that today?")
    assert turn.run(shop.workspace, id) is None
    leave(shop)
    assert shop.rows.conversations.get(id).resolved_at is None
    assert turn.run(shop.workspace, id) is not None
    authors = [one.author for one in shop.rows.messages.find(conversation=id, order="seq")]
    assert authors[-3:] == [Author.PERSON, Author.CUSTOMER, Author.MODEL]


# ---- what it teaches


@pytest.mark.parametrize(
    ("use", "words", "kind", "distance"),
    [
        (DraftUse.UNOPENED, "I am so sorry.", SignalKind.TAKEOVER, pytest.approx(0.7, abs=0.2)),
        (DraftUse.OPENED, "We never pay for vases.", SignalKind.TAKEOVER, 0.0),
        (DraftUse.USED, "We never pay for vases.", SignalKind.APPROVAL, 0.0),
        (DraftUse.USED, "We never pay for a vase.", SignalKind.EDIT, pytest.approx(0.1, abs=0.05)),
    ],
)
def test_a_signal_knows_what_was_done_with_the_draft(shop: Shop, use: DraftUse, words: str, kind: SignalKind, distance: float) -> None:
    id = drafted(shop)
    takeover.reply(shop.workspace, id, words, by=shop.owner, draft=use)
    (signal,) = shop.rows.signals.find(conversation=id)
    assert (signal.kind, signal.draft, signal.distance) == (kind, use, distance)


def test_where_there_was_no_draft_there_is_no_distance(shop: Shop) -> None:
    id = drafted(shop, "")
    takeover.reply(shop.workspace, id, "I am so sorry.", by=shop.owner, draft=DraftUse.UNOPENED)
    (signal,) = shop.rows.signals.find(conversation=id)
    assert (signal.draft, signal.distance) == (None, None)


def test_a_draft_that_was_read_stays_read(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    composing.opened_draft(shop.workspace, id, by=olga)
    composing.keep(shop.workspace, id, "I am", by=olga)
    kept = composing.of(shop.workspace, id, by=olga)
    assert kept is not None
    assert kept.draft is DraftUse.OPENED


def test_its_writer_says_what_a_reply_teaches_while_it_waits(shop: Shop, olga: Person) -> None:
    id = drafted(shop)
    first = takeover.reply(shop.workspace, id, "I am so sorry.", by=olga)
    later = takeover.reply(shop.workspace, id, "I come at four.", by=olga)
    for said in (first, later):
        taught = teaching.teach(shop.workspace, said.id, by=olga, teaches=Teaches.HANDLING, reason="We always go and look.")
        assert (taught.teaches, taught.reason) == (Teaches.HANDLING, "We always go and look.")
    assert shop.rows.signals.count(conversation=id) == 1
    with pytest.raises(Forbidden):
        teaching.teach(shop.workspace, first.id, by=shop.owner, teaches=Teaches.NOTHING)


def test_what_was_learned_from_already_is_not_changed(shop: Shop) -> None:
    from voicegit.services import distill

    id = drafted(shop)
    said = shop.reply(id, "I am so sorry.")
    distill.distill(shop.workspace)
    with pytest.raises(Conflict, match="learned from already"):
        teaching.teach(shop.workspace, said, by=shop.owner, teaches=Teaches.NOTHING)


# ---- resting


def test_a_conversation_rests_until_its_time_or_until_the_customer_writes(shop: Shop, olga: Person) -> None:
    from datetime import timedelta

    id, now = drafted(shop), shop.clock.now()
    rested = conversation.snooze(shop.workspace, id, now + timedelta(hours=1), olga)
    assert rested.rests(now)
    assert not rested.rests(now + timedelta(hours=1))
    shop.say(id, "Hello?")
    assert shop.rows.conversations.get(id).snoozed_until is None
    with pytest.raises(Invalid, match="past"):
        conversation.snooze(shop.workspace, id, now, olga)
    assert shop.rows.summons.first(conversation=id, status=SummonStatus.OPEN) is not None


# ---- canned answers


def test_canned_answers_are_approved_examples_filled_from_the_customers_record(shop: Shop) -> None:
    from voicegit.services import people

    shop.release(
        {"facts/team.md": "---\ntitle: Teams\n---\n\n## Examples\n\n> **Customer:** Who comes?\n>\n> **Us:** {team} come to you, {name}, at {hour}.\n"}
    )
    people.set_customer(shop.workspace, "Dana R.", fields={"team": "Mike & Bob"})
    id = shop.start("Dana R.")
    (found,) = talk.canned(shop.workspace, id, like="who comes")
    assert (found.title, found.text, found.missing) == ("Teams", "Mike & Bob come to you, Dana, at {hour}.", ("hour",))
    assert talk.canned(shop.workspace, id, like="nothing of the kind") == []
