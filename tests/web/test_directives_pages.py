"""Reading, writing and retiring directives through the pages, and the history with its undo. Nothing here makes a text live but an undo."""

import csv
import io
import json
import re

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Door
from voicegit.domain.ids import DirectiveId, ProposalId
from voicegit.services import review, rollback, takeover
from voicegit_web.pages.markdown import rendered

FORM = {
    "kind": "facts",
    "title": "Do we clean windows?",
    "rules": "We clean windows inside\n- Not outside",
    "asked": "Do you do windows?",
    "answered": "Inside, yes.",
}


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_the_list_is_searched_by_every_word(door: Door) -> None:
    assert "Somebody wants to book a cleaning" in text(door.olga_in.get("/directives"))
    found = text(door.olga_in.get("/directives?q=KEYS+safe"))
    assert "How we get into the house" in found and "book a cleaning" not in found
    assert "Nothing says that" in text(door.olga_in.get("/directives?q=zeppelin"))


def test_a_directive_tells_where_each_rule_comes_from(door: Door) -> None:
    shop = door.shop
    talk = shop.taken_over("My vase is broken", "I will stop by today.")
    files = {"situations/damage.md": b"---\ntitle: Damage\n---\n\n- Stop by the same day\n"}
    name = review.propose(shop.workspace, files, title="Damage", by=shop.owner)
    review.approve(shop.workspace, name, by=shop.owner)
    page = text(door.olga_in.get("/directives/situations/damage"))
    assert "Stop by the same day" in page and "Maria approved it" in page and "no conversation taught it" in page
    assert talk not in page


def test_a_fresh_directive_becomes_a_proposal_and_nothing_is_live(door: Door) -> None:
    answer = door.olga_in.send("/directives/new", **FORM)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/review/p-")
    (shown,) = review.waiting(door.shop.workspace)
    assert shown.commit.author == "Olga"
    assert door.shop.workspace.directives.serving().get(DirectiveId("facts/do-we-clean-windows")) is None
    review.approve(door.shop.workspace, shown.id, by=door.shop.owner)
    made = door.shop.workspace.directives.serving().get(DirectiveId("facts/do-we-clean-windows"))
    assert made is not None
    assert [rule.text for rule in made.rules] == ["We clean windows inside", "Not outside"]
    assert [(example.customer, example.us) for example in made.examples] == [(("Do you do windows?",), "Inside, yes.")]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": ""}, "needs a title"),
        ({"title": "?!"}, "at least one letter"),
        ({"answered": ""}, "needs both"),
        ({"max_words": "many"}, "whole number"),
        ({"starts": "soon"}, "not a date"),
        ({"rules": "Write to dana.reed@example.com"}, "personal data"),
        ({"kind": "secrets"}, "Choose what kind"),
        ({"kind": "facts", "title": "Hours"}, "Edit that one"),
    ],
)
def test_what_cannot_be_proposed_is_refused_with_everything_kept(door: Door, wrong: dict[str, str], told: str) -> None:
    if wrong.get("title") == "Hours":
        known = door.shop.workspace.directives.serving().get(DirectiveId("facts/hours"))
        assert known is not None
    answer = door.olga_in.send("/directives/new", **{**FORM, **wrong})
    assert answer.status_code in {409, 422} and told in text(answer)
    assert (wrong.get("rules") or "We clean windows inside") in text(answer)
    assert review.waiting(door.shop.workspace) == []


def test_the_file_can_be_seen_before_it_is_proposed(door: Door) -> None:
    assert "title: &#34;Do we clean windows?&#34;" in text(door.olga_in.send("/directives/new", show="1", **FORM)).replace(
        "title: Do we clean windows?", "title: &#34;Do we clean windows?&#34;"
    )
    assert review.waiting(door.shop.workspace) == []


