"""Writing directives: what was written reads back, a customer's words stay a customer's words, and every other byte stays as a person wrote it."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.domain import directive_text as text
from voicegit.domain.directive import MAX_BYTES, Directive, Example, Guards, Status, hidden_characters, read
from voicegit.errors import Invalid

KEPT = """---
# Written by hand, and kept so.
title:   "What a cleaning: costs"    # the colon needs the quotes
confidence: 0.75   # how sure
status: active
guards:
  # one of us learned this the hard way
  never_say: [unfortunately,  'no problem']   # two of them
  max_words: 80
topics:
- prices
---

We say this:

*  A standard cleaning is $45 an hour
*  A deep cleaning is $60 an hour   

<!-- the older list -->

1. First ask
2. Then answer

## Examples ##

> **Customer:** What do you charge?
>
> **Us:** $45 an hour.


> **Customer:** And deep?
>
> **Us:** $60.
>
> Anything else?
"""  # noqa: W291 - the space at the end of a rule is one of the things to be kept


def good(source: str) -> Directive:
    directive, findings = read("facts/x.md", source.encode())
    assert directive is not None, findings
    return directive


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines taken and lines brought, when everything around them is the same."""
    old, new = before.split("\n"), after.split("\n")
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    end = next((i for i, (a, b) in enumerate(zip(old[start:][::-1], new[start:][::-1], strict=False)) if a != b), min(len(old), len(new)) - start)
    return old[start : len(old) - end], new[start : len(new) - end]


# ---- every byte outside the edit stays


@pytest.mark.parametrize(
    ("edit", "taken", "brought"),
    [
        (lambda d: text.set_confidence(d.source, 0.8), ["confidence: 0.75   # how sure"], ["confidence: 0.8   # how sure"]),
        (lambda d: text.set_status(d.source, Status.RETIRED), ["status: active"], ["status: retired"]),
        (lambda d: text.replace_rule(d.source, d.rules[1], "A deep one is $70"), ["*  A deep cleaning is $60 an hour   "], ["*  A deep one is $70"]),
        (lambda d: text.remove_rule(d.source, d.rules[0]), ["*  A standard cleaning is $45 an hour"], []),
        (lambda d: text.add_rule(d.source, d.rules, "Then smile"), [], ["- Then smile"]),
        (lambda d: text.add_rule(d.source, d.rules[:2], "Windows are $5"), [], ["*  Windows are $5"]),
        (
            lambda d: text.add_guards(d.source, Guards(("sorry",))),
            *[["  never_say: [unfortunately,  'no problem']   # two of them"]],
            ["  never_say: [unfortunately,  'no problem', sorry]   # two of them"],
        ),
        (lambda d: text.add_guards(d.source, Guards((), 60)), ["  max_words: 80"], ["  max_words: 60"]),
        (lambda d: text.add_example(d, Example(("Costs?",), "$45 an hour.")), [], ["> **Customer:** Costs?", ">"]),
    ],
    ids=[
        "confidence",
        "status",
        "replace a rule",
        "remove a rule",
        "add a rule",
        "add a rule to a list with stars",
        "add a guard",
        "max_words",
        "ask otherwise",
    ],
)
def test_an_edit_changes_its_own_line_and_no_other(edit: Callable[[Directive], str], taken: list[str], brought: list[str]) -> None:
    before = good(KEPT)
    after = edit(before)
    assert changed_lines(KEPT, after) == (taken, brought)
    good(after)


def test_a_new_example_comes_last_and_leaves_what_is_there() -> None:
    after = text.add_example(good(KEPT), Example(("Windows?", "And windows?"), "$5 each.\n\nGladly!"))
    assert after == KEPT + "\n> **Customer:** Windows?\n>\n> **Customer:** And windows?\n>\n> **Us:** $5 each.\n>\n> Gladly!\n"


def test_a_first_example_gets_its_heading() -> None:
    after = text.add_example(good("---\ntitle: X\n---\n\n- a\n"), Example(("Hi",), "Hello"))
    assert after == "---\ntitle: X\n---\n\n- a\n\n## Examples\n\n> **Customer:** Hi\n>\n> **Us:** Hello\n"


