"""Trying leaves no trace: what would be said, today and under a proposal, decided by the same code as a turn."""

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from voicegit.adapters.models.local import LocalModel
from voicegit.domain.conversation import Author
from voicegit.domain.gate import Action
from voicegit.domain.ids import ConversationId, Revision
from voicegit.domain.policy import Policy
from voicegit.domain.tried import Asked, Difference, Tried, difference
from voicegit.errors import Invalid, ModelFailure, NotFound
from voicegit.ports import ChatModel
from voicegit.services import conversation, people, playground, review, takeover

ANSWER = "We only clean, but we do that well."
FENCE = f"---\ntitle: Fences\n---\n\n- We do not paint\n\n## Examples\n\n> **Customer:** Can you paint my fence?\n>\n> **Us:** {ANSWER}\n"


@pytest.fixture
def quoting(shop: Shop) -> Shop:
    """A shop with the embedded model, which says what the directives say."""
    model = LocalModel()

    def chat(policy: Policy) -> ChatModel:
        return model

    shop.models.chat = chat  # type: ignore[method-assign]
    return shop


def fences(shop: Shop) -> Revision:
    """An open proposal's revision."""
    name = review.propose(shop.workspace, {"situations/fences.md": FENCE.encode()}, title="Fences", by=shop.owner)
    return playground.proposed(shop.workspace, name).head


