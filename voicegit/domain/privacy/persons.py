"""Names of people: those the conversation knows, those the text announces, and common ones where a name would stand."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from voicegit.domain.privacy import cues
from voicegit.domain.privacy.lists import PARTICLES, TITLES, WORD, Lists, bare, base, lists
from voicegit.domain.privacy.quantities import Hit
from voicegit.domain.privacy.reading import Reading

_KIN = r"(?:wife|husband|kids?|son|daughter|mother|father|brother|sister|friend|partner|boss)"
# What only people do: after two or three capitalised words, and (the second form) after a single one.
_ACTS = re.compile(
    r"['’]s (?:name|account|order|birthday|address|phone|killers?)|,? (?:\w{1,12}ly )?(?:lives?|lived|works?|worked|called|was born|moved|married|listed"
    r"|had given|and his|and her|(?:is|was) (?:a very|my|our|the (?:ceo|founder|author|owner))|will be talking)\b|,? as (?:a beneficiary|an? authori[sz]ed)"
)
_LIVES = re.compile(r" (?:spent|grew up|joined|loves|met|recommended|promised|lives|lived|had given|moved|was born)\b")
_SPEAKS = re.compile(
    rf"['’]s {_KIN}\b|,? (?:said|says|told|asked|replied|answered|explained|shouted|wrote) |, (?:can|could|would|will) (?:you|i|we)\b|, please\b|: ?\\?[\"“]",
    re.IGNORECASE,
)
_SAID_BY = re.compile(r"(?:\b(?:said|says|told|asked|by the name of|tribute to|assistant to)|\bunder) $")
_DETERMINED = re.compile(r"\b(?:the|an?|your|our|this|that|each|every|any) $", re.IGNORECASE)
_WHERE = re.compile(r"\b(?:in|near|city|where:|around|town of|capital) $", re.IGNORECASE)
# Endings of family names in Slavic, Nordic, Baltic, Caucasian, Greek, Romance and Germanic languages.
_SHAPE = re.compile(
    r"\w{2,}(?:ov|ova|ev|eva|skij|sky|ski|ska|ský|ská|ić|vić|vich|wicz|ič|ková|ová|enko|shvili|švili|svili|dze|yan|sson|sdóttir|dóttir|dottir|ssen|rsen|nsen|lsen|ksen|tsen|ström|strom"
    r"|qvist|quist|lund|nen|opoulos|poulos|akis|idis|escu|ández|endez|guez|inez|ález|etti|ucci|elli|icci|achi|oğlu|wala|mann|stein)|(?:mc|o['’])\w{4,}"
)
# What may stand around a single name.
_AFTER_NAME = frozenset(("", " ", ",", ".", "!", "?", ";", ":", "\n", "'", "’"))
_FIRST = re.compile(r" ?[,.!](?! ?[A-Z]{2}\b)| (?:here|speaking|is my name|and i|not)\b|['’]s\b")
_INSIDE = re.compile(r"[^\W\dA-Z_],? $")
_CAPITAL_NEXT = re.compile(r"['’]?s? [A-Z]")
_STATE = re.compile(r", I[A-Z]\b")
_TOWNLIKE = re.compile(r"kharkov|rostov|pskov|saratov|tambov|azov|moldova|genova|padova|mantova|kosovo|yerevan|oslund|islund|whisky|season|lessons?|pelican")
_COMPANY = re.compile(
    r"(?:inc|ltd|llc|llp|corp|corporation|company|co|group|gmbh|ag|plc|sons|bank|hotel|restaurant|inn|street|st|road|avenue|lane|way|creek|beach|bridge|islands?|county"
    r"|square|airport|church|cathedral|university|college|school|hospital|museum|software|technologies|solutions|services|investments|industries|foundation)"
)
PLACE_START = re.compile(r"(?:san|santa|santo|saint|st|são|port|fort|mount|lake|new|los|las|cité|cite|sankt|villa|vila)")


def seen(reading: Reading, names: tuple[str, ...]) -> Iterator[Hit]:
    yield from known(reading.text, names)
    yield from cues.seen(reading)
    yield from _listed(reading)


def known(masked: str, names: tuple[str, ...]) -> Iterator[Hit]:
    """These people's names, whole or in part."""
    if names:
        yield from ((*span, "name") for span in _given_ones(masked, names))


def addressed(masked: str, customer: str) -> Iterator[Hit]:
    """The customer's full or first name, for the placeholder a later reply fills; the last name alone is left to `seen`."""
    first = customer.split(maxsplit=1)[0]
    full = _compiled((customer,), False)
    starts = {word.casefold() for word in (first,)}
    for found in full.finditer(masked):
        if found[0].casefold().startswith(tuple(starts)) and not _everyday(masked, found):
            yield (*found.span(), "name")


