"""`voicegit try`: an answer under what is live and under a proposal, from a terminal; nothing is kept."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_cli import run, shop_folder, told
from tests.integration.test_playground import ANSWER, FENCE

__all__ = ["shop_folder"]


@pytest.fixture
def folder(shop_folder: Path, tmp_path: Path) -> Path:
    """A shop with an open proposal, p-1."""
    text = tmp_path / "fences.md"
    text.write_text(FENCE)
    assert run(shop_folder, "propose", str(text), "--to", "situations/fences.md", "--title", "Fences").exit_code == 0
    return shop_folder


def test_both_sides_are_told_in_words_and_to_machines(folder: Path) -> None:
    words = run(folder, "try", "Can you paint my fence?", "--proposal", "p-1").stdout
    assert "Today, it would call a person" in words and "Under the proposal, it would answer" in words and ANSWER in words
    found: Any = told(folder, "try", "Can you paint my fence?", "--proposal", "p-1")
    assert (found["today"]["decision"], found["proposal"]["decision"], found["difference"]) == ("summon", "reply", "answers")


def test_a_conversation_is_asked_again(folder: Path) -> None:
    said: Any = told(folder, "say", "When are you open?")
    found: Any = told(folder, "try", "--conversation", said["conversation"])
    assert [(one["message"], one["then"][0]["text"], one["proposal"]) for one in found] == [("When are you open?", found[0]["today"]["text"], None)]


def test_nothing_is_kept(folder: Path) -> None:
    before = told(folder, "status")
    run(folder, "try", "Can you paint my fence?", "--proposal", "p-1")
    assert told(folder, "status") == before


@pytest.mark.parametrize(
    "arguments", [[], ["Hello", "--conversation", "x"], ["Hello", "--proposal", "main"], ["Hello", "--customer", "Nobody"], ["--conversation", "x"]]
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(folder: Path, arguments: list[str]) -> None:
    result = run(folder, "try", *arguments)
    assert result.exit_code != 0 and result.stdout == ""
