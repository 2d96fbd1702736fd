"""Claude through the real SDK, against a Messages API on this machine that does the worst a server can do."""

import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.messages_api import SUMMON, MessagesApi, Received, text_block
from voicegit.adapters.models import answers
from voicegit.adapters.models import anthropic as adapter
from voicegit.adapters.models.anthropic import AnthropicDistiller, AnthropicModel
from voicegit.domain import directive, guidance, policy
from voicegit.domain.directive import Example, Guards
from voicegit.domain.gate import Action, Assessment, Draft, Usage
from voicegit.domain.guidance import DirectiveSet
from voicegit.domain.ids import ConversationId, DirectiveId, PersonId, Revision, SignalId
from voicegit.domain.material import Lesson, Material
from voicegit.domain.operation import Change, Operation
from voicegit.domain.signal import SignalKind
from voicegit.domain.turn import Question
from voicegit.errors import ModelFailure

MODEL = "claude-haiku-5-5"
PLENTY = 60.0
"""A deadline, in seconds, that no good server meets: so that a slow machine cannot fail a test."""

GOOD = {
    "clear": True,
    "informed": True,
    "unremarkable": True,
    "covered": True,
    "covered_by": "facts/hours",
    "note": "The hours are a fact.",
    "confidence": 0.9,
    "action": "reply",
    "text": "Yes, we are open until 6.",
}
NOTHING_LEARNED = {"operations": [], "title": "Nothing new", "summary": "All of it was said already."}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MessagesApi]:
    """The server, and surroundings in which nothing but it can be found. Whatever is left open afterwards fails the test."""
    with MessagesApi() as served:
        served.surround(monkeypatch, tmp_path)
        adapter.client().messages  # noqa: B018 - what is imported here costs seconds, and no test is to pay for it out of its deadline
        yield served
        adapter.disconnect()
    for thread in [thread for thread in threading.enumerate() if thread.name == "anthropic-call"]:
        thread.join()


def taught() -> DirectiveSet:
    hours, findings = directive.read("facts/hours.md", b"---\ntitle: Opening hours\n---\n\n- Open from 8 to 18, Monday to Friday\n")
    assert hours is not None, findings
    return DirectiveSet(Revision("b" * 40), (hours,), policy.Policy())


def asking(text: str = "Are you still open?") -> Question:
    known, now = taught(), datetime(2026, 11, 20, 15, tzinfo=UTC)
    return Question(known, guidance.compile(known, today=now.date(), message=text), (), text, None, now)


def lessons() -> Material:
    one = Lesson(SignalId("signal-1"), SignalKind.TAKEOVER, ConversationId("c"), PersonId("p"), 1.0, "It broke!", theirs="I will come and see it.")
    return Material(taught(), (one,))


def failure(api: MessagesApi, *, deadline: float = PLENTY, retries: int = 0) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        AnthropicModel(MODEL, max_retries=retries).answer(asking(), deadline=deadline)
    return caught.value


# ---- what goes out, what comes back


def test_a_good_answer_becomes_a_draft(api: MessagesApi) -> None:
    api.reply_with(GOOD, usage={"input_tokens": 1000, "output_tokens": 200, "cache_creation_input_tokens": 400, "cache_read_input_tokens": 3000})
    draft = AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
    assert draft == Draft(
        Assessment(True, True, True, True, 0.9, DirectiveId("facts/hours"), "The hours are a fact."),
        Action.REPLY,
        "Yes, we are open until 6.",
        Usage(
            MODEL, input_tokens=1400, output_tokens=200, cached_tokens=3000, cost=pytest.approx((0.10 * (1000 + 1.25 * 400 + 0.1 * 3000) + 0.50 * 200) / 1e6)
        ),
    )


def test_the_request_asks_for_our_schema_and_carries_the_key_as_a_bearer(api: MessagesApi) -> None:
    api.reply_with(GOOD)
    AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
    sent = api.requests[0]
    assert sent.headers["authorization"] == "Bearer test-key"
    assert sent.headers["anthropic-version"] == "2026-10-21"
    assert sent.body["model"] == MODEL
    assert sent.body["output_config"]["format"]["type"] == "json_schema"
    assert "stream" not in sent.body
    assert "Open from 8 to 18" in sent.system[1]["text"]
    assert "Are you still open?" in sent.user


