"""What a model's text must pass before it leaves: the guards, the facts behind its figures and promises, its links and its length."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from voicegit.domain import guarded
from voicegit.domain.directive import Directive, Guards, Kind, hidden_characters


class Corpus:
    """Texts made ready to be looked things up in, once: those of a whole repository are looked into at every turn."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)

    @cached_property
    def flat(self) -> str:
        return _flat("\n".join(self._texts))

    @cached_property
    def numbers(self) -> set[str]:
        return _numbers(self.flat)

    @cached_property
    def promises(self) -> tuple[tuple[str, set[tuple[str, bool]]], ...]:
        """Each sentence that promises something, with what it promises."""
        return tuple((sentence, _signs(sentence)) for one in self._texts for sentence in _sentences(one) if _PROMISE.search(sentence))

    def prepare(self) -> None:
        """Reads all of it now."""
        _ = self.numbers, self.promises


@dataclass(frozen=True)
class Support:
    """What a text may rest on. `approved`: facts and examples in force; `ours`: the customer's record and what the business itself said here.

    `said` adds what the customer wrote: good for dates and plain numbers, never for money or promises, which a customer could put into our mouth.
    """

    ours: tuple[str, ...]
    said: tuple[str, ...] = ()
    approved: Corpus = field(default_factory=lambda: Corpus(()))


def guards_for(in_force: Iterable[Directive], answered_from: str | None) -> Guards:
    """Voice guards always; a situation's or fact's own when the reply rests on it. The smallest `max_words` counts."""
    applying = [d.guards for d in in_force if d.kind is Kind.VOICE or d.id == answered_from]
    most = [g.max_words for g in applying if g.max_words is not None]
    return Guards(tuple(dict.fromkeys(word for g in applying for word in g.never_say)), min(most) if most else None)


def guard_hits(text: str, guards: Guards) -> list[str]:
    """Each guard that a text breaks, as a plain sentence. By word forms, both ways: 'refunded' also finds 'refunds', 'fund' does not."""
    hits = [f"it says “{word}”, which a guard forbids" for word in guards.never_say if _finder(word)(text)]
    count = len(re.findall(r"\S+", text))
    if guards.max_words is not None and count > guards.max_words:
        hits.append(f"it has {count} words; a guard allows {guards.max_words}")
    return hits


def unsupported(text: str, support: Support) -> list[str]:
    """Each price, date, amount, promise or link in a text that nothing stands behind, as a plain sentence."""
    ours = (support.approved, Corpus(support.ours))
    said = (*ours, Corpus(support.said))
    flat = _flat(text)
    numbers = sorted(number for number in _numbers(flat) if not any(number in corpus.numbers for corpus in said))
    problems = ["it holds a character that nobody can see"] if next(hidden_characters(text), None) else []
    problems += [f"{found} was not filled in" for found in dict.fromkeys(_PLACEHOLDER.findall(text))]
    problems += [f"nothing approved says “{found}”" for found in _missing(_MONEY, flat, ours)]
    problems += [f"nothing approved or said here has “{found}”" for found in _missing(_WHEN, flat, said)]
    problems += [f"nothing approved or said here has the number {number}" for number in numbers]
    problems += [f"nothing approved promises “{found}”" for found in _promises(text, ours)]
    return problems + [f"nothing approved links to {found}" for found in _missing(_HOST, flat, ours)]


@lru_cache(maxsize=1024)
def names_a_time(text: str) -> bool:
    """Whether a text names a day, a date or an hour."""
    return _WHEN.search(_flat(text)) is not None


@lru_cache(maxsize=4096)
def _finder(word: str) -> Callable[[str], bool]:
    """Finds a guarded word or phrase, each of its words in its forms, whole; in scripts that write without spaces anywhere. Signs alone are found anywhere."""
    if not any(char.isalnum() for char in word):
        sign = _signs_alone(word)
        return lambda text: bool(sign) and sign in _signs_alone(text)
    spoken = _spoken(word) or "\n"
    phrase = r"[ -]+".join(r"[ -]?".join(map(_any_of, re.split(r"(?<=[^\W_])-(?=[^\W_])", one))) for one in spoken.split())
    pattern = re.compile(_edge(spoken[0], r"(?<!\w)") + phrase + _edge(spoken[-1], r"(?!\w)"))
    return lambda text: any(pattern.search(reading) for reading in _readings(text))


def _any_of(word: str) -> str:
    return f"(?:{'|'.join(re.escape(one) for one in sorted(guarded.forms(word), key=lambda one: (-len(one), one)))})"


