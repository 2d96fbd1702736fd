"""The settings pages: today's values, what a change would do, a proposal of exactly the edits, and what takes effect at once."""

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Shop
from tests.fakes import sure
from tests.web.conftest import Door, Knock
from voicegit.domain.ids import ProposalId
from voicegit.domain.notice import Channel, Told
from voicegit.domain.people import Role
from voicegit.errors import Unavailable
from voicegit.services import review, takeover
from voicegit_web import create_app

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }}"


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def seen(door: Door) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{40})"', text(door.maria_in.get("/settings")))
    assert found is not None
    return found[1]


def filled(page: str) -> dict[str, str]:
    """The one-line answers of the page, as a browser would send them."""
    found = dict(re.findall(r'<input id="([\w.]+)" name="\1"[^>]*? value="([^"]*)"', page))
    return {name: value for name, value in found.items() if "." in name}


# ---- the policy


def test_the_page_shows_what_is_live_and_everybody_reads_it(door: Door) -> None:
    for knock in (door.maria_in, door.olga_in):
        page = text(knock.get("/settings"))
        assert filled(page)["gate.threshold"] == "70"
        assert filled(page)["business.timezone"] == "America/New_York"
    assert "Propose it" not in page


def test_saving_proposes_exactly_that_edit_and_nothing_is_live_before_it_is_approved(door: Door) -> None:
    before = door.shop.workspace.directives.entries(door.shop.workspace.directives.head())["policy.toml"].content.decode()
    fields = filled(text(door.maria_in.get("/settings"))) | {"gate.threshold": "65"}
    answer = door.maria_in.send("/settings", seen=seen(door), **fields)
    assert answer.status_code == 303
    name = answer.headers["Location"].rpartition("/")[2]
    shown = review.waiting(door.shop.workspace)[0]
    assert (shown.id, shown.title) == (name, "Settings: sure enough to answer: 65 % (was 70 %)")
    assert door.shop.workspace.directives.serving().policy.gate.threshold == 0.7
    after = door.shop.workspace.directives.entries(shown.head)["policy.toml"].content.decode()
    assert [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b] == [
        (
            "threshold = 0.7                 # how sure the model has to be (0 to 1) before it answers by itself",
            "threshold = 0.65                # how sure the model has to be (0 to 1) before it answers by itself",
        )
    ]
    review.approve(door.shop.workspace, shown.id, by=door.shop.owner)
    assert filled(text(door.maria_in.get("/settings")))["gate.threshold"] == "65"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("gate.threshold", "400", "Write a number from 0 to 100."),
        ("business.timezone", "Mars/Base", "This is not a time zone"),
        ("models.turn", "GPT 9", "String should match pattern"),
        ("turns.holding_line", " ", "Write 1 to 400 characters."),
    ],
)
def test_what_cannot_be_is_said_beside_it_and_everything_typed_is_kept(door: Door, field: str, typed: str, words: str) -> None:
    sent = {"business.hours": "Around noon", "goes.money": "always", field: typed}
    answer = door.maria_in.send("/settings", seen=seen(door), **sent)
    page = text(answer)
    assert answer.status_code == 422
    wrong = re.search(rf'id="wrong-{field}">([^<]+)<', page)
    assert wrong is not None and words in wrong[1]
    assert 'value="Around noon"' in page
    assert '<option value="always" selected>' in page.partition('id="goes.money"')[2].partition("</select>")[0]
    assert review.waiting(door.shop.workspace) == []


def test_hours_are_ones_own_words_but_for_a_time_that_no_clock_shows(door: Door) -> None:
    page = text(door.maria_in.get("/settings"))
    assert "Monday to Friday 8 am to 6 pm" in re.search(r'id="about-business.hours">([^<]+)<', page)[1]  # type: ignore[index]
    answer = door.maria_in.send("/settings", seen=seen(door), **{"business.hours": "Mornings, and 13:00 to 25:00"})
    assert answer.status_code == 422
    assert 'id="wrong-business.hours">“25:00” is no time of day; write it as 8 am, 8:30 am or 18:30.<' in text(answer)
    assert 'value="Mornings, and 13:00 to 25:00"' in text(answer)
    for typed in ("Mornings, and by appointment", ""):
        assert door.maria_in.send("/settings", seen=seen(door), **{"business.hours": typed}).status_code == 303


def test_what_it_would_do_is_told_from_what_happened_and_nothing_is_stored(door: Door) -> None:
    for confidence in (0.5, 0.6, 0.9):
        door.shop.model.reply_with(sure("At eight.", confidence=confidence))
        talk = door.a.begin()
        door.a.say(talk, "When do you open?")
    held = door.shop.rows.summons.find()[0].conversation
    takeover.reply(door.shop.workspace, held, "At nine, dear.", by=door.shop.owner)
    page = text(door.maria_in.send("/settings", seen=seen(door), **{"try": "1", "gate.threshold": "55"}))
    assert "Of the last 3 messages, 1 more would be answered by the AI." in page
    page = text(door.maria_in.send("/settings", seen=seen(door), **{"try": "1", "gate.threshold": "40"}))
    assert "Of the last 3 messages, 2 more would be answered by the AI. In 1 of those a person wrote words of their own." in page
    assert 'value="40"' in page
    page = text(door.maria_in.send("/settings", seen=seen(door), **{"try": "1", "business.name": "Other"}))
    assert "Who answers stays as it is" in page
    assert review.waiting(door.shop.workspace) == []


