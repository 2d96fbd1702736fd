"""How the embedded model reads English: a text becomes weighted features (word stems, word pairs, letter groups, concepts).

Pure functions on strings. Nothing here knows of directives, and no outside library is used.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from voicegit.domain.policy import Trigger
from voicegit.domain.triggers import fired

Words = Mapping[Trigger, Sequence[str]]
"""A business's own trigger words, as `policy.gate.words` has them."""

MAX_CHARS = 4000
"""Only the beginning of a very long message is read: a situation that is not clear by then is a person's."""

BRACKETED = re.compile(r"\[[A-Za-z][^\[\]\n]{0,40}\](?!\()")
"""Stands for personal data that was taken out: nothing can fill it again. A Markdown link's text is not one."""
PLACEHOLDER = re.compile(rf"\{{[^{{}}\n]{{1,40}}\}}|{BRACKETED.pattern}")
_TOKEN = re.compile(r"[a-zà-öø-ÿ]+|[0-9][0-9.,:]*")
_LONG_FORMS = (
    (re.compile(r"\b(can)(?:'t|not)\b"), r"\1 not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(i)'m\b"), r"\1 am"),
    (re.compile(r"'(?:re|ve|ll|d|s)\b"), " "),
)

# Words that say how a sentence is built, not what it is about. With three examples no statistics can tell the two apart.
_FUNCTION_WORDS = """
    a about actually after again all also always am an and any anyone anything are around as ask at be because been before being but by can come could
    currently d did do does doing done dont else even ever every find for from further get getting give go going good got had has have having he hello
    help her here hey hi him his how i if im in into is it its ive just kind know let like ll look looking lot m make may maybe me might more most
    much must my need needed new no not now of off ok okay on one only or other our out over own people person please possible question re really
    right s say see shall she should show simply since so some someone somebody something sort still such sure t take tell than thank thanks that the
    their them then there these they thing things think this those to too try trying u until up us use using very want wanted was way we well were
    what which when where while who whom whose why will wish with within without wont would yes yet you your yours"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
FUNCTION_WEIGHT = 0.2

_IRREGULAR = {
    "broke": "break", "broken": "break", "came": "come", "gone": "go", "went": "go", "paid": "pay", "sent": "send", "lost": "lose", "bought": "buy",
    "brought": "bring", "left": "leave", "told": "tell", "said": "say", "took": "take", "taken": "take", "gave": "give", "given": "give", "spilt": "spill",
    "tore": "tear", "torn": "tear", "stole": "steal", "stolen": "steal", "forgot": "forget", "forgotten": "forget", "wrote": "write", "written": "write",
    "made": "make", "did": "do", "done": "do", "has": "have", "had": "have", "was": "be", "were": "be", "is": "be", "are": "be", "been": "be", "am": "be",
    "does": "do", "children": "child", "people": "person", "men": "man", "women": "woman", "cheaper": "cheap",
    "earlier": "early", "later": "late",
}  # fmt: skip

# Words that customers of any service business use for one another. A concept counts like one more word that both texts hold.
_CONCEPTS = {
    "staff": "team crew cleaner cleaners staff employee employees worker workers guy guys lady colleague colleagues technician driver helper people",
    "home": "home house place apartment flat condo property residence",
    "past-day": "yesterday monday tuesday wednesday thursday friday saturday sunday morning evening afternoon",
    "day": "today tomorrow tonight monday tuesday wednesday thursday friday saturday sunday weekend weekends holiday holidays day days date",
    "hours": "hours open opening close closing closed opened opens closes",
    "price": "price prices pricing cost costs charge charges fee fees rate rates quote expensive cheap cheaper",
    "cancel": "cancel cancels canceled cancelled canceling cancelling cancellation",
    "move": "reschedule rescheduled rescheduling postpone postponed rebook",
    "appointment": "appointment appointments booking bookings reservation reservations visit visits slot",
    "book": "book booking schedule reserve arrange",
    "refund": "refund refunds refunded reimburse reimbursed reimbursement",
    "order": "order orders purchase purchases purchased ordered",
    "arrive": "arrive arrived arrives arrival arriving deliver delivered delivery",
    "account": "account accounts profile",
    "sign-in": "login log signin password passcode passwords",
    "key": "key keys keycard fob lockbox",
    "pet": "pet pets dog dogs cat cats puppy kitten",
    "supplies": "supplies products product detergent detergents chemicals chemical",
    "trust": "insured insurance bonded vetted background",
    "window": "window windows glass",
    "phone": "phone phones telephone mobile cell",
    "email": "email emails mail",
    "change": "change changed changing update updated modify edit switch",
    "area": "area areas town city suburb neighborhood neighbourhood zip postcode",
    "late": "late delayed delay waiting",
}
_CONCEPT_OF: dict[str, tuple[str, ...]] = {}
CONCEPT_WORDS = {concept: frozenset(members.split()) for concept, members in _CONCEPTS.items()}
for _concept, _members in CONCEPT_WORDS.items():
    for _member in sorted(_members):
        _CONCEPT_OF[_member] = (*_CONCEPT_OF.get(_member, ()), _concept)

TOPICAL = (Trigger.DAMAGE, Trigger.INJURY_OR_DANGER, Trigger.LEGAL_THREAT, Trigger.ASKS_FOR_PERSON, Trigger.COMPLAINT, Trigger.MONEY)
"""Triggers that say what a message is about. Anger and VIP say how or by whom it is said."""


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers in their order, contractions written out, placeholders left out."""
    flat = PLACEHOLDER.sub(" ", text[:MAX_CHARS]).lower().replace("’", "'")
    for pattern, long_form in _LONG_FORMS:
        flat = pattern.sub(long_form, flat)
    return tuple(_TOKEN.findall(flat))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without the commonest English endings; a number becomes its shape (`0`, `00` …). Light on purpose: it never joins far words."""
    if word[0].isdigit():
        return "0" * min(4, sum(c.isdigit() for c in word))
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, least in (("ations", 4), ("ation", 4), ("ings", 4), ("ing", 3), ("ies", 2), ("ied", 2), ("ed", 3), ("es", 3), ("ly", 4), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not (ending == "s" and word.endswith(("ss", "us", "is"))):
            return _tidied(word[: -len(ending)] + ("y" if ending in {"ies", "ied"} else ""))
    return _tidied(word)


def _tidied(root: str) -> str:
    """One spelling for `cancell`/`cancel` and `schedule`/`schedul`."""
    if len(root) > 4 and root[-1] == root[-2] and root[-1] not in "aeiou":
        root = root[:-1]
    return root[:-1] if len(root) > 4 and root.endswith("e") else root


@lru_cache(maxsize=65536)
def _letters(word: str) -> tuple[str, ...]:
    """Groups of three to five letters inside a word with its ends marked: what is left of a word when it is misspelt."""
    marked = f"<{word}>"
    return tuple(marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1))


def is_content(word: str) -> bool:
    """Whether a token says what a text is about."""
    return word not in FUNCTION_WORDS


def concepts(text: str, words: Words) -> frozenset[str]:
    """The triggers and everyday concepts that stand in a text; triggers are named `!damage`, concepts `home`."""
    found = {f"!{trigger.value}" for trigger in fired(text[:MAX_CHARS], words) if trigger in TOPICAL}
    found.update(concept for token in tokens(text) for concept in _CONCEPT_OF.get(token, ()))
    return frozenset(found)


@lru_cache(maxsize=65536)
def word_concepts(word: str) -> frozenset[str]:
    """As `concepts`, for one word on its own and without a business's own trigger words."""
    return concepts(word, {})


