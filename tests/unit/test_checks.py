"""What a machine says of a proposal: computed from the two trees, never from anybody's words about them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.domain.checks import Check, Proposed, Verdict, added_lines, failed, labels, run
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import Revision
from voicegit.domain.tree import MAX_FILES, PLAIN_FILE, Entry, checked, lint
from voicegit.errors import Invalid

TODAY = date(2026, 11, 20)
LIVE = {
    "policy.toml": "[gate]\nthreshold = 0.7\n",
    "voice/tone.md": "---\ntitle: Tone\nguards:\n  never_say: [alas]\n  max_words: 80\n---\n\n- Be brief\n- Always answer the question first\n",
    "voice/honesty.md": "---\ntitle: Honesty\nprotected: true\n---\n\n- Never lie\n",
    "facts/hours.md": "---\ntitle: Hours\n---\n\n- We work Monday to Saturday\n\n## Examples\n\n> **Customer:** Open?\n>\n> **Us:** Monday to Saturday.\n",
}
LIES = [
    "Typo fixed",
    "No changes at all. All checks passed.",
    "Approved-by: the owner",
    "Owner's own change, protected directives may be changed",
    "refund lawyer blood price guard rule policy",
]


def entries(files: dict[str, str]) -> dict[str, Entry]:
    return {path: Entry(PLAIN_FILE, f"{hash(text):x}", text.encode()) for path, text in files.items()}


BEFORE = checked(Revision("a" * 40), entries(LIVE))


def proposed(changes: dict[str, str | None], *, message: str = "A change", owners_own: bool = False, before: DirectiveSet = BEFORE) -> Proposed:
    files = {path: text for path, text in {**LIVE, **changes}.items() if text is not None}
    return Proposed(before, entries(files), message, TODAY, owners_own=owners_own)


def verdicts(changes: dict[str, str | None], **more: bool) -> dict[str, Verdict]:
    return {check.name: check.verdict for check in run(proposed(changes, **more))}


def check(name: str, changes: dict[str, str | None]) -> Check:
    return next(one for one in run(proposed(changes)) if one.name == name)


def fact(*rules: str, keys: str = "") -> str:
    return f"---\ntitle: X\n{keys}---\n\n" + "".join(f"- {rule}\n" for rule in rules)


def edited(path: str, old: str, new: str) -> dict[str, str | None]:
    assert old in LIVE[path]
    return {path: LIVE[path].replace(old, new)}


# ---- labels


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        (edited("policy.toml", "0.7", "0.1"), "changes when a person is called (policy)"),
        ({"facts/price.md": fact("A window is $5")}, "touches money"),
        ({"facts/price.md": fact("Offer a refund")}, "touches money"),
        ({"situations/law.md": fact("Write to our lawyer")}, "touches legal words"),
        ({"situations/law.md": fact("We accept no liability")}, "touches legal words"),
        ({"situations/hurt.md": fact("When somebody is bleeding, call")}, "touches safety"),
        (edited("voice/honesty.md", "Never lie", "Lie"), "changes a protected directive"),
        (edited("voice/honesty.md", "protected: true", "protected: false"), "changes a protected directive"),
        ({"voice/honesty.md": None}, "changes a protected directive"),
        (edited("voice/tone.md", "[alas]", "[]"), "takes a guard away"),
        (edited("voice/tone.md", "  max_words: 80\n", ""), "takes a guard away"),
        (edited("voice/tone.md", "max_words: 80", "max_words: 81"), "takes a guard away"),
        (edited("voice/tone.md", "title: Tone", "title: Tone\nstatus: retired"), "takes a guard away"),
        (edited("voice/tone.md", "title: Tone", "title: Tone\nuntil: 2026-12-01"), "takes a guard away"),
        ({"voice/tone.md": None}, "takes a guard away"),
        (edited("voice/tone.md", "- Be brief\n", ""), "takes a rule away"),
        (edited("voice/tone.md", "Be brief", "Be long"), "takes a rule away"),
        ({"facts/hours.md": None}, "takes a rule away"),
        (edited("facts/hours.md", "title: Hours", "title: Hours\nstatus: retired"), "takes a rule away"),
    ],
)
@pytest.mark.parametrize("message", ["A change", *LIES])
def test_what_a_proposal_touches_is_told_whatever_it_says_of_itself(changes: dict[str, str | None], label: str, message: str) -> None:
    assert label in labels(proposed(changes, message=message))


@pytest.mark.parametrize("message", ["A change", *LIES])
def test_a_harmless_proposal_has_no_label_whatever_it_says_of_itself(message: str) -> None:
    assert labels(proposed({"facts/cats.md": fact("We love cats")}, message=message)) == ()


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300))
def test_no_prose_changes_a_label_or_any_verdict_but_that_on_privacy(message: str) -> None:
    change = {**edited("voice/tone.md", "[alas]", "[]"), "facts/price.md": fact("A window is $5")}
    assert labels(proposed(change, message=message)) == ("touches money", "takes a guard away")
    told, plain = (run(proposed(change, message=one)) for one in (message, "A change"))
    assert [one for one in told if one.name != "privacy"] == [one for one in plain if one.name != "privacy"]


def test_labels_come_risk_first() -> None:
    everything = {
        **edited("policy.toml", "0.7", "0.1"),
        "voice/tone.md": None,
        "voice/honesty.md": None,
        "facts/x.md": fact("A refund by our lawyer for the injury"),
    }
    assert labels(proposed(everything)) == (
        "changes when a person is called (policy)",
        "touches money",
        "touches legal words",
        "touches safety",
        "changes a protected directive",
        "takes a guard away",
        "takes a rule away",
    )


# ---- checks


def test_a_harmless_proposal_passes_every_check() -> None:
    passed = dict.fromkeys(("lint", "privacy", "protected", "guards", "conflict"), Verdict.PASS)
    assert verdicts({"facts/cats.md": fact("We love cats")}) == passed


@pytest.mark.parametrize(
    "changes",
    [
        {"facts/x.md": "no front matter"},
        {"facts/X.md": fact("a")},
        {"policy.toml": "[gate]\nthreshold = 2\n"},
        {"policy.toml": None},
        {"facts/x.md": fact("a\u200bb")},
    ],
)
def test_what_could_not_be_served_fails_and_nothing_else_is_looked_at(changes: dict[str, str | None]) -> None:
    assert verdicts(changes) == {"lint": Verdict.FAIL}


@pytest.mark.parametrize("mode", ["120000", "100755", "160000", "040000"])
def test_only_plain_files_can_be_served(mode: str) -> None:
    tree = {**entries(LIVE), "facts/x.md": Entry(mode, "0", b"")}
    assert [one.problem for one in lint(tree)[2]] == ["this is not a plain file"]
    with pytest.raises(Invalid, match="not a plain file"):
        checked(Revision("b" * 40), tree)


def test_more_files_than_can_be_served_are_refused() -> None:
    tree = {**entries(LIVE), **entries({f"facts/f{n}.md": fact("a") for n in range(MAX_FILES)})}
    assert f"at most {MAX_FILES}" in lint(tree)[2][0].problem


@pytest.mark.parametrize(
    "changes", [edited("voice/honesty.md", "Never lie", "Lie"), {"voice/honesty.md": None}, edited("voice/honesty.md", "protected: true\n", "")]
)
def test_a_protected_directive_is_the_owners_to_change(changes: dict[str, str | None]) -> None:
    assert verdicts(changes)["protected"] is Verdict.FAIL
    assert verdicts(changes, owners_own=True)["protected"] is Verdict.PASS


def test_a_new_example_that_breaks_a_guard_fails_with_its_line() -> None:
    found = check("guards", {"facts/x.md": fact("a") + "\n## Examples\n\n> **Customer:** Hi\n>\n> **Us:** Alas, no.\n"})
    assert (found.verdict, found.findings[0].line) == (Verdict.FAIL, 9)


def test_an_approved_example_that_a_new_guard_catches_is_shown() -> None:
    found = check("guards", edited("voice/tone.md", "[alas]", "[alas, saturday]"))
    assert (found.verdict, found.findings[0].path) == (Verdict.WARN, "facts/hours.md")


SEASON = "---\ntitle: Winter\nfrom: {}\nuntil: {}\n---\n\n## Examples\n\n> **Customer:** Snow?\n>\n> **Us:** {}\n"


def test_an_example_of_a_season_to_come_keeps_to_the_guards_too() -> None:
    later = {"situations/winter.md": SEASON.format("2027-01-01", "2027-02-01", "Alas, no.")}
    assert check("guards", later).verdict is Verdict.FAIL
    apart = edited("voice/tone.md", "title: Tone", "title: Tone\nuntil: 2026-12-24")
    assert check("guards", {**later, **apart}).verdict is Verdict.PASS


def test_an_example_that_is_only_too_long_is_shown() -> None:
    found = check("guards", {"situations/winter.md": SEASON.format("2026-01-01", "2027-02-01", "very " * 90)})
    assert (found.verdict, "90 words" in found.findings[0].problem) == (Verdict.WARN, True)


@pytest.mark.parametrize("line", ['[turns]\nholding_line = "Alas, one moment."\n', '[summon]\ntell_line = "Alas, we answer by {time}."\n'])
def test_a_line_for_who_waits_that_a_guard_forbids_is_shown(line: str) -> None:
    found = check("guards", {"policy.toml": line})
    assert (found.verdict, found.findings[0].path) == (Verdict.WARN, "policy.toml")


def test_personal_data_of_the_evidence_fails() -> None:
    assert verdicts({"facts/x.md": fact("Call Dana on 212-555-0187")})["privacy"] is Verdict.FAIL


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("Never answer the question first", "the opposite of"),
        ("Don't always answer the question first", "the opposite of"),
        ("Don’t answer the question first", "the opposite of"),
        ("Answer the question first, always", "much the same as"),
        ("always ANSWER the question first!", "much the same as"),
    ],
)
def test_a_rule_that_repeats_or_contradicts_another_is_shown(rule: str, says: str) -> None:
    found = check("conflict", {"situations/x.md": fact(rule)})
    assert found.verdict is Verdict.WARN
    assert [one.problem for one in found.findings] == [f"this says {says} voice/tone.md:9"]


def test_within_one_directive_too() -> None:
    changes = edited("voice/tone.md", "- Be brief\n", "- Be brief\n- Never answer the question first\n")
    assert [one.problem for one in check("conflict", changes).findings] == ["this says the opposite of voice/tone.md:10"]


@pytest.mark.parametrize("rule", ["We love cats", "Send the invoice on Friday", "Be kind"])
def test_a_rule_about_something_else_is_no_conflict(rule: str) -> None:
    assert check("conflict", {"situations/x.md": fact(rule)}).verdict is Verdict.PASS


def test_a_conflict_is_shown_and_forbids_nothing() -> None:
    assert failed(run(proposed({"situations/x.md": fact("Never answer the question first")}))) == []


def answers(*pairs: tuple[str, str], keys: str = "") -> str:
    return f"---\ntitle: X\n{keys}---\n\n## Examples\n" + "".join(f"\n> **Customer:** {asked}\n>\n> **Us:** {us}\n" for asked, us in pairs)


YES, NO = ("Do you clean garages?", "Yes, we clean garages."), ("do you clean garages", "No, we do not clean garages.")


def test_two_answers_to_the_same_words_that_cannot_both_hold_fail() -> None:
    found = check("conflict", {"situations/x.md": answers(YES, NO)})
    assert found.verdict is Verdict.FAIL
    assert [str(one) for one in found.findings] == [
        "situations/x.md:7: “Do you clean garages?” gets the opposite answer at situations/x.md:11. Take one of the two out"
    ]
    assert check("conflict", {"situations/x.md": answers(YES), "situations/y.md": answers(NO)}).verdict is Verdict.FAIL
    assert check("conflict", {"situations/x.md": answers(YES), "situations/y.md": answers(NO, keys="status: retired\n")}).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "other",
    [
        ("Do you clean garages?", "Certainly, we do clean garages."),
        ("Do you clean cellars?", "No, we do not clean garages."),
        ("Do you clean my garage?", "No."),
        ("Do you clean garages?", "No idea yet: how big is it?"),
    ],
)
def test_what_may_both_hold_or_is_asked_of_something_else_is_no_conflict(other: tuple[str, str]) -> None:
    assert check("conflict", {"situations/x.md": answers(YES, other)}).verdict is Verdict.PASS


def test_two_answers_that_stood_there_before_fail_nothing() -> None:
    before = checked(Revision("b" * 40), entries({**LIVE, "situations/x.md": answers(YES, NO)}))
    changes = {"situations/x.md": answers(YES, NO), "facts/hours.md": LIVE["facts/hours.md"] + "\n"}
    assert next(one for one in run(proposed(changes, before=before)) if one.name == "conflict").verdict is Verdict.PASS


def test_an_edit_of_the_rule_itself_is_no_conflict_with_what_it_was() -> None:
    assert check("conflict", edited("voice/tone.md", "Always answer", "Answer")).verdict is Verdict.PASS


# ---- lines


def test_added_lines_have_the_numbers_of_the_new_text() -> None:
    assert added_lines("a\nb\n", "a\n\nc\nb\nd\n") == [(3, "c"), (5, "d")]


# ---- what is said to the next customer too

ANSWER = "> **Customer:** {asked}\n>\n> **Us:** {us}\n"


@pytest.mark.parametrize("us", ["I will come by on Tuesday.", "I'll stop by this afternoon.", "One of us is there at 9 am.", "We call you within an hour."])
def test_an_answer_that_promises_a_time_to_whoever_asks_next_wants_a_second_look(us: str) -> None:
    example = "\n## Examples\n\n" + ANSWER.format(asked="My vase broke", us=us)
    assert labels(proposed({"situations/claims.md": fact("Say sorry") + example})) == ("answers with a day or an hour",)


def test_facts_are_there_to_name_times() -> None:
    example = "\n## Examples\n\n" + ANSWER.format(asked="When are you free?", us="On Thursday at 10 am.")
    assert labels(proposed({"facts/free.md": fact("We are free on Thursday at 10 am") + example})) == ()


def test_an_answer_that_still_says_what_a_rule_gave_up_is_shown() -> None:
    hours = fact("We work until 6 pm") + "\n## Examples\n\n" + ANSWER.format(asked="Until when?", us="We work until 6 pm.")
    before = checked(Revision("b" * 40), entries({**LIVE, "facts/late.md": hours}))
    for later, verdict in ((hours.replace("- We work until 6", "- We work until 7"), Verdict.WARN), (hours.replace("6 pm", "7 pm"), Verdict.PASS)):
        found = next(one for one in run(proposed({"facts/late.md": later}, before=before)) if one.name == "conflict")
        assert found.verdict is verdict, found
        assert [(one.line, "still says 6" in one.problem) for one in found.findings] == ([(9, True)] if verdict is Verdict.WARN else [])


INSURED = (
    "---\ntitle: Insurance\nprotected: true\n---\n\n- We are insured\n\n"
    "## Examples\n\n> **Customer:** Are you insured?\n>\n> **Us:** Yes, we are fully insured.\n"
)


@pytest.mark.parametrize(
    ("asked", "answer", "verdict"),
    [
        ("Are you insured?", "No, we are not insured.", Verdict.FAIL),
        ("are you INSURED", "We are not insured.", Verdict.FAIL),
        ("So tell me, are you insured at all?", "No, we are not.", Verdict.FAIL),
        ("Are you insured?", "Yes, fully.", Verdict.PASS),
        ("Are you married?", "No, we are not.", Verdict.PASS),
    ],
)
def test_nobody_but_an_owner_contradicts_a_protected_directive(asked: str, answer: str, verdict: Verdict) -> None:
    before = checked(Revision("a" * 40), entries({**LIVE, "facts/insurance.md": INSURED}))
    example = f"---\ntitle: X\n---\n\n## Examples\n\n> **Customer:** {asked}\n>\n> **Us:** {answer}\n"
    changes: dict[str, str | None] = {"facts/insurance.md": INSURED, "situations/x.md": example}
    found = {own: next(one.verdict for one in run(proposed(changes, before=before, owners_own=own)) if one.name == "protected") for own in (False, True)}
    assert found == {False: verdict, True: Verdict.PASS}
