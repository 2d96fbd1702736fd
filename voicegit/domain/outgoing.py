"""What a model's text must pass before it leaves: the guards, the facts behind its figures and promises, its links and its length."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from voicegit.domain.directive import Directive, Guards, Kind

_ENDINGS = r"(?:'s|s|es|d|ed|ing|ly)?"


@dataclass(frozen=True)
class Support:
    """What a text may rest on. `ours`: facts, approved examples, the customer's record and what the business itself said in this conversation.

    `said` adds what the customer wrote: good for dates and plain numbers, never for money or promises, which a customer could put into our mouth.
    """

    ours: tuple[str, ...]
    said: tuple[str, ...] = ()


def guards_for(in_force: Iterable[Directive], answered_from: str | None) -> Guards:
    """Voice guards always; a situation's or fact's own when the reply rests on it. The smallest `max_words` counts."""
    applying = [d.guards for d in in_force if d.kind is Kind.VOICE or d.id == answered_from]
    most = [g.max_words for g in applying if g.max_words is not None]
    return Guards(tuple(dict.fromkeys(word for g in applying for word in g.never_say)), min(most) if most else None)


def guard_hits(text: str, guards: Guards) -> list[str]:
    """Each guard that a text breaks, as a plain sentence. By word forms: 'refund' also finds 'refunds', 'fund' does not."""
    flat = _flat(text)
    hits = [f"it says “{word}”, which a guard forbids" for word in guards.never_say if _word(word).search(flat)]
    count = len(re.findall(r"\S+", text))
    if guards.max_words is not None and count > guards.max_words:
        hits.append(f"it has {count} words; a guard allows {guards.max_words}")
    return hits


def unsupported(text: str, support: Support) -> list[str]:
    """Each price, date, amount, promise or link in a text that nothing stands behind, as a plain sentence."""
    ours, said = _flat("\n".join(support.ours)), _flat("\n".join((*support.ours, *support.said)))
    flat = _flat(text)
    problems = [f"{found} was not filled in" for found in dict.fromkeys(_PLACEHOLDER.findall(text))]
    problems += [f"nothing approved says “{found}”" for found in _missing(_MONEY, flat, ours)]
    problems += [f"nothing approved or said here has “{found}”" for found in _missing(_WHEN, flat, said)]
    problems += [f"nothing approved or said here has the number {found}" for found in sorted(_numbers(flat) - _numbers(said))]
    problems += [f"nothing approved promises “{found}”" for found in _promises(text, support.ours)]
    return problems + [f"nothing approved links to {found}" for found in _missing(_HOST, flat, ours)]


@lru_cache(maxsize=1024)
def _word(word: str) -> re.Pattern[str]:
    parts = _flat(word).split()
    return re.compile(r"(?<!\w)" + r"[\s-]+".join(re.escape(part) for part in parts) + _ENDINGS + r"(?!\w)")


def _flat(text: str) -> str:
    """Lower case, one kind of apostrophe, no characters that hide inside words."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(shown.replace("’", "'").lower().split())


_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half)"
)
_MONEY = re.compile(
    rf"[$€£]\s?\d[\d,.]*\d|[$€£]\s?\d|(?:\d[\d,.]*|{_NUMBER_WORD})[\s-]?(?:dollars?|usd|euros?|eur|pounds?|gbp|bucks|percent|per\ cent|%)"
    r"|half\ (?:price|off)|free\ of\ charge|for\ free|no\ (?:extra\ )?(?:charge|cost)|on\ the\ house"
)
_WHEN = re.compile(
    r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|o'clock)\b|\b\d{1,2}:\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:today|tomorrow|tonight)\b|\b(?:this|next)\ (?:morning|afternoon|evening|week|weekend|month)\b"
)
_HOST = re.compile(r"(?:https?://|www\.)[^\s/)>\"']+|(?<![\w@.])[a-z0-9-]+\.(?:com|net|org|io|co|info|biz|shop|app)\b")
_PROMISE = re.compile(
    r"\b(?:refund|reimburs|compensat|discount|voucher|coupon|waiv|guarante|promis|free|credit(?:ed)?|replac|liab|at our (?:cost|expense)"
    r"|(?:we|i)(?:'ll| will| can)? (?:pay|cover|owe)|our fault|my fault)\w*"
)
_PLACEHOLDER = re.compile(r"\{[a-z]\w{0,39}\}|\[[a-z]{2,12}\]")
_NEGATION = re.compile(r"\b(?:no|not|never|none|cannot|without|unable)\b|n't\b")
ALIKE = 75
"""How alike (0..100, token set ratio) a promise and an approved sentence must be for the one to stand behind the other."""


def _missing(pattern: re.Pattern[str], text: str, behind: str) -> list[str]:
    squeezed = _squeeze(behind)
    found = dict.fromkeys(match[0].strip() for match in pattern.finditer(text))
    return [one for one in found if not _whole(_squeeze(one)).search(squeezed)]


def _whole(squeezed: str) -> re.Pattern[str]:
    """A figure as a whole: $25 does not stand in $250, nor 8am in 18am."""
    return re.compile(r"(?<!\d)" * squeezed[0].isdigit() + re.escape(squeezed) + r"(?![.,]?\d)" * squeezed[-1].isdigit())


def _squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "").rstrip(".") for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def _promises(text: str, ours: Sequence[str]) -> list[str]:
    """Sentences that promise something no approved sentence, alike and of the same sign, promises."""
    approved = [sentence for one in ours for sentence in _sentences(one) if _PROMISE.search(sentence)]
    return [
        promise[0]
        for sentence in _sentences(text)
        if (promise := _PROMISE.search(sentence)) is not None
        and not any(bool(_NEGATION.search(sentence)) == bool(_NEGATION.search(known)) and fuzz.token_set_ratio(sentence, known) >= ALIKE for known in approved)
    ]


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n+", _flat_lines(text)) if part.strip()]


def _flat_lines(text: str) -> str:
    return "\n".join(_flat(line) for line in text.split("\n"))
