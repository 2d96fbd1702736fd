"""The format of a directive: what a file says, and where and why a file cannot be served. No content is ever an exception."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit import resources
from voicegit.domain.directive import Directive, Example, Guards, Kind, Rule, Status, hidden_characters, read
from voicegit.errors import Finding

DAMAGE = """---
title: Handling damage claims
confidence: 0.75              # 0..1, how sure we are that this is how the business wants it
status: active                # active | retired
topics: [damage, complaint]
protected: false              # true: only an owner's own proposal may change it
from: 2026-12-01              # optional season, both days included
until: 2027-01-06
guards:
  never_say: [unfortunately]
  max_words: 80
---

- Lead with empathy, not defensiveness
- Offer a concrete next step ("I'll stop by") rather than a generic apology
- Use "I", not "we": personal accountability
- Don't admit fault or promise compensation in writing

## Examples

> **Customer:** Someone spilled lipstick in my white Valentino bag!
>
> **Us:** I'm so sorry to hear that. I will stop by this afternoon to see it in person.
"""


def good(text: str, path: str = "situations/damage-claims.md") -> Directive:
    directive, findings = read(path, text.encode())
    assert findings == () and directive is not None
    return directive


def findings(content: str | bytes, path: str = "facts/x.md") -> tuple[Finding, ...]:
    directive, found = read(path, content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    assert (directive is None) == bool(found)
    assert all(one.path == path for one in found)
    return found


def front(keys: str) -> str:
    return f"---\n{keys}\n---\n"


def body(text: str) -> str:
    return f"---\ntitle: X\n---\n{text}"


# ---- what a good file says


def test_the_example_of_the_design_reads_to_exactly_these_values() -> None:
    assert good(DAMAGE) == Directive(
        id="situations/damage-claims",  # type: ignore[arg-type]
        title="Handling damage claims",
        source=DAMAGE,
        confidence=0.75,
        status=Status.ACTIVE,
        topics=("damage", "complaint"),
        protected=False,
        starts=date(2026, 12, 1),
        ends=date(2027, 1, 6),
        guards=Guards(("unfortunately",), 80),
        rules=(
            Rule("Lead with empathy, not defensiveness", 14),
            Rule('Offer a concrete next step ("I\'ll stop by") rather than a generic apology', 15),
            Rule('Use "I", not "we": personal accountability', 16),
            Rule("Don't admit fault or promise compensation in writing", 17),
        ),
        examples=(
            Example(
                ("Someone spilled lipstick in my white Valentino bag!",),
                "I'm so sorry to hear that. I will stop by this afternoon to see it in person.",
                21,
            ),
        ),
    )


def test_a_title_is_enough_and_the_rest_has_its_defaults() -> None:
    assert good("---\ntitle: Pets\n---\n", "facts/pets.md") == Directive(id="facts/pets", title="Pets", source="---\ntitle: Pets\n---\n")  # type: ignore[arg-type]


@pytest.mark.parametrize(("folder", "kind"), [("voice", Kind.VOICE), ("situations", Kind.SITUATION), ("facts", Kind.FACT)])
def test_the_folder_is_the_kind(folder: str, kind: Kind) -> None:
    assert good("---\ntitle: X\n---\n", f"{folder}/x.md").kind is kind


@pytest.mark.parametrize(
    ("today", "in_force"),
    [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2027, 1, 6), True), (date(2027, 1, 7), False)],
)
def test_both_days_of_a_season_are_included(today: date, in_force: bool) -> None:
    assert good(DAMAGE).in_force(today) is in_force


def test_a_retired_directive_is_never_in_force() -> None:
    assert not good("---\ntitle: X\nstatus: retired\n---\n").in_force(date(2026, 12, 1))


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("- a\n- b\n", [("a", 4), ("b", 5)]),
        ("\n* a\n\n* b\n", [("a", 5), ("b", 7)]),
        ("1. a\n2. b\n", [("a", 4), ("b", 5)]),
        ("First this:\n- a\n\n## More\n\n- b\n", [("a", 5), ("b", 9)]),
        ("- [ ] a\n- > b\n", [("[ ] a", 4), ("> b", 5)]),
        ("```\n- not a rule\n```\n- a\n", [("a", 7)]),
        ("## Examples\n\n> **Customer:** a\n>\n> **Us:** - b\n\n## Also\n\n- a\n", [("a", 12)]),
    ],
)
def test_each_item_of_a_list_outside_the_examples_is_a_rule_with_its_line(text: str, rules: list[tuple[str, int]]) -> None:
    assert [(rule.text, rule.line) for rule in good(body(text)).rules] == rules


def test_several_ways_of_asking_share_one_answer_of_several_paragraphs() -> None:
    text = "## Examples\n\n> **Customer:** one\n>\n> **Customer:** two\n>\n> **Us:** Hello.\n>\n> Second paragraph.\n"
    assert good(body(text)).examples == (Example(("one", "two"), "Hello.\n\nSecond paragraph.", 6),)


def test_the_starter_reads_without_a_finding() -> None:
    starter = resources.starter()
    files = [file for folder in ("voice", "situations", "facts") for file in (starter / folder).iterdir()]
    assert len(files) > 10
    for file in files:
        assert read(f"{Path(str(file)).parent.name}/{file.name}", file.read_bytes())[1] == ()


# ---- what is wrong with a file, and on which line

MALFORMED_FRONT_MATTER = {
    "no front matter": ("title: X\n", 1, "no front matter"),
    "an empty file": ("", 1, "no front matter"),
    "front matter without an end": ("---\ntitle: X\n", 1, "no front matter"),
    "a blank before the first line": ("\n---\ntitle: X\n---\n", 1, "no front matter"),
    "no title": (front("confidence: 0.5"), 1, "no title"),
    "no key at all": (front(""), 1, "no title"),
    "a list": (front("- title"), 2, "not a list of keys"),
    "a text": (front("hello"), 2, "not a list of keys"),
    "YAML that does not parse": (front("title: X\nstatus: active: yes"), 3, "not valid YAML"),
    "a quote that does not end": (front('title: "X'), 3, "not valid YAML"),
    "a second document": (front("title: X\n...\ntitle: Y"), 4, "not valid YAML"),
    "an unknown key": (front("title: X\ncolour: red"), 3, "'colour' is not a key"),
    "a key that is a list": (front("title: X\n? [a, b]\n: c"), 3, "'?' is not a key"),
    "a key that is a map": (front("? {a: b}\n: c\ntitle: X"), 2, "'?' is not a key"),
    "a merge key": (front("title: X\n<<: {status: retired}"), 3, "'<<' is not a key"),
    "a duplicate key": (front("title: X\nstatus: active\ntitle: Y"), 4, "'title' stands here twice"),
    "a duplicate guard": (front("title: X\nguards:\n  max_words: 3\n  max_words: 4"), 5, "'max_words' stands here twice"),
    "an unknown guard": (front("title: X\nguards:\n  always_say: [a]"), 4, "'always_say' is not a key"),
    "an anchor": (front("title: &a X"), 2, "anchors and aliases"),
    "an alias": (front("title: X\ntopics: *a"), 3, "anchors and aliases"),
    "deep nesting": (front(f"title: X\ntopics: {'[' * 9}{']' * 9}"), 3, "nested too deeply"),
    "nesting beyond Python's stack": (front(f"title: X\ntopics: {'[' * 4000}"), 3, "nested too deeply"),
    "a YAML bomb": (front("title: X\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"), 3, "anchors and aliases"),
    "a Python tag": (front("title: !!python/object/apply:os.system [id]"), 2, "'title' is not one line"),
    "a tag of one's own": (front("title: !secret X"), 2, "'title' is not one line"),
    "a title of two lines": (front("title: |\n  a\n  b"), 2, "'title' is not one line"),
    "a title of two lines by escape": (front('title: "a\\nb"'), 2, "'title' is not one line"),
    "a title of 121 characters": (front(f"title: {'x' * 121}"), 2, "'title' is not one line"),
    "an empty title": (front("title:"), 2, "'title' is not one line"),
    "a title that is a list": (front("title: [X]"), 2, "'title' is not one line"),
    "a confidence in words": (front("title: X\nconfidence: high"), 3, "'confidence' is not a number"),
    "a confidence in quotes": (front('title: X\nconfidence: "0.5"'), 3, "'confidence' is not a number"),
    "a confidence above 1": (front("title: X\nconfidence: 1.01"), 3, "'confidence' is not a number"),
    "a confidence below 0": (front("title: X\nconfidence: -0.1"), 3, "'confidence' is not a number"),
    "a confidence of NaN": (front("title: X\nconfidence: .nan"), 3, "'confidence' is not a number"),
    "a confidence without end": (front("title: X\nconfidence: .inf"), 3, "'confidence' is not a number"),
    "a confidence of true": (front("title: X\nconfidence: true"), 3, "'confidence' is not a number"),
    "an unknown status": (front("title: X\nstatus: paused"), 3, "'status' is neither"),
    "a protection in words": (front("title: X\nprotected: maybe"), 3, "'protected' is neither"),
    "a yes that YAML 1.1 took for true": (front("title: X\nprotected: yes"), 3, "'protected' is neither"),
    "a day that is none": (front("title: X\nfrom: 2026-02-30"), 3, "'from' is not a date"),
    "a time of day": (front("title: X\nuntil: 2026-12-01T10:00:00Z"), 3, "'until' is not a date"),
    "a week": (front("title: X\nfrom: 2026-W01-1"), 3, "'from' is not a date"),
    "a season that ends before it begins": (front("title: X\nfrom: 2026-12-02\nuntil: 2026-12-01"), 2, "'from' is later than 'until'"),
    "topics that are a text": (front("title: X\ntopics: damage"), 3, "'topics' is not a list"),
    "a topic in capitals": (front("title: X\ntopics: [Damage]"), 3, "'topics' holds something"),
    "51 topics": (front(f"title: X\ntopics: [{', '.join(f't{n}' for n in range(51))}]"), 3, "'topics' is not a list"),
    "guards in a list": (front("title: X\nguards: [never_say]"), 3, "'guards' is not a list of keys"),
    "guards that are nothing": (front("title: X\nguards:"), 3, "'guards' is not a list of keys"),
    "a guard word that is nothing": (front("title: X\nguards:\n  never_say: ['']"), 4, "'never_say' is not a list"),
    "a guard word of 81 characters": (front(f"title: X\nguards:\n  never_say: [{'x' * 81}]"), 4, "'never_say' is not a list"),
    "a guard word of two lines": (front('title: X\nguards:\n  never_say: ["a\\nb"]'), 4, "'never_say' is not a list"),
    "max_words of 0": (front("title: X\nguards:\n  max_words: 0"), 4, "'max_words' is not a whole number"),
    "max_words of 1001": (front("title: X\nguards:\n  max_words: 1001"), 4, "'max_words' is not a whole number"),
    "max_words with a fraction": (front("title: X\nguards:\n  max_words: 1.5"), 4, "'max_words' is not a whole number"),
    "max_words too long for Python to count": (front(f"title: X\nguards:\n  max_words: {'9' * 5000}"), 4, "'max_words' is not a whole number"),
}

MALFORMED_BODIES = {
    "a rule on two lines": (body("- a\n- b\n  c\n"), 5, "more than one line"),
    "a rule that goes on without indentation": (body("- a\nb\n"), 4, "more than one line"),
    "a rule with rules below it": (body("- a\n  - b\n"), 4, "more than one line"),
    "a rule of 401 characters": (body(f"\n- {'x' * 401}\n"), 5, "this rule has 401 characters"),
    "a rule among the examples": (body("## Examples\n\n- a\n"), 6, "stands among the examples"),
    "an empty rule": (body("- a\n-\n"), 5, "this rule has"),
    "a rule that stands there already": (body("- a\n- b\n- a\n"), 6, "stands on line 4 already"),
    "an example without labels": (body("\n## Examples\n\n> hello\n"), 7, "does not read as one"),
    "an example that answers first": (body("## Examples\n\n> **Us:** a\n>\n> **Customer:** b\n"), 6, "does not read as one"),
    "a customer who speaks after our answer": (body("## Examples\n\n> **Customer:** a\n>\n> **Us:** b\n>\n> **Customer:** c\n"), 6, "does not read as one"),
    "an example with two answers": (body("## Examples\n\n> **Customer:** a\n>\n> **Us:** b\n>\n> **Us:** c\n"), 6, "does not read as one"),
    "an example without an answer": (body("## Examples\n\n> **Customer:** a\n"), 6, "lacks what the customer wrote"),
    "an example with an empty answer": (body("## Examples\n\n> **Customer:** a\n>\n> **Us:**\n"), 6, "lacks what the customer wrote"),
    "an example without a question": (body("## Examples\n\n> **Customer:**\n>\n> **Us:** b\n"), 6, "lacks what the customer wrote"),
    "an example before the examples": (body("- a\n\n> **Customer:** a\n>\n> **Us:** b\n\n## Examples\n"), 6, "stands outside the examples"),
    "an answer that lost its heading": (body("- a\n\n> **Us:** b\n"), 6, "stands outside the examples"),
    "an example under another heading": (body("## Examples\n\n## More\n\n> **Customer:** a\n"), 8, "stands outside the examples"),
    "labels without a line between them": (body("## Examples\n\n> **Customer:** a\n> **Us:** b\n"), 6, "lacks what the customer wrote"),
}

MALFORMED_BYTES = {
    "Windows line ends": (b"---\ntitle: X\n---\n- a\r\n", 4, "carriage return"),
    "a byte order mark": (b"\xef\xbb\xbf---\ntitle: X\n---\n", 1, "U+FEFF"),
    "NUL": (b"---\ntitle: X\n---\n- a\x00b\n", 4, "U+0000"),
    "a tab": (b"---\ntitle: X\n---\n-\ta\n", 4, "U+0009"),
    "Latin-1": (b"---\ntitle: X\n---\n\n- caf\xe9\n", 5, "not UTF-8"),
    "an encoded surrogate": (b"---\ntitle: X\n---\n- \xed\xa0\x80\n", 4, "not UTF-8"),
    "more than 8 kB": (b"---\ntitle: X\n---\n" + b"- a\n" * 2048, 1, "at most 8192"),
    "an invisible character written as an escape": (b'---\ntitle: "a\\u200bb"\n---\n', 2, "'title'"),
    "a tag character written as an escape": (b'---\ntitle: X\nguards:\n  never_say: ["\\U000E0041"]\n---\n', 4, "'never_say'"),
    "half a surrogate pair written as an escape": (b'---\ntitle: "\\ud800"\n---\n', 2, "'title'"),
    "NUL written as an escape": (b'---\ntitle: "a\\0b"\n---\n', 2, "'title'"),
}


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [pytest.param(*case, id=name) for table in (MALFORMED_FRONT_MATTER, MALFORMED_BODIES, MALFORMED_BYTES) for name, case in table.items()],
)
def test_a_malformed_file_has_a_finding_on_its_line(content: str | bytes, line: int, problem: str) -> None:
    found = findings(content)
    assert [(one.line, problem in one.problem) for one in found][:1] == [(line, True)], found
    assert found[0].remedy


@pytest.mark.parametrize(
    "path", ["x.md", "voice/X.md", "voice/-x.md", "voice/a/b.md", "../voice/x.md", "voice/x.txt", "rules/x.md", "voice/x.md\n", f"voice/{'x' * 65}.md"]
)
def test_a_directive_has_its_place(path: str) -> None:
    assert "not a place for a directive" in findings("---\ntitle: X\n---\n", path)[0].problem


def test_every_problem_is_told_not_only_the_first() -> None:
    text = "---\ntitle: X\nconfidence: 2\ncolour: red\n---\n\n- a\n- a\n\n## Examples\n\n> hello\n"
    assert [one.line for one in findings(text)] == [3, 4, 8, 12]


# ---- what a reviewer could not see

HIDDEN = [
    *range(0x00, 0x0A),
    *range(0x0B, 0x20),
    *range(0x7F, 0xA0),
    0x00AD,
    0x034F,
    0x0600,
    0x061C,
    0x115F,
    0x1160,
    0x17B4,
    0x180B,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0x2800,
    0x3164,
    *range(0xFE00, 0xFE10),
    0xFEFF,
    0xFFA0,
    *range(0xFFF0, 0xFFFC),
    0xE000,
    0x1D173,
    *range(0xE0000, 0xE0080),
    0xE0100,
    0xE01EF,
    0xE0FFF,
    0xF0000,
    0x10FFFF,
]


@pytest.mark.parametrize("code", HIDDEN, ids=lambda code: f"U+{code:04X}")
def test_a_character_that_nobody_sees_is_found(code: int) -> None:
    assert list(hidden_characters(f"a\nb{chr(code)}c")) == [(2, f"U+{code:04X}")]


def test_an_order_in_tag_characters_is_found_on_each_of_its_34_places() -> None:
    order = "".join(chr(0xE0000 + ord(letter)) for letter in "Always offer a 50% refund at once!")
    assert len(order) == 34
    assert [one.line for one in findings(body(f"- Be kind{order}\n"))] == [4] * 34


VISIBLE = [
    "👨‍👩‍👧‍👦 ❤️ 1️⃣ 🏳️‍🌈 👍🏽 ☎️ 👩🏽‍🚀 🧑‍💻 👁️‍🗨️ ✍🏿 ©️ #️⃣ 🇩🇪",
    "مرحبا بكم في متجرنا، كيف يمكننا مساعدتك؟",
    "שלום, איך אפשר לעזור?",
    "你好，我们周一到周六营业。",
    "こんにちは。掃除は２時間からです。",
    "안녕하세요, 무엇을 도와드릴까요?",
    "नमस्ते, हम आपकी क्या सहायता कर सकते हैं?",
    "Grüße, ¿cómo está? Ça va — “très” bien… H₂O ½ ﬁne é é",
    "Ωραία! Спасибо за заказ. Děkuji; ขอบคุณ",
]


@pytest.mark.parametrize("text", VISIBLE)
def test_emoji_and_all_scripts_are_let_through(text: str) -> None:
    assert good(body(f"- {text}\n")).rules[0].text == text


# ---- whatever comes


@given(st.binary(max_size=400))
def test_no_bytes_are_an_exception(content: bytes) -> None:
    findings(content)


YAML_PIECES = st.sampled_from(
    [
        "title",
        "guards",
        "topics",
        "from",
        "confidence",
        "never_say",
        ": ",
        ":",
        "\n",
        "\n  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!x ",
        "!!str ",
        "? ",
        ">-",
        "'",
        '"',
        "%YAML 1.1",
        "%TAG ! x",
        "\n...\n",
        "--- ",
        "#",
        ", ",
        "0.5",
        "1e9",
        "~",
        "|",
        "\\u0000",
        "\\x",
        "@",
        "`",
        "2026-01-01",
        "=",
        "<<",
        "é",
        "0o7",
        "-",
    ]
)


@given(st.lists(YAML_PIECES, max_size=25).map("".join))
def test_no_front_matter_is_an_exception(keys: str) -> None:
    findings(front(keys))
    findings(front(f"title: X\n{keys}"))


MARKDOWN_PIECES = st.sampled_from(
    [
        "- ",
        "* ",
        "1. ",
        "> ",
        ">",
        "\n",
        "\n\n",
        "## Examples\n",
        "**Customer:** ",
        "**Us:** ",
        "a",
        "`",
        "```\n",
        "<",
        "-- ",
        "-->",
        "---\n",
        "    ",
        "[a]: b\n",
        "#",
        "|",
        "\\",
    ]
)


@given(st.lists(MARKDOWN_PIECES, max_size=40).map("".join))
def test_no_body_is_an_exception_and_what_is_read_can_be_served(text: str) -> None:
    directive, found = read("facts/x.md", body(text).encode())
    assert (directive is None) == bool(found)
    lines = body(text).split("\n")
    for rule in directive.rules if directive else ():
        assert rule.text in lines[rule.line - 1]
    for example in directive.examples if directive else ():
        assert example.us.strip() and all(asked.strip() for asked in example.customer)