def test_a_proposal_of_settings_reads_as_questions_and_its_lines_stand_under_details(door: Door) -> None:
    now = door.shop.workspace.directives.entries(door.shop.workspace.directives.head())["policy.toml"].content.decode()
    then = now.replace("threshold = 0.7 ", "threshold = 0.8 ").replace("approval = 0.4", "approval = 0.3")
    name = review.propose(door.shop.workspace, {"policy.toml": then.encode()}, title="Bolder", by=door.shop.owner)
    page = text(door.maria_in.get(f"/review/{name}"))
    assert "<b>How sure does it have to be?</b>" in page
    assert "70 %</del>" in page and "80 %</ins>" in page
    assert "learning.weights.approval" in page, "nothing changes unseen"
    assert "threshold = 0.8 " in page.partition("Details: the lines as they are stored")[2].partition("</details>")[0]


def test_a_page_that_somebody_else_overtook_is_refused(door: Door) -> None:
    looked_at = seen(door)
    door.maria_in.send("/settings", seen=looked_at, **{"gate.threshold": "60"})
    review.approve(door.shop.workspace, review.waiting(door.shop.workspace)[0].id, by=door.shop.owner)
    answer = door.maria_in.send("/settings", seen=looked_at, **{"learning.max_changes": "3"})
    assert answer.status_code == 409
    assert 'value="3"' in text(answer)
    assert door.maria_in.send("/settings", seen=seen(door), **{"learning.max_changes": "3"}).status_code == 303


def test_a_directive_that_went_live_meanwhile_disturbs_nothing(door: Door) -> None:
    looked_at = seen(door)
    door.shop.release({"facts/late.md": "---\ntitle: Late\n---\n\n- Open till nine\n"})
    assert door.maria_in.send("/settings", seen=looked_at, **{"gate.threshold": "60"}).status_code == 303


@pytest.mark.parametrize("looked_at", ["", "main", "--output=x", "0" * 40, "zz"])
def test_a_forged_revision_is_refused(door: Door, looked_at: str) -> None:
    assert door.maria_in.send("/settings", seen=looked_at, **{"gate.threshold": "60"}).status_code in {404, 409, 422}
    assert review.waiting(door.shop.workspace) == []


def test_only_an_owner_changes_settings(door: Door) -> None:
    lead = door.signed_in(door.shop.person("Lea", Role.LEAD))
    for knock in (lead, door.olga_in):
        for place in ("/settings", "/settings/tokens", "/settings/widget", "/settings/notifications/test"):
            assert knock.send(place, **{"gate.threshold": "10", "name": "x", "scope": "read"}).status_code == 403
    assert review.waiting(door.shop.workspace) == []


# ---- tokens


def test_a_token_is_made_shown_once_and_revoked(door: Door) -> None:
    page = text(door.maria_in.send("/settings/tokens", name="our website", scope="operator", person=door.olga.id))
    found = re.search(r"vg_[\w-]+", page)
    assert found is not None
    program = Knock(door.web.test_client(), found[0])
    assert program.get("/api/v1/summons").status_code == 200
    page = text(door.maria_in.get("/settings/tokens"))
    assert "our website" in page and "works the inbox as a person: Olga" in page
    assert found[0] not in page
    place = next(token.id for token in door.shop.rows.tokens.find() if token.name == "our website")
    door.maria_in.send(f"/settings/tokens/{place}/revoke")
    assert program.get("/api/v1/summons").status_code == 401


def test_a_token_without_a_name_is_refused_and_the_choice_kept(door: Door) -> None:
    answer = door.maria_in.send("/settings/tokens", name=" ", scope="read")
    assert answer.status_code == 422
    assert re.search(r'value="read" checked', text(answer))


# ---- the widget


def test_a_site_gets_its_page_and_its_line_and_may_be_closed(door: Door) -> None:
    assert "Customers cannot write yet" in text(door.maria_in.get("/settings/widget"))
    door.maria_in.send("/settings/widget", name="shop", origins="https://www.example.com")
    site = door.shop.rows.sites.find()[0]
    page = text(door.maria_in.get("/settings/widget"))
    assert f"&lt;script src=&#34;http://localhost/w/{site.token}/widget.js&#34; async&gt;&lt;/script&gt;" in page
    assert site.secret not in page
    assert site.secret in text(door.maria_in.send(f"/settings/widget/{site.id}/secret"))
    wrong = door.maria_in.send(f"/settings/widget/{site.id}/allow", origins="javascript:alert(1)")
    assert wrong.status_code == 422
    assert "javascript:alert(1)</textarea>" in text(wrong)
    door.maria_in.send(f"/settings/widget/{site.id}/allow", origins="https://a.example\nhttps://b.example")
    assert door.shop.rows.sites.find()[0].origins == ("https://a.example", "https://b.example")
    door.maria_in.send(f"/settings/widget/{site.id}/close")
    assert "Customers cannot write yet" in text(door.maria_in.get("/settings/widget"))