def _edge(char: str, mark: str) -> str:
    """Where a word may not go on: after a sign it may, and in a script without spaces."""
    return mark if char.isalnum() and not _unspaced(char) else ""


@lru_cache(maxsize=256)
def _readings(text: str) -> tuple[str, ...]:
    """A text as guards look at it: with the hyphens inside its words, and without them."""
    spoken = _spoken(text).casefold()
    return tuple(dict.fromkeys((spoken, re.sub(r"(?<=\w)-(?=\w)", "", spoken))))


def _spoken(text: str) -> str:
    """Flat, with one kind of hyphen, and "not" written out."""
    flat = re.sub(r"[\u2010-\u2013\u2212]", "-", _flat(text))
    return re.sub(r"n't\b", " not", re.sub(r"\bcan(?:'t|not)\b", "can not", re.sub(r"\bwon't\b", "will not", flat))).strip()


def _signs_alone(text: str) -> str:
    """A text for what has neither letter nor digit: with the marks that emphasise, without what only chooses how a sign is drawn."""
    return " ".join(re.sub(r"[\ufe0e\ufe0f]", "", _seen(text)).split())


def _unspaced(char: str) -> bool:
    """Thai, Lao, Chinese, Japanese, and Korean, whose particles stick to the word."""
    return "\u0e00" <= char <= "\u0eff" or char >= "\u2e80"


_ALIKE_LETTERS = str.maketrans("аеорсухіјѕԁһοανιυ", "aeopcyxijsdhoaviu")
"""Cyrillic and Greek letters that look like Latin ones: folded in the guarded words and in the text alike."""


def _flat(text: str) -> str:
    """Lower case, one kind of apostrophe, no emphasis marks, no characters that hide inside words."""
    lower = re.sub("[’‘ʼ]", "'", _seen(text)).lower().replace("i\u0307", "i")
    plain = re.sub(r"[*`~]|(?<!\w)_|_(?!\w)", "", lower).translate(_ALIKE_LETTERS)
    return " ".join(re.sub(r"\b([ap])\. ?m\b\.?", r"\1m", plain).split())


def _seen(text: str) -> str:
    """What a reader sees of a text, in one form of each letter."""
    normal = unicodedata.normalize("NFKC", text)
    if not (normal.isascii() and normal.replace("\n", " ").isprintable()):
        hidden = {int(code[2:], 16) for _, code in hidden_characters(normal)}
        normal = normal.translate({code: " " if chr(code).isspace() else None for code in hidden})
    return normal


_UNITS = {word: value for value, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine"], 2)}
_TEENS = {
    word: value for value, word in enumerate(["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"], 10)
}
_TENS = {word: 10 * value for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 1000000}
_NAMED = _UNITS | _TEENS | _TENS | _LARGE
_NUMBER_WORD = rf"(?:zero|one|half|{'|'.join(_NAMED)})"
_CURRENCY = (
    r"(?:dollars?|usd|cad|aud|euros?|eur|pounds?|gbp|chf|francs?|yen|jpy|rupees?|inr|bucks|cents?|pence|quid|percent|per\ cent|%|(?:us)?[$€£¥₹]|off\b|cheaper)"
)
_MONEY = re.compile(
    rf"(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|cad|aud|rs)\b\.?)\s?\d(?:[\d,.]*\d)?(?:k\b)?|(?:\d(?:[\d,.]*\d)?|{_NUMBER_WORD}|\bfew|some)[\s-]?{_CURRENCY}(?!\w)"
    r"|\b(?:half|twice|double)[\s-](?:the\ |your\ )?(?:price|off|money)|free\ of\ charge|for\ free"
    r"|\b(?:no|without(?:\ an?y?)?)\ (?:\w+\ )?(?:charge|costs?|fees?)\b|on\ the\ house|for\ nothing|costs?\ nothing|complimentary|gratis"
    r"|(?:not|n't|never)\ (?:be\ )?charged?\b|\bon\ us\b|\bcost\ (?:you|us)\b|\b(?:the|your|any|this)\ bill\b|\bpenn(?:y|ies)\b"
)
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_WHEN = re.compile(
    r"\b\d{1,2}(?::\d\d)?\s?(?:am|pm|o'clock)\b|\b\d{1,2}:\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b|\b\d{1,2}\.\d{1,2}\.\d{2,4}\b"
    rf"|\b{_NUMBER_WORD}\s(?:am|pm|o'clock)\b|\b(?:noon|midday|midnight)\b|\b(?:half\ past|quarter\ (?:to|past))\ \w+"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    rf"|\b{_MONTH}\.?\ \d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\.?\ (?:of\ )?{_MONTH}\b|\b(?:in|of)\ (?:march|may)\b"
    r"|\b(?:today|tomorrow|tonight)\b|\b(?:this|next)\ (?:morning|afternoon|evening|week|weekend|month|year)\b"
    rf"|\b(?:in|within)\ (?:an?|the|half\ an|\d+|{_NUMBER_WORD})\ (?:hour|minute|day|week|month)s?\b"
)
_HOST = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s/)>\"']+|\b(?:javascript|data|mailto|tel|sms):[^\s)>\"']+|\bwww\.[^\s/)>\"']+"
    r"|[\w.+-]+@[\w.-]+|(?<![\w.-])(?:[\w-]+\.)+[a-z]{2,24}(?![\w-])|[\w-]+。[a-z]{2,24}\b"
)
_DEEDS = (
    r"(?:booked|cancell?ed|rescheduled|moved|changed|sent|updated|arranged|ordered|confirmed|transferred|deleted|removed|approved|reserved|scheduled|processed)"
)
"""What a model cannot have done: it only writes. Saying so is a promise."""
_PROMISE = re.compile(
    r"\b(?:(refund|reimburs|compensat|discount|voucher|coupon|waiv|guarante|promis|free|credit|replac|liab|responsib|at our (?:cost|expense)|money back)\w*"
    r"|((?:we|i)(?:'ll| will| can)? (?:gladly )?(?:pay|cover|owe|buy)|(?:our|my) (?:fault|mistake|error|word)|rest assured|make (?:it|this|things) right"
    r"|take care of (?:the|your|this) (?:costs?|bill|damage)|admit\w*"
    rf"|(?:i|we)(?:'ve| have)? (?:just |already |now |gladly )?{_DEEDS}|your \w+ (?:is|was|has been|have been|are) (?:now |already )?{_DEEDS}))"
)
_PLACEHOLDER = re.compile(r"\{[a-z]\w{0,39}\}|\[[a-z]{2,12}\]")
_NEGATION = re.compile(r"\b(?:no|not|never|none|cannot|without|unable)\b|n't\b")
ALIKE = 75
"""How alike (0..100, ratio of the sorted words) a promise and an approved sentence must be for the one to stand behind the other."""


