"""How this machine runs a workspace: one frozen value, read once. Environment before `voicegit.toml` before the default.

What the business has decided (thresholds, models, holding lines) is not here: that is `policy.toml`, under review.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from voicegit.errors import Invalid, NotFound

FILE = "voicegit.toml"


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


def _typed(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, int):
        if isinstance(value, bool) or not str(value).isdecimal() or not 0 < int(value) < 65536:
            raise Invalid(f"The setting '{name}' is {str(value)[:40]!r}; it has to be a whole number from 1 to 65535.")
        return int(value)
    if name == "provider" and value not in {"policy", "local", "anthropic"}:
        raise Invalid(f"The setting 'provider' is {str(value)[:40]!r}; use policy, local or anthropic.")
    if name == "address" and value and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", str(value)):
        raise Invalid(f"The setting 'address' is {str(value)[:60]!r}; write it as https://desk.example.com, without a path.")
    return str(value)