def test_a_first_rule_comes_before_the_examples() -> None:
    source = "---\ntitle: X\n---\n\n## Examples\n\n> **Customer:** a\n>\n> **Us:** b\n"
    assert text.add_rule(source, (), "c") == "---\ntitle: X\n---\n\n- c\n\n## Examples\n\n> **Customer:** a\n>\n> **Us:** b\n"


def test_a_key_that_is_not_there_comes_at_the_end_of_the_front_matter() -> None:
    assert text.set_confidence("---\ntitle: X\n---\n- a\n", 0.6) == "---\ntitle: X\nconfidence: 0.6\n---\n- a\n"


@pytest.mark.parametrize(
    ("guards", "after"),
    [
        ("", None),
        ("guards:\n", None),
        ("guards:\n  max_words: 9\n", "guards:\n  never_say: [sorry]\n  max_words: 9\n"),
        ("guards:\n    max_words: 9\n", "guards:\n    never_say: [sorry]\n    max_words: 9\n"),
        ("guards:\n  never_say: []\n", "guards:\n  never_say: [sorry]\n"),
        ("guards:\n  never_say: [a, b]\n", "guards:\n  never_say: [a, b, sorry]\n"),
        ("guards:   # hard\n  never_say: [ a , b ]   # soft\n", "guards:   # hard\n  never_say: [ a , b, sorry]   # soft\n"),
        ("guards:\n  never_say: ['[x]', \"a, b\"] # ]\n", None),
        ("guards:\n  never_say:\n    - a\n    - b # two\n  max_words: 9\n", "guards:\n  never_say:\n    - a\n    - b # two\n    - sorry\n  max_words: 9\n"),
        ("guards:\n  never_say:\n  - a\n", "guards:\n  never_say:\n  - a\n  - sorry\n"),
        ("guards:\n  never_say: # why\n\n    # because\n    - a\n", None),
        ("guards:\n  never_say:\n    - a\n    # between\n    - b\n", None),
        ("guards: {never_say: [a]}\n", None),
        ("guards:\n  never_say: [a,\n    b]\n", None),
        ("guards:\n  never_say: [a, b,]\n", None),
        ('"guards":\n  never_say: [a]\n', None),
        ("guards:\n  'never_say': [a]\n", None),
        ("guards:\n  never_say: [a] # b]\n", None),
    ],
)
def test_a_guard_joins_the_others_however_they_are_written_or_is_refused(guards: str, after: str | None) -> None:
    """None: it may be refused or done, but what comes out says the words of before and the new one, and nothing else has changed."""
    source = f"---\ntitle: X\n{guards}status: active\n---\n\n- a\n"
    before, _ = read("facts/x.md", source.encode())
    try:
        written = text.add_guards(source, Guards(("sorry",)))
    except Invalid as refusal:
        assert after is None and "written" in refusal.message
        return
    if after is not None:
        assert written == f"---\ntitle: X\n{after}status: active\n---\n\n- a\n"
    elif before is not None:
        now = good(written)
        assert (set(now.guards.never_say), len(now.guards.never_say)) == ({*before.guards.never_say, "sorry"}, len(before.guards.never_say) + 1)
        assert replace(now, guards=before.guards, source=source, rules=(), examples=()) == replace(before, rules=(), examples=())


@pytest.mark.parametrize("line", ['"confidence": 0.5', "confidence : 0.5", "confidence: # later\n  0.5", "confidence: 0.5"])
def test_a_confidence_is_set_once_or_the_edit_is_refused(line: str) -> None:
    source = f"---\ntitle: X\n{line}\n---\n"
    assert good(source).confidence == 0.5
    try:
        written = text.set_confidence(source, 0.8)
    except Invalid:
        return
    assert good(written).confidence == 0.8


# ---- what was written reads back

HOSTILE = [
    "\u00a0",
    "> ",
    "# ",
    "- ",
    "1. ",
    "**Us:** ",
    "**Customer:** ",
    "\n",
    "\n\n",
    "---",
    "```",
    "`",
    "## Examples",
    "<!-- ",
    "-->",
    "[a]: b",
    "\\",
    "\\**",
    "|",
    "    ",
    "***",
    "~~~",
    "title: x",
    "&amp;",
    "<div>",
]
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Co", "Cf", "Cc", "Zl", "Zp", "Cn"])


