"""The help page: in plain words, and every link on it leads somewhere."""

import re

from tests.web.conftest import Door


def test_help_is_in_plain_words_and_its_links_lead_to_what_they_name(door: Door) -> None:
    page = door.maria_in.get("/help").get_data(as_text=True)
    words = re.sub(r"<[^>]+>", " ", page.partition("<main")[2])
    assert re.findall(r"\b(branch|merge|rebase|commit|revision|sha|git|head)\w*", words, re.IGNORECASE) == []
    for asked in ("summon", "word for word", "signal", "proposal", "approve", "Undo", "Why did it say that?", "wrong at most", "forgotten"):
        assert asked in words
    links = set(re.findall(r'href="(/[^"]*|#[^"]+)"', page.partition("<main")[2]))
    assert len(links) > 15
    for link in links:
        path, _, place = link.partition("#")
        answer = door.olga_in.get(path or "/help")
        assert answer.status_code == 200, link
        assert not place or f'id="{place}"' in answer.get_data(as_text=True), link
