"""What does not work, in the words of those who wait for it: and nothing when all is well."""

from dataclasses import replace

import pytest

from tests.conftest import Shop
from tests.integration.test_git_directives import plant
from tests.phone import listening, with_channels
from voicegit import bootstrap
from voicegit.adapters.models.chosen import ChosenModels
from voicegit.domain.notice import Channel
from voicegit.errors import ModelFailure
from voicegit.services import notify, trouble


def words(shop: Shop) -> list[str]:
    return [one.words for one in trouble.found(shop.workspace)]


def fail(shop: Shop) -> None:
    shop.model.reply_with(*[ModelFailure("timeout", "Nothing came.")] * 3)
    shop.say(shop.start(), "Hello")
    shop.model.queued.clear()


def test_nothing_is_said_when_all_is_well(shop: Shop) -> None:
    shop.say(shop.start(), "Hello")
    assert words(shop) == []


def test_one_failure_is_no_trouble_and_three_in_a_row_are_until_the_model_answers_again(shop: Shop) -> None:
    fail(shop)
    fail(shop)
    assert words(shop) == []
    fail(shop)
    assert words(shop) == ["The AI's provider does not answer: everything comes to you."]
    shop.say(shop.start(), "Hello")
    assert words(shop) == []


def test_what_failed_long_ago_is_no_trouble_now(shop: Shop) -> None:
    for _ in range(3):
        fail(shop)
    shop.clock.pass_(3600)
    assert words(shop) == []


def test_a_provider_without_a_key_is_said_with_what_to_do(shop: Shop) -> None:
    (one,) = trouble.found(replace(shop.workspace, models=ChosenModels("anthropic")))
    assert one.words == "The AI's provider cannot be asked: everything comes to you."
    assert "ANTHROPIC_API_KEY" in one.remedy


def test_directives_that_cannot_be_served_are_named_by_file_and_line(shop: Shop) -> None:
    plant(shop.app.root / bootstrap.REPOSITORY, b"situations/damage.md", b"---\ntitle: Damage\n---\n\n- Same\n- Same\n")
    (one,) = trouble.found(shop.workspace)
    assert one.places == ("situations/damage.md:6: this rule stands on line 5 already. Delete one of the two",)


@pytest.mark.parametrize("status", [500, 404])
def test_a_channel_whose_last_message_did_not_arrive_is_named(shop: Shop, status: int) -> None:
    with listening() as phone:
        desk = with_channels(shop, Channel("Maria's phone", phone.url("maria")))
        phone.answers.append(status)
        desk.summoned()
        while notify.tell_next(desk.workspace):
            pass
        assert words(desk) == ["Messages through “Maria's phone” do not arrive: nobody is called that way."]
