"""The insights page: the same figures as sentences, as a chart and as a table."""

import re

import pytest

from tests.conftest import Shop
from tests.fakes import sure, unsure
from tests.web.conftest import Door
from voicegit.services import promise


def test_without_anything_the_page_says_what_will_be_here(door: Door) -> None:
    text = door.olga_in.get("/insights").get_data(as_text=True)
    assert "Nothing happened in the last 30 days" in text and "<svg viewBox" not in text.split("<main")[1]


@pytest.mark.parametrize("days", [7, 30, 90])
def test_figures_chart_and_table_say_the_same(door: Door, shop: Shop, days: int) -> None:
    for _ in range(3):
        shop.say(shop.start(), "Hello there")
    shop.model.reply_with(unsure())
    shop.summoned("Can you paint my fence?")
    text = door.olga_in.get(f"/insights?days={days}").get_data(as_text=True)
    assert "3 of 4 messages were answered by the AI (75 %)." in text
    assert f"3 messages answered by the AI and 1 for which a person was called, over {days} days" in text
    assert re.findall(r"<td>(\d+)</td><td>(\d+)</td>", text) == [("3", "1"), *[("0", "0")] * (days - 1)]
    chart = text.split('role="img"')[1].split("</svg>")[0]
    assert (len(re.findall(r'<rect class="answered"', chart)), len(re.findall(r'<rect class="called"', chart))) == (1, 1)
    assert "style=" not in text


@pytest.mark.parametrize("days", ["0", "8", "-7", "9999", "x", "7'", "²"])
def test_another_stretch_is_refused(door: Door, days: str) -> None:
    assert door.olga_in.get("/insights", query_string={"days": days}).status_code == 422


def test_the_promise_is_said_in_a_sentence_and_the_curve_in_words(door: Door, shop: Shop) -> None:
    assert "The promise" not in door.olga_in.get("/insights").get_data(as_text=True)
    shop.release({"policy.toml": "[gate]\nat_most_wrong = 0.5\n"})
    for number in range(6):
        shop.model.reply_with(sure("We clean in Queens.", covered_by="facts/areas", confidence=0.9))
        talk = shop.summoned("Where do you clean?")
        shop.reply(talk, "We clean in Queens." if number else "Everywhere.")
    promise.catch_up(shop.workspace)
    text = door.olga_in.get("/insights").get_data(as_text=True)
    assert "Of the replies that the AI sends by itself at most 50 % are wrong, at 95 % certainty: for no topic is that shown yet" in text
    assert "When it says 90 %, it was right 5 of 6 times." in text
    assert len(re.findall(r'<circle class="answered" cx="270.0" cy="50.0"', text)) == 1
    assert "style=" not in text