# ---- notifications


class Phone:
    """A channel whose server is down."""

    channels = (Channel("Maria's phone", "ntfys://secret.example/topic", person="Maria"),)
    address = "http://localhost"

    def examine(self, channel: Channel) -> str | None:
        return None

    def send(self, channel: Channel, told: Told) -> None:
        raise Unavailable("The server does not answer.")


def test_a_channel_that_fails_is_shown_and_its_address_is_not(shop: Shop) -> None:
    app = replace(shop.app, workspace=replace(shop.workspace, notifier=Phone()))
    knock = Knock(create_app(app).test_client())
    from voicegit.services import signin

    knock.send("/sign-in", code=signin.link(shop.workspace, shop.owner.id))
    assert "not tried" in text(knock.get("/settings/notifications"))
    knock.send("/settings/notifications/test", channel="Maria's phone")
    page = text(knock.get("/settings/notifications"))
    assert "did not arrive: The server does not answer." in page
    assert "secret.example" not in page


def test_without_a_channel_the_page_says_how_to_add_one(door: Door) -> None:
    assert "[[notify]]" in text(door.olga_in.get("/settings/notifications"))


# ---- what somebody wrote is never markup


def test_no_text_from_outside_becomes_markup(door: Door) -> None:
    door.shop.person(NASTY[:60], Role.OPERATOR)
    pages = [
        door.maria_in.send("/settings", seen=seen(door), **{"turns.holding_line": NASTY, "gate.threshold": NASTY[:12]}),
        door.maria_in.send("/settings", seen=seen(door), **{"turns.holding_line": NASTY, "try": "1"}),
        door.maria_in.send("/settings/tokens", name=NASTY, scope="read"),
        door.maria_in.send("/settings/tokens", name=NASTY * 2, scope="read"),
        door.maria_in.send("/settings/widget", name=NASTY, origins=NASTY),
        door.maria_in.send("/people", name=NASTY[:100], role="lead"),
    ]
    pages += [
        door.maria_in.get(place)
        for place in (
            "/people",
            "/settings/tokens",
            f"/settings/tokens?gone={NASTY}",
            f"/settings/widget?done={NASTY}",
            f"/settings/notifications?tried={NASTY}",
        )
    ]
    for page in pages:
        assert "<script>alert" not in text(page)
        assert "<img" not in text(page)
        assert "49" not in re.sub(r"[0-9a-f]{12,}|v=\w+|IjY\S+|csrf_token\" value=\"[^\"]+", "", text(page))


# ---- the promise


def _proposed(door: Door, **answers: str) -> str:
    """The policy as these answers propose it, made live."""
    fields = filled(text(door.maria_in.get("/settings"))) | answers
    name = door.maria_in.send("/settings", seen=seen(door), **fields).headers["Location"].rpartition("/")[2]
    review.approve(door.shop.workspace, ProposalId(name), by=door.shop.owner)
    return door.shop.workspace.directives.entries(door.shop.workspace.directives.head())["policy.toml"].content.decode()


def test_a_promise_takes_the_place_of_the_threshold_and_the_other_way_round(door: Door) -> None:
    after = _proposed(door, **{"gate.at_most_wrong": "5"})
    assert "\nat_most_wrong = 0.05\n" in after and "\nthreshold" not in after
    page = filled(text(door.maria_in.get("/settings")))
    assert (page["gate.threshold"], page["gate.at_most_wrong"], page["gate.audit_rate"]) == ("", "5", "")
    again = _proposed(door, **{"gate.threshold": "80"})
    assert "\nthreshold = 0.8\n" in again and "\nat_most_wrong" not in again


def test_both_at_once_are_refused(door: Door) -> None:
    answer = door.maria_in.send("/settings", seen=seen(door), **{"gate.at_most_wrong": "5", "gate.threshold": "80"})
    assert answer.status_code == 422
    assert "are both given" in text(answer)


def test_what_a_promise_would_do_is_told_from_what_was_checked(door: Door, shop: Shop) -> None:
    shop.model.reply_with(sure("We clean in Queens.", covered_by="facts/areas"))
    shop.say(shop.start(), "Where do you clean?")
    page = text(door.maria_in.send("/settings", seen=seen(door), **{"try": "1", "gate.at_most_wrong": "5"}))
    assert "1 that the AI answers would go to a person" in page
