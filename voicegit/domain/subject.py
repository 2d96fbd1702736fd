"""What a question is about, in whatever words, and whether an answer says yes or no to it. Plain means; only good for asking a person which of two holds."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum

from voicegit.domain import wordforms

_LIGHT = frozenset(
    wordforms.stem(word)
    for word in """able accept afraid all allow allowed along already also any anybody anymore anyone anything around as ask available away back be bring but
    can come could cover different do done else even everything exactly few fine get give glad go good great guy happen happy have hello help
    hey hi if it know let like live look lot love make many maybe me mind more most much must my myself need now of off offer ok okay one open
    over part permit please pls possible provide put question quick quickly really right same say see send should so some somebody someone
    something sorry still sure take tell thank thanks thing think too try understand unfortunately until use usually via want way welcome well
    what when where which who whose will wish without wonder work would yes yet you""".split()  # noqa: SIM905 - words
)
"""Words that a question about anything may have: what is left without them says what it is about."""

MEASURES = frozenset(
    wordforms.stem(word)
    for word in """amount begin bill charge close closing cost costs day days early end fast fee finish hour hourly hours late latest length long many minute
    minutes much number often open opening pay per price prices quick quickly rate soon start take time until week when within""".split()  # noqa: SIM905 - words
)
"""Words that ask for a figure: the answer has the figure, and need not have the word."""

_WISH = r"i(?:'d| would)? (?:like|love|need|want)"
_REQUEST = re.compile(
    r"\?|^\W*(?:what|how|do|does|can|could|may|is|are|will|would|where|when|which|who|why|am|any|price|prices|cost)\b|\b" + _WISH + r"\b", re.IGNORECASE
)
_YES_OR_NO = re.compile(
    r"(?:^|[.!?,;:]\s*|\b(?:hi|hello|hey|and|so|but|please|there)\s+)(?:do|does|can|could|may|is|are|will|would|am|any|" + _WISH + r")\b", re.IGNORECASE
)
_ONCE = re.compile(
    r"\b(?:did|was|were|had|been|has|have (?:you|i|we|they)|yesterday|last (?:time|week|month|night)|today|tonight|tomorrow|right now|else|others?|"
    r"another|alternatives?)\b",
    re.IGNORECASE,
)
"""What happened once, holds today or is "another one" is told of one conversation, and says nothing of the next."""

_POINTS = re.compile(r"\b(?:my|their|his|her|its|this|that|these|those)\b", re.IGNORECASE)

_DEMANDS = re.compile(r"\b(?:(?:do|does|will|would) (?:i|we|one) (?:\w+ )?(?:need|have)|must|should|shall|required?|or)\b", re.IGNORECASE)
"""After "do I need to …?" a no allows, and after "this or that?" it is neither."""

_YES = re.compile(
    r"^\W*(?:yes|yep|yeah|sure|of course|certainly|absolutely|definitely|gladly|no problem|by all means|i can\b(?! not)|"
    r"(?:we|you) (?:can|do|may)\b(?! not|n't)|(?:i(?:'d| would)|we(?:'d| would)) (?:be (?:happy|glad)|love) to)",
    re.IGNORECASE,
)
_GRANTS = re.compile(r"\b(?:is|are|'s|'re) (?:all |very |quite |always )?(?:fine|possible|welcome|allowed|no problem|ok|okay|free|included)\b", re.IGNORECASE)
_NO = re.compile(
    r"^\W*(?:no\b(?! problem| worries| idea)|nope|unfortunately|(?:(?:i'm|i am|we're|we are) )?(?:sorry|afraid)\b[^.!?]*\b(?:no|not|can't|cannot|\w+n't)\b|"
    r"(?:we|you) (?:do not|don't|cannot|can't|can not|never|no longer)\b|(?:i'm|i am) afraid\b)",
    re.IGNORECASE,
)
_REFUSES = re.compile(r"^\W*(?:we are|we're) closed\b|\b(?:is|are|'s|'re)(?: not|n't) (?:\w+ )?(?:possible|allowed|welcome|included|free)\b", re.IGNORECASE)


class Stance(StrEnum):
    YES = "yes"
    NO = "no"


def telling(text: str) -> frozenset[str]:
    """The stems that say what a text is about; all that are left, light words too, where it has no others."""
    stems = {stem for stem in wordforms.content(text) if "'" not in stem}
    return frozenset(stems - _LIGHT or stems)


def names_a_thing(text: str) -> bool:
    """Whether it has a word that says what it is about: "Hello?" and "Can you help me?" have none."""
    return not set(wordforms.content(text)) <= _LIGHT


def about(asked: str, text: str, *, common: Collection[str] = frozenset(), figure: bool = False, least: float = 0.0) -> bool:
    """Whether a text is about all that a question is about, and the question about at least a share (`least`) of what the text is.

    `common` are stems that say nothing because many texts have them; `figure`: the question asks for one, so that words like "price" need not stand in the
    text. Whoever asks of a figure ("three rooms") is told of that figure.
    """
    stems, there = (telling(one) - (MEASURES if figure else frozenset()) for one in (asked, text))
    left, theirs = (one - set(common) or one for one in (stems, there))
    if not left or not left <= set(wordforms.content(text)) or not wordforms.figures(asked) <= wordforms.figures(text):
        return False
    return len(left & theirs) >= least * len(theirs)


def asking(text: str) -> str:
    """The sentences of a text that end in a question mark; all of it where none does."""
    return " ".join(re.findall(r"[^.!?\n]*[^.!?\n\s][^.!?\n]*\?", text)).strip() or text


def requests(text: str) -> bool:
    """Whether it is a question or a request."""
    return _REQUEST.search(text) is not None


def asks(text: str) -> bool:
    """Whether it is a question or a request about what generally holds, and not about what happened once."""
    return requests(text) and _ONCE.search(text) is None


def points(text: str) -> bool:
    """Whether it asks of one thing, the customer's own or one that was talked of before ("my balance", "their number"): its figure is no other's."""
    return _POINTS.search(text) is not None


def takes_a_yes(text: str) -> bool:
    """Whether a yes says that what is asked for is so, or is done."""
    return _YES_OR_NO.search(text) is not None and not wordforms.negated(text) and _DEMANDS.search(text) is None


def stance(answer: str) -> Stance | None:
    """What the beginning of an answer says; None where it says neither, or both."""
    first = next(iter(re.split(r"(?<=[.!?])\s+|\n+", answer.strip())), "")
    no = _NO.search(first) is not None or _REFUSES.search(first) is not None
    grants = _GRANTS.search(first) is not None and not wordforms.negated(re.sub(r"\bno problem\b", "", first, flags=re.IGNORECASE))
    yes = _YES.search(first) is not None or grants
    return None if no is yes else Stance.NO if no else Stance.YES


def common(texts: Iterable[str], share: float = 0.2, least: int = 3) -> frozenset[str]:
    """The stems that more than a share of all texts have, and at least a few of them: they tell no text from another."""
    sets = [set(wordforms.content(text)) for text in texts]
    counts: dict[str, int] = {}
    for found in sets:
        for stem in found:
            counts[stem] = counts.get(stem, 0) + 1
    return frozenset(stem for stem, count in counts.items() if count >= max(least, share * len(sets)))
