"""An edit of `policy.toml` changes the value that was meant and nothing else."""

import tomllib
from pathlib import Path

import pytest

from voicegit.domain.policy_text import Name, Value, edit
from voicegit.errors import Invalid

STARTER = (Path(__file__).parents[2] / "directives-repo" / "policy.toml").read_bytes()


def changed_lines(before: bytes, after: bytes) -> list[tuple[str, str]]:
    return [(a, b) for a, b in zip(before.decode().splitlines(), after.decode().splitlines(), strict=True) if a != b]


def test_a_value_changes_and_its_comment_keeps_its_column() -> None:
    after = edit(STARTER, {("gate", "threshold"): 0.65})
    assert changed_lines(STARTER, after) == [
        (
            "threshold = 0.7                 # how sure the model has to be (0 to 1) before it answers by itself",
            "threshold = 0.65                # how sure the model has to be (0 to 1) before it answers by itself",
        )
    ]


def test_several_values_of_every_kind_change_at_once() -> None:
    changes: dict[Name, Value] = {
        ("business", "name"): 'Bob\'s "Best" \\ Cleaning # no comment',
        ("gate", "always_summon"): ["asks_for_person"],
        ("turns", "holding_line"): "One moment…\nplease",
        ("learning", "distil_after"): 5,
    }
    after = edit(STARTER, changes)
    values = tomllib.loads(after.decode())
    assert {name: values[name[0]][name[1]] for name in changes} == changes
    assert len(changed_lines(STARTER, after)) == 4


def test_a_key_that_was_not_there_joins_its_section_and_a_section_the_file() -> None:
    text = b"# ours\n[gate]\nthreshold = 0.7 # sure\n\n# Learning\n[learning]\n"
    after = edit(text, {("gate", "caution_after_handback"): 0.1, ("learning", "max_changes"): 3, ("models", "provider"): "local"})
    assert after == (
        b'# ours\n[gate]\nthreshold = 0.7 # sure\ncaution_after_handback = 0.1\n\n# Learning\n[learning]\nmax_changes = 3\n\n[models]\nprovider = "local"\n'
    )
    assert edit(b"", {("gate", "threshold"): 0.5}) == b"[gate]\nthreshold = 0.5\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[turns]\nholding_line = "a # no \\" comment" # one\n', '[turns]\nholding_line = "x" # one\n'),
        (
            '[turns]\nholding_line = """two\nlines # and\n[gate]\nthreshold = 1"""\n[gate]\nthreshold = 0.5\n',
            '[turns]\nholding_line = "x"\n[gate]\nthreshold = 0.5\n',
        ),
        ("[turns]\n'holding_line'='it''' # c\n".replace("'it'''", "'it'"), "[turns]\n'holding_line'=\"x\" # c\n"),
        ("[turns]\r\nholding_line = 'a'\r\nmax_chars = 90\r\n", '[turns]\r\nholding_line = "x"\r\nmax_chars = 90\r\n'),
        ("[turns]\nholding_line = 'a'", '[turns]\nholding_line = "x"'),
        ("[ turns ] # here\n  holding_line   =   'a'   \n", '[ turns ] # here\n  holding_line   =   "x"   \n'),
    ],
)
def test_however_it_is_written(before: str, after: str) -> None:
    assert edit(before.encode(), {("turns", "holding_line"): "x"}).decode() == after


def test_a_list_over_several_lines_with_comments_is_replaced_whole() -> None:
    text = b'[gate]\nalways_summon = [ # these\n  "asks_for_person", # ]\n  "money",\n] # always\nthreshold = 0.7\n'
    assert edit(text, {("gate", "always_summon"): []}) == b"[gate]\nalways_summon = [] # always\nthreshold = 0.7\n"


@pytest.mark.parametrize(
    "text", ["gate = { threshold = 0.7 }\n", "gate.threshold = 0.7\n", "[gate]\nwords.money = ['x']\nthreshold = 0.7\n[gate.words.damage]\n"]
)
def test_what_cannot_be_edited_exactly_is_refused_or_right(text: str) -> None:
    try:
        after = edit(text.encode(), {("gate", "threshold"): 0.9})
    except Invalid as exc:
        assert "edit the file itself" in exc.message
    except tomllib.TOMLDecodeError:
        pytest.fail("the example is no TOML")
    else:
        assert tomllib.loads(after.decode())["gate"]["threshold"] == 0.9


def test_a_setting_that_is_to_be_nothing_goes_with_its_line_and_no_other() -> None:
    text = b"[gate]\n# the promise\nat_most_wrong = 0.05 # so many\naudit_rate = 0.2\n[turns]\nburst_seconds = 1\n"
    after = edit(text, {("gate", "at_most_wrong"): None, ("gate", "threshold"): 0.7, ("turns", "max_chars"): None})
    assert after == b"[gate]\n# the promise\naudit_rate = 0.2\nthreshold = 0.7\n[turns]\nburst_seconds = 1\n"
    assert edit(after, {("gate", "at_most_wrong"): None}) == after