def rows(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, the schema's own included."""
    connection = shop.app.database.read.connection
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def tried(shop: Shop, text: str, revision: Revision | None = None, **more: str) -> Tried:
    return playground.answer(shop.workspace, playground.question(shop.workspace, text, **more), revision or playground.today(shop.workspace))


def test_a_proposal_answers_the_case_that_today_calls_a_person(quoting: Shop) -> None:
    head = fences(quoting)
    now, then = tried(quoting, "Can you paint my fence?"), tried(quoting, "Can you paint my fence?", head)
    assert (now.action, now.went_by) == (Action.SUMMON, None)
    assert (then.action, then.text) == (Action.REPLY, ANSWER)
    assert then.went_by is not None and then.went_by.id == "situations/fences"
    assert difference(now, then) is Difference.ANSWERS


def test_what_a_proposal_does_not_touch_stays_as_it_is(quoting: Shop) -> None:
    head = fences(quoting)
    assert difference(tried(quoting, "When are you open?"), tried(quoting, "When are you open?", head)) is Difference.SAME


@pytest.mark.parametrize("draft", [sure("Certainly!"), unsure("maybe"), ModelFailure("timeout", "too late")])
def test_nothing_is_written_whatever_comes_of_it(shop: Shop, draft: object) -> None:
    people.set_customer(shop.workspace, "Dana Reyes", fields={"team": "Mike & Bob"})
    talk = shop.taken_over("My vase is broken", "I will stop by.", "Dana Reyes")
    head, main = fences(shop), shop.workspace.directives.head()
    before = rows(shop)
    shop.model.reply_with(*[draft] * 8)  # type: ignore[list-item]
    tried(shop, "Can you paint my fence?", customer="Dana Reyes")
    tried(shop, "Let me talk to a human", head)
    for asked in playground.past(shop.workspace, talk)[0]:
        playground.answer(shop.workspace, asked, head)
    assert rows(shop) == before
    assert (shop.workspace.directives.head(), len(shop.workspace.directives.proposals())) == (main, 1)


def test_rules_in_code_decide_here_too_and_ask_no_model(shop: Shop) -> None:
    found = tried(shop, "Let me talk to a human")
    assert (found.action, found.model, shop.model.asked) == (Action.SUMMON, "rules", [])
    assert [reason.code for reason in found.reasons] == ["asks_for_person"]


def test_what_would_be_said_must_be_backed_as_in_a_turn(shop: Shop) -> None:
    shop.model.reply_with("That costs $4321.")
    assert [reason.code for reason in tried(shop, "Hello there").reasons] == ["unsupported_claim"]


def test_a_model_that_fails_calls_a_person(shop: Shop) -> None:
    shop.model.reply_with(ModelFailure("timeout", "too late"))
    assert [reason.code for reason in tried(shop, "Hello there").reasons] == ["model_error"]


def test_the_customer_record_that_was_named_is_read_and_none_is_made(shop: Shop) -> None:
    people.set_customer(shop.workspace, "Dana Reyes", fields={"team": "Mike & Bob"})
    tried(shop, "Which team comes?", customer="dana reyes")
    assert shop.model.asked[-1].customer is not None and shop.model.asked[-1].customer.fields == {"team": "Mike & Bob"}
    with pytest.raises(NotFound, match="Your message is kept"):
        playground.question(shop.workspace, "Hello", customer="Nobody")
    assert shop.rows.customers.count() == 1


@pytest.mark.parametrize("text", ["", "  \n ", "\x00", "x" * 9000])
def test_a_message_that_no_customer_could_send_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(Invalid):
        playground.question(shop.workspace, text)


@pytest.mark.parametrize(
    "name",
    ["", "p-9", "main", "HEAD", "refs/heads/main", "p-1^", "p-1~1", "--upload-pack=touch /tmp/x", "-1", "../p-1", "p-1\n", "P-1", "p-1' OR 1=1", "0" * 40],
)
def test_only_an_open_proposals_own_name_leads_to_it(shop: Shop, name: str) -> None:
    fences(shop)
    with pytest.raises(NotFound):
        playground.proposed(shop.workspace, name)


def test_a_decided_proposal_can_be_tried_no_more(shop: Shop) -> None:
    name = review.propose(shop.workspace, {"situations/fences.md": FENCE.encode()}, title="Fences", by=shop.owner)
    review.decline(shop.workspace, name, reason="Not now.", by=shop.owner)
    with pytest.raises(NotFound, match="open"):
        playground.proposed(shop.workspace, name)


# ---- a conversation that was


def asked_again(shop: Shop, talk: ConversationId) -> list[Asked]:
    return playground.past(shop.workspace, talk)[0]


def test_each_of_a_customers_words_is_asked_again_after_what_was_really_said_before(shop: Shop) -> None:
    talk = shop.start()
    shop.model.reply_with("We are open from nine.", unsure("I think maybe"))
    shop.say(talk, "When are you open?")
    shop.say(talk, "Can you paint my fence?")
    shop.reply(talk, "No, but I know somebody who can.")
    first, second = asked_again(shop, talk)
    assert (first.text, [one.text for one in first.answered], first.by_person) == ("When are you open?", ["We are open from nine."], False)
    assert (second.text, [one.text for one in second.answered], second.by_person) == ("Can you paint my fence?", ["No, but I know somebody who can."], True)
    assert second.turn is not None and second.turn.outcome == "summon"
    shop.model.reply_with("Something else.")
    playground.answer(shop.workspace, second, playground.today(shop.workspace))
    assert [one.text for one in shop.model.asked[-1].messages] == ["When are you open?", "We are open from nine.", "Can you paint my fence?"]


def test_a_note_and_a_withdrawn_reply_are_never_read_again(shop: Shop) -> None:
    talk = shop.summoned("My vase is broken")
    conversation.note(shop.workspace, talk, "She is lying.", by=shop.owner)
    takeover.undo(shop.workspace, shop.reply(talk, "Prove it."), by=shop.owner)
    (only,) = asked_again(shop, talk)
    assert only.answered == () and {one.author for one in only.messages} == {Author.CUSTOMER}


def test_after_a_hand_back_the_same_caution_is_asked_for(shop: Shop) -> None:
    talk = shop.summoned("My vase is broken")
    shop.reply(talk, "I will stop by.")
    shop.clock.pass_(60)
    takeover.hand_back(shop.workspace, talk)
    shop.say(talk, "Thank you")
    before, after = asked_again(shop, talk)
    assert (before.handed_back, after.handed_back) == (False, True)
    assert playground.answer(shop.workspace, after, playground.today(shop.workspace)).threshold == pytest.approx(0.75)


def test_of_a_long_conversation_the_newest_is_asked_again(shop: Shop) -> None:
    talk = shop.start()
    for number in range(playground.MOST + 3):
        shop.say(talk, f"Question {number}")
    steps, whole = playground.past(shop.workspace, talk)
    assert (len(steps), whole, steps[-1].text) == (playground.MOST, playground.MOST + 3, f"Question {playground.MOST + 2}")


@pytest.mark.parametrize("name", ["", "nothing", "../..", "' OR 1=1 --"])
def test_a_conversation_that_is_not_there_is_told(shop: Shop, name: str) -> None:
    with pytest.raises(NotFound):
        playground.past(shop.workspace, name)


def test_whether_it_costs_money_is_known_before(shop: Shop) -> None:
    today = playground.today(shop.workspace)
    assert not playground.charges(shop.workspace, today)
    shop.models.costly = True
    assert playground.charges(shop.workspace, today)
