"""Personal data out: what in a text belongs to a person, and typed placeholders in its place. Pure and deterministic.

Two settings of one set of rules. `find` and `redact` prepare text for a model that learns from it, so precision counts as much as
recall. `suspicious` decides what may enter the repository, where a miss stays in the history for ever and a false alarm costs one look.

Text that is a placeholder already is never touched, and `redact(redact(text)) == redact(text)`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from voicegit.domain.privacy import address, contact, cues, gate, guess, numbers, persons
from voicegit.domain.privacy.lists import PARTICLES
from voicegit.domain.privacy.quantities import Hit, blanked
from voicegit.domain.privacy.reading import Reading, folded, read

TYPES = ("email", "phone", "card", "iban", "id", "address", "birth", "order", "account", "url", "name")

# Who wins where two rules see the same characters: proven by a checksum, then by form, then by the words around.
_PRIORITY = {kind: rank for rank, kind in enumerate(("url", "email", "iban", "card", "birth", "id", "order", "account", "phone", "address", "name"))}
_PLACEHOLDER = re.compile(r"\{[a-z][a-z_]{0,30}\}|\[(?:" + "|".join(TYPES) + r")\]")
_JOINT = {
    "name": re.compile(rf"[ \t]{{1,3}}(?:(?:{'|'.join(sorted(PARTICLES - {'y', 'e'}))}) ){{0,2}}"),
    "address": re.compile(r"[ \t]{0,3},?[ \t]{0,3}\n?[ \t,]{0,3}"),
}


_TITLE = re.compile(r"(?<![\w'’\]}])(?P<title>(?:mrs?|ms|mx|dr|prof|professor|sir|herrn?|frau|señora?|monsieur|madame|mme|signora?)\.?) {1,2}\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """Where personal data stands: `text[start:end]`, 0 <= start < end <= len(text); `type` is one of TYPES."""

    start: int
    end: int
    type: str


def find(text: str, *, names: Sequence[str] = (), country: str = "US", guessing: bool = True) -> tuple[Span, ...]:
    """Personal data in the text, sorted, never overlapping. `names` are the conversation's own people; `country` is ISO 3166 alpha-2.

    Without `guessing` the model of names that no rule knows is not asked.
    """
    return _with_guesses(text, ruled(text, names=names, country=country), guessing=guessing)


def ruled(text: str, *, names: Sequence[str] = (), country: str = "US") -> tuple[Span, ...]:
    """What the rules find by themselves, without the model of names that none of them knows."""
    masked = _masked(text)
    reading = read(masked)
    return _settled(masked, _seen(reading, names, country), numbers.guesses(reading))


def _with_guesses(text: str, found: Sequence[Span], *, guessing: bool = True) -> tuple[Span, ...]:
    """What the rules found, and what reads like a name beside it."""
    masked, hits = _masked(text), [(span.start, span.end, span.type) for span in found]
    spans: list[Span] = []
    for hit in _joined(masked, sorted([*hits, *(guess.seen(without(text, found)) if guessing else ())])):
        spans.append(_with_title(masked, Span(*hit), spans[-1].end if spans else 0))
    return tuple(spans)


def _masked(text: str) -> str:
    """As the rules read it: in plain letters and digits, NUL where a placeholder stands. Same length."""
    return blanked(folded(text), _PLACEHOLDER)


def without(text: str, found: Iterable[Span]) -> str:
    """The text with NUL where a placeholder stands or something was found. Same length."""
    left = _masked(text)
    for span in found:
        left = left[: span.start] + "\0" * (span.end - span.start) + left[span.end :]
    return left


def _with_title(masked: str, span: Span, after: int) -> Span:
    """“Mrs.” before a name is part of it: with the name gone it would still say who it may be. What stands before `after` is another's."""
    title = _TITLE.search(masked, max(after, span.start - 14), span.start) if span.type == "name" else None
    return Span(title.start("title"), span.end, span.type) if title else span


def redact(text: str, *, names: Sequence[str] = (), country: str = "US") -> str:
    """The text with a placeholder for each piece of personal data."""
    return redacted(text, names=names, country=country)[0]


def redacted(text: str, *, names: Sequence[str] = (), country: str = "US", guessing: bool = True) -> tuple[str, tuple[Span, ...]]:
    """The text with a placeholder for each piece of personal data, and where in the original each piece stood. As `find`."""
    done: tuple[Span, ...] = ()
    shown = text
    while found := find(shown, names=names, country=country, guessing=guessing):
        # A name removed can bring the next words into a rule's sight: look again. Each round takes at least one character for good.
        fresh = [Span(_origin(done, span.start)[0], _origin(done, span.end - 1)[1], span.type) for span in found]
        kept = [old for old in done if not any(new.start <= old.start and old.end <= new.end for new in fresh)]
        done = tuple(sorted([*kept, *fresh], key=lambda span: span.start))
        shown = _replaced(text, [(span, f"[{span.type}]") for span in done])
    return shown, done