def test_the_second_turn_reads_the_guidance_from_the_cache(api: MessagesApi) -> None:
    api.reply_with(GOOD)
    api.reply_with(GOOD)
    model = AnthropicModel(MODEL)
    first, second = (model.answer(asking(text), deadline=PLENTY).usage for text in ("Are you open?", "And tomorrow?"))
    assert api.requests[1].system[-1]["cache_control"] == {"type": "ephemeral", "ttl": "5m"}
    assert first.cached_tokens == 0
    assert second.cached_tokens > 1000
    assert second.cost < first.cost / 2


def test_a_model_without_a_known_price_costs_nothing_in_our_books(api: MessagesApi) -> None:
    api.reply_with(GOOD)
    usage = AnthropicModel("some-other-model").answer(asking(), deadline=PLENTY).usage
    assert (usage.cost, usage.model) == (0.0, "some-other-model")
    assert usage.input_tokens > 0


def test_a_long_prompt_costs_haiku_five_times_as_much(api: MessagesApi) -> None:
    api.reply_with(GOOD, usage={"input_tokens": 100_001, "output_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0})
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).usage.cost == pytest.approx(0.50 * 100_001 / 1e6)


def test_usage_that_is_missing_or_absurd_counts_as_nothing(api: MessagesApi) -> None:
    for usage in (None, [], {"input_tokens": -5, "output_tokens": True, "cache_read_input_tokens": "many"}):
        message = {"type": "message", "content": [text_block(GOOD)], "stop_reason": "end_turn", "usage": usage}
        api.send(json.dumps(message).encode())
        assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).usage == Usage(MODEL)


def test_a_directive_that_the_model_made_up_covers_nothing(api: MessagesApi) -> None:
    api.reply_with({**GOOD, "covered_by": "situations/refunds"})
    assessment = AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).assessment
    assert (assessment.covered, assessment.covered_by) == (False, None)


def test_an_answer_from_the_customer_record_may_be_covered_by_no_directive(api: MessagesApi) -> None:
    api.reply_with({**GOOD, "covered_by": None})
    assessment = AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).assessment
    assert (assessment.covered, assessment.covered_by) == (True, None)


def test_confidence_is_a_float_also_when_the_model_writes_an_integer(api: MessagesApi) -> None:
    api.reply_with({**GOOD, "confidence": 1})
    confidence = AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).assessment.confidence
    assert type(confidence) is float
    assert confidence == 1.0


def test_a_text_in_two_blocks_behind_a_thought_is_read_as_one(api: MessagesApi) -> None:
    text = json.dumps(GOOD)
    api.reply_with_blocks({"type": "thinking", "thinking": "Hm.", "signature": "x"}, text_block(text[:40]), text_block(text[40:]))
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).text == GOOD["text"]


# ---- answers that cannot be used


@pytest.mark.parametrize(
    ("stop_reason", "kind"),
    [
        ("refusal", "refusal"),
        ("max_tokens", "truncated"),
        ("model_context_window_exceeded", "truncated"),
        ("pause_turn", "malformed"),
        ("tool_use", "malformed"),
        ("compaction", "malformed"),
        (None, "malformed"),
    ],
)
def test_a_message_that_did_not_end_by_itself_is_no_answer_however_good_its_text(stop_reason: str | None, kind: str, api: MessagesApi) -> None:
    api.stop_with(stop_reason, json.dumps(GOOD))
    assert failure(api).kind == kind


def test_a_message_that_ended_at_a_stop_sequence_is_an_answer(api: MessagesApi) -> None:
    api.stop_with("stop_sequence", json.dumps(GOOD))
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).text == GOOD["text"]


def variant(**changes: Any) -> str:
    return json.dumps({**GOOD, **changes})


