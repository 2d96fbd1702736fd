"""What the gate to the repository flags beyond the rules for redaction: anything that could be somebody's, at the price of a second look."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy.lists import UPPER, base, lists
from voicegit.domain.privacy.persons import shaped
from voicegit.domain.privacy.quantities import Hit, digits
from voicegit.domain.privacy.reading import Reading

_SIGN = re.compile(r"[^\s@\0]{1,64}@[^\s@\0]{1,64}")
_HANDLE = re.compile(r"(?<![\w@.])@[^\W_][\w.]{2,30}")
_RUN = re.compile(r"(?<![\w_])[+(#]{0,2}[A-Z]{0,3}-?\d(?:[ .\-/()]{0,2}\d){4,30}(?!\w)")
_IBAN_LIKE = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)", re.IGNORECASE)
_HOUSE = re.compile(
    rf"(?<![\w.$€£-])(?:\d{{1,5}}[a-z]? [{UPPER}][\w'’-]{{2,30}}(?: [{UPPER}][\w'’-]{{2,30}}){{0,3}} \d{{1,5}}"
    rf"|[{UPPER}][\w'’-]{{4,30}} \d{{1,5}}(?= street\b|, [{UPPER}]|\n))"
)
_KIND_FIRST = re.compile(r"(?<!\w)(?:rue|piazza|calle|avenida|rua|praça|ulica|ul\.)(?: [^\W\d_]{1,20}){1,4},? \d{1,5}(?!\w)", re.IGNORECASE)
_SIDED = re.compile(rf"(?<![\w.$€£-])\d{{1,5}} [NSEW]\.? [{UPPER}][\w'’-]{{2,30}}")
_CODED = re.compile(r"(?<![\w_-])(?=[A-Z0-9-]{0,20}\d)(?=[\d-]{0,20}[A-Z])[A-Z0-9][A-Z0-9-]{6,30}(?![\w-])")
_LETTERED = re.compile(r"(?<![\w-])[a-z]{1,3}\d{5,20}(?!\w)")
_CAPITALISED = re.compile(rf"(?<![\w'’])[{UPPER}][^\W\d_A-Z]{{2,30}}(?:['’-][^\W\d_]{{1,20}})?(?!\w)")
_LOWER = re.compile(r"(?<![\w'’@./{\[-])[^\W\d_A-Z]{3,30}(?![\w'’@/}\]-])")
_TOWN = re.compile(rf"(?<![\w'’])[{UPPER}][\w'’-]{{2,30}} (?!(?:19|20)\d\d(?!\d))\d{{4,6}}(?![\w%.,-]\d|\w)")
_STREET = re.compile(rf"(?<![\w'’])[{UPPER}][\w'’-]{{2,30}} (?:Street|Road|Avenue|Lane|Boulevard|street|road|avenue|lane|boulevard)(?!\w)")
# How English makes words of words: no name ends so.
_MADE = re.compile(
    r"(?:[ts]ions?|ments?|ity|ities|[ai]ls?|ives?|[ae]nces?|[ae]nts?|ness|[ai]ble|[ai]bly|ures?|[aeo]ry|ships?|isms?|i[sz]e[ds]?|ings?|[a-z]{3}(?:ed|ly|ers?|ies|outs?)|ics?|egy)$"
)
# No English word ends so that is not in our list of them, or nearly none.
_FOREIGN = re.compile(r"[a-z]{4,}[aou]$")
# Months that people are called: where a time would stand they are one.
_MONTH = re.compile(r"(?:April|June|Jan|August)(?!\w)(?! ?\d| and | or | to |[ –-]*(?:st|nd|rd|th)\b)")
_TIME_BEFORE = re.compile(
    r"(?:\b(?:in|on|of|until|till|by|from|since|before|after|during|through|next|last|this|every|each|early|late|mid|and|or|to|the|between|per)|\d)[ -]$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
# "the Oracle", "[Update Order]", "a Gold member": a thing of the business, not a person.
_THING_BEFORE = re.compile(
    r"(?:\b(?:the|an?|your|our|their|its|this|each|any|every|no|click|select|enter|via|using|use|on|in|through) "
    r"|[\[\"“‘'/(&+*-])$",
    re.IGNORECASE,
)
_THING_AFTER = re.compile(
    r" (?:accounts?|cards?|department|status|membership|members?|plans?|app|portal|form|page|button|option|program|policy|tiers?|level|customers?|team|fees?"
    r"|day|season|gift|store|service|number|code|points?)\b|[\]\"”’+&/-]",
    re.IGNORECASE,
)


def seen(reading: Reading) -> Iterator[Hit]:
    masked = reading.text
    if "@" in masked:
        yield from ((*found.span(), "email") for found in _SIGN.finditer(masked))
        yield from ((*found.span(), "name") for found in _HANDLE.finditer(masked))
    if reading.left:
        yield from _digits(reading.plain)
    yield from ((*found.span(), "address") for found in _STREET.finditer(masked) if not lists().everyday_word(base(found[0].split()[0])))
    at = 0
    for line in masked.split("\n"):
        if not _headed(line):
            yield from ((at + start, at + end, "name") for start, end in _names(line))
            yield from ((at + start, at + end, "name") for start, end in _in_lower_case(line))
        at += len(line) + 1


def _digits(plain: str) -> Iterator[Hit]:
    for found in _RUN.finditer(plain):
        if len(digits(found[0])) >= 6:
            yield (*found.span(), "account")
    for pattern, kind in (
        (_IBAN_LIKE, "iban"),
        (_HOUSE, "address"),
        (_TOWN, "address"),
        (_KIND_FIRST, "address"),
        (_SIDED, "address"),
        (_CODED, "order"),
        (_LETTERED, "account"),
    ):
        yield from ((*found.span(), kind) for found in pattern.finditer(plain))


def _headed(line: str) -> bool:
    """A heading or a label: its capitals say nothing."""
    return line.lstrip().startswith(("#", "title:", "|"))


def _names(line: str) -> Iterator[tuple[int, int]]:
    """A capitalised word inside a sentence that is no everyday word, or one that is a name in our lists; of a thing ("the Oracle") only the latter."""
    before = None
    for found in _CAPITALISED.finditer(line):
        word = base(found[0])
        listed = lists().sure(word) or shaped(word)
        unknown = listed or (lists().known(word) and word not in lists().never) or not lists().everyday_word(word)
        starts = _starts_sentence(line, found.start())
        joined = before is not None and not starts and line[before.end() : found.start()] == " "
        if starts:
            # "Validate the …" and "Grace is given": what begins a sentence is capitalised whatever it is.
            if unknown and (not word.isascii() or (listed and line[found.end() : found.end() + 1] in {":", ",", "'", "’"})):
                yield found.span()
        elif unknown and (listed or not _thing(line, found)):
            yield (before.start() if joined and before is not None else found.start()), found.end()
        before = found if unknown else None
    for found in _MONTH.finditer(line):
        if not _starts_sentence(line, found.start()) and not _TIME_BEFORE.search(line[max(0, found.start() - 12) : found.start()]):
            yield found.span()


def _in_lower_case(line: str) -> Iterator[tuple[int, int]]:
    """A listed name that somebody typed without its capital, or two words in a row that are no everyday words."""
    known = lists()
    before, called = -2, -2
    for found in _LOWER.finditer(line):
        word = found[0].casefold()
        if known.everyday_word(word):
            called = found.end() if word in known.called else -2
            continue
        if known.known(word) or shaped(word) or not word.isascii() or _FOREIGN.search(word):
            yield found.span()
        elif _MADE.search(word):
            continue
        elif found.start() in {before + 1, called + 1}:
            yield found.span()
        before = found.end()


def _thing(line: str, found: re.Match[str]) -> bool:
    return bool(_THING_BEFORE.search(line[max(0, found.start() - 12) : found.start()]) or _THING_AFTER.match(line, found.end()))


def _starts_sentence(line: str, at: int) -> bool:
    before = line[:at].rstrip(" \t\"'“”‘’*_>()[]-–\0")
    return not _WORD.search(before[-30:]) or before[-1] in ".!?:;/"
