"""The people commands: a link made by one process signs in at another."""

import re
from pathlib import Path

import pytest

from tests.cli.test_cli import run, shop_folder, told  # noqa: F401
from voicegit import bootstrap, config
from voicegit.services import signin


def code(printed: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8080/sign-in\?code=(\S+)", printed)
    assert found is not None, printed
    return found[1]


def test_a_person_is_added_with_a_link_that_signs_in_once(shop_folder: Path) -> None:  # noqa: F811
    secret = code(run(shop_folder, "people", "add", "Lea", "--role", "lead").output)
    with bootstrap.opened(shop_folder) as app:
        person = signin.redeem(app.workspace, secret)
        assert person is not None and (person.name, person.role) == ("Lea", "lead")
        assert signin.redeem(app.workspace, secret) is None


def test_links_begin_with_the_address_that_people_open(shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    config.announce(shop_folder, "http://127.0.0.1:9999")
    config.withdraw(shop_folder, "http://127.0.0.1:8888")
    assert "http://127.0.0.1:9999/sign-in?code=" in run(shop_folder, "people", "link", "Maria").output
    monkeypatch.setenv("VOICEGIT_ADDRESS", "https://desk.example.com")
    assert "https://desk.example.com/sign-in?code=" in run(shop_folder, "people", "link", "maria").output


def test_roles_change_and_people_leave_but_never_the_last_owner(shop_folder: Path) -> None:  # noqa: F811
    run(shop_folder, "people", "add", "Lea", "--role", "lead")
    for refused in (("role", "Maria", "lead"), ("remove", "Maria")):
        result = run(shop_folder, "people", *refused)
        assert result.exit_code == 1 or "only owner" in str(result.exception)
    told(shop_folder, "people", "role", "Lea", "owner")
    told(shop_folder, "people", "sign-out", "Lea")
    told(shop_folder, "people", "remove", "Maria")
    assert [(one["name"], one["role"]) for one in told(shop_folder, "people", "list")] == [("Lea", "owner")]  # type: ignore[attr-defined]
    assert "Nobody here is called" in str(run(shop_folder, "people", "link", "Maria").exception)


def test_a_link_of_somebody_removed_opens_nothing(shop_folder: Path) -> None:  # noqa: F811
    secret = code(run(shop_folder, "people", "add", "Lea", "--role", "operator").output)
    told(shop_folder, "people", "remove", "Lea")
    with bootstrap.opened(shop_folder) as app:
        assert signin.redeem(app.workspace, secret) is None