def _origin(done: Iterable[Span], at: int) -> tuple[int, int]:
    """Which characters of the original the one at `at` stands for, once these pieces are placeholders."""
    for span in done:
        if at < span.start:
            break
        length = len(span.type) + 2
        if at < span.start + length:
            return span.start, span.end
        at += span.end - span.start - length
    return at, at + 1


def redact_reply(text: str, *, customer: str | None, names: Sequence[str] = (), country: str = "US") -> str:
    """A reply as an example to learn from: the customer's own first or full name becomes the fillable `{name}`; what the rules find a placeholder.

    Nothing is guessed: "We take Klarna" with a hole could never be said again. What reads like a name then keeps the example out, with its reason.
    """
    if customer is not None and customer.strip():
        addressed = [Span(*hit) for hit in persons.addressed(_masked(text), customer)]
        text = _replaced(text, [(span, "{name}") for span in addressed])
    return redacted(text, names=[*names, customer] if customer is not None else names, country=country, guessing=False)[0]


def certain(text: str, *, names: Sequence[str] = (), country: str = "US") -> str | None:
    """The type of what is personal beyond doubt; None when nothing is.

    A name is, when it is one of these or somebody states it as their own; what only reads like a name is for a person to judge.
    """
    masked = _masked(text)
    named = next((kind for hits in (persons.known(masked, tuple(names)), cues.stated(read(masked))) for _, _, kind in hits), None)
    return named or next((span.type for span in ruled(text, names=names, country=country) if span.type != "name"), None)


def suspicious(text: str, *, names: Sequence[str] = ()) -> tuple[Span, ...]:
    """What keeps a text out of the repository until a person has looked: all that `find` sees in the countries we know, and more."""
    masked = _masked(text)
    reading = read(masked)
    elsewhere = [hit for country in ("GB", "DE") for hit in _seen_numbers(reading, country)]
    return _with_guesses(text, _settled(masked, [*_seen(reading, names, "US"), *elsewhere, *gate.seen(reading)], numbers.guesses(reading)))


def _seen(reading: Reading, names: Sequence[str], country: str) -> Iterator[Hit]:
    yield from _seen_numbers(reading, country)
    yield from persons.seen(reading, tuple(names))


def _seen_numbers(reading: Reading, country: str) -> Iterator[Hit]:
    yield from contact.seen(reading, country)
    yield from numbers.seen(reading, country)
    yield from address.seen(reading)


def _settled(masked: str, hits: Iterable[Hit], guesses: Iterable[Hit]) -> tuple[Span, ...]:
    """Overlaps resolved by priority, guesses last; what a loser holds beyond the winner stays its own, so that nothing seen is let go."""
    taken = bytearray(len(masked))
    kept: list[Hit] = []
    for start, end, kind in [*sorted(set(hits), key=lambda hit: (_PRIORITY[hit[2]], hit[0] - hit[1], hit[0])), *guesses]:
        for piece_start, piece_end in _free(taken, start, end):
            trimmed = _trimmed(masked, piece_start, piece_end)
            if trimmed is not None:
                kept.append((*trimmed, kind))
        taken[start:end] = b"\x01" * (end - start)
    return tuple(Span(*hit) for hit in _joined(masked, sorted(kept)))


def _free(taken: bytearray, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    while at < end:
        if taken[at]:
            free = taken.find(b"\x00", at, end)
            at = end if free < 0 else free
        else:
            stop = taken.find(b"\x01", at, end)
            stop = end if stop < 0 else stop
            yield at, stop
            at = stop


def _trimmed(masked: str, start: int, end: int) -> tuple[int, int] | None:
    """Without the spaces around; None when there is no letter or digit in it."""
    if not any(char.isalnum() for char in masked[start:end]):
        return None
    while masked[start].isspace():
        start += 1
    while masked[end - 1].isspace():
        end -= 1
    return start, end


def _joined(masked: str, hits: Iterable[Hit]) -> list[Hit]:
    """First and last name, street and town: one placeholder where only a space or a comma stands between."""
    joined: list[Hit] = []
    for start, end, kind in hits:
        if joined and joined[-1][2] == kind and kind in _JOINT and _JOINT[kind].fullmatch(masked, joined[-1][1], start):
            joined[-1] = (joined[-1][0], end, kind)
        else:
            joined.append((start, end, kind))
    return joined


def _replaced(text: str, pieces: Sequence[tuple[Span, str]]) -> str:
    out: list[str] = []
    at = 0
    for span, placeholder in pieces:
        out += [text[at : span.start], placeholder]
        at = span.end
    return "".join([*out, text[at:]])