MALFORMED = {
    "nothing": " ",
    "prose": "Sure! Here is my answer.",
    "fenced": f"```json\n{json.dumps(GOOD)}\n```",
    "half of it": json.dumps(GOOD)[:60],
    "two of them": json.dumps(GOOD) * 2,
    "a list": f"[{json.dumps(GOOD)}]",
    "a number": "1",
    "null": "null",
    "NaN": variant(confidence=math.nan),
    "Infinity": variant(confidence=math.inf),
    "1e999": json.dumps(GOOD).replace("0.9", "1e999"),
    "true for a number": variant(confidence=True),
    "a string for a number": variant(confidence="0.9"),
    "above one": variant(confidence=1.0000001),
    "below zero": variant(confidence=-0.1),
    "null for confidence": variant(confidence=None),
    "an integer without end": json.dumps(GOOD).replace("0.9", "9" * 5000),
    "one for true": variant(clear=1),
    "an unknown action": variant(action="refund"),
    "a missing field": json.dumps({key: value for key, value in GOOD.items() if key != "informed"}),
    "an extra field": variant(approved_by="owner"),
    "a key twice": json.dumps(GOOD).replace('"confidence": 0.9', '"confidence": 0.1, "confidence": 0.9'),
    "a NUL": variant(text="a\x00b"),
    "half a character": variant(text="\ud83d"),
    "a NUL in a note": variant(note="a\x00b"),
    "a text without end": variant(text="x" * 8193),
    "brackets without end": "[" * 100_000,
    "deep": json.dumps(GOOD).replace('"Yes, we are open until 6."', "[" * 600 + "]" * 600),
    "an object for text": variant(text={"en": "Hello"}),
    "far too long": " " * 250_000 + json.dumps(GOOD),
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_an_answer_that_is_not_exactly_as_asked_is_malformed(raw: str, api: MessagesApi) -> None:
    api.reply_with(raw)
    assert failure(api).kind == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"<html>Bad gateway</html>",
        b"\xff\xfe",
        b'{"stop_reason": {}}',
        b'{"stop_reason": "end_turn", "content": {"text": 1}}',
        b"[" * 100_000,
    ],
)
def test_a_response_that_is_no_message_is_malformed(body: bytes, api: MessagesApi) -> None:
    api.send(body)
    assert failure(api).kind == "malformed"


@pytest.mark.parametrize("blocks", [[], [{"type": "thinking", "thinking": "Hm."}], [{"type": "text"}], [{"type": "text", "text": 7}], [None, "text"]])
def test_a_message_without_text_is_malformed(blocks: list[Any], api: MessagesApi) -> None:
    api.reply_with_blocks(*blocks)
    assert failure(api).kind == "malformed"


def test_a_response_of_ten_megabytes_is_not_read_to_its_end(api: MessagesApi) -> None:
    message = {"padding": "x" * 10_000_000, "content": [text_block(GOOD)], "stop_reason": "end_turn"}
    api.send(json.dumps(message).encode())
    assert failure(api).kind == "malformed"


def test_a_person_never_reads_the_models_text_in_a_message_but_the_record_keeps_its_beginning(api: MessagesApi) -> None:
    api.reply_with(json.dumps({**GOOD, "SECRET-KEY": "x" * 9000}))
    refused = failure(api)
    assert isinstance(refused, answers.Malformed)
    assert "SECRET" not in refused.message
    assert refused.raw.startswith('{"clear"')
    assert len(refused.raw.encode()) <= 4096


# ---- errors of the server


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_a_request_that_is_rejected_is_not_tried_again_and_says_what_to_do(status: int, api: MessagesApi) -> None:
    api.fail_with(status)
    rejected = failure(api, retries=3)
    assert rejected.kind == "rejected"
    assert any(hint in rejected.message for hint in ("voicegit doctor", "console", "policy.toml"))
    assert "failed by the test" not in rejected.message
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_passing_failure_is_tried_again_once(status: int, api: MessagesApi) -> None:
    api.fail_with(status, {"retry-after-ms": "1"})
    api.reply_with(GOOD)
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).text == GOOD["text"]
    assert len(api.requests) == 2


def test_a_failure_that_stays_is_overloaded_after_one_more_try(api: MessagesApi) -> None:
    for _ in range(3):
        api.fail_with(529, {"retry-after-ms": "1"})
    assert failure(api, retries=1).kind == "overloaded"
    assert len(api.requests) == 2


@pytest.mark.parametrize("wait", ["3600", "61", "Fri, 31 Dec 2066 23:59:59 GMT", "inf", "1e308"])
def test_a_retry_after_that_ends_behind_the_deadline_is_not_waited_for(wait: str, api: MessagesApi) -> None:
    api.fail_with(429, {"retry-after": wait})
    assert failure(api, retries=1).kind == "overloaded"
    assert len(api.requests) == 1


