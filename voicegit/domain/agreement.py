"""Whether two answers to one question come to the same, told by their words alone. Plain means that would rather say "cannot be told" than be wrong."""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz

from voicegit.domain import quantity, subject, wordforms
from voicegit.domain.contradiction import clash, sentences

ALIKE = 80.0
"""How alike (0..100, normalised edit distance of the words without case and punctuation) two texts must be to be one wording of the same."""

NEARLY = 90.0
"""How alike (0..100, rapidfuzz ratio without capitals) two texts are that differ by small changes only."""

_NAME = r"(?:[^\W\d_a-z][\w'’.-]*|\{\w+\})"
_GREETING = re.compile(
    r"^\W*(?i:hi|hello|hey|dear|hiya|hallo|liebe|lieber|hola|bonjour|ciao|good (?:morning|afternoon|evening|day)|guten (?:tag|morgen|abend))"
    rf"(?:(?i: there| again| all)|(?: {_NAME}){{1,3}})?\s*(?:[,!.:;–—]+|\n)\s*"
)
_CLOSING = re.compile(
    r"(?:\n\s*|(?<=[.!?])\s+)(?i:(?:(?:best|kind|warm|many) )?(?:regards|wishes|thanks)|sincerely|yours (?:truly|sincerely)|cheers|thank you|best"
    rf"|(?:viele|liebe|mit freundlichen) grüßen?|saludos|cordialement|saluti)(?:\s*[,\n]\s*(?i:your )?{_NAME}(?: {_NAME}){{0,3}}(?i: team)?)?\s*[.!]*\s*$"
)
"""How a text greets and takes its leave: that, and the names in it, say nothing of the matter."""

_BETWEEN = re.compile(r"(?<!\d)[.,:]|[.,:](?!\d)|(?<!\w)'|'(?!\w)|(?<=\w)-|-(?!\d)|(?<=\d)(?=[^\W\d_])")
"""Marks that are not within a figure ("9:30", "-5") or a word ("don't"), and the seam in "5pm"."""

_SHORT = ((r"\b(?:can't|cannot)\b", "can not"), (r"n't\b", " not"), (r"'ll\b", " will"), (r"'re\b", " are"), (r"'ve\b", " have"), (r"\bi'm\b", "i am"))
_EMPTY = frozenset({"a", "an", "the", "and", "but", "so", "also", "please", "kindly", "very", "really", "indeed"})
"""Words with and without which an answer comes to the same."""

_APART = (
    ("monday mondays", "tuesday tuesdays", "wednesday wednesdays", "thursday thursdays", "friday fridays", "saturday saturdays", "sunday sundays"),
    ("january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december"),
    ("morning mornings", "noon", "afternoon afternoons", "evening evenings", "night nights midnight"),
    ("yesterday", "today tonight", "tomorrow"),
    ("$ dollar dollars usd", "€ euro euros eur", "£ pound pounds gbp", "¥ yen jpy", "₹ rupee rupees inr"),
)
"""What can be only one thing at a time: two answers with none in common are two answers."""

_OPPOSITE = (
    ("all whole full fully entire everything everyone both", "half partly part", "some", "none nothing nobody"),
    ("included inclusive", "excluded exclusive extra"), ("before", "after"), ("open opened", "closed shut"), ("always", "never", "sometimes"),
    ("more", "less fewer"), ("first", "last"), ("early earlier", "late later"), ("inside indoors", "outside outdoors"), ("with", "without"),
    ("allow allowed permitted", "forbidden prohibited"), ("possible", "impossible"), ("free", "paid"), ("refundable", "nonrefundable"),
    ("accept", "refuse reject"), ("minimum least", "maximum most"), ("can may", "must"),
    ("hour hours hourly", "day days daily", "week weeks weekly", "month months monthly", "year years yearly"),
    ("hundred", "thousand", "million"), ("once", "twice"), ("buy", "sell"), ("up", "down"), ("same", "different"), ("yes", "no"),
)  # fmt: skip
"""What turns an answer over when the words around it stay."""

_NOT = wordforms.NEGATIONS | set(
    "nicht kein keine keinen keiner nie niemals pas jamais aucun non nunca jamás tampoco mai nessuno niet geen".split()  # noqa: SIM905 - words
)


def words(text: str) -> list[str]:
    """The words, figures and symbols of a text, without case, punctuation, greeting and closing; all of it where it is nothing else."""
    text = unicodedata.normalize("NFKC", text.replace("’", "'")).strip()
    return _all_words(_CLOSING.sub("", _GREETING.sub("", text)).strip() or text)


