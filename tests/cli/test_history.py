"""Where a sentence comes from, when it began, and taking one lesson back, as typed."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicegit.cli import cli


@pytest.fixture
def folder(tmp_path: Path, _made: Path) -> Path:
    import shutil

    shutil.copytree(_made, tmp_path / "shop")
    return tmp_path / "shop"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), *arguments])


def release(folder: Path, place: str, text: str, title: str) -> str:
    """A file made live by the owner; the release's id."""
    (folder / "new.md").write_text(text)
    name = json.loads(run(folder, "propose", str(folder / "new.md"), "--to", place, "--title", title, "--json").stdout)["proposal"]
    return str(json.loads(run(folder, "approve", name, "--yes", "--json").stdout)["release"])


def parrots(answer: str) -> str:
    return f"---\ntitle: Parrots\n---\n\n## Examples\n\n> **Customer:** Do you clean parrot cages?\n>\n> **Us:** {answer}\n"


def test_a_reply_is_traced_dated_and_its_lesson_taken_back(folder: Path) -> None:
    release(folder, "facts/parrots.md", parrots("We clean parrot cages with hot water."), "Parrots")
    changed = release(folder, "facts/parrots.md", parrots("We do not clean parrot cages, sorry."), "No parrots")
    said = json.loads(run(folder, "say", "Do you clean parrot cages?", "--json").stdout)
    assert said["reply"] == "We do not clean parrot cages, sorry."
    why = run(folder, "why", said["reply_message"]).output
    for words in ("> **Us:** We do not clean", "approved by Maria", "“No parrots” (p-2", "before that it said: > **Us:** We clean parrot cages"):
        assert words in why
    began = run(folder, "bisect", said["reply_message"]).output
    for words in (f"It began with “No parrots” (p-2, {changed[:10]})", "Before: We clean parrot cages with hot water.", "3 replays of 3 releases"):
        assert words in began
    assert run(folder, "rollback", changed).exit_code == 0
    assert "hot water" in run(folder, "say", "Do you clean parrot cages?").output


def test_what_was_refined_is_asked_about_and_answered(folder: Path) -> None:
    first = release(folder, "facts/parrots.md", "---\ntitle: Parrots\n---\n\n- Parrots stay in their cage\n", "Parrots")
    release(folder, "facts/parrots.md", "---\ntitle: Parrots\n---\n\n- Parrots stay in their closed cage\n", "Closed")
    clash = run(folder, "rollback", first)
    assert clash.exit_code == 1
    assert "keep the refinement?" in str(clash.exception)
    assert "As it is now, p-3 takes the refinement out too." in str(clash.exception)
    assert "it reads now: - Parrots stay in their closed cage" in run(folder, "diff", "p-3").output
    assert "p-3 is open and asks this already" in str(run(folder, "rollback", "p-1").exception)
    assert "p-4" not in run(folder, "proposals").output
    assert "p-3 is closed" in run(folder, "answer", "p-3", "--keep").output
    assert run(folder, "answer", "p-3", "--undo").exit_code == 1


def test_a_season_is_made_longer(folder: Path) -> None:
    day = date.today() + timedelta(days=2)
    release(folder, "facts/winter.md", f"---\ntitle: Winter\nuntil: {day}\n---\n\n- We close at four\n", "Winter")
    assert "SOON OVER: facts/winter" in run(folder, "status").output
    later = day + timedelta(days=90)
    assert "p-2" in run(folder, "extend", "facts/winter", "--until", later.isoformat()).output
    assert f"+until: {later}" in run(folder, "diff", "p-2").output


def test_the_answer_that_stands_is_told_with_the_question(folder: Path) -> None:
    text = "---\ntitle: Parrots\n---\n\n- Parrots stay in their cage\n- Tell us their names\n"
    release(folder, "facts/parrots.md", text, "Parrots")
    release(folder, "facts/parrots.md", text.replace("their cage", "their closed cage"), "Closed")
    assert run(folder, "rollback", "p-1").exit_code == 1
    assert run(folder, "answer", "p-3", "--keep").exit_code == 0
    assert "As it is now, p-3 keeps the refinement." in run(folder, "diff", "p-3").output


def test_a_release_is_taken_back_and_brought_back_by_the_proposal_that_it_was(folder: Path) -> None:
    release(folder, "facts/parrots.md", parrots("We clean parrot cages."), "Parrots")
    assert run(folder, "rollback", "p-1").exit_code == 0
    assert run(folder, "restore", "p-1").exit_code == 0
    assert "p-9 never became live" in str(run(folder, "rollback", "p-9").exception)


def test_the_words_of_why_for_a_holding_line_and_for_erased_words(folder: Path) -> None:
    release(folder, "facts/parrots.md", parrots("We clean parrot cages with hot water."), "Parrots")
    said = json.loads(run(folder, "say", "Do you clean parrot cages?", "--customer", "Ann Lee", "--json").stdout)
    held = json.loads(run(folder, "say", "I want to speak to a person!", "--customer", "Bob Kay", "--json").stdout)
    (holding,) = [one["id"] for one in json.loads(run(folder, "show", held["conversation"], "--json").stdout) if one["author"] == "model"]
    assert "it is 'holding_line' of policy.toml" in run(folder, "why", holding).output
    assert run(folder, "erase", "Ann Lee", "--yes").exit_code == 0
    assert "The words are erased, so which lines they rested on is not known any more. facts/parrots" in run(folder, "why", said["reply_message"]).output


def test_an_answer_that_came_again_is_dated_by_the_undo(folder: Path) -> None:
    release(folder, "facts/parrots.md", parrots("We clean parrot cages."), "Parrots")
    release(folder, "facts/cats.md", "---\ntitle: Cats\n---\n\n- We like cats\n", "Cats")
    assert run(folder, "rollback", "p-1").exit_code == 0
    said = json.loads(run(folder, "say", "Do you clean parrot cages?", "--json").stdout)
    assert said["decision"] == "summon"
    began = run(folder, "bisect", said["message"]).output
    for words in ("so again since “Undo: Parrots”", "taken back by Maria", "Before: We clean parrot cages.", "'voicegit restore"):
        assert words in began