@pytest.mark.parametrize("wait", ["0", "-5", "0.001", "Sat, 01 Jan 2000 00:00:00 GMT", "soon", "nan"])
def test_a_retry_after_that_has_passed_or_says_nothing_does_not_stop_the_second_try(wait: str, api: MessagesApi) -> None:
    api.fail_with(429, {"retry-after": wait})
    api.reply_with(GOOD)
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).text == GOOD["text"]


def test_a_server_that_says_not_to_retry_is_obeyed(api: MessagesApi) -> None:
    api.fail_with(500, {"x-should-retry": "false"})
    assert failure(api, retries=1).kind == "overloaded"
    assert len(api.requests) == 1


def test_a_spending_limit_is_no_passing_failure(api: MessagesApi) -> None:
    api.fail_with(429, error_code="enforced_spend_limit_reached")
    rejected = failure(api, retries=1)
    assert (rejected.kind, len(api.requests)) == ("rejected", 1)
    assert "limit" in rejected.message


# ---- time


def test_a_server_that_says_nothing_is_left_at_the_deadline(api: MessagesApi) -> None:
    api.hang()
    assert failure(api, deadline=1.0, retries=3).kind == "timeout"
    assert len(api.requests) == 1


def test_a_server_that_sends_a_byte_now_and_then_is_left_at_the_deadline_too(api: MessagesApi) -> None:
    api.drip()
    assert failure(api, deadline=1.0).kind == "timeout"


def test_work_that_never_looks_at_the_clock_is_left_all_the_same() -> None:
    """Name resolution, a proxy's handshake and the import of the SDK know no timeout."""
    done = threading.Event()
    with pytest.raises(ModelFailure, match="in time"):
        adapter.within(0.05, lambda clock: done.wait())
    done.set()


def test_what_the_work_raises_is_raised_to_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        adapter.within(PLENTY, lambda clock: 1 // 0)


def test_no_time_at_all_is_a_timeout_and_sends_nothing(api: MessagesApi) -> None:
    assert failure(api, deadline=0.0).kind == "timeout"
    assert api.requests == []


def test_a_connection_that_breaks_half_way_is_tried_again(api: MessagesApi) -> None:
    api.drop()
    api.reply_with(GOOD)
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).text == GOOD["text"]


def test_a_connection_that_always_breaks_is_unreachable(api: MessagesApi) -> None:
    api.drop()
    api.drop()
    assert failure(api, retries=1).kind == "unreachable"


