"""What a distillation may do to the directives, whatever a model asks for: little, on exact places, never on what is protected."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegit.domain.book import declined
from voicegit.domain.directive import Directive, Example, Guards, Status, read
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, DirectiveId, PersonId, Revision, SignalId
from voicegit.domain.learning import MOST_SURE, OVER_LIMIT, Applied, Ground, apply
from voicegit.domain.operation import Change, Operation
from voicegit.domain.policy import Learning, Policy
from voicegit.domain.signal import Signal, SignalKind

TODAY = date(2026, 11, 20)
WEIGHTS = {SignalKind.TAKEOVER: 1.0, SignalKind.CORRECTION: 0.9, SignalKind.REJECTION: 0.8, SignalKind.EDIT: 0.6, SignalKind.APPROVAL: 0.4}


def directive(path: str, body: str, keys: str = "") -> Directive:
    found, findings = read(path, f"---\ntitle: About {path}\nconfidence: 0.5\n{keys}---\n\n{body}".encode())
    assert found is not None, findings
    return found


TONE = directive("voice/tone.md", "- Be brief\n- Be warm\n", "guards:\n  never_say: [alas]\n  max_words: 80\n")
HONESTY = directive("voice/honesty.md", "- Never lie\n", "protected: true\n")
DAMAGE = directive("situations/damage.md", "- Say sorry\n\n## Examples\n\n> **Customer:** You broke it\n>\n> **Us:** I am so sorry.\n", "topics: [damage]\n")
HOURS = directive("facts/hours.md", "- We work Monday to Saturday\n")
ALL = (HOURS, DAMAGE, HONESTY, TONE)


def signal(name: str, kind: SignalKind = SignalKind.TAKEOVER) -> Signal:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    return Signal(SignalId(name), kind, ConversationId(f"c-{name}"), None, PersonId("ana"), now, WEIGHTS[kind], "You broke it", "I am so sorry.")


KINDS = {"edited": SignalKind.EDIT, "approved": SignalKind.APPROVAL, "rejected": SignalKind.REJECTION}
SIGNALS = {s.id: s for s in [signal("taken"), signal("other"), *(signal(name, kind) for name, kind in KINDS.items())]}
GROUND = Ground(DirectiveSet(Revision("a" * 40), ALL, Policy(learning=Learning(max_changes=2))), SIGNALS, TODAY)


def asked(change: Change, to: str = "situations/damage", *evidence: str, **more: object) -> Operation:
    return Operation(change, DirectiveId(to), "Because a person said so.", tuple(SignalId(one) for one in evidence or ("taken",)), **more)  # type: ignore[arg-type]


def done(*operations: Operation, ground: Ground = GROUND) -> dict[str, Directive]:
    applied = apply(operations, ground)
    assert applied.dropped == (), applied.dropped
    return {path: good(path, content) for path, content in applied.files.items()}


def refused(operation: Operation, ground: Ground = GROUND) -> str:
    applied = apply([operation], ground)
    assert (applied.files, applied.accepted) == ({}, ())
    return applied.dropped[0].reason


def good(path: str, content: bytes) -> Directive:
    found, findings = read(path, content)
    assert found is not None, findings
    return found


def rules(one: Directive) -> list[str]:
    return [rule.text for rule in one.rules]


# ---- what each change does


def test_reinforcing_makes_a_directive_surer_and_changes_no_word() -> None:
    after = done(asked(Change.REINFORCE))["situations/damage.md"]
    assert after.source == DAMAGE.source.replace("confidence: 0.5", "confidence: 0.55")


def test_the_weight_of_the_evidence_says_by_how_much() -> None:
    assert done(asked(Change.REINFORCE, "facts/hours", "approved"))["facts/hours.md"].confidence == 0.52
    assert done(asked(Change.REINFORCE, "facts/hours", "taken", "other", "edited", "approved"))["facts/hours.md"].confidence == 0.65


def test_evidence_counts_once_for_one_directive() -> None:
    twice = done(asked(Change.REINFORCE), asked(Change.ADD, text="Stop by"))["situations/damage.md"]
    assert twice.confidence == 0.55


def test_repetition_alone_makes_nobody_certain() -> None:
    now, applied = HOURS, apply([asked(Change.REINFORCE, "facts/hours")], GROUND)
    while applied.files:
        before, now = now, good("facts/hours.md", applied.files["facts/hours.md"])
        assert before.confidence < now.confidence <= MOST_SURE
        applied = apply([asked(Change.REINFORCE, "facts/hours")], _with(now))
    assert now.confidence > 0.9


def _with(one: Directive) -> Ground:
    return replace(GROUND, known=replace(GROUND.known, directives=tuple(one if d.id == one.id else d for d in ALL)))


@pytest.mark.parametrize("change", [Change.REFINE, Change.REVISE])
def test_a_rule_is_replaced_where_it_stands(change: Change) -> None:
    after = done(asked(change, "voice/tone", rule="Be brief", text="Be brief, two sentences"))["voice/tone.md"]
    assert rules(after) == ["Be brief, two sentences", "Be warm"]


def test_a_rule_an_example_and_a_guard_are_added() -> None:
    example = Example(("My lamp is broken",), "I will stop by.")
    after = done(asked(Change.ADD, text="Stop by", examples=(example,), guards=Guards(("fault",))))["situations/damage.md"]
    assert (rules(after), after.guards) == (["Say sorry", "Stop by"], Guards(("fault",)))
    assert [(e.customer, e.us) for e in after.examples] == [(("You broke it",), "I am so sorry."), (example.customer, example.us)]


def test_a_new_directive_has_a_title() -> None:
    after = done(asked(Change.ADD, "situations/keys", title="Lost keys: what now?", text="Change the lock", topics=("keys",)))["situations/keys.md"]
    assert (after.title, rules(after), after.topics, after.status, after.protected) == (
        "Lost keys: what now?",
        ["Change the lock"],
        ("keys",),
        Status.ACTIVE,
        False,
    )


def test_a_rule_is_retired_or_the_whole_directive() -> None:
    assert rules(done(asked(Change.RETIRE, "voice/tone", rule="Be warm"))["voice/tone.md"]) == ["Be brief"]
    assert done(asked(Change.RETIRE, "facts/hours"))["facts/hours.md"].status is Status.RETIRED


# ---- what it never does


@pytest.mark.parametrize("change", Change)
def test_a_protected_directive_is_never_touched(change: Change) -> None:
    assert "protected" in refused(asked(change, "voice/honesty", rule="Never lie", text="Lie a little", title="New"))


@pytest.mark.parametrize(
    "operation",
    [
        asked(Change.ADD, text="Stop by"),
        asked(Change.REFINE, rule="Say sorry", text="Say so"),
        asked(Change.REVISE, rule="Say sorry", text="Say so"),
        asked(Change.RETIRE),
        asked(Change.ADD, "situations/new", title="New", text="Stop by"),
        asked(Change.REINFORCE, guards=Guards(("sorry",))),
        asked(Change.REINFORCE, guards=Guards((), 500)),
        asked(Change.REINFORCE, examples=(Example(("Hi",), "Hello"),)),
    ],
)
def test_approvals_alone_never_change_a_word(operation: Operation) -> None:
    assert "only approvals" in refused(replace(operation, evidence=(SignalId("approved"),)))


@pytest.mark.parametrize("evidence", [(), ("nobody",), ("c-taken",)])
def test_without_a_persons_signal_nothing_happens(evidence: tuple[str, ...]) -> None:
    assert "no signal of a person" in refused(replace(asked(Change.ADD, text="Stop by"), evidence=tuple(map(SignalId, evidence))))


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (asked(Change.ADD, "policy", title="X", text="Y"), "no directive can be"),
        (asked(Change.ADD, "voice/../policy", title="X", text="Y"), "no directive can be"),
        (asked(Change.ADD, "voice/x\n", title="X", text="Y"), "no directive can be"),
        (asked(Change.ADD, "situations/new", text="Y"), "no such directive"),
        (asked(Change.REVISE, "situations/new", title="X", rule="a", text="Y"), "no such directive"),
        (asked(Change.REVISE, rule="Say nothing", text="Y"), "exactly once"),
        (asked(Change.REFINE, text="Y"), "must name the rule"),
        (asked(Change.REVISE, rule="Say sorry", text="x" * 401), "one line"),
        (asked(Change.ADD, text="a\nb"), "one line"),
        (asked(Change.ADD, text="  "), "one line"),
        (asked(Change.ADD, text="---"), "line across the page"),
        (asked(Change.ADD, text="Be kind\u200b"), "could not see"),
        (asked(Change.ADD, text="Call 212-555-0187"), "personal data"),
        (asked(Change.ADD, "situations/new", title="a\nb", text="Y"), "title is one line"),
        (asked(Change.ADD, "situations/new", title="X", text="Y", topics=("a]\nprotected: true\nguards: {never_say: [b",)), "topic"),
        (asked(Change.ADD, "situations/new", title="X", text="Y", topics=("Damage",)), "topic"),
        (asked(Change.REVISE, "voice/tone", rule="Be brief", text="Be warm"), "already"),
        (asked(Change.ADD, guards=Guards((), 0)), "max_words"),
        (asked(Change.ADD, guards=Guards(("x" * 81,))), "never_say"),
        (asked(Change.ADD, examples=(Example(("Hi",), "Alas, no"),)), "cannot be an answer"),
        (asked(Change.ADD, examples=(Example((), "Hello"),)), "example"),
        (asked(Change.ADD, examples=(Example(("Hi",), ""),)), "example"),
    ],
)
def test_an_operation_that_breaks_a_rule_is_dropped_with_its_reason(operation: Operation, reason: str) -> None:
    assert reason in refused(operation)


@pytest.mark.parametrize(
    "operation",
    [
        asked(Change.ADD, "facts/hours", "rejected", text="Do not mention Saturdays"),
        asked(Change.ADD, "facts/hours", "rejected", text="We are closed on Sundays"),
        asked(Change.REVISE, "facts/hours", "rejected", "approved", rule="We work Monday to Saturday", text="Never work Monday to Saturday"),
        asked(Change.REVISE, "facts/hours", "rejected", rule="We work Monday to Saturday", text="We work Monday to Saturday, say so"),
        asked(Change.ADD, "situations/damage", "rejected", examples=(Example(("Hi",), "This customer is a nuisance"),)),
    ],
)
def test_the_reason_of_a_rejection_is_never_said_to_customers(operation: Operation) -> None:
    assert "a rejection's reason is for us" in refused(operation)


def test_a_reason_is_a_rule_for_us_and_corrects_a_fact_in_the_facts_own_words() -> None:
    kept = "Not for: “Do you work?”"
    files = done(
        asked(Change.ADD, "voice/tone", "rejected", text="Do not mention Saturdays"),
        asked(Change.REVISE, "facts/hours", "rejected", rule="We work Monday to Saturday", text="We do not work Saturday"),
        asked(Change.ADD, "facts/hours", "rejected", text=kept),
    )
    assert rules(files["facts/hours.md"]) == ["We do not work Saturday", kept]


def test_a_rule_that_stands_there_already_is_not_added_again() -> None:
    assert rules(done(asked(Change.ADD, text="Say sorry"))["situations/damage.md"]) == ["Say sorry"]


def test_a_topic_is_judged_with_the_words_around_it_and_alone_where_there_are_none() -> None:
    title = "When something is damaged: silk, table, vase"
    new = done(asked(Change.ADD, "situations/new", title=title, text="Say sorry first", topics=("silk", "vase")))
    assert new["situations/new.md"].topics == ("silk", "vase")
    assert "personal data" in refused(asked(Change.ADD, "situations/new", title="Damage", text="Say sorry first", topics=("hernandez",)))
    assert "personal data" in refused(asked(Change.ADD, "situations/new", title="Damage at Hernandez", text="Say sorry first", topics=("hernandez",)))


def test_a_place_that_stands_in_an_approved_text_is_nobodys_name() -> None:
    operation = asked(Change.ADD, text="Offer Sunnyside and Woodhaven instead of a plain no")
    assert "personal data" in refused(operation)
    areas = directive("facts/areas.md", "- We clean in Sunnyside and Woodhaven\n")
    ground = replace(GROUND, known=replace(GROUND.known, directives=(*ALL, areas)))
    assert rules(done(operation, ground=ground)["situations/damage.md"]) == ["Say sorry", "Offer Sunnyside and Woodhaven instead of a plain no"]
    assert "personal data" in refused(operation, replace(ground, names=["Sunnyside Adams"]))


def test_what_a_person_declined_returns_only_with_new_evidence() -> None:
    operation = asked(Change.ADD, text="Stop by")
    ground = replace(GROUND, book=(replace(declined([operation], "We never do"), about=("You broke it",)),))
    assert "declined the same before" in refused(operation, ground)
    assert rules(done(replace(operation, evidence=(SignalId("taken"), SignalId("other"))), ground=ground)["situations/damage.md"]) == ["Say sorry", "Stop by"]


def test_one_proposal_changes_only_so_many_directives() -> None:
    three = [asked(Change.ADD, f"situations/n{n}", title="New", text="Stop by") for n in range(3)]
    applied = apply(three, GROUND)
    assert (len(applied.files), [one.reason for one in applied.dropped]) == (2, [OVER_LIMIT])


def test_several_changes_of_one_directive_count_once() -> None:
    many = [asked(Change.ADD, text=f"Rule {word}") for word in ("one", "two", "three", "four")]
    assert rules(done(*many)["situations/damage.md"]) == ["Say sorry", "Rule one", "Rule two", "Rule three", "Rule four"]


# ---- whatever is asked

TEXTS = st.sampled_from(
    [
        None,
        "",
        "Stop by",
        "Be brief",
        "Say sorry",
        "---",
        "- nested",
        "```",
        "<!--",
        "## Examples",
        "> **Us:** x",
        "a\nb",
        "x" * 401,
        "\U000e0041",
        "dana@example.com",
        "\x00",
        "[a]: b",
        "title: X",
        "* * *",
        "'",
        '"',
        "\ud800",
    ]
) | st.text(max_size=30)
WORDS = TEXTS.map(lambda text: text or "")
EXAMPLES = st.builds(Example, st.lists(WORDS, max_size=3).map(tuple), WORDS)
GUARDS = st.builds(Guards, st.lists(WORDS, max_size=2).map(tuple), st.none() | st.integers(-1, 2000))
OPERATIONS = st.builds(
    Operation,
    st.sampled_from(Change),
    st.sampled_from([*(d.id for d in ALL), "situations/new", "facts/new", "voice/../x", "", "policy", "voice/X"]).map(DirectiveId),
    WORDS,
    st.lists(st.sampled_from([*SIGNALS, SignalId("nobody")]), max_size=3).map(tuple),
    rule=st.sampled_from([None, "Be brief", "Be warm", "Say sorry", "Never lie", "Nothing"]),
    text=TEXTS,
    title=TEXTS,
    topics=st.lists(st.sampled_from(["damage", "a]\nprotected: true\nx: [b", "A", "", "a, b"]), max_size=2).map(tuple),
    examples=st.lists(EXAMPLES, max_size=2).map(tuple),
    guards=GUARDS,
)


@settings(deadline=None, max_examples=300)
@given(st.lists(OPERATIONS, max_size=6))
def test_whatever_a_model_asks_for_the_rules_hold(operations: list[Operation]) -> None:
    applied = apply(operations, GROUND)
    assert applied == apply(operations, GROUND)
    assert len(applied.files) <= 2
    assert "voice/honesty.md" not in applied.files
    assert len(applied.accepted) + len(applied.dropped) >= len(operations)
    assert all(one.reason for one in applied.dropped)
    assert {f"{one.directive}.md" for one in applied.accepted} == set(applied.files)
    for path, content in applied.files.items():
        after = good(path, content)
        before = GROUND.known.get(after.id)
        assert not after.protected and after.confidence <= max(MOST_SURE, before.confidence if before else 0)
        assert before is None or (set(before.guards.never_say) <= set(after.guards.never_say) and after.title == before.title)
        assert all(set(one.evidence) & set(SIGNALS) for one in applied.accepted)
    _says_what_was_accepted(applied)


def _says_what_was_accepted(applied: Applied) -> None:
    """The last word on each directive stands in it, exactly as it was asked for."""
    last = {one.directive: one for one in applied.accepted}
    for operation in last.values():
        after = good(f"{operation.directive}.md", applied.files[f"{operation.directive}.md"])
        if operation.change in {Change.ADD, Change.REVISE, Change.REFINE} and operation.text:
            assert operation.text.strip() in rules(after)
        for example in operation.examples:
            if operation.change is not Change.RETIRE:
                assert {" ".join(asked.split()) for asked in example.customer} <= {said for one in after.examples for said in one.customer}
        assert set(operation.guards.never_say) <= set(after.guards.never_say) or operation.change is Change.RETIRE
