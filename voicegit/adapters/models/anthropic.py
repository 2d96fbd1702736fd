"""Claude, or any server that speaks the Messages API (`ANTHROPIC_BASE_URL`). The only module that imports anthropic, and only when it is first used:
the import costs seconds and 65 MB that a command without a model must not pay.

Nothing here trusts the SDK with time. It obeys a `Retry-After` of any length and counts its timeout per attempt (and between two bytes), so it never
retries for us: one clock runs over everything a call does, and when it ends the caller has its answer, a `ModelFailure`.
"""

import contextvars
import email.utils
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from voicegit.adapters.models import answers, events, prices, prompts
from voicegit.domain.gate import Draft, Usage
from voicegit.domain.judging import ABOUT_BOTH, ABOUT_EACH, Judged, Judging
from voicegit.domain.material import Distilled, Material
from voicegit.domain.turn import Question
from voicegit.errors import ModelFailure

if TYPE_CHECKING:
    import anthropic

T = TypeVar("T")

MAX_BODY = 8_000_000
"""Bytes of a response that are read. An honest turn has a few thousand; a distillation's 64,000 tokens, each in an event of its own, fit."""

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 120.0
"""A stream sends pings; one that says nothing for so long is dead."""

DISTILLATION_SECONDS = 1200.0

JUDGING_SECONDS = 60.0
JUDGING_WRITTEN = 600
"""Characters that a judge writes, thinking included: for estimates alone."""

_KEY_HELP = "Check ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL, and run 'voicegit doctor'."


class AnthropicModel:
    """Answers turns. `turn_model` is a model id such as `claude-haiku-5-5`; `max_retries` how often a passing failure is tried again (0 or more)."""

    def __init__(self, turn_model: str, *, max_retries: int = 1) -> None:
        self._model = turn_model
        self._max_retries = max_retries

    def answer(self, question: Question, *, deadline: float) -> Draft:
        """One turn, within `deadline` seconds whatever the server does. Raises `ModelFailure`."""
        request = prompts.turn(question, model=self._model)
        said = within(deadline, lambda clock: _ask(request, clock, self._max_retries))
        return answers.draft(said.text, known=[d.id for d in question.guidance.directives], usage=said.usage)


class AnthropicDistiller:
    """Distils with `model`, such as `claude-opus-5-5`, within `deadline` seconds."""

    def __init__(self, model: str, *, max_retries: int = 1, deadline: float = DISTILLATION_SECONDS) -> None:
        self._model = model
        self._max_retries = max_retries
        self._deadline = deadline

    def distill(self, material: Material) -> Distilled:
        """Raises `ModelFailure`; nothing is kept of a run that failed."""
        request = prompts.distillation(material, model=self._model)
        said = within(self._deadline, lambda clock: _ask(request, clock, self._max_retries))
        return answers.distilled(said.text, signals=prompts.lesson_ids(material), usage=said.usage)


class AnthropicJudge:
    """Tells with `model` whether two texts come to the same. A judge that is not the model that wrote them flatters neither."""

    def __init__(self, model: str, *, max_retries: int = 1) -> None:
        self._model = model
        self._max_retries = max_retries

    @property
    def costs(self) -> float | None:
        return prices.about(self._model, read=prompts.judged(), written=JUDGING_WRITTEN)

    def judge(self, judging: Judging) -> Judged:
        """Raises `ModelFailure`."""
        request = prompts.judging(judging, model=self._model)
        said = within(JUDGING_SECONDS, lambda clock: _ask(request, clock, self._max_retries))
        return answers.judged(said.text, among=ABOUT_EACH if judging.objection else ABOUT_BOTH, usage=said.usage)


# ---- the client: one per process and surroundings


_clients: dict[tuple[object, ...], "anthropic.Anthropic"] = {}
_clients_lock = threading.Lock()


def client() -> "anthropic.Anthropic":
    """The process's client, made on first use (47 ms, after the import). Raises `ModelFailure` when there is no key.

    Whatever names the server or the key is part of its identity, and so is the process: a worker forked later shares no socket with its parent.
    """
    around = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("ANTHROPIC_")))
    key = (os.getpid(), os.environ.get("HOME"), around)
    with _clients_lock:
        if key not in _clients:
            _clients[key] = _new_client()
        return _clients[key]


