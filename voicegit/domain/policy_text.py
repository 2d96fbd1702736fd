"""Exact edits of a `policy.toml`: one setting's value changes, every comment, space and other line stays.

TOML's own reader keeps no places, so they are found here; then the reader is asked whether the result says exactly what was meant.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicegit.errors import Invalid

Value = str | int | float | bool | Sequence[str] | None
"""None: the setting is not written down, and its default holds."""

Name = tuple[str, str]
"""A section and a key in it: `("gate", "threshold")`."""

_HEADER = re.compile(r"[ \t]*\[[ \t]*([A-Za-z0-9_-]+)[ \t]*\][ \t]*(?:#.*)?$")
_KEY = re.compile(r"[ \t]*(?:([A-Za-z0-9_-]+)|\"([A-Za-z0-9_-]+)\"|'([A-Za-z0-9_-]+)')[ \t]*=[ \t]*")


@dataclass(frozen=True)
class _Place:
    """Where a value stands in the text, from its first character to behind its last."""

    start: int
    end: int


def edit(content: bytes, changes: Mapping[Name, Value]) -> bytes:
    """The text with these values in place of the old ones. A key that is not there comes to the end of its section, a section to the end of the file;
    the line of one that is to be None goes.

    Raises `Invalid` when the text is written in a way that cannot be edited so; nothing is guessed.
    """
    text = content.decode("utf-8")
    before = tomllib.loads(text)
    for name, value in changes.items():
        text = _without(text, name) if value is None else _with(text, name, _written(value))
    try:
        after = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        after = {}
    if after != _meant(before, changes):
        raise Invalid(
            "policy.toml is written in a way that this page cannot change. Nothing was changed; edit the file itself: 'voicegit propose policy.toml'."
        )
    return text.encode()


def _meant(before: dict[str, object], changes: Mapping[Name, Value]) -> dict[str, object]:
    meant = {key: dict(value) if isinstance(value, dict) else value for key, value in before.items()}
    for (section, key), value in changes.items():
        inside = meant.setdefault(section, {})
        if not isinstance(inside, dict):
            continue
        if value is None:
            inside.pop(key, None)
        else:
            inside[key] = value if isinstance(value, str | int | float) else list(value)
    return meant


def _without(text: str, name: Name) -> str:
    """With the comment behind it; comments in lines of their own stay."""
    place = _places(text)[0].get(name)
    return text if place is None else text[: text.rfind("\n", 0, place.start) + 1] + text[_line_end(text, place.end) :]


def _with(text: str, name: Name, written: str) -> str:
    places, ends = _places(text)
    section, key = name
    if name in places:
        return _replaced(text, places[name], written)
    line = f"{key} = {written}\n"
    if section in ends:
        return _inserted(text, ends[section], line)
    return f"{text.rstrip()}\n\n[{section}]\n{line}".lstrip("\n")


def _replaced(text: str, place: _Place, written: str) -> str:
    """A comment behind the value keeps its column where there is room."""
    rest = text[place.end :]
    gap = re.match(r"( {2,})#", rest)
    if gap is not None:
        width = max(1, len(gap[1]) + (place.end - place.start) - len(written))
        rest = " " * width + rest[len(gap[1]) :]
    return text[: place.start] + written + rest


def _inserted(text: str, at: int, line: str) -> str:
    return text[:at] + ("" if at == 0 or text[at - 1] == "\n" else "\n") + line + text[at:]


def _places(text: str) -> tuple[dict[Name, _Place], dict[str, int]]:
    """Where each plain key's value is, and where each section's last key ends (its header, when it has none)."""
    places: dict[Name, _Place] = {}
    ends: dict[str, int] = {}
    section, at = "", 0
    while at < len(text):
        line_end = _line_end(text, at)
        line = text[at:line_end].rstrip("\r\n")
        key = _KEY.match(text, at, line_end)
        if line.lstrip().startswith("["):
            header = _HEADER.match(line)
            section = header[1] if header else "[unknown]"
            ends[section] = line_end
        elif key is not None:
            end = _value_end(text, key.end())
            line_end = _line_end(text, end)
            places[section, key[1] or key[2] or key[3]] = _Place(key.end(), end)
            ends[section] = line_end
        at = line_end
    return places, ends


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")'  # a text over several lines
    r"|'''.*?'''(?!')"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[\]{}]|\n|[^\"'\#\[\]{}\n]+",
    re.DOTALL,
)


def _value_end(text: str, start: int) -> int:
    """Behind the value that begins at `start`: at the end of its line or before the comment there, unless a bracket is still open."""
    depth, at, end = 0, start, start
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            break
        said = token[0]
        if depth == 0 and (said == "\n" or said.startswith("#")):
            break
        depth += said in "[{" if len(said) == 1 else 0
        depth -= said in "]}" if len(said) == 1 else 0
        at = token.end()
        if not said.isspace():
            end = at - (len(said) - len(said.rstrip())) if said[0] not in "\"'" else at
    return end


def _written(value: str | float | bool | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        # TOML's basic strings escape what JSON's do, and DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(_written(one) for one in value)}]"