def seen(said: str) -> bool:
    return next(hidden_characters(said), None) is None


PIECES = st.one_of(st.sampled_from(HOSTILE), st.text(LETTERS, min_size=1, max_size=12))
WORDS = st.lists(PIECES, min_size=1, max_size=8).map("".join).filter(seen)
SAID = WORDS.map(str.strip).filter(bool)
ONE_LINE = WORDS.map(lambda said: " ".join(said.split())).filter(bool)


def taught(source: str) -> Directive | None:
    """None only when the file is over its size."""
    directive, findings = read("facts/x.md", source.encode())
    assert directive is not None or "bytes" in findings[0].problem, (source, findings)
    return directive


@settings(deadline=None)
@given(st.lists(ONE_LINE, max_size=6, unique=True))
def test_rules_read_back_as_they_were_taught(rules: list[str]) -> None:
    source, kept = text.new("A title", confidence=0.5), []
    for rule in rules:
        try:
            source = text.add_rule(source, good(source).rules, rule)
            kept.append(rule)
        except Invalid:
            assert set(rule) <= set("-*_ ")
    assert [rule.text for rule in good(source).rules] == kept


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(ONE_LINE, min_size=1, max_size=3, unique=True), SAID), max_size=4))
def test_examples_read_back_as_they_were_taught(examples: list[tuple[list[str], str]]) -> None:
    known = good("---\ntitle: X\n---\n\n- One rule\n")
    expected: dict[str, list[str]] = {}
    for asked, us in examples:
        tidy = "\n\n".join(re.sub(r"(?m)\s+$", "", paragraph).strip() for paragraph in re.split(r"\n(?:\s*\n)+", us))
        expected[tidy] = list(dict.fromkeys([*expected.get(tidy, []), *asked]))
        after = taught(text.add_example(known, Example(tuple(asked), us)))
        if after is None:
            return
        assert (after.title, after.rules, after.guards) == (known.title, known.rules, known.guards)
        assert [(one.us, list(one.customer)) for one in after.examples] == list(expected.items())
        known = after


@settings(deadline=None)
@given(st.lists(WORDS.filter(lambda said: bool(said.strip())), min_size=1, max_size=3))
def test_a_customers_words_become_no_answer_no_rule_and_no_front_matter(asked: list[str]) -> None:
    before = good("---\ntitle: X\n---\n\n- One rule\n\n## Examples\n\n> **Customer:** Hi\n>\n> **Us:** Hello\n")
    for us in ("Certainly.", "Hello"):
        after = good(text.add_example(before, Example(tuple(asked), us)))
        assert (after.title, after.confidence, after.protected, after.guards, after.rules) == (before.title, 0.5, False, Guards(), before.rules)
        assert {one.us for one in after.examples} == {"Hello", us}
        assert all(" ".join(said.split()) in {q for one in after.examples for q in one.customer} for said in asked)


@settings(deadline=None)
@given(st.lists(st.text(LETTERS, min_size=1, max_size=40).filter(seen).map(str.strip).filter(bool), min_size=1, max_size=8, unique=True), st.integers(1, 1000))
def test_guard_words_read_back(words: list[str], most: int) -> None:
    written = good(text.add_guards("---\ntitle: X\n---\n", Guards(tuple(words), most)))
    assert written.guards == Guards(tuple(words), most)


@settings(deadline=None)
@given(ONE_LINE.filter(lambda said: len(said) <= 120))
def test_a_title_reads_back(title: str) -> None:
    assert good(text.new(title, confidence=0.5)).title == title


@settings(deadline=None)
@given(st.floats(0, 1))
def test_a_confidence_reads_back_to_two_places(confidence: float) -> None:
    assert abs(good(text.set_confidence("---\ntitle: X\n---\n", confidence)).confidence - confidence) <= 0.005 + 1e-9


def test_what_is_written_stays_far_from_the_limit_of_a_file() -> None:
    assert len(text.new("x" * 120, confidence=0.5).encode()) < MAX_BYTES / 10
