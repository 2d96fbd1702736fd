"""What somebody wrote is never markup, on any page."""

from werkzeug.test import TestResponse

from tests.fakes import unsure
from tests.web.conftest import Door
from voicegit.domain.people import Role

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3)"


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def summoned(door: Door, said: str = "Can you paint my fence?", customer: str | None = None, draft: str = "") -> str:
    door.shop.model.reply_with(unsure(draft))
    talk = door.a.begin(customer)
    door.a.say(talk, said)
    return talk


def test_no_text_from_outside_becomes_markup(door: Door) -> None:
    talk = summoned(door, NASTY, NASTY[:60], draft=NASTY)
    door.operator.post(f"/api/v1/conversations/{talk}/notes", {"text": NASTY})
    door.proposal(f"- {NASTY}\n", title=NASTY)
    door.shop.person(NASTY[:40], Role.OPERATOR)
    pages = [door.maria_in.get(url) for url in ("/inbox", "/review", "/people", f"/sign-in?code={NASTY}", f"/review?declined={NASTY}&live={NASTY}")]
    pages.append(door.maria_in.send("/review/p-1/decline", reason=""))
    for page in pages:
        assert "<script>alert" not in text(page)
        assert "<img" not in text(page)
        assert "49 javascript" not in text(page)
    assert "&lt;script&gt;" in text(pages[0])