def test_an_edit_by_hand_is_refused_with_its_line_and_the_text_kept(door: Door) -> None:
    answer = door.maria_in.send("/directives/facts/hours/edit", text="---\ntitle: Hours\ncolour: red\n---\n\n- Always open\n")
    assert answer.status_code == 422
    assert "(line 3)" in text(answer) and "- Always open" in text(answer)
    assert "<code>colour: red</code>" in text(answer), "a box shows no line numbers"
    for words in ("A rule", "An example", "A placeholder", "{name}"):
        assert words in text(answer)
    assert door.maria_in.send("/directives/facts/hours/edit", text="---\ntitle: Hours\n---\n\n- Open on Sundays\n").status_code == 303


def test_retiring_needs_a_reason_and_is_a_proposal(door: Door) -> None:
    refused = door.olga_in.send("/directives/facts/hours/retire", why=" ")
    assert refused.status_code == 422 and "needs its reason" in text(refused)
    assert door.olga_in.send("/directives/facts/hours/retire", why="We moved.").status_code == 303
    (shown,) = review.waiting(door.shop.workspace)
    assert shown.title.startswith("Retire:")


def test_the_replies_it_shaped_stand_under_a_directive(door: Door) -> None:
    from tests.fakes import sure

    door.shop.model.reply_with(sure("Monday to Saturday.", covered_by="facts/hours"))
    talk = door.a.begin()
    door.a.say(talk, "When are you open?")
    page = text(door.olga_in.get("/directives/facts/hours"))
    assert "Monday to Saturday." in page and "When are you open?" in page and f"/c/{talk}?at=" in page


# ---- history


def released(door: Door, title: str = "Windows") -> str:
    return door.shop.release({"facts/windows.md": "---\ntitle: Windows\n---\n\n- We clean windows\n"}, title=title)


def test_a_decision_is_undone_and_restored_from_its_page(door: Door) -> None:
    release = released(door)
    page = text(door.maria_in.get(f"/history/{release}"))
    assert "We clean windows" in page and "Undo it" in page
    assert door.maria_in.send(f"/history/{release}/undo", reason="Wrong.").status_code == 303
    assert door.shop.workspace.directives.serving().get(DirectiveId("facts/windows")) is None
    assert "Taken back by Maria" in text(door.maria_in.get(f"/history/{release}"))
    assert door.maria_in.send(f"/history/{release}/restore").status_code == 303
    assert door.shop.workspace.directives.serving().get(DirectiveId("facts/windows")) is not None


def test_an_undo_that_clashes_with_a_later_lesson_becomes_a_question(door: Door) -> None:
    release = released(door)
    door.shop.release({"facts/windows.md": "---\ntitle: Windows\n---\n\n- We clean windows inside\n"})
    answer = door.maria_in.send(f"/history/{release}/undo")
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/review/p-")
    place = answer.headers["Location"]
    shown = text(door.maria_in.get(place))
    for words in ("You later refined this: keep the refinement?", "We clean windows inside", "this proposal takes it out too"):
        assert words in shown
    assert door.maria_in.send(f"{place}/answer", answer="neither").status_code == 422
    assert door.maria_in.send(f"{place}/answer", answer="keep").status_code == 303
    assert "The later wording is kept." in text(door.maria_in.get(place))
    assert "- We clean windows inside" in text(door.maria_in.get("/directives/facts/windows"))


def test_once_that_question_is_approved_the_decision_stands_taken_back_and_can_be_restored(door: Door) -> None:
    release = released(door)
    door.shop.release({"facts/windows.md": "---\ntitle: Windows\n---\n\n- We clean windows inside\n"})
    place = door.maria_in.send(f"/history/{release}/undo").headers["Location"]
    undo = review.approve(door.shop.workspace, ProposalId(place.rpartition("/")[2]), by=door.shop.owner)
    page = text(door.maria_in.get(f"/history/{release}"))
    assert "Taken back by Maria" in page and f'href="/history/{undo}">That decision</a>' in page
    assert "Maria took it back" in text(door.maria_in.get("/history"))
    assert f'href="/history/{undo}">Bring it back</a>' in text(door.maria_in.get(place))
    assert door.maria_in.send(f"/history/{undo}/restore").status_code == 303
    assert "- We clean windows inside" in text(door.maria_in.get("/directives/facts/windows"))


