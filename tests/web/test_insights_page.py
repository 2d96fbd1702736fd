"""The insights page: the same figures as sentences, as a chart and as a table."""

import re

import pytest

from tests.conftest import Shop
from tests.fakes import unsure
from tests.web.conftest import Door


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