def _all_words(text: str) -> list[str]:
    return _BETWEEN.sub(" ", "".join(map(_spaced, text.casefold()))).split()


def _spaced(char: str) -> str:
    """Symbols (a currency, a tick) are words of their own; punctuation is none, but for what may stand within a figure or a word."""
    kind = unicodedata.category(char)[0]
    if kind == "S" or char == "%":
        return f" {char} "
    return " " if kind in "PZC" and char not in ".,:'-" else char


def same_words(one: str, other: str) -> bool:
    """Whether two texts have the same words in the same order, whatever their case, punctuation, greeting and closing."""
    return words(one) == words(other)


def word_for_word(one: str, other: str) -> bool:
    """The same, greeting and closing too."""
    first, second = (unicodedata.normalize("NFKC", text.replace("’", "'")) for text in (one, other))
    return first == second or _all_words(first) == _all_words(second)


def says_the_same(one: str, other: str) -> bool:
    """Whether two texts have the same words but for short forms ("I'll") and words that carry nothing ("please")."""
    return _carrying(one) == _carrying(other)


def alike(one: str, other: str) -> bool:
    """Whether two texts may be two wordings of one answer, as of a model that never says it twice in the same words: nearly the same, and no contradiction."""
    return same_words(one, other) or (_near(one, other) and not contradict(one, other))


def likeness(one: str, other: str) -> float:
    """0..100: rapidfuzz ratio, whatever the layout and the capitals."""
    return 100.0 if one == other else float(fuzz.ratio(flat(one), flat(other)))


def nearly(one: str, other: str) -> bool:
    """Whether two texts differ by small changes only, whatever those say."""
    return likeness(one, other) >= NEARLY


def interchangeable(one: str, other: str) -> bool:
    """Whether one text may pass for the other: word for word, or nearly and with the same figures and telling words, none of them turned over.

    Where a telling word differs ("on Tuesday", "on Friday"; "included", "excluded"), nothing says that they mean the same.
    """
    if not nearly(one, other):
        return False
    if word_for_word(one, other):
        return True
    alike = subject.telling(one) == subject.telling(other) and wordforms.figures(one) == wordforms.figures(other)
    return alike and not contradict(one, other)


def flat(text: str) -> str:
    """A text without what layout and capitals change of it."""
    return " ".join(text.lower().split())


def contradict(one: str, other: str) -> bool:
    """Whether two answers to one question surely cannot both hold. False where it cannot be told: that they agree is not said by it.

    They give other figures, days, times of day or currencies; one denies what the other affirms; or in nearly the same words something is its opposite.
    """
    if clash(one, other) or quantity.conflict(one, other) or _denies(one, other) or _denies(other, one):
        return True
    first, second = set(words(one)), set(words(other))
    if any(_exclude(group, first, second) for group in _APART):
        return True
    if not _near(one, other):
        return False
    figures = [wordforms.figures(text) for text in (one, other)]
    denials = [sum(word in _NOT for word in wordforms.tokens(text)) for text in (one, other)]
    return bool(figures[0] - figures[1] and figures[1] - figures[0]) or denials[0] != denials[1] or any(_turned(group, first, second) for group in _OPPOSITE)


def _carrying(text: str) -> list[str]:
    joined = " ".join(words(text))
    for short, long in _SHORT:
        joined = re.sub(short, long, joined)
    return [word for word in joined.split() if word not in _EMPTY]


def _near(one: str, other: str) -> bool:
    return fuzz.ratio(" ".join(words(one)), " ".join(words(other))) >= ALIKE


def _kinds(group: Iterable[str], there: set[str]) -> set[str]:
    return {kind for kind in group if there & set(kind.split())}


def _exclude(group: Iterable[str], first: set[str], second: set[str]) -> bool:
    one, other = _kinds(group, first), _kinds(group, second)
    return bool(one and other) and not one & other


def _turned(group: Iterable[str], first: set[str], second: set[str]) -> bool:
    one, other = _kinds(group, first), _kinds(group, second)
    return bool(one - other and other - one)


def _denies(one: str, other: str) -> bool:
    """Whether a text only denies something that the other only affirms."""
    return bool(_said(one, no=True) & _said(other, no=False))


def _said(text: str, *, no: bool) -> set[str]:
    """What a text is about where it says "not" (`no`) and nowhere else, or the other way round."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for sentence in sentences(text):
        for clause in re.split(r"[,;:]|\b(?=but\b|without\b)", sentence):
            found[wordforms.negated(clause)] |= subject.telling(clause)
    return found[no] - found[not no]
