"""Taking one change back out of a text that went on changing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit.domain.lines import without_change


@pytest.mark.parametrize(
    ("before", "after", "now", "left"),
    [
        ("a\nb\n", "a\nx\nb\n", "a\nx\nb\n", "a\nb\n"),
        ("a\nb\n", "a\nx\nb\n", "a\nx\nb\nc\n", "a\nb\nc\n"),
        ("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", "a\ny\nb\n"),
        ("a\nb\nc\n", "a\nc\n", "a\nc\n", "a\nb\nc\n"),
        ("a\nb\nc\n", "a\nc\n", "a\nc\nd\n", "a\nb\nc\nd\n"),
        ("a\nb\n", "a\nB\n", "a\nB\n", "a\nb\n"),
        ("a\nb\n", "a\nB\n", "a\nBB\n", "a\nb\nBB\n"),
        ("b\n", "a\nb\n", "a\nb\n", "b\n"),
        ("", "a\nb\n", "a\nb\nc\n", "c\n"),
        ("a\nb\n", "", "", "a\nb\n"),
    ],
)
def test_lines_that_came_go_and_lines_that_went_come_back(before: str, after: str, now: str, left: str) -> None:
    assert without_change(before, after, now).strip("\n") == left.strip("\n")


LINES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6).map("\n".join)


@given(LINES, LINES)
def test_a_change_that_nothing_followed_is_taken_back_whole(before: str, after: str) -> None:
    assert sorted(without_change(before, after, after).split()) == sorted(before.split())


@given(LINES, LINES)
def test_no_change_leaves_everything(text: str, now: str) -> None:
    assert without_change(text, text, now) == now


@given(LINES, LINES, LINES)
def test_nothing_is_invented(before: str, after: str, now: str) -> None:
    assert set(without_change(before, after, now).split()) <= set(before.split()) | set(now.split())


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_an_exception(before: str, after: str, now: str) -> None:
    without_change(before, after, now)
