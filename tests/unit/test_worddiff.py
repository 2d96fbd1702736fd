"""git's word diff, read into runs: nothing is lost, nothing passes for something else, nothing is invisible."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicegit.domain import worddiff
from voicegit.domain.worddiff import Mark, Run

SAID = """diff --git a/situations/price.md b/situations/price.md
index 669d6b4..2405e2a 100644
--- a/situations/price.md
+++ b/situations/price.md
@@ -1,8 +1,10 @@
 ---
~
 confidence:·
-0.5
+0.6
~
 ---
~
·
~
 - Don't over-explain. Give·
-ranges.
+the price.
~
+- New
~
-- Old
~
\\ No newline at end of file
""".replace("·", " ")
"""What git prints; a blank at the end of a line is written as a dot."""


def test_each_line_is_runs_of_words_that_share_a_fate() -> None:
    (hunk,) = worddiff.words(SAID)["situations/price.md"]
    assert (hunk.old, hunk.new) == (1, 1)
    assert hunk.lines[4] == (Run(Mark.KEPT, "- Don't over-explain. Give "), Run(Mark.TAKEN, "ranges."), Run(Mark.ADDED, "the price."))
    assert hunk.lines[3] == ()
    assert hunk.lines[5:] == ((Run(Mark.ADDED, "- New"),), (Run(Mark.TAKEN, "- Old"),))


def test_prose_leaves_the_front_matter_out() -> None:
    (hunk,) = worddiff.prose(worddiff.words(SAID)["situations/price.md"], old_front=3, new_front=3)
    assert hunk.lines[0][0].text.startswith("- Don't")


def test_a_change_of_front_matter_alone_has_no_prose() -> None:
    only = SAID.split(" - Don't", maxsplit=1)[0]
    assert worddiff.prose(worddiff.words(only)["situations/price.md"], old_front=3, new_front=3) == ()


def test_text_that_looks_like_a_diff_is_text() -> None:
    said = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n+diff --git a/y b/y\n~\n+@@ -9 +9 @@\n~\n+~\n~\n-- gone\n~\n"
    assert list(worddiff.words(said)) == ["x"]
    (hunk,) = worddiff.words(said)["x"]
    assert [line[0].text for line in hunk.lines] == ["diff --git a/y b/y", "@@ -9 +9 @@", "~", "- gone"]


def test_a_line_that_looks_like_a_files_name_is_still_shown_as_what_it_is() -> None:
    diff = "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- gone\n+++ came\n same\ndiff --git a/y b/y\nold mode 100755\n--- a/y"
    assert [kind for kind, _ in worddiff.lines(diff)["x"]] == ["place", "taken", "added", "same"]
    assert worddiff.lines(diff)["y"] == [("place", "old mode 100755")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ntext", "plain\ntext"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("a\rb\tc", "a⟨U+000D⟩b⟨U+0009⟩c"),
        ("safe \u202egnp", "safe ⟨U+202E⟩gnp"),
        ("👩\u200d🔧 ok", "👩\u200d🔧 ok"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("\u200b\u200b", "⟨U+200B⟩⟨U+200B⟩"),
        ("a\u2028b", "a⟨U+2028⟩b"),
    ],
)
def test_what_a_reviewer_could_not_see_is_shown_by_its_code_point(text: str, shown: str) -> None:
    assert worddiff.visible(text) == shown
    assert worddiff.cleaned(text) == re.sub("⟨[^⟩]*⟩", "", shown)


@pytest.mark.parametrize(
    ("line", "shape", "words"),
    [
        ((Run(Mark.KEPT, "- Be "), Run(Mark.ADDED, "brief")), "item", "Be brief"),
        ((Run(Mark.ADDED, "> **Us:** Yes"),), "quote", "Us: Yes"),
        ((Run(Mark.KEPT, "## Examples"),), "heading", "Examples"),
        ((Run(Mark.TAKEN, "-"), Run(Mark.ADDED, "* a")), "text", "-* a"),
        ((), "text", ""),
    ],
)
def test_a_line_is_drawn_as_what_it_is(line: tuple[Run, ...], shape: str, words: str) -> None:
    drawn, runs = worddiff.shaped(line)
    assert (drawn.value, "".join(run.text for run in runs)) == (shape, words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("texts")


_line = st.text(st.sampled_from("ab ~+-@\\#.:{}"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=st.lists(_line, max_size=8), new=st.lists(_line, max_size=8))
def test_kept_and_added_words_are_the_new_text_kept_and_taken_the_old(folder: Path, old: list[str], new: list[str]) -> None:
    for name, text in (("old", old), ("new", new)):
        (folder / name).write_text("".join(f"{line}\n" for line in text))
    command = ["git", "diff", "--no-index", "--word-diff=porcelain", "-U999", "--no-color", "old", "new"]
    said = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True).stdout
    if old == new:
        assert said == ""
        return
    (hunks,) = worddiff.words(said).values()

    def flat(*marks: Mark) -> list[str]:
        return "".join(run.text + " " for hunk in hunks for line in hunk.lines for run in line if run.mark in marks).split()

    if hunks:
        assert "".join(flat(Mark.KEPT, Mark.ADDED)) == "".join(" ".join(new).split())
        assert "".join(flat(Mark.KEPT, Mark.TAKEN)) == "".join(" ".join(old).split())