def _given_ones(masked: str, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for found in _compiled(names, True).finditer(masked):
        if not _everyday(masked, found):
            yield found.span()


@lru_cache(maxsize=256)
def _compiled(names: tuple[str, ...], parts: bool) -> re.Pattern[str]:
    forms: set[str] = set()
    for name in names:
        words = [word for word in re.split(r"[\s,]+", name.strip()) if any(char.isalnum() for char in word)]
        forms.add(r"\s+".join(map(re.escape, words)))
        singles = words if parts else words[:1]
        forms.update(re.escape(word) for word in singles if len(word) > 1 and word.casefold().rstrip(".") not in PARTICLES | TITLES)
    chosen = sorted(forms - {""}, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(chosen)})(?![^\W_])" if chosen else r"(?!)", re.IGNORECASE)


def _everyday(masked: str, found: re.Match[str]) -> bool:
    """A customer called Will does not own the word "will": in lower case, or capitalised where a sentence begins with a verb."""
    word = found[0]
    low = word.casefold()
    if " " in word or low not in lists().everyday:
        return False
    if word[0].islower():
        return not _alone(masked, found)
    return low in lists().never and _begins_sentence(masked, found.start()) and bool(re.match(r" [a-z]", masked[found.end() : found.end() + 2]))


def _alone(masked: str, found: re.Match[str]) -> bool:
    return not (masked[: found.start()] + masked[found.end() :]).strip(" .,!?\n")


def _listed(reading: Reading) -> Iterator[Hit]:
    """Runs of capitalised words with a listed name among them, or in a form only names have; lower case where a text has no capitals at all."""
    known, masked = lists(), reading.text
    words = list(WORD.finditer(masked))
    if len(words) <= 3:
        yield from _bare(masked, words, known)
    runs: list[tuple[list[re.Match[str]], Hit | None]] = []
    at = 0
    in_lower_case = any(name in masked for name in known.given.intersection(reading.words))
    capitals = not masked.islower()
    texts = [word[0] for word in words]
    while at < len(texts):
        text = texts[at]
        run = _run(masked, words, at) if text[0].isupper() and not known.starts_none(text) else []
        if run:
            runs.append((run, _judged(masked, run, known)))
        elif in_lower_case and text[0].islower() and base(text) in known.given:
            yield from _lower(masked, words, at, known, capitals)
        at += len(run) or 1
    yield from (hit for _, hit in runs if hit is not None)
    if len(runs) > 1 and any(hit is not None for _, hit in runs):
        yield from _enumerated(masked, runs)


def _enumerated(masked: str, runs: list[tuple[list[re.Match[str]], Hit | None]]) -> Iterator[Hit]:
    """ "Dana, Rose and Kuba": beside a certain name in a list, other capitalised words are names too, and names beside them."""
    named = [hit is not None for _, hit in runs]
    for here, there in [*pairwise(range(len(runs))), *pairwise(reversed(range(len(runs))))]:
        other = runs[there][0]
        if named[here] and not named[there] and _listed_beside(masked, runs[here][0], other):
            named[there] = True
            yield other[0].start(), other[-1].start() + len(bare(other[-1][0])), "name"


def _listed_beside(masked: str, run: list[re.Match[str]], other: list[re.Match[str]]) -> bool:
    first, last = sorted((run, other), key=lambda part: part[0].start())
    gap = masked[first[-1].end() : last[0].start()]
    if len(other) > 2 or _company(other, WORD.match(masked, other[-1].end() + 1)):
        return False
    return gap in {" and ", ", and ", " & ", " or ", " und ", " y ", " et "} or (gap == ", " and len(other) == 1 and lists().known(base(other[0][0])))


def _run(masked: str, words: list[re.Match[str]], at: int) -> list[re.Match[str]]:
    """Capitalised words one space (or an initial's point) apart, particles between them allowed; at most five."""
    run: list[re.Match[str]] = []
    for word in words[at : at + 6]:
        gap = masked[run[-1].end() : word.start()] if run else " "
        if gap not in {" ", "  "} and not (gap == ". " and len(run[-1][0]) <= 2):
            break
        if not word[0][0].isupper() and not (run and word[0] in PARTICLES):
            break
        if base(word[0]) in lists().never and not _names_somebody(words, word, at + len(run)):
            break
        run.append(word)
        if word[0].endswith(("'s", "’s")):
            break
    while run and not run[-1][0][0].isupper():
        run.pop()
    return run


def _names_somebody(words: list[re.Match[str]], word: re.Match[str], at: int) -> bool:
    """Will and May are words, unless a family name follows."""
    return lists().known(base(word[0])) and at + 1 < len(words) and words[at + 1].start() == word.end() + 1 and lists().sure(base(words[at + 1][0]))


