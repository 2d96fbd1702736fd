"""The demo's story comes out as told, with the embedded model and with the real SDK against a server that stands in for the API."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.messages_api import MessagesApi, Received

pytestmark = pytest.mark.slow


def demo(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "voicegit", "demo", "--headless", "--port", "18180", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})


def test_the_story_comes_out_as_told_by_the_embedded_model() -> None:
    done = demo()
    assert (done.returncode, "steps came out as told." in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_story_comes_out_as_told_over_the_messages_api() -> None:
    with MessagesApi(answer_by=reader) as api:
        done = demo("--model", "anthropic", ANTHROPIC_BASE_URL=api.url, ANTHROPIC_API_KEY="by-hand")
        assert (done.returncode, "steps came out as told." in done.stdout) == (0, True), done.stdout + done.stderr
        turns = [request for request in api.requests if not request.body.get("stream")]
        assert len(turns) == len({request.user for request in turns}), "one call a turn, and none for the same turn twice"


def test_a_step_that_comes_out_differently_is_named_and_the_exit_code_says_so() -> None:
    with MessagesApi(answer_by=lambda request: said(0.1, "", None)) as api:
        done = demo("--model", "anthropic", ANTHROPIC_BASE_URL=api.url, ANTHROPIC_API_KEY="by-hand")
    assert done.returncode == 1
    assert "NOT SO: it answers from the customer's record" in done.stdout


# ---- a reader who goes by what the request holds


def said(confidence: float, text: str, covered_by: str | None) -> dict[str, Any]:
    sure = confidence > 0.5
    assessment = {"clear": True, "informed": sure, "unremarkable": sure, "covered": sure, "covered_by": covered_by, "note": "By the guidance."}
    return {**assessment, "confidence": confidence, "action": "reply" if sure else "summon", "text": text}


def reader(request: Received) -> dict[str, Any]:
    if "<lessons>" in request.user:
        return lessons(request.user)
    asked = " ".join(json.loads(line)["text"] for line in block(request.user, "unanswered")).lower()
    guidance = "\n".join(part["text"] for part in request.system)
    record = json.loads(block(request.user, "customer_record")[0]) or {}
    if "which team" in asked and record.get("fields", {}).get("team"):
        return said(0.93, f"That was {record['fields']['team']}. How can I help?", "situations/which-team")
    if "thursday" in asked and "On Thursday we have 10 am and 2 pm free" in guidance:
        return said(0.92, "Yes! On Thursday we have 10 am and 2 pm free.", "facts/availability")
    if "thank" in asked:
        return said(0.9, "You're very welcome!", "situations/thanks")
    if "bronx" in asked:
        never = 'Never say: "unfortunately"' in guidance
        return said(0.9, "We don't clean in the Bronx; Brooklyn and Queens are ours." if never else "Unfortunately we don't clean in the Bronx.", "facts/areas")
    if "situations/damage" in guidance and re.search(r"broke|scratch|spilled", asked):
        return said(0.85, "I'm so sorry to hear that. I will stop by this afternoon to see it in person.", "situations/damage")
    return said(0.1, "I'm sorry to hear that.", None)


def block(text: str, name: str) -> list[str]:
    return re.findall(rf"<{name}>\n(.*?)\n</{name}>", text, re.DOTALL)[0].split("\n")


def lessons(text: str) -> dict[str, Any]:
    read = [json.loads(line) for line in block(text, "lessons")]
    takeovers = [one for one in read if one["kind"] == "takeover"]
    rejections = [one for one in read if one["kind"] == "rejection"]
    nothing = {"rule": None, "text": None, "title": None, "topics": [], "examples": [], "guards": {"never_say": [], "max_words": None}}
    examples = [{"customer": [one["customer"]], "us": one["theirs"]} for one in takeovers]
    damage = {
        "change": "add",
        "directive": "situations/damage",
        "why": "Three times a person offered to come and see.",
        "evidence": [one["id"] for one in takeovers],
    }
    word = {"change": "add", "directive": "voice/tone", "why": "The owner never says it.", "evidence": [one["id"] for one in rejections]}
    return {
        "operations": [
            nothing | damage | {"title": "When something was damaged", "topics": ["damage"], "text": "Offer to come and see the damage", "examples": examples},
            nothing | word | {"guards": {"never_say": ["unfortunately"], "max_words": None}},
        ],
        "title": "Damage claims, and a word we never say",
        "summary": "Two lessons.",
    }
