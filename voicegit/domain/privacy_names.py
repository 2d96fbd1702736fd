"""Names of people: those the conversation knows, those the text announces, and common ones where a name would stand.

The lists `privacy_given.txt` and `privacy_family.txt` are read once. An entry that is also an everyday word (will, may, mark) or has
two letters counts only together with another part of a name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from voicegit.domain.privacy_quantities import Hit

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "ter",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "bint",
        "af",
        "av",
        "zu",
        "y",
        "e",
        "o'",
        "mac",
        "du",
        "st",
    ]
)
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "madam",
        "mister",
        "herr",
        "frau",
        "señor",
        "señora",
        "monsieur",
        "madame",
        "mme",
        "signor",
        "signora",
        "sra",
        "sr",
    ]
)
_GREETINGS = frozenset(["hi", "hello", "hey", "dear", "hiya", "howdy", "hallo", "liebe", "lieber", "hola", "bonjour", "ciao", "moin", "attn"])
# Capitalised for another reason than being a name: sentence starts, calendar, politeness, peoples, roles, ours and others' wares.
_NOT_NAMES = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "there",
        "here",
        "it",
        "its",
        "he",
        "she",
        "they",
        "we",
        "you",
        "i",
        "me",
        "my",
        "your",
        "our",
        "his",
        "her",
        "their",
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "which",
        "whose",
        "and",
        "or",
        "but",
        "if",
        "so",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "off",
        "on",
        "onto",
        "out",
        "over",
        "to",
        "up",
        "with",
        "without",
        "within",
        "about",
        "after",
        "before",
        "again",
        "also",
        "all",
        "any",
        "both",
        "each",
        "either",
        "every",
        "few",
        "many",
        "more",
        "most",
        "much",
        "no",
        "nor",
        "not",
        "now",
        "only",
        "other",
        "own",
        "same",
        "some",
        "such",
        "than",
        "then",
        "too",
        "very",
        "just",
        "yes",
        "yeah",
        "yep",
        "nope",
        "ok",
        "okay",
        "sure",
        "fine",
        "great",
        "good",
        "thanks",
        "thank",
        "thankyou",
        "please",
        "sorry",
        "apologies",
        "welcome",
        "hi",
        "hello",
        "hey",
        "dear",
        "hiya",
        "good",
        "morning",
        "afternoon",
        "evening",
        "night",
        "bye",
        "goodbye",
        "cheers",
        "regards",
        "sincerely",
        "best",
        "kind",
        "kindly",
        "warm",
        "love",
        "is",
        "am",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "will",
        "would",
        "let",
        "lets",
        "let's",
        "don't",
        "can't",
        "won't",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "today",
        "tomorrow",
        "yesterday",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "spring",
        "summer",
        "autumn",
        "winter",
        "christmas",
        "easter",
        "halloween",
        "thanksgiving",
        "english",
        "british",
        "american",
        "german",
        "french",
        "spanish",
        "italian",
        "indian",
        "chinese",
        "japanese",
        "dutch",
        "irish",
        "scottish",
        "welsh",
        "european",
        "african",
        "asian",
        "canadian",
        "mexican",
        "brazilian",
        "russian",
        "polish",
        "turkish",
        "greek",
        "swedish",
        "danish",
        "norwegian",
        "finnish",
        "portuguese",
        "swiss",
        "austrian",
        "belgian",
        "australian",
        "korean",
        "arab",
        "jewish",
        "muslim",
        "christian",
        "catholic",
        "sir",
        "madam",
        "maam",
        "ma'am",
        "team",
        "everyone",
        "everybody",
        "all",
        "folks",
        "guys",
        "friend",
        "friends",
        "customer",
        "customers",
        "support",
        "service",
        "staff",
        "agent",
        "manager",
        "owner",
        "user",
        "bot",
        "assistant",
        "doctor",
        "nurse",
        "someone",
        "anyone",
        "nobody",
        "somebody",
        "something",
        "anything",
        "nothing",
        "everything",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "street",
        "road",
        "avenue",
        "lane",
        "drive",
        "court",
        "suite",
        "apt",
        "apartment",
        "unit",
        "box",
        "city",
        "state",
        "country",
        "usa",
        "uk",
        "us",
        "eu",
        "inc",
        "ltd",
        "llc",
        "corp",
        "gmbh",
        "company",
        "group",
        "bank",
        "hotel",
        "restaurant",
        "inn",
        "pizza",
        "cafe",
        "store",
        "shop",
        "university",
        "college",
        "school",
        "hospital",
        "airport",
        "station",
        "center",
        "centre",
        "park",
        "visa",
        "mastercard",
        "paypal",
        "google",
        "apple",
        "amazon",
        "facebook",
        "instagram",
        "whatsapp",
        "android",
        "iphone",
        "windows",
        "excel",
        "order",
        "booking",
        "reservation",
        "account",
        "card",
        "number",
        "phone",
        "email",
        "address",
        "name",
        "date",
        "time",
        "price",
        "total",
        "invoice",
        "refund",
        "receipt",
        "ticket",
        "room",
        "table",
        "unfortunately",
        "however",
        "because",
        "since",
        "while",
        "although",
        "though",
        "maybe",
        "perhaps",
        "actually",
        "really",
        "well",
        "oh",
        "ah",
        "wow",
        "hmm",
        "um",
        "like",
        "need",
        "want",
        "looking",
        "hoping",
        "happy",
        "glad",
        "pleased",
        "excited",
        "afraid",
        "interested",
        "going",
        "trying",
        "calling",
        "writing",
        "having",
        "getting",
        "wondering",
        "waiting",
        "not",
        "still",
        "already",
        "always",
        "never",
        "sometimes",
        "often",
        "ready",
        "done",
        "back",
        "new",
        "old",
        "next",
        "last",
        "first",
        "once",
        "until",
        "unless",
        "whether",
        "yet",
        "wait",
        "look",
        "see",
        "try",
        "ask",
        "tell",
        "call",
        "call",
        "send",
        "give",
        "take",
        "make",
        "keep",
        "put",
        "get",
        "go",
        "come",
        "help",
        "check",
        "confirm",
        "use",
        "thanks",
    ]
)
_COMPANY = frozenset(
    [
        "inc",
        "ltd",
        "llc",
        "llp",
        "corp",
        "corporation",
        "company",
        "co",
        "group",
        "gmbh",
        "ag",
        "plc",
        "&",
        "sons",
        "bank",
        "hotel",
        "restaurant",
        "inn",
        "street",
        "road",
        "avenue",
        "lane",
        "software",
        "technologies",
        "solutions",
        "services",
    ]
)

_ANY = r"[^\W\d_][\w'’.-]{0,30}"
_CAP = r"(?-i:[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶĹĽŁŃŇŌŐŒŔŘŚŞŠŢŤŪŮŰŹŻŽΑ-ΩА-Я])[\w'’-]{0,30}"
_STARTS = (
    r"(?:my (?:full |first |last |given |family |sur)?name(?:'s| is| was|:)|(?:his|her|their|the|partner's|wife's|husband's|customer|caller|full|account|guest) name(?: on \w+ \w+)? (?:is|was)|(?<!\w)(?:full |first |last |sur)?name ?:|i am called|call me"
    r"|you can call me|mein name ist|ich heiße|ich heisse|me llamo|mi nombre es|je m'appelle|mi chiamo|meu nome é|i go by|names?'?s is|my names|name's|under the name(?: of)?|in the name of|change (?:it|my name|the name) to|name to)"
)
_ANNOUNCED = re.compile(rf"(?<!\w){_STARTS} {{0,3}}(?P<name>{_ANY}(?: {{1,2}}{_ANY}){{0,4}})", re.IGNORECASE)
_SPEAKING = re.compile(
    rf"\b(?:this is|it's|it is|here is) (?P<name>{_ANY}(?: {_ANY}){{0,2}}?),? (?:speaking|calling|here|writing|again|from|at|with)\b", re.IGNORECASE
)
_I_AM = re.compile(rf"(?<!\w)(?:i'm|i’m|i am|im|ich bin|soy|je suis|sono) (?P<name>{_CAP}(?: {_CAP}){{0,3}})", re.IGNORECASE)
_SIGNED = re.compile(
    rf"(?:\b(?:regards|sincerely|cheers|best(?: wishes)?|thanks(?: again)?|thank you|many thanks|love|respectfully|yours|yours truly|faithfully|grüße|gruß|saludos|cordialement|saluti)"
    rf"[,!.]{{0,2}} {{0,2}}\n\s{{0,4}}|\b(?:regards|sincerely|yours truly|best wishes|viele grüße|mit freundlichen grüßen), {{0,2}}|(?:^|\n) {{0,2}}[-–—~] {{0,2}})(?P<name>{_CAP}(?:\.? {_CAP}){{0,3}})[ .!]{{0,3}}(?=$|\n|\0)",
    re.IGNORECASE,
)
_POINTED = re.compile(
    rf"\b(?:(?:spoke|speak|talk(?:ed)?|speaking|talking) (?:to|with)|on behalf of|c/o|attn:?|attention:?|ask(?:ed)? for|signed by|(?:helped|served|assisted|seen|booked) by|care of|regarding|meet|thank(?:s| you),?)"
    rf" (?P<name>{_CAP}(?:\.? {_CAP}){{0,3}})",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:wife|husband|partner|son|daughter|friend|colleague|co-?worker|boss|brother|sister|mother|father|mom|mum|dad|aunt|uncle|cousin|grand(?:mother|father|son|daughter)|fianc[eé]e?|boyfriend|girlfriend|roommate|neighbou?r"
    rf"|secretary|lawyer|landlord|tenant|nephew|niece|stylist|dentist|therapist|teacher)(?:'s name is| is called| is named| named| called|'s name,?|,)? (?P<name>{_CAP}(?: {_CAP}){{0,2}})",
    re.IGNORECASE,
)
_TITLED = re.compile(
    rf"(?<!\w)(?:mr|mrs|ms|miss|mx|dr|prof|professor|herr|herrn|frau|señora?|monsieur|madame|mme|signora?|sr|sra)\.? {{1,2}}(?P<name>{_ANY}(?: {_CAP}){{0,2}})",
    re.IGNORECASE,
)
_GREETED = re.compile(
    rf"(?<!\w)(?:hi|hello|hey|dear|hiya|hallo|liebe|lieber|hola|bonjour|ciao|good (?:morning|afternoon|evening)),? (?P<name>{_CAP}(?: {_CAP}){{0,2}})(?= {{0,2}}[,!.:;\n-]|$)",
    re.IGNORECASE,
)
_CUED = ((_I_AM, True), (_SIGNED, True), (_POINTED, True), (_KIN, True), (_GREETED, True), (_ANNOUNCED, False), (_SPEAKING, False), (_TITLED, False))
_ACTS = re.compile(
    r"'s (?:wife|husband|name|account|order|birthday|address|phone|killer)|,? (?:\w+ly )?(?:lives?|lived|said|says|told|asked|wrote|works?|worked|called|was born|moved|married|listed|and his|and her|(?:is|was) (?:a very|my|our|the (?:ceo|founder|author|owner))|will be talking)\b"
)


@dataclass(frozen=True)
class _Lists:
    given: frozenset[str]
    family: frozenset[str]
    given_or_word: frozenset[str]
    family_or_word: frozenset[str]

    def sure(self, low: str) -> bool:
        return low in self.given or low in self.family

    def known(self, low: str) -> bool:
        return self.sure(low) or low in self.given_or_word or low in self.family_or_word


@lru_cache(maxsize=1)
def lists() -> _Lists:
    given, given_or_word = _read("privacy_given.txt", shortest=3)
    family, family_or_word = _read("privacy_family.txt", shortest=4)
    # Where one list says it is an everyday word, it is one.
    words = given_or_word | family_or_word
    return _Lists(given - words, family - words, given_or_word, family_or_word)


def _read(name: str, *, shortest: int) -> tuple[frozenset[str], frozenset[str]]:
    entries = [entry for line in files("voicegit.domain").joinpath(name).read_text("utf-8").splitlines() if not line.startswith("#") for entry in line.split()]
    unsure = frozenset(entry.rstrip("~") for entry in entries if entry.endswith("~") or len(entry) < shortest)
    return frozenset(entry for entry in entries if not entry.endswith("~")) - unsure - _NOT_NAMES, unsure


def seen(masked: str, names: tuple[str, ...]) -> Iterator[Hit]:
    if names:
        yield from ((*span, "name") for span in _given_ones(masked, names))
    yield from _announced(masked)
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
        forms.update(re.escape(word) for word in singles if len(word) > 1 and word.casefold().rstrip(".") not in _PARTICLES | _TITLES)
    chosen = sorted(forms - {""}, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(chosen)})(?![^\W_])" if chosen else r"(?!)", re.IGNORECASE)


def _everyday(masked: str, found: re.Match[str]) -> bool:
    """A customer called Will does not own the word "will": in lower case, or capitalised where a sentence begins with a verb."""
    word = found[0]
    low = word.casefold()
    if " " in word or not (low in _NOT_NAMES or low in lists().given_or_word or low in lists().family_or_word):
        return False
    if word[0].islower():
        return not _alone(masked, found)
    return low in _NOT_NAMES and _begins_sentence(masked, found.start()) and bool(re.match(r" [a-z]", masked[found.end() : found.end() + 2]))


def _alone(masked: str, found: re.Match[str]) -> bool:
    return not (masked[: found.start()] + masked[found.end() :]).strip(" .,!?\n")


def _announced(masked: str) -> Iterator[Hit]:
    for pattern, capitalised in _CUED:
        for found in pattern.finditer(masked):
            yield from _up_to_a_word(masked, found, capitalised)


def _up_to_a_word(masked: str, found: re.Match[str], capitalised: bool) -> Iterator[Hit]:
    """The announced words up to the first that is no name. In lower case at most three, and none of what ends an introduction."""
    start, end, count = found.start("name"), 0, 0
    for word in _WORD.finditer(masked, start, found.end("name")):
        low = word[0].casefold().removesuffix("'s").removesuffix("’s")
        if (word.start() > start and re.search(r"[,;:!?]", masked[end : word.start()])) or (low in _NOT_NAMES and not (count and low in _PARTICLES)):
            break
        if not word[0][0].isupper() and count and (capitalised or low in _ENDS or count >= 3):
            break
        if not word[0][0].isupper() and not count and low in _ENDS:
            break
        if "." in masked[end : word.start()] and count and len(masked[end - 1 : end]) and end - start > 3:
            break
        end, count = word.start() + len(low), count + 1
    if count:
        yield start, end, "name"


_ENDS = frozenset(
    [
        "and",
        "but",
        "my",
        "i",
        "im",
        "from",
        "with",
        "calling",
        "here",
        "speaking",
        "writing",
        "have",
        "had",
        "want",
        "would",
        "could",
        "can",
        "need",
        "is",
        "was",
        "are",
        "for",
        "at",
        "on",
        "in",
        "the",
        "a",
        "an",
        "to",
        "not",
        "misspelled",
        "incorrect",
        "wrong",
        "spelled",
        "correct",
        "phone",
        "number",
        "email",
        "address",
        "account",
        "order",
        "zip",
        "code",
        "id",
        "password",
        "pin",
        "ssn",
        "username",
        "please",
        "thanks",
        "sir",
        "madam",
        "also",
        "looking",
        "trying",
        "going",
        "so",
        "very",
        "just",
    ]
)


def _listed(masked: str) -> Iterator[Hit]:
    """Runs of capitalised words with a listed name among them, or in a form only names have; lower case only as given + family name or alone."""
    known = lists()
    words = list(_WORD.finditer(masked))
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


def _base(word: re.Match[str]) -> str:
    return word[0].casefold().removesuffix("'s").removesuffix("’s")


def _run(masked: str, words: list[re.Match[str]], at: int) -> list[re.Match[str]]:
    """Capitalised words one space (or an initial's point) apart, particles between them allowed; at most five."""
    run: list[re.Match[str]] = []
    for word in words[at : at + 6]:
        gap = masked[run[-1].end() : word.start()] if run else " "
        if gap not in {" ", "  "} and not (gap == ". " and len(run[-1][0]) <= 2):
            break
        if not word[0][0].isupper() and not (run and word[0] in _PARTICLES):
            break
        if _base(word) in _NOT_NAMES and _base(word) not in lists().given_or_word:
            break
        run.append(word)
        if word[0].endswith(("'s", "’s")):
            break
    while run and not run[-1][0][0].isupper():
        run.pop()
    return run


def _judged(masked: str, run: list[re.Match[str]], known: _Lists) -> Iterator[Hit]:
    after = _WORD.match(masked, run[-1].end() + 1)
    if (after and after[0].casefold() in _COMPANY) or _base(run[-1]) in _COMPANY or masked[run[-1].end() : run[-1].end() + 3] in {" & ", ", I"}:
        return
    first = next((i for i, word in enumerate(run) if known.sure(_base(word))), None)
    if first is None:
        first = next((i for i, word in enumerate(run[:-1]) if known.known(_base(word)) and known.known(_base(run[i + 1]))), None)
    if first is None and (_initialled(run) or (len(run) in {2, 3} and _ACTS.match(masked, run[-1].end()))):
        first = 0
    if first is None:
        return
    if (first and not _begins_sentence(masked, run[0].start())) or (first and not all(_base(word) in _NOT_NAMES for word in run[:first]) and len(run) == 2):
        first = 0
    yield run[first].start(), run[-1].start() + len(_base(run[-1])), "name"


def _initialled(run: list[re.Match[str]]) -> bool:
    return len(run) == 3 and len(run[1][0]) == 1 and len(run[0][0]) > 1 and len(run[2][0]) > 1


def _begins_sentence(masked: str, at: int) -> bool:
    before = masked[max(0, at - 4) : at].rstrip(" \t\"'“*_>#-")
    return not before or before[-1] in ".!?:\n\0"


def _lower_pair(masked: str, words: list[re.Match[str]], at: int, known: _Lists) -> Iterator[Hit]:
    if _base(words[at]) in known.given and at + 1 < len(words):
        second = words[at + 1]
        if masked[words[at].end() : second.start()] == " " and (_base(second) in known.family or _base(second) in known.given):
            yield words[at].start(), second.start() + len(_base(second)), "name"


def _bare(masked: str, words: list[re.Match[str]], known: _Lists) -> Iterator[Hit]:
    """A message that is nothing but a name: the answer to "Could I have your name?"."""
    rest = _WORD.sub("", masked).strip(" .,!\n")
    if (
        words
        and not rest
        and all(known.known(_base(word)) and _base(word) not in _NOT_NAMES for word in words)
        and any(known.sure(_base(word)) for word in words)
    ):
        yield words[0].start(), words[-1].start() + len(_base(words[-1])), "name"
