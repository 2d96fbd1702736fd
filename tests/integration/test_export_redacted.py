"""An export for whoever is not to know whose it was."""

import json

import pytest
from click.testing import CliRunner

from tests.conftest import Shop
from tests.integration.test_canaries import SAID
from voicegit.cli import cli
from voicegit.domain.conversation import MessageKind
from voicegit.domain.signal import SignalKind
from voicegit.services import conversation, feedback, people, transfer

NAME = "Dana Quillfeather"


@pytest.fixture
def written(shop: Shop) -> str:
    """What is exported of a conversation with a canary of each kind in every place that holds words."""
    people.set_customer(
        shop.workspace, NAME, contacts=["quagga.zed@canary.example", "555-0199"], fields={"street": "12 Zebracorn Street"}, notes="Dana likes roses"
    )
    line = {
        "id": "quagga.zed@canary.example/1",
        "customer": NAME,
        "turns": [{"role": "customer", "text": said} for said, _ in SAID.values() if "rimstone" not in said],
    }
    transfer.take_in(shop.workspace, [json.dumps(line)], by=shop.owner)
    talk = shop.start(NAME)
    conversation.note(shop.workspace, talk, f"{NAME} called, 555 0199", by=shop.owner)
    done = shop.say(talk, "Hello, quagga.zed@canary.example here")
    assert done.reply is not None
    feedback.give(shop.workspace, done.reply.id, SignalKind.CORRECTION, by=shop.owner, text=f"Yes, {NAME}", reason="Dana, 555-0199")
    return "\n".join(transfer.write_out(shop.workspace, redacted=True))


def test_no_canary_is_in_it_and_nobody_of_the_business(written: str) -> None:
    low = written.lower()
    assert [canary for _, canary in SAID.values() if canary.lower() in low] == []
    assert "maria" not in low


def test_it_has_the_shape_of_the_other_and_can_be_imported(shop: Shop, written: str) -> None:
    plain = [json.loads(line) for line in transfer.write_out(shop.workspace)]
    bare = [json.loads(line) for line in written.splitlines()]
    assert [set(line) for line in plain] == [set(line) for line in bare]
    assert [[set(turn) for turn in line["turns"]] for line in plain] == [[set(turn) for turn in line["turns"]] for line in bare]
    assert bare[0]["customer"] | {"id": ""} == {
        "id": "", "name": "[name]", "contacts": ["[contact]"] * 2, "notes": "[name] likes roses", "fields": {"street": "[street]"},
    }  # fmt: skip
    assert bare[1]["turns"][0]["role"] == MessageKind.NOTE.value
    assert transfer.take_in(shop.workspace, ["\n".join(written.splitlines()[:1]).replace(bare[0]["id"], "other")], by=shop.owner).bad == []


def test_the_command_takes_the_option(shop: Shop, written: str) -> None:
    done = CliRunner().invoke(cli, ["-C", str(shop.app.root), "export", "--redacted", "--customer", NAME])
    assert done.stdout.strip() == written
