"""The channels from the command line: shown without their secrets, tried for real, and refused before a service starts that could tell nobody."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.phone import Phone, listening
from voicegit.cli import cli


@pytest.fixture
def phone() -> Iterator[Phone]:
    with listening() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path, _made: Path, phone: Phone) -> Path:
    shutil.copytree(_made, tmp_path / "shop")
    (tmp_path / "shop" / "voicegit.toml").write_text(f'[[notify]]\nname = "Maria\'s phone"\nurl = "{phone.url("geheimnis")}"\nperson = "Maria"\n')
    return tmp_path / "shop"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), *arguments])


def test_a_test_message_is_sent_and_what_came_of_it_said(folder: Path, phone: Phone) -> None:
    done = run(folder, "notify", "test", "Maria's phone")
    assert (done.exit_code, done.stdout) == (0, "Maria's phone: sent, its server took it\n")
    assert [one["path"] for one in phone.got] == ["/geheimnis"]


def test_a_test_message_that_does_not_arrive_is_an_error(folder: Path, phone: Phone) -> None:
    phone.answers = [500]
    done = run(folder, "notify", "test")
    assert done.exit_code == 1
    assert "Maria's phone: NOT SENT. " in done.stdout
    assert "500" in done.stdout
    doctor = run(folder, "doctor")
    assert doctor.exit_code == 1
    assert "NO  notify Maria's phone: the last message" in doctor.stdout
    assert "NOT TOLD: the last message to Maria's phone did not arrive" in run(folder, "status").stdout


def test_the_list_shows_the_last_state_and_no_address(folder: Path) -> None:
    assert "nothing was sent yet" in run(folder, "notify", "list").stdout
    run(folder, "notify", "test")
    shown = run(folder, "notify", "list")
    assert shown.stdout.startswith("Maria's phone (json://…) at once, Maria: the last message (")
    assert "arrived" in shown.stdout
    for secret in ("geheimnis", "passwort"):
        assert secret not in shown.stdout + run(folder, "notify", "list", "--json").stdout
    assert json.loads(run(folder, "notify", "list", "--json").stdout)[0]["last"]["state"] == "sent"


def test_without_channels_the_list_says_what_to_do(folder: Path) -> None:
    (folder / "voicegit.toml").write_text("")
    assert "Write a [[notify]] table into voicegit.toml" in run(folder, "notify", "list").stdout
    assert run(folder, "notify", "test").exit_code == 1


@pytest.mark.parametrize("address", ["nope://geheimnis", "tgram://geheimnis"])
def test_a_service_that_could_tell_nobody_does_not_start(folder: Path, address: str) -> None:
    (folder / "voicegit.toml").write_text(f'[[notify]]\nname = "Maria"\nurl = "{address}"\n')
    done = subprocess.run(
        [sys.executable, "-m", "voicegit", "-C", str(folder), "serve", "--port", "0"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The channel 'Maria' in voicegit.toml cannot be used.")
    assert "geheimnis" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
