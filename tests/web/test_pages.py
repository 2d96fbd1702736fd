"""The plain pages: the decision on a proposal."""

import re

from werkzeug.test import TestResponse

from tests.fakes import unsure
from tests.web.conftest import Door
from voicegit.domain.people import Role
from voicegit.services import review

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3)"


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def summoned(door: Door, said: str = "Can you paint my fence?", customer: str | None = None, draft: str = "") -> str:
    door.shop.model.reply_with(unsure(draft))
    talk = door.a.begin(customer)
    door.a.say(talk, said)
    return talk


# ---- review


def seen(door: Door) -> dict[str, str]:
    page = text(door.maria_in.get("/review"))
    return dict(re.findall(r'name="(head|base)" value="([0-9a-f]{40})"', page))


def test_a_proposal_is_read_and_approved_exactly_as_it_was_read(door: Door) -> None:
    name = door.proposal()
    page = text(door.maria_in.get("/review"))
    for words in ("Open on Sundays", "Every file can be read and served.", '<span class="added">+- Open on Sundays too', "add facts/sundays"):
        assert words in page
    answer = door.maria_in.send(f"/review/{name}/approve", **seen(door))
    assert answer.status_code == 303
    assert "Live." in text(door.maria_in.get(answer.headers["Location"]))
    assert door.shop.workspace.directives.serving().get("facts/sundays") is not None


def test_two_clicks_on_approve_are_one_release(door: Door) -> None:
    name, shown = door.proposal(), seen(door)
    first, second = (door.maria_in.send(f"/review/{name}/approve", **shown) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(door.shop.workspace.directives.log(door.shop.workspace.directives.head(), first_parent=True)) == 2


def test_an_approval_of_what_was_not_on_the_page_is_refused(door: Door) -> None:
    name, shown = door.proposal(), seen(door)
    before = door.shop.workspace.directives.head()
    for wrong in ({"head": shown["base"]}, {"base": shown["head"]}, {"head": ""}, {"base": "main"}, {"head": "--output=x"}):
        assert door.maria_in.send(f"/review/{name}/approve", **{**shown, **wrong}).status_code in {409, 422}
    assert door.shop.workspace.directives.head() == before


def test_an_approval_is_refused_when_what_is_live_moved_meanwhile(door: Door) -> None:
    name, shown = door.proposal(), seen(door)
    door.shop.release({"facts/late.md": "---\ntitle: Late\n---\n\n- Open till nine\n"}, title="Longer evenings")
    answer = door.maria_in.send(f"/review/{name}/approve", **shown)
    assert answer.status_code == 409
    assert "Longer evenings" in text(answer)


def test_deciding_needs_a_sign_in_that_is_minutes_old(door: Door) -> None:
    name, shown = door.proposal(), seen(door)
    door.shop.clock.pass_(601)
    answer = door.maria_in.client.post(f"/review/{name}/approve", data={"csrf_token": door.maria_in.csrf(), **shown}, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "Sign in again to decide" in text(answer)
    assert door.maria_in.send(f"/review/{name}/decline", reason="No").status_code == 403
    assert door.signed_in(door.shop.owner).send(f"/review/{name}/approve", **shown).status_code == 303


def test_a_lead_may_decide_and_an_operator_may_not(door: Door) -> None:
    name, shown = door.proposal(), seen(door)
    assert door.olga_in.send(f"/review/{name}/approve", **shown).status_code == 403
    assert door.signed_in(door.shop.person("Lea", Role.LEAD)).send(f"/review/{name}/approve", **shown).status_code == 303


def test_a_decline_needs_words_and_they_are_kept_while_one_thinks(door: Door) -> None:
    name = door.proposal()
    assert door.maria_in.send(f"/review/{name}/decline", reason=" ").status_code == 422
    answer = door.maria_in.send(f"/review/{name}/decline", reason="We rest on Sundays.")
    assert "is closed" in text(door.maria_in.get(answer.headers["Location"]))
    assert review.waiting(door.shop.workspace) == []


# ---- what somebody wrote is never markup


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


def test_a_line_that_looks_like_a_files_name_is_still_shown_as_what_it_is() -> None:
    from voicegit_web.pages.review import coloured

    diff = "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- gone\n+++ came\n same\ndiff --git a/y b/y\nold mode 100755\n--- a/y"
    assert [kind for kind, _ in coloured(diff)] == ["file", "place", "taken", "added", "same", "file", "place"]
    assert coloured(diff)[-1] == ("place", "old mode 100755")