def _judged(masked: str, run: list[re.Match[str]], known: Lists) -> Hit | None:
    """The part of the run that is a name, or None."""
    after = WORD.match(masked, run[-1].end() + 1)
    if _company(run, after) or masked.startswith(" & ", run[-1].end()) or _STATE.match(masked, run[-1].end()):
        return None
    parts = [base(word[0]) for word in run]
    first = next((i for i, part in enumerate(parts) if known.sure(part)), None)
    if first is None:
        first = next((i for i, (part, other) in enumerate(pairwise(parts)) if _together(part, other, known)), None)
    if first is None and (_formed(masked, run, parts) or _called(masked, run)):
        first = 0
    if first is None:
        return None
    if first and (len(run) == 2 or not _begins_sentence(masked, run[0].start())):
        first = 0
    return run[first].start(), run[-1].start() + len(bare(run[-1][0])), "name"


def _together(part: str, other: str, known: Lists) -> bool:
    """Whether what is a name among other things is one beside this word."""
    return known.known(part) and (known.known(other) or shaped(other) or (part in known.called and _unknown(other)))


def _called(masked: str, run: list[re.Match[str]]) -> bool:
    """Mark, Grace or Ray by a capital that nothing else explains: inside a sentence, or as its first word with a comma, a point or "here" behind it."""
    word = run[0][0]
    if len(run) > 1 or base(word) not in lists().called or word.isupper() or masked[run[0].end() : run[0].end() + 1] not in _AFTER_NAME:
        return False
    before, after = masked[max(0, run[0].start() - 12) : run[0].start()], masked[run[0].end() : run[0].end() + 16]
    if _begins_sentence(masked, run[0].start()):
        return _FIRST.match(after) is not None
    return _INSIDE.search(before) is not None and not _DETERMINED.search(before) and _CAPITAL_NEXT.match(after) is None


def _formed(masked: str, run: list[re.Match[str]], parts: list[str]) -> bool:
    """No listed name, but the shape or the surroundings of one."""
    before = masked[max(0, run[0].start() - 20) : run[0].start()]
    if _initialled(run) or (any(map(shaped, parts)) and not _WHERE.search(before)):
        return True
    abbreviated = len(run[-1][0]) <= 3 and run[-1][0].isupper()
    if abbreviated or _DETERMINED.search(before) or parts[0] in lists().never or parts[0].endswith("ly") or len(parts[0]) < 3:
        return False
    end = run[-1].start() + len(bare(run[-1][0]))
    spoken = _SPEAKS.match(masked, end) or _SAID_BY.search(before)
    return bool(spoken or (_ACTS if len(run) in {2, 3} else _LIVES).match(masked, end))


def _unknown(word: str) -> bool:
    """Whether it is no everyday word of English, nor too short to tell."""
    return len(word) > 3 and word.isalpha() and not word.isupper() and not lists().everyday_word(base(word))


def shaped(part: str) -> bool:
    """Whether a case-folded word ends as family names of several languages do."""
    return len(part) > 5 and _SHAPE.fullmatch(part) is not None and _TOWNLIKE.fullmatch(part) is None and part not in lists().never


def _company(run: list[re.Match[str]], after: re.Match[str] | None) -> bool:
    if after and _COMPANY.fullmatch(after[0].casefold()):
        return True
    return len(run) > 1 and bool(_COMPANY.fullmatch(base(run[-1][0])) or PLACE_START.fullmatch(base(run[0][0])))


def _initialled(run: list[re.Match[str]]) -> bool:
    return len(run) == 3 and len(run[1][0]) == 1 and len(run[0][0]) > 1 and len(run[2][0]) > 1


def _begins_sentence(masked: str, at: int) -> bool:
    before = masked[max(0, at - 4) : at].rstrip(" \t\"'“*_>#-")
    return not before or before[-1] in ".!?:\n\0"


def _lower(masked: str, words: list[re.Match[str]], at: int, known: Lists, capitals: bool) -> Iterator[Hit]:
    """Typed without capitals: a given name with the name after it; alone only if the whole text is so typed and the name is no short word."""
    word = words[at]
    second = words[at + 1] if at + 1 < len(words) and masked[word.end() : words[at + 1].start()] == " " else None
    if second and (known.sure(base(second[0])) or shaped(base(second[0])) or (len(word[0]) > 3 and _unknown(second[0]))):
        yield word.start(), second.start() + len(bare(second[0])), "name"
    elif not capitals and len(base(word[0])) > 4:
        yield word.start(), word.start() + len(bare(word[0])), "name"


def _bare(masked: str, words: list[re.Match[str]], known: Lists) -> Iterator[Hit]:
    """A message that is nothing but a name: the answer to "Could I have your name?"."""
    if not words or WORD.sub("", masked).strip(" .,!\n"):
        return
    parts = [base(word[0]) for word in words]
    called = len(parts) == 1 and words[0][0][0].isupper() and parts[0] in known.called
    if called or (all(known.known(part) and part not in known.never for part in parts) and any(map(known.sure, parts))):
        yield words[0].start(), words[-1].start() + len(bare(words[-1][0])), "name"
