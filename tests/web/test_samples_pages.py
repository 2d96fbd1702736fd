"""The samples page: one reply at a time, a verdict, the next; nothing typed is lost, and nothing is sent to anybody."""

import re

import pytest

from tests.conftest import Shop
from tests.fakes import sure
from tests.web.conftest import Door
from voicegit.domain.ids import MessageId
from voicegit.domain.signal import SignalKind, Teaches
from voicegit.services import distill


def replied(shop: Shop, text: str, confidence: float = 0.95) -> MessageId:
    shop.clock.pass_(60)
    shop.model.reply_with(sure(text, confidence=confidence))
    said = shop.say(shop.start("Dana Reyes"), f"What about {text}?").reply
    assert said is not None
    return said.id


def page(door: Door, url: str = "/samples") -> str:
    answer = door.olga_in.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_without_replies_the_page_says_where_they_come_from(door: Door) -> None:
    text = page(door)
    assert "No reply waits for a look" in text and 'href="/inbox"' in text


def test_one_reply_is_shown_with_its_question_its_certainty_and_its_conversation(door: Door, shop: Shop) -> None:
    said = replied(shop, "the lamp", 0.72)
    replied(shop, "the vase")
    text = page(door)
    assert "2 left from the last 30 days" in text and "the vase" not in text
    assert "What about the lamp?" in text and "72 % sure; 70 % needed" in text
    talk = shop.rows.messages.get(said).conversation
    assert f'href="/c/{talk}?at={said}"' in text


@pytest.mark.parametrize(
    ("form", "kind", "words"),
    [
        ({"verdict": "good"}, SignalKind.APPROVAL, (None, None, None)),
        ({"verdict": "correct", "text": "Better so.", "teaches": "tone"}, SignalKind.CORRECTION, ("Better so.", None, Teaches.TONE)),
        ({"verdict": "correct", "text": "Better so.", "teaches": "mischief"}, SignalKind.CORRECTION, ("Better so.", None, None)),
        ({"verdict": "wrong", "reason": "We never promise."}, SignalKind.REJECTION, (None, "We never promise.", None)),
    ],
)
def test_a_verdict_is_kept_and_the_next_reply_comes(
    door: Door, shop: Shop, form: dict[str, str], kind: SignalKind, words: tuple[str | None, str | None, Teaches | None]
) -> None:
    said = replied(shop, "the lamp", 0.72)
    replied(shop, "the vase")
    answer = door.olga_in.send(f"/samples/{said}", **form)
    assert answer.status_code == 303
    (given,) = shop.rows.signals.find()
    assert (given.kind, given.person, given.message, (given.text, given.reason, given.teaches)) == (kind, door.olga.id, said, words)
    text = page(door, answer.headers["Location"])
    assert "What about the vase?" in text and "1 left" in text and ">Undo</button>" in text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"verdict": "wrong", "reason": "  "}, "without words nothing can be learned"),
        ({"verdict": "correct", "text": "the lamp", "teaches": "fact"}, "You changed nothing"),
        ({"verdict": "correct", "text": " \n"}, "needs the better text"),
        ({"verdict": "splendid", "reason": "kept words"}, "Choose what you think"),
        ({}, "Choose what you think"),
    ],
)
def test_a_verdict_without_its_words_is_refused_and_keeps_what_was_typed(door: Door, shop: Shop, form: dict[str, str], told: str) -> None:
    said = replied(shop, "the lamp")
    answer = door.olga_in.send(f"/samples/{said}", **form)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and told in text and "What about the lamp?" in text
    assert shop.rows.signals.count() == 0
    for name in ("text", "reason"):
        if form.get(name, "").strip():
            assert form[name] in text
    if form.get("teaches"):
        assert re.search(rf'value="{form["teaches"]}" checked', text)


def test_undo_takes_the_verdict_back_and_shows_the_reply_again(door: Door, shop: Shop) -> None:
    said = replied(shop, "the lamp")
    done = door.olga_in.send(f"/samples/{said}", verdict="good").headers["Location"]
    assert f"/samples/{said}/undo" in page(door, done)
    answer = door.olga_in.send(f"/samples/{said}/undo")
    assert "What about the lamp?" in page(door, answer.headers["Location"])
    assert shop.rows.signals.count() == 0


def test_what_was_learned_from_offers_no_undo_and_refuses_one(door: Door, shop: Shop) -> None:
    said = replied(shop, "the lamp")
    done = door.olga_in.send(f"/samples/{said}", verdict="good").headers["Location"]
    distill.distill(shop.workspace)
    assert "Undo" not in page(door, done)
    answer = door.olga_in.send(f"/samples/{said}/undo")
    assert answer.status_code == 409 and "learned from" in answer.get_data(as_text=True)


def test_nobody_takes_back_what_another_said(door: Door, shop: Shop) -> None:
    said = replied(shop, "the lamp")
    done = door.olga_in.send(f"/samples/{said}", verdict="good").headers["Location"]
    assert "Undo" not in door.maria_in.get(done).get_data(as_text=True)
    assert door.maria_in.send(f"/samples/{said}/undo").status_code == 409
    assert shop.rows.signals.count() == 1


def test_later_goes_on_and_what_was_passed_over_is_offered_at_the_end(door: Door, shop: Shop) -> None:
    replied(shop, "the lamp", 0.72)
    replied(shop, "the vase")
    rows = [shop.rows.signals.count(), shop.rows.events.count()]
    first = page(door)
    later = re.findall(r'href="(/samples\?after=[^"]+)"', first)[0]
    second = page(door, later)
    assert "What about the vase?" in second
    end = page(door, re.findall(r'href="(/samples\?after=[^"]+)"', second)[0])
    assert "That was the last one. 2 that you passed over still wait." in end
    assert [shop.rows.signals.count(), shop.rows.events.count()] == rows


def test_two_people_on_the_same_reply_are_both_heard(door: Door, shop: Shop) -> None:
    said = replied(shop, "the lamp")
    assert door.olga_in.send(f"/samples/{said}", verdict="good").status_code == 303
    assert door.maria_in.send(f"/samples/{said}", verdict="wrong", reason="Too short.").status_code == 303
    assert shop.rows.signals.count() == 2
    assert "judged it already" in page(door, f"/samples?at={said}")


@pytest.mark.parametrize("name", ["nothing", "%27%20OR%201=1", "..%2f..", "a" * 400])
def test_a_reply_that_is_not_there_is_told(door: Door, name: str) -> None:
    assert door.olga_in.get(f"/samples?at={name}").status_code == 404
    assert door.olga_in.get(f"/samples?after={name}&done={name}").status_code == 200
    assert door.olga_in.send(f"/samples/{name}", verdict="good").status_code == 404


def test_words_are_never_markup(door: Door, shop: Shop) -> None:
    shop.model.reply_with(sure("<img src=x onerror=alert(1)>"))
    shop.say(shop.start("<b>Dana</b>"), "</textarea><script>alert(1)</script>")
    text = page(door)
    assert "<img src=x" not in text and "<script>alert" not in text and "<b>Dana" not in text
