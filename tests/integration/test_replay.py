"""A proposal tried on what was really asked: by the same code as a turn, without a trace among what happened."""

import pytest

from tests.conftest import Shop
from voicegit.errors import NotFound
from voicegit.services import playground, replay


def test_one_past_question_is_asked_under_one_revision_and_most_tries_count(shop: Shop) -> None:
    talk = shop.start()
    shop.model.reply_with("We clean.")
    said = shop.say(talk, "What do you do?").reply
    assert said is not None
    asked = playground.answered_by(shop.workspace, said.id)
    assert asked.text == "What do you do?"
    before = len(shop.model.asked)
    shop.model.reply_with("We clean.", "Something else altogether", "We clean!")
    shop.models.costly = True
    heard = replay.ask(shop.workspace, asked, shop.workspace.directives.head())
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
