"""Where somebody lives: streets of several countries, post office boxes, units, towns with their postal code."""

import re
from collections.abc import Iterator

from voicegit.domain.privacy.lists import UPPER, WORD, base, lists
from voicegit.domain.privacy.quantities import Hit, count_digits
from voicegit.domain.privacy.reading import Reading, cued, matches

_W = r"[^\W\d_][\w'’.-]{0,30}"
_CAP = rf"(?-i:[{UPPER}])[\w'’.-]{{0,30}}"
_NUMBER = r"\d{1,6}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?(?![\w%])"
_SIDE = r"(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\.?"
_SUFFIX = (
    r"(?:street|str|st|avenue|ave|av|road|rd|lane|ln|boulevard|blvd|drive|dr|court|ct|place|pl|terrace|ter|crescent|cres|close|square|sq|way|trail|trl"
    r"|parkway|pkwy|circle|cir|highway|hwy|alley|mews|gardens|grove|row|plaza|pike|turnpike|loop|bypass|esplanade|quay|walk|hill|rise|view|park|route"
    r"|heights|ridge|crossing|landing|point|run|path|bend|green|creek|meadows?)"
)
# The others are everyday words: "2 hours on the way", "a 5 minute walk". In lower case they make no street.
_SURE_SUFFIX = r"(?:street|str|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|parkway|pkwy|terrace|crescent|highway|hwy|drive|court)"
_STOP = (
    r"(?!(?:the|a|an|of|to|for|on|my|by|your|our|in|per|at|and|or|is|was|are|from|down|up|minutes?|mins?|hours?|days?|weeks?|months?|years?|miles?|km|people"
    r"|times|more|percent|off|stars?|items?|blocks?|meters?|metres?)\b)"
)
_ORDINAL = r"\d{1,3} ?(?:st|nd|rd|th)"
# Germanic and Nordic: the kind of street ends the word, the number follows.
_GRADED_WORDS = (
    "straße strasse str. weg platz allee gasse damm ufer chaussee steig pfad straat laan plein gracht kade dijk singel steeg dreef lei"
    " gatan gata vägen vegen veien vei vej gade gate stræde stien katu kuja polku tie götu stræti straeti braut vegur bakken tänav maantee"
)
_GRADED = tuple(_GRADED_WORDS.split())
_SPACED_DIGIT = re.compile(r" \d")
_KIND_FIRST = (
    r"(?:rue|avenue|avenida|av\.|avda\.?|boulevard|chemin|chaussée|place|via|viale|piazza|piazzale|corso|largo|vicolo|strada|contrada|calle|c/|plaza|paseo"
    r"|carrer|camino|ronda|rua|r\.|travessa|praça|estrada|ul\.|ulica|aleja|al\.|plac|pl\.|οδός|λεωφ\.|λεωφόρος|πλατεία)"
)
_WORD_THEN_NUMBER = re.compile(rf"(?<![\w.-])(?:\d{{1,6}} {{1,2}})?(?:{_CAP} ){{0,2}}(?P<street>[^\W\d_][\w'’.-]{{3,40}}),? {{1,2}}{_NUMBER}(?: [a-z](?!\w))?")
_BEFORE_NUMBER = r"(?:u\.|utca|út|útja|tér|körút|köz|sor|rakpart|ulice|nám\.|náměstí|ulica|straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|tee|pst)"
_US_STREET = (
    rf"{_NUMBER},?(?: {_SIDE})? {{1,2}}(?:{_STOP}(?:{_W}|{_ORDINAL}) {{1,2}}){{0,4}}?"
    rf"(?:{_STOP}(?:{_CAP}|{_ORDINAL}) {{1,2}}{_SUFFIX}|{_STOP}{_W} {{1,2}}{_SURE_SUFFIX}|broadway)\b\.?(?: {_SIDE}(?!\w))?"
)
_UNIT_WORD = r"(?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm|bldg|building|lot|no|nr)"
_UNIT = rf"(?:{_UNIT_WORD}\b\.? {{0,2}}#? {{0,2}}(?:\d[\w-]{{0,6}}|(?-i:[A-Z])\d{{0,4}})|# {{0,2}}\d[\w-]{{0,6}})(?!\w)"
_FLAT_NEXT = r"(?=[ ,\n>?]{1,6}(?:apt|apartment|suite|ste)\b\.? ?#?[\dA-Z])"
_AHEAD = r"(?<![\w.$€£#-])(?:\d{1,6} {1,2})?"
_WITH_NUMBER = (
    cued(
        "street str st avenue ave av road rd lane ln boulevard blvd drive dr court ct place pl terrace ter crescent cres close square sq way trail trl"
        " parkway pkwy circle cir highway hwy alley mews gardens grove row plaza pike turnpike loop bypass esplanade quay walk hill rise view park route"
        " heights ridge crossing landing point run path bend green creek meadow meadows broadway",
        f"{_AHEAD}(?:{_US_STREET})",
    ),
    cued(
        "highway hwy route rte road rd fm interstate",
        rf"{_AHEAD}\d{{1,6}} {{1,2}}(?:state |us |county )?(?:highway|hwy|route|rte|road|rd|fm|interstate) \d{{1,4}}(?!\w)",
    ),
    cued(
        "am an auf im zum zur unter hinter vor alt",
        rf"{_AHEAD}(?:Am|An der|An den|Auf der|Auf dem|Im|Zum|Zur|Unter den|Unter der|Hinter der|Vor dem|Alt) {_CAP}(?: {_CAP})? {_NUMBER}(?: [a-z](?!\w))?",
    ),
    cued(
        "u utca út útja tér körút köz sor rakpart ulice nám náměstí ulica straße strasse str weg platz allee gasse ring damm ufer tee pst gate",
        rf"{_AHEAD}(?:(?:{_CAP} ){{1,3}}(?:{_BEFORE_NUMBER}|(?-i:gate)) {_NUMBER}\.?|{_W} (?:u\.|utca|út|tér|ulica) {_NUMBER}\.?)",
    ),
    # Romance: the kind first, the number before or after.
    cued(
        "rue avenue av boulevard bd place allée allee chemin impasse quai cours route square passage",
        rf"{_AHEAD}\d{{1,4}}(?: ?(?:bis|ter|quater))?,? {{1,2}}(?:rue|avenue|av\.|boulevard|bd|place|allée|allee|chemin|impasse|quai|cours"
        rf"|route|square|passage)(?: {_W}){{1,6}}?(?= ?[,.;!?\n\0]|$| \d)",
    ),
    # "via Roma 5", not "via chat until 5".
    cued(
        "rue avenue avenida av avda boulevard chemin chaussée place via viale piazza piazzale corso largo vicolo strada contrada calle c plaza paseo"
        " carrer camino ronda rua r travessa praça estrada ul ulica aleja al plac pl οδός λεωφ λεωφόρος πλατεία",
        rf"{_AHEAD}{_KIND_FIRST} {{1,2}}(?:{_CAP}|(?:de|del|della|dei|di|da|do|dos|la|las|los|du|des)(?= {_CAP}))"
        rf"(?: {{1,2}}{_W}){{0,5}},? {{1,2}}(?:n[°º]?\.? ?)?{_NUMBER}",
    ),
    # A house number anywhere before a flat: whatever the street is called.
    cued(
        "apt apartment suite ste",
        rf"(?<![\w.$€£#-])(?:\d{{1,6}} {{1,2}}){{1,2}}(?:{_STOP}{_W} {{1,2}}){{0,5}}?{_STOP}{_W}(?: {{1,2}}\d{{1,6}}\.?)?{_FLAT_NEXT}"
        rf"|(?<![\w.$€£#-])(?:{_W} {{1,2}}){{1,4}}\d{{1,6}}\.?{_FLAT_NEXT}",
    ),
    cued(
        "box pobox postbox postfach postboks apartado casilla boîte p bp apo fpo dpo",
        r"(?<!\w)(?:(?:p\.? ?o\.? ?box|post(?:al)? office box|postbox|postfach|postboks|apartado(?: de correos)?|casilla|boîte postale|b\.?p\.?)"
        r" {1,2}#? ?\d{1,7}(?: \d{2,4}){0,2}(?!\w)"
        r"|(?:psc|unit|cmr) \d{1,5},? box \d{1,6}(?:[\s,>?]{1,6}(?:apo|fpo|dpo) a[aep] \d{5})?"
        r"|(?:us[a-z]{1,3} \w{1,20}[\s,>?]{1,6})?(?:apo|fpo|dpo) a[aep] \d{5})",
    ),
    cued("corner", rf"\bcorner of (?:\d{{1,6}} )?(?:{_W} ){{1,5}}?(?:\d{{1,6}}\.? )?(?:and|&) (?:{_W} ?){{1,2}}"),
)
_STATE = r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|A[AEP])"
_ZIP = r"\d{5}(?:-\d{4})?"
_POSTCODE = r"(?:GIR ?0AA|[A-PR-UWYZ](?:\d[\dA-HJKPSTUW]?|[A-HK-Y]\d[\dABEHMNPRVWXY]?) ?\d[ABD-HJLNP-UW-Z]{2})"
_FLATS = frozenset(("apt", "apartment", "suite", "ste", "flat", "unit"))
_FLAT = re.compile(r"(?<!\w)(?:(?i:apt|apartment|suite|ste)\b\.?|Flat|Unit) #?(?:\d{1,5}[A-Za-z]?|[A-Z]\d{0,4})(?![\w%])")
_FIVE = re.compile(r"\d{5}(?!\d)(?<!\d\d{5})")
_WITH_ZIP = (
    re.compile(rf"(?:(?<!\w)[A-Z][\w'’.-]{{0,30}}(?: [A-Z][\w'’.-]{{0,30}}){{0,3}}, ?)?(?<!\w){_STATE},? {_ZIP}(?!\w)"),
    re.compile(r"(?<!\w)[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?, \d{5}(?:-\d{4})?(?!\w|[.,]\d)"),
)
_LETTER_DIGIT = re.compile(r"[A-Z]\d|GIR")
_POSTCODES = (
    re.compile(rf"(?<!\w){_POSTCODE}(?!\w)"),
    re.compile(r"(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"),
)
_CODE_WORD = cued(
    "zip zipcode code postcode plz postleitzahl live living located based",
    r"\b(?:zip(?: ?code)?|post(?:al)? ?code|plz|postleitzahl|code postal|código postal|(?:live|living|located|based) in)\b[^\d\n\0]{0,20}"
    r"(?P<code>\d{2,6}(?:[ -]\d{2,4})?|\w{2,4} \w{3})(?!\w)",
)
# Said to be an address: then a name with a number is one in any country's form.
_OWNED = r"(?:my|our|his|her|their|new|home|work|mailing|billing|shipping|delivery|primary|secondary|current|old|following|the|same|street|postal|residential)"
_SEND = " ".join(f"{verb}{end}" for verb in ("ship", "send", "sent", "deliver", "mail", "post", "return", "forward") for end in ("", "s", "ed", "ped"))
_CUE = cued(
    f"{_SEND} address addresses same here live lives lived living reside resides resided residing located office offices arrived moved wohne wohnt"
    " wohnhaft adresse",
    rf"\b(?:{_OWNED} address(?:es)?(?: \w{{1,12}}){{0,3}}?"
    rf"(?: is| are|:|\?| to| as| with| of [\w &.'’,-]{{1,50}}? is| at)|address:|address is|the same:|here they are:"
    r"|liv(?:e|es|ed|ing) (?:at|in|on)|resid(?:e|es|ed|ing) (?:at|in|on)|located (?:at|on)|offices? (?:is|are) (?:at|on)"
    r"|(?:ship|sen[dt]|deliver|mail|post|return|forward)(?:ped|ed|s)?"
    r" (?:it |them |this |that |everything |a \w{1,12} \w{1,12} )?to|arrived at|moved (?:to|from)"
    r"|wohn(?:e|t|haft) (?:in|an|am)|adresse (?:ist|lautet))(?=[:\s])[:\s]{1,3}",
)
_LINK = r"(?:(?:de|la|le|les|du|des|der|den|van|von|el|di|da|do|del|della|dei|delle|of|z|u\.|út|utca|street|st)(?=\W))"
_SAID = re.compile(rf"(?:\d{{1,6}}[A-Za-z]? ){{0,2}}(?:{_CAP}|{_LINK})(?: (?:{_CAP}|{_LINK})){{0,4}}(?: \d{{1,6}}[A-Za-z]?\.?)?(?!\w)", re.IGNORECASE)
_SAID_FORM = re.compile(r"\d{1,6}[A-Za-z]? [^\W\d]|[^\W\d_]{3,}\.? \d{1,5}[A-Za-z]?\.?(?!\w)")
_CALENDAR = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\b"
    r"|(?:gate|terminal|pier|platform|room|level|floor|chapter|step|section|page|line|version|exit|table|seat|row|flight|windows|iphone|galaxy)\b",
    re.IGNORECASE,
)
_WHERE = "".join(f"(?<={word})|" for word in ("near ", "at ", "to ", "in ", "by ", "from ", "on ", ", ", "\\n"))
_NAMED_HOUSE = re.compile(
    rf"(?:(?<![\w.$€£#,/-])|(?<=, ))(?P<whole>(?:(?P<before>\d{{1,6}}[a-z]?) |(?:{_WHERE}^))(?P<street>[{UPPER}][\w'’-]{{2,30}}(?: [{UPPER}][\w'’-]{{2,30}})?)"
    r" (?P<number>\d{1,5}[a-z]?)(?![\w%°]|[.,:/-]\d))",
    re.MULTILINE,
)
_NAME_NUMBER = re.compile(rf"[{UPPER}][\w'’-]{{2,30}} \d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PLACE = rf"{_CAP}(?: (?:{_CAP}|{_LINK}|and|nad|v|u|\(\w{{1,20}}\))){{0,5}}"
_IN_THE_SENTENCE = re.compile(r" [a-z]|(?<=\d) ")
_NEXT = re.compile(
    r"(?P<gap> ?, ?(?:\n[ >?]{0,6})?| ?\n[ >?]{0,6}(?:, ?)?| {1,2})"
    rf"(?P<part>{_UNIT}|(?-i:{_STATE})(?:,? {_ZIP})?(?!\w)|(?-i:[A-Z]{{2,3}}) \d{{4,6}}(?!\w)|(?-i:{_POSTCODE})(?!\w)"
    rf"|\d{{4,6}}(?:-\d{{3,4}})?(?!\w)(?: {_PLACE})?|nan\b"
    rf"|(?P<place>{_PLACE})(?: \d{{4,6}}(?!\w))?)",
    re.IGNORECASE,
)


def seen(reading: Reading) -> Iterator[Hit]:
    if not reading.digits:
        return
    text = reading.text
    yield from ((start, _through_town(text, end), "address") for start, end in _streets(reading))
    yield from ((*found.span(), "address") for found in _by_form(reading))
    yield from ((*found.span("code"), "address") for found in matches(reading, (_CODE_WORD,), text) if count_digits(found["code"]))
    yield from ((start, _through_town(text, end), "address") for start, end in _foreign_streets(reading))
    for cue in matches(reading, (_CUE,), text):
        yield from _said(text, cue.end())


def _streets(reading: Reading) -> Iterator[tuple[int, int]]:
    if any(_graded(reading.text, number.start()) for number in _SPACED_DIGIT.finditer(reading.text)):
        for found in _WORD_THEN_NUMBER.finditer(reading.text):
            if found["street"].lower().endswith(_GRADED):
                yield found.span()
    yield from (found.span() for found in matches(reading, _WITH_NUMBER, reading.text))


def _graded(text: str, end: int) -> bool:
    return text[max(0, end - 14) : end].rstrip(" ,").lower().endswith(_GRADED)


def _foreign_streets(reading: Reading) -> Iterator[tuple[int, int]]:
    """ "Kromwater 38", "54 Soo 36": a word that English does not know with a house number, where an address would stand or between two numbers."""
    for found in _NAMED_HOUSE.finditer(reading.plain) if _NAME_NUMBER.search(reading.plain) else ():
        sure = found["before"] or not _YEAR.fullmatch(found["number"])
        if sure and not any(lists().everyday_word(base(word)) for word in WORD.findall(found["street"])):
            yield found.start("whole"), found.end()


def _by_form(reading: Reading) -> Iterator[re.Match[str]]:
    """Flats, and towns by their code."""
    if reading.has(_FLATS):
        yield from _FLAT.finditer(reading.text)
    for pattern in _WITH_ZIP if reading.digits >= 5 and _FIVE.search(reading.text) else ():
        yield from pattern.finditer(reading.text)
    for pattern in _POSTCODES if _LETTER_DIGIT.search(reading.text) else ():
        yield from pattern.finditer(reading.text)


def _said(text: str, at: int) -> Iterator[Hit]:
    """What follows "my address is", "lives at": capitalised words with a house number before or after them."""
    found = _SAID.match(text, at)
    if found is not None and _SAID_FORM.search(found[0]) and not _CALENDAR.match(found[0]):
        yield found.start(), _through_town(text, found.end()), "address"


def _through_town(masked: str, end: int) -> int:
    """The flat, town, state and code that follow a street, behind commas or on lines of their own; at most six parts."""
    for _ in range(6):
        found = _NEXT.match(masked, end)
        if found is None or (found["place"] and not _is_place(masked, found)):
            return end
        end = found.end()
    return end


def _is_place(masked: str, found: re.Match[str]) -> bool:
    """A town and not the next sentence, signature or telephone: no everyday word in front, and the part fills its line or ends at a comma."""
    words = [base(word[0]) for word in WORD.finditer(found["place"])]
    if not words or words[0] in lists().never:
        return False
    after = masked[found.end() : found.end() + 1]
    if "," in found["gap"] or "\n" in found["gap"]:
        return after in {"", "\n", ",", ".", "?", "!", " "} and ("," in found["gap"] or after != " ")
    # Behind a number: to the end of the capitals, or with a postal code.
    return masked[: found.start()].rstrip()[-1:].isdigit() and (after in {"", "\n", ",", ".", "?"} or _IN_THE_SENTENCE.match(masked, found.end()) is not None)
