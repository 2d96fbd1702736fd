"""Names of people: those the conversation knows, those the text announces, and common ones where a name would stand."""

import re
from collections.abc import Iterator
from functools import lru_cache

from voicegit.domain import privacy_cues
from voicegit.domain.privacy_lists import PARTICLES, TITLES, WORD, Lists, base, lists
from voicegit.domain.privacy_quantities import Hit

# What only people do, after two or three capitalised words.
_ACTS = re.compile(
    r"'s (?:wife|husband|name|account|order|birthday|address|phone|killer)|,? (?:\w{1,12}ly )?(?:lives?|lived|said|says|told|asked|wrote|works?|worked|called"
    r"|was born|moved|married|listed|and his|and her|(?:is|was) (?:a very|my|our|the (?:ceo|founder|author|owner))|will be talking)\b"
)
_COMPANY = re.compile(
    r"(?:inc|ltd|llc|llp|corp|corporation|company|co|group|gmbh|ag|plc|sons|bank|hotel|restaurant|inn|street|st|road|avenue|lane|way|creek|beach|bridge|islands?|county"
    r"|square|airport|church|cathedral|university|college|school|hospital|museum|software|technologies|solutions|services|investments|industries|foundation)"
)
_PLACE_START = re.compile(r"(?:san|santa|santo|saint|st|são|port|fort|mount|lake|new|los|las|cité|cite|sankt|villa|vila)")


def seen(masked: str, names: tuple[str, ...]) -> Iterator[Hit]:
    if names:
        yield from ((*span, "name") for span in _given_ones(masked, names))
    yield from privacy_cues.seen(masked)
    yield from _listed(masked)


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
    if " " in word or not (low in lists().never or low in lists().either):
        return False
    if word[0].islower():
        return not _alone(masked, found)
    return low in lists().never and _begins_sentence(masked, found.start()) and bool(re.match(r" [a-z]", masked[found.end() : found.end() + 2]))


def _alone(masked: str, found: re.Match[str]) -> bool:
    return not (masked[: found.start()] + masked[found.end() :]).strip(" .,!?\n")


def _listed(masked: str) -> Iterator[Hit]:
    """Runs of capitalised words with a listed name among them, or in a form only names have; lower case only as given + family name or alone."""
    known = lists()
    words = list(WORD.finditer(masked))
    if len(words) <= 3:
        yield from _bare(masked, words, known)
    at = 0
    while at < len(words):
        if not words[at][0][0].isupper():
            yield from _lower_pair(masked, words, at, known)
            at += 1
            continue
        run = _run(masked, words, at)
        if run:
            yield from _judged(masked, run, known)
        at += max(1, len(run))


def _run(masked: str, words: list[re.Match[str]], at: int) -> list[re.Match[str]]:
    """Capitalised words one space (or an initial's point) apart, particles between them allowed; at most five."""
    run: list[re.Match[str]] = []
    for word in words[at : at + 6]:
        gap = masked[run[-1].end() : word.start()] if run else " "
        if gap not in {" ", "  "} and not (gap == ". " and len(run[-1][0]) <= 2):
            break
        if not word[0][0].isupper() and not (run and word[0] in PARTICLES):
            break
        if base(word[0]) in lists().never and base(word[0]) not in lists().either:
            break
        run.append(word)
        if word[0].endswith(("'s", "’s")):
            break
    while run and not run[-1][0][0].isupper():
        run.pop()
    return run


def _judged(masked: str, run: list[re.Match[str]], known: Lists) -> Iterator[Hit]:
    after = WORD.match(masked, run[-1].end() + 1)
    if (after and _COMPANY.fullmatch(after[0].casefold())) or masked[run[-1].end() : run[-1].end() + 3] in {" & ", ", I"}:
        return
    if len(run) > 1 and (_COMPANY.fullmatch(base(run[-1][0])) or _PLACE_START.fullmatch(base(run[0][0]))):
        return
    first = next((i for i, word in enumerate(run) if known.sure(base(word[0]))), None)
    if first is None:
        first = next((i for i, word in enumerate(run[:-1]) if known.known(base(word[0])) and known.known(base(run[i + 1][0]))), None)
    if first is None and (_initialled(run) or (len(run) in {2, 3} and _ACTS.match(masked, run[-1].end()))):
        first = 0
    if first is None:
        return
    if first and (len(run) == 2 or not _begins_sentence(masked, run[0].start())):
        first = 0
    yield run[first].start(), run[-1].start() + len(base(run[-1][0])), "name"


def _initialled(run: list[re.Match[str]]) -> bool:
    return len(run) == 3 and len(run[1][0]) == 1 and len(run[0][0]) > 1 and len(run[2][0]) > 1


def _begins_sentence(masked: str, at: int) -> bool:
    before = masked[max(0, at - 4) : at].rstrip(" \t\"'“*_>#-")
    return not before or before[-1] in ".!?:\n\0"


def _lower_pair(masked: str, words: list[re.Match[str]], at: int, known: Lists) -> Iterator[Hit]:
    if base(words[at][0]) in known.given and at + 1 < len(words):
        second = words[at + 1]
        if masked[words[at].end() : second.start()] == " " and (base(second[0]) in known.family or base(second[0]) in known.given):
            yield words[at].start(), second.start() + len(base(second[0])), "name"


def _bare(masked: str, words: list[re.Match[str]], known: Lists) -> Iterator[Hit]:
    """A message that is nothing but a name: the answer to "Could I have your name?"."""
    if not words or WORD.sub("", masked).strip(" .,!\n"):
        return
    parts = [base(word[0]) for word in words]
    if all(known.known(part) and part not in known.never for part in parts) and any(map(known.sure, parts)):
        yield words[0].start(), words[-1].start() + len(parts[-1]), "name"
