"""The playground: an answer in place, under what is live and under proposals; nothing is sent, nothing is kept, nothing typed is lost."""

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from tests.integration.test_playground import rows
from tests.web.conftest import Door, Knock


def before(door: Door) -> dict[str, list[tuple[object, ...]]]:
    """Every row, once it is noted that Olga was seen."""
    door.olga_in.get("/playground")
    return rows(door.shop)


def tried(knock: Knock, **form: str) -> str:
    answer = knock.send("/playground", **form)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_message_is_answered_in_place_and_leaves_no_trace(door: Door, shop: Shop) -> None:
    door.proposal()
    there = before(door)
    shop.model.reply_with(sure("We are open from nine.", confidence=0.81, covered_by="facts/hours"))
    text = tried(door.olga_in, message="When are you open?")
    assert "would answer" in text and "We are open from nine." in text and "81 % sure; 70 % needed" in text and 'href="/directives/facts/hours"' in text
    assert rows(shop) == there


def test_a_summon_says_why_and_what_the_customer_would_read(door: Door, shop: Shop) -> None:
    shop.model.reply_with(unsure("I think maybe"))
    text = tried(door.olga_in, message="Can you paint my fence?")
    assert "would call a person" in text and "Nothing you have taught me covers this." in text and "I think maybe" in text
    assert shop.workspace.directives.serving().policy.turns.holding_line.replace("'", "&#39;") in text
    assert shop.rows.summons.count() == 0


def test_a_proposal_is_tried_beside_today_and_the_words_that_differ_are_marked(door: Door, shop: Shop) -> None:
    name = door.proposal()
    assert f'value="{name}" selected' in door.olga_in.get(f"/playground?proposal={name}").get_data(as_text=True)
    shop.model.reply_with(sure("We open at nine."), sure("We open at ten."))
    text = tried(door.olga_in, message="When?", under=name)
    assert "The proposal says it in other words." in text
    assert "nine.</del>" in text and "ten.</ins>" in text
    assert [asked.known.revision for asked in shop.model.asked] == [shop.workspace.directives.head(), shop.workspace.directives.proposals()[0].head]


def test_a_proposal_can_be_tried_alone(door: Door, shop: Shop) -> None:
    name = door.proposal()
    text = tried(door.olga_in, message="When?", under=f"only:{name}")
    assert 'aria-label="Today"' not in text and len(shop.model.asked) == 1


@pytest.mark.parametrize("name", ["p-9", "main", "HEAD", "refs/heads/main", "only:", "only:HEAD~1", "--help", "p-1;ls", "0" * 40])
def test_anything_but_an_open_proposal_is_refused_and_the_message_is_kept(door: Door, shop: Shop, name: str) -> None:
    door.proposal()
    answer = door.olga_in.send("/playground", message="When are you open?", under=name)
    if name == "only:":
        assert answer.status_code == 200  # names nothing: today's
        return
    assert answer.status_code == 404 and "When are you open?" in answer.get_data(as_text=True) and shop.model.asked == []
    assert door.olga_in.get("/playground", query_string={"proposal": name}).status_code == 404


@pytest.mark.parametrize(("form", "status"), [({"message": " "}, 422), ({"message": "Hello", "customer": "Nobody"}, 404), ({}, 422)])
def test_what_cannot_be_tried_is_told_and_kept(door: Door, shop: Shop, form: dict[str, str], status: int) -> None:
    answer = door.olga_in.send("/playground", **form)
    assert answer.status_code == status and shop.model.asked == [] and shop.rows.customers.count() == 0
    assert all(value.strip() in answer.get_data(as_text=True) for value in form.values())


def test_a_conversation_that_was_is_asked_again_question_by_question(door: Door, shop: Shop) -> None:
    shop.model.reply_with("We are open from nine.", unsure())
    talk = shop.start()
    shop.say(talk, "When are you open?")
    shop.say(talk, "Can you paint my fence?")
    shop.reply(talk, "No, but I know somebody.")
    there = before(door)
    shop.model.reply_with("We are open from nine.", "I will ask.")
    text = door.olga_in.get(f"/playground?conversation={talk}").get_data(as_text=True)
    assert "today the same words as then" in text and "No, but I know somebody." in text and "<b>2</b> today" in text
    assert rows(shop) == there


def test_where_answers_cost_money_it_is_said_and_each_question_is_asked_by_hand(door: Door, shop: Shop) -> None:
    shop.models.costly = True
    talk, name = shop.start(), door.proposal()
    shop.say(talk, "When are you open?")
    asked = len(shop.model.asked)
    text = door.olga_in.get(f"/playground?conversation={talk}&proposal={name}").get_data(as_text=True)
    assert "costs money, here twice a question" in text and "Ask this again" in text and len(shop.model.asked) == asked
    answer = door.olga_in.send(f"/playground/{talk}/0", under=name)
    assert "Certainly!" in answer.get_data(as_text=True) and len(shop.model.asked) == asked + 2
    assert door.olga_in.send(f"/playground/{talk}/7", under=name).status_code == 200 and len(shop.model.asked) == asked + 2


def test_a_conversation_that_is_not_there_is_told(door: Door) -> None:
    assert door.olga_in.get("/playground?conversation=nothing").status_code == 404


def test_a_proposal_that_something_overtook_says_so(door: Door, shop: Shop) -> None:
    name = door.proposal()
    assert "Something went live after" not in door.olga_in.get(f"/playground?proposal={name}").get_data(as_text=True)
    shop.release({"facts/parking.md": "---\ntitle: Parking\n---\n\n- We park on the street\n"})
    assert "Something went live after" in door.olga_in.get(f"/playground?proposal={name}").get_data(as_text=True)


def test_words_are_never_markup(door: Door, shop: Shop) -> None:
    shop.model.reply_with(sure("<img src=x onerror=alert(1)>"))
    name = door.proposal(title="<script>alert(2)</script>")
    text = tried(door.olga_in, message="</textarea><script>alert(1)</script>", under=name)
    assert "<img src=x" not in text and "<script>alert" not in text