def test_a_server_that_is_not_there_is_unreachable(api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    assert failure(api).kind == "unreachable"


# ---- credentials and the client


def test_without_a_key_it_says_so_before_anything_is_sent(api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    missing = failure(api)
    assert missing.kind == "rejected"
    assert missing.message.startswith("There is no API key: set ANTHROPIC_API_KEY")
    assert api.requests == []


@pytest.mark.parametrize("key", ["key\n", "ключ", "a\tb"])
def test_a_key_that_cannot_be_sent_is_named_and_not_shown(key: str, api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    unusable = failure(api, retries=1)
    assert unusable.kind == "rejected"
    assert key not in unusable.message


def test_an_address_that_is_no_url_is_named(api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://[")
    assert "ANTHROPIC_BASE_URL" in failure(api).message


def test_another_kind_of_credential_does_as_well(api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a-token")
    api.reply_with(GOOD)
    AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
    assert api.requests[0].headers["authorization"] == "Bearer a-token"


def test_many_threads_share_one_client(api: MessagesApi) -> None:
    api.answer_by = lambda received: SUMMON
    found: list[object] = []

    def ask() -> None:
        AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
        found.append(adapter.client())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1
    assert len(api.requests) == 8


def test_a_key_that_was_changed_is_used_by_the_next_call(api: MessagesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api.answer_by = lambda received: SUMMON
    AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "another-key")
    AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
    assert [sent.headers["authorization"] for sent in api.requests] == ["Bearer test-key", "Bearer another-key"]


def test_importing_the_adapter_does_not_import_the_sdk() -> None:
    code = "import sys, voicegit.adapters.models.anthropic; sys.exit('anthropic' in sys.modules or 'httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parent.parent.parent).returncode == 0


# ---- distillation


OPERATION: dict[str, Any] = {
    "change": "add",
    "directive": "situations/damage",
    "rule": None,
    "text": "Offer to come\nand see it",
    "title": "When something broke",
    "topics": ["damage", "Legal_threat"],
    "examples": [{"customer": ["It broke!"], "us": "I will come and see it."}],
    "guards": {"never_say": ["unfortunately"], "max_words": 60},
    "why": "A person answered so.",
    "evidence": ["s1", "s1", "s9", "signal-1"],
}


def test_a_distillation_becomes_operations_whose_evidence_is_signals(api: MessagesApi) -> None:
    api.reply_with({"operations": [OPERATION], "title": "Damage", "summary": "One way."}, usage={"input_tokens": 1_000_000, "output_tokens": 0})
    found = AnthropicDistiller("claude-opus-5-5").distill(lessons())
    assert found.operations == (
        Operation(
            change=Change.ADD,
            directive=DirectiveId("situations/damage"),
            why="A person answered so.",
            evidence=(SignalId("signal-1"),),
            text="Offer to come and see it",
            title="When something broke",
            topics=("damage", "legal-threat"),
            examples=(Example(("It broke!",), "I will come and see it."),),
            guards=Guards(("unfortunately",), 60),
        ),
    )
    assert (found.title, found.summary) == ("Damage", "One way.")
    assert found.usage.cost == pytest.approx(4.0)
    assert api.requests[0].body["stream"] is True


def test_nothing_to_learn_is_an_answer(api: MessagesApi) -> None:
    api.reply_with(NOTHING_LEARNED)
    assert AnthropicDistiller("claude-opus-5-5").distill(lessons()).operations == ()


@pytest.mark.parametrize(
    "change",
    [
        {"directive": "../../etc/passwd"},
        {"directive": "policy"},
        {"directive": "voice/UPPER"},
        {"directive": "voice/a\n"},
        {"change": "delete"},
        {"guards": {"never_say": [], "max_words": 0}},
        {"guards": {"never_say": [], "max_words": 12.5}},
        {"guards": {"never_say": [], "max_words": None, "disclosure": False}},
        {"evidence": "s1"},
        {"protected": False},
    ],
)
def test_one_operation_that_is_not_as_asked_refuses_the_whole_distillation(change: dict[str, Any], api: MessagesApi) -> None:
    api.reply_with({**NOTHING_LEARNED, "operations": [OPERATION, {**OPERATION, **change}]})
    with pytest.raises(ModelFailure) as caught:
        AnthropicDistiller("claude-opus-5-5").distill(lessons())
    assert caught.value.kind == "malformed"


def test_a_distillation_that_was_cut_off_is_truncated(api: MessagesApi) -> None:
    api.stop_with("max_tokens", json.dumps(NOTHING_LEARNED))
    with pytest.raises(ModelFailure) as caught:
        AnthropicDistiller("claude-opus-5-5").distill(lessons())
    assert caught.value.kind == "truncated"


@pytest.mark.parametrize("end", ["message_stop", "message_delta"])
def test_a_stream_that_ends_before_its_end_is_no_answer(end: str, api: MessagesApi) -> None:
    text = json.dumps(NOTHING_LEARNED)
    whole = stream_of(("content_block_delta", {"delta": {"type": "text_delta", "text": text}}), ("message_delta", {"delta": {"stop_reason": "end_turn"}}))
    api.send(whole if end == "message_stop" else whole[: whole.index(b"event: message_delta")])
    with pytest.raises(ModelFailure) as caught:
        AnthropicDistiller("claude-opus-5-5").distill(lessons())
    assert caught.value.kind == "malformed"


def test_a_stream_that_breaks_off_with_an_error_is_tried_again(api: MessagesApi) -> None:
    api.send(stream_of(("message_start", {"message": {}}), ("error", {"error": {"type": "overloaded_error", "message": "Overloaded"}})))
    api.reply_with(NOTHING_LEARNED)
    assert AnthropicDistiller("claude-opus-5-5").distill(lessons()).title == "Nothing new"


def test_a_stream_that_is_cut_is_unreachable(api: MessagesApi) -> None:
    api.drop()
    with pytest.raises(ModelFailure) as caught:
        AnthropicDistiller("claude-opus-5-5", max_retries=0).distill(lessons())
    assert caught.value.kind == "unreachable"


def test_a_distiller_too_is_left_at_its_deadline(api: MessagesApi) -> None:
    api.drip()
    with pytest.raises(ModelFailure) as caught:
        AnthropicDistiller("claude-opus-5-5", deadline=1.0).distill(lessons())
    assert caught.value.kind == "timeout"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_events_a_server_streams_the_call_ends_in_operations_or_a_model_failure(data: st.DataObject, api: MessagesApi) -> None:
    kinds = ["message_start", "content_block_delta", "message_delta", "message_stop", "ping", "surprise"]
    fields = st.dictionaries(st.sampled_from(["message", "delta", "usage", "index"]), ANY_JSON, max_size=3)
    body = stream_of(*data.draw(st.lists(st.tuples(st.sampled_from(kinds), fields), max_size=6)))
    api.send(data.draw(st.sampled_from([body, body[: len(body) // 2], b"data: " + body, b"data: 1\n\n" + body])))
    with pytest.raises(ModelFailure) as caught:
        AnthropicDistiller("claude-opus-5-5", max_retries=0).distill(lessons())
    assert caught.value.kind == "malformed"


def stream_of(*events: tuple[str, dict[str, Any]]) -> bytes:
    return "".join(f"event: {name}\ndata: {json.dumps({**fields, 'type': name})}\n\n" for name, fields in events).encode()


# ---- whatever it answers

USAGE = Usage(MODEL)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(GOOD)) | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, ANY_JSON))


@given(changes=FIELDS, extra=st.dictionaries(st.text(max_size=5), ANY_JSON, max_size=1), cut=st.integers(0, 400))
def test_whatever_json_the_model_answers_it_is_a_sound_draft_or_a_model_failure(changes: dict[str, Any], extra: dict[str, Any], cut: int) -> None:
    whole = json.dumps({**GOOD, **changes, **extra})
    for raw in (whole, whole[:cut], whole[cut:]):
        sound_or_refused(raw)


@given(raw=st.text(max_size=200) | st.text(alphabet='{}[]":,0123456789.eE+-truefalsnN \\u', max_size=80))
def test_whatever_text_the_model_answers_it_is_a_sound_draft_or_a_model_failure(raw: str) -> None:
    sound_or_refused(raw)


def sound_or_refused(raw: str) -> None:
    try:
        draft = answers.draft(raw, known=[DirectiveId("facts/hours")], usage=USAGE)
    except ModelFailure as exc:
        assert exc.kind == "malformed"
        return
    assessment = draft.assessment
    assert type(assessment.confidence) is float
    assert 0.0 <= assessment.confidence <= 1.0
    assert assessment.covered_by in (None, "facts/hours")
    assert all(type(one) is bool for one in (assessment.clear, assessment.informed, assessment.unremarkable, assessment.covered))
    draft.text.encode("utf-8")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    body=st.binary(max_size=300) | ANY_JSON.map(lambda value: json.dumps({"stop_reason": "end_turn", "content": [{"type": "text", "text": value}]}).encode())
)
def test_whatever_bytes_a_server_sends_the_call_ends_in_a_draft_or_a_model_failure(body: bytes, api: MessagesApi) -> None:
    api.send(body)
    try:
        AnthropicModel(MODEL).answer(asking(), deadline=PLENTY)
    except ModelFailure as exc:
        assert exc.kind == "malformed"


# ---- the stand-in itself


def test_the_server_answers_by_a_function_when_nothing_is_queued(api: MessagesApi) -> None:
    def summon_for(received: Received) -> dict[str, Any]:
        return {**SUMMON, "note": received.body["model"]}

    api.answer_by = summon_for
    assert AnthropicModel(MODEL).answer(asking(), deadline=PLENTY).assessment.note == MODEL


def test_the_server_streams_too(api: MessagesApi) -> None:
    api.reply_with("Hello")
    with adapter.client().messages.stream(model=MODEL, max_tokens=10, messages=[{"role": "user", "content": "Hi"}]) as stream:
        assert stream.get_final_message().stop_reason == "end_turn"
        assert stream.get_final_text() == "Hello"
