"""A text without what one change brought: each case tells the lines of the change (+), those of others ( ), those that were refined (~)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit.domain.directive import read
from voicegit.domain.lines import Swap, swaps
from voicegit.domain.untaught import Change, Row, is_frame, refinements, untaught

HEAD = "---\ntitle: Pets\nconfidence: 0.5\n---\n"


def rows(marked: str) -> list[Row]:
    """`~` has what was taught before it stands so: `~now <- taught`."""
    found = []
    for line in marked.strip("\n").split("\n"):
        mark, rest = line[:1], line[1:]
        now, _, taught = rest.partition(" <- ")
        if is_frame(now):
            found.append(Row(now))
        else:
            found.append(Row(now, brought=mark == "+", refined=mark == "~", taught=(taught or now) if mark in "+~" else ""))
    return found


FRESH = Change(fresh=True)
FRONT = "+---\n+title: Pets\n+confidence: 0.5\n+---\n"


def left(marked: str, *, keep: bool = True, change: Change = FRESH) -> str:
    """What stays; it can always be served."""
    made = untaught(rows(marked), change, keep=keep)
    if made is None:
        return "nothing"
    assert read("situations/pets.md", made.encode())[1] == ()
    return made.removeprefix(HEAD).strip("\n")


def test_a_later_example_keeps_its_heading() -> None:
    marked = FRONT + (
        "+\n+- We like dogs\n+\n+## Examples\n+\n+> **Customer:** Dogs?\n+>\n+> **Us:** Dogs too.\n \n > **Customer:** Cats?\n >\n > **Us:** Cats too.\n"
    )
    assert left(marked) == "## Examples\n\n> **Customer:** Cats?\n>\n> **Us:** Cats too."


def test_the_heading_goes_with_the_last_example_and_the_directive_with_the_last_rule() -> None:
    example = "+\n+## Examples\n+\n+> **Customer:** Dogs?\n+>\n+> **Us:** Dogs too.\n"
    assert left(FRONT + "+\n - We like cats\n" + example) == "- We like cats"
    assert left(FRONT + "+\n+- We like cats\n" + example) == "nothing"


def test_an_answer_that_was_refined_keeps_its_questions_or_goes_with_them() -> None:
    marked = FRONT + "+\n+## Examples\n+\n+> **Customer:** Dogs?\n+>\n+> **Customer:** Puppies?\n+>\n~> **Us:** Dogs are fine. <- > **Us:** Dogs too.\n"
    assert left(marked) == "## Examples\n\n> **Customer:** Dogs?\n>\n> **Customer:** Puppies?\n>\n> **Us:** Dogs are fine."
    assert left(marked, keep=False) == "nothing"
    assert [row.text for row in refinements(rows(marked), FRESH)] == ["> **Us:** Dogs are fine."]


def test_a_question_of_a_later_lesson_keeps_the_answer_that_it_was_given() -> None:
    marked = FRONT + "+\n+## Examples\n+\n+> **Customer:** Dogs?\n+>\n > **Customer:** Puppies?\n >\n+> **Us:** Dogs too.\n"
    assert left(marked) == left(marked, keep=False) == "## Examples\n\n> **Customer:** Puppies?\n>\n> **Us:** Dogs too."


def test_a_question_beside_an_older_one_goes_alone() -> None:
    older = Change((*HEAD.split("\n"), ""), fresh=False)
    marked = HEAD.replace("\n", "\n ").rstrip(" ")
    marked = " " + marked + " \n ## Examples\n \n > **Customer:** Dogs?\n >\n+> **Customer:** Puppies?\n+>\n > **Us:** Dogs too.\n"
    assert left(marked, change=older) == "## Examples\n\n> **Customer:** Dogs?\n>\n> **Us:** Dogs too."


def test_what_was_added_to_an_answer_later_is_asked_about_with_it() -> None:
    marked = FRONT + "+\n+## Examples\n+\n+> **Customer:** Dogs?\n+>\n+> **Us:** Dogs too.\n >\n > But not in bed.\n"
    assert [(row.taught, row.text) for row in refinements(rows(marked), FRESH)] == [("> **Us:** Dogs too.", "> But not in bed.")]
    assert left(marked) == "## Examples\n\n> **Customer:** Dogs?\n>\n> **Us:** Dogs too.\n>\n> But not in bed."
    assert left(marked, keep=False) == "nothing"


def test_a_guard_goes_with_its_lesson_and_a_later_one_keeps_its_key() -> None:
    front = FRONT.replace("+---\n+title", "+---\n+guards:\n+  never_say: [dog]\n{}+title")
    body = "+\n+- We like dogs\n - We like cats\n"
    assert untaught(rows(front.format("") + body), FRESH, keep=True) == HEAD + "\n- We like cats\n"
    assert untaught(rows(front.format("   max_words: 50\n") + "+\n+- We like dogs\n"), FRESH, keep=True) == (
        "---\nguards:\n  max_words: 50\ntitle: Pets\nconfidence: 0.5\n---\n"
    )


def taken(before: str, after: str) -> Change:
    """A change that took lines out, as git tells it."""
    told = "".join(f"-{line}\n" for line in before.split("\n") if line not in after.split("\n"))
    return Change(tuple(before.split("\n")), swaps(f"diff --git a/p b/p\n@@ -1 +1 @@\n{told}"))


EXAMPLES = "\n## Examples\n\n> **Customer:** Dogs?\n>\n> **Customer:** Puppies?\n>\n> **Us:** Dogs too.\n"


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        ("\n- One rule\n- Two rules\n", "\n- Two rules\n- Later\n", "\n- One rule\n- Two rules\n- Later\n"),
        ("\n- One rule\n- Two rules\n" + EXAMPLES, EXAMPLES, "\n- One rule\n- Two rules\n" + EXAMPLES),
        ("\n- One rule\n" + EXAMPLES, "\n- One rule\n- Later\n", "\n- One rule\n- Later\n" + EXAMPLES),
        ("\n- One rule\n" + EXAMPLES, "\n- One rule\n" + EXAMPLES.replace("> **Customer:** Puppies?\n>\n", ""), None),
        (
            "\n- One rule\n" + EXAMPLES,
            "\n- One rule\n\n## Examples\n\n> **Customer:** Later?\n>\n> **Us:** Later.\n",
            "\n- One rule\n" + EXAMPLES + "\n> **Customer:** Later?\n>\n> **Us:** Later.\n",
        ),
    ],
)
def test_what_a_change_took_comes_back_where_it_belongs(before: str, now: str, wanted: str | None) -> None:
    change = taken(HEAD + before, HEAD + now)
    made = untaught([Row(line) for line in (HEAD + now).rstrip("\n").split("\n")], change, keep=True)
    assert made is not None
    if wanted is None:
        assert [one.customer for one in read("facts/p.md", made.encode())[0].examples] == [("Dogs?", "Puppies?")]  # type: ignore[union-attr]
    else:
        assert made == HEAD + wanted
    assert read("facts/p.md", made.encode())[1] == ()


def test_a_line_of_the_policy_comes_back_in_its_own_section() -> None:
    change = taken("name = 1\n\n[replay]\ntries = 3\ncost = 1", "name = 1\n\n[other]\nlast = 2")
    assert untaught([Row(line) for line in ["name = 1", "", "[other]", "last = 2"]], change, keep=True) == (
        "name = 1\n\n[other]\nlast = 2\n\n[replay]\ntries = 3\ncost = 1\n"
    )


def test_a_section_of_the_policy_stays_as_long_as_a_later_setting_stands_in_it() -> None:
    assert untaught(rows(" a = 1\n \n+[replay]\n+tries = 3\n cost = 1"), Change(("a = 1", "")), keep=True) == "a = 1\n\n[replay]\ncost = 1\n"
    assert untaught(rows(" a = 1\n \n+[replay]\n+tries = 3"), Change(("a = 1", "")), keep=True) == "a = 1\n"


def test_where_nothing_is_the_changes_nothing_moves() -> None:
    text = HEAD + "\n\n\n- One\n\n\n\n- Two\n## Examples\n> **Customer:** A\n>\n> **Us:** B\n"
    assert untaught([Row(line) for line in text.rstrip("\n").split("\n")], Change(), keep=False) == text


LINES = st.lists(
    st.sampled_from(["- a", "- b", "", "## Examples", "> **Customer:** a", ">", "> **Us:** b", "title: a", "guards:", "  max_words: 3", "---", "[a]"])
)


@given(LINES, LINES, st.lists(st.integers(0, 2)), st.booleans(), st.booleans())
def test_no_text_is_an_exception_and_nothing_is_invented(before: list[str], now: list[str], whose: list[int], keep: bool, fresh: bool) -> None:
    live = [Row(line, how == 1, how == 2, line if how else "") for line, how in zip(now, [*whose, *[0] * len(now)], strict=False)]
    change = Change(tuple(before), (Swap("p", tuple(before), ()),), fresh)
    made = untaught(live, change, keep=keep)
    refinements(live, change)
    assert set((made or "").split("\n")) <= {*before, *now, "", "## Examples"}
