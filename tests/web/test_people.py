"""The people page: who may read and change what, and that somebody always owns the business."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Door, Knock
from voicegit.domain.people import Role
from voicegit.domain.token import Scope
from voicegit.services import people
from voicegit_web.pages import shown


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def role_of(door: Door, name: str) -> str:
    return people.named(door.shop.workspace, name).role


def test_everybody_reads_who_works_here_and_what_they_decide(door: Door) -> None:
    page = text(door.olga_in.get("/people"))
    for words in ("Maria", "decides everything", "Olga", "works the inbox, and sees the rest", "here now"):
        assert words in page
    assert "Invite" not in page
    assert "Remove" not in page


def test_an_owner_invites_and_the_link_is_shown_once(door: Door) -> None:
    page = text(door.maria_in.send("/people", name="Lea", role="lead"))
    found = re.search(r'<code class="link">http://localhost/sign-in\?code=([\w-]+)</code>', page)
    assert found is not None
    assert "24 hours" in page
    assert "opens on this computer only" in page
    assert found[1] not in text(door.maria_in.get("/people"))
    guest = Knock(door.web.test_client())
    assert guest.send("/sign-in", code=found[1]).status_code == 303
    assert "lead" in text(guest.get("/more"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"name": "olga", "role": "lead"}, "works here already"), ({"name": " ", "role": "lead"}, "empty"), ({"name": "Lea", "role": "king"}, "Choose a role")],
)
def test_what_cannot_be_is_said_and_the_name_is_kept(door: Door, fields: dict[str, str], words: str) -> None:
    answer = door.maria_in.send("/people", **fields)
    assert answer.status_code in {409, 422}
    assert words in text(answer)
    assert f'value="{fields["name"]}"' in text(answer)
    assert len(people.working(door.shop.workspace)) == 2


def test_who_left_stays_in_the_history_and_is_offered_nowhere(door: Door) -> None:
    secret = door.token(Scope.OPERATOR, door.olga)
    assert door.maria_in.send(f"/people/{door.olga.id}/remove").status_code == 303
    page = text(door.maria_in.get("/people?done=gone"))
    assert "Worked here before: Olga." in page
    assert f"/people/{door.olga.id}/link" not in page
    assert door.maria_in.send(f"/people/{door.olga.id}/link").status_code == 404
    assert secret.get("/api/v1/summons").status_code == 401
    assert door.shop.rows.people.get(door.olga.id).name == "Olga"
    assert "worked here before" in text(door.maria_in.send("/people", name="Olga", role="lead"))


def test_the_only_owner_cannot_be_demoted_or_removed(door: Door) -> None:
    me = door.shop.owner.id
    for answer in (door.maria_in.send(f"/people/{me}/role", role="lead"), door.maria_in.send(f"/people/{me}/remove")):
        assert answer.status_code == 409
        assert "only owner" in text(answer)
    assert door.maria_in.send(f"/people/{door.olga.id}/role", role="owner").status_code == 303
    assert door.maria_in.send(f"/people/{me}/role", role="lead").status_code == 303
    assert (role_of(door, "Maria"), role_of(door, "Olga")) == (Role.LEAD, Role.OWNER)


def test_a_passphrase_is_set_on_the_page(door: Door) -> None:
    assert "seven" not in text(door.olga_in.send("/people/passphrase", chosen="seven"))
    assert "four plain" not in text(door.olga_in.send("/people/passphrase", chosen="four plain words"))
    assert Knock(door.web.test_client()).send("/sign-in", name="Olga", passphrase="four plain words").status_code == 303


def test_an_operator_or_a_lead_changes_nothing_about_people(door: Door) -> None:
    lead = door.signed_in(door.shop.person("Lea", Role.LEAD))
    for knock in (door.olga_in, lead):
        for place in (
            "/people",
            f"/people/{door.olga.id}/link",
            f"/people/{door.olga.id}/role",
            f"/people/{door.olga.id}/remove",
            f"/people/{door.olga.id}/sign-out",
        ):
            answer = knock.send(place, name="Eve", role="owner")
            assert answer.status_code == 403
    assert [one.name for one in people.working(door.shop.workspace)] == ["Lea", "Maria", "Olga"]


@pytest.mark.parametrize(
    ("text", "only_here"),
    [
        ("http://127.0.0.1:8080/sign-in?code=x", True),
        ("http://localhost/w/x", True),
        ('<script src="http://[::1]:8080/w/x/widget.js" async></script>', True),
        ("https://desk.example.com/w/x", False),
        ("https://localhost.example.com/", False),
        ("http://192.168.1.20:8080/", False),
        ("vg_secret", False),
    ],
)
def test_an_address_that_no_phone_can_open_is_known(text: str, only_here: bool) -> None:
    assert shown.only_here(text) is only_here
