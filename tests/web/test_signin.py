"""Signing in and out: links, passphrases, where one is led afterwards, and what ends a session."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Shop
from tests.web.conftest import Door, Knock
from voicegit.domain.people import Role
from voicegit.domain.signin import INVITATION, SOON, local_place
from voicegit.services import people, signin
from voicegit_web.links import TRIES, TRIES_ON_ONE
from voicegit_web.service import Service

WORDS = "four plain garden words"
HTML = {"Accept": "text/html"}


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def stranger(door: Door) -> Knock:
    return Knock(door.web.test_client())


# ---- links


def test_a_link_signs_in_once(door: Door, running: Service) -> None:
    secret = running.links.issue(door.olga.id)
    first, second = stranger(door), stranger(door)
    assert "Use it now?" in text(first.get(f"/sign-in?code={secret}"))
    assert first.send("/sign-in", code=secret).headers["Location"] == "/inbox"
    assert second.send("/sign-in", code=secret).status_code == 403
    assert "Olga" in text(first.get("/inbox"))


@pytest.mark.parametrize("life", [SOON, INVITATION])
def test_a_link_is_good_for_its_time_and_no_longer(door: Door, life: timedelta) -> None:
    late, just = (signin.link(door.shop.workspace, door.olga.id, life=life) for _ in range(2))
    door.shop.clock.pass_(life.total_seconds() - 1)
    assert stranger(door).send("/sign-in", code=just).status_code == 303
    door.shop.clock.pass_(1)
    assert stranger(door).send("/sign-in", code=late).status_code == 403


def test_only_a_digest_of_a_link_is_stored(shop: Shop) -> None:
    secret = signin.link(shop.workspace, shop.owner.id)
    assert [secret in str(row) for row in shop.rows.links.find()] == [False]


def test_a_link_of_somebody_who_left_or_was_signed_out_opens_nothing(door: Door, running: Service) -> None:
    before = running.links.issue(door.olga.id)
    people.sign_out_everywhere(door.shop.workspace, door.olga.id)
    assert stranger(door).send("/sign-in", code=before).status_code == 403
    door.shop.clock.pass_(1)
    after = running.links.issue(door.olga.id)
    people.remove(door.shop.workspace, door.olga.id)
    assert stranger(door).send("/sign-in", code=after).status_code == 403


def test_a_new_link_is_printed_where_the_service_runs_once_a_minute(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    guest = stranger(door)
    assert guest.send("/sign-in/again").status_code == 303
    found = re.search(r"http://localhost/sign-in\?code=(\S+)", capsys.readouterr().out)
    assert found is not None
    assert guest.send("/sign-in/again").status_code == 403
    guest.send("/sign-in", code=found[1])
    assert "Maria" in text(guest.get("/inbox"))


# ---- passphrases


def with_passphrase(door: Door) -> None:
    signin.set_passphrase(door.shop.workspace, door.olga, WORDS)


def test_a_passphrase_is_chosen_with_the_first_link_and_then_signs_in(door: Door, running: Service) -> None:
    secret = running.links.issue(door.olga.id)
    assert 'name="passphrase"' in text(stranger(door).get(f"/sign-in?code={secret}"))
    assert stranger(door).send("/sign-in", code=secret, passphrase=WORDS).status_code == 303
    assert stranger(door).send("/sign-in", name="olga ", passphrase=WORDS).status_code == 303
    assert stranger(door).send("/sign-in", name="Olga", passphrase=WORDS.upper()).status_code == 403
    assert 'name="passphrase"' not in text(stranger(door).get(f"/sign-in?code={running.links.issue(door.olga.id)}"))


@pytest.mark.parametrize("weak", ["seven77", "aaaaaaaaaaaa", "12345678", "Password1", "x" * 201])
def test_a_weak_passphrase_is_refused_and_the_link_stays_good(door: Door, running: Service, weak: str) -> None:
    secret = running.links.issue(door.olga.id)
    answer = stranger(door).send("/sign-in", code=secret, passphrase=weak)
    assert answer.status_code == 422
    assert "passphrase" in text(answer)
    assert stranger(door).send("/sign-in", code=secret).status_code == 303


def test_a_link_changes_no_passphrase_that_is_there(door: Door, running: Service) -> None:
    with_passphrase(door)
    stranger(door).send("/sign-in", code=running.links.issue(door.olga.id), passphrase="other words entirely")
    assert signin.by_passphrase(door.shop.workspace, "Olga", WORDS) is not None


def test_who_has_no_passphrase_who_left_and_who_never_was_are_refused_alike(door: Door) -> None:
    with_passphrase(door)
    people.remove(door.shop.workspace, door.olga.id)
    answers = [stranger(door).send("/sign-in", name=name, passphrase=WORDS) for name in ("Olga", "Maria", "Nobody")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({re.sub(r'value="[^"]*"', "", text(answer)) for answer in answers}) == 1


def test_the_hash_is_salted_and_the_words_are_nowhere(door: Door) -> None:
    for person in (door.olga, door.shop.owner):
        signin.set_passphrase(door.shop.workspace, person, WORDS)
    rows = door.shop.rows.passphrases.find()
    assert len({row.hash for row in rows}) == 2
    assert WORDS not in str(rows)


# ---- throttled


def test_wrong_codes_are_counted_by_address(door: Door, running: Service) -> None:
    guest = stranger(door)
    assert [guest.send("/sign-in", code="wrong").status_code for _ in range(TRIES)] == [403] * TRIES
    answer = guest.send("/sign-in", code=running.links.issue(door.olga.id))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    elsewhere = guest.client.post(
        "/sign-in", data={"csrf_token": guest.csrf(), "code": running.links.issue(door.olga.id)}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
    )
    assert elsewhere.status_code == 303


def test_wrong_passphrases_are_counted_by_person_wherever_they_come_from(door: Door) -> None:
    with_passphrase(door)
    guest = stranger(door)
    data = {"csrf_token": guest.csrf(), "name": "Olga"}
    tries = [
        guest.client.post("/sign-in", data=data | {"passphrase": "wrong one"}, environ_base={"REMOTE_ADDR": f"203.0.113.{n}"}) for n in range(TRIES_ON_ONE)
    ]
    assert [one.status_code for one in tries] == [403] * TRIES_ON_ONE
    assert guest.send("/sign-in", name="OLGA", passphrase=WORDS).status_code == 429


def test_right_ones_are_not_counted(door: Door, running: Service) -> None:
    assert {stranger(door).send("/sign-in", code=running.links.issue(door.olga.id)).status_code for _ in range(TRIES + 2)} == {303}


# ---- on to where one wanted to go

ELSEWHERE = [
    "", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example", "javascript:alert(1)",
    "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "inbox", "evil.example", "@evil.example", "?x", "#x",
    "/\x00/evil.example", "/\r\nSet-Cookie: a=b", "data:text/html,x", "/ok\\..\\evil", "http:///evil.example", "/é", "/" + "x" * 700, "/\u2028/evil.example",
]  # fmt: skip


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_is_led_to_another_site(place: str) -> None:
    assert local_place(place) is None


@pytest.mark.parametrize("place", ["/", "/c/0197?at=3#m", "/review/p-17", "/inbox?tab=mine&after=%2F%2Fevil.example", "/.//x", "/%5Cevil.example"])
def test_a_place_of_ours_is_gone_on_to(place: str) -> None:
    assert local_place(place) == place


def test_a_deep_link_survives_the_sign_in(door: Door, running: Service) -> None:
    guest = stranger(door)
    asked = guest.get("/review?live=x&declined=p-1")
    assert asked.headers["Location"] == "/sign-in?next=/review?live%3Dx%26declined%3Dp-1"
    page = text(guest.get(asked.headers["Location"]))
    assert 'name="next" value="/review?live=x&amp;declined=p-1"' in page
    answer = guest.send("/sign-in", code=running.links.issue(door.olga.id), next="/review?live=x&declined=p-1")
    assert answer.headers["Location"] == "/review?live=x&declined=p-1"


def test_a_forged_next_leads_to_the_inbox(door: Door, running: Service) -> None:
    for place in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = stranger(door).send("/sign-in", code=running.links.issue(door.olga.id), next=place)
        assert answer.headers["Location"] == "/inbox"
        assert "evil" not in text(stranger(door).get("/sign-in", query_string={"next": place}))


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in_and_back(door: Door) -> None:
    answer = stranger(door).get("/inbox", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/review?live=x"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in?next=/review?live%3Dx")
    answer = stranger(door).get("/inbox", headers={"HX-Request": "true", "HX-Current-URL": "http://evil.example/review"})
    assert answer.headers["HX-Redirect"] == "/sign-in"


# ---- sessions


def test_a_session_ends_after_half_a_day_and_when_one_signs_out(door: Door) -> None:
    door.olga_in.send("/sign-out")
    assert door.olga_in.get("/inbox").status_code == 303
    door.shop.clock.pass_(timedelta(hours=12, seconds=1).total_seconds())
    assert door.maria_in.get("/inbox").status_code == 303


def test_a_session_that_somebody_wrote_himself_is_none(door: Door) -> None:
    guest = door.web.test_client()
    guest.set_cookie("voicegit", "eyJwZXJzb24iOiJ4In0.aaaa.bbbb")
    assert guest.get("/inbox").status_code == 303


def test_signing_out_everywhere_ends_every_session_at_once(door: Door) -> None:
    other = door.signed_in(door.olga)
    door.shop.clock.pass_(1)
    assert door.olga_in.send("/sign-out/everywhere").status_code == 303
    assert [knock.get("/inbox").status_code for knock in (door.olga_in, other, door.maria_in)] == [303, 303, 200]
    door.shop.clock.pass_(1)
    assert door.signed_in(door.olga).get("/inbox").status_code == 200


@pytest.mark.parametrize("place", ["/live", "/api/v1/events"])
def test_a_stream_tells_nothing_more_to_who_was_signed_out(door: Door, place: str) -> None:
    stream = door.olga_in.client.get(place, headers={"Accept": "text/event-stream"}, buffered=False)
    lines = iter(stream.response)
    assert b"begins" in next(lines)  # type: ignore[arg-type]
    door.a.begin()
    door.shop.summoned()
    assert next(lines)
    people.sign_out_everywhere(door.shop.workspace, door.olga.id)
    door.shop.summoned()
    rest = b"".join(lines)  # type: ignore[arg-type]
    stream.close()
    assert door.shop.rows.summons.find(order="-id", limit=1)[0].id.encode() not in rest


@pytest.mark.parametrize("step", ["role", "remove"])
def test_whoever_may_decide_other_things_than_before_is_signed_out(door: Door, step: str) -> None:
    door.shop.clock.pass_(1)
    if step == "role":
        people.change_role(door.shop.workspace, door.olga.id, Role.LEAD)
    else:
        people.remove(door.shop.workspace, door.olga.id)
    assert door.olga_in.get("/inbox").status_code == 303
    assert door.operator.get("/api/v1/summons").status_code == (200 if step == "role" else 401)


def test_cookies_are_kept_from_scripts_and_from_other_sites(door: Door, running: Service) -> None:
    cookie = stranger(door).send("/sign-in", code=running.links.issue(door.olga.id)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


# ---- deciding needs a sign-in that is minutes old


def stale(door: Door, knock: Knock, place: str, **fields: str) -> TestResponse:
    return knock.client.post(place, data={"csrf_token": knock.csrf(), **fields}, headers=HTML)


def test_a_stale_decision_asks_for_the_passphrase_and_holds_all_that_was_written(door: Door) -> None:
    signin.set_passphrase(door.shop.workspace, door.shop.owner, WORDS)
    door.shop.clock.pass_(601)
    answer = stale(door, door.maria_in, "/people?from=here", name='Lea "x" & <b>', role="lead")
    assert answer.status_code == 403
    page = text(answer)
    assert 'action="/people?from=here"' in page
    assert 'name="name" value="Lea &#34;x&#34; &amp; &lt;b&gt;"' in page
    wrong = stale(door, door.maria_in, "/people", name="Lea", role="lead", passphrase="not this one")
    assert wrong.status_code == 403
    assert "That is not your passphrase" in text(wrong)
    assert "not this one" not in text(wrong)
    assert [one.name for one in people.working(door.shop.workspace)] == ["Maria", "Olga"]
    assert stale(door, door.maria_in, "/people", name="Lea", role="lead", passphrase=WORDS).status_code == 200
    assert stale(door, door.maria_in, f"/people/{door.olga.id}/link").status_code == 200  # fresh again
    assert [one.name for one in people.working(door.shop.workspace)] == ["Lea", "Maria", "Olga"]


def test_without_a_passphrase_a_sign_in_in_another_tab_is_enough(door: Door, running: Service) -> None:
    door.shop.clock.pass_(601)
    token = door.maria_in.csrf()
    assert "I signed in again: go on" in text(stale(door, door.maria_in, "/people", name="Lea", role="lead"))
    door.maria_in.send("/sign-in", code=running.links.issue(door.shop.owner.id))
    assert door.maria_in.client.post("/people", data={"csrf_token": token, "name": "Lea", "role": "lead"}).status_code == 200


def test_guessing_a_passphrase_on_a_stolen_phone_is_throttled(door: Door) -> None:
    signin.set_passphrase(door.shop.workspace, door.shop.owner, WORDS)
    door.shop.clock.pass_(601)
    answers = [stale(door, door.maria_in, "/people", name="Lea", role="lead", passphrase="wrong guess").status_code for _ in range(TRIES_ON_ONE + 1)]
    assert answers == [403] * TRIES_ON_ONE + [429]


def test_a_part_of_a_page_shows_the_question_in_place_of_the_page(door: Door) -> None:
    door.shop.clock.pass_(601)
    data = {"csrf_token": door.maria_in.csrf(), "name": "Lea", "role": "lead"}
    answer = door.maria_in.client.post("/people", data=data, headers=HTML | {"HX-Request": "true"})
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reselect"]) == ("#main", "#main > *")


# ---- forms of other sites


@pytest.mark.parametrize(
    "place",
    [
        "/c/x/reply",
        "/review/p-1/approve",
        "/sign-in",
        "/sign-in/again",
        "/sign-out",
        "/sign-out/everywhere",
        "/people",
        "/people/x/link",
        "/people/x/remove",
        "/settings",
    ],
)
def test_a_form_without_its_token_is_refused(door: Door, place: str) -> None:
    answer = door.maria_in.client.post(place, data={"text": "hi"}, headers=HTML)
    assert answer.status_code == 400
    assert "opened too long ago" in text(answer)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}])
def test_another_sites_form_is_refused_even_with_a_token(door: Door, headers: dict[str, str]) -> None:
    answer = door.maria_in.client.post("/people", data={"csrf_token": door.maria_in.csrf(), "name": "Eve", "role": "owner"}, headers=headers)
    assert answer.status_code == 403
    assert [one.name for one in people.working(door.shop.workspace)] == ["Maria", "Olga"]
