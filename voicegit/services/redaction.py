"""A stream of text without its personal data: plain text, or JSON lines with a "text" each. Reads as it goes and keeps nothing."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from voicegit.domain import privacy
from voicegit.domain.privacy import Span
from voicegit.errors import Invalid

AFTER = 20
"""Lines from which on an empty line ends a block of plain text: an address or a signature is seen over its lines."""

MOST = 60
"""Lines that a block has at the most, so that a long stream is answered as it comes."""


@dataclass(frozen=True)
class Chosen:
    """`names` are looked for beside what the rules find; `country` (ISO 3166, two letters) says how a number without its country is read."""

    names: tuple[str, ...] = ()
    country: str = "US"

    def look(self, text: str) -> tuple[str, tuple[Span, ...]]:
        return privacy.redacted(text, names=self.names, country=self.country)


def known_country(name: str) -> str:
    """Raises `Invalid` for what is no country: its numbers would silently not be seen."""
    import phonenumbers

    if name.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(f"{name[:20]!r} is not a country. Write it as two letters, such as US, GB or DE.")
    return name.upper()


def redacted(lines: Iterable[bytes], chosen: Chosen) -> Iterator[bytes]:
    """As many lines as came in. Raises `Invalid` with the number of a line that is not what the first one was, or no UTF-8; those before it were written."""
    begun, rest = _begun(lines)
    if begun and _is_json(begun[-1]):
        yield from begun[:-1]
        for number, line in enumerate(chain([begun[-1]], rest), len(begun)):
            value = _value(line, number)
            yield _written(value, chosen.look(value["text"])[0], line) if value is not None else line
        return
    for block in _blocks(chain(begun, rest)):
        yield from _without(block, chosen)


def with_spans(lines: Iterable[bytes], chosen: Chosen) -> Iterator[bytes]:
    """Each line as JSON: its "text" redacted, and the "spans" that were taken out of the original. A plain line is a text of its own."""
    begun, rest = _begun(lines)
    as_json = bool(begun) and _is_json(begun[-1])
    for number, line in enumerate(chain(begun, rest), 1):
        value = _value(line, number) if as_json else {"text": _text(line, number)[0]}
        if value is None:
            yield line
            continue
        text, spans = chosen.look(value["text"])
        yield _written(value | {"spans": [vars(span) for span in spans]}, text, line)


def _begun(lines: Iterable[bytes]) -> tuple[list[bytes], Iterator[bytes]]:
    """The lines up to the first that says something, and the others."""
    rest = iter(lines)
    begun: list[bytes] = []
    for line in rest:
        begun.append(line)
        if line.strip():
            break
    return begun, rest


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False


def _value(line: bytes, number: int) -> dict[str, Any] | None:
    """What a JSON line holds; None for an empty line."""
    if not line.strip():
        return None
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        raise Invalid(f"Line {number} is not JSON. The lines before it were written; correct this one and give them again from here.") from exc
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise Invalid(f'Line {number} has no "text". The lines before it were written; each line needs a "text" that is a text.')
    return value


def _written(value: dict[str, Any], text: str, line: bytes) -> bytes:
    value = value | {"text": text}
    end = line[len(line.rstrip(b"\r\n")) :] or b"\n"
    try:
        return json.dumps(value, ensure_ascii=False).encode() + end
    except UnicodeEncodeError:
        # Half of a surrogate pair can be said in JSON, but not in UTF-8.
        return json.dumps(value).encode() + end


def _blocks(lines: Iterable[bytes]) -> Iterator[list[tuple[str, bytes]]]:
    """What is read together: each line's words and how it ends."""
    block: list[tuple[str, bytes]] = []
    for number, line in enumerate(lines, 1):
        try:
            block.append(_text(line, number))
        except Invalid:
            yield block
            raise
        if len(block) >= MOST or (len(block) >= AFTER and not line.strip()):
            yield block
            block = []
    if block:
        yield block


def _without(block: list[tuple[str, bytes]], chosen: Chosen) -> Iterator[bytes]:
    """The same number of lines: what stood on several becomes a placeholder on each."""
    spans = chosen.look("\n".join(words for words, _ in block))[1]
    at = 0
    for words, end in block:
        shown = words
        for span in reversed(spans):
            start, stop = max(span.start - at, 0), min(span.end - at, len(words))
            if start < stop and words[start:stop].strip():
                shown = f"{shown[:start]}[{span.type}]{shown[stop:]}"
        yield shown.encode() + end
        at += len(words) + 1


def _text(line: bytes, number: int) -> tuple[str, bytes]:
    """A line's words and how it ends. Raises `Invalid` for other encodings, whose letters no rule would know; UTF-16 is told by its NULs."""
    words = line.rstrip(b"\r\n")
    try:
        if b"\0" not in words:
            return words.decode(), line[len(words) :]
    except UnicodeDecodeError:
        pass
    raise Invalid(f"Line {number} is not UTF-8, so nothing in it would be seen. The lines before it were written; turn the text into UTF-8 ('iconv') first.")