def _new_client() -> "anthropic.Anthropic":
    import anthropic
    import httpx2

    try:
        made = anthropic.Anthropic(max_retries=0)
    except anthropic.CredentialsError as exc:
        raise ModelFailure("rejected", f"The API credentials on this machine cannot be read. {_KEY_HELP}") from exc
    except httpx2.InvalidURL as exc:
        raise ModelFailure("rejected", "ANTHROPIC_BASE_URL is not a URL. Set it to the address of a server, or unset it.") from exc
    trouble = _trouble(made)
    if trouble is not None:
        made.close()
        raise ModelFailure("rejected", trouble)
    return made


def _trouble(made: "anthropic.Anthropic") -> str | None:
    """What keeps these credentials from being sent, before the SDK says it as a bare TypeError or as a connection error, and only at the first call."""
    headers = {name.lower(): value for name, value in made.default_headers.items() if isinstance(value, str)}
    given = [headers[name] for name in ("authorization", "x-api-key") if headers.get(name)]
    if made.credentials is None and not given:
        return "There is no API key: set ANTHROPIC_API_KEY, or 'provider = \"local\"' in policy.toml to do without."
    if not all(value.isascii() and value.isprintable() for value in given):
        return "The API key holds a character that no key has, perhaps a line end. Set ANTHROPIC_API_KEY again."
    return None


def disconnect() -> None:
    """Closes every client and its connections. The next call makes a new one."""
    with _clients_lock:
        while _clients:
            _clients.popitem()[1].close()


def warm_up() -> None:
    """Imports the SDK (2 to 4 s), so that the first customer does not wait for it. For a daemon thread at the start of a server."""
    import anthropic.resources.messages  # noqa: F401 - which the SDK itself imports only at the first call


# ---- one call, under one clock


@dataclass(frozen=True)
class _Said:
    text: str
    usage: Usage


class Clock:
    """Counts down from `seconds` on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._over = threading.Event()

    def left(self) -> float:
        """Seconds left. Raises `ModelFailure` when there are none, or when nobody waits any more."""
        left = self._end - time.monotonic()
        if left <= 0 or self._over.is_set():
            raise _too_late()
        return left

    def pause(self, seconds: float) -> None:
        self._over.wait(seconds)

    def stop(self) -> None:
        self._over.set()


def within(seconds: float, work: Callable[[Clock], T]) -> T:
    """What `work` gives (or raises), or `ModelFailure` after `seconds`, whatever `work` is doing then.

    In a thread of its own, because no timeout of the SDK bounds a whole call: a server that sends a byte now and then is never late, and neither name
    resolution nor the first import has a timeout at all. Work that is left behind ends at its next look at the clock.
    """
    clock = Clock(seconds)
    outcome: list[T | BaseException] = []
    context = contextvars.copy_context()

    def run() -> None:
        try:
            outcome.append(context.run(work, clock))
        except BaseException as exc:  # noqa: BLE001 - handed to the caller, who raises it
            outcome.append(exc)

    thread = threading.Thread(target=run, name="anthropic-call", daemon=True)
    thread.start()
    thread.join(seconds)
    clock.stop()
    if not outcome:
        raise _too_late()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _too_late() -> ModelFailure:
    return ModelFailure("timeout", "The model did not answer in time. A person is needed, or try again.")


def _ask(request: prompts.Request, clock: Clock, retries: int) -> _Said:
    """One answer. A passing failure is tried again if the wait that the server asks for (or half a second) ends before the clock does."""
    while True:
        try:
            return _read(_send(request, clock), request)
        except _Passing as exc:
            if retries <= 0 or exc.wait >= clock.left():
                raise exc.failure from exc.__cause__
            retries -= 1
            clock.pause(exc.wait)


class _Passing(Exception):
    """A failure that may be gone in `wait` seconds, and what to raise if it is not."""

    def __init__(self, failure: ModelFailure, wait: float) -> None:
        super().__init__(failure.kind)
        self.failure = failure
        self.wait = wait


def _send(request: prompts.Request, clock: Clock) -> bytes:
    """The body of a 200, read piece by piece to bound it in time and size."""
    api = client()
    import anthropic
    import httpx2

    left = clock.left()
    silence = min(left, SILENCE_SECONDS) if request.get("stream") else left
    timeout = anthropic.Timeout(left, connect=min(left, CONNECT_SECONDS), read=silence)
    body = bytearray()
    try:
        with api.messages.with_streaming_response.create(**request, timeout=timeout) as response:
            for piece in response.iter_bytes():
                clock.left()
                body += piece
                if len(body) > MAX_BODY:
                    raise answers.Malformed("it is far too long", body[: answers.RAW_KEPT].decode("utf-8", "replace"))
    except anthropic.APIStatusError as exc:
        raise _refused(exc) from exc
    except (anthropic.APITimeoutError, httpx2.TimeoutException) as exc:
        raise _Passing(_too_late(), 0.0) from exc
    except (anthropic.APIConnectionError, httpx2.HTTPError) as exc:
        raise _Passing(ModelFailure("unreachable", f"The model's server cannot be reached. {_KEY_HELP}"), _backoff()) from exc
    except anthropic.AnthropicError as exc:
        raise ModelFailure("rejected", f"The API credentials on this machine cannot be used. {_KEY_HELP}") from exc
    return bytes(body)


# ---- errors


_REJECTED = {
    401: f"The model's server does not know the API key. {_KEY_HELP}",
    402: "The account behind the API key has no credit. Add some in the provider's console.",
    403: f"The API key may not use this model. {_KEY_HELP}",
    404: "The model's server does not know this model. Check [models] in policy.toml and ANTHROPIC_BASE_URL, and run 'voicegit doctor'.",
    413: "The request was too large for the model. Lower budget_tokens in policy.toml.",
}


def _refused(exc: "anthropic.APIStatusError") -> "ModelFailure | _Passing":
    """What a status means here. The server's own words stay on the cause: they are not for the person who meets this."""
    status = exc.status_code
    if status == 429 and (exc.error_code or "").endswith("_spend_limit_reached"):
        return ModelFailure("rejected", "The spending limit of the API account is reached. Raise it in the provider's console; until then people answer.")
    if status in {408, 409, 429} or status >= 500:
        failure = ModelFailure("overloaded", f"The model's server is busy or out of order (status {status}). A person is needed, or try again.")
        if exc.response.headers.get("x-should-retry") == "false":
            return failure
        return _Passing(failure, _wait(exc.response.headers))
    words = _REJECTED.get(status, f"The model's server does not take the request (status {status}). Run 'voicegit doctor', and look for a newer voicegit.")
    return ModelFailure("rejected", words)