PAIR_WEIGHT = 0.7
TRIGGER_WEIGHT = 1.6
CONCEPT_WEIGHT = 0.8


def word_features(text: str, words: Words) -> dict[str, float]:
    """Stems, pairs of neighbours and concepts of a text with how much each counts before rarity is looked at."""
    read = tokens(text)
    stems = [stem(token) for token in read]
    features: dict[str, float] = {}
    for token, root in zip(read, stems, strict=True):
        features[root] = 1.0 if is_content(token) else FUNCTION_WEIGHT
    plain = [is_content(token) for token in read]
    for at in range(len(stems) - 1):
        features[f"{stems[at]} {stems[at + 1]}"] = PAIR_WEIGHT if plain[at] or plain[at + 1] else FUNCTION_WEIGHT
    for concept in concepts(text, words):
        features[f"@{concept}"] = TRIGGER_WEIGHT if concept.startswith("!") else CONCEPT_WEIGHT
    return features


def letter_features(text: str) -> dict[str, float]:
    """Letter groups of the words of a text; those of function words count little."""
    features: dict[str, float] = {}
    for token in tokens(text):
        weight = 1.0 if is_content(token) else FUNCTION_WEIGHT
        for group in _letters(token if not token[0].isdigit() else stem(token)):
            features[group] = max(weight, features.get(group, 0.0))
    return features