def _missing(pattern: re.Pattern[str], text: str, behind: Sequence[Corpus]) -> list[str]:
    found = dict.fromkeys(match[0].strip(" .,;:!?") for match in pattern.finditer(text))
    return [one for one in found if not any(_whole(re.sub(r"\s", "", one)).search(corpus.flat) for corpus in behind)]


def _whole(squeezed: str) -> re.Pattern[str]:
    """A figure or a name as a whole, however it is spaced: $25 does not stand in $250, nor 8am in 18am, nor le.com in sparkle.com."""
    before = r"(?<![\w.@-])" if squeezed[0].isalnum() else ""
    return re.compile(before + r"\s*".join(map(re.escape, squeezed)) + r"(?![\w-]|[.,]\d|\.[a-z])")


def _numbers(text: str) -> set[str]:
    """Every number of a text, in digits, whether it stands there in digits or in words ("one" is no number: it is a pronoun too often)."""
    tens, units = "|".join(_TENS), "|".join(_UNITS)
    joined = re.sub(rf"\b({tens})[\s-]({units}|one)\b", lambda m: str(_TENS[m[1]] + _UNITS.get(m[2], 1)), text)
    named = re.sub(rf"\b(?:{'|'.join(_NAMED)})\b", lambda m: str(_NAMED[m[0]]), joined)
    return {number.replace(",", "").rstrip(".") for number in re.findall(r"\d[\d,]*(?:\.\d+)?", named)}


def _promises(text: str, ours: Sequence[Corpus]) -> list[str]:
    """Sentences that promise something no approved sentence, alike and of the same signs, promises."""
    return [
        promise[0]
        for sentence in _sentences(text)
        if (promise := _PROMISE.search(sentence)) is not None
        and not any(_signs(sentence) <= signs and fuzz.token_sort_ratio(sentence, known) >= ALIKE for corpus in ours for known, signs in corpus.promises)
    ]


def _signs(sentence: str) -> set[tuple[str, bool]]:
    """What a sentence promises, and whether it says not to: a "not" counts for what follows it up to the next comma or colon."""
    return {
        (promise[1] or promise[2], bool(_NEGATION.search(clause[: promise.start()])))
        for clause in re.split(r"[,;:–—]\s", sentence)
        for promise in _PROMISE.finditer(clause)
    }


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+|\n+", _flat_lines(text)) if part.strip()]


def _flat_lines(text: str) -> str:
    return "\n".join(_flat(line) for line in text.split("\n"))
