"""policy.toml: an empty file means the defaults; whatever cannot be used is told with its line, and is never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegit import resources
from voicegit.domain.hours import no_times
from voicegit.domain.policy import MAX_BYTES, Gate, Policy, Trigger, parse, read
from voicegit.domain.signal import SignalKind
from voicegit.errors import Invalid


def test_an_empty_file_means_the_defaults() -> None:
    policy, findings = read(b"")
    assert (policy, findings) == (Policy(), ())
    assert policy.gate.threshold == 0.7
    assert policy.gate.caution_after_handback == 0.05
    assert policy.gate.always_summon == (Trigger.ASKS_FOR_PERSON, Trigger.LEGAL_THREAT, Trigger.INJURY_OR_DANGER)
    assert policy.gate.summon_until_covered == (Trigger.MONEY, Trigger.DAMAGE, Trigger.COMPLAINT, Trigger.ANGER, Trigger.VIP)
    assert (policy.models.provider, policy.turns.deadline_seconds, policy.learning.max_changes) == ("local", 30.0, 7)


def test_every_signal_has_its_weight() -> None:
    learning = Policy().learning
    assert {kind.value: learning.weight(kind) for kind in SignalKind} == {"takeover": 1.0, "correction": 0.9, "rejection": 0.8, "edit": 0.6, "approval": 0.4}


def test_weights_can_be_changed_one_by_one() -> None:
    learning = parse(b"[learning.weights]\nedit = 0\n").learning
    assert (learning.weight(SignalKind.EDIT), learning.weight(SignalKind.TAKEOVER)) == (0.0, 1.0)


def test_the_starters_policy_can_be_used() -> None:
    assert read((resources.starter() / "policy.toml").read_bytes())[1] == ()


def test_a_whole_number_is_good_where_a_number_is_meant() -> None:
    assert parse(b"[gate]\nthreshold = 1\n[turns]\nburst_seconds = 3\n").gate.threshold == 1.0


def test_words_of_ones_own_belong_to_a_trigger() -> None:
    assert parse(b'[gate.words]\ndamage = ["lipstick"]\n').gate == Gate(words={Trigger.DAMAGE: ("lipstick",)})


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("[gate]\n\nthreshhold = 0.7\n", 3, "'gate.threshhold' is not a setting"),
        ("[gates]\nthreshold = 0.7\n", 1, "'gates' is not a setting"),
        ("threshold = 0.7\n", 1, "'threshold' is not a setting"),
        ("[gate]\nthreshold = 1.01\n", 2, "'gate.threshold'"),
        ("[gate]\nthreshold = -0.1\n", 2, "'gate.threshold'"),
        ("[gate]\nthreshold = nan\n", 2, "'gate.threshold'"),
        ("[gate]\nthreshold = inf\n", 2, "'gate.threshold'"),
        ('[gate]\nthreshold = "0.7"\n', 2, "'gate.threshold'"),
        ("[gate]\nthreshold = true\n", 2, "'gate.threshold'"),
        ("[gate]\nthreshold = false\n", 2, "'gate.threshold'"),
        ('[business]\ntimezone = "America"\n', 2, "'business.timezone'"),
        ("[learning]\nmax_changes = true\n", 2, "'learning.max_changes'"),
        ("[gate]\nthreshold = [0.7]\n", 2, "'gate.threshold'"),
        ("[gate]\nthreshold = 0.7\n\nat_most_wrong = 0.05\n", 4, "'gate.at_most_wrong' and 'gate.threshold' are both given"),
        ("[gate]\nat_most_wrong = 0\n", 2, "'gate.at_most_wrong'"),
        ("[gate]\nat_most_wrong = 0.6\n", 2, "'gate.at_most_wrong'"),
        ("[gate]\nat_most_wrong = nan\n", 2, "'gate.at_most_wrong'"),
        ("[gate]\naudit_rate = 0\n", 2, "'gate.audit_rate'"),
        ("[gate]\nat_most_wrong = 0.05\n[gate.topics]\ndamage = 1.5\n", 4, "'gate.topics.damage'"),
        ("[gate]\nthreshold = 0.7\n[gate.topics]\ndamage = 0.1\n", 3, "'gate.topics' needs 'gate.at_most_wrong'"),
        ('[gate]\nalways_summon = ["boredom"]\n', 2, "'gate.always_summon'"),
        ('[gate]\nalways_summon = "money"\n', 2, "'gate.always_summon'"),
        ('[gate.words]\nboredom = ["yawn"]\n', 2, "'gate.words"),
        ('[gate.words]\ndamage = ["x"]\n', 2, "'gate.words.damage'"),
        ('[business]\nname = ""\n', 2, "'business.name'"),
        ('[business]\nname = "A"\ncountry = "usa"\n', 3, "'business.country'"),
        ('[business]\ntimezone = "../../etc/passwd"\n', 2, "'business.timezone'"),
        ('[business]\ntimezone = "Mars/Olympus"\n', 2, "'business.timezone'"),
        ('[business]\nname = "A"\nhours = "8:00 to 25:00"\n', 3, "'business.hours': value error, “25:00” is no time of day"),
        ("[turns]\nbudget_tokens = 100.5\n", 2, "'turns.budget_tokens'"),
        ("[turns]\nbudget_tokens = 499\n", 2, "'turns.budget_tokens'"),
        ("[turns]\nburst_seconds = 61\n", 2, "'turns.burst_seconds'"),
        ("[turns]\ndeadline_seconds = nan\n", 2, "'turns.deadline_seconds'"),
        ("[turns]\nmax_chars = true\n", 2, "'turns.max_chars'"),
        ('[models]\nprovider = "openai"\n', 2, "'models.provider'"),
        ('[models]\nturn = "--help; rm"\n', 2, "'models.turn'"),
        ("[learning]\nmax_changes = 0\n", 2, "'learning.max_changes'"),
        ("[learning.weights]\ntakeover = 1.5\n", 2, "'learning.weights.takeover'"),
        ("[learning.weights]\nwhim = 0.5\n", 2, "'learning.weights"),
        ("[gate\n", 1, "not valid TOML"),
        ("[gate]\nthreshold = 0.7\nthreshold = 0.8\n", 3, "not valid TOML"),
        ("[gate]\r\nthreshold = 2\r\n", 2, "'gate.threshold'"),
        ("gate = 1\n", 1, "'gate'"),
        ("[[gate]]\nthreshold = 1\n", 1, "'gate'"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(text: str, line: int, problem: str) -> None:
    policy, findings = read(text.encode())
    assert policy is None
    assert [(one.line, one.problem[: len(problem)] if problem[0] == "'" else problem in one.problem) for one in findings][:1] in (
        [(line, problem)],
        [(line, True)],
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Monday to Saturday, 8 am to 6 pm", []),
        ("9.30am-12.30 p.m. and 14:00–24:00, closed on 24.12.", []),
        ("24/7, 365 days a year; call 415-555-0132", []),
        ("By appointment", []),
        ("8:75 to 13 pm", ["8:75", "13 pm"]),
        ("24:30, 0 am or 16:00 pm", ["24:30", "0 am", "16:00 pm"]),
    ],
)
def test_of_business_hours_only_what_no_clock_shows_is_wrong(text: str, wrong: list[str]) -> None:
    assert no_times(text) == wrong


def test_every_problem_is_told() -> None:
    _, findings = read(b"[gate]\nthreshold = 2\n[turns]\nmax_chars = 1\nmode = 3\n")
    assert [one.line for one in findings] == [2, 4, 5]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"[gate]\n# caf\xe9\n", b"\xef\xbb\xbf[gate]\n", b"x" * (MAX_BYTES + 1), b"a = " + b"[" * 8000, b"a" + b".a" * 8000 + b" = 1", b"\x00"],
)
def test_bytes_that_are_no_policy_are_findings(content: bytes) -> None:
    policy, findings = read(content)
    assert policy is None and findings


def test_a_caller_that_needs_a_policy_is_told_what_is_wrong_with_it() -> None:
    with pytest.raises(Invalid, match=r"policy\.toml:2") as refusal:
        parse(b"[gate]\nthreshold = 2\n")
    assert [one.line for one in refusal.value.findings] == [2]


@given(st.binary(max_size=300))
def test_no_bytes_are_an_exception(content: bytes) -> None:
    policy, findings = read(content)
    assert (policy is None) == bool(findings)


PIECES = st.sampled_from(
    [
        "[gate]",
        "[[gate]]",
        "threshold",
        "words",
        " = ",
        "\n",
        "0.7",
        "nan",
        "true",
        '"x"',
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        "[turns]",
        "max_chars",
        "1_0",
        "2026-01-01",
        "'''",
        "#",
        "\\",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_toml_is_an_exception_and_every_finding_has_a_line(text: str) -> None:
    policy, findings = read(text.encode())
    assert (policy is None) == bool(findings)
    assert all(1 <= one.line <= text.count("\n") + 1 for one in findings)


def test_a_promise_takes_the_place_of_the_threshold_and_brings_audits() -> None:
    gate = parse(b"[gate]\nat_most_wrong = 0.05\n[gate.topics]\ndamage = 0.02\n").gate
    assert (gate.at_most_wrong, gate.topics, gate.audited) == (0.05, {"damage": 0.02}, 0.1)
    assert (Gate().at_most_wrong, Gate().audited, Gate(audit_rate=0.2).audited) == (None, 0.0, 0.2)
