"""A message put together from the server-sent events of a streamed response: the same shape as an unstreamed one, so that one reader serves both.

Streamed are the long calls. Between two bytes of an unstreamed one may pass minutes, and a proxy that thinks the connection idle ends it.
"""

import json
from typing import Any


def message(body: bytes) -> dict[str, Any]:
    """The message, or the error event that came in its place. Raises `ValueError` when the stream is broken.

    Without a `message_stop` at the end it has no `stop_reason`: the SDK calls such a message finished, and it is not.
    """
    whole: dict[str, Any] = {"stop_reason": None, "content": [], "usage": {}}
    reason: object = None
    texts: list[str] = []
    for event in _events(body):
        match event.get("type"):
            case "error":
                return event
            case "message_start":
                whole["usage"] |= _part(_part(event, "message"), "usage")
            case "content_block_delta" if _part(event, "delta").get("type") == "text_delta":
                texts.append(str(event["delta"].get("text", "")))
            case "message_delta":
                reason = _part(event, "delta").get("stop_reason")
                whole["usage"] |= {name: count for name, count in _part(event, "usage").items() if count is not None}
            case "message_stop":
                whole["stop_reason"] = reason
    return {**whole, "content": [{"type": "text", "text": "".join(texts)}]}


def _events(body: bytes) -> list[dict[str, Any]]:
    """The data of each event; its name stands in the data once more. Events are separated by empty lines, and ours never spread over two data lines."""
    found = [json.loads(line[5:]) for line in body.decode("utf-8").replace("\r\n", "\n").split("\n") if line.startswith("data:")]
    if not all(isinstance(event, dict) for event in found):
        raise ValueError("an event is not an object")
    return found


def _part(event: dict[str, Any], name: str) -> dict[str, Any]:
    value = event.get(name)
    return value if isinstance(value, dict) else {}
