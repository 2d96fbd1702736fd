"""Names that the text itself announces: "my name is …", "this is … speaking", "Dear …", "Mr …", "regards, …"."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy.lists import PARTICLES, UPPER, WORD, bare, base, lists
from voicegit.domain.privacy.quantities import Hit
from voicegit.domain.privacy.reading import Reading, cued, matches

_ANY = r"[^\W\d_][\w'’.-]{0,30}"
_CAP = rf"(?-i:[{UPPER}])[\w'’-]{{0,30}}"
_ONE_TO_THREE = rf"(?P<name>{_CAP}(?: {_CAP}){{0,2}})"
_ONE_TO_FOUR = rf"(?P<name>{_CAP}(?:\.? {_CAP}){{0,3}})"

_OTHERS = (
    r"(?:his|her|their|the|partner's|wife's|husband's|customer|caller|full|account|guest) name(?: on \w{1,12} \w{1,12})? (?:is|was)"
    r"|under the name(?: of)?|name to"
)
_STARTS = (
    r"my (?:full |first |last |given |family |sur)?name(?:'s|’s| is| was|:)|(?:full|first|last|customer|guest) name ?:|(?<=\n)name ?:|^name ?:",
    r"(?:you can )?call me|i am called|i go by|names?'?s is|my names|name's|in the name of|change (?:my name|the name) to",
    r"mein name ist|ich heiße|ich heisse|me llamo|mi nombre es|je m'appelle|mi chiamo|meu nome é",
)
_KIN = (
    r"(?:wife|husband|partner|son|daughter|friend|colleague|co-?worker|boss|brother|sister|mother|father|mom|mum|dad|aunt|uncle|cousin|nephew|niece"
    r"|grand(?:mother|father|son|daughter)|fianc[eé]e?|boyfriend|girlfriend|roommate|neighbou?r|secretary|lawyer|landlord|tenant|stylist|dentist|therapist|teacher)"
)
_POINTERS = (
    r"(?:spoke|speak|talk(?:ed)?|speaking|talking) (?:to|with)|on behalf of|c/o|attn:?|attention:?|ask(?:ed)? for|signed by"
    r"|(?:helped|served|assisted|seen|booked) by|care of|regarding|meet|thank(?:s| you),?"
)
_CLOSINGS = (
    r"(?:regards|sincerely|cheers|best(?: wishes)?|thanks(?: again)?|thank you|many thanks|love|respectfully|yours(?: truly)?|faithfully"
    r"|grüße|gruß|saludos|cordialement|saluti)"
)
_GREETINGS = r"(?:hi|hello|hey|dear|hiya|hallo|liebe|lieber|hola|bonjour|ciao|good (?:morning|afternoon|evening))"
_CIVIL = r"(?:mr|mrs|ms|mx|prof|professor|herr|herrn|frau|señora?|monsieur|madame|mme|signora?|sra)"

# What each pattern below cannot do without; see `reading.Cued`.
_CLOSING_WORDS = "regards sincerely cheers best thanks thank love respectfully yours faithfully grüße gruß saludos cordialement saluti"
_POINTER_WORDS = (
    "spoke speak talk talked speaking talking behalf c attn attention ask asked signed helped served assisted seen booked care regarding meet thank thanks name"
)
_KIN_WORDS = (
    "wife husband partner son daughter friend colleague worker coworker boss brother sister mother father mom mum dad aunt uncle cousin nephew niece"
    " grandmother grandfather grandson granddaughter fiance fiancee fiancé fiancée boyfriend girlfriend roommate neighbor neighbour secretary lawyer"
    " landlord tenant stylist dentist therapist teacher"
)
_GREETING_WORDS = "hi hello hey dear hiya hallo liebe lieber hola bonjour ciao good"
_START_WORDS = "name surname names call called go heiße heisse llamo nombre appelle chiamo nome"
_CIVIL_WORDS = "mr mrs ms mx prof professor herr herrn frau señor señora monsieur madame mme signor signora sra"
_CAPITALISED = (
    cued("m i’m im am bin soy suis sono", rf"(?<!\w)(?:i'm|i’m|i am|im|ich bin|soy|je suis|sono) (?P<name>{_CAP}(?: {_CAP}){{0,3}})"),
    cued(_CLOSING_WORDS, rf"(?<!\w){_CLOSINGS}[,!.]{{0,2}} {{0,2}}\n\s{{0,4}}{_ONE_TO_FOUR}[ .!]{{0,3}}(?=$|\n|\0)"),
    cued(
        "regards sincerely truly wishes grüße grüßen",
        rf"(?<!\w)(?:regards|sincerely|yours truly|best wishes|viele grüße|mit freundlichen grüßen), {{0,2}}{_ONE_TO_FOUR}[ .!]{{0,3}}(?=$|\n|\0)",
    ),
    # A signature's dash; "- Word" is an item of a list.
    cued("\n", rf"\n {{0,2}}(?:[–—~] {{0,2}}|-(?:- {{0,2}})?){_ONE_TO_FOUR}[ .!]{{0,3}}$"),
    cued(_POINTER_WORDS, rf"\b(?:{_POINTERS}|{_OTHERS}) {_ONE_TO_FOUR}"),
    cued("this it here", rf"\b(?:this is|it's|it is|here is) (?P<name>{_CAP}(?: {_CAP}){{0,2}}),? (?:here|writing|again|from|at|with)\b"),
    # The first line of an address block.
    cued(
        "\n",
        rf"(?:^|\n\s{{0,3}}\n)[>?~ \t]{{0,6}}(?P<name>{_CAP}(?: (?:{_CAP}|[a-z]\.)){{1,3}})[ \t]{{0,3}}\n"
        rf"(?=(?:[^\n\d]{{0,60}}\n){{0,3}}[>?~ \t]{{0,6}}(?:\d{{1,6}} [^\W\d]|[^\n\d]{{3,40}} \d))",
    ),
    cued(_KIN_WORDS, rf"\b{_KIN}(?:'s name is| is called| is named| named| called|'s name,?|,)? {_ONE_TO_THREE}"),
    # In lower case "dr" is a drive and "miss" a verb.
    cued("dr sr miss change", rf"(?<!\w)(?:dr|sr|miss|change it to)\.? {{1,2}}{_ONE_TO_THREE}"),
    cued(_GREETING_WORDS, rf"(?<!\w){_GREETINGS},? {_ONE_TO_THREE}(?= {{0,2}}[,!.:;\n-]|$)"),
)
# Where a given name of our lists would stand, however it is typed.
_ADDRESSED = (
    cued(
        "hi hello hey dear hiya thanks thank ok okay sorry well welcome great",
        rf"(?<!\w)(?:hi|hello|hey|dear|hiya|thanks|thank you|ok|okay|sorry|well|welcome|great),? {{1,2}}(?P<name>{_ANY})",
    ),
    cued(
        "m i’m im am it its here this name named called",
        rf"(?<!\w)(?:i'm|i’m|im|am|it's|it’s|its|it is|here is|this is|name is|named|called) {{1,2}}(?P<name>{_ANY})",
    ),
)
_ANY_CASE = (
    cued(_START_WORDS, rf"(?<!\w)(?:{'|'.join(_STARTS)}) {{0,3}}(?P<name>{_ANY}(?: {{1,2}}{_ANY}){{0,4}})"),
    cued("speaking calling", rf"\b(?:this is|it's|it is|here is) (?P<name>{_ANY}(?: {_ANY}){{0,2}}?),? (?:speaking|calling)\b"),
    cued(_CIVIL_WORDS, rf"(?<!\w){_CIVIL}\.? {{1,2}}(?P<name>{_ANY}(?: {_CAP}){{0,2}})"),
    cued("name", r"\bname\b[^\n?\0]{0,40}\? {0,2}(?:user|customer|caller|client)?:? {0,2}(?:it's |it is )?" + rf"(?P<name>{_ANY}(?: {_ANY}){{0,2}})"),
)
# Somebody says who they are: no heading, no label and no example of a form is written like this.
_STATED = (
    cued(
        _START_WORDS,
        r"(?<!\w)(?:my (?:full |first |last |given |family |sur)?name(?:'s|’s| is| was)|i am called|mein name ist|ich heiße|ich heisse|me llamo|mi nombre es"
        rf"|je m'appelle|mi chiamo|meu nome é) {{1,3}}(?P<name>{_ANY}(?: {{1,2}}{_ANY}){{0,4}})",
    ),
    cued("speaking calling", rf"\b(?:this is|it's|it is|here is) (?P<name>{_CAP}(?: {_CAP}){{0,2}}),? (?:speaking|calling)\b"),
)
# What ends an introduction typed without capitals: "my name is dana reyes and my …".
_ENDS = re.compile(
    r"(?:and|but|my|im?|from|with|calling|here|speaking|writing|ha(?:ve|d)|want|would|could|can|need|is|was|are|for|at|on|in|the|an?|to|not|misspelled|incorrect|wrong"
    r"|spelled|correct|phone|number|email|address|account|order|zip|code|id|password|pin|ssn|username|please|thanks|sir|madam|also|looking|trying|going|so|very|just|different|invalid|missing|needed|required)"
)


def seen(reading: Reading) -> Iterator[Hit]:
    for found in matches(reading, _CAPITALISED, reading.text):
        yield from _named(reading.text, found, most=0)
    for found in matches(reading, _ANY_CASE, reading.text):
        yield from _named(reading.text, found, most=3)
    yield from _in_lists(reading)


def _in_lists(reading: Reading) -> Iterator[Hit]:
    known = lists()
    for found in matches(reading, _ADDRESSED, reading.text):
        name = WORD.match(found["name"])
        if name is not None and (base(name[0]) in known.given or (name[0][0].isupper() and base(name[0]) in known.called)):
            yield found.start("name"), found.start("name") + len(bare(name[0])), "name"


def stated(reading: Reading) -> Iterator[Hit]:
    """Names that somebody states as their own."""
    for found in matches(reading, _STATED, reading.text):
        yield from _named(reading.text, found, most=3)


def _named(masked: str, found: re.Match[str], *, most: int) -> Iterator[Hit]:
    """The announced words up to the first that is no name; `most` of them may stand in lower case."""
    start, end, count = found.start("name"), 0, 0
    never = lists().never
    for word in WORD.finditer(masked, start, found.end("name")):
        low, gap = base(word[0]), masked[end : word.start()] if count else ""
        if low in never and not (count and low in PARTICLES):
            break
        if gap.strip(" .") or ("." in gap and end - start > 3):
            break
        if word[0][0].islower() and (count >= most or _ENDS.fullmatch(low)):
            break
        end, count = word.start() + len(bare(word[0])), count + 1
    if count:
        yield start, end, "name"