def _wait(headers: Any) -> float:
    """Seconds that the server asks us to wait, in the forms that the SDK reads too; else half a second, more or less."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    date = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date is not None else _backoff()


def _backoff() -> float:
    """Half a second, up to a quarter less, so that workers that failed together do not come back together."""
    return 0.5 - 0.125 * (time.monotonic_ns() % 1000) / 1000


# ---- the answer


_STOPPED = {
    "refusal": ("refusal", "The model declined to answer this."),
    "max_tokens": ("truncated", "The model's answer was cut off before its end."),
    "model_context_window_exceeded": ("truncated", "The request was too long for the model."),
}


def _read(body: bytes, request: prompts.Request) -> _Said:
    """The text of a message that ended as it should. Looks at why it stopped before it looks at what it says."""
    raw = body.decode("utf-8", "replace")
    try:
        message = events.message(body) if request.get("stream") else json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise answers.Malformed("the server's response is not JSON", raw) from exc
    if not isinstance(message, dict):
        raise answers.Malformed("the server's response is not a message", raw)
    if message.get("type") == "error":
        raise _Passing(ModelFailure("overloaded", "The model's server gave up in the middle of its answer. Try again."), _backoff())
    reason = message.get("stop_reason")
    if reason not in ("end_turn", "stop_sequence"):
        named = _STOPPED.get(reason) if isinstance(reason, str) else None
        kind, words = named or ("malformed", "The model stopped without an answer.")
        raise ModelFailure(kind, f"{words} A person is needed.")
    return _Said(_joined(message.get("content"), raw), prices.usage(message.get("usage"), request["model"]))


def _joined(content: object, raw: str) -> str:
    """The text blocks together: a thinking block may stand before them, and a text may come in two."""
    blocks = content if isinstance(content, list) else []
    texts = [b.get("text") for b in blocks if isinstance(b, dict) and b.get("type") == "text"]
    text = "".join(t for t in texts if isinstance(t, str))
    if not text.strip():
        raise answers.Malformed("there is no text in it", raw)
    return text