def test_a_season_that_ends_soon_is_told_where_directives_are_and_made_longer_by_one_tap(door: Door) -> None:
    door.shop.release({"facts/winter.md": "---\ntitle: Winter hours\nuntil: 2026-11-24\n---\n\n- We close at four\n"})
    for place in ("/directives", "/directives/facts/winter", "/inbox"):
        assert "24 Nov 2026" in text(door.olga_in.get(place))
    assert 'action="/directives/facts/winter/extend"' in text(door.olga_in.get("/directives"))
    tapped = door.olga_in.send("/directives/facts/winter/extend")
    assert tapped.status_code == 303
    assert tapped.headers["Location"] == door.olga_in.send("/directives/facts/winter/extend").headers["Location"]
    assert "22 Dec 2026" in text(door.olga_in.get(tapped.headers["Location"]))
    assert door.olga_in.send("/directives/facts/winter/extend", until="2026-11-01").status_code == 422


def test_who_may_not_decide_is_told_so(door: Door) -> None:
    release = released(door)
    assert "Only the owner or a lead can undo" in text(door.olga_in.get(f"/history/{release}"))
    assert door.olga_in.send(f"/history/{release}/undo").status_code == 403


def test_the_history_names_what_was_declined_and_why(door: Door) -> None:
    name = door.proposal()
    review.decline(door.shop.workspace, name, reason="We never open on Sundays", by=door.shop.owner)
    page = text(door.olga_in.get("/history"))
    assert "Open on Sundays" in page and "We never open on Sundays" in page and "declined" in page


def test_the_history_is_read_page_by_page(door: Door) -> None:
    from voicegit.services import history

    for number in range(4):
        door.shop.release({f"facts/w-{number}.md": f"---\ntitle: W\n---\n\n- Rule {number}\n"}, title=f"Number {number}")
    seen, after = [], None
    while True:
        page, after = history.decided(door.shop.workspace, after=after, limit=2)
        seen += [one.title for one in page]
        if after is None:
            break
    assert seen[:4] == ["Number 3", "Number 2", "Number 1", "Number 0"] and len(seen) == 5
    assert door.olga_in.get("/history?after=nonsense").status_code == 404


def test_a_file_to_take_along_holds_no_formula(door: Door) -> None:
    released(door, title="=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(text(door.olga_in.get("/history.csv")))))
    assert rows[0]["title"].startswith("'=") and rows[0]["kind"] == "approved"
    assert json.loads(text(door.olga_in.get("/history.json")))["items"][0]["title"] == "=HYPERLINK(1)"


def test_a_taken_back_restore_is_no_longer_standing(door: Door) -> None:
    release = released(door)
    undo = rollback.rollback(door.shop.workspace, release, by=door.shop.owner)
    rollback.restore(door.shop.workspace, undo, by=door.shop.owner)
    assert "Undo it" in text(door.maria_in.get(f"/history/{release}"))
    assert takeover.waiting(door.shop.workspace) == []


# ---- Markdown


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/track.png)",
        "<svg/onload=alert(1)>",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<a href=//evil onclick=alert(1)>x</a>",
        "`<script>`\n\n<style>*{display:none}</style>",
    ],
)
def test_markdown_brings_no_markup_of_its_own(hostile: str) -> None:
    html = rendered(hostile)
    assert re.search(r"<(script|img|svg|style)|<[^>]+(onclick|onerror|href=.(javascript|data))", html) is None


def test_a_link_says_where_it_leads() -> None:
    assert "(evil.example)" in rendered("[our page](https://evil.example/x)")
    assert rendered("a" * 9000).startswith("<pre")
