"""How this machine runs a workspace: one frozen value, read once. Environment before `voicegit.toml` before the default.

What the business has decided (thresholds, models, holding lines) is not here: that is `policy.toml`, under review.
"""

import contextlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from voicegit.domain.notice import Channel
from voicegit.errors import Invalid, NotFound

FILE = "voicegit.toml"
SERVED = "served-at"


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Settings:
    """Each has a name, a default and a help text; `VOICEGIT_<NAME>` in the environment wins over `voicegit.toml`."""

    host: str = _setting("127.0.0.1", "the address that `voicegit serve` listens on")
    port: int = _setting(8080, "its port")
    address: str = _setting("", "the address that people open, such as https://desk.example.com, when a proxy stands before the service; empty: host and port")
    threads: int = _setting(64, "requests served at the same time, live pages included")
    streams: int = _setting(32, "live pages (event streams) open at the same time; the next one is told to poll")
    workers: int = _setting(2, "threads that run turns and distillations in the background")
    provider: str = _setting("policy", "which model answers: 'policy' (as policy.toml says), 'local' or 'anthropic'")
    notify: tuple[Channel, ...] = _setting((), "who is told outside the pages that a customer waits: [[notify]] tables, see notifications.md")

    @property
    def opened_at(self) -> str:
        """The address that people open, without a slash at the end."""
        return self.address or f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def read(root: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a workspace. Raises `NotFound` when the folder is none, `Invalid` with the name of a bad setting."""
    path = root / FILE
    if not path.is_file():
        raise NotFound(f"{root} is not a workspace: it has no {FILE}. Make one with 'voicegit init DIR', or name one with -C DIR or VOICEGIT_WORKSPACE.")
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise Invalid(f"{path} cannot be read ({exc}). Correct it; nothing was changed.") from exc
    known = {one.name: one for one in fields(Settings)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Invalid(f"{path}: '{unknown[0]}' is not a setting. Use: {', '.join(known)}.")
    chosen = {**given, **{name: environ[f"VOICEGIT_{name.upper()}"] for name in known if f"VOICEGIT_{name.upper()}" in environ}}
    return Settings(**{name: _typed(name, value, known[name].default) for name, value in chosen.items()})


def announce(root: Path, address: str) -> None:
    """Notes at which address the service runs, for links that another process makes."""
    (root / SERVED).write_text(f"{address}\n", "utf-8")


def withdraw(root: Path, address: str) -> None:
    """The service at that address has ended: no link goes there any more. Another one's address stays."""
    served = root / SERVED
    with contextlib.suppress(OSError):
        if served.read_text("utf-8").strip() == address:
            served.unlink()


def people_open(root: Path, settings: Settings) -> str:
    """The address that people open, as well as another process than the service can know it."""
    served = root / SERVED
    return settings.address or (served.read_text("utf-8").strip() if served.is_file() else "") or settings.opened_at


def _typed(name: str, value: Any, default: Any) -> Any:
    if name == "notify":
        return _channels(value)
    if isinstance(default, int):
        if isinstance(value, bool) or not str(value).isdecimal() or not 0 < int(value) < 65536:
            raise Invalid(f"The setting '{name}' is {str(value)[:40]!r}; it has to be a whole number from 1 to 65535.")
        return int(value)
    if name == "provider" and value not in {"policy", "local", "anthropic"}:
        raise Invalid(f"The setting 'provider' is {str(value)[:40]!r}; use policy, local or anthropic.")
    if name == "address" and value and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", str(value)):
        raise Invalid(f"The setting 'address' is {str(value)[:60]!r}; write it as https://desk.example.com, without a path.")
    return str(value)


# ---- channels


_CHANNEL: dict[str, tuple[type, str]] = {
    "name": (str, '1 to 60 characters on one line, such as "Maria\'s phone"'),
    "url": (str, "an address as Apprise writes them, such as ntfys://ntfy.sh/a-topic-of-your-own"),
    "person": (str, "the name of somebody who works here"),
    "after_minutes": (int, "whole minutes after the call for a person, 0 to 1440"),
    "words": (bool, "true or false: whether the customer's name and words may leave in the message"),
}


def _channels(tables: Any) -> tuple[Channel, ...]:
    """The ladder, first step first. A value is never said again in an error: it may be the secret."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Invalid(f"The setting 'notify' in {FILE} is a list of tables: a line [[notify]], and below it a name and a url.")
    channels = [_channel(table, number) for number, table in enumerate(tables, 1)]
    names = [channel.name.casefold() for channel in channels]
    twice = next((channel.name for channel in channels if names.count(channel.name.casefold()) > 1), None)
    if twice is not None:
        raise Invalid(f"{FILE}: two [[notify]] tables have the name {twice!r}. Give each a name of its own.")
    return tuple(sorted(channels, key=lambda channel: channel.after_minutes))


def _channel(table: dict[str, Any], number: int) -> Channel:
    place = f"{FILE}, [[notify]] number {number}"
    unknown = sorted(set(table) - set(_CHANNEL))
    if unknown:
        raise Invalid(f"{place}: '{unknown[0]}' is not a setting of a channel. Use: {', '.join(_CHANNEL)}.")
    for name, (kind, meaning) in _CHANNEL.items():
        missing = name not in table and name in {"name", "url"}
        if missing or (name in table and not _fits(name, table[name], kind)):
            raise Invalid(f"{place}: '{name}' {'is missing' if missing else 'cannot be used'}. It is {meaning}.")
    return Channel(**table)


def _fits(name: str, value: Any, kind: type) -> bool:
    if type(value) is not kind or kind is bool:
        return kind is type(value)
    if kind is int:
        return 0 <= int(str(value)) <= 1440
    text = str(value)
    if name == "url":
        return re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s,]\S*", text) is not None
    return 0 < len(text) <= 60 and text.strip() == text and text.isprintable()
